"""The statements of the hot path, made once: every call to the other side runs each of them."""

from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import (
    JSON,
    BigInteger,
    Select,
    Text,
    Update,
    and_,
    bindparam,
    case,
    cast,
    exists,
    func,
    insert,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.sql.dml import ReturningUpdate
from sqlalchemy.sql.elements import ColumnElement

from adapter.edge.ledger.rows import MOVES
from adapter.edge.ledger.tables import AUDIT, BATCH, GATE, META, OPEN, PAUSE, STEP
from adapter.making.steps import Step

STEP_FIELDS = Step.__struct_fields__
_TABLES = ("keys", "links", "answer")  # columns that hold JSON
_NAMES = {name: f"{name}_ms" for name in ("intended", "sent", "settled")}  # in a StepRow
_NAMES_OF_BATCH = {"name": "document", "entered": "entered_ms"}
_FROM_OPEN = [state for state, to in MOVES.items() if "sent" in to and "refused" in to]
_MINE = (BATCH.c.id == bindparam("batch"), BATCH.c.fence == bindparam("of"),
         BATCH.c.holder == bindparam("by"))  # fmt: skip
_PAUSED = (
    select(func.min(PAUSE.c.because + " (" + PAUSE.c.who + ")"))
    .where(or_(PAUSE.c.scope == "*", PAUSE.c.scope == bindparam("company"))).scalar_subquery()
)  # fmt: skip
_OPEN_AT = select(GATE.c.open_at).where(GATE.c.name == bindparam("gate")).scalar_subquery()

_TO_DO = ("planned", "intended", "unknown")

RECONCILE_ONLY = "reconcile_only"
_AHEAD = BATCH.alias("ahead")
_HAS_AHEAD = exists().where(and_(_AHEAD.c.lane == BATCH.c.lane, _AHEAD.c.state == OPEN,
                                 _AHEAD.c.seq < BATCH.c.seq))  # fmt: skip
_HAS_PAUSE = exists(
    select(PAUSE.c.scope).where(or_(PAUSE.c.scope == "*", PAUSE.c.scope == BATCH.c.company))
)
_IS_RESTORED = exists(select(META.c.name).where(META.c.name == RECONCILE_ONLY))
_HEAD = (
    select(BATCH.c.lane, func.min(BATCH.c.seq).label("seq")).where(BATCH.c.state == OPEN)
    .group_by(BATCH.c.lane).subquery("head")
)  # fmt: skip
_OF_HEAD = and_(BATCH.c.lane == _HEAD.c.lane, BATCH.c.seq == _HEAD.c.seq)
HEADS = (
    select(BATCH.c.next_at, BATCH.c.lease_until).join(_HEAD, _OF_HEAD)
    .where(BATCH.c.state == OPEN)
)  # fmt: skip


class OfClock(NamedTuple):
    """Statements by a database's clock: nobody else's counts for leases and waits."""

    ready: Select[Any]
    claim: ReturningUpdate[Any]
    may_leave: Select[Any]  # whether something of a batch may: lease, pause, gate; and the time


@cache
def of_clock(clock: str) -> OfClock:
    """The statements of a clock; of none, they are told the time: `now`."""
    now: Any = literal_column(clock) if clock else bindparam("now", type_=BigInteger)
    # Open, due, nobody's, not paused, and the ledger is not restored.
    may_go = and_(BATCH.c.state == OPEN, BATCH.c.next_at <= now, BATCH.c.lease_until <= now,
                  ~_HAS_PAUSE, ~_IS_RESTORED)  # fmt: skip
    return OfClock(
        ready=select(BATCH.c.id).join(_HEAD, _OF_HEAD).where(may_go).order_by(BATCH.c.seq)
        .limit(bindparam("most")),
        claim=update(BATCH).where(BATCH.c.id == bindparam("batch"), may_go, ~_HAS_AHEAD)
        .values(fence=BATCH.c.fence + 1, holder=bindparam("by"),
                lease_until=now + bindparam("lease"))
        .returning(BATCH),
        may_leave=select(
            now.label("now"), BATCH.c.lease_until, _PAUSED.label("paused"),
            _OPEN_AT.label("open_at"),
        ).where(BATCH.c.id == bindparam("batch")),
    )  # fmt: skip


OF_STEP = (STEP.c.batch, STEP.c.state, STEP.c.reference, STEP.c.answer, STEP.c.code,
           STEP.c.message, STEP.c.parked, STEP.c.intended, STEP.c.sent, STEP.c.settled,
           STEP.c.withdrawn)  # fmt: skip
OF_BATCH = (BATCH.c.name, BATCH.c.environment, BATCH.c.system, BATCH.c.delivery, BATCH.c.kind,
            BATCH.c.entered)  # fmt: skip
# Steps with their state, in the order of their batches.
STEPS = (
    select(
        *(STEP.c[name] for name in STEP_FIELDS),
        *OF_STEP, *OF_BATCH,
    )
    .join(BATCH, STEP.c.batch == BATCH.c.id).order_by(BATCH.c.seq, STEP.c.number)
)  # fmt: skip
RENEW = update(BATCH).where(*_MINE).values(lease_until=bindparam("until"), because="")
TELL = update(BATCH).where(*_MINE).values(because="")
_LATE = and_(STEP.c.parked == "", or_(*(STEP.c.state == s for s in _TO_DO)))
# What is left of a batch: rows that wait for a person, and rows that could go (released or entered
# while a worker held the batch: it has not seen them).
LEFT = select(
    func.count(case((STEP.c.parked != "", 1))).label("parked"),
    func.count(case((_LATE, 1))).label("late"),
).where(STEP.c.batch == bindparam("batch"), STEP.c.withdrawn == 0)  # fmt: skip
GIVE_UP = (
    update(BATCH).where(*_MINE)
    .values(lease_until=0, next_at=bindparam("at"), because=bindparam("why"),
            attempts=bindparam("tries"))
)  # fmt: skip
FINISH = (
    update(BATCH).where(*_MINE)
    .values(lease_until=0, next_at=bindparam("at"), because=bindparam("why"), attempts=0,
            finished=bindparam("now"), state=bindparam("to"))
)  # fmt: skip
LAST_LINK = select(AUDIT.c.seq, AUDIT.c.digest).order_by(AUDIT.c.seq.desc()).limit(1)
ADD_LINK = insert(AUDIT)


class OfRows(NamedTuple):
    """Statements about the rows of a batch, each one text for all of them: a driver asked row by
    row gives its thread up with each.
    """

    claimed: Select[Any]  # a JSON list of rows as `StepRow` has them, in any order
    intend: Update  # `told` is a JSON table, key to reference
    record: Update


@cache
def of_rows(dialect: str) -> OfRows:
    """The statements of a dialect: sqlite or postgresql."""
    given: Any = bindparam("told", type_=Text)
    each = func.json_each(given) if dialect == "sqlite" else func.json_each_text(cast(given, JSON))
    told = each.table_valued("key", "value", name="told")
    # Rows are found by their keys and not by their batch: that may have thousands more.
    mine = and_(STEP.c.key == told.c.key, STEP.c.batch.concat("") == bindparam("b"))
    is_open = or_(*(STEP.c.state == state for state in _FROM_OPEN))
    return OfRows(
        claimed=_claimed(dialect == "sqlite"),
        intend=update(STEP)
        .where(mine, STEP.c.state == "planned", STEP.c.parked == "", STEP.c.withdrawn == 0)
        .values(state="intended", intended=bindparam("at"), fence=bindparam("of")),
        record=update(STEP)
        .where(mine, is_open)
        .values(state=bindparam("s"), reference=told.c.value, answer=bindparam("a"),
                code=bindparam("c"), message=bindparam("m"), sent=bindparam("t"),
                parked=bindparam("p"), parked_at=bindparam("q")),
    )  # fmt: skip


def _claimed(is_sqlite: bool) -> Select[Any]:
    def table(columns: Mapping[str, ColumnElement[Any]]) -> ColumnElement[Any]:
        pairs = [part for n, c in columns.items() for part in (literal_column(f"'{n}'"), c)]
        return func.json_object(*pairs) if is_sqlite else func.json_build_object(*pairs)

    def inner(text: ColumnElement[Any]) -> ColumnElement[Any]:
        return func.json(text) if is_sqlite else cast(text, JSON)

    def column(name: str) -> ColumnElement[Any]:
        return inner(STEP.c[name]) if name in _TABLES else STEP.c[name]

    row = table({
        "step": table({name: column(name) for name in STEP_FIELDS}),
        **{_NAMES.get(c.name, c.name): column(c.name) for c in OF_STEP},
        **{_NAMES_OF_BATCH.get(c.name, c.name): c for c in OF_BATCH},
    })  # fmt: skip
    every = func.json_group_array(row) if is_sqlite else func.json_agg(row)
    return (
        select(func.coalesce(cast(every, Text), "[]"))
        .join(BATCH, STEP.c.batch == BATCH.c.id).where(STEP.c.batch == bindparam("batch"))
    )  # fmt: skip
