"""Every event E1 to E35: what it creates, changes and connects, and what it refuses."""

from decimal import Decimal

import pytest
from msgspec.structs import replace

from adapter.making.confirm import Detail, invoice_total
from adapter.making.event_table import EVENTS, MONEY_TERMS
from adapter.making.events import Given, apply
from adapter.making.given import Payer, approval_event
from adapter.making.law import Terms, balance, broken
from adapter.making.replay import after
from adapter.making.reverse import Correction, corrective_net
from adapter.reading.event_file import Inferred
from tests.events_given import (
    ADVANCED,
    APPROVED,
    APPROVED_FREE,
    BILLED,
    G6,
    GOLDEN,
    SHAPE,
    Golden,
    advances,
    confirm,
    correct,
    everything,
    happen,
    the,
    told,
    usage,
)

D = Decimal
BY_EVENT = {golden.event: golden for golden in GOLDEN}


def sums(terms: dict[tuple[str, str], Terms]) -> dict[str, Decimal]:
    """The seven terms over all classes; the goldens have one currency."""
    return {name: sum((getattr(t, name) for t in terms.values()), D(0)) for name in MONEY_TERMS}


def test_every_event_has_a_golden_example() -> None:
    assert list(BY_EVENT) == [f"E{n}" for n in range(1, 36)] == list(EVENTS)


@pytest.mark.parametrize("golden", GOLDEN, ids=lambda g: g.event)
def test_each_event_creates_and_changes_as_documented(golden: Golden) -> None:
    created = apply(golden.event, golden.given)
    found = {c.field: created.changed(c.record, c.field) for c in created.changes}

    assert created.findings == ()
    assert [told(a) for a in created.actuals] == golden.created
    assert found == golden.changed


@pytest.mark.parametrize("golden", GOLDEN, ids=lambda g: g.event)
def test_the_table_says_what_each_event_creates(golden: Golden) -> None:
    row = EVENTS[golden.event]
    created = apply(golden.event, golden.given)
    made = {(a.transaction_type, (a.quantity or 0) > 0) for a in created.actuals}
    typed = {(a.transaction_type, (a.quantity or 0) > 0, a.billing_type) for a in created.actuals}
    said = {(x.type, x.sign > 0, x.billing_type) for x in row.creates if x.billing_type}

    assert made == {(line.type, line.sign > 0) for line in row.creates}
    assert said <= typed


@pytest.mark.parametrize("golden", GOLDEN, ids=lambda g: g.event)
def test_the_table_says_what_each_event_changes_and_connects(golden: Golden) -> None:
    row = EVENTS[golden.event]
    created = apply(golden.event, golden.given)
    changed = {(c.field, c.value) for c in created.changes}
    fixed = {(mark.field, mark.value) for mark in row.marks if mark.value != "*"}
    given = {mark.field for mark in row.marks if mark.value == "*"}
    pairs = {(c.first_role, c.second_role) for c in created.connections}

    assert fixed <= changed
    assert {field for field, value in changed - fixed} == given
    assert pairs == set(row.connects)


@pytest.mark.parametrize("golden", GOLDEN, ids=lambda g: g.event)
def test_the_law_moves_the_terms_that_the_table_declares(golden: Golden) -> None:
    standing = golden.before
    before = sums(balance(everything(standing), standing.connections))
    now = after(standing, apply(golden.event, golden.given))
    beyond = sums(balance(everything(now), now.connections))
    moved = {name: beyond[name] - before[name] for name in MONEY_TERMS}
    signs = {name: "+" if value > 0 else "-" for name, value in moved.items() if value}
    declared = EVENTS[golden.event].moves

    assert {n: s for n, s in declared.items() if s != "~"} == {
        n: s for n, s in signs.items() if declared.get(n) != "~"
    }
    assert broken(everything(now), now.connections) == []


