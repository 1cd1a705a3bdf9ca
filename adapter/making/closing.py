"""The end of a plan: from lines that wait to documents with their payloads.

Documents are made group by group. Where a row does not fit, the groups it touches are made once
more without its actual; a plan in which everything fits makes each document once.
"""

from collections import Counter
from collections.abc import Iterator, Mapping

from msgspec import Struct

from adapter.making.books import Books
from adapter.making.changed import ChangedLine, changed_documents
from adapter.making.documents import Document
from adapter.making.emptied import emptied_drafts
from adapter.making.equation import ChannelEquation
from adapter.making.holding import Holding, count_held
from adapter.making.kept import is_kept, kept_document
from adapter.making.masking import Mask
from adapter.making.payloads import Renderer
from adapter.making.planned import CHANNEL_OF, PlannedDocument, documents_of
from adapter.making.routed import CHANNELS, Channel
from adapter.making.sent_before import SentBefore
from adapter.making.spool import Spool, SpooledLine
from adapter.making.steps import Consignment, consign
from adapter.making.tally import Tally
from adapter.making.verdict_parts import digest_of
from adapter.reading.json_text import struct_json
from adapter.values.finding import Finding


class Made(Struct):
    """What became of one group: its documents, and what is said of them."""

    numbers: list[int] = []  # of its documents in the spool
    statuses: list[str] = []
    faults: list[Finding] = []
    consignments: list[Consignment] = []
    schedule: dict[str, str] = {}  # id -> key of the document
    expected: int = 0  # how many of them others make


