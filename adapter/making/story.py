"""The financial story of one work order, project, contract, agreement, invoice or voucher.

Pure: told from the records as they are, in the records' own order, so that the order of their
arrival changes nothing. What a plan said and what was sent are arguments.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal

from adapter.making.story_moments import Narrator
from adapter.making.story_parts import (
    DIMENSIONS,
    Figures,
    Moment,
    Point,
    Story,
    Subject,
    Verdict,
)
from adapter.making.story_scope import related, scope_of
from adapter.reading.settings import Settings
from adapter.reading.store import Records
from adapter.values.actuals import Actual
from adapter.values.finding import Finding
from adapter.values.money import ZERO
from adapter.values.record import Record


def make_story(
    subject: Subject,
    records: Records,
    settings: Settings,
    as_of: date,
    *,
    verdicts: Mapping[str, Verdict] | None = None,
    sent: Iterable[Moment] = (),
) -> Story:
    """Everything of a subject up to and with `as_of`, a day of its company.

    `verdicts`: what a plan said, by actual. `sent`: what the ledger knows, as moments.
    Amounts of different currencies are never added, except into the settings' reporting
    currency, at the rates that stand there.
    """
    scope = scope_of(subject, records)
    narrator = Narrator(records, settings, subject.environment)
    told = [*narrator.told(scope), *sent]
    moments = sorted(
        (m for m in told if m.day is None or m.day <= as_of), key=lambda moment: moment.order
    )
    ledger = Sums()
    for moment in moments:
        ledger.take(moment)
    wanted = {moment.key for moment in moments}
    return Story(
        subject=subject, as_of=as_of, moments=tuple(moments), totals=ledger.totals,
        groups=ledger.groups, points=tuple(ledger.points()),
        actuals=sum(actual.id in wanted for actual in scope.actuals),
        reported=reported(ledger.totals, settings), rates=rates_of(settings),
        undated=sum(moment.day is None for moment in moments),
        findings=faults_of(scope.actuals, records),
        verdicts={k: v for k, v in (verdicts or {}).items() if k in wanted},
        related=tuple(related(subject, scope, records)),
    )  # fmt: skip


class Sums:
    """Figures by currency, and by currency in each dimension; and how they grew."""

    def __init__(self) -> None:
        self.totals: dict[str, Figures] = {}
        self.groups: dict[str, dict[tuple[str, str], Figures]] = {d: {} for d in DIMENSIONS}
        self._days: dict[tuple[date, str], list[Decimal]] = {}

    def take(self, moment: Moment) -> None:
        """Count one moment where it counts."""
        effects = moment.effects
        if not effects:
            return
        currency = moment.currency
        total = self.totals.get(currency)
        if total is None:
            total = self.totals[currency] = Figures()
        before = (total.cost, total.invoiced, total.backlog)
        total.take(effects)
        for dimension, name in zip(DIMENSIONS, moment.places, strict=True):
            group = self.groups[dimension]
            figures = group.get((name, currency))
            if figures is None:
                figures = group[name, currency] = Figures()
            figures.take(effects)
        after = (total.cost, total.invoiced, total.backlog)
        if moment.day is not None and before != after:
            self._days[moment.day, currency] = list(after)

    def points(self) -> Iterable[Point]:
        """Cost and revenue at the end of each day on which they changed."""
        for (day, currency), (cost, invoiced, backlog) in sorted(self._days.items()):
            yield Point(day=day, currency=currency, cost=cost, invoiced=invoiced,
                        earned=invoiced + backlog)  # fmt: skip


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


def faults_of(actuals: Iterable[Record], records: Records) -> tuple[Finding, ...]:
    """What was wrong with the rows of the actuals when they were read."""
    if not records.has_faults:
        return ()
    found = {f for a in actuals for f in records.faults(Actual, a.id)}
    return tuple(sorted(found, key=lambda finding: finding.order))


def is_margin_known(figures: Mapping[str, Figures]) -> bool:
    """Whether cost and revenue stand in one currency, so that they may be subtracted."""
    costs = {c for c, f in figures.items() if f.cost != ZERO}
    revenues = {c for c, f in figures.items() if f.invoiced != ZERO or f.backlog != ZERO}
    return len(costs | revenues) <= 1
