"""`move plan`: every kind in flight, what closes it, and the proof that nothing is lost."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
import typer
from msgspec.structs import replace

import adapter.edge.cli_moving  # noqa: F401  adds its command
from adapter.edge.cli import app
from adapter.making.flight import Proof, Sums, prove
from adapter.making.in_flight_ledger import Entered
from adapter.making.moving import Refusal
from adapter.reading.move_table import KINDS, MODELS, parse_move
from adapter.reading.source import parse_source
from adapter.telling.figures import cells
from adapter.telling.show_move import move_json, move_text, refusal_text, verdict
from adapter.values.actuals import Approval, TransactionOrigin
from adapter.values.field_service import (
    Agreement,
    Product,
    ProductInventory,
    TimeEntry,
    WorkOrder,
)
from adapter.values.finance import ItemForecast, LegalEntity, OnHand
from adapter.values.finding import Finding, Place
from adapter.values.forecast_rows import EstimateLine
from adapter.values.prices import Expense
from adapter.values.project_operations import (
    Contract,
    Invoice,
    InvoiceLineDetail,
    Milestone,
    Project,
    Retainer,
)
from tests.commands import CONTOSO, copied, ran
from tests.move_given import (
    AFTER,
    AS_OF,
    BEFORE,
    FENCE,
    FINANCE,
    D,
    actual,
    answer,
    flight,
    kinds,
    line,
    planned,
    sums,
    table,
    usage,
    workspace,
)

SALE = ("CAD", "unbilled-sales", "material")
COST = ("CAD", "cost", "material")

# --- nothing ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("source", "target", "model"), [
    ("core", "integrated", "core"), ("integrated", "core", "integrated"),
])  # fmt: skip
def test_a_company_without_records_has_nothing_in_the_way(
    source: str, target: str, model: str
) -> None:
    move = planned(workspace(model=model), source, target)

    assert (kinds(move), move.in_the_way, move.is_clear) == ({}, 0, True)
    assert verdict(move).startswith("Nothing is in the way of moving XX")


# --- field service ---------------------------------------------------------------------------


def test_a_used_line_without_usage_is_in_flight_with_cost_and_sale() -> None:
    found = flight(planned(workspace(line())), "line-without-usage")

    # 3 x 80.00; 2 x 125.00 less 10 percent
    assert sums(found) == {COST: D("240.00"), SALE: D("225.00")}
    assert found.oldest == date(2026, 11, 10)
    assert (found.in_the_way, found.close.owner) == (1, "technician")


@pytest.mark.parametrize("record", [
    usage("approved", line="l"), actual("a", line="l", billing_status="canceled"),
])  # fmt: skip
def test_a_used_line_with_usage_or_actual_is_not(record: object) -> None:
    move = planned(workspace(line(), record))

    assert flight(move, "line-without-usage").records == ()


@pytest.mark.parametrize("more", [{"line_status": "estimated"}, {"status": "inactive"}])
def test_a_line_that_is_not_used_is_not(more: dict[str, object]) -> None:
    assert kinds(planned(workspace(line(**more)))) == {}


def test_a_used_service_is_counted_in_hours() -> None:
    service = line(kind="service", quantity=None, quantity_to_bill=None, duration=90,
                   duration_to_bill=60, discount_percent=None)  # fmt: skip

    found = flight(planned(workspace(service)), "line-without-usage")

    assert sums(found) == {COST: D("120.00"), SALE: D("125.00")}


def test_a_line_without_price_is_counted_and_its_money_not_guessed() -> None:
    found = flight(planned(workspace(line(unit_price=None))), "line-without-usage")

    assert (sums(found), found.unpriced) == ({COST: D("240.00")}, 1)


@pytest.mark.parametrize(("state", "kind", "owner"), [
    ("draft", "usage-not-submitted", "technician"),
    ("rejected", "usage-not-submitted", "technician"),
    ("recalled", "usage-not-submitted", "technician"),
    ("submitted", "usage-not-approved", "project manager"),
    ("approved", "usage-without-actual", "administrator"),
])  # fmt: skip
def test_usage_is_in_flight_until_an_actual_comes_of_it(state: str, kind: str, owner: str) -> None:
    move = planned(workspace(usage(state)))

    assert kinds(move) == {kind: 1}
    assert sums(flight(move, kind)) == {COST: D("240.00")}
    assert flight(move, kind).close.owner == owner


@pytest.mark.parametrize(("stage", "kind"), [
    (None, "usage-not-submitted"), ("submitted", "usage-not-approved"),
    ("approved", "usage-without-actual"),
])  # fmt: skip
def test_a_usage_log_that_does_not_say_goes_by_its_approval(stage: str | None, kind: str) -> None:
    approvals = [] if stage is None else [Approval(id="ap", usage="u", stage=stage)]

    assert kinds(planned(workspace(usage(None), *approvals))) == {kind: 1}


def test_usage_with_an_actual_is_not_in_flight_itself() -> None:
    move = planned(workspace(usage("approved"), actual("a", usage="u")))

    assert kinds(move) == {"ready-not-invoiced": 1}


@pytest.mark.parametrize(("state", "count"), [
    ("draft", 1), ("submitted", 1), ("returned", 1), ("approved", 0), ("canceled", 0),
])  # fmt: skip
def test_time_that_is_not_approved_is_in_flight_in_hours(state: str, count: int) -> None:
    entry = TimeEntry(id="t", project="p", day=date(2026, 11, 3), duration=90, entry_status=state)
    found = flight(planned(workspace(entry)), "time-not-approved")

    assert (len(found.records), found.unpriced) == (count, count)
    assert found.quantities == [("", "h", D("1.5"))] * count


@pytest.mark.parametrize(("state", "count"), [
    ("draft", 1), ("submitted", 1), (None, 1), ("approved", 0), ("posted", 0), ("canceled", 0),
])  # fmt: skip
def test_expenses_that_are_not_approved_are_in_flight_with_their_cost(
    state: str | None, count: int
) -> None:
    one = Expense(id="e", project="p", day=date(2026, 11, 3), amount=D("18.00"), currency="usd",
                  expense_status=state)  # fmt: skip
    found = flight(planned(workspace(one)), "expense-not-approved")

    assert (len(found.records), found.in_the_way) == (count, count)
    assert sums(found) == ({("USD", "cost", "expense"): D("18.00")} if count else {})


def test_estimates_of_open_work_stay_and_those_of_used_lines_are_not_told() -> None:
    rows = [EstimateLine(id=key, project="p", line=of, work_order="o", amount=D("9.00"),
                         currency="cad", transaction_type="cost", transaction_class="material")
            for key, of in (("e1", "open"), ("e2", "done"))]  # fmt: skip
    order = WorkOrder(id="o", number="WO-2", project="p", system_status="in-progress")
    lines = (line("open", work_order="o", line_status="estimated"), line("done", work_order="o"),
             usage("draft", line="done"))
    found = flight(planned(workspace(order, *lines, *rows)), "estimate-of-open-work")

    assert [p.record.id for p in found.records] == ["e1"]
    assert (found.in_the_way, sums(found)) == (
        0, {("CAD", "estimated cost", "material"): D("9.00")})  # fmt: skip


def test_item_forecasts_must_be_deleted_when_a_company_leaves_finance() -> None:
    held = ItemForecast(id="f", company="xx", transaction="000123", item_number="D0011",
                        quantity=D(4), unit="ea", start=date(2027, 1, 4))  # fmt: skip
    space = workspace(model="integrated", finance=(held,))
    found = flight(planned(space, "integrated", "core"), "forecast-in-finance")

    assert (found.in_the_way, found.quantities) == (1, [("D0011", "ea", D(4))])


def test_open_work_orders_and_agreements_may_stay_open() -> None:
    order = WorkOrder(id="o", number="WO-2", project="p", system_status="in-progress",
                      subtotal=D("10.00"), currency="usd")  # fmt: skip
    move = planned(workspace(order, Agreement(id="g", number="AGR-1", system_status="active",
                                              project="p")))  # fmt: skip

    assert kinds(move) == {"open-work-order": 0, "agreement-generating": 0}
    assert sums(flight(move, "open-work-order")) == {("USD", "subtotal", "-"): D("10.00")}
    assert move.is_clear


@pytest.mark.parametrize("status", ["estimate", "expired", "canceled"])
def test_agreements_that_generate_nothing_are_not_in_flight(status: str) -> None:
    record = Agreement(id="g", number="AGR-1", system_status=status, project="p")

    assert kinds(planned(workspace(record))) == {}


# --- stock -----------------------------------------------------------------------------------


def test_stock_on_hand_and_allocated_stock_must_be_closed_by_quantity() -> None:
    order = WorkOrder(id="o", number="WO-2", project="p", system_status="scheduled")
    move = planned(workspace(
        order, ProductInventory(id="s", product="prod", warehouse="wh", quantity_on_hand=D(10)),
        ProductInventory(id="n", product="prod", warehouse="wh", quantity_on_hand=D(-2)),
        ProductInventory(id="z", product="prod", warehouse="wh", quantity_on_hand=D(0)),
        line("e", work_order="o", line_status="estimated", allocated=True,
             estimate_quantity=D(4)),
    ))  # fmt: skip

    assert kinds(move) == {"stock-reserved": 1, "stock-on-hand": 2, "open-work-order": 0}
    assert flight(move, "stock-on-hand").quantities == [("D0011", "ea", D(8))]
    assert flight(move, "stock-reserved").quantities == [("D0011", "ea", D(4))]
    assert flight(move, "stock-on-hand").close.owner == "warehouse"
    assert "D0011 in 11" in move_text(move)


def test_stock_of_finance_is_told_when_a_company_leaves_it() -> None:
    there = [OnHand(id=i, company="XX", item_number="D0011", site="1", warehouse=w, available=D(5))
             for i, w in (("1", "11"), ("2", "99"))]  # fmt: skip
    move = planned(workspace(model="integrated", finance=tuple(there)), "integrated", "core")

    assert kinds(move) == {"stock-in-finance": 0}
    assert [p.record.name for p in flight(move, "stock-in-finance").records] == ["D0011 in 1/11"]


# --- billing ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("more", "kind"), [
    ({"billing_status": "unbilled-sales-created"}, "unbilled-not-ready"),
    ({"billing_status": None}, "unbilled-not-ready"),
    ({"billing_status": "ready-to-invoice"}, "ready-not-invoiced"),
    ({"billing_status": "customer-invoice-created"}, "on-draft-proforma"),
    ({"invoice": "d"}, "on-draft-proforma"),
    ({"invoice": "r"}, "on-proforma-in-review"),
    ({"invoice": "c"}, None),
    ({"billing_status": "customer-invoice-posted"}, None),
    ({"billing_status": "canceled"}, None),
    ({"billing_type": "not-available"}, None),
    ({"adjustment_status": "adjusted"}, None),
    ({"transaction_class": "milestone"}, None),
])  # fmt: skip
def test_unbilled_sales_are_in_flight_until_they_are_billed(
    more: dict[str, object], kind: str | None
) -> None:
    documents = [Invoice(id=i, number=f"INV-{i}", contract="pc", invoice_status=s)
                 for i, s in (("d", "draft"), ("r", "in-review"), ("c", "confirmed"))]  # fmt: skip
    found = kinds(planned(workspace(actual("a", **more), *documents)))
    assert found.pop("proforma-not-confirmed") == 2

    assert found == ({} if kind is None else {kind: 1})


def test_a_line_detail_too_puts_an_actual_on_a_proforma() -> None:
    move = planned(workspace(
        actual("a"), Invoice(id="r", number="INV-1", contract="pc", invoice_status="in-review"),
        InvoiceLineDetail(id="d", invoice="r", actual="a"),
    ))  # fmt: skip

    assert sums(flight(move, "on-proforma-in-review")) == {SALE: D("150.10")}


def test_money_of_different_currencies_types_and_classes_is_never_added() -> None:
    found = flight(planned(workspace(
        actual("a"), actual("b"), actual("c", currency="usd"),
        actual("d", transaction_class="time"),
    )), "ready-not-invoiced")  # fmt: skip

    assert sums(found) == {
        SALE: D("300.20"), ("USD", "unbilled-sales", "material"): D("150.10"),
        ("CAD", "unbilled-sales", "time"): D("150.10"),
    }  # fmt: skip


def test_proformas_in_draft_and_review_are_named_with_their_totals() -> None:
    said = {"contract": "pc", "currency": "cad", "total": D("113.00"), "order_type": "work-based"}
    move = planned(workspace(
        Invoice(id="d", number="INV-1", invoice_status="draft", **said),
        Invoice(id="r", number="INV-2", invoice_status="in-review", **said),
        Invoice(id="c", number="INV-3", invoice_status="confirmed", **said),
        Invoice(id="w", number="INV-4", invoice_status="draft", **{**said, "work_order": "wo"}),
        Invoice(id="o", number="INV-5", invoice_status="draft",
                **{**said, "order_type": "item-based"}),
    ))  # fmt: skip
    found = flight(move, "proforma-not-confirmed")

    assert {p.record.name for p in found.records} == {"INV-1 draft", "INV-2 in-review"}
    assert sums(found) == {("CAD", "proforma", "-"): D("226.00")}


@pytest.mark.parametrize(("status", "count"), [
    ("not-ready", 1), ("ready", 1), ("customer-invoice-created", 1), ("customer-invoice-posted", 0),
])  # fmt: skip
def test_milestones_are_in_flight_until_their_invoice_is_posted(status: str, count: int) -> None:
    one = Milestone(id="m", name="Start", contract_line="cl", amount=D(500), invoice_status=status,
                    invoice_date=date(2026, 11, 3))  # fmt: skip
    found = flight(planned(workspace(one)), "milestone-not-invoiced")

    assert found.in_the_way == count
    assert sums(found) == ({("CAD", "milestone", "milestone"): D(500)} if count else {})


@pytest.mark.parametrize(("more", "kind", "left"), [
    ({"is_invoiced": False}, "retainer-not-invoiced", "1000.00"),
    ({"invoice_status": "ready"}, "retainer-not-invoiced", "1000.00"),
    ({"is_invoiced": True, "used_amount": D("400.00")}, "retainer-not-used-up", "600.00"),
    ({"invoice_status": "customer-invoice-posted"}, "retainer-not-used-up", "1000.00"),
    ({"invoice_status": "customer-invoice-created"}, "retainer-not-invoiced", "1000.00"),
    ({"is_invoiced": True, "used_amount": D("1000.00")}, None, ""),
])  # fmt: skip
def test_retainers_are_in_flight_until_they_are_used_up(
    more: dict[str, object], kind: str | None, left: str
) -> None:
    move = planned(workspace(Retainer(id="r", name="Advance", contract="pc", currency="cad",
                                      amount=D("1000.00"), **more)))  # fmt: skip

    assert kinds(move) == ({} if kind is None else {kind: 1})
    assert kind is None or sums(flight(move, kind)) == {("CAD", "retainer", "retainer"): D(left)}


# --- Finance ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "more", "found"), [
    ("cost", {}, "not-journalised"),
    ("cost", {"is_journalized": True}, "journalised-not-posted"),
    ("cost", {"is_journalized": True, "voucher": "V-1"}, None),
    ("cost", {"skip_sync": True}, None),
    ("cost", {"origin": "packing-slip"}, None),
    ("cost", {"origin": "general-journal"}, None),
    ("cost", {"is_intercompany": True}, None),
    ("billed-sales", {}, "invoice-not-posted"),
    ("billed-sales", {"voucher": "V-1"}, None),
])  # fmt: skip
def test_in_integrated_actuals_are_in_flight_until_finance_posts_them(
    kind: str, more: dict[str, object], found: str | None
) -> None:
    space = workspace(actual("a", kind, **more), model="integrated")
    move = planned(space, "integrated", "core")

    assert kinds(move) == ({} if found is None else {found: 1})
    assert found is None or flight(move, found).close.owner == "project accountant"


def test_what_belongs_to_the_beginning_balance_needs_no_journal() -> None:
    legal = replace(next(f for f in FINANCE if isinstance(f, LegalEntity)),
                    beginning_balance_cut_off=date(2026, 11, 10))  # fmt: skip
    records = (actual("a", "cost"), actual("b", "cost", started_at=datetime(2026, 11, 11, 15,
                                                                            tzinfo=UTC)))
    move = planned(workspace(*records, model="integrated", finance=(legal,)), "integrated", "core")

    assert [p.record.id for p in flight(move, "not-journalised").records] == ["b"]


def test_core_has_no_journals_in_flight() -> None:
    assert kinds(planned(workspace(actual("a", "cost"), actual("b", "billed-sales")))) == {}


# --- legacy ----------------------------------------------------------------------------------

LEGACY_MARKS = ({"legacy_integration": True}, {"prospect_to_cash": True})


@pytest.mark.parametrize("mark", LEGACY_MARKS)
def test_from_legacy_what_is_billed_later_is_in_flight_too(mark: dict[str, object]) -> None:
    said = {"contract": "pc", "currency": "cad", "order_type": "work-based"}
    move = planned(workspace(
        actual("c", "cost", amount=D("96.00")),
        actual("n", billing_status="unbilled-sales-created"), actual("a"),
        actual("d", invoice="d"), actual("r", invoice="r"),
        actual("b", "billed-sales", started_at=AFTER),
        Invoice(id="d", number="INV-1", invoice_status="draft", total=D("113.00"), **said),
        Invoice(id="r", number="INV-2", invoice_status="in-review", total=D("200.00"), **said),
        Milestone(id="m", contract_line="cl", amount=D(500), invoice_status="ready"),
        Retainer(id="x", contract="pc", currency="cad", amount=D(70), is_invoiced=False),
        Retainer(id="y", contract="pc", currency="cad", amount=D(90), is_invoiced=True),
        model="integrated", **mark,
    ), "legacy", "integrated")  # fmt: skip

    assert kinds(move) == {
        "unbilled-not-ready": 1, "ready-not-invoiced": 1, "on-draft-proforma": 1,
        "on-proforma-in-review": 1, "proforma-not-confirmed": 2, "milestone-not-invoiced": 1,
        "retainer-not-invoiced": 1, "retainer-not-used-up": 1, "not-journalised": 5,
        "invoice-not-posted": 0, "beyond-the-fence": 1,
    }  # fmt: skip
    assert sums(flight(move, "not-journalised")) == {COST: D("96.00"), SALE: D("600.40")}
    assert sums(flight(move, "proforma-not-confirmed")) == {("CAD", "proforma", "-"): D("313.00")}


def test_what_legacy_brings_by_beginning_balance_is_in_flight_no_more() -> None:
    legal = replace(next(f for f in FINANCE if isinstance(f, LegalEntity)),
                    beginning_balance_cut_off=date(2026, 11, 30))  # fmt: skip
    move = planned(workspace(actual("c", "cost"), model="integrated", finance=(legal,),
                             prospect_to_cash=True), "legacy", "integrated")  # fmt: skip

    assert kinds(move) == {}


@pytest.mark.parametrize(("source", "target"), [
    ("core", "integrated"), ("integrated", "core"), ("legacy", "integrated"),
])  # fmt: skip
def test_every_kind_is_in_flight_or_none_or_not_possible(source: str, target: str) -> None:
    mark = {"prospect_to_cash": True} if source == "legacy" else {}
    model = "core" if source == "core" else "integrated"
    move = planned(workspace(model=model, **mark), source, target)

    named = [*(one.kind for one in move.flights), *(one.kind for one in move.absent)]
    assert sorted(named) == sorted(KINDS)
    text = " ".join(move_text(move).split())
    assert all(row.title in text for row in table().kind)


def test_what_a_model_cannot_have_is_counted_where_it_is_there_and_is_not_in_the_way() -> None:
    space = workspace(
        ProductInventory(id="s", product="prod", warehouse="wh", quantity_on_hand=D(10)),
        WorkOrder(id="o", number="WO-2", system_status="scheduled", service_account="acc"),
        model="integrated",
    )  # fmt: skip
    move = planned(space, "integrated", "core")

    there = {one.kind: one.records for one in move.absent if one.records}
    assert (there, kinds(move), move.is_clear) == (THERE, {}, True)
    text = " ".join(move_text(move).split())
    assert "stock on hand in Field Service warehouses (1 record all the same):" in text
    assert {one["kind"]: one["records"] for one in move_json(move)["not_possible"]} == {
        "stock-reserved": 0, "legacy-used-line": 0, "legacy-sales-order": 0, **THERE,
    }  # fmt: skip


THERE = {"stock-on-hand": 1, "legacy-work-order": 1}

# --- labour without actual -------------------------------------------------------------------


def spent(key: str = "e", **more: object) -> Expense:
    said = {"project": "p", "work_order": "wo", "day": date(2026, 11, 10), "amount": D("18.00"),
            "currency": "usd", "expense_status": "approved", **more}  # fmt: skip
    return Expense(id=key, **said)  # type: ignore[arg-type]


def worked(key: str = "t", **more: object) -> TimeEntry:
    said = {"project": "p", "work_order": "wo", "day": date(2026, 11, 10), "duration": 90,
            "entry_type": "work", "entry_status": "approved", **more}  # fmt: skip
    return TimeEntry(id=key, **said)  # type: ignore[arg-type]


def test_approved_time_and_expenses_without_actual_are_in_flight() -> None:
    move = planned(workspace(worked(), spent()))

    assert kinds(move) == {"time-without-actual": 1, "expense-without-actual": 1}
    assert flight(move, "time-without-actual").quantities == [("", "h", D("1.50"))]
    assert sums(flight(move, "expense-without-actual")) == {("USD", "cost", "expense"): D("18.00")}
    assert {flight(move, f"{k}-without-actual").unpriced for k in ("time", "expense")} == {1}


@pytest.mark.parametrize("entry", [
    worked(entry_type="vacation"), worked(entry_status="canceled"),
    spent(expense_status="canceled"),
])  # fmt: skip
def test_labour_that_makes_no_actual_is_not(entry: object) -> None:
    assert kinds(planned(workspace(entry))) == {}


def test_each_actual_answers_for_one_entry_those_that_fit_best_first() -> None:
    hour = {"transaction_class": "time", "product": None, "quantity": D("1.5")}
    other_day = datetime(2026, 11, 12, 15, tzinfo=UTC)
    move = planned(workspace(
        worked("a", duration=60), worked("b"), worked("c"), worked("d", day=date(2026, 11, 12)),
        actual("1", "cost", **hour), actual("2", "cost", started_at=other_day, **hour),
        actual("3", "cost", **{**hour, "quantity": D("-1.5"), "is_correction": True}),
        actual("4", "cost", transaction_class="expense", amount=D("18.00")),
        actual("5", "cost", transaction_class="expense", amount=D("18.00"), work_order="other"),
        spent("e"), spent("f", resource="r"),
    ))  # fmt: skip
    named = {k: [p.record.id for p in flight(move, f"{k}-without-actual").records]
             for k in ("time", "expense")}  # fmt: skip

    assert named == {"time": ["a", "c"], "expense": ["f"]}


def test_an_actual_that_names_its_entry_answers_for_that_one() -> None:
    hour = {"transaction_class": "time", "product": None, "quantity": D("1.5")}
    move = planned(workspace(
        worked("a"), worked("b"), actual("1", "cost", **hour),
        TransactionOrigin(id="o", origin="b", origin_type="time", transaction="1"),
    ))  # fmt: skip

    assert [p.record.id for p in flight(move, "time-without-actual").records] == ["a"]


@pytest.mark.parametrize(
    "more, is_in_flight",
    [({}, False), ({"is_correction": True}, False), ({"resource": "other"}, True),
     ({"started_at": datetime(2026, 11, 9, 15, tzinfo=UTC)}, True),
     ({"adjustment_status": "adjusted"}, True)],
)
def test_an_actual_answers_only_for_what_it_agrees_with(
    more: dict[str, object], is_in_flight: bool
) -> None:
    hour = {"transaction_class": "time", "product": None, "quantity": D("1.5"), "resource": "r"}
    move = planned(workspace(worked(resource="r"), actual("1", "cost", **{**hour, **more})))

    assert ("time-without-actual" in kinds(move)) is is_in_flight


# --- our ledger ------------------------------------------------------------------------------


def entry(state: str, **more: object) -> Entered:
    said = {"key": "k" * 64, "document": "XX 2026-11 (1)", "type": "cost", "klass": "material",
            "currency": "CAD", "amount": "82.40", "day": date(2026, 11, 3), **more}  # fmt: skip
    return Entered(state=state, **said)  # type: ignore[arg-type]


@pytest.mark.parametrize(("state", "parked", "count"), [
    ("planned", "", 1), ("intended", "", 1), ("sent", "", 1), ("unknown", "", 1),
    ("refused", "", 1), ("settled", "", 0), ("settled", "differs", 1),
])  # fmt: skip
def test_rows_of_our_ledger_are_in_flight_until_both_sides_agree(
    state: str, parked: str, count: int
) -> None:
    move = planned(workspace(), entries=(entry(state, parked=parked),))
    found = flight(move, "ledger-not-settled")

    assert found.in_the_way == count
    assert sums(found) == ({COST: D("82.40")} if count else {})
    assert move.is_clear is (count == 0)


def test_a_row_beyond_the_fence_that_may_be_on_the_other_side_is_in_the_way() -> None:
    rows = (entry("settled", day=FENCE), entry("planned", key="p" * 64, day=FENCE),
            entry("settled", key="s" * 64, day=date(2026, 11, 30)))  # fmt: skip
    move = planned(workspace(), entries=rows)

    assert kinds(move) == {"ledger-not-settled": 1, "beyond-the-fence": 1}
    assert flight(move, "beyond-the-fence").records[0].record.id == "k" * 64


# --- the fence -------------------------------------------------------------------------------

# 23:59 on 30 November in Toronto, and the minute after
EDGE = [(datetime(2026, 12, 1, 4, 59, tzinfo=UTC), 1), (datetime(2026, 12, 1, 5, 0, tzinfo=UTC), 0)]


@pytest.mark.parametrize(("at", "in_the_way"), EDGE)
def test_what_must_be_closed_is_dated_before_the_fence_in_the_time_zone_of_the_company(
    at: datetime, in_the_way: int
) -> None:
    move = planned(workspace(actual("a", started_at=at), usage("submitted", used_at=at)))

    assert kinds(move) == {"ready-not-invoiced": in_the_way, "usage-not-approved": in_the_way}
    side = "old" if in_the_way else "new"
    assert flight(move, "ready-not-invoiced").records[0].side == side
    assert flight(move, "usage-not-approved").sides[side] == 1


def test_what_has_no_day_must_be_closed() -> None:
    move = planned(workspace(line(work_order="o"), WorkOrder(id="o", project="p",
                                                             system_status="posted")))  # fmt: skip
    found = flight(move, "line-without-usage")

    assert (found.sides, found.in_the_way) == ({"old": 0, "new": 0, "undated": 1}, 1)


@pytest.mark.parametrize(("model", "record", "count"), [
    ("core", actual("a", "billed-sales", started_at=AFTER), 1),
    ("core", actual("a", "billed-sales"), 0),
    ("core", actual("a", "cost", started_at=AFTER, voucher="V"), 0),
    ("integrated", actual("a", "cost", started_at=AFTER, voucher="V"), 1),
    ("integrated", actual("a", "cost", started_at=BEFORE, voucher="V"), 0),
])  # fmt: skip
def test_what_the_old_model_finished_beyond_the_fence_is_in_the_way(
    model: str, record: object, count: int
) -> None:
    target = "integrated" if model == "core" else "core"
    move = planned(workspace(record, model=model), model, target)

    assert flight(move, "beyond-the-fence").in_the_way == count


def test_after_the_switch_the_work_of_the_new_model_is_not_in_the_way() -> None:
    draft = [Invoice(id=i, number=i, contract="pc", invoice_status="draft", invoice_date=d)
             for i, d in (("d", FENCE), ("e", date(2026, 11, 30)))]  # fmt: skip
    records = (actual("a", "cost", started_at=AFTER, voucher="V"), *draft)
    move = planned(workspace(*records, model="integrated"), "core", "integrated")

    assert (move.is_moved, move.evidence) == (True, "integrated")
    assert kinds(move) == {"proforma-not-confirmed": 1}
    assert any("already runs integrated" in note for note in move.notes)


def test_the_fence_is_what_is_asked_for_else_the_setting_else_next_month() -> None:
    fenced = workspace(setting={"model_from": {"integrated": FENCE}})
    asked, said, proposed = (
        planned(fenced, cut_over=date(2027, 1, 1)), planned(fenced, cut_over=None),
        planned(workspace(), cut_over=None),
    )  # fmt: skip

    assert [(m.fence.day, m.fence_from, m.is_in_force) for m in (asked, said, proposed)] == [
        (date(2027, 1, 1), "option", False), (FENCE, "adapter.toml", True),
        (FENCE, "proposed", False),
    ]  # fmt: skip
    assert asked.notes[0] == "adapter.toml has another fence: integrated from 2026-12-01."
    assert any(s.startswith("In force: `plan` holds with DEP291") for s in said.statement)
    assert any("model_from = { integrated = 2026-12-01 }" in s for s in proposed.statement)


@pytest.mark.parametrize(("cut_off", "is_told"), [(date(2026, 11, 30), False), (None, True)])
def test_the_cut_off_of_finance_is_the_day_before(cut_off: date | None, is_told: bool) -> None:
    legal = replace(next(f for f in FINANCE if isinstance(f, LegalEntity)),
                    beginning_balance_cut_off=cut_off)  # fmt: skip
    move = planned(workspace(model="integrated", finance=(legal,)))

    assert any("beginning balance cut-off" in note for note in move.notes) is is_told


# --- whose it is -----------------------------------------------------------------------------


def test_of_two_companies_in_one_environment_only_one_moves() -> None:
    from adapter.values.project_operations import Company

    space = workspace(
        actual("mine"), actual("theirs", project="q"), actual("lost", project=None, contract=None,
                                                              work_order=None),
        usage("draft", "u1"), usage("draft", "u2", project="q", work_order=None),
        Company(id="c-x", code="XX"), Company(id="c-y", code="YY"),
        Project(id="p", contract="pc", company="c-x", currency="cad"),
        Project(id="q", company="c-y", currency="cad"),
    )  # fmt: skip
    other = replace(space.settings.companies["XX"], code="YY")
    companies = {**space.settings.companies, "YY": other}
    space = replace(space, settings=replace(space.settings, companies=companies))
    move = planned(space)

    assert kinds(move) == {
        "ready-not-invoiced": 1, "usage-not-submitted": 1, "without-company": 1,
    }  # fmt: skip
    assert flight(move, "without-company").records[0].record.id == "lost"
    assert move.proof.faults == ("1 actuals have no company: they may be of this one",)
    assert [part.before for part in move.proof.lines] == [(1, D("150.10"))]


# --- the proof -------------------------------------------------------------------------------


def test_before_is_what_stays_and_what_goes_by_currency_type_and_class() -> None:
    move = planned(workspace(
        actual("a"), actual("b", started_at=AFTER), actual("c", "cost", amount=D("-3.00")),
        actual("d", currency="usd", started_at=AFTER), actual("e", amount=None),
    ))  # fmt: skip
    proof = {(p.currency, p.type, p.klass): p for p in move.proof.lines}

    assert move.proof.agrees
    assert proof[SALE].before == (3, D("300.20"))
    assert (proof[SALE].stays, proof[SALE].goes) == ((2, D("150.10")), (1, D("150.10")))
    assert proof[COST].stays == (1, D("-3.00"))
    assert proof["USD", "unbilled-sales", "material"].goes == (1, D("150.10"))
    assert len(proof) == 3


@pytest.mark.parametrize(("records", "cents"), [(1, 0), (0, 1), (-1, -1)])
def test_a_record_or_a_cent_lost_or_twice_breaks_the_proof(records: int, cents: int) -> None:
    before, stays, goes = Sums(), Sums(), Sums()
    for amount in ("10.00", "20.00", "30.00"):
        before.take(SALE, D(amount))
    stays.take(SALE, D("10.00"))
    goes.take(SALE, D("20.00"))
    goes.take(SALE, D("30.00"))
    assert prove(before, stays, goes).agrees

    goes.records[SALE] += records
    goes.money[SALE] += Decimal(cents).scaleb(-2)
    broken = prove(before, stays, goes)

    assert not broken.agrees
    assert "before is not what stays and what goes" in broken.faults[0]


def test_money_never_makes_up_for_another_class() -> None:
    before, stays = Sums(), Sums()
    before.take(SALE, D("10.00"))
    stays.take(COST, D("10.00"))

    assert len(prove(before, stays, Sums()).faults) == 2


@pytest.mark.parametrize(("space", "said"), [
    (workspace(actual("a", started_at=None)), "1 actuals have no transaction day"),
    (workspace(unreadable=2), "2 rows of actuals have no usable key"),
    (replace(workspace(), findings=(Finding(code="SRC031", level="error", message="m",
                                            place=Place("f")),)), "1 faults of files or rows"),
])  # fmt: skip
def test_what_cannot_be_told_breaks_the_proof_loudly(space: object, said: str) -> None:
    move = planned(space)  # type: ignore[arg-type]

    assert not move.is_clear
    assert any(fault.startswith(said) for fault in move.proof.faults)
    assert verdict(move).startswith("THE TOTALS DO NOT AGREE: do not move XX")
    assert "Proof: THE TOTALS DO NOT AGREE" in move_text(move)


def test_an_empty_proof_agrees() -> None:
    assert Proof().agrees


# --- from the legacy integration ---------------------------------------------------------------


@pytest.mark.parametrize("flag", ["prospect_to_cash", "legacy_integration"])
def test_from_the_legacy_integration_to_the_present_one(flag: str) -> None:
    order = WorkOrder(id="o", number="WO-2", system_status="completed", completed_on=BEFORE,
                      service_account="acc")  # fmt: skip
    space = workspace(
        order, line(work_order="o"),
        Contract(id="so", number="SO-1", order_type="item-based", state="active"),
        Contract(id="sd", number="SO-2", order_type="item-based", state="closed"),
        Agreement(id="g", number="AGR-1", system_status="active"),
        model="integrated", **{flag: True},
    )  # fmt: skip
    move = planned(space, "legacy", "integrated")

    assert kinds(move) == {
        "legacy-work-order": 1, "legacy-used-line": 1, "legacy-sales-order": 1,
        "agreement-generating": 1,
    }  # fmt: skip
    assert sums(flight(move, "legacy-used-line")) == {COST: D("240.00"), SALE: D("225.00")}
    assert not move.is_moved
    assert "no migration" in move.direction.reason


# --- refused ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("source", "target", "reason"), [
    ("core", "pma", "no proforma and no integration journal"),
    ("integrated", "pma", "cannot be opted out"),
    ("pma", "integrated", "stay where they are, read-only"),
    ("pma", "core", "core has no Finance"),
    ("core", "legacy", "withdrawn"),
    ("legacy", "core", "core has no Finance"),
    ("core", "core", "both are the same model"),
])  # fmt: skip
def test_a_move_that_nobody_can_make_is_refused_with_its_reason(
    source: str, target: str, reason: str
) -> None:
    refusal = answer(workspace(), source, target)

    assert isinstance(refusal, Refusal)
    assert reason in refusal.reason
    assert reason in " ".join(refusal_text(refusal).split())


@pytest.mark.parametrize(("model", "source", "target", "said"), [
    ("core", "legacy", "integrated", "neither legacy_integration nor prospect_to_cash"),
    ("integrated", "legacy", "core", "core has no Finance"),
])  # fmt: skip
def test_evidence_decides_which_model_runs(
    model: str, source: str, target: str, said: str
) -> None:
    refusal = answer(workspace(model=model), source, target)

    assert isinstance(refusal, Refusal)
    assert said in refusal.reason


def test_a_company_that_runs_neither_model_is_refused_by_the_rule_that_says_so() -> None:
    pma = LegalEntity(id="XX", code="XX", uses_project_operations=False)
    refusal = answer(workspace(model="integrated", finance=(pma,)), "core", "integrated")

    assert isinstance(refusal, Refusal)
    assert "XX does not run core (DEP205)" in refusal.reason


@pytest.mark.parametrize("model", ["lite", "", "Core "])
def test_a_model_that_does_not_exist_is_said_with_those_that_do(model: str) -> None:
    with pytest.raises(ValueError, match="--to is one of core, integrated, legacy, pma"):
        answer(workspace(), "core", model)


# --- the file --------------------------------------------------------------------------------


def test_every_direction_is_planned_or_refused_with_a_reason() -> None:
    for source in MODELS:
        for target in MODELS:
            way = table().direction_of(source, target)
            assert (way is None) is (source == target)
            assert way is None or (way.reason.endswith(".") and way.source)


def test_every_kind_has_its_answers_with_source_and_tag() -> None:
    assert [row.name for row in table().kind] == list(KINDS)
    for way in table().direction:
        for row in table().kind if way.plans else ():
            if way.source_model in row.models:
                close = table().close_of(row.name, way.source_model)
                change = table().change_of(row.name, way.target_model)
                assert close is not None and close.source and close.what.endswith(".")
                assert change is not None and change.source
                assert {close.tag, change.tag} <= {"documented", "inferred"}
            else:
                never = table().never_of(row.name, way.source_model)
                assert never is not None and never.source and never.reason.endswith(".")


@pytest.mark.parametrize(("text", "code"), [
    ("[[closed]]\nkinds = []\n", "MOV001"),
    ("close = 3\n", "MOV001"),
    ('[[kind]]\nname = "usage"\nfrom = ["core"]\ntitle = "t"\n', "MOV001"),
    ('[[kind]]\nname = "stock-on-hand"\nfrom = ["lite"]\ntitle = "t"\n', "MOV001"),
    ('[[close]]\nkinds = ["stock-on-hand"]\nmust = "all"\nowner = "boss"\nwhat = "w"\n'
     'source = "s"\ntag = "inferred"\n', "MOV001"),
    ("", "MOV002"),
])  # fmt: skip
def test_a_faulty_file_is_a_finding(text: str, code: str) -> None:
    source, _ = parse_source("mappings/tables/move.toml", text)
    assert source is not None
    made, findings = parse_move(source)

    assert made is None
    assert {f.code for f in findings} == {code}


def test_a_kind_that_is_left_out_needs_a_reason() -> None:
    text = Path("mappings/tables/move.toml").read_text()
    at = text.index("\n[[never]]")
    source, _ = parse_source("mappings/tables/move.toml",
                             text[:at] + text[text.index("\n[[close]]"):])  # fmt: skip
    assert source is not None
    made, findings = parse_move(source)

    assert made is None
    assert [(f.code, f.message) for f in findings][:2] == [
        ("MOV002", "nothing says why `forecast-in-finance` cannot be in flight in core"),
        ("MOV002", "nothing says why `not-journalised` cannot be in flight in core"),
    ]
    assert {f.code for f in findings} == {"MOV002"}


# --- the command -----------------------------------------------------------------------------

CAMF = ["move", "plan", "--workspace", CONTOSO, "--company", "CAMF"]
TO_INTEGRATED = [*CAMF, "--from", "core", "--to", "integrated"]
SHAPE = {"move", "company", "from", "to", "as_of", "verdict", "clear", "in_the_way", "direction",
         "evidence", "fence", "notes", "in_flight", "not_possible", "proof"}  # fmt: skip


def test_the_sample_company_is_told_what_is_in_the_way() -> None:
    ended = ran([*TO_INTEGRATED, "--format", "json"])
    move = json.loads(ended.out)
    found = {one["kind"]: one for one in move["in_flight"]}

    assert (ended.code, ended.err) == (1, "")
    assert set(move) == SHAPE
    assert (move["move"], move["company"], move["as_of"]) == (1, "CAMF", "2026-11-30")
    assert move["evidence"] == {"model": "core", "rule": "DEP220", "moved": False}
    assert move["proof"]["agrees"] is True
    assert move["in_the_way"] == sum(one["in_the_way"] for one in move["in_flight"]) > 0
    ready = found["ready-not-invoiced"]
    assert {m["currency"] for m in ready["money"]} == {"CAD", "EUR"}
    assert sum(m["records"] for m in ready["money"]) == ready["records"] == len(ready["names"])
    assert sum(ready["sides"].values()) == ready["records"]
    assert len(move["in_flight"]) == len([k for k in table().kind if "core" in k.models])


def test_json_is_the_same_on_every_run_and_independent_of_the_order_of_rows(tmp_path: Path) -> None:
    folder = copied(CONTOSO, tmp_path / "contoso")
    for path in sorted((folder / "records" / "contoso-ca").glob("*.jsonl")):
        rows = path.read_text("utf-8").splitlines(keepends=True)
        path.write_text("".join(reversed(rows)), "utf-8")
    again = ["move", "plan", "--workspace", folder, *TO_INTEGRATED[4:], "--format", "json"]

    assert ran([*TO_INTEGRATED, "--format", "json"]).out == ran(again).out


def test_the_money_in_flight_and_in_the_proof_is_that_of_the_records() -> None:
    move = json.loads(ran([*TO_INTEGRATED, "--format", "json"]).out)
    plan = json.loads(ran(["plan", CONTOSO, "--format", "json"]).out)
    sums_of_plan: dict[tuple[str, str, str], list[Decimal]] = {}
    for one in plan["actuals"]:
        if one["company"] == "CAMF":
            key = (one["currency"], one["type"], one["class"])
            sums_of_plan.setdefault(key, []).append(D(one["amount"]))
    told = {(p["currency"], p["type"], p["class"]): p["before"] for p in move["proof"]["lines"]}

    assert told.keys() == sums_of_plan.keys()
    for key, amounts in sums_of_plan.items():
        assert (told[key]["records"], D(told[key]["amount"])) == (len(amounts), sum(amounts))


def test_text_says_verdict_owners_fence_and_proof_in_eighty_columns() -> None:
    out = ran(TO_INTEGRATED).out
    parts = ["must be closed before moving CAMF from core to integrated", "Who closes how much",
             "In flight on 30 Nov 2026", "Fence 1 Dec 2026 (proposed: nobody said one), key",
             "Proof: before = stays + goes"]  # fmt: skip

    assert all(part in " ".join(out.split()) for part in parts)
    assert max(cells(one) for one in out.splitlines()) <= 80


@pytest.mark.parametrize("amount", ["1.00", "123456789.01", "-9999999999999.99"])
def test_the_proof_keeps_eighty_columns_and_every_digit(amount: str) -> None:
    sides = {"a": BEFORE, "b": AFTER}
    records = [actual(key, amount=D(amount), started_at=at) for key, at in sides.items()]
    text = move_text(planned(workspace(*records)))
    proof = text.partition("Proof:")[2]

    assert max(cells(one) for one in text.splitlines()) <= 80
    assert proof.count(f"{D(amount):,f}") == 2
    assert f"{2 * D(amount):,f}" in proof


def test_a_company_with_nothing_in_flight_ends_with_0(tmp_path: Path) -> None:
    folder = copied(CONTOSO, tmp_path / "contoso")
    for path in (folder / "records" / "contoso-ca").glob("*.jsonl"):
        path.write_text("", "utf-8")
    ended = ran(["move", "plan", "--workspace", folder, *TO_INTEGRATED[4:]])

    assert ended.code == 0
    assert "Nothing is in the way" in ended.out


@pytest.mark.parametrize(("arguments", "said"), [
    (["--company", "CAMF", "--from", "core", "--to", "pma"], "No move of CAMF from core to pma"),
    (["--company", "USPM", "--from", "core", "--to", "integrated"], "DEP205"),
    (["--company", "CAMF", "--from", "integrated", "--to", "pma"], "cannot be opted out"),
])  # fmt: skip
def test_a_refused_move_ends_with_2_and_its_reason(arguments: list[str], said: str) -> None:
    text = ran(["move", "plan", "--workspace", CONTOSO, *arguments])
    made = ran(["move", "plan", "--workspace", CONTOSO, *arguments, "--format", "json"])

    assert (text.code, made.code) == (2, 2)
    assert said in " ".join(text.out.split())
    assert set(json.loads(made.out)) == {"move", "company", "from", "to", "refused", "source",
                                         "tag"}  # fmt: skip
    assert text.err == "fieldledger: this move cannot be planned\n"


@pytest.mark.parametrize("arguments", [
    ["--company", "NONE", "--from", "core", "--to", "integrated"],
    ["--company", "CAMF", "--from", "lite", "--to", "integrated"],
    ["--company", "CAMF", "--from", "core", "--to", "integrated", "--format", "yaml"],
    ["--company", "CAMF", "--from", "core", "--to", "integrated", "--cut-over", "soon"],
    ["--company", "CAMF", "--from", "core", "--to", "integrated", "--cut-over", "0001-01-01"],
    ["--company", "CAMF", "--from", "core", "--to", "integrated", "--as-of", "9999-12-31"],
    ["--company", "CAMF"],
])  # fmt: skip
def test_a_wrong_option_ends_with_2_and_no_traceback(arguments: list[str]) -> None:
    ended = ran(["move", "plan", "--workspace", CONTOSO, *arguments])

    assert (ended.code, ended.out) == (2, "")
    assert "Traceback" not in ended.err


def test_a_faulty_file_of_the_workspace_is_shown_and_nothing_is_planned(tmp_path: Path) -> None:
    folder = copied(CONTOSO, tmp_path / "contoso")
    (folder / "mappings" / "tables").mkdir(parents=True)
    (folder / "mappings" / "tables" / "move.toml").write_text("[[closed]]\n", "utf-8")
    ended = ran(["move", "plan", "--workspace", folder, *TO_INTEGRATED[4:]])

    assert ended.code == 2
    assert "MOV001" in ended.out


def test_the_file_of_a_workspace_takes_the_place_of_the_shipped_one(tmp_path: Path) -> None:
    folder = copied(CONTOSO, tmp_path / "contoso")
    shipped = (CONTOSO.parents[1] / "mappings" / "tables" / "move.toml").read_text("utf-8")
    own = folder / "mappings" / "tables" / "move.toml"
    own.parent.mkdir(parents=True)
    own.write_text(shipped.replace('owner  = "warehouse"', 'owner  = "administrator"'), "utf-8")
    arguments = ["move", "plan", "--workspace", folder, *TO_INTEGRATED[4:], "--format", "json"]
    found = {one["kind"]: one for one in json.loads(ran(arguments).out)["in_flight"]}

    assert found["stock-on-hand"]["close"]["owner"] == "administrator"


def test_the_ledger_of_the_workspace_is_asked_and_none_is_made(tmp_path: Path) -> None:
    folder = copied(CONTOSO, tmp_path / "contoso")
    ran(["move", "plan", "--workspace", folder, *TO_INTEGRATED[4:]])

    assert not (folder / "ledger.db").exists()


def test_rows_that_were_sent_and_not_read_back_are_in_the_way(tmp_path: Path) -> None:
    folder = copied(CONTOSO, tmp_path / "contoso")
    settings = folder / "adapter.toml"
    text = settings.read_text("utf-8")
    settings.write_text(text.replace('"CAD"', '"CAD"\ndelivery = "files"'), "utf-8")
    plan = json.loads(ran(["plan", folder, "--format", "json"]).out)
    assert ran(["send", plan["plan"]["id"], "--workspace", folder]).code == 0
    asked = ["move", "plan", "--workspace", folder, *TO_INTEGRATED[4:], "--format", "json"]

    def found(*more: str) -> dict[str, dict]:  # type: ignore[type-arg]
        return {one["kind"]: one for one in json.loads(ran([*asked, *more]).out)["in_flight"]}

    sent = found()["ledger-not-settled"]
    written = [D(one["amount"]) for one in (*plan["actuals"], *plan["schedule"])
               if one["company"] == "CAMF" and one["status"] == "written"]  # fmt: skip
    assert sum(m["records"] for m in sent["money"]) == len(written) > 0
    assert sum(D(m["amount"]) for m in sent["money"]) == sum(written)
    assert sent["in_the_way"] == sent["records"] > 0
    assert all(one["name"].endswith(" sent") for one in sent["names"])
    assert found()["beyond-the-fence"]["records"] == 0
    assert found("--cut-over", "2026-11-10")["beyond-the-fence"]["in_the_way"] > 0


def test_the_command_and_its_options_are_documented() -> None:
    group = typer.main.get_command(app).commands["move"]  # type: ignore[attr-defined]
    options = [o for p in group.commands["plan"].params for o in p.opts if o.startswith("--")]
    text = (CONTOSO.parents[1] / "docs" / "commands.md").read_text("utf-8")
    part = text.partition("## `fieldledger move plan`")[2].partition("\n## ")[0]

    assert [o for o in options if f"`{o}" not in part] == []
    assert "Exit codes" in ran(["move", "plan", "--help"]).out


def test_the_json_of_a_made_company_says_everything_of_a_kind() -> None:
    move = move_json(planned(workspace(line())))
    found = next(one for one in move["in_flight"] if one["kind"] == "line-without-usage")

    assert found["names"] == [
        {"id": "l", "name": "Filter WO-1", "side": "old", "day": "2026-11-10"}
    ]
    assert found["money"][0] == {"currency": "CAD", "type": "cost", "class": "material",
                                 "records": 1, "amount": "240.00"}  # fmt: skip
    assert set(found) == {
        "kind", "title", "records", "in_the_way", "sides", "oldest", "money", "unpriced",
        "quantities", "close", "change", "names",
    }  # fmt: skip
    assert move["fence"]["day"] == FENCE.isoformat() and move["as_of"] == AS_OF.isoformat()


def test_a_move_from_legacy_without_any_sign_of_it_says_so() -> None:
    space = workspace(model="integrated")
    move = planned(space, "legacy", "integrated")

    assert any("Nothing proves" in n and "0 sales orders" in n for n in move.notes)


def test_stock_of_different_products_is_never_added() -> None:
    move = planned(workspace(
        Product(id="other", number="D0099", unit="ea"),
        ProductInventory(id="s", product="prod", warehouse="wh", quantity_on_hand=D(10)),
        ProductInventory(id="o", product="other", warehouse="wh", quantity_on_hand=D(5)),
    ))  # fmt: skip
    text = move_text(move)

    assert flight(move, "stock-on-hand").quantities == [("D0011", "ea", D(10)),
                                                        ("D0099", "ea", D(5))]
    assert "10 ea D0011" in text and "15 ea" not in text


def test_from_legacy_everything_that_the_fence_holds_later_is_listed(tmp_path: Path) -> None:
    folder = copied(CONTOSO, tmp_path / "w")
    file = folder / "adapter.toml"
    plain = file.read_text()
    us, usmf = "[environments.contoso-us]\n", "[companies.USMF]\n"
    file.write_text(plain.replace(us, us + "prospect_to_cash = true\n"))
    ended = ran(["move", "plan", "--workspace", folder, "--company", "USMF", "--from", "legacy",
                 "--to", "integrated", "--cut-over", "2026-12-01", "--format", "json"])  # fmt: skip
    found = {one["kind"]: one for one in json.loads(ended.out)["in_flight"]}
    money = {kind: [(m["currency"], m["type"], m["amount"]) for m in one["money"]]
             for kind, one in found.items()}  # fmt: skip
    file.write_text(plain.replace(usmf, usmf + "model_from = { integrated = 2026-12-01 }\n"))
    report = tmp_path / "report.json"
    ran(["plan", folder, "--as-of", "2026-12-31", "--json", report, "--format", "json"])
    held = {one["id"] for one in json.loads(report.read_text())["actuals"]
            if "DEP291" in one["findings"]}  # fmt: skip
    listed = {record["id"] for one in found.values() if one["in_the_way"]
              for record in one["names"]}  # fmt: skip

    assert len(held) > 200
    assert held <= listed
    assert money["milestone-not-invoiced"] == [("USD", "milestone", "22000.00")]
    assert money["retainer-not-used-up"] == [("USD", "retainer", "2000")]
    assert money["proforma-not-confirmed"] == [("USD", "proforma", "658.40")]
