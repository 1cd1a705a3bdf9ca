"""From a routed actual to its line of the integration journal.

One actual, one line: cost or sales, never both and never merged (domain R-159, 6.3); a fee
is a line beside it. The amount is the actual's own; nothing is computed again from quantity
and price.
"""

from datetime import date
from decimal import Decimal

from msgspec import Struct
from msgspec.structs import replace

from adapter.deciding.dossier import Dossier
from adapter.deciding.ledger_terms import (
    accounting_day,
    exchange_rate,
    line_property_of,
    period_of,
    period_unit_of,
    resolved_category,
)
from adapter.making.billing_lines import (
    currency_of,
    customer_of,
    described,
    discount_taken,
    further,
    no_amount,
    payer_of,
    share_of,
)
from adapter.making.documents import business_key, finding_of
from adapter.making.fee_lines import fee_line, fee_share
from adapter.making.ledger_taxes import item_tax_group_of, sales_tax_group_of
from adapter.making.lined import JournalLine, Lined
from adapter.making.routed import Answer, Routed
from adapter.values.finance import LegalEntity
from adapter.values.finding import Finding
from adapter.values.money import HUNDRED, ZERO, rounded
from adapter.values.project_operations import Company

TYPES = {"time": "hour", "expense": "expense", "material": "item", "fee": "fee"}
COST_TYPES = ("cost", "resourcing-unit-cost")
LENT_TYPES = ("resourcing-unit-cost", "inter-organizational-sales")
PURCHASES = ("vendor-invoice",)
PAIRED = {"cost", "unbilled sales"}


class Terms(Struct, frozen=True, kw_only=True):
    """What the calendar and the reference data say about one line."""

    day: date
    posted: date
    unit: str
    currency: str
    home: str | None
    rate: Decimal | None
    category: str | None


class Amounts(Struct, frozen=True, kw_only=True):
    """One side only: a cost line has no sales, a sales line no cost."""

    cost_price: Decimal = ZERO
    cost_amount: Decimal = ZERO
    sales_price: Decimal = ZERO
    sales_amount: Decimal = ZERO
    discount_amount: Decimal = ZERO
    discount_deducted: Decimal = ZERO


def journal_line(routed: Routed, answer: Answer) -> Lined:
    """The line of one actual, with the journal it belongs to."""
    d = posting_side(routed.dossier)
    terms, faults = terms_of(routed, d)
    amounts = amounts_of(d)
    line = _line(d, terms, amounts)
    amount = d.actual.amount if d.actual.amount is not None else ZERO
    share = share_of(routed.dossier, terms.currency, amount)
    fee = fee_line(d, line, terms.rate)
    return Lined(
        kind="journal",
        rule=answer.rule,
        mapping=answer.mapping,
        group=group_of(d, line, terms.unit, answer),
        order=order_of(line),
        line=line,
        money=(share,) if fee is None else (share, fee_share(d, fee)),
        findings=tuple(faults),
        beside=() if fee is None else (fee,),
    )


def posting_side(d: Dossier) -> Dossier:
    """The dossier as the company that posts sees it: for what it lends, the lending one.

    Its periods, currency, rates, categories and line properties then count (domain 6.1, 6.5).
    """
    code = company_of(d)
    if code == d.code or not code:
        return d
    finance = d.finance_records.one(LegalEntity, code)
    return replace(d, code=code, finance=finance, setting=d.settings.companies.get(code), memo={})


def terms_of(routed: Routed, d: Dossier) -> tuple[Terms, list[Finding]]:
    """Dates, period unit, rate and category of a line, with what is missing among them."""
    faults: list[Finding] = [] if d.actual.amount is not None else [no_amount(d.actual.id)]
    if routed.day is None:
        faults.append(_no_day(d.actual.id))
    day = routed.day or date.max
    posted = routed.expected_accounting_day or accounting_day(d, day)
    if posted is None:
        faults.append(_closed(d, day))
    currency, _ = currency_of(d)
    rate = exchange_rate(d, day)
    if rate is None:
        faults.append(_no_rate(d, currency, day))
    terms = Terms(
        day=day,
        posted=posted or day,
        unit=period_unit_of(d),
        currency=currency,
        home=home_currency(d),
        rate=rate,
        category=resolved_category(d),
    )
    return terms, faults


def home_currency(d: Dossier) -> str | None:
    """The company's accounting currency."""
    if d.finance is not None and d.finance.currency:
        return d.finance.currency
    return d.setting.currency if d.setting is not None else None


def amounts_of(d: Dossier) -> Amounts:
    """Cost or sales of the actual, with its discount by the posting parameter.

    With a category for line discounts in Finance the gross amount accrues and the discount
    stays apart for the invoice; without one the net amount accrues (domain 6.3, G13).
    """
    actual = d.actual
    amount = actual.amount if actual.amount is not None else ZERO
    price = actual.price if actual.price is not None else ZERO
    if actual.transaction_type in COST_TYPES:
        return Amounts(cost_price=price, cost_amount=amount)
    discount = ZERO
    if actual.billing_type == "chargeable":
        discount = discount_taken(d, amount, currency_of(d)[1])
    if d.finance is not None and d.finance.line_discount_category:
        return Amounts(sales_price=price, sales_amount=amount, discount_amount=discount)
    return Amounts(sales_price=price, sales_amount=amount - discount, discount_deducted=discount)


