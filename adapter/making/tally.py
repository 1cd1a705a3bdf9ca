"""What a plan counts: statuses, findings by code, documents, schedule."""

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

import msgspec
from msgspec import Struct, field

from adapter.making.entry import Part
from adapter.making.routed import CHANNELS
from adapter.making.spool import Spool
from adapter.values.finding import Finding
from adapter.values.money import DECIMALS_DEFAULT, ZERO, money_text

OCCURRENCES_MAX = 20_000  # occurrences of one code that a report lists; all are counted


class Group(Struct, kw_only=True):
    """All occurrences of one code, with the money they stand for."""

    code: str
    level: str
    records: int = 0
    money: dict[tuple[str, str], Decimal] = field(default_factory=dict)  # currency, type
    occurrences: list[dict[str, Any]] = field(default_factory=list)

    @property
    def weight(self) -> Decimal:
        """The largest sum of one currency: only to order groups, never to add them."""
        return max((abs(a) for a in self.money.values()), default=ZERO)


class Tally(Struct, kw_only=True):
    """Counts of a plan that a report opens with."""

    statuses: dict[str, int] = field(
        default_factory=lambda: dict.fromkeys(
            ("written", "unchanged", "different", "left", "held"), 0
        )
    )
    levels: Counter[str] = field(default_factory=Counter)
    fired: Counter[str] = field(default_factory=Counter)
    applied: dict[str, int] = field(default_factory=dict)  # rule -> records that it concerned
    by_company: Counter[tuple[str, str]] = field(default_factory=Counter)  # environment, code
    company_names: dict[str, str] = field(default_factory=dict)
    documents: Counter[str] = field(default_factory=Counter)
    expected: int = 0  # of the new ones, those that others make
    groups: dict[tuple[str, str], Group] = field(default_factory=dict)
    faults: list[Finding] = field(default_factory=list)
    schedule: list[dict[str, Any]] = field(default_factory=list)
    validate_only: bool = True
    unreadable: int = 0  # rows of actuals without a usable key
    keys: list[str] = field(default_factory=list)  # of documents
    placed: dict[str, Any] = field(default_factory=dict)  # channel -> entry -> place in keys
    holds: dict[int, list[str]] = field(default_factory=dict)  # entry -> codes that hold it
    noted: dict[int, list[str]] = field(default_factory=dict)  # entry -> codes found afterwards
    elsewhere: set[int] = field(default_factory=set)  # entries of companies that do not live there
    away: set[int] = field(default_factory=set)  # of `schedule`: likewise
    decimals: dict[str, int] = field(default_factory=dict)  # of each currency, for display

    def place(self, channel: str, entries: Iterable[int], key: str) -> None:
        """Remember which document the entries went to; 8 bytes an entry."""
        self.keys.append(key)
        places = self.placed.setdefault(channel, array("q"))
        for number in entries:
            if number >= len(places):
                places.extend([-1] * (number + 1 - len(places)))
            places[number] = len(self.keys) - 1

    def placed_at(self, channel: str, number: int) -> int:
        """The place in `keys` of the document that an entry went to; -1 for none."""
        places = self.placed.get(channel, ())
        return int(places[number]) if number < len(places) else -1

    def take_out(self, channel: str, number: int) -> None:
        """An entry that is in no document of a channel any more."""
        if self.placed_at(channel, number) >= 0:
            self.placed[channel][number] = -1

    def count(
        self, finding: Finding, seen: dict[str, Any], kind: tuple[str, str],
        amount: Decimal | None, is_first: bool,
    ) -> None:  # fmt: skip
        """A finding about one actual. `kind` is currency and type of its `amount`, `seen` its
        occurrence. `is_first`: the actual has not been counted under this code; an actual
        that a code occurs for twice is one actual, with its money once.
        """
        self.levels[finding.level] += 1
        group = self.groups.get((finding.code, finding.level))
        if group is None:
            group = Group(code=finding.code, level=finding.level)
            self.groups[finding.code, finding.level] = group
        if is_first:
            group.records += 1
            if amount is not None:
                group.money[kind] = group.money.get(kind, ZERO) + amount
        if len(group.occurrences) < OCCURRENCES_MAX:
            group.occurrences.append(seen)

    def scheduled(self) -> Iterator[dict[str, Any]]:
        """The rows of the schedule of companies that live where the rows were read."""
        return (row for at, row in enumerate(self.schedule) if at not in self.away)

    def actuals_with(self, code: str) -> set[str]:
        """The actuals that a code was said of, as far as its occurrences are listed."""
        return {one["actual"] for (said, _), group in self.groups.items() if said == code
                for one in group.occurrences}  # fmt: skip

    def text(self, currency: str, amount: Decimal) -> str:
        """An amount at the decimals of its currency, more where they are there."""
        return money_text(amount, self.decimals.get(currency, DECIMALS_DEFAULT))

    def entries(self, spool: Spool) -> Iterator[bytes]:
        """The entries of the report as JSON, each with the documents it went to."""
        encode = msgspec.json.Encoder().encode
        for number, entry in enumerate(spool.entries()):
            codes = self.holds.get(number)
            if codes:
                entry.status = "held"
                entry.findings = [*entry.findings, *codes]
            for channel in CHANNELS:
                part: Part = getattr(entry, channel)
                if codes and part.answer != "hold":
                    part = Part(answer="hold", rule=codes[0], reason=f"would be {part.rule}")
                    setattr(entry, channel, part)
                at = self.placed_at(channel, number)
                if at >= 0:
                    part.document = self.keys[at]
            entry.findings.extend(c for c in self.noted.get(number, ()) if c not in entry.findings)
            yield encode(entry)
