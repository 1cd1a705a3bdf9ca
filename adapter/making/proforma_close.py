"""Confirming, revising, crediting and bulk confirming proformas, as pure functions.

Fieldledger confirms nothing: this is what must come of it when people do (E12 to E25).
"""

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from adapter.making.confirm import Detail, confirm_proforma
from adapter.making.documents import finding_of
from adapter.making.events import apply
from adapter.making.given import Given, closed_actuals
from adapter.making.new_actuals import BILLED, RETAINER, Created
from adapter.making.proforma_life import CONFIRMED, Draft, Entry, Moved, next_state, refused
from adapter.making.reverse import Correction, revise_proforma
from adapter.reading.event_file import INFERRED, Inferred
from adapter.values.actuals import Actual
from adapter.values.finding import Finding
from adapter.values.money import STANDARD, ZERO, CurrencyRule
from adapter.values.project_operations import Milestone

BULK_MAX = 250  # invoices of one bulk confirmation (domain R-138)
# state of a bulk confirmation and move -> the next state; retrying is inferred
BULK_MOVES: Mapping[tuple[str, str], str] = {
    ("", "schedule"): "scheduled",
    ("failed", "schedule"): "scheduled",
    ("scheduled", "start"): "processing",
    ("processing", "finish"): "complete",
    ("processing", "fail"): "failed",
}


def confirm(draft: Draft, *, rule: CurrencyRule = STANDARD, inferred: Inferred = INFERRED) -> Moved:
    """All that confirming a draft creates and changes; one way, then it is read-only.

    Refused where the state does not allow it (PRO710), where an actual was billed or
    reversed meanwhile (LAW705), where a limit failed (PRO712) or an advance has become
    larger than its retainer (PRO714).
    """
    state, findings = next_state(draft, "confirm")
    faults = findings or (*closed_actuals("confirm", _originals(draft), is_billing=True),
                          *_not_allowed(draft))  # fmt: skip
    if faults:
        return refused(draft, *faults)
    usual = [e for e in draft.entries if not e.is_correction]
    parts = [
        confirm_proforma(
            [_detail(e) for e in usual if e.kind == "time-and-material"],
            [_due(e, e.milestone) for e in usual if e.milestone is not None],
            [e.retainer for e in usual if e.retainer is not None],
            [e.advance for e in usual if e.advance is not None and e.advance.applied],
            invoice=draft.id,
            rule=rule,
            inferred=inferred,
            kinds={e.id: e.billing_type for e in usual if e.billing_type is not None},
            day=draft.day,
        ),
        revise_proforma([_correction(e) for e in draft.entries if e.is_correction],
                        invoice=draft.id, rule=rule),
        *(_product(draft, e, inferred, rule) for e in usual if e.kind == "product"),
    ]  # fmt: skip
    created = together(parts)
    if created.findings:
        return refused(draft, *created.findings)
    return Moved(draft=replace(draft, status=state), created=created)


def together(parts: Sequence[Created]) -> Created:
    """What several events created, one after another."""
    return Created(
        actuals=tuple(a for part in parts for a in part.actuals),
        connections=tuple(c for part in parts for c in part.connections),
        changes=tuple(c for part in parts for c in part.changes),
        findings=tuple(f for part in parts for f in part.findings),
    )


def _originals(draft: Draft) -> list[Actual]:
    return [e.actual for e in draft.entries if e.actual is not None]


def _not_allowed(draft: Draft) -> Iterable[Finding]:
    for entry in draft.entries:
        if entry.actual is not None and entry.actual.nte_status == "failed":
            yield finding_of("PRO712", entry.actual.id, "it goes beyond a not-to-exceed limit",
                             "Raise the limit or remove it from the draft.")  # fmt: skip
        advance = entry.advance
        if advance is not None and not ZERO <= advance.applied <= advance.available:
            yield finding_of(
                "PRO714", advance.retainer,
                f"{advance.applied} is taken from a retainer that has {advance.available}",
                "Lower the amount to what is available.",
                ("applied", advance.applied), ("available", advance.available))  # fmt: skip


def _detail(entry: Entry) -> Detail:
    return Detail(original=entry.actual, template=entry.template, quantity=entry.quantity,
                  price=entry.price, billing_type=entry.billing_type, tax=entry.tax,
                  description=entry.description, billing_method=entry.billing_method)  # fmt: skip


def _due(entry: Entry, milestone: Milestone) -> Milestone:
    """The milestone with its edited amount, tax and name."""
    return replace(
        milestone,
        amount=milestone.amount if entry.price is None else entry.price,
        tax=milestone.tax if entry.tax is None else entry.tax,
        name=entry.description or milestone.name,
    )


def _correction(entry: Entry) -> Correction:
    assert entry.actual is not None
    return Correction(original=entry.actual, quantity=entry.quantity or ZERO, price=entry.price,
                      tax=entry.tax, milestone=entry.milestone)  # fmt: skip


def _product(draft: Draft, entry: Entry, inferred: Inferred, rule: CurrencyRule) -> Created:
    assert entry.template is not None
    shape = replace(entry.template, id=entry.id, tax=entry.template.tax
                    if entry.tax is None else entry.tax)  # fmt: skip
    given = Given(id=draft.id, shape=shape, used=entry.quantity,
                  sales_price=entry.template.price, rule=rule)  # fmt: skip
    return apply("E32", given, inferred)


