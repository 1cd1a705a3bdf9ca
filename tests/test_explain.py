"""`explain`: records, documents and codes; and a record as a case file."""

import json
import re
from functools import cache
from pathlib import Path

import pytest

from adapter.edge.explain_command import found_record
from adapter.edge.workspace import read_workspace
from adapter.making.workspace import Workspace
from adapter.values.actuals import Actual
from adapter.values.codes import CODES
from adapter.values.field_service import WorkOrderLine
from tests.commands import CONTOSO, Ended, copied, ran


@cache
def report() -> dict:
    return json.loads(ran(["plan", CONTOSO, "--format", "json"]).out)


@cache
def workspace() -> Workspace:
    return read_workspace(CONTOSO)


def explained(what: str, *more: str) -> Ended:
    return ran(["explain", what, "--workspace", CONTOSO, *more])


def held() -> dict:
    return next(a for a in report()["actuals"] if a["status"] == "held" and a["work_order"])


def written() -> dict:
    return next(a for a in report()["actuals"] if a["status"] == "written" and a["work_order"])


def test_a_held_actual_is_explained_from_the_model_to_the_route() -> None:
    one = held()
    code = one["ledger"]["rule"]

    ended = explained(one["name"])

    assert ended.code == 0
    for said in ("  model    ", "  checks   ", "  route    ledger  held", code,
                 f"Held. To release it, fix {code}"):  # fmt: skip
        assert said in ended.out


def test_an_actual_is_found_by_its_id_in_any_spelling() -> None:
    one = held()
    by_name = explained(one["name"]).out

    assert explained(one["id"]).out == by_name
    assert explained("{" + one["id"].upper() + "}").out == by_name


def test_a_written_actual_shows_its_document_with_its_line() -> None:
    one = written()
    key = one["ledger"]["document"] or one["billing"]["document"]

    found = json.loads(explained(one["name"], "--format", "json").out)

    document = next(d for d in found["documents"] if d["key"] == key)
    assert one["id"] in dict(document["line"]).values()
    assert found["actual"]["status"] == "written"


def test_the_rules_tried_before_the_answer_are_told() -> None:
    found = json.loads(explained(written()["name"], "--format", "json").out)

    tried = [rule for route in found["routes"] for rule in route["tried"]]
    assert tried
    assert all(any(not line["held"] for line in rule["lines"]) for rule in tried)


def test_every_check_is_counted_once() -> None:
    found = json.loads(explained(held()["name"], "--format", "json").out)["checks"]
    requirements = [r for r in workspace().rulebook.rules if r.asks == "require"]

    fired = [c for c in found["fired"] if c["rule"] in {r.id for r in requirements}]
    assert len(fired) + found["passed"] + found["not_applicable"] == len(requirements)


def test_a_work_order_shows_its_actuals() -> None:
    one = held()
    same = [a["id"] for a in report()["actuals"] if a["work_order"] == one["work_order"]]

    found = json.loads(explained(one["work_order"], "--format", "json").out)

    assert found["about"] == "line"
    assert sorted(a["actual"]["id"] for a in found["actuals"]) == sorted(same)


def test_a_work_order_line_is_found_by_its_id() -> None:
    records = workspace().environments["contoso-us"].records
    line = next(x for x in records.all(WorkOrderLine)
                if (found := found_record(workspace(), x.id)) is not None and found[2])  # fmt: skip

    found = json.loads(explained(line.id, "--format", "json").out)

    assert found["about"] == "line" and found["actuals"]
    assert ["id", line.id] in found["header"]


def test_a_document_is_found_by_the_beginning_of_its_key_and_by_name() -> None:
    document = report()["documents"][0]

    by_key = json.loads(explained(document["key"][:12], "--format", "json").out)
    name = f"{document['kind']} {document['name']}"
    by_name = json.loads(explained(name, "--format", "json").out)

    assert by_key == by_name
    assert by_key["document"]["key"] == document["key"]
    assert {a["id"] for a in by_key["actuals"]} == set(document["actuals"])


@pytest.mark.parametrize("what", ["A-00000000", "WO-US00000", "nothing at all", "ffffffff"])
def test_an_unknown_name_is_one_line_with_the_nearest(what: str) -> None:
    ended = explained(what)

    assert ended.code == 2 and ended.out == ""
    assert ended.err.startswith(f"fieldledger: nothing is called {what}")
    assert ended.err.count("\n") == 1


@pytest.mark.parametrize(("table", "key", "kind"), [
    ("salesorder", "salesorderid", "contract"), ("msdyn_project", "msdyn_projectid", "project"),
])  # fmt: skip
def test_what_only_a_story_tells_is_said_to_be_told_there(table: str, key: str, kind: str) -> None:
    rows = (CONTOSO / f"records/contoso-ca/{table}.jsonl").read_text("utf-8").splitlines()
    id = json.loads(rows[0])[key]

    ended = explained(id)

    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith(f"fieldledger: {id} is a {kind}: ")
    assert f"fieldledger story {id} " in ended.err


def test_nothing_is_not_explained() -> None:
    assert "say what to explain" in explained(" ").err and explained("").code == 2


def test_a_rule_is_explained_with_its_cases() -> None:
    ended = explained("REQ382")

    assert ended.code == 0
    for part in ("  rule", "  fires", "  passes", "  source", "  owner", "  fix"):
        assert part in ended.out


@pytest.mark.parametrize("code", sorted(CODES))
def test_every_built_in_code_is_explained(code: str) -> None:
    ended = explained(code)

    assert ended.code == 0
    assert CODES[code].name in ended.out and "  why " in ended.out and "  fix " in ended.out


