"""Cost and unbilled sales beside what was approved: quantity, price, amount, missing, too many."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from msgspec.structs import replace

from adapter.making.confirm import Detail, confirm_proforma
from adapter.making.reverse import reverse_approval
from adapter.making.story import make_story
from adapter.making.story_parts import Story, Subject
from adapter.values.actuals import Actual, Approval, Connection
from adapter.values.field_service import Usage
from adapter.values.forecast_rows import ProjectJournalLine
from tests.making_given import AS_OF, CRM, ENVIRONMENT, actual, settings, tables
from tests.test_story import after

D = Decimal
ORDER = Subject(kind="work-order", id="wo", name="WO-00912", environment=ENVIRONMENT)
USAGE = Usage(
    id="us", line="l", work_order="wo", project="p", product="prod", unit="ea", quantity=D(4),
    quantity_to_bill=D(4), unit_cost=D("80.00"), usage_status="approved",
    used_at=datetime(2026, 3, 9, 15, tzinfo=UTC),
)  # fmt: skip
APPROVAL = Approval(id="ap", usage="us", stage="approved", quantity=D(4), billable_quantity=D(4))
SOLD = Connection(id="x", first="u", first_role="Unbilled Sales", second="c", second_role="Cost")


def cost(quantity: str = "4", price: str = "80.00", key: str = "c", **more: object) -> Actual:
    return actual(key, "cost", quantity, price, usage="us", work_order="wo", origin="usage", **more)


def sale(quantity: str = "4", price: str = "125.00", key: str = "u", **more: object) -> Actual:
    return actual(key, "unbilled-sales", quantity, price, usage="us", work_order="wo",
                  origin="usage", **more)  # fmt: skip


def journal(side: str, price: str) -> ProjectJournalLine:
    return ProjectJournalLine(
        id=f"j-{side}", usage="us", work_order="wo", transaction_type=side, quantity=D(4),
        price=D(price), amount=4 * D(price), is_posted=True,
        billing_type=None if side == "cost" else "chargeable",
    )  # fmt: skip


def told(*records: object, **more: object) -> Story:
    return make_story(ORDER, tables(*CRM, *records), settings(), AS_OF, **more)


def found(story: Story) -> list[tuple[str, str, str, dict[str, str]]]:
    return [(f.code, f.level, f.record, {n: v for n, v in f.values if n not in ("line", "rules")})
            for f in story.findings if f.code.startswith("EXP")]  # fmt: skip


def test_what_was_approved_is_there_and_nothing_is_said() -> None:
    rows = (USAGE, APPROVAL, SOLD, cost(), sale())

    assert found(told(*rows)) == []
    assert found(told(*rows, journal("cost", "80.00"), journal("unbilled-sales", "125.00"))) == []


def test_a_cost_of_more_than_was_approved() -> None:
    story = told(USAGE, APPROVAL, SOLD, cost("40"), sale())
    (moment,) = [m for m in story.moments if m.key == "c"]

    assert found(story) == [("EXP703", "error", "c", {
        "quantity": "expected 4, is 40", "amount": "expected 320.00, is 3200.00"})]  # fmt: skip
    assert ("quantity expected", "4, is 40") in moment.values
    assert {m.because for m in story.moments if m.key in "cu"} == {"E3"}  # not: billed as used


def test_sales_of_more_than_was_approved() -> None:
    story = told(USAGE, APPROVAL, SOLD, cost(), sale("40"))

    assert found(story) == [("EXP703", "error", "u", {
        "quantity": "expected 4, is 40", "amount": "expected 500.00, is 5000.00"})]  # fmt: skip


@pytest.mark.parametrize("row, level, said", [
    (sale(price="130.00"), "error", {"price": "expected 125.00, is 130.00",
                                     "amount": "expected 500.00, is 520.00"}),
    (sale(amount=D("510.00")), "error", {"amount": "expected 500.00, is 510.00"}),
    (sale(unit="box"), "error", {"unit": "expected ea, is box"}),
])  # fmt: skip
def test_the_price_is_that_of_the_journal_line(row: Actual, level: str, said: dict) -> None:
    rows = (USAGE, APPROVAL, SOLD, cost(unit=row.unit), journal("unbilled-sales", "125.00"))
    here = [one for one in found(told(*rows, row)) if one[2] == "u"]

    assert here == [("EXP703", level, "u", said)]


def test_a_cost_may_have_its_own_price_and_that_is_a_warning() -> None:
    story = told(USAGE, APPROVAL, SOLD, cost(price="82.00"), sale())

    assert found(story) == [("EXP703", "warning", "c", {
        "price": "expected 80.00, is 82.00", "amount": "expected 320.00, is 328.00"})]  # fmt: skip


def test_approved_and_no_actual_came_of_it() -> None:
    other = actual("o", "cost", "1", "1.00", usage="us-2", work_order="wo", origin="usage")
    story = told(USAGE, APPROVAL, other)
    (moment,) = [m for m in story.moments if m.key == "us"]

    assert found(story) == [("EXP701", "error", "us", {})] * 2
    assert ("missing", "cost (EXP701), unbilled sales (EXP701)") in moment.values
    assert found(told(USAGE, APPROVAL, SOLD, other, cost())) == [("EXP701", "error", "us", {})]


def test_a_fixed_price_line_has_cost_only() -> None:
    lines = [replace(one, billing_method="fixed-price") if one.id == "cl" else one for one in CRM]
    story = make_story(ORDER, tables(*lines, USAGE, APPROVAL, SOLD, cost(), sale()), settings(),
                       AS_OF)  # fmt: skip

    assert found(story) == [("EXP702", "error", "u", {})]


def test_less_is_billed_than_used_and_the_rest_is_missing() -> None:
    asked = replace(APPROVAL, billable_quantity=D(3))
    rest = sale("1", key="n", billing_type="non-chargeable")
    both = Connection(id="y", first="n", first_role="Unbilled Sales", second="c",
                      second_role="Cost")  # fmt: skip
    rows = (USAGE, asked, SOLD, cost(), sale("3"))

    assert found(told(*rows, rest, both)) == []
    assert found(told(*rows, replace(rest, usage=None), both)) == []  # a gap of the vendor
    assert found(told(*rows)) == [("EXP701", "warning", "us", {})]


def test_the_same_cost_twice() -> None:
    story = told(USAGE, APPROVAL, SOLD, cost(), sale(), cost(key="c2"))

    assert [one[:3] for one in found(story)] == [("EXP704", "error", "c2")]


def test_what_happened_to_it_since_is_no_difference() -> None:
    rows = [cost(), sale()]
    billed = after(confirm_proforma([Detail(original=rows[1])], invoice="i"), *rows)
    less = after(confirm_proforma([Detail(original=rows[1], quantity=D(3))], invoice="i"), *rows)
    made = reverse_approval(rows, event="ap")
    back = after(made, *rows)
    recalled = replace(USAGE, usage_status="rejected"), replace(APPROVAL, stage="rejected")
    anew = (cost(key="c2"), sale(key="u2"),
            Connection(id="z", first="u2", first_role="Unbilled Sales", second="c2",
                       second_role="Cost"))  # fmt: skip

    assert found(told(USAGE, APPROVAL, SOLD, *billed)) == []
    assert found(told(USAGE, APPROVAL, SOLD, *less)) == []
    assert found(told(*recalled, SOLD, *back, *made.connections)) == []
    assert found(told(USAGE, APPROVAL, SOLD, *back, *made.connections, *anew)) == []


def test_an_approval_that_was_cancelled_leaves_nothing_standing() -> None:
    usage, approval = (replace(USAGE, usage_status="submitted"),
                       replace(APPROVAL, stage="submitted"))  # fmt: skip
    story = told(usage, approval, SOLD, cost(), sale())

    assert [one[:3] for one in found(story)] == [
        ("EXP702", "error", "c"), ("EXP702", "error", "u")]  # fmt: skip
    assert found(told(USAGE, approval, SOLD, cost("40"), sale())) == []  # they contradict


def test_a_very_large_story_compares_only_with_all(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = (USAGE, APPROVAL, SOLD, cost("40"), sale())
    monkeypatch.setattr("adapter.making.story.ACTUALS_MAX", 1)
    brief = told(*rows, whole=False)

    assert [one[:2] for one in found(brief)] == [("EXP705", "note")]
    assert "1 usage logs were not compared" in brief.findings[0].message
    assert [one[0] for one in found(told(*rows))] == ["EXP703"]


def test_of_an_earlier_day_nothing_is_compared() -> None:
    story = make_story(ORDER, tables(*CRM, USAGE, APPROVAL, SOLD, cost("40"), sale()), settings(),
                       date(2026, 3, 20), known_on=AS_OF)  # fmt: skip

    assert found(story) == []
