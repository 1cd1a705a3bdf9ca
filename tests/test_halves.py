"""making/halves.py: what goes out while its other half is held, and incomplete proposals."""

from types import SimpleNamespace
from typing import Any

import pytest

from adapter.edge.workspace import read_workspace
from adapter.making.entry import Entry, Part
from adapter.making.halves import note_halves
from adapter.making.plan import make_plan
from adapter.making.spool import SpoolInMemory
from adapter.making.tally import Tally
from adapter.telling.report import make_report
from adapter.values.actuals import Actual, Connection
from adapter.values.project_operations import Invoice
from tests.making_given import tables
from tests.test_plan import CONTOSO

PAIR = Connection(id="x", first="c", first_role="Cost", second="u", second_role="Unbilled Sales")
BILLED = Connection(id="y", first="b", first_role="Billed Sales", second="u",
                    second_role="Unbilled Sales")  # fmt: skip
KINDS = {"c": "cost", "u": "unbilled-sales", "b": "billed-sales"}
ENDS = {
    "goes": ("written", "send"), "sent": ("unchanged", "send"), "left": ("left", "leave"),
    "held": ("held", "hold"),
}  # fmt: skip


def noted(ends: dict[str, str], *records: object, parked: tuple[str, ...] = ()) -> Tally:
    """The tally after the look at actuals that end as said: `c` is cost, `b1` a billed sales."""
    tally, spool = Tally(), SpoolInMemory()
    actuals = [Actual(id=key, transaction_type=KINDS[key[0]],
                      invoice="i" if key[0] == "b" else None) for key in ends]  # fmt: skip
    for key, end in ends.items():
        status, answer = ENDS[end]
        ledger = Part(answer=answer, rule="REQ407" if answer == "hold" else "RTE455")
        number = spool.add_entry(Entry(
            id=key, name=f"A-{key}", company="USMF", work_order="WO-1", project="P",
            description="", date="2026-11-14", type=KINDS[key[0]], transaction_class="material",
            quantity="1", amount="10.00", currency="USD", status=status, ledger=ledger,
            billing=Part(answer="leave", rule="RTE501"), findings=[],
        ))  # fmt: skip
        if key in parked:
            tally.holds[number] = ["MAP501"]
    space: Any = SimpleNamespace(environments={
        "us": SimpleNamespace(records=tables(*actuals, *records))
    })  # fmt: skip
    note_halves(space, tally, spool)
    return tally


@pytest.mark.parametrize(
    ("ends", "going"),
    [
        ({"c": "held", "u": "goes"}, ["u"]),
        ({"c": "goes", "u": "held"}, ["c"]),
        ({"c": "sent", "u": "held"}, ["c"]),
        ({"c": "held", "u": "held"}, []),
        ({"c": "left", "u": "held"}, []),
        ({"c": "goes", "u": "goes"}, []),
    ],
)
def test_a_half_that_goes_while_the_other_is_held_is_named(ends, going):
    tally = noted(ends, PAIR)

    group = tally.groups.get(("JNL706", "warning"))
    assert [o["actual"] for o in group.occurrences] if group else [] == going
    assert tally.levels["warning"] == len(going)
    assert [key for key, number in zip(ends, range(2), strict=True) if number in tally.noted] == (
        going
    )


def test_it_says_which_half_is_held_by_which_rule_and_what_the_going_one_is_worth():
    [group] = noted({"c": "goes", "u": "held"}, PAIR).groups.values()

    assert group.occurrences[0]["message"] == (
        "goes to the ledger while its unbilled sales A-U is held (REQ407)"
    )
    assert {kind: str(money) for kind, money in group.money.items()} == {("USD", "cost"): "10.00"}


def test_a_half_that_is_held_with_its_document_counts_as_held():
    [group] = noted({"c": "goes", "u": "goes"}, PAIR, parked=("u",)).groups.values()

    assert group.occurrences[0]["actual"] == "c"
    assert group.occurrences[0]["values"] == [["held", "u"], ["by", "MAP501"]]


def test_a_billed_sales_goes_before_its_unbilled_but_never_the_other_way_round():
    early = noted({"u": "held", "b": "goes"}, BILLED)
    late = noted({"u": "goes", "b": "held"}, BILLED)

    assert list(early.groups) == [("JNL707", "warning")]
    assert late.groups == {}


def test_a_proposal_counts_every_billed_sales_of_its_invoice():
    ends = {"b1": "goes", "b2": "goes", "b3": "sent", "b4": "held", "b5": "left"}

    [fault] = noted(ends, Invoice(id="i", number="INV-7")).faults

    assert (fault.code, fault.level, fault.place.file) == ("PRO722", "warning", "INV-7")
    assert "has 5 billed sales: 2 in the plan, 1 sent before, 1 held, 1 left" in fault.message
    assert dict(fault.values) == {"written": "2", "unchanged": "1", "held": "1", "left": "1"}


@pytest.mark.parametrize(
    "ends", [{"b1": "held", "b2": "held"}, {"b1": "goes", "b2": "sent"}, {"b1": "left"}]
)
def test_a_proposal_that_is_whole_or_not_begun_is_no_fault(ends):
    assert noted(ends, Invoice(id="i", number="INV-7")).faults == []


def test_where_too_many_are_held_it_says_that_it_did_not_look(monkeypatch):
    monkeypatch.setattr("adapter.making.halves.HELD_MAX", 1)
    ends = {"c": "goes", "u": "held", "u2": "held"}

    tally = noted(ends, PAIR)

    assert tally.groups == {}
    assert [f.code for f in tally.faults] == ["JNL706"]
    assert noted({"c": "goes", "u": "held"}, PAIR).groups != {}


def test_the_sample_company_tells_it_in_its_report():
    plan = make_plan(read_workspace(CONTOSO))
    report = make_report(plan)
    actuals = {entry["id"]: entry for entry in report["actuals"]}
    [group] = [f for f in report["findings"] if f["code"] == "JNL706"]

    assert group["name"] == "posted-by-half" and group["records"] == len(group["occurrences"])
    for one in group["occurrences"]:
        assert "JNL706" in actuals[one["actual"]]["findings"]
        assert actuals[dict(one["values"])["held"]]["status"] in ("held", "different")
    assert make_report(plan) == report
