"""deciding/applied.py: how often each rule concerned a record."""

import pytest

from adapter.deciding import applied
from adapter.deciding.applied import AppliedCount
from adapter.deciding.judge import Judge, judge_facts
from adapter.edge.workspace import read_workspace
from adapter.making.plan import make_plan
from adapter.telling.report import make_report
from tests.commands import CONTOSO
from tests.rule_texts import HEADS, require, rulebook_of

BOOK = rulebook_of({
    "rules/x.toml": HEADS["require"]
    + require("REQ901", ["actual.quantity > 5"], ["actual.skip_sync"])
    + require("REQ902", ["actual.quantity > 5"])
})  # fmt: skip


@pytest.mark.parametrize("most", [1, 50_000])
def test_a_rule_is_counted_where_it_applies_whether_it_fires_or_not(
    most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(applied, "VECTORS_MAX", most)
    judge = Judge(BOOK)
    count = AppliedCount(BOOK.rules, judge.bit_of)
    for skip, quantity in ((True, 9), (True, 1), (True, 1), (False, 9)):
        facts = {"actual.skip_sync": skip, "actual.quantity": quantity}
        count.take(judge_facts(judge, facts).vector)

    assert count.counts() == {"REQ901": 3, "REQ902": 4}


def test_the_coverage_of_a_report_says_how_often_each_rule_applied() -> None:
    report = make_report(make_plan(read_workspace(CONTOSO)))
    coverage = {c["rule"]: c for c in report["coverage"]}
    judged = len(report["actuals"])

    assert all(0 <= c["fired"] <= c["applied"] for c in coverage.values())
    assert max(c["applied"] for c in coverage.values()) == judged
    assert any(0 < c["applied"] < judged and not c["fired"] for c in coverage.values())
    chosen = [c for c in coverage.values() if c["asks"] == "choose"]
    assert sum(c["fired"] for c in chosen) == len([c for c in report["companies"] if c["rule"]])
