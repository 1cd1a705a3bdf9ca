"""All lines of a company in one call: golden cases, and any order of arrival (issue 4)."""

from decimal import Decimal
from itertools import permutations

import pytest
from msgspec.structs import replace

from adapter.making.expectation import Expectation
from adapter.making.expected import compare
from adapter.making.priced import Priced
from adapter.making.work_expected import Given, expect_lines, present_of, stock_rules_of
from adapter.reading.settings import EnvironmentSetting
from adapter.values.actuals import Actual, Approval
from adapter.values.field_service import Product
from adapter.values.finance import ForecastImport, ItemForecast, LegalEntity
from tests.making_given import tables
from tests.work_given import COST, ORDER, PART, PRICE, TERMS, USED, later, usage, world

D = Decimal


def prices(_around: object) -> tuple[Priced, Priced]:
    return PRICE, COST


def given(*more: object, model: str = "core", order=ORDER, terms=TERMS, finance=None,
          **said: object) -> Given:  # fmt: skip
    return Given(company="USPM", model=model, records=world(*more, order=order, terms=terms),
                 finance=finance or tables(), **said)  # fmt: skip


def told(found: tuple[Expectation, ...]) -> list[str]:
    return [f"{e.kind} {e.line} {len(e.rows)} {','.join(e.rules)}" for e in found]


def test_g1_the_whole_of_a_used_line_in_core() -> None:
    log = usage(usage_status="approved")
    said = given(USED, log, auto_approve=True)
    found = expect_lines([USED], said, prices)

    assert told(found) == [
        "estimate line 2 R-050,R-051", "usage line 1 R-051,R-055,R-105,R-120",
        "journal line 2 R-031,R-056",
    ]  # fmt: skip
    assert [(r.transaction_type, r.amount) for r in found[2].rows] == [
        ("cost", D("320.00")), ("unbilled-sales", D("500.00")),
    ]  # fmt: skip


def test_the_vendors_own_rows_are_no_difference_and_a_lost_one_is() -> None:
    log = usage(usage_status="approved")
    start = expect_lines([USED], given(USED, log), prices)
    written = [replace(row, id=f"v{n}") for n, row in enumerate(
        r for e in start if e.kind != "usage" for r in e.rows
    )]  # fmt: skip
    said = given(USED, log, *written)
    less = given(USED, log, *written[1:])

    assert compare(expect_lines([USED], said, prices), present_of(said)) == []
    found = compare(expect_lines([USED], less, prices), present_of(less))
    assert [(d.bucket, d.kind) for d in found] == [("missing", "estimate")]


def test_integrated_adds_the_forecast_and_finds_it_in_finance() -> None:
    start = expect_lines([PART], given(PART, model="integrated"), prices)
    estimates = [replace(row, id=f"e{n}") for n, row in enumerate(start[0].rows)]
    finance = tables(
        ItemForecast(id="f", company="USPM", transaction="T1", project="P-7", item_number="D0011",
                     quantity=D(4), unit="ea", cost_price=D(80), sales_price=D(125),
                     currency="USD", site="1", warehouse="11"),
        ForecastImport(id="i", company="USPM", transaction="T1", estimate_line="e0"),
    )  # fmt: skip
    said = given(PART, *estimates, model="integrated", finance=finance)

    assert [e.kind for e in start] == ["estimate", "usage", "forecast"]
    assert compare(expect_lines([PART], said, prices), present_of(said)) == []


def test_what_the_approver_chose_is_what_the_journal_lines_should_say() -> None:
    approval = Approval(id="ap", usage="mul", stage="approved", billable_quantity=D(3))
    waiting = replace(approval, stage="submitted")
    log = usage(usage_status="approved")
    counts = [
        [r.quantity for r in expect_lines([USED], given(USED, log, a), prices)[2].rows]
        for a in (approval, waiting)
    ]

    assert counts == [[D(4), D(3), D(1)], [D(4), D(4)]]


