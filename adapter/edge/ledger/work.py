"""Batches and steps: claiming, intending, recording, putting back.

A claim has a fence that only grows. Whoever writes with an older one writes nothing. All
leases and waits are compared with the database's clock, inside its statements.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec
from msgspec.structs import replace
from sqlalchemy import Connection, Update
from sqlalchemy.sql.elements import ColumnElement

from adapter.edge.ledger import statements
from adapter.edge.ledger.chain import keys_digest
from adapter.edge.ledger.entering import BATCH_FIELDS, FAR, Entering, json_of
from adapter.edge.ledger.rows import (
    TOLD_TO_WAIT,
    Claim,
    Halted,
    LedgerError,
    StaleFence,
    StepRow,
)
from adapter.making.steps import Receipt, Step

Told = tuple[str, Mapping[str, object]]  # what a link of the chain says


class _Recording(NamedTuple):
    """Receipts as they are recorded: made before the database is held, since others wait then."""

    alike: list[dict[str, str]]  # parameters of the statement, once for all receipts that agree
    rows: int
    detail: Mapping[str, object]  # of the link


class Work(Entering):
    """What workers ask of the ledger."""

    def ready(self, limit: int = 500) -> list[str]:
        """Batches that may be claimed now, oldest first."""
        with self.reading(once=True) as db:
            found = self.run(db, self._by_clock.ready, {**self._told_time(), "most": limit})
            return [row.id for row in found]

    def next_due(self) -> int | None:
        """Milliseconds until the head of some lane is due, or its lease ends; None if none is."""
        with self.reading() as db:
            now = self.time(db)
            rows = db.execute(statements.HEADS).all()
        return max(0, min(max(r.next_at, r.lease_until) for r in rows) - now) if rows else None

    def claim(self, batch: str, holder: str, lease_ms: int) -> Claim | None:
        """The batch with its steps and a new fence; None if it is not ready."""
        with self.writing() as db:
            taken = self.run(db, self._by_clock.claim, {
                **self._told_time(), "batch": batch, "by": holder, "lease": lease_ms,
            }).first()  # fmt: skip
        if taken is None:
            return None
        claim = Claim(
            batch=batch, fence=taken.fence, holder=holder, attempts=taken.attempts,
            name=taken.name, **{name: getattr(taken, name) for name in BATCH_FIELDS},
        )  # fmt: skip
        try:
            return replace(claim, steps=self._steps_of(batch))
        except LedgerError as error:  # nobody waits for a lease that nobody works under
            with suppress(LedgerError):
                self.put_back(claim, 0, count_attempt=False, because=str(error))
            raise

    def _steps_of(self, batch: str) -> tuple[StepRow, ...]:
        """The rows of a batch, in their order. What changes after the claim was not sent by it, and
        `intend` looks again.
        """
        with self.reading(once=True) as db:
            found = self.run(db, statements.of_rows(db.dialect.name).claimed,
                             {"batch": batch}).scalar_one()  # fmt: skip
        try:
            return tuple(sorted(_claimed_rows(found), key=_number))
        except msgspec.MsgspecError as error:
            raise LedgerError(f"batch {batch}: its rows are none of a ledger: {error}") from None

    def steps_of(self, db: Connection, where: ColumnElement[bool]) -> Iterator[StepRow]:
        """Steps with their state, in the order of their batches."""
        return _rows(db.execute(statements.STEPS.where(where)))

    def _hold(self, db: Connection, claim: Claim, statement: Update, **values: Any) -> None:
        """Write to the batch by the claim's fence. Raises StaleFence."""
        mine = {"batch": claim.batch, "of": claim.fence, "by": claim.holder}
        if self.run(db, statement, {**mine, **values}).rowcount != 1:
            raise StaleFence(f"batch {claim.batch}: another worker has it")

    def intend(
        self, claim: Claim, keys: Sequence[str], lease_ms: int, gate: str = "",
        receipts: Sequence[Receipt] = (),
    ) -> None:  # fmt: skip
        """Say, durably, that these steps are about to leave, and renew the lease.

        `receipts` of steps that left before are recorded in the same unit of work, also where
        nothing may leave now. Raises StaleFence when the lease ran out, so that nothing leaves
        under an old fence, and Halted while the company is paused or the gate is closed.
        """
        left, leaving = _recording(receipts), json_of(dict.fromkeys(keys, ""))
        about = {"steps": len(keys), "keys": keys_digest(keys), "fence": claim.fence}
        with self.writing() as db:
            now, stopped = self._stopped(db, claim, gate)
            told: list[Told] = []
            if stopped is None:
                self._hold(db, claim, statements.RENEW, until=now + lease_ms)
            elif receipts:
                self._hold(db, claim, statements.TELL)
            if receipts:
                told.append(self._record(db, claim, left, now))
            if stopped is None:
                self._intend(db, claim, leaving, len(keys), now)
                told.append(("intended", about))
            if told:
                self.links(db, told, claim.batch, claim.holder, now)
        if stopped is not None:
            raise stopped

    def _stopped(
        self, db: Connection, claim: Claim, gate: str
    ) -> tuple[int, StaleFence | Halted | None]:
        """The time, and why nothing of a batch may leave now; None if it may."""
        may = self.run(db, self._by_clock.may_leave, {
            **self._told_time(), "batch": claim.batch, "gate": gate, "company": claim.company,
        }).first()  # fmt: skip
        now = self.time(db) if may is None else int(may.now)
        if may is None or may.lease_until <= now:
            return now, StaleFence(f"batch {claim.batch}: the lease ran out")
        if may.paused is not None:
            return now, Halted(f"paused: {may.paused}", 0)
        if may.open_at is not None and may.open_at > now:
            return now, Halted(TOLD_TO_WAIT, may.open_at - now)
        return now, None

    def _intend(
        self, db: Connection, claim: Claim, leaving: str, count: int, now: int
    ) -> None:  # fmt: skip
        done = self.run(db, statements.of_rows(db.dialect.name).intend, {
            "b": claim.batch, "at": now, "of": claim.fence, "told": leaving,
        })  # fmt: skip
        if done.rowcount != count:
            raise LedgerError(f"batch {claim.batch}: a step is not planned any more")

    def record(self, claim: Claim, receipts: Sequence[Receipt]) -> None:
        """What the other side said; a refusal parks its step, and so does `park`.

        Raises StaleFence.
        """
        if receipts:
            said = _recording(receipts)
            with self.writing() as db:
                now = self.time(db)
                self._hold(db, claim, statements.TELL)
                told = self._record(db, claim, said, now)
                self.links(db, [told], claim.batch, claim.holder, now)

    def _record(self, db: Connection, claim: Claim, said: _Recording, now: int) -> Told:
        record, done = statements.of_rows(db.dialect.name).record, 0
        for alike in said.alike:
            done += self.run(db, record, {
                **alike, "b": claim.batch, "t": now if alike["s"] == "sent" else 0,
                "q": now if alike["p"] else 0,
            }).rowcount  # fmt: skip
        if done != said.rows:
            raise LedgerError(f"batch {claim.batch}: a receipt for a step that was not sent")
        return "recorded", said.detail

    def put_back(
        self, claim: Claim, after_ms: int, *, count_attempt: bool, because: str
    ) -> None:
        """Give the batch up for a while. Raises StaleFence."""
        with self.writing() as db:
            now = self.time(db)
            self._hold(db, claim, statements.GIVE_UP, at=now + after_ms, why=because[:500],
                       tries=claim.attempts + (1 if count_attempt else 0))  # fmt: skip

    def finish(
        self, claim: Claim, *, block: bool = False, receipts: Sequence[Receipt] = ()
    ) -> None:
        """Nothing more can be done: the next of the lane may go, unless a parked step blocks it,
        or a row may go that the claim did not have.

        The last `receipts` are recorded in the same unit of work. Raises StaleFence.
        """
        said = _recording(receipts)
        with self.writing() as db:
            now = self.time(db)
            told = [self._record(db, claim, said, now)] if receipts else []
            left = self.run(db, statements.LEFT, {"batch": claim.batch}).one()
            blocks = block and left.parked > 0 and not left.late
            stays = blocks or left.late > 0
            self._hold(db, claim, statements.FINISH, now=now, at=FAR if blocks else 0,
                       to="open" if stays else "done",
                       why="a parked step holds its lane" if blocks else "")  # fmt: skip
            told.append(("finished", {"blocks": blocks, "goes_on": left.late > 0}))
            self.links(db, told, claim.batch, claim.holder, now)


