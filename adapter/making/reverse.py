"""What a corrective invoice and the recall of an approval create (domain E10, E19, E23-E25).

Pure and for comparison only: people start both. Nothing that is on a draft or a confirmed
invoice can be recalled before a corrective invoice gave full credit (domain R-157).
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from msgspec import Struct

from adapter.making.documents import finding_of
from adapter.making.new_actuals import (
    ADJUSTED,
    BILLED,
    CANCELED,
    OPEN,
    UNBILLED,
    Created,
    Creation,
)
from adapter.values.actuals import Actual
from adapter.values.finding import Finding
from adapter.values.money import STANDARD, ZERO, CurrencyRule
from adapter.values.project_operations import Milestone

INVOICED = ("customer-invoice-created", "customer-invoice-posted")
REVISABLE = ("confirmed", "paid", "posted")


class Correction(Struct, frozen=True, kw_only=True):
    """One billed sales actual on a corrective invoice, and its right final quantity.

    The quantity opens at zero, which is a full credit.
    """

    original: Actual
    quantity: Decimal = ZERO
    price: Decimal | None = None
    tax: Decimal | None = None  # of the right quantity
    milestone: Milestone | None = None


def revise_proforma(
    corrections: Sequence[Correction],
    *,
    invoice: str,
    status: str = "confirmed",
    rule: CurrencyRule = STANDARD,
) -> Created:
    """All that confirming the corrective invoice `invoice` creates and changes.

    `status` is that of the invoice being revised: only a confirmed or paid one can be
    (domain R-141); a milestone is credited in full or not at all (R-140).
    """
    creation = Creation(invoice, rule, "correction", is_invoice=True)
    if status not in REVISABLE:
        return Created(findings=(_not_revisable(invoice, status),))
    for one in corrections:
        if one.original.transaction_class == "milestone":
            _credit_milestone(creation, one)
        elif one.original.transaction_class == "retainer":
            creation.findings.append(_of_retainer(one))
        else:
            _credit(creation, one)
    return creation.done()


def _credit(creation: Creation, one: Correction) -> None:
    """Credit all, bill the right quantity, and open again what was billed too much.

    The remainder is chargeable and open here, unlike the one of an edited draft (E24, E13).
    """
    billed, right = one.original, one.quantity
    wrong = billed.quantity or ZERO
    creation.change(billed.id, "adjustment_status", ADJUSTED)
    creation.reverse(billed)
    if right:
        posted = creation.like(billed, quantity=right, price=one.price, taxed=one.tax,
                               transaction_type=UNBILLED)  # fmt: skip
        creation.connect(posted, "Replacing", billed, "Original")
        creation.reverse(posted)
        new = creation.like(posted, transaction_type=BILLED)
        creation.connect(new, "Billed Sales", posted, "Unbilled Sales")
    if right < wrong:
        back = creation.like(billed, quantity=wrong - right, transaction_type=UNBILLED, status=OPEN)
        creation.connect(back, "Replacing", billed, "Original")


def _credit_milestone(creation: Creation, one: Correction) -> None:
    billed = one.original
    if one.quantity:
        creation.findings.append(
            finding_of(
                "PRO704",
                billed.id,
                f"a milestone can only be credited in full, not down to {one.quantity}",
                "Leave the quantity at 0 on the corrective invoice, then invoice it again.",
                ("quantity", one.quantity),
            )
        )
        return
    creation.change(billed.id, "adjustment_status", ADJUSTED)
    creation.reverse(billed)
    if one.milestone is not None:
        creation.change(one.milestone.id, "invoice_status", "ready")


def reverse_approval(actuals: Iterable[Actual], *, event: str) -> Created:
    """Recall or cancellation of an approval: every actual of its set is reversed (E10).

    Originals become adjusted and canceled, reversals unadjustable and canceled. If one of
    the set is on a draft or confirmed invoice, nothing is reversed (PRO706, R-157).
    """
    found = list(actuals)
    blocked = invoiced_findings(found)
    if blocked:
        return Created(findings=blocked)
    creation = Creation(event)
    for actual in found:
        if actual.adjustment_status is not None:
            continue  # reversed or being reversed already
        creation.change(actual.id, "adjustment_status", ADJUSTED)
        creation.change(actual.id, "billing_status", CANCELED)
        creation.reverse(actual, status=CANCELED)
    return creation.done()


def invoiced_findings(actuals: Iterable[Actual]) -> tuple[Finding, ...]:
    """PRO706 for each actual that is on a draft or confirmed invoice."""
    return tuple(_invoiced(actual) for actual in actuals if is_invoiced(actual))


def is_invoiced(actual: Actual) -> bool:
    """Whether an actual is on a draft or on a confirmed invoice."""
    return actual.billing_status in INVOICED or (
        actual.transaction_type == UNBILLED and actual.invoice is not None
    )


def corrective_net(created: Created) -> Decimal:
    """What the corrective invoice asks for; negative is a credit."""
    return sum(
        (a.amount or ZERO for a in created.actuals
         if a.transaction_type == BILLED and a.billing_type == "chargeable"),
        ZERO,
    )  # fmt: skip


def _invoiced(actual: Actual) -> Finding:
    return finding_of(
        "PRO706",
        actual.id,
        "the actual is on an invoice, so its approval cannot be recalled",
        "Remove it from the draft, or confirm a corrective invoice with full credit first.",
        ("billing status", actual.billing_status),
        ("invoice", actual.invoice),
    )


def _of_retainer(one: Correction) -> Finding:
    return finding_of(
        "PRO714",
        one.original.id,
        "a retainer is refunded from what it has left, it is not credited like usage",
        "Apply what is left of it, or refund it by hand in the CRM.",
        ("amount", one.original.amount),
    )


def _not_revisable(invoice: str, status: str) -> Finding:
    return finding_of(
        "PRO709",
        invoice,
        f"only a confirmed or paid proforma can be revised, this one is {status}",
        "Edit the draft itself, or confirm it first.",
        ("status", status),
    )
