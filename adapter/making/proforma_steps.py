"""What people do to proformas, as events: from marking ready to crediting, on what stands.

Each step is one of the pure moves of `proforma_life`, `proforma_edit`, `proforma_close` and
`billing_runs`, done to the records as they are then. A step that cannot be done leaves
everything as it was and says why; one that names what has not arrived is LAW707 (issue 4,
points 7 and 10).
"""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal

from msgspec import Struct

from adapter.making.billing_runs import run_schedules
from adapter.making.documents import finding_of
from adapter.making.new_actuals import POSTED, Created
from adapter.making.proforma_close import (
    Bulk,
    bulk_confirm,
    bulk_schedule,
    confirm,
    credit,
    revise,
)
from adapter.making.proforma_edit import (
    add_detail,
    add_product,
    apply_retainers,
    delete,
    edit,
    remove,
)
from adapter.making.proforma_life import (
    Draft,
    Moved,
    create_draft,
    current,
    mark_ready,
    moved,
    refresh,
)
from adapter.making.proforma_practice import Backlog, Practice
from adapter.making.standing import Standing, after
from adapter.values.actuals import Actual
from adapter.values.finding import Finding
from adapter.values.money import ZERO
from adapter.values.project_operations import ContractCustomer, Milestone

PRACTICE = Practice()
Taken = tuple[Standing, tuple[Finding, ...]]


class Step(Struct, frozen=True, kw_only=True):
    """One thing that people, or an automatic run, did to proformas.

    `move` is one of `STEPS`. `proforma` is the draft that is meant, `records` are ids: of what
    is marked, revised or credited, or of the drafts of a bulk confirmation.
    """

    move: str
    proforma: str = ""
    records: tuple[str, ...] = ()
    blank: Draft | None = None  # create: whose it is; revise, credit: the corrective draft
    entry: str = ""  # edit, remove
    values: Mapping[str, object] = {}  # edit: new values by field
    template: Actual | None = None  # add: what it is
    quantity: Decimal = ZERO
    price: Decimal | None = None
    billing_method: str = "time-and-material"
    day: date | None = None  # run: the day of the automatic run
    payers: tuple[ContractCustomer, ...] = ()  # run: of the contracts and their lines


def take(step: Step, standing: Standing, practice: Practice = PRACTICE) -> Taken:
    """The records after a step, and why it could not be done where it could not.

    Findings: LAW707 for what has not arrived, and those of the move itself.
    """
    made = STEPS.get(step.move)
    if made is None:
        return standing, (_not_there(step, "a step of this name", "LAW706"),)
    return made(step, standing, practice)


def backlog_of(standing: Standing) -> Backlog:
    """All that stands and may be billed."""
    return Backlog(
        actuals=tuple(standing.actuals.values()),
        milestones=tuple(standing.milestones.values()),
        retainers=tuple(standing.retainers.values()),
    )


def _marked(step: Step, standing: Standing, _practice: Practice) -> Taken:
    """Mark ready to invoice, or take the mark back."""
    lost = [key for key in step.records if key not in standing.actuals]
    if lost:
        return standing, (_not_there(step, lost[0]),)
    found = [standing.actuals[key] for key in step.records]
    made = mark_ready(found, is_ready=step.move == "ready")
    return after(standing, made), made.findings


def _created(step: Step, standing: Standing, practice: Practice) -> Taken:
    """A draft of all that is ready, with the retainers that apply themselves."""
    if step.blank is None:
        return standing, (_not_there(step, "the draft to create", "LAW706"),)
    there = standing.drafts.get(step.blank.id)
    if there is not None:
        return standing, (_not_there(step, f"a name of its own: {there.id} is there", "LAW706"),)
    made = create_draft(step.blank, backlog_of(standing), practice)
    return _with_advances(made, standing, practice)


def _refreshed(draft: Draft, _step: Step, standing: Standing, practice: Practice) -> Moved:
    return refresh(draft, backlog_of(standing), practice)


def _with_advances(made: Moved, standing: Standing, practice: Practice) -> Taken:
    """Retainers apply themselves whenever a draft is made or refreshed (domain 5)."""
    if made.draft is None or made.findings:
        return standing, made.findings
    grown = apply_retainers(made.draft, standing.retainers.values(), rule=practice.rule,
                            inferred=practice.inferred)  # fmt: skip
    draft = made.draft if grown.draft is None else grown.draft
    return after(standing, made.created, draft), grown.findings


def _edited(draft: Draft, step: Step, _standing: Standing, practice: Practice) -> Moved:
    return edit(draft, step.entry, practice.editing, step.values)


def _added(draft: Draft, step: Step, _standing: Standing, _practice: Practice) -> Moved:
    assert step.template is not None
    if step.move == "add-product":
        return add_product(draft, step.template, quantity=step.quantity)
    return add_detail(draft, step.template, billing_method=step.billing_method,
                      quantity=step.quantity, price=step.price)  # fmt: skip


def _removed(draft: Draft, step: Step, _standing: Standing, practice: Practice) -> Moved:
    return remove(draft, step.entry, practice.inferred)


def _deleted(draft: Draft, _step: Step, _standing: Standing, practice: Practice) -> Moved:
    return delete(draft, practice.inferred)


