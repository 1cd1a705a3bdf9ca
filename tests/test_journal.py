"""Integration journals: headers, order, limits, sums."""

import random
from datetime import date
from decimal import Decimal

import pytest

from adapter.making.documents import business_key
from adapter.making.journal import check_sides
from adapter.values.finance import LegalEntity
from tests.making_given import ENVIRONMENT, World, actual, british, company, on, settings

D = Decimal

G5 = [
    actual("L1c", "cost", "5", "22.00"),
    actual("L1u", "unbilled-sales", "5", "40.00"),
    actual("L2c", "cost", "2.5", "37.10"),
    actual("L2u", "unbilled-sales", "2.5", "64.80"),
    actual("L3c", "cost", "12", "4.20", started_at=on(11)),
    actual("L3u", "unbilled-sales", "12", "7.35", started_at=on(11)),
    british("L4c", "cost", "3", "30.00"),
    british("L4u", "unbilled-sales", "3", "55.00"),
]
BY_DAY = [
    ("USPM 2026-03-10 (1)", 4, "202.75", "362.00"),
    ("USPM 2026-03-11 (1)", 2, "50.40", "88.20"),
    ("GBPM 2026-03-10 (1)", 2, "90.00", "165.00"),
]
BY_MONTH = [
    ("USPM 2026-03 (1)", 6, "253.15", "450.20"),
    ("GBPM 2026-03 (1)", 2, "90.00", "165.00"),
]
ALL = [("USPM all (1)", 6, "253.15", "450.20"), ("GBPM all (1)", 2, "90.00", "165.00")]


def units(unit: str) -> World:
    said = {c: company(c, period_unit=unit) for c in ("USPM", "GBPM")}
    return World(settings=settings(**said))


@pytest.mark.parametrize(
    ("unit", "expected"), [("days", BY_DAY), ("months", BY_MONTH), ("all", ALL)]
)
def test_headers_follow_the_company_and_the_period_unit(unit, expected):
    documents = units(unit).documents(G5)

    found = [(d.name, len(d.lines), str(d.total("cost")), str(d.total("sales")))
             for d in documents]  # fmt: skip
    assert sorted(found) == sorted(expected)


def test_a_header_never_mixes_companies_whatever_the_rule_groups_by():
    world = World(settings=units("all").settings, group_by=("same",))

    documents = world.documents(G5)

    assert {line["company"] for d in documents for line in d.lines if d.company == "USPM"} == {
        "USPM"
    }
    assert len(documents) == 2


def test_the_order_of_the_rows_changes_nothing():
    world = units("months")
    shuffled = list(G5)
    random.Random(7).shuffle(shuffled)

    assert world.documents(G5) == world.documents(shuffled)


def test_more_lines_than_the_limit_open_numbered_headers():
    said = settings(USPM=company("USPM", lines_per_header=2, period_unit="months"))
    actuals = [actual(f"a{i}", "cost", "1", "10.00", started_at=on(28 - i)) for i in range(5)]

    documents = World(settings=said).documents(actuals)

    assert [(d.name, len(d.lines)) for d in documents] == [
        ("USPM 2026-03 (1)", 2),
        ("USPM 2026-03 (2)", 2),
        ("USPM 2026-03 (3)", 1),
    ]
    assert documents[0].actuals == ("a4", "a3")


def test_the_limit_is_200_unless_finance_says_otherwise():
    actuals = [actual(f"a{i:03}", "cost", "1", "1.00") for i in range(201)]
    tight = LegalEntity(id="USPM", code="USPM", currency="USD", lines_per_header=150)

    assert [len(d.lines) for d in World().documents(actuals)] == [200, 1]
    assert [len(d.lines) for d in World(finance=(tight,)).documents(actuals)] == [150, 51]


def test_a_late_actual_opens_a_header_that_was_not_sent_before():
    world = World(names_taken=("USPM 2026-03-10 (1)", "USPM 2026-03-10 (2)"))

    documents = world.documents([actual("late", "cost", "1", "1.00")])

    assert [d.name for d in documents] == ["USPM 2026-03-10 (3)"]


def test_the_key_of_a_journal_is_made_from_its_lines_and_nothing_else():
    [first] = World().documents([actual("a", "cost", "1", "1.00")])
    [again] = World().documents([actual("a", "cost", "1", "2.00")])
    [other] = World().documents([actual("b", "cost", "1", "1.00")])

    assert first.key == again.key
    assert first.key != other.key
    assert first.lines[0]["key"] == business_key("journal", ENVIRONMENT, "a")


def test_sums_are_kept_per_company_currency_type_and_class():
    for document in units("months").documents(G5):
        assert document.keeps
        assert all(kept.is_kept for kept in document.keeps)
        assert document.findings == ()


def test_the_header_says_period_dates_and_currency():
    [document] = World().documents([actual("a", "cost", "1", "1.00")])

    assert document.header == {
        "environment": "us",
        "company": "USPM",
        "company_name": None,
        "period_unit": "days",
        "period": "2026-03-10",
        "period_start": date(2026, 3, 10),
        "number": 1,
        "currency": "USD",
        "accounting_date_first": date(2026, 3, 10),
        "accounting_date_last": date(2026, 3, 10),
        "description": "Actuals 2026-03-10",
        "lines": 1,
    }


@pytest.mark.parametrize(("unit", "start"), [
    ("days", date(2026, 3, 10)), ("months", date(2026, 3, 1)), ("years", date(2026, 1, 1)),
    ("all", None),
])  # fmt: skip
def test_all_headers_of_a_period_begin_on_its_first_day(unit: str, start: date | None) -> None:
    late = [actual(str(n), "cost", "1", "1.00") for n in range(3)]
    said = {c: company(c, period_unit=unit, lines_per_header=1) for c in ("USPM", "GBPM")}
    documents = World(settings=settings(**said)).documents(late)

    assert [d.header["period_start"] for d in documents] == [start] * 3


def test_a_line_with_cost_and_sales_is_found():
    line = World().line(actual("a", "cost", "1", "1.00")).line
    both = line.__class__(**{f: getattr(line, f) for f in line.__struct_fields__} | {
        "sales_amount": D("1.00")})  # fmt: skip

    assert [f.code for f in check_sides("j", [both])] == ["JNL701"]
    assert check_sides("j", [line]) == ()


def test_journals_that_a_rule_divides_have_names_apart():
    lines = [World(group_by=(by,)).line(actual(f"c{by}", "cost", "1", "2.00", started_at=on(9)))
             for by in ("WO-1", "WO-2")]  # fmt: skip

    made = World().assembled(lines)

    assert [document.name for document in made] == ["USPM 2026-03-09 WO-1 (1)",
                                                    "USPM 2026-03-09 WO-2 (1)"]  # fmt: skip
