"""deciding/engine.py: what was measured about the engine stays true, limits included."""

import json
import random
import subprocess
import sys
from pathlib import Path

import pytest

from adapter.deciding import engine
from adapter.deciding.engine import (
    ALTERNATIVES_MAX,
    CONDITIONS_MAX,
    LITERALS_MAX,
    Alternative,
    Matcher,
    chunked,
    definition,
    fragments,
)

ROOT = Path(__file__).parents[1]


def alternative(rule: int, positive: tuple[int, ...] = (), negative: tuple[int, ...] = ()):  # type: ignore[no-untyped-def]
    return Alternative(rule, frozenset(positive), frozenset(negative))


def expected(alternatives: list[Alternative], vector: int) -> set[int]:
    """The plain meaning of alternatives."""
    return {
        one.rule
        for one in alternatives
        if all(vector >> bit & 1 for bit in one.positive)
        and not any(vector >> bit & 1 for bit in one.negative)
    }


# what strains the engine | the alternatives
STRAINS = {
    "65_rules_with_one_condition": [alternative(i, (0,)) for i in range(65)],
    "65_distinct_rules_matching_at_once": [alternative(i, (i,)) for i in range(65)],
    "500_distinct_rules_all_firing": [alternative(i, (i, i + 1)) for i in range(500)],
    "500_rules_all_firing": [alternative(i, (i % 7,)) for i in range(500)],
    "300_rules_with_the_same_condition": [alternative(i, (1, 2), (3,)) for i in range(300)],
    "600_distinct_first_conditions": [alternative(i, (i,)) for i in range(600)],
    "130_absent_first_conditions": [alternative(i, (), (i,)) for i in range(130)],
    "1000_literals_in_all": [alternative(i, tuple(range(i * 4, i * 4 + 4))) for i in range(250)],
    "28_conditions_in_one_rule": [alternative(0, tuple(range(14)), tuple(range(14, 28)))],
    "rules_without_condition": [alternative(0), alternative(1), alternative(2, (1,))],
    "both_branches_of_an_either": [alternative(0, (1,)), alternative(0, (2,))],
}


@pytest.mark.parametrize("name", STRAINS)
def test_no_limit_of_the_engine_is_felt(name: str) -> None:
    alternatives = STRAINS[name]
    matcher = Matcher(alternatives)
    every = (1 << 1200) - 1
    rng = random.Random(7)
    vectors = [0, every, *(rng.getrandbits(1200) for _ in range(10))]

    for vector in vectors:
        assert expected(alternatives, vector) == matcher.matched(vector)


@pytest.mark.parametrize("name", STRAINS)
def test_what_the_engine_sees_respects_every_limit(name: str) -> None:
    for part in chunked(STRAINS[name]):
        rules = definition(part)
        conditions = [r["all"][0]["m"].get("$and", [r["all"][0]["m"]]) for r in rules.values()]
        literals = {key for terms in conditions for term in terms for key in term}

        assert len(rules) <= ALTERNATIVES_MAX <= 64
        assert len({str(terms) for terms in conditions}) <= 400
        assert len(literals) <= LITERALS_MAX + 1 <= 252
        assert all(terms[0] == {"t": "L"} for terms in conditions)
        assert all(len(terms) <= CONDITIONS_MAX + 1 for terms in conditions)
        assert all(list(term.values()) in ([1], ["L"]) for terms in conditions for term in terms)


def test_an_alternative_with_too_many_conditions_is_refused_before_the_engine() -> None:
    with pytest.raises(ValueError, match="29 conditions"):
        Matcher([alternative(0, tuple(range(29)))])


def test_the_engine_loses_a_case_from_65_distinct_matches_on() -> None:
    definitions = {n: definition([alternative(i, (i,)) for i in range(n)]) for n in (64, 65)}
    facts = {n: "".join(f',"a{i}":1' for i in range(n)) for n in (64, 65)}

    def answered(n: int) -> int:
        text = json.dumps(definitions[n])
        ruleset = engine.dre.create_ruleset(f"test-{n}-{next(engine._names)}", text)
        engine.dre.assert_fact(ruleset, '{"id":"prime","t":"P"}')
        code: int = engine.dre.assert_fact(ruleset, f'{{"id":1,"t":"L"{facts[n]}}}')[0]
        return code

    assert 0 == answered(64)
    with pytest.raises(engine.dre.error, match="303"):
        answered(65)


