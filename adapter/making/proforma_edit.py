"""Editing a draft: fields by capability, details added and removed, retainers applied.

Which fields may be edited the sources do not agree on; `Editing` says it, from
`mappings/tables/events.toml` (domain 5).
"""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal

from msgspec.structs import replace

from adapter.making.advances import advance_of, applied_of, available_of
from adapter.making.documents import finding_of
from adapter.making.new_actuals import OPEN, READY, Change, Created
from adapter.making.proforma_life import (
    Draft,
    Entry,
    Moved,
    next_state,
    refused,
)
from adapter.making.proforma_sums import total_of
from adapter.reading.event_file import INFERRED, Editing, Inferred
from adapter.values.actuals import Actual
from adapter.values.finding import Finding, shown
from adapter.values.money import STANDARD, ZERO, CurrencyRule, is_money
from adapter.values.project_operations import Retainer

NUMBERS = ("quantity", "price", "tax", "extended", "applied")
BILLING_TYPES = ("chargeable", "non-chargeable", "complimentary")


def edit(draft: Draft, entry: str, editing: Editing, values: Mapping[str, object]) -> Moved:
    """Change fields of one detail. PRO711 for a field that may not be edited, PRO714 for an
    advance beyond what is available or raised; then nothing is changed."""
    _state, findings = next_state(draft, "edit")
    found = next((e for e in draft.entries if e.id == entry), None)
    if findings or found is None:
        return refused(draft, *(findings or (_fault(draft, entry, "is not on the draft"),)))
    faults = [fault for name, value in values.items()
              if (fault := _check(draft, found, editing, name, value)) is not None]  # fmt: skip
    if faults:
        return refused(draft, *faults)
    return Moved(draft=_with(draft, _edited(found, values)))


def _check(
    draft: Draft, entry: Entry, editing: Editing, name: str, value: object
) -> Finding | None:
    is_right = entry.is_correction and name in ("quantity", "tax")
    if not (editing.allows(entry.kind, name) or is_right):
        return _fault(draft, entry.id, f"of kind {entry.kind} has a `{shown(name)}` that "
                      f"nobody may edit under {editing.name}")  # fmt: skip
    if name in NUMBERS:
        is_number = isinstance(value, Decimal) and value.is_finite() and is_money(value)
        if not is_number or (isinstance(value, Decimal) and value < 0):
            return _fault(draft, entry.id, f"cannot have the {name} {shown(value)}")
    elif name == "billing_type" and value not in BILLING_TYPES:
        return _fault(draft, entry.id, f"cannot have the billing type {shown(value)}")
    if name == "applied" and entry.advance is not None:
        assert isinstance(value, Decimal)
        if value > entry.advance.applied:
            return finding_of(
                "PRO714", entry.advance.retainer,
                f"an advance may only be lowered, {entry.advance.applied} to {value} raises it",
                "Enter less than what was applied by itself.",
                ("available", entry.advance.available),
                ("applied", entry.advance.applied))  # fmt: skip
    return None


def _edited(entry: Entry, values: Mapping[str, object]) -> Entry:
    """The detail with its new values; the extended amount of a milestone is its price."""
    said = dict(values)
    applied = said.pop("applied", None)
    if "extended" in said:
        said["price"] = said.pop("extended")
    if entry.advance is not None and isinstance(applied, Decimal):
        left = entry.advance.available - applied
        said["advance"] = replace(entry.advance, applied=applied, left=left)
    return replace(entry, **said)


def _with(draft: Draft, entry: Entry) -> Draft:
    entries = tuple(entry if e.id == entry.id else e for e in draft.entries)
    return replace(draft, entries=entries)


def add_detail(draft: Draft, template: Actual, *, billing_method: str = "time-and-material",
               quantity: Decimal, price: Decimal | None = None) -> Moved:  # fmt: skip
    """A detail added by hand (E16, E17); `template` gives all that is not said."""
    _state, findings = next_state(draft, "add")
    if findings:
        return refused(draft, *findings)
    number = sum(1 for e in draft.entries if e.template is not None) + 1
    entry = Entry(id=f"{draft.id}/added/{number}", kind="time-and-material", template=template,
                  billing_method=billing_method, quantity=quantity, price=price)  # fmt: skip
    return Moved(draft=replace(draft, entries=(*draft.entries, entry)))


