"""Lines on their way: as bytes for the spool, as texts that sort."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.making.lined import decode_lined, encode_lined, text_of
from tests.making_given import World, actual


@pytest.mark.parametrize("document", ["journal-line", "proforma-line", "on-account"])
def test_a_line_comes_back_from_the_spool_as_it_went_in(document):
    lined = World().line(actual("a", "unbilled-sales", "2.50", "0.10"), document)

    assert decode_lined(encode_lined(lined)) == lined


@given(st.tuples(st.text(), st.text()), st.tuples(st.text(), st.text()))
def test_groups_as_text_sort_like_their_parts(one, other):
    clean = [tuple(p.replace("\x1f", " ") for p in parts) for parts in (one, other)]
    if any(c < "\x20" for parts in clean for p in parts for c in p):
        return

    assert (text_of(one) < text_of(other)) == (clean[0] < clean[1])
