"""From verdicts to what a plan holds: entries, equation, findings by code, documents."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date

import msgspec

from adapter.deciding.dossier import Assembler
from adapter.deciding.judge import Decision
from adapter.making.billing_schedule import Scheduled, schedule_of
from adapter.making.books import Books
from adapter.making.changed import BodyOf, ChangedLine, changed_documents
from adapter.making.documents import Document
from adapter.making.drafting import line_of
from adapter.making.entry import Entry, Part
from adapter.making.equation import UNKNOWN, ChannelEquation, MoneyKey, Status
from adapter.making.fence import fence_fault
from adapter.making.lined import Lined
from adapter.making.payloads import Renderer
from adapter.making.planned import PlannedDocument, documents_of, kept_document
from adapter.making.routed import CHANNELS, Channel, Routed
from adapter.making.spool import Spool, SpooledLine
from adapter.making.steps import Consignment, consign
from adapter.making.tally import Group, Tally
from adapter.making.verdict_parts import (
    different,
    digest_of,
    held_by,
    name_of,
    occurrence,
    overall_of,
    part_of,
    plain_text,
)
from adapter.making.workspace import SentLine, Workspace
from adapter.reading.json_text import json_text
from adapter.values.finding import Finding, shown
from adapter.values.money import ZERO

Ship = Callable[[Consignment], None]
Draw = Callable[[Document], None]
OCCURRENCES_MAX = 20_000  # occurrences of one code that a report lists; all are counted


class Outcome:
    """Takes one verdict after the other; `close` makes the documents."""

    def __init__(
        self, workspace: Workspace, spool: Spool, as_of: date, ship: Ship | None = None,
        draw: Draw | None = None,
    ) -> None:  # fmt: skip
        self.ship = ship
        self.draw = draw
        self.workspace = workspace
        self.settings = workspace.settings
        self.spool = spool
        self.as_of = as_of
        self.tally = Tally()
        self.tally.validate_only = all(
            c.delivery == "validate-only" for c in self.settings.companies.values()
        )
        self.equations = {channel: ChannelEquation(channel) for channel in CHANNELS}
        self.sent = workspace.sent
        self.kept: dict[tuple[str, ...], list[Lined]] = {}
        self.changed: list[ChangedLine] = []
        self._rules = workspace.rulebook.rules
        self.models: Mapping[str, str] = {}

    def take(self, routed: Routed, decision: Decision) -> None:
        """One judged actual: its status, its lines, its place in the equation."""
        d = routed.dossier
        key: MoneyKey = (
            d.code or UNKNOWN,
            (d.currency.code if d.currency else None) or UNKNOWN,
            d.actual.transaction_type or UNKNOWN,
        )
        lines: dict[Channel, Lined] = {}
        findings = list(routed.findings)
        for channel in CHANNELS:
            lined = line_of(routed, channel)
            if lined is not None:
                lines[channel] = lined
                findings.extend(lined.findings)
        seen = {c: self._seen(line) for c, line in lines.items()}
        for channel, (status, before) in seen.items():
            if status == "different" and before is not None:
                findings.append(different(d.actual.id, channel, lines[channel], before))
                if len(self.changed) < OCCURRENCES_MAX:
                    self.changed.append(ChangedLine(lines[channel], before))
        if any(status != "unchanged" for status, _ in seen.values()):
            beyond = fence_fault(d.actual.id, routed.day, routed.model, d.setting)
            findings += [] if beyond is None else [beyond]
        answers = {c: getattr(routed, c) for c in CHANNELS}
        held = held_by(findings, answers)
        statuses: dict[Channel, Status] = {
            c: "held" if held else seen[c][0] if c in seen else "left" for c in CHANNELS
        }
        is_changed = any(status == "different" for status, _ in seen.values())
        overall = overall_of(list(statuses.values()), is_changed)
        parts = {c: part_of(answers[c], held) for c in CHANNELS}
        number = self._enter(routed, overall, parts, findings, key)
        for channel in CHANNELS:
            equation = self.equations[channel]
            equation.take(key, d.actual.amount)
            equation.put(statuses[channel], key, d.actual.amount)
            if statuses[channel] == "left":
                equation.leave(answers[channel].rule, answers[channel].reason)
            if channel in lines and statuses[channel] == "written":
                self._spool(lines[channel], number)
            elif channel in lines and statuses[channel] == "unchanged":
                self._keep_sent(lines[channel], d.code or "", seen[channel][1])
        self._count(routed, decision, overall, findings, key)

    def _seen(self, lined: Lined) -> tuple[Status, SentLine | None]:
        before = self.sent.get(lined.line.key)
        if before is None:
            return "written", None
        return ("unchanged" if before.digest == digest_of(lined) else "different"), before

    def _spool(self, lined: Lined, number: int) -> None:
        self.spool.add_line(
            SpooledLine(lined.group_text, lined.order_text, number, lined)
        )

    def _enter(
        self, routed: Routed, status: Status, parts: dict[Channel, Part],
        findings: list[Finding], key: MoneyKey,
    ) -> int:  # fmt: skip
        d = routed.dossier
        actual = d.actual
        entry = Entry(
            id=actual.id,
            name=name_of(actual.id),
            company=key[0],
            work_order=(d.work_order.number if d.work_order else None) or "",
            project=(d.project.number if d.project else None) or "",
            description=shown(actual.description or ""),
            date=routed.day.isoformat() if routed.day else "",
            type=key[2],
            transaction_class=actual.transaction_class or "",
            quantity=plain_text(actual.quantity),
            amount=plain_text(actual.amount),
            currency=key[1],
            status=status,
            ledger=parts["ledger"],
            billing=parts["billing"],
            findings=[f.code for f in findings],
        )
        return self.spool.add_entry(entry)

    def _count(
        self, routed: Routed, decision: Decision, status: Status,
        findings: list[Finding], key: MoneyKey,
    ) -> None:  # fmt: skip
        tally, d = self.tally, routed.dossier
        tally.statuses[status] += 1
        tally.by_company[key[0]] += 1
        if d.finance is not None and d.finance.name:
            tally.company_names[key[0]] = d.finance.name
        for rule in decision.rules:
            tally.fired[rule.id] += 1
        for finding in findings:
            tally.levels[finding.level] += 1
            group = tally.groups.get((finding.code, finding.level))
            if group is None:
                group = Group(code=finding.code, level=finding.level)
                tally.groups[finding.code, finding.level] = group
            group.records += 1
            if d.actual.amount is not None:
                kind = (key[1], key[2])
                group.money[kind] = group.money.get(kind, ZERO) + d.actual.amount
            if len(group.occurrences) < OCCURRENCES_MAX:
                group.occurrences.append(occurrence(routed, finding, key))

    def take_unreadable(self, count: int) -> None:
        """Rows of actuals without a usable key: held, their money is not known."""
        self.tally.unreadable += count
        self.tally.statuses["held"] += count
        for equation in self.equations.values():
            equation.records["in"] += count
            equation.records["held"] += count

    def take_schedule(self, assemblers: Mapping[str, Assembler], models: Mapping[str, str]) -> None:
        """Milestones and retainers: what is due joins the proformas."""
        self.models = models
        books = self.books()
        for environment in sorted(assemblers):
            for one in schedule_of(books, environment):
                status = self._scheduled(one) if one.status == "written" else one.status
                self.tally.schedule.append(
                    {"kind": one.kind, "id": one.id, "name": one.name, "company": one.company,
                     "amount": plain_text(one.amount), "currency": one.currency, "status": status,
                     "reason": one.reason}
                )  # fmt: skip
                self.tally.faults.extend(one.findings)

    def _scheduled(self, one: Scheduled) -> str:
        """The lines of a milestone or retainer, unless they were sent before."""
        status = "unchanged"
        for lined in one.lines:
            seen, before = self._seen(lined)
            if seen == "different" and before is not None:
                self.tally.faults.append(different(one.id, "billing", lined, before))
                self.changed.append(ChangedLine(lined, before))
                return "held"
            if seen == "unchanged":
                self._keep_sent(lined, one.company, before)
            elif (beyond := self._beyond(one, lined)) is not None:
                self.tally.faults.append(beyond)
                return "held"
            else:
                status = "written"
                self._spool(lined, -1)
        return status

    def _beyond(self, one: Scheduled, lined: Lined) -> Finding | None:
        day = lined.line.date or self.as_of
        setting = self.settings.companies.get(one.company)
        return fence_fault(one.id, day, self.models.get(one.company, ""), setting,
                           one.kind)  # fmt: skip

    def _keep_sent(self, lined: Lined, company: str, before: SentLine | None) -> None:
        name = before.document if before is not None else ""
        self.kept.setdefault((lined.group[0], company, name), []).append(lined)

    def books(self) -> Books:
        """What documents are assembled from beside their lines."""
        spaces = self.workspace.environments
        return Books(
            settings=self.settings,
            as_of=self.as_of,
            records={name: env.records for name, env in spaces.items()},
            finance={name: env.finance for name, env in spaces.items() if env.finance},
            models=self.models,
            names_taken=frozenset(line.document for line in self.sent.values() if line.document),
        )

    def close(self, renderer: Renderer, body_of: BodyOf | None = None) -> None:
        """Assemble the documents of every group and keep them with their payloads.

        `body_of` gives the row that was sent by the key of its line, where a ledger knows it.
        """
        books, tally = self.books(), self.tally
        documents_of_schedule: dict[str, str] = {}
        for group in sorted(self.kept):
            self._keep(kept_document(group, self.kept[group], self.settings))
        for _, lines in self.spool.groups():
            sources: dict[str, str] = {}
            noted = lines if self.ship is None else _noted(lines, sources)
            for document, entries, channel in documents_of(books, noted):
                planned, findings = renderer.render(document)
                if self.ship is not None and planned.status == "new":
                    self.ship(consign(document, planned.payload, renderer.outlet_of(document),
                                      planned.delivery, sources))  # fmt: skip
                if self.draw is not None and planned.status == "new":
                    self.draw(document)
                tally.faults.extend(findings)
                self._keep(planned)
                for scheduled in planned.schedule:
                    documents_of_schedule[scheduled] = planned.key
                blocking = next((f.code for f in findings if f.level == "error"), "")
                tally.place(channel, entries, planned.key, blocking)
                if blocking:
                    self._park(document, channel, len(entries))
        for planned in changed_documents(books, renderer, self.changed, body_of or self._body):
            self._keep(planned)
        for row in tally.schedule:
            row["document"] = documents_of_schedule.get(row["id"])

    def _body(self, key: str) -> str | None:
        """The row that was sent, where sent.jsonl carries it."""
        body = self.sent[key].body
        return None if body is None else json_text(body)

    def _park(self, document: Document, channel: Channel, count: int) -> None:
        """A document that cannot be written: its records move from written to held."""
        equation = self.equations[channel]
        equation.records["written"] -= count
        equation.records["held"] += count
        for kept in document.keeps:
            line = equation.money.get((kept.company, kept.currency, kept.type))
            if line is not None:
                line.written -= kept.given
                line.held += kept.given
        self.tally.statuses["written"] -= count
        self.tally.statuses["held"] += count

    def _keep(self, planned: PlannedDocument) -> None:
        self.tally.documents[planned.status] += 1
        self.spool.add_document(msgspec.json.encode(planned))


def _noted(lines: Iterator[SpooledLine], sources: dict[str, str]) -> Iterator[SpooledLine]:
    """The lines, with the digest of each kept by its key."""
    for one in lines:
        sources[one.line.line.key] = digest_of(one.line)
        yield one
