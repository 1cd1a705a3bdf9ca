"""The report as tables: CSV with one row per actual, and typed sheets for a workbook.

A text that a spreadsheet could take for a formula gets an apostrophe in CSV (OWASP: CSV
injection); in a workbook it is stored as text. Numbers and days stay numbers and days.
"""

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from msgspec import Struct

from adapter.telling.completed import completed
from adapter.telling.figures import PARTS, Shown, safe
from adapter.values.arithmetic import our_arithmetic

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
TEXT_MAX = 32_000  # Excel takes 32,767 characters in a cell
BOM = "\ufeff"

Cell = str | Decimal | int | date | None
Kind = Literal["text", "number", "count", "day"]


class Column(Struct, frozen=True):
    """One column: its head, its type, and how it is read from an entry."""

    head: str
    kind: Kind
    read: Callable[[Shown], Any]


class Sheet(Struct, frozen=True):
    """One sheet of a workbook: heads, types, and rows of typed cells."""

    name: str
    heads: tuple[str, ...]
    kinds: tuple[Kind, ...]
    rows: list[list[Cell]]


def _of(key: str, kind: Kind = "text", head: str = "") -> Column:
    return Column(head or key.replace("_", " "), kind, lambda entry: entry.get(key))


def _part(channel: str, key: str) -> Column:
    return Column(f"{channel} {key}", "text", lambda entry: entry[channel].get(key))


ACTUALS: tuple[Column, ...] = (
    _of("status"), _of("name", head="actual"), _of("id"), _of("company"), _of("work_order"),
    _of("project"), _of("date", "day"), _of("type"), _of("class"), _of("description"),
    _of("quantity", "number"), _of("amount", "number"), _of("currency"),
    _part("ledger", "answer"), _part("ledger", "rule"), _part("ledger", "reason"),
    _part("ledger", "document"), _part("billing", "answer"), _part("billing", "rule"),
    _part("billing", "reason"), _part("billing", "document"),
    Column("findings", "text", lambda entry: " ".join(entry["findings"])),
)  # fmt: skip
OCCURRENCES: tuple[Column, ...] = (
    _of("code"), _of("fault"), _of("level"), _of("owner"), _of("name", head="actual"),
    _of("actual", head="id"), _of("work_order"), _of("company"), _of("amount", "number"),
    _of("currency"), _of("message"), _of("help"), _of("source"),
)  # fmt: skip
DOCUMENTS: tuple[Column, ...] = (
    _of("status"), _of("kind"), _of("name"), _of("company"), _of("rule"), _of("delivery"),
    _of("lines", "count"), _of("label", head="total of"), _of("currency"),
    _of("amount", "number"), _of("key"), _of("digest"),
)  # fmt: skip
EQUATION: tuple[Column, ...] = (
    _of("channel"), _of("company"), _of("currency"), _of("type"),
    *(_of(part, "number") for part in ("in", *PARTS)),
)  # fmt: skip
SCHEDULE: tuple[Column, ...] = (
    _of("status"), _of("kind"), _of("name"), _of("contract"), _of("project"), _of("company"),
    _of("amount", "number"), _of("currency"), _of("reason"), _of("id"),
)  # fmt: skip


@our_arithmetic()
def as_csv(report: Shown, bom: bool = False) -> str:
    """One row per actual, CRLF lines (RFC 4180); a byte order mark first if asked."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([column.head for column in ACTUALS])
    for row in _rows(ACTUALS, completed(report)["actuals"]):
        writer.writerow([_csv_cell(cell) for cell in row])
    return (BOM if bom else "") + out.getvalue()


@our_arithmetic()
def as_xlsx_rows(report: Shown) -> tuple[Sheet, ...]:
    """The sheets of the workbook; `adapter.edge.xlsx.write_xlsx` writes them."""
    whole = completed(report)
    return (
        _sheet("Actuals", ACTUALS, whole["actuals"]),
        _sheet("Findings", OCCURRENCES, _occurrences(whole)),
        _sheet("Documents", DOCUMENTS, _totals(whole)),
        _sheet("Equation", EQUATION, _equation(whole)),
        _sheet("Schedule", SCHEDULE, whole["schedule"]),
    )


def _sheet(name: str, columns: tuple[Column, ...], entries: Iterable[Shown]) -> Sheet:
    heads = tuple(column.head for column in columns)
    kinds = tuple(column.kind for column in columns)
    return Sheet(name, heads, kinds, list(_rows(columns, entries)))


def _rows(columns: tuple[Column, ...], entries: Iterable[Shown]) -> Iterator[list[Cell]]:
    for entry in entries:
        yield [_typed(column.kind, column.read(entry)) for column in columns]


def _typed(kind: Kind, value: Any) -> Cell:
    """A value in the type of its column; what does not fit stays text."""
    if value is None or value == "":
        return None
    if kind == "count" and isinstance(value, int):
        return value
    if kind in ("number", "count"):
        try:
            number = Decimal(str(value))
        except InvalidOperation:
            return str(value)
        return number if number.is_finite() else str(value)
    if kind == "day":
        try:
            return date.fromisoformat(str(value))
        except ValueError:
            return str(value)
    return str(value)


def guarded(text: str) -> str:
    """A text that no spreadsheet takes for a formula, without control characters."""
    is_formula = text.startswith(FORMULA_STARTS) or text.lstrip().startswith(FORMULA_STARTS)
    shown = safe(text)[:TEXT_MAX]
    return f"'{shown}" if is_formula else shown


def _csv_cell(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return guarded(cell)
    return f"{cell:f}" if isinstance(cell, Decimal) else str(cell)


def _occurrences(report: Shown) -> Iterator[Shown]:
    for group in report["findings"]:
        shared = {k: group[k] for k in ("code", "level", "owner", "source")}
        for seen in group["occurrences"]:
            yield {**shared, "fault": group["name"], **seen}
    for fault in report["faults"]:
        yield {**fault, "actual": fault["record"], "source": fault["place"]}


def _totals(report: Shown) -> Iterator[Shown]:
    for document in report["documents"]:
        for total in document["totals"] or [{}]:
            yield {**document, **total}


def _equation(report: Shown) -> Iterator[Shown]:
    for channel in report["equation"]:
        yield {"channel": channel["channel"], "type": "actuals", **channel["records"]}
        for line in channel["money"]:
            yield {"channel": channel["channel"], **line}
