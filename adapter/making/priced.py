"""What is asked of pricing and what it answers: a price that says where it came from.

`Ask` names what is priced and in which circumstances, `Priced` is the price of one unit,
`Worth` the amount of a quantity at it. Every `Priced` can say itself in one line (`said`).
"""

from datetime import date
from decimal import Decimal
from fractions import Fraction

from msgspec import Struct
from msgspec.structs import replace

from adapter.making.documents import sourced_finding
from adapter.making.units import short
from adapter.reading.settings import Settings
from adapter.values.codes import CODES
from adapter.values.finding import Finding, Place, shown
from adapter.values.money import (
    HUNDRED,
    STANDARD,
    ZERO,
    CurrencyRule,
    decimal_of,
    discount_of,
    is_money,
    ratio_rounded,
)

ONE = Decimal(1)


class Switches(Struct, frozen=True, kw_only=True):
    """How a workspace wants prices to be found (`[settings]` of its adapter.toml)."""

    calculate_price_in_field_service: bool = True  # domain R-067
    calculate_cost_in_field_service: bool = True
    material_pricing_methods: str = "all"  # all, currency-amount (domain R-070)
    role_price_priority: str = "company"  # company, resourcing-unit
    multi_currency_cost_lists: bool = False


def switches_of(settings: Settings) -> Switches:
    """The pricing settings of a workspace; a setting that is not said has its default."""
    said = {n: v for n, v in settings.options.items() if n in Switches.__struct_fields__}
    return Switches(**said)  # type: ignore[arg-type]


class Ask(Struct, frozen=True, kw_only=True):
    """What is to be priced: one of `product`, `role` and `category`, and its circumstances.

    Names are ids of records. `day` is the transaction day in the company's time zone (domain
    R-072). What is missing is taken from the work order, its line and the project. `entered`
    is the cost of one unit that a person entered (expenses), in `entered_currency`.
    """

    product: str | None = None
    role: str | None = None
    category: str | None = None
    unit: str | None = None
    day: date | None = None
    work_order: str | None = None
    line: str | None = None
    contract: str | None = None
    project: str | None = None
    contracting_unit: str | None = None
    company: str | None = None  # resourcing company
    resourcing_unit: str | None = None
    resource: str | None = None
    currency: str | None = None  # of the sale, where no contract says it
    entered: Decimal | None = None
    entered_currency: str | None = None
    record: str = ""  # id of the record that asks; findings are about it
    switches: Switches = Switches()


class Priced(Struct, frozen=True, kw_only=True):
    """The price or cost of one unit, and where it came from.

    `price` is exact where its decimals end; `numerator` over `denominator` always is, and
    amounts are made of it. `basis` is `line` (the work order line says it), `entry` (a person
    entered it), `price-list`, or `none` (no price: zero, and a finding says why).
    """

    kind: str = ""  # sales, cost
    price: Decimal = ZERO
    numerator: Decimal = ZERO
    denominator: Decimal = ONE
    currency: str | None = None
    currency_code: str = ""
    unit: str | None = None
    unit_name: str = ""
    basis: str = "none"
    level: str = ""  # work order, contract, project, contracting unit, organisation
    price_list: str | None = None
    price_list_name: str = ""
    row: str | None = None  # the row of the price list, the line or the entry
    method: str = "price-per-unit"  # or at-cost, markup
    how: str = ""  # how the price was made of the listed one, in words
    rule: CurrencyRule = STANDARD  # how amounts in its currency are rounded
    findings: tuple[Finding, ...] = ()

    @property
    def exact(self) -> Fraction:
        """The price without any rounding."""
        top = Fraction(self.numerator)
        return top if self.denominator == ONE else top / Fraction(self.denominator)


NO_PRICE = Priced()


class Worth(Struct, frozen=True, kw_only=True):
    """What a quantity is worth at a price, rounded at the amount only (domain R-066)."""

    priced: Priced
    quantity: Decimal  # shown; without its end after 28 digits
    amount: Decimal = ZERO
    discount: Decimal = ZERO
    fee: Decimal = ZERO
    tax: Decimal = ZERO
    extended: Decimal = ZERO  # amount - discount + fee + tax
    findings: tuple[Finding, ...] = ()


def ruled(priced: Priced, settings: Settings) -> Priced:
    """The price with the rounding that a workspace has for its currency."""
    return replace(priced, rule=settings.currency_rule(priced.currency_code))


def worth(
    priced: Priced,
    quantity: Decimal | Fraction,
    *,
    discount_percent: Decimal | None = None,
    fee: Decimal = ZERO,
    tax: Decimal = ZERO,
    chargeable: bool = True,
) -> Worth:
    """amount, discount and extended amount of `quantity` units at a price (domain R-066).

    The amount is rounded once, the discount is of the rounded amount. What is not chargeable
    carries no discount and no fee. A discount outside 0 to 100 percent is not taken, and an
    amount that no money column holds is left at zero: PRC711 (domain R-060).
    """
    exact = quantity if isinstance(quantity, Fraction) else Fraction(quantity)
    rule = priced.rule
    amount = ratio_rounded(exact * priced.exact, rule)
    number = quantity if isinstance(quantity, Decimal) else decimal_of(exact)
    record = priced.row or ""
    percent = discount_percent if discount_percent is not None and chargeable else ZERO
    if not is_money(amount):
        found = _not_possible(record, f"an amount of {shown(amount)} fits no money column")
        return Worth(priced=priced, quantity=number, findings=(found,))
    found_of: tuple[Finding, ...] = ()
    if not ZERO <= percent <= HUNDRED:
        found_of = (_not_possible(record, f"a discount of {shown(percent)} percent"),)
        percent = ZERO
    discount = discount_of(amount, percent, rule)
    fee = fee if chargeable else ZERO
    return Worth(
        priced=priced,
        quantity=number,
        amount=amount,
        discount=discount,
        fee=fee,
        tax=tax,
        extended=amount - discount + fee + tax,
        findings=found_of,
    )


def said(priced: Priced) -> str:
    """Where the price came from, in one line for people."""
    per = f" per {priced.unit_name}" if priced.unit_name else ""
    price = f"{priced.currency_code} {short(priced.price)}{per}".strip()
    if priced.basis == "none":
        why = priced.findings[-1].message if priced.findings else "nothing was asked for"
        return f"{price}: no {priced.kind} price, {why}"
    if priced.basis == "line":
        listed = f" (price list {priced.price_list_name})" if priced.price_list_name else ""
        return f"{price}: as on the work order line{listed}"
    if priced.basis == "entry":
        return f"{price}: as entered by a person"
    how = f", {priced.how}" if priced.how else ""
    return f"{price}: price list {priced.price_list_name} of the {priced.level}{how}"


def priced_finding(
    ask: Ask, code: str, message: str, help: str, source: str, *values: tuple[str, object]
) -> Finding:
    """A finding of pricing about the record that asked."""
    record = ask.record or ask.line or ask.product or ask.role or ask.category or ""
    return sourced_finding(code, record, message, help, source, *values)


def _not_possible(record: str, message: str) -> Finding:
    return Finding(
        code="PRC711",
        level=CODES["PRC711"].level,
        message=f"{message}; it was not computed",
        place=Place(record),
        help="Correct the quantity, the price or the discount of the record.",
        record=record,
        source="domain R-060, R-066",
    )
