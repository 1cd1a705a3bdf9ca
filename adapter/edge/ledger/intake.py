"""Rows of the CRM on their way in: cursor and rows in one unit of work, seen twice."""

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection, delete, insert, select, text, update
from sqlalchemy.sql.elements import ColumnElement

from adapter.edge.ledger.rows import InboxRow
from adapter.edge.ledger.store import UPGRADE_LOCK, Store
from adapter.edge.ledger.tables import CURSOR, INBOX

TAKES_MS = 600_000  # how long one waits for another that takes rows of the same table


class Intake(Store):
    """The inbox. A row may be used when it was seen twice, some time apart, by our own clock."""

    def take_rows(
        self, environment: str, table: str, rows: Sequence[InboxRow], link: str | None
    ) -> int:
        """Keep rows and the link that the next reading begins with, together.

        A row that changed is seen for the first time again; one that was deleted goes.
        Returns how many rows are new or changed.
        """
        changed = 0
        with self.writing() as db:
            self._alone_with(db, f"{environment} {table}")
            now = self.time(db)
            for row in rows:
                here = (INBOX.c.environment == environment) & (INBOX.c.name == table) & (
                    INBOX.c.id == row.id
                )
                if row.body is None:
                    changed += db.execute(delete(INBOX).where(here)).rowcount
                    continue
                known = db.execute(select(INBOX.c.body, INBOX.c.version).where(here)).first()
                if known is None:
                    db.execute(insert(INBOX).values(
                        environment=environment, name=table, id=row.id, version=row.version,
                        body=row.body, seen=now, seen_again=0, known=int(row.is_known),
                    ))  # fmt: skip
                    changed += 1
                elif is_older(row.version, known.version):
                    continue  # an older version that came late
                elif known.body != row.body:
                    db.execute(update(INBOX).where(here).values(
                        version=row.version, body=row.body, seen=now, seen_again=0, known=0
                    ))  # fmt: skip
                    changed += 1
                else:
                    db.execute(update(INBOX).where(here).values(seen_again=now))
            if link is not None:
                mine = (CURSOR.c.environment == environment) & (CURSOR.c.name == table)
                db.execute(delete(CURSOR).where(mine))
                db.execute(insert(CURSOR).values(environment=environment, name=table, link=link,
                                                 at=now))  # fmt: skip
        return changed

    def _alone_with(self, db: Connection, table: str) -> None:
        """Until the end of this unit of work no other takes rows of the table: what is not there
        when it is looked for is not there when it is written. SQLite has one writer anyway.
        """
        if db.dialect.name == "postgresql":
            db.execute(text(f"SET LOCAL lock_timeout = {TAKES_MS}"))
            db.execute(text(f"SELECT pg_advisory_xact_lock({UPGRADE_LOCK + 2}, hashtext(:name))"),
                       {"name": table})  # fmt: skip

    def cursor(self, environment: str, table: str) -> str | None:
        """The link that the next reading begins with."""
        with self.reading() as db:
            return db.execute(
                select(CURSOR.c.link).where(CURSOR.c.environment == environment,
                                            CURSOR.c.name == table)
            ).scalar()  # fmt: skip

    def drop_cursor(self, environment: str, table: str) -> None:
        """Read everything again: the link expired."""
        with self.writing() as db:
            db.execute(delete(CURSOR).where(CURSOR.c.environment == environment,
                                            CURSOR.c.name == table))  # fmt: skip

    def unripe(self, environment: str, table: str, delay_ms: int) -> list[InboxRow]:
        """Rows that were not yet seen twice, and are old enough to be looked at again."""
        with self.reading() as db:
            now = self.time(db)
            return [row for row in self._rows(db, environment, table)
                    if not row.seen_again_ms and now - row.seen_ms >= delay_ms]  # fmt: skip

    def rows(self, environment: str, table: str, delay_ms: int) -> Iterator[InboxRow]:
        """Rows that were seen twice, at least `delay_ms` apart."""
        with self.reading() as db:
            for row in self._rows(db, environment, table):
                if row.seen_again_ms and row.seen_again_ms - row.seen_ms >= delay_ms:
                    yield row

    def inbox(self, environment: str, table: str, ids: Sequence[str]) -> dict[str, InboxRow]:
        """Rows of a table by their ids, as far as they are there."""
        found: dict[str, InboxRow] = {}
        with self.reading() as db:
            for start in range(0, len(ids), 500):
                some = INBOX.c.id.in_(ids[start : start + 500])
                found |= {row.id: row for row in self._rows(db, environment, table, some)}
        return found

    def all_rows(self, environment: str, table: str) -> list[InboxRow]:
        """Every row of a table, seen twice or not."""
        with self.reading() as db:
            return list(self._rows(db, environment, table))

    def _rows(
        self, db: object, environment: str, table: str, where: ColumnElement[bool] | None = None
    ) -> Iterator[InboxRow]:
        query = select(INBOX).where(INBOX.c.environment == environment, INBOX.c.name == table)
        if where is not None:
            query = query.where(where)
        for row in db.execute(query.order_by(INBOX.c.id)):  # type: ignore[attr-defined]
            yield InboxRow(id=row.id, version=row.version, body=row.body, seen_ms=row.seen,
                           seen_again_ms=row.seen_again, is_known=bool(row.known))  # fmt: skip


def is_older(version: str, than: str) -> bool:
    """Whether a row version is lower than another; versions are whole numbers as text."""
    if version.isdecimal() and than.isdecimal():
        return int(version) < int(than)
    return False