class Closing:
    """Makes the documents of a plan, and holds what cannot be written."""

    def __init__(
        self, books: Books, renderer: Renderer, spool: Spool, tally: Tally,
        equations: Mapping[Channel, ChannelEquation], sent: SentBefore, ships: bool, mask: Mask,
    ) -> None:  # fmt: skip
        self.books, self.renderer, self.spool, self.tally = books, renderer, spool, tally
        self.equations, self.sent, self.ships, self.mask = equations, sent, ships, mask
        self.holding = Holding()
        self.made: dict[str, Made] = {}
        self.group_of: list[str] = []  # by place in the tally's keys
        self.kept: set[int] = set()
        self.told: set[str] = set()  # documents that were sent and are told

    def close(
        self, changed: list[ChangedLine], taken: Mapping[str, list[dict[str, str]]],
        drafts: Mapping[str, PlannedDocument],
    ) -> list[Consignment]:  # fmt: skip
        """All documents, into the spool; returns what is to be sent, in their order.

        `taken`: what was cancelled of documents that were sent; `drafts`: these, without lines.
        """
        self.told = {one.before.batch or one.before.document for one in changed}
        for group, lines in self.spool.groups():
            if is_kept(group):
                self._keep(group, list(lines), taken)
            else:
                self._make(group, lines)
        while self.holding.fresh:
            fresh, self.holding.fresh = self.holding.fresh, set()
            for group in sorted(self._touched(fresh)):
                self._make(group, self.spool.lines(group))
        count_held(self.holding, self.spool, self.tally, self.equations, self.kept)
        for planned in changed_documents(self.books, self.renderer, changed, self.sent.body_of):
            self._add(planned)
        for planned in emptied_drafts(drafts, taken, self.told):
            self._add(planned)
        self._tell()
        return [one for made in self.made.values() for one in made.consignments]

    def drafts(self) -> Iterator[Document]:
        """The new proformas once more, to be drawn."""
        for group, made in self.made.items():
            if group.startswith("proforma") and "new" in made.statuses:
                lines = self.holding.without(self.spool.lines(group), group)
                for (document, _, _), status in zip(
                    documents_of(self.books, lines), made.statuses, strict=True
                ):
                    if status == "new":
                        yield document

    def _make(self, group: str, lines: Iterator[SpooledLine]) -> None:
        """The documents of one group, in the place of those that were made before."""
        sources: dict[str, str] = {}
        before = self.made.get(group, Made())
        made = self.made[group] = Made([], [], [], [], {})
        remaining = self.holding.without(lines, group)
        noted = _noted(remaining, sources) if self.ships else remaining
        for document, entries, channel in documents_of(self.books, noted):
            planned, findings, row_faults = self.renderer.rendering(document)
            subjects = (*document.actuals, *document.schedule)
            for fault in row_faults:
                if set(fault.subjects) <= set(subjects):
                    self.holding.row(fault.subjects, entries, fault.finding)
                else:  # nobody whom the document could go without
                    findings += (fault.finding,)
                    planned.status = "held"
            made.faults += findings
            wrong = next((f for f in findings if f.level == "error"), None)
            if wrong is not None:
                self.holding.document(subjects, entries, wrong, group)
            else:
                self.holding.strayed(subjects, group)
            if self.ships and planned.status == "new" and not row_faults:
                made.consignments.append(consign(
                    document, planned.payload, self.renderer.outlet_of(document),
                    planned.delivery, sources,
                ))  # fmt: skip
            made.statuses.append(planned.status)
            made.expected += planned.is_expected
            made.schedule.update(dict.fromkeys(planned.schedule, planned.key))
            self._place(channel, entries, planned.key, group)
            body = struct_json(self.mask.cover(planned))
            at = len(made.numbers)
            if at < len(before.numbers):
                self.spool.put_document(before.numbers[at], body)
                made.numbers.append(before.numbers[at])
            else:
                made.numbers.append(self.spool.add_document(body))
        for number in before.numbers[len(made.numbers) :]:
            self.spool.put_document(number, b"")

    def _keep(
        self, group: str, lines: list[SpooledLine], taken: Mapping[str, list[dict[str, str]]]
    ) -> None:
        """One document that was sent before: the same, unless something of it was cancelled."""
        first = self.sent.sent[lines[0].line.line.key]
        lined = [one.line for one in lines]
        planned = kept_document(
            self.books, self.renderer, group, lined, first, self.sent.body_of
        )
        home = first.batch or first.document
        self.told.add(home)
        planned.changes = taken.get(home, [])
        planned.status = "different" if planned.changes else planned.status
        entries = {one.line.line.actual or "": one.entry for one in lines if one.entry >= 0}
        self.kept.add(len(self.tally.keys))
        self._place(CHANNEL_OF[planned.kind], entries, planned.key, group)
        self.made[group] = Made([self._add(planned)], schedule=dict.fromkeys(
            planned.schedule, planned.key))  # fmt: skip

    def _place(
        self, channel: str, entries: Mapping[str, int], key: str, group: str
    ) -> None:
        self.tally.place(channel, entries.values(), key)
        self.group_of.append(group)

    def _add(self, planned: PlannedDocument) -> int:
        self.tally.documents[planned.status] += 1
        return self.spool.add_document(struct_json(self.mask.cover(planned)))

    def _touched(self, fresh: set[str]) -> set[str]:
        """Groups of new documents that hold a line of somebody who must leave them."""
        found: set[str] = set()
        for subject in fresh:
            entry = self.holding.held[subject].entry
            groups: set[str] = set()
            if entry < 0:
                groups = {g for g, made in self.made.items() if subject in made.schedule}
            for channel in CHANNELS if entry >= 0 else ():
                at = self.tally.placed_at(channel, entry)
                if at >= 0 and at not in self.kept:
                    groups.add(self.group_of[at])
                    if self.holding.leaves(subject, self.group_of[at]):
                        self.tally.take_out(channel, entry)
            found |= {g for g in groups if not is_kept(g) and self.holding.leaves(subject, g)}
        return found

    def _tell(self) -> None:
        """What the documents of all groups come to, in the tally."""
        statuses: Counter[str] = Counter()
        homes: dict[str, str] = {}
        for made in self.made.values():
            statuses.update(made.statuses)
            self.tally.expected += made.expected
            self.tally.faults += made.faults
            homes |= made.schedule
        self.tally.documents += statuses
        for row in self.tally.schedule:
            row["document"] = None
        for row in self.tally.scheduled():
            row["document"] = homes.get(row["id"])


def _noted(lines: Iterator[SpooledLine], sources: dict[str, str]) -> Iterator[SpooledLine]:
    """The lines, with the digest of each kept by its key."""
    for one in lines:
        sources[one.line.line.key] = digest_of(one.line)
        yield one
