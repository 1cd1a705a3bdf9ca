"""Lists of facts and of rules, as text and as JSON."""

from collections.abc import Mapping, Sequence
from typing import Any

from adapter.reading.catalogue import FactSpec
from adapter.reading.rulebook import Rule, Rulebook
from adapter.telling.columns_text import Row, cell, drawn
from adapter.telling.figures import count_of, pad, plain, wrapped
from adapter.telling.paint import Paint

FEW = 3  # facts that are shown in full
BELOW = 4  # columns before the lines below a rule


def fact_json(spec: FactSpec) -> dict[str, Any]:
    """One fact for a machine."""
    return {"name": spec.name, "type": spec.type, "choices": list(spec.choices or ()),
            "description": spec.description, "example": spec.example,
            "source": spec.source}  # fmt: skip


def facts_text(
    specs: Sequence[FactSpec], width: int = 80, colour: bool = False, ascii_only: bool = False
) -> str:
    """Facts, one a line; a few are shown in full."""
    paint = Paint(colour, ascii_only)
    if len(specs) <= FEW:
        lines = [line for spec in specs for line in _fact_lines(spec, width, paint)]
    else:
        rows: list[Row] = [
            [cell(s.name, "title"), cell(s.type), cell(plain(s.description, ascii_only)),
             *(cell(plain(text, ascii_only), "place") for text in (s.example, s.source))]
            for s in specs
        ]  # fmt: skip
        heads = ("fact", "type", "meaning", "example", "source")
        lines = [*drawn(rows, width, paint, heads, spare=(4, 3, 2)), ""]
    last = f"{count_of(len(specs), 'fact')}."
    if len(specs) > FEW:
        last += f" `fieldledger facts {specs[0].name}` shows one in full, with its choices."
    return "".join(line.rstrip() + "\n" for line in (*lines, *wrapped(last, width)))


def _fact_lines(spec: FactSpec, width: int, paint: Paint) -> list[str]:
    lines = [paint("title", spec.name)]
    for label, text in (("type", spec.type), ("choices", ", ".join(spec.choices or ())),
                        ("meaning", spec.description), ("example", spec.example),
                        ("source", spec.source)):  # fmt: skip
        for i, line in enumerate(wrapped(plain(text, paint.ascii_only), width - 12)):
            if text:
                lines.append(f"  {pad('' if i else label, 9)} {line}")
    return [*lines, ""]


def rule_json(rule: Rule, rulebook: Rulebook) -> dict[str, Any]:
    """One rule for a machine."""
    return {
        "id": rule.id, "name": rule.name, "asks": rule.asks, "channel": rule.channel,
        "level": rule.level if rule.asks == "require" else "",
        "outcome": "" if rule.asks == "require" else rule.outcome.kind,
        "tag": rule.tag, "since": rule.since and rule.since.isoformat(),
        "until": rule.until and rule.until.isoformat(), "source": rule.source,
        "owner": rule.owner, "domain": list(rule.domain), "place": str(rule.place),
        "origin": rule.origin, "changed": changed(rule.id, rulebook),
    }  # fmt: skip


def changed(code: str, rulebook: Rulebook) -> list[dict[str, Any]]:
    """What the workspace changed of a rule."""
    return [
        {"kind": a.kind, "because": a.because, "expires": a.expires and a.expires.isoformat(),
         "expired": a.expired}
        for a in rulebook.allowed if a.rule == code
    ]  # fmt: skip


def rules_text(
    rules: Sequence[Mapping[str, Any]], width: int = 80, colour: bool = False,
    ascii_only: bool = False,
) -> str:  # fmt: skip
    """Rules (as `rule_json`), one a line; the source and what was changed stand below it."""
    paint = Paint(colour, ascii_only)

    def said(value: object) -> str:
        return plain(value, ascii_only)

    rows: list[Row] = [
        [
            cell(r["id"], "code"), cell(said(f"{r['asks']} {r['channel']}".strip())),
            cell(said(r["level"] or r["outcome"])), cell(said(r["tag"])),
            cell(said(r["since"] or "-"), "place"), cell(said(r["name"]), "title"),
        ]
        for r in rules
    ]  # fmt: skip
    heads = ("id", "asks", "says", "tag", "since", "name")
    head, *drawn_rules = drawn(rows, width, paint, heads) or [""]
    lines = [head]
    for line, r in zip(drawn_rules, rules, strict=True):
        lines.append(line)
        override = _override(r)
        here = f"changed here: {override}" if override else ""
        for role, text in (("place", r["source"]), ("held", here)):
            lines += [f"{' ' * BELOW}{paint(role, part)}"  # type: ignore[arg-type]
                      for part in wrapped(said(text), width - BELOW) if text]  # fmt: skip
    lines.append("")
    last = f"{count_of(len(rules), 'rule')}."
    first = next((r["id"] for r in rules if r["level"] != "off"), None)
    if first is not None:
        last += f" `fieldledger explain {first}` shows one with its cases."
    return "".join(line.rstrip() + "\n" for line in (*lines, *wrapped(last, width)))


def _override(rule: Mapping[str, Any]) -> str:
    words = [" until ".join(w for w in (c["kind"], c["expires"]) if w) for c in rule["changed"]]
    if rule["origin"] == "workspace" and "replaced" not in " ".join(words):
        words.append("added")
    return ", ".join(words)
