"""What people say of single steps: hold it, let it go, take it back, take it as it is."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, update

from adapter.edge.ledger.keeping import GONE
from adapter.edge.ledger.rows import LedgerError, StepRow
from adapter.edge.ledger.standing import ACCEPTED, Standing
from adapter.edge.ledger.tables import BATCH, STEP
from adapter.making.steps import DONE, STATES, UNDONE, State

NONE: Mapping[str, str] = {}


def must_have_text(row: StepRow) -> None:
    """Raises LedgerError for a step whose text retention removed: it cannot be sent again."""
    if row.step.body == GONE:
        raise LedgerError(f"{row.step.key[:12]} cannot be sent again: retention removed its text. "
                          "`accept` takes it as it is there")  # fmt: skip


class Marking(Standing):
    """Steps on a person's word, each with the reason."""

    def park(self, key: str, because: str, who: str) -> None:
        """Hold one step, with a reason. Raises LedgerError for a key nobody knows."""
        self._mark(key, "parked", who, because, parked=because[:2000] or "parked")

    def release(self, key: str, because: str, who: str) -> None:
        """Let a parked step go on, with the key it always had. What was refused is planned
        again; what was sent is asked for first, and sent again only if it is gone.
        Raises LedgerError for a step that is not parked, or whose text retention removed.
        """
        row = self.step(key)
        if row is None or not row.parked:
            raise LedgerError(f"no parked step has the key {key}")
        must_have_text(row)
        values: dict[str, Any] = {"parked": ""}
        if row.state in ("refused", *DONE):
            state = "planned" if row.state == "refused" else "unknown"
            values |= {"state": state, "code": "", "message": "", "sent": 0, "settled": 0}
        self._mark(row.step.key, "released", who, because, **values)

    def withdraw(self, key: str, because: str, who: str, *along: str) -> None:
        """Take steps back that certainly had no effect, all or none of them, so that the next
        plan makes them anew. `along`: whole keys of rows that go with the first.

        Raises LedgerError for one that was sent, or of which nobody knows.
        """
        rows = [self.step(one) for one in (key, *along)]
        for one, row in zip((key, *along), rows, strict=True):
            if row is None or row.state not in UNDONE:
                state = "unknown to this ledger" if row is None else row.state
                raise LedgerError(f"step {one} is {state}: only what had no effect can be "
                                  "withdrawn")  # fmt: skip
        with self.writing() as db:
            for row in filter(None, rows):
                self._marked(db, row.step.key, "withdrawn", who, because, UNDONE, withdrawn=1)

    def _mark(self, key: str, event: str, who: str, because: str, **values: Any) -> None:
        with self.writing() as db:
            self._marked(db, key, event, who, because, **values)

    def _marked(
        self, db: Connection, key: str, event: str, who: str, because: str,
        only: Sequence[State] = STATES, **values: Any,
    ) -> None:  # fmt: skip
        now = self.time(db)
        done = db.execute(
            update(STEP).where(STEP.c.key == key, STEP.c.state.in_(only))
            .values(parked_at=now, **values).returning(STEP.c.batch)
        ).first()  # fmt: skip
        if done is None:
            raise LedgerError(f"no step has the key {key}, or it moved on just now")
        if event == "released":
            db.execute(
                update(BATCH).where(BATCH.c.id == done.batch, BATCH.c.state != "expected")
                .values(state="open", next_at=now, attempts=0)
            )  # fmt: skip
        self.chain(db, event, key, {"because": because}, who)

    def accept_row(
        self, key: str, mark: str, because: str, who: str, numbers: Mapping[str, str] = NONE
    ) -> None:
        """A person takes a row as it stands there now, or that it is gone: it is settled.

        `mark` stands for what was accepted; `numbers`: of a header, what rows below are linked
        by from now on. Raises LedgerError for a row that was not sent.
        """
        row = self.step(key)
        if row is None or row.state not in DONE:
            state = "unknown to this ledger" if row is None else row.state
            raise LedgerError(f"step {key} is {state}: only what was sent can be accepted")
        said = {**row.answer, **numbers, ACCEPTED: mark}
        answer = msgspec.json.encode(said, order="sorted").decode()
        self._mark(row.step.key, "accepted", who, because, parked="", state="settled",
                   answer=answer, message=because[:2000])  # fmt: skip
