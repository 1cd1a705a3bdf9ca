"""What an event is given: the values of an approval, the actuals and the details it is about."""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal

from msgspec import Struct

from adapter.making.advances import Advance
from adapter.making.confirm import CHARGEABLE, Detail, is_edited
from adapter.making.documents import finding_of
from adapter.making.event_table import EventRow
from adapter.making.new_actuals import CANCELED, COST, POSTED, UNBILLED
from adapter.making.reverse import Correction
from adapter.values.actuals import Actual, Connection
from adapter.values.finding import Finding, shown
from adapter.values.money import STANDARD, ZERO, CurrencyRule, is_money
from adapter.values.project_operations import Milestone, Retainer

TIME_AND_MATERIAL = "time-and-material"
UNPAID = ("non-chargeable", "complimentary")
APPROVED_AS_USED = ("E2", "E5", "E26", "E27", "E30", "E33")
CONFIRMS = tuple(f"E{n}" for n in range(12, 18))
CREDITS = ("E23", "E24", "E25")
CORRECTABLE = (
    "project", "task", "product", "write_in_product", "resource", "role", "category",
    "started_at", "document_date", "accounting_date", "contract", "contract_line",
    "contract_customer", "customer", "description",
)  # fmt: skip


class Payer(Struct, frozen=True, kw_only=True):
    """A customer of a contract line and its share in percent."""

    contract_customer: str
    percent: Decimal
    customer: str | None = None
    is_rounding: bool = False


class Given(Struct, frozen=True, kw_only=True):
    """The values of one event; each event says which of them it needs.

    `id` is what happened: an approval, an invoice, a journal, a contract. Quantities are in
    the unit of `shape`, prices in its currency unless another one is given.
    """

    id: str
    rule: CurrencyRule = STANDARD
    # what is approved, or invoiced without an approval
    shape: Actual | None = None
    used: Decimal | None = None
    billable: Decimal | None = None  # None: all that was used
    billing_type: str = CHARGEABLE
    cost_price: Decimal | None = None
    sales_price: Decimal | None = None
    cost_currency: str | None = None
    resourcing_price: Decimal | None = None  # what the lending unit's resource costs it
    transfer_price: Decimal | None = None  # what the lending unit asks for it
    nte_status: str | None = None
    payers: tuple[Payer, ...] = ()
    billing_method: str = TIME_AND_MATERIAL
    # existing records that it is about
    actuals: tuple[Actual, ...] = ()
    connections: tuple[Connection, ...] = ()
    prices: Mapping[str, Decimal] = {}  # new price by id of an actual
    values: Mapping[str, object] = {}  # new values of fields, for corrections and won quotes
    details: tuple[Detail, ...] = ()
    corrections: tuple[Correction, ...] = ()
    milestones: tuple[Milestone, ...] = ()
    retainers: tuple[Retainer, ...] = ()
    advances: tuple[Advance, ...] = ()
    adjustment_value: Decimal | None = None


NEEDS: Mapping[str, tuple[str, ...]] = {
    **{f"E{n}": ("shape", "used", "cost_price", "sales_price") for n in (2, 3, 4, 5, 27, 33)},
    **{f"E{n}": ("shape", "used", "cost_price") for n in (6, 7)},
    "E26": ("shape", "used", "cost_price", "sales_price", "payers"),
    "E30": ("shape", "used", "cost_price", "sales_price", "resourcing_price", "transfer_price"),
    "E32": ("shape", "used", "sales_price"),
    **{f"E{n}": ("actuals",) for n in (8, 9, 10, 29, 31, 35)},
    "E28": ("actuals", "values"),
    "E34": ("actuals", "adjustment_value"),
    **dict.fromkeys(CONFIRMS, ("details",)),
    "E18": ("milestones",),
    "E19": ("corrections",),
    "E20": ("retainers",),
    **{f"E{n}": ("advances",) for n in (21, 22)},
    **dict.fromkeys(CREDITS, ("corrections",)),
}


def check_given(row: EventRow, given: Given) -> tuple[Finding, ...]:
    """LAW706 for each value that the event needs and that is missing or is another event's."""
    found = [
        _fault(row, given, f"needs `{name}`") for name in NEEDS.get(row.id, ())
        if getattr(given, name) in (None, (), {})
    ]  # fmt: skip
    found += [
        _fault(row, given, f"cannot go by `{name}` {number}") for name, number in _numbers(given)
        if not (number.is_finite() and is_money(number))
        or (number < 0 and name != "adjustment_value")
    ]  # fmt: skip
    return tuple(found) or tuple(_fault(row, given, text) for text in _misfits(row.id, given))


def closed(given: Given, row: EventRow) -> tuple[Finding, ...]:
    """LAW705 for each actual that was reversed, billed or replaced already, or comes twice."""
    touched = [*given.actuals, *(c.original for c in given.corrections),
               *(d.original for d in given.details if d.original is not None)]  # fmt: skip
    return closed_actuals(f"{row.id} {row.name}", touched, is_billing=row.id in CONFIRMS)


