"""A proforma that people made, as the records tell it: a draft with its details as they stand.

Which transaction a detail came from stands on the detail, else in a transaction connection
(domain 4.4). Where line details were not exported, a draft has the transactions that name it.
"""

from datetime import date
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from adapter.making.new_actuals import DRAFTED, POSTED, UNBILLED
from adapter.making.proforma_life import Draft, Entry
from adapter.reading.store import Records
from adapter.values.actuals import Actual, Connection
from adapter.values.money import ZERO
from adapter.values.project_operations import (
    ContractCustomer,
    Invoice,
    InvoiceLineDetail,
)

T = TypeVar("T")
OPEN = ("draft", "in-review")
DONE = ("confirmed", "paid")
SCHEDULED = ("milestone", "retainer")


class Seen(Struct, frozen=True, kw_only=True):
    """A proforma as people left it.

    `draft` has the details of usage as they were before it was confirmed; `apart` are details
    that no record explains: milestones, retainers, what was added by hand.
    """

    invoice: Invoice
    draft: Draft
    has_details: bool
    apart: tuple[InvoiceLineDetail, ...] = ()


def is_project_invoice(invoice: Invoice) -> bool:
    """Whether an invoice is a proforma of a project contract, not one that Field Service made."""
    return invoice.order_type in (None, "work-based") and invoice.work_order is None


def seen_of(invoice: Invoice, records: Records) -> Seen:
    """The proforma with what stands on it now."""
    details = records.where(InvoiceLineDetail, "invoice", invoice.id)
    entries: list[Entry] = []
    apart: list[InvoiceLineDetail] = []
    for detail in details:
        original = original_of(detail, records)
        if original is None or detail.transaction_class in SCHEDULED:
            apart.append(detail)
            continue
        entries.append(_entry(detail, original))
    if not details and invoice.invoice_status in OPEN:
        named = records.where(Actual, "invoice", invoice.id)
        entries = [_unedited(a) for a in named if a.transaction_type == UNBILLED]
    draft = Draft(
        id=invoice.id,
        contract=invoice.contract or "",
        payer=payer_of(invoice, records),
        currency=invoice.currency or "",
        day=invoice.invoice_date or date.max,
        entries=tuple(entries),
    )
    return Seen(invoice=invoice, draft=draft, has_details=bool(details), apart=tuple(apart))


def original_of(detail: InvoiceLineDetail, records: Records) -> Actual | None:
    """The transaction that a detail bills or corrects; None where nothing says it."""
    found = records.one(Actual, detail.actual)
    if found is not None:
        return found
    for end, other in (("first", "second"), ("second", "first")):
        for link in records.where(Connection, end, detail.id):
            found = records.one(Actual, getattr(link, other))
            if found is not None:
                return found
    return None


def details_of(actual: str, records: Records) -> list[InvoiceLineDetail]:
    """The details that bill or correct a transaction, by key: the other way of `original_of`."""
    found = {one.id: one for one in records.where(InvoiceLineDetail, "actual", actual)}
    for end, other in (("first", "second"), ("second", "first")):
        for link in records.where(Connection, end, actual):
            detail = records.one(InvoiceLineDetail, getattr(link, other))
            if detail is not None:
                found[detail.id] = detail
    return [found[key] for key in sorted(found)]


def payer_of(invoice: Invoice, records: Records) -> str:
    """The contract customer of a proforma; empty where none or several fit its account."""
    found = {
        payer.id for payer in records.where(ContractCustomer, "contract", invoice.contract)
        if payer.account == invoice.customer
    }  # fmt: skip
    return found.pop() if len(found) == 1 else ""


def _entry(detail: InvoiceLineDetail, original: Actual) -> Entry:
    """The detail with what was edited on it; equal values were not edited."""
    before = as_it_was(original)
    if detail.is_correction:
        return Entry(id=original.id, kind="time-and-material", actual=before, is_correction=True,
                     quantity=detail.quantity or ZERO, price=detail.price)  # fmt: skip
    return Entry(
        id=original.id, kind="time-and-material", actual=before,
        quantity=_edited(detail.quantity, original.quantity),
        price=_edited(detail.price, original.price),
        billing_type=_edited(detail.billing_type, original.billing_type),
    )  # fmt: skip


def _edited(said: T | None, was: T | None) -> T | None:
    return said if said != was else None


def _unedited(actual: Actual) -> Entry:
    return Entry(id=actual.id, kind="time-and-material", actual=actual)


def as_it_was(original: Actual) -> Actual:
    """The transaction before its proforma was confirmed."""
    status = DRAFTED if original.transaction_type == UNBILLED else POSTED
    return replace(original, billing_status=status, adjustment_status=None)
