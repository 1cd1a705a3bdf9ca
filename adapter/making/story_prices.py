"""What work order lines sell for and cost, and where those prices came from."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from decimal import Decimal
from functools import partial

from msgspec import Struct

from adapter.deciding.dossier import day_if
from adapter.making.new_actuals import COST, UNBILLED
from adapter.making.priced import NO_PRICE, Ask, Priced, ruled, switches_of
from adapter.making.pricing import cost_on, cost_price, price_on, sales_price
from adapter.making.story_effects import estimated_worth, used_worth
from adapter.making.story_parts import Effects
from adapter.making.story_words import Words, first_used
from adapter.making.work_lines import Around
from adapter.reading.settings import Settings
from adapter.reading.store import Records
from adapter.values.field_service import WorkOrder, WorkOrderLine
from adapter.values.forecast_rows import EstimateLine
from adapter.values.money import ZERO, CurrencyRule


class LinePrices(Struct, frozen=True, kw_only=True):
    """Price and cost of one unit of a line: when it was used, and when it was planned."""

    sale: Priced = NO_PRICE
    cost: Priced = NO_PRICE
    planned_sale: Priced = NO_PRICE
    planned_cost: Priced = NO_PRICE


class Valued(Struct, frozen=True, kw_only=True):
    """What a line is worth in one currency, estimated or used."""

    type: str  # estimate, used; estimate cost where it costs in another currency than it sells
    currency: str
    amount: Decimal
    effects: Effects


def valued(
    line: WorkOrderLine, prices: LinePrices, own: str, rule_of: Callable[[str], CurrencyRule]
) -> Iterator[Valued]:
    """What a line is worth at its prices: price lists have their own currency, the line `own`.

    Amounts of different currencies never stand in one.
    """
    sold, spent = _currency(prices.planned_sale, own), _currency(prices.planned_cost, own)
    estimated = estimated_worth(line, prices.planned_sale.price, prices.planned_cost.price,
                                rule_of(sold), rule_of(spent))  # fmt: skip
    if estimated is not None:
        sale, cost = estimated
        is_one = sold == spent or not cost[1]
        yield Valued(type="estimate", currency=sold, amount=sale[1],
                     effects=estimated if is_one else (sale,))  # fmt: skip
        if not is_one:
            yield Valued(type="estimate cost", currency=spent, amount=cost[1], effects=(cost,))
    currency = _currency(prices.sale, own)
    used = used_worth(line, prices.sale.price, rule_of(currency))
    if used is not None:
        yield Valued(type="used", currency=currency, amount=used, effects=(("used", used),))


def _currency(priced: Priced, own: str) -> str:
    return priced.currency_code if priced.basis == "price-list" else own


class Prices:
    """Prices of work order lines; each is looked up once."""

    def __init__(self, records: Records, settings: Settings, words: Words) -> None:
        self.records = records
        self.settings = settings
        self.words = words
        self.switches = switches_of(settings)
        self._known: dict[str, tuple[Priced, Priced]] = {}
        self._planned: dict[str, tuple[Priced, Priced]] = {}
        self._shared: dict[tuple[object, ...], Priced] = {}

    def of(self, line: WorkOrderLine) -> tuple[Priced, Priced]:
        """Sale and cost of one unit, and where they came from."""
        known = self._known.get(line.id)
        if known is None:
            ask = self._ask(line, self.day_of(line))
            known = self._known[line.id] = self._sale(ask), self._cost(ask)
        return known

    def planned(self, line: WorkOrderLine) -> tuple[Priced, Priced]:
        """Sale and cost of one unit as it was planned: by the day of its estimate lines.

        Usage on another day prices nothing that was estimated (domain R-072, 7). Without a day
        of its own an estimate is priced like the line.
        """
        known = self._planned.get(line.id)
        if known is None:
            rows = self.records.where(EstimateLine, "line", line.id)
            sold, spent = planned_days(rows)
            sale, cost = self.of(line)
            if sold is not None and sale.basis != "line":
                sale = self._sale(self._ask(line, sold))
            if spent is not None and cost.basis != "line":
                cost = self._cost(self._ask(line, spent))
            known = self._planned[line.id] = sale, cost
        return known

    def all_of(self, line: WorkOrderLine) -> LinePrices:
        """All prices of a line."""
        (sale, cost), (planned_sale, planned_cost) = self.of(line), self.planned(line)
        return LinePrices(sale=sale, cost=cost, planned_sale=planned_sale,
                          planned_cost=planned_cost)  # fmt: skip

    def shared(
        self, line: WorkOrderLine, planned: tuple[date | None, date | None]
    ) -> LinePrices:
        """As `all_of`, looked up once for all lines alike, so its findings are of any of them.

        `planned` are the days for which its sale and its cost are planned.
        """
        price, cost = price_on(line, self.switches), cost_on(line, self.switches)
        used = self.day_of(line)
        sale_of, cost_of = partial(self._alike, True, line), partial(self._alike, False, line)
        said = (Priced(price=price or ZERO, basis="line"), Priced(price=cost or ZERO, basis="line"))
        return LinePrices(
            sale=sale_of(used) if price is None else said[0],
            cost=cost_of(used) if cost is None else said[1],
            planned_sale=sale_of(planned[0] or used) if price is None else said[0],
            planned_cost=cost_of(planned[1] or used) if cost is None else said[1],
        )

    def _alike(self, is_sale: bool, line: WorkOrderLine, day: date | None) -> Priced:
        """What price lists say of lines of one product, unit, project, lists and day."""
        order = self.records.one(WorkOrder, line.work_order)
        of_order = (None, None) if order is None else (order.project, order.price_list)
        key = (is_sale, day, line.product, line.unit, line.price_list, *of_order)
        known = self._shared.get(key)
        if known is None:
            ask = self._ask(line, day)
            known = self._shared[key] = self._sale(ask) if is_sale else self._cost(ask)
        return known

    def _ask(self, line: WorkOrderLine, day: date | None) -> Ask:
        return Ask(line=line.id, work_order=line.work_order, product=line.product,
                   unit=line.unit, record=line.id, switches=self.switches, day=day)  # fmt: skip

    def _sale(self, ask: Ask) -> Priced:
        return ruled(sales_price(ask, self.records), self.settings)

    def _cost(self, ask: Ask) -> Priced:
        return ruled(cost_price(ask, self.records), self.settings)

    def day_of(self, line: WorkOrderLine) -> date | None:
        """The company's day by which price lists are chosen: that of the usage (R-072).

        Before there is usage, that of the completed work order, else of the line's last
        change (inferred).
        """
        order = self.records.one(WorkOrder, line.work_order)
        used = first_used(self.records, line.id)
        at = used or (order.completed_on if order is not None else None) or line.modified_on
        return day_if(at, self.words.zone(self.words.owners.of_order(line.work_order)))

    def __call__(self, around: Around) -> tuple[Priced, Priced]:
        return self.of(around.line)


def planned_days(rows: Iterable[EstimateLine]) -> tuple[date | None, date | None]:
    """The first days for which the sale and the cost of a line are planned."""
    days: dict[str | None, date] = {}
    for row in rows:
        day = row.document_date
        if day is not None:
            days[row.transaction_type] = min(day, days.get(row.transaction_type, day))
    return days.get(UNBILLED), days.get(COST)
