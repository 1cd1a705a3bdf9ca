"""Field service and contract records in flight: what has not become an actual or an invoice.

Each comes with the code of its company (None: nobody can tell). Domain 1.2, 1.3, 2, 3.5, 5.
"""

from collections.abc import Iterator
from decimal import Decimal

from msgspec import Struct

from adapter.making.advances import is_invoiced
from adapter.making.flight import NO_CLASS, Amount, Flown
from adapter.making.in_flight_labour import labour_without_actual
from adapter.making.in_flight_planned import Owned, estimates, expenses
from adapter.making.scene import Scene, is_open
from adapter.making.verdict_parts import name_of
from adapter.making.work_lines import hours
from adapter.values.actuals import Actual, Approval
from adapter.values.field_service import (
    Agreement,
    Product,
    ProductInventory,
    TimeEntry,
    Usage,
    Warehouse,
    WorkOrder,
    WorkOrderLine,
)
from adapter.values.finance import OnHand
from adapter.values.money import ZERO, amount_of
from adapter.values.project_operations import (
    Account,
    Contract,
    ContractLine,
    Invoice,
    Milestone,
    Project,
    Retainer,
)

LEGACY = "legacy"
NOT_SUBMITTED = ("draft", "rejected", "recalled")
OPEN_INVOICE = ("draft", "in-review")
TIME_DONE = ("approved", "canceled")


class Seen(Struct, frozen=True):
    """Lines and usage logs that something came of."""

    logged: frozenset[str]  # lines with a usage log
    lines: frozenset[str]  # lines with an actual
    usages: frozenset[str]  # usage logs with an actual


def seen_of(scene: Scene) -> Seen:
    """One pass over usage and actuals."""
    lines, usages = set(), set()
    for actual in scene.records.all(Actual):
        lines.add(actual.line)
        usages.add(actual.usage)
    logged = {u.line for u in scene.records.all(Usage) if u.status != "inactive"}
    return Seen(*(frozenset(k for k in keys if k) for keys in (logged, lines, usages)))


def records_in_flight(scene: Scene, source: str) -> Iterator[Owned]:
    """Everything but actuals and our ledger, of every kind; `source` is the old model."""
    seen = seen_of(scene)
    yield from _lines(scene, seen)
    yield from _usages(scene, seen)
    yield from _times(scene)
    yield from expenses(scene)
    yield from labour_without_actual(scene)
    yield from estimates(scene)
    yield from _orders(scene)
    yield from _agreements(scene, source)
    yield from _proformas(scene)
    yield from _schedule(scene)
    yield from _stock(scene)
    for contract in scene.records.all(Contract):
        if contract.order_type not in (None, "work-based") and contract.state != "closed":
            yield scene.owners.of_contract(contract.id), Flown(
                kind="legacy-sales-order", id=contract.id, name=contract.number or contract.id
            )


def _lines(scene: Scene, seen: Seen) -> Iterator[Owned]:
    for line in scene.records.all(WorkOrderLine):
        if line.status == "inactive":
            continue
        order = scene.records.one(WorkOrder, line.work_order)
        code = scene.owners.of_work(None, line.work_order)
        name = f"{line.name or name_of(line.id)} {order.number or '' if order else ''}".strip()
        if line.line_status == "estimated" and line.allocated and (order is None or is_open(order)):
            yield code, Flown(
                kind="stock-reserved", id=line.id, name=name,
                quantity=line.estimate_quantity or line.quantity,
                unit=scene.unit(line.unit, line.product), product=_product(scene, line.product),
            )  # fmt: skip
        if line.line_status != "used":
            continue
        on_project = order is not None and order.project is not None
        money = scene.money_of(line, order)
        day = scene.day(order.completed_on) if order is not None else None
        said = {"id": line.id, "name": name, "day": day, "money": money,
                "is_priced": len(money) == 2}  # fmt: skip
        if on_project and line.id not in seen.logged and line.id not in seen.lines:
            yield code, Flown(kind="line-without-usage", **said)  # type: ignore[arg-type]
        if order is not None and not on_project and is_open(order):
            yield code, Flown(kind="legacy-used-line", **said)  # type: ignore[arg-type]


def _usages(scene: Scene, seen: Seen) -> Iterator[Owned]:
    for usage in scene.records.all(Usage):
        if usage.status == "inactive":
            continue
        state = _state_of(scene, usage)
        kind = "usage-not-submitted" if state in NOT_SUBMITTED else "usage-not-approved"
        if state == "approved":
            if usage.id in seen.usages or (usage.line is not None and usage.line in seen.lines):
                continue
            kind = "usage-without-actual"
        line = scene.records.one(WorkOrderLine, usage.line)
        order_key = usage.work_order or (line.work_order if line is not None else None)
        order = scene.records.one(WorkOrder, order_key)
        money = _usage_money(scene, usage, line, order)
        name = f"U{name_of(usage.id)[1:]} {order.number or '' if order else ''}".strip()
        yield scene.owners.of_work(usage.project, order_key), Flown(
            kind=kind, id=usage.id, name=name, day=scene.day(usage.used_at), money=money,
            is_priced=bool(money),
        )


def _state_of(scene: Scene, usage: Usage) -> str:
    """The state of a usage log; where the row does not say, that of its approval."""
    if usage.usage_status is not None:
        return usage.usage_status
    approvals = scene.records.where(Approval, "usage", usage.id)
    if not approvals:
        return "draft"
    return "approved" if approvals[-1].stage == "approved" else "submitted"


