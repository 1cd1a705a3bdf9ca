"""How a command reads: it waits where it was told to, tries again, and not for ever.

What is read may be asked for again at no risk. Rows that are sent have their own way of waiting
(`dispatch`): they go back into the ledger.
"""

import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol, TypeVar

from adapter.edge.clock import Clock
from adapter.edge.http.session import Session
from adapter.edge.ledger import Ledger, LedgerError
from adapter.edge.sending.ports import CannotConnect

WAIT_MS = 120_000  # what one command waits in all
TOLD_MS = 2_000  # longer waits are told
TRIES = 4
FIRST_MS = 500  # then twice as long, each time
T = TypeVar("T")


class Heard(Protocol):
    """What an answer means."""

    @property
    def meaning(self) -> str:
        """A word such as fine, throttled, doubtful, not-sent."""

    @property
    def wait_ms(self) -> int:
        """Of an answer that asks to wait."""


class AskedToWait(CannotConnect):
    """The other side asks to wait for longer than a command does: `wait_ms` more."""

    def __init__(self, said: str, wait_ms: int = 0) -> None:
        self.wait_ms = wait_ms
        super().__init__(said)


class Patience:
    """The waiting of one command. Its gates are the ledger's: all workers keep them."""

    def __init__(self, ledger: Ledger, clock: Clock, wait_ms: int = WAIT_MS) -> None:
        self.ledger = ledger
        self.clock = clock
        self._left = wait_ms
        self._gates: dict[str, int] = {}  # until when, where the ledger may only be read
        self._given_up: set[str] = set()  # gates behind which nobody answered, however often asked

    def read(
        self, gate: str, ask: Callable[[], T], heard: Callable[[T], Heard],
        session: Session | None = None,
    ) -> T:  # fmt: skip
        """The answer; asked for again where it says to wait, or says nothing.

        `session`: nobody asks again where its secret was refused. Raises AskedToWait.
        """
        for number in range(TRIES):
            self._pass(gate)
            answer = ask()
            said = heard(answer)
            if said.meaning == "throttled":
                self._close(gate, said.wait_ms)
            elif not _may_change(said.meaning, session) or self._is_over(gate):
                return answer
            elif number < TRIES - 1:
                self._rest(min(FIRST_MS << number, self._left))
        self._given_up.add(gate)
        return answer

    def _is_over(self, gate: str) -> bool:
        return self._left <= 0 or gate in self._given_up

    def _close(self, gate: str, for_ms: int) -> None:
        """Nobody passes for a while; where the ledger may only be read, we at least."""
        self._gates[gate] = self.clock.monotonic_ms() + for_ms
        with suppress(LedgerError):
            self.ledger.close_gate(gate, for_ms)

    def _pass(self, gate: str) -> None:
        """Wait until a gate opens. Raises AskedToWait."""
        own = self._gates.get(gate, 0) - self.clock.monotonic_ms()
        wait = max(self.ledger.gate(gate), own)
        if wait > self._left:
            raise AskedToWait(f"{gate.partition('|')[0]} asks to wait for {-(-wait // 1000)} s "
                              "more: try again then", wait)  # fmt: skip
        if wait > TOLD_MS:
            host = gate.partition("|")[0]
            print(f"waits {-(-wait // 1000)} s, as {host} asks", file=sys.stderr, flush=True)
        self._rest(wait)

    def _rest(self, duration: int) -> None:
        self._left -= duration
        if duration > 0:
            self.clock.sleep_ms(duration)


def however_long(what: Callable[[], T], clock: Clock, told: Callable[[str], object]) -> T:
    """What is given in the end: `run` waits for as long as the other side asks, and tells it."""
    while True:
        try:
            return what()
        except AskedToWait as error:
            wait = max(error.wait_ms, FIRST_MS)
            told(f"{error.args[0].partition(': try again')[0]}: it waits, and goes on")
            clock.sleep_ms(wait)


def _may_change(meaning: str, session: Session | None) -> bool:
    """Whether asking once more may give another answer."""
    if meaning == "doubtful":
        return True
    tokens = None if session is None else session.tokens
    return meaning == "not-sent" and not (tokens is not None and tokens.is_hopeless)
