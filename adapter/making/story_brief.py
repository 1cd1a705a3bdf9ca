"""A very large story: what happened by day and kind, counted and summed while it is read.

Every record, event and figure counts as in a whole story; words, values and names are left
out, and things of one day, stage, type, event and currency are told as one moment.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import TypeVar
from zoneinfo import ZoneInfo

from adapter.deciding.dossier import day_if
from adapter.making.new_actuals import COST
from adapter.making.pricing import cost_on, price_on
from adapter.making.story_effects import (
    effects_of,
    estimated_worth,
    net_of,
    posted_effects,
    stage_of,
    used_worth,
)
from adapter.making.story_labour import expenses_in, worth_of
from adapter.making.story_moments import Narrator
from adapter.making.story_parts import RANKS, Effects, Moment, Places
from adapter.making.story_prices import Prices, planned_days, valued
from adapter.making.story_rows import Planned
from adapter.making.story_scope import Scope
from adapter.making.story_sums import Sums
from adapter.making.story_words import approved_day
from adapter.values.actuals import Actual, Approval
from adapter.values.field_service import TimeEntry, Usage, WorkOrderLine
from adapter.values.forecast_rows import EstimateLine, ProjectJournalLine
from adapter.values.money import CurrencyRule
from adapter.values.prices import Expense

NOWHERE: Places = ("", "", "", "")
When = TypeVar("When", date, datetime)
Cell = tuple[date | None, str, str, str, str]  # day, stage, type, event, currency


class _Held:
    """What one cell holds so far, and the record of it that comes first."""

    __slots__ = ("amount", "count", "key", "places", "rank")

    def __init__(self, key: str, places: Places, rank: str) -> None:
        self.key = key
        self.places = places
        self.rank = rank
        self.count = 0
        self.amount: Decimal | None = None


class Gathered:
    """Counts and sums up to and with a day, and the figures of all that was taken."""

    def __init__(self, as_of: date, is_past: bool = False) -> None:
        self.as_of = as_of
        self.is_past = is_past
        self.sums = Sums()
        self.later: set[str] = set()  # actuals that the story does not tell
        self._cells: dict[Cell, _Held] = {}

    def take(
        self, day: date | None, stage: str, key: str, type: str = "", because: str = "",
        currency: str = "", amount: Decimal | None = None, places: Places = NOWHERE,
        effects: Effects = (), rank: str = "", is_dated: bool = True,
    ) -> bool:  # fmt: skip
        """Count one thing; False where it happened after the story ends, or nobody knows when.

        Things may come in any order: of one cell the first by `rank` is named, by key where
        none is said.
        """
        cell = (day, stage, type, because, currency)
        held = self._cells.get(cell)
        if held is None:
            if (self.is_past and day is None) or (day is not None and day > self.as_of):
                return False
            held = self._cells[cell] = _Held(key, places, rank or key)
        elif (rank or key) < held.rank:
            held.key, held.places, held.rank = key, places, rank or key
        held.count += 1
        if amount is not None:
            held.amount = amount if held.amount is None else held.amount + amount
        if effects:
            self.sums.take(places, currency, day if is_dated else self.as_of, effects)
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
    scope: Scope, planned: Planned, narrator: Narrator, as_of: date, is_past: bool = False,
    details: Iterable[Moment] = (),
) -> tuple[Gathered, int]:
    """All that happened up to `as_of`, and how many actuals are among it."""
    found = Gathered(as_of, is_past)
    _lines(found, scope, planned, narrator)
    _usages(found, scope, narrator)
    _rows(found, planned, narrator)
    count = _actuals(found, scope, narrator)
    _labour(found, "labour", scope.entries, narrator)
    _labour(found, "expense", expenses_in(scope, narrator.records), narrator)
    for due in narrator.told(Scope(milestones=scope.milestones, retainers=scope.retainers)):
        found.take(due.day, due.stage, due.key, "", "", due.currency, None, due.places,
                   due.effects)  # fmt: skip
    for invoice in scope.invoices:
        found.take(invoice.invoice_date, "proforma", invoice.id)
    for one in details:
        found.take(one.day, one.stage, one.key, one.type, one.because, one.currency, one.amount,
                   one.places, one.effects)  # fmt: skip
    return found, count


def _lines(found: Gathered, scope: Scope, planned: Planned, narrator: Narrator) -> None:
    words, take = narrator.words, found.take
    planned_on = _firsts((row.line, row.document_date) for row in planned.estimates)
    used_at = _firsts((row.line, row.used_at) for row in narrator.records.all(Usage))
    rule_of = narrator.settings.currency_rule
    asked = Prices(narrator.records, narrator.settings, words)
    rules: dict[str, CurrencyRule] = {}
    zones: dict[str | None, ZoneInfo] = {}
    for line in scope.lines:
        key, order = line.id, line.work_order
        own = words.currency[line.currency] or words.order_currency(order)
        rule = rules.get(own)
        if rule is None:
            rule = rules[own] = rule_of(own)
        for type_, currency, amount, effects in _valued(line, asked, own, rule, rule_of):
            if type_ == "used":
                zone = zones.get(order)
                if zone is None:
                    zone = zones[order] = words.work_zone(order, None)
                take(day_if(used_at.get(key), zone), "used", key, "used", "", currency, amount,
                     words.line_places(line), effects)  # fmt: skip
            else:
                take(planned_on.get(key), "estimate", key, type_, "", currency, amount,
                     words.line_places(line), effects)  # fmt: skip


def _valued(
    line: WorkOrderLine, asked: Prices, own: str, rule: CurrencyRule,
    rule_of: Callable[[str], CurrencyRule],
) -> Iterator[tuple[str, str, Decimal, Effects]]:  # fmt: skip
    """What a line is worth, as `valued` says; price lists are asked only where the line is
    silent.
    """
    price, cost = price_on(line, asked.switches), cost_on(line, asked.switches)
    if price is None or cost is None:
        days = planned_days(asked.records.where(EstimateLine, "line", line.id))
        for one in valued(line, asked.shared(line, days), own, rule_of):
            yield one.type, one.currency, one.amount, one.effects
        return
    estimated = estimated_worth(line, price, cost, rule, rule)
    if estimated is not None:
        yield "estimate", own, estimated[0][1], estimated
    used = used_worth(line, price, rule)
    if used is not None:
        yield "used", own, used, (("used", used),)


def _firsts(days: Iterable[tuple[str | None, When | None]]) -> dict[str | None, When]:
    """The first of the days, or instants, of each work order line, as far as its rows have one:
    by one look at all rows.
    """
    found: dict[str | None, When] = {}
    for line, at in days:
        if at is not None:
            known = found.get(line)
            if known is None or at < known:
                found[line] = at
    return found


def _usages(found: Gathered, scope: Scope, narrator: Narrator) -> None:
    words, take = narrator.words, found.take
    approvals_of = narrator.records.finder_by(Approval, "usage")
    for usage in scope.usages:
        zone = words.work_zone(usage.work_order, usage.project)
        take(day_if(usage.used_at, zone), "usage", usage.id)
        for approval in approvals_of(usage.id):
            take(approved_day(approval, zone), "approval", approval.id, rank=usage.id)


def _rows(found: Gathered, planned: Planned, narrator: Narrator) -> None:
    """What the vendor wrote between a line and its actuals: no figure adds it."""
    words, take = narrator.words, found.take
    currency_of = words.currency
    kinds: tuple[tuple[str, str, Iterable[EstimateLine | ProjectJournalLine]], ...] = (
        ("planned", "estimate", planned.estimates), ("journal", "journal", planned.journal),
    )  # fmt: skip
    for stage, kind, rows in kinds:
        cost, sales = f"{kind} cost", f"{kind} sales"
        for row in rows:
            day = row.document_date
            if day is None:
                at = row.modified_on if isinstance(row, EstimateLine) else row.started_at
                day = day_if(at, words.work_zone(row.work_order, row.project))
            take(day, stage, row.id, cost if row.transaction_type == COST else sales, "",
                 currency_of[row.currency], row.amount)  # fmt: skip
    for one in planned.forecasts:
        take(getattr(one.row, "start", None), "forecast", one.row.id, "forecast")


def _labour(
    found: Gathered, stage: str, rows: Iterable[TimeEntry | Expense], narrator: Narrator
) -> None:
    """Once it is approved, its actuals tell what it costs and sells for."""
    words, known = narrator.words, narrator.judged.labour
    for row in rows:
        worth = known.get(row.id)
        currency, amount, effects = ("", None, ()) if worth is None else worth_of(
            worth, narrator.judged.backed.get(row.id))
        found.take(row.day, stage, row.id, "" if worth is None else stage, "", currency, amount,
                   words.work_places(row.work_order, row.project), effects)  # fmt: skip


def _actuals(found: Gathered, scope: Scope, narrator: Narrator) -> int:
    """Take the actuals; returns how many of them the story tells."""
    words, events, take, days = narrator.words, narrator.judged.events, found.take, narrator.days
    currency_of, places_of, day_of = words.currency, words.places, days.of
    told = 0
    for actual in scope.actuals:
        key = actual.id
        event, net = events.get(key, ""), net_of(actual)
        currency = currency_of[actual.currency]
        is_told = take(day_of(actual), stage_of(actual, event), key, actual.transaction_type or "",
                       event, currency, net, places_of(actual),
                       effects_of(actual, net))  # fmt: skip
        if not is_told:
            found.later.add(key)
        if actual.voucher or actual.adjustment_value:
            day = days.posted(actual)
            is_told |= take(day or days.posted_at_least(actual), "posted", key, "posted",
                            "", currency, _drift_of(actual), places_of(actual),
                            posted_effects(actual, net), is_dated=day is not None)  # fmt: skip
        told += is_told
    return told


def _drift_of(cost: Actual) -> Decimal | None:
    return cost.adjustment_value or None if cost.transaction_type == COST else None
