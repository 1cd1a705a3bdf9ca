"""Automatic invoicing: what a run of the invoice schedules must make (domain R-134, 5).

Only contract lines with a schedule are run. Time and material is taken up to the day before
the run date, unless the schedule says another cut-off. Two lines with the same run date give
one invoice; where the contract and customer have an open draft, it grows instead. Pure: the
CRM runs schedules, we compute what must come of it.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from msgspec import Struct
from msgspec.structs import replace

from adapter.deciding.dossier import day_of
from adapter.deciding.facts_contract import cut_off_of
from adapter.making.documents import business_key
from adapter.making.new_actuals import Change, Created
from adapter.making.proforma_close import together
from adapter.making.proforma_edit import apply_retainers
from adapter.making.proforma_life import (
    DRAFT,
    REVIEW,
    Draft,
    create_draft,
    refresh,
)
from adapter.making.proforma_practice import Backlog, Practice
from adapter.values.actuals import Actual
from adapter.values.finding import Finding
from adapter.values.project_operations import ContractCustomer, InvoiceSchedule, Milestone

NOT_RUN = (None, "not-run", "failed")  # a run that failed is made again; inferred
RUN = "successful"
Group = tuple[str, str, str]  # contract, contract customer, currency


class Ran(Struct, frozen=True, kw_only=True):
    """What a run makes: the drafts that it made or grew, what changed, what stayed and why."""

    drafts: tuple[Draft, ...] = ()
    created: Created = Created()
    left: Mapping[str, str] = {}  # id of what is on a line of the run and was not taken -> why

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Why something could not be done."""
        return self.created.findings


def is_due(schedule: InvoiceSchedule, day: date) -> bool:
    """Whether a schedule runs on `day`: its run date has come, and it did not run."""
    said = schedule.run_date
    return said is not None and said <= day and schedule.run_status in NOT_RUN


def run_schedules(
    day: date,
    schedules: Iterable[InvoiceSchedule],
    payers: Iterable[ContractCustomer],
    drafts: Sequence[Draft],
    backlog: Backlog,
    practice: Practice,
) -> Ran:
    """What the automatic run of `day` (of the company) makes of the schedules that are due.

    `payers` are those of contracts and lines, `drafts` the proformas that are there. Milestones
    come along with their line, whole, to the one who takes the rounding; retainers apply
    themselves. A line that is due twice is taken once.
    """
    due = sorted((s for s in schedules if is_due(s, day)), key=lambda s: (s.run_date, s.id))
    last: dict[str, date] = {}  # contract line -> last transaction day
    for one in due:
        cut_off = cut_off_of(one)
        if one.contract_line is not None and cut_off is not None:
            last[one.contract_line] = max(cut_off, last.get(one.contract_line, cut_off))
    groups, left = _grouped(backlog, last, practice)
    known = list(payers)
    for milestone in backlog.milestones:
        if milestone.contract_line in last:
            payer = _payer_of(milestone, known)
            group = (milestone.contract or "", payer, milestone.currency or "")
            before = groups.get(group, Backlog())
            groups[group] = replace(before, milestones=(*before.milestones, milestone))
    made: list[Draft] = []
    parts: list[Created] = []
    invoices: dict[str, str] = {}  # contract line -> the draft of its run
    for group in sorted(groups):
        there = _open_draft(group, drafts)
        blank = there or _blank(group, day)
        taken = (refresh if there else create_draft)(blank, groups[group], practice)
        left |= taken.left
        if taken.draft is None or taken.findings:
            parts.append(Created(findings=taken.findings))
            continue
        grown = apply_retainers(taken.draft, backlog.retainers, rule=practice.rule,
                                inferred=practice.inferred).draft  # fmt: skip
        made.append(grown or taken.draft)
        parts.append(taken.created)
        for entry in taken.draft.entries:
            record = entry.actual or entry.milestone
            if record is not None and record.contract_line in last:
                invoices.setdefault(record.contract_line or "", taken.draft.id)
    return Ran(
        drafts=tuple(made),
        created=together([*parts, Created(changes=tuple(_run_changes(due, invoices)))]),
        left=left,
    )


def _grouped(
    backlog: Backlog, last: Mapping[str, date], practice: Practice
) -> tuple[dict[Group, Backlog], dict[str, str]]:
    """Unbilled sales of the lines that run, by draft; and why others of these lines stay."""
    actuals: dict[Group, list[Actual]] = {}
    left: dict[str, str] = {}
    for actual in backlog.actuals:
        until = last.get(actual.contract_line or "")
        day = day_of(actual, practice.zone)
        if until is None:
            continue
        if day is None or day > until:
            left[actual.id] = f"its day {day} comes after the cut-off {until}"
            continue
        group = (actual.contract or "", actual.contract_customer or "", actual.currency or "")
        actuals.setdefault(group, []).append(actual)
    return {group: Backlog(actuals=tuple(found)) for group, found in actuals.items()}, left


def _payer_of(milestone: Milestone, payers: Sequence[ContractCustomer]) -> str:
    """Who is billed a milestone: of its line, else of its contract; the rounding one first."""
    mine = [p for p in payers if p.contract_line == milestone.contract_line]
    mine = mine or [p for p in payers
                    if p.contract == milestone.contract and p.contract_line is None]  # fmt: skip
    return min(mine, key=lambda p: (not p.is_rounding, p.id)).id if mine else ""


def _open_draft(group: Group, drafts: Sequence[Draft]) -> Draft | None:
    """The most recent open draft of a contract, customer and currency (domain 5, Selection)."""
    found = [d for d in drafts if d.status in (DRAFT, REVIEW) and not d.has_corrections
             and (d.contract, d.payer, d.currency) == group]  # fmt: skip
    return max(found, key=lambda d: (d.day, d.id), default=None)


def _blank(group: Group, day: date) -> Draft:
    contract, payer, currency = group
    key = business_key("scheduled", contract, payer, currency, day.isoformat())[:32]
    return Draft(id=key, contract=contract, payer=payer, currency=currency, day=day)


def _run_changes(
    due: Iterable[InvoiceSchedule], invoices: Mapping[str, str]
) -> Iterable[Change]:
    """Every schedule that was due has run; the one that made an invoice names it."""
    named: set[str] = set()
    for one in due:
        yield Change(one.id, "run_status", RUN)
        line = one.contract_line or ""
        if line in invoices and line not in named:
            named.add(line)
            yield Change(one.id, "invoice", invoices[line])
