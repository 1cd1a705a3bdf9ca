"""What actuals cost, with what Finance adjusted it by."""

from collections.abc import Iterable
from decimal import Decimal

from adapter.making.new_actuals import COST
from adapter.values.actuals import Actual
from adapter.values.money import ZERO


def cost_of(actuals: Iterable[Actual]) -> dict[tuple[str, str], Decimal]:
    """Net cost per class and currency, with what Finance adjusted it by (E34)."""
    sums: dict[tuple[str, str], Decimal] = {}
    for actual in actuals:
        if actual.transaction_type == COST:
            key = (actual.transaction_class or "", actual.currency or "")
            sums[key] = sums.get(key, ZERO) + extended_cost(actual)
    return dict(sorted(sums.items()))


def extended_cost(cost: Actual) -> Decimal:
    """The cost as it was posted: its amount and the adjustment value (domain G3)."""
    return (cost.amount or ZERO) + (cost.adjustment_value or ZERO)
