"""making/holding.py: a row that does not fit holds its own actual, and nobody else's."""

import json
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from adapter.edge.spool import SpoolOnDisk
from adapter.edge.workspace import read_workspace
from adapter.making.plan import Plan, make_plan
from adapter.making.steps import Consignment
from adapter.telling.report import make_report
from adapter.telling.show_text import as_text
from tests.commands import CONTOSO, copied

ACTUALS = "records/contoso-us/msdyn_actual.jsonl"
SERIAL = "_msdyn_serialnumber_value@OData.Community.Display.V1.FormattedValue"
LONG = "S" * 45


@cache
def before() -> dict[str, Any]:
    return make_report(make_plan(read_workspace(CONTOSO)))


def entry(report: dict[str, Any], actual: str) -> dict[str, Any]:
    return next(a for a in report["actuals"] if a["id"] == actual)


@cache
def victims() -> tuple[str, ...]:
    """Actuals with a serial number that stand in a journal and in a proforma."""
    rows = (json.loads(line) for line in (CONTOSO / ACTUALS).read_text("utf-8").splitlines())
    serials = [row["msdyn_actualid"] for row in rows if row.get(SERIAL)]
    found = (entry(before(), actual) for actual in serials)
    return tuple(a["id"] for a in found if a["ledger"]["document"] and a["billing"]["document"])


def spoil(folder: Path, actuals: tuple[str, ...], column: str = SERIAL, value: str = LONG) -> Path:
    lines = []
    for line in (folder / ACTUALS).read_text("utf-8").splitlines():
        row = json.loads(line, parse_float=Decimal)
        if row["msdyn_actualid"] in actuals:
            row[column] = value
        lines.append(json.dumps(row, default=str))
    (folder / ACTUALS).write_text("\n".join(lines) + "\n", "utf-8")
    return folder


def documents_with(report: dict[str, Any], actual: str) -> list[str]:
    return [d["name"] for d in report["documents"] if actual in d["actuals"]]


@pytest.fixture
def spoiled(tmp_path: Path) -> Path:
    return spoil(copied(CONTOSO, tmp_path / "w"), victims()[:1])


def test_one_bad_row_holds_one_actual_on_both_channels(spoiled: Path) -> None:
    report = make_report(make_plan(read_workspace(spoiled)))
    held, was = entry(report, victims()[0]), entry(before(), victims()[0])

    assert report["verdict"]["held"] == before()["verdict"]["held"] + 1
    assert (held["status"], held["findings"]) == ("held", ["TPL604"])
    for channel in ("ledger", "billing"):
        answer, rule = held[channel], was[channel]["rule"]
        assert answer == {"answer": "hold", "rule": "TPL604", "reason": f"would be {rule}",
                          "document": None}  # fmt: skip
    assert documents_with(report, victims()[0]) == []
    assert {d["status"] for d in report["documents"]} == {"new"}
    assert report["verdict"]["balanced"]


def test_the_finding_names_actual_work_order_field_value_owner_and_help(spoiled: Path) -> None:
    report = make_report(make_plan(read_workspace(spoiled)))
    (group,) = [f for f in report["findings"] if f["code"] == "TPL604"]
    (seen,) = group["occurrences"]
    was = entry(before(), victims()[0])

    assert (group["owner"], group["records"]) == ("dispatcher", 1)
    assert [m["amount"] for m in group["money"]] == [was["amount"]]
    assert (seen["actual"], seen["work_order"]) == (victims()[0], was["work_order"])
    assert "`InventSerialId`" in seen["message"] and "45 characters" in seen["message"]
    assert dict(seen["values"])["serial number"] == LONG
    assert "serial number" in seen["help"] and "integration-journal.toml" in seen["help"]
    assert [f for f in report["faults"] if f["code"] == "TPL604"] == []
    assert "TPL604" in as_text(report)


def test_the_others_keep_what_they_say(spoiled: Path) -> None:
    report = make_report(make_plan(read_workspace(spoiled)))
    said = {a["id"]: (a["status"], a["ledger"]["answer"]) for a in report["actuals"]}
    was = {a["id"]: (a["status"], a["ledger"]["answer"]) for a in before()["actuals"]}

    assert {k for k in said if said[k] != was[k]} == {victims()[0]}
    lines = sum(d["lines"] for d in report["documents"] if d["kind"] == "journal")
    assert lines == sum(d["lines"] for d in before()["documents"] if d["kind"] == "journal") - 1


def test_nothing_of_a_held_actual_is_sent_and_each_document_once(spoiled: Path) -> None:
    shipped: list[Consignment] = []
    plan = make_plan(read_workspace(spoiled), ship=shipped.append)
    keys = [step.key for one in shipped for step in one.steps]

    assert victims()[0] not in {step.actual for one in shipped for step in one.steps}
    assert len(keys) == len(set(keys))
    assert {one.document for one in shipped} == {d.key for d in plan.documents()}


def test_many_bad_rows_and_a_spool_on_disk_give_the_same(tmp_path: Path) -> None:
    folder = spoil(copied(CONTOSO, tmp_path / "w"), victims())
    plans: list[Plan] = [make_plan(read_workspace(folder)),
                         make_plan(read_workspace(folder), spool=SpoolOnDisk())]  # fmt: skip
    first, second = (make_report(plan) for plan in plans)

    assert first == second
    assert first["verdict"]["held"] == before()["verdict"]["held"] + len(victims())


def test_pages_of_proformas_are_drawn_without_it(spoiled: Path) -> None:
    drawn: list[str] = []
    make_plan(read_workspace(spoiled), draw=lambda document: drawn.extend(document.actuals))

    assert drawn and victims()[0] not in drawn


def test_a_header_that_does_not_fit_is_held_with_all_it_carries(tmp_path: Path) -> None:
    folder = copied(CONTOSO, tmp_path / "w")
    (folder / "mappings" / "to-finance").mkdir(parents=True)
    name = "mappings/to-finance/integration-journal-header.toml"
    text = (CONTOSO.parents[1] / name).read_text("utf-8")
    said = 'via = ["one_line", "text(60)"], length = 60'
    assert said in text
    (folder / name).write_text(text.replace(said, 'via = ["upper"], length = 1'), "utf-8")
    report = make_report(make_plan(read_workspace(folder)))
    journals = [d for d in report["documents"] if d["kind"] == "journal"]
    held = {a for d in journals for a in d["actuals"]}

    assert {d["status"] for d in journals} == {"held"}
    assert all(entry(report, actual)["status"] == "held" for actual in held)
    assert not any(held & set(d["actuals"]) for d in report["documents"] if d["kind"] == "proforma")
    assert report["verdict"]["balanced"]
