"""What operators and the next plan ask of the ledger: plans, gates, pauses, parked steps, sent."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from typing import Any

import msgspec
from sqlalchemy import and_, case, delete, func, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.elements import ColumnElement

from adapter.edge.ledger.chain import keys_digest
from adapter.edge.ledger.rows import (
    DecisionNote,
    LedgerError,
    PinnedElsewhere,
    PlanNote,
    ReadBack,
    StepRow,
)
from adapter.edge.ledger.statements import RECONCILE_ONLY
from adapter.edge.ledger.tables import (
    BATCH,
    DECISION,
    GATE,
    IS_DOUBTFUL,
    IS_PARKED,
    META,
    PAUSE,
    PLAN,
    STEP,
)
from adapter.edge.ledger.work import Work
from adapter.making.compared import GONE
from adapter.making.steps import DONE
from adapter.making.workspace import SentLine

PIN = "pin:"
ACCEPTED = "#accepted"  # among the columns of an answer: no column is called so
EVERYTHING = "*"  # the scope of a pause of all companies
IS_GONE = f'"{ACCEPTED}":"{GONE}"'  # in an answer, as `accept` writes it


def scope_name(scope: str) -> str:
    """What a pause is of, as people say it."""
    return "everything" if scope == EVERYTHING else scope


class Standing(Work):
    """The ledger as people see it."""

    def pin(self, name: str, value: str) -> None:
        """Tie the ledger to one organisation or host. Raises PinnedElsewhere for another."""
        with self.writing() as db:
            self.alone(db)  # two instances that begin at once
            stored = self.meta(db, PIN + name)
            if stored is None:
                self.set_meta(db, PIN + name, value)
                self.chain(db, "pinned", name, {"value": value})
            elif stored != value:
                raise PinnedElsewhere(name, stored, value)

    def pins(self) -> dict[str, str]:
        """What the ledger is tied to."""
        with self.reading() as db:
            rows = db.execute(select(META).where(META.c.name.startswith(PIN)))
            return {row.name[len(PIN) :]: row.value for row in rows}

    def note_plan(self, note: PlanNote, decisions: Sequence[DecisionNote] = ()) -> None:
        """Remember a plan that was made; the same id again changes nothing."""
        with self.writing() as db:
            self.alone(db)
            if db.execute(select(PLAN.c.id).where(PLAN.c.id == note.id)).first() is not None:
                return
            db.execute(insert(PLAN).values(
                id=note.id, as_of=note.as_of, headline=note.headline, noted=self.time(db),
                inputs=msgspec.json.encode(note.inputs, order="sorted").decode(),
            ))  # fmt: skip
            if decisions:
                db.execute(insert(DECISION),
                           [{"plan": note.id, **msgspec.structs.asdict(d)} for d in decisions])
            self.chain(db, "planned", note.id, {"as_of": note.as_of, "actuals": len(decisions)})

    def plan(self, id: str) -> PlanNote | None:
        """A plan that was noted."""
        return self._plan(PLAN.c.id == id)

    def latest_plan(self) -> PlanNote | None:
        """The plan that was noted last."""
        return self._plan(PLAN.c.noted >= 0)

    def _plan(self, where: ColumnElement[bool]) -> PlanNote | None:
        with self.reading() as db:
            row = db.execute(
                select(PLAN).where(where).order_by(PLAN.c.noted.desc(), PLAN.c.id).limit(1)
            ).first()
        if row is None:
            return None
        return PlanNote(id=row.id, as_of=row.as_of, headline=row.headline, noted_ms=row.noted,
                        entered_ms=row.entered, inputs=msgspec.json.decode(row.inputs))

    def gate(self, name: str) -> int:
        """Milliseconds until the gate opens; 0: it is open."""
        with self.reading() as db:
            at = db.execute(select(GATE.c.open_at).where(GATE.c.name == name)).scalar()
            return 0 if at is None else max(0, at - self.time(db))

    def close_gate(self, name: str, for_ms: int) -> None:
        """Let nobody through for a while; an earlier, longer closure stays."""
        with self.writing() as db:
            until = self.time(db) + for_ms
            kind = sqlite.insert if db.dialect.name == "sqlite" else postgresql.insert
            put: Any = kind(GATE).values(name=name, open_at=until)
            longest = case((put.excluded.open_at > GATE.c.open_at, put.excluded.open_at),
                           else_=GATE.c.open_at)  # fmt: skip
            db.execute(put.on_conflict_do_update(index_elements=["name"],
                                                 set_={"open_at": longest}))  # fmt: skip

    def pause(self, scope: str, because: str, who: str) -> None:
        """Stop sending for a company, or for all with `*`."""
        with self.writing() as db:
            self.alone(db)
            db.execute(delete(PAUSE).where(PAUSE.c.scope == scope))
            db.execute(insert(PAUSE).values(scope=scope, because=because, who=who,
                                            at=self.time(db)))  # fmt: skip
            self.chain(db, "paused", scope, {"because": because}, who)

    def resume(self, scope: str, because: str, who: str) -> bool:
        """Send again; False when nothing was paused."""
        with self.writing() as db:
            done = db.execute(delete(PAUSE).where(PAUSE.c.scope == scope)).rowcount
            self.chain(db, "resumed", scope, {"because": because, "was": bool(done)}, who)
        return bool(done)

    def paused(self, company: str) -> str | None:
        """Why nothing is sent for a company; None where it is."""
        with self.reading() as db:
            row = db.execute(
                select(PAUSE).where(or_(PAUSE.c.scope == company, PAUSE.c.scope == EVERYTHING))
                .limit(1)
            ).first()  # fmt: skip
        return None if row is None else f"{row.because} ({row.who})"

    def pauses(self) -> dict[str, str]:
        """All pauses, by scope."""
        with self.reading() as db:
            return {r.scope: f"{r.because} ({r.who})" for r in db.execute(select(PAUSE))}

    def steps(
        self, where: ColumnElement[bool] | None = None, *, withdrawn: bool = False
    ) -> list[StepRow]:
        """Steps that are not withdrawn (or those that are), in the order of their batches."""
        wanted = STEP.c.withdrawn == int(withdrawn)
        with self.reading() as db:
            found = self.steps_of(db, wanted if where is None else and_(wanted, where))
            return list(found)

    def document(self, batch: str) -> list[StepRow]:
        """The steps of one document."""
        return self.steps(STEP.c.batch == batch)

    def documents(self, batches: Sequence[str]) -> list[StepRow]:
        """The steps of some documents."""
        return self._steps_with(STEP.c.batch, batches)

    def steps_of_actuals(self, actuals: Sequence[str]) -> list[StepRow]:
        """The steps that carry these actuals."""
        return self._steps_with(STEP.c.actual, actuals)

    def steps_of_keys(self, keys: Sequence[str]) -> list[StepRow]:
        """The steps of these keys; one that was never entered has none."""
        return self._steps_with(STEP.c.key, keys)

    def _steps_with(self, column: ColumnElement[str], values: Sequence[str]) -> list[StepRow]:
        found: list[StepRow] = []
        for start in range(0, len(values), 500):
            found += self.steps(column.in_(values[start : start + 500]))
        return found

    def step(self, key: str) -> StepRow | None:
        """One step, by its key or the beginning of it; None unless exactly one fits."""
        found = self.steps(STEP.c.key.startswith(key, autoescape=True))
        return found[0] if len(found) == 1 else None

    def open_intents(self) -> list[StepRow]:
        """Steps of which nobody knows whether they took effect."""
        return self.steps(IS_DOUBTFUL)

    def parked(self) -> list[StepRow]:
        """Steps that wait for a person, oldest first."""
        return self.steps(IS_PARKED)

    def settle(self, rows: Sequence[ReadBack]) -> None:
        """Sent steps were read back. Raises LedgerError for one that was not sent."""
        with self.writing() as db:
            now = self.time(db)
            for row in rows:
                values: dict[str, Any] = {"settled": now, "state": "settled"}
                if row.park:
                    values = {"parked": row.park[:2000], "parked_at": now}
                elif row.reference:
                    values["reference"] = row.reference
                done = db.execute(
                    update(STEP).where(STEP.c.key == row.key,
                                       STEP.c.state.in_(DONE)).values(**values)
                )  # fmt: skip
                if done.rowcount != 1:
                    raise LedgerError(f"step {row.key} is not sent")
            for event, some in (
                ("parked", [r for r in rows if r.park]),
                ("settled", [r for r in rows if not r.park]),
            ):
                if some:
                    because = "; ".join(dict.fromkeys(r.park for r in some if r.park))[:2000]
                    self.chain(db, event, some[0].key if len(some) == 1 else f"{len(some)} rows",
                               {"because": because, "keys": keys_digest([r.key for r in some])})

    def sent(self) -> dict[str, SentLine]:
        """Lines that the next plan must not write again: everything entered and not withdrawn."""
        with self.reading() as db:
            rows = db.execute(
                select(STEP.c.key, STEP.c.source, STEP.c.sent, STEP.c.batch, STEP.c.amount,
                       STEP.c.currency, STEP.c.day, BATCH.c.name, BATCH.c.entered, PLAN.c.as_of,
                       STEP.c.answer.contains(IS_GONE, autoescape=True).label("gone"))
                .join(BATCH, STEP.c.batch == BATCH.c.id).join(PLAN, BATCH.c.plan == PLAN.c.id)
                .where(STEP.c.source != "", STEP.c.withdrawn == 0, BATCH.c.state != "expected")
            )
            return {
                row.key: SentLine(
                    key=row.key, digest=row.source, document=row.name, batch=row.batch,
                    on=_day(row.sent or row.entered), amount=row.amount, currency=row.currency,
                    as_of=date.fromisoformat(row.as_of) if row.as_of else None, day=row.day,
                    is_gone=bool(row.gone),
                )
                for row in rows
            }  # fmt: skip

    def counts(self) -> dict[str, int]:
        """Steps by state, and `parked` and `withdrawn` beside them.

        Rows that another program is to send are `expected`.
        """
        state = case((BATCH.c.state == "expected", "expected"), else_=STEP.c.state).label("state")
        with self.reading() as db:
            rows = db.execute(
                select(state, func.count().label("steps")).where(STEP.c.withdrawn == 0)
                .join(BATCH, STEP.c.batch == BATCH.c.id).group_by(state)
            ).all()  # fmt: skip
            parked = db.execute(
                select(func.count()).where(IS_PARKED, STEP.c.withdrawn == 0)
            ).scalar_one()
            withdrawn = db.execute(select(func.count()).where(STEP.c.withdrawn == 1)).scalar_one()
        return {**{row.state: row.steps for row in rows}, "parked": parked,
                "withdrawn": withdrawn}  # fmt: skip

    def batches(self) -> Iterator[dict[str, Any]]:
        """Every batch: where it stands and why it waits."""
        with self.reading() as db:
            for row in db.execute(select(BATCH).order_by(BATCH.c.seq)):
                yield dict(row._mapping)

    def reconcile_only(self) -> str | None:
        """Why a restored ledger sends nothing yet; None for any other."""
        with self.reading() as db:
            return self.meta(db, RECONCILE_ONLY)


def _day(ms: int) -> Any:
    return datetime.fromtimestamp(ms / 1000, UTC).date() if ms else None
