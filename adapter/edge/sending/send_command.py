"""`send PLAN_ID`: what that plan said, and nothing else."""

import sys
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from adapter.edge.anchor import anchor_fault
from adapter.edge.book import read_book
from adapter.edge.hints import hinted
from adapter.edge.ledger import Entered, LedgerError, PlanNote, read_anchor
from adapter.edge.sending.dispatch import Sender
from adapter.edge.sending.ghosts import look_for_ghosts
from adapter.edge.sending.look_again import look_again
from adapter.edge.sending.manifest import write_manifests
from adapter.edge.sending.office import (
    CannotSend,
    Office,
    in_few,
    inputs_of,
    moved,
    must_know,
    note_of,
    office,
    park_cancelled,
    planned_now,
)
from adapter.edge.sending.rereading import Rereading
from adapter.edge.sending.sent_text import sent_text
from adapter.edge.sending.working import work_off
from adapter.making.plan import Plan
from adapter.making.steps import Consignment
from adapter.reading.mapping_check import unverified
from adapter.reading.settings import Settings
from adapter.values.finding import has_errors


class SendRequest(Struct, frozen=True, kw_only=True):
    """What was asked for on the command line."""

    plan: str
    folder: Path
    env: str | None = None
    companies: frozenset[str] = frozenset()
    first: int | None = None
    wait_seconds: int = 300


def run_send(request: SendRequest) -> int:
    """Send; 0 when all of it was sent, 1 when something waits for time or for a person.

    130 or 143 when Ctrl-C or SIGTERM cut it short: what was in hand was finished.
    """
    ready = None
    with office(request.folder, request.env, looks=True) as before:
        must_know(before.settings, request.companies)
        refuse_anchor(before)
        if not before.is_begun:  # a wrong id makes no ledger
            ready = looked_up(before, request.plan)
    with office(request.folder, request.env) as here:
        refuse_unready(here)
        # A ledger in which nothing stands would give the same plan again.
        if ready is None or here.ledger.head().count or here.settings != before.settings:
            ready = looked_up(here, request.plan)  # before it is tied to an organisation
        here.targets.pin(here.ledger, lambda line: print(line, file=sys.stderr))
        refuse_lost(here)
        enter(here, ready)
        batches = batches_of(here, request)
        sender = Sender(here.ledger, here.targets.neighbour_of, here.clock, here.settings.sending,
                        recheck=Rereading(here))  # fmt: skip
        done = work_off(here, sender, batches, request.wait_seconds)
        left = left_over(here, request, batches)
        if here.settings.ledger.anchor:
            here.ledger.write_anchor(here.folder / here.settings.ledger.anchor)
        files = [f"Files, and the order to import them: {name}\n"
                 for name in write_manifests(here) if request.plan in name and done.rows]
        told = sent_text(here.ledger, request.plan, done)
        sys.stdout.write(hinted(told + "".join((*left, *files))))
        return 0 if done.is_done and not left else done.stopped or 1


def refuse_anchor(here: Office) -> None:
    """An anchor that cannot be written is told before anything leaves. Raises CannotSend."""
    fault = anchor_fault(here.folder, here.settings)
    if fault is not None:
        raise CannotSend(f"{fault.code} {fault.message}: {fault.help}")


def refuse_unready(here: Office) -> None:
    """A restored ledger, or one whose chain is broken, sends nothing. Raises CannotSend."""
    why = here.ledger.reconcile_only()
    if why:
        raise CannotSend(
            f"this ledger was {why} and only reconciles: run `fieldledger reconcile`, then "
            '`fieldledger ledger accept --because "both sides agree"`'
        )
    anchor = here.settings.ledger.anchor
    found = here.ledger.verify(read_anchor(here.folder / anchor) if anchor else None)
    if has_errors(tuple(found)):
        raise CannotSend(f"{found[0].code} {found[0].message}: {found[0].help}")


def refuse_lost(here: Office) -> None:
    """A new ledger beside rows of ours in a Finance that would take them twice. It only
    reconciles then, like a restored one. Raises CannotSend.
    """
    connects = [here.settings.environments[c.environment].connect
                for c in here.settings.companies.values() if c.delivery == "odata"]  # fmt: skip
    is_safe = all(c is None or c.finance_enforces_keys for c in connects)
    if is_safe or here.ledger.asks_first() or any(here.ledger.batches()):
        return
    book = read_book(here.folder, here.settings, here.settings.as_of)
    looked = look_for_ghosts(here, book, frozenset(), ("finance",))
    if looked.unlooked:
        raise CannotSend(f"whether an earlier ledger sent rows cannot be seen: "
                         f"{'; '.join(looked.unlooked[:3])}")  # fmt: skip
    # Another instance may have entered and sent meanwhile: then the rows are those of this ledger.
    if looked.ghosts and not any(here.ledger.batches()):
        here.ledger.distrust(f"begun anew beside {len(looked.ghosts):,} rows with keys of ours in "
                             "Finance that it does not know")  # fmt: skip
        refuse_unready(here)


class Ready(Struct, frozen=True):
    """A plan that may be entered: noted and entered before, or the plan of what is there now."""

    note: PlanNote | None
    plan: Plan | None = None  # None: it was entered before
    consignments: list[Consignment] = []


