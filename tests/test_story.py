"""The financial story: its figures by the golden cases, its order, its places, its currencies."""

import random
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from msgspec.structs import replace

from adapter.making.advances import Advance
from adapter.making.confirm import Detail, confirm_proforma
from adapter.making.new_actuals import Created
from adapter.making.reverse import Correction, reverse_approval, revise_proforma
from adapter.making.story import make_story
from adapter.making.story_judged import alike
from adapter.making.story_moments import plain
from adapter.making.story_parts import Figures, Story, Subject, Verdict
from adapter.making.story_scope import Scope, named
from adapter.reading.reporting import ReportingSetting
from adapter.reading.settings import Rounding, Settings
from adapter.telling.show_story import story_text
from adapter.telling.show_story_html import story_html
from adapter.telling.story_shape import story_shape
from adapter.values.actuals import Actual, Approval, Connection
from adapter.values.field_service import PriceList, TimeEntry, Unit, Usage, WorkOrder, WorkOrderLine
from adapter.values.finding import Finding, Place
from adapter.values.prices import Role, RolePrice
from adapter.values.project_operations import ContractPriceList, Invoice, Milestone, Retainer
from tests.making_given import (
    AS_OF,
    CRM,
    ENVIRONMENT,
    actual,
    british,
    company,
    on,
    settings,
    tables,
)

D = Decimal
TEMPLATE = (Path(__file__).parents[1] / "templates" / "story.html.j2").read_text("utf-8")
ORDER = Subject(kind="work-order", id="wo", name="WO-00912", environment=ENVIRONMENT)
PROJECT = Subject(kind="project", id="p", name="P-0007", environment=ENVIRONMENT)
CONTRACT = Subject(kind="contract", id="pc", name="PC-0007", environment=ENVIRONMENT)


def told(
    *records: object, about: Subject = ORDER, said: Settings | None = None,
    as_of: date = AS_OF, **more: object,
) -> Story:  # fmt: skip
    return make_story(about, tables(*CRM, *records), said or settings(), as_of, **more)


def after(created: Created, *old: Actual) -> list[Actual]:
    """Old and new actuals with what the event changed on the old ones."""
    changed = [
        replace(one, **{c.field: c.value for c in created.changes if c.record == one.id})
        for one in old
    ]
    return [*changed, *created.actuals]


def figures(story: Story, currency: str = "USD") -> dict[str, str]:
    sums = story.totals[currency]
    names = (*Figures.__struct_fields__, "billed", "margin")
    return {name: plain(getattr(sums, name)) for name in names if getattr(sums, name)}


USED = [actual("c", "cost", "4", "80.00"), actual("u", "unbilled-sales", "4", "125.00")]


def test_g1_used_is_billed() -> None:
    before = told(*USED)
    done = told(*after(confirm_proforma([Detail(original=USED[1])], invoice="i"), *USED))

    assert figures(before) == {"backlog": "500", "cost": "320", "margin": "-320"}
    assert figures(done) == {"invoiced": "500", "billed": "500", "cost": "320", "margin": "180"}


def test_g2_less_is_billed_than_used_with_a_discount() -> None:
    cost = actual("c", "cost", "10", "11.25")
    sale = actual("u", "unbilled-sales", "6", "19.99", discount_percent=D(15),
                  discount_amount=D("17.99"))  # fmt: skip
    rest = actual("n", "unbilled-sales", "4", "19.99", billing_type="non-chargeable")
    made = confirm_proforma([Detail(original=sale), Detail(original=rest)], invoice="i")

    assert figures(told(*after(made, cost, sale, rest))) == {
        "invoiced": "101.95", "billed": "101.95", "not_charged": "79.96", "cost": "112.50",
        "margin": "-10.55",
    }  # fmt: skip


def test_g3_finance_adds_what_the_stock_really_cost() -> None:
    cost = actual("c", "cost", "1", "1650.00", adjustment_value=D("52.35"), voucher="V-1")
    sale = actual("u", "unbilled-sales", "1", "2400.00")

    story = told(cost, sale)

    assert figures(story) == {"backlog": "2400", "cost": "1702.35", "cost_adjusted": "52.35",
                              "cost_posted": "1702.35", "margin": "-1702.35"}  # fmt: skip
    posted = next(m for m in story.moments if m.stage == "posted")
    assert "1702.35, 52.35 more than by the price list (1650)" in posted.what


