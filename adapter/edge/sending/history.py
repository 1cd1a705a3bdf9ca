"""What the ledger knows of some actuals and of what a schedule bills, for `explain` and `story`."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from adapter.edge.ledger import Ledger, StepRow, look_into_ledger
from adapter.edge.sending.office import ledger_url
from adapter.making.story_parts import Moment
from adapter.reading.settings import Settings
from adapter.telling.show_sent import SentRow


def history_of(
    folder: Path, settings: Settings, actuals: Sequence[str], keys: Sequence[str] = (),
    documents: Sequence[str] = (),
) -> list[SentRow]:  # fmt: skip
    """Rows of these actuals, of these keys and of these documents (by key), with what became of
    them. Raises LedgerError, LookupError.
    """
    ledger = look_into_ledger(ledger_url(folder, settings))
    if ledger is None:
        return []
    try:
        return [
            SentRow(
                key=row.step.key, document=row.document, part=row.step.part,
                actual=row.step.actual, amount=row.step.amount, currency=row.step.currency,
                state="expected" if row.delivery == "validate-only" else row.state,
                reference=row.reference, parked=row.parked,
                said=f"{row.code} {row.message}".strip(),
                sent=_moment(row.sent_ms),
            )
            for row in _rows(ledger, actuals, keys, documents)
        ]  # fmt: skip
    finally:
        ledger.close()


def _rows(
    ledger: Ledger, actuals: Sequence[str], keys: Sequence[str], documents: Sequence[str] = ()
) -> Iterable[StepRow]:
    """Each row once."""
    found = (*ledger.steps_of_actuals(actuals), *ledger.steps_of_keys(keys),
             *ledger.documents(documents))  # fmt: skip
    return {row.step.key: row for row in found}.values()


def sent_moments(
    folder: Path, settings: Settings, actuals: Sequence[str], keys: Sequence[str] = ()
) -> list[Moment]:
    """What left for these actuals and in the rows of these keys, as moments of a story. Raises
    LedgerError, LookupError.

    Days are of UTC: the ledger knows instants only.
    """
    ledger = look_into_ledger(ledger_url(folder, settings))
    if ledger is None:
        return []
    try:
        return [_sent_moment(row) for row in _rows(ledger, actuals, keys) if row.intended_ms]
    finally:
        ledger.close()


def _sent_moment(row: StepRow) -> Moment:
    at = datetime.fromtimestamp((row.sent_ms or row.intended_ms) / 1000, UTC)
    state = "parked" if row.parked else row.state
    words = {"sent": "sent", "settled": "sent and read back", "unknown": "sent, outcome unknown",
             "intended": "on its way", "refused": "refused", "parked": "parked"}  # fmt: skip
    return Moment(
        stage="sent", key=row.step.key, name=f"{row.step.entity} {row.reference}".strip(), at=at,
        day=at.date(), what=f"{words.get(state, state)} to {row.system} with {row.document}",
        because=row.code, type=row.step.type, currency=row.step.currency,
        amount=Decimal(row.step.amount) if row.step.amount else None,
        values=(("why", row.parked or row.message or None), ("key", row.step.key[:12])),
    )  # fmt: skip


def _moment(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC") if ms else ""