def looked_up(here: Office, plan_id: str) -> Ready:
    """The plan of an id; nothing is written. Raises CannotSend for one that is stale or that was
    never made, and what planning raises.
    """
    note = here.ledger.plan(plan_id)
    if note is not None and note.entered_ms:
        return Ready(note)
    consignments: list[Consignment] = []
    as_of = note.as_of if note is not None else str(here.settings.as_of or "")
    if not as_of:
        raise CannotSend(f"plan {plan_id} is not known here: run `fieldledger plan` first")
    plan = planned_now(here, as_of, consignments.append)
    if plan.id != plan_id:
        raise CannotSend(stale(plan_id, note, plan))
    return Ready(note, plan, consignments)


def enter(here: Office, ready: Ready) -> None:
    """Enter the plan, once. Raises CannotSend where it must not be sent."""
    if ready.plan is None:
        if ready.note is not None:
            look_again(here, ready.note)
        return
    if ready.note is None:
        here.ledger.note_plan(note_of(ready.plan))
    park_cancelled(here.ledger, ready.plan)
    enter_new(here, ready.plan, ready.consignments)


def enter_new(here: Office, plan: Plan, consignments: Sequence[Consignment]) -> None:
    """Enter a plan that was noted. Raises CannotSend where it must not be sent."""
    if not plan.balanced:
        raise CannotSend("the equation of the plan does not add up: nothing may be sent")
    refuse_unverified(here, consignments)
    tell(here.ledger.enter(plan.id, consignments))


def stale(plan_id: str, note: PlanNote | None, plan: Plan) -> str:
    """Why the plan is not the plan of now."""
    if note is None:
        return (f"plan {plan_id} is not known here, and what is there now gives plan {plan.id}: "
                "look at that one with `fieldledger plan`")  # fmt: skip
    what = in_few(moved(note.inputs, inputs_of(plan)))
    return (f"plan {plan_id} is stale. What moved: {what}. What is there now gives plan "
            f"{plan.id}: look at it with `fieldledger plan`, then send that one")  # fmt: skip


def refuse_unverified(here: Office, consignments: Sequence[Consignment]) -> None:
    """OData to names that nobody has proven is for the twin only. Raises CannotSend."""
    wanted = {(c.environment, c.kind) for c in consignments if c.delivery in ("odata", "dataverse")}
    real = {kind for environment, kind in wanted if not here.targets.is_twin(environment)}
    names = unproven(here.folder, here.settings, real) if real else []
    if names:
        raise CannotSend(
            f"{len(names)} names that would be sent are not proven: {', '.join(names[:4])} ... "
            "Run `fieldledger check --live`, which reads your $metadata, or deliver files"
        )


def unproven(folder: Path, settings: Settings, kinds: set[str]) -> list[str]:
    """Targets and columns of these kinds of document that neither schema nor tenant proves."""
    book = read_book(folder, settings, settings.as_of)
    found = []
    for mapping in book.mappings.values():
        if mapping.document not in kinds:
            continue
        table = book.schemas.get(mapping.target)
        if table is None or (table.tag != "documented" and not table.is_tenant):
            found.append(mapping.target)
        found += [f"{mapping.target}.{name}" for name, _, _ in unverified(mapping, book.schemas)]
    return sorted(set(found))


def batches_of(here: Office, request: SendRequest) -> list[str]:
    """Batches of the plan that are not done, oldest first, as far as they were asked for."""
    rows = [
        row for row in here.ledger.batches()
        if row["plan"] == request.plan and row["state"] == "open"
        and (not request.companies or row["company"] in request.companies)
    ]  # fmt: skip
    wanted = rows if request.first is None else rows[: request.first]
    return [row["id"] for row in wanted]


def left_over(here: Office, request: SendRequest, batches: Sequence[str]) -> list[str]:
    """What was not taken along and waits: parked rows of this plan, documents of others."""
    rows = {row["id"]: row for row in here.ledger.batches()
            if not request.companies or row["company"] in request.companies}  # fmt: skip
    lines = []
    parked = sum(rows[r.batch]["plan"] == request.plan for r in here.ledger.parked()
                 if r.batch in rows and r.batch not in batches)  # fmt: skip
    if parked and request.first is None:
        lines.append(f"  {parked:,} of its rows are parked: `fieldledger status` says why.\n")
    others = [row for row in rows.values()
              if row["state"] == "open" and row["plan"] != request.plan]  # fmt: skip
    if others:
        lines.append(f"  {len(others):,} documents of other plans wait, such as {others[0]['name']}"
                     f":\n  `fieldledger send {others[0]['plan']}` goes on with them, or "
                     "`fieldledger run`.\n")  # fmt: skip
    return lines


def tell(entered: Entered) -> None:
    """What was entered, on standard error. Raises LedgerError for rows that clash."""
    if entered.conflicts:
        raise LedgerError(
            f"{len(entered.conflicts)} rows of the plan are held by other documents of the "
            f"ledger, such as {entered.conflicts[0][:12]}: plan again"
        )
    print(f"entered {entered.batches} documents, {entered.steps} rows", file=sys.stderr)
