"""The explanation of a code: of a rule from its own text and cases, else from its page."""

from collections.abc import Iterable

from adapter.deciding.case_run import CaseResult
from adapter.reading.cases import Case
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
    done = sorted((r for r in results if not r.gaps), key=lambda r: _distance(rule, r.case))
    fires = next((r.case for r in done if rule.id in r.fired and not r.case.is_near), None)
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


def _distance(rule: Rule, case: Case) -> tuple[bool, bool, bool, int]:
    """How far a case is from a rule: first those about it, then those that name it or its answer,
    then those in the file of its kind, and of equals the shortest.
    """
    is_answer = rule.asks == "choose" and case.choose == rule.outcome.value
    return (case.rule != rule.id, rule.id not in case.named and not is_answer,
            _stem(case.place.file) != _stem(rule.place.file), len(case.excerpt))  # fmt: skip


def _stem(path: str) -> str:
    """`routing-billing` of rules/routing-billing.toml."""
    return path.rpartition("/")[2].partition(".")[0]


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
