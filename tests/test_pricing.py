"""Prices, rule by rule (domain R-066 to R-073, R-075): each rule and what is nearly one."""

import re
import tomllib
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from adapter.making.labour import labour
from adapter.making.labour_actuals import backed_by, labour_findings
from adapter.making.links import Links
from adapter.making.price_lists import cost_list, sales_list
from adapter.making.price_rows import row_of
from adapter.making.priced import Ask, Priced, Switches, said, switches_of, worth
from adapter.making.pricing import completed_ask, cost_price, sales_price
from adapter.making.units import converted, factor_between, measured, short, unit_name
from adapter.making.work_lines import hours
from adapter.reading.settings import Settings
from adapter.values.actuals import Actual
from adapter.values.codes import CODES
from adapter.values.field_service import (
    PriceList,
    PriceListItem,
    Unit,
    WorkOrder,
    WorkOrderLine,
)
from adapter.values.finding import Finding
from adapter.values.money import CurrencyRule, ratio_rounded
from adapter.values.prices import (
    CategoryPrice,
    OrganisationPriceList,
    ProjectPriceList,
    UnitConversion,
    UnitPriceList,
)
from adapter.values.project_operations import Contract, ContractPriceList, Project
from adapter.values.records import RECORDS
from tests.pricing_given import DAY, OWN, D, ask, codes, created, role_ask, service, world

ROOT = Path(__file__).parents[1]
PAGES = [p for c in sorted(CODES) if c[:3] in ("PRC", "LAB")
         for p in [ROOT / f"docs/codes/{c}.md"]]  # fmt: skip
NEXT = PriceList(id="sales-27", name="Sales 2027", currency="usd", context="sales",
                 start=date(2027, 1, 1), created_on=created(2026))  # fmt: skip
PC_NEXT = ContractPriceList(id="pc-27", contract="pc", price_list="sales-27")


def same(**price: object) -> Priced:
    return Priced(kind="sales", currency_code="USD", **price)  # type: ignore[arg-type]


# extended = amount - discount + fee (+ tax)


@pytest.mark.parametrize(
    "quantity, price, percent, chargeable, expected",
    [
        ("4", "125.00", None, True, ("500.00", "0.00", "500.00")),  # G1
        ("6", "19.99", "15", True, ("119.94", "17.99", "101.95")),  # G2
        ("4", "19.99", "15", False, ("79.96", "0.00", "79.96")),  # G2, not chargeable
        ("3.34", "33.33", None, True, ("111.32", "0.00", "111.32")),  # G6
        ("3.33", "33.33", None, True, ("110.99", "0.00", "110.99")),  # G6
        ("1", "0.005", None, True, ("0.01", "0.00", "0.01")),
        ("-2", "90.00", "100", True, ("-180.00", "-180.00", "0.00")),
    ],
)
def test_r066_amount_discount_and_extended_amount(
    quantity: str, price: str, percent: str | None, chargeable: bool, expected: tuple[str, ...]
) -> None:
    priced = same(price=D(price), numerator=D(price))
    percent_of = None if percent is None else D(percent)

    found = worth(priced, D(quantity), discount_percent=percent_of, chargeable=chargeable)

    assert (str(found.amount), str(found.discount), str(found.extended)) == expected
    assert found.findings == ()


def test_r066_fee_and_tax_are_added_and_a_fee_needs_a_chargeable_sale() -> None:
    priced = same(price=D(100), numerator=D(100))
    billed = worth(priced, D(1), discount_percent=D(10), fee=D(5), tax=D("19.00"))
    free = worth(priced, D(1), fee=D(5), chargeable=False)

    assert (billed.extended, free.extended, free.fee) == (D(114), D(100), D(0))


@pytest.mark.parametrize("percent", ["-0.01", "100.01"])
def test_r060_a_discount_outside_its_bounds_is_not_taken(percent: str) -> None:
    found = worth(same(price=D(10), numerator=D(10)), D(1), discount_percent=D(percent))

    assert (found.discount, found.extended) == (D("0.00"), D("10.00"))
    assert [f.code for f in found.findings] == ["PRC711"]


