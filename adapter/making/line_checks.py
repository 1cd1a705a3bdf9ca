"""What may be wrong with a work order line that is used: quantities, discount, extras."""

from decimal import ROUND_HALF_UP, Decimal

from adapter.making.documents import finding_of
from adapter.making.expectation import warning_of
from adapter.making.priced import Priced
from adapter.making.work_lines import Around, to_bill_of, two_decimals, used_of
from adapter.values.finding import Finding
from adapter.values.money import HUNDRED, ZERO

CONVERT = "convert"
PERCENT_UNIT = Decimal("0.01")
RULES = {
    "USG701": "R-053", "USG702": "R-060", "USG703": "R-061", "USG705": "R-052", "MAP521": "R-054",
}  # fmt: skip


def check_used(around: Around, price: Priced, discount_amounts: str) -> tuple[Finding, ...]:
    """Findings of a used line: errors among them keep it from becoming usage."""
    line = around.line
    used, to_bill = used_of(line), to_bill_of(line)
    found = [
        below_zero(line.id, what, quantity)
        for what, quantity in (("quantity used", used), ("quantity to bill", to_bill))
        if quantity < 0
    ]
    found += discount_percent_of(around, to_bill, price, discount_amounts)[1]
    if not used:
        found.append(_nothing_used(line.id))
    said = line.quantity
    if said is not None and said != two_decimals(said):
        found.append(
            warning_of("MAP521", line.id, "the quantity has more than two decimals and is rounded",
                       "Enter quantities with two decimals.",
                       ("quantity", said), ("rounded", two_decimals(said)))
        )  # fmt: skip
    return (*found, *_extras(line.id, line.additional_cost, line.commission))


def rules_of(found: tuple[Finding, ...]) -> tuple[str, ...]:
    """The rules behind the findings, each once."""
    return tuple(dict.fromkeys(RULES[f.code] for f in found if f.code in RULES))


def below_zero(line: str, what: str, quantity: Decimal) -> Finding:
    """A quantity that no work order line may have (domain R-053)."""
    return finding_of(
        "USG701",
        line,
        f"the {what} is below zero",
        "Enter a quantity of zero or more; recall a usage to take it back.",
        (what, quantity),
    )


def discount_percent_of(
    around: Around, to_bill: Decimal, price: Priced, discount_amounts: str = "reject"
) -> tuple[Decimal | None, tuple[Finding, ...]]:
    """The discount as a percentage of the billed amount, and what is wrong with it.

    A percentage wins over an amount (domain R-062). An amount alone is refused, or turned
    into a percentage of two decimals, which may drift by cents (R-061, G2).
    """
    line = around.line
    percent, amount = line.discount_percent, line.discount_amount
    if percent is not None and not ZERO <= percent <= HUNDRED:
        return None, (
            finding_of("USG702", line.id, "the discount is not from 0 to 100 percent",
                       "Enter a discount from 0 to 100 percent.", ("percent", percent)),
        )  # fmt: skip
    if percent or not amount:
        return percent, ()
    gross = to_bill * price.price
    if discount_amounts != CONVERT or not ZERO < amount <= gross:
        return None, (
            finding_of(
                "USG703",
                line.id,
                "a discount as an amount is not carried to the project",
                'Enter it as a percentage, or set discount_amounts = "convert".',
                ("amount", amount),
                ("billed before discount", gross),
            ),
        )
    turned = (amount / gross * HUNDRED).quantize(PERCENT_UNIT, rounding=ROUND_HALF_UP)
    return turned, (
        warning_of(
            "USG703",
            line.id,
            "the discount amount was turned into a percentage: cents may drift",
            "Enter the discount as a percentage.",
            ("amount", amount),
            ("percent", turned),
        ),
    )


def _nothing_used(line: str) -> Finding:
    return warning_of(
        "USG705",
        line,
        "the line is used with a quantity of zero: there is nothing to cost or to bill",
        "Enter what was used, or set the line back to Estimated.",
    )


def _extras(
    line: str, additional: Decimal | None, commission: Decimal | None
) -> tuple[Finding, ...]:
    """Additional cost and commission are not in the unit cost; inferred (domain 9.5, 8)."""
    if not (additional or commission):
        return ()
    return (
        warning_of(
            "USG707",
            line,
            "additional cost and commission of the line are not carried to the project",
            "Record them as an expense of the project.",
            ("additional cost", additional),
            ("commission", commission),
        ),
    )
