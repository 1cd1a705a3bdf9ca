"""The dry-run report: one HTML file that needs no network and no JavaScript.

The template's text is an argument (only `edge/` opens files). Escaping is always on; the
Content-Security-Policy names the hash of the one style and the one script, so that nothing
else can run, whatever a record says.
"""

from base64 import b64encode
from collections.abc import Iterable, Mapping
from decimal import Decimal
from hashlib import sha256
from typing import Any

from jinja2 import BaseLoader, Environment, StrictUndefined, TemplateError
from markupsafe import Markup

from adapter.telling.completed import completed
from adapter.telling.delivered import (
    COLUMNS,
    WRITTEN,
    channels_of,
    companies_of_others,
    heads_of,
)
from adapter.telling.equation_text import left_by_rule
from adapter.telling.figures import (
    Shown,
    amount_of_text,
    count_of,
    day_shown,
    grouped,
    money,
    money_of_type,
    safe,
    type_shown,
    window_of,
)
from adapter.telling.page_room import (
    BYTES_MAX,
    FRAME,
    Bodies,
    bodies_of,
    embedded,
    shown_rows,
    size_of,
    slim,
)

OCCURRENCES_OPEN = 20  # of one finding; the rest is folded
OCCURRENCES_MAX = 1_000  # of one finding on the page; report.json has all
FAULTS_MAX = 500
TEXT_MAX = 400  # characters of one text
WORDS = {
    "new": "new", "same": "unchanged", "different": "differs", "held": "held",
    "written": "written", "unchanged": "unchanged", "left": "left",
}  # fmt: skip
SIGNS = {
    "new": "+", "written": "+", "same": "=", "unchanged": "=", "left": "\u2013",
    "held": "!", "different": "!", "error": "!", "warning": "?", "note": "i",
}  # fmt: skip
SOURCES = {"learn": "https://learn.microsoft.com/dynamics365/"}


def as_html(report: Shown, template: str, stories: Mapping[str, str] | None = None) -> str:
    """The page of a report, drawn by `template` (`templates/report.html.j2`).

    `stories`: pages of work orders, by their names, as seen from this one.
    Raises jinja2.TemplateError when the template is faulty; nothing in a report does.
    """
    environment = page_environment()
    whole = completed(report)
    drawn = environment.from_string(template)

    def page_of(copied: Shown, bodies: Bodies) -> str:
        return drawn.render(
            **_context(whole, bodies), embedded=embedded(copied), stories=dict(stories or {})
        )

    less = slim(report)
    page = page_of(less, {})
    room = BYTES_MAX - size_of(page)
    bodies = bodies_of(whole["documents"], room)
    room -= sum(FRAME + size_of(body) for body in bodies.values())
    has_all = all(i in bodies for i, d in enumerate(whole["documents"]) if d["payload"] is not None)
    is_whole = has_all and size_of(embedded(report)) - size_of(embedded(less)) <= room
    return page_of(report if is_whole else less, bodies) if bodies or is_whole else page