def test_an_amount_that_no_money_column_holds_is_not_computed() -> None:
    found = worth(same(numerator=D("9" * 19)), D("9" * 19))

    assert (found.amount, [f.code for f in found.findings]) == (D(0), ["PRC711"])


def test_nothing_is_rounded_but_the_amount() -> None:
    day_rate = same(numerator=D("100.01"), denominator=D(3))

    assert worth(day_rate, Fraction(3, 2)).amount == D("50.01")  # 50.005 exactly
    even = replace(day_rate, rule=CurrencyRule(2, "half-even"))
    assert worth(even, Fraction(3, 2)).amount == D("50.00")


@given(st.fractions(max_denominator=720), st.sampled_from(["half-up", "half-even"]))
def test_a_ratio_is_rounded_once_and_by_at_most_half_a_unit(value: Fraction, mode: str) -> None:
    found = Fraction(ratio_rounded(value, CurrencyRule(2, mode)))

    assert abs(found - value) <= Fraction(1, 200)
    assert found == -Fraction(ratio_rounded(-value, CurrencyRule(2, mode)))


# who calculates


@pytest.mark.parametrize(
    "switches, price, basis, cost, cost_basis",
    [
        (Switches(), "119.00", "line", "77.00", "line"),
        (OWN, "125.00", "price-list", "80.00", "price-list"),
        (Switches(calculate_price_in_field_service=False), "125.00", "price-list", "77.00", "line"),
        (Switches(calculate_cost_in_field_service=False), "119.00", "line", "80.00", "price-list"),
    ],
)
def test_r067_the_switches_say_who_calculates_price_and_cost(
    switches: Switches, price: str, basis: str, cost: str, cost_basis: str
) -> None:
    asked = ask(line="wop", switches=switches)
    sold, spent = sales_price(asked, world()), cost_price(asked, world())

    assert (sold.price, sold.basis, spent.price, spent.basis) == (
        D(price), basis, D(cost), cost_basis,
    )  # fmt: skip
    assert codes(sold) == codes(spent) == []


def test_r067_settings_give_the_switches_and_defaults_are_yes() -> None:
    said_no = Settings(options={"calculate_price_in_field_service": False, "other": 1})

    assert switches_of(Settings()) == Switches()
    assert switches_of(said_no).calculate_price_in_field_service is False
    assert switches_of(said_no).calculate_cost_in_field_service is True


def test_r067_a_line_without_price_is_priced_by_its_list_then_the_work_orders() -> None:
    lists = (
        PriceList(id="fs", name="Field", currency="usd"),
        PriceList(id="fs-wo", name="Field of the order", currency="usd", context="sales"),
        PriceListItem(id="i1", price_list="fs", product="filter", unit="ea", amount=D(110)),
        PriceListItem(id="i2", price_list="fs-wo", product="filter", unit="ea", amount=D(111)),
        WorkOrder(id="wo", project="p", price_list="fs-wo"),
    )
    line = WorkOrderLine(id="wop", work_order="wo", product="filter", unit="ea", price_list="fs")
    bare = WorkOrderLine(id="wop", work_order="wo", product="filter", unit="ea")
    asked = ask(line="wop", switches=Switches())

    assert sales_price(asked, world(*lists, line)).level == "work order line"
    assert sales_price(asked, world(*lists, bare)).price == D(111)
    assert sales_price(asked, world(bare)).level == "contract"
    assert sales_price(ask(line="wop"), world(*lists, line)).level == "contract"


