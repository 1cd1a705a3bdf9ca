"""Which figures of a story an actual adds to, and where it stands in the life of a line."""

from decimal import Decimal

from adapter.making.new_actuals import (
    BILLED,
    CANCELED,
    COST,
    DRAFTED,
    RETAINER,
    UNADJUSTABLE,
    UNBILLED,
)
from adapter.making.story_parts import Effects
from adapter.making.work_lines import estimated_of, to_bill_of, used_of
from adapter.values.actuals import Actual
from adapter.values.field_service import WorkOrderLine
from adapter.values.money import ZERO, CurrencyRule, amount_of, discount_of

CHARGEABLE = "chargeable"
NET_OF_LINE = "estimate"
COST_OF_LINE = "estimate_cost"
LABOUR = ("time", "expense")
STAGE_OF = {COST: "cost", UNBILLED: "unbilled", BILLED: "billed"}


def estimated_worth(
    line: WorkOrderLine, price: Decimal, cost: Decimal, rule: CurrencyRule,
    cost_rule: CurrencyRule,
) -> tuple[tuple[str, Decimal], tuple[str, Decimal]] | None:  # fmt: skip
    """Sales value and cost of what is estimated on a line; None where nothing is.

    An estimated discount is not carried to the project, so it takes nothing off (domain R-063).
    """
    quantity = estimated_of(line)
    if not quantity:
        return None
    return ((NET_OF_LINE, amount_of(quantity, price, rule)),
            (COST_OF_LINE, amount_of(quantity, cost, cost_rule)))  # fmt: skip


def used_worth(line: WorkOrderLine, price: Decimal, rule: CurrencyRule) -> Decimal | None:
    """Sales value of what was used on a line; None where nothing was.

    The discount is taken from the part that is to be billed only (domain G2), so that what was
    used is what is billed and what is not charged.
    """
    used = used_of(line) if line.line_status == "used" else ZERO
    if not used:
        return None
    if not line.discount_percent:
        return amount_of(used, price, rule)
    to_bill = to_bill_of(line)
    billed = amount_of(used if to_bill is None else min(used, to_bill), price, rule)
    return amount_of(used, price, rule) - (billed - _less(billed, line.discount_percent, rule))


def _less(gross: Decimal, percent: Decimal | None, rule: CurrencyRule) -> Decimal:
    return gross - discount_of(gross, percent, rule) if percent else gross


def stage_of(actual: Actual, event: str = "") -> str:
    """Where an actual stands in the life of a line, by the event that made it.

    Confirming a proforma as it was closes the unbilled sales: that reversal corrects nothing.
    """
    if event in ("E12", "E15") and actual.transaction_type == UNBILLED:
        return "closed"
    if actual.adjustment_status == "unadjustable" or actual.is_correction:
        return "corrected"
    return STAGE_OF.get(actual.transaction_type or "", "other")


def net_of(actual: Actual) -> Decimal | None:
    """The amount after discount and fee, before tax; a cost by price list."""
    if actual.amount is None:
        return None
    if actual.transaction_type == COST:
        return actual.amount
    return actual.amount - (actual.discount_amount or ZERO) + (actual.fee_amount or ZERO)


def effects_of(actual: Actual, net: Decimal | None) -> Effects:
    """Which figures an actual adds to. Reversals have the other sign, so that sums come out.

    Retainers are no revenue: they are open advances until they are used up (domain G9).
    """
    kind = actual.transaction_type
    if net is None or kind not in (COST, UNBILLED, BILLED):
        return ()
    if kind == COST:
        return (("cost", net),)
    is_retainer = actual.transaction_class == RETAINER
    if kind == UNBILLED:
        if is_retainer:
            return (("advances", -net),)
        used = (("used", net),) if is_labour_in(actual) else ()
        if actual.billing_type != CHARGEABLE:
            return (("not_charged", net), *used)
        if actual.billing_status == DRAFTED and actual.adjustment_status is None:
            return (("backlog", net), ("on_draft", net), *used)
        return (("backlog", net), *used)
    tax = (("tax", actual.tax),) if actual.tax else ()
    if is_retainer:
        return tax
    if actual.billing_type != CHARGEABLE:
        return (("not_charged", net),)
    return (("invoiced", net), *tax)


def posted_effects(actual: Actual, net: Decimal | None) -> Effects:
    """What Finance adds to the figures on the day of posting, which may be in a later period
    than the work (R-162): what was posted, and what it adjusted the cost by (E34).
    """
    if actual.transaction_type == COST:
        drift = actual.adjustment_value or ZERO
        made = [("cost", drift), ("cost_adjusted", drift)] if drift else []
        if actual.voucher and (net is not None or drift):
            made.append(("cost_posted", (net or ZERO) + drift))
        return tuple(made)
    is_revenue = (
        actual.transaction_type == BILLED and actual.transaction_class != RETAINER
        and actual.billing_type == CHARGEABLE
    )  # fmt: skip
    return (("posted", net),) if is_revenue and actual.voucher and net is not None else ()


def is_labour_in(actual: Actual) -> bool:
    """Time or expense that came in by an approval and was not taken back (E10): no work order
    line tells its value.
    """
    return (
        actual.transaction_class in LABOUR
        and actual.adjustment_status != UNADJUSTABLE
        and actual.origin in (None, *LABOUR)
        and actual.billing_status != CANCELED
    )
