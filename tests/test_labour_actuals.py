"""Labour beside its actuals: what is pending, what is used, what is missing, what stands twice."""

from datetime import date
from typing import Any

import pytest
from msgspec.structs import replace

from adapter.making.labour_matched import entry_of, matched
from adapter.making.links import Links
from adapter.making.story import make_story
from adapter.making.story_parts import Story
from adapter.values.actuals import Actual, Connection, TransactionOrigin
from adapter.values.field_service import PriceList, TimeEntry, Unit, Usage, WorkOrderLine
from adapter.values.prices import Expense, Role, RolePrice
from adapter.values.project_operations import ContractPriceList
from tests.making_given import AS_OF, CRM, actual, on, settings, tables
from tests.test_story import ORDER, D, figures, told

DAY = date(2026, 3, 10)
PRICES = (
    Role(id="role", name="Technician"), PriceList(id="pl", name="Sales", currency="usd"),
    ContractPriceList(id="cpl", contract="pc", price_list="pl"),
    RolePrice(id="rp", price_list="pl", role="role", price=D("90.00"), unit="h"),
    Unit(id="h", name="hour"),
    replace(next(r for r in CRM if r.id == "cl"), includes_time=True),
)  # fmt: skip


def entry(key: str = "e", **more: Any) -> TimeEntry:
    said = {"work_order": "wo", "project": "p", "day": DAY, "duration": 90, "resource": "res",
            "role": "role", "entry_status": "approved", **more}  # fmt: skip
    return TimeEntry(id=key, **said)


def hour(key: str, kind: str, quantity: str = "1.50", **more: Any) -> Actual:
    price = "48.00" if kind == "cost" else "90.00"
    said = {"transaction_class": "time", "origin": "time", "resource": "res", **more}
    return actual(key, kind, quantity, price, **said)


LIVE = (hour("c", "cost"), hour("u", "unbilled-sales"),
        Connection(id="x", first="c", first_role="Cost", second="u",
                   second_role="Unbilled Sales"))  # fmt: skip


def story_of(*records: object, **more: Any) -> Story:
    return told(*PRICES, *records, **more)


def labour(story: Story) -> dict[str, str]:
    return {name: text for name, text in figures(story).items()
            if name in ("used", "pending", "backlog")}  # fmt: skip


def found(story: Story) -> list[tuple[str, str]]:
    return sorted((f.code, f.record) for f in story.findings if f.code.startswith("LAB"))


@pytest.mark.parametrize(
    "status, says",
    [("recall-requested", []), ("returned", [("LAB707", "e")]), ("submitted", [("LAB707", "e")])],
)
def test_live_actuals_are_used_and_nothing_is_pending(
    status: str, says: list[tuple[str, str]]
) -> None:
    story = story_of(entry(entry_status=status), *LIVE)

    assert labour(story) == {"used": "135", "backlog": "135"}
    assert found(story) == says


def test_labour_that_was_taken_back_is_pending_and_not_used() -> None:
    canceled = {"billing_status": "canceled", "adjustment_status": "adjusted"}
    back = [replace(one, **canceled) for one in LIVE[:2]]
    turned = {"quantity": D("-1.50"), "adjustment_status": "unadjustable"}
    reversals = [replace(one, id=f"{one.id}r", amount=-one.amount, **turned) for one in back]
    links = [Connection(id=f"{one.id}x", first=f"{one.id}r", first_role="Reversing",
                        second=one.id, second_role="Original") for one in back]  # fmt: skip

    story = story_of(entry(entry_status="submitted"), *back, *reversals, *links, LIVE[2])

    assert labour(story) == {"pending": "135"}
    assert found(story) == []


def test_approved_labour_without_actuals_is_used_and_told() -> None:
    story = story_of(entry())

    assert labour(story) == {"used": "135"}
    (missing,) = [f for f in story.findings if f.code == "LAB705"]
    assert (missing.record, missing.level) == ("e", "error")
    assert missing.message == (
        "the time entry is approved, and actuals are missing: cost, unbilled sales")
    assert ("sales", "135.00") in missing.values


def test_approved_labour_with_a_cost_only_is_used_and_told() -> None:
    story = story_of(entry(), LIVE[0])

    assert labour(story) == {"used": "135"}
    assert found(story) == [("LAB705", "e")]


@pytest.mark.parametrize("more", [{"quantity": "2.00"}, {"work_order": None}])
def test_other_quantities_and_actuals_without_work_order_are_not_missing(
    more: dict[str, Any]
) -> None:
    """An approver may change the hours; a project may not name its work order."""
    story = story_of(entry(), hour("c", "cost", **more), hour("u", "unbilled-sales", **more))

    assert found(story) == []
    assert labour(story)["used"] == ("180" if "quantity" in more else "135")