def _line(d: Dossier, terms: Terms, amounts: Amounts) -> JournalLine:
    actual = d.actual
    is_cost = actual.transaction_type in COST_TYPES
    rate = terms.rate
    ours = amounts.cost_amount if is_cost else amounts.sales_amount
    rule = d.settings.currency_rule(terms.home)
    return JournalLine(
        key=business_key("journal", d.environment.name, actual.id),
        actual=actual.id,
        company=company_of(d),
        side="cost" if is_cost else "sales",
        transaction_type=TYPES.get(actual.transaction_class or "", "item"),
        document_type="purchase" if is_cost and actual.origin in PURCHASES else "usage",
        date=terms.day,
        accounting_date=terms.posted,
        period=period_of(terms.posted, terms.unit),
        project=d.project.number if d.project is not None else None,
        task=d.task.number if d.task is not None else None,
        contract=d.contract.number if d.contract is not None else None,
        contract_line=d.contract_line.name if d.contract_line is not None else None,
        customer=None if is_cost else customer_of(d, payer_of(d)[0]),
        category=terms.category,
        resource=d.resource.name if d.resource is not None else None,
        item_number=item_number_of(d),
        description=described(d),
        unit=(d.unit.symbol or d.unit.name) if d.unit is not None else None,
        quantity=actual.quantity if actual.quantity is not None else ZERO,
        cost_price=amounts.cost_price,
        cost_amount=amounts.cost_amount,
        sales_price=amounts.sales_price,
        sales_amount=amounts.sales_amount,
        discount_amount=amounts.discount_amount,
        discount_deducted=amounts.discount_deducted,
        currency=terms.currency,
        exchange_rate=None if rate is None else plain(rate * HUNDRED),
        accounting_amount=None if rate is None else rounded(ours * rate, rule),
        accounting_currency=terms.home,
        line_property=line_property_of(d),
        billing_type=actual.billing_type,
        tax_group=None if is_cost else sales_tax_group_of(d),
        item_tax_group=None if is_cost else item_tax_group_of(d, terms.category),
        site=d.site.number if d.site is not None else None,
        warehouse=d.warehouse.number if d.warehouse is not None else None,
        location=actual.location,
        batch_number=actual.batch_number,
        serial_number=actual.serial_number,
        dimensions=d.finance_project.dimension_display if d.finance_project is not None else None,
        related_actual=related_of(d),
        work_order=d.work_order.number if d.work_order is not None else None,
    )


def company_of(d: Dossier) -> str:
    """The company that posts: the lending one for what it lends (domain 6.1), else ours."""
    if d.actual.transaction_type in LENT_TYPES:
        lender = d.records.one(Company, d.actual.resourcing_company)
        if lender is not None and lender.code:
            return lender.code.upper()
    return d.code or ""


def group_of(d: Dossier, line: JournalLine, unit: str, answer: Answer) -> tuple[str, ...]:
    """Which journal: company and period, divided further by the rule's group_by."""
    home = ("journal", d.environment.name, line.company, answer.mapping, unit, line.period)
    return (*home, *further(answer.group, home))


def order_of(line: JournalLine) -> tuple[str, ...]:
    """Accounting date, transaction date, actual: the order in which headers are filled."""
    return (line.accounting_date.isoformat(), line.date.isoformat(), line.actual)


def related_of(d: Dossier) -> str | None:
    """The actual on the other side of the voucher pair: cost beside unbilled sales."""
    for pair in d.connections:
        roles = {(pair.first_role or "").casefold(), (pair.second_role or "").casefold()}
        if roles == PAIRED:
            return pair.second if pair.first == d.actual.id else pair.first
    return None


def item_number_of(d: Dossier) -> str | None:
    """Item number in Finance; the company's released write-in product for a write-in."""
    if d.product is not None:
        return d.product.item_number or d.product.number
    if d.actual.write_in_product and d.finance is not None:
        return d.finance.write_in_item
    return None


def plain(value: Decimal) -> Decimal:
    """The number without trailing zeros and without an exponent."""
    short = value.normalize()
    exponent = short.as_tuple().exponent
    return short.quantize(Decimal(1)) if isinstance(exponent, int) and exponent > 0 else short


def _no_day(actual: str) -> Finding:
    return finding_of("JNL705", actual, "the actual has no transaction date",
                      "Open the actual and set its start date, then plan again.")  # fmt: skip


def _closed(d: Dossier, day: date) -> Finding:
    return finding_of(
        "JNL702",
        d.actual.id,
        f"{day} lies in a closed period and no later period of {d.code} is open",
        "Open the period under Ledger calendars, or let Finance set the accounting date to an "
        "open period.",
        ("date", day),
        ("company", d.code),
    )


def _no_rate(d: Dossier, currency: str, day: date) -> Finding:
    return finding_of(
        "JNL703",
        d.actual.id,
        f"no exchange rate from {currency or '(none)'} to {home_currency(d) or '(none)'} on {day}",
        "Enter the rate under Currency exchange rates, or agree a fixed rate on the project.",
        ("from", currency),
        ("to", home_currency(d)),
        ("date", day),
    )
