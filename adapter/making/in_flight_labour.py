"""Time entries and expenses that were approved and that no actual came of.

An actual names its entry only where the transaction origins were read. Else they are matched
within the project by resource, work order, day and quantity, those that fit best first (KEYS);
each actual answers for one entry. That order is inferred: no source says more.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple, TypeVar

from adapter.deciding.dossier import day_of
from adapter.making.flight import Amount, Flown
from adapter.making.in_flight_planned import Owned
from adapter.making.labour_lines import APPROVED, EXPENSE, TIME, WORK
from adapter.making.scene import Scene
from adapter.making.verdict_parts import name_of
from adapter.making.work_lines import hours
from adapter.values.actuals import Actual, TransactionOrigin
from adapter.values.field_service import TimeEntry, WorkOrder
from adapter.values.prices import Expense

CENT = Decimal("0.01")
Entry = TypeVar("Entry", TimeEntry, Expense)


class Trace(NamedTuple):
    """What an entry and the cost actual of it have in common."""

    where: tuple[str, str | None]  # class, project
    resource: str | None
    order: str | None
    day: date | None
    quantity: Decimal | None  # of an expense its cost


KEYS: tuple[Callable[[Trace], object], ...] = (
    lambda t: t,
    lambda t: (t.where, t.order, t.day, t.quantity),
    lambda t: (t.where, t.resource, t.day, t.quantity),
    lambda t: (t.where, t.order, t.day),
    lambda t: (t.where, t.order, t.quantity),
)


def labour_without_actual(scene: Scene) -> Iterator[Owned]:
    """What was approved, and has no cost actual of its class; what it is worth is not guessed."""
    times = [
        (one, _trace(TIME, one, one.day, hours(one.duration)))
        for one in scene.records.all(TimeEntry)
        if one.entry_status in APPROVED and (one.entry_type or WORK[0]) in WORK
    ]  # fmt: skip
    spent = [
        (one, _trace(EXPENSE, one, one.day, one.amount))
        for one in scene.records.all(Expense) if one.expense_status in APPROVED
    ]  # fmt: skip
    if not times and not spent:
        return
    named, there = _actuals(scene)
    for entry, trace in _left(times, named, there):
        yield _owned(scene, entry, "time-without-actual", "T", quantity=trace.quantity, unit="h")
    for cost, _ in _left(spent, named, there):
        money = () if cost.amount is None else (
            Amount(scene.currency(cost.currency), "cost", "expense", cost.amount),)  # fmt: skip
        yield _owned(scene, cost, "expense-without-actual", "X", money=money)


def _owned(scene: Scene, one: TimeEntry | Expense, kind: str, letter: str, **more: object) -> Owned:
    order = scene.records.one(WorkOrder, one.work_order)
    name = f"{letter}{name_of(one.id)[1:]} {order.number or '' if order else ''}".strip()
    flown = Flown(kind=kind, id=one.id, name=name, day=one.day,
                  is_priced=False, **more)  # type: ignore[arg-type]  # fmt: skip
    return scene.owners.of_work(one.project, one.work_order), flown


def _left(
    entries: Sequence[tuple[Entry, Trace]], named: set[str], there: Counter[Trace]
) -> list[tuple[Entry, Trace]]:
    """The entries that no actual answers for; those that match best take their actual first."""
    left = [(one, trace) for one, trace in entries if one.id not in named]
    for key in KEYS:
        if not left:
            break
        stock: dict[object, list[Trace]] = {}
        for trace, count in there.items():
            stock.setdefault(key(trace), []).extend([trace] * count)
        unmatched = []
        for one, trace in left:
            found = stock.get(key(trace))
            if found:
                there[found.pop()] -= 1
            else:
                unmatched.append((one, trace))
        left = unmatched
    return left


def _actuals(scene: Scene) -> tuple[set[str], Counter[Trace]]:
    """Ids of entries that an actual names as its origin, and the traces of the other costs."""
    origins = {
        row.transaction: row.origin for row in scene.records.all(TransactionOrigin)
        if row.origin_type in (TIME, EXPENSE) and row.transaction and row.origin
    }  # fmt: skip
    named: set[str] = set()
    there: Counter[Trace] = Counter()
    for actual in scene.records.all(Actual):
        if actual.transaction_class not in (TIME, EXPENSE) or actual.transaction_type != "cost":
            continue
        value = actual.quantity if actual.transaction_class == TIME else actual.amount
        if value is None or value < 0 or actual.is_correction or actual.is_intercompany:
            continue
        origin = origins.get(actual.id)
        if origin is not None:
            named.add(origin)
            continue
        day = day_of(actual, scene.zone_of(scene.owners.of_actual(actual)))
        there[_trace(actual.transaction_class, actual, day, value)] += 1
    return named, there


def _trace(
    klass: str, one: TimeEntry | Expense | Actual, day: date | None, value: Decimal | None
) -> Trace:
    return Trace((klass, one.project), one.resource, one.work_order, day,
                 None if value is None else value.quantize(CENT))  # fmt: skip
