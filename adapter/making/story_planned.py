"""What the vendor writes between a work order line and its actuals, as moments of a story:
estimate lines while work is planned, item forecasts in Finance, journal lines at submit.

Each says where its price comes from, and how it differs from the row that the line asks for.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from adapter.deciding.dossier import day_if
from adapter.making.expectation import Kind
from adapter.making.expected import CODES, Difference
from adapter.making.new_actuals import COST
from adapter.making.pairing import Present
from adapter.making.priced import said
from adapter.making.story_judged import Judged
from adapter.making.story_moments import plain
from adapter.making.story_parts import NONE, Moment, Places
from adapter.making.story_rows import Planned
from adapter.making.story_words import Words
from adapter.reading.store import Records
from adapter.values.field_service import WorkOrderLine
from adapter.values.finance import ItemForecast
from adapter.values.forecast_rows import EstimateLine, ProjectJournalLine
from adapter.values.project_operations import Project
from adapter.values.record import Record

STAGE: Mapping[Kind, str] = {"estimate": "planned", "forecast": "forecast", "journal": "journal"}
RULE: Mapping[Kind, str] = {"estimate": "R-050", "forecast": "domain 7", "journal": "R-031"}
# What is missing is told where the line itself says that it should be there.
LACKS: Mapping[str, tuple[Kind, ...]] = {
    "estimate": ("estimate", "forecast"), "used": ("usage", "journal"), "usage": ("actual",),
}  # fmt: skip
CALLED: Mapping[Kind, str] = {
    "estimate": "estimate line", "forecast": "item forecast", "usage": "usage log",
    "journal": "journal line",
}  # fmt: skip


def told_planned(
    planned: Planned, records: Records, words: Words, judged: Judged, zone: ZoneInfo
) -> Iterator[Moment]:
    """A moment for each row, in no order; days of instants are those of `zone`."""
    teller = _Teller(records, words, judged, zone)
    for estimate in planned.estimates:
        yield teller.estimate(estimate)
    for forecast in planned.forecasts:
        yield teller.forecast(forecast)
    for line in planned.journal:
        yield teller.journal(line)


def with_lacks(moments: Iterable[Moment], differences: Iterable[Difference]) -> Iterator[Moment]:
    """Moments of work order lines and of what was approved also say which row is missing, those
    of actuals what was approved instead."""
    missing: dict[tuple[str, Kind], list[str]] = {}
    apart: dict[str, Difference] = {}
    for one in differences:
        if one.bucket == "missing":
            lacking = missing.setdefault((one.approved or one.line, one.kind), [])
            lacking.append(f"{one.called or CALLED[one.kind]} ({CODES['missing']})")
        elif one.kind == "actual":
            apart[one.present] = one
    for moment in moments:
        kinds = LACKS.get(moment.stage, ()) if missing else ()
        said = [text for kind in kinds for text in missing.get((moment.key, kind), ())]
        if said:
            moment = replace(moment, values=(*moment.values, ("missing", ", ".join(said))))
        if moment.key in apart and moment.stage != "posted":
            moment = replace(moment, values=(*moment.values, *_apart(apart[moment.key])))
        yield moment


class _Teller:
    """Tells rows of one environment."""

    def __init__(self, records: Records, words: Words, judged: Judged, zone: ZoneInfo) -> None:
        self.records = records
        self.zone = zone
        self.words = words
        self.judged = judged
        self.apart = {one.present: one for one in judged.differences if one.present}
        self._places: Callable[[WorkOrderLine], Places] = words.line_places

    def estimate(self, row: EstimateLine) -> Moment:
        """A planned quantity of one context, cost or sales."""
        side = "cost" if row.transaction_type == COST else "sales"
        return self._moment(
            "estimate", row, row.line, side, row.price, row.amount,
            self.words.currency[row.currency], self.words.unit[row.unit],
            self.words.product[row.product] or row.write_in_product or row.description or "",
            day=row.document_date, at=row.modified_on, version=row.version or 0,
            more=(("billing type", row.billing_type),),
        )  # fmt: skip

    def forecast(self, there: Present) -> Moment:
        """The item forecast that both contexts are folded into."""
        row = there.row
        assert isinstance(row, ItemForecast)
        return self._moment(
            "forecast", row, there.line, "", None, None, row.currency or "", row.unit or "",
            row.item_number or "", day=row.start,
            more=(("cost price", row.cost_price), ("sales price", row.sales_price),
                  ("model", row.forecast_model), ("site", row.site),
                  ("warehouse", row.warehouse)),
            name=f"forecast {row.transaction or row.id}",
        )  # fmt: skip

    def journal(self, row: ProjectJournalLine) -> Moment:
        """What a submitted usage would cost or sell for."""
        side = "cost" if row.transaction_type == COST else "sales"
        if row.billing_type not in (None, "chargeable"):
            side += f", {row.billing_type}"
        return self._moment(
            "journal", row, row.line, side, row.price, row.amount,
            self.words.currency[row.currency], self.words.unit[row.unit],
            self.words.product[row.product] or row.write_in_product or row.description or "",
            day=row.document_date, at=row.started_at, version=row.version or 0,
            more=(("discount", row.discount_amount),
                  ("posted", "yes" if row.is_posted else "no" if row.is_posted is False else None)),
        )  # fmt: skip

    def _moment(
        self, kind: Kind, row: EstimateLine | ItemForecast | ProjectJournalLine, line: str | None,
        side: str, price: Decimal | None, amount: Decimal | None, currency: str, unit: str,
        product: str, *, day: date | None, at: datetime | None = None, version: int = 0,
        more: tuple[tuple[str, object], ...] = (), name: str = "",
    ) -> Moment:  # fmt: skip
        found = self.records.one(WorkOrderLine, line)
        places = self._places(found) if found is not None else self._loose(row)
        apart = self.apart.get(row.id)
        what = f"{CALLED[kind]}{', ' if side else ''}{side}: {plain(row.quantity)} {unit}"
        return Moment(
            stage=STAGE[kind], key=row.id, name=name or f"{kind} {row.id[:8]}",
            what=f"{what} of {product}".replace("  ", " "), at=at, day=day or day_if(at, self.zone),
            version=version, because=RULE[kind] if apart is None else CODES[apart.bucket],
            type=f"{kind} {side}".strip(), amount=amount, currency=currency, places=places,
            values=(*_priced(self._origin(kind, line, side), price, apart), *more,
                    *_apart(apart)),
        )  # fmt: skip

    def _origin(self, kind: Kind, line: str | None, side: str) -> str | None:
        """Where the price of a side comes from: of an estimate, that of its own day."""
        prices = self.judged.prices.get(line or "")
        if prices is None:
            return None
        if kind == "estimate":
            return said(prices.planned_cost if side == "cost" else prices.planned_sale)
        return said(prices.cost if side == "cost" else prices.sale)

    def _loose(self, row: Record) -> Places:
        """Where a row counts that names no line: by its work order and project."""
        order, project = getattr(row, "work_order", None), getattr(row, "project", None)
        known = self.records.one(Project, project)
        return (self.words.order[order], self.words.project[project if known else None],
                NONE, self.words.agreement_of(order))  # fmt: skip


def _priced(
    origin: str | None, price: Decimal | None, apart: Difference | None
) -> tuple[tuple[str, object], ...]:
    """The price and where it comes from; both, where they are not one."""
    if price is None:
        return ()
    is_other = apart is not None and any(cell.column == "price" for cell in apart.columns)
    if origin is None or is_other:
        return (("price", price), ("by our rules", origin))
    return (("price", origin),)


def _apart(apart: Difference | None) -> tuple[tuple[str, object], ...]:
    """What was expected instead, and why."""
    if apart is None:
        return ()
    told = tuple((f"{c.column.replace('_', ' ')} expected", f"{c.expected}, is {c.present}")
                 for c in apart.columns)  # fmt: skip
    return told if apart.bucket == "different" else (*told, ("why", apart.why or None))