def _applied(draft: Draft, _step: Step, standing: Standing, practice: Practice) -> Moved:
    return apply_retainers(draft, standing.retainers.values(), rule=practice.rule,
                           inferred=practice.inferred)  # fmt: skip


def _moved(draft: Draft, step: Step, _standing: Standing, _practice: Practice) -> Moved:
    return moved(draft, step.move)


def _confirmed(draft: Draft, _step: Step, _standing: Standing, practice: Practice) -> Moved:
    return confirm(draft, rule=practice.rule, inferred=practice.inferred)


Change = Callable[[Draft, Step, Standing, Practice], Moved]


def _on_draft(change: Change) -> Callable[[Step, Standing, Practice], Taken]:
    """A step on one draft, which is brought up to the records first."""

    def taken(step: Step, standing: Standing, practice: Practice) -> Taken:
        there = standing.drafts.get(step.proforma)
        if there is None:
            return standing, (_not_there(step, step.proforma),)
        if step.move in ("add", "add-product") and step.template is None:
            return standing, (_not_there(step, "the template of the detail", "LAW706"),)
        made = change(_now(there, standing), step, standing, practice)
        if step.move == "refresh":
            return _with_advances(made, standing, practice)
        if made.findings or made.draft is None:
            return standing, made.findings
        return after(standing, made.created, made.draft), ()

    return taken


def _corrected(step: Step, standing: Standing, practice: Practice) -> Taken:
    """Revise: corrective details in a new draft, or in one that is there; credit confirms it."""
    there = standing.drafts.get(step.proforma)
    lost = [key for key in step.records if key not in standing.actuals]
    if there is None or lost or step.blank is None:
        missing = step.proforma if there is None else lost[0] if lost else "the corrective draft"
        return standing, (_not_there(step, missing),)
    new = standing.drafts.get(step.blank.id, step.blank)
    billed = [standing.actuals[key] for key in step.records]
    milestones = ((a.id, _milestone_of(a, standing)) for a in billed)
    credited = {key: one for key, one in milestones if one is not None}
    if step.move == "credit":
        made = credit(there, new, billed, credited, rule=practice.rule)
    else:
        made = revise(there, new, billed, credited)
    if made.findings or made.draft is None:
        return standing, made.findings
    return after(standing, made.created, made.draft), ()


def _milestone_of(billed: Actual, standing: Standing) -> Milestone | None:
    """The milestone that billed sales are of: no column names it, so its values must fit one."""
    if billed.transaction_class != "milestone":
        return None
    found = [
        one for one in standing.milestones.values()
        if (one.contract, one.contract_line, one.name, one.currency)
        == (billed.contract, billed.contract_line, billed.description, billed.currency)
        and one.invoice_status == POSTED
    ]  # fmt: skip
    return found[0] if len(found) == 1 else None


def _in_bulk(step: Step, standing: Standing, practice: Practice) -> Taken:
    """Schedule drafts for the bulk confirmation, or confirm those that are scheduled."""
    lost = [key for key in step.records if key not in standing.drafts]
    if lost or not step.records:
        return standing, (_not_there(step, lost[0] if lost else "a proforma"),)
    drafts = [_now(standing.drafts[key], standing) for key in step.records]
    if step.move == "schedule":
        done = bulk_schedule(drafts)
    else:
        done = bulk_confirm(Bulk(drafts=tuple(drafts)), rule=practice.rule,
                            inferred=practice.inferred)  # fmt: skip
    now = after(standing, Created(), *done.drafts)
    for created in done.created.values():
        now = after(now, created)
    return now, done.findings


def _run(step: Step, standing: Standing, practice: Practice) -> Taken:
    """An automatic run of the invoice schedules that are due."""
    if step.day is None:
        return standing, (_not_there(step, "the day of the run", "LAW706"),)
    ran = run_schedules(
        step.day, standing.schedules.values(), step.payers,
        [_now(draft, standing) for draft in standing.drafts.values()], backlog_of(standing),
        practice,
    )  # fmt: skip
    return after(standing, ran.created, *ran.drafts), ran.findings


def _now(draft: Draft, standing: Standing) -> Draft:
    return current(draft, standing.actuals, standing.milestones, standing.retainers)


STEPS: Mapping[str, Callable[[Step, Standing, Practice], Taken]] = {
    "ready": _marked,
    "unready": _marked,
    "create": _created,
    "refresh": _on_draft(_refreshed),
    "edit": _on_draft(_edited),
    "add": _on_draft(_added),
    "add-product": _on_draft(_added),
    "remove": _on_draft(_removed),
    "apply": _on_draft(_applied),
    "review": _on_draft(_moved),
    "return": _on_draft(_moved),
    "pay": _on_draft(_moved),
    "delete": _on_draft(_deleted),
    "confirm": _on_draft(_confirmed),
    "revise": _corrected,
    "credit": _corrected,
    "schedule": _in_bulk,
    "bulk-confirm": _in_bulk,
    "run": _run,
}


def _not_there(step: Step, missing: str, code: str = "LAW707") -> Finding:
    return finding_of(
        code,
        step.proforma or step.move,
        f"the step `{step.move}` needs `{missing}`, which has not arrived"
        if code == "LAW707"
        else f"the step `{step.move}` needs {missing}",
        "Read again once everything has synchronised; nothing was made of it.",
        ("step", step.move),
        ("missing", missing),
    )
