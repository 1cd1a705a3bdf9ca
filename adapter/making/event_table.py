"""The table of events: what each creates, changes, connects, and which terms it moves.

One row for each event E1 to E35 (domain 4.3). `making/events.py` makes new actuals by these
rows; a test compares each row with what its event really creates and with the law, which
knows nothing of this table.

A line is written `U +rest non-chargeable`: transaction type (C cost, U unbilled sales,
B billed sales, R resourcing unit cost, I inter-organizational sales), sign, which quantity,
billing type (nothing: that of the original or as given). A move is a term and its sign; `~`
may go either way or stay.
"""

from collections.abc import Mapping

from msgspec import Struct

TYPES = {
    "C": "cost",
    "U": "unbilled-sales",
    "B": "billed-sales",
    "R": "resourcing-unit-cost",
    "I": "inter-organizational-sales",
}
MONEY_TERMS = (
    "approved", "added", "repriced", "billed", "open", "cancelled", "non_chargeable",
)  # fmt: skip
CONNECTS = {
    "sales": ("Unbilled Sales", "Cost"),
    "reversing": ("Reversing", "Original"),
    "replacing": ("Replacing", "Original"),
    "billed": ("Billed Sales", "Unbilled Sales"),
}


class Line(Struct, frozen=True):
    """One kind of actual that an event creates."""

    type: str
    sign: int
    quantity: str
    billing_type: str = ""


class Mark(Struct, frozen=True):
    """A field of an existing record that the event changes; `*` is a value that is given."""

    record: str
    field: str
    value: str


class EventRow(Struct, frozen=True, kw_only=True):
    """One event of the table."""

    id: str
    name: str
    source: str  # the row of the domain and the article it stands on
    basis: str = "documented"  # documented, inferred
    settings: tuple[str, ...] = ()  # names in mappings/tables/events.toml
    creates: tuple[Line, ...] = ()
    marks: tuple[Mark, ...] = ()
    connects: tuple[tuple[str, str], ...] = ()
    moves: Mapping[str, str] = {}


def parse_line(text: str) -> Line:
    """`U +rest non-chargeable` as a line. Raises KeyError for an unknown letter."""
    letter, amount, *kind = text.split()
    return Line(TYPES[letter], 1 if amount[0] == "+" else -1, amount[1:], "".join(kind))


def _row(
    id: str, name: str, creates: str, marks: str, connects: str, moves: str, article: str,
    settings: str = "", basis: str = "documented",
) -> EventRow:  # fmt: skip
    return EventRow(
        id=id,
        name=name,
        source=f"domain 4.3 {id}: {article}",
        basis=basis,
        settings=tuple(settings.split()),
        creates=tuple(parse_line(part) for part in creates.split(" ; ") if part),
        marks=tuple(_mark(part) for part in marks.split()),
        connects=tuple(CONNECTS[word] for word in connects.split()),
        moves={part[:-1]: part[-1] for part in moves.split()},
    )


def _mark(text: str) -> Mark:
    place, _, value = text.partition("=")
    record, _, field = place.partition(".")
    return Mark(record, field, value)


POSTED = "original.billing_status=customer-invoice-posted"
ADJUSTED = "original.adjustment_status=adjusted"
CANCELED = f"{ADJUSTED} original.billing_status=canceled"
BACKED = "U +used chargeable"
EDITED = "open- billed+"

