"""Working off batches in this process: the embedded runner, until all is done or must wait."""

import sys
from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from adapter.edge.hints import WIDE, hinted
from adapter.edge.ledger import EVERYTHING, FAR, StepRow
from adapter.edge.sending.dispatch import Sender
from adapter.edge.sending.office import Office
from adapter.edge.sending.runner import EmbeddedRunner, name_of
from adapter.edge.sending.said_once import SaidOnce
from adapter.edge.stopping import draining
from adapter.making.steps import DONE

SWEEP_SECONDS = 0.2
Batch = dict[str, Any]  # a row of the ledger


class Work(Struct, frozen=True):
    """What became of some batches."""

    rows: list[StepRow]
    waiting: list[tuple[str, str]]  # document, why
    stopped: int = 0  # exit code, when a signal cut it short
    stopped_by: str = ""  # that signal
    paused: int = 0  # of those that wait, so many for a person to resume
    began_ms: int = 0  # when, by the ledger's clock

    @property
    def is_done(self) -> bool:
        """All of it was sent."""
        return not self.waiting and all(
            row.state in DONE and not row.parked for row in self.rows
        )


def work_off(
    here: Office, sender: Sender, batches: Sequence[str], wait_seconds: int
) -> Work:
    """Dispatch batches until none is open, or what is open must wait longer than that."""
    wanted = set(batches)
    until = here.clock.monotonic_ms() + wait_seconds * 1000

    began = here.ledger.now()
    once = SaidOnce(here.ledger, lambda line: print(hinted(line, WIDE), file=sys.stderr))

    def onward(batch: str) -> None:
        if sender.dispatch(batch).word == "done":
            submit()  # the next of its lane need not wait for the sweep

    def submit() -> None:
        for batch in here.ledger.ready():
            if batch in wanted:
                runner.submit(batch)

    runner = EmbeddedRunner(onward, here.settings.sending.workers, here.clock,
                            lambda batch, error: once.wrong(name_of(batch), error))  # fmt: skip

    def sweep() -> None:
        left = until - here.clock.monotonic_ms()
        if left <= 0:  # also where the ledger cannot be read any more
            stop.event.set()
            return
        rows, now = _open(here), here.ledger.now()
        mine = [row for row in rows if row["id"] in wanted]
        is_behind = len(_behind(rows, wanted, now)) == len(mine)
        if is_behind or _only_far(mine, here.ledger.pauses(), left, now):
            stop.event.set()
            return
        submit()

    runner.every(SWEEP_SECONDS, once.watched("sweep", sweep))
    with draining(lambda: setattr(sender, "draining", True)) as stop:
        if wanted:
            runner.run(stop.event)
    rows = here.ledger.documents(batches)
    still, now, pauses = _open(here), here.ledger.now(), here.ledger.pauses()
    ahead = _behind(still, wanted, now)
    waiting = [(row["name"], ahead.get(row["id"], "not yet sent") if not row["because"]
                else row["because"] + _due(row, pauses, now))
               for row in still if row["id"] in wanted]  # fmt: skip
    paused = sum(row["id"] in wanted and _is_paused(row, pauses) for row in still)
    return Work(rows, waiting, stop.exit_code, stop.called, paused, began)


def _open(here: Office) -> list[Batch]:
    """Batches that are not done, oldest first."""
    return [row for row in here.ledger.batches() if row["state"] == "open"]


def _due(batch: Batch, pauses: Mapping[str, str], now: int) -> str:
    """When a batch goes on by itself, if it waits for time and not for a person."""
    left = -(-(batch["next_at"] - now) // 1000)
    is_time = left > 0 and batch["next_at"] < FAR and not _is_paused(batch, pauses)
    return f" (due in {left:,} s)" if is_time else ""


def _is_paused(batch: Batch, pauses: Mapping[str, str]) -> bool:
    return EVERYTHING in pauses or batch["company"] in pauses


def _behind(rows: Sequence[Batch], wanted: set[str], now: int) -> dict[str, str]:
    """Of these open batches, ours that wait for one of another plan that nobody is sending, with
    why.
    """
    heads: dict[str, Batch] = {}
    found = {}
    for row in rows:
        head = heads.setdefault(row["lane"], row)
        if row["id"] in wanted and head["id"] not in wanted and head["lease_until"] <= now:
            found[row["id"]] = (f"{head['name']} of an older plan comes before it: "
                                f"`fieldledger send {head['plan']}`")  # fmt: skip
    return found


def _only_far(mine: Sequence[Batch], pauses: Mapping[str, str], left: int, now: int) -> bool:
    """Whether nothing is due before the end of our patience, or sending is paused."""
    if pauses and all(_is_paused(row, pauses) for row in mine):
        return True
    return all(row["next_at"] - now > left and row["lease_until"] <= now for row in mine)
