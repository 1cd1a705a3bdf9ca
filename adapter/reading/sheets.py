"""Rows of CSV text and of spreadsheets: the same columns, by name, wire name or label.

A spreadsheet keeps fifteen digits of a number and no time zone; both are said, not guessed.
Opening files is in `edge/`; here are text and cells.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, tzinfo

from msgspec import Struct

from adapter.reading.binding import TableBinding
from adapter.reading.bound import Bound
from adapter.reading.cells import CellFault, Zoneless, is_guid, label_missing, read_cell
from adapter.reading.gathering import RowRead, RowsRead, gather
from adapter.reading.rows import key_of, misfit, settle
from adapter.values.finding import Finding, Place, shown

CELL_LENGTH_MAX = 32 * 1024 * 1024  # the csv module's own limit would stop at a long text
COLUMNS_MAX = 2_000
CELL_SEPARATOR = b"\x1f"
ZONE_HELP = (
    "Say in adapter.toml where the export was made, under its [environments.NAME]: time_zone ="
    ' {{ {table} = "America/Chicago" }}. Or export the column as text in UTC, like'
    " 2026-11-14T15:00:00Z."
)
SEPARATORS = (",", ";", "\t")

csv.field_size_limit(CELL_LENGTH_MAX)


class Heading(Struct, frozen=True):
    """Which cell of a row holds which field, and which holds which part of the key."""

    width: int
    cells: tuple[tuple[int, Bound], ...]
    parts: tuple[tuple[int, str], ...]
    ids: frozenset[int] = frozenset()  # cells with the id of a lookup whose text no cell has
    unlabelled: tuple[Finding, ...] = ()  # about those; said once an id stands there


def read_csv(
    binding: TableBinding, text: str, path: str, zone: tzinfo | None = None
) -> RowsRead:
    """A CSV export. `zone` is where instants without a time zone are; None: they are faults."""
    text = text.removeprefix("\ufeff")
    separator = _separator_of(text)
    if text.lower().startswith("sep="):
        text = text.partition("\n")[2]
    return gather(_csv_rows(binding, text, separator, path, zone), path)


def read_cells(
    binding: TableBinding,
    rows: Iterable[Sequence[object]],
    path: str,
    zone: tzinfo | None = None,
) -> RowsRead:
    """The rows of a spreadsheet, heading first, as cell values."""
    numbered = enumerate(rows, 1)
    return gather(_numbered_rows(binding, numbered, path, zone), path)


def _csv_rows(
    binding: TableBinding, text: str, separator: str, path: str, zone: tzinfo | None
) -> Iterator[RowRead]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)

    def numbered() -> Iterator[tuple[int, Sequence[object]]]:
        while True:
            line = reader.line_num + 1
            try:
                row = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                row = [error]  # type: ignore[list-item]
            yield line, row

    yield from _numbered_rows(binding, numbered(), path, zone)


def _numbered_rows(
    binding: TableBinding,
    numbered: Iterable[tuple[int, Sequence[object]]],
    path: str,
    zone: tzinfo | None,
) -> Iterator[RowRead]:
    heading: Heading | None = None
    is_said = False
    for line, cells in numbered:
        if all(cell is None or cell == "" for cell in cells):
            continue
        if heading is None:
            heading, found = _heading(binding, cells, path, line)
            yield RowRead(None, _raw(cells), 0, found)  # says what the cells below it are
            if heading is None:
                return
            continue
        row = _row(binding, heading, cells, Place(path, line, 1), zone)
        if heading.unlabelled and not is_said and any(f.code == "SRC047" for f in row.findings):
            is_said = True
            yield RowRead(None, b"", 0, heading.unlabelled)
        yield row


def _row(
    binding: TableBinding,
    heading: Heading,
    cells: Sequence[object],
    place: Place,
    zone: tzinfo | None,
) -> RowRead:
    raw = _raw(cells)
    while len(cells) > heading.width and cells[-1] in (None, ""):
        cells = cells[:-1]
    broken = cells[0] if isinstance(cells[0], csv.Error) else None
    if broken is not None or len(cells) > heading.width:
        message = f"not a CSV row: {broken}" if broken is not None else (
            f"the row has {len(cells)} cells, the heading {heading.width}"
        )  # fmt: skip
        fault = Finding(code="SRC031", level="error", message=message, place=place,
                        help="Quote cells that hold separators, quotes or line ends.")
        return RowRead(None, raw, place.line, (fault,))
    values: dict[str, object] = {}
    found: list[Finding] = []
    for at, bound in heading.cells:
        value = cells[at] if at < len(cells) else None
        try:
            if at in heading.ids and is_guid(value):
                raise label_missing(bound)
            values[bound.field] = read_cell(bound, _as_text(bound, value), zone)
        except CellFault as fault:
            values[bound.field] = None
            if isinstance(fault, Zoneless):
                fault.help = ZONE_HELP.format(table=binding.table)
            found.append(misfit(bound, fault, value, place))
    if binding.key:
        parts = {wire: cells[at] if at < len(cells) else None for at, wire in heading.parts}
        missing = {b.field: None for b in binding.fields}
        values["id"] = key_of(binding, missing | values, parts)
    return settle(binding, values, found, raw, place)


def _raw(cells: Sequence[object]) -> bytes:
    """The cells of a line as bytes: what its digest is made of."""
    return CELL_SEPARATOR.join(
        ("" if c is None else c if isinstance(c, str) else repr(c)).encode(errors="replace")
        for c in cells
    )


def _as_text(bound: Bound, value: object) -> object:
    """A spreadsheet turns codes that look like numbers into numbers: back to text."""
    if bound.kind in ("text", "lookup") and not isinstance(value, str | bool | datetime | date):
        if isinstance(value, float) and value.is_integer() and abs(value) < 10**15:
            return str(int(value))
        if isinstance(value, int) and abs(value) < 10**18:
            return str(value)
    if bound.kind == "choice" and isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _heading(
    binding: TableBinding, cells: Sequence[object], path: str, line: int
) -> tuple[Heading | None, tuple[Finding, ...]]:
    def fault(message: str, help: str) -> Finding:
        return Finding(code="SRC042", level="error", message=message, place=Place(path, line, 1),
                       help=help)  # fmt: skip

    if len(cells) > COLUMNS_MAX or isinstance(cells[0], csv.Error):
        return None, (fault("the first row is not a heading", "Export with column names."),)
    names: dict[str, list[int]] = {}
    for at, cell in enumerate(cells):
        names.setdefault(str(cell).strip().lower(), []).append(at)
    found: list[tuple[int, Bound]] = []
    missing, twice = [], []
    unlabelled: list[tuple[int, Bound]] = []
    for bound in binding.fields:
        texts = (bound.label, bound.shown, bound.column + "name" if bound.shown else "")
        known = (*texts, bound.wire, bound.column)
        places = next((names[n.lower()] for n in known if n and n.lower() in names), [])
        if bound.shown and places and not any(n and n.lower() in names for n in texts):
            unlabelled.append((places[0], bound))
        if len(places) > 1:
            twice.append(bound.column)
        if places:
            found.append((places[0], bound))
        else:
            missing.append(bound.column)
    parts = tuple((names[p.wire.lower()][0], p.wire) for p in binding.key
                  if p.wire.lower() in names)  # fmt: skip
    if twice:
        return None, (fault(f"column twice in the heading: {', '.join(twice)}",
                            "Export each column once."),)  # fmt: skip
    wires = {p for _, p in parts}
    lost = [p.wire for p in binding.key if p.wire not in wires and not p.may_be_blank]
    id_bound = binding.bound("id")
    if id_bound is not None and id_bound.column in missing:
        lost.append(id_bound.column)
    if lost:
        return None, (fault(f"the heading lacks the key column: {', '.join(lost)}",
                            f"Export {binding.table} with its key, under the column's name."),)
    lacking = ", ".join(f"{bound.column}name" for _, bound in unlabelled)
    said = () if not lacking else (
        Finding(code="SRC047", level="error", place=Place(path, line, 1),
                message=f"the file has ids of lookups, and not their texts: it lacks {lacking}",
                help="Export these columns too; a record with such an id is held until then."),
    )  # fmt: skip
    heading = Heading(len(cells), tuple(found), parts, frozenset(at for at, _ in unlabelled), said)
    if not missing:
        return heading, ()
    message = f"columns of {binding.table} that the file lacks: {shown(', '.join(missing))}"
    note = Finding(code="SRC043", level="note", message=message, place=Place(path, line, 1),
                   help="Their fields stay missing; export them if rules need them.")  # fmt: skip
    return heading, (note,)


def _separator_of(text: str) -> str:
    """The separator of the first line: a comma, unless only another one stands there."""
    first = text[: text.find("\n")] if "\n" in text else text
    if first.lower().startswith("sep=") and len(first.rstrip("\r")) == 5:
        return first[4]
    counts = {mark: first.count(mark) for mark in SEPARATORS}
    return max(SEPARATORS, key=lambda mark: counts[mark])
