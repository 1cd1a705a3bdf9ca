"""Facts of projects, tasks, agreements and the work order's head."""

from datetime import UTC, date, datetime

import pytest

from adapter.values.field_service import Booking, Product, WorkOrder, WorkOrderLine
from adapter.values.project_operations import ContractingUnit, Invoice, Project, Task
from tests.facts_given import dossier, value
from tests.making_given import World, actual

LINKED = WorkOrder(id="wo", task="t")


def at(day: int) -> datetime:
    return datetime(2026, 3, day, 9, tzinfo=UTC)


def fact(name: str, *records: object, **said: object) -> object:
    return value(dossier(World(*records), actual("a", "cost", "2", "5", **said)), name)


def test_work_orders_of_a_task_are_counted() -> None:
    orders = [WorkOrder(id=key, task="t") for key in ("wo", "wo-2")]

    assert fact("task.work_orders_count", Task(id="t"), *orders, task="t") == 2
    assert fact("task.work_orders_count", *orders) == 0


@pytest.mark.parametrize(
    ("linked", "closed", "expected"),
    [
        (at(3), at(2), True),
        (at(2), at(2), False),
        (at(1), at(2), False),
        (None, at(2), False),
        (at(3), None, False),
    ],
)
def test_a_project_is_linked_before_the_work_order_is_posted(linked, closed, expected) -> None:
    order = WorkOrder(id="wo", project_linked_on=linked, closed_on=closed)

    assert fact("work_order.linked_after_posting", order) is expected


def test_without_a_work_order_nothing_was_linked_late() -> None:
    assert fact("work_order.linked_after_posting", work_order=None) is False
    assert fact("work_order.has_own_invoice", work_order=None) is False
    assert fact("work_order.currency_code", work_order=None) is None
    assert fact("work_order.product_companies", work_order=None) == 0


@pytest.mark.parametrize(
    ("start", "finish", "expected"),
    [
        (at(5), at(8), False),
        (at(4), at(8), True),
        (at(5), at(9), True),
        (None, None, False),
    ],
)
def test_a_booking_lies_inside_its_task(start, finish, expected) -> None:
    task = Task(id="t", start=at(5), finish=at(8))
    booking = Booking(id="b", work_order="wo", start=start, finish=finish)

    assert fact("work_order.bookings_outside_task", task, booking, LINKED) is expected


def test_a_task_without_dates_and_a_task_without_bookings_have_nothing_outside() -> None:
    early = Booking(id="b", work_order="wo", start=at(1))

    assert fact("work_order.bookings_outside_task", Task(id="t"), early, LINKED) is False
    assert fact("work_order.bookings_outside_task", early) is False


def test_the_task_is_that_of_the_work_order_whichever_its_usage_names() -> None:
    other = WorkOrder(id="wo-2", task="t")
    task = Task(id="t", name="Install pump", is_summary=True)

    assert fact("work_order.task_work_orders", LINKED, other, task) == 2
    assert fact("work_order.task_work_orders", other, task) == 0
    assert fact("work_order.task_name", LINKED, task, task="another") == "Install pump"
    assert fact("work_order.task_is_summary", LINKED, task) is True
    assert fact("work_order.task_is_summary", task) is None


def test_a_proforma_of_the_project_is_no_invoice_of_field_service() -> None:
    proforma = Invoice(id="i", work_order="wo", order_type="work-based")

    assert fact("work_order.has_own_invoice", proforma) is False


def test_an_invoice_of_the_work_order_is_found() -> None:
    assert fact("work_order.has_own_invoice", Invoice(id="i", work_order="wo")) is True
    assert fact("work_order.has_own_invoice", Invoice(id="i", work_order="wo-2")) is False


def test_the_work_order_s_currency_is_named_by_its_code() -> None:
    assert fact("work_order.currency_code", WorkOrder(id="wo", currency="gbp")) == "GBP"
    assert fact("work_order.currency_code", WorkOrder(id="wo", currency="lost")) is None


@pytest.mark.parametrize(
    ("second", "expected"), [("c-us", 1), ("c-gb", 2), (None, 1)]
)  # fmt: skip
def test_companies_of_the_products_on_a_work_order_are_counted(second, expected) -> None:
    rows = (
        Product(id="p1", company="c-us"),
        Product(id="p2", company=second),
        WorkOrderLine(id="l1", work_order="wo", product="p1"),
        WorkOrderLine(id="l2", work_order="wo", product="p2"),
        WorkOrderLine(id="l3", work_order="wo", product="lost"),
    )

    assert fact("work_order.product_companies", *rows) == expected


@pytest.mark.parametrize(
    ("finish", "expected"),
    [(None, False), (date(2026, 3, 9), True), (date(2026, 3, 10), False)],
)
def test_usage_on_the_last_day_belongs_to_the_project(finish, expected) -> None:
    assert fact("project.finish_has_passed", Project(id="p", actual_finish=finish)) is expected


def test_the_currency_of_the_contracting_unit_is_that_of_the_project() -> None:
    project = Project(id="p", contracting_unit="cu")

    assert fact("project.unit_currency", project, ContractingUnit(id="cu", currency="gbp")) == "GBP"
    assert fact("project.unit_currency", project) is None
    assert fact("project.unit_currency", project=None) is None
