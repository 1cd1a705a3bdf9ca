"""Small answers about one judged actual: its status, its parts, its digest, its occurrence."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from hashlib import sha256
from typing import Any

import msgspec

from adapter.making.changed import ChangedLine
from adapter.making.entry import Part
from adapter.making.equation import MoneyKey, Status
from adapter.making.lined import Line, Lined
from adapter.making.routed import Answer, Channel, Routed
from adapter.values.finding import Finding, Place
from adapter.values.money import canonical

DIGEST = "2:"  # how digests of lines begin; older ones had the digits as they were written


def digest_of(lined: Lined) -> str:
    """Digest of what a line says, its fee included: equal values give the same digest.

    However they are written. What is empty is left out, so that a field which a later version
    adds changes no digest until it says something.
    """
    said = [_said(line) for line in (lined.line, *lined.beside)]
    return DIGEST + sha256(msgspec.msgpack.encode(said)).hexdigest()[:16]


def _said(line: Line) -> list[object]:
    said: list[object] = [line.__class__.__name__]
    for name in line.__struct_fields__:
        value = getattr(line, name)
        if value:
            said.append((name, canonical(value) if value.__class__ is Decimal else value))
    return said


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


def occurrence(routed: Routed, finding: Finding, key: MoneyKey, amount: str) -> dict[str, Any]:
    """One place where a code occurred, for the report."""
    d = routed.dossier
    return {
        "actual": d.actual.id,
        "name": name_of(d.actual.id),
        "work_order": (d.work_order.number if d.work_order else None) or "",
        "company": key[0],
        "amount": amount,
        "currency": key[1],
        "message": finding.message,
        "help": finding.help,
        "values": [list(pair) for pair in finding.values],
    }


def different(subject: str, changed: Sequence[ChangedLine]) -> Finding:
    """LED903: lines of an actual, milestone or retainer were sent before with another body."""
    homes = [f"{one.lined.kind} {one.before.document}".strip() for one in changed]
    return Finding(
        code="LED903",
        level="error",
        message=f"sent before with another body ({', '.join(homes)})",
        place=Place(f"actual {subject}"),
        help="Reverse the record in the CRM, or correct it back; nothing is overwritten silently.",
        values=tuple(
            pair for one in changed for pair in (
                ("document", one.before.document), ("digest sent", one.before.digest),
                ("digest now", digest_of(one.lined)),
            )
        ),
        record=subject,
    )  # fmt: skip
