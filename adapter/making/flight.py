"""What is in flight when a company moves: one record each, and all of one kind together."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from msgspec import Struct, field

from adapter.making.fence import Fence
from adapter.reading.move_table import Change, Close, MoveTable, Never
from adapter.values.money import ZERO

NO_CLASS = "-"  # a proforma or a work order as a whole
SIDES = ("old", "new", "undated")


class Amount(Struct, frozen=True):
    """Money of one record: never added to another currency, type or class."""

    currency: str
    type: str
    klass: str
    amount: Decimal


class Flown(Struct, frozen=True, kw_only=True):
    """One record in flight. `day` is a company day; `is_priced`: no money of it is missing."""

    kind: str
    id: str
    name: str
    day: date | None = None
    money: tuple[Amount, ...] = ()
    is_priced: bool = True
    quantity: Decimal | None = None
    unit: str = ""
    product: str = ""  # quantities of different products are never added


class Placed(Struct, frozen=True, kw_only=True):
    """One record with its side of the fence."""

    record: Flown
    side: str


class Flight(Struct, frozen=True, kw_only=True):
    """All records of one kind, with what closes them and what changes for them."""

    kind: str
    title: str
    close: Close
    change: Change
    records: tuple[Placed, ...] = ()
    in_the_way: int = 0  # how many must be closed first

    @property
    def sides(self) -> dict[str, int]:
        """How many records stand on each side of the fence."""
        return {side: sum(1 for p in self.records if p.side == side) for side in SIDES}

    @property
    def oldest(self) -> date | None:
        """The first day of any of them."""
        return min((p.record.day for p in self.records if p.record.day), default=None)

    @property
    def unpriced(self) -> int:
        """Records of which some money is not known."""
        return sum(1 for p in self.records if not p.record.is_priced)

    @property
    def money(self) -> list[tuple[Amount, int]]:
        """Sums per currency, type and class, each with its number of records."""
        sums: dict[tuple[str, str, str], list[Decimal]] = {}
        for placed in self.records:
            for one in placed.record.money:
                sums.setdefault((one.currency, one.type, one.klass), []).append(one.amount)
        return [(Amount(*key, sum(all_, ZERO)), len(all_)) for key, all_ in sorted(sums.items())]

    @property
    def quantities(self) -> list[tuple[str, str, Decimal]]:
        """Sums per product and unit; product "" for what is none, such as hours."""
        sums: dict[tuple[str, str], Decimal] = {}
        for placed in self.records:
            one = placed.record
            if one.quantity is not None:
                key = (one.product, one.unit)
                sums[key] = sums.get(key, ZERO) + one.quantity
        return [(product, unit, quantity) for (product, unit), quantity in sorted(sums.items())]


def flights(
    found: Iterable[Flown], kinds: Iterable[tuple[str, str, Close, Change]], fence: Fence,
    is_moved: bool,
) -> list[Flight]:  # fmt: skip
    """The records by kind (name, title, close, change); kinds that are not asked for are not told.

    Once the company has moved, what is dated on or after the fence is the new model's own work
    and never in the way.
    """
    by_kind: dict[str, list[Placed]] = {}
    for one in found:
        by_kind.setdefault(one.kind, []).append(Placed(record=one, side=fence.side(one.day)))
    return [
        Flight(kind=kind, title=title, close=close, change=change,
               records=(mine := tuple(sorted(by_kind.get(kind, ()), key=_order))),
               in_the_way=sum(1 for p in mine if _is_in_the_way(p.side, close.must, is_moved)))
        for kind, title, close, change in kinds
    ]  # fmt: skip


class Absent(Struct, frozen=True, kw_only=True):
    """A kind that cannot be in flight in the old model; `records` are there all the same."""

    kind: str
    title: str
    never: Never
    records: int = 0


def absences(found: Iterable[Flown], table: MoveTable, source: str) -> list[Absent]:
    """The kinds that the old model cannot have, each with the reason."""
    counts: dict[str, int] = {}
    for one in found:
        counts[one.kind] = counts.get(one.kind, 0) + 1
    return [
        Absent(kind=row.name, title=row.title, never=never, records=counts.get(row.name, 0))
        for row in table.kind
        if source not in row.models and (never := table.never_of(row.name, source)) is not None
    ]


def _order(placed: Placed) -> tuple[date, str, str]:
    one = placed.record
    return (one.day or date.max, one.name, one.id)


def _is_in_the_way(side: str, must: str, is_moved: bool) -> bool:
    if must == "none":
        return False
    return side != "new" or (must == "all" and not is_moved)


Key = tuple[str, str, str]  # currency, type, class


class Sums(Struct, kw_only=True):
    """Records and money by currency, transaction type and transaction class."""

    records: dict[Key, int] = field(default_factory=dict)
    money: dict[Key, Decimal] = field(default_factory=dict)

    def take(self, key: Key, amount: Decimal | None) -> None:
        """Count one record; one without amount has no money."""
        self.records[key] = self.records.get(key, 0) + 1
        self.money[key] = self.money.get(key, ZERO) + (amount or ZERO)


class ProofLine(Struct, frozen=True, kw_only=True):
    """One currency, type and class: what there was, and what each model has of it."""

    currency: str
    type: str
    klass: str
    before: tuple[int, Decimal]
    stays: tuple[int, Decimal]
    goes: tuple[int, Decimal]

    @property
    def agrees(self) -> bool:
        """Whether before = stays + goes, in records and in money."""
        records = self.stays[0] + self.goes[0]
        return self.before == (records, self.stays[1] + self.goes[1])


class Proof(Struct, frozen=True, kw_only=True):
    """That nothing is lost and nothing is on both sides; `faults` say what stands against it."""

    lines: tuple[ProofLine, ...] = ()
    faults: tuple[str, ...] = ()

    @property
    def agrees(self) -> bool:
        """Whether every line agrees and nothing stands against it."""
        return not self.faults and all(line.agrees for line in self.lines)


def prove(before: Sums, stays: Sums, goes: Sums, faults: Iterable[str] = ()) -> Proof:
    """before = stays + goes, line by line; currencies, types and classes are never added."""
    keys = sorted({*before.records, *stays.records, *goes.records})

    def part(sums: Sums, key: Key) -> tuple[int, Decimal]:
        return sums.records.get(key, 0), sums.money.get(key, ZERO)

    lines = tuple(
        ProofLine(currency=key[0], type=key[1], klass=key[2], before=part(before, key),
                  stays=part(stays, key), goes=part(goes, key))
        for key in keys
    )  # fmt: skip
    apart = [f"{line.currency} {line.type} {line.klass}: before is not what stays and what goes"
             for line in lines if not line.agrees]  # fmt: skip
    return Proof(lines=lines, faults=(*apart, *faults))