def revise(
    draft: Draft,
    new: Draft,
    billed: Iterable[Actual],
    milestones: Mapping[str, Milestone] | None = None,
) -> Moved:
    """*Revise*: corrective details in a new draft, or appended to one that is there.

    All quantities open at 0, which is a full credit; `edit` enters the right final ones.
    `billed` are the chosen billed sales of the invoice `draft`, `new` is the draft that takes
    them, `milestones` those of billed milestones by the id of the actual. Only a confirmed or
    paid invoice can be revised (R-141), product lines never (R-142).
    """
    _state, findings = next_state(draft, "revise")
    if not findings:
        _state, findings = next_state(new, "add")
    chosen = list(billed)
    faults = findings or (
        *closed_actuals("revise", chosen, is_billing=False),
        *(_not_revised(draft, a) for a in chosen if not _is_revisable(draft, a)),
    )
    if faults:
        return refused(new, *faults)
    entries = tuple(
        Entry(id=f"{new.id}/correction/{a.id}", kind=_kind(a), actual=a, quantity=ZERO,
              milestone=(milestones or {}).get(a.id), is_correction=True)
        for a in chosen
    )  # fmt: skip
    corrects = tuple(dict.fromkeys((*new.corrects, draft.id)))
    return Moved(draft=replace(new, entries=(*new.entries, *entries), corrects=corrects))


def _kind(actual: Actual) -> str:
    return "milestone" if actual.transaction_class == "milestone" else "time-and-material"


def _is_revisable(draft: Draft, actual: Actual) -> bool:
    """Billed sales of this invoice that come from a project or a milestone."""
    is_product = actual.project is None and actual.transaction_class != "milestone"
    return (
        actual.transaction_type == BILLED
        and actual.invoice in (None, draft.id)
        and not is_product
        and actual.transaction_class != RETAINER
    )


def _not_revised(draft: Draft, actual: Actual) -> Finding:
    return finding_of(
        "PRO710",
        actual.id,
        f"the actual cannot be corrected by revising {draft.id}",
        "Choose billed sales of the invoice; products and retainers are corrected by hand.",
        ("type", actual.transaction_type),
        ("class", actual.transaction_class),
        ("invoice", actual.invoice),
    )


def credit(
    draft: Draft,
    new: Draft,
    billed: Iterable[Actual],
    milestones: Mapping[str, Milestone] | None = None,
    *,
    rule: CurrencyRule = STANDARD,
) -> Moved:
    """A full credit of chosen billed sales: revise with everything at 0, then confirm."""
    revised = revise(draft, new, billed, milestones)
    if revised.findings or revised.draft is None:
        return revised
    return confirm(revised.draft, rule=rule)


class Bulk(Struct, frozen=True, kw_only=True):
    """A bulk confirmation: each draft as it is now, with what confirming it created."""

    drafts: tuple[Draft, ...]
    created: Mapping[str, Created] = {}
    findings: tuple[Finding, ...] = ()


def bulk_state(draft: Draft, move: str) -> tuple[Draft, tuple[Finding, ...]]:
    """A draft in the next state of its bulk confirmation, or PRO710 where there is none."""
    state = BULK_MOVES.get((draft.bulk, move))
    if state is not None:
        return replace(draft, bulk=state), ()
    named = draft.bulk or "blank"
    return draft, (finding_of(
        "PRO710", draft.id, f"a bulk confirmation that is {named} cannot {move}",
        "Wait until it has ended, then schedule what failed again.",
        ("bulk status", named)),)  # fmt: skip


def bulk_schedule(drafts: Sequence[Draft]) -> Bulk:
    """Schedule drafts; more than 250 at once are refused as a whole (PRO713, R-138)."""
    if len(drafts) > BULK_MAX:
        return Bulk(drafts=tuple(drafts), findings=(finding_of(
            "PRO713", drafts[0].id, f"{len(drafts)} invoices are to be confirmed at once",
            f"Choose at most {BULK_MAX} invoices.", ("invoices", len(drafts))),))  # fmt: skip
    found: list[Finding] = []
    scheduled: list[Draft] = []
    for draft in drafts:
        _state, faults = next_state(draft, "confirm")
        after, more = (draft, ()) if faults else bulk_state(draft, "schedule")
        scheduled.append(after)
        found += [*faults, *more]
    return Bulk(drafts=tuple(scheduled), findings=tuple(found))


def bulk_confirm(
    bulk: Bulk, *, rule: CurrencyRule = STANDARD, inferred: Inferred = INFERRED
) -> Bulk:
    """Confirm what is scheduled, one after another; one that fails does not stop the rest.

    What two drafts have in common is confirmed by the first of them only.
    """
    drafts: list[Draft] = []
    created: dict[str, Created] = {}
    found: list[Finding] = []
    taken: set[str] = set()
    for draft in bulk.drafts:
        started, faults = bulk_state(draft, "start")
        if faults:
            drafts.append(draft)  # not scheduled: it stays as it is
            continue
        again = sorted(taken & _taken(started))
        made = confirm(started, rule=rule, inferred=inferred)
        if again:
            made = refused(started, *(_taken_twice(record) for record in again))
        is_done = made.draft is not None and made.draft.status == CONFIRMED and not made.findings
        ended, _ = bulk_state(made.draft or started, "finish" if is_done else "fail")
        drafts.append(ended)
        found += made.findings
        if is_done:
            created[draft.id] = made.created
            taken |= _taken(draft)
    return Bulk(drafts=tuple(drafts), created=created, findings=tuple(found))


def _taken(draft: Draft) -> set[str]:
    """Ids of the records that confirming a draft bills, corrects or applies."""
    dues = [due for e in draft.entries for due in (e.actual, e.milestone, e.retainer)]
    advances = {e.advance.retainer for e in draft.entries if e.advance is not None}
    return advances | {due.id for due in dues if due is not None}


def _taken_twice(record: str) -> Finding:
    return finding_of("LAW705", record, "another invoice of the same run has taken it",
                      "Refresh the draft, then schedule it again.")  # fmt: skip
