"""How fast: for how many calls rows are intended at once, and how long a batch waits.

A word to the ledger, durably written, costs as much as a call to a neighbour that answers at
once. A slow neighbour is asked call by call, so that a pause, a closed gate or a crash finds one
call under way and no more.
"""

from adapter.edge.clock import Clock

QUICK_MS = 1_000  # what is intended leaves within that time, or goes back
CALLS_MAX = 5  # a header and 200 lines, as they come by default
BACKOFF_MS = 1_000
BACKOFF_MAX_MS = 60_000


class Pace:
    """What one neighbour allows, learned from its calls. Threads may share it."""

    def __init__(self, clock: Clock) -> None:
        self.calls = 1  # for so many are rows intended at once
        self._clock = clock

    def took(self, began_ms: int, rows: int) -> None:
        """A call for some rows was answered; of a single row it says nothing."""
        if rows > 1:
            took = self._clock.monotonic_ms() - began_ms
            self.calls = CALLS_MAX if took * CALLS_MAX * 2 <= QUICK_MS else 1


def backoff_ms(attempts: int, clock: Clock) -> int:
    """Doubling with every attempt, with a part by chance: no herd."""
    most = min(BACKOFF_MAX_MS, BACKOFF_MS << min(attempts, 6))
    return most // 2 + int(clock.token(6), 16) % (most // 2 + 1)