def test_sales_lists_are_asked_from_the_contract_to_the_organisation() -> None:
    of_project = ProjectPriceList(id="pp", project="p", price_list="sales")
    default = OrganisationPriceList(id="op", price_list="sales")
    euro = PriceList(id="euro", name="Euro", currency="eur", context="sales")
    default_euro = OrganisationPriceList(id="oe", price_list="euro")
    records = world(of_project, default)

    assert sales_price(ask(), records).level == "contract"
    without = world(of_project, default, without=["pc-sales"])
    assert sales_price(ask(), without).level == "project"
    rest = world(default, euro, default_euro, without=["pc-sales"])
    assert sales_price(ask(), rest).level == "organisation"
    assert codes(sales_price(ask(), rest)) == []  # the euro list is not of this currency
    only_euro = world(euro, default_euro, without=["pc-sales"])
    assert codes(sales_price(ask(), only_euro)) == ["PRC701"]


def test_cost_lists_are_asked_from_the_contracting_unit_to_the_organisation() -> None:
    default = OrganisationPriceList(id="op", price_list="cost")
    euro = PriceList(id="cost", name="Cost", currency="eur", context="cost")
    any_currency = Switches(
        calculate_cost_in_field_service=False, multi_currency_cost_lists=True
    )
    own = world(default)
    none = world(default, without=["cu-cost"])

    assert cost_price(ask(), own).level == "contracting unit"
    assert cost_price(ask(), none).level == "organisation"
    in_euro = world(default, euro, without=["cu-cost"])
    assert codes(cost_price(ask(), in_euro)) == ["PRC701"]
    priced = cost_price(ask(switches=any_currency), in_euro)
    assert (priced.price, priced.currency_code) == (D("80.00"), "EUR")
    other = world(Project(id="p", contract="pc"), default)
    assert cost_price(ask(), other).level == "contracting unit"  # the contract's unit


def test_a_list_of_the_other_kind_never_prices() -> None:
    swapped = world(ContractPriceList(id="pc-sales", contract="pc", price_list="cost"),
                    UnitPriceList(id="cu-cost", contracting_unit="cu", price_list="sales"))

    assert codes(sales_price(ask(), swapped)) == ["PRC701"]
    assert codes(cost_price(ask(), swapped)) == ["PRC701"]


# no row is a price of zero and a warning


def test_r068_a_list_without_the_product_gives_zero_and_a_warning() -> None:
    records = world(without=["s-filter", "c-filter"])
    sold, spent = sales_price(ask(), records), cost_price(ask(), records)

    assert (sold.price, sold.basis, sold.currency_code) == (D(0), "none", "USD")
    assert codes(sold) == codes(spent) == ["PRC702"]
    assert {f.level for f in (*sold.findings, *spent.findings)} == {"warning"}


def test_r068_near_misses_a_row_without_amount_and_a_row_of_zero() -> None:
    empty = PriceListItem(id="s-filter", price_list="sales", product="filter", unit="ea")
    free = PriceListItem(id="s-filter", price_list="sales", product="filter", unit="ea",
                         amount=D(0))

    assert codes(sales_price(ask(), world(empty))) == ["PRC702"]
    priced = sales_price(ask(), world(free))
    assert (priced.price, priced.basis, codes(priced)) == (D(0), "price-list", [])


def test_r068_a_first_level_without_a_price_does_not_fall_to_the_next() -> None:
    other = PriceList(id="std", name="Standard", currency="usd", context="sales")
    item = PriceListItem(id="i", price_list="std", product="filter", unit="ea", amount=D(1))
    default = OrganisationPriceList(id="op", price_list="std")

    assert codes(sales_price(ask(), world(other, item, default, without=["s-filter"]))) == [
        "PRC702"
    ]


# no conversion of material prices between units


@pytest.mark.parametrize("unit", ["box", "pallet", "kg", "unheard"])
def test_r069_a_price_in_another_unit_is_zero_and_the_warning_names_it(unit: str) -> None:
    for priced in (sales_price(ask(unit=unit), world()), cost_price(ask(unit=unit), world())):
        assert (priced.price, codes(priced)) == (D(0), ["PRC703"])
        assert "in ea, not in" in priced.findings[0].message
        assert ("priced in", "ea") in priced.findings[0].values


def test_r069_a_line_in_another_unit_is_not_converted_either() -> None:
    priced = sales_price(ask(line="wop", unit="box", switches=Switches()), world())

    assert (priced.price, codes(priced)) == (D(0), ["PRC703"])


