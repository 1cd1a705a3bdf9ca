"""Labour and expenses of a work order, priced by the project (domain 2.1, labour path).

Work order totals of the vendor leave time entries out; these do not. Approved and not yet
approved entries are both priced, and told apart. Pure: nothing is sent, nothing approved.
"""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from fractions import Fraction

from msgspec import Struct
from msgspec.structs import replace

from adapter.making.documents import sourced_finding
from adapter.making.entered_twice import labour_entered_twice
from adapter.making.labour_lines import (
    APPROVED,
    CHARGEABLE,
    EXPENSE,
    TIME,
    billing_of,
    billing_type_of,
    expenses_of,
    labour_twice,
    time_entries_of,
)
from adapter.making.new_actuals import COST, UNBILLED
from adapter.making.priced import Ask, Priced, Worth, ruled, switches_of, worth
from adapter.making.pricing import cost_price, sales_price
from adapter.making.work_lines import hours
from adapter.reading.settings import Settings
from adapter.reading.store import Records
from adapter.values.field_service import Resource, TimeEntry, WorkOrder
from adapter.values.finding import Finding
from adapter.values.money import ZERO, ratio_rounded
from adapter.values.prices import Expense
from adapter.values.project_operations import Project


class LabourLine(Struct, frozen=True, kw_only=True):
    """One time entry or expense with what it costs and what it sells for.

    `quantity` is hours (two decimals) or the expense's quantity; `minutes` are exact. `sales` is
    None where nothing is billed, and `why_no_sales` says why.
    """

    record: str
    transaction_class: str  # time, expense
    cost: Worth
    sales: Worth | None = None
    why_no_sales: str = ""
    status: str | None = None
    is_approved: bool = False
    billing_type: str = CHARGEABLE
    day: date | None = None
    resource: str | None = None
    role: str | None = None
    category: str | None = None
    project: str | None = None
    task: str | None = None
    work_order: str | None = None
    contract_line: str | None = None
    minutes: int | None = None
    quantity: Decimal = ZERO
    by_task: bool = False  # it belongs to the work order by its task only (inferred)
    findings: tuple[Finding, ...] = ()


class LabourTotal(Struct, frozen=True, kw_only=True, order=True):
    """A sum; different currencies, types, classes and states are never added."""

    is_approved: bool
    transaction_class: str
    type: str  # cost, unbilled-sales
    currency: str
    amount: Decimal


class Labour(Struct, frozen=True, kw_only=True):
    """Labour and expenses of one work order: lines by key, totals, findings."""

    work_order: str
    lines: tuple[LabourLine, ...] = ()
    totals: tuple[LabourTotal, ...] = ()
    findings: tuple[Finding, ...] = ()


class LabourPrices:
    """Prices of labour by the lists of a workspace: for what is alike, each is found once.

    A price with a finding, or as a person entered it, is of one entry only.
    """

    def __init__(self, records: Records, settings: Settings) -> None:
        self.records = records
        self.settings = settings
        self.switches = switches_of(settings)
        self._known: dict[tuple[Ask, bool], Priced] = {}

    def of(self, ask: Ask, record: str, *, is_sale: bool) -> Priced:
        """What one unit sells for or costs; `record` is the one that asks."""
        known = self._known.get((ask, is_sale))
        if known is None:
            price = sales_price if is_sale else cost_price
            known = ruled(price(replace(ask, record=record), self.records), self.settings)
            if known.basis == "price-list" and not known.findings:
                self._known[ask, is_sale] = known
        return known


def labour(
    work_order_id: str, records: Records, settings: Settings | None = None,
    prices: LabourPrices | None = None,
) -> Labour:  # fmt: skip
    """Every time entry and expense of a work order with cost and sale (domain R-074, R-076).

    Hours are minutes / 60 with the two decimals that an actual's quantity has (domain 4.1); prices
    are those of roles by price list, day and company of the resource. Canceled entries,
    absence and vacation are left out. What is not chargeable stands in the lines and in no
    total. An unknown work order has no labour. `prices` are those of these records and settings,
    where many work orders are asked.
    """
    prices = prices or LabourPrices(records, settings or Settings())
    order = records.one(WorkOrder, work_order_id)
    if order is None:
        return Labour(work_order=work_order_id)
    entries = time_entries_of(order, records)
    expenses = expenses_of(order, records)
    if not entries and not expenses:
        return Labour(work_order=work_order_id)
    lines = [_of_time(one, order, prices) for one in entries]
    lines += [_of_expense(one, by_task, order, prices) for one, by_task in expenses]
    return Labour(
        work_order=work_order_id,
        lines=tuple(lines),
        totals=_totals(lines),
        findings=(*labour_twice(order, entries, records),
                  *labour_entered_twice(entries, (one for one, _ in expenses))),
    )


