"""deciding/evaluate.py: why, and why not."""

import random
from decimal import Decimal

import pytest

from adapter.deciding.evaluate import compile_rules, evaluate, explain_rule, nearest
from adapter.deciding.judge import Judge, judge_facts
from adapter.reading.expressions import All, Atom, atoms_of
from adapter.reading.rulebook import Line
from tests.differential import PLACE, expression
from tests.rule_texts import HEADS, require, rulebook_of

BOOK = rulebook_of(
    {
        "rules/req.toml": HEADS["require"]
        + require("REQ901", ["actual.quantity > 5"], ["present(actual.site)"])
        + require("REQ902", ["actual.quantity > 50", "actual.skip_sync"])
    }
)


def traces(facts: dict[str, object]):  # type: ignore[no-untyped-def]
    judge = Judge(BOOK)
    vector = judge_facts(judge, facts).vector
    return [explain_rule(rule, vector, judge.bit_of, facts) for rule in BOOK.rules]


def test_a_rule_is_fired_passed_or_not_applicable() -> None:
    site = {"actual.site": "1"}

    assert ["fired", "passed"] == [t.state for t in traces(site | {"actual.quantity": Decimal(9)})]
    assert ["passed", "passed"] == [t.state for t in traces(site | {"actual.quantity": Decimal(1)})]
    assert "not-applicable" == traces({"actual.quantity": Decimal(9)})[0].state


def test_every_line_is_told_with_its_values() -> None:
    line = traces({"actual.site": "1", "actual.quantity": Decimal(1)})[0].lines[1]

    assert ("actual.quantity > 5", False, "when") == (line.text, line.held, line.part)
    assert (("actual.quantity", Decimal(1)),) == line.values


def test_what_nearly_fired_failed_by_one_line() -> None:
    found = nearest(traces({"actual.skip_sync": True}))

    assert ["REQ902"] == [trace.rule.id for trace in found]


def test_compiled_rules_say_what_the_expression_trees_say() -> None:
    for seed in range(60):
        rng = random.Random(seed)
        pool = [Line("", expression(rng, ["c.0"]), PLACE) for _ in range(8)]  # lines are shared
        rules = [rng.sample(pool, rng.randint(0, 5)) for _ in range(rng.randint(1, 30))]
        asked = dict.fromkeys(atom for line in pool for atom in atoms_of(line.expr))
        bit_of = {atom: bit for bit, atom in enumerate(asked)}
        compiled = compile_rules(rules, bit_of)
        for _ in range(20):
            vector = rng.getrandbits(len(bit_of))
            expected = [
                number for number, lines in enumerate(rules)
                if all(evaluate(line.expr, vector, bit_of) for line in lines)
            ]  # fmt: skip

            assert expected == compiled(vector), f"seed {seed}"


@pytest.mark.parametrize("shared", [1, 19, 20, 21, 60, 150])
def test_rules_may_share_any_number_of_lines(shared: int) -> None:
    atoms = [Atom("flag", f"f.{i}") for i in range(shared + 2)]
    bit_of = {atom: bit for bit, atom in enumerate(atoms)}
    common = [Line("", All(tuple(atoms[:shared])), PLACE)]
    rules = [[*common, Line("", atoms[shared], PLACE)], [*common, Line("", atoms[-1], PLACE)], []]
    compiled = compile_rules(rules, bit_of)
    every = (1 << len(atoms)) - 1

    assert [0, 1, 2] == compiled(every)
    assert [1, 2] == compiled(every & ~(1 << shared))
    assert [2] == compiled(every & ~1)
