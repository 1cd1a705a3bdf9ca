"""Both sides beside the ledger: what was sent, what is there, and where they part.

expected + ghost = found + missing, in rows and (with what found rows say otherwise) in money, per
company, kind of document, side (cost, sales), currency, class and day: the same usage stands in a
journal and in a proforma, and cost is never added to sales. Five buckets hold what is not simply
equal: missing, ghost (there, and no step of ours knows it), duplicate, different and explained,
different and unexplained.
"""

from collections.abc import Iterable, Mapping, Sequence, Set
from decimal import Decimal
from typing import Literal, NamedTuple

from msgspec import Struct, field

from adapter.making.compared import GONE, Difference, differences, mark_of, money_more
from adapter.making.copies import Copy
from adapter.making.steps import UNDONE, State, Step
from adapter.reading.reconcile_table import Reason
from adapter.reading.setting_bounds import FILES
from adapter.values.money import ZERO

Bucket = Literal["equal", "missing", "ghost", "duplicate", "explained", "unexplained"]
BUCKETS: tuple[Bucket, ...] = (
    "equal", "missing", "ghost", "duplicate", "explained", "unexplained",
)  # fmt: skip
DELETED = "a person deleted it, or it never arrived"
NOT_YET = "no row of the vendor's says what it says"
NOT_IMPORTED = "not imported yet: no row there has its key"
NOBODYS = "no step of this ledger knows it: another program, a restored ledger, or a copy"
NO_COLUMNS: Mapping[tuple[str, str], Set[str]] = {}
COST = ("cost", "resourcing-unit-cost")  # sides and transaction types


class Group(NamedTuple):
    """What sums are kept apart by. `kind` of document; `side`: cost, sales, or none."""

    company: str
    kind: str = ""
    side: str = ""
    currency: str = ""
    klass: str = ""
    day: str = ""


class Expected(Struct, frozen=True, kw_only=True):
    """A step with its state, and what asking for it gave: rows on the other side."""

    step: Step
    state: State
    parked: str = ""
    is_expected: bool = False  # another program is to send it: validate only
    accepted: str = ""  # mark of what a person accepted
    why: str = ""  # and why
    rows: tuple[Mapping[str, object], ...] = ()
    is_known: bool = True  # False: the other side did not answer
    kind: str = ""  # of its document
    delivery: str = ""
    blind: str = ""  # why nobody can see whether it is there
    odd: str = ""  # why it is wrong although it says what was sent
    is_above: bool = False  # a header that the vendor numbers: its lines stand for it
    changed: tuple[Difference, ...] | None = None  # of a row found by content: what differs

    @property
    def group(self) -> Group:
        """Where its money is counted."""
        step = self.step
        return Group(step.company, self.kind, side_of(self.kind, step.type), step.currency,
                     step.klass, step.day)  # fmt: skip


class Ghost(Struct, frozen=True, kw_only=True):
    """A row on the other side that carries our trace, and that no step knows."""

    entity: str
    key: str
    company: str = ""
    amount: str = ""
    currency: str = ""
    row: Mapping[str, object] = {}
    why: str = NOBODYS


class Row(Struct, frozen=True, kw_only=True):
    """One line of the reconciliation that is not simply equal."""

    bucket: Bucket
    key: str
    entity: str
    company: str
    actual: str = ""
    amount: str = ""
    currency: str = ""
    differences: tuple[Difference, ...] = ()
    why: str = ""
    delivery: str = ""


class Sums(Struct, kw_only=True):
    """Rows and money of one group, by bucket, and of both sides as a whole."""

    rows: dict[str, int] = field(default_factory=lambda: dict.fromkeys(BUCKETS, 0))
    money: dict[str, Decimal] = field(default_factory=lambda: dict.fromkeys(BUCKETS, ZERO))
    expected: int = 0
    found: int = 0
    expected_money: Decimal = ZERO
    found_money: Decimal = ZERO
    changed_money: Decimal = ZERO  # how much more (or less) found rows say than was sent