def test_of_several_approvals_the_last_given_counts_and_not_the_last_by_key() -> None:
    last = Approval(id="a", usage="mul", stage="approved", billable_quantity=D(3),
                    approved_on=later(2))  # fmt: skip
    first = Approval(id="b", usage="mul", stage="approved", billable_quantity=D(1),
                     approved_on=later(1))  # fmt: skip
    log = usage(usage_status="approved")
    rows = expect_lines([USED], given(USED, log, last, first), prices)[2].rows

    assert [r.quantity for r in rows] == [D(4), D(3), D(1)]


def test_settings_of_the_workspace_are_asked() -> None:
    log = usage(usage_status="approved")
    edited = replace(USED, quantity=D(5))
    options = {"estimate_after_use": "remove", "edit_after_approval": "keep"}
    found = expect_lines([edited], given(edited, log, options=options), prices)

    assert (found[0].rows, found[1].reverses) == ((), ())
    assert expect_lines([edited], given(edited, log), prices)[1].reverses == ("mul",)


def test_an_invoice_blocks_what_an_edit_would_reverse() -> None:
    log = usage(usage_status="approved")
    sale = Actual(id="u", usage="mul", transaction_type="unbilled-sales", invoice="inv")
    found = expect_lines([PART], given(PART, log, sale), prices)

    assert (found[1].is_blocked, found[1].rules) == (True, ("R-157",))


def test_a_line_synchronised_late_twice_and_out_of_order_gives_the_same_rows() -> None:
    created = replace(PART, version=1, modified_on=later(1))
    edited = replace(PART, version=2, modified_on=later(2), estimate_quantity=D(6))
    finished = replace(USED, version=5, modified_on=later(3))
    said = given(finished, usage())
    results = {
        repr(expect_lines(order, said, prices))
        for order in permutations([created, edited, finished, edited])
    }

    assert results == {repr(expect_lines([finished], said, prices))}


def test_a_deleted_line_gives_nothing_and_its_rows_are_too_many() -> None:
    log = usage()
    said = given(log)
    other = replace(PART, id="other")
    found = expect_lines([USED, other, USED], said, prices, deleted={"line"})

    assert not any(e.rows for e in found if e.line == "line")
    assert [(d.bucket, d.kind) for d in compare(found, present_of(said)) if d.line == "line"] == [
        ("unexpected", "usage")
    ]


@pytest.mark.parametrize(
    ("entity", "options", "found"),
    [
        (None, {}, (True, True, False)),
        (LegalEntity(id="USPM", stocked_products=False), {}, (False, True, False)),
        (LegalEntity(id="USPM"), {"on_hand_counts_reserved": False, "stock_read_after_use": True},
         (True, False, True)),
    ],
    ids=["nothing said", "off in Finance", "settings"],
)  # fmt: skip
def test_stock_rules_come_from_settings_and_from_finance(entity, options, found) -> None:
    said = given(finance=tables(*([entity] if entity is not None else [])), options=options,
                 model="integrated")  # fmt: skip
    rules = stock_rules_of(said, EnvironmentSetting(stock_policy="confirm",
                                                    background_approval_threshold=5))  # fmt: skip

    assert (rules.policy, rules.threshold) == ("confirm", 5)
    assert (rules.stocked_products, rules.counts_reserved, rules.after_use) == found


@pytest.mark.parametrize(
    ("line", "more", "kind", "rules"),
    [
        (replace(PART, estimate_quantity=D(0)), (), "estimate", ("R-050",)),
        (PART, (Product(id="filter", item_number="D0011", company="de"),), "forecast",
         ("R-041",)),
    ],
    ids=["estimate quantity 0", "company DEMF on the product"],
)  # fmt: skip
def test_g14_no_row_and_its_rule(line, more, kind, rules) -> None:
    found = expect_lines([line], given(line, *more, model="integrated"), prices)

    assert [(e.rows, e.rules) for e in found if e.kind == kind] == [((), rules)]


def test_g14_a_fixed_price_line_to_bill_5_has_cost_only() -> None:
    fixed = replace(TERMS, billing_method="fixed-price")
    log = usage(quantity=D(5), quantity_to_bill=D(5))
    found = expect_lines([replace(USED, quantity=D(5))], given(log, terms=fixed), prices)

    assert [r.transaction_type for r in found[2].rows] == ["cost"]
