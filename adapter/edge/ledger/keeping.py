"""Back-up, restore, retention."""

import sqlite3
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Connection, and_, bindparam, delete, insert, select, update
from sqlalchemy.sql.elements import ColumnElement

from adapter.edge.ledger.entering import ASK_FIRST
from adapter.edge.ledger.opening import upgraded
from adapter.edge.ledger.rows import Head, LedgerError
from adapter.edge.ledger.standing import ACCEPTED
from adapter.edge.ledger.statements import RECONCILE_ONLY
from adapter.edge.ledger.store import Store
from adapter.edge.ledger.tables import BATCH, CURSOR, INBOX, META, METADATA, OPEN, STEP
from adapter.edge.written import written
from adapter.values.finding import shown

ROWS_AT_A_TIME = 5_000
GONE = "(removed by retention)"


class Keeping(Store):
    """Copies of the ledger, and what need not be kept."""

    def back_up(self, path: Path) -> None:
        """A copy as a SQLite file, whatever the database is; it appears whole or not at all.

        Raises LedgerError, also when the file is there already, or its folder is not.
        """
        if path.exists():
            raise LedgerError(f"{path.name} is there already: a back-up never overwrites")
        if not path.parent.is_dir():  # misspelt, or a disk that is not mounted
            raise LedgerError(f"there is no folder {shown(path.parent)}: nothing was backed up; "
                              "make it first, or mount it")  # fmt: skip
        with written(path) as part:
            if self.engine.dialect.name == "sqlite":
                self._copy_file(part)
            else:
                _, target = upgraded(str(part))
                try:
                    self._copy_rows(target)
                finally:
                    target.close()

    def _copy_file(self, part: Path) -> None:
        with self.engine.connect() as connection:
            source = connection.connection.driver_connection
            assert isinstance(source, sqlite3.Connection)
            target = sqlite3.connect(part)
            try:
                source.backup(target)
            except sqlite3.Error as error:
                raise LedgerError(f"the back-up failed: {error}") from error
            finally:
                target.close()

    def _copy_rows(self, target: Store) -> None:
        """All tables, in one view of ours and one unit of work of the target."""
        with self.reading() as here, target.writing() as there:
            for table in METADATA.sorted_tables:
                there.execute(delete(table))
                rows = here.execution_options(yield_per=ROWS_AT_A_TIME).execute(select(table))
                for part in rows.partitions():
                    there.execute(insert(table), [dict(row._mapping) for row in part])

    def distrust(self, why: str) -> None:
        """Only reconcile until a person accepts, and ask for every row before it is sent."""
        with self.writing() as db:
            self.set_meta(db, RECONCILE_ONLY, why)
            ask_first(self, db)
            self.chain(db, "distrusted", "ledger", {"because": why})

    def accept(self, because: str, who: str, lost: Head | None = None) -> None:
        """A restored ledger was reconciled: it may send again.

        `lost`: the anchored head that its chain does not hold. It stands in the chain from now
        on; where nobody had restored the ledger, what it has not sent is asked for first.
        """
        with self.writing() as db:
            db.execute(delete(META).where(META.c.name == RECONCILE_ONLY))
            detail: dict[str, object] = {"because": because}
            if lost is not None:
                detail |= {"anchored": lost.count, "anchor": lost.digest}
                if self.meta(db, ASK_FIRST) is None:
                    ask_first(self, db)
            self.chain(db, "accepted", "ledger", detail, who)

    def asks_first(self) -> bool:
        """Whether every row is asked for before it is sent: this ledger does not know all."""
        with self.reading() as db:
            return self.meta(db, ASK_FIRST) is not None

    def retain(self, before_ms: int) -> int:
        """Remove the rows' text of steps settled before an instant, and rows that came in.

        Keys, digests, amounts and the chain stay; what a person accepted, too, and the numbers
        of headers. Rows that are parked keep all. Returns how many texts went.
        """
        with self.writing() as db:
            old = and_(STEP.c.state == "settled", STEP.c.settled < before_ms,
                       STEP.c.parked == "", STEP.c.body != GONE)  # fmt: skip
            lasting = self._lasting(db, old)
            gone = db.execute(update(STEP).where(old).values(body=GONE, answer="{}")).rowcount
            if lasting:
                db.execute(update(STEP).where(STEP.c.key == bindparam("of"))
                           .values(answer=bindparam("said")), lasting)  # fmt: skip
            gone += db.execute(
                delete(INBOX).where(INBOX.c.seen_again > 0, INBOX.c.seen_again < before_ms,
                                    ~select(CURSOR.c.name).where(CURSOR.c.name == INBOX.c.name)
                                    .exists())
            ).rowcount  # fmt: skip
            self.chain(db, "retained", "ledger", {"before": before_ms, "texts": gone})
        return gone

    def _lasting(self, db: Connection, old: ColumnElement[bool]) -> list[dict[str, Any]]:
        """Of answers, what is needed for good: the mark of what was accepted, and the numbers that
        rows below a header, which may leave later, are linked by.
        """
        names = {ACCEPTED}
        for links in db.execute(select(STEP.c.links).distinct()).scalars():
            names.update(msgspec.json.decode(links).values())
        found = []
        for row in db.execute(select(STEP.c.key, STEP.c.answer).where(old, STEP.c.answer != "{}")):
            said = {n: v for n, v in msgspec.json.decode(row.answer).items() if n in names}
            if said:
                text = msgspec.json.encode(said, order="sorted").decode()
                found.append({"of": row.key, "said": text})
        return found


def restored(back_up: Path, url: str) -> Store:
    """A ledger from a back-up, in an empty place. It only reconciles until it is accepted.

    What was sent after the back-up is not in it, and looks as if it had not been sent. So all
    that is planned there, or will be, is asked for before it is sent.
    Raises LedgerError when the back-up cannot be read or the place is not empty.
    """
    if not back_up.is_file():
        raise LedgerError(f"there is no back-up {back_up.name}")
    _, source = upgraded(str(back_up))
    _, target = upgraded(url)
    with target.reading() as db:
        if db.execute(select(BATCH.c.id).limit(1)).first() is not None:
            raise LedgerError("the ledger to restore into is not empty: move it away first")
    copied = Keeping(source.url, source.engine, None)
    copied._copy_rows(target)
    with target.writing() as db:
        target.set_meta(db, RECONCILE_ONLY, f"restored from {back_up.name}")
        target.chain(db, "restored", "ledger", {"from": back_up.name})
        db.execute(update(BATCH).values(lease_until=0))
        ask_first(target, db)
    source.close()
    return target


def ask_first(ledger: Store, db: Connection) -> None:
    """The ledger does not know all that was sent: whatever it has not sent is asked for."""
    now = ledger.time(db)
    ledger.set_meta(db, ASK_FIRST, str(now))
    open_ones = select(BATCH.c.id).where(BATCH.c.state == OPEN)
    db.execute(
        update(STEP).where(STEP.c.state == "planned", STEP.c.batch.in_(open_ones))
        .values(state="unknown", intended=now)
    )  # fmt: skip
