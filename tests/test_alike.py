"""What is spelled like a word: one answer, and one way to ask it."""

import pytest

from adapter.values.alike import alike, alike_in_any_case, did_you_mean, one_of

KNOWN = ("USMF", "USSI", "CAMF")


def test_the_best_come_first_letter_by_letter() -> None:
    assert alike("USMI", KNOWN) == ("USSI", "USMF")
    assert alike("USMI", KNOWN, 1) == ("USSI",)
    assert alike("usmf", KNOWN) == ()
    assert alike_in_any_case("usmf", KNOWN) == ("USMF",)
    assert alike("USMG", KNOWN, percent=90) == ()


def test_a_very_long_word_is_compared_by_its_beginning() -> None:
    assert alike("x" * 1_000_000, ("x" * 200, "y")) == ("x" * 200,)


@pytest.mark.parametrize(("near", "quote", "text"), [
    ((), "`", ""), (("a",), "`", "did you mean `a`?"), (("a", "b"), "", "did you mean a, b?"),
])  # fmt: skip
def test_it_is_asked_only_where_something_is_near(
    near: tuple[str, ...], quote: str, text: str
) -> None:
    assert did_you_mean(near, quote) == text


def test_a_choice_is_told_with_the_one_that_is_meant() -> None:
    assert one_of("cors", ("core", "pma")) == "did you mean 'core'? It is one of: core, pma"
    assert one_of("zz", ("core", "pma")) == "It is one of: core, pma"