def test_the_basis_of_every_event_is_named() -> None:
    settings = Inferred.__struct_fields__

    assert {row.basis for row in EVENTS.values()} == {"documented", "inferred"}
    assert all(row.settings for row in EVENTS.values() if row.basis == "inferred")
    assert all(name in settings for row in EVENTS.values() for name in row.settings)
    assert all(row.source.startswith(f"domain 4.3 {row.id}: ") for row in EVENTS.values())


# event | setting | what is created where the environment does otherwise
@pytest.mark.parametrize(
    ("event", "inferred", "expected"),
    [
        ("E5", Inferred(unpaid_is_unbilled=False), ["C +4/+320.00 compl"]),
        ("E15", Inferred(unpaid_is_billed=False), []),
        ("E22", Inferred(applied_retainer="positive"),
         ["U +1/+1000.00 ch", "U -1/-360.00 ch", "B +1/+640.00 ch"]),
        ("E26", Inferred(split_cost=True),
         ["C +3.34/+71.48 ch", "C +3.33/+71.26 ch", "C +3.33/+71.26 ch",
          "U +3.34/+111.32 ch", "U +3.33/+110.99 ch", "U +3.33/+110.99 ch"]),
    ],
)  # fmt: skip
def test_what_is_inferred_is_a_setting(event, inferred, expected) -> None:
    golden = BY_EVENT[event]

    created = apply(event, golden.given, inferred)
    now = after(golden.before, created)

    assert [told(a) for a in created.actuals] == expected
    assert broken(everything(now), now.connections, inferred=inferred) == []


@pytest.mark.parametrize("event", ["E8", "E9", "E13", "E14", "E28", "E29", "E31", "E35"])
def test_the_law_holds_without_the_connections_that_are_inferred(event: str) -> None:
    inferred = Inferred(replacement_connected=False, taken_back_is_canceled=False)
    golden = BY_EVENT[event]

    now = after(golden.before, apply(event, golden.given, inferred))

    assert not any(c.first_role == "Replacing" for c in now.connections)
    assert all(a.billing_status != "canceled" for a in everything(now))
    assert broken(everything(now), now.connections, inferred=inferred) == []


def test_discount_and_not_to_exceed_stand_on_chargeable_sales_only() -> None:
    cost, paid, unpaid = apply("E3", BY_EVENT["E3"].given).actuals

    assert (paid.discount_amount, paid.amount - paid.discount_amount) == (D("17.99"), D("101.95"))
    assert (cost.discount_amount, unpaid.discount_amount) == (None, None)
    assert [a.nte_status for a in (cost, paid, unpaid)] == [
        "not-applicable", None, "not-applicable"]  # fmt: skip
    assert apply("E27", BY_EVENT["E27"].given).actuals[1].nte_status == "failed"


def test_totals_are_those_of_the_domain() -> None:
    edited = apply("E13", BY_EVENT["E13"].given)
    credited = apply("E24", BY_EVENT["E24"].given)

    assert invoice_total(edited.actuals) == D("375.00")
    assert corrective_net(credited) == D("-225.00")


def test_what_is_opened_again_can_be_recalled_and_invoiced_again() -> None:
    credited = happen(("E23", correct("0")), start=BILLED)
    reopened = the(credited, "U")
    again = happen(("E12", Given(id="INV-9", details=(Detail(original=reopened),))),
                   start=credited)  # fmt: skip
    recalled = apply("E10", Given(id="rec", actuals=(the(credited, "C"), reopened)))

    assert reopened.invoice is None
    assert the(again, "B").invoice == "INV-9"
    assert [told(a) for a in recalled.actuals] == ["C -8/-320.00 ch", "U -8/-600.00 ch"]


def test_an_entry_journal_is_in_process_before_it_is_adjusted() -> None:
    created = apply("E29", BY_EVENT["E29"].given)
    record = created.changes[0].record
    steps = [c.value for c in created.changes
             if (c.record, c.field) == (record, "adjustment_status")]  # fmt: skip

    assert steps == ["in-process", "adjusted"]


