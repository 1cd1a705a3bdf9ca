"""The rows of one file together: repeats settled, faults by record, one digest.

Rows come twice, late and out of order: of two that carry different row versions the newer
counts, whichever arrived first. Two of one version, or without any, contradict each other.
"""

from collections.abc import Iterable, Mapping
from hashlib import blake2b
from typing import NamedTuple

from msgspec import Struct

from adapter.reading.decoder import is_public, public_values
from adapter.reading.pages import PageEnd
from adapter.reading.store import RecordsInMemory
from adapter.values.finding import Finding, Note, Place, shown
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
    """All rows of one file. `rows` = records + unreadable + repeats and older versions."""

    records: list[Record]
    faults: dict[str, tuple[Finding, ...]]  # record id -> what does not fit
    findings: tuple[Finding, ...]  # what is wrong with the file or with lost rows
    unreadable: int
    rows: int
    digest: int  # sum of the digests of heading and raw rows: the order of rows changes nothing
    page_end: PageEnd | None = None  # of OData pages: whether a next page is named


def gather(rows: Iterable[RowRead], path: str) -> RowsRead:
    """All rows together, with repeats settled: identical ones count once, of row versions the
    newest does, others are faults."""
    first: dict[str, tuple[Record, int]] = {}
    faults: dict[str, tuple[Finding, ...]] = {}
    findings: list[Finding] = []
    count = unreadable = digest = 0
    for record, raw, line, found in rows:
        if raw or line:
            digest += int.from_bytes(blake2b(raw, digest_size=DIGEST_BYTES).digest(), "big")
        if not line:  # about the file, not about a row; `raw` is its heading
            findings += found
            continue
        count += 1
        if record is None:
            unreadable += 1
            findings += found
            continue
        before = first.setdefault(record.id, (record, line))
        newest = None if before[0] is record else newer_of(before[0], record)
        if newest is not None:
            findings.append(outdated(record.id, Place(path, line, 1), Place(path, before[1], 1)))
            if newest is record:
                first[record.id] = (record, line)
                faults.pop(record.id, None)
        if found and newest is not before[0]:
            faults[record.id] = faults.get(record.id, ()) + found
        if before[0] is record or newest is not None:
            continue
        if public_values(before[0]) == public_values(record):
            findings.append(repeat(record.id, path, line, before[1]))
        else:
            fault = contradicting_rows(record.id, Place(path, line, 1), _seen(path, before[1]))
            faults[record.id] = (*faults.get(record.id, ()), fault)
            first[record.id] = min(before, (record, line), key=_content)
    return RowsRead(
        records=[record for record, _line in first.values()], faults=faults,
        findings=tuple(findings), unreadable=unreadable, rows=count, digest=digest % DIGEST_SPAN,
    )  # fmt: skip


def _content(kept: tuple[Record, int]) -> str:
    return repr(public_values(kept[0]))


def _seen(path: str, line: int) -> Note:
    return Note(Place(path, line, 1), "first seen here")


def repeat(key: str, path: str, line: int, before: int) -> Finding:
    """A row of a file says what an earlier line of it says."""
    return Finding(
        code="SRC037", level="note", place=Place(path, line, 1), record=key,
        notes=(_seen(path, before),),
        message=f"the row of {shown(key)} stands twice", help="It counts once.",
    )  # fmt: skip


def contradicting_rows(key: str, place: Place, *notes: Note) -> Finding:
    """Two rows of one file say different things of one record, and neither is the newer."""
    return Finding(
        code="SRC038", level="error", place=place, record=key, notes=notes,
        message=f"two rows say different things of {shown(key)}",
        help="Export the table again, once; until then the record is held.",
    )  # fmt: skip


def newer_of(first: Record, second: Record) -> Record | None:
    """The row of two that its row version makes the newer; None where nothing says it."""
    one: int | None = getattr(first, "version", None)
    other: int | None = getattr(second, "version", None)
    if one is None or other is None or one == other:
        return None
    return first if one > other else second


def outdated(key: str, place: Place, before: Place) -> Finding:
    """Two row versions of one record stand beside each other: the newer counts."""
    return Finding(
        code="SRC046", level="note", place=place, record=key,
        notes=(Note(before, "first seen here"),),
        message=f"two row versions of {shown(key)}: the newer counts",
        help="Nothing must be done. Export the table once to make the note go away.",
    )  # fmt: skip


def told_apart(
    first: Record, second: Record, path: str, before: str
) -> tuple[Finding, Record | None]:
    """What two files that differ say of one record, and the row that counts (None: neither).

    `path` is the file of the second row, `before` that of the first.
    """
    newest = newer_of(first, second)
    if newest is None:
        return contradiction(second.id, path, before), None
    return outdated(second.id, Place(path), Place(before)), newest


class GatheredFiles:
    """The records of several files, in memory; of a key that comes again, its newest version,
    else its first row."""

    def __init__(self) -> None:
        self._tables: dict[type[Record], dict[str, Record]] = {}
        self._files: dict[type[Record], list[tuple[str, list[Record]]]] = {}
        self._faults: dict[tuple[type[Record], str], tuple[Finding, ...]] = {}

    def keep(
        self, kind: type[Record], records: list[Record],
        faults: Mapping[str, tuple[Finding, ...]], path: str,
    ) -> list[Finding]:  # fmt: skip
        """Keep the records of one file.

        Returns a finding for each record that an earlier file described in another way; it is
        a fault of the record too.
        """
        table = self._tables.setdefault(kind, {})
        files = self._files.setdefault(kind, [])
        apart = [] if not files else [
            record for record in records
            if record.id in table and not is_same(table[record.id], record)
        ]  # fmt: skip
        found: list[Finding] = []
        old: set[str] = set()  # keys whose row here is older than one that is there
        if apart:
            before = {r.id: earlier for earlier, rows in reversed(files) for r in rows}
            for record in apart:
                said, newest = told_apart(table[record.id], record, path, before[record.id])
                found.append(said)
                if newest is record:
                    table[record.id] = record
                    self._faults.pop((kind, record.id), None)
                elif newest is not None:
                    old.add(record.id)
        for record in records:
            table.setdefault(record.id, record)
        files.append((path, records))
        errors = ((f.record, (f,)) for f in found if f.level == "error")
        for key, faulty in (*faults.items(), *errors):
            if key not in old:
                self._faults[kind, key] = (*self._faults.get((kind, key), ()), *faulty)
        return found

    def records(self) -> RecordsInMemory:
        """All of them as one store."""
        return RecordsInMemory(self._tables, self._faults)


def is_same(first: Record, second: Record) -> bool:
    """Whether two rows say the same of a record, however each of them was written."""
    return _by_field(first) == _by_field(second)


def _by_field(record: Record) -> dict[str, object]:
    names = [f for f in record.__struct_fields__ if is_public(f)]
    return {name: getattr(record, name) for name in names}


def contradiction(key: str, path: str, before: str) -> Finding:
    """Two files that say different things of one record: which is right, nobody can tell."""
    return Finding(
        code="SRC044", level="error", place=Place(path), record=key,
        notes=(Note(Place(before), "first seen here"),),
        message=f"{before} and {path} say different things of {shown(key)}",
        help="Export the table once and remove the other file; until then the record is held.",
    )  # fmt: skip
