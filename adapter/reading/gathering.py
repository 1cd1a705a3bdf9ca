"""The rows of one file together: repeats settled, faults by record, one digest."""

from collections.abc import Iterable
from hashlib import blake2b
from typing import NamedTuple

from msgspec import Struct

from adapter.reading.decoder import public_values
from adapter.values.finding import Finding, Level, Note, Place, shown
from adapter.values.record import Record

DIGEST_BYTES = 16
DIGEST_SPAN = 1 << (8 * DIGEST_BYTES)


class RowRead(NamedTuple):
    """One row: its record (None: unreadable), its own bytes, line, and what is wrong with it."""

    record: Record | None
    raw: bytes
    line: int
    findings: tuple[Finding, ...] = ()


class RowsRead(Struct, frozen=True, kw_only=True):
    """All rows of one file. `rows` = records + unreadable + identical repeats."""

    records: list[Record]
    faults: dict[str, tuple[Finding, ...]]  # record id -> what does not fit
    findings: tuple[Finding, ...]  # what is wrong with the file or with lost rows
    unreadable: int
    rows: int
    digest: int  # sum of the digests of the raw rows: the order of rows changes nothing


def gather(rows: Iterable[RowRead], path: str) -> RowsRead:
    """All rows together, with repeats settled: identical ones count once, others are faults."""
    first: dict[str, tuple[Record, int]] = {}
    faults: dict[str, tuple[Finding, ...]] = {}
    findings: list[Finding] = []
    count = unreadable = digest = 0
    for record, raw, line, found in rows:
        if not line:  # about the file, not about a row
            findings += found
            continue
        count += 1
        digest += int.from_bytes(blake2b(raw, digest_size=DIGEST_BYTES).digest(), "big")
        if record is None:
            unreadable += 1
            findings += found
            continue
        before = first.setdefault(record.id, (record, line))
        if found:
            faults[record.id] = faults.get(record.id, ()) + found
        if before[0] is record:
            continue
        if public_values(before[0]) == public_values(record):
            findings.append(_repeat(record, path, line, before[1], "note"))
        else:
            fault = _repeat(record, path, line, before[1], "error")
            faults[record.id] = (*faults.get(record.id, ()), fault)
            first[record.id] = min(before, (record, line), key=_content)
    return RowsRead(
        records=[record for record, _line in first.values()], faults=faults,
        findings=tuple(findings), unreadable=unreadable, rows=count, digest=digest % DIGEST_SPAN,
    )  # fmt: skip


def _content(kept: tuple[Record, int]) -> str:
    return repr(public_values(kept[0]))


def merge(into: dict[str, Record], records: Iterable[Record], path: str) -> dict[str, Finding]:
    """Records of one more file, each id once: a fault for each that another file contradicts."""
    odd: dict[str, Finding] = {}
    for record in records:
        before = into.setdefault(record.id, record)
        if before is not record and public_values(before) != public_values(record):
            odd[record.id] = contradiction(record.id, Place(path))
    return odd


def contradiction(key: str, place: Place, notes: tuple[Note, ...] = ()) -> Finding:
    """Two rows of one table, in one file or in two, say different things of a record."""
    return Finding(
        code="SRC038", level="error", place=place, record=key, notes=notes,
        message=f"two rows say different things of {shown(key)}",
        help="Export the table again, once; until then the record is held.",
    )  # fmt: skip


def _repeat(record: Record, path: str, line: int, before: int, level: Level) -> Finding:
    notes = (Note(Place(path, before, 1), "first seen here"),)
    if level != "note":
        return contradiction(record.id, Place(path, line, 1), notes)
    return Finding(
        code="SRC037", level=level, place=Place(path, line, 1), record=record.id, notes=notes,
        message=f"the row of {shown(record.id)} stands twice", help="It counts once.",
    )  # fmt: skip
