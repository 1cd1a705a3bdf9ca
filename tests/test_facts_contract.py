"""Facts of contracts: lines, payers, classes, price lists, milestones."""

from datetime import date
from decimal import Decimal

import pytest

from adapter.values.field_service import PriceList, WorkOrder
from adapter.values.project_operations import (
    Account,
    ContractCustomer,
    ContractLine,
    ContractPriceList,
    InvoiceSchedule,
    Milestone,
)
from tests.facts_given import dossier, value
from tests.making_given import World, actual

D = Decimal


def line(key: str = "cl", **said: object) -> ContractLine:
    base = {"name": key, "contract": "pc", "project": "p", "line_type": "project-based",
            "billing_method": "time-and-material", "includes_material": True}  # fmt: skip
    return ContractLine(id=key, **(base | said))


def payer(key: str, **said: object) -> ContractCustomer:
    return ContractCustomer(id=key, **({"contract": "pc", "contract_line": "cl"} | said))


def fact(name: str, *records: object, **said: object) -> object:
    return value(dossier(World(*records), actual("a", "cost", "2", "5", **said)), name)


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        ([], 1),
        ([line(billing_method=None)], 0),
        ([line(line_type="product-based")], 0),
        ([line("cl-2", billing_method="fixed-price")], 2),
        ([line(contract=None)], None),
    ],
)
def test_only_project_based_lines_of_the_contract_count(records, expected) -> None:
    assert fact("contract.project_lines", *records) == expected


def test_without_a_contract_no_line_is_missed() -> None:
    assert fact("contract.project_lines", project=None, contract_line=None) is None


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        ({}, True),
        ({"included_tasks": "selected-tasks"}, True),
        ({"project": "other"}, False),
        ({"includes_material": False, "includes_time": True}, False),
        ({"contract": "pc-gb"}, False),
    ],
)
def test_lines_overlap_by_project_and_class_unless_both_select_tasks(second, expected) -> None:
    assert fact("contract.lines_overlap", line(), line("cl-2", **second)) is expected


def test_two_lines_that_both_select_tasks_do_not_overlap() -> None:
    both = (line(included_tasks="selected-tasks"), line("cl-2", included_tasks="selected-tasks"))

    assert fact("contract.lines_overlap", *both) is False


@pytest.mark.parametrize(
    ("start", "finish", "expected"),
    [
        (None, None, True),
        (date(2026, 3, 10), date(2026, 3, 10), True),
        (date(2026, 3, 11), None, False),
        (None, date(2026, 3, 9), False),
    ],
)
def test_a_price_list_is_in_force_from_its_first_to_its_last_day(start, finish, expected) -> None:
    found = fact("contract.has_price_list_on_date",
                 ContractPriceList(id="cpl", contract="pc", price_list="pl"),
                 PriceList(id="pl", start=start, finish=finish))  # fmt: skip

    assert found is expected


def test_a_contract_without_price_lists_has_none_and_no_contract_is_not_asked() -> None:
    assert fact("contract.has_price_list_on_date") is False
    assert fact("contract.has_price_list_on_date", project=None) is None


@pytest.mark.parametrize(
    ("records", "billing_account", "expected"),
    [
        ([], "acc", True),
        ([], "stranger", False),
        ([], None, None),
        ([payer("pay", contract=None)], "acc", False),
        ([payer("pay", contract=None, account="acc")], "acc", True),
        ([payer("pay", contract=None, contract_line=None)], "stranger", None),
    ],
)
def test_the_billing_account_is_looked_for_among_the_customers(
    records, billing_account, expected
) -> None:
    order = WorkOrder(id="wo", project="p", billing_account=billing_account)

    assert fact("contract.customers_include_billing_account", order, *records) is expected


