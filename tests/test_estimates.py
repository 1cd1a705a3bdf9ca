"""Estimates: two contexts, one forecast, and what updates or deletes them (domain 7, R-050)."""

from decimal import Decimal

import pytest
from msgspec.structs import replace

from adapter.making.estimates import expected_estimates, expected_forecast
from adapter.making.expectation import Expectation
from adapter.making.priced import NO_PRICE
from adapter.values.field_service import Product, Site, Unit, Warehouse
from adapter.values.project_operations import Currency
from tests.work_given import (
    COST,
    ORDER,
    PART,
    PRICE,
    PROJECT,
    SERVICE,
    TERMS,
    around,
    codes,
    later,
    priced,
    world,
)

D = Decimal


def estimates(line=PART, *more, **said) -> Expectation:
    around_said = {k: said.pop(k) for k in ("order", "project", "terms", "is_deleted") if k in said}
    given = {"model": "core", "price": PRICE, "cost": COST, **said}
    return expected_estimates(around(line, *more, **around_said), **given)


def told(one: Expectation) -> list[str]:
    return [f"{r.transaction_type} {r.quantity} x {r.price} = {r.amount}" for r in one.rows]


def test_an_estimated_line_has_a_cost_and_a_sales_estimate() -> None:
    one = estimates()

    assert told(one) == ["cost 4.00 x 80.00 = 320.00", "unbilled-sales 4.00 x 125.00 = 500.00"]
    assert [r.billing_type for r in one.rows] == [None, "chargeable"]
    assert {(r.project, r.line, r.work_order, r.site, r.warehouse) for r in one.rows} == {
        ("p", "line", "wo", "s1", "wh1")
    }
    assert {r.transaction_class for r in one.rows} == {"material"}
    assert (one.rules, one.basis) == (("R-050",), "documented")


def test_a_service_is_estimated_in_hours_at_its_price_per_hour() -> None:
    line = replace(SERVICE, line_status="estimated", estimate_duration=90)

    assert told(estimates(line, cost=priced("45.00", currency=None))) == [
        "cost 1.50 x 45.00 = 67.50", "unbilled-sales 1.50 x 125.00 = 187.50",
    ]  # fmt: skip


def test_a_price_that_was_not_found_counts_as_zero() -> None:
    assert told(estimates(price=NO_PRICE)) == [
        "cost 4.00 x 80.00 = 320.00", "unbilled-sales 4.00 x 0 = 0.00",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("line", "said", "why", "found"),
    [
        (replace(PART, estimate_quantity=D(0)), {}, "no estimated quantity", []),
        (replace(PART, estimate_quantity=None), {}, "no estimated quantity", []),
        (replace(PART, estimate_quantity=D(0)), {"is_asked": True}, "no estimated quantity",
         ["EST701 error"]),
        (replace(PART, estimate_quantity=D(-1)), {}, "no estimated quantity", ["USG701 error"]),
        (replace(PART, estimate_quantity=None, quantity=D(4)), {}, "no estimated quantity", []),
        (replace(PART, kind="service"), {}, "no estimated quantity", []),
        (replace(PART, status="inactive"), {}, "the line was deactivated", []),
        (PART, {"is_deleted": True}, "the line was deleted", []),
        (PART, {"order": replace(ORDER, project=None)}, "the work order has no project", []),
        (PART, {"order": replace(ORDER, project="lost")}, "the project was not read",
         ["SRC030 error"]),
        (replace(PART, work_order="lost"), {}, "the work order has no project", []),
        (PART, {"model": "refused"}, "the company keeps no Dataverse projects", []),
        (PART, {"project": replace(PROJECT, is_pma=True)},
         "the company keeps no Dataverse projects", []),
        (PART, {"order": replace(ORDER, system_status="posted", closed_on=later(1),
                                 project_linked_on=later(2))}, "linked after posting",
         ["USG704 error"]),
        (replace(PART, line_status="used"), {"after_use": "remove"}, "the line was used", []),
    ],
    ids=["R-050 zero", "R-050 none", "R-050 asked for", "R-053", "quantity used is no estimate",
         "pieces of a service", "inactive", "deleted", "E35", "project not read",
         "order not read", "R-001", "R-018", "R-021", "used, setting remove"],
)  # fmt: skip
def test_no_estimate_is_expected(line, said, why, found) -> None:
    one = estimates(line, **said)

    assert one.rows == ()
    assert one.why == why
    assert codes(one) == found


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (replace(PART, estimate_quantity=D("0.01")), {}),
        (PART, {"order": replace(ORDER, system_status="canceled", status="inactive")}),
        (PART, {"order": replace(ORDER, system_status="posted", closed_on=later(2),
                                 project_linked_on=later(1))}),
        (PART, {"terms": None}),
    ],
    ids=["R-050 just above", "R-188 cancelled", "R-021 in time", "no contract line"],
)  # fmt: skip
def test_an_estimate_stays(line, said) -> None:
    assert len(estimates(line, **said).rows) == 2


