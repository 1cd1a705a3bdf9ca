"""What the ledger knows of some actuals, for `explain`."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from adapter.edge.ledger import open_ledger
from adapter.edge.sending.office import ledger_url
from adapter.reading.settings import Settings
from adapter.telling.show_sent import SentRow


def history_of(folder: Path, settings: Settings, actuals: Sequence[str]) -> list[SentRow]:
    """Rows of these actuals, with what became of them. Raises LedgerError, LookupError."""
    ledger = open_ledger(ledger_url(folder, settings))
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
            for row in ledger.steps_of_actuals(actuals)
        ]  # fmt: skip
    finally:
        ledger.close()


def _moment(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC") if ms else ""