def test_r069_near_misses_its_own_row_and_the_products_own_unit() -> None:
    boxed = PriceListItem(id="b", price_list="sales", product="filter", unit="box",
                          amount=D(1400))

    assert sales_price(ask(unit="box"), world(boxed)).price == D(1400)
    assert sales_price(ask(unit=None), world(boxed)).price == D("125.00")


def test_the_same_thing_priced_twice_is_said() -> None:
    more = PriceListItem(id="z", price_list="sales", product="filter", unit="ea", amount=D(130))
    equal = PriceListItem(id="z", price_list="sales", product="filter", unit="ea",
                          amount=D("125.00"))

    assert codes(sales_price(ask(), world(more))) == ["PRC708"]
    assert codes(sales_price(ask(), world(equal))) == []


# pricing methods of material


def item(**said: object) -> PriceListItem:
    return PriceListItem(id="s-filter", price_list="sales", product="filter", unit="ea",
                         amount=D("125.00"), **said)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "said_of, price, found",
    [
        ({}, "125.00", []),
        ({"method": "currency-amount"}, "125.00", []),
        ({"method": "percent-of-list"}, "0", ["PRC706"]),
        ({"method": "percent-of-list", "project_method": "price-per-unit"}, "125.00", []),
        ({"project_method": "at-cost"}, "80", []),
        ({"project_method": "markup", "percent": D("12.5")}, "90", []),
        ({"project_method": "markup"}, "0", ["PRC706"]),
    ],
)
def test_r070_all_three_methods_are_served(
    said_of: dict[str, object], price: str, found: list[str]
) -> None:
    priced = sales_price(ask(), world(item(**said_of)))

    assert (priced.price, codes(priced)) == (D(price), found)


def test_r070_by_the_older_articles_only_amounts_are_served() -> None:
    older = Switches(
        calculate_price_in_field_service=False, material_pricing_methods="currency-amount"
    )

    priced = sales_price(ask(switches=older), world(item(project_method="at-cost")))
    assert (priced.price, codes(priced)) == (D(0), ["PRC706"])
    assert sales_price(ask(switches=older), world(item())).price == D("125.00")


def test_r070_a_cost_is_never_at_cost_and_a_sale_at_cost_needs_one() -> None:
    circle = PriceListItem(id="c-filter", price_list="cost", product="filter", unit="ea",
                           project_method="at-cost")
    at_cost = item(project_method="at-cost")

    assert codes(cost_price(ask(), world(circle))) == ["PRC706"]
    without = sales_price(ask(), world(at_cost, without=["c-filter"]))
    assert (without.price, codes(without)) == (D(0), ["PRC702", "PRC706"])
    euro = PriceList(id="cost", name="Cost", currency="eur", context="cost")
    assert codes(sales_price(ask(), world(at_cost, euro))) == ["PRC706"]


# several lists at once


def test_r071_the_newest_of_several_cost_lists_prices() -> None:
    newer = PriceList(id="a-cost", name="Cost 2", currency="usd", context="cost",
                      created_on=created(2026))
    attached = UnitPriceList(id="cu-2", contracting_unit="cu", price_list="a-cost")
    price = PriceListItem(id="i", price_list="a-cost", product="filter", unit="ea", amount=D(81))

    priced = cost_price(ask(), world(newer, attached, price))
    assert (priced.price, codes(priced)) == (D(81), [])
    undated = PriceList(id="a-cost", name="Cost 2", currency="usd", context="cost")
    assert cost_price(ask(), world(undated, attached, price)).price == D("80.00")


def test_r071_overlapping_sales_lists_are_an_error() -> None:
    over = PriceList(id="sales-27", name="Autumn", currency="usd", context="sales",
                     start=date(2026, 11, 14), created_on=created(2026))
    priced = sales_price(ask(), world(over, PC_NEXT))

    assert codes(priced)[0] == "PRC704"
    assert priced.findings[0].level == "error"
    assert "Autumn, Sales 2026" in priced.findings[0].message


