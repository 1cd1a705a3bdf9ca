"""Rows into records: JSON lines and OData pages. CSV and XLSX are in `sheets.py`.

A broken row is a finding and the others go on. A value that does not fit is missing on its
record, and the finding is kept with the record, so that whatever depends on it is held.
"""

from collections.abc import Iterable, Iterator

import msgspec

from adapter.reading.binding import TableBinding
from adapter.reading.bound import KEY_SEPARATOR, Bound, Layout
from adapter.reading.cells import (
    TEXT_LENGTH_MAX,
    CellFault,
    TooLong,
    is_blank,
    is_guid,
    label_missing,
    plain_id,
    read_cell,
)
from adapter.reading.decoder import (
    REFUSED,
    Decode,
    Finish,
    Misfit,
    parse_row,
)
from adapter.reading.gathering import RowRead, RowsRead, gather
from adapter.reading.pages import (
    PageEnd,
    byte_of,
    page_fault,
    read_pages,
    rows_with_places,
)
from adapter.reading.row_keys import repeated_key
from adapter.values.finding import Finding, Place, shown
from adapter.values.record import Record

BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def read_rows(binding: TableBinding, content: bytes, path: str) -> RowsRead:
    """A JSON lines file, or an OData page (`{"value": [...]}`), pages, or a list of rows."""
    content = content.removeprefix(BYTE_ORDER_MARK)
    if path.lower().endswith(".json"):
        try:
            pages = read_pages(content, path)
        except REFUSED as error:
            fault = page_fault(content, path, error, _reason(error))
            return gather([RowRead(None, b"", 0, (fault,))], path)
        rows = rows_with_places(pages.rows, content)
        read = gather(read_placed(binding, rows, path), path)
        end = PageEnd(path, pages.rest) if pages.is_page else None
        return msgspec.structs.replace(read, page_end=end)
    return gather(read_lines(binding, content.split(b"\n"), path), path)


def read_lines(
    binding: TableBinding, lines: Iterable[bytes], path: str, first_line: int = 1
) -> Iterator[RowRead]:
    """JSON lines one by one, in any amount: nothing is kept. Blank lines are skipped."""
    ways = binding.decoder.ways()
    decode, finish = ways[0]
    for number, raw in enumerate(lines, first_line):
        try:
            record = decode(raw)
            finish(record)
            if len(raw) > TEXT_LENGTH_MAX or repeated_key(raw) is not None:
                raise Misfit
        except REFUSED:
            if number == first_line:
                raw = raw.removeprefix(BYTE_ORDER_MARK)
            if not raw or raw.isspace():
                continue
            other = _other_way(ways, raw)
            if other is None:
                yield read_exactly(binding, raw, Place(path, number, 1))
                continue
            record, decode, finish = other
        if not record.id.isprintable():
            yield RowRead(record, raw, number, (_odd_key(binding, record.id, path, number),))
            continue
        yield RowRead(record, raw, number)


def read_placed(
    binding: TableBinding, rows: Iterable[tuple[bytes, int, int]], path: str
) -> Iterator[RowRead]:
    """JSON rows one by one, each with its line and how many letters of that line stand before it.
    A row may itself go over several lines.
    """
    for raw, line, before in rows:
        for read in read_lines(binding, (raw,), path, line):
            moved = tuple(_moved(f, before) for f in read.findings)
            yield read._replace(findings=moved) if moved else read


def _other_way(ways: list[tuple[Decode, Finish]], raw: bytes) -> (
    tuple[Record, Decode, Finish] | None
):
    """The record by any way of decoding, and that way, which the next rows try first."""
    if len(raw) > TEXT_LENGTH_MAX:
        return None
    for decode, finish in ways:
        try:
            record = decode(raw)
            finish(record)
            if repeated_key(raw) is None:
                return record, decode, finish
        except REFUSED:
            continue
    return None


def read_exactly(binding: TableBinding, raw: bytes, place: Place) -> RowRead:
    """One JSON row, value by value, with a finding for each that does not fit."""
    try:
        row = parse_row(raw)
        twice = repeated_key(raw)
    except RecursionError:
        return _lost(raw, place, "SRC031", "the row is nested too deeply",
                     "Rows are flat: export columns, not expanded tables.")  # fmt: skip
    except REFUSED as error:
        at = Place(place.file, place.line, place.column + byte_of(str(error)))
        return _lost(raw, at, "SRC031", f"not a JSON row: {_reason(error)}",
                     "Export the table again; one complete object per line.")  # fmt: skip
    values, found = read_values(binding, row, raw, place)
    if twice is not None:
        found.append(
            Finding(code="SRC034", level="error", place=_place_of(raw, twice, place),
                    message=f"the row has the key `{shown(twice)}` twice",
                    help="Nobody can tell which value is meant; export the table again.")
        )  # fmt: skip
    return settle(binding, values, found, raw, place)


