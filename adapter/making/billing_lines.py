"""From a routed actual to a line detail: what is billed, by whom it is paid, what it is worth.

Amounts come from the actual as recorded. extended = amount - discount + fee (domain R-066);
a line that is not chargeable carries no discount and never enters a total (domain 10,
conventions).
"""

from datetime import date
from decimal import Decimal

from msgspec.structs import replace

from adapter.deciding.dossier import Dossier
from adapter.deciding.ledger_terms import fee_of, line_property_of, resolved_category
from adapter.making.documents import business_key, finding_of
from adapter.making.ledger_taxes import item_tax_group_of, sales_tax_group_of
from adapter.making.lined import BillingLine, Lined, Share
from adapter.making.routed import Answer, Routed
from adapter.values.finding import Finding, shown
from adapter.values.money import HUNDRED, STANDARD, ZERO, CurrencyRule, discount_of, rounded
from adapter.values.project_operations import Account, ContractCustomer

CHARGEABLE = "chargeable"


def billing_line(routed: Routed, answer: Answer, kind: str) -> Lined:
    """The line of one actual on a proforma, an invoice proposal or an on-account document."""
    d = routed.dossier
    payer, faults = payer_of(d)
    if d.actual.amount is None:
        faults.append(no_amount(d.actual.id))
    line = _line(d, routed.day, kind, payer)
    if kind != "proforma":
        line = replace(
            line,
            line_property=line_property_of(d),
            tax_group=sales_tax_group_of(d),
            item_tax_group=item_tax_group_of(d, resolved_category(d)),
        )
    return Lined(
        kind=kind,
        rule=answer.rule,
        mapping=answer.mapping,
        group=group_of(kind, d.environment.name, line, answer, billed_to(d, payer)),
        order=order_of(line),
        line=line,
        money=(share_of(d, line.currency, line.amount),),
        findings=tuple(faults),
    )


def _line(d: Dossier, day: date | None, kind: str, payer: ContractCustomer | None) -> BillingLine:
    actual = d.actual
    currency, rule = currency_of(d)
    amount = actual.amount if actual.amount is not None else ZERO
    chargeable = actual.billing_type == CHARGEABLE
    discount = discount_taken(d, amount, rule) if chargeable else ZERO
    fee = fee_of(actual)
    return BillingLine(
        key=business_key(kind, d.environment.name, actual.id),
        actual=actual.id,
        source="usage" if actual.transaction_class not in SCHEDULED else actual.transaction_class,
        source_id=actual.id,
        transaction_type=actual.transaction_type or "",
        company=d.code or "",
        contract=d.contract.id if d.contract is not None else actual.contract,
        contract_line=line_id_of(d),
        payer=payer.id if payer is not None else None,
        customer=customer_of(d, payer),
        project=d.project.number if d.project is not None else None,
        task=d.task.number if d.task is not None else None,
        work_order=d.work_order.number if d.work_order is not None else None,
        invoice=(d.invoice.number or d.invoice.id) if d.invoice is not None else actual.invoice,
        usage=d.usage.id if d.usage is not None else None,
        date=day,
        transaction_class=actual.transaction_class,
        billing_type=actual.billing_type,
        category=d.category.name if d.category is not None else None,
        resource=d.resource.name if d.resource is not None else None,
        item_number=d.product.item_number or d.product.number if d.product is not None else None,
        description=described(d),
        unit=d.unit.symbol or d.unit.name if d.unit is not None else None,
        quantity=actual.quantity if actual.quantity is not None else ZERO,
        quantity_used=quantity_used(d),
        price=actual.price if actual.price is not None else ZERO,
        amount=amount,
        discount_percent=actual.discount_percent if chargeable else None,
        discount_amount=discount,
        fee_amount=fee,
        tax=(actual.tax or ZERO) if chargeable else ZERO,
        extended=amount - discount + fee,
        currency=currency,
        nte_status=actual.nte_status,
        dimensions=d.finance_project.dimension_display if d.finance_project is not None else None,
        serial_number=actual.serial_number,
        batch_number=actual.batch_number,
        price_list=actual.price_list,
    )


SCHEDULED = ("milestone", "retainer")


def group_of(
    kind: str, environment: str, line: BillingLine, answer: Answer, account: str
) -> tuple[str, ...]:
    """Which document the line belongs to.

    A proforma: contract, contract customer and currency. An invoice proposal: the proforma
    that was confirmed. On account: contract, payer and currency, and the invoice if any.
    What the rule's group_by adds to these divides further. The `account` of the payer adds
    nothing: milestones and retainers, which no rule groups, stand beside usage of that payer.
    """
    by: tuple[str, ...] = (line.contract or "", line.payer or line.customer or "", line.currency)
    if kind != "proforma":
        by = (*by, line.invoice or "")
    home = (kind, environment, line.company, *by)
    return (*home, *further(answer.group, (*home, account, line.customer or "")))


