"""From records to moments: what happened, when, for how much, and which sum it belongs to."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal

from adapter.deciding.dossier import day_if
from adapter.making.new_actuals import BILLED, COST, UNBILLED
from adapter.making.priced import said
from adapter.making.story_days import Days
from adapter.making.story_effects import (
    CHARGEABLE,
    COST_OF_LINE,
    effects_of,
    net_of,
    posted_effects,
    stage_of,
)
from adapter.making.story_judged import Judged
from adapter.making.story_labour import with_worth
from adapter.making.story_parts import LAST, Moment, Places
from adapter.making.story_prices import LinePrices, Valued, valued
from adapter.making.story_scope import Scope
from adapter.making.story_words import Words, approved_at, first_used
from adapter.making.verdict_parts import name_of
from adapter.making.work_lines import estimated_of, hours, to_bill_of, used_of
from adapter.reading.settings import Settings
from adapter.reading.store import Records
from adapter.values.actuals import Actual, Approval
from adapter.values.field_service import TimeEntry, Usage, WorkOrderLine
from adapter.values.forecast_rows import EstimateLine
from adapter.values.money import ZERO
from adapter.values.project_operations import Invoice, Milestone, Retainer


class Narrator:
    """Tells the moments of records of one environment."""

    def __init__(
        self, records: Records, settings: Settings, words: Words, judged: Judged
    ) -> None:
        self.records = records
        self.settings = settings
        self.words = words
        self.judged = judged
        self.days = Days(records, words, judged.events)

    def told(self, scope: Scope) -> Iterator[Moment]:
        """All moments, in no order."""
        for line in scope.lines:
            yield from self.line(line)
        for usage in scope.usages:
            yield from self.usage(usage)
        for entry in scope.entries:
            yield self.entry(entry)
        for actual in scope.actuals:
            yield from self.actual(actual)
        billed = self.billed(scope.actuals) if scope.invoices else {}
        for invoice in scope.invoices:
            yield self.invoice(invoice, billed.get(invoice.id, {}))
        for milestone in scope.milestones:
            yield self.due(milestone, "milestone")
        for retainer in scope.retainers:
            yield self.due(retainer, "retainer")

    def line(self, line: WorkOrderLine) -> Iterator[Moment]:
        """What was estimated on a work order line, and what was used, at the line's price."""
        words = self.words
        currency = words.currency[line.currency] or words.order_currency(line.work_order)
        places = words.line_places(line)
        unit, product = words.unit[line.unit], words.product[line.product] or line.name or ""
        prices = self.judged.prices.get(line.id) or LinePrices()
        zone = words.zone(words.owners.of_order(line.work_order))
        for one in valued(line, prices, currency, self.settings.currency_rule):
            is_used = one.type == "used"
            quantity = used_of(line) if is_used else estimated_of(line)
            at = first_used(self.records, line.id) if is_used else None
            day = day_if(at, zone)
            values: tuple[tuple[str, object], ...]
            if is_used:
                values = (
                    ("price", said(prices.sale)), ("cost of one", said(prices.cost)),
                    ("to bill", to_bill_of(line)), ("discount %", line.discount_percent),
                    ("serial", line.serial_number), ("batch", line.batch_number),
                )  # fmt: skip
            else:
                day, at = planned_on(self.records.where(EstimateLine, "line", line.id))
                values = self._estimated(one, prices)
            yield Moment(
                stage="used" if is_used else "estimate", key=line.id, name=line.name or line.id,
                what=f"{plain(quantity)} {unit or hour(line)} of {product} "
                + ("used" if is_used else "estimated"),
                at=at, day=day, type=one.type, amount=one.amount, currency=one.currency,
                places=places, effects=one.effects, values=values,
            )  # fmt: skip

    @staticmethod
    def _estimated(one: Valued, prices: LinePrices) -> tuple[tuple[str, object], ...]:
        """Where the amounts of an estimate come from."""
        cost = ("cost of one", said(prices.planned_cost))
        if one.type != "estimate":
            return (cost,)
        sale = ("price", said(prices.planned_sale))
        worth = dict(one.effects).get(COST_OF_LINE)
        return (sale,) if worth is None else (sale, ("cost", worth), cost)

    def usage(self, usage: Usage) -> Iterator[Moment]:
        """A usage log, and the approvals it was given."""
        words = self.words
        zone = words.work_zone(usage.work_order, usage.project)
        product = words.product[usage.product] or usage.write_in_product or ""
        places = words.work_places(usage.work_order, usage.project)
        yield Moment(
            stage="usage", key=usage.id, name=f"usage {usage.id[:8]}", at=usage.used_at,
            day=day_if(usage.used_at, zone),
            what=f"usage log of {plain(usage.quantity)} {words.unit[usage.unit]} {product}, "
            f"{usage.usage_status or 'no status'}",
            places=places,
            values=(("to bill", usage.quantity_to_bill), ("serial", usage.serial_number),
                         ("batch", usage.batch_number),
                         ("warehouse", words.warehouse[usage.warehouse]),
                         ("recorded offline", "yes" if usage.created_offline else None)),
        )  # fmt: skip
        for approval in self.records.where(Approval, "usage", usage.id):
            at, day = approved_at(approval, self.records.where(Actual, "usage", usage.id), zone)
            how = " by the automatic approval" if approval.is_automatic else ""
            yield Moment(
                stage="approval", key=approval.id, name=f"approval {approval.id[:8]}", at=at,
                day=day, places=places,
                what=f"{plain(approval.quantity or usage.quantity)} {words.unit[usage.unit]}"
                f" {product} {approval.stage or 'without stage'}{how}",
                values=(("quantity", approval.quantity),
                             ("to bill", approval.billable_quantity),
                             ("billing type", approval.billing_type)),
            )  # fmt: skip

    def entry(self, entry: TimeEntry) -> Moment:
        """A time entry. Once it is approved, its actuals tell what it costs and sells for."""
        time, role = hours(entry.duration), self.words.role[entry.role]
        told = Moment(
            stage="labour", key=entry.id, name=f"time {entry.id[:8]}", day=entry.day,
            what=f"{plain(time)} {'hour' if time == 1 else 'hours'}{f' of {role}' if role else ''}"
            f", {entry.entry_status or 'no status'}",
            places=self.words.work_places(entry.work_order, entry.project),
        )  # fmt: skip
        known = self.judged
        return with_worth(told, known.labour.get(entry.id), known.backed.get(entry.id))

    def actual(self, actual: Actual) -> Iterator[Moment]:
        """An actual, and what Finance wrote back on it."""
        words = self.words
        at = actual.started_at
        day = self.days.of(actual)
        currency = words.currency[actual.currency]
        net = net_of(actual)
        places = words.places(actual)
        name = name_of(actual.id)
        yield Moment(
            stage=stage_of(actual, self.judged.events.get(actual.id, "")), key=actual.id,
            name=name, at=actual.created_on or at, day=day,
            version=actual.version or 0, what=sentence(actual, words.product[actual.product]),
            type=actual.transaction_type or "", amount=net, currency=currency, places=places,
            because=self.judged.events.get(actual.id, ""), effects=effects_of(actual, net),
            values=(
                ("quantity", actual.quantity), ("price", actual.price),
                ("discount", actual.discount_amount), ("tax", actual.tax),
                ("class", actual.transaction_class), ("billing type", actual.billing_type),
                ("billing status", actual.billing_status),
                ("adjustment", actual.adjustment_status),
                ("price list", words.price_list[actual.price_list]),
            ),
        )  # fmt: skip
        if actual.voucher or actual.adjustment_value:
            yield self.posted(actual, net, currency, places)

    def posted(
        self, actual: Actual, net: Decimal | None, currency: str, places: Places
    ) -> Moment:
        """What Finance wrote back: voucher, rate, tax, and the difference to our cost."""
        drift = actual.adjustment_value
        what = sentence(actual, self.words.product[actual.product])
        what += f" posted as {actual.voucher}" if actual.voucher else " adjusted in Finance"
        if drift and actual.transaction_type == COST:
            listed = actual.amount or ZERO
            less = "less" if drift < 0 else "more"
            what += (f": it cost {plain(listed + drift)}, {plain(abs(drift))} {less} than by the "
                     f"price list ({plain(listed)}), since Finance issues stock at its own cost")
        day = self.days.posted(actual)
        said = None if day is not None else "not in the records, not before this one"
        return Moment(
            stage="posted", key=actual.id, name=name_of(actual.id), at=None,
            day=day or self.days.posted_at_least(actual), is_dated=day is not None, what=what,
            type="posted", currency=currency, places=places,
            amount=drift if actual.transaction_type == COST and drift else None,
            effects=posted_effects(actual, net),
            values=(("exchange rate", rate if (rate := actual.exchange_rate) != 1 else None),
                         ("tax", actual.tax), ("adjustment value", drift),
                    ("day of posting", said)),
        )  # fmt: skip

    def billed(self, actuals: Iterable[Actual]) -> dict[str, dict[str, Decimal]]:
        """What stands on each proforma, by currency: chargeable billed sales."""
        found: dict[str, dict[str, Decimal]] = {}
        for actual in actuals:
            is_paid = actual.billing_type == CHARGEABLE and actual.transaction_type == BILLED
            if actual.invoice is not None and is_paid:
                sums = found.setdefault(actual.invoice, {})
                currency = self.words.currency[actual.currency]
                sums[currency] = sums.get(currency, ZERO) + (net_of(actual) or ZERO)
        return found

    def invoice(self, invoice: Invoice, sums: Mapping[str, Decimal]) -> Moment:
        """A proforma as it stands."""
        said = ", ".join(f"{c} {plain(v)}" for c, v in sorted(sums.items()))
        return Moment(
            stage="proforma", key=invoice.id, name=invoice.number or invoice.id,
            day=invoice.invoice_date, what=f"proforma {invoice.invoice_status or 'without status'}",
            values=(("customer invoice", invoice.posted_number), ("posted on", invoice.posted_on),
                    ("total on the proforma", invoice.total), ("billed here", said or None),
                         ("customer", self.words.account[invoice.customer])),
        )  # fmt: skip

    def due(self, due: Milestone | Retainer, stage: str) -> Moment:
        """A milestone or a retainer of the contract."""
        status = (due.invoice_status or "no status").replace("-", " ")
        currency, left = self.words.currency[due.currency], self.judged.advances.get(due.id)
        return Moment(
            stage=stage, key=due.id, name=due.name or due.id, day=due.invoice_date,
            what=f"{stage} of {currency} {plain(due.amount)}: {status}",
            currency=currency if left else "", effects=(("advances", left),) if left else (),
        )  # fmt: skip


