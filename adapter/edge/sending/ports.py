"""The port to the other side: rows go out, rows are asked for by key."""

from collections.abc import Mapping, Sequence
from typing import Literal, Protocol

from msgspec import Struct

from adapter.edge.ledger import StepRow
from adapter.making.compared import differences
from adapter.making.steps import Receipt, Step


class CannotConnect(RuntimeError):
    """An environment cannot be connected to; the text says what is missing."""


class NoConnection(CannotConnect):
    """Nobody said where the other side is: not that it does not answer."""


class Found(Struct, frozen=True, kw_only=True):
    """What asking for one row by its key gave.

    `unreachable`: nobody knows, ask again. `row` is as read, numbers exact.
    `more`: further rows with the same key, where the other side enforces none.
    """

    state: Literal["found", "missing", "unreachable"]
    reference: str = ""
    row: dict[str, object] = {}
    answer: dict[str, str] = {}
    more: int = 0
    message: str = ""
    retry_after_ms: int | None = None  # throttled: nobody of us may ask before


def compared(step: Step, code: str, message: str, found: Found, other_code: str) -> Receipt:
    """What it means that a row is there already: ours from an earlier call, or another's.

    `code` and `message` are what the other side said; `other_code` is that of a row which
    is there with another body.
    """
    if found.state != "found":
        return Receipt(key=step.key, state="unknown", code=code, message=message,
                       retry_after_ms=found.retry_after_ms)  # fmt: skip
    changed = differences(step.body, found.row)
    if changed:
        first = changed[0]
        return Receipt(key=step.key, state="refused", code=other_code,
                       message=f"is there with another body: {first.column} is {first.now}, "
                       f"sent {first.sent}")  # fmt: skip
    return Receipt(key=step.key, state="sent", reference=found.reference, answer=found.answer,
                   message="it was there")  # fmt: skip


class Neighbour(Protocol):
    """One system of one environment, as one principal.

    Neither `send` nor `find` raises for anything the network or the other side does.
    """

    @property
    def name(self) -> str:
        """Name of its throttle gate: host and principal."""

    @property
    def enforces_keys(self) -> bool:
        """Whether the server refuses a second row with the same key."""

    @property
    def chunk(self) -> int:
        """How many steps one call takes."""

    def send(self, steps: Sequence[Step], header: Mapping[str, str]) -> list[Receipt]:
        """Create the rows; one receipt per step, in order.

        `header` holds the columns of the header's answer, for the steps' `links`.
        """

    def find(self, steps: Sequence[Step]) -> dict[str, Found]:
        """The rows by their key columns; an answer for every step's key."""


class NotNow(RuntimeError):
    """Whether something may be sent cannot be said now; nothing was sent."""

    def __init__(self, because: str, wait_ms: int) -> None:
        super().__init__(because)
        self.wait_ms = wait_ms


class Recheck(Protocol):
    """Looks at records once more just before their first send."""

    def asks(self, steps: Sequence[StepRow], /) -> bool:
        """Whether others are asked for it, which takes its time."""

    def __call__(self, steps: Sequence[StepRow], /) -> Mapping[str, str]:
        """Key -> why the step must not be sent. May raise NotNow."""


class Unchanged:
    """Records as the plan read them: nothing to read again."""

    def asks(self, steps: Sequence[StepRow]) -> bool:
        return False

    def __call__(self, steps: Sequence[StepRow]) -> Mapping[str, str]:
        return {}


UNCHANGED = Unchanged()
