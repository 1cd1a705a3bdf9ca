"""A draft of one contract for tests, with usage that is ready and the editing that is shipped."""

from datetime import UTC, date, datetime

from msgspec.structs import replace

from adapter.edge.book import read_book
from adapter.making.proforma_life import Draft, Moved, create_draft
from adapter.making.proforma_practice import Backlog, Practice
from adapter.reading.settings import Settings
from adapter.values.actuals import Actual
from adapter.values.project_operations import Milestone, Retainer
from tests.events_given import APPROVED, D, the

EVENT_FILE = read_book(None, Settings()).events
UPDATED, BASELINE = EVENT_FILE.editing["updated"], EVENT_FILE.editing["baseline"]
PRACTICE = Practice(editing=UPDATED)
EMPTY = Draft(id="INV-1", contract="pc", payer="pay", currency="usd", day=date(2026, 3, 31))
READY = replace(the(APPROVED, "U"), id="u1", billing_status="ready-to-invoice", tax=D("40.00"))
OTHER = replace(READY, id="u2", quantity=D(2), amount=D("250.00"), tax=None)
LATER = replace(READY, id="u3", started_at=datetime(2026, 4, 1, 15, tzinfo=UTC))
MILESTONE = Milestone(id="m", name="M1", amount=D("5000.00"), tax=D("0.00"), currency="usd",
                      contract="pc", invoice_status="ready",
                      invoice_date=date(2026, 3, 15))  # fmt: skip
RETAINER = Retainer(id="r", name="Advance", amount=D("1000.00"), currency="usd", contract="pc",
                    contract_customer="pay", is_invoiced=True,
                    invoice_status="customer-invoice-posted")  # fmt: skip


def drafted(*actuals: Actual, milestones: tuple[Milestone, ...] = ()) -> Draft:
    backlog = Backlog(actuals=actuals or (READY, OTHER), milestones=milestones)
    made = create_draft(EMPTY, backlog, PRACTICE)
    assert made.draft is not None, made.left
    return made.draft


def done(moved: Moved) -> Draft:
    """The draft after a move that must not be refused."""
    assert moved.findings == ()
    assert moved.draft is not None
    return moved.draft


def codes(moved: Moved) -> list[str]:
    return [f.code for f in moved.findings]
