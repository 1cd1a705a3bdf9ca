"""Actuals that are held although a rule sent them: what they say does not fit the other side.

A row that does not fit holds its own actual, on all channels, and the document goes without it.
A document that is wrong as a whole is held with all it carries; what it carries is held on the
other channel too, as for any error.
"""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from adapter.making.entry import Entry
from adapter.making.equation import ChannelEquation, Status
from adapter.making.lined import JournalLine, Lined
from adapter.making.routed import CHANNELS, Channel
from adapter.making.spool import Spool, SpooledLine
from adapter.making.tally import Tally
from adapter.making.verdict_parts import name_of
from adapter.values.finding import Finding

NO_ENTRY = -1  # of milestones and retainers, which are no actuals


class Hold(Struct):
    """Why one subject is held, and the groups in whose held documents it stays."""

    entry: int
    findings: list[Finding]
    stays: set[str]


def subject_of(lined: Lined) -> str:
    """Whom a line is about: its actual, else its milestone or retainer."""
    line = lined.line
    if isinstance(line, JournalLine):
        return line.actual
    return line.actual or line.source_id


class Holding:
    """Who is held, found while documents are made."""

    def __init__(self) -> None:
        self.held: dict[str, Hold] = {}
        self.fresh: set[str] = set()  # found since somebody last looked

    def row(self, subjects: Iterable[str], entries: Mapping[str, int], finding: Finding) -> None:
        """A row does not fit: its subjects leave every document."""
        for subject in subjects:
            self._hold(subject, entries, finding).stays.clear()

    def document(
        self, subjects: Iterable[str], entries: Mapping[str, int], finding: Finding, group: str
    ) -> None:
        """A document is wrong: its subjects stay in it, and leave all others."""
        for subject in subjects:
            is_known = subject in self.held
            hold = self._hold(subject, entries, finding)
            if not is_known or hold.stays:
                hold.stays.add(group)

    def strayed(self, subjects: Iterable[str], group: str) -> None:
        """Subjects whose document in a group was held, and that now stand in one that is not."""
        for subject in subjects if self.held else ():
            hold = self.held.get(subject)
            if hold is not None and group in hold.stays:
                hold.stays.discard(group)
                self.fresh.add(subject)

    def _hold(self, subject: str, entries: Mapping[str, int], finding: Finding) -> Hold:
        hold = self.held.get(subject)
        if hold is None:
            hold = self.held[subject] = Hold(entries.get(subject, NO_ENTRY), [], set())
            self.fresh.add(subject)
        own = replace(finding, record=subject)
        if own not in hold.findings:
            hold.findings.append(own)
        return hold

    def without(self, lines: Iterator[SpooledLine], group: str) -> Iterator[SpooledLine]:
        """The lines of a group without those that are held elsewhere."""
        if not self.held:
            return lines
        return (one for one in lines if not self.leaves(subject_of(one.line), group))

    def leaves(self, subject: str, group: str) -> bool:
        """Whether a subject must not be in the documents of a group."""
        hold = self.held.get(subject)
        return hold is not None and group not in hold.stays


def count_held(
    holding: Holding, spool: Spool, tally: Tally, equations: Mapping[Channel, ChannelEquation],
    kept: set[int],
) -> None:  # fmt: skip
    """Move what is held to where it belongs: in the equation, the counts and the findings.

    `kept` are the places (in the tally's keys) of documents that were sent before.
    """
    for subject, hold in sorted(holding.held.items()):
        if hold.entry != NO_ENTRY:
            _count(subject, hold, spool.entry(hold.entry), tally, equations, kept)
    rows = {row["id"]: row for row in tally.scheduled()}
    for subject, hold in sorted(holding.held.items()):
        row = rows.get(subject)
        if hold.entry == NO_ENTRY and row is not None:
            row["status"], row["reason"] = "held", hold.findings[0].message
            tally.faults += [] if hold.stays else hold.findings


def _count(
    subject: str, hold: Hold, entry: Entry, tally: Tally,
    equations: Mapping[Channel, ChannelEquation], kept: set[int],
) -> None:  # fmt: skip
    key = (entry.company, entry.currency, entry.type)
    amount = Decimal(entry.amount) if entry.amount else None
    for channel in CHANNELS:
        part, equation = getattr(entry, channel), equations[channel]
        at = tally.placed_at(channel, hold.entry)
        if part.answer == "hold":
            continue  # held there before
        before: Status = "unchanged" if at in kept else "written"
        if part.answer == "leave":
            before = "left"
            equation.not_left(part.rule, part.reason)
        equation.hold(before, key, amount)
    tally.statuses[entry.status] -= 1
    tally.statuses["held"] += 1
    tally.holds[hold.entry] = list(dict.fromkeys(f.code for f in hold.findings))
    counted = set(entry.findings)
    for finding in hold.findings:
        seen = occurrence_of(subject, entry, finding)
        tally.count(finding, seen, key[1:], amount, finding.code not in counted)
        counted.add(finding.code)


def occurrence_of(subject: str, entry: Entry, finding: Finding) -> dict[str, Any]:
    """One place where a code occurred, for the report, from what it says of the actual."""
    return {
        "actual": subject, "name": name_of(subject), "work_order": entry.work_order,
        "company": entry.company, "amount": entry.amount, "currency": entry.currency,
        "message": finding.message, "help": finding.help,
        "values": [list(pair) for pair in finding.values],
    }  # fmt: skip