def test_the_estimate_of_a_used_line_is_kept_and_said_to_be_inferred() -> None:
    one = estimates(replace(PART, line_status="used", quantity=D(5)))

    assert told(one)[0] == "cost 4.00 x 80.00 = 320.00"
    assert one.basis == "inferred"


def test_a_change_of_the_line_changes_values_and_keeps_the_rows() -> None:
    before, now = estimates(), estimates(replace(PART, estimate_quantity=D(6)))

    assert [r.id for r in before.rows] == [r.id for r in now.rows]
    assert told(now)[0] == "cost 6.00 x 80.00 = 480.00"


@pytest.mark.parametrize(
    ("terms", "order", "billing_type"),
    [
        (None, ORDER, "not-available"),
        (replace(TERMS, includes_material=False), ORDER, "not-available"),
        (replace(TERMS, included_tasks="selected-tasks"), ORDER, "not-available"),
        (replace(TERMS, included_tasks="selected-tasks"), replace(ORDER, task="task"),
         "chargeable"),
        (TERMS, replace(ORDER, task="task"), "chargeable"),
    ],
    ids=["R-030 no line", "R-123 without materials", "R-181 no task", "R-122 task", "all tasks"],
)  # fmt: skip
def test_the_sale_is_chargeable_by_its_contract_line(terms, order, billing_type) -> None:
    assert estimates(terms=terms, order=order).rows[1].billing_type == billing_type


def test_an_estimated_discount_is_a_warning_and_changes_no_amount() -> None:
    one = estimates(replace(PART, estimate_discount_percent=D(10)))

    assert codes(one) == ["EST702 warning"]
    assert one.rows[1].amount == D("500.00")


def forecast(line=PART, *more, model="integrated", **said) -> Expectation:
    surrounding = around(line, *more)
    both = expected_estimates(surrounding, model=model, price=PRICE, cost=COST, **said)
    return expected_forecast(both, surrounding, model=model, company="USPM",
                             unit=Unit(id="ea", symbol="ea"),
                             currency=Currency(id="usd", code="USD"))  # fmt: skip


def test_integrated_folds_both_contexts_into_one_forecast() -> None:
    (row,) = forecast().rows

    assert (row.company, row.project, row.item_number) == ("USPM", "P-7", "D0011")
    assert (row.quantity, row.unit) == (D(4), "ea")
    assert (row.cost_price, row.sales_price, row.currency) == (D("80.00"), D("125.00"), "USD")


def test_core_has_no_forecast_and_no_estimate_has_none() -> None:
    none = forecast(replace(PART, estimate_quantity=D(0)))

    assert forecast(model="core").rows == ()
    assert (none.rows, none.why, none.rules) == ((), "no estimated quantity", ("R-050",))


def test_the_forecast_of_a_product_of_another_company_is_not_synchronised() -> None:
    other = forecast(PART, Product(id="filter", number="D0011", company="de"))
    own = forecast(PART, Product(id="filter", number="D0011", company="us"))

    assert (other.rows, codes(other), other.rules) == ((), ["EST703 error"], ("R-041",))
    assert len(own.rows) == 1


def test_forecast_takes_site_and_warehouse_numbers() -> None:
    surrounding = around(PART)
    both = expected_estimates(surrounding, model="integrated", price=PRICE, cost=COST)
    records = world(PART)

    (row,) = expected_forecast(
        both, surrounding, model="integrated", company="USPM",
        site=records.one(Site, surrounding.site), warehouse=records.one(Warehouse, "wh1"),
    ).rows  # fmt: skip

    assert (row.site, row.warehouse, row.unit, row.currency) == ("1", "11", None, None)
