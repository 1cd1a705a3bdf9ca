"""A judged record as a case file: the facts that rules asked for, and what was decided."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal

from adapter.deciding.wording import shown_fact
from adapter.making.plan import Traced
from adapter.making.routed import CHANNELS
from adapter.reading.rulebook import Rulebook

_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def case_text(name: str, traced: Traced, rulebook: Rulebook, names: bool = False) -> str:
    """The text of a case file for one actual; `names` shows persons by name."""
    declared = rulebook.declared
    asked = {n for rule in rulebook.rules for line in rule.lines for n in line.facts}
    facts = {n: v for n, v in sorted(traced.facts.items())
             if n in asked and n not in declared and v is not None}  # fmt: skip
    width = max((len(n) for n in facts), default=0) + 2
    start = "".join(c if c.isalnum() and c.isascii() else "_" for c in name).lower()
    lines = [f"# {name}, made by `fieldledger explain {name} --as-case`", "", f"[start.{start}]"]
    for fact, value in facts.items():
        said = shown_fact(fact, value, names) if isinstance(value, str) else value
        kept = value if said == value or (isinstance(value, str) and len(value) > 200) else said
        lines.append(f"{quoted(fact):<{width}} = {written(kept)}")
    found = [rule.id for rule in traced.decision.fired]
    lines += ["", "[[case]]", f'name  = "{name} is judged as it was"', f'start = "{start}"',
              f"find  = [{', '.join(map(quoted, found))}]"]  # fmt: skip
    routes = {str(c): rule.id for c, rule in zip(CHANNELS, traced.decision.answers, strict=True)
              if rule is not None}  # fmt: skip
    if routes:
        lines.append(f"route = {table(routes)}")
    concluded = dict(traced.decision.concluded)
    if concluded:
        lines.append(f"conclude = {table(concluded)}")
    return "\n".join(lines) + "\n"


def table(pairs: Mapping[str, str]) -> str:
    """An inline table."""
    return "{ " + ", ".join(f"{_key(k)} = {quoted(v)}" for k, v in pairs.items()) + " }"


def _key(name: str) -> str:
    return name if name.isalnum() else quoted(name)


def quoted(text: str) -> str:
    """A TOML text."""
    return '"' + "".join(_escaped(text)) + '"'


def _escaped(text: str) -> Iterable[str]:
    for c in text:
        plain = c.isprintable() and c not in _ESCAPES
        yield c if plain else _ESCAPES.get(c) or (
            f"\\u{ord(c):04x}" if ord(c) < 0x10000 else f"\\U{ord(c):08x}"
        )


def written(value: object) -> str:
    """The value of a fact in TOML."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return quoted(".".join(map(str, value)))
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, int | date):
        return str(value)
    return quoted(str(value))
