"""The life of a proforma as values: its states, what may be put on it, drafting, refreshing.

Pure and for comparison only: people move proformas, the CRM creates and changes records. A
move that is refused gives findings and leaves everything as it was (domain 5, R-129 to R-144).
"""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal

from msgspec import Struct
from msgspec.structs import replace

from adapter.deciding.dossier import day_of
from adapter.making.advances import Advance, advance_of
from adapter.making.documents import finding_of
from adapter.making.new_actuals import DRAFTED, OPEN, READY, UNBILLED, Change, Created
from adapter.making.proforma_practice import Backlog, Practice
from adapter.values.actuals import Actual
from adapter.values.finding import Finding
from adapter.values.project_operations import Milestone, Retainer

DRAFT, REVIEW, CONFIRMED, PAID, DELETED = "draft", "in-review", "confirmed", "paid", "deleted"
CHANGES = ("refresh", "edit", "add", "remove", "apply")  # they leave the state as it is
# state and move -> the next state; what is not here is refused (domain 5, R-135, R-141)
MOVES: Mapping[tuple[str, str], str] = {
    **{(state, move): state for state in (DRAFT, REVIEW) for move in CHANGES},
    (DRAFT, "review"): REVIEW,
    (REVIEW, "return"): DRAFT,  # inferred: both are editable
    (DRAFT, "confirm"): CONFIRMED,
    (REVIEW, "confirm"): CONFIRMED,
    (DRAFT, "delete"): DELETED,
    (REVIEW, "delete"): DELETED,
    (CONFIRMED, "pay"): PAID,
    (CONFIRMED, "revise"): CONFIRMED,
    (PAID, "revise"): PAID,
}


class Entry(Struct, frozen=True, kw_only=True):
    """One detail of a proforma. Values that are None were not edited.

    `kind` is time-and-material, milestone, product or advance. Exactly one of the records is
    there: `actual` unbilled sales (billed sales on a corrective invoice), `template` for what
    was added by hand and for products, `milestone`, `retainer` to invoice, `advance` applied.
    """

    id: str
    kind: str
    actual: Actual | None = None
    template: Actual | None = None
    milestone: Milestone | None = None
    retainer: Retainer | None = None
    advance: Advance | None = None
    billing_method: str = "time-and-material"
    quantity: Decimal | None = None
    price: Decimal | None = None
    billing_type: str | None = None
    tax: Decimal | None = None
    description: str | None = None
    is_correction: bool = False


class Draft(Struct, frozen=True, kw_only=True):
    """A proforma of one contract, contract customer and currency; its state by `status`."""

    id: str
    contract: str
    payer: str
    currency: str
    day: date  # invoice date, in the company's time zone
    status: str = DRAFT
    entries: tuple[Entry, ...] = ()
    corrects: tuple[str, ...] = ()  # ids of the invoices it revises
    bulk: str = ""  # state of the bulk confirmation

    @property
    def has_corrections(self) -> bool:
        """Whether one of its details corrects a confirmed one."""
        return any(entry.is_correction for entry in self.entries)


