"""How often each rule concerned a record: all lines of its `applies` held, fault or not."""

from collections import Counter
from collections.abc import Iterable, Mapping

from adapter.deciding.evaluate import compile_rules
from adapter.reading.expressions import Atom
from adapter.reading.rulebook import Rule

VECTORS_MAX = 50_000  # different vectors that wait to be counted


class AppliedCount:
    """Counts vectors first and asks each different one once: records are often alike."""

    def __init__(self, rules: Iterable[Rule], bit_of: Mapping[Atom, int]) -> None:
        self._rules = tuple(rules)
        self._applied = compile_rules([rule.applies for rule in self._rules], bit_of)
        self._waiting: Counter[int] = Counter()
        self._counts: Counter[str] = Counter()

    def take(self, vector: int) -> None:
        """One judged record, by its vector with what was concluded."""
        self._waiting[vector] += 1
        if len(self._waiting) >= VECTORS_MAX:
            self._settle()

    def counts(self) -> dict[str, int]:
        """Rule id -> records that it concerned; rules that concerned none are left out."""
        self._settle()
        return dict(self._counts)

    def _settle(self) -> None:
        for vector, records in self._waiting.items():
            for number in self._applied(vector):
                self._counts[self._rules[number].id] += records
        self._waiting.clear()
