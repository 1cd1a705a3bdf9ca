"""A very large story: what happened by day and kind, counted and summed while it is read.

Every record, event and figure counts as in a whole story; words, values and names are left
out, and things of one day, stage, type, event and currency are told as one moment.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from itertools import chain

from adapter.deciding.dossier import day_if
from adapter.making.new_actuals import COST
from adapter.making.story_effects import (
    NET_OF_LINE,
    effects_of,
    estimated_worth,
    net_of,
    stage_of,
    used_worth,
)
from adapter.making.story_judged import Judged
from adapter.making.story_labour import expenses_in, told_expenses
from adapter.making.story_moments import Narrator, planned_on
from adapter.making.story_parts import RANKS, Effects, Moment, Places
from adapter.making.story_rows import Planned
from adapter.making.story_scope import Scope
from adapter.making.story_sums import Sums
from adapter.making.story_words import approved_at, first_used
from adapter.values.actuals import Approval
from adapter.values.forecast_rows import EstimateLine, ProjectJournalLine
from adapter.values.money import CurrencyRule

NOWHERE: Places = ("", "", "", "")
Cell = tuple[date | None, str, str, str, str]  # day, stage, type, event, currency


class _Held:
    """What one cell holds so far, and the first record of it."""

    __slots__ = ("amount", "count", "key", "places")

    def __init__(self, key: str, places: Places) -> None:
        self.key = key
        self.places = places
        self.count = 0
        self.amount: Decimal | None = None


class Gathered:
    """Counts and sums up to and with a day, and the figures of all that was taken."""

    def __init__(self, as_of: date, is_past: bool = False) -> None:
        self.as_of = as_of
        self.is_past = is_past
        self.sums = Sums()
        self._cells: dict[Cell, _Held] = {}

    def take(
        self, day: date | None, stage: str, key: str, type: str = "", because: str = "",
        currency: str = "", amount: Decimal | None = None, places: Places = NOWHERE,
        effects: Effects = (),
    ) -> bool:  # fmt: skip
        """Count one thing; False where it happened after the story ends, or nobody knows when."""
        if (self.is_past and day is None) or (day is not None and day > self.as_of):
            return False
        cell = (day, stage, type, because, currency)
        held = self._cells.get(cell)
        if held is None:
            held = self._cells[cell] = _Held(key, places)
        held.count += 1
        if amount is not None:
            held.amount = amount if held.amount is None else held.amount + amount
        if effects:
            self.sums.take(places, currency, day, effects)
        return True

    def moments(self) -> Iterator[Moment]:
        """One moment for all of one day, stage, type, event and currency; in order."""
        ordered = sorted(self._cells.items(), key=lambda c: (
            0 if c[0][0] is None else c[0][0].toordinal(), RANKS[c[0][1]], c[0][2:]))  # fmt: skip
        for (day, stage, type_, because, currency), held in ordered:
            yield Moment(
                stage=stage, key=held.key, name="", what="", day=day, type=type_,
                because=because, amount=held.amount, currency=currency, places=held.places,
                count=held.count,
            )  # fmt: skip


def gather(
    scope: Scope, planned: Planned, narrator: Narrator, judged: Judged, as_of: date,
    is_past: bool = False,
) -> tuple[Gathered, int]:
    """All that happened up to `as_of`, and how many actuals are among it."""
    found = Gathered(as_of, is_past)
    _lines(found, scope, narrator)
    _usages(found, scope, narrator)
    _rows(found, planned, narrator)
    count = _actuals(found, scope, narrator, judged)
    others = Scope(entries=scope.entries, milestones=scope.milestones, retainers=scope.retainers)
    spent = told_expenses(expenses_in(scope, narrator.records), narrator.words, judged)
    for moment in chain(narrator.told(others), spent):
        found.take(moment.day, moment.stage, moment.key, type=moment.type,
                   because=moment.because, currency=moment.currency, amount=moment.amount,
                   places=moment.places, effects=moment.effects)  # fmt: skip
    for invoice in scope.invoices:
        found.take(invoice.invoice_date, "proforma", invoice.id)
    return found, count


def _lines(found: Gathered, scope: Scope, narrator: Narrator) -> None:
    words, records = narrator.words, narrator.records
    has_estimates = records.has(EstimateLine)
    rules: dict[str, CurrencyRule] = {}
    for line in scope.lines:
        currency = words.currency[line.currency] or words.order_currency(line.work_order)
        rule = rules.get(currency)
        if rule is None:
            rule = rules[currency] = narrator.settings.currency_rule(currency)
        places = words.line_places(line)
        estimated, used = estimated_worth(line, rule), used_worth(line, rule)
        if estimated is not None:
            rows = records.where(EstimateLine, "line", line.id) if has_estimates else ()
            day, _ = planned_on(rows)
            found.take(day, "estimate", line.id, "estimate", "", currency,
                       dict(estimated)[NET_OF_LINE], places, estimated)  # fmt: skip
        if used is not None:
            at = first_used(records, line.id)
            zone = words.zone(words.owners.of_work(None, line.work_order))
            found.take(day_if(at, zone), "used", line.id, "used", "", currency, used, places,
                       (("used", used),))  # fmt: skip


def _usages(found: Gathered, scope: Scope, narrator: Narrator) -> None:
    words, records = narrator.words, narrator.records
    for usage in scope.usages:
        zone = words.zone(words.owners.of_work(usage.project, usage.work_order))
        found.take(day_if(usage.used_at, zone), "usage", usage.id)
        for approval in records.where(Approval, "usage", usage.id):
            _, day = approved_at(approval, (), zone)
            found.take(day, "approval", approval.id)


def _rows(found: Gathered, planned: Planned, narrator: Narrator) -> None:
    """What the vendor wrote between a line and its actuals: no figure adds it."""
    words = narrator.words
    kinds: tuple[tuple[str, str, Iterable[EstimateLine | ProjectJournalLine]], ...] = (
        ("planned", "estimate", planned.estimates), ("journal", "journal", planned.journal),
    )  # fmt: skip
    for stage, kind, rows in kinds:
        for row in rows:
            side = "cost" if row.transaction_type == COST else "sales"
            zone = words.zone(words.owners.of_work(row.project, row.work_order))
            at = row.modified_on if isinstance(row, EstimateLine) else row.started_at
            found.take(row.document_date or day_if(at, zone), stage, row.id,
                       type=f"{kind} {side}", currency=words.currency[row.currency],
                       amount=row.amount)  # fmt: skip
    for one in planned.forecasts:
        found.take(getattr(one.row, "start", None), "forecast", one.row.id, type="forecast")


def _actuals(found: Gathered, scope: Scope, narrator: Narrator, judged: Judged) -> int:
    """Take the actuals; returns how many of them the story tells."""
    words, event_of, take = narrator.words, judged.events.get, found.take
    day_on = narrator.days.of
    told = 0
    for actual in scope.actuals:
        day = day_on(actual)
        currency = words.currency[actual.currency]
        net = net_of(actual)
        key = actual.id
        is_told = take(day, stage_of(actual, event_of(key, "")), key, actual.transaction_type or "",
                       event_of(key, ""), currency, net, words.places(actual),
                       effects_of(actual, net))  # fmt: skip
        if actual.voucher or actual.adjustment_value:
            is_told |= take(narrator.days.posted_at_least(actual), "posted", key, "posted",
                            "", currency)  # fmt: skip
        told += is_told
    return told
