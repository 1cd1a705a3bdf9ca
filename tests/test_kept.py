"""making/kept.py: what was sent is shown as it was when it was new."""

import json
from datetime import date
from functools import cache
from pathlib import Path

import pytest
from msgspec.structs import replace

from adapter.making.plan import Plan
from adapter.telling.report import make_report
from tests.commands import CONTOSO, small_company
from tests.sending_given import Desk
from tests.sent_given import Sent, all_sent, old_digests

SHOWN = ("key", "kind", "name", "company", "rule", "delivery", "lines", "totals", "header",
         "payload", "digest", "actuals", "schedule", "memo")  # fmt: skip


@cache
def sent() -> Sent:
    return all_sent(CONTOSO)


def documents(plan: Plan, status: str) -> dict[str, dict]:  # type: ignore[type-arg]
    return {d["name"]: {name: d[name] for name in SHOWN}
            for d in make_report(plan)["documents"] if d["status"] == status}  # fmt: skip


def test_a_document_that_was_sent_shows_the_same_figures_lines_key_and_payload() -> None:
    plan = sent().again()

    assert documents(plan, "same") == documents(sent().plan, "new")
    assert plan.balanced and plan.tally.statuses["written"] == 0
    assert plan.tally.statuses["unchanged"] == sent().plan.tally.statuses["written"]
    assert documents(plan, "different") == {}


def test_an_actual_that_was_sent_names_its_document() -> None:
    kept = {d["key"]: set(d["actuals"]) for d in make_report(sent().again())["documents"]}
    unchanged = [a for a in make_report(sent().again())["actuals"] if a["status"] == "unchanged"]

    assert unchanged
    for actual in unchanged:
        homes = [actual[channel]["document"] for channel in ("ledger", "billing")]
        assert any(homes), actual["name"]
        assert all(actual["id"] in kept[home] for home in homes if home)


def test_a_later_plan_shows_it_as_of_the_day_it_was_planned() -> None:
    plan = sent().again(as_of=date(2027, 1, 31))

    assert documents(plan, "same").items() >= documents(sent().plan, "new").items()


def test_rows_are_shown_as_they_were_sent_when_a_mapping_changed_since() -> None:
    bodies = {key: body.replace('"DocumentType":"', '"DocumentType":"X')
              for key, body in sent().bodies.items()}  # fmt: skip
    journal = next(d for d in documents(sent().again(bodies=bodies), "same").values()
                   if d["kind"] == "journal")  # fmt: skip

    assert {line["DocumentType"][0] for line in journal["payload"]["lines"]} == {"X"}
    assert journal["digest"] == ""


@pytest.mark.parametrize("bodies", [{}, None])
def test_what_an_older_version_sent_has_its_document_too(bodies: dict[str, str] | None) -> None:
    plan = sent().again(old_digests(sent().lines), bodies=bodies)

    assert documents(plan, "same") == documents(sent().plan, "new")


def test_what_is_left_of_a_document_has_its_key_and_no_payload() -> None:
    lines = sent().lines
    one = next(c for c in sent().consignments if c.kind == "journal" and len(c.steps) > 3)
    key = next(step.key for step in one.steps if step.source)
    plan = sent().again({**lines, key: replace(lines[key], digest="2:other")})

    left = next(d for d in documents(plan, "same").values() if d["key"] == one.document)
    assert left["lines"] == len(one.steps) - 2
    assert (left["payload"], left["digest"]) == (None, "")
    assert [d["lines"] for d in documents(plan, "different").values()] == [1]


def test_with_a_ledger_and_numbers_written_anew_nothing_that_was_sent_changes(
    tmp_path: Path,
) -> None:
    """The whole way: plan, send to the twin, rewrite all rows as floats, plan again."""
    with Desk(small_company(tmp_path / "w", 40)) as desk:
        before = json.loads(desk.run("plan", "--format", "json").out)
        assert desk.run("send", before["plan"]["id"]).code == 0
        for path in desk.folder.rglob("msdyn_actual.jsonl"):
            rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
            path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
        after = json.loads(desk.run("plan", "--format", "json").out)

    assert [d["status"] for d in after["documents"]] == ["same"] * len(before["documents"])
    assert after["verdict"]["held"] == before["verdict"]["held"]
    assert {d["key"]: {name: d[name] for name in SHOWN} for d in after["documents"]} == {
        d["key"]: {name: d[name] for name in SHOWN} for d in before["documents"]
    }
    assert all(d["sent"]["on"] for d in after["documents"])
