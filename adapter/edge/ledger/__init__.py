"""The ledger: our record of what was planned, sent and settled. Engines only wake it.

SQLite (WAL, synchronous FULL) in a file by default, PostgreSQL by URL; the same tables, the
same tests.
"""

from pathlib import Path

from adapter.edge.ledger.chain import Evidence, read_anchor
from adapter.edge.ledger.engines import NowMs, said_url
from adapter.edge.ledger.entering import FAR, NOT_ASKED
from adapter.edge.ledger.intake import Intake
from adapter.edge.ledger.keeping import GONE, Keeping, restored
from adapter.edge.ledger.marking import Marking, must_have_text
from adapter.edge.ledger.opening import blank, is_there, is_writable, looked_at, upgraded
from adapter.edge.ledger.rows import (
    MOVES,
    TOLD_TO_WAIT,
    AuditRow,
    Claim,
    DecisionNote,
    Entered,
    Halted,
    Head,
    InboxRow,
    LedgerDown,
    LedgerError,
    PinnedElsewhere,
    PlanNote,
    ReadBack,
    StaleFence,
    StepRow,
)
from adapter.edge.ledger.standing import ACCEPTED, EVERYTHING, scope_name

__all__ = [
    "ACCEPTED",
    "EVERYTHING",
    "FAR",
    "GONE",
    "MOVES",
    "NOT_ASKED",
    "TOLD_TO_WAIT",
    "AuditRow",
    "Claim",
    "DecisionNote",
    "Entered",
    "Halted",
    "Head",
    "InboxRow",
    "Ledger",
    "LedgerDown",
    "LedgerError",
    "PinnedElsewhere",
    "PlanNote",
    "ReadBack",
    "StaleFence",
    "StepRow",
    "blank_ledger",
    "is_there",
    "is_writable",
    "look_into_ledger",
    "must_have_text",
    "open_ledger",
    "read_anchor",
    "restore_ledger",
    "said_url",
    "scope_name",
]  # fmt: skip


class Ledger(Marking, Intake, Evidence, Keeping):
    """One ledger, open. Its units of work may come from several threads."""


def open_ledger(url: str, *, now_ms: NowMs | None = None) -> Ledger:
    """The ledger of a URL or file, at this program's version. Raises LedgerError.

    `now_ms` takes the place of the database's clock, for simulations.
    """
    _, store = upgraded(url, now_ms)
    return Ledger(store.url, store.engine, now_ms)


def look_into_ledger(url: str) -> Ledger | None:
    """The ledger of a URL or file, to be read only: nothing is made, upgraded or written.

    None where there is none yet. Raises LedgerError.
    """
    store = looked_at(url)
    return None if store is None else Ledger(store.url, store.engine, None)


def blank_ledger() -> Ledger:
    """A ledger in memory in which nothing stands: what is read where there is none yet."""
    store = blank()
    return Ledger(store.url, store.engine, None)


def restore_ledger(back_up: Path, url: str) -> Ledger:
    """A ledger from a back-up; it only reconciles until `accept`. Raises LedgerError."""
    store = restored(back_up, url)
    return Ledger(store.url, store.engine, None)
