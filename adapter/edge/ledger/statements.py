"""The statements of the hot path, made once: every call to the other side runs each of them."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, Dialect, Update, bindparam, func, insert, or_, select, update

from adapter.edge.ledger.rows import MOVES
from adapter.edge.ledger.tables import AUDIT, BATCH, GATE, PAUSE, STEP

_FROM_OPEN = [state for state, to in MOVES.items() if "sent" in to and "refused" in to]
_MINE = (BATCH.c.id == bindparam("batch"), BATCH.c.fence == bindparam("of"),
         BATCH.c.holder == bindparam("by"))  # fmt: skip
_PAUSED = (
    select(func.min(PAUSE.c.because + " (" + PAUSE.c.who + ")"))
    .where(or_(PAUSE.c.scope == "*", PAUSE.c.scope == bindparam("company"))).scalar_subquery()
)  # fmt: skip
_OPEN_AT = select(GATE.c.open_at).where(GATE.c.name == bindparam("gate")).scalar_subquery()

# Whether something of a batch may leave now: its lease, why it is paused, when its gate opens.
MAY_LEAVE = select(
    BATCH.c.lease_until, _PAUSED.label("paused"), _OPEN_AT.label("open_at")
).where(BATCH.c.id == bindparam("batch"))
RENEW = update(BATCH).where(*_MINE).values(lease_until=bindparam("until"))
TELL = update(BATCH).where(*_MINE).values(because=bindparam("why"))
INTEND = (
    update(STEP)
    .where(STEP.c.key == bindparam("k"), STEP.c.batch == bindparam("b"),
           STEP.c.state == "planned", STEP.c.parked == "")
    .values(state="intended", intended=bindparam("at"), fence=bindparam("f"))
)  # fmt: skip
RECORD = (
    update(STEP)
    .where(STEP.c.key == bindparam("k"), STEP.c.batch == bindparam("b"),
           or_(*(STEP.c.state == state for state in _FROM_OPEN)))
    .values(state=bindparam("s"), reference=bindparam("r"), answer=bindparam("a"),
            code=bindparam("c"), message=bindparam("m"), sent=bindparam("t"),
            parked=bindparam("p"), parked_at=bindparam("q"))
)  # fmt: skip
LAST_LINK = select(AUDIT.c.seq, AUDIT.c.digest).order_by(AUDIT.c.seq.desc()).limit(1)
ADD_LINK = insert(AUDIT)


def run_many(
    connection: Connection, statement: Update, rows: Sequence[Mapping[str, object]]
) -> int:
    """Run a statement once for each row of values; how many rows of the table it changed."""
    sql, names, given = _compiled(connection.dialect, statement)
    each: Any = [{**given, **row} for row in rows]
    if names is not None:
        each = [tuple(row[name] for name in names) for row in each]
    return connection.exec_driver_sql(sql, each).rowcount


@cache
def _compiled(
    dialect: Dialect, statement: Update
) -> tuple[str, tuple[str, ...] | None, dict[str, object]]:
    """Text for the driver, the order of its values (None: by name), values that never change."""
    made: Any = statement.compile(dialect=dialect)
    given = {name: value for name, value in made.params.items() if value is not None}
    return str(made), tuple(made.positiontup) if made.positiontup else None, given