def test_intercompany_and_packing_slips_are_marked_for_finance() -> None:
    cost, _, lent, asked = apply("E30", BY_EVENT["E30"].given).actuals
    slip = apply("E33", BY_EVENT["E33"].given)
    bare = replace(SHAPE, contract=None, contract_line=None)
    internal = apply("E33", replace(BY_EVENT["E33"].given, shape=bare))

    assert cost.skip_sync is True
    assert (lent.is_intercompany, asked.is_intercompany) == (True, True)
    assert [(a.origin, a.is_journalized) for a in slip.actuals] == [
        ("packing-slip", True), ("packing-slip", None)]  # fmt: skip
    assert [told(a) for a in internal.actuals] == ["C +1/+1650.00 ch"]


def test_a_lost_contract_reverses_only_what_is_not_invoiced() -> None:
    billed = the(BILLED, "U")

    created = apply("E31", Given(id="lost", actuals=(billed,)))

    assert billed.billing_status == "customer-invoice-posted"
    assert (created.actuals, created.findings) == ((), ())


UNBILLED = the(APPROVED, "U")
POSTED = the(BILLED, "U")
FAILED = replace(UNBILLED, nte_status="failed")


@pytest.mark.parametrize(
    ("event", "given", "code"),
    [
        ("E99", Given(id="x"), "LAW706"),
        ("E2", Given(id="x"), "LAW706"),
        ("E2", usage("x", "-1", "1", "1"), "LAW706"),
        ("E2", usage("x", "NaN", "1", "1"), "LAW706"),
        ("E2", usage("x", "4", "1", "1", billable=D(3)), "LAW706"),
        ("E3", usage("x", "4", "1", "1", billable=D(4)), "LAW706"),
        ("E4", usage("x", "4", "1", "1", billable=D(4)), "LAW706"),
        ("E5", usage("x", "4", "1", "1"), "LAW706"),
        ("E2", usage("x", "4", "1", "1", billing_type="complimentary"), "LAW706"),
        ("E30", usage("x", "4", "1", "1", resourcing_price=D(1), transfer_price=D(1)), "LAW706"),
        ("E26", usage("x", "4", "1", "1", payers=G6[:2]), "PRO707"),
        ("E8", Given(id="x", actuals=(UNBILLED,)), "LAW706"),
        ("E34", Given(id="x", actuals=(UNBILLED,), adjustment_value=D(1)), "LAW706"),
        ("E28", Given(id="x", actuals=(UNBILLED,), values={"quantity": D(1)}), "LAW706"),
        ("E8", Given(id="x", actuals=(the(APPROVED, "C"),), values={"colour": "red"}), "LAW706"),
        ("E12", Given(id="x", details=(Detail(original=the(ADVANCED, "U")),)), "LAW706"),
        ("E29", Given(id="x", actuals=(UNBILLED,)), "LAW706"),
        ("E10", Given(id="x", actuals=(POSTED,)), "PRO706"),
        ("E9", Given(id="x", actuals=(POSTED,)), "PRO706"),
        ("E35", Given(id="x", actuals=(POSTED,)), "PRO706"),
        ("E10", Given(id="x", actuals=(UNBILLED, UNBILLED)), "LAW705"),
        ("E11", Given(id="x", actuals=(UNBILLED,)), "PRO712"),
        ("E12", Given(id="x", details=(Detail(original=POSTED),)), "LAW705"),
        ("E12", Given(id="x", details=(Detail(original=UNBILLED),) * 2), "LAW705"),
        ("E12", Given(id="x", details=(Detail(original=FAILED),)), "PRO712"),
        ("E12", confirm(APPROVED, quantity=D(3)), "LAW706"),
        ("E12", confirm(APPROVED_FREE), "LAW706"),
        ("E16", Given(id="x", details=(Detail(quantity=D(1)),)), "LAW706"),
        ("E18", Given(id="x", milestones=(
            replace(BY_EVENT["E18"].given.milestones[0],
                    invoice_status="customer-invoice-posted"),)), "LAW705"),
        ("E20", Given(id="x", retainers=(ADVANCED.retainers["r"],)), "LAW705"),
        ("E21", advances("640.00"), "LAW706"),
        ("E22", advances("1000.01"), "PRO714"),
        ("E24", correct("0"), "LAW706"),
        ("E25", Given(id="x", corrections=(Correction(
            original=replace(the(BILLED, "B"), adjustment_status="adjusted"),
            quantity=D(9)),)), "LAW705"),
        ("E23", Given(id="x", corrections=(Correction(original=the(ADVANCED, "B")),)), "PRO714"),
        ("E24", Given(id="x", corrections=(Correction(
            original=BY_EVENT["E19"].given.corrections[0].original, quantity=D(1)),)), "LAW706"),
    ],
)  # fmt: skip
def test_an_event_that_cannot_happen_creates_nothing_and_says_why(event, given, code) -> None:
    created = apply(event, given)

    assert {f.code for f in created.findings} == {code}
    assert (created.actuals, created.changes) == ((), ())