@pytest.mark.parametrize(
    "more, is_missing",
    [({"resource": None}, False), ({"resource": "other"}, True),
     ({"work_order": None, "project": "other"}, True), ({"work_order": "other"}, True),
     ({"document_date": date(2026, 3, 11)}, True)],
)
def test_what_is_not_said_is_no_difference_and_what_is_said_is_one(
    more: dict[str, Any], is_missing: bool
) -> None:
    """A story of the order and a move of the company match labour by the same function."""
    cost = hour("c", "cost", **{"document_date": DAY, **more})
    records = tables(*CRM, *PRICES, entry(), cost)
    days = {"c": cost.document_date}

    made = matched([entry_of(entry(), records)], [cost], records, Links(), lambda a: days[a.id])
    story = story_of(entry(), cost, hour("u", "unbilled-sales", document_date=DAY))

    assert ("e" in made) is not is_missing
    assert (found(story) == [("LAB705", "e")]) is is_missing


def test_an_actual_without_work_order_answers_for_one_entry() -> None:
    story = story_of(entry(), entry("e2", task="t"), hour("c", "cost", work_order=None),
                     hour("u", "unbilled-sales", work_order=None))  # fmt: skip

    assert found(story) == [("LAB705", "e2")]


def test_expenses_have_the_actual_of_their_amount() -> None:
    def toll(key: str, cost: str, status: str) -> Expense:
        return Expense(id=key, name=key, work_order="wo", project="p", day=DAY, quantity=D(1),
                       unit_cost=D(cost), amount=D(cost), expense_status=status)  # fmt: skip

    cost = actual("c", "cost", "1", "25.00", transaction_class="expense", origin="expense")
    story = story_of(toll("t1", "18.00", "approved"), toll("t2", "25.00", "returned"), cost)

    assert found(story) == [("LAB705", "t1"), ("LAB707", "t2")]


def test_an_actual_that_names_another_entry_answers_for_no_other() -> None:
    named = TransactionOrigin(id="o", origin="gone", origin_type="time", transaction="c")
    story = story_of(entry(), *LIVE, named)

    assert found(story) == [("LAB705", "e")]


def test_sales_that_payers_share_belong_to_their_cost() -> None:
    shares = [hour(key, "unbilled-sales", quantity) for key, quantity in (("a", "1"), ("b", "0.5"))]
    links = [Connection(id=f"x{s.id}", first="c", first_role="Cost", second=s.id,
                        second_role="Unbilled Sales") for s in shares]  # fmt: skip

    story = story_of(entry(), LIVE[0], *shares, *links)

    assert (found(story), labour(story)["used"]) == ([], "135")


def test_origins_say_it_where_they_were_exported() -> None:
    """Both entries are alike; the actuals are those of the later one, which was returned."""
    origins = [TransactionOrigin(id=f"o{n}", origin="e2", origin_type="time", transaction=key)
               for n, key in enumerate("cu")]  # fmt: skip
    story = story_of(entry(), entry("e2", entry_status="returned"), *LIVE, *origins)

    assert found(story) == [("LAB705", "e"), ("LAB707", "e2")]


def test_what_is_alike_is_suspected_and_never_merged() -> None:
    twice = story_of(entry(), entry("e2"), *LIVE)
    pending = story_of(entry(entry_status="submitted"), entry("e2", entry_status="submitted"))
    apart = story_of(entry(entry_status="submitted"),
                     entry("e2", entry_status="submitted", duration=60))  # fmt: skip

    assert found(twice) == [("LAB705", "e2"), ("LAB706", "e")]
    assert labour(twice)["used"] == "270"
    assert (found(pending), labour(pending)) == ([("LAB706", "e")], {"pending": "270"})
    assert found(apart) == []


def test_expenses_and_used_lines_may_be_entered_twice_too() -> None:
    toll = [Expense(id=key, name="Toll", work_order="wo", project="p", day=DAY, quantity=D(1),
                    unit_cost=D(18), expense_status="draft") for key in ("t1", "t2")]  # fmt: skip
    line = WorkOrderLine(id="l1", name="Filter", kind="product", work_order="wo", product="prod",
                         line_status="used", quantity=D(2), unit_price=D(10))  # fmt: skip
    again = replace(line, id="l2")
    other = replace(line, id="l2", serial_number="SN-2")

    assert found(story_of(*toll)) == [("LAB706", "t1")]
    assert found(story_of(line, again)) == [("LAB706", "l1")]
    assert found(story_of(line, other)) == []

    first = Usage(id="m1", line="l1", work_order="wo", used_at=on(5))
    second = Usage(id="m2", line="l2", work_order="wo", used_at=on(6))
    assert found(story_of(line, again, first)) == [("LAB706", "l1")]
    assert found(story_of(line, again, first, second)) == []


def test_a_story_by_day_and_kind_tells_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = (*CRM, *PRICES, *LIVE, entry(), entry("e2"), entry("e3", entry_status="returned"),
            entry("e4", entry_status="draft", duration=60))  # fmt: skip
    whole = make_story(ORDER, tables(*rows), settings(), AS_OF)
    monkeypatch.setattr("adapter.making.story.ACTUALS_MAX", 0)
    brief = make_story(ORDER, tables(*rows), settings(), AS_OF, whole=False)

    assert brief.totals == whole.totals
    assert found(brief) == found(whole) == [("LAB705", "e2"), ("LAB706", "e")]
