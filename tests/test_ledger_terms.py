"""Terms of a journal line: period, accounting day, rate, category, line property."""

from datetime import date
from decimal import Decimal

import pytest

from adapter.deciding.ledger_terms import (
    accounting_day,
    awaits_ledger,
    exchange_rate,
    line_property_of,
    period_of,
    period_unit_of,
    resolved_category,
)
from adapter.values.finance import ExchangeRate, FiscalPeriod, LegalEntity, ProjectCategory
from adapter.values.project_operations import Category, Contract, Project
from tests.making_given import World, actual, company, period, settings

D = Decimal
DAY = date(2026, 3, 10)
MARCH = (date(2026, 3, 1), date(2026, 3, 31))
APRIL = (date(2026, 4, 1), date(2026, 4, 30))
MAY = (date(2026, 5, 1), date(2026, 5, 31))


def entity(**more: object) -> LegalEntity:
    said = {"currency": "USD", "exchange_rate_type": "Default", "default_item_category": "ITEM"}
    return LegalEntity(id="USPM", code="USPM", **{**said, **more})


def dossier(*records: object, finance: tuple[object, ...] = (), companies=None, **more: object):
    world = World(*records, finance=finance, settings=settings(**(companies or {})))
    one = {"transaction_type": "unbilled-sales", **more}
    return world.assembler.assemble(actual("A", one.pop("transaction_type"), "1", "10.00", **one))


@pytest.mark.parametrize(
    ("unit", "expected"),
    [("days", "2026-03-10"), ("months", "2026-03"), ("years", "2026"), ("all", "all"),
     ("weeks", "all")],
)  # fmt: skip
def test_a_period_is_named_by_its_unit(unit: str, expected: str) -> None:
    assert period_of(DAY, unit) == expected


@pytest.mark.parametrize(
    ("workspace", "finance", "expected"),
    [("years", "months", "years"), (None, "months", "months"), (None, None, "days")],
)
def test_the_workspace_decides_the_period_unit_before_finance(workspace, finance, expected) -> None:
    said = {"USPM": company("USPM", period_unit=workspace)}

    assert (
        period_unit_of(dossier(finance=(entity(period_unit=finance),), companies=said)) == expected
    )


@pytest.mark.parametrize(
    ("periods", "moves", "expected"),
    [
        ((), True, DAY),
        ((period("USPM", *MARCH),), False, DAY),
        ((period("USPM", *MARCH, "closed"), period("USPM", *APRIL)), False, None),
        ((period("USPM", *MARCH, "closed"), period("USPM", *APRIL)), True, APRIL[0]),
        ((period("USPM", *MARCH, "on-hold"), period("USPM", *APRIL, "closed"),
          period("USPM", *MAY)), True, MAY[0]),
        ((period("USPM", *MARCH, "closed"),), True, None),
        ((period("GBPM", *MARCH, "closed"),), True, DAY),
    ],
)  # fmt: skip
def test_the_accounting_day_is_open_or_moves_to_the_next_open_period(
    periods, moves, expected
) -> None:
    assert (
        accounting_day(dossier(finance=(entity(opens_next_period=moves), *periods)), DAY)
        == expected
    )


def test_a_period_without_access_for_projects_is_not_open() -> None:
    shut = FiscalPeriod(id="m", company="USPM", start=MARCH[0], finish=MARCH[1], status="open",
                        project_access="none")  # fmt: skip
    d = dossier(finance=(entity(opens_next_period=True), shut, period("USPM", *APRIL)))

    assert accounting_day(d, DAY) == APRIL[0]


def rate(key: str, value: str, start: date | None, factor: int | None = 100, kind: str = "Default"):
    return ExchangeRate(id=key, rate_type=kind, source="GBP", target="USD", rate=D(value),
                        factor=factor, start=start, finish=date(2026, 12, 31))  # fmt: skip


YEAR = date(2026, 1, 1)


