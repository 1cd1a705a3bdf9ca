"""A code explained: the rule's own text, why it exists, a case that fires it and one that
does not; or the page of a built-in code."""

from pathlib import Path
from typing import Any

from adapter.edge import shipped
from adapter.edge.book import Book
from adapter.edge.cases import read_cases
from adapter.reading.cases import CaseResult
from adapter.telling.explanation import Explanation
from adapter.telling.rule_text import excerpt_of
from adapter.values.codes import CODES
from adapter.values.finding import shown


def code_explained(code: str, book: Book, workspace: Path) -> Explanation:
    """The explanation of a rule's id or a built-in code."""
    rule = book.rulebook.rules_by_id.get(code)
    if rule is None:
        return _built_in(code)
    is_workspace = (workspace / "adapter.toml").is_file()
    results, _ = read_cases(book, workspace if is_workspace else None)
    fires = next((r for r in results if code in r.rules and not r.case.near), None)
    passes = next((r for r in results if r.case.rule == code and r.case.near), None)
    text, first = excerpt_of(rule)
    explained: Any = {
        "about": "code",
        "code": code,
        "name": rule.name,
        "level": rule.level if rule.asks == "require" else rule.outcome.kind,
        "asks": rule.asks,
        "place": f"{rule.place.file}:{first}",
        "rule_text": text,
        "message": rule.message or rule.outcome.value,
        "why": rule.why,
        "source": rule.source,
        "tag": rule.tag,
        "owner": rule.owner,
        "domain": list(rule.domain),
        "fires": _case(fires) if fires else "",
        "passes": _case(passes) if passes else "",
        "help": rule.help,
    }
    return explained  # type: ignore[no-any-return]


def _case(result: CaseResult) -> str:
    """A case as text: its name and what it gives."""
    given = ", ".join(f"{n} = {shown(v)}" for n, v in result.case.given.items())
    return f"{result.case.name}: {given}" if given else result.case.name


def _built_in(code: str) -> Explanation:
    line = CODES[code]
    path = shipped.folder("codes") / f"{code}.md"
    page = path.read_text().splitlines() if path.is_file() else []
    explained: Any = {
        "about": "code", "code": code, "name": line.name, "level": line.level, "page": page,
        "why": "", "source": "", "owner": "", "domain": [], "help": "",
    }  # fmt: skip
    return explained  # type: ignore[no-any-return]
