"""reading/rulecheck.py: what can never hold, what is never reached, what overlaps."""

import random

import pytest

from adapter.deciding.atoms import holds
from adapter.edge.book import read_book
from adapter.reading.rulecheck import check_rules
from adapter.reading.rulespace import Space, holds_at
from adapter.reading.settings import Settings
from adapter.values.finding import Finding
from tests.rule_texts import HEADS, catalogue, require, route, rulebook_of

L, R = HEADS["ledger"], HEADS["require"]
LAST = route("RTE999", [])


def found_in(text: str) -> tuple[Finding, ...]:
    return check_rules(rulebook_of({"rules/x.toml": text}), catalogue())


def codes(text: str) -> list[str]:
    return [f"{f.code} {f.place.line}" for f in found_in(text) if f.level == "error"]


# earlier | later | is the later one hidden
PAIRS = [
    (["actual.skip_sync"], ["actual.skip_sync"], True),
    (["actual.skip_sync"], ["actual.skip_sync", "actual.quantity > 1"], True),
    (["actual.skip_sync", "actual.quantity > 1"], ["actual.skip_sync"], False),
    (["actual.quantity > 1"], ["actual.quantity > 5"], True),
    (["actual.quantity > 5"], ["actual.quantity > 1"], False),
    (["actual.quantity >= 5"], ["actual.quantity == 5"], True),
    (["actual.quantity != 5"], ["actual.quantity == 5"], False),
    (["actual.transaction_type in ['cost', 'unbilled-sales']"],
     ["actual.transaction_type == 'cost'"], True),
    (["actual.transaction_type == 'cost' or actual.transaction_type != 'cost'"],
     ["actual.skip_sync"], True),
    (["missing(actual.quantity)"], ["not actual.quantity > 1"], False),
    (["project.contract == actual.contract"], ["actual.contract == project.contract"], True),
    (["project.contract != actual.contract"], ["missing(actual.contract)"], False),
    (["actual.date >= '2026-01-01'"], ["actual.date >= '2026-02-01'"], True),
    (["actual.date < '2026-01-01'"], ["actual.date <= '2026-01-01'"], False),
]  # fmt: skip


@pytest.mark.parametrize(("first", "later", "is_hidden"), PAIRS)
def test_a_rule_is_unreachable_exactly_when_an_earlier_one_takes_all(
    first: list[str], later: list[str], is_hidden: bool
) -> None:
    text = L + route("RTE901", first) + route("RTE902", later, 'hold = "x"') + LAST

    hidden = [f for f in found_in(text) if f.code == "RUL106"]

    assert [f.place.line for f in hidden] == ([12] if is_hidden else [])


def test_two_rules_together_can_hide_a_third() -> None:
    text = (
        L + route("RTE901", ["actual.skip_sync"]) + route("RTE902", ["not actual.skip_sync"])
        + route("RTE903", ["actual.quantity > 1"], 'hold = "x"') + LAST
    )  # fmt: skip

    found = [f for f in found_in(text) if f.code == "RUL106"]

    assert [f.message for f in found] == ["rule can never be reached"]
    assert "by this rule and others" in {note.text for note in found[0].notes}


def test_an_overlap_is_a_note_with_a_witness() -> None:
    text = L + route("RTE901", ["actual.skip_sync"]) + route(
        "RTE902", ["actual.quantity > 1"], 'hold = "x"') + LAST  # fmt: skip

    (note,) = [f for f in found_in(text) if f.code == "RUL110"]

    assert note.level == "note"
    assert note.help == "For instance: actual.quantity 2, actual.skip_sync yes."


@pytest.mark.parametrize(
    ("when", "is_possible"),
    [
        (["actual.quantity > 1", "actual.quantity < 1"], False),
        (["actual.quantity > 1", "actual.quantity < 2"], True),
        (["actual.skip_sync", "not actual.skip_sync"], False),
        (["missing(actual.quantity)", "actual.quantity > 0"], False),
        (["actual.transaction_type == 'cost'", "actual.transaction_type == 'tax'"], False),
        (["actual.date > '2026-01-01'", "actual.date < '2026-01-02'"], False),
        (["project.contract == actual.contract", "project.contract != actual.contract"], False),
        (["project.contract != actual.contract"], True),
    ],
)
def test_lines_that_exclude_each_other_are_found(when: list[str], is_possible: bool) -> None:
    assert codes(R + require("REQ901", when)) == ([] if is_possible else ["RUL105 4"])


def test_atoms_hold_as_the_judge_says() -> None:
    rules = read_book(None, Settings()).rulebook.rules
    rng = random.Random(7)
    space = Space([a for rule in rules for a in rule.atoms], read_book(None, Settings()).catalogue)

    checked = 0
    for atom, number in space.cluster_of.items():
        cluster = space.clusters[number]
        for point in rng.sample(cluster.points, min(20, len(cluster.points))):
            values = dict(zip(cluster.facts, point, strict=True))
            other = values.get(atom.other) if atom.other is not None else None
            assert holds_at(atom, values[atom.fact], other) == holds(atom, values[atom.fact], other)
            checked += 1
    assert checked > 500


def test_the_shipped_rules_have_no_contradiction_and_all_can_be_reached() -> None:
    book = read_book(None, Settings())

    found = check_rules(book.rulebook, book.catalogue)

    assert [f for f in found if f.level == "error" or f.code == "RUL111"] == []