def test_a_ruleset_that_loses_a_case_is_replaced_by_smaller_ones(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(engine, "ALTERNATIVES_MAX", 100)
    alternatives = [alternative(i, (i,)) for i in range(100)]
    matcher = Matcher(alternatives)
    every = (1 << 100) - 1

    for vector in (5, every, 5, 0, every):
        assert expected(alternatives, vector) == matcher.matched(vector)
    assert [100] == [len(chunk.part) for chunk in matcher.chunks]
    assert 100 == sum(len(chunk.part) for chunk in matcher.chunks[0].smaller)


def test_a_fact_names_exactly_the_literals_that_hold_and_are_asked() -> None:
    part = [alternative(0, (0, 9, 31), (8, 40)), alternative(1, (8,), (9, 100))]
    asked = {"a0", "a9", "a31", "n8", "n40", "a8", "n9", "n100"}
    rng = random.Random(3)
    for vector in [0, (1 << 120) - 1, *(rng.getrandbits(120) for _ in range(50))]:
        known = vector.to_bytes(15, "little")
        text = "".join(texts[known[index]] for index, texts in fragments(part))
        held = {a for a in asked if (vector >> int(a[1:]) & 1) == (a[0] == "a")}

        assert held == json.loads(f'{{"t":"L"{text}}}').keys() - {"t"}


def ran_alone(code: str) -> "subprocess.CompletedProcess[str]":
    """Code in a process of its own: what it prints, and what it dies of."""
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True,
                          timeout=60, cwd=ROOT)  # fmt: skip


def test_a_matcher_survives_that_the_module_is_loaded_again() -> None:
    code = (
        "import importlib\n"
        "from adapter.deciding import engine\n"
        "def made(rule):\n"
        "    return engine.Matcher([engine.Alternative(rule, frozenset({1}), frozenset())])\n"
        "before = made(3)\n"
        "importlib.reload(engine)\n"
        "after = made(4)\n"
        "print([before.matched(2), after.matched(2), before.matched(0), before.matched(2)])\n"
    )
    done = ran_alone(code)

    assert "[{3}, {4}, set(), {3}]\n" == done.stdout, done.stderr


