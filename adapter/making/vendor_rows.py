"""Rows that the vendor's own integration or a person made, beside those that we expect.

They carry no key of ours: they are known by what they do carry. Which columns those are is
editable data, `[[match]]` of mappings/tables/reconcile.toml. Nothing is guessed: where several
rows fit, or fewer than the rows that say the same, all of them are named as several.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from msgspec import Struct

from adapter.making.compared import Difference, fields_of, normal
from adapter.making.steps import Step
from adapter.reading.reconcile_table import Way

Row = Mapping[str, object]
Word = Literal["equal", "different", "missing", "several"]


class Match(Struct, frozen=True, kw_only=True):
    """What was found of one expected row."""

    step: Step
    word: Word
    row: Row = {}
    changed: tuple[Difference, ...] = ()
    why: str = ""


def matched(steps: Sequence[Step], rows: Iterable[Row], way: Way) -> dict[str, Match]:
    """Each step with the row that says the same in all of `same`; by key of the step.

    Rows of no step are left alone: they may be those of records that we hold.
    """
    wanted: dict[tuple[object, ...], list[Step]] = {}
    for step in steps:
        wanted.setdefault(_ours(step, way.same), []).append(step)
    there: dict[tuple[object, ...], list[Row]] = {}
    for row in rows:
        if all(normal(c, row.get(c)) == normal(c, v) for c, v in way.where.items()):
            mark = _theirs(row, way.same)
            if mark in wanted:
                there.setdefault(mark, []).append(row)
    made: dict[str, Match] = {}
    for mark, some in wanted.items():
        made |= _paired(some, there.get(mark, []), way)
    return made


def _paired(steps: list[Step], rows: list[Row], way: Way) -> dict[str, Match]:
    """Steps and rows that are the same by `same`: first those that are equal in all, then one
    step that is left beside the one row that is left.
    """
    made: dict[str, Match] = {}
    by_row: dict[tuple[object, ...], list[Row]] = {}
    for row in rows:
        by_row.setdefault(_theirs(row, way.compare), []).append(row)
    by_step: dict[tuple[object, ...], list[Step]] = {}
    for step in steps:
        by_step.setdefault(_ours(step, way.compare), []).append(step)
    left: list[Step] = []
    for mark, some in by_step.items():
        equal = by_row.pop(mark, [])
        if not equal:
            left += some
        elif len(equal) == len(some):
            made |= {s.key: Match(step=s, word="equal", row=r)
                     for s, r in zip(some, equal, strict=True)}  # fmt: skip
        else:
            why = f"{len(equal)} rows of {way.set} say the same as {len(some)} that are expected"
            made |= {s.key: Match(step=s, word="several", why=why) for s in some}
    others = [row for same in by_row.values() for row in same]
    if len(left) == len(others) == 1:
        step, row = left[0], others[0]
        made[step.key] = Match(step=step, word="different", row=row,
                               changed=_changed(step, row, way))  # fmt: skip
    elif others:
        why = f"{len(others)} rows of {way.set} fit {len(left)} that are expected, none exactly"
        made |= {s.key: Match(step=s, word="several", why=why) for s in left}
    else:
        made |= {s.key: Match(step=s, word="missing") for s in left}
    return made


def above(
    step: Step, below: Sequence[Match], rows: Mapping[object, Row], way: Way
) -> Match:
    """A row that is known by the rows below it. `rows`: of its set, by the column `key`."""
    named = {normal(way.via, m.row.get(way.via)) for m in below if m.row} - {None}
    if not named:
        word: Word = "several" if any(m.word == "several" for m in below) else "missing"
        return Match(step=step, word=word, why="no row below it was found for certain")
    if len(named) > 1:
        return Match(step=step, word="several",
                     why=f"the rows below it stand in {len(named)} rows of {way.set}")  # fmt: skip
    row = rows.get(named.pop())
    if row is None:
        return Match(step=step, word="missing", why="the rows below it name one that is not there")
    changed = _changed(step, row, way)
    return Match(step=step, word="different" if changed else "equal", row=row, changed=changed)


def _changed(step: Step, row: Row, way: Way) -> tuple[Difference, ...]:
    body = fields_of(step.body)
    return tuple(
        Difference(theirs, _shown(_value(body, ours)), _shown(row.get(theirs)))
        for theirs, ours in way.compare.items()
        if _normal(body, ours) != normal(theirs, row.get(theirs))
    )


def _ours(step: Step, columns: Mapping[str, tuple[str, ...]]) -> tuple[object, ...]:
    body = fields_of(step.body)
    return tuple(_normal(body, ours) for ours in columns.values())


def _theirs(row: Row, columns: Iterable[str]) -> tuple[object, ...]:
    return tuple(normal(column, row.get(column)) for column in columns)


def _chosen(body: Row, ours: tuple[str, ...]) -> str:
    return next((c for c in ours if normal(c, body.get(c)) not in (None, 0)), ours[0])


def _value(body: Row, ours: tuple[str, ...]) -> object:
    return body.get(_chosen(body, ours))


def _normal(body: Row, ours: tuple[str, ...]) -> object:
    column = _chosen(body, ours)
    return normal(column, body.get(column))


def _shown(value: object) -> str:
    return "(nothing)" if value is None else str(value)
