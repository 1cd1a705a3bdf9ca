"""Estimate lines, item forecasts, journal lines and expenses in the timeline of a story."""

import random
from datetime import UTC, date, datetime
from decimal import Decimal

from msgspec.structs import replace
from pytest import MonkeyPatch

from adapter.making.story import make_story
from adapter.making.story_parts import Moment, Story, Subject
from adapter.telling.show_story import story_text
from adapter.telling.story_shape import story_shape
from adapter.values.field_service import PriceList, TimeEntry, Unit, Usage, WorkOrderLine
from adapter.values.finance import ForecastImport, ItemForecast
from adapter.values.forecast_rows import EstimateLine, ProjectJournalLine
from adapter.values.prices import CategoryPrice, Expense, Role, RolePrice
from adapter.values.project_operations import Category, ContractPriceList
from tests.making_given import AS_OF, CRM, ENVIRONMENT, actual, settings, tables

D = Decimal
ORDER = Subject(kind="work-order", id="wo", name="WO-00912", environment=ENVIRONMENT)
LINE = WorkOrderLine(
    id="l", name="Filter", work_order="wo", product="prod", unit="ea", line_status="used",
    estimate_quantity=D(4), quantity=D(4), quantity_to_bill=D(4), unit_price=D("10.00"),
    unit_cost=D("6.00"), currency="usd", price_list="pl",
)  # fmt: skip
USAGE = Usage(
    id="us", line="l", work_order="wo", project="p", product="prod", unit="ea", quantity=D(4),
    quantity_to_bill=D(4), unit_price=D("10.00"), unit_cost=D("6.00"), usage_status="approved",
    used_at=datetime(2026, 3, 9, 15, tzinfo=UTC),
)  # fmt: skip
LIST = PriceList(id="pl", name="Sales 2026", currency="usd", context="sales")
PLAN = {"models": {"USPM": "integrated"}}


def estimate(key: str, side: str, quantity: str = "4", **more: object) -> EstimateLine:
    price = D("6.00") if side == "cost" else D("10.00")
    said = {
        "transaction_type": side, "transaction_class": "material", "quantity": D(quantity),
        "price": price, "amount": D(quantity) * price, "currency": "usd", "unit": "ea",
        "product": "prod", "project": "p", "price_list": "pl", "work_order": "wo", "line": "l",
        "document_date": date(2026, 3, 4),
        "billing_type": None if side == "cost" else "chargeable", **more,
    }  # fmt: skip
    return EstimateLine(id=key, **said)


def journal(key: str, side: str, price: str, **more: object) -> ProjectJournalLine:
    said = {
        "transaction_type": side, "transaction_class": "material", "quantity": D(4),
        "price": D(price), "amount": 4 * D(price), "currency": "usd", "unit": "ea",
        "product": "prod", "project": "p", "price_list": "pl", "work_order": "wo", "line": "l",
        "usage": "us", "contract": "pc", "contract_line": "cl", "is_posted": True,
        "billing_type": None if side == "cost" else "chargeable",
        "document_date": date(2026, 3, 9), "started_at": USAGE.used_at, **more,
    }  # fmt: skip
    return ProjectJournalLine(id=key, **said)


BOTH = (estimate("e1", "cost"), estimate("e2", "unbilled-sales"))
PRICED = (journal("j1", "cost", "6.00"), journal("j2", "unbilled-sales", "10.00"))
FORECAST = ItemForecast(
    id="f", company="USPM", transaction="T-1", project="P-0007", item_number="D0011",
    quantity=D(4), unit="ea", cost_price=D("6.00"), sales_price=D("10.00"), currency="USD",
    start=date(2026, 3, 5), forecast_model="Forecast",
)  # fmt: skip
IMPORT = ForecastImport(id="i", company="USPM", estimate_line="e2", origin="e1",
                        transaction="T-1")  # fmt: skip


def told(*records: object, finance: tuple[object, ...] = (), **more: object) -> Story:
    return make_story(ORDER, tables(*CRM, LIST, *records), settings(), AS_OF,
                      finance=tables(*finance), **more)  # fmt: skip


def stage(story: Story, *names: str) -> list[Moment]:
    return [moment for moment in story.moments if moment.stage in names]


def values(moment: Moment) -> dict[str, str]:
    return {name: str(value) for name, value in moment.values if value is not None}


