"""deciding/judge.py: layers, first and all matches, second opinion, memory."""

from decimal import Decimal

import pytest

from adapter.deciding import judge as judge_module
from adapter.deciding.judge import EngineDisagrees, Judge, TooWide, judge_facts, layers_of
from tests.rule_texts import HEADS, TAIL, require, route, rulebook_of

CONCLUDE = (
    HEADS["conclude"]
    + f"""
[concludes]
"item.kind" = {{ values = ["stocked", "service", "none"], default = "none" }}
"item.weight" = {{ values = ["heavy", "light"], default = "light" }}

[[rule]]
id = "TRT901"
name = "n"
when = ["product.is_stocked"]
conclude = {{ "item.kind" = "stocked" }}
{TAIL}
[[rule]]
id = "TRT902"
name = "n"
when = ["product.is_stocked", "actual.quantity > 5"]
conclude = {{ "item.kind" = "service" }}
{TAIL}
[[rule]]
id = "TRT903"
name = "n"
when = ["item.kind == 'stocked'", "actual.quantity > 5"]
conclude = {{ "item.weight" = "heavy" }}
{TAIL}"""
)
TEXTS = {
    "rules/traits.toml": CONCLUDE,
    "rules/req.toml": HEADS["require"]
    + require("REQ901", ["item.weight == 'heavy'"])
    + require("REQ902", ["missing(actual.site) or actual.quantity != 1"], ["not actual.skip_sync"]),
    "rules/routing-ledger.toml": HEADS["ledger"]
    + route("RTE901", ["actual.skip_sync"])
    + route("RTE902", ["item.kind == 'none'"])
    + route("RTE999", [], 'hold = "h"'),
    "rules/routing-billing.toml": HEADS["billing"] + route("RTE998", []),
}
STOCKED = {"product.is_stocked": True, "actual.quantity": Decimal(9), "actual.site": "1"}

# facts | concluded | fired | answers
DECISIONS = [
    (STOCKED, {"item.kind": "stocked", "item.weight": "heavy"}, ["REQ901", "REQ902"],
     ["RTE999", "RTE998"]),
    (STOCKED | {"actual.quantity": Decimal("1.00")},
     {"item.kind": "stocked", "item.weight": "light"},
     [], ["RTE999", "RTE998"]),
    (STOCKED | {"actual.skip_sync": True}, {"item.kind": "stocked", "item.weight": "heavy"},
     ["REQ901"], ["RTE901", "RTE998"]),
    ({}, {"item.kind": "none", "item.weight": "light"}, ["REQ902"], ["RTE902", "RTE998"]),
]  # fmt: skip


@pytest.mark.parametrize(("facts", "concluded", "fired", "answers"), DECISIONS)
def test_a_decision_is_layered_complete_and_has_one_answer_per_channel(
    facts: dict[str, object], concluded: dict[str, str], fired: list[str], answers: list[str]
) -> None:
    decision = judge_facts(Judge(rulebook_of(TEXTS)), facts)

    assert concluded == dict(decision.concluded)
    assert fired == [rule.id for rule in decision.fired]
    assert answers == [rule.id if rule else None for rule in decision.answers]


def test_the_first_conclusion_of_a_fact_wins() -> None:
    decision = judge_facts(Judge(rulebook_of(TEXTS)), STOCKED)

    assert "TRT902" not in {rule.id for rule in decision.rules}


def test_the_first_conclusion_in_the_file_wins_though_it_needs_another() -> None:
    head, first, *_ = CONCLUDE.split("[[rule]]")
    both = first.replace('{ "item.kind" = "stocked" }',
                         '{ "item.kind" = "stocked", "item.weight" = "heavy" }')  # fmt: skip
    needs = first.replace("TRT901", "TRT900").replace(
        "product.is_stocked", "item.kind == 'stocked'").replace(
        '"item.kind" = "stocked"', '"item.weight" = "light"')  # fmt: skip
    book = rulebook_of({"rules/traits.toml": "[[rule]]".join([head, needs, both])})
    decision = judge_facts(Judge(book), STOCKED)

    assert {"item.kind": "stocked", "item.weight": "light"} == dict(decision.concluded)


def test_conclusions_that_need_each_other_are_refused() -> None:
    text = CONCLUDE.replace('when = ["product.is_stocked"]', "when = [\"item.weight == 'heavy'\"]")
    book = rulebook_of({"rules/traits.toml": text})

    with pytest.raises(ValueError, match=r"cycle: item\.kind, item\.weight"):
        layers_of(book.rules, book.declared)


def test_a_rule_with_too_many_ways_to_hold_is_refused_before_the_engine() -> None:
    lines = [
        f"actual.quantity == {i} or actual.price == {i} or actual.tax == {i}" for i in range(5)
    ]
    book = rulebook_of({"rules/req.toml": HEADS["require"] + require("REQ901", lines)})

    with pytest.raises(TooWide, match="REQ901 has more than 64 ways to hold"):
        Judge(book)


def test_a_rule_with_too_many_conditions_is_refused_before_the_engine() -> None:
    lines = [f"actual.quantity != {i} and actual.quantity != -{i}" for i in range(1, 15)]
    most = HEADS["require"] + require("REQ901", lines)
    more = HEADS["require"] + require("REQ901", [*lines, "actual.skip_sync"])

    judge = Judge(rulebook_of({"rules/r.toml": most}))

    assert ["REQ901"] == [rule.id for rule in judge_facts(judge, {}).fired]
    with pytest.raises(TooWide, match="REQ901 asks 29 conditions at once, at most 28"):
        Judge(rulebook_of({"rules/r.toml": more}))


def test_a_difference_between_engine_and_second_opinion_stops_everything(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(judge_module, "compile_rules", lambda rules, bits: lambda vector: [0])
    judge = Judge(rulebook_of({"rules/req.toml": TEXTS["rules/req.toml"].replace(
        "item.weight == 'heavy'", "actual.skip_sync")}))  # fmt: skip

    with pytest.raises(EngineDisagrees, match=r"ENG901 .* engine REQ902; second REQ901"):
        judge_facts(judge, {})


def test_a_decision_is_remembered_by_its_vector_and_the_memory_is_bounded() -> None:
    judge = Judge(rulebook_of(TEXTS), memory=2)
    first = judge_facts(judge, STOCKED)
    again = judge_facts(judge, STOCKED | {"actual.quantity": Decimal(99)})
    for facts in ({}, {"actual.skip_sync": True}, {"actual.site": "2"}):
        judge_facts(judge, facts)

    assert first is again
    assert (1, 4) == (judge.hits, judge.misses)
    assert len(judge._memory) <= 2


def test_without_memory_decisions_are_the_same() -> None:
    book = rulebook_of(TEXTS)
    with_memory, without = Judge(book), Judge(book, memory=0, second_opinion=False)

    for facts, *_ in DECISIONS * 2:
        one, two = judge_facts(with_memory, facts), judge_facts(without, facts)
        assert (one.fired, one.answers, one.concluded) == (two.fired, two.answers, two.concluded)
