"""making/changed.py: what was sent before beside what is true now, column by column."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from adapter.edge.workspace import read_workspace
from adapter.making.plan import Plan, make_plan
from adapter.making.steps import Consignment, Step
from adapter.telling.report import make_report
from tests.commands import CONTOSO, copied, small_company
from tests.sending_given import Desk

JOURNAL, PROFORMA = "ExtendedCost", "msdyn_amount"


@pytest.fixture
def contoso(tmp_path: Path) -> Path:
    return copied(CONTOSO, tmp_path / "contoso")


@cache
def steps() -> tuple[tuple[str, Step], ...]:
    """Every row that the sample's plan would send, with its document's name."""
    shipped: list[Consignment] = []
    make_plan(read_workspace(CONTOSO), ship=shipped.append)
    return tuple((one.name, step) for one in shipped for step in one.steps if step.source)


def step_with(column: str) -> tuple[str, Step]:
    return next((name, s) for name, s in steps() if json.loads(s.body).get(column))


def write_sent(folder: Path, *lines: dict[str, Any]) -> None:
    (folder / "sent.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))


def sent_line(name: str, step: Step, **body: object) -> dict[str, Any]:
    """The row as if it had been sent with other values."""
    return {"key": step.key, "digest": "2:" + "0" * 16, "document": name, "on": "2026-11-18",
            "body": {**json.loads(step.body), **body}}  # fmt: skip


def different_of(plan: Plan) -> list[dict[str, Any]]:
    return [d for d in make_report(plan)["documents"] if d["status"] == "different"]


@pytest.mark.parametrize("column", [JOURNAL, PROFORMA])
def test_the_columns_that_changed_are_told_with_both_values(contoso: Path, column: str) -> None:
    name, step = step_with(column)
    now = json.loads(step.body)[column]
    write_sent(contoso, sent_line(name, step, **{column: 1.25}))

    (document,) = different_of(make_plan(read_workspace(contoso)))
    (change,) = document["changes"]

    assert (document["name"], document["actuals"]) == (name, [step.actual])
    assert document["sent"] == {"digest": "2:" + "0" * 16, "on": "2026-11-18"}
    assert change == {"actual": step.actual, "column": column, "sent": "1.25",
                      "now": f"{now:.2f}"}  # fmt: skip


def test_the_place_in_the_document_is_no_change(contoso: Path) -> None:
    name, step = step_with("LineNumber")
    write_sent(contoso, sent_line(name, step, LineNumber=77))

    (document,) = different_of(make_plan(read_workspace(contoso)))

    assert document["changes"] == []


def test_a_column_that_was_not_sent_and_is_there_now_is_a_change(contoso: Path) -> None:
    name, step = step_with(JOURNAL)
    line = sent_line(name, step)
    del line["body"][JOURNAL]
    write_sent(contoso, line)

    (document,) = different_of(make_plan(read_workspace(contoso)))

    assert [(c["column"], c["sent"]) for c in document["changes"]] == [(JOURNAL, "(nothing)")]


def test_without_the_row_that_was_sent_no_change_is_invented(contoso: Path) -> None:
    name, step = step_with(JOURNAL)
    line = sent_line(name, step)
    del line["body"]
    write_sent(contoso, line)

    (document,) = different_of(make_plan(read_workspace(contoso)))

    assert document["sent"] and document["changes"] == []


def test_a_ledger_may_say_what_was_sent(contoso: Path) -> None:
    name, step = step_with(JOURNAL)
    line = sent_line(name, step)
    body = json.dumps({**line.pop("body"), JOURNAL: 9})
    write_sent(contoso, line)

    found = make_plan(replace(read_workspace(contoso), row_sent={step.key: body}.get))
    (document,) = different_of(found)

    assert [(c["column"], c["sent"]) for c in document["changes"]] == [(JOURNAL, "9")]


def test_lines_of_several_documents_stay_apart_and_change_nothing_else(contoso: Path) -> None:
    first, second = step_with(JOURNAL), step_with(PROFORMA)
    write_sent(contoso, *(sent_line(*one) for one in (first, second)))

    plan = make_plan(read_workspace(contoso))
    found = different_of(plan)

    assert {d["name"] for d in found} == {first[0], second[0]}
    assert plan.balanced
    assert make_report(plan)["verdict"]["documents"] == plan.tally.documents["new"]


def test_the_row_that_was_sent_is_part_of_the_plans_id(contoso: Path) -> None:
    name, step = step_with(JOURNAL)
    ids = []
    for value in (1, 2):
        write_sent(contoso, sent_line(name, step, **{JOURNAL: value}))
        ids.append(make_plan(read_workspace(contoso)).id)

    assert ids[0] != ids[1]


def test_the_ledger_remembers_the_row_that_it_sent(tmp_path: Path) -> None:
    with Desk(small_company(tmp_path / "w", 12)) as desk:
        plan = desk.plan()
        assert desk.run("send", plan).code == 0
        sent = next(row.step for row in desk.steps() if "ExtendedCost" in row.step.body
                    and row.step.source)  # fmt: skip
        for path in desk.folder.rglob("msdyn_actual.jsonl"):
            lines = path.read_text("utf-8").splitlines()
            for number, line in enumerate(lines):
                row = json.loads(line)
                if row["msdyn_actualid"] == sent.actual:
                    lines[number] = line.replace(row["msdyn_description"], "Another text")
            path.write_text("\n".join(lines) + "\n", "utf-8")

        report = json.loads(desk.run("plan", "--format", "json").out)

    found = {d["kind"]: d["changes"] for d in report["documents"] if d["status"] == "different"}
    (change,) = found["journal"]
    assert change == {"actual": sent.actual, "column": "Text", "now": "Another text",
                      "sent": json.loads(sent.body)["Text"]}  # fmt: skip
    assert all(c["now"] == "Another text" for changes in found.values() for c in changes)