def _of_time(entry: TimeEntry, order: WorkOrder, prices: LabourPrices) -> LabourLine:
    resource = prices.records.one(Resource, entry.resource)
    ask = Ask(
        role=entry.role,
        category=entry.category if entry.role is not None else None,
        day=entry.day,
        project=entry.project or order.project,
        company=None if resource is None else resource.company,
        resourcing_unit=entry.resourcing_unit,
        resource=entry.resource,
        switches=prices.switches,
    )
    minutes = entry.duration
    is_known = minutes is not None and minutes >= 0  # below zero is no duration (domain R-053)
    found = () if is_known else (_no_quantity(entry.id, "minutes"),)
    worked = hours(minutes if is_known else 0) or ZERO
    return _line(
        ask, Fraction(worked), entry, order, prices, klass=TIME, found=found,
        status=entry.entry_status, minutes=entry.duration,
        billing_type=billing_type_of(entry.task, entry.role, prices.records),
    )  # fmt: skip


def _of_expense(
    expense: Expense, by_task: bool, order: WorkOrder, prices: LabourPrices
) -> LabourLine:
    resource = prices.records.one(Resource, expense.resource)
    quantity = expense.quantity
    entered = expense.unit_cost
    if entered is None and expense.amount is not None and quantity == 1:
        entered = expense.amount
    ask = Ask(
        category=expense.category,
        unit=expense.unit,
        day=expense.day,
        project=expense.project or order.project,
        company=None if resource is None else resource.company,
        resourcing_unit=expense.resourcing_unit,
        resource=expense.resource,
        entered=entered,
        entered_currency=expense.currency,
        switches=prices.switches,
    )
    found = () if quantity is not None else (_no_quantity(expense.id, "quantity"),)
    return _line(
        ask, Fraction(quantity or 0), expense, order, prices, klass=EXPENSE,
        found=found, status=expense.expense_status, by_task=by_task,
        billing_type=billing_type_of(expense.task, None, prices.records),
    )  # fmt: skip


def _line(
    ask: Ask, quantity: Fraction, entry: TimeEntry | Expense, order: WorkOrder,
    prices: LabourPrices, *, klass: str, found: tuple[Finding, ...],
    status: str | None, billing_type: str, minutes: int | None = None, by_task: bool = False,
) -> LabourLine:  # fmt: skip
    records = prices.records
    billing = billing_of(entry.id, klass, records.one(Project, ask.project), records)
    cost = worth(prices.of(ask, entry.id, is_sale=False), quantity)
    sales = None
    if billing.is_billed:
        sales = worth(prices.of(ask, entry.id, is_sale=True), quantity)
    if records.has_faults:
        kind = TimeEntry if isinstance(entry, TimeEntry) else Expense
        found = (*records.faults(kind, entry.id), *found)
    if isinstance(entry, Expense):
        found += _differs(entry, quantity, cost, prices.settings)
    parts = (cost,) if sales is None else (cost, sales)
    for part in parts:
        found += (*part.priced.findings, *part.findings)
    return LabourLine(
        record=entry.id,
        transaction_class=klass,
        cost=cost,
        sales=sales,
        why_no_sales=billing.why,
        status=status,
        is_approved=status in APPROVED,
        billing_type=billing_type,
        day=ask.day,
        resource=ask.resource,
        role=ask.role,
        category=entry.category,
        project=ask.project,
        task=entry.task or order.task,
        work_order=order.id,
        contract_line=billing.line,
        minutes=minutes,
        quantity=cost.quantity,
        by_task=by_task,
        findings=tuple(dict.fromkeys((*found, *billing.findings))),
    )


def _differs(
    expense: Expense, quantity: Fraction, cost: Worth, settings: Settings
) -> tuple[Finding, ...]:
    """LAB703: what a person entered as the amount is not quantity times price."""
    said = expense.amount
    rule = settings.currency_rule(cost.priced.currency_code)
    if said is None or cost.priced.basis != "entry" or quantity == 0:
        return ()
    if ratio_rounded(Fraction(said), rule) == cost.amount:
        return ()
    finding = sourced_finding(
        "LAB703", expense.id,
        f"the expense says {said}, its quantity times its price is {cost.amount}",
        "Correct the quantity, the price or the amount of the expense.",
        "inferred: amount is quantity times price", ("amount", said), ("computed", cost.amount),
    )  # fmt: skip
    return (finding,)


def _no_quantity(record: str, what: str) -> Finding:
    return sourced_finding(
        "LAB702", record, f"the entry has no {what}: it is worth nothing",
        f"Enter the {what}.", "domain R-053, R-076",
    )  # fmt: skip


def _totals(lines: Iterable[LabourLine]) -> tuple[LabourTotal, ...]:
    sums: dict[tuple[bool, str, str, str], Decimal] = {}
    for line in lines:
        sold = line.sales if line.billing_type == CHARGEABLE else None
        for type_, part in ((COST, line.cost), (UNBILLED, sold)):
            if part is not None:
                key = (line.is_approved, line.transaction_class, type_, part.priced.currency_code)
                sums[key] = sums.get(key, ZERO) + part.extended
    return tuple(
        LabourTotal(is_approved=approved, transaction_class=klass, type=type_, currency=code,
                    amount=amount)
        for (approved, klass, type_, code), amount in sorted(sums.items())
    )  # fmt: skip
