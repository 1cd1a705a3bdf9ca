"""One claim, worked through: ask about what is unknown, intend, send, record.

Every row is intended in the ledger before the first byte of it leaves. What was intended and did
not leave goes back.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from adapter.edge.http.deadline import must_leave_by
from adapter.edge.ledger import TOLD_TO_WAIT, Claim, Halted, StaleFence, StepRow
from adapter.edge.sending.asking import Asked, ask
from adapter.edge.sending.heading import Heading
from adapter.edge.sending.pace import BACKOFF_MAX_MS, QUICK_MS, backoff_ms
from adapter.edge.sending.ports import Neighbour, NotNow
from adapter.edge.sending.together import NO_HEADER
from adapter.making.steps import DONE, Receipt

if TYPE_CHECKING:
    from adapter.edge.sending.dispatch import Sender

NOT_SENT = "HTT001"  # nobody was reached: waits, however long it takes
Word = Literal["done", "waiting", "not-ready", "paused", "lost", "no-neighbour"]


class Dispatched(Struct, frozen=True):
    """What became of one call."""

    word: Word
    batch: str
    sent: int = 0
    after_ms: int = 0  # when to look again


class Errand:
    """One claim, worked through."""

    def __init__(self, sender: "Sender", claim: Claim, neighbour: Neighbour) -> None:
        self.sender = sender
        self.ledger = sender.ledger
        self.claim = claim
        self.neighbour = neighbour
        self.states = {row.step.key: row.state for row in claim.steps}
        self.parked = {row.step.key for row in claim.steps if row.parked or row.withdrawn}
        self.heading = Heading(claim)
        self.pace = sender.pace(neighbour.name)
        self.size = max(1, neighbour.chunk)  # rows of one call
        self.sent = 0
        self.unrecorded: Sequence[Receipt] = ()  # all is well with them: kept with the next word

    def run(self, only_ask: bool) -> Dispatched:
        """As far as it goes."""
        asked = self._ask()
        if asked.wait_ms is not None:
            return self._later(asked.wait_ms, asked.because, attempt=asked.is_attempt)
        if only_ask and self._next():
            return self._later(0, "asked only")
        while rows := self._next():
            if self.sender.draining:
                return self._later(0, "the worker stops")
            stop = self._send(rows)
            if stop is not None:
                return stop
        return self._end()

    def _ask(self) -> Asked:
        """Steps of which nobody knows whether they took effect, asked for by key."""
        open_rows = [row for row in self.claim.steps if row.state in ("intended", "unknown")]
        if not open_rows:
            return Asked()
        wait = self.sender.gate(self.neighbour.name)
        if wait > 0:
            return Asked(wait_ms=wait, because=TOLD_TO_WAIT)
        asked = ask(
            self.neighbour, open_rows, self.ledger.now(),
            self.sender.setting.lease_ms + self.sender.setting.late_commit_ms,
            self.claim.attempts,
        )  # fmt: skip
        if asked.gate_ms is not None:
            self.sender.close_gate(self.neighbour.name, asked.gate_ms)
        self.sender.at("asked")
        if asked.receipts:
            self._record(asked.receipts)
        self.sender.at("settled")
        return asked

    def _next(self) -> list[StepRow]:
        """What is to be intended next: the header, then lines, then details, which refer to a
        line that must be there.
        """
        todo = [
            row for row in self.claim.steps
            if self.states[row.step.key] == "planned" and row.step.key not in self.parked
        ]  # fmt: skip
        header = todo[:1] if todo and todo[0].step.part == "header" else []
        below = todo[len(header) :]
        lines = [row for row in below if row.step.part == "line"]
        return header + (lines or below)[: self.size * (self.pace.calls - len(header))]

    def _in_calls(self, rows: list[StepRow]) -> list[list[StepRow]]:
        """The header alone, since its answer says what the rows below are linked by."""
        first = 1 if rows[0].step.part == "header" else self.size
        return [rows[:first], *(
            rows[at : at + self.size] for at in range(first, len(rows), self.size)
        )]  # fmt: skip

    def _send(self, rows: list[StepRow]) -> Dispatched | None:
        """Intend some rows, and send them call by call. None: go on with the next."""
        is_rechecked = self.sender.recheck.asks(rows)
        gate = self.sender.gate if is_rechecked else self.sender.told_to_wait
        wait = gate(self.neighbour.name)
        if wait > 0:
            return self._later(wait, TOLD_TO_WAIT)
        if is_rechecked:
            self._flush()
        try:
            moved = self.sender.recheck(rows)
        except NotNow as later:
            return self._later(later.wait_ms, str(later))
        for key, why in moved.items():
            self._park(key, why)
        going = [row for row in rows if row.step.key not in self.parked]
        asked = self.heading.asked(self.neighbour, going, self.sender.gate)
        if asked.gate_ms is not None:
            self.sender.close_gate(self.neighbour.name, asked.gate_ms)
        if asked.wait_ms is not None:
            return self._later(asked.wait_ms, asked.because, attempt=asked.is_attempt)
        if asked.because:
            self._park(self.heading.key, asked.because)
        if not self._may_follow(going):
            return self._end()
        if not going:
            return None
        keys = [row.step.key for row in going]
        # Counted from before the commit: whoever stands still after it may be late already.
        leave_by = self.sender.clock.monotonic_ms() + self.sender.setting.lease_ms // 2
        receipts = self._taken_out()
        try:
            self.ledger.intend(self.claim, keys, self.sender.setting.lease_ms,
                               self.neighbour.name, receipts)  # fmt: skip
        except Halted as halted:
            if halted.wait_ms:
                return self._later(halted.wait_ms, str(halted))
            return self._later(BACKOFF_MAX_MS, str(halted), word="paused")
        if receipts:
            self.sender.at("recorded")
        self.sender.at("intended")
        began = self.sender.clock.monotonic_ms()
        if began > leave_by:
            raise StaleFence("the worker stood still: others may have its batch by now")
        go_on_until = min(leave_by, began + QUICK_MS)
        calls = self._in_calls(going)
        for number, rows in enumerate(calls, start=1):
            if number > 1 and not self._may_go_on(go_on_until):
                self._record((), calls[number - 1 :])
                self.sender.at("recorded")
                return None
            receipts = self._call(rows, leave_by)
            if any(r.state != "sent" or r.park for r in receipts):
                return self._not_all_sent(receipts, calls[number:])
            self._take(receipts)
            self.unrecorded = (*self.unrecorded, *receipts)
        return None

    def _may_go_on(self, until_ms: int) -> bool:
        """Whether rows may leave that were intended for a later call."""
        is_late = self.sender.clock.monotonic_ms() > until_ms
        return not (is_late or self.sender.draining
                    or self.sender.told_to_wait(self.neighbour.name))  # fmt: skip

    def _call(self, rows: list[StepRow], leave_by: int) -> Sequence[Receipt]:
        began = self.sender.clock.monotonic_ms()
        with must_leave_by(leave_by):
            receipts = self.neighbour.send([row.step for row in rows], self.heading.answer)
        self.pace.took(began, len(rows))
        wait = _told_wait(receipts)
        if wait is not None:  # before anything else may go wrong: all workers must know
            self.sender.close_gate(self.neighbour.name, wait)
        self.sender.at("answered")
        return receipts

    def _not_all_sent(
        self, receipts: Sequence[Receipt], left: Sequence[list[StepRow]]
    ) -> Dispatched | None:
        """After a call that was not fine for all its rows; what is left did not leave."""
        self._record(receipts, left)
        self.sender.at("recorded")
        wait = _told_wait(receipts)
        if wait is not None:
            return self._later(wait, TOLD_TO_WAIT)
        again = [r for r in receipts if r.state == "planned"]
        if not again:
            return None
        why = again[0].message or again[0].code
        answered = [r for r in again if r.code != NOT_SENT]
        if answered and self.claim.attempts + 1 >= self.sender.setting.attempts:
            for receipt in answered:
                self._park(receipt.key, f"not sent in {self.claim.attempts + 1} attempts: {why}")
            if len(answered) == len(again):
                return None
        return self._later(backoff_ms(self.claim.attempts, self.sender.clock), why, attempt=True)

    def _park(self, key: str, because: str) -> None:
        self._flush()
        self.ledger.park(key, because, self.sender.holder)
        self.parked.add(key)

    def _may_follow(self, going: Sequence[StepRow]) -> bool:
        """Whether rows may be sent that hang on the header: it must be there, and as it was, or
        go before them.
        """
        key = self.heading.key
        is_there = not key or (self.states[key] in DONE and key not in self.parked)
        return is_there or not going or going[0].step.part == "header"

    def _flush(self) -> None:
        """Record now what would be recorded with the next word to the ledger."""
        if self.unrecorded:
            self._record(())
            self.sender.at("recorded")

    def _taken_out(self) -> Sequence[Receipt]:
        """What is not recorded yet; whoever takes it out records it."""
        receipts, self.unrecorded = self.unrecorded, ()
        return receipts

    def _record(
        self, receipts: Sequence[Receipt], left: Sequence[list[StepRow]] = ()
    ) -> None:
        """Record receipts, with what is not recorded yet. `left`: calls that were certainly not
        made, although their rows were intended.
        """
        back = [Receipt(key=row.step.key, state="planned") for rows in left for row in rows]
        self.ledger.record(self.claim, (*self._taken_out(), *receipts, *back))
        self._take((*receipts, *back))

    def _take(self, receipts: Sequence[Receipt]) -> None:
        for receipt in receipts:
            self.states[receipt.key] = receipt.state
            self.sent += receipt.state == "sent"
            if receipt.state == "refused" or receipt.park:
                self.parked.add(receipt.key)
            self.heading.take(receipt)

    def _end(self) -> Dispatched:
        """All that could be sent was sent: done, or later, or parked."""
        doubtful = [k for k, s in self.states.items() if s in ("intended", "unknown")
                    and k not in self.parked]  # fmt: skip
        if doubtful:
            return self._later(backoff_ms(self.claim.attempts, self.sender.clock),
                               "outcomes are unknown", attempt=True)  # fmt: skip
        waiting = [k for k, s in self.states.items() if s == "planned" and k not in self.parked]
        if waiting:  # the header is parked or refused: what hangs on it cannot go
            for key in waiting:
                self._park(key, NO_HEADER)
        receipts = self._taken_out()
        self.ledger.finish(self.claim, block=self.sender.setting.block_lane, receipts=receipts)
        if receipts:
            self.sender.at("recorded")
        self.sender.at("finished")
        return Dispatched("done", self.claim.batch, self.sent)

    def _later(
        self, after_ms: int, because: str, *, attempt: bool = False, word: Word = "waiting"
    ) -> Dispatched:
        self._flush()
        self.ledger.put_back(self.claim, after_ms, count_attempt=attempt, because=because)
        return Dispatched(word, self.claim.batch, self.sent, after_ms)


def _told_wait(receipts: Sequence[Receipt]) -> int | None:
    """The longest time that an answer asked to wait; None where none did."""
    waits = (r.retry_after_ms for r in receipts if r.retry_after_ms is not None)
    return max(waits, default=None)
