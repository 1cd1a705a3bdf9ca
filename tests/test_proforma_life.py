"""The states of a proforma, what is ready for it, creating and refreshing."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from adapter.making.proforma_life import (
    CHANGES,
    MOVES,
    create_draft,
    current,
    mark_ready,
    moved,
    next_state,
    refresh,
    why_left,
)
from adapter.making.proforma_practice import Backlog, Practice
from adapter.reading.event_file import Inferred
from adapter.values.project_operations import Retainer
from tests.drafts_given import (
    EMPTY,
    LATER,
    MILESTONE,
    OTHER,
    PRACTICE,
    READY,
    RETAINER,
    done,
    drafted,
)
from tests.events_given import APPROVED, D, everything, the

STATES = ("draft", "in-review", "confirmed", "paid", "deleted")
ALL_MOVES = (*CHANGES, "review", "return", "confirm", "delete", "pay", "revise")
ABLE = {
    "draft": {*CHANGES, "review", "confirm", "delete"},
    "in-review": {*CHANGES, "return", "confirm", "delete"},
    "confirmed": {"pay", "revise"},
    "paid": {"revise"},
    "deleted": set(),
}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("move", ALL_MOVES)
def test_each_state_has_its_moves_and_refuses_the_others(state: str, move: str) -> None:
    there = replace(EMPTY, status=state)

    after, findings = next_state(there, move)

    if move in ABLE[state]:
        assert (after, findings) == (MOVES[state, move], ())
    else:
        assert after == state
        assert [f.code for f in findings] == ["PRO710"]


def test_a_draft_is_reviewed_returned_and_reviewed_again() -> None:
    reviewed = done(moved(EMPTY, "review"))
    returned = done(moved(reviewed, "return"))

    assert (reviewed.status, returned.status) == ("in-review", "draft")
    assert moved(replace(EMPTY, status="paid"), "pay").draft.status == "paid"


def test_creating_takes_what_is_ready_and_due_and_says_why_it_left_the_rest() -> None:
    open_ = replace(READY, id="u4", billing_status="unbilled-sales-created")
    failed = replace(READY, id="u5", nte_status="failed")
    payerless = replace(READY, id="u6", contract_customer=None)
    foreign = replace(READY, id="u7", currency="eur")
    dayless = replace(READY, id="u8", started_at=None)
    adjusted = replace(READY, id="u9", adjustment_status="adjusted")
    prepaid = replace(READY, id="v", transaction_class="retainer")

    made = create_draft(EMPTY, Backlog(
        actuals=[READY, LATER, open_, failed, payerless, foreign, dayless, adjusted, prepaid],
        milestones=[MILESTONE, replace(MILESTONE, id="m2", invoice_status="not-ready")],
        retainers=[replace(RETAINER, invoice_status="ready", is_invoiced=None)]), PRACTICE)

    assert [e.id for e in made.draft.entries] == ["u1", "m", "r"]
    assert made.left == {
        "u3": "its day 2026-04-01 comes after the invoice date",
        "u4": "its billing status is unbilled-sales-created",
        "u5": "it goes beyond a not-to-exceed limit",
        "u6": "it has no contract customer",
        "u7": "it is of another contract, customer or currency",
        "u8": "it has no transaction date",
        "u9": "it is adjusted",
        "v": "it is an open retainer, which applies itself",
        "m2": "its invoice status is not-ready",
    }
    assert [(c.record, c.field, c.value) for c in made.created.changes] == [
        ("u1", "billing_status", "customer-invoice-created"), ("u1", "invoice", "INV-1"),
        ("m", "invoice_status", "customer-invoice-created"),
        ("r", "invoice_status", "customer-invoice-created")]  # fmt: skip


def test_nothing_to_bill_makes_no_draft() -> None:
    made = create_draft(EMPTY, Backlog(actuals=[LATER]), PRACTICE)

    assert (made.draft, list(made.left)) == (None, ["u3"])


@pytest.mark.parametrize(
    ("due", "why"),
    [
        (replace(MILESTONE, contract="other"), "another contract"),
        (replace(MILESTONE, invoice_date=date(2026, 4, 1)), "after the invoice date"),
        (Retainer(id="r", contract="pc", currency="usd", contract_customer="else",
                  invoice_status="ready"), "another contract"),
    ],
)  # fmt: skip
def test_a_milestone_or_retainer_that_is_not_due_is_left(due: object, why: str) -> None:
    made = refresh(EMPTY, Backlog(milestones=[due]), PRACTICE)

    assert made.draft.entries == ()
    assert why in made.left[due.id]


def test_a_day_is_one_of_the_companys_calendar_and_the_invoice_date_counts_by_a_setting() -> None:
    night = replace(READY, started_at=datetime(2026, 4, 1, 3, tzinfo=UTC))  # 31 March in Chicago
    strict = Inferred(invoice_day_counts=False)

    chicago = Practice(zone=ZoneInfo("America/Chicago"))
    assert why_left(EMPTY, night, chicago) == ""
    assert why_left(EMPTY, night, PRACTICE) != ""
    assert why_left(EMPTY, night, replace(chicago, inferred=strict)) != ""


def test_refreshing_adds_what_came_later_and_keeps_what_was_edited() -> None:
    draft = drafted(READY)
    edited = replace(draft, entries=(replace(draft.entries[0], quantity=D(3)),))

    backlog = Backlog(actuals=[READY, OTHER], milestones=[MILESTONE])
    made = refresh(edited, backlog, PRACTICE)
    again = refresh(done(made), backlog, PRACTICE)

    assert [(e.id, e.quantity) for e in made.draft.entries] == [
        ("u1", D(3)), ("u2", None), ("m", None)]  # fmt: skip
    assert again.draft == made.draft
    assert again.created.changes == ()


def test_a_confirmed_proforma_is_not_refreshed() -> None:
    made = refresh(replace(EMPTY, status="confirmed"), Backlog(actuals=[READY]), PRACTICE)

    assert [f.code for f in made.findings] == ["PRO710"]
    assert made.draft.entries == ()


def test_unbilled_sales_are_marked_ready_and_the_mark_is_taken_back() -> None:
    one = the(APPROVED, "U")
    marked = mark_ready([one])
    back = mark_ready([replace(one, billing_status="ready-to-invoice")], is_ready=False)
    again = mark_ready([replace(one, billing_status="ready-to-invoice")])

    assert marked.changed(one.id, "billing_status") == "ready-to-invoice"
    assert back.changed(one.id, "billing_status") == "unbilled-sales-created"
    assert (again.changes, again.findings) == ((), ())


def test_one_that_cannot_be_marked_keeps_all_from_being_marked() -> None:
    one = the(APPROVED, "U")
    failed = replace(one, id="f", nte_status="failed")

    made = mark_ready([one, failed, *everything(APPROVED)[:1]])

    assert {f.code for f in made.findings} == {"PRO712"}
    assert made.changes == ()


def test_a_draft_is_brought_up_to_its_records() -> None:
    draft = drafted(READY, milestones=(MILESTONE,))
    posted = replace(READY, billing_status="customer-invoice-posted")
    paid = replace(MILESTONE, amount=D("1.00"))

    now = current(draft, {"u1": posted}, {"m": paid})

    assert (now.entries[0].actual, now.entries[1].milestone) == (posted, paid)
    assert current(draft, {}) == draft