class Moved(Struct, frozen=True, kw_only=True):
    """What a move gives: the draft after it, what it creates and changes, what it left."""

    draft: Draft | None
    created: Created = Created()
    left: Mapping[str, str] = {}  # id of a transaction -> why it was not pulled in

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Why the move was refused; empty when it was made."""
        return self.created.findings


def current(
    draft: Draft,
    actuals: Mapping[str, Actual],
    milestones: Mapping[str, Milestone] | None = None,
    retainers: Mapping[str, Retainer] | None = None,
) -> Draft:
    """The draft with its records as they stand now; what is edited on it stays."""

    def entry(one: Entry) -> Entry:
        actual, milestone, retainer = one.actual, one.milestone, one.retainer
        return replace(
            one,
            actual=actual and actuals.get(actual.id, actual),
            milestone=milestone and (milestones or {}).get(milestone.id, milestone),
            retainer=retainer and (retainers or {}).get(retainer.id, retainer),
            advance=_advance_now(one.advance, retainers or {}),
        )

    return replace(draft, entries=tuple(entry(one) for one in draft.entries))


def _advance_now(advance: Advance | None, retainers: Mapping[str, Retainer]) -> Advance | None:
    known = None if advance is None else retainers.get(advance.retainer)
    return advance if advance is None or known is None else advance_of(known, advance.applied)


def next_state(draft: Draft, move: str) -> tuple[str, tuple[Finding, ...]]:
    """The state after a move, or the same with PRO710 where the move is refused."""
    found = MOVES.get((draft.status, move))
    if found is not None:
        return found, ()
    able = sorted({m for state, m in MOVES if state == draft.status}) or ["nothing"]
    return draft.status, (
        finding_of(
            "PRO710",
            draft.id,
            f"a proforma that is {draft.status} cannot {move}",
            f"It can: {', '.join(able)}.",
            ("status", draft.status),
        ),
    )


def refused(draft: Draft, *findings: Finding) -> Moved:
    """A move that was not made."""
    return Moved(draft=draft, created=Created(findings=findings))


def moved(draft: Draft, move: str) -> Moved:
    """Moves that only change the state: review, return, pay."""
    state, findings = next_state(draft, move)
    return Moved(draft=replace(draft, status=state), created=Created(findings=findings))


def mark_ready(actuals: Iterable[Actual], *, is_ready: bool = True) -> Created:
    """Mark unbilled sales ready to invoice, or take the mark back.

    PRO712 for each that cannot be: its limit failed (R-129), it was adjusted (R-131), it has
    no contract customer (R-132), it is on an invoice. Then nothing is marked at all.
    """
    found = list(actuals)
    wanted, target = (OPEN, READY) if is_ready else (READY, OPEN)
    faults = [_unready(a, text) for a in found for text in _reasons(a, (wanted, target))]
    if faults:
        return Created(findings=tuple(faults))
    changes = (Change(a.id, "billing_status", target) for a in found if a.billing_status == wanted)
    return Created(changes=tuple(changes))


def _reasons(actual: Actual, statuses: tuple[str, ...]) -> Iterable[str]:
    if actual.transaction_type != UNBILLED:
        yield "it is no unbilled sales"
    if actual.transaction_class == "retainer":
        yield "it is an open retainer, which applies itself"
    if actual.adjustment_status is not None:
        yield f"it is {actual.adjustment_status}"
    if actual.billing_status not in statuses:
        yield f"its billing status is {actual.billing_status}"
    if actual.nte_status == "failed":
        yield "it goes beyond a not-to-exceed limit"
    if actual.contract_customer is None:
        yield "it has no contract customer"


def why_left(
    draft: Draft, actual: Actual, practice: Practice, statuses: tuple[str, ...] = (READY,)
) -> str:
    """Why unbilled sales are not pulled into a draft; empty when they are (domain 5, R-133).

    `statuses` are the billing statuses that it may have: ready, or drafted where it is asked
    whether something may stay on the draft. A draft without payer takes any.
    """
    for text in _reasons(actual, statuses):
        return text
    ours = (draft.contract, draft.payer or actual.contract_customer, draft.currency)
    if (actual.contract, actual.contract_customer, actual.currency) != ours:
        return "it is of another contract, customer or currency"
    day = day_of(actual, practice.zone)
    if day is None:
        return "it has no transaction date"
    is_due = day <= draft.day if practice.inferred.invoice_day_counts else day < draft.day
    return "" if is_due else f"its day {day} comes after the invoice date"


def create_draft(draft: Draft, backlog: Backlog, practice: Practice) -> Moved:
    """The draft of a contract, customer and currency with all that is ready and due (E11).

    `draft` says whose it is and has no details yet. Where there is nothing to bill there is
    no draft.
    """
    made = refresh(draft, backlog, practice)
    if made.draft is not None and not made.draft.entries:
        return replace(made, draft=None)
    return made


def refresh(draft: Draft, backlog: Backlog, practice: Practice) -> Moved:
    """*Refresh invoice line transactions*: add later ones that are past-dated and ready.

    What is on the draft stays as it was edited. Actuals become *customer invoice created*
    and name the draft; what is left is given with its reason.
    """
    state, findings = next_state(draft, "refresh")
    if findings:
        return refused(draft, *findings)
    there = {entry.id for entry in draft.entries}
    entries: list[Entry] = []
    changes: list[Change] = []
    left: dict[str, str] = {}
    for actual in sorted(backlog.actuals, key=lambda a: a.id):
        if actual.id in there:
            continue
        why = why_left(draft, actual, practice)
        if why:
            left[actual.id] = why
            continue
        there.add(actual.id)
        entries.append(Entry(id=actual.id, kind="time-and-material", actual=actual))
        changes.append(Change(actual.id, "billing_status", DRAFTED))
        changes.append(Change(actual.id, "invoice", draft.id))
    dues: list[Milestone | Retainer] = [*backlog.milestones, *backlog.retainers]
    for due in sorted(dues, key=lambda d: d.id):
        if due.id in there:
            continue
        why = _due_left(draft, due)
        if why:
            left[due.id] = why
            continue
        there.add(due.id)
        if isinstance(due, Milestone):
            entries.append(Entry(id=due.id, kind="milestone", milestone=due))
        else:
            entries.append(Entry(id=due.id, kind="milestone", retainer=due))
        changes.append(Change(due.id, "invoice_status", DRAFTED))
    grown = replace(draft, status=state, entries=(*draft.entries, *entries))
    return Moved(draft=grown, created=Created(changes=tuple(changes)), left=left)


def _due_left(draft: Draft, due: Milestone | Retainer) -> str:
    if due.invoice_status != "ready":
        return f"its invoice status is {due.invoice_status}"
    payer = due.contract_customer if isinstance(due, Retainer) else None
    if (due.contract, due.currency) != (draft.contract, draft.currency) or (
        payer not in (None, draft.payer)
    ):
        return "it is of another contract, customer or currency"
    if due.invoice_date is not None and due.invoice_date > draft.day:
        return f"its day {due.invoice_date} comes after the invoice date"
    return ""


def _unready(actual: Actual, text: str) -> Finding:
    return finding_of(
        "PRO712",
        actual.id,
        f"the transaction cannot be marked: {text}",
        "Correct it in the billing backlog, then mark it ready to invoice.",
        ("billing status", actual.billing_status),
        ("adjustment status", actual.adjustment_status),
        ("not to exceed", actual.nte_status),
    )
