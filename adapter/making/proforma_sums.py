"""What a draft asks for, detail by detail and in all."""

from decimal import Decimal

from msgspec.structs import replace

from adapter.making.proforma_life import Draft, Entry
from adapter.values.actuals import Actual
from adapter.values.money import STANDARD, ZERO, CurrencyRule, amount_of, discount_of, rounded

UNEDITED = dict.fromkeys(("quantity", "price", "tax", "billing_type"))


def amounts_of(entry: Entry, rule: CurrencyRule = STANDARD) -> tuple[Decimal, Decimal]:
    """What a detail adds to the invoice before tax, and its tax; both zero if it is unpaid."""
    if entry.advance is not None:
        return -entry.advance.applied, ZERO
    due = entry.milestone or entry.retainer
    if due is not None:
        usual = entry.milestone.tax if entry.milestone is not None else None
        amount = (due.amount or ZERO) if entry.price is None else entry.price
        is_paid = entry.billing_type in (None, "chargeable")
        taxed = entry.tax if entry.tax is not None else usual or ZERO
        return (amount, taxed) if is_paid else (ZERO, ZERO)
    one = entry.actual or entry.template
    assert one is not None
    if (entry.billing_type or one.billing_type) != "chargeable":
        return ZERO, ZERO
    quantity = (one.quantity or ZERO) if entry.quantity is None else entry.quantity
    price = (one.price or ZERO) if entry.price is None else entry.price
    parts: tuple[Decimal | None, ...] = (one.discount_amount, one.fee_amount, one.tax)
    if (quantity, price) == (one.quantity, one.price) and one.amount is not None:
        amount = one.amount
    else:
        amount = amount_of(quantity, price, rule)
        parts = tuple(_share(part, one, amount, rule) for part in parts)
    discount, fee, tax = (part or ZERO for part in parts)
    if one.discount_percent is not None and amount != one.amount:
        discount = discount_of(amount, one.discount_percent, rule)
    return amount - discount + fee, tax if entry.tax is None else entry.tax


def _share(
    part: Decimal | None, one: Actual, amount: Decimal, rule: CurrencyRule
) -> Decimal | None:
    """A discount or tax in proportion to the edited amount."""
    return part if not part or not one.amount else rounded(part * amount / one.amount, rule)


def total_of(draft: Draft, rule: CurrencyRule = STANDARD) -> Decimal:
    """What the draft asks for: chargeable details after discount, with tax, less advances.

    A corrective detail asks for its right quantity less what was billed.
    """
    total = ZERO
    for entry in draft.entries:
        total += sum(amounts_of(entry, rule), ZERO)
        if entry.is_correction:
            total -= sum(amounts_of(replace(entry, **UNEDITED), rule), ZERO)
    return total
