"""Expenses in flight, and what is planned: estimate lines, item forecasts of Finance (domain 7)."""

from collections.abc import Iterator

from adapter.making.equation import UNKNOWN
from adapter.making.flight import NO_CLASS, Amount, Flown
from adapter.making.labour_lines import APPROVED, LEFT_OUT
from adapter.making.scene import Scene, is_open
from adapter.making.verdict_parts import name_of
from adapter.values.field_service import WorkOrder, WorkOrderLine
from adapter.values.finance import ItemForecast
from adapter.values.forecast_rows import EstimateLine
from adapter.values.prices import Expense

Owned = tuple[str | None, Flown]  # with the code of its company; None: nobody can tell


def expenses(scene: Scene) -> Iterator[Owned]:
    """Expenses that nobody approved yet, with what they cost."""
    for one in scene.records.all(Expense):
        if one.expense_status in (*APPROVED, *LEFT_OUT):
            continue
        currency = scene.currency(one.currency)
        money = () if one.amount is None else (Amount(currency, "cost", "expense", one.amount),)
        order = scene.records.one(WorkOrder, one.work_order)
        name = f"X{name_of(one.id)[1:]} {order.number or '' if order else ''}".strip()
        yield scene.owners.of_work(one.project, one.work_order), Flown(
            kind="expense-not-approved", id=one.id, name=name, day=one.day, money=money,
            is_priced=False,  # what it sells for is known when it is approved
        )


def estimates(scene: Scene) -> Iterator[Owned]:
    """Estimates of lines that were not used yet, and the item forecasts that Finance has."""
    for row in scene.records.all(EstimateLine):
        order = scene.records.one(WorkOrder, row.work_order)
        line = scene.records.one(WorkOrderLine, row.line)
        if (order is not None and not is_open(order)) or (
            line is not None and line.line_status == "used"
        ):
            continue
        money: tuple[Amount, ...] = ()
        if row.amount is not None:
            money = (Amount(scene.currency(row.currency), f"estimated {row.transaction_type}",
                            row.transaction_class or NO_CLASS, row.amount),)  # fmt: skip
        number = order.number if order is not None else None
        yield scene.owners.of_work(row.project, row.work_order), Flown(
            kind="estimate-of-open-work", id=row.id, day=row.document_date, money=money,
            name=f"{row.description or name_of(row.id)} {number or ''}".strip(),
            is_priced=bool(money))  # fmt: skip
    for held in scene.finance.all(ItemForecast):
        yield (held.company or "").upper() or None, Flown(
            kind="forecast-in-finance", id=held.id, day=held.start, quantity=held.quantity,
            name=f"{held.transaction or held.id} {held.item_number or ''}".strip(),
            unit=held.unit or UNKNOWN, product=held.item_number or "")  # fmt: skip
