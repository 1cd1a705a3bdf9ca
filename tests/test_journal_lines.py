"""One line of a journal: dates, rates, categories, taxes, dimensions, the pair of vouchers."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.making.journal_lines import plain
from adapter.values.actuals import Connection
from adapter.values.field_service import Product, Site, Warehouse
from adapter.values.finance import LegalEntity
from adapter.values.project_operations import Category, Project
from tests.making_given import World, actual, company, on, period, settings

D = Decimal


def entity(**more: object) -> LegalEntity:
    said = {"currency": "USD", "period_unit": "days", "default_item_category": "ITEM",
            "sales_tax_group_from": "customer", "item_tax_group_from": "item",
            "exchange_rate_type": "Default", **more}  # fmt: skip
    return LegalEntity(id="USPM", code="USPM", **said)


def line(one, *records, finance=(), **said):
    return World(*records, finance=finance, **said).line(one)


COST = actual("c", "cost", "2", "10.00")
SALES = actual("u", "unbilled-sales", "2", "15.00")


def test_cost_and_sales_stand_on_one_side_only():
    cost, sales = line(COST).line, line(SALES).line

    assert (cost.side, cost.cost_price, cost.cost_amount) == ("cost", D("10.00"), D("20.00"))
    assert (cost.sales_price, cost.sales_amount) == (0, 0)
    assert (sales.side, sales.sales_price, sales.sales_amount) == ("sales", D("15.00"), D("30.00"))
    assert (sales.cost_price, sales.cost_amount) == (0, 0)


@pytest.mark.parametrize(
    ("klass", "expected"),
    [("time", "hour"), ("expense", "expense"), ("material", "item"), ("fee", "fee")],
)
def test_the_class_says_the_transaction_type_and_services_are_items(klass, expected):
    assert line(actual("c", "cost", "1", "1", transaction_class=klass)).line.transaction_type == (
        expected
    )


@pytest.mark.parametrize(
    ("kind", "origin", "expected"),
    [("cost", "usage", "usage"), ("cost", "vendor-invoice", "purchase"),
     ("cost", None, "usage"), ("unbilled-sales", "vendor-invoice", "usage")],
)  # fmt: skip
def test_only_cost_of_a_vendor_invoice_is_a_purchase(kind, origin, expected):
    assert line(actual("c", kind, "1", "1", origin=origin)).line.document_type == expected


def test_an_instant_becomes_a_day_of_the_company():
    late = datetime(2026, 3, 11, 3, 30, tzinfo=UTC)  # still the evening before in Chicago
    said = settings(USPM=company("USPM", time_zone="America/Chicago"))

    found = line(actual("c", "cost", "1", "1", started_at=late), settings=said).line

    assert (found.date, found.period) == (date(2026, 3, 10), "2026-03-10")


MARCH = (date(2026, 3, 1), date(2026, 3, 31))
APRIL = (date(2026, 4, 1), date(2026, 4, 30))


@pytest.mark.parametrize(
    ("opens", "april", "expected", "codes"),
    [
        (True, "open", (date(2026, 4, 1), "2026-04-01"), []),
        (False, "open", (date(2026, 3, 10), "2026-03-10"), ["JNL702"]),
        (True, "closed", (date(2026, 3, 10), "2026-03-10"), ["JNL702"]),
    ],
)
def test_a_closed_period_moves_the_accounting_date_or_is_found(opens, april, expected, codes):
    periods = (period("USPM", *MARCH, status="closed"), period("USPM", *APRIL, status=april))

    found = line(COST, finance=(entity(opens_next_period=opens), *periods))

    assert (found.line.accounting_date, found.line.period) == expected
    assert [f.code for f in found.findings] == codes
    assert found.line.date == date(2026, 3, 10)


def test_an_open_period_keeps_the_day():
    found = line(COST, finance=(period("USPM", *MARCH),))

    assert (found.line.accounting_date, found.findings) == (date(2026, 3, 10), ())


@pytest.mark.parametrize(
    ("fixed", "rate", "amount"), [(None, "130", "39.00"), (D("1.25"), "125", "37.50")]
)
def test_a_rate_is_shown_for_a_hundred_units_and_an_agreed_one_wins(fixed, rate, amount):
    project = Project(id="p", number="P-0007", company="c-us", contract="pc", fixed_rate=fixed)

    found = line(actual("u", "unbilled-sales", "2", "15.00", currency="gbp"), project).line

    assert (found.currency, found.exchange_rate) == ("GBP", D(rate))
    assert (found.accounting_amount, found.accounting_currency) == (D(amount), "USD")


def test_the_own_currency_has_the_rate_100():
    found = line(COST).line

    assert (found.exchange_rate, found.accounting_amount) == (D(100), D("20.00"))


def test_a_missing_rate_is_found():
    late = datetime(2027, 3, 1, tzinfo=UTC)

    found = line(actual("u", "unbilled-sales", "1", "1", currency="gbp", started_at=late))

    assert [f.code for f in found.findings] == ["JNL703"]
    assert found.line.exchange_rate is None


def test_a_category_that_finance_does_not_have_falls_back_to_the_default():
    unknown = Category(id="cat", name="UNHEARD")

    assert line(actual("c", "cost", "1", "1", category="cat"), unknown).line.category == "ITEM"


@pytest.mark.parametrize(
    ("billing_type", "expected"),
    [("chargeable", "Charge"), ("non-chargeable", "NonCharge"), ("complimentary", "Free"),
     ("not-available", "NotAvail")],
)  # fmt: skip
def test_the_line_property_stands_for_the_billing_type(billing_type, expected):
    found = line(actual("u", "unbilled-sales", "1", "1", billing_type=billing_type)).line

    assert found.line_property == expected


@pytest.mark.parametrize(
    ("percent", "category", "expected"),
    [
        (D(10), "DISC", ("1000.00", "100.00", "0")),
        (D(10), None, ("900.00", "0", "100.00")),
        (None, None, ("1000.00", "0", "0")),
    ],
)
def test_a_discount_posts_gross_or_net_by_the_parameter(percent, category, expected):
    sold = actual("u", "unbilled-sales", "10", "100.00", discount_percent=percent)
    world = World(finance=(entity(line_discount_category=category),))

    found = world.line(sold).line
    [journal] = world.documents([sold])

    given = (found.sales_amount, found.discount_amount, found.discount_deducted)
    assert given == tuple(D(x) for x in expected)
    assert all(kept.is_kept for kept in journal.keeps)


def test_a_reversal_takes_its_discount_back():
    back = actual("u", "unbilled-sales", "-10", "100.00", discount_amount=D("100.00"))

    found = line(back).line

    assert (found.quantity, found.sales_amount) == (D(-10), D("-900.00"))


def test_the_other_side_of_the_pair_is_named():
    pair = Connection(id="x", first="c", first_role="Cost", second="u",
                      second_role="Unbilled Sales")  # fmt: skip
    reversing = Connection(id="y", first="c", first_role="Reversing", second="z",
                           second_role="Original")  # fmt: skip

    assert line(COST, pair, reversing).line.related_actual == "u"
    assert line(SALES, pair).line.related_actual == "c"
    assert line(COST, reversing).line.related_actual is None


def test_inventory_and_financial_dimensions_are_carried():
    site = Site(id="s", number="1")
    warehouse = Warehouse(id="w", number="11", site="s")
    used = actual("c", "cost", "1", "1", site="s", warehouse="w", location="01-A",
                  batch_number="B-1", serial_number="SN-1")  # fmt: skip

    found = line(used, site, warehouse).line

    assert (found.site, found.warehouse, found.location) == ("1", "11", "01-A")
    assert (found.batch_number, found.serial_number) == ("B-1", "SN-1")
    assert found.dimensions == "-022-001"
    assert (found.work_order, found.item_number, found.unit) == ("WO-00912", "D0011", "ea")


def test_a_write_in_uses_the_company_s_released_product():
    written = actual("c", "cost", "1", "1", product=None, write_in_product="Sealant")

    found = line(written, finance=(entity(write_in_item="WRITEIN"),)).line

    assert (found.item_number, found.description) == ("WRITEIN", "Sealant")


def test_a_product_without_item_number_goes_by_its_own():
    bare = Product(id="prod", number="P-1", name="Bare")

    assert line(COST, bare).line.item_number == "P-1"


def test_what_is_lent_is_posted_by_the_calendar_and_currency_of_the_lending_company():
    lent = actual("r", "resourcing-unit-cost", "1", "10.00", transaction_class="time",
                  resourcing_company="c-gb", currency="gbp")  # fmt: skip
    march = (date(2026, 3, 1), date(2026, 3, 31))
    calendars = (period("USPM", *march), period("GBPM", *march, status="closed"),
                 period("GBPM", date(2026, 4, 1), date(2026, 4, 30)),
                 LegalEntity(id="GBPM", code="GBPM", currency="GBP", period_unit="months",
                             opens_next_period=True))  # fmt: skip

    found = line(lent, finance=calendars)

    assert (found.line.company, found.line.accounting_date) == ("GBPM", date(2026, 4, 1))
    assert (found.line.accounting_currency, found.line.accounting_amount) == ("GBP", D("10.00"))
    assert found.line.period == "2026-04"
    assert found.money[0].company == "USPM" and found.findings == ()


def test_what_is_lent_belongs_to_the_lending_company():
    lent = actual("r", "resourcing-unit-cost", "1", "1", transaction_class="time",
                  resourcing_company="c-gb")  # fmt: skip

    found = line(lent)

    assert (found.line.company, found.line.side, found.group[2]) == ("GBPM", "cost", "GBPM")


def test_the_order_is_accounting_date_then_transaction_date_then_actual():
    found = line(actual("c", "cost", "1", "1", started_at=on(12)))

    assert found.order == ("2026-03-12", "2026-03-12", "c")


@given(st.decimals("0", "1000000", places=6))
def test_a_plain_number_is_the_same_number_without_exponent(value):
    assert plain(value) == value
    assert "E" not in str(plain(value)) or value < D("0.000001")
