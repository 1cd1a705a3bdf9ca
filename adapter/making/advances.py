"""Retainers: what is available, and how much of it an invoice takes."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from msgspec import Struct

from adapter.making.books import Books
from adapter.making.lined import BillingLine
from adapter.making.new_actuals import POSTED
from adapter.values.money import ZERO
from adapter.values.project_operations import Retainer


class Advance(Struct, frozen=True, kw_only=True):
    """A retainer and what is taken from it; all in the retainer's currency."""

    retainer: str
    name: str
    available: Decimal
    applied: Decimal
    left: Decimal
    used: Decimal = ZERO  # before this invoice
    contract: str | None = None
    contract_customer: str | None = None
    currency: str | None = None  # id, as the retainer has it


def is_invoiced(retainer: Retainer) -> bool:
    """Whether a retainer was invoiced (E20): its flag says it, else its status.

    The documented states of a retainer are not ready and ready (domain 1.3): one that was
    invoiced may keep them, so that they disprove nothing. One on a draft is not invoiced yet.
    """
    if retainer.is_invoiced is not None:
        return retainer.is_invoiced
    return retainer.invoice_status == POSTED


def available_of(retainer: Retainer) -> Decimal:
    """What a retainer still has: nothing before it was invoiced (domain R-144)."""
    if not is_invoiced(retainer):
        return ZERO
    return max((retainer.amount or ZERO) - (retainer.used_amount or ZERO), ZERO)


def applied_of(available: Decimal, invoice: Decimal, wanted: Decimal | None = None) -> Decimal:
    """How much is taken: what is wanted, capped at what is there and at the invoice.

    The cap at the available amount is documented; the one at the invoice is inferred, so
    that an invoice never falls below zero (domain G9).
    """
    most = max(min(available, invoice), ZERO)
    return most if wanted is None else max(min(wanted, most), ZERO)


def advance_of(retainer: Retainer, applied: Decimal) -> Advance:
    """What is taken from a retainer as it stands now."""
    available = available_of(retainer)
    return Advance(
        retainer=retainer.id,
        name=retainer.name or retainer.id,
        available=available,
        applied=applied,
        left=available - applied,
        used=retainer.used_amount or ZERO,
        contract=retainer.contract,
        contract_customer=retainer.contract_customer,
        currency=retainer.currency,
    )


def apply_advances(
    books: Books,
    environment: str,
    contract: str,
    payer: str,
    currency: str,
    details: Iterable[BillingLine],
) -> list[Advance]:
    """Invoiced retainers of the payer, oldest first, until the draft is paid or they end.

    A retainer that this draft itself invoices is no debt that another retainer pays.
    """
    owed = sum((d.extended + d.tax for d in details
                if d.billing_type == "chargeable" and d.source != "retainer"), ZERO)  # fmt: skip
    found = [
        retainer
        for retainer in books.records_of(environment).where(Retainer, "contract", contract)
        if retainer.contract_customer in (None, payer)
        and books.currency_code(environment, retainer.currency) in ("", currency)
    ]
    advances: list[Advance] = []
    for retainer in sorted(found, key=lambda r: (r.invoice_date or date.max, r.id)):
        available = available_of(retainer)
        applied = applied_of(available, owed)
        if applied > 0:
            advances.append(advance_of(retainer, applied))
            owed -= applied
    return advances
