"""Working off batches in this process: the embedded runner, until all is done or must wait."""

import sys
from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from adapter.edge.ledger import StepRow
from adapter.edge.sending.dispatch import Sender
from adapter.edge.sending.office import Office
from adapter.edge.sending.runner import EmbeddedRunner
from adapter.edge.stopping import draining

SWEEP_SECONDS = 0.2


class Work(Struct, frozen=True):
    """What became of some batches."""

    rows: list[StepRow]
    waiting: list[tuple[str, str]]  # document, why
    stopped: int = 0  # exit code, when a signal cut it short
    stopped_by: str = ""  # that signal

    @property
    def is_done(self) -> bool:
        """All of it was sent."""
        return not self.waiting and all(
            row.state in ("sent", "settled") and not row.parked for row in self.rows
        )


def work_off(
    here: Office, sender: Sender, batches: Sequence[str], wait_seconds: int
) -> Work:
    """Dispatch batches until none is open, or what is open must wait longer than that."""
    wanted = set(batches)
    until = here.clock.monotonic_ms() + wait_seconds * 1000

    def failed(batch: str, error: Exception) -> None:
        print(f"batch {batch[:12]}: {error}", file=sys.stderr)

    def onward(batch: str) -> None:
        if sender.dispatch(batch).word == "done":
            submit()  # the next of its lane need not wait for the sweep

    def submit() -> None:
        for batch in here.ledger.ready():
            if batch in wanted:
                runner.submit(batch)

    runner = EmbeddedRunner(onward, here.settings.sending.workers, here.clock, failed)

    def sweep() -> None:
        open_now = [row["id"] for row in here.ledger.batches()
                    if row["id"] in wanted and row["state"] == "open"]  # fmt: skip
        late = here.clock.monotonic_ms() >= until
        if not open_now or late or _only_far(here, wanted, until) or len(
            behind(here, wanted)) == len(open_now):  # fmt: skip
            stop.event.set()
            return
        submit()

    runner.every(SWEEP_SECONDS, sweep)
    with draining(lambda: setattr(sender, "draining", True)) as stop:
        if wanted:
            runner.run(stop.event)
    rows = [row for row in here.ledger.steps() if row.batch in wanted]
    ahead = behind(here, wanted)
    waiting = [(row["name"], row["because"] or ahead.get(row["id"], "not yet sent"))
               for row in here.ledger.batches()
               if row["id"] in wanted and row["state"] == "open"]  # fmt: skip
    return Work(rows, waiting, stop.exit_code, stop.called)


def behind(here: Office, wanted: set[str]) -> dict[str, str]:
    """Open batches that wait for a document of another plan that nobody is sending, with why."""
    now = here.ledger.now()
    heads: dict[str, dict[str, Any]] = {}
    found = {}
    for row in here.ledger.batches():  # oldest first
        if row["state"] != "open":
            continue
        head = heads.setdefault(row["lane"], row)
        if row["id"] in wanted and head["id"] not in wanted and head["lease_until"] <= now:
            found[row["id"]] = (f"{head['name']} of an older plan comes before it: "
                                f"`fieldledger send {head['plan']}`")  # fmt: skip
    return found


def _only_far(here: Office, wanted: set[str], until: int) -> bool:
    """Whether nothing is due before the end of our patience, or sending is paused."""
    left = until - here.clock.monotonic_ms()
    now = here.ledger.now()
    mine = [row for row in here.ledger.batches() if row["id"] in wanted and row["state"] == "open"]
    pauses = here.ledger.pauses()
    if pauses and all("*" in pauses or row["company"] in pauses for row in mine):
        return True
    return all(row["next_at"] - now > left and row["lease_until"] <= now for row in mine)
