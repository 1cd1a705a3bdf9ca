"""What became of milestones, retainers and documents in the ledger: `explain` and `story`."""

import json
from decimal import Decimal
from typing import Any

from adapter.edge.workspace import read_workspace
from adapter.making.billing_schedule import keys_due, schedule_of
from adapter.values.project_operations import ContractCustomer, ContractLine, Milestone, Retainer
from tests.commands import ran
from tests.making_given import ENVIRONMENT, World
from tests.sending_given import Desk

WHY = ("--because", "looked at")


def asked(desk: Desk, command: str, what: str) -> dict[str, Any]:
    ask = [command, what, "--workspace", desk.folder, "--env", "twin", "--format", "json"]
    return json.loads(ran(ask).out)  # type: ignore[no-any-return]


def a_milestone(desk: Desk) -> dict[str, Any]:
    """One that the plan of now bills."""
    schedule = json.loads(desk.run("plan", "--format", "json").out)["schedule"]
    return next(s for s in schedule if s["kind"] == "milestone" and s["status"] == "written")


def test_explain_shows_what_became_of_a_milestone(desk: Desk) -> None:
    due = a_milestone(desk)
    before = asked(desk, "explain", due["id"])["ledger"]
    desk.run("send", desk.plan())

    rows = asked(desk, "explain", due["id"])["ledger"]
    desk.run("park", rows[0]["key"], *WHY)
    shown = ran(["explain", due["id"], "--workspace", desk.folder, "--env", "twin"]).out

    assert before == []
    assert {(row["part"], row["state"], row["actual"]) for row in rows} == {("detail", "sent", "")}
    assert sum(Decimal(row["amount"]) for row in rows) == Decimal(due["amount"])
    assert "In the ledger" in shown and "parked: looked at" in shown


def test_a_milestone_that_is_on_an_invoice_by_now_still_shows_its_row(desk: Desk) -> None:
    due = a_milestone(desk)
    desk.run("send", desk.plan())
    for path in desk.folder.rglob("msdyn_contractlinescheduleofvalue.jsonl"):
        lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
        for line in lines:
            if line["msdyn_contractlinescheduleofvalueid"] == due["id"]:
                line["msdyn_invoicestatus"] = 192350003  # customer invoice posted
        path.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")

    told = asked(desk, "explain", due["id"])

    assert told["documents"] == []
    assert [row["state"] for row in told["ledger"]] == ["sent"]


def test_a_contract_line_shows_its_actuals_and_its_milestones(desk: Desk) -> None:
    due = a_milestone(desk)
    desk.run("send", desk.plan())
    mine = {row["key"] for row in asked(desk, "explain", due["id"])["ledger"]}
    read = read_workspace(desk.folder, "twin")
    milestone = next(m for here in read.environments.values()
                     if (m := here.records.one(Milestone, due["id"])) is not None)  # fmt: skip
    assert milestone.contract_line is not None

    rows = asked(desk, "explain", milestone.contract_line)["ledger"]

    assert mine <= {row["key"] for row in rows}
    assert len(rows) == len({row["key"] for row in rows})


def test_a_document_shows_all_its_rows_its_header_too(desk: Desk) -> None:
    due, plan = a_milestone(desk), desk.plan()
    name = asked(desk, "explain", due["id"])["documents"][0]["key"]
    desk.run("pause", "all", *WHY)
    desk.run("send", plan, "--wait", "0")
    entered = [r for r in desk.steps() if r.batch == name]

    rows = asked(desk, "explain", name)["ledger"]

    assert {row["part"] for row in rows} == {"header", "line", "detail"}
    assert {row["key"] for row in rows} >= {r.step.key for r in entered}


def test_the_story_of_a_contract_tells_that_its_milestone_left(desk: Desk) -> None:
    due = a_milestone(desk)
    desk.run("send", desk.plan())
    (row, *_) = asked(desk, "explain", due["id"])["ledger"]

    told = asked(desk, "story", due["contract"])["moments"]

    sent = next(m for m in told if m["stage"] == "sent" and m["key"] == row["key"])
    assert Decimal(sent["amount"]) == Decimal(row["amount"])


def test_the_keys_of_what_is_due_are_those_that_leave_whoever_pays() -> None:
    line = ContractLine(id="fp", contract="pc", line_type="project-based")
    payers = [ContractCustomer(id=f"p{i}", contract="pc", contract_line="fp", percent=Decimal(50))
              for i in range(2)]  # fmt: skip
    other = ContractCustomer(id="p9", contract="pc", percent=Decimal(100))
    milestone = Milestone(id="m", name="M", contract_line="fp", amount=Decimal(10),
                          invoice_status="ready")  # fmt: skip
    retainer = Retainer(id="r", name="R", contract="pc", contract_customer="p9",
                        amount=Decimal(10), invoice_status="ready")  # fmt: skip
    books = World(line, *payers, other, milestone, retainer).books

    due = list(schedule_of(books, ENVIRONMENT))
    keys = keys_due(books.records_of(ENVIRONMENT), ENVIRONMENT, [milestone], [retainer])

    left = {one.line.key for scheduled in due for one in scheduled.lines}
    assert len(left) == 3 and left <= set(keys)
    assert len(keys) == len(set(keys)) > 3  # any payer of the contract may have paid
