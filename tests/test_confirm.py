"""Confirming a proforma: the actuals it creates, their signs, status and connections."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.making.advances import Advance
from adapter.making.confirm import (
    Detail,
    check_backlog,
    confirm_proforma,
    invoice_total,
    unbilled_sum,
)
from adapter.values.actuals import Actual
from adapter.values.project_operations import Milestone, Retainer
from tests.making_given import actual

DUE = date(2026, 3, 31)

D = Decimal
WORDS = {"unbilled-sales": "U", "billed-sales": "B", "cost": "C"}
TYPES = {"chargeable": "ch", "non-chargeable": "nc", "complimentary": "compl"}

USED = actual("u", "unbilled-sales", "4", "125.00")


def told(one: Actual) -> str:
    """An actual as the domain writes it: U -4/-500.00 ch."""
    return (
        f"{WORDS[one.transaction_type]} {one.quantity:+}/{one.amount:+} {TYPES[one.billing_type]}"
    )


@pytest.mark.parametrize(
    ("detail", "expected", "total"),
    [
        (Detail(original=USED), ["U -4/-500.00 ch", "B +4/+500.00 ch"], "500.00"),
        (
            Detail(original=USED, quantity=D(3)),
            ["U -4/-500.00 ch", "U +3/+375.00 ch", "U +1/+125.00 nc", "U -3/-375.00 ch",
             "U -1/-125.00 nc", "B +3/+375.00 ch", "B +1/+125.00 nc"],
            "375.00",
        ),
        (
            Detail(original=USED, quantity=D(5)),
            ["U -4/-500.00 ch", "U +5/+625.00 ch", "U -5/-625.00 ch", "B +5/+625.00 ch"],
            "625.00",
        ),
        (
            Detail(original=USED, quantity=D(0)),
            ["U -4/-500.00 ch", "U +4/+500.00 nc", "U -4/-500.00 nc", "B +4/+500.00 nc"],
            "0",
        ),
        (
            Detail(original=USED, billing_type="complimentary"),
            ["U -4/-500.00 ch", "U +4/+500.00 compl", "U -4/-500.00 compl",
             "B +4/+500.00 compl"],
            "0",
        ),
        (
            Detail(original=actual("n", "unbilled-sales", "4", "1.00",
                                   billing_type="non-chargeable")),
            ["U -4/-4.00 nc", "B +4/+4.00 nc"],
            "0",
        ),
        (
            Detail(template=USED, quantity=D(2)),
            ["U +2/+250.00 ch", "U -2/-250.00 ch", "B +2/+250.00 ch"],
            "250.00",
        ),
        (
            Detail(template=USED, quantity=D(2), billing_method="fixed-price"),
            ["B +2/+250.00 ch"],
            "250.00",
        ),
    ],
    ids=["E12 unchanged", "E13 fewer", "E14 more", "E13 none", "other billing type",
         "E15 non-chargeable", "E16 added", "E17 added to fixed price"],
)  # fmt: skip
def test_each_detail_creates_its_actuals(detail, expected, total):
    created = confirm_proforma([detail], invoice="INV-1")
    before = [detail.original] if detail.original is not None else []

    assert [told(a) for a in created.actuals] == expected
    assert invoice_total(created.actuals) == D(total)
    assert unbilled_sum([*before, *created.actuals]) == 0
    assert check_backlog("INV-1", before, created) == ()


def test_an_unchanged_original_is_posted_and_an_edited_one_also_adjusted():
    same = confirm_proforma([Detail(original=USED)], invoice="i")
    edited = confirm_proforma([Detail(original=USED, quantity=D(3))], invoice="i")

    assert same.changed("u", "billing_status") == "customer-invoice-posted"
    assert same.changed("u", "adjustment_status") is None
    assert edited.changed("u", "adjustment_status") == "adjusted"


def test_reversals_are_unadjustable_and_connected_to_their_original():
    created = confirm_proforma([Detail(original=USED)], invoice="i")
    reversal, billed = created.actuals

    assert reversal.adjustment_status == "unadjustable"
    assert billed.adjustment_status is None
    assert [(c.first, c.first_role, c.second, c.second_role) for c in created.connections] == [
        (reversal.id, "Reversing", "u", "Original"),
        (billed.id, "Billed Sales", "u", "Unbilled Sales"),
    ]


def test_new_actuals_have_ids_of_their_own_that_another_run_gives_again():
    first = confirm_proforma([Detail(original=USED, quantity=D(3))], invoice="i")
    again = confirm_proforma([Detail(original=USED, quantity=D(3))], invoice="i")

    assert first == again
    assert len({a.id for a in first.actuals} | {"u"}) == 8


def test_discount_fee_and_tax_follow_an_edited_quantity():
    used = actual("u", "unbilled-sales", "4", "125.00", discount_percent=D(10),
                  discount_amount=D("50.00"), fee_amount=D("8.00"), tax=D("40.00"))  # fmt: skip

    created = confirm_proforma([Detail(original=used, quantity=D(3))], invoice="i")

    assert invoice_total(created.actuals) == D("375.00") - D("37.50") + D("6.00") + D("30.00")


def test_a_milestone_is_billed_and_marked():
    milestone = Milestone(id="m", name="M1", amount=D("5000.00"), invoice_status="ready")

    created = confirm_proforma([], [milestone], invoice="i")

    assert [told(a) for a in created.actuals] == ["B +1/+5000.00 ch"]
    assert created.changed("m", "invoice_status") == "customer-invoice-posted"


RETAINER = Retainer(id="r", name="Advance", amount=D("1000.00"))


def test_an_invoiced_retainer_is_billed_and_open_below_zero():
    created = confirm_proforma([], retainers=[RETAINER], invoice="i")

    assert [told(a) for a in created.actuals] == ["B +1/+1000.00 ch", "U -1/-1000.00 ch"]


@pytest.mark.parametrize(
    ("applied", "retainer_actuals", "total"),
    [
        ("640.00", ["U +1/+1000.00 ch", "U -1/-360.00 ch", "B -1/-640.00 ch"], "0.00"),
        ("400.00", ["U +1/+1000.00 ch", "U -1/-600.00 ch", "B -1/-400.00 ch"], "240.00"),
    ],
)
def test_an_applied_retainer_is_released_and_what_is_left_opens_again(
    applied, retainer_actuals, total
):
    usage = actual("u", "unbilled-sales", "64", "10.00")
    advance = Advance(retainer="r", name="Advance", available=D("1000.00"), applied=D(applied),
                      left=D("1000.00") - D(applied))  # fmt: skip
    invoiced = confirm_proforma([], retainers=[RETAINER], invoice="i")

    created = confirm_proforma([Detail(original=usage)], advances=[advance], invoice="j")

    ours = [a for a in created.actuals if a.transaction_class == "retainer"]
    assert [told(a) for a in ours] == retainer_actuals
    assert invoice_total(created.actuals) == D(total)
    assert unbilled_sum([*invoiced.actuals, *ours]) == -advance.left
    assert created.changed("r", "used_amount") == D(applied)


def test_a_fully_applied_retainer_leaves_nothing_open():
    advance = Advance(retainer="r", name="A", available=D(100), applied=D(100), left=D(0))

    created = confirm_proforma([], advances=[advance], invoice="j")

    assert [told(a) for a in created.actuals] == ["U +1/+100 ch", "B -1/-100 ch"]


def test_a_backlog_that_stays_open_is_found():
    found = check_backlog("INV-1", [USED, actual("v", "unbilled-sales", "1", "7.00")],
                          confirm_proforma([Detail(original=USED)], invoice="i"))  # fmt: skip

    assert [f.code for f in found] == ["PRO708"]


@given(
    used=st.decimals("0.01", "500", places=2),
    billed=st.decimals("0", "500", places=2),
    price=st.decimals("0", "900", places=2),
)
def test_whatever_is_edited_the_open_backlog_of_the_detail_is_empty(used, billed, price):
    original = actual("u", "unbilled-sales", str(used), str(price))

    created = confirm_proforma([Detail(original=original, quantity=billed)], invoice="i")

    assert unbilled_sum([original, *created.actuals]) == 0
    assert sum(a.quantity for a in created.actuals if a.transaction_type == "billed-sales") == max(
        used, billed
    )


def test_what_a_milestone_or_retainer_is_of_stands_on_its_actuals() -> None:
    milestone = Milestone(id="m", name="M1", amount=D(5), contract="pc", contract_line="fp",
                          project="p", task="t", currency="usd", invoice_date=DUE)  # fmt: skip
    retainer = Retainer(id="r", name="R1", amount=D(9), contract="pc", contract_customer="pay",
                        currency="usd", invoice_date=DUE)  # fmt: skip
    billed, *advances = confirm_proforma([], [milestone], [retainer], invoice="i").actuals
    later = confirm_proforma([], [milestone], invoice="i", day=date(2026, 4, 1)).actuals[0]

    assert (billed.contract, billed.contract_line, billed.project, billed.task) == (
        "pc", "fp", "p", "t")  # fmt: skip
    assert {(a.contract, a.contract_customer, a.currency) for a in advances} == {
        ("pc", "pay", "usd")}  # fmt: skip
    assert {a.document_date for a in (billed, *advances)} == {DUE}
    assert later.document_date == date(2026, 4, 1)