def test_an_unknown_code_names_the_nearest() -> None:
    ended = explained("REQ999")

    assert ended.code == 2
    assert "no code REQ999; the nearest are REQ" in ended.err


@pytest.mark.parametrize("status", ["held", "written", "left"])
def test_a_record_as_a_case_passes(tmp_path: Path, status: str) -> None:
    one = next(a for a in report()["actuals"] if a["status"] == status)
    ran(["init", tmp_path / "new"])

    case = explained(one["name"], "--as-case")
    (tmp_path / "new" / "cases" / "own.toml").write_text(case.out, "utf-8")
    tested = ran(["test", tmp_path / "new", "--format", "json"])

    assert case.code == 0
    result = json.loads(tested.out)
    assert not result["findings"]
    mine = next(f for f in result["files"] if f["path"] == "cases/own.toml")
    assert mine["marks"] == ".", [f for f in result["failures"] if "own.toml" in f["place"]]


def test_as_case_needs_one_actual() -> None:
    ended = explained(held()["work_order"], "--as-case")

    assert ended.code == 2 and "--as-case takes one actual" in ended.err


def test_persons_are_masked_unless_asked() -> None:
    one = next(a for a in workspace().environments["contoso-us"].records.all(Actual) if a.resource)

    masked, named = explained(one.id).out, explained(one.id, "--names").out

    assert masked and named
    records = workspace().environments["contoso-us"].records
    from adapter.values.field_service import Resource

    person = records.one(Resource, one.resource)
    assert person is not None and person.name
    assert person.name not in masked


def test_a_name_that_several_have_lists_their_ids_and_explains_none() -> None:
    ended = explained("Compressor")
    lines = [line for environment in workspace().environments.values()
             for line in environment.records.where(WorkOrderLine, "name", "Compressor")]

    assert (ended.code, ended.out, len(lines)) == (2, "", 14)
    assert "Compressor may be 14 things: give the id." in ended.err
    assert "line 031afa6c-18b2-43c9-af1e-9d9aa5ec81a0 of WO-CA000006;" in ended.err
    assert "and 9 more" in ended.err
    assert explained(lines[0].id).code == 0


COMMISSIONING = "002f4c4e-f8cc-4cbe-a4ab-140e4144498c"
FIXED_PRICE = "01913deb-1aeb-40c8-a6ce-2aae2262d5bf"
RUN_DATE = "03f71137-bcd9-4d94-a2fc-8a285c19922b"


def test_a_contract_line_is_explained_by_its_id_up_to_its_proforma_line() -> None:
    ended = explained("{" + FIXED_PRICE.upper() + "}")
    found = json.loads(explained(FIXED_PRICE, "--format", "json").out)

    assert ended.code == 0
    for said in ("contract line Fixed price of USC-00003", "  payer    USMF-1003 100 %",
                 "  bills    2 milestones", "  why not  left RTE501", "  document journal",
                 f"/salesorderdetails({FIXED_PRICE})"):  # fmt: skip
        assert said in ended.out
    assert found["about"] == "contract-line"
    assert [m["status"] for m in found["schedule"]] == ["written", "left"]
    assert found["ledger"] == []


def test_a_milestone_is_explained_by_its_id_and_by_a_name_that_no_other_has(
    tmp_path: Path,
) -> None:
    by_id = explained(COMMISSIONING)
    folder = copied(CONTOSO, tmp_path / "own")
    path = folder / "records/contoso-us/msdyn_contractlinescheduleofvalue.jsonl"
    text = path.read_text("utf-8").replace('"Commissioning"', '"Handover"', 1)
    path.write_text(text, "utf-8")
    by_name = ran(["explain", "Handover", "--workspace", folder])
    near = ran(["explain", "handovr", "--workspace", folder])

    assert by_id.code == by_name.code == 0
    assert by_id.out.replace("Commissioning", "Handover") == by_name.out
    assert "Expected from others, who make it." in by_id.out
    assert (near.code, "nothing is called handovr; the nearest are Handover;" in near.err) == (
        2, True)  # fmt: skip


def test_a_run_date_of_an_invoice_schedule_stands_for_its_contract_line() -> None:
    found = json.loads(explained(RUN_DATE, "--format", "json").out)

    assert found["about"] == "contract-line"
    assert found["name"] == "contract line Time and material of USC-00027"


@pytest.mark.parametrize(("name", "kind"), [("Commissioning", "milestone"),
                                            ("Fixed price", "contract line")])  # fmt: skip
def test_a_name_of_several_lists_what_they_are_and_of_which_contract(name: str, kind: str) -> None:
    ended = explained(name)

    assert ended.code == 2
    told = rf"{name} may be \d+ things: give the id\. {kind} [0-9a-f-]{{36}} of [A-Z]+-\d+;"
    assert re.search(told, ended.err)


def test_a_milestone_is_no_case() -> None:
    ended = explained(COMMISSIONING, "--as-case")

    assert ended.code == 2 and "--as-case takes one actual" in ended.err


def test_a_work_order_without_actuals_is_explained_with_its_fields(tmp_path: Path) -> None:
    folder = copied(CONTOSO, tmp_path / "own")
    path = folder / "records/contoso-us/msdyn_workorder.jsonl"
    row = json.loads(path.read_text("utf-8").splitlines()[0])
    row |= {"msdyn_workorderid": "0a0a0a0a-0000-4000-8000-00000000000a", "msdyn_name": "WO-NEW"}
    with path.open("a", encoding="utf-8") as rows:
        rows.write(json.dumps(row) + "\n")

    ended = ran(["explain", "WO-NEW", "--workspace", folder])

    assert ended.code == 0 and "No actual came from it." in ended.out
