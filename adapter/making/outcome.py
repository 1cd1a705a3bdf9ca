"""From verdicts to what a plan holds: entries, equation, findings by code, documents."""

from collections.abc import Callable, Mapping
from datetime import date
from functools import partial

from adapter.deciding.dossier import Assembler, lives_elsewhere
from adapter.deciding.judge import Decision
from adapter.making.billing_lines import currency_of
from adapter.making.billing_schedule import Scheduled, schedule_of
from adapter.making.books import Books
from adapter.making.changed import ChangedLine
from adapter.making.closing import Closing
from adapter.making.documents import Document
from adapter.making.drafting import line_of
from adapter.making.emptied import draft_of
from adapter.making.entry import Entry, Part
from adapter.making.equation import UNKNOWN, ChannelEquation, MoneyKey, Status
from adapter.making.fence import fence_fault
from adapter.making.holding import NO_ENTRY
from adapter.making.kept import kept_group
from adapter.making.lined import Lined
from adapter.making.masking import Mask
from adapter.making.payloads import Renderer
from adapter.making.planned import PlannedDocument
from adapter.making.routed import CHANNELS, Channel, Routed
from adapter.making.sent_before import SentBefore
from adapter.making.spool import Spool, SpooledLine
from adapter.making.steps import Consignment
from adapter.making.taken_back import (
    change_of,
    held_part,
    sent_and_cancelled,
    taken_back_fault,
)
from adapter.making.tally import OCCURRENCES_MAX, Tally
from adapter.making.verdict_parts import (
    different,
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
from adapter.values.money import money_text

Ship = Callable[[Consignment], None]
Draw = Callable[[Document], None]


class Outcome:
    """Takes one verdict after the other; `close` makes the documents."""

    def __init__(
        self, workspace: Workspace, spool: Spool, as_of: date, ship: Ship | None = None,
        draw: Draw | None = None, names: bool = False,
    ) -> None:  # fmt: skip
        self.ship = ship
        self.draw = draw
        self.names = names
        self.workspace = workspace
        self.settings = workspace.settings
        self.spool = spool
        self.as_of = as_of
        self.tally = Tally()
        self.tally.validate_only = all(
            c.delivery == "validate-only" for c in self.settings.companies.values()
        )
        self.equations = {channel: ChannelEquation(channel) for channel in CHANNELS}
        self.renderer = Renderer(workspace)
        # What it asks must not hold this: a cycle would keep all of a plan for the collector.
        self.sent = SentBefore(workspace.sent, partial(books_of, workspace, as_of), self.renderer,
                               workspace.row_sent or partial(_body_sent, workspace))  # fmt: skip
        self.changed: list[ChangedLine] = []
        self.taken: dict[str, list[dict[str, str]]] = {}  # document -> what was cancelled of it
        self.drafts: dict[str, PlannedDocument] = {}  # the documents of these, without lines
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
        seen = {c: self.sent.seen(line) for c, line in lines.items()}
        changed = [ChangedLine(lines[c], before) for c, (status, before) in seen.items()
                   if status == "different" and before is not None]  # fmt: skip
        if changed:
            findings.append(different(d.actual.id, changed))
            self.changed += changed[: OCCURRENCES_MAX - len(self.changed)]
        taken = None if "billing" in lines else sent_and_cancelled(d, self.sent.sent)
        if any(status != "unchanged" for status, _ in seen.values()):
            beyond = fence_fault(d.actual.id, routed.day, routed.model, d.setting)
            findings += [] if beyond is None else [beyond]
        answers = {c: getattr(routed, c) for c in CHANNELS}
        held = held_by(findings, answers)
        statuses: dict[Channel, Status] = {
            c: "held" if held else seen[c][0] if c in seen else "left" for c in CHANNELS
        }
        parts = {c: part_of(answers[c], held) for c in CHANNELS}
        if taken is not None:
            findings.append(taken_back_fault(d, taken))
            statuses["billing"], parts["billing"] = "held", held_part(findings[-1])
            home = taken.batch or taken.document
            self.taken.setdefault(home, []).append(change_of(d, taken))
            self.drafts.setdefault(home, draft_of(d, taken))
        overall = overall_of(list(statuses.values()), bool(changed))
        decimals = currency_of(d)[1].decimals
        if decimals > self.tally.decimals.get(key[1], -1):
            self.tally.decimals[key[1]] = decimals
        amount = money_text(d.actual.amount, decimals)
        number = self._enter(routed, overall, parts, findings, key, amount)
        if lives_elsewhere(d):
            self.tally.elsewhere.add(number)
        for channel in CHANNELS:
            equation = self.equations[channel]
            equation.take(key, d.actual.amount)
            equation.put(statuses[channel], key, d.actual.amount)
            if statuses[channel] == "left":
                equation.leave(answers[channel].rule, answers[channel].reason)
            if channel in lines and seen[channel][0] == "unchanged":
                self._keep_sent(lines[channel], seen[channel][1], number)
            elif channel in lines and statuses[channel] == "written":
                self._spool(lines[channel], number)
        self._count(routed, decision, overall, findings, key, amount)

    def _spool(self, lined: Lined, number: int) -> None:
        self.spool.add_line(
            SpooledLine(lined.group_text, lined.order_text, number, lined)
        )

    def _enter(
        self, routed: Routed, status: Status, parts: dict[Channel, Part],
        findings: list[Finding], key: MoneyKey, amount: str,
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
            amount=amount,
            currency=key[1],
            status=status,
            ledger=parts["ledger"],
            billing=parts["billing"],
            findings=[f.code for f in findings],
        )
        return self.spool.add_entry(entry)

    def _count(
        self, routed: Routed, decision: Decision, status: Status,
        findings: list[Finding], key: MoneyKey, amount: str,
    ) -> None:  # fmt: skip
        tally, d = self.tally, routed.dossier
        tally.statuses[status] += 1
        tally.by_company[d.environment.name, key[0]] += 1
        if d.finance is not None and d.finance.name:
            tally.company_names[key[0]] = d.finance.name
        for rule in decision.rules:
            tally.fired[rule.id] += 1
        counted: set[tuple[str, str]] = set()
        for finding in findings:
            kind = (finding.code, finding.level)
            tally.count(finding, occurrence(routed, finding, key, amount), key[1:],
                        d.actual.amount, kind not in counted)  # fmt: skip
            counted.add(kind)

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
                company = self.settings.companies.get(one.company)
                if company is not None and company.environment != environment:
                    self.tally.away.add(len(self.tally.schedule))
                self.tally.schedule.append(
                    {"kind": one.kind, "id": one.id, "name": one.name, "company": one.company,
                     "contract": one.contract, "project": one.project,
                     "amount": money_text(one.amount, one.decimals), "currency": one.currency,
                     "status": status, "reason": one.reason}
                )  # fmt: skip
                self.tally.faults.extend(one.findings)

    def _scheduled(self, one: Scheduled) -> str:
        """The lines of a milestone or retainer, unless they were sent before."""
        status = "unchanged"
        for lined in one.lines:
            seen, before = self.sent.seen(lined)
            if seen == "different" and before is not None:
                changed = ChangedLine(lined, before)
                self.tally.faults.append(different(one.id, [changed]))
                self.changed.append(changed)
                return "held"
            if seen == "unchanged":
                self._keep_sent(lined, before, NO_ENTRY)
            elif (beyond := self._beyond(one, lined)) is not None:
                self.tally.faults.append(beyond)
                return "held"
            else:
                status = "written"
                self._spool(lined, NO_ENTRY)
        return status

    def _beyond(self, one: Scheduled, lined: Lined) -> Finding | None:
        day = lined.line.date or self.as_of
        setting = self.settings.companies.get(one.company)
        return fence_fault(one.id, day, self.models.get(one.company, ""), setting,
                           one.kind)  # fmt: skip

    def _keep_sent(self, lined: Lined, before: SentLine | None, number: int) -> None:
        assert before is not None
        group = kept_group(lined, before)
        self.spool.add_line(SpooledLine(group, lined.order_text, number, lined))

    def books(self) -> Books:
        """What documents are assembled from beside their lines."""
        return books_of(self.workspace, self.as_of, self.models)

    def close(self) -> None:
        """Assemble the documents of every group and keep them with their payloads."""
        closing = Closing(self.books(), self.renderer, self.spool, self.tally, self.equations,
                          self.sent, self.ship is not None,
                          Mask(self.workspace.mappings, self.workspace.schemas,
                               self.names))  # fmt: skip
        consignments = closing.close(self.changed, self.taken, self.drafts)
        if self.ship is not None:
            for one in consignments:
                self.ship(one)
        if self.draw is not None:
            for document in closing.drafts():
                self.draw(document)


def books_of(workspace: Workspace, as_of: date, models: Mapping[str, str] | None = None) -> Books:
    """What documents of a plan are assembled from; `models` by company, if they are known."""
    spaces = workspace.environments
    return Books(
        settings=workspace.settings,
        as_of=as_of,
        records={name: env.records for name, env in spaces.items()},
        finance={name: env.finance for name, env in spaces.items() if env.finance},
        models=models or {},
        names_taken=frozenset(s.document for s in workspace.sent.values() if s.document),
    )


def _body_sent(workspace: Workspace, key: str) -> str | None:
    """The row that was sent, where sent.jsonl carries it."""
    before = workspace.sent.get(key)
    body = None if before is None else before.body
    return None if body is None else json_text(body)
