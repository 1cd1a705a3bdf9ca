"""Rows that should be there beside rows that are: missing, too many, different, and why.

The key is the work order line: rows of one line and one kind are paired so that as little
as possible differs. Rows of no line and no work order are not ours to judge.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from adapter.making.documents import finding_of
from adapter.making.expectation import Basis, Expectation, Kind, warning_of
from adapter.making.pairing import (
    KIND_OF,
    Cell,
    Loose,
    Present,
    best_first,
    cells_of,
    filled_of,
    is_standing,
    kind_of,
    nearest,
    standing_of,
)
from adapter.reading.binding import TableBinding
from adapter.reading.store import Records
from adapter.values.finance import ForecastImport, ItemForecast
from adapter.values.finding import Finding
from adapter.values.forecast_rows import EstimateLine
from adapter.values.record import Record

Bucket = Literal["missing", "unexpected", "duplicate", "different"]
CODES: dict[Bucket, str] = {
    "missing": "EXP701", "unexpected": "EXP702", "different": "EXP703", "duplicate": "EXP704",
}  # fmt: skip
# Estimates go with their line; what becomes of its usage no source says (domain 7, 8).
_BASIS_OF_LOST: dict[Kind, Basis] = {
    "estimate": "documented", "forecast": "documented", "usage": "inferred",
    "journal": "inferred",
}  # fmt: skip


class Difference(Struct, frozen=True, kw_only=True):
    """One row that is not as it should be, as a story can show it."""

    bucket: Bucket
    kind: Kind
    line: str
    work_order: str | None = None
    expected: str = ""  # id of the expected row
    present: str = ""  # id of the row that is there
    columns: tuple[Cell, ...] = ()
    why: str = ""
    rules: tuple[str, ...] = ()
    basis: Basis = "documented"
    called: str = ""  # what an actual is: cost, unbilled sales
    approved: str = ""  # the usage log or entry that an actual came of, or should have

    @property
    def finding(self) -> Finding:
        """The difference as a finding; a warning where the expectation is only inferred."""
        make = warning_of if self.basis == "inferred" else finding_of
        name = {"estimate": "estimate line", "forecast": "item forecast", "usage": "usage log",
                "journal": "journal line", "actual": "actual"}[self.kind]  # fmt: skip
        lacks = f"the line should have this {name}, and has not"
        if self.approved:
            lacks = f"what was approved should have {self.called}, and has none"
        message = {
            "missing": f"{lacks}: {self.why}",
            "unexpected": f"this {name} should not be there: {self.why}",
            "duplicate": f"this {name} stands more than once",
            "different": f"this {name} differs in " + ", ".join(c.column for c in self.columns),
        }[self.bucket]
        return make(
            CODES[self.bucket],
            self.present or self.approved or self.line,
            message,
            f"`fieldledger explain {CODES[self.bucket]}` says who puts it right, and where.",
            ("line", self.line or None),
            ("rules", ", ".join(self.rules) or None),
            *((c.column, f"expected {c.expected}, is {c.present}") for c in self.columns),
        )


def compare(
    expected: Iterable[Expectation],
    present: Iterable[Present | Record],
    *,
    unproven: Mapping[Kind, Collection[str]] | None = None,
) -> list[Difference]:
    """Where what is there is not what should be, by kind, line and bucket.

    A kind is compared only where an expectation of it is given. `unproven` are fields whose
    column nobody has proven (`unproven_of`): such a field is compared only where some row
    fills it. Rejected and recalled usage is history and never too many. The order in which
    rows and expectations arrive changes nothing.
    """
    by_key = _merged(expected)
    rows: dict[tuple[Kind, str], list[Present]] = {}
    loose = Loose()
    filled: dict[Kind, set[str]] = {}
    kinds = {kind for kind, _ in by_key}
    standing = {(kind_of(p.row), p.row.id): p for p in map(standing_of, present)}
    for _, one in sorted(standing.items(), key=lambda pair: pair[0]):
        kind = kind_of(one.row)
        if unproven:
            filled.setdefault(kind, set()).update(filled_of(one.row, kind))
        if kind in kinds:
            if one.line is None:
                loose.add(one, kind)
            else:
                rows.setdefault((kind, one.line), []).append(one)
    skipped = {k: set(said) - filled.get(k, set()) for k, said in (unproven or {}).items()}
    for key, one_line in sorted(by_key.items()):
        skip = skipped.get(key[0], ())
        there = rows.setdefault(key, [])
        for row in one_line.rows:  # rows that name no line, and are exactly what one lacks
            if any(not cells_of(row, p.row, key[0], skip) for p in there):
                continue
            near = loose.take_equal(row, key[0], skip)
            if near is not None:
                there.append(near)
    found: list[Difference] = []
    for key in sorted(by_key.keys() | rows.keys()):
        found += _compare_line(key, by_key.get(key), rows.get(key, ()), loose, skipped)
    found += [
        _too_many(p, "", None)
        for p in loose.left()
        if is_standing(p.row) and (p.work_order is not None or p.trace)
    ]
    return sorted(found, key=lambda d: (d.kind, d.line, d.bucket, d.expected, d.present))


def _merged(expected: Iterable[Expectation]) -> dict[tuple[Kind, str], Expectation]:
    """One expectation for each kind and line; the rows of several are put together."""
    by_key: dict[tuple[Kind, str], Expectation] = {}
    for one in sorted(expected, key=_order_of):
        known = by_key.get((one.kind, one.line))
        if known is not None:
            rows = {row.id: row for row in (*known.rows, *one.rows)}
            one = replace(
                known,
                rows=tuple(rows.values()),
                rules=tuple(dict.fromkeys((*known.rules, *one.rules))),
                why=known.why if known.why == one.why else f"{known.why}; {one.why}",
                basis="inferred" if "inferred" in (known.basis, one.basis) else "documented",
            )
        by_key[one.kind, one.line] = one
    return by_key


def _order_of(one: Expectation) -> tuple[str, str, str, tuple[str, ...]]:
    """An order that no arrival changes."""
    return (one.kind, one.line, one.why, tuple(row.id for row in one.rows))


def present_forecasts(records: Records, finance: Records, company: str) -> tuple[Present, ...]:
    """Item forecasts of a company with their work order line, by the estimate they came from.

    The import names the estimate line and the transaction of the forecast (inferred). A
    forecast whose estimate line is gone keeps it as its trace.
    """
    came_from = {
        row.transaction: row.estimate_line or row.origin
        for row in finance.where(ForecastImport, "company", company)
        if row.transaction
    }
    found = []
    for row in finance.where(ItemForecast, "company", company):
        key = came_from.get(row.transaction or "")
        estimate = records.one(EstimateLine, key)
        found.append(
            Present(row=row)
            if key is None
            else Present(row=row, trace=key)
            if estimate is None
            else Present(row=row, line=estimate.line, work_order=estimate.work_order)
        )
    return tuple(found)


def _compare_line(
    key: tuple[Kind, str],
    one: Expectation | None,
    there: Sequence[Present],
    loose: Loose,
    skipped: Mapping[Kind, Collection[str]],
) -> list[Difference]:
    kind, line = key
    if one is None:
        return [_too_many(p, line, None) for p in there if is_standing(p.row)]
    skip = skipped.get(kind, ())
    left = list(there)
    found: list[Difference] = []
    pairs: list[tuple[Record, Present]] = []
    missing: list[Record] = []
    for row in best_first(one.rows, left, kind, skip):
        near = nearest(row, left, kind, skip)
        if near is not None:
            left.remove(near)
        else:
            near = loose.take_nearest(row, kind, skip)
        if near is None:
            missing.append(row)
            continue
        pairs.append((row, near))
        cells = cells_of(row, near.row, kind, skip)
        if cells:
            found.append(_difference("different", one, row, near.row.id, cells))
    found += [_difference("missing", one, row) for row in missing]
    for extra in left:
        if not is_standing(extra.row) or (not one.rows and getattr(extra.row, "is_posted", None)):
            continue  # history: taken back, or a journal line that became an actual
        twice = any(not cells_of(row, extra.row, kind, skip) for row, _ in pairs)
        found.append(_too_many(extra, line, one, "duplicate" if twice else "unexpected"))
    return found


def unproven_of(bindings: Iterable[TableBinding]) -> dict[Kind, frozenset[str]]:
    """Fields that a mapping binds to a column nobody knows (tag unknown), by kind of row."""
    return {
        KIND_OF[binding.kind]: frozenset(b.field for b in binding.fields if b.tag == "unknown")
        for binding in bindings
        if binding.kind in KIND_OF
    }


def _too_many(
    present: Present, line: str, one: Expectation | None, bucket: Bucket = "unexpected"
) -> Difference:
    why = one.why if one is not None else "its work order line is gone, or was not read"
    if present.trace:
        why = f"its estimate line {present.trace} is gone"
    elif one is not None and one.rows:
        why = "the line needs no more of them"
    elif not line:
        why = "it names a work order and no line of it"
    return Difference(
        bucket=bucket, kind=kind_of(present.row), line=line or present.line or "",
        work_order=present.work_order, present=present.row.id, why=why,
        rules=one.rules if one is not None else (),
        basis=one.basis if one is not None else _BASIS_OF_LOST[kind_of(present.row)],
    )  # fmt: skip


def _difference(
    bucket: Bucket,
    one: Expectation,
    expected: Record,
    present: str = "",
    columns: tuple[Cell, ...] = (),
) -> Difference:
    return Difference(
        bucket=bucket, kind=one.kind, line=one.line, work_order=one.work_order,
        expected=expected.id, present=present, columns=columns, why=one.why, rules=one.rules,
        basis=one.basis,
    )  # fmt: skip
