"""On which day of the company an actual counts in a story.

What was used counts on its transaction day, however late it was synchronised. What a proforma
made of it (billed sales, reversals, edited shares, what a corrective one opens again) copies
that day, but was not there before the proforma: it counts from the invoice date on. So a story
as of a day between the two shows backlog, not revenue.
"""

from collections.abc import Mapping
from datetime import date

from adapter.deciding.dossier import day_if, day_of
from adapter.making.links import role_of
from adapter.making.new_actuals import BILLED, UNADJUSTABLE
from adapter.making.story_words import Words
from adapter.reading.store import Records
from adapter.values.actuals import Actual, Connection
from adapter.values.project_operations import Invoice

BY_PROFORMA = frozenset(f"E{n}" for n in range(12, 26))
ORIGINS = ("invoice-confirmation", "invoice-edit", "correction")


class Days:
    """The days of the actuals of one environment; `events` are those that made them."""

    def __init__(self, records: Records, words: Words, events: Mapping[str, str]) -> None:
        self.records = records
        self.words = words
        self.events = events
        self._dates: dict[str, date | None] = {}

    def of(self, actual: Actual) -> date | None:
        """The day on which an actual counts, of the company of its project."""
        day = day_of(actual, self.words.zone_of(actual))
        if not self._is_by_proforma(actual):
            return day
        since = self._date(actual.invoice or self._corrective(actual))
        return since if day is None or (since is not None and since > day) else day

    def posted(self, actual: Actual) -> date | None:
        """The day on which Finance posted an actual: that of the customer invoice that carries
        it, else its accounting date. None where the records say neither.
        """
        invoice = self.records.one(Invoice, actual.invoice)
        is_its_own = invoice is not None and (
            actual.transaction_type == BILLED or invoice.posted_number == actual.voucher
        )
        if invoice is not None and is_its_own and invoice.posted_on is not None:
            return invoice.posted_on
        if actual.voucher:
            found = self.records.where(Invoice, "posted_number", actual.voucher)
            days = [one.posted_on for one in found if one.posted_on is not None]
            if days:
                return min(days)
        return actual.accounting_date

    def posted_at_least(self, actual: Actual) -> date | None:
        """The first day on which an actual can have been posted, where nothing says the day."""
        days = (self.of(actual), day_if(actual.created_on, self.words.zone_of(actual)))
        return max((day for day in days if day is not None), default=None)

    def _is_by_proforma(self, actual: Actual) -> bool:
        return (
            actual.transaction_type == BILLED
            or (actual.invoice is not None and actual.adjustment_status == UNADJUSTABLE)
            or actual.origin in ORIGINS
            or self.events.get(actual.id, "") in BY_PROFORMA
        )

    def _date(self, invoice: str | None) -> date | None:
        if invoice is None:
            return None
        if invoice not in self._dates:
            found = self.records.one(Invoice, invoice)
            self._dates[invoice] = None if found is None else found.invoice_date
        return self._dates[invoice]

    def _corrective(self, opened: Actual) -> str | None:
        """The corrective proforma that opened sales again: the one that credits their original."""
        for link in self.records.where(Connection, "first", opened.id):
            if role_of(link.first_role) != "Replacing" or link.second is None:
                continue
            for credit in self.records.where(Connection, "second", link.second):
                made = self.records.one(Actual, credit.first)
                if role_of(credit.first_role) == "Reversing" and made is not None:
                    return made.invoice
        return None
