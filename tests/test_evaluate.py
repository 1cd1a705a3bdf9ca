"""deciding/evaluate.py: why, and why not."""

from decimal import Decimal

from adapter.deciding.evaluate import explain_rule, nearest
from adapter.deciding.judge import Judge, judge_facts
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
