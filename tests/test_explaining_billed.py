"""telling/explaining_billed.py: what a contract bills, as the plan decided it."""

from functools import cache

import pytest

from adapter.edge.workspace import read_workspace
from adapter.making.plan import Plan, make_plan
from adapter.reading.store import Records
from adapter.telling.explaining import Entry, entries_of
from adapter.telling.explaining_billed import explain_billed, kind_of
from adapter.telling.explanation import BilledExplained
from adapter.values.actuals import Actual
from adapter.values.finding import Finding, Place
from adapter.values.project_operations import ContractLine, Milestone, Retainer
from tests.commands import CONTOSO


@cache
def plan() -> Plan:
    return make_plan(read_workspace(CONTOSO))


@cache
def entries() -> dict[str, Entry]:
    return {entry["id"]: entry for entry in entries_of(plan())}


def records() -> Records:
    return plan().workspace.environments["contoso-us"].records


def line_told(line: ContractLine) -> BilledExplained:
    keys = {a.id for a in records().where(Actual, "contract_line", line.id)}
    mine = [entry for key, entry in entries().items() if key in keys]
    return explain_billed(plan(), records(), line, mine)


def scheduled_told(status: str, reason: str = "") -> BilledExplained:
    fits = {e["id"] for e in plan().tally.schedule
            if e["status"] == status and e["reason"].startswith(reason)}  # fmt: skip
    milestone = next(m for m in records().all(Milestone) if m.id in fits)
    return explain_billed(plan(), records(), milestone)


def test_every_contract_line_is_told_with_its_actuals_and_what_was_decided() -> None:
    for line in records().all(ContractLine):
        told = line_told(line)

        assert told["about"] == "contract-line" and ["id", line.id] in told["header"]
        assert {a["id"] for a in told["actuals"]} == {
            a.id for a in records().where(Actual, "contract_line", line.id)
        }
        for one in told["actuals"]:
            entry = entries()[one["id"]]
            for channel in ("ledger", "billing"):
                assert one[channel] == [entry[channel]["answer"], entry[channel]["rule"]]  # type: ignore[literal-required]


def test_what_is_on_no_proforma_is_counted_by_rule_the_most_first() -> None:
    for line in records().all(ContractLine):
        told = line_told(line)
        sent = sum(one["billing"][0] == "send" for one in told["actuals"])
        counts = [why["actuals"] for why in told["why_not"]]

        assert sum(counts) == len(told["actuals"]) - sent
        assert counts == sorted(counts, reverse=True)
        assert all(why["rule"] and why["reason"] for why in told["why_not"])


def test_a_contract_line_leads_to_its_own_proforma_lines() -> None:
    found = 0
    for line in records().all(ContractLine):
        told = line_told(line)
        sent = any(one["billing"][0] == "send" for one in told["actuals"])
        billed = sent or any(m["status"] == "written" for m in told["schedule"])
        proformas = [d for d in told["documents"] if d["kind"] == "proforma"]

        assert bool(proformas) == billed
        for document in proformas:
            found += 1
            place = dict(document["line"])["salesorderdetailid@odata.bind"]
            assert place == f"/salesorderdetails({line.id})"
    assert found > 5


def test_a_fixed_price_line_tells_its_milestones_in_the_plan() -> None:
    milestone = next(iter(records().all(Milestone)))
    line = records().one(ContractLine, milestone.contract_line)
    assert line is not None

    told = line_told(line)

    assert [m["id"] for m in told["schedule"]] == [
        m.id for m in records().where(Milestone, "contract_line", line.id)
    ]
    assert {m["date"] for m in told["schedule"]} <= {"2026-11-10", "2026-11-28"}


def test_the_payers_are_those_of_the_line_with_their_shares() -> None:
    shared = [told["around"] for told in map(line_told, records().all(ContractLine))
              if sum(label == "payer" for label, _ in told["around"]) == 3]  # fmt: skip

    assert shared
    assert [who.split()[1:] for label, who in shared[0] if label == "payer"] == [
        ["33.33", "%"], ["33.33", "%"], ["33.34", "%"],
    ]  # fmt: skip


def test_a_milestone_that_is_due_shows_its_line_detail() -> None:
    told = scheduled_told("written")
    (document,) = told["documents"]

    assert document["kind"] == "proforma"
    assert dict(document["line"])["msdyn_sourceactual"] == told["scheduled"]["id"]
    assert [label for label, _ in told["around"]] == ["contract", "project", "line", "payer"]


@pytest.mark.parametrize(
    ("status", "reason", "codes"),
    [("held", "the milestones of Fixed price come to", ["PRO723"]),
     ("left", "not ready to invoice", []), ("left", "already on a customer invoice", [])],
)  # fmt: skip
def test_a_milestone_that_stays_says_why(status: str, reason: str, codes: list[str]) -> None:
    told = scheduled_told(status, reason)

    assert told["scheduled"]["reason"].startswith(reason)
    assert [check["rule"] for check in told["checks"]] == codes
    assert all(check["help"] and check["name"] for check in told["checks"])
    assert told["documents"] == []


def test_a_retainer_is_told_as_a_milestone_is() -> None:
    retainer = next(iter(records().all(Retainer)))

    told = explain_billed(plan(), records(), retainer)

    assert (told["about"], kind_of(retainer)) == ("retainer", "retainer")
    assert told["scheduled"]["id"] == retainer.id
    assert told["name"].startswith("retainer Advance")


def test_what_is_wrong_with_the_row_itself_is_told() -> None:
    milestone = Milestone(id="m", name="First", contract="nowhere")
    fault = Finding(code="SRC032", level="error", message="no amount", place=Place("rows"))

    class Faulty:
        def __getattr__(self, name: str) -> object:
            return getattr(records(), name)

        def faults(self, kind: type, key: str) -> tuple[Finding, ...]:
            return (fault,) if (kind, key) == (Milestone, "m") else ()

    told = explain_billed(plan(), Faulty(), milestone)  # type: ignore[arg-type]

    assert [(c["rule"], c["message"]) for c in told["checks"]] == [("SRC032", "no amount")]
    assert told["name"] == "milestone First of nowhere"
    assert "scheduled" not in told
