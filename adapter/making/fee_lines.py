"""The fee of a sale as a journal line of its own, beside the line of the sale.

Finance posts a fee as an extra line of type Fee, linked to its source, under the default fee
category; on the invoice it joins the line of its source again (domain 6.1, R-169). That it
carries one piece at the fee's amount is inferred; a fee that is taken back is minus one piece.
"""

from decimal import Decimal

from msgspec.structs import replace

from adapter.deciding.dossier import Dossier
from adapter.deciding.ledger_terms import fee_category, fee_of
from adapter.making.documents import business_key
from adapter.making.ledger_taxes import category_tax_group_of
from adapter.making.lined import JournalLine, Share
from adapter.values.money import ZERO, rounded

ONE = Decimal(1)
SOURCE_END = "-fee"  # after the id of the actual: what makes the fee a row of its own


def fee_line(d: Dossier, line: JournalLine, rate: Decimal | None) -> JournalLine | None:
    """The fee line beside `line`; None where the sale has no fee or does not carry one.

    `rate` is the exchange rate to the accounting currency, None if it is unknown.
    """
    fee = fee_of(d.actual) if line.side == "sales" else ZERO
    if not fee:
        return None
    category = fee_category(d)
    rule = d.settings.currency_rule(line.accounting_currency)
    return replace(
        line,
        key=business_key("journal-fee", d.environment.name, d.actual.id),
        transaction_type="fee",
        category=category,
        item_number=None,
        description=f"Fee: {line.description or line.actual}",
        unit=None,
        quantity=ONE if fee > 0 else -ONE,
        sales_price=abs(fee),
        sales_amount=fee,
        discount_amount=ZERO,
        discount_deducted=ZERO,
        accounting_amount=None if rate is None else rounded(fee * rate, rule),
        item_tax_group=category_tax_group_of(d, category),
        site=None,
        warehouse=None,
        location=None,
        batch_number=None,
        serial_number=None,
        related_actual=d.actual.id,
    )


def fee_share(d: Dossier, line: JournalLine) -> Share:
    """The money of a fee line: apart from the actual's own amount, which holds no fee."""
    return Share(d.code or "", line.currency, "fee", d.actual.transaction_class or "",
                 line.sales_amount)  # fmt: skip


def source_of(line: JournalLine, is_fee: bool) -> str:
    """What a row stands for on the other side: the actual, or its fee."""
    return line.actual + SOURCE_END if is_fee else line.actual