def test_g4_a_milestone_is_the_revenue_of_a_fixed_price() -> None:
    costs = [actual("c", "cost", "3", "120.00"), actual("s", "cost", "1.5", "45.00")]
    milestone = Milestone(id="m", name="M1", amount=D(5000), contract="pc", contract_line="cl",
                          project="p", currency="usd")  # fmt: skip
    made = confirm_proforma([], milestones=[milestone], invoice="i")
    billed = [replace(a, project="p", currency="usd", document_date=AS_OF) for a in made.actuals]

    story = told(*costs, *billed, milestone, about=PROJECT)

    assert figures(story) == {"invoiced": "5000", "billed": "5000", "cost": "427.50",
                              "margin": "4572.50"}  # fmt: skip
    assert any(m.stage == "milestone" and "5000" in m.what for m in story.moments)


def test_g8_the_proforma_was_edited_down() -> None:
    made = confirm_proforma([Detail(original=USED[1], quantity=D(3))], invoice="i")

    assert figures(told(*after(made, *USED))) == {
        "invoiced": "375", "billed": "375", "not_charged": "125", "cost": "320", "margin": "55",
    }  # fmt: skip


def test_g9_a_retainer_is_an_advance_until_it_is_used_up() -> None:
    retainer = Retainer(id="r", name="Advance", contract="pc", amount=D(1000), currency="usd")
    sale = actual("u", "unbilled-sales", "8", "80.00", contract="pc")
    first = confirm_proforma([], retainers=[retainer], invoice="i1")
    advance = Advance(retainer="r", name="Advance", available=D(1000), applied=D(640),
                      left=D(360))  # fmt: skip
    second = confirm_proforma([Detail(original=sale)], advances=[advance], invoice="i2")
    made = [replace(a, contract="pc", currency="usd", document_date=AS_OF)
            for a in (*first.actuals, *second.actuals)]  # fmt: skip

    open_ = told(*made[:2], about=CONTRACT)
    done = told(sale, *made, about=CONTRACT)

    assert figures(open_) == {"advances": "1000"}
    assert figures(done) == {"advances": "360", "invoiced": "640", "billed": "640",
                             "margin": "640"}  # fmt: skip


def test_g10_a_corrective_invoice_opens_the_rest_again() -> None:
    billed = actual("b", "billed-sales", "8", "75.00", invoice="i1")
    made = revise_proforma([Correction(original=billed, quantity=D(5))], invoice="i2")

    assert figures(told(*after(made, billed))) == {"invoiced": "375", "billed": "375",
                                                   "backlog": "225", "margin": "375"}  # fmt: skip


def test_g11_an_approval_taken_back_leaves_nothing() -> None:
    made = reverse_approval(USED, event="recall")

    story = told(*after(made, *USED))

    assert figures(story) == {}
    assert sum(m.stage == "corrected" for m in story.moments) == 2


def test_what_stands_on_a_draft_is_billed_and_still_backlog() -> None:
    drafted = replace(USED[1], billing_status="customer-invoice-created", invoice="i")
    invoice = Invoice(id="i", number="INV-1", invoice_status="draft", invoice_date=AS_OF)

    story = told(USED[0], drafted, invoice)

    assert figures(story) == {"backlog": "500", "on_draft": "500", "billed": "500", "cost": "320",
                              "margin": "-320"}  # fmt: skip
    assert any(m.name == "INV-1" and "draft" in m.what for m in story.moments)


LINE = WorkOrderLine(
    id="l", name="Filter", work_order="wo", product="prod", unit="ea", line_status="used",
    estimate_quantity=D(3), quantity=D(4), quantity_to_bill=D(2), unit_price=D("10.00"),
    unit_cost=D("6.00"), discount_percent=D(50), currency="usd",
)  # fmt: skip
SERVICE = WorkOrderLine(
    id="s", name="Inspection", kind="service", work_order="wo", line_status="used",
    estimate_duration=60, duration=90, unit_price=D("45.00"), unit_cost=D("30.00"), currency="usd",
)  # fmt: skip


