"""Corrective invoices and recalled approvals: what they credit, reverse and open again."""

from decimal import Decimal

import pytest

from adapter.making.confirm import unbilled_sum
from adapter.making.reverse import Correction, corrective_net, reverse_approval, revise_proforma
from adapter.values.project_operations import Milestone
from tests.making_given import actual
from tests.test_confirm import told

D = Decimal
BILLED = actual("b", "billed-sales", "8", "75.00")


@pytest.mark.parametrize(
    ("quantity", "expected", "net"),
    [
        ("0", ["B -8/-600.00 ch", "U +8/+600.00 ch"], "-600.00"),
        ("5", ["B -8/-600.00 ch", "U +5/+375.00 ch", "U -5/-375.00 ch", "B +5/+375.00 ch",
               "U +3/+225.00 ch"], "-225.00"),
        ("10", ["B -8/-600.00 ch", "U +10/+750.00 ch", "U -10/-750.00 ch", "B +10/+750.00 ch"],
         "150.00"),
    ],
    ids=["E23 full credit", "E24 partial", "E25 more"],
)  # fmt: skip
def test_a_correction_credits_all_and_bills_the_right_quantity(quantity, expected, net):
    created = revise_proforma([Correction(original=BILLED, quantity=D(quantity))], invoice="c")

    assert [told(a) for a in created.actuals] == expected
    assert corrective_net(created) == D(net)
    assert unbilled_sum(created.actuals) == max(D("600.00") - D(quantity) * 75, D(0))
    assert created.changed("b", "adjustment_status") == "adjusted"


def test_the_remainder_is_open_and_replaces_the_billed_original():
    created = revise_proforma([Correction(original=BILLED, quantity=D(5))], invoice="c")
    rest = created.actuals[-1]

    assert rest.billing_status == "unbilled-sales-created"
    roles = {(c.first, c.first_role, c.second, c.second_role) for c in created.connections}
    assert (rest.id, "Replacing", "b", "Original") in roles
    assert (created.actuals[0].id, "Reversing", "b", "Original") in roles


def test_a_milestone_is_credited_in_full_and_ready_again():
    billed = actual("b", "billed-sales", "1", "5000.00", transaction_class="milestone")
    milestone = Milestone(id="m", name="M1")

    full = revise_proforma([Correction(original=billed, milestone=milestone)], invoice="c")
    part = revise_proforma([Correction(original=billed, quantity=D("0.5"))], invoice="c")

    assert [told(a) for a in full.actuals] == ["B -1/-5000.00 ch"]
    assert full.actuals[0].adjustment_status == "unadjustable"
    assert full.changed("m", "invoice_status") == "ready"
    assert (part.actuals, [f.code for f in part.findings]) == ((), ["PRO704"])


@pytest.mark.parametrize(("status", "codes"), [("draft", ["PRO709"]), ("in-review", ["PRO709"]),
                                               ("confirmed", []), ("paid", [])])  # fmt: skip
def test_only_a_confirmed_or_paid_proforma_is_revised(status, codes):
    created = revise_proforma([Correction(original=BILLED)], invoice="c", status=status)

    assert [f.code for f in created.findings] == codes


COST = actual("c", "cost", "2", "55.00")
SALES = actual("u", "unbilled-sales", "2", "90.00")


def test_a_recalled_approval_reverses_cost_and_sales_and_nets_to_zero():
    created = reverse_approval([COST, SALES], event="recall")

    assert [told(a) for a in created.actuals] == ["C -2/-110.00 ch", "U -2/-180.00 ch"]
    assert sum(a.amount for a in (COST, SALES, *created.actuals)) == 0
    assert {a.billing_status for a in created.actuals} == {"canceled"}
    assert {a.adjustment_status for a in created.actuals} == {"unadjustable"}
    assert {created.changed(k, "adjustment_status") for k in "cu"} == {"adjusted"}
    assert {created.changed(k, "billing_status") for k in "cu"} == {"canceled"}


@pytest.mark.parametrize(
    "said",
    [{"billing_status": "customer-invoice-created"}, {"billing_status": "customer-invoice-posted"},
     {"invoice": "INV-1"}],
)  # fmt: skip
def test_what_is_on_an_invoice_is_not_recalled_nor_is_anything_beside_it(said):
    invoiced = actual("u", "unbilled-sales", "2", "90.00", **said)

    created = reverse_approval([COST, invoiced], event="recall")

    assert (created.actuals, [f.code for f in created.findings]) == ((), ["PRO706"])


def test_what_was_reversed_before_is_not_reversed_again():
    done = actual("c", "cost", "2", "55.00", adjustment_status="adjusted")

    assert reverse_approval([done], event="recall").actuals == ()