@pytest.mark.parametrize("day, level", [(date(2026, 12, 31), 125), (date(2027, 1, 1), 130)])
def test_r071_near_miss_lists_that_follow_each_other_do_not_overlap(day: date, level: int) -> None:
    price = PriceListItem(id="i", price_list="sales-27", product="filter", unit="ea",
                          amount=D(130))
    priced = sales_price(ask(day=day), world(NEXT, PC_NEXT, price))

    assert (priced.price, codes(priced)) == (D(level), [])


def test_r071_near_miss_one_list_attached_twice() -> None:
    again = ContractPriceList(id="again", contract="pc", price_list="sales")

    assert codes(sales_price(ask(), world(again))) == []


# the day is the transaction's


@pytest.mark.parametrize(
    "day, found",
    [
        (date(2026, 1, 1), []),
        (date(2026, 12, 31), []),
        (date(2025, 12, 31), ["PRC701"]),
        (date(2027, 1, 1), ["PRC701"]),
        (None, ["PRC710"]),
    ],
)
def test_r072_a_list_serves_from_its_first_to_its_last_day(
    day: date | None, found: list[str]
) -> None:
    assert codes(sales_price(ask(day=day), world())) == found
    assert codes(cost_price(ask(day=day), world())) == found


# currencies


def test_r073_a_sale_in_another_currency_than_the_contracts_is_an_error() -> None:
    euro = PriceList(id="sales", name="Sales", currency="eur", context="sales")
    priced = sales_price(ask(), world(euro))

    assert (priced.currency_code, codes(priced)) == ("EUR", ["PRC705"])
    assert priced.findings[0].message == "the price is in EUR, the contract in USD"


def test_r073_the_line_of_field_service_too_but_its_cost_may_be_in_any() -> None:
    line = WorkOrderLine(id="wop", work_order="wo", product="filter", unit="ea",
                         unit_price=D(100), unit_cost=D(70), currency="eur")
    asked = ask(line="wop", switches=Switches())

    assert codes(sales_price(asked, world(line))) == ["PRC705"]
    spent = cost_price(asked, world(line))
    assert (spent.currency_code, codes(spent)) == ("EUR", [])


def test_r073_near_misses_without_a_contract_and_in_the_currency_asked_for() -> None:
    free = world(Project(id="p"), ProjectPriceList(id="pp", project="p", price_list="sales"))

    assert codes(sales_price(ask(), free)) == []
    assert codes(sales_price(ask(currency="usd"), free)) == []
    assert codes(sales_price(ask(currency="eur"), free)) == ["PRC705"]
    pc = Contract(id="pc")
    assert codes(sales_price(ask(currency="eur", contract="pc"), world(pc))) == ["PRC705"]


# roles are never priced by the line


def test_r074_a_role_on_a_work_order_line_is_priced_by_its_role() -> None:
    asked = role_ask(line="wop", unit="hour", switches=Switches())

    assert sales_price(asked, world()).price == D("95.00")
    assert cost_price(asked, world()).price == D("40.00")


# a work order service is material, per hour


def test_r075_r076_g4_a_service_of_90_minutes_costs_an_hour_and_a_half() -> None:
    spent = cost_price(ask(product=None, unit=None, line="wos", switches=Switches()),
                       world(service()))  # fmt: skip

    found = worth(spent, hours(90) or D(0))
    assert (found.quantity, found.amount) == (D("1.5"), D("67.50"))
    assert spent.unit_name == "Hour"


@pytest.mark.parametrize(("calculated", "expected"), [(None, "90.00"), (D("190.00"), "190.00")])
def test_r076_the_minimum_charge_is_in_the_calculated_price(
    calculated: Decimal | None, expected: str
) -> None:
    line = service(calculated_unit_price=calculated)
    asked = ask(product=None, unit=None, line="wos", switches=Switches())

    assert sales_price(asked, world(line)).price == D(expected)


# categories (expenses)


