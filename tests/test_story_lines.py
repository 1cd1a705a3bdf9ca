"""What a story finds of work order lines: invoices, discounts, prices, and stock of usage."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from msgspec.structs import replace

from adapter.making import story as story_module
from adapter.making.reverse import Correction, revise_proforma
from adapter.making.story import make_story
from adapter.making.story_parts import Story
from adapter.reading.settings import EnvironmentSetting
from adapter.telling.story_shape import story_shape
from adapter.values.actuals import Actual
from adapter.values.field_service import (
    PriceList,
    PriceListItem,
    Product,
    ProductInventory,
    Unit,
    Warehouse,
)
from adapter.values.finance import OnHand
from adapter.values.finding import Finding
from adapter.values.prices import UnitPriceList
from adapter.values.project_operations import ContractPriceList
from tests.making_given import AS_OF, CRM, ENVIRONMENT, actual, settings, tables
from tests.test_story_planned import BOTH, LINE, LIST, ORDER, PLAN, PRICED, USAGE

D = Decimal
COSTED = actual("a1", "cost", "4", "6.00", work_order="wo", usage="us")
SOLD = actual("a2", "unbilled-sales", "4", "10.00", work_order="wo", usage="us")
POSTED = replace(SOLD, billing_status="customer-invoice-posted", invoice="inv")
BILLED = replace(POSTED, id="a3", transaction_type="billed-sales")
UNUSED = replace(LINE, line_status="estimated")


def judged(
    *records: object, model: str = "integrated", options: dict[str, object] | None = None,
    finance: tuple[object, ...] = (), whole: bool = True, **here: object,
) -> Story:  # fmt: skip
    said = replace(settings(), options=options or {}, environments={
        ENVIRONMENT: EnvironmentSetting(name=ENVIRONMENT, finance="finance", **here)})
    models = {"USPM": model} if model else {}
    return make_story(ORDER, tables(*CRM, LIST, *records), said, AS_OF, finance=tables(*finance),
                      models=models, whole=whole)  # fmt: skip


def of(story: Story, *codes: str) -> list[Finding]:
    return [f for f in story.findings if f.code.startswith(codes)]


def said(found: list[Finding]) -> list[tuple[str, str, str]]:
    return [(f.code, f.level, f.record) for f in found]


@pytest.mark.parametrize("line", [
    UNUSED, replace(LINE, quantity=D(6), quantity_to_bill=D(6)),
], ids=["un-used", "edited"])  # fmt: skip
@pytest.mark.parametrize(("actuals", "where"), [
    ((replace(SOLD, billing_status="customer-invoice-created", invoice="inv"),), "a draft invoice"),
    ((POSTED, BILLED), "a confirmed invoice"),
], ids=["draft", "confirmed"])  # fmt: skip
def test_r157_what_is_on_an_invoice_is_not_taken_back(line, actuals, where) -> None:
    (found,) = of(judged(line, USAGE, COSTED, *actuals), "USG")

    assert (found.code, found.level, found.record) == ("USG706", "error", "us")
    assert found.message.endswith(f"its usage is on {where}")


def test_e23_what_was_credited_in_full_may_be_taken_back() -> None:
    credit = revise_proforma([Correction(original=BILLED)], invoice="credit")
    changed = replace(BILLED, adjustment_status="adjusted")
    part = revise_proforma([Correction(original=BILLED, quantity=D(1))], invoice="credit")

    assert of(judged(UNUSED, USAGE, COSTED, POSTED, changed, *credit.actuals), "USG") == []
    assert said(of(judged(UNUSED, USAGE, COSTED, POSTED, changed, *part.actuals), "USG")) == [
        ("USG706", "error", "us")]  # fmt: skip


def test_what_the_project_does_not_carry_is_told() -> None:
    line = replace(LINE, estimate_discount_percent=D(50), additional_cost=D(25))
    story = judged(line, USAGE, *BOTH, *PRICED)

    assert said(of(story, "EST", "USG")) == [
        ("EST702", "warning", "l"), ("USG707", "warning", "l")]  # fmt: skip
    (first, second) = story_shape(story)["findings"]
    assert [first["about"][0]["name"], second["about"][0]["name"]] == ["Filter", "Filter"]


LISTED = PriceListItem(id="row", price_list="pl", product="prod", unit="ea", amount=D("10.00"))
HERE = ContractPriceList(id="here", contract="pc", price_list="pl")
OTHER = PriceList(id="pl2", name="Sales too", currency="usd", context="sales")
BY_LIST = {"calculate_price_in_field_service": False}


def test_r069_a_price_in_another_unit_is_named() -> None:
    row = replace(LISTED, unit="box")
    story = judged(LINE, USAGE, Unit(id="box", name="box"), row, HERE, options=BY_LIST)

    (found,) = of(story, "PRC")
    assert (found.code, found.level, found.record) == ("PRC703", "warning", "l")
    assert found.message == "Sales 2026 prices Filter in box, not in ea"


def test_r071_sales_lists_that_overlap_are_an_error_of_material_too() -> None:
    more = (OTHER, replace(LISTED, id="row2", price_list="pl2"), LISTED, HERE,
            replace(HERE, id="there", price_list="pl2"))  # fmt: skip

    assert said(of(judged(LINE, USAGE, *more, options=BY_LIST), "PRC")) == [
        ("PRC704", "error", "l")]  # fmt: skip


def test_r031_what_is_not_sold_needs_no_sales_price() -> None:
    fixed = tuple(replace(one, billing_method="fixed-price") if one.id == "cl" else one
                  for one in CRM)  # fmt: skip
    line = replace(LINE, estimate_quantity=None)
    story = make_story(ORDER, tables(*fixed, LIST, line, USAGE),
                       replace(settings(), options=BY_LIST), AS_OF, **PLAN)  # fmt: skip

    assert of(story, "PRC") == []
    assert said(of(judged(line, USAGE, options=BY_LIST), "PRC")) == [("PRC701", "warning", "l")]


def test_r072_an_estimate_is_priced_by_its_own_day() -> None:
    old = replace(LIST, finish=date(2026, 3, 8))
    new = replace(OTHER, start=date(2026, 3, 9))
    rows = (old, new, LISTED, replace(LISTED, id="row2", price_list="pl2", amount=D("12.50")),
            HERE, replace(HERE, id="there", price_list="pl2"))  # fmt: skip
    story = judged(LINE, USAGE, *BOTH, *PRICED, *rows, options=BY_LIST)  # planned on the 4th
    planned = {m.key: dict(m.values) for m in story.moments if m.stage == "planned"}

    found, usage = of(story, "EXP")
    assert said([found, usage]) == [("EXP703", "error", "j2"), ("EXP703", "error", "us")]
    assert dict(found.values)["price_list"] == "expected Sales too, is Sales 2026"
    assert dict(found.values)["price"] == "expected 12.50, is 10.00"
    assert planned["e2"]["price"] == "USD 10.00 per ea: price list Sales 2026 of the contract"


def test_lists_of_one_name_are_told_apart_by_their_keys() -> None:
    same = replace(LIST, id="0226fa70-8eb5", finish=date(2026, 3, 8))
    rows = (same, replace(LISTED, price_list=same.id), replace(HERE, price_list=same.id))
    story = judged(replace(LINE, line_status="estimated"), *BOTH, *rows, options=BY_LIST)

    (found,) = of(story, "EXP")
    assert (found.record, dict(found.values)["price_list"]) == (
        "e2", "expected Sales 2026 (0226fa70), is Sales 2026 (pl)")  # fmt: skip


def test_r067_amounts_are_made_of_the_price_that_is_told() -> None:
    old, new = replace(LIST, finish=date(2026, 3, 8)), replace(OTHER, start=date(2026, 3, 9))
    rows = (old, new, LISTED, replace(LISTED, id="row2", price_list="pl2", amount=D("8.80")),
            HERE, replace(HERE, id="there", price_list="pl2"), *BOTH)  # fmt: skip
    line = replace(LINE, unit_price=D("7.35"))
    story = judged(line, USAGE, *rows, options=BY_LIST)
    used, planned = (next(m for m in story.moments if m.stage == s) for s in ("used", "estimate"))

    assert (used.amount, planned.amount) == (D("35.20"), D("40.00"))
    assert dict(used.values)["price"] == "USD 8.80 per ea: price list Sales too of the contract"
    assert dict(planned.values)["price"] == (
        "USD 10.00 per ea: price list Sales 2026 of the contract")  # fmt: skip
    assert dict(planned.values)["cost of one"].startswith("USD 6.00 per ea: as on the work order")
    assert dict(planned.values)["cost"] == D("24.00")
    figures = story.totals["USD"]
    assert (figures.used, figures.estimate, figures.estimate_cost) == (D("35.20"), D(40), D(24))


def test_r076_the_minimum_charge_is_in_what_was_used() -> None:
    line = replace(LINE, calculated_unit_price=D("12.50"), unit_price=D("10.00"))

    assert judged(line, USAGE).totals["USD"].used == D("50.00")


def test_r068_without_a_price_nothing_is_worth_anything_and_says_so() -> None:
    story = judged(LINE, USAGE, HERE, options=BY_LIST)
    used = next(m for m in story.moments if m.stage == "used")

    assert used.amount == 0 and story.totals["USD"].used == 0
    assert dict(used.values)["price"] == (
        "USD 0 per ea: no sales price, Sales 2026 has no price of Filter")  # fmt: skip


def test_a_line_that_names_no_product_has_its_own_price() -> None:
    assert judged(replace(LINE, product=None), USAGE).totals["USD"].used == D("40.00")


def test_r063_an_estimated_discount_takes_nothing_off_the_estimate() -> None:
    line = replace(LINE, estimate_discount_percent=D(50))

    assert judged(line, USAGE).totals["USD"].estimate == D("40.00")


COSTS = PriceList(id="pc", name="Costs", currency="gbp", context="cost")
IN_POUNDS = (COSTS, replace(LISTED, id="row3", price_list="pc", amount=D("3.00")),
             UnitPriceList(id="u", contracting_unit="unit", price_list="pc"))  # fmt: skip


def test_cost_of_another_currency_is_told_apart() -> None:
    crm = tuple(replace(one, contracting_unit="unit") if one.id == "p" else one for one in CRM)
    given = replace(settings(), options={"calculate_cost_in_field_service": False})
    story = make_story(ORDER, tables(*crm, LIST, LINE, USAGE, *BOTH, *IN_POUNDS), given, AS_OF)

    assert [(m.type, m.currency, m.amount) for m in story.moments if m.stage == "estimate"] == [
        ("estimate", "USD", D("40.00")), ("estimate cost", "GBP", D("12.00"))]  # fmt: skip
    assert (story.totals["USD"].estimate, story.totals["USD"].estimate_cost) == (D(40), 0)
    assert (story.totals["GBP"].estimate, story.totals["GBP"].estimate_cost) == (0, D(12))


@pytest.mark.parametrize("options", [
    {}, BY_LIST, {"calculate_cost_in_field_service": False},
    {**BY_LIST, "calculate_cost_in_field_service": False},
], ids=["by the line", "sale by list", "cost by list", "both by list"])  # fmt: skip
@pytest.mark.parametrize("unit_price", [None, D("7.35")])
def test_a_large_story_sums_the_same(
    monkeypatch: pytest.MonkeyPatch, options: dict[str, object], unit_price: Decimal | None
) -> None:
    monkeypatch.setattr(story_module, "ACTUALS_MAX", 0)
    crm = tuple(replace(one, contracting_unit="unit") if one.id == "p" else one for one in CRM)
    old, new = replace(LIST, finish=date(2026, 3, 8)), replace(OTHER, start=date(2026, 3, 9))
    line = replace(LINE, unit_price=unit_price, estimate_discount_percent=D(50),
                   discount_percent=D(10), quantity_to_bill=D(3))  # fmt: skip
    rows = tables(*crm, old, new, LISTED, HERE, replace(HERE, id="there", price_list="pl2"),
                  replace(LISTED, id="row2", price_list="pl2", amount=D("8.80")), line, USAGE,
                  *BOTH, COSTED, SOLD, *IN_POUNDS)  # fmt: skip
    said = replace(settings(), options=options)
    large, small = (make_story(ORDER, rows, said, AS_OF, whole=w) for w in (False, True))

    assert large.totals == small.totals and large.totals["USD"].estimate
    assert [(m.stage, m.day, m.type, m.currency, m.amount) for m in large.moments
            if m.stage in ("estimate", "used")] == [
        (m.stage, m.day, m.type, m.currency, m.amount) for m in small.moments
        if m.stage in ("estimate", "used")]  # fmt: skip


STOCKED = Product(id="prod", number="D0011", item_number="D0011", name="Filter",
                  product_type="inventory", is_stocked=True)  # fmt: skip
WH = Warehouse(id="wh", number="11")
PENDING = replace(USAGE, usage_status="submitted", warehouse="wh")
EARLIER = replace(PENDING, id="us0", line=None, work_order="wo9", quantity=D(3),
                  used_at=datetime(2026, 3, 8, 9, tzinfo=UTC))  # fmt: skip


def stock(quantity: str) -> ProductInventory:
    return ProductInventory(id="inv", product="prod", warehouse="wh",
                            quantity_available=D(quantity))  # fmt: skip


@pytest.mark.parametrize(
    ("usage", "available", "policy", "found"),
    [
        (PENDING, "3", "restrict", ("error", "approve")),
        (replace(PENDING, usage_status="draft"), "0", "restrict", ("error", "submit")),
        (replace(PENDING, usage_status=None), "0", "restrict", ("error", "submit")),
        (PENDING, "0", "confirm", ("warning", "approve")),
        (PENDING, "4", "restrict", None),
        (replace(PENDING, usage_status="approved"), "0", "restrict", None),
        (replace(PENDING, usage_status="recalled"), "0", "restrict", None),
    ],
    ids=["short", "draft", "no status", "confirm", "enough", "approved", "recalled"],
)  # fmt: skip
def test_r092_stock_is_asked_before_submitting_and_approving(
    usage, available, policy, found
) -> None:
    line = replace(LINE, warehouse="wh")
    story = judged(line, usage, WH, STOCKED, stock(available), model="core", stock_policy=policy)

    assert [(f.level, dict(f.values)["moment"]) for f in of(story, "USG711")] == [found] * bool(
        found)  # fmt: skip
    assert all(("line", "l") in f.values and f.record == "us" for f in of(story, "USG711"))


def test_other_usage_that_waits_takes_its_part_first() -> None:
    line = replace(LINE, warehouse="wh")
    rows = (line, PENDING, WH, STOCKED)

    assert of(judged(*rows, stock("6"), model="core"), "USG") == []
    (short,) = of(judged(*rows, EARLIER, stock("6"), model="core"), "USG")
    assert (short.code, short.record, dict(short.values)["available"]) == ("USG711", "us", "3")
    assert of(judged(*rows, replace(EARLIER, usage_status="draft"), stock("6"), model="core"),
              "USG") == []  # fmt: skip
    assert of(judged(*rows, replace(EARLIER, project="p-gb"), stock("6"), model="core"),
              "USG") == []  # fmt: skip


def test_r106_r108_finance_must_have_it_beside_what_is_reserved() -> None:
    line = replace(LINE, warehouse="wh")
    kept = actual("a9", "cost", "3", "6.00", product="prod", warehouse="wh")
    hand = OnHand(id="oh", company="USPM", item_number="D0011", warehouse="11", site="",
                  available=D(6))  # fmt: skip
    rows = (line, PENDING, WH, STOCKED)

    def found(*more: Actual, threshold: int = 10) -> list[str]:
        story = judged(*rows, *more, finance=(hand,), background_approval_threshold=threshold)
        return [f.code for f in of(story, "USG")]

    assert found() == []
    assert found(kept) == ["USG711"]
    assert found(replace(kept, voucher="V1")) == []
    assert found(threshold=0) == ["USG714"]


def test_without_a_plan_or_in_the_past_no_line_is_looked_at() -> None:
    line = replace(LINE, estimate_discount_percent=D(50))

    assert [f.code for f in judged(line, USAGE).findings] == ["EST702"]
    assert judged(line, USAGE, model="").findings == ()
    past = make_story(ORDER, tables(*CRM, LIST, line, USAGE), settings(), date(2026, 3, 30),
                      known_on=AS_OF, **PLAN)  # fmt: skip
    assert past.findings == ()


def test_a_large_story_looks_at_lines_only_when_the_whole_is_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(story_module, "ACTUALS_MAX", 0)
    rows = (replace(LINE, estimate_discount_percent=D(50)), USAGE, COSTED)

    assert [f.code for f in judged(*rows, whole=False).findings if f.code != "LAW704"] == ["EXP705"]
    assert "EST702" in {f.code for f in judged(*rows).findings}