@pytest.mark.parametrize(
    ("shares", "total", "is_whole", "count"),
    [
        (["33.34", "33.33", "33.33"], D("100.00"), True, 3),
        (["33.33", "33.33", "33.33"], D("99.99"), False, 3),
        (["100", None], D(100), True, 2),
    ],
)
def test_shares_are_added_exactly(shares, total, is_whole, count) -> None:
    names = ("pay", "pay-2", "pay-3")
    payers = [payer(k, percent=None if s is None else D(s))
              for k, s in zip(names, shares, strict=False)]  # fmt: skip

    assert fact("contract_line.percent_total", *payers) == total
    assert fact("contract_line.percent_is_whole", *payers) is is_whole
    assert fact("contract_line.customers_count", *payers) == count


def test_payers_of_the_whole_contract_stand_in_for_those_of_the_line() -> None:
    whole = payer("pay", contract_line=None, percent=D(40))

    assert fact("contract_line.percent_total", whole) == D(40)


def test_without_a_contract_line_its_payers_are_nobody_s() -> None:
    for name in ("percent_total", "percent_is_whole"):
        assert fact(f"contract_line.{name}", contract_line=None) is None
    assert fact("contract_line.customers_count", contract_line=None) == 0


def test_companies_of_payers_are_counted_once_each() -> None:
    british = Account(id="acc-gb", company="c-gb")
    unknown = Account(id="acc-x")
    payers = [payer("pay", account="acc"), payer("pay-2", account="acc-gb"),
              payer("pay-3", account="acc-x"), payer("pay-4", account="acc")]  # fmt: skip

    assert fact("contract_line.customers_companies", british, unknown, *payers) == 2


@pytest.mark.parametrize(
    ("amounts", "expected"), [([], None), (["3000", "2000.01"], D("5000.01")), ([None], D(0))]
)
def test_milestones_of_the_line_are_added(amounts, expected) -> None:
    rows = [Milestone(id=f"m{i}", contract_line="cl", amount=None if a is None else D(a))
            for i, a in enumerate(amounts)]  # fmt: skip

    assert fact("contract_line.milestone_total", *rows) == expected


@pytest.mark.parametrize(
    ("klass", "said", "expected"),
    [
        ("material", {"includes_material": True}, True),
        ("material", {"includes_material": False}, False),
        ("material", {"includes_material": None}, None),
        ("time", {"includes_time": True}, True),
        ("milestone", {}, None),
    ],
)
def test_a_class_is_included_as_its_line_says(klass, said, expected) -> None:
    assert fact("contract_line.class_included", line(**said), transaction_class=klass) is expected


def test_lines_that_would_take_the_actual_are_counted() -> None:
    lines = (line(), line("cl-2"), line("cl-3", project="other"))

    assert fact("contract_line.matches", *lines) == 2
    assert fact("contract_line.matches", *lines, transaction_class="milestone") == 0


def test_a_line_belongs_to_the_contract_of_the_actual() -> None:
    assert fact("contract_line.is_of_contract") is True
    assert fact("contract_line.is_of_contract", contract_line="cl-gb") is False
    assert fact("contract_line.is_of_contract", contract_line=None) is None


def test_the_contract_s_currency_is_named_by_its_code() -> None:
    assert fact("contract.currency_code") == "USD"
    assert fact("contract.currency_code", project=None) is None


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([], None),
        ([("successful", 1, 31)], None),
        ([("successful", 1, 31), ("not-run", 15, 14), ("not-run", 30, 29)], 14),
        ([("failed", 15, None)], 14),
        ([("not-run", None, 14)], None),
    ],
)
def test_the_next_invoice_run_of_a_line_has_a_cut_off(rows, expected) -> None:
    runs = [
        InvoiceSchedule(id=f"r{at}", contract_line="cl", run_status=status,
                        run_date=run and date(2026, 3, run),
                        cut_off=cut and date(2026, 2 if cut > 30 else 3, min(cut, 28)))
        for at, (status, run, cut) in enumerate(rows)
    ]  # fmt: skip

    assert fact("contract_line.next_cut_off", *runs) == (
        None if expected is None else date(2026, 3, expected)
    )
