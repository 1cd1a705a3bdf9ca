"""Split billing: the parts are the whole, the rounding customer takes the rest."""

import itertools
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.making.split import split_amount, split_quantity

D = Decimal
THIRDS = [D("33.34"), D("33.33"), D("33.33")]


def test_the_rounding_customer_takes_the_difference_in_quantity():
    assert split_quantity(D(10), THIRDS, 0) == (D("3.34"), D("3.33"), D("3.33"))


def test_amounts_of_sales_and_of_cost_add_up_to_the_whole():
    sales = split_amount(D(10), D("33.33"), THIRDS, 0)
    cost = split_amount(D(10), D("21.40"), THIRDS, 0)

    assert sales == (D("111.32"), D("110.99"), D("110.99"))
    assert sum(sales) == D("333.30")
    assert cost == (D("71.48"), D("71.26"), D("71.26"))
    assert sum(cost) == D("214.00")


def test_percentages_that_are_not_100_are_refused():
    with pytest.raises(ValueError, match="99"):
        split_quantity(D(10), [D(50), D(49)], 0)


@st.composite
def percents(draw):
    cuts = sorted(draw(st.lists(st.integers(0, 10000), max_size=5)))
    edges = [0, *cuts, 10000]
    return [D(b - a) / 100 for a, b in itertools.pairwise(edges)]


@given(
    quantity=st.decimals("-9999", "9999", places=2),
    price=st.decimals("0", "99999", places=4),
    shares=percents(),
    rounding=st.booleans(),
)
def test_the_parts_are_always_the_whole(quantity, price, shares, rounding):
    at = 0 if rounding else None
    whole = (quantity * price).quantize(D("0.01"), rounding="ROUND_HALF_UP")

    assert sum(split_quantity(quantity, shares, at)) == quantity
    assert sum(split_amount(quantity, price, shares, at)) == whole
