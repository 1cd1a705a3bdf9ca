"""deciding/case_run.py: what a case expects beside what the rules say."""

from datetime import date

import pytest

from adapter.deciding.case_run import CaseJudge, uncovered
from adapter.reading.cases import Case, CaseFile
from adapter.reading.rulebook import Rulebook, make_rulebook
from adapter.reading.settings import Switch
from adapter.values.finding import Place
from tests.rule_texts import HEADS, TAIL, files_of, require, route, rulebook_of

CHOOSE = HEADS["choose"]
TEXTS = {
    "rules/choose.toml": CHOOSE
    + f'[[rule]]\nid = "DEP901"\nname = "n"\nwhen = ["company.in_finance"]\n'
      f'choose = "integrated"\n{TAIL}'
    + f'[[rule]]\nid = "DEP902"\nname = "n"\nwhen = []\nrefuse = "no"\n{TAIL}',
    "rules/conclude.toml": HEADS["conclude"]
    + '[concludes]\n"k.size" = { values = ["big", "small"], default = "small" }\n'
    + route("TRT901", ["actual.quantity > 5"], 'conclude = { "k.size" = "big" }'),
    "rules/require.toml": HEADS["require"]
    + require("REQ901", ["actual.quantity > 9"], ["actual.skip_sync"])
    + require("REQ902", ["k.size == 'big'"]),
    "rules/ledger.toml": HEADS["ledger"]
    + route("RTE901", ["actual.skip_sync"]) + route("RTE999", []),
}  # fmt: skip
PLACE = Place("cases/x.toml", 3, 1)


def book() -> Rulebook:
    return rulebook_of(TEXTS)


def case(quantity: int = 1, skip: bool = False, finance: bool = True, **more: object) -> Case:
    facts = {"actual.quantity": quantity, "actual.skip_sync": skip, "company.in_finance": finance}
    return Case(name="n", place=PLACE, facts=facts, **more)  # type: ignore[arg-type]


def gaps(one: Case) -> list[tuple[str, str]]:
    return [(g.expected, g.found) for g in CaseJudge(book()).run(one).gaps]


HOLDS = [
    case(find=()),
    case(7, find=("REQ902",)),
    case(10, True, find=("REQ901", "REQ902")),
    case(choose="integrated"),
    case(choose="DEP901"),
    case(finance=False, refuse="DEP902"),
    case(7, concludes={"k.size": "big"}),
    case(concludes={"k.size": "small"}),
    case(skip=True, routes={"ledger": "RTE901"}),
    case(rule="RTE999"),
    case(10, rule="REQ901", is_near=True),
]


@pytest.mark.parametrize("one", HOLDS)
def test_a_case_that_says_what_the_rules_say_has_no_gap(one: Case) -> None:
    assert gaps(one) == []


NOT = [
    (case(10, find=("REQ901", "REQ902")), "REQ901, REQ902",
     "REQ902; nearest rule REQ901 failed on actual.skip_sync (actual.skip_sync no)"),
    (case(7, find=()), "nothing", "REQ902"),
    (case(find=("REQ902",)), "REQ902",
     "nothing; nearest rule REQ902 failed on k.size == 'big' (k.size small)"),
    (case(find=("REQ000",)), "REQ000", "nothing; REQ000 is not in force"),
    (case(choose="core"), "choose core", "integrated by DEP901"),
    (case(finance=False, choose="DEP901"), "choose DEP901",
     "refused by DEP902; nearest rule DEP901 failed on company.in_finance "
     "(company.in_finance no)"),
    (case(refuse="DEP902"), "refuse DEP902",
     "integrated by DEP901; DEP902 holds, but an earlier rule answers"),
    (case(concludes={"k.size": "big"}), "k.size big", "k.size small"),
    (case(concludes={"k.none": "x"}), "k.none x", "k.none None"),
    (case(routes={"ledger": "RTE901"}), "ledger RTE901",
     "ledger RTE999; nearest rule RTE901 failed on actual.skip_sync (actual.skip_sync no)"),
    (case(skip=True, routes={"ledger": "RTE999"}), "ledger RTE999",
     "ledger RTE901; RTE999 holds, but an earlier rule answers"),
    (case(routes={"billing": "RTE999"}), "billing RTE999",
     "billing no rule; RTE999 holds, but an earlier rule answers"),
    (case(7, rule="REQ902", is_near=True), "REQ902 does not fire (near miss)", "REQ902 fired"),
    (case(7, True, rule="REQ901"), "REQ901",
     "nearest rule REQ901 failed on actual.quantity > 9 (actual.quantity 7)"),
]  # fmt: skip


