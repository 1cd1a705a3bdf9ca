"""What the CRM already has beside a draft: an open proforma, and limits not to exceed."""

from datetime import date
from decimal import Decimal

from adapter.making.books import Books
from adapter.reading.store import Records
from adapter.values.actuals import Actual
from adapter.values.money import ZERO
from adapter.values.project_operations import (
    Account,
    Contract,
    ContractCustomer,
    ContractLine,
    Invoice,
    InvoiceLineDetail,
)

OPEN = ("draft", "in-review")


def existing_draft(
    books: Books,
    environment: str,
    contract: str,
    account: Account | None,
    customer: str | None,
    currency: str,
) -> dict[str, object] | None:
    """The most recent open proforma of the contract and customer, which would be added to.

    Most recent: latest invoice date, then id (domain 5, Selection).
    """
    records = books.records_of(environment)
    names = {customer} | ({account.id, account.number} if account is not None else set())
    found = [
        invoice
        for invoice in records.where(Invoice, "contract", contract)
        if invoice.invoice_status in OPEN
        and invoice.order_type in (None, "work-based")
        and (invoice.customer is None or invoice.customer in names)
        and books.currency_code(environment, invoice.currency) in ("", currency)
    ]
    if not found:
        return None
    latest = max(
        found, key=lambda i: (i.invoice_date is not None, i.invoice_date or date.min, i.id)
    )
    details = records.where(InvoiceLineDetail, "invoice", latest.id)
    amount = sum((d.amount or ZERO for d in details if d.billing_type == "chargeable"), ZERO)
    return {"id": latest.id, "number": latest.number or latest.id, "lines": len(details),
            "amount": amount}  # fmt: skip


def limit_lines(records: Records, line: ContractLine, draft: Decimal) -> list[dict[str, object]]:
    """Not-to-exceed of a line, its payers and its contract, beside what is billed (R-126).

    `billed` are the confirmed chargeable sales of that contract line, `draft` those of this
    draft, `left` what remains of the limit after both. Only the line's own limit can be
    compared with the line's sales; the others are shown as limits.
    """
    found: list[dict[str, object]] = []
    if line.nte_limit is not None:
        billed = billed_of(records, line.id)
        found.append(_limit("contract-line", line.id, line.nte_limit, billed, draft))
    for payer in records.where(ContractCustomer, "contract_line", line.id):
        if payer.nte_limit is not None:
            found.append(_limit("contract-line-customer", payer.id, payer.nte_limit))
    contract = records.one(Contract, line.contract)
    if contract is not None and contract.nte_limit is not None:
        found.append(_limit("contract", contract.id, contract.nte_limit))
    return found


def _limit(
    level: str, key: str, limit: Decimal, billed: Decimal | None = None, draft: Decimal = ZERO
) -> dict[str, object]:
    known = billed is not None
    return {"level": level, "id": key, "limit": limit, "billed": billed,
            "draft": draft if known else None,
            "left": limit - billed - draft if billed is not None else None}  # fmt: skip


def billed_of(records: Records, contract_line: str) -> Decimal:
    """Confirmed chargeable sales of a contract line, corrections taken off."""
    return sum(
        (
            (actual.amount or ZERO) - (actual.discount_amount or ZERO)
            for actual in records.where(Actual, "contract_line", contract_line)
            if actual.transaction_type == "billed-sales" and actual.billing_type == "chargeable"
        ),
        ZERO,
    )