def closed_actuals(
    event: str, actuals: Iterable[Actual], *, is_billing: bool
) -> tuple[Finding, ...]:
    """LAW705 for each actual that cannot take part in `event`, or takes part twice.

    Unbilled sales that are billed must not be posted; billed sales that are corrected are.
    """
    found: list[Finding] = []
    met: set[str] = set()
    for actual in actuals:
        is_closed = actual.adjustment_status is not None or actual.billing_status == CANCELED
        is_unbilled = actual.transaction_type == UNBILLED
        is_posted = is_billing and is_unbilled and actual.billing_status == POSTED
        if actual.id in met or is_closed or is_posted:
            found.append(_closed(event, actual))
        met.add(actual.id)
    return tuple(found)


def detail_event(detail: Detail) -> str:
    """Which of E12 to E17 confirming a detail is (domain 4.3)."""
    original = detail.original
    if original is None:
        return "E17" if detail.billing_method == "fixed-price" else "E16"
    if not is_edited(detail, original):
        return "E12" if original.billing_type == CHARGEABLE else "E15"
    used = original.quantity or ZERO
    return "E14" if detail.quantity is not None and detail.quantity > used else "E13"


def correction_event(one: Correction) -> str:
    """Which of E19, E23, E24, E25 a correction is."""
    if one.original.transaction_class == "milestone":
        return "E19"
    if not one.quantity:
        return "E23"
    return "E25" if one.quantity > (one.original.quantity or ZERO) else "E24"


def approval_event(given: Given, *, is_internal: bool = False) -> str:
    """Which event approving the given values is: E2 to E7, E26, E27 or E30."""
    if is_internal:
        return "E7"
    if given.billing_method != TIME_AND_MATERIAL:
        return "E6"
    if given.resourcing_price is not None:
        return "E30"
    if given.billing_type in UNPAID:
        return "E5"
    if len(given.payers) > 1:
        return "E26"
    used = given.used or ZERO
    billable = used if given.billable is None else given.billable
    if billable != used:
        return "E3" if billable < used else "E4"
    return "E27" if given.nte_status == "failed" else "E2"


def _numbers(given: Given) -> Iterator[tuple[str, Decimal]]:
    for name in ("used", "billable", "cost_price", "sales_price", "resourcing_price",
                 "transfer_price", "adjustment_value"):  # fmt: skip
        number = getattr(given, name)
        if number is not None:
            yield name, number
    for part, rows in (("detail", given.details), ("correction", given.corrections)):
        for row in rows:
            for name in ("quantity", "price"):
                number = getattr(row, name)
                if number is not None:
                    yield f"{part} {name}", number
    yield from ((f"price of {key}", number) for key, number in given.prices.items())


def _misfits(event: str, given: Given) -> Iterator[str]:
    """Where the values are those of another event."""
    used = given.used or ZERO
    billable = used if given.billable is None else given.billable
    if event in APPROVED_AS_USED and billable != used:
        yield f"bills what was used, {used}, not {billable}"
    if (event == "E3" and billable >= used) or (event == "E4" and billable <= used):
        yield f"does not fit {used} used and {billable} to bill"
    if event == "E5" and given.billing_type not in UNPAID:
        yield f"is not for the billing type {given.billing_type}"
    if event in ("E2", "E3", "E4", "E26", "E27", "E30") and given.billing_type != CHARGEABLE:
        yield f"is for chargeable work, not {shown(given.billing_type)}"
    if event == "E30" and given.shape and given.shape.transaction_class not in ("time", "expense"):
        yield f"is for time and expense, not {shown(given.shape.transaction_class)}"
    if event in CONFIRMS:
        yield from (f"is not what happens to a detail that is {found}" for found in
                    sorted({detail_event(d) for d in given.details} - {event}))  # fmt: skip
    if event in (*CREDITS, "E19"):
        yield from (f"is not what happens to a correction that is {found}" for found in
                    sorted({correction_event(c) for c in given.corrections} - {event}))  # fmt: skip
    if event in ("E21", "E22"):
        yield from (f"does not fit {a.left} left of the retainer" for a in given.advances
                    if bool(a.left) != (event == "E22"))  # fmt: skip
    if event in CONFIRMS:
        yield from (
            "is not for an open retainer, which applies itself"
            for d in given.details
            if d.original is not None and d.original.transaction_class == "retainer"
        )
    if event in ("E8", "E28"):
        yield from (f"never changes `{shown(name)}`" for name in given.values
                    if name not in CORRECTABLE)  # fmt: skip
    if event == "E29" and any(a.origin != "entry-journal" for a in given.actuals):
        yield "is for actuals of entry journals only"
    types = {"E8": (COST,), "E31": (UNBILLED,), "E34": (COST,)}.get(event, ())
    yield from (f"is not for {shown(a.transaction_type)}" for a in given.actuals
                if types and a.transaction_type not in types)  # fmt: skip


def _fault(row: EventRow, given: Given, text: str) -> Finding:
    return finding_of(
        "LAW706",
        given.id,
        f"{row.id} {row.name}: {text}",
        f"Give what {row.id} needs, or name the event that it is.",
        ("event", row.id),
    )


def _closed(event: str, actual: Actual) -> Finding:
    return finding_of(
        "LAW705",
        actual.id,
        f"{event}: the actual was already billed, reversed or replaced",
        "Correct what replaced it; an actual is billed once and reversed once.",
        ("event", event),
        ("billing status", actual.billing_status),
        ("adjustment status", actual.adjustment_status),
    )
