"""`run`: the embedded runner, on and on: pull, plan, drain, sweep."""

import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from adapter.edge.hints import WIDE, hinted
from adapter.edge.sending import VALIDATE
from adapter.edge.sending.asking import read_back
from adapter.edge.sending.dispatch import Sender
from adapter.edge.sending.manifest import write_manifests
from adapter.edge.sending.office import (
    CannotSend,
    Office,
    note_of,
    office,
    park_cancelled,
    planned_now,
)
from adapter.edge.sending.patience import however_long
from adapter.edge.sending.pull_command import pulled, troubles
from adapter.edge.sending.refusing import refuse_lost, refuse_unready
from adapter.edge.sending.rereading import Rereading
from adapter.edge.sending.runner import EmbeddedRunner, name_of
from adapter.edge.sending.said_once import SaidOnce
from adapter.edge.sending.send_command import enter_new
from adapter.edge.stopping import draining
from adapter.edge.subject import planning_day
from adapter.edge.workspace import read_settings
from adapter.making.steps import Consignment

SWEEP_SECONDS = 1.0
PULL_SECONDS = 300.0
SETTLE_SECONDS = 60.0
ANCHOR_SECONDS = 60.0


def run_forever(folder: Path, env: str | None) -> int:
    """Work until told to stop: pull, plan, send what was entered, ask for what is unknown."""
    with office(folder, env) as here:
        may_begin(here)
        sender = Sender(here.ledger, here.targets.neighbour_of, here.clock, here.settings.sending,
                        recheck=Rereading(here))  # fmt: skip

        once = SaidOnce(here.ledger, told)

        def onward(batch: str) -> None:
            word = sender.dispatch(batch).word
            if word != "not-ready":
                once.works(name_of(batch))
            if word == "done":
                sweep()  # the next of its lane need not wait

        def sweep() -> None:
            for batch in here.ledger.ready():
                runner.submit(batch)

        runner = EmbeddedRunner(onward, here.settings.sending.workers, here.clock,
                                lambda batch, error: once.wrong(name_of(batch), error))  # fmt: skip
        runner.every(SWEEP_SECONDS, once.watched("sweep", sweep))
        aside = Aside(once)
        runner.every(SETTLE_SECONDS, aside.does("settle", lambda: settled(here)))
        if any(e.connect and e.connect.dataverse for e in here.settings.environments.values()):
            runner.every(PULL_SECONDS, aside.does("pull", Pulling(here)))
        if here.settings.sending.plan_seconds:
            runner.every(here.settings.sending.plan_seconds, aside.does("plan", Planning(here)))
        if here.settings.ledger.anchor:
            at = here.folder / here.settings.ledger.anchor
            runner.every(ANCHOR_SECONDS,
                         once.watched("anchor", lambda: here.ledger.write_anchor(at)))  # fmt: skip
        with draining(lambda: setattr(sender, "draining", True)) as stop, aside:
            runner.run(stop.event)
    return 0


def may_begin(here: Office) -> None:
    """The ledger can be trusted and belongs to those that answer; waits as long as they ask to.
    Raises CannotSend, CannotConnect, PinnedElsewhere, LedgerError.
    """
    refuse_unready(here)
    however_long(lambda: here.targets.pin(here.ledger, told), here.clock, told)
    however_long(lambda: refuse_lost(here), here.clock, told)


def settled(here: Office) -> None:
    """Read back what was sent. Raises LedgerError, CannotConnect, OSError."""
    if here.ledger.is_down:  # where nothing is to be written, nobody would know that it can be
        here.ledger.try_out()
    read_back(here.ledger, here.targets.asked_of)
    write_manifests(here)


class Aside:
    """What may take long, one after the other, beside the sweeps: they must not wait for it."""

    def __init__(self, once: SaidOnce) -> None:
        self._once = once
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="fieldledger-aside")
        self._waiting: set[str] = set()

    def does(self, name: str, what: Callable[[], object]) -> Callable[[], None]:
        """Has it done soon; called again before it was begun, once only."""
        done = self._once.watched(name, what)

        def begun() -> None:
            self._waiting.discard(name)
            done()

        def soon() -> None:
            if name not in self._waiting:
                self._waiting.add(name)
                self._pool.submit(begun)

        return soon

    def __enter__(self) -> "Aside":
        return self

    def __exit__(self, *_error: object) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)


class Pulling:
    """Pulls; what went wrong, or looks odd, is told when it begins."""

    def __init__(self, here: Office) -> None:
        self.here = here
        self.last: list[str] = []

    def __call__(self) -> None:
        """Pull, without waiting where it is asked to: the next pull comes soon enough."""
        found = troubles(pulled(self.here, wait_ms=0))
        for line in found if found != self.last else ():
            told(f"pull: {line}")
        if self.last and not found:
            told("pull: nothing is wrong any more")
        self.last = found


class Planning:
    """Plans what is there now; each new plan is told once, and entered if the settings say so."""

    def __init__(self, here: Office) -> None:
        self.here = here
        self.last = ""
        self.why_not = ""  # it was not entered, and is not tried again

    def __call__(self) -> None:
        """Plan. Raises CannotSend as long as it may not be entered; and what reading and the ledger
        raise: then it is planned and entered at the next time.
        """
        here = self.here
        consignments: list[Consignment] = []
        day = planning_day(read_settings(here.folder, here.env)[0]).isoformat()
        plan = planned_now(here, day, consignments.append)
        if plan.id == self.last and self.why_not:
            raise CannotSend(self.why_not)
        if plan.id == self.last:
            return
        here.ledger.note_plan(note_of(plan))
        park_cancelled(here.ledger, plan)
        new = sum(one.delivery != VALIDATE for one in consignments)
        held = plan.tally.statuses["held"]
        told(f"plan {plan.id}: {new:,} documents to send, {held:,} actuals held")
        try:
            if here.settings.sending.enter == "automatic" and consignments:
                enter_new(here, plan, consignments)
        except CannotSend as error:
            self.last, self.why_not = plan.id, str(error)
            raise
        self.last, self.why_not = plan.id, ""


def told(line: str) -> None:
    """A line for the log: standard error, at once."""
    print(hinted(line, WIDE), file=sys.stderr, flush=True)