def test_lines_tell_what_was_estimated_and_used() -> None:
    story = told(LINE, SERVICE)

    assert figures(story) == {  # 30 + 45, 18 + 30, 40 - 10 + 67.50
        "estimate": "75", "estimate_cost": "48", "used": "97.50",
    }  # fmt: skip
    assert [m.what for m in story.moments if m.stage == "used"] == [
        "4 ea of Filter used", "1.50 hours of Inspection used",
    ]  # fmt: skip


def test_a_line_that_is_only_estimated_was_not_used() -> None:
    assert figures(told(replace(LINE, line_status="estimated"))) == {
        "estimate": "30", "estimate_cost": "18",
    }  # fmt: skip


def test_labour_counts_as_used_by_its_approved_time() -> None:
    time = actual("t", "unbilled-sales", "2", "90.00", transaction_class="time", origin="time")
    entry = TimeEntry(id="e", work_order="wo", day=date(2026, 3, 9), duration=120,
                      entry_status="approved")  # fmt: skip

    story = told(time, entry)

    assert figures(story) == {"used": "180", "backlog": "180"}
    assert any(m.stage == "labour" and m.what == "2 hours, approved" for m in story.moments)


def test_currencies_are_never_added_unless_rates_are_stated() -> None:
    both = [actual("c", "cost", "8", "30.00"), british("u", "unbilled-sales", "8", "62.50")]
    both[1] = replace(both[1], project="p", contract_line="cl")
    stated = replace(
        settings(), reporting=ReportingSetting(currency="USD", rates={"GBP": D("1.25")},
                                               on="month-end"),
    )

    plain_one, summed = told(*both), told(*both, said=stated)
    shape = story_shape(summed)

    assert figures(plain_one) == {"cost": "240", "margin": "-240"}
    assert figures(plain_one, "GBP") == {"backlog": "500"}
    assert plain_one.reported is None
    assert story_shape(plain_one)["totals"]["USD"]["margin"] is None
    assert summed.reported is not None and summed.reported[0] == "USD"
    assert shape["reported"]["rates"] == "GBP 1.25 (month-end)"
    assert "At your rates: GBP 1.25 (month-end)." in story_text(shape, 80, False, False)
    assert "no margin is given" in story_text(story_shape(plain_one), 80, False, False)
    assert (shape["reported"]["backlog"], shape["reported"]["cost"]) == ("625.00", "240.00")


def test_without_a_rate_that_is_needed_nothing_is_summed_up() -> None:
    stated = replace(settings(), reporting=ReportingSetting(currency="USD"))

    assert told(british("u", "unbilled-sales", "1", "1.00"), said=stated,
                about=replace(PROJECT, id="p-gb")).reported is None  # fmt: skip


def test_the_day_is_the_companys() -> None:
    late = actual("u", "unbilled-sales", "1", "1.00",
                  started_at=datetime(2026, 4, 1, 3, tzinfo=UTC))  # fmt: skip
    there = settings(USPM=company("USPM", time_zone="America/Chicago"))

    assert [m.day for m in told(late, said=there).moments] == [date(2026, 3, 31)]
    assert told(late).moments == (), "in UTC it is April, after the story's day"


def test_a_story_ends_with_its_day() -> None:
    early = actual("a", "cost", "1", "5.00", started_at=on(2))
    late = actual("b", "cost", "1", "5.00", started_at=on(9))

    assert figures(told(early, late, as_of=date(2026, 3, 8)))["cost"] == "5"
    assert figures(told(early, late))["cost"] == "10"


def test_every_dimension_adds_up_to_the_whole() -> None:
    other = WorkOrder(id="wo2", number="WO-2", project="p", agreement="agr")
    mine = [*USED, actual("c2", "cost", "1", "7.00", work_order="wo2"),
            actual("c3", "cost", "1", "3.00", work_order=None)]  # fmt: skip

    story = told(*mine, other, about=PROJECT)

    for dimension, group in story.groups.items():
        whole = Figures()
        for sums in group.values():
            whole.add(sums)
        assert whole == story.totals["USD"], dimension
    assert {name for name, _ in story.groups["work order"]} == {"WO-00912", "WO-2", "(none)"}


