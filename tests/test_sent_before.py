"""making/sent_before.py: equal values are the same line, whoever wrote them and when."""

import json
from collections.abc import Callable
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from adapter.edge.workspace import read_workspace
from adapter.making.lined import JournalLine
from adapter.making.verdict_parts import DIGEST, digest_of
from adapter.telling.report import make_report
from tests.commands import CONTOSO, copied
from tests.sent_given import Sent, all_sent, old_digests
from tests.test_journal import World, actual

US = "records/contoso-us"


@cache
def sent() -> Sent:
    return all_sent(CONTOSO)


def rewritten(folder: Path, change: Callable[[dict[str, Any]], None]) -> Path:
    """All rows once more, through Python's own JSON: 150.00 becomes 150.0."""
    for path in folder.rglob("*.jsonl"):
        rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
        for row in rows:
            change(row)
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return folder


def as_it_is(_row: dict[str, Any]) -> None:
    pass


def four_decimals(row: dict[str, Any]) -> None:
    """Money as the Web API writes it, where an amount has a fraction."""
    for name, value in row.items():
        if isinstance(value, float):
            row[name] = f"{Decimal(repr(value)):.4f}"


@pytest.mark.parametrize("change", [as_it_is, four_decimals])
@pytest.mark.parametrize("is_old", [False, True])
def test_numbers_written_differently_are_the_same_documents(
    tmp_path: Path, change: Callable[[dict[str, Any]], None], is_old: bool
) -> None:
    space = read_workspace(rewritten(copied(CONTOSO, tmp_path / "w"), change))
    lines = old_digests(sent().lines) if is_old else sent().lines
    plan = sent().again(lines, space=space)

    assert plan.tally.statuses["held"] == sent().plan.tally.statuses["held"]
    assert plan.tally.statuses["different"] == 0
    assert plan.tally.statuses["unchanged"] == sent().plan.tally.statuses["written"]


def test_a_report_says_the_same_however_numbers_were_written(tmp_path: Path) -> None:
    first = make_report(sent().plan)
    again = make_report(all_sent(rewritten(copied(CONTOSO, tmp_path / "w"), as_it_is)).plan)

    for part in ("verdict", "equation", "findings", "faults", "schedule", "documents", "actuals"):
        assert first[part] == again[part], part


def test_a_digest_is_of_values_and_names_its_kind() -> None:
    lined = World().line(actual("a", "cost", "1", "10.00"))
    assert isinstance(lined.line, JournalLine)
    longer = replace(lined, line=replace(lined.line, cost_amount=Decimal("10.0000"),
                                         quantity=Decimal("1.00")))  # fmt: skip
    other = replace(lined, line=replace(lined.line, cost_amount=Decimal("10.0001")))

    assert digest_of(lined).startswith(DIGEST)
    assert digest_of(lined) == digest_of(longer) != digest_of(other)


@pytest.mark.parametrize("is_old", [False, True])
@pytest.mark.parametrize("has_bodies", [False, True])
def test_a_value_that_changed_is_different_under_every_kind_of_digest(
    tmp_path: Path, is_old: bool, has_bodies: bool
) -> None:
    one = next(s for c in sent().consignments if c.kind == "journal" for s in c.steps if s.source)

    def change(row: dict[str, Any]) -> None:  # as far as rounding may go: more is a contradiction
        if row.get("msdyn_actualid") == one.actual:
            row["msdyn_amount"] = round(row["msdyn_amount"] + 0.01, 2)

    space = read_workspace(rewritten(copied(CONTOSO, tmp_path / "w"), change))
    lines = old_digests(sent().lines) if is_old else sent().lines
    plan = sent().again(lines, space=space, bodies=None if has_bodies else {})

    entry = next(a for a in make_report(plan)["actuals"] if a["id"] == one.actual)
    assert entry["status"] == "different" and "LED903" in entry["findings"]


def test_an_old_line_that_belongs_to_another_document_by_now_is_different() -> None:
    lines = old_digests(sent().lines)
    key = next(k for k, line in lines.items() if line.document.startswith("USMF"))
    moved = replace(lines[key], document="GBSI 2026-11 (1)")
    plan = sent().again({**lines, key: moved})

    assert plan.tally.statuses["different"] == 1


def test_an_old_line_of_which_nothing_else_is_known_is_different() -> None:
    bare = {key: replace(line, amount="", currency="", day="")
            for key, line in old_digests(sent().lines).items()}  # fmt: skip
    plan = sent().again(bare, bodies={})

    assert plan.tally.statuses["unchanged"] == 0
    assert plan.tally.statuses["different"] == sent().plan.tally.statuses["written"]


def test_the_money_of_an_actual_counts_once_under_a_code() -> None:
    lines = {key: replace(line, digest="2:other") for key, line in sent().lines.items()}
    report = make_report(sent().again(lines))
    (group,) = [f for f in report["findings"] if f["code"] == "LED903"]
    differ = [a for a in report["actuals"] if a["status"] == "different"]

    assert group["records"] == len(differ) == len(group["occurrences"])
    for said in group["money"]:
        own = sum(Decimal(a["amount"]) for a in differ
                  if (a["currency"], a["type"]) == (said["currency"], said["type"]))
        assert Decimal(said["amount"]) == own
    assert any("journal" in o["message"] and "proforma" in o["message"]
               for o in group["occurrences"])
