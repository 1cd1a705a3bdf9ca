"""The rule engine: the only import of durable-rules, through its C extension.

Used as facts, in one state, one case alive: assert, drain, retract; integers only. What the
engine sees is generated here from a safe subset. Its limits are kept by construction:
alternatives per ruleset, literals per fact, no joins, no missing attributes, no floats.
One process, one thread; make matchers after a fork.
"""

from collections.abc import Iterable, Sequence
from itertools import count
from typing import Any

import durable_rules_engine as dre
import msgspec
from msgspec import Struct

ALTERNATIVES_MAX = 60  # engine rules in one ruleset; 65 matching at once lose the case
LITERALS_MAX = 200  # distinct literals in one ruleset; 253 attributes are refused
CONDITIONS_MAX = 28  # literals in one alternative; 31 expression slots in C
WIDTH_MAX = 64  # alternatives of one rule

_names = count(1)  # ruleset names are global to the engine


class Alternative(Struct, frozen=True):
    """One way for a rule to hold: these bits set, those bits clear."""

    rule: int
    positive: frozenset[int]
    negative: frozenset[int]


class Matcher:
    """Matches alternatives against vectors.

    Raises RuntimeError when the engine refuses or loses a fact: nothing may be sent then.
    """

    def __init__(self, alternatives: Sequence[Alternative]) -> None:
        self.chunks = [_Chunk(part) for part in chunked(alternatives)]

    def matched(self, vector: int) -> set[int]:
        """The rules of which at least one alternative holds."""
        found: set[int] = set()
        for chunk in self.chunks:
            chunk.match(vector, found)
        return found


def chunked(alternatives: Iterable[Alternative]) -> list[list[Alternative]]:
    """Alternatives in parts that each respect the engine's limits, in order."""
    parts: list[list[Alternative]] = []
    literals: set[tuple[bool, int]] = set()
    for one in alternatives:
        mine = {(True, bit) for bit in one.positive} | {(False, bit) for bit in one.negative}
        if len(mine) > CONDITIONS_MAX:
            raise ValueError(f"an alternative has {len(mine)} conditions: {CONDITIONS_MAX} at most")
        full = not parts or len(parts[-1]) >= ALTERNATIVES_MAX
        if full or len(literals | mine) > LITERALS_MAX:
            parts.append([])
            literals = set()
        parts[-1].append(one)
        literals |= mine
    return parts


def definition(part: Sequence[Alternative]) -> dict[str, Any]:
    """The engine's definition of one part: each alternative one rule over 0/1 attributes."""
    rules: dict[str, Any] = {}
    for number, one in enumerate(part):
        terms: list[dict[str, Any]] = [{"t": "L"}]
        terms += [{f"a{bit}": 1} for bit in sorted(one.positive)]
        terms += [{f"n{bit}": 1} for bit in sorted(one.negative)]
        expression = terms[0] if len(terms) == 1 else {"$and": terms}
        rules[str(number)] = {"all": [{"m": expression}]}
    return rules


class _Chunk:
    def __init__(self, part: Sequence[Alternative]) -> None:
        self.rules = [one.rule for one in part]
        positive = {bit for one in part for bit in one.positive}
        negative = {bit for one in part for bit in one.negative}
        self.positive = [(1 << bit, f',"a{bit}":1') for bit in sorted(positive)]
        self.negative = [(1 << bit, f',"n{bit}":1') for bit in sorted(negative)]
        text = msgspec.json.encode(definition(part)).decode()
        self.handle = dre.create_ruleset(f"fieldledger-{next(_names)}", text)
        dre.assert_fact(self.handle, '{"id":"prime","t":"P"}')  # absorbs the engine's own state
        self.number = 0

    def match(self, vector: int, found: set[int]) -> None:
        self.number += 1
        number, handle, rules = self.number, self.handle, self.rules
        body = "".join(
            [text for mask, text in self.positive if vector & mask]
            + [text for mask, text in self.negative if not vector & mask]
        )
        code, state = dre.assert_fact(handle, f'{{"id":{number},"t":"L"{body}}}')
        if code == 1:
            return  # nothing holds; the engine did not keep the fact
        if code != 0:
            raise RuntimeError(f"the engine answered {code} to a fact")
        started = dre.start_action_for_state(handle, state)
        message = started and started[1]
        while message:
            found.add(rules[int(message[2 : message.index('"', 2)])])
            message = dre.complete_and_start_action(handle, state)
        dre.retract_fact(handle, f'{{"id":{number}}}')
