"""What a story judges: the event behind each actual, the law of sales, what lines and approvals
should have given, what proformas should be, where prices came from, what labour is worth
unapproved.

Events and the law are judged of every story. What looks at each line and detail anew takes
minutes of very large ones: it is left out of these unless the whole is asked for, and a
finding says so.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal

from msgspec import Struct
from msgspec.structs import replace

from adapter.deciding.dossier import day_if, day_of
from adapter.deciding.owner import Owners
from adapter.making.approved_actuals import compare_approved
from adapter.making.approved_wanted import Made
from adapter.making.entered_twice import lines_entered_twice
from adapter.making.expectation import warning_of
from adapter.making.expected import Difference
from adapter.making.labour import LabourLine, LabourPrices, labour
from adapter.making.labour_actuals import backed_by, labour_findings
from adapter.making.labour_matched import Backed
from adapter.making.law import Terms, judged_law
from adapter.making.law_links import method_of
from adapter.making.links import Links
from adapter.making.proforma_compared import compare_proformas, compare_schedules
from adapter.making.proforma_practice import Practice, practice_of
from adapter.making.proforma_seen import OPEN
from adapter.making.retainers_seen import missing_of
from adapter.making.story_around import WHOLE, connections_of, events_in
from adapter.making.story_days import Days
from adapter.making.story_lines import Unproven, lines_judged
from adapter.making.story_parts import Subject
from adapter.making.story_prices import LinePrices, Prices
from adapter.making.story_rows import Planned
from adapter.making.story_scope import Scope
from adapter.making.story_words import Words, first_used
from adapter.making.work_expected import Given
from adapter.reading.event_file import EventFile
from adapter.reading.settings import Settings
from adapter.reading.store import NO_RECORDS, Records
from adapter.values.actuals import Actual
from adapter.values.finding import Finding
from adapter.values.project_operations import Currency, Invoice

ALIKE_MAX = 100  # findings of one code that a very large story tells one by one


class Judged(Struct, frozen=True, kw_only=True):
    """What was judged of the records of a story."""

    events: Mapping[str, str] = {}  # actual -> E1 to E35
    law: Mapping[tuple[str, str], Terms] = {}  # class and currency (a link)
    prices: Mapping[str, LinePrices] = {}  # line -> price and cost, and where they come from
    labour: Mapping[str, LabourLine] = {}  # time entry or expense -> its worth
    backed: Mapping[str, Backed] = {}  # time entry or expense -> its actuals
    advances: Mapping[str, Decimal] = {}  # retainer without actuals -> what is not used up
    differences: tuple[Difference, ...] = ()
    findings: tuple[Finding, ...] = ()


def judged(
    subject: Subject, scope: Scope, planned: Planned, records: Records, settings: Settings,
    words: Words, *, finance: Records | None = None, company: str = "", model: str = "", day: date,
    unproven: Unproven | None = None, events: EventFile | None = None, is_brief: bool = False,
    is_past: bool = False,
) -> Judged:  # fmt: skip
    """Judge the records of a story. `model` (core, integrated) is what a plan chose for the
    company; without it the lines are not compared with what they should have given. `day` is
    the last one of the story, `events` what the workspace says of events and editing. Brief:
    neither lines nor proformas are compared, and EXP705 says so; nor are they in the past,
    since lines and proformas hold their state of today.
    """
    file = events or EventFile()
    known = {actual.id: actual for actual in scope.actuals}
    pairs = connections_of(known, records)
    links = Links(pairs)
    is_whole = subject.kind in WHOLE
    traced = events_in(subject, known, records, links)
    law, found = (
        judged_law(known, links, bool(pairs), None, file.inferred, method_of(records))
        if is_whole else ({}, [])
    )
    prices: dict[str, LinePrices] = {}
    differences: list[Difference] = []
    if is_brief:
        found = [*alike(sorted(found, key=by_record)), *_not_compared(subject, scope)]
    else:
        asked = Prices(records, settings, words)
        for line in scope.lines:
            prices[line.id] = asked.all_of(line)
        if is_whole and model and not is_past:
            here = settings.environments.get(subject.environment)
            given = Given(company=company, model=model, records=records,
                          finance=finance or NO_RECORDS, options=settings.options,
                          auto_approve=here is not None and here.auto_approve)  # fmt: skip
            differences, of_lines = lines_judged(scope, planned, given, asked, here, unproven)
            found += of_lines
        if is_whole and not is_past:
            days = Days(records, words, traced)
            made = Made(records, settings, known, links, traced, planned.journal,
                        lambda a: (on := days.of(a)) is None or on <= day)
            differences += compare_approved(scope.usages, made)
        if not is_past:
            found += proformas_of(subject, scope, records, settings, file, day)
    worth: dict[str, LabourLine] = {}
    prices_of_labour = LabourPrices(records, settings)
    for order in scope.orders:
        work = labour(order.id, records, settings, prices_of_labour)
        found += [*work.findings, *(f for line in work.lines for f in line.findings)]
        worth |= {line.record: line for line in work.lines}
    backed = backed_by(worth.values(), scope.actuals, records, links,
                       lambda a: a.document_date or day_of(a, words.zone_of(a)))  # fmt: skip
    if not is_past:
        twice = lines_entered_twice(scope.lines, lambda line: day_if(
            first_used(records, line.id), words.zone(words.owners.of_order(line.work_order))))
        told = [*labour_findings(worth.values(), backed), *twice]
        found += alike(sorted(told, key=lambda one: one.order)) if is_brief else told
    advances, without = missing_of(scope.retainers, scope.actuals)
    found += [*([] if is_past else without), *(one.finding for one in differences)]
    return Judged(
        events=traced,
        law=law, prices=prices, labour=worth, backed=backed, advances=advances,
        differences=tuple(differences),
        findings=tuple(found),
    )  # fmt: skip


def proformas_of(
    subject: Subject, scope: Scope, records: Records, settings: Settings, file: EventFile,
    day: date,
) -> list[Finding]:  # fmt: skip
    """Where the proformas of a story are not what the pure functions expect of them."""
    owners = Owners(settings, subject.environment, records)

    def practice(invoice: Invoice) -> Practice:
        currency = records.one(Currency, invoice.currency)
        code = currency.code if currency is not None else None
        return practice_of(settings, file, owners.of_contract(invoice.contract) or "", code or "")

    is_all = subject.kind in ("contract", "invoice")
    only = None if is_all else {actual.id for actual in scope.actuals}
    # What a refresh would add stands on no proforma yet, and is of the whole contract.
    contracts = sorted({i.contract for i in scope.invoices
                        if i.contract is not None and i.invoice_status in OPEN})  # fmt: skip
    pool = [a for key in contracts for a in records.where(Actual, "contract", key)]
    found = list(compare_proformas(scope.invoices, records, practice, actuals=pool,
                                   only=only))  # fmt: skip
    if subject.kind == "contract":
        found += compare_schedules([subject.id], records, day)
    return found


def by_record(found: Finding) -> str:
    """The actual that a finding of the law is about; the law itself is about all of them."""
    return "" if found.code == "LAW701" else found.record


def alike(found: Iterable[Finding]) -> list[Finding]:
    """The first findings of each code, and how many more there are of it."""
    every = list(found)
    counts = Counter(one.code for one in every)
    kept: Counter[str] = Counter()
    told: list[Finding] = []
    for one in every:
        kept[one.code] += 1
        if kept[one.code] <= ALIKE_MAX:
            told.append(one)
        elif kept[one.code] == ALIKE_MAX + 1:
            more = f"{counts[one.code] - ALIKE_MAX:,} more like this: {one.message}"
            told.append(replace(one, record="", message=more))
    return told


def _not_compared(subject: Subject, scope: Scope) -> Iterable[Finding]:
    parts = ((scope.lines, "work order lines"), (scope.usages, "usage logs"),
             (scope.invoices, "proformas"))  # fmt: skip
    counts = [f"{len(rows):,} {name}" for rows, name in parts if rows]
    if counts:
        yield warning_of(
            "EXP705", subject.id,
            f"{' and '.join(filter(None, (', '.join(counts[:-1]), counts[-1])))} were not compared "
            "with what they should be",
            "Ask for one work order or proforma, or tell the whole story with --all.",
            level="note")  # fmt: skip
