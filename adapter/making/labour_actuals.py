"""Which time entries and expenses have actuals: an approval makes them (E2), taking it back
reverses them (E10, R-157).

No column of an actual names its entry. The transaction origins say it where they were exported;
else an entry has the actuals of its class, day, resource, work order and quantity that no other
entry has (inferred).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal

from msgspec import Struct

from adapter.making.documents import sourced_finding
from adapter.making.labour import LabourLine
from adapter.making.links import Links
from adapter.making.new_actuals import ADJUSTED, COST, UNBILLED
from adapter.making.story_effects import LABOUR, is_labour_in
from adapter.reading.store import Records
from adapter.values.actuals import Actual, TransactionOrigin
from adapter.values.finding import Finding

RECALL_REQUESTED = "recall-requested"  # approved until somebody grants it
CENT = Decimal("0.01")
Key = tuple[str | None, date | None, str | None]  # class, day, resource
DayOf = Callable[[Actual], date | None]


class Backed(Struct, frozen=True):
    """The actuals of one entry, by id; `is_told`: they are among those of the story."""

    cost: str | None = None
    sales: str | None = None
    is_told: bool = True


NOT_BACKED = Backed()


def backed_by(
    lines: Iterable[LabourLine], actuals: Iterable[Actual], records: Records, links: Links,
    day_of: DayOf,
) -> dict[str, Backed]:  # fmt: skip
    """The actuals of each entry, by its id; those without any are not in it.

    What the origins name comes first, then what is alike in all, then approved entries whose
    actuals have another quantity, or name no work order.
    """
    waiting = sorted(lines, key=lambda line: (not line.is_approved, line.record))
    if not waiting:
        return {}
    pool = _Pool(actuals, links, day_of)
    ways: list[Callable[[LabourLine], Backed]] = [pool.alike, pool.of_other_quantity]
    if records.has(TransactionOrigin):
        ways.insert(0, lambda line: pool.named(records.where(
            TransactionOrigin, "origin", line.record)))  # fmt: skip
    ways.append(lambda line: pool.elsewhere(line, records))
    found: dict[str, Backed] = {}
    for way in ways:
        for line in waiting:
            one = way(line)
            if one != NOT_BACKED:
                found[line.record] = one
        waiting = [line for line in waiting if line.record not in found]
    return found


class _Pool:
    """Actuals that approvals of labour made; each is taken by one entry only."""

    def __init__(self, actuals: Iterable[Actual], links: Links, day_of: DayOf) -> None:
        self.links = links
        self.day_of = day_of
        self.known: dict[str, Actual] = {}  # nobody has taken them
        self.tables: dict[str, dict[Key, list[str]]] = {COST: {}, UNBILLED: {}}
        for actual in actuals:
            if actual.transaction_class in LABOUR and self._is_live(actual):
                self.known[actual.id] = actual
                key = (actual.transaction_class, day_of(actual), actual.resource)
                self.tables[actual.transaction_type or ""].setdefault(key, []).append(actual.id)
        for table in self.tables.values():
            for ids in table.values():
                ids.sort()

    def _is_live(self, actual: Actual) -> bool:
        """Cost that is not reversed; sales that are open or billed, in whatever shares."""
        kind = actual.transaction_type
        is_open = kind == UNBILLED or (kind == COST and actual.adjustment_status != ADJUSTED)
        return is_open and is_labour_in(actual) and actual.id not in self.links.reversing

    def named(self, origins: Iterable[TransactionOrigin]) -> Backed:
        ids = sorted(row.transaction or "" for row in origins)
        mine = [a for a in (self.known.pop(key, None) for key in ids) if a is not None]
        first = {a.transaction_type: a.id for a in reversed(mine)}
        return Backed(first.get(COST), first.get(UNBILLED))

    def alike(self, line: LabourLine) -> Backed:
        return self._taken(line, is_exact=True)

    def of_other_quantity(self, line: LabourLine) -> Backed:
        return self._taken(line, is_exact=False) if line.is_approved else NOT_BACKED

    def _taken(self, line: LabourLine, *, is_exact: bool) -> Backed:
        """Sales are those of the cost, since several payers may share them."""
        cost = self._first(COST, line, is_exact)
        sold = [self.known.pop(key).id for key in (self.links.sold(cost) if cost else ())
                if key in self.known]  # fmt: skip
        return Backed(cost, sold[0] if sold else self._first(UNBILLED, line, is_exact))

    def _first(self, type_: str, line: LabourLine, is_exact: bool) -> str | None:
        key = (line.transaction_class, line.day, line.resource)
        for id in self.tables[type_].get(key, ()):
            one = self.known.get(id)
            if one is not None and one.work_order == line.work_order and (
                not is_exact or _is_of(one, line)
            ):
                return self.known.pop(id).id
        return None

    def elsewhere(self, line: LabourLine, records: Records) -> Backed:
        """Of an approved entry: actuals without a work order, which no story of one has."""
        if not line.is_approved or line.resource is None:
            return NOT_BACKED
        told = [
            a for a in records.where(Actual, "resource", line.resource)
            if a.work_order is None and a.transaction_class == line.transaction_class
            and self._is_live(a) and _is_of(a, line) and self.day_of(a) == line.day
        ]  # fmt: skip
        first = {a.transaction_type: a.id for a in reversed(told)}
        is_told = any(a.id in self.known for a in told)
        return Backed(first.get(COST), first.get(UNBILLED), is_told) if told else NOT_BACKED


def _is_of(actual: Actual, line: LabourLine) -> bool:
    return (actual.quantity or Decimal(0)).quantize(CENT) == line.quantity.quantize(CENT)


def labour_findings(
    lines: Iterable[LabourLine], backed: Mapping[str, Backed]
) -> Iterator[Finding]:
    """LAB705: approved, but actuals are missing. LAB707: not approved, but actuals are live."""
    for line in lines:
        one = backed.get(line.record, NOT_BACKED)
        kind = "time entry" if line.transaction_class == "time" else "expense"
        if line.is_approved:
            lacks = [name for name, is_there in (
                ("cost", one.cost), ("unbilled sales", one.sales or line.sales is None),
            ) if not is_there]  # fmt: skip
            if lacks:
                yield sourced_finding(
                    "LAB705", line.record,
                    f"the {kind} is {line.status}, and actuals are missing: {', '.join(lacks)}",
                    "Look for a failed approval, or for actuals that were not exported; until "
                    "then it counts at the price of its role or category.",
                    "domain E2", ("day", line.day), ("quantity", line.quantity),
                    ("sales", line.sales.extended if line.sales is not None else None),
                )  # fmt: skip
        elif one != NOT_BACKED and line.status != RECALL_REQUESTED:
            yield sourced_finding(
                "LAB707", line.record,
                f"the {kind} is {line.status or 'of no status'}, and its actuals are not reversed",
                "Recall or cancel the approval, which reverses them; what stands on an invoice "
                "needs a corrective invoice with full credit first.",
                "domain E10, R-157", ("actuals", ", ".join(a for a in (one.cost, one.sales) if a)),
            )  # fmt: skip