@pytest.mark.parametrize(
    "method, price, found",
    [
        ({"method": "markup", "percent": D(10)}, "9.9", []),
        ({"method": "at-cost"}, "9", []),
        ({"method": "price-per-unit", "price": D(12)}, "12", []),
        ({"method": "markup"}, "0", ["PRC706"]),
    ],
)
def test_categories_are_priced_by_their_method(
    method: dict[str, object], price: str, found: list[str]
) -> None:
    row = CategoryPrice(id="s-parking", price_list="sales", category="parking", unit="ea",
                        **method)  # type: ignore[arg-type]
    asked = ask(product=None, category="parking", entered=D(9), entered_currency="usd")
    priced = sales_price(asked, world(row))

    assert (priced.price, codes(priced)) == (D(price), found)
    assert codes(sales_price(ask(product=None, category="parking", unit="box"), world(row))) == [
        "PRC703"
    ]


def test_nothing_named_is_nothing_priced() -> None:
    nothing = Ask(day=DAY, project="p")

    assert codes(sales_price(nothing, world())) == ["PRC709"]
    assert codes(cost_price(nothing, world())) == ["PRC709"]


# said in words


@pytest.mark.parametrize(
    "asked, words",
    [
        (ask(), "USD 125.00 per ea: price list Sales 2026 of the contract"),
        (ask(line="wop", switches=Switches()), "USD 119.00 per ea: as on the work order line"),
        (ask(unit="box"),
         "USD 0 per box: no sales price, Sales 2026 prices Filter in ea, not in box"),
        (role_ask(), "USD 95.00 per Hour: price list Sales 2026 of the contract"),
        (ask(product=None, category="parking", entered=D(9), entered_currency="usd"),
         "USD 9.9 per ea: price list Sales 2026 of the contract, cost 9 and 10 %"),
    ],
)  # fmt: skip
def test_every_price_says_where_it_came_from(asked: Ask, words: str) -> None:
    assert said(sales_price(asked, world())) == words


def test_other_ways_to_say_it() -> None:
    entered = ask(product=None, category="parking", entered=D("9.00"), entered_currency="usd")
    listed = WorkOrderLine(id="wop", work_order="wo", product="filter", unit="ea",
                           unit_price=D(1), price_list="sales", currency="usd")  # fmt: skip

    assert said(cost_price(entered, world())) == "USD 9.00 per ea: as entered by a person"
    assert said(Priced(kind="cost")) == "0: no cost price, nothing was asked for"
    words = said(sales_price(ask(line="wop", switches=Switches()), world(listed)))
    assert words == "USD 1 per ea: as on the work order line (price list Sales 2026)"
    third = same(price=D(1) / D(3), basis="price-list", price_list_name="L", level="contract")
    assert said(third) == "USD about 0.3333: price list L of the contract"


# quantities into another unit


@pytest.mark.parametrize(
    "quantity, there, here, expected, factor, words",
    [
        ("3", "ea", "ea", "3", "1", ""),
        ("2", "box", "ea", "24", "12", "1 box = 12 ea"),
        ("2", "pallet", "ea", "960", "480", "1 pallet = 480 ea"),
        ("480", "ea", "pallet", "1", None, "1 ea = about 0.0021 pallet"),
        ("1.5", "day", "hour", "12", "8", "1 Day = 8 Hour"),
    ],
)
def test_a_quantity_is_converted_and_the_factor_shown(
    quantity: str, there: str, here: str, expected: str, factor: str | None, words: str
) -> None:
    found = converted(D(quantity), there, here, world())

    assert (found.quantity, found.said, found.findings) == (D(expected), words, ())
    assert factor is None or found.factor == D(factor)
    assert found.is_exact


def test_a_quantity_without_end_is_marked_so() -> None:
    found = converted(D(1), "ea", "box", world())

    assert found.is_exact is False
    assert found.factor is not None and str(found.factor).startswith("0.08333333")