def add_product(draft: Draft, template: Actual, *, quantity: Decimal) -> Moved:
    """A product of a product-based contract line (E32); it is billed whole or deleted."""
    _state, findings = next_state(draft, "add")
    if findings:
        return refused(draft, *findings)
    number = sum(1 for e in draft.entries if e.template is not None) + 1
    entry = Entry(id=f"{draft.id}/product/{number}", kind="product", template=template,
                  quantity=quantity)  # fmt: skip
    return Moved(draft=replace(draft, entries=(*draft.entries, entry)))


def remove(draft: Draft, entry: str, inferred: Inferred = INFERRED) -> Moved:
    """Delete a detail: its transaction may be invoiced again (which status is inferred)."""
    _state, findings = next_state(draft, "remove")
    found = [e for e in draft.entries if e.id == entry]
    if findings or not found:
        return refused(draft, *(findings or (_fault(draft, entry, "is not on the draft"),)))
    kept = tuple(e for e in draft.entries if e.id != entry)
    return Moved(draft=replace(draft, entries=kept),
                 created=Created(changes=tuple(_given_back(found, inferred))))  # fmt: skip


def delete(draft: Draft, inferred: Inferred = INFERRED) -> Moved:
    """Delete a whole draft; a confirmed one cannot be (R-135)."""
    state, findings = next_state(draft, "delete")
    if findings:
        return refused(draft, *findings)
    changes = tuple(_given_back(draft.entries, inferred))
    return Moved(draft=replace(draft, status=state, entries=()), created=Created(changes=changes))


def _given_back(entries: Iterable[Entry], inferred: Inferred) -> Iterable[Change]:
    status = READY if inferred.deleted_detail_is_ready else OPEN
    for entry in entries:
        if entry.actual is not None and not entry.is_correction:
            yield Change(entry.actual.id, "billing_status", status)
            yield Change(entry.actual.id, "invoice", None)
        due = entry.milestone or entry.retainer
        if due is not None and not entry.is_correction:
            yield Change(due.id, "invoice_status", "ready")


def apply_retainers(
    draft: Draft,
    retainers: Iterable[Retainer],
    *,
    rule: CurrencyRule = STANDARD,
    inferred: Inferred = INFERRED,
) -> Moved:
    """Retainers of the contract apply themselves, oldest first, with all that is available.

    Not yet invoiced ones have nothing (R-144). The cap at what the invoice asks for is
    inferred. Those that are on the draft stay as they were lowered; a retainer that the
    draft itself invoices is no debt that another one pays.
    """
    _state, findings = next_state(draft, "apply")
    if findings:
        return refused(draft, *findings)
    there = {e.advance.retainer for e in draft.entries if e.advance is not None}
    usage = replace(draft, entries=tuple(e for e in draft.entries if e.retainer is None))
    owed = total_of(usage, rule)
    added: list[Entry] = []
    for retainer in sorted(retainers, key=lambda r: (r.invoice_date or date.max, r.id)):
        ours = retainer.contract == draft.contract and retainer.currency == draft.currency
        payer = retainer.contract_customer in (None, draft.payer)
        if not (ours and payer) or retainer.id in there:
            continue
        available = available_of(retainer)
        taken = applied_of(available, owed) if inferred.advance_stops_at_invoice else available
        if taken > ZERO:
            added.append(Entry(id=f"{draft.id}/advance/{retainer.id}", kind="advance",
                               advance=advance_of(retainer, taken)))  # fmt: skip
            owed -= taken
    return Moved(draft=replace(draft, entries=(*draft.entries, *added)))


def _fault(draft: Draft, entry: str, text: str) -> Finding:
    return finding_of(
        "PRO711",
        draft.id,
        f"detail `{shown(entry)}` {text}",
        "Edit what the table of fields allows, or choose another one in events.toml.",
        ("detail", entry),
    )