def planned_on(estimates: Iterable[EstimateLine]) -> tuple[date | None, datetime | None]:
    """Day and instant of the first estimate line of a work order line, which has none itself."""
    days = [(row.document_date, row.modified_on or LAST) for row in estimates
            if row.document_date is not None]  # fmt: skip
    day, at = min(days, default=(None, LAST))
    return day, None if at is LAST else at


def sentence(actual: Actual, product: str) -> str:
    """What an actual is, in one sentence."""
    kind = {COST: "cost", UNBILLED: "unbilled sales", BILLED: "billed sales"}.get(
        actual.transaction_type or "", (actual.transaction_type or "actual").replace("-", " ")
    )
    what = actual.description or product or actual.write_in_product or "no description"
    turned = actual.quantity is not None and actual.quantity < 0
    said = f"{kind} of {what}"
    if actual.adjustment_status == "unadjustable" and turned:
        said = f"reversal of {said}"
    elif actual.is_correction:
        said = f"correction: {said}"
    if actual.billing_type not in (None, CHARGEABLE) and actual.transaction_type != COST:
        said += f", {actual.billing_type}"
    return said


def plain(value: Decimal | None) -> str:
    """A number as people write it: no exponent, no zeros that say nothing beyond cents."""
    if value is None:
        return "no"
    text = f"{value:f}"
    if "." in text:
        whole, _, part = text.partition(".")
        part = part.rstrip("0")
        text = whole if not part else f"{whole}.{part.ljust(2, '0')}"
    return text


def hour(line: WorkOrderLine) -> str:
    """The unit of a line that names none: services are by the hour."""
    return "hours" if line.kind == "service" else "units"
