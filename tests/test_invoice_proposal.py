"""Invoice proposals and on-account documents: billed sales on their way to an invoice."""

from decimal import Decimal

from adapter.values.project_operations import Invoice
from tests.making_given import World, actual

D = Decimal
INVOICES = tuple(
    Invoice(id=f"i{n}", number=f"INV-{n}", contract="pc", invoice_status="confirmed")
    for n in (1, 2)
)


def billed(key: str, quantity: str, price: str, **more: object):
    return actual(key, "billed-sales", quantity, price, **more)


def test_billed_sales_are_collected_by_the_proforma_that_was_confirmed():
    found = World(*INVOICES).documents(
        [
            billed("a", "1", "10.00", invoice="i1"),
            billed("b", "2", "10.00", invoice="i1"),
            billed("c", "1", "5.00", invoice="i2"),
        ],
        "invoice-proposal-line",
    )

    assert {(d.kind, d.name, len(d.lines), d.total("total")) for d in found} == {
        ("invoice-proposal", "INV-1", 2, D("30.00")),
        ("invoice-proposal", "INV-2", 1, D("5.00")),
    }
    assert all(kept.is_kept for d in found for kept in d.keeps)


def test_non_chargeable_lines_are_shown_and_not_asked_for():
    [found] = World(*INVOICES).documents(
        [
            billed("a", "1", "10.00", invoice="i1", discount_percent=D(10), tax=D("0.72")),
            billed("b", "1", "7.00", invoice="i1", billing_type="non-chargeable"),
        ],
        "invoice-proposal-line",
    )

    assert (found.total("amount"), found.total("discount")) == (D("10.00"), D("1.00"))
    assert found.total("total") == D("9.72")
    assert len(found.lines) == 2


def test_lines_carry_line_property_and_tax_groups():
    [found] = World(*INVOICES).documents([billed("a", "1", "10.00", invoice="i1")],
                                         "invoice-proposal-line")  # fmt: skip
    [line] = found.lines

    assert (line["line_property"], line["tax_group"], line["item_tax_group"]) == (
        "Charge", "CUS", "ITM",
    )  # fmt: skip


def test_a_milestone_is_on_account():
    [found] = World(*INVOICES).documents(
        [billed("m", "1", "5000.00", transaction_class="milestone")], "on-account"
    )

    assert (found.kind, found.name, found.lines[0]["source"]) == (
        "on-account", "PC-0007 USD", "milestone",
    )  # fmt: skip
