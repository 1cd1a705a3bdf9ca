"""One batch on its way.

The only thing a runner ever calls. It may be called at any time, twice, by several workers:
a batch that is not ready, or that another holds, is left alone.
"""

from collections.abc import Callable

from adapter.edge.clock import Clock
from adapter.edge.ledger import Claim, Ledger, StaleFence
from adapter.edge.sending.errand import Dispatched, Errand
from adapter.edge.sending.pace import BACKOFF_MAX_MS, Pace
from adapter.edge.sending.ports import UNCHANGED, Neighbour, Recheck
from adapter.reading.connect import SendingSetting

At = Callable[[str], None]  # told the name of each point that is passed
NeighbourOf = Callable[[Claim], Neighbour | None]


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
        self._paces: dict[str, Pace] = {}

    def gate(self, name: str) -> int:
        """Milliseconds until a gate opens, by the ledger and by what this process was told."""
        return max(self.ledger.gate(name), self.told_to_wait(name))

    def told_to_wait(self, name: str) -> int:
        """Milliseconds that this process was told to wait, should the ledger not have taken it."""
        return max(self._gates.get(name, 0) - self.clock.monotonic_ms(), 0)

    def pace(self, name: str) -> Pace:
        """How fast a neighbour is, as far as this process knows."""
        return self._paces.setdefault(name, Pace(self.clock))

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
                self.ledger.put_back(claim, BACKOFF_MAX_MS, count_attempt=False,
                                     because="nobody can be sent to")  # fmt: skip
                return Dispatched("no-neighbour", batch, after_ms=BACKOFF_MAX_MS)
            return Errand(self, claim, neighbour).run(only_ask)
        except StaleFence:
            return Dispatched("lost", batch)  # another worker has it; nothing more is written
