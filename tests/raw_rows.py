"""Typed records as the rows that Dataverse and Finance would give: the mappings, backwards.

Names stand for keys (`U1`); a row carries the GUID that `key_of` makes of a name, and
`readable` puts the names back where a person reads.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

import msgspec

from adapter.edge.book import shipped_bindings
from adapter.making.verdict_parts import name_of
from adapter.reading.binding import TableBinding
from adapter.reading.bound import Bound
from adapter.values.field_service import WorkOrderLine
from adapter.values.record import Record

GUID = re.compile(r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
NAMES: dict[str, str] = {}  # GUID -> the name it stands for
TEXT_KEYS = ("first", "second")  # of connections: keys of transactions in columns of text
_encode = msgspec.json.Encoder(decimal_format="number").encode


def key_of(name: str) -> str:
    """The GUID of a name, always the same."""
    if GUID.match(name):
        return name
    key = str(uuid5(NAMESPACE_URL, f"fieldledger/{name}"))
    NAMES[key] = name
    return key


def readable(text: str) -> str:
    """A text with names in place of keys, and of the short names made of them."""
    for key, name in NAMES.items():
        text = text.replace(key, name).replace(name_of(key), name)
    return text


@cache
def bindings_of(kind: type[Record]) -> tuple[TableBinding, ...]:
    return tuple(b for b in shipped_bindings() if issubclass(kind, b.kind))


def binding_of(record: Record) -> TableBinding:
    """The shipped mapping of a record; work order lines stand in two tables."""
    found = bindings_of(type(record))
    if isinstance(record, WorkOrderLine):
        return next(b for b in found if b.constants["kind"] == record.kind)
    return found[0]


def row_of(record: Record) -> tuple[str, dict[str, object]]:
    """Table and row of a record, with the columns and codes of the other side."""
    binding = binding_of(record)
    row: dict[str, object] = {}
    for bound in binding.fields:
        value = record.id if bound.field == "id" else getattr(record, bound.field)
        if value is not None:
            row |= _cells(binding, bound, value)
    for part, text in zip(binding.key, record.id.split("|"), strict=False):
        row.setdefault(part.wire, text)  # a column of the key that fills no field
    if binding.table == "LedgerFiscalPeriods":
        row["PeriodName"] = row["YearName"]
    return binding.table, row


def _cells(binding: TableBinding, bound: Bound, value: object) -> dict[str, object]:
    if bound.shown:
        return {bound.wire: key_of(str(value)), bound.shown: value}
    if bound.values:
        code = next(c for c, word in bound.values.items() if word == value)
        return {bound.wire: code}
    is_crm = binding.side == "dataverse"
    if is_crm and (bound.kind == "lookup" or bound.field == "id" or bound.field in TEXT_KEYS):
        return {bound.wire: key_of(str(value))}
    if isinstance(value, datetime):
        at = value.astimezone(UTC)
        text = at.strftime("%Y-%m-%d" if bound.is_day_column else "%Y-%m-%dT%H:%M:%SZ")
        return {bound.wire: text}
    if isinstance(value, date):
        return {bound.wire: value.isoformat()}
    return {bound.wire: value}


def line_of(row: Mapping[str, object]) -> str:
    """A row as one line of JSON, numbers as they are written."""
    return _encode(row).decode()


def write_rows(folder: Path, records: Iterable[Record]) -> None:
    """One JSON lines file for each table."""
    tables: dict[str, list[str]] = {}
    for record in records:
        table, row = row_of(record)
        tables.setdefault(table, []).append(line_of(row))
    folder.mkdir(parents=True, exist_ok=True)
    for table, lines in tables.items():
        (folder / f"{table}.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
