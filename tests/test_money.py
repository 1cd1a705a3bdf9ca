"""values/money.py: rounding and splitting keep every cent."""

from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.values.money import (
    CurrencyRule,
    amount_of,
    discount_of,
    is_money,
    rounded,
    split_by_percent,
    sums_by,
)

# quantity | price | decimals | mode | amount
AMOUNTS = [
    ("4", "125.00", 2, "half-up", "500.00"),
    ("10", "19.99", 2, "half-up", "199.90"),
    ("3.34", "33.33", 2, "half-up", "111.32"),
    ("3.33", "33.33", 2, "half-up", "110.99"),
    ("1", "2.665", 2, "half-up", "2.67"),
    ("1", "2.665", 2, "half-even", "2.66"),
    ("-1", "2.665", 2, "half-up", "-2.67"),
    ("3", "33.4", 0, "half-up", "100"),
    ("1", "0.0005", 3, "half-up", "0.001"),
]


@pytest.mark.parametrize(("quantity", "price", "decimals", "mode", "amount"), AMOUNTS)
def test_an_amount_is_rounded_once(
    quantity: str, price: str, decimals: int, mode: str, amount: str
) -> None:
    assert D(amount) == amount_of(D(quantity), D(price), CurrencyRule(decimals, mode))


def test_a_discount_is_rounded_by_itself() -> None:
    assert D("17.99") == discount_of(D("119.94"), D(15))
    assert D("18.00") == discount_of(D("119.94"), D("15.01"))


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("12345678901234567.89", True),
        ("1E+18", True),
        ("1E+30", False),
        ("NaN", False),
        ("Infinity", False),
        ("12345678901234567890", False),
        ("0.12345678901", False),
        ("-0.00", True),
    ],
)
def test_an_amount_has_at_most_nineteen_digits(text: str, fits: bool) -> None:
    assert fits is is_money(D(text))


def test_the_rounding_customer_takes_the_residual() -> None:
    shares = split_by_percent(D(10), [D("33.34"), D("33.33"), D("33.33")], 0, 2)

    assert (D("3.34"), D("3.33"), D("3.33")) == shares


def test_without_a_rounding_customer_the_largest_remainder_takes_a_cent() -> None:
    third = D(100) / 3
    percents = [D("33.33"), D("33.33"), D("33.34")]

    assert (D("33.33"), D("33.33"), D("33.34")) == split_by_percent(D(100), percents, None, 2)
    assert third != D("33.33")


def test_percentages_that_do_not_add_up_are_refused() -> None:
    with pytest.raises(ValueError, match="99, not 100"):
        split_by_percent(D(1), [D(99)], None, 2)


@given(
    st.decimals(-(10**9), 10**9, places=4),
    st.lists(st.integers(1, 1000), min_size=1, max_size=8),
    st.integers(0, 4),
    st.booleans(),
)
def test_shares_always_add_up(total: D, parts: list[int], decimals: int, named: bool) -> None:
    whole = sum(parts)
    percents = [D(part * 100) / whole for part in parts]
    percents[-1] = D(100) - sum(percents[:-1], D(0))

    shares = split_by_percent(total, percents, 0 if named else None, decimals)

    assert total == sum(shares, D(0))


def test_sums_of_different_keys_are_never_added() -> None:
    assert {"CAD": D(1), "USD": D("2.50")} == sums_by(
        [("USD", D(2)), ("CAD", D(1)), ("USD", D("0.50"))]
    )


def test_rounding_is_exact_at_eighteen_digits() -> None:
    assert D("1234567890123456.79") == rounded(D("1234567890123456.785"))