def test_rows_of_nothing_are_told_where_they_carry_something() -> None:
    """A plan that names no work order makes a place without figures, which no view shows."""
    other = WorkOrder(id="wo2", number="WO-2", project="p")
    taken = [actual(key, "cost", quantity, "3.00", work_order=None)
             for key, quantity in (("c3", "1"), ("c4", "-1"))]  # fmt: skip
    mine = [*USED, actual("c2", "cost", "1", "7.00", work_order="wo2"), other]
    empty, full = told(*mine, *taken, about=PROJECT), told(*mine, taken[0], about=PROJECT)

    def shown(story: Story) -> tuple[bool, ...]:
        shape = story_shape(story)
        table = story_text(shape, 100, False, False).partition("by work order")[2]
        page = story_html(shape, TEMPLATE).partition("By work order")[2]
        return ("(none)" in {row["name"] for row in shape["groups"]["work order"]},
                "(none)" in table.partition("by project")[0], "(none)" in page)  # fmt: skip

    assert "(none)" in {name for name, _ in empty.groups["work order"]}
    assert (shown(empty), shown(full)) == ((False,) * 3, (True,) * 3)


def test_arrival_order_and_repetition_change_nothing() -> None:
    usage = Usage(id="us", line="l", work_order="wo", project="p", quantity=D(4), used_at=on(3))
    approval = Approval(id="ap", usage="us", approved_on=on(5), stage="approved")
    made = confirm_proforma([Detail(original=USED[1], quantity=D(3))], invoice="i")
    records = [*after(made, *USED), LINE, usage, approval, Invoice(id="i", number="INV-9")]
    wanted = told(*records)

    for seed in range(50):
        shuffled = [*records, *records[:3]]
        random.Random(seed).shuffle(shuffled)
        assert told(*shuffled) == wanted
    days = [m.day for m in wanted.moments if m.day is not None]
    assert days == sorted(days)


def test_points_say_where_cost_and_revenue_stood_each_day() -> None:
    first = [replace(a, started_at=on(2)) for a in USED]
    made = confirm_proforma([Detail(original=first[1])], invoice="i")
    later = [replace(a, started_at=on(9)) for a in made.actuals]

    points = told(*first, *later).points

    assert [(p.day.day, plain(p.cost), plain(p.invoiced), plain(p.earned)) for p in points] == [
        (2, "320", "0", "500"), (9, "320", "500", "500"),
    ]  # fmt: skip


def test_verdicts_of_a_plan_stand_beside_their_actuals() -> None:
    verdict = Verdict(status="held", rules=("REQ302",), documents=())

    shape = story_shape(told(*USED, verdicts={"c": verdict, "stranger": verdict}))

    assert [(m["key"], m["plan"]) for m in shape["moments"]] == [
        ("c", {"status": "held", "rules": ["REQ302"], "documents": []}), ("u", None),
    ]  # fmt: skip


def test_many_moments_are_told_by_day_and_kind() -> None:
    many = [actual(f"c{n:04}", "cost", "1", "2.00", started_at=on(2 + n % 3)) for n in range(500)]

    story = told(*many)
    short, whole = story_shape(story), story_shape(story, whole=True)

    assert (short["grouped"], len(short["moments"]), short["moments_in_all"]) == (True, 3, 500)
    assert sum(D(m["amount"]) for m in short["moments"]) == D(1000)
    assert sum(m["count"] for m in short["moments"]) == 500
    assert (whole["grouped"], len(whole["moments"])) == (False, 500)


