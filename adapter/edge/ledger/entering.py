"""Plans enter the ledger: a batch for each document, a step for each row."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, and_, delete, exists, insert, select, update

from adapter.edge.ledger.rows import Entered, LedgerError
from adapter.edge.ledger.store import Store
from adapter.edge.ledger.tables import BATCH, PLAN, STEP
from adapter.making.steps import Consignment, Step

ASK_FIRST = "ask_first"  # a ledger that was restored does not know all that was sent
STEP_FIELDS = Step.__struct_fields__
FAR = 1 << 50  # milliseconds: nobody's turn, until a person says so
NOT_ASKED = "not asked for yet: its plan is sent in part"
BATCH_FIELDS = ("kind", "company", "environment", "system", "delivery")


class Entering(Store):
    """What is to be sent."""

    def enter(
        self, plan_id: str, consignments: Iterable[Consignment],
        asked: Collection[str] | None = None,
    ) -> Entered:  # fmt: skip
        """Batches and steps of a plan that was noted, as planned. Entering twice changes nothing.

        A consignment with a row that another document holds is left out and named. `asked`: the
        documents that may leave; the others wait for `go_on`. Raises LedgerError when the plan
        was not noted.
        """
        batches = steps = known = 0
        conflicts: list[str] = []
        with self.writing() as db:
            self.alone(db)  # two instances that enter the same plan
            now = self.time(db)
            if db.execute(select(PLAN.c.id).where(PLAN.c.id == plan_id)).first() is None:
                raise LedgerError(f"plan {plan_id} was never noted in this ledger")
            seq = db.execute(select(BATCH.c.seq).order_by(BATCH.c.seq.desc()).limit(1)).scalar()
            seq = seq or 0
            for one in consignments:
                self._forget_expected(db, one)
                clashes, there = self._clashes(db, one)
                if clashes:
                    conflicts += clashes
                    continue
                known += len(there)
                new = [step for step in one.steps if step.key not in there]
                if not new:
                    continue
                seq += 1
                may_leave = asked is None or one.document in asked
                self._insert(db, plan_id, one, new, seq, now, may_leave)
                batches += 1
                steps += len(new)
            db.execute(update(PLAN).where(PLAN.c.id == plan_id).values(entered=now))
            self.chain(db, "entered", plan_id, {"batches": batches, "steps": steps,
                                                "conflicts": len(conflicts)})  # fmt: skip
        return Entered(batches=batches, steps=steps, known=known, conflicts=tuple(conflicts))

    def go_on(self, batches: Sequence[str]) -> None:
        """Let documents leave that were entered and not asked for."""
        with self.writing() as db:
            now = self.time(db)
            for start in range(0, len(batches), 500):
                db.execute(
                    update(BATCH).where(BATCH.c.id.in_(batches[start : start + 500]),
                                        BATCH.c.next_at >= FAR, BATCH.c.because == NOT_ASKED)
                    .values(next_at=now, because="")
                )  # fmt: skip

    def _forget_expected(self, db: Connection, one: Consignment) -> None:
        """Rows that were only expected, never ours to send: the newer plan has them."""
        keys = [step.key for step in one.steps]
        mine = select(BATCH.c.id).where(BATCH.c.state == "expected")
        batches = {one.document}
        for start in range(0, len(keys), 500):
            some = and_(STEP.c.key.in_(keys[start : start + 500]), STEP.c.batch.in_(mine))
            batches |= set(db.execute(select(STEP.c.batch).where(some)).scalars())
            db.execute(delete(STEP).where(some))
        for batch in batches & set(db.execute(mine.where(BATCH.c.id.in_(batches))).scalars()):
            lines = and_(STEP.c.batch == batch, STEP.c.part != "header")
            left = db.execute(select(STEP.c.key).where(lines).limit(1)).first()
            if batch == one.document or left is None:
                db.execute(delete(STEP).where(STEP.c.batch == batch))
                db.execute(delete(BATCH).where(BATCH.c.id == batch))

    def _clashes(self, db: Connection, one: Consignment) -> tuple[list[str], set[str]]:
        """Keys that another document holds, and those that this one has. Withdrawn rows are
        forgotten, and a document that had no others: it is entered anew.
        """
        keys = [step.key for step in one.steps]
        clashes: list[str] = []
        there: set[str] = set()
        withdrawn: list[str] = []
        for start in range(0, len(keys), 500):
            for row in db.execute(
                select(STEP.c.key, STEP.c.batch, STEP.c.withdrawn)
                .where(STEP.c.key.in_(keys[start : start + 500]))
            ):  # fmt: skip
                if row.withdrawn:
                    withdrawn.append(row.key)
                elif row.batch == one.document:
                    there.add(row.key)
                else:
                    clashes.append(row.key)
        if there and len(there) < len(keys) and not self._goes_alike(db, one):
            clashes += there  # what is there went another way: nothing may be added to it
        if not clashes:
            for start in range(0, len(withdrawn), 500):
                db.execute(delete(STEP).where(STEP.c.key.in_(withdrawn[start : start + 500])))
        return clashes, there

    def _goes_alike(self, db: Connection, one: Consignment) -> bool:
        """Whether the document of this key goes where the consignment would."""
        row = db.execute(select(BATCH).where(BATCH.c.id == one.document)).first()
        return row is not None and all(getattr(row, n) == getattr(one, n) for n in BATCH_FIELDS)

    def _insert(
        self, db: Connection, plan_id: str, one: Consignment, new: Sequence[Step], seq: int,
        now: int, may_leave: bool,
    ) -> None:  # fmt: skip
        """The document with these rows; one that is there (rows of it were withdrawn, and are
        planned anew) is opened again for them.
        """
        is_expected = one.delivery == "validate-only"
        opened = {"plan": plan_id, "seq": seq, "state": "expected" if is_expected else "open",
                  "next_at": now if may_leave else FAR,
                  "because": "" if may_leave else NOT_ASKED}  # fmt: skip
        here = BATCH.c.id == one.document
        is_there = db.execute(select(BATCH.c.id).where(here)).first() is not None
        if is_there and len(new) == len(one.steps):  # it has no other rows: as if never entered
            is_there = not db.execute(delete(BATCH).where(
                here, ~exists(select(STEP.c.key).where(STEP.c.batch == one.document))
            )).rowcount  # fmt: skip
        if is_there:
            db.execute(update(BATCH).where(here).values(**opened, attempts=0))
        else:
            db.execute(insert(BATCH).values(
                id=one.document, name=one.name, lane=one.lane, entered=now, **opened,
                **{name: getattr(one, name) for name in BATCH_FIELDS},
            ))  # fmt: skip
        values = []
        restored = None if is_expected else self.meta(db, ASK_FIRST)
        begins = {"state": "planned", "intended": 0}
        if restored is not None:
            begins = {"state": "unknown", "intended": int(restored)}
        for step in new:
            row: dict[str, Any] = {name: getattr(step, name) for name in STEP_FIELDS}
            row["keys"], row["links"] = json_of(step.keys), json_of(step.links)
            values.append({**row, "batch": one.document, **begins})
        db.execute(insert(STEP), values)


def json_of(value: object) -> str:
    """A value as text of the ledger, names sorted."""
    return msgspec.json.encode(value).decode()
