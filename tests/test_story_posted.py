"""What Finance wrote back counts on the day of posting, whichever period the work was in."""

from datetime import date, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from adapter.making.story import make_story
from adapter.values.actuals import Actual
from tests.making_given import AS_OF, CRM, actual, settings, tables
from tests.test_story import ORDER, D, figures, told

COST = actual("c", "cost", "4", "80.00", voucher="V-1", adjustment_value=D("1.35"))
WORKED = date(2026, 3, 10)


def posted_on(day: date | None, **more: Any) -> Actual:
    return replace(COST, accounting_date=day, **more)


def test_a_cost_posted_in_the_next_period_is_not_posted_yet() -> None:
    """R-162: the accounting date decides the period."""
    late = posted_on(AS_OF + timedelta(days=2))

    assert figures(told(late)) == {"cost": "320", "margin": "-320"}
    assert [m.stage for m in told(late).moments] == ["cost"]
    assert figures(told(late, as_of=AS_OF + timedelta(days=2))) == {
        "cost": "321.35", "cost_adjusted": "1.35", "cost_posted": "321.35", "margin": "-321.35"}


def test_revenue_posted_in_the_next_period_is_not_posted_yet() -> None:
    sale = actual("b", "billed-sales", "4", "125.00", voucher="V-2",
                  accounting_date=AS_OF + timedelta(days=2))  # fmt: skip

    assert "posted" not in figures(told(sale))
    assert figures(told(sale, as_of=AS_OF + timedelta(days=2)))["posted"] == "500"


def test_an_adjustment_without_voucher_has_a_moment_that_explains_it() -> None:
    story = told(posted_on(None, voucher=None, adjustment_value=D("-5.00")))

    assert figures(story) == {"cost": "315", "cost_adjusted": "-5", "margin": "-315"}
    assert [(m.stage, str(m.amount)) for m in story.moments] == [
        ("cost", "320.00"), ("posted", "-5.00")]


@pytest.mark.parametrize("day", [WORKED, WORKED + timedelta(days=3), None])
def test_the_chart_says_what_a_story_of_that_day_says(day: date | None) -> None:
    """Without a day of posting both count it at the end only."""
    rows = (posted_on(day), actual("u", "unbilled-sales", "4", "125.00"))
    points = {point.day: point.cost for point in told(*rows).points}

    for point, cost in points.items():
        known_on = None if point == AS_OF else AS_OF
        then = told(*rows, as_of=point, known_on=known_on)
        assert then.totals["USD"].cost == cost
    assert points[WORKED] == (D("321.35") if day == WORKED else D("320.00"))
    assert max(points) == (AS_OF if day is None else day)
    assert points[max(points)] == D("321.35")


@pytest.mark.parametrize("day", [WORKED, AS_OF + timedelta(days=2), None])
def test_a_story_by_day_and_kind_tells_the_same(
    day: date | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = told(posted_on(day))
    monkeypatch.setattr("adapter.making.story.ACTUALS_MAX", 0)
    brief = make_story(ORDER, tables(*CRM, posted_on(day)), settings(), AS_OF, whole=False)

    assert (brief.totals, brief.groups, brief.points) == (whole.totals, whole.groups, whole.points)
    assert [(m.day, m.stage, m.amount) for m in brief.moments] == [
        (m.day, m.stage, m.amount) for m in whole.moments]
