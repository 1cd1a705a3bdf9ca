"""Facts of projects, tasks, agreements and the work order's head."""

from adapter.deciding.dossier import Dossier
from adapter.deciding.facts import fact
from adapter.deciding.fold import Fold
from adapter.values.field_service import Booking, Product, WorkOrder, WorkOrderLine
from adapter.values.project_operations import ContractingUnit, Currency, Invoice, Task


@fact("task.work_orders_count", "whole", "work orders that are linked to the task", "1",
      group="task", source="domain R-024")  # fmt: skip
def task_work_orders(d: Dossier, _fold: Fold) -> int:
    return 0 if d.task is None else len(d.records.where(WorkOrder, "task", d.task.id))


def task_of(d: Dossier) -> Task | None:
    """The task that the work order is linked to, whichever task its usage names."""
    return d.records.one(Task, d.work_order.task) if d.work_order is not None else None


@fact("work_order.task_name", "text", "name of the task that the work order is linked to",
      "Install pump", group="work_order", source="domain R-024")  # fmt: skip
def work_order_task_name(d: Dossier, _fold: Fold) -> str | None:
    task = task_of(d)
    return task.name if task is not None else None


@fact("work_order.task_work_orders", "whole", "work orders that are linked to its task", "1",
      group="work_order", source="domain R-024")  # fmt: skip
def work_order_task_work_orders(d: Dossier, _fold: Fold) -> int:
    key = d.work_order.task if d.work_order is not None else None
    return len(d.records.where(WorkOrder, "task", key))


@fact("work_order.task_is_summary", "flag", "its task has tasks below it", "no",
      group="work_order", source="domain R-025")  # fmt: skip
def work_order_task_is_summary(d: Dossier, _fold: Fold) -> bool | None:
    task = task_of(d)
    return task.is_summary if task is not None else None


@fact("work_order.linked_after_posting", "flag",
      "the project was set after the work order was posted", "no",
      group="work_order", source="domain R-021")  # fmt: skip
def linked_after_posting(d: Dossier, _fold: Fold) -> bool:
    order = d.work_order
    if order is None or order.closed_on is None or order.project_linked_on is None:
        return False
    return order.project_linked_on > order.closed_on


@fact("work_order.bookings_outside_task", "flag",
      "a booking of the work order lies outside the dates of its task", "no",
      group="work_order", source="domain R-027")  # fmt: skip
def bookings_outside_task(d: Dossier, _fold: Fold) -> bool:
    task, order = task_of(d), d.work_order
    if task is None or order is None or task.start is None or task.finish is None:
        return False
    return any(
        (b.start is not None and b.start < task.start)
        or (b.finish is not None and b.finish > task.finish)
        for b in d.records.where(Booking, "work_order", order.id)
    )


@fact("work_order.has_own_invoice", "flag", "Field Service made an invoice of the work order",
      "no", group="work_order", source="domain R-193")  # fmt: skip
def has_own_invoice(d: Dossier, _fold: Fold) -> bool:
    key = d.work_order.id if d.work_order is not None else None
    found = d.records.where(Invoice, "work_order", key)
    return any(invoice.order_type != "work-based" for invoice in found)


@fact("work_order.currency_code", "text", "ISO code of the work order's currency", "USD",
      group="work_order", source="domain R-017")  # fmt: skip
def work_order_currency(d: Dossier, _fold: Fold) -> str | None:
    currency = d.records.one(Currency, d.work_order.currency) if d.work_order else None
    return currency.code if currency is not None else None


@fact("work_order.product_companies", "whole",
      "companies that the products on the lines of the work order belong to", "1",
      group="work_order", source="domain R-042")  # fmt: skip
def product_companies(d: Dossier, _fold: Fold) -> int:
    if d.work_order is None:
        return 0
    lines = d.records.where(WorkOrderLine, "work_order", d.work_order.id)
    products = [d.records.one(Product, line.product) for line in lines]
    return len({p.company for p in products if p is not None and p.company})


@fact("project.finish_has_passed", "flag",
      "the project's actual finish date is before the transaction date", "no",
      source="domain R-016")  # fmt: skip
def finish_has_passed(d: Dossier, _fold: Fold) -> bool:
    finish = d.project.actual_finish if d.project is not None else None
    return finish is not None and d.day is not None and finish < d.day


@fact("project.unit_currency", "text", "currency of the project's contracting unit", "USD",
      group="project", source="domain R-009")  # fmt: skip
def unit_currency(d: Dossier, _fold: Fold) -> str | None:
    if d.project is None:
        return None
    unit = d.records.one(ContractingUnit, d.project.contracting_unit)
    currency = d.records.one(Currency, unit.currency) if unit is not None else None
    return currency.code if currency is not None else None
