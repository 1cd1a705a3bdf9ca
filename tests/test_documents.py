"""Business keys and sums: what makes two documents the same, what must not get lost."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.making.documents import Total, business_key, check_kept, kept_sums, totals_of
from adapter.making.lined import Share

D = Decimal


@pytest.mark.parametrize(
    ("one", "other"),
    [(("ab", "c"), ("a", "bc")), (("a",), ("a", "")), (("", ), (None,)), (("a", "b"), ("b", "a")),
     (("1:a",), ("a",))],
)  # fmt: skip
def test_different_identity_gives_different_keys(one, other):
    assert business_key(*one) != business_key(*other)


def test_letters_written_in_two_ways_give_one_key():
    assert business_key("Mu\u0308ller") == business_key("M\u00fcller")
    assert len(business_key("x")) == 64


shares = st.lists(
    st.builds(
        Share,
        st.sampled_from(["USMF", "GBSI"]),
        st.sampled_from(["USD", "GBP"]),
        st.sampled_from(["cost", "unbilled-sales"]),
        st.sampled_from(["material", "time"]),
        st.decimals("-1000000", "1000000", places=2),
    )
)


@given(shares, st.randoms(use_true_random=False))
def test_the_same_shares_in_any_order_are_kept(given_shares, random):
    shuffled = list(given_shares)
    random.shuffle(shuffled)

    assert check_kept("d", kept_sums(given_shares, shuffled)) == ()


@given(shares.filter(bool), st.decimals("0.01", "5", places=2))
def test_a_changed_amount_is_found_and_no_other_sum_hides_it(given_shares, change):
    first = given_shares[0]
    moved = [Share(first.company, first.currency, first.type, first.klass, first.amount + change)]

    [found] = check_kept("d", kept_sums(given_shares, moved + given_shares[1:]))

    assert found.code == "MAP530"
    assert first.currency in found.message


def test_money_that_moved_to_another_currency_or_class_is_found_twice():
    given_shares = [Share("USMF", "USD", "cost", "material", D(5))]
    found = [Share("USMF", "GBP", "cost", "material", D(5))]

    assert len(check_kept("d", kept_sums(given_shares, found))) == 2


def test_totals_of_different_currencies_stay_apart():
    found = totals_of([("cost", "USD", D(1)), ("cost", "GBP", D(2)), ("cost", "USD", D(3))])

    assert found == (Total("cost", "USD", D(4)), Total("cost", "GBP", D(2)))
