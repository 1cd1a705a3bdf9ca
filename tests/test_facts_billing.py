"""Facts of billing: approvers, payers, limits not to exceed, drafts."""

from decimal import Decimal

import pytest

from adapter.values.actuals import Approval, Connection
from adapter.values.field_service import Usage
from adapter.values.project_operations import (
    Contract,
    ContractCustomer,
    ContractLine,
    Invoice,
    InvoiceLineDetail,
    TeamMember,
)
from tests.facts_given import dossier, folded, value
from tests.making_given import World, actual

D = Decimal
APPROVAL = Approval(id="ap", usage="mul", approved_by="boss", stage="approved")
USAGE = Usage(id="mul")


def sale(key: str, amount: str, **more: object):
    said = {"contract_customer": "pay", "contract": "pc", "nte_status": "committed", **more}
    return actual(key, said.pop("transaction_type", "unbilled-sales"), "1", amount, **said)


def line(limit: str | None) -> ContractLine:
    return ContractLine(id="cl", name="T&M", contract="pc", project="p",
                        nte_limit=None if limit is None else D(limit))  # fmt: skip


def world(*records: object) -> World:
    return World(*records)


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ((), None),
        ((TeamMember(id="m", project="p", user="boss", is_approver=True),), True),
        ((TeamMember(id="m", project="p", user="boss", is_approver=False),), False),
        ((TeamMember(id="m", project="p", user="other", is_approver=True),), False),
        ((TeamMember(id="m", project="p-gb", user="boss", is_approver=True),), None),
    ],
)
def test_an_approver_is_judged_by_the_team_of_the_project(members, expected) -> None:
    d = dossier(world(APPROVAL, USAGE, *members), sale("U", "10", usage="mul"))

    assert value(d, "approval.by_team_approver") is expected


def test_without_approval_nobody_is_judged() -> None:
    assert value(dossier(world(), sale("U", "10")), "approval.by_team_approver") is None


@pytest.mark.parametrize(
    ("payers", "choices", "is_of_line"),
    [
        ((), 1, True),
        ((ContractCustomer(id="two", contract="pc", contract_line="cl", account="acc"),), 2, True),
        ((ContractCustomer(id="pay", contract="pc", contract_line="cl-gb", account="acc"),
          ContractCustomer(id="all", contract="pc", account="acc")), 1, False),
    ],
)  # fmt: skip
def test_payers_are_those_of_the_line_or_else_of_the_contract(payers, choices, is_of_line) -> None:
    d = dossier(world(*payers), sale("U", "10"))

    assert value(d, "payer.choices") == choices
    assert value(d, "payer.is_of_line") is is_of_line


def billed_before(*amounts: str):
    return [sale(f"B{i}", a, transaction_type="billed-sales",
                 billing_status="customer-invoice-posted", nte_status=None)
            for i, a in enumerate(amounts)]  # fmt: skip


def test_a_sale_that_fails_does_not_commit_and_equality_passes() -> None:
    billed = billed_before("600.00")
    sales = [sale("U0", "250.00"), sale("L1", "120.00"), sale("L2", "50.00", nte_status="failed"),
             sale("L3", "30.00")]  # fmt: skip
    records = world(line("1000.00"), *billed)

    assert folded(records, [*billed, *sales], "nte.expected_status") == [
        "not-applicable", "committed", "committed", "failed", "committed"
    ]  # fmt: skip
    assert folded(records, sales, "nte.before") == [None, None, D("970.00"), None]


def test_our_own_sum_lets_a_sale_over_the_limit_not_commit_either() -> None:
    sales = [sale("A", "90"), sale("B", "20"), sale("C", "10")]

    found = folded(world(line("100")), sales, "nte.expected_status")

    assert found == ["committed", "failed", "committed"]


@pytest.mark.parametrize(
    ("level", "records"),
    [
        ("contract-line-customer", (ContractCustomer(id="pay", contract="pc", contract_line="cl",
                                                     account="acc", nte_limit=D(5)),)),
        ("contract-line", (line("5"),)),
        ("customer", (ContractCustomer(id="w", contract="pc", account="acc", nte_limit=D(5)),)),
        ("contract", (Contract(id="pc", company="c-us", currency="usd", nte_limit=D(5)),)),
        (None, (line("10"),)),
        (None, (ContractCustomer(id="w", contract="pc", account="b", nte_limit=D(5)),)),
    ],
)  # fmt: skip
def test_a_limit_is_tested_on_four_levels(level, records) -> None:
    d = dossier(world(*records), sale("U", "10"))

    assert value(d, "nte.level") == level
    assert value(d, "nte.limit") == (D(5) if level else None)


