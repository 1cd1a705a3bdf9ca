"""Money: the only place that rounds or splits.

Amounts are `Decimal` in a named currency. Rounding is half up to the currency's decimals
unless the workspace says otherwise (`[rounding]`); what was rounded away is never lost:
splits give the residual to one share or by largest remainder, and say how much it was.
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_FLOOR, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import cache, lru_cache

from msgspec import Struct

ZERO = Decimal(0)
HUNDRED = Decimal(100)
DIGITS_MAX = 19  # digits of an amount; more does not fit a Dataverse money column
DECIMALS_DEFAULT = 2
SHORT = 12  # signs of a number that needs no closer look
MODES = {"half-up": ROUND_HALF_UP, "half-even": ROUND_HALF_EVEN}


class CurrencyRule(Struct, frozen=True):
    """How amounts of one currency are rounded: decimals and mode."""

    decimals: int = DECIMALS_DEFAULT
    mode: str = "half-up"


STANDARD = CurrencyRule()


def is_money(value: Decimal) -> bool:
    """Whether a number is finite and within 19 digits, so that it can be an amount."""
    if is_short(value):
        return True
    if not value.is_finite():
        return False
    _sign, digits, exponent = value.as_tuple()
    assert isinstance(exponent, int)
    return len(digits) + max(exponent, 0) <= DIGITS_MAX and exponent >= -10


def is_short(value: Decimal) -> bool:
    """Whether a number is written with at most twelve signs and no exponent: most are."""
    text = str(value)
    return len(text) <= SHORT and text.replace(".", "", 1).lstrip("-").isdigit()


@lru_cache(maxsize=10_000)  # equal numbers are one key, and have one form
def canonical(value: Decimal, decimals: int = 0) -> Decimal:
    """A finite number in its one form, however it was written; its value never changes.

    At `decimals`, and with more only for digits that are there: 150.0 at 2 is 150.00, 33.3330
    is 33.333. No exponent, zero has no sign, and nothing is added beyond 19 digits.
    """
    whole, _, part = f"{value:f}".partition(".")
    room = max(DIGITS_MAX - len(whole.lstrip("-")), 0)
    part = part.rstrip("0").ljust(min(decimals, room), "0")
    found = Decimal(f"{whole}.{part}" if part else whole)
    return found if found else found.copy_abs()


def money_text(value: Decimal | None, decimals: int = DECIMALS_DEFAULT) -> str:
    """An amount as plain text at the decimals of its currency, and more where they are there.

    Empty for none.
    """
    if value is None:
        return ""
    text = f"{value:f}"
    if decimals == DECIMALS_DEFAULT and text[-3:-2] == "." and text != "-0.00":
        return text
    return f"{canonical(value, decimals):f}"


def rounded(value: Decimal, rule: CurrencyRule = STANDARD) -> Decimal:
    """`value` at the currency's decimals, by its mode (half up if not said otherwise)."""
    return value.quantize(_unit(rule.decimals), rounding=MODES[rule.mode])


@cache
def _unit(decimals: int) -> Decimal:
    return Decimal(1).scaleb(-decimals)


def amount_of(quantity: Decimal, price: Decimal, rule: CurrencyRule = STANDARD) -> Decimal:
    """quantity times price, rounded once at the amount (domain: golden case conventions)."""
    return rounded(quantity * price, rule)


def ratio_rounded(value: Fraction, rule: CurrencyRule = STANDARD) -> Decimal:
    """An exact ratio at the currency's decimals: the only rounding where a price or a quantity
    has no end in decimals (a price per day is no number per hour with an end).
    """
    top, bottom = value.numerator * 10**rule.decimals, value.denominator
    if MODES[rule.mode] == ROUND_HALF_EVEN:
        whole = round(Fraction(top, bottom))
    else:
        whole = (2 * abs(top) + bottom) // (2 * bottom) * (-1 if top < 0 else 1)
    return Decimal(f"{whole}E-{rule.decimals}")


def decimal_of(value: Fraction) -> Decimal:
    """An exact ratio to be shown: without its end after 28 digits. Amounts are never made of it."""
    return Decimal(value.numerator) / Decimal(value.denominator)


def discount_of(amount: Decimal, percent: Decimal, rule: CurrencyRule = STANDARD) -> Decimal:
    """The discount that `percent` takes from a gross amount, rounded (domain R-066)."""
    return rounded(amount * percent / HUNDRED, rule)


def split_by_percent(
    total: Decimal, percents: Sequence[Decimal], rounding_at: int | None, decimals: int
) -> tuple[Decimal, ...]:
    """Split `total` by percentages at `decimals`; the shares always add up to `total`.

    The share at `rounding_at` takes the residual (the rounding customer, domain E26 and
    G6). Without one, the largest remainders take a unit each.
    Raises ValueError when the percentages do not add up to 100 (domain R-034).
    """
    if sum(percents, ZERO) != HUNDRED:
        raise ValueError(f"percentages add up to {sum(percents, ZERO)}, not 100")
    unit = _unit(decimals)
    exact = [total * percent / HUNDRED for percent in percents]
    if rounding_at is not None:
        shares = [part.quantize(unit, rounding=ROUND_HALF_UP) for part in exact]
        shares[rounding_at] = total - sum(
            (s for i, s in enumerate(shares) if i != rounding_at), ZERO
        )
        return tuple(shares)
    shares = [part.quantize(unit, rounding=ROUND_FLOOR) for part in exact]
    left = int(((total - sum(shares, ZERO)) / unit).to_integral_value())
    by_remainder = sorted(range(len(exact)), key=lambda i: (shares[i] - exact[i], i))
    for i in by_remainder[:left]:
        shares[i] += unit
    residual = total - sum(shares, ZERO)
    if residual:
        shares[by_remainder[0]] += residual
    return tuple(shares)


def sums_by(pairs: Iterable[tuple[str, Decimal]]) -> Mapping[str, Decimal]:
    """Sums per key, keys sorted; amounts of different keys are never added."""
    sums: dict[str, Decimal] = {}
    for key, value in pairs:
        sums[key] = sums.get(key, ZERO) + value
    return dict(sorted(sums.items()))