def test_the_rows_stand_in_the_order_of_their_life() -> None:
    story = told(LINE, USAGE, *BOTH, *PRICED, finance=(FORECAST, IMPORT), **PLAN)

    assert [(m.stage, str(m.day), m.because) for m in story.moments] == [
        ("estimate", "2026-03-04", ""), ("planned", "2026-03-04", "R-050"),
        ("planned", "2026-03-04", "R-050"), ("forecast", "2026-03-05", "domain 7"),
        ("used", "2026-03-09", ""), ("usage", "2026-03-09", ""), ("journal", "2026-03-09", "R-031"),
        ("journal", "2026-03-09", "R-031"),
    ]  # fmt: skip
    assert not any(finding.code.startswith("EXP") for finding in story.findings)


def test_each_says_where_its_price_comes_from_and_adds_to_no_figure() -> None:
    bare, whole = told(LINE, USAGE), told(LINE, USAGE, *BOTH, *PRICED, **PLAN)
    planned, priced = stage(whole, "planned"), stage(whole, "journal")

    assert bare.totals == whole.totals
    assert [m.amount for m in (*planned, *priced)] == [D(24), D(40), D(24), D(40)]
    assert values(planned[0])["price"] == (
        "USD 6.00 per ea: as on the work order line (price list Sales 2026)"
    )
    assert values(priced[1])["price"].startswith("USD 10.00 per ea: as on the work order line")
    assert planned[0].places[:2] == ("WO-00912", "P-0007")


def test_a_row_that_is_not_as_its_line_asks_says_both() -> None:
    other = journal("j2", "unbilled-sales", "9.50")
    story = told(LINE, USAGE, BOTH[0], estimate("e2", "unbilled-sales", "3"), PRICED[0], other,
                 **PLAN)  # fmt: skip
    apart = [m for m in stage(story, "planned", "journal") if m.because == "EXP703"]

    assert [m.key for m in apart] == ["e2", "j2"]
    assert values(apart[0])["quantity expected"] == "4.00, is 3"
    assert values(apart[1])["price"] == "9.50"
    assert values(apart[1])["by our rules"].startswith("USD 10.00 per ea")
    assert values(apart[1])["amount expected"] == "40.00, is 38.00"


def test_a_row_too_many_says_why() -> None:
    story = told(LINE, USAGE, *BOTH, estimate("e9", "cost"), **PLAN)
    (extra,) = [m for m in stage(story, "planned") if m.because == "EXP704"]

    assert values(extra)["why"] == "the line needs no more of them"


def test_a_line_says_which_row_is_missing() -> None:
    story = told(LINE, USAGE, *BOTH[:1], *PRICED[:1], finance=(
        FORECAST, replace(IMPORT, estimate_line="gone", origin=None)), **PLAN)  # fmt: skip
    (planned,), (used,) = stage(story, "estimate"), stage(story, "used")

    assert values(planned)["missing"] == "estimate line (EXP701), item forecast (EXP701)"
    assert values(used)["missing"] == "journal line (EXP701)"


def test_without_a_plan_the_rows_are_told_and_not_judged() -> None:
    story = told(LINE, USAGE, estimate("e2", "unbilled-sales", "3"))
    (planned,) = stage(story, "planned")

    assert (planned.because, planned.what) == ("R-050", "estimate line, sales: 3 ea of Filter")
    assert story.findings == ()


def test_a_forecast_is_told_by_its_import_row_of_the_same_company() -> None:
    far = replace(FORECAST, id="f2", company="GBPM")
    alone = told(LINE, *BOTH, finance=(FORECAST, far))
    known = told(LINE, *BOTH, finance=(FORECAST, far, IMPORT))

    assert stage(alone, "forecast") == []
    assert [m.key for m in stage(known, "forecast")] == ["f"]
    assert stage(known, "forecast")[0].what == "item forecast: 4 ea of D0011"


def test_a_journal_line_that_names_only_its_usage_is_told() -> None:
    loose = journal("j2", "unbilled-sales", "10.00", line=None, work_order=None)

    assert [m.key for m in stage(told(LINE, USAGE, loose), "journal")] == ["j2"]


def test_as_of_leaves_out_what_was_planned_later() -> None:
    records = tables(*CRM, LIST, LINE, USAGE, *BOTH)
    early = make_story(ORDER, records, settings(), date(2026, 3, 3))

    assert early.moments == ()
    assert early.undated == 0


def test_arrival_order_changes_nothing() -> None:
    records = [LINE, USAGE, *BOTH, *PRICED]
    wanted = told(*records, finance=(FORECAST, IMPORT), **PLAN)

    for seed in range(20):
        random.Random(seed).shuffle(records)
        assert told(*records, finance=(IMPORT, FORECAST), **PLAN) == wanted


