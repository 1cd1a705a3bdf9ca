"""reading/condition.py: what may be said, and what is said when it may not."""

from datetime import date
from decimal import Decimal

import pytest

from adapter.reading.catalogue import Catalogue, FactSpec
from adapter.reading.condition import parse_condition, show
from adapter.reading.expressions import All, Atom, Either, Negated
from adapter.values.finding import Place

CATALOGUE = Catalogue(
    {
        name: FactSpec(name=name, type=type, choices=choices)
        for name, type, choices in [
            ("a.text", "text", None),
            ("a.kind", "choice", ("core", "integrated")),
            ("a.flag", "flag", None),
            ("a.number", "number", None),
            ("a.whole", "whole", None),
            ("a.day", "day", None),
            ("a.version", "version", None),
            ("a.link", "link", None),
        ]
    }
)
PLACE = Place("rules/x.toml", 3, 5)

# text | canonical text
GOOD = [
    ("a.flag", "a.flag"),
    ("not a.flag", "not a.flag"),
    ("a.text == 'x'", "a.text == 'x'"),
    ("'x' == a.text", "a.text == 'x'"),
    ("1 < a.number", "a.number > 1"),
    ("a.number >= -1.50", "a.number >= -1.50"),
    ("a.number == 12345678901234567.89", "a.number == 12345678901234567.89"),
    ("a.whole != 3", "a.whole != 3"),
    ("a.whole < a.number", "a.whole < a.number"),
    ("a.text == a.link", "a.text == a.link"),
    ("a.kind in ['integrated', 'core', 'core']", "a.kind in ['core', 'integrated']"),
    ("a.kind not in ['core']", "a.kind not in ['core']"),
    ("missing(a.text)", "missing(a.text)"),
    ("present(a.text)", "present(a.text)"),
    ("a.day >= '2026-02-28'", "a.day >= '2026-02-28'"),
    ("a.version < '8.8.142.0'", "a.version < '8.8.142.0'"),
    (
        "a.flag and (a.number > 1 or missing(a.text))",
        "a.flag and (a.number > 1 or missing(a.text))",
    ),
    ("  a.flag  ", "a.flag"),
    ("a.flag == true", "a.flag"),
    ("a.flag == True", "a.flag"),
    ("a.flag == false", "not a.flag"),
    ("a.flag != true", "not a.flag"),
    ("a.flag != false", "a.flag"),
    ("true == a.flag", "a.flag"),
    ('a.text == "it\'s"', 'a.text == "it\'s"'),
    ("a.text == 'a\\\\b'", "a.text == 'a\\\\b'"),
    ("a.number == 1e5", "a.number == 1e+5"),
    ("a.number == -0", "a.number == 0"),
]

