"""Connections to the database behind a ledger: how each is opened, and what begins on it."""

import os
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from adapter.edge.http.redactor import REDACTOR
from adapter.edge.ledger.rows import LedgerError
from adapter.reading.ledger_address import UNREADABLE, address_fault, passwords_of

BUSY_MS = 30_000  # how long a unit of work waits for another's lock
IDLE_MS = 10_000  # PostgreSQL ends a transaction whose program has stood still for so long
WAITS = (f"busy_timeout={BUSY_MS}",)
CACHE_KIB = 16_384  # of pages that SQLite remembers, for each connection
WRITES = ("journal_mode=WAL", "synchronous=FULL", f"cache_size=-{CACHE_KIB}", *WAITS,
          "foreign_keys=ON")  # fmt: skip

NowMs = Callable[[], int]


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
        options = connection.get_execution_options()
        if options.get("once"):  # a single statement begins and ends by itself
            return
        begin = "BEGIN" if options.get("reads") else "BEGIN IMMEDIATE"
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
