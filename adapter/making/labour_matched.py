"""Which actuals are those of which time entry or expense: an approval makes them (E2), taking it
back reverses them (E10, R-157).

No column of an actual names its entry. The transaction origins say it where they were exported;
else an entry has the actuals of its class and day that are most like it, and that no other entry
has (inferred). What both of them say and say differently never belongs together; the quantity
alone may differ, since an approver may change it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from msgspec import Struct

from adapter.making.labour_lines import APPROVED, EXPENSE, TIME
from adapter.making.links import Links
from adapter.making.new_actuals import ADJUSTED, COST, UNBILLED
from adapter.making.story_effects import LABOUR, is_labour_in
from adapter.making.work_lines import hours
from adapter.reading.store import Records
from adapter.values.actuals import Actual, TransactionOrigin
from adapter.values.field_service import TimeEntry, WorkOrder
from adapter.values.money import ZERO
from adapter.values.prices import Expense

CENT = Decimal("0.01")
DayOf = Callable[[Actual], date | None]


class Backed(Struct, frozen=True):
    """The actuals of one entry, by id; `is_told`: they are among those of the story."""

    cost: str | None = None
    sales: str | None = None
    is_told: bool = True


NOT_BACKED = Backed()


class Trace(NamedTuple):
    """What an entry and its actuals have in common."""

    transaction_class: str | None
    day: date | None
    resource: str | None
    order: str | None
    project: str | None
    quantity: Decimal | None
    amount: Decimal | None  # of an expense what it cost; of time its quantity again


class Entry(NamedTuple):
    """A time entry or an expense, as it is looked for."""

    id: str
    is_approved: bool
    trace: Trace


class Way(NamedTuple):
    """How much an entry and its actuals must be alike."""

    sizes: tuple[str, ...] = ()  # what must be the same of quantity and amount
    lacks: str = ""  # what one of the two need not say

    def key(self, trace: Trace) -> tuple[object, ...]:
        """What is the same of both. Without the work order its project must be the same."""
        return (
            trace.transaction_class, trace.day,
            None if self.lacks == "resource" else trace.resource,
            trace.project if self.lacks == "order" else trace.order or trace.project,
            *(getattr(trace, size) for size in self.sizes),
        )  # fmt: skip

    def allows(self, one: Trace, other: Trace) -> bool:
        """Whether one of the two does not say what may be lacking."""
        return not self.lacks or None in (getattr(one, self.lacks), getattr(other, self.lacks))


ALIKE = (Way(("quantity", "amount")), Way(("quantity",)), Way(("amount",)))
# Of approved entries: another quantity was approved, or an export leaves a column out.
APPROVED_AS = (
    Way(), Way(("quantity",), "resource"), Way(("amount",), "resource"),
    Way(("quantity",), "order"), Way(("amount",), "order"), Way((), "resource"),
)  # fmt: skip


def entry_of(one: TimeEntry | Expense, records: Records, order: str | None = None) -> Entry:
    """An entry as it is looked for; `order`: the work order that it has by its task only."""
    key = one.work_order or order
    found = records.one(WorkOrder, key)
    project = one.project or (found.project if found is not None else None)
    if isinstance(one, TimeEntry):
        worked = _cents(hours(one.duration))
        is_approved = one.entry_status in APPROVED
        sizes, transaction_class = (worked, worked), TIME
    else:
        is_approved = one.expense_status in APPROVED
        sizes, transaction_class = (_cents(one.quantity), _cents(one.amount)), EXPENSE
    trace = Trace(transaction_class, one.day, one.resource, key, project, *sizes)
    return Entry(one.id, is_approved, trace)


def matched(
    entries: Iterable[Entry], actuals: Iterable[Actual], records: Records, links: Links,
    day_of: DayOf, *, is_told: bool = True,
) -> dict[str, Backed]:  # fmt: skip
    """The actuals of each entry, by its id; those without any are not in it.

    What the origins name comes first, then what is most alike; of entries that are equally so
    the approved ones. `is_told` is what `Backed` says.
    """
    waiting = sorted(entries, key=lambda entry: (not entry.is_approved, entry.id))
    if not waiting:
        return {}
    pool = _Pool(actuals, links, day_of)
    costs: dict[str, str] = {}
    sales: dict[str, str] = {}
    if records.has(TransactionOrigin):
        for one in waiting:
            pool.name(one.id, records, costs, sales)
        pool.leave_named(records)
    for entry, cost in pool.pairs(COST, [one for one in waiting if one.id not in costs]):
        costs[entry] = cost
    for entry, cost in costs.items():  # sales are those of the cost: several payers may share them
        sold = pool.sold(cost)
        if sold is not None:
            sales.setdefault(entry, sold)
    for entry, sale in pool.pairs(UNBILLED, [one for one in waiting if one.id not in sales]):
        sales[entry] = sale
    return {key: Backed(costs.get(key), sales.get(key), is_told)
            for key in sorted(costs.keys() | sales.keys())}  # fmt: skip


class _Pool:
    """Actuals that approvals of labour made; each is taken by one entry only."""

    def __init__(self, actuals: Iterable[Actual], links: Links, day_of: DayOf) -> None:
        self.links = links
        live = {a.id: a for a in actuals if a.transaction_class in LABOUR and is_live(a, links)}
        self.known = {key: live[key] for key in sorted(live)}  # nobody has taken them
        self.traces = {key: _trace(actual, day_of) for key, actual in self.known.items()}
        self.by_day: dict[tuple[object, ...], list[str]] = {}  # by type, class and day
        for key, trace in self.traces.items():
            at = (self.known[key].transaction_type, *trace[:2])
            self.by_day.setdefault(at, []).append(key)

    def name(
        self, entry: str, records: Records, costs: dict[str, str], sales: dict[str, str]
    ) -> None:
        """Take what the transaction origins say of an entry."""
        origins = records.where(TransactionOrigin, "origin", entry)
        for key in sorted({row.transaction or "" for row in origins} & self.known.keys()):
            found = costs if self.known.pop(key).transaction_type == COST else sales
            found.setdefault(entry, key)

    def leave_named(self, records: Records) -> None:
        """What names the entry that it came of answers for no other."""
        for key in list(self.known):
            origins = records.where(TransactionOrigin, "transaction", key)
            if any(row.origin_type in LABOUR and row.origin for row in origins):
                del self.known[key]

    def pairs(self, type_: str, waiting: list[Entry]) -> Iterator[tuple[str, str]]:
        """The actual of a type that each entry has, those that are most alike first."""
        for way in (*ALIKE, *APPROVED_AS):
            table: dict[tuple[object, ...], list[str]] = {}
            for at in {(type_, *one.trace[:2]) for one in waiting}:
                for key in self.by_day.get(at, ()):
                    if key in self.known:
                        table.setdefault(way.key(self.traces[key]), []).append(key)
            left = []
            for entry in waiting:
                found = self._first(entry, way, table)
                if found is None:
                    left.append(entry)
                else:
                    yield entry.id, found
            waiting = left

    def _first(
        self, entry: Entry, way: Way, table: Mapping[tuple[object, ...], list[str]]
    ) -> str | None:
        if not entry.is_approved and way not in ALIKE:
            return None
        for key in table.get(way.key(entry.trace), ()):
            if key in self.known and way.allows(entry.trace, self.traces[key]):
                del self.known[key]
                return key
        return None

    def sold(self, cost: str) -> str | None:
        """Take the sales of a cost; the first of them."""
        sold = [self.known.pop(key).id for key in self.links.sold(cost) if key in self.known]
        return sold[0] if sold else None


def is_live(actual: Actual, links: Links) -> bool:
    """Whether an actual answers for an approval of labour: cost that is not reversed, sales that
    are open or billed, in whatever shares. A reversal has its quantity below zero (domain 4.2).
    """
    kind = actual.transaction_type
    is_open = kind == UNBILLED or (kind == COST and actual.adjustment_status != ADJUSTED)
    return (
        is_open and is_labour_in(actual) and not actual.is_intercompany
        and (actual.quantity or ZERO) >= 0 and actual.id not in links.reversing
    )  # fmt: skip


def _trace(actual: Actual, day_of: DayOf) -> Trace:
    quantity = _cents(actual.quantity)
    is_time = actual.transaction_class == TIME
    return Trace(actual.transaction_class, day_of(actual), actual.resource, actual.work_order,
                 actual.project, quantity,
                 quantity if is_time else _cents(actual.amount))  # fmt: skip


def _cents(number: Decimal | None) -> Decimal | None:
    return None if number is None else number.quantize(CENT)
