"""reading/rule_hints.py: what to do about a fault in a rule file."""

import pytest

from adapter.reading.condition import ALLOWED
from adapter.reading.rule_hints import (
    KEBAB,
    condition_hint,
    missing_key,
    nearest,
    placeholder_at,
    unknown_companies,
    wanted,
)
from adapter.reading.rulewords import misfit
from tests.commands import ran

COMPANY = """
[[rule]]
id      = "OWN101"
name    = "service-without-description"
companies = ["USFM"]
when    = ["missing(actual.description)"]
level   = "warning"
message = "Says nothing."
help    = "Fill it."
owner   = "project manager"
source  = "our handbook"
tag     = "documented"
"""


@pytest.mark.parametrize(
    ("word", "found"),
    [("warn", "did you mean `warning`?"), ("zzz", "one of: error, warning"),
     (None, "one of: error, warning")],
)  # fmt: skip
def test_the_nearest_word_or_all_there_is(word, found):
    assert nearest(word, ("error", "warning")) == found


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("actual.quantity = 1", "two equals signs compare: `==`"),
        ("actual.quantity > 1 && actual.is_due", "write `and`"),
        ("actual.is_due || actual.is_reversal", "write `or`"),
        ("!actual.is_due", "write `not`"),
        ("actual.quantity <> 1", "write `!=`"),
        ("actual.date > 2026-01-01", "a date stands in quotes: '2026-01-31'"),
        ("actual.quantity * 2 > 4", "there is no arithmetic: what must be computed is a fact"),
        ("actual.amount + actual.tax > 4",
         "there is no arithmetic: what must be computed is a fact"),
    ],
)  # fmt: skip
def test_a_condition_says_what_was_probably_meant(text, hint):
    assert condition_hint(text, ALLOWED) == f"{hint}; allowed: {ALLOWED}"


@pytest.mark.parametrize(
    "text",
    ["actual.quantity >= -1 and", "actual.name == 'a = b && c'", "actual.date >= '2026-01-01'"],
)
def test_what_is_right_or_stands_in_quotes_is_no_hint(text):
    assert condition_hint(text, ALLOWED) == f"allowed: {ALLOWED}"


@pytest.mark.parametrize(
    ("key", "value", "wants", "help"),
    [
        ("since", "2026-01-01", "a date", "Write it without quotes: since = 2026-01-31"),
        ("replaces", "yes", "true or false", "Write replaces = true, without quotes."),
        ("when", "x", "a list of texts", 'Write when = ["..."], each text in quotes.'),
        ("name", 1, "a text", 'Write name = "...", in quotes.'),
        ("send", "x", "a table", 'Write send = { name = "value" }.'),
        ("enabled", True, "", ""),
        ("when", ["x"], "", ""),
    ],
)
def test_a_value_of_another_kind_says_how_it_is_written(key, value, wants, help):
    assert misfit(key, value) == wants
    assert wanted(key, wants) == help


def test_a_placeholder_is_found_inside_its_message():
    assert placeholder_at("Of {actual.x}: {actual.y:f}", "actual.y:f") == (15, 12)
    assert placeholder_at("broken {", "broken {") == (0, 8)
    assert missing_key("owner") == 'Add `owner = "..."` to the rule.'


@pytest.mark.parametrize(
    ("name", "good"), [("serial-number-missing", True), ("No Serial", False), ("a--b", False)]
)
def test_names_of_rules_are_small_letters_with_hyphens(name, good):
    assert bool(KEBAB.fullmatch(name)) is good


def test_a_company_that_adapter_toml_does_not_have_is_found_with_its_nearest(tmp_path):
    folder = tmp_path / "ws"
    assert ran(["init", folder]).code == 0
    own = folder / "rules" / "own.toml"
    own.write_text(own.read_text() + COMPANY)

    said = ran(["check", folder])

    assert said.code == 1
    assert "RUL104 adapter.toml has no company `USFM`" in said.out
    assert "did you mean `USMF`?" in said.out
    assert "rules/own.toml" in said.out


def test_without_companies_nothing_is_unknown():
    from adapter.edge.book import read_book
    from adapter.reading.settings import Settings

    assert unknown_companies(read_book(None, Settings()).rulebook, ()) == []


def test_an_option_that_the_workspace_dropped_stands_before_what_follows_from_it(tmp_path):
    from adapter.edge import shipped

    folder = tmp_path / "ws"
    assert ran(["init", folder]).code == 0
    own = folder / "mappings" / "from-dataverse" / "actual.toml"
    own.parent.mkdir(parents=True)
    text = (shipped.folder("mappings") / "from-dataverse" / "actual.toml").read_text()
    own.write_text(text.replace('192350001 = "chargeable"\n', ""))

    said = ran(["check", folder]).out

    assert said.index('Paste into values of billing_type: 192350001 = "chargeable"') < (
        said.index("RUL133")
    )