@pytest.mark.parametrize(
    "said",
    [{"billing_type": "non-chargeable"}, {"billing_type": "complimentary"},
     {"transaction_class": "retainer"}, {"transaction_type": "cost"},
     {"transaction_type": "billed-sales"}],
)  # fmt: skip
def test_a_limit_does_not_concern_what_is_not_chargeable_usage(said) -> None:
    d = dossier(world(line("5")), sale("U", "10", **said))

    assert value(d, "nte.expected_status") == "not-applicable"


@pytest.mark.parametrize(
    ("first", "expected"),
    [
        ({}, "failed"),
        ({"nte_status": "not-evaluated"}, "committed"),
        ({"nte_status": "failed"}, "committed"),
        ({"billing_status": "customer-invoice-posted"}, "committed"),
        ({"origin": "invoice-confirmation"}, "committed"),
        ({"billing_type": "complimentary"}, "committed"),
    ],
)
def test_what_counts_under_a_limit(first, expected) -> None:
    sales = [sale("A", "90", **first), sale("B", "20")]

    assert folded(world(line("100")), sales, "nte.expected_status")[1] == expected


@pytest.mark.parametrize(
    ("original", "expected"),
    [({}, "committed"), ({"billing_status": "customer-invoice-posted"}, "failed")],
)
def test_a_reversal_gives_back_only_what_was_committed(original, expected) -> None:
    first = sale("A", "90", **original)
    link = Connection(id="k", first="R", first_role="Reversing", second="A", second_role="Original")
    billed = billed_before("90") if original else []
    sales = [first, sale("R", "-90"), sale("B", "20")]

    found = folded(world(line("100"), first, link, *billed), sales, "nte.expected_status")

    assert found[2] == expected


def test_billed_sales_of_another_currency_are_not_added() -> None:
    pounds = sale("B", "90", transaction_type="billed-sales", currency="gbp")

    assert folded(world(line("100"), pounds), [sale("U", "20")], "nte.expected_status") == [
        "committed"
    ]


def test_billed_sales_are_read_once_per_limit() -> None:
    class Counting:
        def __init__(self, inner) -> None:
            self.inner, self.asked = inner, 0

        def where(self, kind, field, key):
            self.asked += kind.__name__ == "Actual"
            return self.inner.where(kind, field, key)

        def __getattr__(self, name):
            return getattr(self.inner, name)

    records = world(line("100"))
    records.assembler.records = counting = Counting(records.records)

    folded(records, [sale("A", "1"), sale("B", "1"), sale("C", "1")], "nte.expected_status")

    assert counting.asked == 1


@pytest.mark.parametrize(
    ("percent", "amount", "expected"),
    [("15", "119.94", D("17.99")), ("0", "10.00", D("0.00")), (None, "10.00", None)],
)
def test_a_discount_is_rounded_at_the_amount(percent, amount, expected) -> None:
    said = None if percent is None else D(percent)
    d = dossier(world(), sale("U", amount, discount_percent=said))

    assert value(d, "actual.discount_expected") == expected


@pytest.mark.parametrize(
    ("status", "number", "klass"),
    [("draft", "INV-1", "fee"), ("in-review", "INV-1", "fee"), ("confirmed", None, None)],
)
def test_a_draft_that_carries_the_actual_is_named(status, number, klass) -> None:
    invoice = Invoice(id="inv", number="INV-1", invoice_status=status)
    detail = InvoiceLineDetail(id="d", invoice="inv", actual="U", transaction_class="fee")
    d = dossier(world(invoice, detail), sale("U", "10"))

    assert value(d, "draft.number") == number
    assert value(d, "draft.transaction_class") == klass
    assert value(dossier(world(invoice, detail), sale("V", "10")), "draft.number") is None


def test_line_details_of_the_invoice_are_counted() -> None:
    details = [InvoiceLineDetail(id=f"d{i}", invoice="inv") for i in range(3)]
    d = dossier(world(Invoice(id="inv"), *details), sale("B", "10", invoice="inv"))

    assert value(d, "invoice.details") == 3
    assert value(dossier(world(*details), sale("B", "10")), "invoice.details") is None


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (sale("X", "-10", transaction_class="retainer"), True),
        (sale("X", "-9", transaction_class="retainer"), False),
        (sale("X", "-10", transaction_class="retainer", transaction_type="billed-sales"), False),
        (sale("X", "-10", transaction_class="retainer", contract="pc-gb"), False),
    ],
)
def test_a_retainer_is_a_pair_of_billed_and_unbilled(other, expected) -> None:
    half = sale("B", "10", transaction_class="retainer", transaction_type="billed-sales")

    assert value(dossier(world(half, other), half), "retainer.has_pair") is expected


def test_usage_has_no_retainer_pair() -> None:
    assert value(dossier(world(), sale("U", "10")), "retainer.has_pair") is None
