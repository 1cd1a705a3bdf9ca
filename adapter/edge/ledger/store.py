"""The database behind the ledger: units of work, the database's clock, the chain."""

import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from hashlib import sha256
from typing import Any, NamedTuple

from sqlalchemy import Connection, CursorResult, Engine, Executable, insert, select, text
from sqlalchemy.exc import DataError, IntegrityError, ProgrammingError, SQLAlchemyError

from adapter.edge.ledger import statements
from adapter.edge.ledger.engines import NowMs, first_line
from adapter.edge.ledger.rows import Head, LedgerDown, LedgerError
from adapter.edge.ledger.tables import META

SQLITE_NOW = "CAST(ROUND((julianday('now') - 2440587.5) * 86400000) AS INTEGER)"
POSTGRES_NOW = "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)"
UPGRADE_LOCK = 7_210_419  # one opener upgrades at a time

EMPTY: Mapping[str, object] = {}
UNFIT = (DataError, IntegrityError, ProgrammingError)  # what was asked is at fault


class _Made(NamedTuple):
    """A statement as a driver takes it."""

    text: str
    names: Sequence[str] | None  # of its values, in their order; None: they go by name
    fixed: Mapping[str, Any]  # values that stand in the statement itself


class Store:
    """Units of work on one database."""

    def __init__(self, url: str, engine: Engine, now_ms: NowMs | None) -> None:
        self.url = url
        self.engine = engine
        if engine.dialect.name == "sqlite":
            self.clock = "ledger_now()" if now_ms is not None else SQLITE_NOW
        else:
            self.clock = POSTGRES_NOW
        # SQLite lets others wait asleep: threads of one process queue here instead.
        self._is_sqlite = engine.dialect.name == "sqlite"
        self._one_writer: AbstractContextManager[object] = (
            threading.RLock() if self._is_sqlite else nullcontext()
        )
        self._kept: Connection | None = None
        self._failing: set[str] = set()  # read, written: what failed the last time
        self._ask_time = text(f"SELECT {self.clock}")
        self._made: dict[Executable, _Made] = {}
        self.now_ms = None if self._is_sqlite else now_ms
        self._by_clock = statements.of_clock("" if self.now_ms is not None else self.clock)

    @contextmanager
    def _writer(self) -> Iterator[Connection]:
        """The connection of SQLite's one writer, kept from one unit of work to the next: what it
        remembers of the file holds as long as nobody else writes. Given up after a failure.
        """
        connection, self._kept = self._kept or self.engine.connect(), None
        try:
            yield connection
        except BaseException:
            connection.close()
            raise
        if self._is_sqlite:
            self._kept = connection
        else:
            connection.close()

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One unit of work: all of it is committed, or nothing. Raises LedgerError."""
        try:
            with self._one_writer, self._writer() as connection, connection.begin():
                yield connection
        except SQLAlchemyError as error:
            raise self._failed("written", error) from error
        self._failing.clear()

    @contextmanager
    def reading(self, *, once: bool = False) -> Iterator[Connection]:
        """One view of the ledger; `once`: for a single statement. Raises LedgerError."""
        try:
            with self.engine.connect() as plain:
                connection = plain.execution_options(reads=True, once=once)
                with connection.begin():
                    yield connection
        except SQLAlchemyError as error:
            raise self._failed("read", error) from error
        self._failing.discard("read")

    def run(
        self, connection: Connection, statement: Executable, values: Mapping[str, object] = EMPTY
    ) -> CursorResult[Any]:
        """Run a statement of the hot path. Its text is made once: to find it anew by its parts,
        as `execute` does, takes longer than most of them. Raises KeyError for a value left out.
        """
        made = self._made.get(statement)
        if made is None:
            clause: Any = statement
            whole = clause.compile(dialect=self.engine.dialect)
            fixed = {name: bind.effective_value for bind, name in whole.bind_names.items()
                     if not bind.required}  # fmt: skip
            made = self._made[statement] = _Made(str(whole), whole.positiontup, fixed)
        every = {**made.fixed, **values}
        given = every if made.names is None else tuple(every[name] for name in made.names)
        return connection.exec_driver_sql(made.text, given)

    def _failed(self, what: str, error: BaseException) -> LedgerError:
        said = f"the ledger could not be {what}: {first_line(error)}"
        if isinstance(error, UNFIT):
            return LedgerError(said)
        self._failing.add(what)
        return LedgerDown(said)

    @property
    def is_down(self) -> bool:
        """Whether the database failed the last time that something was read, or written."""
        return bool(self._failing)

    def try_out(self) -> None:
        """Write what stands there already: whether anything can be. Raises LedgerError."""
        with self.writing() as connection:
            connection.execute(META.update().values(value=META.c.value))

    def _told_time(self) -> dict[str, int]:
        """The time for statements that cannot ask the database for it: a simulated one."""
        return {} if self.now_ms is None else {"now": self.now_ms()}

    def time(self, connection: Connection) -> int:
        """The database's clock, in milliseconds since 1970 UTC."""
        if self.now_ms is not None:  # a simulated clock beside PostgreSQL
            return self.now_ms()
        return int(self.run(connection, self._ask_time).scalar_one())

    def now(self) -> int:
        """The database's clock, in milliseconds since 1970 UTC."""
        with self.reading() as connection:
            return self.time(connection)

    def close(self) -> None:
        """Give the connections back."""
        with self._one_writer:
            kept, self._kept = self._kept, None
            if kept is not None:
                kept.close()
        self.engine.dispose()

    def meta(self, connection: Connection, name: str) -> str | None:
        """A word of the ledger about itself."""
        return connection.execute(select(META.c.value).where(META.c.name == name)).scalar()

    def set_meta(self, connection: Connection, name: str, value: str) -> None:
        """Change a word of the ledger about itself."""
        connection.execute(META.delete().where(META.c.name == name))
        connection.execute(insert(META).values(name=name, value=value))

    def alone(self, connection: Connection) -> None:
        """Until the end of this unit of work no other adds to the chain, nor whoever asks here."""
        if connection.dialect.name == "postgresql":
            connection.execute(text(f"SELECT pg_advisory_xact_lock({UPGRADE_LOCK + 1})"))

    def chain(
        self, connection: Connection, event: str, subject: str, detail: Mapping[str, object],
        who: str = "", at: int | None = None,
    ) -> None:  # fmt: skip
        """Add a link to the chain, in the transaction of what it tells."""
        at = self.time(connection) if at is None else at
        self.links(connection, [(event, detail)], subject, who, at)

    def links(
        self, connection: Connection, told: Sequence[tuple[str, Mapping[str, object]]],
        subject: str, who: str, at: int,
    ) -> None:  # fmt: skip
        """Add links about one subject to the chain, in the transaction of what they tell."""
        self.alone(connection)
        last = self.run(connection, statements.LAST_LINK).first()
        seq, digest = (0, "") if last is None else (last.seq, last.digest)
        rows = []
        for what, detail in told:
            seq += 1
            said = json.dumps(detail, sort_keys=True, ensure_ascii=False, default=str)
            digest = link_digest(digest, seq, at, who, what, subject, said)
            rows.append({"seq": seq, "at": at, "who": who, "event": what, "subject": subject,
                         "detail": said, "digest": digest})  # fmt: skip
        connection.execute(statements.ADD_LINK, rows)

    def head(self) -> Head:
        """The end of the chain."""
        with self.reading() as connection:
            last = connection.execute(statements.LAST_LINK).first()
        return Head() if last is None else Head(count=last.seq, digest=last.digest)


def link_digest(before: str, *parts: object) -> str:
    """SHA-256 of the link before and of each part, each with its length before it."""
    whole = b""
    for part in (before, *parts):
        body = str(part).encode()
        whole += b"%d:%b" % (len(body), body)
    return sha256(whole).hexdigest()


def rows_of(result: Any) -> list[dict[str, Any]]:
    """Rows as dictionaries."""
    return [dict(row._mapping) for row in result]
