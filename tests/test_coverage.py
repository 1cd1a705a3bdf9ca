"""Every business rule is judged, calculated, or said not to be judgeable."""

import tomllib
from pathlib import Path

import pytest

from adapter.edge.book import read_book
from adapter.reading.rulebook import Rule
from adapter.reading.settings import Settings
from adapter.telling.coverage import coverage_markdown
from tests.rule_texts import HEADS, require, rulebook_of

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "docs" / "rules-coverage.source.toml"
TABLE = tomllib.loads(SOURCE.read_text(encoding="utf-8"))
NAMED = sorted((name, row["test"]) for name, row in TABLE.items() if "test" in row)


@pytest.fixture(scope="module")
def shipped() -> tuple[Rule, ...]:
    return read_book(None, Settings()).rulebook.rules


def rule_on(*rows: str, tag: str = "documented") -> Rule:
    text = require("REQ901", ["actual.quantity == 0"], more=f"domain = {list(rows)!r}\n")
    text = HEADS["require"] + text.replace('tag = "documented"', f'tag = "{tag}"')
    return rulebook_of({"rules/x.toml": text}).rules[0]


def test_the_shipped_rules_and_the_table_place_every_row(shipped) -> None:
    _, adrift = coverage_markdown(shipped, TABLE)

    assert adrift == ()


def test_a_row_says_what_it_is_about_and_is_not_placed_twice(shipped) -> None:
    judged = {name for rule in shipped for name in rule.domain}
    wrong = [
        name for name, row in TABLE.items()
        if not row.get("says")
        or ("calculation" in row) != ("test" in row)
        or ("not_judgeable" in row and (name in judged or "calculation" in row))
    ]  # fmt: skip

    assert wrong == []


@pytest.mark.parametrize(("row", "named"), NAMED)
def test_the_test_that_proves_a_calculation_exists(row: str, named: str) -> None:
    path, _, function = named.partition("::")
    text = (ROOT / path).read_text(encoding="utf-8")

    assert not function or f"def {function}(" in text, row


def test_a_row_shows_its_rules_with_what_is_inferred() -> None:
    text, adrift = coverage_markdown(
        [rule_on("R-001", tag="inferred")], {"R-001": {"says": "a | b"}}
    )

    assert "| R-001 | a \\| b | `REQ901` n-req901 (inferred) |" in text
    assert "1 rows: 1 judged by rules, 0 calculated, 0 not judged." in text
    assert adrift == ()


@pytest.mark.parametrize(
    ("row", "expected", "is_adrift"),
    [
        ({"calculation": "made", "test": "tests/test_x.py"},
         "Calculated: made (`tests/test_x.py`)", False),
        ({"calculation": "made"}, "Calculated: made (`no test`)", True),
        ({"not_judgeable": "nobody knows"}, "Not judged: nobody knows", False),
        ({}, "**nowhere**", True),
    ],
)  # fmt: skip
def test_a_row_without_rules_is_calculated_or_says_why_not(row, expected, is_adrift) -> None:
    text, adrift = coverage_markdown([], {"R-001": row})

    assert expected in text
    assert adrift == (("R-001",) if is_adrift else ())


def test_a_row_that_only_a_rule_names_is_placed_nowhere() -> None:
    _, adrift = coverage_markdown([rule_on("R-001", "R-999")], {"R-001": {"says": "a"}})

    assert adrift == ("R-999",)
