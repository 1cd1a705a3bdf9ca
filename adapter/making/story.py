"""The financial story of one work order, project, contract, agreement, invoice or voucher.

Pure: told from the records as they are, in the records' own order, so that the order of their
arrival changes nothing. What a plan said and what was sent are arguments.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import chain
from typing import Any
from zoneinfo import ZoneInfo

from adapter.making.billing_schedule import keys_due
from adapter.making.story_around import events_in
from adapter.making.story_brief import gather
from adapter.making.story_days import Days
from adapter.making.story_drafts import told_details
from adapter.making.story_judged import Judged, judged
from adapter.making.story_labour import expenses_in, told_expenses
from adapter.making.story_later import without_later
from adapter.making.story_lines import Unproven
from adapter.making.story_moments import Narrator
from adapter.making.story_parts import (
    Figures,
    Moment,
    Story,
    Subject,
    Verdict,
)
from adapter.making.story_planned import told_planned, with_lacks
from adapter.making.story_rows import Planned, planned_of
from adapter.making.story_scope import Scope, as_they_lie, related, scope_of
from adapter.making.story_sums import Sums
from adapter.making.story_then import RecordsThen, told_then
from adapter.making.story_words import Words
from adapter.reading.event_file import EventFile
from adapter.reading.settings import Settings
from adapter.reading.store import NO_RECORDS, Records
from adapter.values.actuals import Actual
from adapter.values.collector import collector_rests
from adapter.values.finding import Finding
from adapter.values.money import ZERO

ACTUALS_MAX = 20_000  # above, a story is told by day and kind unless the whole is asked for
SentOf = Callable[[Sequence[str], Sequence[str]], Iterable[Moment]]


def nothing_sent(_actuals: Sequence[str], _keys: Sequence[str]) -> Iterable[Moment]:
    """What a workspace without a ledger knows."""
    return ()


@collector_rests()
def make_story(
    subject: Subject,
    records: Records,
    settings: Settings,
    as_of: date,
    *,
    finance: Records | None = None,
    models: Mapping[str, str] | None = None,
    verdicts: Mapping[str, Verdict] | None = None,
    sent: SentOf = nothing_sent,
    unproven: Unproven | None = None,
    events: EventFile | None = None,
    whole: bool = True,
    known_on: date | None = None,
) -> Story:
    """Everything of a subject up to and with `as_of`, a day of its company.

    `models`: the deployment model of each company as a plan chose it; without it, lines are
    not compared with what they should have given. `verdicts`: what a plan said, by actual.
    `sent`: gives what the ledger knows of actuals (by id) and of rows (by key), whatever the day:
    a plan as of an earlier day may have been sent today. Amounts of different currencies are never
    added, except into the settings' reporting currency, at its rates. `unproven`: fields whose
    column nobody has proven; compared only where some row fills them. `events`: what the workspace
    says of events and of editing drafts. Not `whole`: a very large story is told by day and kind
    only: its moments carry figures, no words, its lines and proformas are not compared (EXP705).
    `known_on`: the day whose state the rows hold, `as_of` where None. A story of an earlier day
    is told from `RecordsThen`: nothing in it changes when rows of later events are taken away.
    """
    is_past = known_on is not None and as_of < known_on
    records, caveat = _up_to(subject, records, settings, as_of, known_on)
    scope = scope_of(subject, records)
    left = sent([actual.id for actual in scope.actuals],
                keys_due(records, subject.environment, scope.milestones, scope.retainers))
    is_brief = not whole and len(scope.actuals) > ACTUALS_MAX
    scope = as_they_lie(scope) if is_brief else scope
    words = Words(records, settings, subject.environment)
    company = company_of(scope, words)
    planned = planned_of(scope, records, finance or NO_RECORDS, company)
    found = judged(subject, scope, planned, records, settings, words, finance=finance,
                   company=company, model=(models or {}).get(company, ""), day=as_of, events=events,
                   unproven=unproven, is_brief=is_brief, is_past=is_past)  # fmt: skip
    narrator = Narrator(records, settings, words, found)
    kept: Mapping[str, Verdict] = {}
    details = told_details(subject, scope, records, settings, words)
    if is_brief:
        gathered, actuals = gather(scope, planned, narrator, as_of, is_past, details)
        moments, sums = sorted([*gathered.moments(), *left], key=_day_of), gathered.sums
        later = gathered.later
    else:
        told = _told(scope, planned, narrator, words.zone(company), details)
        known = [m for m in told if (not is_past if m.day is None else m.day <= as_of)]
        moments = sorted([*known, *left], key=_order_of)
        sums = Sums(moments, as_of)
        wanted = {moment.key for moment in moments}
        actuals = sum(actual.id in wanted for actual in scope.actuals)
        kept = {k: v for k, v in (verdicts or {}).items() if k in wanted}
        later = _untold(scope, moments)
    found = without_later(found, later, subject, scope, records, as_of, narrator.days, events,
                          is_brief)  # fmt: skip
    totals = sums.totals()
    return Story(
        subject=subject, as_of=as_of, moments=tuple(moments), totals=totals,
        groups=sums.groups(), points=tuple(sums.points()), actuals=actuals,
        reported=reported(totals, settings), rates=rates_of(settings),
        undated=sum(moment.count for moment in moments if moment.day is None),
        findings=findings_of(scope, records, found),
        law={(klass, words.currency[c]): terms for (klass, c), terms in found.law.items()},
        verdicts=kept, caveat=caveat,
        related=tuple(related(subject, scope, records)),
    )  # fmt: skip


def _told(
    scope: Scope, planned: Planned, narrator: Narrator, zone: ZoneInfo, details: Iterable[Moment]
) -> Iterator[Moment]:
    """All moments of a story, whatever their day, in no order."""
    records, words, found = narrator.records, narrator.words, narrator.judged
    rows = told_planned(planned, records, words, found, zone)
    spent = told_expenses(expenses_in(scope, records), words, found)
    return with_lacks(chain(narrator.told(scope), rows, spent, details), found.differences)


def _untold(scope: Scope, moments: Iterable[Moment]) -> set[str]:
    """Actuals that count after the story's day."""
    own = {moment.key for moment in moments if moment.stage != "posted"}
    return {actual.id for actual in scope.actuals if actual.id not in own}


