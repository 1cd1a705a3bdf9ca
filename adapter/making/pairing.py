"""Pairing the rows of one work order line: which columns count, and which row is which."""

from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import islice
from operator import attrgetter

from msgspec import Struct

from adapter.making.expectation import Kind
from adapter.values.field_service import Usage
from adapter.values.finance import ItemForecast
from adapter.values.forecast_rows import EstimateLine, ProjectJournalLine
from adapter.values.record import Record

LAST = (True, 1_000)
NEAR_MAX = 200  # rows of one work order and product that are looked at for the nearest
KIND_OF: dict[type[Record], Kind] = {
    EstimateLine: "estimate", ItemForecast: "forecast", Usage: "usage",
    ProjectJournalLine: "journal",
}  # fmt: skip


def kind_of(row: Record) -> Kind:
    """Which kind of row it is; rows that were read are of types made for reading."""
    return next(kind for type_, kind in KIND_OF.items() if isinstance(row, type_))


DEAD_USAGE = ("rejected", "recalled")
_TRACKED = ("serial_number", "batch_number")
_PLACED = ("site", "warehouse")
_OWNED = ("project", "task", "product", "unit", "currency")
# Always compared; what is not expected must not be there.
ALWAYS: dict[Kind, tuple[str, ...]] = {
    "estimate": ("quantity", "price", "amount"),
    "forecast": ("quantity", "cost_price", "sales_price"),
    "usage": ("quantity", "quantity_to_bill", *_TRACKED),
    "journal": ("quantity", "price", "amount", *_TRACKED),
}
# Compared where a value is expected.
GIVEN: dict[Kind, tuple[str, ...]] = {
    "estimate": ("transaction_type", "transaction_class", "billing_type", "price_list",
                 "work_order", *_OWNED, *_PLACED),
    "forecast": ("company", "project", "task", "item_number", "unit", "currency", *_PLACED),
    "usage": ("project", "task", "product", "unit", "unit_price", "unit_cost",
              "discount_percent", "usage_status", "work_order", "agreement", "resource",
              "used_at", *_PLACED),
    "journal": ("transaction_type", "transaction_class", "billing_type", "discount_percent",
                "discount_amount", "contract", "contract_line", "contract_customer", "resource",
                "price_list", "usage", "work_order", *_OWNED, *_PLACED),
}  # fmt: skip


COLUMNS: dict[Kind, tuple[str, ...]] = {kind: (*ALWAYS[kind], *GIVEN[kind]) for kind in ALWAYS}
_READ = {kind: attrgetter(*columns) for kind, columns in COLUMNS.items()}


class Present(Struct, frozen=True, kw_only=True):
    """A row that is there, and the work order line it stands for, as far as it tells."""

    row: Record
    line: str | None = None
    work_order: str | None = None
    trace: str = ""  # an estimate line that a forecast names and nobody has


class Cell(Struct, frozen=True):
    """One column that says something else; both values as text."""

    column: str
    expected: str
    present: str


def standing_of(row: Present | Record) -> Present:
    """A row with the line and the work order that it names itself."""
    if isinstance(row, Present):
        return row
    return Present(
        row=row, line=getattr(row, "line", None), work_order=getattr(row, "work_order", None)
    )


def cells_of(
    row: Record, there: Record, kind: Kind, skip: Collection[str] = ()
) -> tuple[Cell, ...]:
    """Columns in which a row that is there differs from the expected one, in a fixed order."""
    wants, found = _READ[kind](row), _READ[kind](there)
    if wants == found:
        return ()
    cells = []
    sure = len(ALWAYS[kind])
    for at, (column, want, has) in enumerate(zip(COLUMNS[kind], wants, found, strict=True)):
        if want == has or column in skip or (want is None and at >= sure):
            continue
        if _same(want) != _same(has):
            cells.append(Cell(column, _shown(want), _shown(has)))
    return tuple(cells)


