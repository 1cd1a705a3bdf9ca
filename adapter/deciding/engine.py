"""The rule engine: the only import of durable-rules, through its C extension.

Used as facts, in one state, one case alive: assert, drain, retract; integers only. What the
engine sees is generated here from a safe subset. Its limits are kept by construction:
alternatives per ruleset, literals per fact, no joins, no missing attributes, no floats.

One process, one thread: make matchers after a fork, and do not share one between threads.

The engine never gives memory back: a ruleset lives as long as the process. So each is used
again: when the matcher that had it is gone, the next one with the same rules takes it.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from hashlib import sha256
from itertools import count
from typing import Any
from weakref import finalize

import durable_rules_engine as dre
import msgspec
from msgspec import Struct

ALTERNATIVES_MAX = 60  # engine rules in one ruleset; 65 matching at once lose the case
LITERALS_MAX = 200  # distinct literals in one ruleset; 253 attributes are refused
CONDITIONS_MAX = 28  # literals in one alternative; 31 expression slots in C
WIDTH_MAX = 64  # alternatives of one rule
TOO_MANY_AT_ONCE = "303"  # how the engine's error ends when 65 rules match one fact
PARTS_AFTER_303 = 8

_names = count(1)  # ruleset names are global to the engine
_idle: dict[str, list["_Ruleset"]] = {}  # what nobody uses, by its definition
_lost: dict[str, "_Ruleset"] = {}  # what lost a case, by definition: it is split from then on


class Alternative(Struct, frozen=True):
    """One way for a rule to hold: these bits set, those bits clear."""

    rule: int
    positive: frozenset[int]
    negative: frozenset[int]

    @property
    def literals(self) -> list[tuple[str, int]]:
        """What the engine is asked about: `a` and a bit that is set, `n` and one that is not."""
        return [("a", bit) for bit in sorted(self.positive)] + [
            ("n", bit) for bit in sorted(self.negative)
        ]


class Matcher:
    """Matches alternatives against vectors.

    Raises RuntimeError when the engine refuses or loses a fact, and from then on: nothing may
    be sent then. The same when two threads are in it at once.
    """

    def __init__(self, alternatives: Sequence[Alternative]) -> None:
        self.chunks = [_Chunk(part) for part in chunked(alternatives)]
        bits = {bit for one in alternatives for _, bit in one.literals}
        self._mask = sum(1 << bit for bit in bits)
        self._width = self._mask.bit_length() // 8 + 1
        self._at_work = False

    def matched(self, vector: int) -> set[int]:
        """The rules of which at least one alternative holds."""
        if self._at_work:
            raise RuntimeError("the matcher failed before, or is at work in another thread")
        self._at_work = True  # stays so after a failure: a fact may be left in the engine
        found: set[int] = set()
        known = (vector & self._mask).to_bytes(self._width, "little")
        for chunk in self.chunks:
            chunk.match(known, found)
        self._at_work = False
        return found


def chunked(alternatives: Iterable[Alternative]) -> list[list[Alternative]]:
    """Alternatives in parts that each respect the engine's limits, in order."""
    parts: list[list[Alternative]] = []
    literals: set[tuple[str, int]] = set()
    for one in alternatives:
        mine = set(one.literals)
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
    """The engine's definition of one part: each alternative one rule over 0/1 attributes.

    What most alternatives ask comes first, since the engine shares equal beginnings.
    """
    asked = Counter(literal for one in part for literal in one.literals)
    rules: dict[str, Any] = {}
    for number, one in enumerate(part):
        ordered = sorted(one.literals, key=lambda literal: (-asked[literal], literal))
        terms: list[dict[str, Any]] = [{"t": "L"}, *({f"{s}{bit}": 1} for s, bit in ordered)]
        expression = terms[0] if len(terms) == 1 else {"$and": terms}
        rules[str(number)] = {"all": [{"m": expression}]}
    return rules


def fragments(part: Sequence[Alternative]) -> list[tuple[int, list[str]]]:
    """The fact of a vector in pieces: for a byte of the vector, the text of each of its values.

    Names literals that hold, and only those that the part asks about.
    """
    asked = {literal for one in part for literal in one.literals}
    pieces = []
    for index in sorted({bit // 8 for _, bit in asked}):
        texts = [""]
        for bit in range(index * 8, index * 8 + 8):
            clear, there = (f',"{s}{bit}":1' if (s, bit) in asked else "" for s in "na")
            texts = [text + clear for text in texts] + [text + there for text in texts]
        pieces.append((index, texts))
    return pieces


class _Ruleset:
    """One ruleset of the engine, in one state."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.number = 0  # of the last fact
        self.is_empty = True  # no fact is in it
        name = f"fieldledger-{sha256(text.encode()).hexdigest()[:12]}-{next(_names)}"
        self.handle = dre.create_ruleset(name, text)
        dre.assert_fact(self.handle, '{"id":"prime","t":"P"}')  # absorbs the engine's own state


def _taken(text: str) -> _Ruleset:
    """A ruleset of a definition, for one user: one that is idle, or a new one.

    Nothing is locked: a list is popped and appended to in one step, in whatever thread, and
    the collector may give one back in the middle of this.
    """
    try:
        return _idle[text].pop()
    except LookupError:
        return _Ruleset(text)


def _given_back(ruleset: _Ruleset) -> None:
    """Idle from now on, unless a failure left a fact in it: then nobody gets it again."""
    if ruleset.is_empty:
        _idle.setdefault(ruleset.text, []).append(ruleset)


class _Chunk:
    """Alternatives that are matched by one ruleset; it is given back with the chunk."""

    def __init__(self, part: Sequence[Alternative]) -> None:
        self.part = part
        self.rules = [one.rule for one in part]
        self.fragments = fragments(part)
        self.smaller: list[_Chunk] = []  # after an error 303
        text = msgspec.json.encode(definition(part)).decode()
        self.ruleset = _lost.get(text) or _taken(text)
        finalize(self, _given_back, self.ruleset).atexit = False
        if text in _lost:
            self.split()

    def match(self, known: bytes, found: set[int]) -> None:
        """Adds the rules that hold for the bytes of a vector."""
        if self.smaller:
            for chunk in self.smaller:
                chunk.match(known, found)
            return
        ruleset = self.ruleset
        ruleset.number += 1
        number, handle = ruleset.number, ruleset.handle
        body = "".join([texts[known[index]] for index, texts in self.fragments])
        ruleset.is_empty = False
        try:
            code, state = dre.assert_fact(handle, f'{{"id":{number},"t":"L"{body}}}')
        except dre.error as error:
            if not str(error).endswith(TOO_MANY_AT_ONCE) or len(self.part) == 1:
                raise RuntimeError(f"the engine refused a fact: {error}") from None
            _lost[ruleset.text] = ruleset
            self.split()
            self.match(known, found)
            return
        if code == 1:
            ruleset.is_empty = True
            return  # nothing holds; the engine did not keep the fact
        if code != 0:
            raise RuntimeError(f"the engine answered {code} to a fact")
        started = dre.start_action_for_state(handle, state)
        message = started and started[1]
        while message:
            found.add(self.rules[int(message[2 : message.index('"', 2)])])
            message = dre.complete_and_start_action(handle, state)
        dre.retract_fact(handle, f'{{"id":{number}}}')
        ruleset.is_empty = True

    def split(self) -> None:
        """Several smaller rulesets in place of this one, after too many matches at once."""
        size = -(-len(self.part) // PARTS_AFTER_303)
        starts = range(0, len(self.part), size)
        self.smaller = [_Chunk(self.part[start : start + size]) for start in starts]
