"""One judged actual on its way into documents."""

from datetime import date
from typing import Literal

from msgspec import Struct

from adapter.deciding.dossier import Dossier
from adapter.values.finding import Finding

Channel = Literal["ledger", "billing"]
CHANNELS: tuple[Channel, ...] = ("ledger", "billing")


class Answer(Struct, frozen=True, kw_only=True):
    """Where a rule sends an actual on one channel."""

    channel: Channel
    kind: Literal["send", "leave", "hold"]
    rule: str
    document: str = ""  # journal-line, proforma-line, invoice-proposal-line, on-account
    mapping: str = ""
    group: tuple[str, ...] = ()  # values of the rule's group_by facts, as text
    reason: str = ""


class Routed(Struct, kw_only=True):
    """An actual with its verdict: findings, and one answer per channel unless it is held."""

    dossier: Dossier
    day: date | None
    model: str
    findings: tuple[Finding, ...] = ()
    ledger: Answer
    billing: Answer
    concluded: dict[str, str] = {}
    expected_accounting_day: date | None = None
