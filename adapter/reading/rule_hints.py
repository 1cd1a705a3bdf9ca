"""What to do about a fault in a rule file, in words that name the nearest right thing."""

import re
from collections.abc import Iterable
from typing import Any

from adapter.reading.rulebook import Rule, Rulebook
from adapter.values.alike import alike, did_you_mean
from adapter.values.finding import Finding, shown

KEBAB = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_WANTED = {
    "a date": "Write it without quotes: {key} = 2026-01-31",
    "true or false": "Write {key} = true, without quotes.",
    "a list of texts": 'Write {key} = ["..."], each text in quotes.',
    "a text": 'Write {key} = "...", in quotes.',
    "a table": 'Write {key} = {{ name = "value" }}.',
}
_SIGNS = (
    (re.compile(r"&&"), "write `and`"),
    (re.compile(r"\|\|"), "write `or`"),
    (re.compile(r"(?<![=!<>])=(?!=)"), "two equals signs compare: `==`"),
    (re.compile(r"<>"), "write `!=`"),
    (re.compile(r"!(?!=)"), "write `not`"),
    (re.compile(r"(?<!['\d-])\d{4}-\d\d-\d\d(?![\d'])"), "a date stands in quotes: '2026-01-31'"),
    (re.compile(r"[*/%]|(?<=[\w)] )[+-](?= [\w(])"), "there is no arithmetic: what must be computed"
     " is a fact"),
)  # fmt: skip


def nearest(word: object, known: Iterable[str], otherwise: str = "") -> str:
    """`did you mean ...?` with what is spelled like a word, else `otherwise`, else all there is."""
    words = [str(one) for one in known]
    every = "one of: " + ", ".join(shown(one) for one in words)
    return did_you_mean(alike(word, words)) or otherwise or every


def wanted(key: str, what: str) -> str:
    """How a value of a kind is written: `a date`, `a text`, ..."""
    return _WANTED.get(what, "").format(key=key)


def condition_hint(text: str, allowed: str) -> str:
    """What is most likely meant by a condition that cannot be read, then what is allowed."""
    bare = re.sub(r"'[^']*'", "''", text)
    said = [hint for sign, hint in _SIGNS if sign.search(bare)]
    return "; ".join([*said[:1], f"allowed: {allowed}"])


def unknown_companies(rulebook: Rulebook, companies: Iterable[str]) -> list[Finding]:
    """RUL104 for a workspace's rule that names a legal entity adapter.toml does not have."""
    known = list(companies)
    return [
        _unknown_company(rule, code, known)
        for rule in rulebook.rules
        if rule.origin == "workspace" and known
        for code in rule.companies
        if code not in known
    ]


def _unknown_company(rule: Rule, code: str, known: list[str]) -> Finding:
    place = next((line.place for line in rule.applies if line.text.startswith("company.code in")),
                 rule.place)  # fmt: skip
    return Finding(
        code="RUL104", level="error", place=place,
        message=f"adapter.toml has no company `{shown(code)}`", help=nearest(code, known),
    )  # fmt: skip


def missing_key(key: str) -> str:
    """What to add where a rule lacks a key."""
    return f'Add `{key} = "..."` to the rule.'


def placeholder_at(text: Any, name: str) -> tuple[int, int]:
    """Where `{name}` begins in a message, and how long it is with its braces."""
    start = str(text).find("{" + name.partition(":")[0].partition("!")[0])
    return max(start, 0), len(name) + 2 if start >= 0 else len(str(text))
