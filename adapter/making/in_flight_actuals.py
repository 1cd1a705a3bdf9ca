"""Actuals in flight: unbilled, not journalised, not posted, or finished beyond the fence.

Which actual becomes a journal line stands in domain 6.1; when one is billed in domain 4.1, 5.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal

from msgspec import Struct

from adapter.deciding.dossier import day_of
from adapter.deciding.facts_inventory import taken_back
from adapter.making.equation import UNKNOWN
from adapter.making.fence import Fence
from adapter.making.flight import Amount, Flown, Key
from adapter.making.scene import Scene
from adapter.making.verdict_parts import name_of
from adapter.values.actuals import Actual, Connection
from adapter.values.field_service import Product, WorkOrder
from adapter.values.finance import LegalEntity
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
    """Every actual of the company's environment; `source` is the old model.

    Companies, days and currencies are those that a plan finds; of another company nothing is
    in flight here.
    """
    look = _Look(scene, source, fence, is_moved)
    mine = scene.company.upper()
    for actual in scene.records.all(Actual):
        code = scene.owners.of_actual(actual)
        day = day_of(actual, scene.zone_of(code))
        key = (look.currency(actual.currency), actual.transaction_type or UNKNOWN,
               actual.transaction_class or UNKNOWN)  # fmt: skip
        is_ours = code is None or code.upper() == mine
        kinds = look.kinds(actual, code, day) if is_ours else ()
        yield ActualSeen(
            id=actual.id, company=code, day=day, key=key, amount=actual.amount,
            flown=tuple(look.flown(actual, kind, key, day) for kind in kinds),
        )  # fmt: skip


class _Look:
    """What is asked of an actual and its neighbours, each looked up only where it decides."""

    def __init__(self, scene: Scene, source: str, fence: Fence, is_moved: bool) -> None:
        self.scene = scene
        self.source = source
        self.fence = fence
        self.is_moved = is_moved
        self.on_invoice = _on_invoice(scene)
        self.reverses = _reverses(scene)
        self._currencies: dict[str | None, str] = {}
        self._cut_offs: dict[str | None, date | None] = {}
        self._orders: dict[str | None, str] = {}

    def currency(self, key: str | None) -> str:
        """The ISO code of a currency; its key where it was not read."""
        known = self._currencies.get(key)
        if known is None:
            known = self._currencies[key] = self.scene.currency(key)
        return known

    def flown(self, actual: Actual, kind: str, key: Key, day: date | None) -> Flown:
        """The actual as something in flight."""
        order = self.scene.owners.order_of(actual)
        if order not in self._orders:
            found = self.scene.records.one(WorkOrder, order)
            self._orders[order] = (found.number if found is not None else None) or ""
        money = () if actual.amount is None else (Amount(*key, actual.amount),)
        return Flown(kind=kind, id=actual.id, day=day, money=money, is_priced=bool(money),
                     name=f"{name_of(actual.id)} {self._orders[order]}".strip())  # fmt: skip

    def kinds(self, actual: Actual, code: str | None, day: date | None) -> Iterator[str]:
        """In which ways an actual is in flight."""
        kind = actual.transaction_type
        if kind == "unbilled-sales":
            yield from self._billing(actual)
        if self.source != "core":  # where Finance is, somebody has to post it
            yield from self._posting(actual, code, day)
        is_in_finance = bool(actual.is_journalized or actual.voucher)
        is_finished = kind == "billed-sales" or (self.source != "core" and is_in_finance)
        if is_finished and not self.is_moved and self.fence.side(day) == "new":
            yield "beyond-the-fence"

    def _billing(self, a: Actual) -> Iterator[str]:
        is_done = a.billing_status in BILLED or a.billing_type == "not-available"
        if is_done or a.transaction_class in SCHEDULED or self._is_taken_back(a):
            return
        invoice = self.scene.records.one(Invoice, a.invoice) or self.on_invoice.get(a.id)
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

    def _is_taken_back(self, actual: Actual) -> bool:
        """As a plan says it."""
        return taken_back(actual, self.scene.records.one(Actual, self.reverses.get(actual.id)))

    def _posting(self, a: Actual, code: str | None, day: date | None) -> Iterator[str]:
        if a.skip_sync or a.voucher:
            return
        if a.transaction_type == "billed-sales":
            yield "invoice-not-posted"
        elif a.is_journalized:
            yield "journalised-not-posted"
        elif self._has_journal_line(a, code, day):
            yield "not-journalised"

    def _has_journal_line(self, a: Actual, code: str | None, day: date | None) -> bool:
        """Whether Finance makes a journal line of it (domain 6.1)."""
        cut_off = self._cut_off(code)
        if cut_off is not None and day is not None and day <= cut_off:
            return False  # beginning balance journal
        if a.transaction_type == "cost":
            product = self.scene.records.one(Product, a.product)
            is_stocked = product is not None and bool(product.is_stocked)
            is_posted = a.origin in POSTED_BY_FINANCE or (
                a.origin == "vendor-invoice" and is_stocked
            )
            return not is_posted and not a.is_intercompany
        if a.transaction_type == "unbilled-sales":
            return a.transaction_class not in SCHEDULED
        return a.transaction_type in LENDING

    def _cut_off(self, code: str | None) -> date | None:
        if code not in self._cut_offs:
            entity = self.scene.finance.one(LegalEntity, code)
            said = entity.beginning_balance_cut_off if entity is not None else None
            self._cut_offs[code] = said
        return self._cut_offs[code]


def _reverses(scene: Scene) -> Mapping[str, str]:
    """What each reversal reverses, by the connections."""
    found: dict[str, str] = {}
    for link in scene.records.all(Connection):
        for role, one, other in ((link.first_role, link.first, link.second),
                                 (link.second_role, link.second, link.first)):  # fmt: skip
            if one and other and role is not None and role.casefold() == "reversing":
                found[one] = other
    return found


def _on_invoice(scene: Scene) -> Mapping[str, Invoice]:
    """The proforma of each actual that a line detail of a proforma names."""
    found: dict[str, Invoice] = {}
    for detail in scene.records.all(InvoiceLineDetail):
        invoice = scene.records.one(Invoice, detail.invoice)
        if detail.actual is not None and invoice is not None and not detail.is_correction:
            found[detail.actual] = invoice
    return found