def _usage_money(
    scene: Scene, usage: Usage, line: WorkOrderLine | None, order: WorkOrder | None
) -> tuple[Amount, ...]:
    """Cost at the log's own unit cost in the project's currency; sale at the line's price."""
    of_line = scene.money_of(line, order) if line is not None else ()
    if usage.unit_cost is None or usage.quantity is None:
        return of_line
    project = scene.records.one(Project, usage.project)
    currency = scene.currency(
        project.currency if project is not None else None,
        line.currency if line is not None else None, order.currency if order is not None else None,
    )  # fmt: skip
    cost = amount_of(usage.quantity, usage.unit_cost, scene.settings.currency_rule(currency))
    sales = (a for a in of_line if a.type != "cost")
    return (Amount(currency, "cost", "material", cost), *sales)


def _times(scene: Scene) -> Iterator[Owned]:
    for entry in scene.records.all(TimeEntry):
        if entry.entry_status not in TIME_DONE:
            order = scene.records.one(WorkOrder, entry.work_order)
            name = f"T{name_of(entry.id)[1:]} {order.number or '' if order else ''}".strip()
            yield scene.owners.of_work(entry.project, entry.work_order), Flown(
                kind="time-not-approved", id=entry.id, name=name, day=entry.day, unit="h",
                quantity=hours(entry.duration),
                is_priced=False,  # priced by role when it is approved (domain 2.1)
            )


def _orders(scene: Scene) -> Iterator[Owned]:
    for order in scene.records.all(WorkOrder):
        if not is_open(order):
            continue
        money: tuple[Amount, ...] = ()
        if order.subtotal is not None:
            money = (Amount(scene.currency(order.currency), "subtotal", NO_CLASS, order.subtotal),)
        kind = "open-work-order" if order.project is not None else "legacy-work-order"
        yield scene.owners.of_work(None, order.id), Flown(
            kind=kind, id=order.id, name=order.number or order.id, money=money,
            day=scene.day(order.completed_on or order.project_linked_on),
        )


def _agreements(scene: Scene, source: str) -> Iterator[Owned]:
    for agreement in scene.records.all(Agreement):
        if agreement.system_status != "active":
            continue
        if agreement.project is None and source != LEGACY:
            continue
        account = scene.records.one(Account, agreement.billing_account)
        owner = account.company if account is not None else None
        code = scene.owners.of_project(agreement.project) or scene.owners.code(owner)
        yield code, Flown(kind="agreement-generating", id=agreement.id,
                          name=agreement.number or agreement.id)  # fmt: skip


def _proformas(scene: Scene) -> Iterator[Owned]:
    for invoice in scene.records.all(Invoice):
        is_project = invoice.order_type in (None, "work-based") and invoice.work_order is None
        if is_project and invoice.invoice_status in OPEN_INVOICE:
            money: tuple[Amount, ...] = ()
            if invoice.total is not None:
                currency = scene.currency(invoice.currency)
                money = (Amount(currency, "proforma", NO_CLASS, invoice.total),)
            yield scene.owners.of_contract(invoice.contract), Flown(
                kind="proforma-not-confirmed", id=invoice.id, day=invoice.invoice_date,
                name=f"{invoice.number or invoice.id} {invoice.invoice_status}",
                money=money, is_priced=bool(money),
            )  # fmt: skip


def _schedule(scene: Scene) -> Iterator[Owned]:
    for one in scene.records.all(Milestone):
        if one.invoice_status != "customer-invoice-posted":
            yield _due(scene, one, "milestone-not-invoiced", "milestone", one.amount)
    for advance in scene.records.all(Retainer):
        left = None if advance.amount is None else advance.amount - (advance.used_amount or ZERO)
        if not is_invoiced(advance):
            yield _due(scene, advance, "retainer-not-invoiced", "retainer", advance.amount)
        elif left is None or left:
            yield _due(scene, advance, "retainer-not-used-up", "retainer", left)


def _due(
    scene: Scene, one: Milestone | Retainer, kind: str, klass: str, amount: Decimal | None
) -> Owned:
    line = scene.records.one(ContractLine, getattr(one, "contract_line", None))
    key = one.contract or (line.contract if line is not None else None)
    contract = scene.records.one(Contract, key)
    currency = scene.currency(one.currency, contract.currency if contract is not None else None)
    money = () if amount is None else (Amount(currency, klass, klass, amount),)
    number = (contract.number if contract is not None else None) or ""
    return scene.owners.of_contract(key), Flown(
        kind=kind, id=one.id, name=f"{one.name or one.id} {number}".strip(),
        day=one.invoice_date, money=money, is_priced=amount is not None,
    )


def _stock(scene: Scene) -> Iterator[Owned]:
    known: dict[str, str | None] = {}
    for place in scene.records.all(Warehouse):
        if place.number:
            known[place.number] = scene.owners.code(place.company)
    for stock in scene.records.all(ProductInventory):
        if not stock.quantity_on_hand:
            continue
        warehouse = scene.records.one(Warehouse, stock.warehouse)
        part = _product(scene, stock.product)
        where = (warehouse.number or warehouse.name if warehouse else None) or stock.warehouse
        owner = warehouse.company if warehouse is not None else None
        yield scene.owners.code(owner), Flown(
            kind="stock-on-hand", id=stock.id, name=f"{part} in {where}",
            quantity=stock.quantity_on_hand, unit=scene.unit(None, stock.product),
            product=part,
        )
    for held in scene.finance.all(OnHand):
        if held.available and held.warehouse in known:
            yield (held.company or "").upper() or None, Flown(
                kind="stock-in-finance", id=held.id, quantity=held.available,
                name=f"{held.item_number} in {held.site}/{held.warehouse}", unit="inventory unit",
                product=held.item_number or "",
            )


def _product(scene: Scene, id: str | None) -> str:
    """What people call a product: its number, else its name, else its id."""
    product = scene.records.one(Product, id)
    return (product.number or product.name if product is not None else None) or id or ""