class Reconciliation(Struct, kw_only=True):
    """The whole of it."""

    groups: dict[Group, Sums] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)
    unasked: int = 0  # the other side did not answer: nothing is known of these
    unseen: dict[str, int] = field(default_factory=dict)  # why nobody can see them -> rows
    doubtful: list[Row] = field(default_factory=list)  # of those, the ones that fit several rows
    above: int = 0  # headers that the vendor numbers
    outbox: dict[str, int] = field(default_factory=dict)  # our own files: unchanged or not
    waiting: int = 0  # planned or refused: not expected there yet
    accepted: int = 0  # a person deleted them, and another said that it is right
    retained: int = 0  # retention removed their text: nothing can be compared
    known: int = 0  # look like ours, and a person says that they are not
    unlooked: tuple[str, ...] = ()  # where ghosts could not be looked for, and why

    @property
    def counts(self) -> dict[str, int]:
        """Rows by bucket, over all groups."""
        return {b: sum(sums.rows[b] for sums in self.groups.values()) for b in BUCKETS}

    @property
    def is_balanced(self) -> bool:
        """Whether expected + ghost + extra = found + missing everywhere, in rows and money."""
        return all(
            s.expected + s.rows["ghost"] + s.rows["duplicate"] == s.found + s.rows["missing"]
            and s.expected_money + s.money["ghost"] + s.money["duplicate"] + s.changed_money
            == s.found_money + s.money["missing"]
            for s in self.groups.values()
        )

    @property
    def is_clean(self) -> bool:
        """Nothing missing, nothing too many, nothing unexplained, and everybody answered."""
        counts = self.counts
        is_seen = not self.unasked and not self.unlooked and not self.unseen
        return self.is_balanced and is_seen and not any(
            counts[b] for b in ("missing", "ghost", "duplicate", "unexplained")
        )


def reconcile(
    expected: Iterable[Expected], ghosts: Iterable[Ghost], reasons: Sequence[Reason],
    unlooked: Sequence[str] = (), copies: Iterable[Copy] = (),
    known: Set[str] = frozenset(), outbox: Mapping[str, int] | None = None,
    money: Mapping[tuple[str, str], Set[str]] = NO_COLUMNS, retained: int = 0,
) -> Reconciliation:  # fmt: skip
    """Sort every row into its bucket. Money is the actual's own, in its currency: of a copy, that
    of the row it is like. `known`: keys, in small letters, of rows that a person knows.
    `outbox`: rows by what our own files say. `money`: by set and part, the columns whose change
    changes the money of a row. `retained`: rows without their text, which are not among these.
    """
    made = Reconciliation(unlooked=tuple(unlooked), outbox=dict(outbox or {}), retained=retained)
    kinds: dict[str, str] = {}
    may_differ = {reason.column.lower(): reason for reason in reasons}
    for one in expected:
        kinds[one.step.key] = one.kind
        if one.state in UNDONE and not one.rows and not one.is_expected:
            made.waiting += 1
        elif one.is_above:
            made.above += 1
        elif one.blind:
            _unseen(made, one)
        elif one.is_known and not one.rows and one.accepted == GONE:
            made.accepted += 1
        elif not one.is_known:
            made.unasked += 1
        else:
            columns = money.get((one.step.entity, one.step.part), frozenset())
            _sort(made, one, may_differ, columns)
    for ghost in ghosts:
        if ghost.key.lower() in known:
            made.known += 1
            continue
        amount = Decimal(ghost.amount) if ghost.amount else ZERO
        group = Group(ghost.company, "(unknown)", "", ghost.currency, "(unknown)")
        sums = made.groups.setdefault(group, Sums())
        sums.found += 1
        sums.found_money += amount
        _put(made, sums, "ghost", amount, Row(
            bucket="ghost", key=ghost.key, entity=ghost.entity, company=ghost.company,
            amount=ghost.amount, currency=ghost.currency,
            why=ghost.why,
        ))  # fmt: skip
    gone = {row.key for row in made.rows if row.bucket == "missing"}
    for copy in copies:
        if copy.key.lower() in known:
            made.known += 1
        else:
            _suspect(made, copy, gone, kinds)
    return made


