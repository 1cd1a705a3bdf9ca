"""Names of persons are initials in what is shown, and whole in what is sent."""

import json
from functools import cache
from typing import Any

from adapter.edge.workspace import read_workspace
from adapter.making.masking import Mask
from adapter.making.plan import make_plan
from adapter.making.planned import PlannedDocument
from adapter.making.steps import Consignment
from adapter.telling.compare import compare_reports
from adapter.telling.report import make_report
from adapter.values.field_service import Resource
from tests.commands import CONTOSO

COLUMNS = {"journal": "BookableResourceName", "invoice-proposal": "Resource"}


@cache
def told(names: bool) -> tuple[str, list[Consignment]]:
    """report.json of the sample, and what its plan would send."""
    shipped: list[Consignment] = []
    plan = make_plan(read_workspace(CONTOSO), names=names, ship=shipped.append)
    return json.dumps(make_report(plan), ensure_ascii=False), shipped


def documents(names: bool) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(told(names)[0])["documents"]
    return found


def persons() -> set[str]:
    environments = read_workspace(CONTOSO).environments.values()
    return {one.name for e in environments for one in e.records.all(Resource) if one.name}


def test_no_name_of_a_person_is_in_a_report_that_was_not_asked_for_names() -> None:
    known = persons()

    assert "Kim Dahl GBSI" in known and len(known) > 20
    assert [name for name in sorted(known) if name in told(False)[0]] == []
    assert told(True)[0].count('"Kim Dahl ') == 15


def test_what_is_sent_its_digests_and_keys_are_the_same_with_names_and_without() -> None:
    assert told(False)[1] == told(True)[1]
    assert any("Kim Dahl GBSI" in s.body for one in told(False)[1] for s in one.steps)
    for masked, plain in zip(documents(False), documents(True), strict=True):
        assert {**masked, "payload": 0} == {**plain, "payload": 0}


def test_only_the_columns_whose_source_is_the_resource_are_masked() -> None:
    named = set()
    for masked, plain in zip(documents(False), documents(True), strict=True):
        for row, whole in zip(masked["payload"]["lines"], plain["payload"]["lines"], strict=True):
            changed = {name for name in row if row[name] != whole[name]}
            named |= {(masked["kind"], name) for name in changed}
            for name in changed:
                words = whole[name].split()
                assert row[name] == "".join(word[0] for word in words)[:4] + "…"

    assert named == set(COLUMNS.items())


def test_a_document_tells_by_a_digest_who_is_named_in_it() -> None:
    found = {d["kind"]: d["personal"] for d in documents(False) if d["personal"]}

    assert {kind: personal["columns"] for kind, personal in found.items()} == {
        kind: [column] for kind, column in COLUMNS.items()
    }
    assert all(len(personal["digest"]) == 16 for personal in found.values())


def test_reports_with_names_and_without_are_the_same_documents() -> None:
    old, new = json.loads(told(True)[0]), json.loads(told(False)[0])
    for document in old["documents"]:
        document["digest"] = "as an older version wrote it"
    renamed = json.loads(json.dumps(old))
    journal = next(d for d in renamed["documents"] if d["kind"] == "journal")
    journal["personal"]["digest"] = "0" * 16

    assert compare_reports(old, new)["documents"]["changed"] == []
    assert [d["key"] for d in compare_reports(renamed, new)["documents"]["changed"]] == [
        journal["key"]
    ]


def test_what_changed_since_it_was_sent_is_masked_too() -> None:
    space = read_workspace(CONTOSO)
    change = {"actual": "a", "column": "BookableResourceName", "sent": "Kim Dahl GBSI",
              "now": "(nothing)"}
    other = {"actual": "a", "column": "Text", "sent": "Kim Dahl", "now": "Pump"}
    planned = PlannedDocument(
        key="k", kind="journal", name="n", company="GBSI", rule="", status="different",
        delivery="", lines=1, totals=[], changes=[change, other],
    )  # fmt: skip

    covered = Mask(space.mappings, space.schemas).cover(planned)

    assert covered.changes == [{**change, "sent": "KDG…"}, other]


def test_a_column_that_a_template_makes_of_the_name_is_masked() -> None:
    space = read_workspace(CONTOSO)
    line = {"BookableResourceName": "Kim Dahl GBSI", "Text": "Kim Dahl GBSI",
            "Who": "by Kim Dahl GBSI"}
    planned = PlannedDocument(
        key="k", kind="journal", name="n", company="GBSI", rule="", status="new", delivery="",
        lines=1, totals=[], payload={"header": {"Made": "Kim Dahl GBSI"}, "lines": [line]},
    )  # fmt: skip

    shown = Mask(space.mappings, space.schemas).cover(planned).payload

    assert shown == {"header": {"Made": "KDG…"}, "lines": [
        {"BookableResourceName": "KDG…", "Text": "Kim Dahl GBSI", "Who": "by KDG…"}]}  # fmt: skip
    assert line["BookableResourceName"] == "Kim Dahl GBSI", "the row that is sent stays"