def test_a_partial_credit_of_a_milestone_is_refused_as_such() -> None:
    one = replace(BY_EVENT["E19"].given.corrections[0], quantity=D("0.5"))

    created = apply("E19", Given(id="x", corrections=(one,)))

    assert [f.code for f in created.findings] == ["PRO704"]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (usage("x", "4", "1", "1"), "E2"),
        (usage("x", "4", "1", "1", billable=D(3)), "E3"),
        (usage("x", "4", "1", "1", billable=D(5)), "E4"),
        (usage("x", "4", "1", "1", billing_type="complimentary"), "E5"),
        (usage("x", "4", "1", "1", billing_method="fixed-price"), "E6"),
        (usage("x", "4", "1", "1", payers=G6), "E26"),
        (usage("x", "4", "1", "1", nte_status="failed"), "E27"),
        (usage("x", "4", "1", "1", resourcing_price=D(1), transfer_price=D(1)), "E30"),
    ],
)
def test_the_event_of_an_approval_follows_from_its_values(given: Given, expected: str) -> None:
    assert approval_event(given) == expected
    assert approval_event(given, is_internal=True) == "E7"


def test_a_single_payer_is_no_split() -> None:
    one = (Payer(contract_customer="a", percent=D(100)),)

    assert approval_event(usage("x", "4", "1", "1", payers=one)) == "E2"


def test_nothing_to_bill_leaves_no_line_of_zero() -> None:
    created = apply("E3", usage("x", "4", "80.00", "125.00", billable=D(0)))

    assert [told(a) for a in created.actuals] == ["C +4/+320.00 ch", "U +4/+500.00 nc"]


def test_a_won_quote_of_fixed_price_sells_nothing_by_itself() -> None:
    given = replace(BY_EVENT["E8"].given, billing_method="fixed-price")

    assert [told(a) for a in apply("E8", given).actuals] == ["C -4/-320.00 ch", "C +4/+320.00 ch"]


def test_milestones_and_retainers_on_a_draft_are_marked_too() -> None:
    given = Given(id="INV-1", milestones=BY_EVENT["E18"].given.milestones,
                  retainers=BY_EVENT["E20"].given.retainers)  # fmt: skip
    created = apply("E11", given)

    assert [(c.record, c.value) for c in created.changes] == [
        ("m", "customer-invoice-created"), ("r", "customer-invoice-created")]  # fmt: skip


def test_only_unpaid_work_is_left_unsold_by_its_setting() -> None:
    still = Inferred(unpaid_is_unbilled=False, unpaid_is_billed=False)

    for event in ("E2", "E3", "E12", "E33"):
        golden = BY_EVENT[event]
        assert [told(a) for a in apply(event, golden.given, still).actuals] == golden.created


def test_cost_may_stand_in_another_currency_than_the_sale() -> None:
    given = replace(BY_EVENT["E2"].given, cost_currency="usd",
                    shape=replace(SHAPE, currency="gbp"))  # fmt: skip

    assert [a.currency for a in apply("E2", given).actuals] == ["usd", "gbp"]
