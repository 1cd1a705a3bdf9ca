"""Copies that people make of our drafts: rows with other keys that say what ours say.

A copy is known by our trace, a column that names the record we wrote the row for; where the
trace was emptied, by its content: the same days, money and references. Rows above copies are
suspected with them. Suspected only: a person knows whether the same work is billed twice.
"""

from collections.abc import Iterable, Mapping, Set

from msgspec import Struct

from adapter.making.compared import BIND, fields_of, normal, value_of
from adapter.making.steps import FINANCE_KINDS, Step
from adapter.reading.out_mapping import Field, OutMapping

TRACES = (".source_id", ".actual")  # sources of columns that name the record of a row
ABOVE: Mapping[str, str] = {"document.key": "header", "line.key": "line"}
DAYS = ("day", "noon_utc")
Row = Mapping[str, object]


class Marks(Struct, frozen=True, kw_only=True):
    """How copies of the rows of one mapping are known. Columns as a row's text has them."""

    entity: str
    part: str
    keys: tuple[str, ...]
    traces: tuple[str, ...] = ()
    content: tuple[str, ...] = ()  # empty: too little to know a row by
    above: Mapping[str, str] = {}  # column -> part of the row that it leads to
    named: str = ""  # the column by which rows below lead here
    columns: tuple[str, ...] = ()  # what must be read, as the other side calls it


class Copy(Struct, frozen=True, kw_only=True):
    """A row that nobody here sent and that looks like one of ours. `of`: the row it is like;
    none where only rows below it are.
    """

    entity: str
    key: str
    row: Row
    company: str = ""
    of: Step | None = None
    why: str = ""


def marks_of(
    mapping: OutMapping, entity: str, may_differ: Set[str], number: str = ""
) -> Marks:
    """The marks of a mapping. `may_differ`: columns that the other side changes by itself;
    `number`: of a header in Finance, the column by which its lines are linked.
    """
    is_finance = mapping.document in FINANCE_KINDS
    above = {} if is_finance else {
        _column(f): ABOVE[f.source] for f in mapping.fields
        if f.source in ABOVE and f.name not in mapping.key and _has(f, "bind")
    }  # fmt: skip
    traces = tuple(f.name for f in mapping.fields if f.source.endswith(TRACES))
    content = tuple(
        f for f in mapping.fields
        if f.name not in {*mapping.key, *traces} and _column(f) not in above
        and not f.source.endswith(".number") and f.name.lower() not in may_differ
    )  # fmt: skip
    is_leaf = mapping.part != "header" and not mapping.details and bool(mapping.keeps)
    if not (is_leaf and any(_has(f, *DAYS) for f in mapping.fields)):
        content = ()
    above_as = [_read_as(f) for f in mapping.fields if _column(f) in above]
    return Marks(
        entity=entity, part=mapping.part, keys=mapping.key, traces=traces,
        content=tuple(map(_column, content)),
        above={**above, **dict.fromkeys(mapping.links, "header")},
        named=number if is_finance else mapping.key[0],
        columns=tuple(dict.fromkeys((*mapping.key, *traces, *map(_read_as, content), *above_as,
                                     *mapping.links, *filter(None, [number])))),
    )  # fmt: skip


class Copies:
    """Looks for copies, set by set: details, then lines, then headers."""

    def __init__(self, steps: Iterable[Step]) -> None:
        self._steps: dict[str, list[Step]] = {}
        for step in steps:
            self._steps.setdefault(step.entity, []).append(step)
        self._by_trace: dict[tuple[str, str], dict[object, Step]] = {}
        self._by_content: dict[str, dict[tuple[object, ...], Step]] = {}
        self._above: dict[tuple[str, object], str] = {}  # part and name -> company

    def is_any(self, marks: Marks) -> bool:
        """Whether a row of this set may be known at all."""
        return bool(self._steps.get(marks.entity))

    def copy_of(self, marks: Marks, row: Row) -> Copy | None:
        """The row as a copy, if it is like one of ours. It is not one that we sent."""
        found = self._like(marks, row)
        step, why = found or (None, "rows below it look like copies of ours")
        company = step.company if step is not None else self._below(marks, row)
        if company is None:
            return None
        for column, part in marks.above.items():
            name = normal(column, value_of(column, row))
            if name is not None:
                self._above[part, name] = company
        return Copy(entity=marks.entity, key=_named(marks, row), row=row, company=company, of=step,
                    why=why)  # fmt: skip

    def _below(self, marks: Marks, row: Row) -> str | None:
        """The company of copies that lead to the row; None where there are none."""
        named = normal(marks.named, row.get(marks.named)) if marks.named else None
        return self._above.get((marks.part, named)) if named is not None else None

    def _like(self, marks: Marks, row: Row) -> tuple[Step, str] | None:
        for column in marks.traces:
            value = normal(column, row.get(column))
            step = self._traced(marks, column).get(value) if value is not None else None
            if step is not None:
                return step, f"{column} names the record of {step.key[:12]}, which we sent"
        if not marks.content:
            return None
        known = self._by_content.get(marks.entity)
        if known is None:
            known = self._by_content[marks.entity] = {}
            for one in self._steps.get(marks.entity, ()):
                known.setdefault(_content(marks, fields_of(one.body)), one)
        step = known.get(_content(marks, row))
        return None if step is None else (
            step, f"it says the same as {step.key[:12]}, which we sent"
        )

    def _traced(self, marks: Marks, column: str) -> Mapping[object, Step]:
        known = self._by_trace.get((marks.entity, column))
        if known is None:
            known = self._by_trace[marks.entity, column] = {}
            for one in self._steps.get(marks.entity, ()):
                known.setdefault(normal(column, fields_of(one.body).get(column)), one)
        return known


def _named(marks: Marks, row: Row) -> str:
    """Its key; where that is empty, also the rows above it."""
    keys = [normal(name, row.get(name)) for name in marks.keys]
    if None not in keys:
        return " ".join(map(str, keys))
    above = [value for c in marks.above if (value := normal(c, value_of(c, row))) is not None]
    return " ".join([*(str(k) if k is not None else "(no key)" for k in keys),
                     *(f"in {value}" for value in above)])  # fmt: skip


def _content(marks: Marks, row: Row) -> tuple[object, ...]:
    return tuple(normal(column, value_of(column, row)) for column in marks.content)


def _column(field: Field) -> str:
    return f"{field.navigation or field.name}{BIND}" if _has(field, "bind") else field.name


def _read_as(field: Field) -> str:
    """The name by which a column is read: a reference under that of its id."""
    return f"_{field.name.lower()}_value" if _has(field, "bind") else field.name


def _has(field: Field, *names: str) -> bool:
    return any(step.spec.name in names for step in field.steps)