_ROWS = (
    _row("E1", "usage recorded, submitted or recalled before approval", "", "", "", "",
         "ActualsonTM.md, ActualonFP.md"),
    _row("E2", "approved, time and material, billed as used", f"C +used ; {BACKED}", "", "sales",
         "approved+ open+", "ActualsonTM.md"),
    _row("E3", "approved, time and material, billed less than used",
         "C +used ; U +billable chargeable ; U +rest non-chargeable", "", "sales",
         "approved+ open+ non_chargeable+", "ActualsonTM.md"),
    _row("E4", "approved, time and material, billed more than used",
         "C +used ; U +billable chargeable", "", "sales", "approved+ open+", "ActualsonTM.md"),
    _row("E5", "approved, non-chargeable or complimentary", "C +used ; U +used", "", "sales",
         "approved+ non_chargeable+", "not-to-exceed article, manage-proforma-invoice.md",
         "unpaid_is_unbilled", "inferred"),
    _row("E6", "approved, fixed price", "C +used", "", "", "", "ActualonFP.md"),
    _row("E7", "approved, internal or pre-sales project", "C +used", "", "", "",
         "ActualonInternal.md, ActualonPreSales.md"),
    _row("E8", "quote won", "C -original ; C +original ; U +original", ADJUSTED,
         "reversing replacing sales", "approved+ open+", "ActualonPreSales.md",
         "replacement_connected"),
    _row("E9", "contract confirmed",
         "C -original ; C +original ; U -original ; U +original", ADJUSTED,
         "reversing replacing sales", "repriced~ open~ non_chargeable~",
         "ActualsonTM.md, ActualonFP.md", "replacement_connected"),
    _row("E10", "approval cancelled or recalled", "C -original ; U -original", CANCELED,
         "reversing", "open- cancelled+ non_chargeable~", "cancelapproval.md"),
    _row("E11", "draft invoice created", "",
         "original.billing_status=customer-invoice-created original.invoice=*", "", "",
         "ActualsonTM.md", "invoice_day_counts deleted_detail_is_ready"),
    _row("E12", "confirmed unchanged", "U -original ; B +original", POSTED, "reversing billed",
         EDITED, "ActualsonTM.md, confirm-proforma-invoice.md"),
    _row("E13", "confirmed with a lower quantity",
         "U -original ; U +edited ; U +rest non-chargeable ; U -edited ; U -rest non-chargeable"
         " ; B +edited ; B +rest non-chargeable", f"{POSTED} {ADJUSTED}",
         "reversing replacing billed", "open- billed+ non_chargeable+ repriced~",
         "ActualsonTM.md, confirm-proforma-invoice.md", "replacement_connected"),
    _row("E14", "confirmed with a higher quantity",
         "U -original ; U +edited ; U -edited ; B +edited", f"{POSTED} {ADJUSTED}",
         "reversing replacing billed", "open- billed+ added+ repriced~ non_chargeable~",
         "ActualsonTM.md, confirm-proforma-invoice.md", "replacement_connected"),
    _row("E15", "confirmed, non-chargeable or complimentary", "U -original ; B +original", POSTED,
         "reversing billed", "", "inferred from E13", "unpaid_is_billed", "inferred"),
    _row("E16", "added on the invoice, time and material", "U +edited ; U -edited ; B +edited", "",
         "reversing billed", "added+ billed+ non_chargeable~", "add-new-ild-to-invoice.md"),
    _row("E17", "added on the invoice, fixed price", "B +edited", "", "",
         "added+ billed+ non_chargeable~",
         "add-new-ild-to-invoice.md"),
    _row("E18", "milestone invoiced", "B +amount chargeable",
         "milestone.invoice_status=customer-invoice-posted", "", "added+ billed+",
         "ActualonFP.md"),
    _row("E19", "milestone credited", "B -amount chargeable",
         f"{ADJUSTED} milestone.invoice_status=ready", "reversing", "added- billed-",
         "ActualonFP.md, revise-project-invoices.md"),
    _row("E20", "retainer invoiced", "U -amount chargeable ; B +amount chargeable",
         "retainer.invoice_status=customer-invoice-posted retainer.is_invoiced=*", "",
         "billed+ open-", "confirm-proforma-invoice.md"),
    _row("E21", "retainer applied in full", "U +available chargeable ; B -applied chargeable",
         "retainer.used_amount=*", "", "billed- open+", "confirm-proforma-invoice.md",
         "applied_retainer advance_stops_at_invoice", "inferred"),
    _row("E22", "retainer applied in part",
         "U +available chargeable ; U -remaining chargeable ; B -applied chargeable",
         "retainer.used_amount=*", "", "billed- open+", "confirm-proforma-invoice.md",
         "applied_retainer advance_stops_at_invoice", "inferred"),
    _row("E23", "credited in full", "B -original ; U +original", ADJUSTED, "reversing replacing",
         "billed- open+ non_chargeable~", "revise-project-invoices.md"),
    _row("E24", "credited in part",
         "B -original ; U +right ; U -right ; B +right ; U +rest", ADJUSTED,
         "reversing replacing billed", "billed- open+ repriced~ non_chargeable~",
         "revise-project-invoices.md"),
    _row("E25", "corrected upwards", "B -original ; U +right ; U -right ; B +right", ADJUSTED,
         "reversing replacing billed", "billed+ added+ repriced~ non_chargeable~",
         "ActualsonTM.md"),
    _row("E26", "approved, split between customers", "C +used ; U +share chargeable", "", "sales",
         "approved+ open+", "manage-billing-backlog.md", "split_cost"),
    _row("E27", "approved beyond a not-to-exceed limit", f"C +used ; {BACKED}", "", "sales",
         "approved+ open+", "not-to-exceed article"),
    _row("E28", "correction journal",
         "C -original ; C +original ; U -original ; U +original", ADJUSTED,
         "reversing replacing sales", "repriced~ open~ non_chargeable~",
         "create-confirm-correction-journals.md", "replacement_connected"),
    _row("E29", "entry journal cancelled", "C -original ; U -original",
         f"original.adjustment_status=in-process {CANCELED}", "reversing",
         "open- cancelled+ non_chargeable~", "cancel-actuals-from-entry-journals.md",
         "taken_back_is_canceled"),
    _row("E30", "approved, intercompany time or expense",
         f"C +used ; {BACKED} ; R +used ; I +used", "", "sales", "approved+ open+",
         "create-intercompany-transactions.md"),
    _row("E31", "contract lost", "U -original", CANCELED, "reversing",
         "open- cancelled+ non_chargeable~", "confirm-contract-sales.md",
         "taken_back_is_canceled"),
    _row("E32", "product line invoiced", "B +used chargeable", "", "", "added+ billed+",
         "confirm-proforma-invoice-sales.md, product-price-list.md"),
    _row("E33", "packing slip posted in Finance", f"C +used ; {BACKED}", "", "sales",
         "approved+ open+", "enable-item-requirement-forecast.md"),
    _row("E34", "cost adjusted by Finance", "", "original.adjustment_value=*", "", "",
         "stock-material-reservation.md"),
    _row("E35", "project removed from the work order", "C -original ; U -original", CANCELED,
         "reversing", "open- cancelled+ non_chargeable~",
         "project-operations-integration-work-order.md", "taken_back_is_canceled"),
)  # fmt: skip

EVENTS: Mapping[str, EventRow] = {row.id: row for row in _ROWS}