@pytest.mark.parametrize(
    ("fixed", "rates", "currency", "expected"),
    [
        (None, (), "usd", D(1)),
        (None, (rate("r", "130", YEAR),), "gbp", D("1.3")),
        (None, (rate("r", "1.3", YEAR, 1),), "gbp", D("1.3")),
        (None, (rate("r", "130", YEAR, None),), "gbp", None),  # for how many units, nobody says
        (None, (rate("r", "0", YEAR),), "gbp", None),
        (None, (rate("r", "130", YEAR), rate("n", "-5", date(2026, 3, 1))), "gbp", None),
        (None, (rate("r", "130", None),), "gbp", D("1.3")),
        (D(0), (rate("r", "130", YEAR),), "gbp", None),
        (None, (rate("r", "130", YEAR), rate("n", "128", date(2026, 3, 1))), "gbp", D("1.28")),
        (None, (rate("r", "130", YEAR), rate("n", "128", date(2026, 3, 11))), "gbp", D("1.3")),
        (D("1.25"), (rate("r", "130", YEAR),), "gbp", D("1.25")),
        (D("1.25"), (), "usd", D(1)),
    ],
)
def test_an_agreed_rate_wins_and_the_latest_rate_of_the_day_follows(
    fixed, rates, currency, expected
) -> None:
    project = Project(id="p", number="P-0007", company="c-us", contract="pc", fixed_rate=fixed)
    contract = Contract(id="pc", number="PC-0007", company="c-us", currency="gbp")
    d = dossier(project, contract, finance=(entity(), *rates), currency=currency)

    assert exchange_rate(d, DAY) == expected


@pytest.mark.parametrize(
    ("kind", "day", "found"),
    [("Default", DAY, True), ("Budget", DAY, False), ("Default", date(2025, 12, 31), False)],
)
def test_a_rate_fits_by_type_and_day(kind: str, day: date, found: bool) -> None:
    d = dossier(finance=(entity(exchange_rate_type=kind), rate("r", "130", YEAR)), currency="gbp")

    assert (exchange_rate(d, day) is not None) is found


@pytest.mark.parametrize(("kind", "expected"), [("cost", D("1.3")), ("unbilled-sales", D("9"))])
def test_an_agreed_rate_is_not_for_cost_in_a_third_currency(kind: str, expected: Decimal) -> None:
    project = Project(id="p", number="P-0007", company="c-us", contract="pc", fixed_rate=D("9"))
    d = dossier(project, finance=(entity(), rate("r", "130", YEAR)), currency="gbp",
                transaction_type=kind)  # fmt: skip

    assert exchange_rate(d, DAY) == expected  # the contract is in dollars


TOOLS = ProjectCategory(id="USPM|Tools", company="USPM", name="Tools", transaction_type="item")


@pytest.mark.parametrize(
    ("name", "known", "klass", "expected"),
    [
        ("Tools", (TOOLS,), "material", "Tools"),
        ("Tools", (), "material", "ITEM"),
        (None, (TOOLS,), "material", "ITEM"),
        (None, (), "time", "HOUR"),
        (None, (), "expense", None),
    ],
)
def test_the_category_of_the_actual_wins_over_the_default(name, known, klass, expected) -> None:
    d = dossier(Category(id="cat", name=name), category="cat" if name else None,
                finance=(entity(default_hour_category="HOUR"), *known),
                transaction_class=klass)  # fmt: skip

    assert resolved_category(d) == expected


@pytest.mark.parametrize(
    ("billing", "expected"),
    [("chargeable", "Charge"), ("complimentary", "Free"), ("not-available", "NotAvail"),
     (None, None)],
)  # fmt: skip
def test_the_line_property_is_that_of_the_billing_type(billing, expected) -> None:
    assert line_property_of(dossier(billing_type=billing)) == expected


@pytest.mark.parametrize(
    ("said", "expected"),
    [({}, True), ({"voucher": "USPM-000041"}, False), ({"is_journalized": True}, False),
     ({"skip_sync": True}, False), ({"skip_sync": False}, True)],
)  # fmt: skip
def test_finance_awaits_what_it_has_not_got(said, expected) -> None:
    assert awaits_ledger(dossier(**said)) is expected
