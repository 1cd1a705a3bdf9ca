"""telling/show_lists.py: facts and rules as text and as JSON."""

from datetime import date

import pytest
from msgspec.structs import replace

from adapter.reading.catalogue import FactSpec
from adapter.reading.rulebook import Allowed, Rulebook
from adapter.telling.figures import cells
from adapter.telling.show_lists import FEW, changed, fact_json, facts_text, rule_json, rules_text
from tests.rule_texts import HEADS, require, route, rulebook_of

KIND = FactSpec(name="a.kind", type="choice", choices=("x", "y"), description="What it is.",
                example="x", source="msdyn_actual")  # fmt: skip


def book(*allowed: Allowed) -> Rulebook:
    made = rulebook_of({
        "rules/x.toml": HEADS["require"]
        + require("REQ901", ["actual.skip_sync"], more="since = 2026-02-01\n"),
        "rules/y.toml": HEADS["ledger"] + route("RTE901", []),
    })  # fmt: skip
    return replace(made, allowed=allowed)


def test_a_few_facts_are_shown_in_full() -> None:
    assert facts_text([KIND]).splitlines() == [
        "a.kind",
        "  type      choice",
        "  choices   x, y",
        "  meaning   What it is.",
        "  example   x",
        "  source    msdyn_actual",
        "",
        "1 fact.",
    ]


def test_what_a_fact_does_not_say_has_no_line() -> None:
    text = facts_text([FactSpec(name="a.flag", type="flag")])

    assert text == "a.flag\n  type      flag\n\n1 fact.\n"


@pytest.mark.parametrize("width", [40, 80, 200])
def test_many_facts_stand_one_a_line_and_fit(width: int) -> None:
    specs = [replace(KIND, name=f"a.kind_{n}", description="long " * 40) for n in range(FEW + 2)]
    lines = facts_text(specs, width, ascii_only=True).splitlines()

    assert sum(line.startswith("  a.kind_") or line.startswith("a.kind_") for line in lines) == 5
    assert max(cells(line) for line in lines) <= width
    assert "5 facts." in " ".join(lines)


def test_a_fact_for_a_machine() -> None:
    assert fact_json(KIND) == {
        "name": "a.kind", "type": "choice", "choices": ["x", "y"], "description": "What it is.",
        "example": "x", "source": "msdyn_actual",
    }  # fmt: skip
    assert fact_json(FactSpec(name="a", type="flag"))["choices"] == []


def test_a_requirement_has_a_level_and_a_route_an_outcome() -> None:
    rules = book()
    first, second = (rule_json(rule, rules) for rule in rules.rules)

    assert (first["level"], first["outcome"], first["since"]) == ("error", "", "2026-02-01")
    assert (second["level"], second["outcome"], second["since"]) == ("", "leave", None)
    assert (second["asks"], second["channel"]) == ("route", "ledger")


ALLOWED = Allowed(rule="REQ901", kind="level", because="ticket 7", expires=date(2027, 1, 31))


def test_what_the_workspace_changed_is_told_of_its_rule_only() -> None:
    rules = book(ALLOWED)

    assert changed("RTE901", rules) == []
    assert changed("REQ901", rules) == [
        {"kind": "level", "because": "ticket 7", "expires": "2027-01-31", "expired": False}
    ]


@pytest.mark.parametrize(
    ("allowed", "origin", "said"),
    [
        ((), "shipped", ""),
        ((), "workspace", "added"),
        ((ALLOWED,), "shipped", "level until 2027-01-31"),
        ((replace(ALLOWED, kind="replaced", expires=None),), "workspace", "replaced"),
        ((replace(ALLOWED, expires=None),), "workspace", "level, added"),
    ],
)
def test_the_list_says_what_was_changed(
    allowed: tuple[Allowed, ...], origin: str, said: str
) -> None:
    rules = book(*allowed)
    one = {**rule_json(rules.rules[0], rules), "origin": origin}

    heads, line, source, *rest = rules_text([one], 80).splitlines()

    assert heads.split() == ["id", "asks", "says", "tag", "since", "name"]
    assert line.split()[:5] == ["REQ901", "require", "error", "documented", "2026-02-01"]
    assert source.strip() == one["source"]
    assert rest[0].strip() == (f"changed here: {said}" if said else "")


def test_a_rule_that_is_always_in_force_says_so() -> None:
    rules = book()

    assert rules_text([rule_json(rules.rules[1], rules)]).splitlines()[1].split()[5] == "-"


@pytest.mark.parametrize("width", [60, 80, 120])
def test_rules_fit_the_terminal_and_are_counted(width: int) -> None:
    rules = book(ALLOWED)
    text = rules_text([rule_json(rule, rules) for rule in rules.rules], width, ascii_only=True)

    assert max(cells(line) for line in text.splitlines()) <= width
    assert text.isascii() and "2 rules." in text
