"""What confirming a proforma creates: the billed sales and the reversals beside them.

Pure and for comparison only: people confirm, the CRM creates. New actuals carry signs,
billing and adjustment status and connections as documented (domain 4.2 to 4.4, E12-E22);
what the sources leave open is marked inferred here.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal

from msgspec import Struct
from msgspec.structs import replace

from adapter.making.advances import Advance
from adapter.making.documents import finding_of
from adapter.making.new_actuals import BILLED, NO_LIMIT, OPEN, UNBILLED, Created, Creation
from adapter.reading.event_file import INFERRED, Inferred
from adapter.values.actuals import Actual
from adapter.values.finding import Finding
from adapter.values.money import STANDARD, ZERO, CurrencyRule
from adapter.values.project_operations import Milestone, Retainer

CHARGEABLE = "chargeable"
NON_CHARGEABLE = "non-chargeable"
FIXED_PRICE = "fixed-price"
CONFIRMING = "invoice-confirmation"  # origins of what confirming creates
EDITING = "invoice-edit"


class Detail(Struct, frozen=True, kw_only=True):
    """One line detail of a proforma as it stands when it is confirmed.

    Values that are None were not edited and are the original's. A detail without an
    original was added by hand and must say everything (`template` gives the rest).
    """

    original: Actual | None = None  # unbilled sales
    template: Actual | None = None  # shape of a detail that was added by hand
    quantity: Decimal | None = None
    price: Decimal | None = None
    billing_type: str | None = None
    tax: Decimal | None = None  # of what is billed
    description: str | None = None
    billing_method: str = "time-and-material"


def confirm_proforma(
    details: Sequence[Detail],
    milestones: Sequence[Milestone] = (),
    retainers: Sequence[Retainer] = (),
    advances: Sequence[Advance] = (),
    *,
    invoice: str,
    rule: CurrencyRule = STANDARD,
    inferred: Inferred = INFERRED,
    kinds: Mapping[str, str] | None = None,
    day: date | None = None,
) -> Created:
    """All that confirming `invoice` creates and changes.

    `retainers` are those that the proforma invoices, `advances` those that it applies;
    `kinds` are billing types of milestones where they were edited. `day` is the invoice
    date: the document date of milestones and retainers, which were not used on any day
    (inferred).
    `inferred` decides what the sources leave open (mappings/tables/events.toml).
    """
    creation = Creation(invoice, rule, CONFIRMING, is_invoice=True)
    for detail in details:
        if detail.original is None:
            _added(creation, detail)
        else:
            _confirmed(creation, detail, detail.original, inferred)
    for milestone in milestones:
        due = scheduled(milestone, "milestone", BILLED, milestone.amount or ZERO, invoice,
                        day)  # fmt: skip
        creation.add(replace(due, tax=milestone.tax,
                             billing_type=(kinds or {}).get(milestone.id, CHARGEABLE)))  # fmt: skip
        creation.change(milestone.id, "invoice_status", "customer-invoice-posted")
    for retainer in retainers:
        amount = retainer.amount or ZERO
        creation.add(scheduled(retainer, "retainer", BILLED, amount, invoice, day))
        creation.add(scheduled(retainer, "retainer", UNBILLED, -amount, day=day))
        creation.change(retainer.id, "invoice_status", "customer-invoice-posted")
        creation.change(retainer.id, "is_invoiced", True)
    for advance in advances:
        _applied(creation, advance, inferred, day)
    return creation.done()


def _confirmed(creation: Creation, detail: Detail, original: Actual, inferred: Inferred) -> None:
    """E12 where nothing was edited, E13 and E14 where quantity, price or type was."""
    used = original.quantity or ZERO
    billed = used if detail.quantity is None else detail.quantity
    price = original.price if detail.price is None else detail.price
    kind = detail.billing_type or original.billing_type
    is_same = not is_edited(detail, original)
    creation.change(original.id, "billing_status", "customer-invoice-posted")
    if not is_same:
        creation.change(original.id, "adjustment_status", "adjusted")
    elif kind != CHARGEABLE and not inferred.unpaid_is_billed:
        return
    creation.reverse(original)
    told = replace(original, description=detail.description or original.description)
    if is_same:
        new = creation.like(told, transaction_type=BILLED, taxed=detail.tax)
        creation.connect(new, "Billed Sales", original, "Unbilled Sales")
        return
    parts = [(billed, kind)]
    if billed < used:
        parts.append((used - billed, NON_CHARGEABLE))
    parts = [(quantity, type_) for quantity, type_ in parts if quantity]
    shares = [
        creation.like(
            told,
            quantity=quantity,
            price=price,
            billing_type=type_,
            taxed=detail.tax if type_ == kind else None,
        )
        for quantity, type_ in parts
    ]
    for share in shares:
        if inferred.replacement_connected:
            creation.connect(share, "Replacing", original, "Original")
        creation.reverse(share)
    for share in shares:
        new = creation.like(share, transaction_type=BILLED)
        creation.connect(new, "Billed Sales", share, "Unbilled Sales")


def is_edited(detail: Detail, original: Actual) -> bool:
    """Whether quantity, price or billing type of a detail differ from its original's."""
    pairs = (
        (detail.quantity, original.quantity or ZERO),
        (detail.price, original.price),
        (detail.billing_type, original.billing_type),
    )
    return any(edited not in (None, was) for edited, was in pairs)


