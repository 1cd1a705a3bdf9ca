"""Actuals in flight: unbilled, not journalised, not posted, or finished beyond the fence.

Which actual becomes a journal line stands in domain 6.1; when one is billed in domain 4.1, 5.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal

from msgspec import Struct

from adapter.deciding.dossier import Dossier
from adapter.deciding.facts_inventory import is_taken_back
from adapter.making.equation import UNKNOWN
from adapter.making.fence import Fence
from adapter.making.flight import Amount, Flown, Key
from adapter.making.scene import Scene
from adapter.making.verdict_parts import name_of
from adapter.values.actuals import Actual
from adapter.values.project_operations import Invoice, InvoiceLineDetail

BILLED = ("customer-invoice-posted", "work-order-closed-posted", "canceled")
CONFIRMED = ("confirmed", "paid")
SCHEDULED = ("milestone", "retainer")
POSTED_BY_FINANCE = ("packing-slip", "general-journal")  # cost of these has no journal line
LENDING = ("resourcing-unit-cost", "inter-organizational-sales")


class ActualSeen(Struct, frozen=True, kw_only=True):
    """One actual of the environment: whose, when, how much, and in which kinds in flight."""

    id: str
    company: str | None
    day: date | None
    key: Key
    amount: Decimal | None
    flown: tuple[Flown, ...]


def actuals_seen(scene: Scene, source: str, fence: Fence, is_moved: bool) -> Iterator[ActualSeen]:
    """Every actual of the company's environment; `source` is the old model."""
    on_invoice = _on_invoice(scene)
    for actual in scene.records.all(Actual):
        d = scene.assembler.assemble(actual)
        key = (_currency(d), actual.transaction_type or UNKNOWN,
               actual.transaction_class or UNKNOWN)  # fmt: skip
        yield ActualSeen(
            id=actual.id, company=d.code, day=d.day, key=key, amount=actual.amount,
            flown=tuple(_flown(d, kind, key)
                        for kind in _kinds(d, source, on_invoice, fence, is_moved)),
        )  # fmt: skip


def _on_invoice(scene: Scene) -> Mapping[str, Invoice]:
    """The proforma of each actual that a line detail of a proforma names."""
    found: dict[str, Invoice] = {}
    for detail in scene.records.all(InvoiceLineDetail):
        invoice = scene.records.one(Invoice, detail.invoice)
        if detail.actual is not None and invoice is not None and not detail.is_correction:
            found[detail.actual] = invoice
    return found


def _currency(d: Dossier) -> str:
    return (d.currency.code if d.currency else None) or d.actual.currency or UNKNOWN


def _flown(d: Dossier, kind: str, key: Key) -> Flown:
    order = d.work_order.number if d.work_order is not None else None
    money = () if d.actual.amount is None else (Amount(*key, d.actual.amount),)
    return Flown(kind=kind, id=d.actual.id, name=f"{name_of(d.actual.id)} {order or ''}".strip(),
                 day=d.day, money=money, is_priced=bool(money))  # fmt: skip


def _kinds(
    d: Dossier, source: str, on_invoice: Mapping[str, Invoice], fence: Fence, is_moved: bool
) -> Iterator[str]:
    kind = d.actual.transaction_type
    if kind == "unbilled-sales":
        yield from _billing(d, d.invoice or on_invoice.get(d.actual.id))
    if source == "integrated":
        yield from _posting(d)
    is_finished = kind == "billed-sales" or (source == "integrated" and _is_in_finance(d))
    if is_finished and not is_moved and fence.side(d.day) == "new":
        yield "beyond-the-fence"


def _billing(d: Dossier, invoice: Invoice | None) -> Iterator[str]:
    a = d.actual
    is_done = a.billing_status in BILLED or a.billing_type == "not-available"
    if is_done or a.transaction_class in SCHEDULED or is_taken_back(d):
        return
    if invoice is not None and invoice.invoice_status in CONFIRMED:
        return
    if invoice is not None and invoice.invoice_status == "in-review":
        yield "on-proforma-in-review"
    elif invoice is not None or a.invoice or a.billing_status == "customer-invoice-created":
        yield "on-draft-proforma"
    elif a.billing_status == "ready-to-invoice":
        yield "ready-not-invoiced"
    else:
        yield "unbilled-not-ready"


def _posting(d: Dossier) -> Iterator[str]:
    a = d.actual
    if a.skip_sync or a.voucher:
        return
    if a.transaction_type == "billed-sales":
        yield "invoice-not-posted"
    elif a.is_journalized:
        yield "journalised-not-posted"
    elif _has_journal_line(d):
        yield "not-journalised"


def _is_in_finance(d: Dossier) -> bool:
    return bool(d.actual.is_journalized or d.actual.voucher)


def _has_journal_line(d: Dossier) -> bool:
    """Whether Finance makes a journal line of it (domain 6.1)."""
    a = d.actual
    cut_off = d.finance.beginning_balance_cut_off if d.finance is not None else None
    if cut_off is not None and d.day is not None and d.day <= cut_off:
        return False  # beginning balance journal
    if a.transaction_type == "cost":
        is_stocked = d.product is not None and bool(d.product.is_stocked)
        is_posted = a.origin in POSTED_BY_FINANCE or (a.origin == "vendor-invoice" and is_stocked)
        return not is_posted and not a.is_intercompany
    if a.transaction_type == "unbilled-sales":
        return a.transaction_class not in SCHEDULED
    return a.transaction_type in LENDING
