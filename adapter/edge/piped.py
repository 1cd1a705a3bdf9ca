"""Rows of standard input: `{"table": ..., "row": {...}}` lines, and what is wrong with them.

A line that cannot be used stays among the rows, with its finding: it may have been an actual, so
it is counted, and the plan's id knows of it, as of such a line of a file.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from hashlib import blake2b

import msgspec

from adapter.edge.book import DIGEST_LENGTH
from adapter.edge.settings_file import NoWorkspace
from adapter.edge.table_names import table_meant
from adapter.making.workspace import FileRead
from adapter.reading.binding import TableBinding
from adapter.reading.decoder import REFUSED
from adapter.reading.gathering import DIGEST_BYTES, DIGEST_SPAN, RowsRead, gather
from adapter.reading.rows import BYTE_ORDER_MARK, read_placed
from adapter.values.finding import Finding, Place, shown

Line = tuple[str, bytes]  # table, row
PIPED = "(standard input)"
HELP = 'Each line is {"table": "msdyn_actual", "row": {...}}.'
INSTEAD = "the files are not planned in its place"
_PLAIN = tuple(  # what stands before and after the row of a line that has two keys, each once
    (re.compile(before), re.compile(after)) for before, after in (
        (rb'\s*\{\s*"table"\s*:\s*"[^"\\]*"\s*,\s*"row"\s*:\s*', rb"\s*\}\s*"),
        (rb'\s*\{\s*"row"\s*:\s*', rb'\s*,\s*"table"\s*:\s*"[^"\\]*"\s*\}\s*'),
    ))  # fmt: skip


class NoRows(NoWorkspace):
    """No row of those that were given can be used."""


class PipedRow(tuple[str, bytes]):
    """The pair of table and JSON row of one line, and where the row begins.

    A line that cannot be used has no table; its bytes stand for the row, `fault` says why.
    """

    line: int
    column: int
    fault: Finding | None

    def __new__(
        cls, pair: Line, line: int = 0, column: int = 1, fault: Finding | None = None
    ) -> "PipedRow":
        """The pair, with its place."""
        self = super().__new__(cls, pair)
        self.line, self.column, self.fault = line, column, fault
        return self


class _Wrapped(msgspec.Struct, forbid_unknown_fields=True):
    table: str
    row: msgspec.Raw


_unwrap = msgspec.json.Decoder(_Wrapped).decode


def piped_rows(lines: Iterable[bytes]) -> tuple[list[Line], tuple[Finding, ...]]:
    """The rows of `{"table": ..., "row": {...}}` lines, as `read_workspace` takes them, and a
    finding for each line that is none.

    Such a line stands among the rows too, without a table: `read_workspace` counts and tells it.
    """
    rows: list[Line] = []
    for number, line in enumerate(lines, 1):
        raw = line.removeprefix(BYTE_ORDER_MARK) if number == 1 else line
        if raw.strip():
            rows.append(_row_of(raw, number))
    return rows, tuple(r.fault for r in rows if isinstance(r, PipedRow) and r.fault is not None)


def _row_of(raw: bytes, number: int) -> PipedRow:
    try:
        piped = _unwrap(raw)
        row = bytes(piped.row)
        at, twice = _begin_of(row, raw), None
        if at is None:
            at, twice = raw.find(row), _twice(raw)
    except REFUSED as error:
        return _lost(raw, number, shown(error))
    if twice is not None:
        return _lost(raw, number, f"the key `{shown(twice)}` stands twice")
    return PipedRow((piped.table, row), number, len(raw[:at].decode(errors="replace")) + 1)


def _begin_of(row: bytes, raw: bytes) -> int | None:
    """Where the row begins in a line as nearly everybody writes it; None: look closer."""
    for before, after in _PLAIN:
        begins = before.match(raw)
        if begins and raw.startswith(row, begins.end()) and after.fullmatch(
            raw, begins.end() + len(row)
        ):
            return begins.end()
    return None


def _twice(raw: bytes) -> str | None:
    """A key that stands twice in a JSON object, not in one within it; slow. Raises REFUSED."""
    pairs = json.loads(raw, object_pairs_hook=list, parse_int=str, parse_float=str)
    keys = [key for key, _ in pairs]
    return next((key for key in keys if keys.count(key) > 1), None)


def _lost(raw: bytes, number: int, why: str) -> PipedRow:
    fault = Finding(code="SRC031", level="error", place=Place(PIPED, number, 1),
                    message=f"not a piped row: {why}", help=HELP)  # fmt: skip
    return PipedRow(("", raw.strip()), number, 1, fault)


class Piped:
    """Rows that were given, by table, whichever of its names each of them gives.

    Raises NoRows where none of them can be used: the plan would be that of the files.
    """

    def __init__(self, rows: Iterable[Line], by_name: Mapping[str, list[TableBinding]]) -> None:
        self.by_name = by_name
        self.found: list[Finding] = []
        self.lost: list[bytes] = []  # of which nobody knows whether they are actuals
        self._by_table: dict[str, list[tuple[bytes, int, int]]] = {}
        unknown: set[str] = set()
        for number, given in enumerate(rows, 1):
            row = given if isinstance(given, PipedRow) else PipedRow(given, number)
            if not row[1].strip():
                row = _lost(row[1], row.line, "the row is empty")
            bindings = by_name.get(row[0].casefold(), ())
            if bindings and row.fault is None:
                placed = (row[1], row.line, row.column - 1)
                self._by_table.setdefault(bindings[0].table, []).append(placed)
                continue
            self.lost.append(b"%s\n%s" % (row[0].encode(errors="replace"), row[1]))
            if row.fault is not None:
                self.found.append(row.fault)
            elif row[0] not in unknown:
                unknown.add(row[0])
                self.found.append(self._unknown(row))
        if not self._by_table:
            why = (f"no row of {PIPED[1:-1]} can be used" if self.lost else
                   f"there are no rows on {PIPED[1:-1]}")  # fmt: skip
            raise NoRows(f"{why}: {INSTEAD}", tuple(self.found))

    def tables(self, *, of_finance: bool) -> set[str]:
        """The tables that rows were given of."""
        return {t for t in self._by_table if self._is_of_finance(t) == of_finance}

    def read(self, tables: set[str]) -> Iterator[tuple[TableBinding, RowsRead]]:
        """The rows of some tables, in the order in which the tables were given."""
        for table, rows in self._by_table.items():
            if table in tables:
                for binding in self.by_name[table.casefold()]:
                    yield binding, gather(read_placed(binding, rows, PIPED), PIPED)

    def not_read(self) -> FileRead | None:
        """What stands for the lines that are lost among what a plan depends on."""
        digests = (blake2b(raw, digest_size=DIGEST_BYTES).digest() for raw in self.lost)
        total = sum(int.from_bytes(digest, "big") for digest in digests) % DIGEST_SPAN
        if not self.lost:
            return None
        return FileRead(path=f"{PIPED} not read", digest=f"{total:032x}"[:DIGEST_LENGTH],
                        origin="standard input", rows=len(self.lost))  # fmt: skip

    def _is_of_finance(self, table: str) -> bool:
        return "from-finance/" in self.by_name[table.casefold()][0].path

    def _unknown(self, row: PipedRow) -> Finding:
        meant = table_meant(row[0], (b.table for known in self.by_name.values() for b in known))
        return Finding(code="SRC006", level="error", place=Place(PIPED, row.line, 1),
                       message=f"no mapping reads the table `{shown(row[0])}`"
                       + (f": did you mean `{meant}`?" if meant else ""),
                       help="Add a from-mapping, or leave its rows out.")  # fmt: skip
