"""The database behind the ledger: opening, units of work, the database's clock, the chain."""

import json
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from sqlalchemy import URL, Connection, Engine, create_engine, event, insert, select, text
from sqlalchemy.exc import (
    DataError,
    DBAPIError,
    IntegrityError,
    ProgrammingError,
    SQLAlchemyError,
)

from adapter.edge.http.redactor import REDACTOR
from adapter.edge.ledger import statements
from adapter.edge.ledger.rows import Head, LedgerDown, LedgerError
from adapter.edge.ledger.tables import META
from adapter.reading.ledger_address import UNREADABLE, address_fault, passwords_of

BUSY_MS = 30_000  # how long a unit of work waits for another's lock
IDLE_MS = 10_000  # PostgreSQL ends a transaction whose program has stood still for so long
SQLITE_NOW = "CAST(ROUND((julianday('now') - 2440587.5) * 86400000) AS INTEGER)"
POSTGRES_NOW = "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)"
UPGRADE_LOCK = 7_210_419  # one opener upgrades at a time

WAITS = (f"busy_timeout={BUSY_MS}",)
CACHE_KIB = 16_384  # of pages that SQLite remembers, for each connection
WRITES = ("journal_mode=WAL", "synchronous=FULL", f"cache_size=-{CACHE_KIB}", *WAITS,
          "foreign_keys=ON")  # fmt: skip

NowMs = Callable[[], int]
UNFIT = (DataError, IntegrityError, ProgrammingError)  # what was asked is at fault


def said_url(url: str, what: str) -> str:
    """The address of a ledger, as it stands in `what` of [ledger]; from now on its password is cut
    out of all texts. Raises LedgerError for a text that is none, without a word of it.
    """
    wrong = address_fault(url)
    if wrong is not None:
        raise LedgerError(f"the ledger cannot be opened: {what} of [ledger] {wrong[0]}: {wrong[1]}")
    for password in passwords_of(url):
        REDACTOR.add(password)
        REDACTOR.add(unquote(password))
    return url


def engine_of(url: str, now_ms: NowMs | None = None) -> Engine:
    """An engine for a URL, or for the path of a SQLite file. Raises LedgerError."""
    try:
        if "://" not in url:
            Path(url).parent.mkdir(parents=True, exist_ok=True)
            engine = create_engine(URL.create("sqlite", database=url))
        else:
            engine = _engine(said_url(url, "`url`"))
    except ModuleNotFoundError as error:
        raise LedgerError(
            f"the ledger cannot be opened: {error.name} is not installed. For PostgreSQL: "
            "pip install 'fieldledger[postgres]', or in a clone .venv/bin/pip install -e "
            "'.[postgres]'"
        ) from None
    except (SQLAlchemyError, ImportError, OSError, ValueError) as error:
        why = UNREADABLE[1] if "://" in url else first_line(error)  # such errors tell of a URL
        raise LedgerError(f"the ledger cannot be opened: {why}") from None
    if engine.dialect.name == "sqlite":
        _prepare_sqlite(engine, now_ms, WRITES)
    else:
        _prepare_postgres(engine)
    return engine


def looking_engine_of(url: str) -> Engine:
    """An engine that only reads, for a URL or a SQLite file that is there. Raises LedgerError.

    Where neither the file nor its folder may be written, a file that was closed properly is read
    as it stands: SQLite could not make the files beside it that readers of a log share.
    """
    if "://" in url:
        return engine_of(url)
    path = Path(url).absolute()
    may_write = os.access(path.parent, os.W_OK) and os.access(path, os.W_OK)
    has_log = path.with_name(path.name + "-wal").exists()
    how = {"mode": "rw"} if may_write else {"mode": "ro"}
    if not may_write and not has_log:
        how["immutable"] = "1"
    engine = create_engine(
        URL.create("sqlite", database=path.as_uri(), query={**how, "uri": "true"})
    )
    _prepare_sqlite(engine, None, WAITS)
    return engine


def _engine(url: str) -> Engine:
    if url.startswith(("postgresql://", "postgres://")):
        url = "postgresql+psycopg://" + url.partition("://")[2]
    return create_engine(url, pool_pre_ping=not url.startswith("sqlite"))


def _prepare_sqlite(engine: Engine, now_ms: NowMs | None, pragmas: Sequence[str]) -> None:
    @event.listens_for(engine, "connect")
    def connected(raw: sqlite3.Connection, _record: object) -> None:
        raw.isolation_level = None  # we say when a transaction begins
        for pragma in pragmas:
            raw.execute(f"PRAGMA {pragma}")
        if now_ms is not None:
            raw.create_function("ledger_now", 0, now_ms)

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        reads = connection.get_execution_options().get("reads", False)
        begin = "BEGIN" if reads else "BEGIN IMMEDIATE"
        raw: Any = connection.connection.dbapi_connection  # by itself: a tenth of the time
        try:
            raw.execute(begin)
        except sqlite3.Error as error:
            raise DBAPIError(begin, None, error) from error


def _prepare_postgres(engine: Engine) -> None:
    """A program that is frozen inside a transaction must not hold up the others for ever."""

    @event.listens_for(engine, "connect")
    def connected(raw: Any, _record: object) -> None:
        raw.execute(f"SET idle_in_transaction_session_timeout = {IDLE_MS}")
        raw.execute(f"SET lock_timeout = {BUSY_MS}")
        raw.commit()


def first_line(error: BaseException) -> str:
    """The first line of an error, without SQL, its values and passwords."""
    original = getattr(error, "orig", None) or error
    return REDACTOR.clean(str(original)).strip().split("\n")[0][:300]


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
        self.now_ms = None if self._is_sqlite else now_ms

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
    def reading(self) -> Iterator[Connection]:
        """One view of the ledger. Raises LedgerError."""
        try:
            with self.engine.connect() as plain:
                connection = plain.execution_options(reads=True)
                with connection.begin():
                    yield connection
        except SQLAlchemyError as error:
            raise self._failed("read", error) from error
        self._failing.discard("read")

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

    def time(self, connection: Connection) -> int:
        """The database's clock, in milliseconds since 1970 UTC."""
        if self.now_ms is not None:  # a simulated clock beside PostgreSQL
            return self.now_ms()
        return int(connection.execute(self._ask_time).scalar_one())

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
        last = connection.execute(statements.LAST_LINK).first()
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
