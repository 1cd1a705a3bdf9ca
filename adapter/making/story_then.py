"""The records as a story of an earlier day may use them: rows as they stand, less what came later.

Rows hold the state of today and no history. What a dated row proves for a day is told of that
day: an actual counts by then, Finance had posted it by then, a reversal or billed sales had moved
it by then. What came later is taken back. What no dated row proves is left out, never shown as if
it had been so: a row without a day, a status that nothing dates, a voucher whose posting has none.

The answers depend on nothing that happened after the day: taking such rows out of the records
changes none of them.
"""

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any, TypeVar

from msgspec.structs import replace

from adapter.deciding.dossier import day_if
from adapter.making.new_actuals import (
    ADJUSTED,
    BILLED,
    CANCELED,
    DRAFTED,
    OPEN,
    POSTED,
    UNADJUSTABLE,
    UNBILLED,
)
from adapter.making.story_days import Days
from adapter.making.story_words import approved_day
from adapter.reading.store import Records
from adapter.values.actuals import Actual, Approval, Connection
from adapter.values.field_service import TimeEntry, Usage, WorkOrder
from adapter.values.finding import Finding
from adapter.values.forecast_rows import EstimateLine, ProjectJournalLine
from adapter.values.prices import Expense
from adapter.values.project_operations import Invoice, InvoiceLineDetail, Milestone, Retainer
from adapter.values.record import Record

R = TypeVar("R", bound=Record)
NOT_KEPT = "of a status that no row dates"
APPROVED_LATER = "approved on this day or later"


