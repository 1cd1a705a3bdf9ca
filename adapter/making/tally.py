"""What a plan counts: statuses, findings by code, documents, schedule."""

from array import array
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import msgspec
from msgspec import Struct, field

from adapter.making.routed import CHANNELS
from adapter.making.spool import Spool
from adapter.values.finding import Finding
from adapter.values.money import ZERO


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
    by_company: Counter[str] = field(default_factory=Counter)
    company_names: dict[str, str] = field(default_factory=dict)
    documents: Counter[str] = field(default_factory=Counter)
    groups: dict[tuple[str, str], Group] = field(default_factory=dict)
    faults: list[Finding] = field(default_factory=list)
    schedule: list[dict[str, Any]] = field(default_factory=list)
    validate_only: bool = True
    unreadable: int = 0  # rows of actuals without a usable key
    keys: list[str] = field(default_factory=list)  # of documents
    placed: dict[str, Any] = field(default_factory=dict)  # channel -> entry -> place in keys
    parked: dict[tuple[str, int], str] = field(default_factory=dict)  # held with its document
    noted: dict[int, list[str]] = field(default_factory=dict)  # entry -> codes found afterwards

    def place(self, channel: str, entries: list[int], key: str, held_by: str) -> None:
        """Remember which document the entries went to; 8 bytes an entry."""
        self.keys.append(key)
        places = self.placed.setdefault(channel, array("q"))
        for number in entries:
            if number >= len(places):
                places.extend([-1] * (number + 1 - len(places)))
            places[number] = len(self.keys) - 1
            if held_by:
                self.parked[channel, number] = held_by

    def entries(self, spool: Spool) -> Iterator[bytes]:
        """The entries of the report as JSON, each with the documents it went to."""
        encode = msgspec.json.Encoder().encode
        for number, entry in enumerate(spool.entries()):
            for channel in CHANNELS:
                places = self.placed.get(channel, ())
                if number < len(places) and places[number] >= 0:
                    part = getattr(entry, channel)
                    part.document = self.keys[places[number]]
                    code = self.parked.get((channel, number))
                    if code is not None and part.answer != "hold":
                        part.answer, part.rule, part.reason = "hold", code, "held with its document"
                        entry.status = "held"
                        entry.findings.append(code)
            entry.findings.extend(c for c in self.noted.get(number, ()) if c not in entry.findings)
            yield encode(entry)