def read_values(
    binding: Layout, row: dict[str, object], raw: bytes, place: Place
) -> tuple[dict[str, object], list[Finding]]:
    """The fields of a row by JSON name, and a finding for each value that does not fit."""
    values: dict[str, object] = {}
    found: list[Finding] = []
    for b in binding.fields:
        label = row.get(b.shown) if b.shown else None
        is_unlabelled = not label or (isinstance(label, str) and is_blank(label))
        value = row.get(b.wire) if is_unlabelled else label
        try:
            if b.shown and is_unlabelled and is_guid(value):
                raise label_missing(b)
            values[b.field] = read_cell(b, value)
        except CellFault as fault:
            values[b.field] = None
            found.append(misfit(b, fault, value, _place_of(raw, b.wire, place)))
    if binding.key:
        values["id"] = key_of(binding, values, row)
    return values, found


def key_of(binding: Layout, values: dict[str, object], row: dict[str, object]) -> str | None:
    """The composite key, or None when a part is missing that may not be."""
    fields = {b.wire: b.field for b in binding.fields}
    parts = []
    for part in binding.key:
        value = values[fields[part.wire]] if part.wire in fields else row.get(part.wire)
        if isinstance(value, dict | list | TooLong):
            return None
        if (value is None or value == "") and not part.may_be_blank:
            return None
        parts.append("" if value is None else shown(value))
    return KEY_SEPARATOR.join(parts)


def misfit(b: Bound, fault: CellFault, value: object, place: Place) -> Finding:
    """The finding for one value; `settle` adds the record to it."""
    text = shown(value) if isinstance(value, str | bool) else ""
    return Finding(
        code=fault.code, level="error", place=place, help=fault.help,
        message=f"`{b.column}` {fault.message}", values=((b.field, text),) if text else (),
    )  # fmt: skip


def settle(
    binding: TableBinding,
    values: dict[str, object],
    found: list[Finding],
    raw: bytes,
    place: Place,
) -> RowRead:
    """A record of values that were read one by one, or a lost row when it has no key."""
    key = values.get("id")
    if not isinstance(key, str) or not key.strip():
        columns = ", ".join(p.wire for p in binding.key) or _column_of_id(binding)
        lost = _lost(raw, place, "SRC036", f"a row of {binding.table} has no key ({columns})",
                     "Export the key column; without it nothing can refer to the row.")  # fmt: skip
        return lost._replace(findings=lost.findings + tuple(found))
    key = values["id"] = plain_id(key) if binding.bound("id") else key
    record = binding.decoder.build(values)
    if not key.isprintable():
        found.append(_odd_key(binding, key, place.file, place.line))
    about = f", {binding.record} {shown(key)}"
    named = tuple(
        msgspec.structs.replace(f, record=key, message=f.message + about) for f in found
    )
    return RowRead(record, raw, place.line, named)


def _lost(raw: bytes, place: Place, code: str, message: str, help: str) -> RowRead:
    finding = Finding(code=code, level="error", message=message, place=place, help=help)
    return RowRead(None, raw, place.line, (finding,))


def _odd_key(binding: Layout, key: str, path: str, line: int) -> Finding:
    return Finding(
        code="SRC039", level="warning", place=Place(path, line, 1), record=key,
        message=f"the key of a row of {binding.table} has control characters: {shown(key)}",
        help="Export the table again; keys are plain text.",
    )  # fmt: skip


def _column_of_id(binding: Layout) -> str:
    bound = binding.bound("id")
    return bound.column if bound else ""


def _place_of(raw: bytes, wire: str, place: Place) -> Place:
    """The place of a key in the row; the row's own place when it is not there."""
    at = raw.find(b'"' + wire.encode() + b'"')
    if at < 0:
        return place
    column = place.column + len(raw[:at].decode(errors="replace"))
    return Place(place.file, place.line, column, len(wire) + 2)


def _reason(error: BaseException) -> str:
    if isinstance(error, UnicodeDecodeError):
        return "not UTF-8"
    return shown(str(error).removeprefix("JSON is malformed: ").partition(" (byte ")[0])


def _moved(finding: Finding, by: int) -> Finding:
    place = finding.place
    moved = Place(place.file, place.line, place.column + by, place.width)
    return msgspec.structs.replace(finding, place=moved)
