"""deciding/rule_limits.py: what the engine and the layers cannot take is found before."""

import pytest

from adapter.deciding.engine import CONDITIONS_MAX, WIDTH_MAX
from adapter.deciding.judge import Judge
from adapter.deciding.rule_limits import check_limits
from adapter.edge.book import read_book
from adapter.reading.settings import Settings
from tests.rule_texts import HEADS, TAIL, require, rulebook_of

R = HEADS["require"]
KINDS = (
    HEADS["conclude"]
    + '[concludes]\n"k.one" = { values = ["a", "b"], default = "a" }\n'
    + '"k.two" = { values = ["a", "b"], default = "a" }\n'
)


def conclude(code: str, when: str, fact: str) -> str:
    return (f'[[rule]]\nid = "{code}"\nname = "n"\nwhen = ["{when}"]\n'
            f'conclude = {{ "{fact}" = "b" }}\n{TAIL}')  # fmt: skip


def quantities(count: int) -> list[str]:
    """So many different conditions on numbers, four to a line."""
    terms = [f"actual.quantity != {n}" for n in range(count)]
    return [" and ".join(terms[at : at + 4]) for at in range(0, count, 4)]


def either(count: int) -> str:
    """A condition with so many alternatives, each of its own, none too deep."""
    return " or ".join(f"actual.quantity == {n}" for n in range(count))


def test_the_shipped_rules_are_within_every_limit() -> None:
    assert check_limits(read_book(None, Settings()).rulebook) == ()


@pytest.mark.parametrize(
    ("when", "is_too_wide"),
    [
        (quantities(CONDITIONS_MAX), False),
        (quantities(CONDITIONS_MAX + 1), True),
        ([either(8), " or ".join(f"actual.amount == {n}" for n in range(WIDTH_MAX // 8))], False),
        ([either(8), " or ".join(f"actual.amount == {n}" for n in range(WIDTH_MAX // 8 + 1))],
         True),
    ],
)
def test_a_rule_is_refused_exactly_where_the_judge_would_refuse_it(
    when: list[str], is_too_wide: bool
) -> None:
    book = rulebook_of({"rules/x.toml": R + require("REQ901", when)})

    found = check_limits(book)

    assert [(f.code, f.level, f.place) for f in found] == (
        [("RUL120", "error", book.rules[0].place)] if is_too_wide else []
    )
    if is_too_wide:
        with pytest.raises(ValueError, match="REQ901"):
            Judge(book)
    else:
        Judge(book)


def test_conclusions_that_need_each_other_are_named_at_a_rule_of_theirs() -> None:
    text = (KINDS + conclude("TRT901", "k.two == 'b'", "k.one")
            + conclude("TRT902", "k.one == 'b'", "k.two"))  # fmt: skip
    book = rulebook_of({"rules/x.toml": text})

    (found,) = check_limits(book)

    assert (found.code, found.place) == ("RUL112", book.rules[0].place)
    assert found.message == "conclusions need each other: k.one, k.two"


def test_conclusions_in_layers_are_no_circle() -> None:
    text = (KINDS + conclude("TRT901", "actual.quantity > 1", "k.one")
            + conclude("TRT902", "k.one == 'b'", "k.two"))  # fmt: skip

    assert check_limits(rulebook_of({"rules/x.toml": text})) == ()


def test_a_concluded_fact_is_compared_with_words_only() -> None:
    text = KINDS + conclude("TRT901", "actual.quantity > 1", "k.one")
    rule = require("REQ901", ["k.one == k.two"])
    book = rulebook_of({"rules/x.toml": text, "rules/y.toml": R + rule})

    (found,) = check_limits(book)

    assert found.code == "RUL117"
    assert "`k.one` and `k.two` are compared" in found.message