def test_a_matcher_is_refused_to_a_second_thread_while_it_works(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    matcher = Matcher([alternative(0, (1,))])

    class Slow:
        def assert_fact(self, *_: object) -> tuple[int, int]:
            matcher.matched(2)  # as another thread would, between assert and retract
            return 0, 0

    monkeypatch.setattr(engine, "dre", type("Dre", (Slow,), {"error": engine.dre.error})())
    with pytest.raises(RuntimeError, match="in another thread"):
        matcher.matched(2)


def test_two_records_alike_are_both_judged() -> None:
    matcher = Matcher([alternative(0, (1,)), alternative(1, (), (1,))])

    assert [{0}, {0}, {1}, {1}, {0}] == [matcher.matched(v) for v in (2, 2, 0, 0, 2)]


def test_two_matchers_do_not_meet() -> None:
    first, second = Matcher([alternative(0, (1,))]), Matcher([alternative(5, (1,))])

    assert ({0}, {5}) == (first.matched(2), second.matched(2))


def rulesets_made() -> int:
    """How many rulesets the engine was given until now."""
    return int(repr(engine._names).removeprefix("count(").removesuffix(")")) - 1


def test_a_ruleset_is_used_again_when_its_matcher_is_gone_and_not_before() -> None:
    alternatives = [alternative(0, (1, 77)), alternative(1, (), (1, 77))]
    made = rulesets_made()
    first, second = Matcher(alternatives), Matcher(alternatives)

    assert made + 2 == rulesets_made()
    assert ({0}, {1}) == (first.matched(1 << 1 | 1 << 77), second.matched(0))
    del first, second
    for _ in range(20):
        again = Matcher(alternatives)
        assert [{0}, {1}, set()] == [again.matched(v) for v in (1 << 1 | 1 << 77, 0, 2)]
    assert made + 2 == rulesets_made()


def test_a_ruleset_that_failed_is_given_to_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    alternatives = [alternative(0, (1, 78))]
    matcher = Matcher(alternatives)
    failed = matcher.chunks[0].ruleset

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(engine.dre, "retract_fact", interrupted)
    with pytest.raises(KeyboardInterrupt):
        matcher.matched(1 << 1 | 1 << 78)
    monkeypatch.undo()
    del matcher
    after = Matcher(alternatives)

    assert after.chunks[0].ruleset is not failed
    assert [{0}, set()] == [after.matched(v) for v in (1 << 1 | 1 << 78, 0)]


def test_rules_that_lost_a_case_are_split_at_once_the_next_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(engine, "ALTERNATIVES_MAX", 100)
    alternatives = [alternative(i, (i, 120)) for i in range(100)]
    every = (1 << 121) - 1
    assert set(range(100)) == Matcher(alternatives).matched(every)
    made = rulesets_made()
    for _ in range(3):
        assert set(range(100)) == Matcher(alternatives).matched(every)

    assert made == rulesets_made()


def test_memory_stays_flat_over_many_plans() -> None:
    code = (
        "from adapter import make_plan, read_workspace\n"
        "from adapter.deciding import engine\n"
        "workspace = read_workspace('examples/contoso')\n"
        "make_plan(workspace)\n"
        "before = repr(engine._names)\n"
        "for _ in range(3): make_plan(workspace)\n"
        "print(before == repr(engine._names))\n"
    )
    done = ran_alone(code)

    assert "True\n" == done.stdout, done.stderr


def test_nothing_of_the_engine_is_used_but_facts_in_one_state() -> None:
    source = Path(engine.__file__).read_text()
    used = {word for word in dir(engine.dre) if f"dre.{word}(" in source}

    assert used == {
        "create_ruleset", "assert_fact", "start_action_for_state", "complete_and_start_action",
        "retract_fact",
    }  # fmt: skip


def test_an_unexpected_answer_of_the_engine_stops_everything(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    matcher = Matcher([alternative(0, (1,))])

    class Odd:
        def assert_fact(self, *_: object) -> tuple[int, int]:
            return 2, 0

    monkeypatch.setattr(engine, "dre", Odd())
    with pytest.raises(RuntimeError, match="answered 2"):
        matcher.matched(2)
    monkeypatch.undo()
    with pytest.raises(RuntimeError, match="failed before"):  # a fact may be left in the engine
        matcher.matched(2)


def test_memory_stays_flat_over_many_records() -> None:
    code = (
        "import resource, random\n"
        "from adapter.deciding.engine import Alternative, Matcher\n"
        "m = Matcher([Alternative(i, frozenset({i % 9, 20 + i % 5}), frozenset({40 + i % 3}))"
        " for i in range(60)])\n"
        "rng = random.Random(1)\n"
        "def peak():\n"
        "    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "for _ in range(3000): m.matched(rng.getrandbits(45))\n"
        "before = peak()\n"
        "for _ in range(60000): m.matched(rng.getrandbits(45))\n"
        "print(peak() - before)\n"
    )
    done = ran_alone(code)

    assert 0 == done.returncode, done.stderr
    assert int(done.stdout) * 1024 < 16 * 2**20 if sys.platform != "darwin" else True


def test_engine_and_second_opinion_agree_on_generated_rulebooks() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.differential", "300", "50"],
        capture_output=True, text=True, timeout=120, cwd=ROOT,
    )  # fmt: skip

    assert 0 == done.returncode, done.stdout + done.stderr
    assert "15000 decisions, 0 differences" in done.stdout


def test_a_generated_rulebook_that_is_too_wide_is_skipped_counted_and_made_up_for() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.differential", "3", "20", "1058"],
        capture_output=True, text=True, timeout=60, cwd=ROOT,
    )  # fmt: skip

    assert 0 == done.returncode, done.stdout + done.stderr
    assert "60 decisions, 0 differences, 1 rulebooks too wide (seeds 1059)" in done.stdout