def _added(creation: Creation, detail: Detail) -> None:
    """E16: a detail added by hand is used, reversed and billed; E17: fixed price, billed."""
    assert detail.template is not None, "a detail added by hand needs a template"
    is_fixed = detail.billing_method == FIXED_PRICE
    creation.origin = EDITING
    new = creation.like(
        replace(detail.template, invoice=creation.event),
        quantity=detail.quantity,
        price=detail.price,
        billing_type=detail.billing_type,
        transaction_type=BILLED if is_fixed else UNBILLED,
    )
    if not is_fixed:
        creation.reverse(new)
        billed = creation.like(new, transaction_type=BILLED)
        creation.connect(billed, "Billed Sales", new, "Unbilled Sales")
    creation.origin = CONFIRMING


def _applied(
    creation: Creation, advance: Advance, inferred: Inferred, day: date | None
) -> None:
    """E21, E22: the open retainer is released, what is left opens again, x is taken off.

    The sign of the billed part is inferred: it must reduce the invoice (domain G9).
    """
    shape = Retainer(id=advance.retainer, name=advance.name, contract=advance.contract,
                     contract_customer=advance.contract_customer,
                     currency=advance.currency)  # fmt: skip
    billed = advance.applied if inferred.applied_retainer == "positive" else -advance.applied
    creation.add(scheduled(shape, "retainer", UNBILLED, advance.available, day=day))
    if advance.left:
        creation.add(scheduled(shape, "retainer", UNBILLED, -advance.left, day=day))
    creation.add(scheduled(shape, "retainer", BILLED, billed, creation.event, day))
    creation.change(advance.retainer, "used_amount", advance.used + advance.applied)


def scheduled(
    due: Milestone | Retainer, klass: str, type_: str, amount: Decimal,
    invoice: str | None = None, day: date | None = None,
) -> Actual:  # fmt: skip
    """An actual of a milestone or retainer: one piece, its sign on the quantity.

    Its document date is `day`, else the day on which it is due. A milestone's project and
    task are its own.
    """
    sign = Decimal(-1) if amount < 0 else Decimal(1)
    return Actual(
        id=due.id,
        description=due.name,
        transaction_type=type_,
        transaction_class=klass,
        billing_type=CHARGEABLE,
        billing_status=OPEN if type_ == UNBILLED else "customer-invoice-posted",
        quantity=sign,
        price=abs(amount),
        amount=amount,
        contract=due.contract,
        contract_line=getattr(due, "contract_line", None),
        contract_customer=getattr(due, "contract_customer", None),
        project=getattr(due, "project", None),
        task=getattr(due, "task", None),
        document_date=day or due.invoice_date,
        nte_status=NO_LIMIT if klass == "retainer" else None,
        currency=due.currency,
        invoice=invoice,
    )


def unbilled_sum(actuals: Iterable[Actual]) -> Decimal:
    """Σ U: the amounts of all unbilled sales, whatever their status."""
    return sum((a.amount or ZERO for a in actuals if a.transaction_type == UNBILLED), ZERO)


def invoice_total(actuals: Iterable[Actual]) -> Decimal:
    """What the invoice asks for: chargeable billed sales after discount, with fee and tax."""
    return sum(
        (
            (a.amount or ZERO)
            - (a.discount_amount or ZERO)
            + (a.fee_amount or ZERO)
            + (a.tax or ZERO)
            for a in actuals
            if a.transaction_type == BILLED and a.billing_type == CHARGEABLE
        ),
        ZERO,
    )


def check_backlog(name: str, before: Sequence[Actual], created: Created) -> tuple[Finding, ...]:
    """PRO708 unless confirming took exactly the confirmed usage out of the open backlog."""
    usage = [a for a in (*before, *created.actuals) if a.transaction_class != "retainer"]
    left = unbilled_sum(usage)
    return () if left == 0 else (
        finding_of("PRO708", name, f"the open backlog is {left} after {name} was confirmed, not 0",
                   "Compare the details of the proforma with its unbilled sales.",
                   ("backlog", left)),
    )  # fmt: skip