def side_of(kind: str, type: str) -> str:
    """Cost or sales, by kind of document and type of a step; "" where an older ledger kept the
    transaction type of a journal line instead.
    """
    if type in COST:
        return "cost"
    return "sales" if type == "sales" or kind not in ("journal", "") else ""


def _unseen(made: Reconciliation, one: Expected) -> None:
    made.unseen[one.blind] = made.unseen.get(one.blind, 0) + 1
    if one.is_expected and one.why:
        made.doubtful.append(_row(one, "missing", (), one.why))


def _suspect(
    made: Reconciliation, copy: Copy, gone: Set[str], kinds: Mapping[str, str]
) -> None:
    """A row that looks like one of ours. Nothing of it was sent by this ledger."""
    step = copy.of
    money = step.amount if step is not None else ""
    amount = Decimal(money) if money else ZERO
    kind = "" if step is None else kinds.get(step.key, "")
    group = Group(copy.company) if step is None else Group(
        copy.company, kind, side_of(kind, step.type), step.currency, step.klass, step.day
    )
    sums = made.groups.setdefault(group, Sums())
    sums.found += 1
    sums.found_money += amount
    why = f"suspected copy: {copy.why}"
    if step is not None and step.key in gone:
        why += "; that row is not there: sent again, both would be"
    _put(made, sums, "duplicate", amount, Row(
        bucket="duplicate", key=copy.key, entity=copy.entity, company=copy.company, why=why,
        actual="" if step is None else step.actual, amount=money, currency=group.currency,
    ))  # fmt: skip


def _sort(
    made: Reconciliation, one: Expected, may_differ: Mapping[str, Reason], columns: Set[str]
) -> None:
    step = one.step
    amount = Decimal(step.amount) if step.amount else ZERO
    sums = made.groups.setdefault(one.group, Sums())
    sums.expected += 1
    sums.expected_money += amount
    sums.found += len(one.rows)

    def row(bucket: Bucket, changed: tuple[Difference, ...] = (), why: str = "") -> Row:
        return _row(one, bucket, changed, why)

    if not one.rows:
        is_waiting = one.delivery == FILES and one.state == "sent"
        _put(made, sums, "missing", amount, row("missing", why=one.parked or (
            NOT_YET if one.is_expected else NOT_IMPORTED if is_waiting else DELETED)))
        return
    for extra in one.rows[1:]:
        there = amount + money_more(differences(step.body, extra), columns)
        sums.found_money += there
        _put(made, sums, "duplicate", there, row("duplicate", why="stands more than once"))
    changed = differences(step.body, one.rows[0]) if one.changed is None else one.changed
    more = money_more(changed, columns)
    sums.found_money += amount + more
    sums.changed_money += more
    if one.odd:
        _put(made, sums, "unexplained", amount, row("unexplained", changed, one.odd))
        return
    if not changed:
        _put(made, sums, "equal", amount, None)
        return
    if one.accepted == mark_of(changed):
        _put(made, sums, "explained", amount, row("explained", changed, one.why))
        return
    reasons = [may_differ.get(d.column.lower()) for d in changed]
    why = "; ".join(dict.fromkeys(r.why for r in reasons if r is not None))
    bucket: Bucket = "explained" if all(reasons) else "unexplained"
    _put(made, sums, bucket, amount, row(bucket, changed, why))


def _row(one: Expected, bucket: Bucket, changed: tuple[Difference, ...], why: str) -> Row:
    step = one.step
    return Row(bucket=bucket, key=step.key, entity=step.entity, company=step.company,
               actual=step.actual, amount=step.amount, currency=step.currency,
               differences=changed, why=why, delivery=one.delivery)  # fmt: skip


def _put(
    made: Reconciliation, sums: Sums, bucket: Bucket, amount: Decimal, row: Row | None
) -> None:
    sums.rows[bucket] += 1
    sums.money[bucket] += amount
    if row is not None:
        made.rows.append(row)