class RecordsThen:
    """`records` up to and with a day of the company; the days of actuals are those of `days`."""

    def __init__(self, records: Records, day: date, days: Days) -> None:
        self.records = records
        self.day = day
        self.days = days
        self._known: dict[tuple[type[Record], str], Record | None] = {}
        self._has: dict[type[Record], bool] = {}
        self._then: dict[type[Record], Callable[[Any], Record | None]] = {
            Actual: self._actual, Approval: self._approval, Connection: self._connection,
            EstimateLine: self._estimate, Expense: self._spent, Invoice: self._invoice,
            InvoiceLineDetail: self._detail, Milestone: self._due,
            ProjectJournalLine: self._journal, Retainer: self._due, TimeEntry: self._spent,
            Usage: self._usage, WorkOrder: self._order,
        }  # fmt: skip

    def one(self, kind: type[R], key: str | None) -> R | None:
        found = self.records.one(kind, key)
        return None if found is None else self._of(kind, found)

    def finder(self, kind: type[R]) -> Callable[[str], R | None]:
        return lambda key: self.one(kind, key)

    def where(self, kind: type[R], field: str, value: str | None) -> tuple[R, ...]:
        """As they were: what got its link later is not among them."""
        found = self.records.where(kind, field, value)
        if kind not in self._then:
            return found
        told = (self._of(kind, one) for one in found)
        return tuple(
            one for one in told if one is not None and str(getattr(one, field)) == str(value)
        )

    def finder_by(self, kind: type[R], field: str) -> Callable[[str], tuple[R, ...]]:
        return lambda value: self.where(kind, field, value)

    def all(self, kind: type[R]) -> Iterable[R]:
        told = (self._of(kind, one) for one in self.records.all(kind))
        return [one for one in told if one is not None]

    def has(self, kind: type[Record]) -> bool:
        if kind not in self._has:
            every = self.records.all(kind)
            self._has[kind] = any(self._of(kind, one) is not None for one in every)
        return self._has[kind]

    @property
    def has_faults(self) -> bool:
        return self.records.has_faults

    def faults(self, kind: type[Record], key: str) -> tuple[Finding, ...]:
        return self.records.faults(kind, key)

    def _of(self, kind: type[R], record: R) -> R | None:
        then = self._then.get(kind)
        if then is None:
            return record
        at = (kind, record.id)
        if at not in self._known:
            self._known[at] = then(record)
        return self._known[at]  # type: ignore[return-value]

    def _is_by(self, day: date | None) -> bool:
        return day is not None and day <= self.day

    def _zone_day(self, at: Any, project: str | None, order: str | None) -> date | None:
        return day_if(at, self.days.words.work_zone(order, project))

    def _actual(self, actual: Actual) -> Actual | None:
        if not self._is_by(self.days.of(actual)):
            return None
        changed: dict[str, Any] = {}
        if not self._is_by(self.days.posted(actual)):
            changed = dict.fromkeys(("voucher", "adjustment_value", "is_journalized"))
            if actual.voucher:
                changed["tax"] = None  # Finance wrote it back with the voucher
        if actual.adjustment_status != UNADJUSTABLE:
            changed |= self._moved(actual)
        return replace(actual, **changed) if changed else actual

    def _moved(self, actual: Actual) -> dict[str, Any]:
        """The states of an original that later rows gave it."""
        roles = self._partners(actual.id)
        changed: dict[str, Any] = {}
        if actual.adjustment_status is not None and not (
            actual.adjustment_status == ADJUSTED and "reversing" in roles
        ):
            changed["adjustment_status"] = None
        if actual.transaction_type == BILLED and actual.billing_status == CANCELED:
            changed["billing_status"] = None if "reversing" not in roles else CANCELED
        if actual.transaction_type != UNBILLED:
            return changed
        drafted = self.records.one(Invoice, actual.invoice)
        is_drafted = drafted is not None and self._is_by(drafted.invoice_date)
        is_kept = {
            OPEN: True, DRAFTED: is_drafted, POSTED: bool(roles), CANCELED: "reversing" in roles,
        }.get(actual.billing_status or "", False)  # fmt: skip
        if not is_kept:
            changed["billing_status"] = None
        if actual.invoice is not None and not (roles or is_drafted):
            changed["invoice"] = None
        return changed

    def _partners(self, key: str) -> set[str]:
        """The roles of what reversed, replaced or billed an actual by then."""
        found = set()
        for side, other in (("first", "second"), ("second", "first")):
            for link in self.records.where(Connection, side, key):
                role = "".join((getattr(link, f"{other}_role") or "").split()).casefold()
                partner = self.records.one(Actual, getattr(link, other))
                if role in ("reversing", "replacing", "billedsales") and (
                    partner is not None and self._is_by(self.days.of(partner))
                ):
                    found.add(role)
        return found

    def _connection(self, link: Connection) -> Connection | None:
        ends = (link.first, link.second)
        is_there = all(self.one(Actual, end) is not None for end in ends)
        return link if is_there else None

    def _usage(self, usage: Usage) -> Usage | None:
        if not self._is_by(self._zone_day(usage.used_at, usage.project, usage.work_order)):
            return None
        stages = {a.stage for a in self.where(Approval, "usage", usage.id)}
        if usage.usage_status == "approved" and "approved" in stages:
            return usage
        # Its actuals count on the day of the work: they prove the approval, and not its day.
        has_actuals = any(a.adjustment_status != UNADJUSTABLE
                          for a in self.where(Actual, "usage", usage.id))  # fmt: skip
        return replace(usage, usage_status=APPROVED_LATER if has_actuals else NOT_KEPT)

    def _approval(self, approval: Approval) -> Approval | None:
        usage = self.records.one(Usage, approval.usage)
        zone = self.days.words.work_zone(
            usage.work_order if usage is not None else None,
            approval.project or (usage.project if usage is not None else None),
        )  # fmt: skip
        return approval if self._is_by(approved_day(approval, zone)) else None

    def _estimate(self, row: EstimateLine) -> EstimateLine | None:
        day = row.document_date or self._zone_day(row.modified_on, row.project, row.work_order)
        return row if self._is_by(day) else None

    def _journal(self, row: ProjectJournalLine) -> ProjectJournalLine | None:
        day = row.document_date or self._zone_day(row.started_at, row.project, row.work_order)
        return replace(row, is_posted=None, billing_status=None) if self._is_by(day) else None

    def _spent(self, entry: TimeEntry | Expense) -> Record | None:
        return entry if self._is_by(entry.day) else None

    def _order(self, order: WorkOrder) -> WorkOrder:
        day = self._zone_day(order.completed_on, order.project, order.id)
        return order if self._is_by(day) else replace(order, completed_on=None)

    def _due(self, due: Milestone | Retainer) -> Record | None:
        if not self._is_by(due.invoice_date):
            return None
        is_kept = due.invoice_status == "not-ready"
        return due if is_kept else replace(due, invoice_status=NOT_KEPT)

    def _invoice(self, invoice: Invoice) -> Invoice | None:
        """A proforma is confirmed by the billed sales on it that count by then."""
        if not self._is_by(invoice.invoice_date):
            return None
        changed: dict[str, Any] = {}
        if not self._is_by(invoice.posted_on):
            changed = {"posted_number": None, "posted_on": None}
        on_it = self.records.where(Actual, "invoice", invoice.id)
        if any(a.transaction_type == BILLED and self._is_by(self.days.of(a)) for a in on_it):
            changed["invoice_status"] = "confirmed"
        elif invoice.invoice_status != "draft":
            changed |= {"invoice_status": NOT_KEPT, "total": None}
        return replace(invoice, **changed)

    def _detail(self, detail: InvoiceLineDetail) -> InvoiceLineDetail | None:
        return detail if self.one(Invoice, detail.invoice) is not None else None


def told_then(day: date, known_on: date, postings: int) -> str:
    """What a story of an earlier day cannot know, in one line; `postings` have no day."""
    said = (
        f"The rows are those of {known_on.isoformat()}: what they date after {day.isoformat()} is "
        "taken back; left out is what has no day, and a status that no row dates; actuals count "
        "on the day of the work, also where they were approved later; quantities and prices stay "
        "as they are now; lines and proformas are not compared."
    )
    if postings:
        have = "actual has" if postings == 1 else "actuals have"
        said += f" {postings:,} {have} a voucher and no day of posting: told as not posted."
    return said