def page_environment() -> Environment:
    """What draws a page: everything is escaped, and what is missing is an error."""
    environment = Environment(
        loader=BaseLoader(), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    environment.filters.update(
        slug=slug, amount=grouped, day=day_shown, safe_text=_bounded, type=type_shown,
        hash=csp_hash,
        sign=lambda status: SIGNS.get(status, "?"), word=lambda status: WORDS.get(status, status),
    )  # fmt: skip
    return environment


def csp_hash(text: object) -> str:
    """The source expression that allows exactly this style or script."""
    return f"sha256-{b64encode(sha256(str(text).encode()).digest()).decode()}"


def slug(text: object) -> str:
    """A text as part of an anchor: letters, digits and hyphens."""
    return "".join(c if c.isascii() and c.isalnum() else "-" for c in str(text))


def _context(report: dict[str, Any], bodies: Bodies) -> dict[str, Any]:
    actuals = report["actuals"]
    others = companies_of_others(report)
    rows = shown_rows(actuals)
    documents = {d["key"]: d for d in report["documents"]}
    return {
        "report": report,
        "window": window_of(report),
        "rows": rows,
        "is_cut": len(rows) < len(actuals),
        "sentences": _sentences(report["verdict"]["headline"]),
        "faults_max": FAULTS_MAX,
        "status_by_id": {a["id"]: a["status"] for a in actuals},
        "findings": [_group(f) for f in report["findings"]],
        "documents": [_document(d, bodies.get(i)) for i, d in enumerate(report["documents"])],
        "document_names": {k: f"{d['kind']} {d['name']}" for k, d in documents.items()},
        "document_counts": _counts(report["documents"]),
        "finding_codes": {f["code"] for f in report["findings"]},
        "equation": [_equation(c, report) for c in channels_of(report)],
        "others": others,
        "expected": sum(a["status"] == WRITTEN and a["company"] in others for a in actuals),
        "silent": [c for c in report["coverage"] if not c["fired"]],
        "loud": [c for c in report["coverage"] if c["fired"]],
        "count_of": count_of,
    }


def _bounded(text: object) -> str:
    """Safe text of bounded length; escaping is the template's own work."""
    shown = safe(text)
    return shown if len(shown) <= TEXT_MAX else f"{shown[:TEXT_MAX]}… ({len(shown)} characters)"


def _sentences(text: str) -> list[str]:
    """The sentences of the headline, so that a line breaks between them first."""
    parts = text.split(". ")
    return [f"{part}." for part in parts[:-1]] + parts[-1:]


def _counts(documents: Iterable[Shown]) -> str:
    """`3 new, 1 unchanged, 1 differs`."""
    counts: dict[str, int] = {}
    for document in documents:
        word = WORDS.get(document["status"], str(document["status"]))
        counts[word] = counts.get(word, 0) + 1
    order = ("new", "unchanged", "differs", "held")
    known = [word for word in order if word in counts]
    return ", ".join(f"{counts[w]:,} {w}" for w in [*known, *sorted(set(counts) - set(known))])


def _group(finding: Shown) -> dict[str, Any]:
    """One finding as the page shows it: evidence, link, and the plain text to copy."""
    seen = finding["occurrences"]
    return {
        **finding,
        "said": str(finding["name"]).replace("-", " "),
        "link": source_link(finding["source"]),
        "sums": [money_of_type(m) for m in finding["money"]],
        "evidence": _evidence(finding),
        "opened": seen[:OCCURRENCES_OPEN],
        "folded": seen[OCCURRENCES_OPEN:OCCURRENCES_MAX],
        "beyond": max(len(seen) - OCCURRENCES_MAX, 0),
        "helps": list(dict.fromkeys(o["help"] for o in seen if o["help"]))[:3],
        "plain": finding_plain(finding),
    }


def _evidence(finding: Shown) -> list[dict[str, Any]]:
    """The rule's lines with the facts of the first occurrence marked under them."""
    values = dict(finding["occurrences"][0]["values"]) if finding["occurrences"] else {}
    lines = []
    for number, text in enumerate(finding["excerpt"], int(finding.get("excerpt_line") or 1)):
        marks = sorted((text.find(fact), fact) for fact in values if fact in text)
        carets = ""
        for start, fact in marks:
            carets = carets.ljust(start) + "~" * len(fact) if start >= len(carets) else carets
        says = [f"{fact} is {values[fact]}" for _, fact in marks]
        lines.append({"number": number, "text": text, "carets": carets, "says": says})
    return lines


def source_link(source: str) -> str:
    """The address of a documented source; empty when it is not one we can link."""
    kind, _, path = source.partition(":")
    path = path.strip()
    if kind not in SOURCES or not path or any(c in path for c in " <>\"'\\"):
        return ""
    return SOURCES[kind] + path.lstrip("/")


def finding_plain(finding: Shown) -> str:
    """A finding as plain text, for a ticket or a mail."""
    sums = ", ".join(money_of_type(m) for m in finding["money"])
    head = f"{finding['code']} {str(finding['name']).replace('-', ' ')}"
    lines = [
        f"{head}: {count_of(finding['records'], 'actual')}" + (f", {sums}" if sums else ""),
    ]
    for label in ("place", "why", "owner", "source"):
        if finding[label]:
            lines.append(f"{label}: {safe(finding[label])}")
    for seen in finding["occurrences"][:OCCURRENCES_OPEN]:
        sum_shown = money(seen["currency"], seen["amount"])
        where = " ".join(safe(p) for p in (seen["name"], seen["work_order"]) if p)
        lines.append(f"- {where} {sum_shown}: {safe(seen['message'])}")
    more = len(finding["occurrences"]) - OCCURRENCES_OPEN
    if more > 0:
        lines.append(f"- and {more:,} more")
    helps = dict.fromkeys(o["help"] for o in finding["occurrences"] if o["help"])
    lines += [f"help: {safe(text)}" for text in list(helps)[:3]]
    return "\n".join(lines)


def _document(document: Shown, body: Markup | None) -> dict[str, Any]:
    return {
        **document,
        "body": body or "",
        "memo": [(k.replace("_", " "), _memo(v)) for k, v in sorted(document["memo"].items())],
    }


def _memo(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{k} {_memo(v)}" for k, v in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(_memo(v) for v in value)
    return grouped(value)


def _equation(channel: Shown, report: Shown) -> dict[str, Any]:
    """One channel as a table: columns that are zero everywhere are left out."""
    lines: list[Shown] = [channel["records"], *channel["money"]]
    used = [p for p in COLUMNS if p == "written" or any(amount_of_text(x[p]) for x in lines)]
    rows = [_row("actuals", "", channel["records"], used)]
    for line in channel["money"]:
        label = f"{line['company']} {line['currency']}"
        rows.append(_row(label, type_shown(line["type"]), line, used))
    return {
        "channel": channel["channel"],
        "heads": heads_of(report, used),
        "parts": used,
        "rows": rows,
        "left_by": left_by_rule(channel),
        "balanced": channel["balanced"],
    }


def _row(label: str, kind: str, line: Shown, used: Iterable[str]) -> dict[str, Any]:
    gap = amount_of_text(line["in"]) - sum((amount_of_text(line[p]) for p in COLUMNS), Decimal(0))
    return {
        "label": label,
        "kind": kind,
        "total": grouped(line["in"]),
        "figures": [
            {"part": p, "text": grouped(line[p]), "zero": not amount_of_text(line[p])} for p in used
        ],
        "gap": grouped(gap) if gap else "",
    }


__all__ = ["TemplateError", "as_html", "csp_hash", "embedded", "finding_plain", "source_link"]
