"""Retainers: what is available and what an invoice takes of it."""

from decimal import Decimal

import pytest

from adapter.making.advances import applied_of, apply_advances, available_of
from adapter.values.project_operations import Retainer
from tests.making_given import ENVIRONMENT, World, actual

D = Decimal


@pytest.mark.parametrize(
    ("available", "invoice", "wanted", "expected"),
    [
        ("1000", "640", None, "640"),
        ("360", "640", None, "360"),
        ("1000", "640", "700", "640"),
        ("1000", "640", "200", "200"),
        ("1000", "-5", None, "0"),
        ("0", "640", "700", "0"),
    ],
)
def test_what_is_applied_is_capped_at_the_retainer_and_at_the_invoice(
    available, invoice, wanted, expected
):
    asked = None if wanted is None else D(wanted)

    assert applied_of(D(available), D(invoice), asked) == D(expected)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"is_invoiced": True, "used_amount": D(30)}, "70"),
        ({"is_invoiced": True, "used_amount": D(130)}, "0"),
        ({"is_invoiced": True}, "100"),
        ({"is_invoiced": False}, "0"),
        ({}, "0"),
        ({"invoice_status": "customer-invoice-posted", "used_amount": D(30)}, "70"),
        ({"invoice_status": "customer-invoice-created"}, "0"),
        ({"invoice_status": "ready", "is_invoiced": True}, "100"),
        ({"invoice_status": "customer-invoice-posted", "is_invoiced": False}, "0"),
    ],
)
def test_nothing_is_available_before_the_retainer_was_invoiced(said, expected):
    assert available_of(Retainer(id="r", amount=D(100), **said)) == D(expected)


def test_the_oldest_retainer_is_taken_first_and_the_next_pays_the_rest():
    from datetime import date

    retainers = [
        Retainer(id=key, name=key, contract="pc", contract_customer="pay", currency="usd",
                 amount=D(100), is_invoiced=True, invoice_date=date(2026, month, 1))
        for key, month in (("young", 3), ("old", 1))
    ]  # fmt: skip
    world = World(*retainers)
    line = world.line(actual("u", "unbilled-sales", "15", "10.00"), "proforma-line").line

    found = apply_advances(world.books, ENVIRONMENT, "pc", "pay", "USD", [line])

    assert [(a.retainer, a.applied, a.left) for a in found] == [
        ("old", D(100), D(0)),
        ("young", D(50), D(50)),
    ]
