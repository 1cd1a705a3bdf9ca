"""The judge: from a vector to a decision, by the engine and by a second opinion.

Rules that conclude are layered by what they conclude; each layer is matched on its own and
its conclusions are atoms of the next. A decision depends on the vector only, so it may be
remembered by it. A difference between engine and second opinion is ENG901: nothing is sent.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from msgspec import Struct

from adapter.deciding.atoms import holds
from adapter.deciding.engine import CONDITIONS_MAX, WIDTH_MAX, Alternative, Matcher
from adapter.deciding.evaluate import compile_rules
from adapter.deciding.fact_vectors import Layout, vector_function
from adapter.reading.expressions import All, Atom, Either, Expr, Negated
from adapter.reading.rulebook import Rule, Rulebook

MEMORY_MAX = 50_000  # decisions remembered before the memory starts anew
CHANNELS = ("ledger", "billing")


class EngineDisagrees(RuntimeError):
    """ENG901: the engine and the second opinion differ. Nothing may be sent."""

    def __init__(self, vector: int, engine: Sequence[str], second: Sequence[str]) -> None:
        self.engine, self.second = tuple(engine), tuple(second)
        super().__init__(
            f"ENG901 engine and second opinion disagree on {vector:#x}: "
            f"engine {', '.join(engine) or 'nothing'}; second {', '.join(second) or 'nothing'}"
        )


class TooWide(ValueError):
    """A rule with too many ways to hold, or too many conditions in one of them (RUL120)."""


class Decision(Struct, frozen=True):
    """What the rules say of one vector."""

    vector: int  # with the bits of what was concluded
    concluded: tuple[tuple[str, str], ...]
    fired: tuple[Rule, ...]  # requirements, in file order
    answers: tuple[Rule | None, ...]  # one route per channel
    rules: tuple[Rule, ...]  # everything that fired or answered


class _Stage:
    """Rules matched together: engine and second opinion over the same vector."""

    def __init__(self, rules: Sequence[Rule], bit_of: Mapping[Atom, int], checked: bool) -> None:
        self.rules = tuple(rules)
        alternatives = [
            Alternative(number, *pair)
            for number, rule in enumerate(self.rules)
            for pair in alternatives_of(rule, bit_of)
        ]
        self._matcher = Matcher(alternatives)
        self._second: Callable[[int], list[int]] | None = (
            compile_rules([rule.lines for rule in self.rules], bit_of) if checked else None
        )

    def match(self, vector: int) -> list[int]:
        """Numbers of the rules that hold, in order. Raises EngineDisagrees."""
        found = sorted(self._matcher.matched(vector))
        if self._second is not None:
            second = self._second(vector)
            if second != found:
                raise EngineDisagrees(vector, [self.rules[i].id for i in found],
                                      [self.rules[i].id for i in second])  # fmt: skip
        return found


class Judge:
    """Decides by one rulebook. Made once per process; not to be shared between threads."""

    def __init__(
        self, rulebook: Rulebook, *, second_opinion: bool = True, memory: int = MEMORY_MAX
    ) -> None:
        self.declared = dict(rulebook.declared)
        atoms = dict.fromkeys(atom for rule in rulebook.rules for atom in rule.atoms)
        self.bit_of = {atom: bit for bit, atom in enumerate(atoms)}
        self.fact_atoms = tuple(a for a in atoms if a.fact not in self.declared)
        self.fact_bits = tuple(self.bit_of[a] for a in self.fact_atoms)
        self._bits = self._bits_of_conclusions()
        by_kind: dict[str, list[Rule]] = {}
        for rule in rulebook.rules:
            by_kind.setdefault(rule.asks, []).append(rule)
        self._choose = _Stage(by_kind.get("choose", ()), self.bit_of, second_opinion)
        self._layers = [
            (facts, _Stage(rules, self.bit_of, second_opinion))
            for facts, rules in layers_of(by_kind.get("conclude", ()), self.declared)
        ]
        self._last = _Stage(
            [*by_kind.get("require", ()), *by_kind.get("route", ())], self.bit_of, second_opinion
        )
        self._requirements = len(by_kind.get("require", ()))  # they come before the routes
        self._memory: dict[int, Decision] = {}
        self._memory_max = memory
        self.hits = self.misses = 0

    def _bits_of_conclusions(self) -> dict[tuple[str, str], int]:
        bits: dict[tuple[str, str], int] = {}
        for atom, bit in self.bit_of.items():
            if atom.other is not None and (
                atom.fact in self.declared or atom.other in self.declared
            ):
                raise ValueError(f"{atom.fact}: a concluded fact is compared with another fact")
            for value in self.declared.get(atom.fact, ((), ""))[0]:
                if holds(atom, value):
                    bits[atom.fact, value] = bits.get((atom.fact, value), 0) | 1 << bit
        return bits

    def choose(self, vector: int) -> Rule | None:
        """The first choose rule that holds; None when none does."""
        found = self._choose.match(vector)
        return self._choose.rules[found[0]] if found else None

    def decide(self, vector: int) -> Decision:
        """The decision on a vector of fact atoms. Raises EngineDisagrees (ENG901)."""
        known = self._memory.get(vector)
        if known is not None:
            self.hits += 1
            return known
        self.misses += 1
        decision = self._decide(vector)
        if self._memory_max:
            if len(self._memory) >= self._memory_max:
                self._memory.clear()
            self._memory[vector] = decision
        return decision

    def _decide(self, vector: int) -> Decision:
        concluded: dict[str, str] = {}
        used: list[Rule] = []
        for facts, stage in self._layers:
            for number in stage.match(vector):
                rule = stage.rules[number]
                said = [
                    (n, v) for n, v in rule.outcome.concludes if n in facts and n not in concluded
                ]
                concluded.update((n, str(v)) for n, v in said)
                if said:
                    used.append(rule)
            for name in facts:
                value = concluded.setdefault(name, self.declared[name][1])
                vector |= self._bits.get((name, value), 0)
        fired: list[Rule] = []
        answers: list[Rule | None] = [None] * len(CHANNELS)
        for number in self._last.match(vector):
            rule = self._last.rules[number]
            if number < self._requirements:
                fired.append(rule)
                continue
            channel = CHANNELS.index(rule.channel)
            answers[channel] = answers[channel] or rule
        rules = (*used, *fired, *(answer for answer in answers if answer is not None))
        said_so = tuple(sorted(concluded.items()))
        return Decision(vector, said_so, tuple(fired), tuple(answers), rules)


def alternatives_of(
    rule: Rule, bit_of: Mapping[Atom, int]
) -> list[tuple[frozenset[int], frozenset[int]]]:
    """The rule in disjunctive normal form: sets of bits that hold and that do not.

    Raises TooWide beyond 64 alternatives, or 28 conditions in one of them.
    """
    pairs = _normal(All(tuple(line.expr for line in rule.lines)), bit_of, True)
    if pairs is None or len(pairs) > WIDTH_MAX:
        raise TooWide(f"{rule.id} has more than {WIDTH_MAX} ways to hold")
    most = max((len(there) + len(clear) for there, clear in pairs), default=0)
    if most > CONDITIONS_MAX:
        raise TooWide(f"{rule.id} asks {most} conditions at once, at most {CONDITIONS_MAX}")
    return pairs


_Pair = tuple[frozenset[int], frozenset[int]]
_NONE: frozenset[int] = frozenset()


def _normal(expr: Expr, bit_of: Mapping[Atom, int], wanted: bool) -> list[_Pair] | None:
    """The ways for an expression to hold (or not to); None when they are far too many."""
    match expr:
        case Atom():
            bit = frozenset((bit_of[expr],))
            return [(bit, _NONE) if wanted else (_NONE, bit)]
        case Negated(part):
            return _normal(part, bit_of, not wanted)
        case All(parts) | Either(parts):
            every = isinstance(expr, All) == wanted
            ways: list[_Pair] = [(_NONE, _NONE)] if every else []
            for part in parts:
                mine = _normal(part, bit_of, wanted)
                if mine is None:
                    return None
                more = [(a | c, b | d) for a, b in ways for c, d in mine] if every else ways + mine
                ways = list(dict.fromkeys(way for way in more if not way[0] & way[1]))
                if len(ways) > 4 * WIDTH_MAX:
                    return None
            return ways


def layers_of(
    rules: Sequence[Rule], declared: Mapping[str, Any]
) -> list[tuple[tuple[str, ...], list[Rule]]]:
    """Conclude rules in layers: each uses only what earlier layers concluded.

    Raises ValueError naming the facts of a cycle (RUL112).
    """
    needs: dict[str, set[str]] = {name: set() for name in declared}
    for rule in rules:
        asked = {atom.fact for atom in rule.atoms if atom.fact in declared}
        for name, _ in rule.outcome.concludes:
            needs.setdefault(name, set()).update(asked)
    layers: list[tuple[tuple[str, ...], list[Rule]]] = []
    done: set[str] = set()
    while len(done) < len(needs):
        ready = sorted(n for n in needs if n not in done and needs[n] <= done)
        if not ready:
            raise ValueError("cycle: " + ", ".join(sorted(set(needs) - done)))
        mine = [r for r in rules if any(n in ready for n, _ in r.outcome.concludes)]
        layers.append((tuple(ready), mine))
        done.update(ready)
    return layers


def vector_of_facts(
    judge: Judge, names: Sequence[str]
) -> Callable[[Sequence[object]], int]:
    """A function from a row of fact values, in the order of `names`, to the vector."""
    return vector_function(judge.fact_atoms, judge.fact_bits, Layout(tuple(names)))


def judge_facts(judge: Judge, facts: Mapping[str, object]) -> Decision:
    """The decision on plain facts; what is not named is missing."""
    names = sorted({n for a in judge.fact_atoms for n in (a.fact, a.other) if n})
    vector = vector_of_facts(judge, names)([facts.get(name) for name in names])
    return judge.decide(vector)
