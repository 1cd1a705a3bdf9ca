"""Small answers about one judged actual: its status, its parts, its digest, its occurrence."""

from collections.abc import Mapping
from decimal import Decimal
from hashlib import sha256
from typing import Any

import msgspec

from adapter.making.entry import Part
from adapter.making.equation import MoneyKey, Status
from adapter.making.lined import Lined
from adapter.making.routed import Answer, Channel, Routed
from adapter.making.workspace import SentLine
from adapter.values.finding import Finding, Place


def digest_of(lined: Lined) -> str:
    """Digest of what a line says, its fee included: the same line gives the same digest."""
    body = msgspec.msgpack.encode(lined.line)
    if lined.beside:
        body += msgspec.msgpack.encode(lined.beside)
    return sha256(body).hexdigest()[:16]


def name_of(key: str) -> str:
    """A short name for an actual, which has no number of its own: A- and eight digits."""
    return f"A-{key.replace('-', '')[:8].upper()}"


def plain_text(value: Decimal | None) -> str:
    """A number as plain text; empty for none."""
    return "" if value is None else f"{value:f}"


def held_by(findings: list[Finding], answers: Mapping[Channel, Answer]) -> str:
    """The code that holds the actual; empty when nothing does."""
    blocking = next((f.code for f in findings if f.level == "error"), "")
    return blocking or next((a.rule for a in answers.values() if a.kind == "hold"), "")


def overall_of(statuses: list[Status], is_different: bool) -> Status:
    """The status of the actual as a whole: held if any channel holds it."""
    if "held" in statuses:
        return "different" if is_different else "held"
    order: tuple[Status, ...] = ("written", "unchanged", "left")
    return next(word for word in order if word in statuses)


def part_of(answer: Answer, held: str) -> Part:
    """What the report says of one channel."""
    if held and answer.kind != "hold":
        return Part(answer="hold", rule=held, reason=f"would be {answer.rule}")
    return Part(answer=answer.kind, rule=answer.rule, reason=answer.reason)


def occurrence(routed: Routed, finding: Finding, key: MoneyKey) -> dict[str, Any]:
    """One place where a code occurred, for the report."""
    d = routed.dossier
    return {
        "actual": d.actual.id,
        "name": name_of(d.actual.id),
        "work_order": (d.work_order.number if d.work_order else None) or "",
        "company": key[0],
        "amount": plain_text(d.actual.amount),
        "currency": key[1],
        "message": finding.message,
        "help": finding.help,
        "values": [list(pair) for pair in finding.values],
    }


def different(actual: str, channel: str, lined: Lined, before: SentLine) -> Finding:
    """LED903: the line was sent before with another body."""
    return Finding(
        code="LED903",
        level="error",
        message=f"sent before with another body ({channel})",
        place=Place(f"actual {actual}"),
        help="Reverse the record in the CRM, or correct it back; nothing is overwritten silently.",
        values=(("digest sent", before.digest), ("digest now", digest_of(lined)),
                ("document", before.document)),
        record=actual,
    )  # fmt: skip
