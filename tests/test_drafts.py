"""What the CRM already has beside a draft."""

from datetime import date
from decimal import Decimal

from adapter.values.project_operations import Contract, ContractLine, Invoice, InvoiceLineDetail
from tests.making_given import World, actual
from tests.test_proforma import drafts, unbilled

D = Decimal


def test_an_open_draft_of_the_pair_is_named_the_most_recent_one():
    invoices = [
        Invoice(id=f"i{n}", number=f"INV-{n}", contract="pc", customer=who, currency="usd",
                invoice_date=date(2026, 3, n), invoice_status=status)
        for n, who, status in ((1, "acc", "draft"), (2, "acc", "draft"), (3, "acc", "confirmed"),
                               (4, "other", "draft"))
    ]  # fmt: skip
    detail = InvoiceLineDetail(id="d", invoice="i2", amount=D("7.00"), billing_type="chargeable")

    [draft] = drafts(World(*invoices, detail), unbilled("u", "1", "10.00"))

    assert draft.header["existing_draft"] == "INV-2"
    assert draft.header["existing_draft_lines"] == 1
    assert draft.header["existing_draft_amount"] == D("7.00")


def test_limits_are_shown_beside_what_is_billed():
    line = ContractLine(id="cl", name="T&M", contract="pc", line_type="project-based",
                        nte_limit=D(1000))  # fmt: skip
    contract = Contract(id="pc", number="PC-0007", company="c-us", nte_limit=D(9000))
    billed = actual("b", "billed-sales", "6", "100.00")

    [draft] = drafts(World(line, contract, billed), unbilled("u", "1", "150.00"))

    assert draft.lines[0]["not_to_exceed"] == [
        {"level": "contract-line", "id": "cl", "limit": D(1000), "billed": D("600.00"),
         "draft": D("150.00"), "left": D("250.00")},
        {"level": "contract", "id": "pc", "limit": D(9000), "billed": None, "draft": None,
         "left": None},
    ]  # fmt: skip