def _recording(receipts: Sequence[Receipt]) -> _Recording:
    alike: dict[tuple[str, ...], dict[str, str]] = {}
    for r in receipts:
        what = (r.state, json_of(r.answer) if r.answer else "{}", r.code, r.message[:2000],
                _parked(r))  # fmt: skip
        alike.setdefault(what, {})[r.key] = r.reference
    rows = [
        {"told": json_of(told), "s": state, "a": answer, "c": code, "m": message, "p": parked}
        for (state, answer, code, message, parked), told in alike.items()
    ]
    said = sorted((r.key, r.state) for r in receipts)
    detail = {"states": _counted(r.state for r in receipts),
              "keys": keys_digest(f"{k}={s}" for k, s in said)}  # fmt: skip
    return _Recording(rows, len(receipts), detail)


def _parked(receipt: Receipt) -> str:
    """Why the step waits for a person: it was refused, or is odd; empty if it does not."""
    why = (receipt.message or receipt.code or "refused") if receipt.state == "refused" else ""
    return (receipt.park or why)[:2000]


_table = msgspec.json.Decoder(dict[str, str]).decode
_claimed_rows = msgspec.json.Decoder(list[StepRow], strict=False).decode  # 0 and 1: no and yes


def _number(row: StepRow) -> int:
    return row.step.number


def _rows(found: Any) -> Iterator[StepRow]:
    """Rows of `statements.STEPS`, straight from the driver: there are many."""
    return map(_step_row, found.cursor.fetchall())


def _step_row(row: Sequence[Any]) -> StepRow:
    """One of them, its columns named one by one."""
    (key, number, part, entity, keys, body, digest, links, source, actual, company, currency, type_,
     klass, day, amount, batch, state, reference, answer, code, message, parked, intended, sent,
     settled, withdrawn, document, environment, system, delivery, kind, entered) = row  # fmt: skip
    step = Step(
        key=key, number=number, part=part, entity=entity, keys=_dict(keys), body=body,
        digest=digest, links=_links(links), source=source, actual=actual, company=company,
        currency=currency, type=type_, klass=klass, day=day, amount=amount,
    )  # fmt: skip
    return StepRow(
        step=step, batch=batch, document=document, environment=environment, system=system,
        delivery=delivery, kind=kind, state=state, reference=reference, answer=_dict(answer),
        code=code, message=message, parked=parked, intended_ms=intended, sent_ms=sent,
        settled_ms=settled, withdrawn=bool(withdrawn), entered_ms=entered,
    )  # fmt: skip


_links = lru_cache(256)(_table)  # the same for most rows of a document, and never changed


def _dict(text: str) -> dict[str, str]:
    return {} if text == "{}" else _table(text)


def _counted(words: Iterable[str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for word in words:
        counts[word] = counts.get(word, 0) + 1
    return counts
