"""Facts of usage lines: decimals, units, and entries that look like the same work twice."""

from decimal import Decimal

import pytest

from adapter.deciding.facts_line import fold_entries
from adapter.deciding.fold import Fold
from adapter.values.actuals import Actual
from adapter.values.field_service import Product, TimeEntry, WorkOrderLine
from tests.facts_given import dossier, value
from tests.making_given import World, actual, on

D = Decimal


def fact(name: str, *records: object, **said: object) -> object:
    return value(dossier(World(*records), actual("a", "cost", "2", "5", **said)), name)


def duplicate(first: dict[str, object], second: dict[str, object]) -> object:
    world, fold = World(), Fold()
    base = {"resource": "r", "origin": "usage"}
    for key, said in (("a-1", first), ("a-2", second)):
        merged = base | {"kind": "cost", "quantity": "3"} | said
        one = actual(key, str(merged.pop("kind")), str(merged.pop("quantity")), "5", **merged)
        d = dossier(world, one)
        found = value(d, "duplicate.of", fold)
        fold_entries(d, fold)
    return found


def test_the_same_work_twice_names_the_first_entry() -> None:
    assert duplicate({}, {}) == "a-1"
    assert duplicate({"started_at": on(10)}, {"started_at": on(10).replace(hour=8)}) == "a-1"


@pytest.mark.parametrize(
    "second",
    [
        {"quantity": "4"},
        {"quantity": "-3"},
        {"resource": "other"},
        {"resource": None},
        {"product": None},
        {"started_at": on(11)},
        {"work_order": None},
        {"kind": "unbilled-sales"},
        {"serial_number": "SN-1"},
        {"adjustment_status": "adjusted"},
        {"origin": "vendor-invoice"},
        {"transaction_class": "time"},
    ],
)
def test_what_differs_or_takes_back_is_no_double(second) -> None:
    assert duplicate({}, second) is None


def test_what_was_adjusted_does_not_make_its_correction_a_double() -> None:
    assert duplicate({"adjustment_status": "adjusted"}, {}) is None


@pytest.mark.parametrize(
    ("quantity", "expected"),
    [("2", 0), ("2.50", 1), ("0.001", 3), ("100", 0), ("1E+3", 0), ("-1.25", 2)],
)
def test_decimals_that_matter_are_counted(quantity, expected) -> None:
    one = dossier(World(), actual("a", "cost", quantity, "5"))

    assert value(one, "actual.quantity_decimals") == expected


def test_a_missing_quantity_has_no_decimals() -> None:
    one = dossier(World(), Actual(id="a", transaction_type="cost"))

    assert value(one, "actual.quantity_decimals") is None


@pytest.mark.parametrize(
    ("used", "billed", "expected"),
    [("2", "3", True), ("2", "2", False), ("2", None, False), (None, "2", False)],
)
def test_a_line_bills_more_than_was_used(used, billed, expected) -> None:
    line = WorkOrderLine(id="l", quantity=used and D(used), quantity_to_bill=billed and D(billed))

    assert fact("line.bills_more", line, line="l") is expected


@pytest.mark.parametrize(
    ("used", "billed", "expected"), [(60, 90, True), (90, 90, False), (60, None, False)]
)
def test_a_service_bills_more_minutes_than_were_worked(used, billed, expected) -> None:
    line = WorkOrderLine(id="l", kind="service", duration=used, duration_to_bill=billed)

    assert fact("line.bills_more", line, line="l") is expected


def test_without_a_line_nothing_is_billed_or_entered_twice() -> None:
    assert fact("line.bills_more") is False
    assert fact("line.time_entry_exists", TimeEntry(id="t", work_order="wo")) is False


@pytest.mark.parametrize(("kind", "expected"), [("service", True), ("product", False)])
def test_time_beside_a_service_is_seen(kind, expected) -> None:
    line = WorkOrderLine(id="l", kind=kind, work_order="wo")
    entry = TimeEntry(id="t", work_order="wo")

    assert fact("line.time_entry_exists", line, entry, line="l") is expected
    assert fact("line.time_entry_exists", line, line="l") is False


@pytest.mark.parametrize(("own", "expected"), [("ea", True), ("box", False), (None, None)])
def test_the_unit_is_compared_with_that_of_the_product(own, expected) -> None:
    assert fact("unit.is_products", Product(id="prod", unit=own)) is expected
