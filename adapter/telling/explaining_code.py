"""The explanation of a code: of a rule from its own text and cases, else from its page."""

from collections.abc import Iterable

from adapter.deciding.case_run import CaseResult
from adapter.reading.rulebook import Rule, Rulebook
from adapter.telling.explanation import CodeExplained
from adapter.telling.rule_text import excerpt_of
from adapter.values.codes import CODES

HEADINGS = {"## What it says": "says", "## Why it matters": "why", "## Example": "example",
            "## What to do": "do"}  # fmt: skip


def explain_rule_code(
    rule: Rule, rulebook: Rulebook, results: Iterable[CaseResult]
) -> CodeExplained:
    """A code of a rule file."""
    done = list(results)
    fires = next((r.case for r in done if rule.id in r.fired and not r.gaps
                  and not r.case.is_near), None)  # fmt: skip
    passes = next((r.case for r in done if r.case.rule == rule.id and r.case.is_near), None)
    text, first = excerpt_of(rule)
    changed = [a for a in rulebook.allowed if a.rule == rule.id]
    said = {"leave": rule.outcome.value, "hold": rule.outcome.value, "refuse": rule.outcome.value}
    found: CodeExplained = {
        "about": "code", "code": rule.id, "name": rule.name,
        "level": rule.level if rule.asks == "require" else rule.outcome.kind,
        "asks": f"{rule.asks} {rule.channel}".strip(), "place": str(rule.place),
        "rule_text": [f"{first + number:>4} | {line}" for number, line in enumerate(text)],
        "message": rule.message or said.get(rule.outcome.kind, ""), "why": rule.why,
        "source": rule.source, "tag": rule.tag, "owner": rule.owner, "domain": list(rule.domain),
        "help": rule.help or (f"changed here: {changed[0].kind}, {changed[0].because}"
                              if changed else ""),
    }  # fmt: skip
    if fires is not None:
        found["fires"] = "\n".join((f"# {fires.place}", *fires.excerpt))
    if passes is not None:
        found["passes"] = "\n".join((f"# {passes.place}", *passes.excerpt))
    return found


def explain_page(code: str, page: str) -> CodeExplained:
    """A built-in code, from its page in docs/codes."""
    line = CODES[code]
    parts = sections_of(page)
    return {
        "about": "code", "code": code, "name": line.name, "level": line.level,
        "message": " ".join(parts.get("says", [])).strip(),
        "why": " ".join(parts.get("why", [])).strip(),
        "source": f"built in since {line.since}", "owner": "", "domain": [],
        "page": [text for text in parts.get("example", []) if text.strip()],
        "help": " ".join(parts.get("do", [])).strip(),
    }  # fmt: skip


def sections_of(page: str) -> dict[str, list[str]]:
    """The lines below each heading of a page."""
    parts: dict[str, list[str]] = {}
    mine: list[str] = []
    for text in page.splitlines()[1:]:  # below the title
        if text.strip() in HEADINGS:
            mine = parts.setdefault(HEADINGS[text.strip()], [])
        else:
            mine.append(text)
    return parts
