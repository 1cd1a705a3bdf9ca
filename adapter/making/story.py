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

from adapter.making.story_judged import ACTUALS_MAX, Judged, Unproven, judged
from adapter.making.story_labour import expenses_in, told_expenses
from adapter.making.story_moments import Narrator
from adapter.making.story_parts import (
    DIMENSIONS,
    Figures,
    Moment,
    Places,
    Point,
    Story,
    Subject,
    Verdict,
)
from adapter.making.story_planned import told_planned, with_lacks
from adapter.making.story_rows import planned_of
from adapter.making.story_scope import Scope, related, scope_of
from adapter.making.story_words import Words
from adapter.reading.settings import Settings
from adapter.reading.store import NO_RECORDS, Records
from adapter.values.actuals import Actual
from adapter.values.collector import collector_rests
from adapter.values.finding import Finding
from adapter.values.money import ZERO

SentOf = Callable[[Sequence[str]], Iterable[Moment]]


def nothing_sent(_actuals: Sequence[str]) -> Iterable[Moment]:
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
    whole: bool = True,
) -> Story:
    """Everything of a subject up to and with `as_of`, a day of its company.

    `models`: the deployment model of each company as a plan chose it; without it, lines are
    not compared with what they should have given. `verdicts`: what a plan said, by actual.
    `sent`: gives what the ledger knows of actuals (by id), told whatever the day: a plan as of
    an earlier day may have been sent today. Amounts of different currencies are never added,
    except into the settings' reporting currency, at the rates that stand there. `unproven`:
    fields whose column nobody has proven; they are compared only where some row fills them.
    Not `whole`: a very large story is told by day and kind only, so its moments carry figures,
    no words.
    """
    scope = scope_of(subject, records)
    words = Words(records, settings, subject.environment)
    company = company_of(scope, words)
    found = judged(subject, scope, records, settings, finance=finance, company=company,
                   model=(models or {}).get(company, ""), unproven=unproven)  # fmt: skip
    is_brief = not whole and len(scope.actuals) > ACTUALS_MAX
    narrator = Narrator(records, settings, words, found, is_brief)
    all_told = narrator.told(scope)
    if not is_brief:
        rows = planned_of(scope, records, finance or NO_RECORDS, company)
        planned = told_planned(rows, records, words, found, zone_of(company, settings))
        spent = told_expenses(expenses_in(scope, records), words, found)
        all_told = with_lacks(chain(all_told, planned, spent), found.differences)
    told = [m for m in all_told if m.day is None or m.day <= as_of]
    order = _day_of if is_brief else _order_of
    left = sent([actual.id for actual in scope.actuals])
    moments = sorted([*told, *left], key=order)
    sums = Sums(moments)
    wanted = {moment.key for moment in moments}
    return Story(
        subject=subject, as_of=as_of, moments=tuple(moments), totals=sums.totals,
        groups=sums.groups, points=tuple(sums.points()),
        actuals=sum(actual.id in wanted for actual in scope.actuals),
        reported=reported(sums.totals, settings), rates=rates_of(settings),
        undated=sum(moment.day is None for moment in moments),
        findings=findings_of(scope, records, found),
        law={(klass, words.currency[c]): terms for (klass, c), terms in found.law.items()},
        verdicts={k: v for k, v in (verdicts or {}).items() if k in wanted},
        related=tuple(related(subject, scope, records)),
    )  # fmt: skip


def _order_of(moment: Moment) -> Any:
    return moment.order


def _day_of(moment: Moment) -> Any:
    return 0 if moment.day is None else moment.day.toordinal()


class Sums:
    """Figures by currency, and by currency in each dimension; and how they grew."""

    def __init__(self, moments: Iterable[Moment]) -> None:
        cells: dict[tuple[Places, str], Figures] = {}
        days: dict[tuple[date, str], Figures] = {}
        for moment in moments:
            effects = moment.effects
            if not effects:
                continue
            cell = (moment.places, moment.currency)
            figures = cells.get(cell)
            if figures is None:
                figures = cells[cell] = Figures()
            figures.take(effects)
            if moment.day is not None:
                grown = days.get((moment.day, moment.currency))
                if grown is None:
                    grown = days[moment.day, moment.currency] = Figures()
                grown.take(effects)
        self.totals: dict[str, Figures] = {}
        self.groups: dict[str, dict[tuple[str, str], Figures]] = {d: {} for d in DIMENSIONS}
        for (places, currency), figures in cells.items():
            self.totals.setdefault(currency, Figures()).add(figures)
            for dimension, name in zip(DIMENSIONS, places, strict=True):
                self.groups[dimension].setdefault((name, currency), Figures()).add(figures)
        self._days = days

    def points(self) -> Iterator[Point]:
        """Cost and revenue at the end of each day on which they changed."""
        so_far: dict[str, Figures] = {}
        for (day, currency), grown in sorted(self._days.items(), key=lambda item: item[0]):
            if not (grown.cost or grown.invoiced or grown.backlog):
                continue
            sums = so_far.setdefault(currency, Figures())
            sums.add(grown)
            yield Point(day=day, currency=currency, cost=sums.cost, invoiced=sums.invoiced,
                        earned=sums.invoiced + sums.backlog)  # fmt: skip


def reported(
    totals: Mapping[str, Figures], settings: Settings
) -> tuple[str, Figures] | None:
    """All currencies in the reporting currency; None without one, or without a rate needed."""
    reporting = settings.reporting
    if not reporting.currency:
        return None
    rates = {**reporting.rates, reporting.currency: Decimal(1)}
    if any(currency not in rates for currency in totals):
        return None
    whole = Figures()
    for currency, figures in totals.items():
        whole.add(figures, rates[currency])
    return reporting.currency, whole


def rates_of(settings: Settings) -> str:
    """The stated rates in words: `GBP 1.27 (month-end)`; empty where none are stated."""
    said = ", ".join(f"{code} {rate:f}" for code, rate in sorted(settings.reporting.rates.items()))
    return f"{said} ({settings.reporting.on})" if said and settings.reporting.on else said


def company_of(scope: Scope, words: Words) -> str:
    """The one company of a story; empty where its records belong to several, or to none."""
    projects = {a.project for a in scope.actuals} | {o.project for o in scope.orders}
    codes = {words.company(project) for project in projects}
    return codes.pop() if len(codes) == 1 else ""


def zone_of(company: str, settings: Settings) -> ZoneInfo:
    """The time zone of a company; UTC where no one company is meant."""
    known = settings.companies.get(company)
    return ZoneInfo(known.time_zone if known is not None else "UTC")


def findings_of(scope: Scope, records: Records, found: Judged) -> tuple[Finding, ...]:
    """What was wrong with rows of the actuals, and what was judged; each once, in order."""
    faults = [
        fault for actual in scope.actuals for fault in records.faults(Actual, actual.id)
    ] if records.has_faults else []  # fmt: skip
    return tuple(sorted({*faults, *found.findings}, key=lambda finding: finding.order))


def is_margin_known(figures: Mapping[str, Figures]) -> bool:
    """Whether cost and revenue stand in one currency, so that they may be subtracted."""
    costs = {c for c, f in figures.items() if f.cost != ZERO}
    revenues = {c for c, f in figures.items() if f.invoiced != ZERO or f.backlog != ZERO}
    return len(costs | revenues) <= 1