# text | code | column | width | words of message or help
BAD = [
    ("a.txet == 'x'", "RUL102", 6, 6, "did you mean `a.text`"),
    ("a.flag == a.txet", "RUL102", 16, 6, "a.text"),
    ("zzz", "RUL102", 6, 3, "fieldledger facts"),
    ("a.kind == 'cores'", "RUL104", 16, 7, "did you mean 'core'"),
    ("a.number == 'x'", "RUL103", 18, 3, "is a number"),
    ("a.text == 5", "RUL103", 16, 1, "is a text"),
    ("a.text < 'x'", "RUL103", 6, 6, "has no order"),
    ("a.number == a.text", "RUL103", 18, 6, "never compare"),
    ("a.day > '2026-13-01'", "RUL103", 14, 12, "is a date"),
    ("a.whole == 1.5", "RUL103", 17, 3, "whole number"),
    ("a.version == 'x.y'", "RUL103", 19, 5, "is a version"),
    ("a.text", "RUL103", 6, 6, "not a yes/no"),
    ("a.number == 123456789012345678901", "RUL103", 18, 21, "is a number"),
    ("a.number == a.number", "RUL101", 18, 8, "compared with itself"),
    ("1 == 1", "RUL101", 6, 1, "not understood"),
    ("a.number + 1 == 2", "RUL101", 6, 12, "not understood"),
    ("f(a.text)", "RUL101", 6, 9, "missing(..) and present(..)"),
    ("__import__('os')", "RUL101", 6, 16, "can be called"),
    ("a.number < 1 < 2", "RUL101", 6, 16, "two sides"),
    ("a.kind in []", "RUL101", 16, 2, "needs a list"),
    ("a.kind in a.text", "RUL101", 16, 6, "needs a list"),
    ("True", "RUL101", 6, 4, "not understood"),
    ("not (not (not (not (not a.flag))))", "RUL101", 6, 34, "nested deeper"),
    ("a.flag or " * 200 + "a.flag", "RUL101", 6, 1, "longer than"),
    ("[x for x in a.text]", "RUL101", 6, 19, "not understood"),
    ("a.text == 'éé' and a.txet == 'x'", "RUL102", 25, 6, "did you mean `a.text`"),
    ("   a.flag = 1", "RUL101", 16, 1, "not understood"),
    ("a.flag and\n a.txet", "RUL101", 6, 1, "not understood"),
    ("a.text == 'a\\d'", "RUL101", 16, 1, "not understood"),
    ("a.number == 1e99999999", "RUL103", 18, 10, "is a number"),
    ("a.number > -1e99999999", "RUL103", 17, 11, "is a number"),
    ("a.number == 1e-30", "RUL103", 18, 5, "is a number"),
    ("a.number == true", "RUL103", 18, 4, "is a number"),
    ("a.text == True", "RUL103", 16, 4, "is a text"),
    ("a.flag == 1", "RUL103", 16, 1, "is a yes/no"),
    ("a.day == '2026-W48-1'", "RUL103", 15, 12, "is a date"),
    ("a.day == '20261130'", "RUL103", 15, 10, "is a date"),
    ("True and a.flag", "RUL101", 6, 4, "not understood"),
    ("(x := a.flag)", "RUL101", 7, 11, "not understood"),
    ("lambda: 1", "RUL101", 6, 9, "not understood"),
    ("", "RUL101", 6, 1, "not understood"),
]


@pytest.mark.parametrize(("text", "canonical"), GOOD)
def test_a_condition_is_parsed_and_shown(text: str, canonical: str) -> None:
    expr, found = parse_condition(text, PLACE, CATALOGUE)

    assert () == found
    assert expr is not None
    assert canonical == show(expr)


@pytest.mark.parametrize(("text", "code", "column", "width", "words"), BAD)
def test_what_is_not_a_condition_is_a_finding(
    text: str, code: str, column: int, width: int, words: str
) -> None:
    expr, (finding,) = parse_condition(text, PLACE, CATALOGUE)

    assert expr is None
    assert (code, column, width) == (finding.code, finding.place.column, finding.place.width)
    assert words in finding.message + finding.help


@pytest.mark.parametrize(("text", "canonical"), GOOD)
def test_canonical_text_means_the_same(text: str, canonical: str) -> None:
    assert parse_condition(text, PLACE, CATALOGUE) == parse_condition(canonical, PLACE, CATALOGUE)


def test_conditions_become_exact_values() -> None:
    def parsed(text: str) -> object:
        return parse_condition(text, PLACE, CATALOGUE)[0]

    assert Atom("eq", "a.number", Decimal("1.10")) == parsed("a.number == 1.10")
    assert Atom("ge", "a.day", date(2026, 2, 28)) == parsed("a.day >= '2026-02-28'")
    assert Atom("lt", "a.version", (8, 8, 142, 0)) == parsed("a.version < '8.8.142.0'")
    assert Negated(Atom("missing", "a.text")) == parsed("present(a.text)")
    assert All((Atom("flag", "a.flag"), Either((Atom("flag", "a.flag"),) * 2))) == parsed(
        "a.flag and (a.flag or a.flag)"
    )
