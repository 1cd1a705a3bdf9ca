"""The best statement of which event created an actual, from what the records say."""

import pytest
from msgspec.structs import replace

from adapter.making.confirm import Detail
from adapter.making.event_trace import event_of, events_of
from adapter.making.events import Given, apply
from adapter.making.links import Links
from adapter.making.replay import after
from adapter.making.story_around import events_in
from adapter.making.story_parts import Subject
from adapter.reading.event_file import Inferred
from adapter.values.actuals import Actual, Connection
from adapter.values.project_operations import ContractLine
from tests.events_given import BILLED, GOLDEN, SHAPE, D, correct, everything, happen, the, told
from tests.making_given import ENVIRONMENT, tables

CONTRACT = Subject(kind="contract", id="pc", name="PC-0007", environment=ENVIRONMENT)
BY_EVENT = {golden.event: golden for golden in GOLDEN}
# What the records alone cannot tell apart; the reasons stand beside.
UNSAID = {
    ("E8", "C -4/-320.00 ch"): "",  # or a confirmed fixed price contract
    ("E9", "C -4/-320.00 ch"): "",  # or a won quote
    ("E31", "U -4/-500.00 ch"): "E10",  # taken back, whoever did it
    ("E35", "C -4/-320.00 ch"): "E10",
    ("E35", "U -4/-500.00 ch"): "E10",
}


@pytest.mark.parametrize("golden", GOLDEN, ids=lambda g: g.event)
def test_what_an_event_created_is_traced_to_it(golden) -> None:
    created = apply(golden.event, golden.given)
    now = after(golden.before, created)
    links = Links(now.connections)

    found = {told(a): event_of(a, links, now.actuals) for a in created.actuals}
    expected = {told(a): UNSAID.get((golden.event, told(a)), golden.event)
                for a in created.actuals}  # fmt: skip

    assert found == expected
    assert events_of(now.actuals, links) == {
        key: event_of(one, links, now.actuals) for key, one in now.actuals.items()
    }


@pytest.mark.parametrize("method, event", [
    (None, "E17"), ("fixed-price", "E17"), ("time-and-material", ""),
])  # fmt: skip
def test_billed_sales_without_unbilled_sales_are_e17_only_where_the_line_bills_so(
    method: str | None, event: str
) -> None:
    """Time and material has unbilled sales (E16): without them no event is proven."""
    alone = replace(the(BILLED, "B"), id="alone", origin="invoice-edit", contract_line="cl")
    known = {alone.id: alone}

    assert events_of(known, Links(), lambda _: method) == {"alone": event}
    line = ContractLine(id="cl", billing_method=method)
    assert events_in(CONTRACT, known, tables(line)) == {"alone": event}


def test_without_the_other_actuals_nothing_is_claimed_that_they_would_deny() -> None:
    for golden in GOLDEN:
        created = apply(golden.event, golden.given)
        now = after(golden.before, created)
        for actual in created.actuals:
            bare = event_of(actual, now.connections)
            full = event_of(actual, now.connections, now.actuals)

            assert bare in ("", full) or (bare, full) in LESS, (golden.event, told(actual))


LESS = {("E2", "E26"), ("E2", "E3"), ("E5", "E3"), ("E2", "E30")}  # alike without their sisters


def test_what_came_before_keeps_its_event_after_it_was_billed_and_credited() -> None:
    now = happen(("E23", correct("0")), start=BILLED)
    again = happen(("E12", Given(id="INV-9", details=(Detail(original=the(now, "U")),))),
                   start=now)  # fmt: skip
    links = Links(again.connections)

    assert [event_of(a, links, again.actuals) for a in everything(again)] == [
        "E2", "E2", "E12", "E12", "E23", "E23", "E12", "E12"]  # fmt: skip


@pytest.mark.parametrize(
    ("actual", "expected"),
    [
        (Actual(id="x"), ""),
        (Actual(id="x", transaction_type="project-contract"), ""),
        (Actual(id="x", transaction_type="cost", origin="entry-journal"), ""),
        (Actual(id="x", transaction_type="cost", origin="vendor-invoice"), ""),
        (Actual(id="x", transaction_type="unbilled-sales", origin="entry-journal"), ""),
        (Actual(id="x", transaction_type="unbilled-sales", billing_type="chargeable"), ""),
        (Actual(id="x", transaction_type="unbilled-sales", origin="correction"), "E28"),
        (Actual(id="x", transaction_type="billed-sales", project="p"), ""),
        (Actual(id="x", transaction_type="unbilled-sales", adjustment_status="unadjustable"), ""),
        (Actual(id="x", transaction_type="billed-sales", adjustment_status="unadjustable"), ""),
        (Actual(id="x", transaction_type="unbilled-sales", transaction_class="milestone"), ""),
    ],
)  # fmt: skip
def test_an_actual_that_says_too_little_has_no_event(actual: Actual, expected: str) -> None:
    assert event_of(actual, ()) == expected


def test_roles_are_read_whatever_their_case_and_connections_with_other_tables_are_left() -> None:
    bill = Connection(id="1", first="b", first_role="BilledSales", first_type="msdyn_actual",
                      second="u", second_role="unbilled sales",
                      second_type="msdyn_actual")  # fmt: skip
    detail = replace(bill, id="2", first="d", first_type="msdyn_invoicelinetransaction")
    again = replace(bill, id="3", first="u", first_role="Unbilled Sales", second="b",
                    second_role="Billed Sales")  # fmt: skip
    billed = replace(SHAPE, id="b", transaction_type="billed-sales", billing_type="chargeable",
                     quantity=D(1))  # fmt: skip

    sold = replace(bill, id="4", first="u", first_role="UnbilledSales", second="c",
                   second_role="Cost")  # fmt: skip

    assert Links([bill, detail, again]).bills("u") == ["b"]
    assert event_of(billed, [bill, sold]) == "E12"
    assert event_of(billed, [bill]) == ""  # a share of an edited draft looks the same


@pytest.mark.parametrize("event", ["E13", "E14"])
def test_shares_that_no_connection_ties_to_their_original_are_not_taken_for_whole(event) -> None:
    golden = BY_EVENT[event]
    created = apply(event, golden.given, Inferred(replacement_connected=False))
    now = after(golden.before, created)
    found = {event_of(a, now.connections, now.actuals) for a in created.actuals[1:]}

    assert found <= {"", event}


def test_an_unknown_original_of_a_credit_is_not_compared() -> None:
    golden = BY_EVENT["E25"]
    created = apply("E25", golden.given)
    now = after(golden.before, created)
    original = golden.given.corrections[0].original.id
    known = {id: a for id, a in now.actuals.items() if id != original}

    assert event_of(created.actuals[0], now.connections, known) == ""
