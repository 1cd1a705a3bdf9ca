"""On which day things count: approvals that keep a day only, and what a proforma makes."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from adapter.deciding.fold import approval_time
from adapter.making.confirm import Detail, confirm_proforma
from adapter.making.reverse import Correction, revise_proforma
from adapter.making.story import make_story
from adapter.making.story_days import Days
from adapter.making.story_parts import Subject
from adapter.making.story_prices import Prices
from adapter.making.story_words import Words, approved_at
from adapter.reading.settings import Settings
from adapter.values.actuals import Actual, Approval
from adapter.values.field_service import Usage, WorkOrder, WorkOrderLine
from adapter.values.project_operations import Invoice
from tests.making_given import CRM, ENVIRONMENT, D, actual, company, on, settings, tables

CHICAGO = ZoneInfo("America/Chicago")
DAY = datetime(2026, 3, 10, tzinfo=UTC)  # as the CRM gives a day: midnight UTC
MADE = datetime(2026, 3, 10, 18, tzinfo=UTC)
ORDER = Subject(kind="work-order", id="wo", name="WO-00912", environment=ENVIRONMENT)


@pytest.mark.parametrize(
    ("approved_on", "created_on", "expected"),
    [(DAY, MADE, MADE), (DAY, None, DAY), (None, MADE, MADE), (None, None, None),
     (on(9), MADE, on(9))],
)  # fmt: skip
def test_who_comes_first_is_told_by_the_instant_where_the_approval_has_a_day_only(
    approved_on, created_on, expected
) -> None:
    assert approval_time(approved_on, created_on) == expected


@pytest.mark.parametrize(
    ("approved_on", "made", "at", "day"),
    [(DAY, MADE, MADE, date(2026, 3, 10)), (DAY, None, None, date(2026, 3, 10)),
     (DAY, on(12), None, date(2026, 3, 10)),
     (datetime(2026, 3, 10, 3, tzinfo=UTC), MADE, datetime(2026, 3, 10, 3, tzinfo=UTC),
      date(2026, 3, 9)),
     (None, MADE, None, None)],
)  # fmt: skip
def test_an_approval_is_of_its_day_in_every_time_zone(approved_on, made, at, day) -> None:
    approval = Approval(id="ap", approved_on=approved_on)

    assert approved_at(approval, [Actual(id="c", created_on=made)], CHICAGO) == (at, day)


SALE = actual("u", "unbilled-sales", "4", "125.00", started_at=on(3), contract="pc")
FIRST = confirm_proforma([Detail(original=SALE, quantity=D(3))], invoice="i1")
BILLED = next(a for a in FIRST.actuals if a.transaction_type == "billed-sales")
SECOND = revise_proforma([Correction(original=BILLED)], invoice="i2")
OPENED = next(a for a in SECOND.actuals if a.transaction_type == "unbilled-sales")


def days(*events: tuple[str, str], **dates: date) -> Days:
    invoices = [Invoice(id=key, invoice_date=day) for key, day in dates.items()]
    records = tables(*CRM, SALE, *FIRST.actuals, *SECOND.actuals, *FIRST.connections,
                     *SECOND.connections, *invoices)  # fmt: skip
    said = settings()
    return Days(records, Words(records, said, ENVIRONMENT), dict(events))


def test_what_a_proforma_makes_counts_from_the_invoice_date_on() -> None:
    told = days(i1=date(2026, 3, 20), i2=date(2026, 3, 25))

    assert told.of(SALE) == date(2026, 3, 3)
    assert {told.of(a) for a in FIRST.actuals} == {date(2026, 3, 20)}
    assert {told.of(a) for a in SECOND.actuals} == {date(2026, 3, 25)}, "what it opens again too"
    assert OPENED.invoice is None


def test_without_an_invoice_date_or_with_an_earlier_one_the_transaction_day_stays() -> None:
    assert days().of(BILLED) == date(2026, 3, 3)
    assert days(i1=date(2026, 3, 1)).of(BILLED) == date(2026, 3, 3)
    assert days(i1=date(2026, 3, 1)).of(replace(BILLED, started_at=None)) == date(2026, 3, 1)


def test_a_share_whose_origin_no_column_says_is_known_by_its_event() -> None:
    share = replace(FIRST.actuals[1], origin=None)

    assert days(i1=date(2026, 3, 20)).of(share) == date(2026, 3, 3)
    assert days((share.id, "E13"), i1=date(2026, 3, 20)).of(share) == date(2026, 3, 20)


def test_a_correction_journal_stays_on_the_transaction_day() -> None:
    moved = replace(SALE, id="m", origin="correction", invoice=None)

    assert days(i1=date(2026, 3, 20)).of(moved) == date(2026, 3, 3)


def test_a_story_as_of_a_day_before_the_proforma_shows_backlog() -> None:
    records = tables(*CRM, replace(SALE, billing_status="customer-invoice-posted", invoice="i1"),
                     *FIRST.actuals, *FIRST.connections,
                     Invoice(id="i1", invoice_date=date(2026, 3, 20)))  # fmt: skip
    early, late = (make_story(ORDER, records, settings(), date(2026, 3, day)).totals["USD"]
                   for day in (19, 20))  # fmt: skip

    assert (early.backlog, early.invoiced) == (D(500), 0)
    assert (late.backlog, late.invoiced, late.not_charged) == (0, D(375), D(125))


@pytest.mark.parametrize(
    ("used_at", "completed", "modified", "expected"),
    [(datetime(2026, 4, 1, 3, tzinfo=UTC), on(9), on(9), date(2026, 3, 31)),
     (None, on(9), on(8), date(2026, 3, 9)), (None, None, on(8), date(2026, 3, 8)),
     (None, None, None, None)],
)  # fmt: skip
def test_price_lists_are_chosen_by_the_companys_day_of_the_usage(
    used_at, completed, modified, expected
) -> None:
    said: Settings = settings(USPM=company("USPM", time_zone="America/Chicago"))
    line = WorkOrderLine(id="l", work_order="wo", modified_on=modified)
    crm = [r for r in CRM if r.id != "wo"]
    records = tables(*crm, line, Usage(id="us", line="l", used_at=used_at),
                     WorkOrder(id="wo", project="p", completed_on=completed))  # fmt: skip

    assert Prices(records, said, Words(records, said, ENVIRONMENT)).day_of(line) == expected