def further(group: tuple[str, ...], known: tuple[str, ...]) -> tuple[str, ...]:
    """The values of a rule's group_by that the group does not hold anyway."""
    return tuple(value for value in group if value not in known)


def order_of(line: BillingLine) -> tuple[str, ...]:
    """Contract line, date, id: the order of the details in a document."""
    day = line.date.isoformat() if line.date is not None else "~"
    return (line.contract_line or "~", day, line.source_id)


def share_of(d: Dossier, currency: str, amount: Decimal) -> Share:
    """The actual's own money."""
    actual = d.actual
    return Share(d.code or "", currency, actual.transaction_type or "",
                 actual.transaction_class or "", amount)  # fmt: skip


def currency_of(d: Dossier) -> tuple[str, CurrencyRule]:
    """Code of the actual's currency and how it is rounded; the key itself if unknown."""
    code = d.currency.code if d.currency is not None else None
    if code is None:
        return d.actual.currency or "", STANDARD
    return code, rule_of(d, code)


def rule_of(d: Dossier, code: str) -> CurrencyRule:
    """Rounding of a currency: the workspace's word, else the decimals the CRM records."""
    if code in d.settings.rounding or d.currency is None or d.currency.decimals is None:
        return d.settings.currency_rule(code)
    return CurrencyRule(d.currency.decimals) if d.currency.code == code else STANDARD


def discount_taken(d: Dossier, amount: Decimal, rule: CurrencyRule) -> Decimal:
    """The discount: as recorded, else from its percentage (which wins, domain R-062).

    A recorded amount keeps the sign of the amount, so that a reversal takes it back.
    """
    actual = d.actual
    if actual.discount_percent is not None:
        return discount_of(amount, actual.discount_percent, rule)
    taken = rounded(actual.discount_amount or ZERO, rule)
    return -taken if amount < 0 < taken else taken


def payers_of(d: Dossier) -> tuple[ContractCustomer, ...]:
    """Payers of the contract line; of the whole contract where the line names none."""
    line = line_id_of(d)
    found = d.records.where(ContractCustomer, "contract_line", line)
    if not found and d.contract is not None:
        of_contract = d.records.where(ContractCustomer, "contract", d.contract.id)
        found = tuple(p for p in of_contract if p.contract_line is None)
    return found


def payer_of(d: Dossier) -> tuple[ContractCustomer | None, list[Finding]]:
    """The payer of the actual; a single payer of the line is its default (domain R-191)."""
    if d.payer is not None:
        return d.payer, []
    payers = payers_of(d)
    if len(payers) == 1:
        return payers[0], []
    if not payers and d.customer is not None:
        return None, []  # no split billing rules at all: the account itself pays
    return None, [
        finding_of(
            "PRO701",
            d.actual.id,
            f"nobody is named to pay the actual, its contract line has {len(payers)} payers",
            "Choose the contract line customer on the actual, or split it between them.",
            ("payers", len(payers)),
        )
    ]


def customer_of(d: Dossier, payer: ContractCustomer | None) -> str | None:
    """Number of the account that is billed; its id where it has no number."""
    account = account_of(d, payer)
    return None if account is None else account.number or account.id


def account_of(d: Dossier, payer: ContractCustomer | None) -> Account | None:
    """The account that is billed: of the payer, else of the actual."""
    account = d.records.one(Account, payer.account) if payer is not None else None
    return account or d.customer


def billed_to(d: Dossier, payer: ContractCustomer | None) -> str:
    """What a rule that groups by the customer says of an actual of that account."""
    account = account_of(d, payer)
    return shown(None) if d.customer is None or account is None else account.id


def line_id_of(d: Dossier) -> str | None:
    """The contract line: of the actual, else of its project."""
    if d.contract_line is not None:
        return d.contract_line.id
    return d.actual.contract_line


def quantity_used(d: Dossier) -> Decimal | None:
    """What was used, beside what is billed; None where nobody recorded it.

    A payer with a share sees the share only, so the whole usage is not repeated there.
    """
    if d.payer is not None and d.payer.percent not in (None, HUNDRED):
        return d.actual.quantity_used
    if d.usage is not None and d.usage.quantity is not None:
        return d.usage.quantity
    return d.actual.quantity_used


def described(d: Dossier) -> str | None:
    """The actual's description, else the product's name, else the write-in."""
    product = d.product.name if d.product is not None else None
    return d.actual.description or product or d.actual.write_in_product


def no_amount(actual: str) -> Finding:
    """JNL704 about an actual whose amount could not be read."""
    return finding_of(
        "JNL704",
        actual,
        "the actual has no amount, so no line can be made from it",
        "Open the actual and check quantity, price and amount, then plan again.",
    )