def is_standing(row: Record) -> bool:
    """Whether a row counts: active, no return, and no usage that was rejected or recalled."""
    return (
        getattr(row, "status", None) != "inactive"
        and getattr(row, "usage_status", None) not in DEAD_USAGE
        and not getattr(row, "is_return", None)
    )


def best_first(
    rows: Sequence[Record], there: Sequence[Present], kind: Kind, skip: Collection[str]
) -> list[Record]:
    """Rows that are there as they should be come first, so that nobody takes their place."""

    def least(row: Record) -> tuple[bool, int]:
        return min((_apart(row, p, kind, skip) for p in there), default=LAST)

    return sorted(rows, key=lambda row: (least(row), row.id)) if len(rows) > 1 else list(rows)


def nearest(
    row: Record, there: Sequence[Present], kind: Kind, skip: Collection[str]
) -> Present | None:
    """The row that differs least and is of the same side; a dead one only if that is asked."""
    wants_dead = not is_standing(row)
    side = getattr(row, "transaction_type", None)
    fit = [
        p
        for p in there
        if getattr(p.row, "transaction_type", None) in (side, None)
        and (wants_dead or is_standing(p.row))
    ]
    return min(fit, key=lambda p: (_apart(row, p, kind, skip), p.row.id), default=None)


class Loose:
    """Rows that name no line, found by work order and product, forecasts by project and item."""

    def __init__(self) -> None:
        self._rows: dict[tuple[object, ...], dict[str, Present]] = {}
        self._alike: dict[tuple[object, ...], list[Present]] = {}  # the same first columns too

    def add(self, one: Present, kind: Kind) -> None:
        """Keep a row until somebody takes it."""
        trace = _trace_of(one.row)
        self._rows.setdefault(trace, {})[one.row.id] = one
        self._alike.setdefault((*trace, getattr(one.row, ALWAYS[kind][0])), []).append(one)

    def take_equal(self, row: Record, kind: Kind, skip: Collection[str]) -> Present | None:
        """The first row that is exactly `row`, which then is nobody else's; else None."""
        trace = _trace_of(row)
        alike = self._alike.get((*trace, getattr(row, ALWAYS[kind][0])), [])
        for one in alike:
            if is_standing(one.row) and not cells_of(row, one.row, kind, skip):
                alike.remove(one)
                return self._rows[trace].pop(one.row.id)
        return None

    def take_nearest(self, row: Record, kind: Kind, skip: Collection[str]) -> Present | None:
        """The row of the same work order and product that differs least; None without one."""
        rows = self._rows.get(_trace_of(row), {})
        near = nearest(row, tuple(islice(rows.values(), NEAR_MAX)), kind, skip)
        return rows.pop(near.row.id) if near is not None else None

    def left(self) -> list[Present]:
        """What nobody took."""
        return [one for rows in self._rows.values() for one in rows.values()]


def _trace_of(row: Record) -> tuple[object, ...]:
    if isinstance(row, ItemForecast):
        return (ItemForecast, row.company, row.project, row.item_number)
    names = ("work_order", "product")
    return (kind_of(row), *(getattr(row, name) for name in names))


def _apart(row: Record, p: Present, kind: Kind, skip: Collection[str]) -> tuple[bool, int]:
    """How far two rows are apart: another row at all, and in how many columns."""
    return (row.id != p.row.id, len(cells_of(row, p.row, kind, skip)))


def filled_of(row: Record, kind: Kind) -> set[str]:
    """Columns of a row that say something, of those that are compared."""
    return {c for c in COLUMNS[kind] if getattr(row, c) is not None}


def _same(value: object) -> object:
    """The value in the one form in which equal values are equal; an empty text is nothing."""
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    return None if value == "" else value


def _shown(value: object) -> str:
    if value is None or value == "":
        return "(nothing)"
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value.isoformat() if isinstance(value, date | datetime) else str(value)