def _up_to(
    subject: Subject, records: Records, settings: Settings, as_of: date, known_on: date | None
) -> tuple[Records, str]:
    """The records that a story is told from, and what it must say of them."""
    if known_on is None or as_of >= known_on:
        return records, ""
    then = records_then(subject, records, settings, as_of)
    return then, told_then(as_of, known_on, postings_without_day(subject, then))


def records_then(
    subject: Subject, records: Records, settings: Settings, as_of: date
) -> RecordsThen:
    """The records as a story of an earlier day may use them."""
    scope = scope_of(subject, records)
    known = {actual.id: actual for actual in scope.actuals}
    words = Words(records, settings, subject.environment)
    return RecordsThen(records, as_of, Days(records, words, events_in(subject, known, records)))


def postings_without_day(subject: Subject, then: RecordsThen) -> int:
    """Actuals that count by then and have a voucher, but nothing that says when it was posted."""
    told = (then.records.one(Actual, one.id) for one in scope_of(subject, then).actuals)
    return sum(a is not None and bool(a.voucher) and then.days.posted(a) is None for a in told)


def _order_of(moment: Moment) -> Any:
    return moment.order


def _day_of(moment: Moment) -> Any:
    return 0 if moment.day is None else moment.day.toordinal()


def reported(totals: Mapping[str, Figures], settings: Settings) -> tuple[str, Figures] | None:
    """All currencies in the reporting currency, its sums rounded once; None without one, or
    without a rate needed.
    """
    reporting = settings.reporting
    if not reporting.currency:
        return None
    rates = {**reporting.rates, reporting.currency: Decimal(1)}
    if any(currency not in rates for currency in totals):
        return None
    whole = Figures()
    for currency, figures in totals.items():
        whole.add(figures, rates[currency])
    whole.round(settings.currency_rule(reporting.currency))
    return reporting.currency, whole


def rates_of(settings: Settings) -> str:
    """The stated rates in words: `GBP 1.27 (month-end)`; empty where none are stated."""
    said = ", ".join(f"{code} {rate:f}" for code, rate in sorted(settings.reporting.rates.items()))
    return f"{said} ({settings.reporting.on})" if said and settings.reporting.on else said


def company_of(scope: Scope, words: Words) -> str:
    """The one company of a story; empty where its records belong to several, or to none."""
    codes = words.owners.of_actuals(scope.actuals)
    codes |= {words.owners.of_order(order.id) for order in scope.orders}
    return (codes.pop() or "") if len(codes) == 1 else ""


def findings_of(scope: Scope, records: Records, found: Judged) -> tuple[Finding, ...]:
    """What was wrong with rows of the actuals, and what was judged; each once, in order."""
    faults = [
        fault for actual in scope.actuals for fault in records.faults(Actual, actual.id)
    ] if records.has_faults else []  # fmt: skip
    return tuple(sorted({*faults, *found.findings}, key=lambda finding: finding.order))


def is_margin_known(figures: Mapping[str, Figures]) -> bool:
    """Whether cost and revenue stand in one currency, so that they may be subtracted."""
    if len(figures) < 2:
        return True
    costs = {c for c, f in figures.items() if f.cost != ZERO}
    revenues = {c for c, f in figures.items() if f.invoiced != ZERO or f.backlog != ZERO}
    return len(costs | revenues) <= 1