@pytest.mark.parametrize(
    "row, expected",
    [
        ({"factor": D("0.5")}, "1.0"),
        ({"numerator": D(3), "denominator": D(2)}, "3.0"),
        ({"factor": D(2), "outer_offset": D(32)}, None),
        ({"factor": D(0)}, None),
    ],
)
def test_units_of_different_groups_need_a_conversion(
    row: dict[str, Decimal], expected: str | None
) -> None:
    stated = UnitConversion(id="u", from_unit="ea", to_unit="kg", **row)
    found = converted(D(2), "ea", "kg", world(stated))

    assert found.quantity == (None if expected is None else D(expected))
    assert [f.code for f in found.findings] == ([] if expected else ["PRC707"])
    back = factor_between("kg", "ea", world(stated))
    assert back is None if expected is None else back == 2 / Fraction(D(expected))


@pytest.mark.parametrize("there, here", [(None, "ea"), ("ea", None), ("ea", "kg"), ("x", "ea")])
def test_what_no_row_says_is_not_guessed(there: str | None, here: str | None) -> None:
    found = converted(D(2), there, here, world())

    assert (found.quantity, found.factor) == (None, None)
    assert [f.code for f in found.findings] == ["PRC707"]


def test_units_in_a_circle_and_units_of_nothing_have_no_measure() -> None:
    circle = world(Unit(id="a", base="b", factor=D(2)), Unit(id="b", base="a", factor=D(2)),
                   Unit(id="zero", factor=D(0)), Unit(id="lone", factor=D(6), group="count"))

    assert measured("a", circle) is None
    assert measured("zero", circle) is None
    assert measured("nobody", circle) is None
    assert factor_between("lone", "ea", circle) == 6  # measured in the base of its group
    assert unit_name("nobody", circle) == "nobody"
    assert (short(D("1E+2")), short(D("1.50"))) == ("100", "1.50")


# parts


def test_an_ask_is_completed_from_line_work_order_project_and_contract() -> None:
    found = completed_ask(Ask(line="wop"), world())

    assert (found.product, found.unit, found.work_order, found.project) == (
        "filter", "ea", "wo", "p",
    )  # fmt: skip
    assert (found.contract, found.contracting_unit) == ("pc", "cu")
    assert completed_ask(Ask(line="wop", role="tech"), world()).product is None


def test_lists_and_rows_can_be_asked_alone() -> None:
    asked = completed_ask(ask(), world())
    chosen = sales_list(asked, world())

    assert chosen.price_list is not None and chosen.level == "contract"
    found = row_of(asked, chosen.price_list, "sales", world())
    assert found.row is not None and found.row.amount == D("125.00")
    assert cost_list(asked, world()).level == "contracting unit"


# the pages of the codes


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_example_of_a_page_gives_its_code(page: Path) -> None:
    """A page adds rows to the small company of `pricing_given` and asks for a price or labour."""
    fence = re.search(r"```toml\n(.*?)```", page.read_text(), re.S)
    assert fence is not None
    table = tomllib.loads(fence[1], parse_float=Decimal)
    asked, ordered = table.pop("ask", {}), table.pop("work_order", "wo")
    without = table.pop("without", [])
    quantity = table.pop("quantity", None)
    rows = [msgspec.convert({"id": f"{kind}-{n}", **row}, RECORDS[kind])
            for kind, found in table.items() for n, row in enumerate(found)]  # fmt: skip
    records = world(*rows, without=without)
    findings: list[Finding] = []
    if asked:
        what = msgspec.convert({"project": "p", "switches": OWN, **asked}, Ask)
        sold = sales_price(what, records)
        findings += sold.findings
        findings += worth(sold, quantity or D(1)).findings
    else:
        found = labour(ordered, records)
        findings += [*found.findings, *(f for line in found.lines for f in line.findings)]
        made = backed_by(found.lines, records.all(Actual), records, Links(),
                         lambda actual: actual.document_date)  # fmt: skip
        findings += labour_findings(found.lines, made)

    assert page.stem in {f.code for f in findings}
    assert {f.level for f in findings if f.code == page.stem} == {CODES[page.stem].level}
