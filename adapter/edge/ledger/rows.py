"""What the ledger hands out and takes in, and its errors."""

from collections.abc import Mapping

from msgspec import Struct

from adapter.making.steps import State, Step

# What may become of a step by itself. On a person's word, `release` brings one back: what was
# refused is planned again, what was sent is unknown and asked for first.
MOVES: Mapping[State, tuple[State, ...]] = {
    "planned": ("intended",),
    "intended": ("sent", "refused", "unknown", "planned"),
    "unknown": ("sent", "refused", "planned", "unknown"),
    "sent": ("settled",),
    "refused": ("planned",),
    "settled": (),
}


TOLD_TO_WAIT = "the other side asked to wait"


class LedgerError(RuntimeError):
    """The database could not be used; the unit of work was given up as a whole."""


class LedgerDown(LedgerError):
    """The database itself failed: it is down, locked or full. The next time it may work."""


class StaleFence(LedgerError):
    """Another worker holds the batch, or the lease ran out: nothing was written."""


class Halted(LedgerError):
    """Nothing may leave now: paused, or a gate is closed for `wait_ms`."""

    def __init__(self, because: str, wait_ms: int) -> None:
        self.wait_ms = wait_ms
        super().__init__(because)


class PinnedElsewhere(LedgerError):
    """The ledger belongs to another organisation or Finance host."""

    def __init__(self, name: str, stored: str, given: str) -> None:
        self.name, self.stored, self.given = name, stored, given
        super().__init__(
            f"this ledger was started with {name} {stored}, the workspace now says {given}: "
            "nothing is sent; use another ledger for another organisation"
        )


class StepRow(Struct, frozen=True, kw_only=True, gc=False):
    """A step with what became of it. Instants in milliseconds, 0: never."""

    step: Step
    batch: str
    document: str = ""  # name of the document
    environment: str = ""
    system: str = ""
    delivery: str = ""
    kind: str = ""
    state: State = "planned"
    reference: str = ""
    answer: dict[str, str] = {}
    code: str = ""
    message: str = ""
    parked: str = ""
    intended_ms: int = 0
    sent_ms: int = 0
    settled_ms: int = 0
    entered_ms: int = 0
    withdrawn: bool = False


class ReadBack(Struct, frozen=True, kw_only=True):
    """A row that was sent, as it was read back: as sent, or (`park`) why it is not."""

    key: str
    reference: str = ""
    park: str = ""


class Claim(Struct, frozen=True, kw_only=True):
    """A batch in the hands of one worker, until its lease runs out."""

    batch: str
    fence: int
    holder: str
    attempts: int
    kind: str
    name: str
    company: str
    environment: str
    system: str
    delivery: str
    steps: tuple[StepRow, ...] = ()


class DecisionNote(Struct, frozen=True, kw_only=True):
    """What a plan decided about one actual."""

    actual: str
    status: str
    ledger_rule: str = ""
    billing_rule: str = ""
    findings: str = ""  # codes, comma between


class PlanNote(Struct, frozen=True, kw_only=True):
    """A plan that was made: its id, its inputs by name and digest, what it said."""

    id: str
    as_of: str
    headline: str = ""
    inputs: dict[str, str] = {}
    noted_ms: int = 0
    entered_ms: int = 0


class Entered(Struct, frozen=True, kw_only=True):
    """What entering a plan did: steps that are new, that were there, that clash."""

    batches: int = 0
    steps: int = 0
    known: int = 0
    conflicts: tuple[str, ...] = ()  # keys that another document holds with another body


class InboxRow(Struct, frozen=True, kw_only=True):
    """A row of the CRM as it was read; `body` is None for a row that was deleted."""

    id: str
    version: str
    body: str | None
    seen_ms: int = 0
    seen_again_ms: int = 0
    is_known: bool = False  # the records held the same when it was first read


class AuditRow(Struct, frozen=True, kw_only=True):
    """One link of the chain."""

    seq: int
    at_ms: int
    who: str
    event: str
    subject: str
    detail: str
    digest: str


class Head(Struct, frozen=True, kw_only=True):
    """The end of the chain: how many links, and the digest of the last."""

    count: int = 0
    digest: str = ""
