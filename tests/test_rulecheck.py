"""reading/rulecheck.py: what can never hold, what is never reached, what overlaps."""

import random
from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise, product

import pytest

from adapter.deciding.atoms import holds
from adapter.deciding.evaluate import evaluate
from adapter.edge.book import read_book
from adapter.reading.rulebook import Rule, make_rulebook
from adapter.reading.rulecheck import check_rules
from adapter.reading.rulespace import Space, holds_at
from adapter.reading.settings import Settings
from adapter.values.finding import Finding, Place
from tests.rule_texts import HEADS, catalogue, files_of, require, route, rulebook_of

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


def test_a_question_beyond_the_bound_is_not_answered_and_said() -> None:
    facts = [n for n, spec in sorted(catalogue().items()) if spec.type in ("text", "link")][:9]
    equal = [f"{one} == {other}" for one, other in pairwise(facts)]
    text = (
        L + route("RTE901", equal) + route("RTE902", [f"{facts[0]} != {facts[-1]}"], 'hold = "x"')
        + LAST
    )  # fmt: skip

    found = found_in(text)

    assert [("RUL111", "RTE901"), ("RUL111", "RTE902")] == [
        (f.code, f.message.split()[0]) for f in found
    ]


def test_two_requirements_with_the_same_lines_are_found() -> None:
    one, two = ["actual.skip_sync", "actual.quantity > 1"], ["actual.quantity > 1"]
    text = R + require("REQ901", one) + require("REQ902", two, ["actual.skip_sync"])

    (finding,) = found_in(text)

    assert ("RUL121", "warning") == (finding.code, finding.level)
    assert "REQ902 has the same lines as REQ901" == finding.message


# fact | values that stand for all of its values in the conditions below
GRID: dict[str, list[object]] = {
    "actual.skip_sync": [True, False, None],
    "actual.quantity": [*map(Decimal, ("0", "1", "1.5", "2", "3", "4", "5", "6")), None],
    "actual.transaction_type": ["cost", "tax", "fee", None],
    "project.contract": ["a", "b", "c", None],
    "actual.contract": ["a", "b", "c", None],
}
CONDITIONS = [
    "actual.skip_sync", "not actual.skip_sync", "actual.quantity > 1", "actual.quantity <= 2",
    "actual.quantity == 5", "actual.quantity != 5", "missing(actual.quantity)",
    "actual.transaction_type == 'cost'", "actual.transaction_type not in ['cost', 'tax']",
    "project.contract == actual.contract", "project.contract != actual.contract",
    "missing(actual.contract)", "project.contract == 'a'", "present(project.contract)",
    "actual.quantity > 1 or actual.skip_sync", "not (actual.skip_sync and actual.quantity >= 2)",
]  # fmt: skip


def truly_found(rules: Sequence[Rule]) -> list[tuple[str, str]]:
    """What there is to find, by trying everything."""
    names = list(GRID)
    points = [dict(zip(names, values, strict=True)) for values in product(*GRID.values())]
    found, taken = [], set[int]()
    for rule in rules:
        mine = set()
        for number, point in enumerate(points):
            bits = {a: int(holds(a, point[a.fact], point.get(a.other or ""))) for a in rule.atoms}
            vector = sum(bit << at for at, bit in enumerate(bits.values()))
            bit_of = {atom: at for at, atom in enumerate(bits)}
            if all(evaluate(line.expr, vector, bit_of) for line in rule.lines):
                mine.add(number)
        if not mine:
            found.append(("RUL105", rule.id))
        elif rule.lines and mine <= taken:  # a file ends with a catch-all, needed or not
            found.append(("RUL106", rule.id))
        taken |= mine
    return sorted(found)


def test_what_is_found_is_what_trying_everything_finds() -> None:
    rng = random.Random(20261121)
    seen: set[str] = set()
    for _ in range(15):
        text = L + "".join(
            route(f"RTE90{n}", rng.sample(CONDITIONS, rng.randint(1, 3)), f'hold = "{n}"')
            for n in range(5)
        )
        rules = rulebook_of({"rules/x.toml": text + LAST}).rules
        by_place = {rule.place: rule.id for rule in rules}
        found = sorted((f.code, by_place[f.place]) for f in found_in(text + LAST)
                       if f.level == "error")  # fmt: skip

        assert truly_found(rules) == found, text
        seen |= {code for code, _ in found}
    assert seen == {"RUL105", "RUL106"}


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


def test_dates_that_exclude_each_other_are_told_at_the_date() -> None:
    text = R + require("REQ901", ["actual.skip_sync"],
                       more="since = 2026-05-01\nuntil = 2026-02-28\n")  # fmt: skip
    (found,) = [f for f in found_in(text) if f.level == "error"]
    lines = text.splitlines()

    assert found.code == "RUL105"
    assert lines[found.place.line - 1][found.place.column - 1 :].startswith("2026-02-28")
    assert found.message == (
        "REQ901 is never in force: its `until` 2026-02-28 lies before its `since` 2026-05-01"
    )


def test_a_rule_is_in_force_on_a_single_day() -> None:
    more = "since = 2026-05-01\nuntil = 2026-05-01\n"

    assert codes(R + require("REQ901", ["actual.skip_sync"], more=more)) == []


def laid_upon(own: str) -> tuple[Finding, ...]:
    """What is found when a workspace lays a rule file upon three shipped routes."""
    shipped, _ = files_of({"rules/routing-ledger.toml": L
        + route("RTE901", ["actual.transaction_type == 'cost'", "actual.skip_sync"])
        + route("RTE902", ["actual.transaction_type == 'cost'"], 'hold = "x"') + LAST})  # fmt: skip
    mine, _ = files_of({"rules/own.toml": L + own}, "workspace")
    rules, found = make_rulebook(shipped, mine, {}, Place("adapter.toml"))
    assert not found
    return tuple(f for f in check_rules(rules, catalogue()) if f.code in ("RUL106", "RUL122"))


def test_shipped_rules_behind_an_own_rule_are_one_warning_with_all_their_ids() -> None:
    (found,) = laid_upon(route("OWN201", ["actual.transaction_type == 'cost'"]))

    assert (found.code, found.level) == ("RUL122", "warning")
    assert str(found.place) == "rules/own.toml:5:1"
    assert found.message == "OWN201 takes all that 2 shipped rules would answer: RTE901, RTE902"
    assert [str(n.place) for n in found.notes] == [
        "rules/routing-ledger.toml:5:1", "rules/routing-ledger.toml:12:1",
    ]  # fmt: skip
    assert found.help == (
        "Narrow OWN201. If it is meant so, switch them off in [rules] of adapter.toml: "
        'RTE901 = { enabled = false, because = "...", expires = 2027-01-31 }.'
    )


def test_a_narrow_own_rule_puts_nothing_aside_and_own_rules_hide_each_other_by_error() -> None:
    narrow = route("OWN201", ["actual.transaction_type == 'cost'", "actual.quantity > 5"])
    hidden = route("OWN202", ["actual.transaction_type == 'cost'", "actual.quantity > 9"])

    assert laid_upon(narrow) == ()
    assert [f.code for f in laid_upon(narrow + hidden)] == ["RUL106"]
