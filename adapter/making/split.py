"""Split billing: one usage over several payers, nothing lost and nothing doubled.

The quantity is split by percentages; the rounding customer takes the difference, without
one the largest remainders do (domain E26, G6). Amounts are rounded per payer and the payer
that took the difference in quantity takes the one in money, so that the parts always add
up to the whole.
"""

from collections.abc import Sequence
from decimal import Decimal

from adapter.values.money import STANDARD, ZERO, CurrencyRule, amount_of, split_by_percent

QUANTITY_DECIMALS = 2  # of msdyn_actual quantities (domain 4.1)


def split_quantity(
    quantity: Decimal, percents: Sequence[Decimal], rounding_at: int | None = None
) -> tuple[Decimal, ...]:
    """The quantity of each payer; the shares add up to `quantity`.

    `rounding_at` is the place of the rounding customer. Raises ValueError when the
    percentages do not add up to 100 (domain R-034).
    """
    return split_by_percent(quantity, percents, rounding_at, QUANTITY_DECIMALS)


def split_amount(
    quantity: Decimal,
    price: Decimal,
    percents: Sequence[Decimal],
    rounding_at: int | None = None,
    rule: CurrencyRule = STANDARD,
) -> tuple[Decimal, ...]:
    """The amount of each payer: its quantity times price, rounded; the parts keep the whole.

    The difference in money, if any, goes to the rounding customer, else to the largest
    share. Raises ValueError when the percentages do not add up to 100.
    """
    shares = split_quantity(quantity, percents, rounding_at)
    amounts = [amount_of(share, price, rule) for share in shares]
    residual = amount_of(quantity, price, rule) - sum(amounts, ZERO)
    if residual:
        largest = max(range(len(shares)), key=lambda i: (abs(shares[i]), -i))
        amounts[largest if rounding_at is None else rounding_at] += residual
    return tuple(amounts)
