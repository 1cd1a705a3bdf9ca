"""Copies and reversals: what turns its sign, what follows the quantity, what stays."""

from decimal import Decimal

import pytest

from adapter.making.new_actuals import Creation, total_of, turned
from tests.making_given import actual

D = Decimal
SOLD = actual("u", "unbilled-sales", "4", "25.00", discount_amount=D("10.00"),
              fee_amount=D("2.00"), tax=D("8.00"), project="p")  # fmt: skip


def test_a_reversal_copies_everything_and_turns_the_sign_of_quantity_and_money():
    back = Creation("e").reverse(SOLD)

    assert (back.quantity, back.price, back.amount) == (D(-4), D("25.00"), D("-100.00"))
    assert (back.discount_amount, back.fee_amount, back.tax) == (
        D("-10.00"), D("-2.00"), D("-8.00"),
    )  # fmt: skip
    assert (back.project, back.transaction_type) == ("p", "unbilled-sales")
    assert back.id != SOLD.id


def test_what_was_recorded_is_kept_when_nothing_is_edited():
    odd = actual("u", "unbilled-sales", "3", "0.333", amount=D("1.01"))

    assert Creation("e").like(odd, transaction_type="billed-sales").amount == D("1.01")


@pytest.mark.parametrize(
    ("quantity", "discount", "fee", "tax"), [("2", "5.00", "1.00", "4.00"),
                                             ("8", "20.00", "4.00", "16.00")]
)  # fmt: skip
def test_discount_fee_and_tax_follow_the_amount(quantity, discount, fee, tax):
    new = Creation("e").like(SOLD, quantity=D(quantity))

    assert (new.discount_amount, new.fee_amount, new.tax) == (D(discount), D(fee), D(tax))


def test_a_part_that_is_not_charged_has_no_discount_fee_or_tax():
    new = Creation("e").like(SOLD, billing_type="non-chargeable")

    assert (new.discount_amount, new.fee_amount, new.tax) == (None, None, None)


@pytest.mark.parametrize(("value", "expected"), [("1.50", "-1.50"), ("0", "0"), ("-2", "2")])
def test_turning_a_sign_never_gives_minus_zero(value, expected):
    assert str(turned(D(value))) == expected
    assert turned(None) is None


def test_sums_are_of_one_transaction_type():
    cost = actual("c", "cost", "1", "7.00")

    assert total_of([SOLD, cost, cost], "cost") == D("14.00")
