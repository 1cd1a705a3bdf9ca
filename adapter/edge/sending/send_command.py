"""`send PLAN_ID`: what that plan said, and nothing else."""

import sys
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from adapter.edge.hints import hinted
from adapter.edge.ledger import NOT_ASKED, Entered, Ledger, LedgerError, PlanNote
from adapter.edge.sending import VALIDATE
from adapter.edge.sending.dispatch import Sender
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
from adapter.edge.sending.refusing import (
    refuse_anchor,
    refuse_lost,
    refuse_unready,
    refuse_unverified,
)
from adapter.edge.sending.rereading import Rereading
from adapter.edge.sending.sent_text import sent_text
from adapter.edge.sending.working import work_off
from adapter.making.plan import Plan
from adapter.making.steps import Consignment


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
        enter(here, ready, asked_of(request, ready.consignments))
        batches = batches_of(here, request)
        here.ledger.go_on(batches)
        sender = Sender(here.ledger, here.targets.neighbour_of, here.clock, here.settings.sending,
                        recheck=Rereading(here))  # fmt: skip
        done = work_off(here, sender, batches, request.wait_seconds)
        left = left_over(here, request, batches)
        if here.settings.ledger.anchor:
            here.ledger.write_anchor(here.folder / here.settings.ledger.anchor)
        files = [f"Files, and the order to import them: {name}\n"
                 for name in write_manifests(here) if request.plan in name and done.rows]
        told = sent_text(here.ledger, request.plan, done)
        rest = not_asked(here, request.plan)
        sys.stdout.write(hinted(told + "".join((*left, rest, *files))))
        return 0 if done.is_done and not left else done.stopped or 1


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
    if note is not None and note.entered_ms and not is_withdrawn(here.ledger, plan_id):
        return Ready(note)
    consignments: list[Consignment] = []
    as_of = note.as_of if note is not None else str(here.settings.as_of or "")
    if not as_of:
        raise CannotSend(f"plan {plan_id} is not known here: run `fieldledger plan` first")
    plan = planned_now(here, as_of, consignments.append)
    if plan.id != plan_id:
        raise CannotSend(stale(plan_id, note, plan))
    return Ready(note, plan, consignments)


def is_withdrawn(ledger: Ledger, plan_id: str) -> bool:
    """Whether a plan was entered and all its rows were withdrawn before they left: the plan of what
    is there has the same id then, and is entered anew.
    """
    documents = [batch["id"] for batch in ledger.batches()
                 if batch["plan"] == plan_id and batch["state"] != "expected"]  # fmt: skip
    return bool(documents) and not ledger.documents(documents)


def asked_of(request: SendRequest, consignments: Sequence[Consignment]) -> frozenset[str] | None:
    """The documents that may leave, where not the whole plan was asked for: what else is entered
    waits until it is, also where `run` works beside.
    """
    if request.first is None and not request.companies:
        return None
    found = [one.document for one in consignments if one.delivery != VALIDATE
             and (not request.companies or one.company in request.companies)]  # fmt: skip
    return frozenset(found[: request.first])


def enter(here: Office, ready: Ready, asked: frozenset[str] | None) -> None:
    """Enter the plan, once. Raises CannotSend where it must not be sent."""
    if ready.plan is None:
        if ready.note is not None:
            look_again(here, ready.note)
        return
    if ready.note is None:
        here.ledger.note_plan(note_of(ready.plan))
    park_cancelled(here.ledger, ready.plan)
    enter_new(here, ready.plan, ready.consignments, asked)


def enter_new(
    here: Office, plan: Plan, consignments: Sequence[Consignment],
    asked: frozenset[str] | None = None,
) -> None:  # fmt: skip
    """Enter a plan that was noted. Raises CannotSend where it must not be sent."""
    if not plan.balanced:
        raise CannotSend("the equation of the plan does not add up: nothing may be sent")
    refuse_unverified(here, consignments)
    tell(here.ledger.enter(plan.id, consignments, asked))


def stale(plan_id: str, note: PlanNote | None, plan: Plan) -> str:
    """Why the plan is not the plan of now."""
    if note is None:
        return (f"plan {plan_id} is not known here, and what is there now gives plan {plan.id}: "
                "look at that one with `fieldledger plan`")  # fmt: skip
    what = in_few(moved(note.inputs, inputs_of(plan)))
    return (f"plan {plan_id} is stale. What moved: {what}. What is there now gives plan "
            f"{plan.id}: look at it with `fieldledger plan`, then send that one")  # fmt: skip


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
        by_run = "" if others[0]["because"] == NOT_ASKED else ", or `fieldledger run`"
        lines.append(f"  {len(others):,} documents of other plans wait, such as {others[0]['name']}"
                     f":\n  `fieldledger send {others[0]['plan']}` goes on with them{by_run}.\n")
    return lines


def not_asked(here: Office, plan_id: str) -> str:
    """What of this plan was not asked for; "" where nothing waits for that."""
    count = sum(row["plan"] == plan_id and row["state"] == "open" and row["because"] == NOT_ASKED
                for row in here.ledger.batches())  # fmt: skip
    if not count:
        return ""
    return (f"  {count:,} more documents of this plan wait, also beside `run`, until you\n"
            f"  `fieldledger send {plan_id}`.\n")  # fmt: skip


def tell(entered: Entered) -> None:
    """What was entered, on standard error. Raises LedgerError for rows that clash."""
    if entered.conflicts:
        raise LedgerError(
            f"{len(entered.conflicts)} rows of the plan are held by other documents of the "
            f"ledger, such as {entered.conflicts[0][:12]}: plan again"
        )
    print(f"entered {entered.batches} documents, {entered.steps} rows", file=sys.stderr)