def test_a_very_large_story_has_the_same_figures_without_words(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    many = [actual(f"c{n:04}", "cost", "1", "2.00", started_at=on(2 + n % 3), voucher="V")
            for n in range(500)]  # fmt: skip
    usage = Usage(id="us", work_order="wo", project="p", used_at=on(3))
    approval = Approval(id="ap", usage="us", approved_on=on(5), stage="approved")
    wanted = told(*many, usage, approval)
    monkeypatch.setattr("adapter.making.story.ACTUALS_MAX", 100)

    brief = told(*many, usage, approval, whole=False)

    assert (brief.totals, brief.groups, brief.points) == (
        wanted.totals, wanted.groups, wanted.points,
    )  # fmt: skip
    short, long = story_shape(brief)["moments"], story_shape(wanted)["moments"]
    same = ("day", "stage", "type", "amount", "currency", "count")
    assert [[m[n] for n in same] for m in short] == [[m[n] for n in same] for m in long]
    assert told(*many, usage, approval).moments == wanted.moments


@pytest.mark.parametrize(
    ("what", "found"),
    [("WO-00912", ["work-order"]), ("wo", ["work-order"]), ("P-0007", ["project"]),
     ("PC-0007", ["contract"]), ("V-9", ["voucher"]), ("nothing", [])],
)  # fmt: skip
def test_subjects_are_found_by_number_and_id(what: str, found: list[str]) -> None:
    records = tables(*CRM, actual("c", "cost", "1", "1.00", voucher="V-9"))

    assert [s.kind for s in named(records, ENVIRONMENT, what)] == found


def test_a_voucher_and_an_invoice_have_stories_of_their_own() -> None:
    cost = actual("c", "cost", "1", "9.00", voucher="V-9")
    billed = actual("b", "billed-sales", "1", "12.00", invoice="i")
    invoice = Invoice(id="i", number="INV-9", invoice_date=AS_OF)
    by_voucher = told(cost, billed, invoice, about=replace(ORDER, kind="voucher", id="V-9"))
    by_invoice = told(cost, billed, invoice, about=replace(ORDER, kind="invoice", id="i"))

    assert figures(by_voucher)["cost"] == "9" and by_voucher.actuals == 1
    assert figures(by_invoice)["invoiced"] == "12" and by_invoice.actuals == 1
    assert {(s.kind, s.name) for s in by_voucher.related} >= {("work-order", "WO-00912")}


def test_each_actual_says_which_event_made_it_and_the_law_holds() -> None:
    made = confirm_proforma([Detail(original=USED[1], quantity=D(3))], invoice="i")
    story = told(*after(made, *USED), *made.connections,
                 Connection(id="k", first="c", first_role="Cost", second="u",
                            second_role="Unbilled Sales"))  # fmt: skip

    events = {m.key: m.because for m in story.moments if m.type}
    terms = story.law["material", "USD"]
    assert (events["c"], events["u"]) == ("E2", "E2")
    assert {events[a.id] for a in made.actuals} == {"E13"}
    assert terms.is_kept and (terms.approved, terms.billed) == (D(500), D(375))
    assert terms.non_chargeable == D(125)
    assert "material" in story_text(story_shape(story), 80, False, False)


def test_sales_that_are_billed_twice_are_a_finding_of_the_story() -> None:
    once = confirm_proforma([Detail(original=USED[1])], invoice="i")
    again = replace(next(a for a in once.actuals if a.transaction_type == "billed-sales"), id="b2")
    pair = Connection(id="k2", first="b2", first_role="Billed Sales", second="u",
                      second_role="Unbilled Sales")  # fmt: skip

    story = told(*after(once, *USED), *once.connections, again, pair)
    part = told(*after(once, *USED), *once.connections, again, pair,
                about=replace(ORDER, kind="invoice", id="i"))  # fmt: skip

    assert {"LAW701", "LAW703"} <= {f.code for f in story.findings}
    assert not story.law["material", "USD"].is_kept
    assert "BROKEN" in story_text(story_shape(story), 80, False, False)
    assert part.law == {} and not any(f.code.startswith("LAW") for f in part.findings)


def test_lines_are_compared_with_their_usage_where_a_plan_chose_the_model() -> None:
    usage = Usage(id="us", line="l", work_order="wo", project="p", product="prod", unit="ea",
                  quantity=D(3), quantity_to_bill=D(2), usage_status="submitted",
                  unit_cost=D("6.00"))  # fmt: skip

    story = told(LINE, usage, models={"USPM": "core"}, unproven={"usage": ("unit_price",)})
    silent = told(LINE, usage)

    (found,) = [f for f in story.findings if f.code == "EXP703"]
    assert "quantity" in found.message and ("quantity", "expected 4.00, is 3") in found.values
    assert not any(f.code.startswith("EXP") for f in silent.findings)


def test_every_price_says_where_it_came_from() -> None:
    used = next(m for m in told(LINE, Usage(id="us", line="l", used_at=on(3))).moments
                if m.stage == "used")  # fmt: skip

    values = dict(used.values)
    assert "USD 10.00 per ea" in str(values["price"]) and "work order line" in str(values["price"])
    assert "USD 6.00 per ea" in str(values["cost of one"])


def test_labour_that_is_not_approved_is_pending_and_no_backlog() -> None:
    entry = TimeEntry(id="e", work_order="wo", project="p", day=date(2026, 3, 9), duration=90,
                      entry_status="submitted", resource="res", role="role")  # fmt: skip
    prices = [
        Role(id="role", name="Technician"), PriceList(id="pl", name="Sales", currency="usd"),
        ContractPriceList(id="cpl", contract="pc", price_list="pl"),
        RolePrice(id="rp", price_list="pl", role="role", price=D("90.00"), unit="h"),
        Unit(id="h", name="hour"),
    ]  # fmt: skip
    line = replace(next(r for r in CRM if r.id == "cl"), includes_time=True)

    story = told(entry, line, *prices)

    (labour,) = [m for m in story.moments if m.stage == "labour"]
    assert figures(story) == {"pending": "135"}
    assert "90.00" in str(dict(labour.values)["price"])


def test_sums_in_the_reporting_currency_are_rounded_once() -> None:
    """At 1.08: 3 x 33.33 = 99.99, 107.9892; rounded one by one it would be 108.00."""
    sales = [british(f"u{n}", "unbilled-sales", "1", "33.33") for n in range(3)]
    stated = replace(settings(), reporting=ReportingSetting(currency="USD",
                                                            rates={"GBP": D("1.08")}, on=""))
    story = told(*sales, about=replace(PROJECT, id="p-gb"), said=stated)
    yen = replace(stated, reporting=replace(stated.reporting, currency="JPY"),
                  rounding={"JPY": Rounding(decimals=0)})  # fmt: skip
    in_yen = told(*sales, about=replace(PROJECT, id="p-gb"), said=yen)

    assert story.reported is not None and str(story.reported[1].backlog) == "107.99"
    assert str(story.reported[1].margin_earned) == "107.99"
    assert in_yen.reported is not None and str(in_yen.reported[1].backlog) == "108"


def big_one(count: int) -> list[object]:
    """A story of some approvals: cost, unbilled sales and their connection."""
    found: list[object] = [
        WorkOrderLine(id="l", kind="product", work_order="wo", line_status="used", quantity=D(2),
                      estimate_quantity=D(3), unit_price=D("10.00"), unit_cost=D("4.00"),
                      currency="usd"),
        Usage(id="mul", line="l", work_order="wo", used_at=datetime(2026, 3, 5, tzinfo=UTC)),
        Invoice(id="i", contract="pc", invoice_status="draft", invoice_date=date(2026, 3, 31)),
        TimeEntry(id="t", work_order="wo", day=date(2026, 3, 9), duration=90),
    ]  # fmt: skip
    for n in range(count):
        found += [
            actual(f"c{n}", "cost", "4", "80.00", work_order="wo", origin="usage"),
            actual(f"u{n}", "unbilled-sales", "4", "125.00", work_order="wo", origin="usage",
                   invoice="i" if n else None, voucher="V-1" if n else None),
            Connection(id=f"x{n}", first=f"u{n}", first_role="Unbilled Sales", second=f"c{n}",
                       second_role="Cost"),
        ]  # fmt: skip
    return found


def test_a_very_large_story_leaves_nothing_out_but_words(monkeypatch: pytest.MonkeyPatch) -> None:
    records = big_one(6)
    whole = told(*records)
    monkeypatch.setattr("adapter.making.story.ACTUALS_MAX", 5)
    brief, asked = told(*records, whole=False), told(*records, whole=True)
    sums = {}
    for moment in whole.moments:
        key = (moment.day, moment.stage, moment.type, moment.because, moment.currency)
        sums[key] = sums.get(key, 0) + 1

    assert asked == whole
    assert {(m.day, m.stage, m.type, m.because, m.currency): m.count
            for m in brief.moments} == sums  # fmt: skip
    assert (brief.totals, brief.groups, brief.points) == (whole.totals, whole.groups, whole.points)
    assert (brief.law, brief.actuals, brief.undated) == (whole.law, 12, whole.undated)
    (said_,) = set(brief.findings) - set(whole.findings)
    assert (said_.code, said_.level) == ("EXP705", "note")
    assert "1 work order lines, 1 usage logs and 1 proformas were not compared" in said_.message
    assert story_shape(brief)["moments_in_all"] == len(whole.moments)
    assert brief.actuals == told(*records, whole=False, as_of=date(2027, 1, 1)).actuals
    assert told(*records, whole=False, as_of=date(2020, 1, 1)).actuals == 0


@pytest.mark.parametrize("seed", range(5))
def test_where_rows_lie_changes_nothing_of_a_very_large_story(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = [*big_one(120), *(Usage(id=f"m{n}", line="l", work_order="wo", used_at=on(5))
                                for n in range(9))]  # fmt: skip
    records += [Approval(id=f"p{9 - n}", usage=f"m{n}", approved_on=on(6)) for n in range(9)]
    monkeypatch.setattr("adapter.making.story.ACTUALS_MAX", 5)
    broken = [one for one in records if not isinstance(one, Connection) or one.id == "x0"]

    def mixed(scope: Scope) -> Scope:
        parts = {n: random.Random(seed).sample(getattr(scope, n), len(getattr(scope, n)))
                 for n in ("actuals", "lines", "usages")}  # fmt: skip
        return replace(scope, **parts)

    for rows in (records, broken):
        monkeypatch.setattr("adapter.making.story.as_they_lie", lambda scope: scope)
        by_key = told(*rows, whole=False)
        monkeypatch.setattr("adapter.making.story.as_they_lie", mixed)

        assert told(*rows, whole=False) == by_key
    assert "19 more like this" in " ".join(f.message for f in by_key.findings)
    (first,) = [m.key for m in by_key.moments if m.stage == "approval"]
    assert first == "p9", "of the first usage log"


def test_many_findings_alike_are_counted() -> None:
    one = Finding(code="LAW704", level="warning", message="lost", place=Place("a"), record="a")
    found = alike([replace(one, record=str(n)) for n in range(250)])

    assert [f.message for f in found] == [*["lost"] * 100, "150 more like this: lost"]
    assert alike([one]) == [one]


def test_what_was_used_is_what_is_billed_and_what_is_not_charged() -> None:
    hose = replace(LINE, quantity=D(10), quantity_to_bill=D(6), unit_price=D("19.99"),
                   discount_percent=D(15))  # fmt: skip
    more = replace(hose, quantity_to_bill=D(12))

    assert told(hose).totals["USD"].used == D("181.91") == D("101.95") + D("79.96")
    assert told(more).totals["USD"].used == D("199.90") - D("29.99"), "on what was used only"


def test_confirming_closes_unbilled_sales_and_corrects_nothing() -> None:
    cost = actual("c", "cost", "4", "80.00")
    link = Connection(id="x", first="u", first_role="Unbilled Sales", second="c",
                      second_role="Cost")  # fmt: skip
    made = confirm_proforma([Detail(original=USED[1])], invoice="i")
    story = told(*after(made, USED[1]), cost, *made.connections, link)
    stages = {m.stage: m.because for m in story.moments if m.because}

    assert stages["closed"] == stages["billed"] == "E12"
    assert "corrected" not in stages


def test_work_stands_before_the_cost_it_caused() -> None:
    entry = TimeEntry(id="te", work_order="wo", project="p", day=on(3).date(), duration=60)
    cost = actual("c", "cost", "1", "48.00", started_at=on(3), created_on=on(3))
    stages = [m.stage for m in told(entry, cost).moments]

    assert stages.index("labour") < stages.index("cost")


def test_rows_after_the_day_change_nothing_of_the_law(monkeypatch: pytest.MonkeyPatch) -> None:
    sold = Connection(id="x", first="u", first_role="Unbilled Sales", second="c",
                      second_role="Cost")  # fmt: skip
    rows = [*(replace(one, origin="usage") for one in USED), sold]
    late = [actual("c2", "cost", "1", "80.00", started_at=on(3, 4)),
            actual("u2", "unbilled-sales", "1", "125.00", started_at=on(3, 4), origin="usage")]
    made = confirm_proforma([Detail(original=rows[1], quantity=D(3))], invoice="i")
    billed = [*after(made, *rows[:2]), sold, *made.connections,
              Invoice(id="i", contract="pc", invoice_status="confirmed",
                      invoice_date=date(2026, 4, 2))]  # fmt: skip
    plain_, other, edited = told(*rows), told(*rows, *late), told(*billed)
    monkeypatch.setattr("adapter.making.story.ACTUALS_MAX", 1)
    brief = told(*billed, whole=False)

    assert plain_.law["material", "USD"].open == D("500.00")
    for story in (other, edited, brief):
        assert story.law == plain_.law
        assert story.totals == plain_.totals
        assert [f for f in story.findings if f.code.startswith("LAW")] == []
    assert told(*billed, as_of=date(2026, 4, 2)).law["material", "USD"].billed == D("375.00")


def test_what_a_later_row_takes_from_the_law_is_said() -> None:
    rows = [*USED, Connection(id="x", first="u", first_role="Unbilled Sales", second="c",
                              second_role="Cost")]  # fmt: skip
    made = confirm_proforma([Detail(original=USED[1])], invoice="i")
    invoice = Invoice(id="i", contract="pc", invoice_status="confirmed",
                      invoice_date=date(2026, 3, 12))  # fmt: skip
    there = after(made, *USED)
    late = [replace(one, started_at=on(3, 4)) if one.quantity == -4 else one for one in there]
    story = told(*late, *rows[2:], *made.connections, invoice)
    (broken,) = [f for f in story.findings if f.code == "LAW701"]

    assert story.law["material", "USD"].open == D("500.00")
    assert ("actuals of a later day", "1") in broken.values


def test_a_corrective_invoice_tells_what_it_opened_again_and_which_credit_it_is() -> None:
    sold = Connection(id="x", first="u", first_role="Unbilled Sales", second="c",
                      second_role="Cost")  # fmt: skip
    confirmed = confirm_proforma([Detail(original=USED[1])], invoice="i")
    there = after(confirmed, *USED)
    (billed,) = [one for one in there if one.transaction_type == "billed-sales"]
    credit = revise_proforma([Correction(original=billed, quantity=D(3))], invoice="i2")
    rows = [*after(credit, *there), sold, *confirmed.connections, *credit.connections,
            Invoice(id="i", invoice_status="confirmed", invoice_date=date(2026, 3, 12)),
            Invoice(id="i2", invoice_status="confirmed", invoice_date=date(2026, 3, 20))]
    first, second = (told(*rows, about=Subject(kind="invoice", id=key, name=key,
                                               environment=ENVIRONMENT))
                     for key in ("i", "i2"))  # fmt: skip
    whole = told(*rows)
    events = {m.key: m.because for m in whole.moments if m.because}

    assert [m.because for m in first.moments if m.because] == ["E12", "E12"]
    assert [m.because for m in second.moments if m.because] == ["E24"] * 5
    assert figures(second) == {"backlog": "125", "invoiced": "-125", "billed": "-125",
                               "margin": "-125"}  # fmt: skip
    for story in (first, second):
        assert {m.key: m.because for m in story.moments if m.because}.items() <= events.items()
    past = told(*rows, about=Subject(kind="invoice", id="i2", name="i2", environment=ENVIRONMENT),
                as_of=date(2026, 3, 25), known_on=AS_OF)  # fmt: skip
    assert [m.because for m in past.moments if m.because] == ["E24"] * 5
