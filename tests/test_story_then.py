"""A story of an earlier day: nothing in it may come from what happened later."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from adapter.edge.story_command import IN_MEMORY, subject_named
from adapter.edge.workspace import read_workspace
from adapter.making.confirm import Detail, confirm_proforma
from adapter.making.story import make_story, records_then
from adapter.making.story_parts import Story, Subject
from adapter.making.story_then import NOT_KEPT, RecordsThen
from adapter.reading.store import Records
from adapter.telling.story_shape import story_shape
from adapter.values.actuals import Actual, Approval, Connection
from adapter.values.field_service import Usage
from adapter.values.project_operations import Invoice, Milestone
from adapter.values.record import Record
from tests.making_given import CRM, ENVIRONMENT, D, actual, on, settings, tables

CONTOSO = Path(__file__).parents[1] / "examples/contoso"
KNOWN_ON = date(2026, 11, 30)
ORDER = Subject(kind="work-order", id="wo", name="WO-00912", environment=ENVIRONMENT)
NAMES = [
    ("WO-USMF-LIFE", None), ("USP-00001", "project"), ("USC-00001", "contract"),
    ("INV-USMF-LIFE-1", None), ("USMF-CI-0007", None), ("USMF-000041", None),
    ("WO-USMF-DIFF", None), ("AGR-USMF-0001", None),
]  # fmt: skip


class Without:
    """Records with some rows taken away, and the connections that lead to them."""

    def __init__(self, records: Records, gone: set[str]) -> None:
        self.records, self.gone = records, gone

    def _is_gone(self, one: Record) -> bool:
        ends = (one.first, one.second) if isinstance(one, Connection) else ()
        return one.id in self.gone or any(end in self.gone for end in ends)

    def one(self, kind: type, key: str | None) -> object:
        found = self.records.one(kind, key)
        return None if found is None or self._is_gone(found) else found

    def finder(self, kind: type) -> Callable[[str], object]:
        return lambda key: self.one(kind, key)

    def where(self, kind: type, field: str, value: str | None) -> tuple:
        found = self.records.where(kind, field, value)
        return tuple(one for one in found if not self._is_gone(one))

    def finder_by(self, kind: type, field: str) -> Callable[[str], tuple]:
        return lambda value: self.where(kind, field, value)

    def all(self, kind: type) -> Iterable:
        return [one for one in self.records.all(kind) if not self._is_gone(one)]

    def has(self, kind: type) -> bool:
        return bool(self.all(kind))

    @property
    def has_faults(self) -> bool:
        return self.records.has_faults

    def faults(self, kind: type, key: str) -> tuple:
        return self.records.faults(kind, key)


@pytest.fixture(scope="module")
def contoso():
    return read_workspace(CONTOSO, None, as_of=KNOWN_ON, refuse=False, in_memory=IN_MEMORY)


def days() -> Iterator[date]:
    day = date(2026, 10, 30)
    while day < KNOWN_ON:
        yield day
        day += timedelta(days=1)


@pytest.mark.parametrize(("name", "kind"), NAMES)
@pytest.mark.parametrize("whole", [True, False])
def test_taking_away_the_rows_of_later_events_changes_nothing(
    contoso, name, kind, whole, monkeypatch
) -> None:
    monkeypatch.setattr("adapter.making.story.ACTUALS_MAX", 0)
    subject = subject_named(contoso, name, kind, "USMF")
    here = contoso.environments[subject.environment]

    def told(records: Records, day: date, known_on: date | None, is_whole: bool) -> Story:
        return make_story(subject, records, contoso.settings, day, finance=here.finance,
                          models={"USMF": "integrated"}, events=contoso.events, whole=is_whole,
                          known_on=known_on)  # fmt: skip

    end = told(here.records, KNOWN_ON, None, True)
    seen = 0
    for day in days():
        later = {m.key for m in end.moments if m.day is not None and m.day > day
                 and m.stage not in ("posted", "estimate", "used", "forecast")}  # fmt: skip
        seen += bool(later)
        known = told(here.records, day, KNOWN_ON, whole)
        then = told(Without(here.records, later), day, KNOWN_ON, whole)

        assert story_shape(known, whole=whole) == story_shape(then, whole=whole), day
        assert all(m.day is not None and m.day <= day for m in known.moments)
    assert seen > 5, "the days have something after them"


@pytest.mark.parametrize(
    ("day", "expected"),
    [(3, {"backlog": "300.20", "cost": "164.80", "posted": "0", "cost_adjusted": "0"}),
     (13, {"backlog": "0", "invoiced": "641.95", "posted": "0", "cost_posted": "0"}),
     (14, {"invoiced": "641.95", "posted": "641.95"}),
     (20, {"invoiced": "641.95", "backlog": "0"}),
     (21, {"invoiced": "566.90", "backlog": "75.05", "posted": "641.95"}),
     (22, {"invoiced": "566.90", "posted": "566.90"})],
)  # fmt: skip
def test_a_life_by_its_days(contoso, day, expected) -> None:
    subject = subject_named(contoso, "WO-USMF-LIFE")
    here = contoso.environments[subject.environment]

    story = make_story(subject, here.records, contoso.settings, date(2026, 11, day),
                       known_on=KNOWN_ON)  # fmt: skip
    sums = story_shape(story)["totals"]["USD"]

    assert {name: sums[name] for name in expected} == expected
    assert all(terms.is_kept for terms in story.law.values())
    assert "told as not posted" in story.caveat
    vouchers = {s.name for s in story.related if s.kind == "voucher"}
    assert vouchers == {v for v, since in (("USMF-CI-0007", 14), ("USMF-CI-0008", 22))
                        if since <= day}  # fmt: skip


SALE = actual("u", "unbilled-sales", "4", "125.00", started_at=on(3), contract="pc")
MADE = confirm_proforma([Detail(original=SALE)], invoice="i1")
DONE = replace(SALE, invoice="i1", **{c.field: c.value for c in MADE.changes if c.record == "u"})
BILL = Invoice(id="i1", number="INV-1", invoice_date=date(2026, 3, 20), invoice_status="paid",
               total=D(500), posted_number="CI-1", posted_on=date(2026, 3, 25))  # fmt: skip


def then(day: int, *records: Record) -> Story:
    return make_story(ORDER, tables(*CRM, *records), settings(), date(2026, 3, day),
                      known_on=date(2026, 3, 31))  # fmt: skip


def values(story: Story, key: str, stage: str = "") -> dict[str, object]:
    return next(dict(m.values) for m in story.moments
                if m.key == key and stage in ("", m.stage))  # fmt: skip


@pytest.mark.parametrize(
    ("day", "status"), [(19, None), (20, "customer-invoice-posted")],
)  # fmt: skip
def test_a_status_that_a_later_event_caused_is_taken_back(day, status) -> None:
    story = then(day, DONE, *MADE.actuals, *MADE.connections, BILL)

    assert values(story, "u")["billing status"] == status


@pytest.mark.parametrize("status", ["unbilled-sales-created", "ready-to-invoice"])
def test_the_first_status_was_always_so_and_one_that_nothing_dates_is_not_told(status) -> None:
    story = then(19, replace(SALE, billing_status=status))

    told = values(story, "u")["billing status"]
    assert told == (status if status == "unbilled-sales-created" else None)


def test_a_draft_is_dated_by_its_proforma() -> None:
    sale = replace(SALE, billing_status="customer-invoice-created", invoice="i1")
    draft = replace(BILL, invoice_status="draft", posted_number=None, posted_on=None)
    before, after = (then(day, sale, draft) for day in (19, 20))

    assert (before.totals["USD"].on_draft, after.totals["USD"].on_draft) == (0, D(500))


@pytest.mark.parametrize(
    ("day", "what", "number"),
    [(20, "proforma confirmed", None), (25, "proforma confirmed", "CI-1")],
)  # fmt: skip
def test_a_proforma_is_confirmed_by_what_is_billed_and_posted_by_its_customer_invoice(
    day, what, number
) -> None:
    story = then(day, DONE, *MADE.actuals, *MADE.connections, BILL)
    told = next(m for m in story.moments if m.stage == "proforma")

    assert (told.what, dict(told.values)["customer invoice"]) == (what, number)


def test_a_proforma_that_nothing_shows_confirmed_by_then_says_so() -> None:
    late = [replace(a, started_at=on(22), document_date=None) for a in MADE.actuals]
    told = next(m for m in then(20, replace(DONE, invoice="i1"), *late, *MADE.connections,
                                BILL).moments if m.stage == "proforma")  # fmt: skip

    assert told.what == f"proforma {NOT_KEPT}"
    assert dict(told.values)["total on the proforma"] is None


@pytest.mark.parametrize(
    ("accounting", "day", "drift"),
    [(date(2026, 3, 9), 8, D(0)), (date(2026, 3, 9), 9, D("2.00")), (None, 30, D(0))],
)  # fmt: skip
def test_cost_drift_is_told_from_the_accounting_date_of_its_posting_on(
    accounting, day, drift
) -> None:
    cost = actual("c", "cost", "4", "80.00", started_at=on(3), voucher="V-1",
                  adjustment_value=D(2), accounting_date=accounting)  # fmt: skip
    story = then(day, cost)

    assert story.totals["USD"].cost_adjusted == drift
    assert ("told as not posted" in story.caveat) == (accounting is None)


def test_a_posting_without_a_day_says_so_and_is_not_before_its_row() -> None:
    cost = actual("c", "cost", "4", "80.00", started_at=on(3), voucher="V-1", created_on=on(5))
    story = make_story(ORDER, tables(*CRM, cost), settings(), date(2026, 3, 31))
    told = next(m for m in story.moments if m.stage == "posted")

    assert told.day == date(2026, 3, 5)
    assert dict(told.values)["day of posting"] == "not in the records, not before this one"


def test_a_usage_log_is_approved_by_its_approval_and_a_milestone_by_nothing() -> None:
    usage = Usage(id="us", work_order="wo", project="p", used_at=on(3), quantity=D(4),
                  usage_status="approved")  # fmt: skip
    approval = Approval(id="ap", usage="us", stage="approved", approved_on=on(5))
    said = [next(m.what for m in then(day, usage, approval).moments if m.stage == "usage")
            for day in (4, 5)]  # fmt: skip
    due = Milestone(id="m", contract="pc", project="p", amount=D(10), currency="usd",
                    invoice_date=date(2026, 3, 4), invoice_status="ready")  # fmt: skip
    project = Subject(kind="project", id="p", name="P-0007", environment=ENVIRONMENT)
    story = make_story(project, tables(*CRM, due), settings(), date(2026, 3, 9),
                       known_on=date(2026, 3, 31))  # fmt: skip

    assert [NOT_KEPT in one for one in said] == [True, False]
    assert NOT_KEPT in next(m.what for m in story.moments if m.stage == "milestone")


def test_usage_whose_actuals_count_was_approved_on_that_day_or_later() -> None:
    """Actuals count on the day of the work; they prove the approval and not its day."""
    usage = Usage(id="us", work_order="wo", project="p", used_at=on(3), quantity=D(4),
                  usage_status="approved")  # fmt: skip
    cost = actual("c", "cost", "4", "80.00", usage="us", started_at=on(3), created_on=on(5))
    approval = Approval(id="ap", usage="us", stage="approved", approved_on=on(5))
    said = [next(m.what for m in then(day, usage, cost, approval).moments if m.stage == "usage")
            for day in (4, 5)]  # fmt: skip

    assert [one.partition(", ")[2] for one in said] == ["approved on this day or later", "approved"]
    assert then(4, usage, cost, approval).totals["USD"].cost == D("320.00")
    assert "also where they were approved later" in then(4, usage, cost, approval).caveat


def test_a_story_of_the_day_that_the_rows_hold_is_told_as_they_are() -> None:
    day = date(2026, 3, 31)
    records = tables(*CRM, DONE, *MADE.actuals, *MADE.connections, BILL)

    assert make_story(ORDER, records, settings(), day, known_on=day) == make_story(
        ORDER, records, settings(), day
    )


def test_the_records_then_answer_like_any_records() -> None:
    records = tables(*CRM, DONE, *MADE.actuals, *MADE.connections, BILL)
    early: RecordsThen = records_then(ORDER, records, settings(), date(2026, 3, 19))

    assert [a.id for a in early.all(Actual)] == ["u"]
    assert early.where(Actual, "invoice", "i1") == early.finder_by(Actual, "invoice")("i1") == ()
    assert early.finder(Actual)("u") == early.one(Actual, "u") != DONE
    assert (early.has(Actual), early.has(Invoice), early.all(Connection)) == (True, False, [])
    assert (early.has_faults, early.faults(Actual, "u")) == (False, ())
