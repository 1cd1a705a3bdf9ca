"""What made an actual, from what the records prove.

A column of the tenant's own, where one is bound to `actual.origin`, comes first. Else the
transaction origins say it: one row per source record of an actual (documented for time
entries, journal lines and invoices). Else its links do: an original that was invoiced, a
proforma, a material usage log, a work order. What none of them proves stays missing.
"""

from msgspec.structs import replace

from adapter.reading.store import Records
from adapter.values.actuals import Actual, TransactionOrigin

COLUMN, ORIGINS, LINKS, NOTHING = "column", "transaction-origins", "links", "nothing"
EVIDENCE = (COLUMN, ORIGINS, LINKS, NOTHING)
INVOICE = "invoice"
SOURCES = ("vendor-invoice", "time", "expense", "usage")  # the most telling first
INVOICED = "customer-invoice-posted"


def with_origin(
    actual: Actual, original: Actual | None, records: Records
) -> tuple[Actual, str]:
    """The actual with its origin where something proves it, and what does (`origin_of`)."""
    origin, by = origin_of(actual, original, records)
    return actual if origin is None else replace(actual, origin=origin), by


def origin_of(
    actual: Actual, original: Actual | None, records: Records
) -> tuple[str | None, str]:
    """What made the actual, and what proves it (one of EVIDENCE).

    `original` is the actual that this one reverses, if any. A reversal of a sale that was
    invoiced comes from the confirmation, unless the approval was cancelled (domain E10, E12).
    """
    if actual.origin is not None:
        return actual.origin, COLUMN
    rows = records.where(TransactionOrigin, "transaction", actual.id)
    words = {row.origin_type for row in rows}
    if INVOICE in words:
        is_billed = actual.transaction_type == "billed-sales"
        return ("invoice-confirmation" if is_billed else "invoice-edit"), ORIGINS
    if _takes_back_what_was_invoiced(actual, original):
        return "invoice-confirmation", LINKS
    for word in SOURCES:
        if word in words:
            return word, ORIGINS
    if actual.transaction_type == "billed-sales" and actual.invoice is not None:
        return "invoice-confirmation", LINKS
    made = _made_by_field_service(actual)
    return (made, LINKS) if made is not None else (None, NOTHING)


def _made_by_field_service(actual: Actual) -> str | None:
    """What a work order's links prove: its parts and services are usage, its labour is time."""
    if actual.usage is not None or actual.line is not None:
        return "usage"
    if actual.work_order is None or actual.transaction_type == "billed-sales":
        return None
    return {"material": "usage", "time": "time"}.get(actual.transaction_class or "")


def _takes_back_what_was_invoiced(actual: Actual, original: Actual | None) -> bool:
    return (
        original is not None
        and actual.transaction_type == "unbilled-sales"
        and actual.billing_status != "canceled"
        and original.billing_status == INVOICED
    )
