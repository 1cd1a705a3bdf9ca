"""One digest for everything that a rulebook decides: it is part of a plan's id."""

from collections.abc import Iterable
from hashlib import sha256
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from adapter.reading.rulebook import Rule


def digest_of(rules: "Iterable[Rule]", declared: Iterable[object]) -> str:
    """Of rules in force, and of the facts that their files conclude, with values and defaults."""
    whole = [[_said(rule) for rule in rules], list(declared)]
    return sha256(msgspec.json.encode(whole, order="sorted")).hexdigest()


def _said(rule: "Rule") -> list[object]:
    """What a rule decides and says, for the digest: not where it stands in a file."""
    return [
        rule.id, rule.name, rule.asks, rule.channel, [line.text for line in rule.applies],
        [line.text for line in rule.when], rule.level, rule.message, rule.help,
        msgspec.to_builtins(rule.outcome),
    ]  # fmt: skip
