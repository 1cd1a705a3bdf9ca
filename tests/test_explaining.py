"""telling/explaining.py: the chain of one record, as the plan decided it."""

from functools import cache

import pytest

from adapter.deciding.evaluate import LineTrace, RuleTrace
from adapter.edge.workspace import read_workspace
from adapter.making.plan import Plan, make_plan
from adapter.making.planned import PlannedDocument
from adapter.making.workspace import Workspace
from adapter.telling.explaining import (
    FIELDS_MAX,
    NEARLY_MAX,
    Entry,
    Explainer,
    _is_near,
    document_head,
    entries_of,
    line_of,
    names_of,
)
from adapter.values.actuals import Actual
from adapter.values.field_service import WorkOrder
from tests.commands import CONTOSO


@cache
def workspace() -> Workspace:
    return read_workspace(CONTOSO)


@cache
def plan() -> Plan:
    """The sample's plan, with every actual watched."""
    watch = frozenset(actual.id for _, actual in workspace().actuals())
    return make_plan(workspace(), watch=watch)


@cache
def entries() -> dict[str, Entry]:
    return {entry["id"]: entry for entry in entries_of(plan())}


@cache
def explainer() -> Explainer:
    return Explainer(plan(), entries().values())


SOME = 60  # actuals that are looked at one by one


def some() -> list[str]:
    return sorted(entries())[:SOME]


def test_the_checks_of_an_actual_are_its_findings() -> None:
    for key in some():
        checks = explainer().actual(key)["checks"]

        assert {c["rule"] for c in checks["fired"]} == set(entries()[key]["findings"])
        assert all(c["message"] and c["level"] for c in checks["fired"])


def test_every_requirement_is_fired_passed_or_not_applicable() -> None:
    rules = {r.id for r in workspace().rulebook.rules if r.asks == "require"}
    for key in some():
        checks = explainer().actual(key)["checks"]
        fired = {c["rule"] for c in checks["fired"]} & rules

        assert len(fired) + checks["passed"] + checks["not_applicable"] == len(rules)


def test_what_nearly_fired_failed_by_one_line() -> None:
    for key in some():
        nearly = explainer().actual(key)["checks"]["nearly"]

        assert len(nearly) <= NEARLY_MAX
        for check in nearly:
            assert [line["held"] for line in check["lines"]].count(False) == 1


def trace(held: list[bool], state: str = "passed") -> RuleTrace:
    lines = tuple(LineTrace(f"line {n}", h, (), "when") for n, h in enumerate(held))
    return RuleTrace(workspace().rulebook.rules[0], state, lines)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("held", "state", "is_near"),
    [
        ([True, False], "passed", True),
        ([True, True, False], "not-applicable", True),
        ([True, False, False], "passed", False),
        ([True, True], "fired", False),
        ([False], "passed", False),  # a rule of a single line says nothing by it
    ],
)
def test_near_is_one_line_away(held: list[bool], state: str, is_near: bool) -> None:
    assert _is_near(trace(held, state)) == is_near


def test_the_route_of_an_actual_is_its_answer_on_both_channels() -> None:
    rules = workspace().rulebook.rules_by_id
    for key in some():
        entry = entries()[key]
        for route in explainer().actual(key)["routes"]:
            part = entry[route["channel"]]
            assert (route["answer"], route["because"]["rule"]) == (part["answer"], part["rule"])
            tried = [one["rule"] for one in route["tried"]]
            assert part["rule"] not in tried
            assert {rules[code].channel for code in tried} <= {route["channel"]}
            if part["answer"] == "hold" and part["reason"].startswith("would be "):
                would = route["would_be"]
                assert would is not None and would["rule"] == part["reason"].split()[-1]


def test_the_lines_of_the_rule_that_answered_all_held() -> None:
    for key in some():
        for route in explainer().actual(key)["routes"]:
            assert all(line["held"] for line in route["because"]["lines"])


def test_the_model_is_that_of_the_company() -> None:
    by_company = {(c.company, c.environment): c for c in plan().choices}
    for key in some():
        model = explainer().actual(key)["model"]
        where = plan().traced[key].routed.dossier.environment.name
        choice = by_company[model["company"], where]

        assert (model["word"], model["because"]["rule"]) == (
            choice.model, choice.rule.id if choice.rule else "",
        )  # fmt: skip


def test_a_trait_names_the_rule_that_concluded_it_or_that_it_is_the_default() -> None:
    declared = workspace().rulebook.declared
    for key in some():
        for name, value, by in explainer().actual(key)["traits"]:
            assert value in declared[name][0]
            assert by != "default" or value == declared[name][1]


def test_a_written_actual_shows_the_line_that_carries_it() -> None:
    key = next(k for k, e in entries().items() if e["ledger"]["document"])

    (document, *_) = explainer().actual(key)["documents"]

    assert key in dict(document["line"]).values()
    assert len(document["line"]) <= FIELDS_MAX


def test_a_document_lists_its_actuals_and_its_rule() -> None:
    document = next(plan().documents())

    told = explainer().document(document)

    assert [head["id"] for head in told["actuals"]] == document.actuals
    assert told["because"]["rule"] == document.rule
    assert told["document"] == document_head(document)


def test_a_work_order_is_told_with_its_fields_and_those_actuals_that_the_plan_knows() -> None:
    key = next(k for k in some() if entries()[k]["work_order"])
    dossier = plan().traced[key].routed.dossier
    order = dossier.records.one(WorkOrder, dossier.actual.work_order) or dossier.work_order
    assert order is not None

    told = explainer().line("WO", order, [key, "not in the plan"])
    names = [name for name, _ in told["header"]]

    assert [one["actual"]["id"] for one in told["actuals"]] == [key]
    assert "number" in names and not [n for n in names if "_" in n]


def test_a_built_in_code_has_no_lines() -> None:
    assert explainer().fired("SRC030") == {
        "rule": "SRC030", "name": "lookup-leads-nowhere", "place": "", "lines": [],
    }  # fmt: skip


def planned(payload: object) -> PlannedDocument:
    return PlannedDocument(key="k", kind="journal", name="n", company="c", rule="r", status="new",
                           delivery="files", lines=1, totals=[], payload=payload)  # fmt: skip


@pytest.mark.parametrize(
    ("payload", "found"),
    [
        ({"Lines": [{"Id": "b"}, {"Id": "a", "Qty": 2, "Below": [1]}]},
         [["Id", "a"], ["Qty", "2"]]),
        ({"Lines": [{"Id": "x", "Details": [{"Of": "a"}]}]}, [["Of", "a"]]),
        ({"Lines": []}, []),
        (None, []),
    ],
)  # fmt: skip
def test_the_line_of_an_actual_is_found_at_any_depth(
    payload: object, found: list[list[str]]
) -> None:
    assert line_of(planned(payload), "a") == found


def test_a_long_line_is_cut() -> None:
    row = {"Id": "a", **{f"f{n}": n for n in range(100)}}

    assert len(line_of(planned([row]), "a")) == FIELDS_MAX


def test_the_names_that_explain_knows() -> None:
    names = set(names_of(plan()))
    actual = next(a for _, a in workspace().actuals() if isinstance(a, Actual))

    assert {d.name for d in plan().documents()} <= names
    assert f"A-{actual.id.replace('-', '')[:8].upper()}" in names