@pytest.mark.parametrize(("one", "expected", "found"), NOT)
def test_a_gap_says_what_was_found_and_which_line_did_not_hold(
    one: Case, expected: str, found: str
) -> None:
    assert gaps(one) == [(expected, found)]


def test_a_shipped_case_about_a_rule_that_was_switched_off_is_not_compared() -> None:
    files, _ = files_of(TEXTS)
    off = Switch(enabled=False, because="x", expires=date(2027, 1, 31))
    changed, found = make_rulebook(files, [], {"REQ902": off}, Place("adapter.toml"))
    judge = CaseJudge(changed)

    assert not found
    assert judge.run(case(find=("REQ902",)), is_shipped=True).is_replaced
    assert not judge.run(case(find=()), is_shipped=True).is_replaced
    assert judge.run(case(7, find=("REQ902",))).gaps  # the workspace's own cases always count


def test_a_rule_whose_level_was_changed_fires_as_before_and_keeps_its_cases() -> None:
    texts = {**TEXTS, "rules/require.toml": TEXTS["rules/require.toml"].replace(
        "documented", "inferred")}  # fmt: skip
    switch = Switch(level="warning", because="x")
    files, _ = files_of(texts)
    changed, found = make_rulebook(files, [], {"REQ902": switch}, Place("adapter.toml"))

    (one,) = [CaseJudge(changed).run(case(7, find=("REQ902",)), is_shipped=True)]

    assert not found
    assert (one.is_replaced, one.gaps) == (False, ())


def test_shipped_cases_are_judged_without_the_rules_that_a_workspace_added() -> None:
    files, _ = files_of(TEXTS)
    own, _ = files_of({
        "rules/mine.toml": HEADS["require"] + require("OWN101", ["actual.quantity > 5"]),
        "rules/first.toml": HEADS["ledger"] + route("OWN201", ["actual.quantity > 5"]),
    }, "workspace")  # fmt: skip
    added, found = make_rulebook(files, own, {}, Place("adapter.toml"))
    judge = CaseJudge(added)
    said = case(7, True, find=("REQ902",), routes={"ledger": "RTE901"})

    shipped = judge.run(said, is_shipped=True)

    assert not found
    assert (shipped.gaps, shipped.is_replaced) == ((), False)
    assert shipped.also == {"OWN101", "OWN201"}
    assert "RTE901" in shipped.fired and "OWN101" not in shipped.fired
    assert len(judge.run(said).gaps) == 2  # as a case of the workspace it counts what fires
    assert judge.run(case(find=()), is_shipped=True).also == frozenset()


def test_rules_that_no_case_fires_or_nearly_fires_are_told() -> None:
    rules = book()
    cases = (case(7, rule="REQ902"), case(rule="REQ902", is_near=True), case(rule="RTE999"))
    file = CaseFile(path="cases/x.toml", cases=cases)
    judge = CaseJudge(rules)

    found = uncovered(rules, {"x": [judge.run(one) for one in cases]}, [file])
    said = {f.message.split()[0]: f.message for f in found}

    assert {"RUL108"} == {f.code for f in found}
    assert said["REQ901"] == "REQ901 has no case that fires it and no near miss"
    assert said["TRT901"] == "TRT901 has no near miss"
    assert said["DEP902"] == "DEP902 has no case that fires it"  # it has no line to miss
    assert not {"REQ902", "RTE999"} & set(said)
