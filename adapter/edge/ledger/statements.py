"""The statements of the hot path, made once: every call to the other side runs each of them."""

from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import (
    JSON,
    Select,
    Text,
    Update,
    and_,
    bindparam,
    cast,
    exists,
    func,
    insert,
    literal_column,
    or_,
    select,
    update,
)

from adapter.edge.ledger.rows import MOVES
from adapter.edge.ledger.tables import AUDIT, BATCH, GATE, META, PAUSE, STEP
from adapter.making.steps import Step

STEP_FIELDS = Step.__struct_fields__
_FROM_OPEN = [state for state, to in MOVES.items() if "sent" in to and "refused" in to]
_MINE = (BATCH.c.id == bindparam("batch"), BATCH.c.fence == bindparam("of"),
         BATCH.c.holder == bindparam("by"))  # fmt: skip
_PAUSED = (
    select(func.min(PAUSE.c.because + " (" + PAUSE.c.who + ")"))
    .where(or_(PAUSE.c.scope == "*", PAUSE.c.scope == bindparam("company"))).scalar_subquery()
)  # fmt: skip
_OPEN_AT = select(GATE.c.open_at).where(GATE.c.name == bindparam("gate")).scalar_subquery()

RECONCILE_ONLY = "reconcile_only"
_AHEAD = BATCH.alias("ahead")
_HAS_AHEAD = exists().where(and_(_AHEAD.c.lane == BATCH.c.lane, _AHEAD.c.state == "open",
                                 _AHEAD.c.seq < BATCH.c.seq))  # fmt: skip
_HAS_PAUSE = exists(
    select(PAUSE.c.scope).where(or_(PAUSE.c.scope == "*", PAUSE.c.scope == BATCH.c.company))
)
_IS_RESTORED = exists(select(META.c.name).where(META.c.name == RECONCILE_ONLY))
# Open, due, nobody's, head of its lane, not paused, and the ledger is not restored.
_IS_READY = and_(
    BATCH.c.state == "open", BATCH.c.next_at <= bindparam("now"),
    BATCH.c.lease_until <= bindparam("now"), ~_HAS_AHEAD, ~_HAS_PAUSE, ~_IS_RESTORED,
)  # fmt: skip
READY = select(BATCH.c.id).where(_IS_READY).order_by(BATCH.c.seq)
HEADS = select(BATCH.c.next_at, BATCH.c.lease_until).where(BATCH.c.state == "open", ~_HAS_AHEAD)
CLAIM = (
    update(BATCH).where(BATCH.c.id == bindparam("batch"), _IS_READY)
    .values(fence=BATCH.c.fence + 1, holder=bindparam("by"), lease_until=bindparam("until"))
    .returning(BATCH)
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
# Of one batch that is known: nothing of it comes again with each of its steps.
STEPS_OF_BATCH = (
    select(*(STEP.c[name] for name in STEP_FIELDS), *OF_STEP)
    .where(STEP.c.batch == bindparam("batch")).order_by(STEP.c.number)
)  # fmt: skip

# Whether something of a batch may leave now: its lease, why it is paused, when its gate opens.
@cache
def may_leave(clock: str) -> Select[Any]:
    """The question by a database's clock, whose word comes with it."""
    return select(
        literal_column(clock).label("now"), BATCH.c.lease_until, _PAUSED.label("paused"),
        _OPEN_AT.label("open_at"),
    ).where(BATCH.c.id == bindparam("batch"))  # fmt: skip


RENEW = update(BATCH).where(*_MINE).values(lease_until=bindparam("until"), because="")
TELL = update(BATCH).where(*_MINE).values(because="")
_OF_BATCH = and_(STEP.c.batch == bindparam("batch"), STEP.c.withdrawn == 0)
A_PARKED = select(STEP.c.key).where(_OF_BATCH, STEP.c.parked != "").limit(1)
# Released or entered while a worker held the batch: it has not seen them.
A_LATE = (
    select(STEP.c.key)
    .where(_OF_BATCH, STEP.c.parked == "",
           or_(*(STEP.c.state == state for state in ("planned", "intended", "unknown"))))
    .limit(1)
)
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
    """Statements about the rows of a batch, `told` in one JSON table: key to reference."""

    intend: Update
    record: Update


@cache
def of_rows(dialect: str) -> OfRows:
    """One statement for many rows: the driver would run one for each, and each time the threads
    of this process would queue anew.
    """
    given: Any = bindparam("told", type_=Text)
    each = func.json_each(given) if dialect == "sqlite" else func.json_each_text(cast(given, JSON))
    told = each.table_valued("key", "value", name="told")
    # Rows are found by their keys and not by their batch: that may have thousands more.
    mine = and_(STEP.c.key == told.c.key, STEP.c.batch.concat("") == bindparam("b"))
    is_open = or_(*(STEP.c.state == state for state in _FROM_OPEN))
    return OfRows(
        intend=update(STEP)
        .where(mine, STEP.c.state == "planned", STEP.c.parked == "", STEP.c.withdrawn == 0)
        .values(state="intended", intended=bindparam("at"), fence=bindparam("of")),
        record=update(STEP)
        .where(mine, is_open)
        .values(state=bindparam("s"), reference=told.c.value, answer=bindparam("a"),
                code=bindparam("c"), message=bindparam("m"), sent=bindparam("t"),
                parked=bindparam("p"), parked_at=bindparam("q")),
    )  # fmt: skip