LABOUR = (
    Role(id="role", name="Technician"), ContractPriceList(id="cpl", contract="pc", price_list="pl"),
    RolePrice(id="rp", price_list="pl", role="role", price=D("90.00"), unit="h"),
    Unit(id="h", name="hour"), Category(id="travel", name="Travel"),
    CategoryPrice(id="cp", price_list="pl", category="travel", unit="ea", price=D("7.15")),
    replace(next(r for r in CRM if r.id == "cl"), includes_time=True, includes_expense=True),
)  # fmt: skip
TOLL = Expense(
    id="x", name="Toll road", work_order="wo", project="p", category="travel", unit="ea",
    quantity=D(1), unit_cost=D("6.50"), amount=D("6.50"), currency="usd", day=date(2026, 3, 9),
    expense_status="submitted",
)  # fmt: skip


def test_an_expense_is_pending_until_its_actuals_tell_it() -> None:
    sale = actual("u", "unbilled-sales", "1", "7.15", transaction_class="expense",
                  document_date=TOLL.day)  # fmt: skip
    approved = replace(TOLL, expense_status="approved")
    waiting, missing, whole = (told(*LABOUR, *rows) for rows in (
        [TOLL], [approved], [approved, sale]))  # fmt: skip
    (one,), (other,) = stage(waiting, "expense"), stage(whole, "expense")

    assert (one.what, one.amount, waiting.totals["USD"].pending) == (
        "Toll road, submitted", D("7.15"), D("7.15"),
    )  # fmt: skip
    assert values(one)["cost of one"].endswith("as entered by a person")
    assert (missing.totals["USD"].pending, missing.totals["USD"].used) == (0, D("7.15"))
    assert (other.amount, whole.totals["USD"].pending) == (None, 0)
    assert whole.totals["USD"].used == D("7.15")


def test_an_expense_without_a_price_is_worth_nothing_and_says_so() -> None:
    story = told(*LABOUR, replace(TOLL, category="parking"), Category(id="parking", name="Parking"))

    assert stage(story, "expense")[0].amount == 0
    assert [finding.code for finding in story.findings] == ["PRC702"]


def test_time_says_its_role() -> None:
    entry = TimeEntry(id="t", work_order="wo", project="p", day=date(2026, 3, 9), duration=60,
                      role="role", entry_status="submitted")  # fmt: skip

    assert [m.what for m in stage(told(*LABOUR, entry), "labour")] == [
        "1 hour of Technician, submitted",
    ]  # fmt: skip


def test_views_name_the_record_that_a_finding_is_about() -> None:
    story = told(LINE, USAGE, BOTH[0], estimate("e2", "unbilled-sales", "3"), **PLAN)
    shape = story_shape(story)
    text = " ".join(story_text(shape, 80, False, False).split())

    (found,) = [f for f in shape["findings"] if f["code"] == "EXP703"]
    assert found["about"] == [{"name": "estimate e2", "key": "e2"}, {"name": "Filter", "key": "l"}]
    assert "EXP703 estimate e2, Filter: this estimate line differs in quantity, amount" in text
    assert "EXP703 not as the line asks" in text
    assert max(map(len, story_text(shape, 80, False, False).splitlines())) <= 80


def test_rows_found_in_one_look_are_those_found_one_by_one(monkeypatch: MonkeyPatch) -> None:
    strange = (estimate("e3", "cost", line="other", work_order="other"),
               journal("j3", "cost", "6.00", line=None, work_order=None),
               journal("j4", "cost", "6.00", line=None, work_order="other", usage="other"))
    records, finance = (LINE, USAGE, *BOTH, *PRICED, *strange), (FORECAST, IMPORT)
    one_by_one = told(*records, finance=finance, **PLAN)
    monkeypatch.setattr("adapter.making.story_rows.SCAN_FROM", 0)

    assert told(*records, finance=finance, **PLAN) == one_by_one
    found = stage(one_by_one, "planned", "forecast", "journal")
    assert {moment.key for moment in found} == {"e1", "e2", "f", "j1", "j2", "j3"}


def test_a_part_of_a_life_gives_no_margin() -> None:
    shape = story_shape(replace(told(LINE, USAGE), subject=replace(ORDER, kind="voucher")))

    assert shape["part"] is True
    assert {shape["totals"]["USD"][name] for name in ("used", "margin", "margin_earned")} == {None}
    assert {"name": "backlog", "label": "unbilled sales",
            "means": "chargeable sales, posted before they were billed"} in shape["figures"]
    assert "no margin is given" in " ".join(story_text(shape, 80, False, False).split())
