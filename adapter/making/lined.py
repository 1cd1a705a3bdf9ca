"""Lines on their way into documents, small enough to wait on disk by the million.

Every struct here can be encoded with msgspec and decoded again without losing a digit or a
date. Amounts are in the line's currency; quantities in the line's unit.
"""

import datetime
from decimal import Decimal

import msgspec
from msgspec import Struct
from msgspec.structs import force_setattr

from adapter.values.finding import Finding
from adapter.values.money import ZERO, canonical

DocumentKind = str  # journal, proforma, invoice-proposal, on-account
KIND_OF = {
    "journal-line": "journal",
    "proforma-line": "proforma",
    "invoice-proposal-line": "invoice-proposal",
    "on-account": "on-account",
}
PART_END = "\x1f"  # ends a part of a group or order text; sorts before every printable letter


class Share(Struct, frozen=True, array_like=True):
    """The money of one source record: its own amount, never a document total."""

    company: str
    currency: str
    type: str  # transaction type
    klass: str  # transaction class
    amount: Decimal


class JournalLine(Struct, frozen=True, kw_only=True, array_like=True, tag="journal"):
    """One line of an integration journal: cost or sales, never both (domain 6.3)."""

    key: str  # business key of the line
    actual: str
    actual_name: str | None = None
    company: str
    side: str  # cost or sales
    transaction_type: str  # hour, expense, item, fee
    document_type: str  # usage or purchase
    date: datetime.date
    accounting_date: datetime.date
    period: str
    project: str | None = None
    task: str | None = None
    contract: str | None = None
    contract_line: str | None = None
    customer: str | None = None
    category: str | None = None
    resource: str | None = None
    item_number: str | None = None
    description: str | None = None
    unit: str | None = None
    quantity: Decimal = ZERO
    cost_price: Decimal = ZERO
    cost_amount: Decimal = ZERO
    sales_price: Decimal = ZERO
    sales_amount: Decimal = ZERO
    discount_amount: Decimal = ZERO  # discount that stays apart for the invoice (gross posting)
    discount_deducted: Decimal = ZERO  # discount already taken from sales_amount (net posting)
    currency: str
    exchange_rate: Decimal | None = None  # for 100 units, as Finance shows it
    accounting_amount: Decimal | None = None  # in the company's accounting currency
    accounting_currency: str | None = None
    line_property: str | None = None
    billing_type: str | None = None
    tax_group: str | None = None
    item_tax_group: str | None = None
    site: str | None = None
    warehouse: str | None = None
    location: str | None = None
    batch_number: str | None = None
    serial_number: str | None = None
    dimensions: str | None = None
    related_actual: str | None = None  # the other side of the voucher pair
    work_order: str | None = None


class BillingLine(Struct, frozen=True, kw_only=True, array_like=True, tag="billing"):
    """One line detail of a proforma, an invoice proposal or an on-account document."""

    key: str
    actual: str | None = None  # unbilled or billed sales actual; None for the schedule's lines
    source: str = "usage"  # usage, milestone, retainer, retainer-applied
    source_id: str
    source_name: str | None = None
    transaction_type: str = "unbilled-sales"
    company: str
    contract: str | None = None
    contract_line: str | None = None  # id
    payer: str | None = None  # contract customer, id
    customer: str | None = None  # account number, or id when it has none
    project: str | None = None
    task: str | None = None
    work_order: str | None = None
    invoice: str | None = None
    usage: str | None = None
    date: datetime.date | None = None
    transaction_class: str | None = None
    billing_type: str | None = None
    category: str | None = None
    resource: str | None = None
    item_number: str | None = None
    description: str | None = None
    unit: str | None = None
    quantity: Decimal = ZERO
    quantity_used: Decimal | None = None
    price: Decimal = ZERO
    amount: Decimal = ZERO  # gross
    discount_percent: Decimal | None = None
    discount_amount: Decimal = ZERO
    fee_amount: Decimal = ZERO
    tax: Decimal = ZERO
    extended: Decimal = ZERO  # amount - discount + fee
    currency: str
    nte_status: str | None = None
    line_property: str | None = None
    tax_group: str | None = None
    item_tax_group: str | None = None
    dimensions: str | None = None
    serial_number: str | None = None
    batch_number: str | None = None
    price_list: str | None = None


Line = JournalLine | BillingLine
AMOUNTS: dict[type, tuple[str, ...]] = {
    JournalLine: ("cost_price", "cost_amount", "sales_price", "sales_amount", "discount_amount",
                  "discount_deducted"),
    BillingLine: ("price", "amount", "discount_amount", "fee_amount", "tax", "extended"),
}  # fmt: skip


def settle(line: Line, decimals: int) -> None:
    """Put the amounts of a line that was just made into their canonical form: at the decimals
    of its currency, with more only for digits that are there. Their values stay.
    """
    zero = canonical(ZERO, decimals)
    for name in AMOUNTS[line.__class__]:
        amount = getattr(line, name)
        if not amount:
            force_setattr(line, name, zero)
        elif str(amount)[-1 - decimals : -decimals or None] != ".":
            force_setattr(line, name, canonical(amount, decimals))


class Lined(Struct, frozen=True, kw_only=True, array_like=True):
    """A line with where it belongs: document kind, group, place in the group, its money."""

    kind: DocumentKind
    rule: str
    mapping: str
    group: tuple[str, ...]
    order: tuple[str, ...]
    line: Line
    money: tuple[Share, ...]
    findings: tuple[Finding, ...] = ()  # an error among them: hold the actual instead
    beside: tuple[JournalLine, ...] = ()  # a fee that goes with the line; `money` follows both

    @property
    def group_text(self) -> str:
        """The group as one text that sorts like the tuple."""
        return text_of(self.group)

    @property
    def order_text(self) -> str:
        """The place in the group as one text that sorts like the tuple."""
        return text_of(self.order)


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(Lined)


def encode_lined(lined: Lined) -> bytes:
    """The line as bytes for a spool."""
    return _ENCODER.encode(lined)


def decode_lined(body: bytes) -> Lined:
    """The line from a spool, equal to the one that went in."""
    return _DECODER.decode(body)


def text_of(parts: tuple[str, ...]) -> str:
    """Parts as one text; control characters in a part cannot end it early."""
    return "".join(part.replace(PART_END, " ") + PART_END for part in parts)
