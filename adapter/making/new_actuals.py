"""Making new actuals from old ones: copies, reversals, connections and changes of status.

An actual is never edited in value. A reversal copies every field and turns the sign of the
quantity, so that the amount turns too; a status marks what was replaced (domain 4.2).
"""

from collections.abc import Iterable
from decimal import Decimal

from msgspec import Struct
from msgspec.structs import replace

from adapter.making.documents import business_key
from adapter.values.actuals import Actual, Connection
from adapter.values.finding import Finding
from adapter.values.money import STANDARD, ZERO, CurrencyRule, amount_of, discount_of, rounded

COST = "cost"
UNBILLED = "unbilled-sales"
BILLED = "billed-sales"
OPEN = "unbilled-sales-created"
READY = "ready-to-invoice"
DRAFTED = "customer-invoice-created"
POSTED = "customer-invoice-posted"
CANCELED = "canceled"
RETAINER = "retainer"  # a class
UNADJUSTABLE = "unadjustable"
ADJUSTED = "adjusted"
NO_LIMIT = "not-applicable"  # no limit is tested: unpaid, cost, retainer (domain R-128)


class Change(Struct, frozen=True):
    """A field of an existing record that gets another value."""

    record: str
    field: str
    value: str | bool | Decimal | None


class Created(Struct, frozen=True, kw_only=True):
    """What an event creates and changes, and why it could not where it could not."""

    actuals: tuple[Actual, ...] = ()
    connections: tuple[Connection, ...] = ()
    changes: tuple[Change, ...] = ()
    findings: tuple[Finding, ...] = ()

    def changed(self, record: str, field: str) -> str | bool | Decimal | None:
        """The new value of a field, the last one; None if it was not changed."""
        found = (c.value for c in reversed(self.changes) if (c.record, c.field) == (record, field))
        return next(found, None)


class Creation:
    """Collects what one event creates. Ids are business keys of the event and the place.

    `origin` is what created the new actuals; without one they keep that of their original.
    `is_invoice`: the event is a proforma, which carries all that confirming it creates and
    posts, reversals of what another one billed among it.
    """

    def __init__(
        self,
        event: str,
        rule: CurrencyRule = STANDARD,
        origin: str | None = None,
        *,
        is_invoice: bool = False,
    ) -> None:
        self.event = event
        self.rule = rule
        self.origin = origin
        self.is_invoice = is_invoice
        self.findings: list[Finding] = []
        self._actuals: list[Actual] = []
        self._connections: list[Connection] = []
        self._changes: list[Change] = []

    def add(self, actual: Actual) -> Actual:
        """Keep a new actual under an id of its own, without what the other side gives."""
        at = len(self._actuals)
        new = replace(
            actual,
            id=business_key(self.event, actual.id, str(at))[:32],
            origin=self.origin or actual.origin,
            is_correction=actual.is_correction if self.origin is None
            else self.origin == "correction" or None,
            created_on=None,
            version=None,
            voucher=None,
        )  # fmt: skip
        self._actuals.append(new)
        return new

    def like(
        self,
        original: Actual,
        *,
        quantity: Decimal | None = None,
        price: Decimal | None = None,
        billing_type: str | None = None,
        transaction_type: str | None = None,
        status: str | None = POSTED,
        taxed: Decimal | None = None,
    ) -> Actual:
        """A new actual with the original's fields, except those given.

        The amount is computed again only if quantity or price differ; the discount follows
        by its percentage, else it, fee and tax follow in proportion to the amount, the tax
        unless `taxed` says it. What is open is on no invoice.
        """
        asked = original.quantity if quantity is None else quantity
        cost = original.price if price is None else price
        amount, discount = original.amount, original.discount_amount
        fee, tax = original.fee_amount, original.tax
        if (asked, cost) != (original.quantity, original.price) or amount is None:
            amount = amount_of(asked or ZERO, cost or ZERO, self.rule)
            discount = self._discount(original, amount)
            fee, tax = self._scaled(original, fee, amount), self._scaled(original, tax, amount)
        if taxed is not None:
            tax = taxed
        kind = billing_type or original.billing_type
        is_paid = kind == "chargeable"
        return self.add(
            replace(
                original,
                quantity=asked,
                price=cost,
                amount=amount,
                discount_amount=discount if is_paid else None,
                fee_amount=fee if is_paid else None,
                tax=tax if is_paid else None,
                discount_percent=original.discount_percent if is_paid else None,
                nte_status=original.nte_status if is_paid else NO_LIMIT,
                billing_type=kind,
                transaction_type=transaction_type or original.transaction_type,
                billing_status=status,
                adjustment_status=None,
                is_journalized=None,
                invoice=self._invoice(original, transaction_type, status),
            )
        )

    def reverse(self, original: Actual, status: str | None = POSTED) -> Actual:
        """The reversal of an actual: quantity, amount, discount, fee and tax turn their sign.

        What confirming a proforma reverses of unbilled sales skips the synchronisation with
        Finance, which marks the transaction as invoiced instead (domain R-158, 6.1).
        """
        skips = self.is_invoice and original.transaction_type == UNBILLED
        new = self.add(
            replace(
                original,
                quantity=turned(original.quantity),
                amount=turned(original.amount),
                discount_amount=turned(original.discount_amount),
                fee_amount=turned(original.fee_amount),
                tax=turned(original.tax),
                adjustment_value=turned(original.adjustment_value),
                is_journalized=None,
                adjustment_status=UNADJUSTABLE,
                billing_status=status,
                invoice=self.event if self.is_invoice else original.invoice,
                skip_sync=True if skips else original.skip_sync,
            )
        )
        self.connect(new, "Reversing", original, "Original")
        return new

    def connect(self, first: Actual, first_role: str, second: Actual, second_role: str) -> None:
        """Pair two actuals with their roles (domain 4.4)."""
        self._connections.append(
            Connection(
                id=business_key("connection", first.id, second.id)[:32],
                first=first.id, first_role=first_role, first_type="actual",
                second=second.id, second_role=second_role, second_type="actual",
            )
        )  # fmt: skip

    def change(self, record: str, field: str, value: str | bool | Decimal | None) -> None:
        """Note that a field of an existing record gets another value."""
        self._changes.append(Change(record, field, value))

    def done(self) -> Created:
        """All that was collected."""
        return Created(
            actuals=tuple(self._actuals),
            connections=tuple(self._connections),
            changes=tuple(self._changes),
            findings=tuple(self.findings),
        )

    def _invoice(self, original: Actual, type_: str | None, status: str | None) -> str | None:
        if type_ == BILLED or (self.is_invoice and status == POSTED):
            return self.event
        return None if status in (OPEN, READY) else original.invoice

    def _discount(self, original: Actual, amount: Decimal) -> Decimal | None:
        if original.discount_percent is not None:
            return discount_of(amount, original.discount_percent, self.rule)
        return self._scaled(original, original.discount_amount, amount)

    def _scaled(self, original: Actual, part: Decimal | None, amount: Decimal) -> Decimal | None:
        if part is None or not original.amount:
            return part
        return rounded(part * amount / original.amount, self.rule)


def turned(value: Decimal | None) -> Decimal | None:
    """The number with the other sign; nothing stays nothing, zero stays plain zero."""
    return None if value is None else ZERO - value


def total_of(actuals: Iterable[Actual], type_: str) -> Decimal:
    """Sum of the amounts of one transaction type."""
    return sum((a.amount or ZERO for a in actuals if a.transaction_type == type_), ZERO)
