"""One batch on its way: ask about what is unknown, intend, send, record.

The only thing a runner ever calls. It may be called at any time, twice, by several workers:
a batch that is not ready, or that another holds, is left alone. Every step is intended in
the ledger before the first byte of it leaves; what nobody knows is asked for by key.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Literal

from msgspec import Struct

from adapter.edge.clock import Clock
from adapter.edge.http.deadline import must_leave_by
from adapter.edge.ledger import Claim, Halted, Ledger, StaleFence, StepRow
from adapter.edge.sending.asking import Asked, ask
from adapter.edge.sending.heading import Heading
from adapter.edge.sending.ports import UNCHANGED, Neighbour, NotNow, Recheck
from adapter.edge.sending.together import NO_HEADER
from adapter.making.steps import DONE, Receipt
from adapter.reading.connect import SendingSetting

BACKOFF_MS = 1_000
BACKOFF_MAX_MS = 60_000
NOT_SENT = "HTT001"  # nobody was reached: waits, however long it takes
Word = Literal["done", "waiting", "not-ready", "paused", "lost", "no-neighbour"]
At = Callable[[str], None]  # told the name of each point that is passed
NeighbourOf = Callable[[Claim], Neighbour | None]


class Dispatched(Struct, frozen=True):
    """What became of one call."""

    word: Word
    batch: str
    sent: int = 0
    after_ms: int = 0  # when to look again


def nowhere(_name: str) -> None:
    """A point that nobody watches."""


class Sender:
    """Sends batches of one ledger. One per process; its calls may come from several threads."""

    def __init__(
        self,
        ledger: Ledger,
        neighbour_of: NeighbourOf,
        clock: Clock,
        setting: SendingSetting,
        *,
        holder: str = "",
        recheck: Recheck = UNCHANGED,
        at: At = nowhere,
    ) -> None:
        self.ledger = ledger
        self.neighbour_of = neighbour_of
        self.clock = clock
        self.setting = setting
        self.holder = holder or f"worker-{clock.token(8)}"
        self.recheck = recheck
        self.at = at
        self.draining = False
        self._gates: dict[str, int] = {}  # until when, should the ledger not take it

    def gate(self, name: str) -> int:
        """Milliseconds until a gate opens, by the ledger and by what this process was told."""
        return max(self.ledger.gate(name), self.told_to_wait(name))

    def told_to_wait(self, name: str) -> int:
        """Milliseconds that this process was told to wait, should the ledger not have taken it."""
        return max(self._gates.get(name, 0) - self.clock.monotonic_ms(), 0)

    def close_gate(self, name: str, for_ms: int) -> None:
        """Let nobody through for a while."""
        until = self.clock.monotonic_ms() + for_ms
        self._gates[name] = max(until, self._gates.get(name, 0))
        self.ledger.close_gate(name, for_ms)

    def dispatch(self, batch: str, *, only_ask: bool = False) -> Dispatched:
        """Bring one batch as far as it goes now. Raises LedgerError only.

        `only_ask` settles what is unknown and sends nothing.
        """
        claim = self.ledger.claim(batch, self.holder, self.setting.lease_ms)
        if claim is None:
            return Dispatched("not-ready", batch)
        self.at("claimed")
        neighbour = self.neighbour_of(claim)
        try:
            if neighbour is None:
                self._back(claim, BACKOFF_MAX_MS, "nobody can be sent to")
                return Dispatched("no-neighbour", batch, after_ms=BACKOFF_MAX_MS)
            return _Errand(self, claim, neighbour).run(only_ask)
        except StaleFence:
            return Dispatched("lost", batch)  # another worker has it; nothing more is written

    def _back(self, claim: Claim, after_ms: int, because: str, attempt: bool = False) -> None:
        self.ledger.put_back(claim, after_ms, count_attempt=attempt, because=because)


class _Errand:
    """One claim, worked through."""

    def __init__(self, sender: Sender, claim: Claim, neighbour: Neighbour) -> None:
        self.sender = sender
        self.ledger = sender.ledger
        self.claim = claim
        self.neighbour = neighbour
        self.rows = {row.step.key: row for row in claim.steps}
        self.states = {key: row.state for key, row in self.rows.items()}
        self.parked = {key for key, row in self.rows.items() if row.parked or row.withdrawn}
        self.heading = Heading(claim)
        self.sent = 0
        self.unrecorded: Sequence[Receipt] = ()  # all is well with them: kept with the next word

    def run(self, only_ask: bool) -> Dispatched:
        """As far as it goes."""
        wait = self.sender.gate(self.neighbour.name)
        if wait > 0:
            return self._later(wait, "the other side asked to wait")
        asked = self._ask()
        if asked.wait_ms is not None:
            return self._later(asked.wait_ms, asked.because, attempt=asked.is_attempt)
        if only_ask and any(self._chunks()):
            return self._later(0, "asked only")
        for chunk in self._chunks():
            if self.sender.draining:
                return self._later(0, "the worker stops")
            stop = self._send(chunk)
            if stop is not None:
                return stop
        return self._end()

    def _ask(self) -> Asked:
        """Steps of which nobody knows whether they took effect, asked for by key."""
        open_rows = [row for row in self.claim.steps if row.state in ("intended", "unknown")]
        if not open_rows:
            return Asked()
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

    def _chunks(self) -> Iterator[list[StepRow]]:
        """What is still to be sent: the header alone, then the rest in the order of the plan."""
        todo = [
            row for row in self.claim.steps
            if self.states[row.step.key] == "planned" and row.step.key not in self.parked
        ]  # fmt: skip
        if todo and todo[0].step.part == "header":
            yield todo[:1]
            todo = todo[1:]
        for part in ("line", "detail"):  # a detail refers to a line that must be there
            mine = [row for row in todo if row.step.part == part]
            size = max(1, self.neighbour.chunk)
            for start in range(0, len(mine), size):
                yield mine[start : start + size]

    def _send(self, chunk: list[StepRow]) -> Dispatched | None:
        """One call. None: go on with the next."""
        wait = self.sender.told_to_wait(self.neighbour.name)
        if wait > 0:
            return self._later(wait, "the other side asked to wait")
        if self.sender.recheck.asks(chunk):
            self._flush()
        try:
            moved = self.sender.recheck(chunk)
        except NotNow as later:
            return self._later(later.wait_ms, str(later))
        for key, why in moved.items():
            self._park(key, why)
        going = [row for row in chunk if row.step.key not in self.parked]
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
        if self.sender.clock.monotonic_ms() > leave_by:
            raise StaleFence("the worker stood still: others may have its batch by now")
        with must_leave_by(leave_by):
            receipts = self.neighbour.send([row.step for row in going], self.heading.answer)
        throttled = [r.retry_after_ms for r in receipts if r.retry_after_ms is not None]
        wait = max(throttled, default=0)
        if throttled:  # before anything else may go wrong: all workers must know
            self.sender.close_gate(self.neighbour.name, wait)
        self.sender.at("answered")
        if all(r.state == "sent" and not r.park for r in receipts):
            self._take(receipts)
            self.unrecorded = receipts
            return None
        self._record(receipts)
        self.sender.at("recorded")
        if throttled:
            return self._later(wait, "the other side asked to wait")
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
        return self._later(self._backoff(), why, attempt=True)

    def _park(self, key: str, because: str) -> None:
        self._flush()
        self.ledger.park(key, because, self.sender.holder)
        self.parked.add(key)

    def _may_follow(self, going: Sequence[StepRow]) -> bool:
        """Whether rows may be sent that hang on the header: it must be there, and as it was."""
        key = self.heading.key
        is_there = not key or (self.states[key] in DONE and key not in self.parked)
        return is_there or all(row.step.part == "header" for row in going)

    def _flush(self) -> None:
        """Record now what would be recorded with the next word to the ledger."""
        receipts = self._taken_out()
        if receipts:
            self.ledger.record(self.claim, receipts)
            self.sender.at("recorded")

    def _taken_out(self) -> Sequence[Receipt]:
        """What is not recorded yet; whoever takes it out records it."""
        receipts, self.unrecorded = self.unrecorded, ()
        return receipts

    def _record(self, receipts: Sequence[Receipt]) -> None:
        self.ledger.record(self.claim, receipts)
        self._take(receipts)

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
            return self._later(self._backoff(), "outcomes are unknown", attempt=True)
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

    def _backoff(self) -> int:
        """Doubling with every attempt, with a part that depends on the batch: no herd."""
        most = min(BACKOFF_MAX_MS, BACKOFF_MS << min(self.claim.attempts, 6))
        return most // 2 + int(self.sender.clock.token(6), 16) % (most // 2 + 1)

    def _later(
        self, after_ms: int, because: str, *, attempt: bool = False, word: Word = "waiting"
    ) -> Dispatched:
        self._flush()
        self.ledger.put_back(self.claim, after_ms, count_attempt=attempt, because=because)
        return Dispatched(word, self.claim.batch, self.sent, after_ms)
