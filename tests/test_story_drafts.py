"""Details of open proformas in a story: what a draft bills is what its details say."""

from datetime import date

import pytest
from msgspec.structs import replace

from adapter.making.story import make_story
from adapter.making.story_parts import Story, Subject
from adapter.values.project_operations import ContractCustomer, Invoice, InvoiceLineDetail
from tests.making_given import AS_OF, CRM, ENVIRONMENT, actual, settings, tables
from tests.test_story import CONTRACT, D, figures, told

ON_DRAFT = replace(actual("u", "unbilled-sales", "4", "125.00"), invoice="i",
                   billing_status="customer-invoice-created")  # fmt: skip
DRAFT = Invoice(id="i", number="INV-1", contract="pc", currency="usd", invoice_status="draft",
                invoice_date=date(2026, 3, 31))  # fmt: skip
DETAIL = InvoiceLineDetail(id="d", invoice="i", actual="u", quantity=D(4), price=D("125.00"),
                           amount=D("500.00"), billing_type="chargeable")  # fmt: skip
PROFORMA = Subject(kind="invoice", id="i", name="INV-1", environment=ENVIRONMENT)


def drafted(story: Story) -> list[tuple[str, str, str]]:
    return [(m.because, m.what, str(m.amount)) for m in story.moments if m.stage == "drafted"]


def test_a_detail_as_it_came_adds_what_was_approved() -> None:
    story = told(ON_DRAFT, DRAFT, DETAIL, about=PROFORMA)

    assert figures(story)["billed"] == "500"
    assert drafted(story) == [("E11", "detail of Filter", "500.00")]


def test_an_edited_quantity_is_what_a_draft_bills() -> None:
    edited = replace(DETAIL, quantity=D(3), amount=D("375.00"))

    for subject in (PROFORMA, CONTRACT):
        story = told(ON_DRAFT, DRAFT, edited, about=subject)
        assert (figures(story)["billed"], figures(story)["backlog"]) == ("375", "500")
        assert drafted(story) == [("E11", "detail of Filter, quantity 3 instead of 4", "375.00")]


def test_what_is_not_charged_on_a_draft_adds_nothing() -> None:
    free = replace(DETAIL, billing_type="non-chargeable")
    story = told(ON_DRAFT, DRAFT, free, about=PROFORMA)

    assert "billed" not in figures(story)
    assert drafted(story) == [
        ("E11", "detail of Filter, billing type non-chargeable instead of chargeable", "0")]


def test_a_milestone_on_a_draft_is_billed_and_a_retainer_is_no_revenue() -> None:
    milestone = InvoiceLineDetail(id="m", invoice="i", transaction_class="milestone",
                                  amount=D(5000), billing_type="chargeable")  # fmt: skip
    retainer = replace(milestone, id="r", transaction_class="retainer", amount=D(1000))
    story = told(DRAFT, milestone, retainer, about=PROFORMA)

    assert figures(story) == {"on_draft": "5000", "billed": "5000"}
    assert drafted(story) == [("", "milestone", "5000"), ("", "retainer", "1000")]


def test_the_story_of_a_draft_tells_what_a_refresh_would_add() -> None:
    """What is left out stands on no proforma, so only the contract knows it (PRO719)."""
    payer = ContractCustomer(id="pay", contract="pc", account="acc", percent=D(100))
    rows = [replace(one, contract="pc", contract_customer="pay", billing_status=status)
            for one, status in ((ON_DRAFT, "customer-invoice-created"),
                                (actual("v", "unbilled-sales", "1", "60.00"), "ready-to-invoice"))]
    draft = replace(DRAFT, customer="acc")

    for subject in (PROFORMA, CONTRACT):
        story = told(*rows, draft, DETAIL, payer, about=subject)
        (left,) = [f for f in story.findings if f.code == "PRO719"]
        assert left.message == "1 transactions are ready and due, and are not on INV-1"
        assert dict(left.values) == {"amount": "60.00", "first": "v"}


def test_the_story_of_a_work_order_counts_what_a_refresh_would_add_of_the_whole_contract() -> None:
    payer = ContractCustomer(id="pay", contract="pc", account="acc", percent=D(100))
    ready = {"contract": "pc", "contract_customer": "pay", "billing_status": "ready-to-invoice"}
    on_draft = replace(ON_DRAFT, contract="pc", contract_customer="pay",
                       billing_status="customer-invoice-created")  # fmt: skip
    mine = actual("v", "unbilled-sales", "1", "60.00", **ready)
    others = actual("w", "unbilled-sales", "1", "40.00", work_order="wo2", **ready)
    rows = (on_draft, replace(DRAFT, customer="acc"), DETAIL, payer, others)

    (left,) = [f for f in told(*rows, mine).findings if f.code == "PRO719"]
    assert left.message == "2 transactions are ready and due, and are not on INV-1"
    assert dict(left.values) == {"amount": "100.00", "first": "v", "of this story": "1"}
    assert [f.code for f in told(*rows).findings if f.code == "PRO719"] == []


def test_a_story_by_day_and_kind_bills_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    edited = replace(DETAIL, quantity=D(3), amount=D("375.00"))
    whole = told(ON_DRAFT, DRAFT, edited, about=CONTRACT)
    monkeypatch.setattr("adapter.making.story.ACTUALS_MAX", 0)
    brief = make_story(CONTRACT, tables(*CRM, ON_DRAFT, DRAFT, edited), settings(), AS_OF,
                       whole=False)  # fmt: skip

    assert brief.totals == whole.totals
