"""Milestones and retainers: due, left or held, and who pays which part."""

from decimal import Decimal

import pytest

from adapter.making.billing_schedule import schedule_of
from adapter.values.project_operations import (
    ContractCustomer,
    ContractLine,
    Milestone,
    Retainer,
)
from tests.making_given import ENVIRONMENT, World

D = Decimal


def test_payers_that_do_not_share_100_percent_hold_the_milestone():
    payer = ContractCustomer(id="fp", contract="pc", contract_line="fp", percent=D(90))
    milestone = Milestone(id="m", name="M1", contract="pc", contract_line="fp",
                          amount=D("1"), invoice_status="ready")  # fmt: skip

    [found] = schedule_of(World(payer, milestone).books, ENVIRONMENT)

    assert (found.status, [f.code for f in found.findings]) == ("held", ["PRO707"])


def test_a_milestone_is_split_between_payers_and_the_rounding_customer_takes_the_rest():
    payers = [
        ContractCustomer(id=f"fp-{i}", contract="pc", contract_line="fp", account="acc",
                         percent=p, is_rounding=i == 0)
        for i, p in enumerate((D("33.34"), D("33.33"), D("33.33")))
    ]  # fmt: skip
    milestone = Milestone(id="m", name="M1", contract="pc", contract_line="fp",
                          amount=D("100.01"), invoice_status="ready")  # fmt: skip

    [found] = schedule_of(World(*payers, milestone).books, ENVIRONMENT)

    assert [one.line.amount for one in found.lines] == [D("33.35"), D("33.33"), D("33.33")]


@pytest.mark.parametrize(
    ("contracted", "held"), [("150.00", False), ("149.99", True), (None, False)]
)
def test_milestones_that_do_not_come_to_the_contracted_amount_are_held(contracted, held):
    line = ContractLine(id="fp", name="Installation", contract="pc", line_type="project-based",
                        contracted_amount=None if contracted is None else D(contracted))
    payer = ContractCustomer(id="fp", contract="pc", contract_line="fp", percent=D(100))
    due = [Milestone(id=f"m{i}", name=f"M{i}", contract="pc", contract_line="fp",
                     amount=D(amount), invoice_status="ready")
           for i, amount in enumerate(("100.00", "50.00"))]  # fmt: skip

    found = list(schedule_of(World(line, payer, *due).books, ENVIRONMENT))

    assert [s.status for s in found] == ["held" if held else "written"] * 2
    if held:
        assert {f.code for s in found for f in s.findings} == {"PRO723"}
        assert "come to 150.00, contracted are 149.99" in found[0].reason
        (said,) = found[0].findings
        assert said.message == (
            "milestone M0 of contract PC-0007, USPM: "
            "the milestones of Installation come to 150.00, contracted are 149.99"
        )
        assert said.help.startswith("Add, change or delete milestones on the invoice schedule")
        assert dict(said.values)["company"] == "USPM"


def test_a_milestone_of_one_customer_is_that_customers_alone():
    payers = [ContractCustomer(id=f"fp-{i}", contract="pc", contract_line="fp", account="acc",
                               percent=D(50)) for i in range(2)]  # fmt: skip
    milestone = Milestone(id="m", name="M1", contract="pc", contract_line="fp",
                          contract_customer="fp-1", amount=D("80.00"), invoice_status="ready")

    [found] = schedule_of(World(*payers, milestone).books, ENVIRONMENT)

    assert [(one.line.payer, one.line.amount) for one in found.lines] == [("fp-1", D("80.00"))]


def test_a_milestone_without_amount_or_payer_is_held():
    bare = Milestone(id="m1", contract="pc", contract_line="cl", invoice_status="ready")
    alone = Milestone(id="m2", amount=D(1), invoice_status="ready")

    found = {s.id: (s.status, [f.code for f in s.findings])
             for s in schedule_of(World(bare, alone).books, ENVIRONMENT)}  # fmt: skip

    assert found == {"m1": ("held", ["PRO703"]), "m2": ("held", ["PRO701"])}


def test_a_company_that_is_not_served_holds_what_is_due():
    from msgspec.structs import replace

    milestone = Milestone(id="m", contract="pc", contract_line="cl", amount=D(1),
                          invoice_status="ready")  # fmt: skip
    books = World(milestone).books

    [refused] = schedule_of(replace(books, models={"USPM": "refused"}), ENVIRONMENT)
    [served] = schedule_of(replace(books, models={"USPM": "core"}), ENVIRONMENT)

    assert (refused.status, served.status) == ("held", "written")


def test_a_retainer_goes_to_its_payer_and_is_never_split():
    ready = Retainer(id="r", name="A", contract="pc", contract_customer="pay", amount=D("99.99"),
                     invoice_status="ready", currency="usd")  # fmt: skip

    [found] = schedule_of(World(ready).books, ENVIRONMENT)

    assert [(one.line.payer, one.line.amount) for one in found.lines] == [("pay", D("99.99"))]
    assert (found.kind, found.company, found.currency) == ("retainer", "USPM", "USD")


def test_a_retainer_that_was_invoiced_is_not_invoiced_again():
    """Its flag says so, although it still has the status ready (domain 1.3)."""
    ready = Retainer(id="r", name="A", contract="pc", contract_customer="pay", amount=D("99.99"),
                     invoice_status="ready", is_invoiced=True, currency="usd")  # fmt: skip

    [found] = schedule_of(World(ready).books, ENVIRONMENT)

    assert (found.status, found.reason) == ("left", "already on a customer invoice")
