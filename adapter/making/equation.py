"""The equation: what came in is what was written, unchanged, left or held.

Counted per channel in records, and in money per company, currency and transaction type.
Sums of different currencies or types are never added (design: the money of an actual is
its own amount, never a document total).
"""

from collections import Counter
from decimal import Decimal
from typing import Literal

from msgspec import Struct

from adapter.values.money import ZERO

Status = Literal["written", "unchanged", "left", "held", "different"]
MoneyKey = tuple[str, str, str]  # company, currency, transaction type
UNKNOWN = "(unknown)"


class MoneyLine(Struct, kw_only=True):
    """One company, currency and type on one channel."""

    company: str
    currency: str
    type: str
    total: Decimal = ZERO
    written: Decimal = ZERO
    unchanged: Decimal = ZERO
    left: Decimal = ZERO
    held: Decimal = ZERO

    @property
    def balanced(self) -> bool:
        return self.total == self.written + self.unchanged + self.left + self.held


class ChannelEquation:
    """The running equation of one channel."""

    def __init__(self, channel: str) -> None:
        self.channel = channel
        self.records = {"in": 0, "written": 0, "unchanged": 0, "left": 0, "held": 0}
        self.left_by: dict[tuple[str, str], int] = {}
        self.written_by: Counter[str] = Counter()  # records that were written, by company
        self.money: dict[MoneyKey, MoneyLine] = {}

    def take(self, key: MoneyKey, amount: Decimal | None) -> None:
        """One record came in. An amount that could not be read counts as a record only."""
        self.records["in"] += 1
        if amount is not None:
            self._line(key).total += amount

    def put(self, status: Status, key: MoneyKey, amount: Decimal | None) -> None:
        """The record has its answer; `different` is held (never overwritten silently)."""
        word = "held" if status == "different" else status
        self.records[word] += 1
        if word == "written":
            self.written_by[key[0]] += 1
        if amount is not None:
            line = self._line(key)
            setattr(line, word, getattr(line, word) + amount)

    def hold(self, before: Status, key: MoneyKey, amount: Decimal | None) -> None:
        """A record that had another answer is held after all."""
        self.put("held", key, amount)
        self.records[before] -= 1
        if before == "written":
            self.written_by[key[0]] -= 1
        if amount is not None:
            line = self._line(key)
            setattr(line, before, getattr(line, before) - amount)

    def not_left(self, rule: str, reason: str) -> None:
        """One record fewer that was left for this reason."""
        self.left_by[rule, reason] -= 1
        if not self.left_by[rule, reason]:
            del self.left_by[rule, reason]

    def leave(self, rule: str, reason: str) -> None:
        """Count why a record was left where it is."""
        self.left_by[rule, reason] = self.left_by.get((rule, reason), 0) + 1

    @property
    def balanced(self) -> bool:
        """Whether in = written + unchanged + left + held, in records and in money."""
        parts = sum(self.records[w] for w in ("written", "unchanged", "left", "held"))
        return self.records["in"] == parts and all(m.balanced for m in self.money.values())

    def _line(self, key: MoneyKey) -> MoneyLine:
        line = self.money.get(key)
        if line is None:
            company, currency, type = key
            line = self.money[key] = MoneyLine(company=company, currency=currency, type=type)
        return line
