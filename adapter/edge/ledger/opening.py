"""Opening a ledger: the tables are brought to the version of this program, or only looked at."""

import os
from pathlib import Path

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import SQLAlchemyError

from adapter.edge.ledger.engines import NowMs, engine_of, first_line, looking_engine_of
from adapter.edge.ledger.rows import LedgerError
from adapter.edge.ledger.store import UPGRADE_LOCK, Store
from adapter.edge.ledger.tables import METADATA

MIGRATIONS = "adapter.edge.ledger:migrations"
HEAD = "0002"  # the last of the migrations; alembic is loaded only where a ledger is not there yet
VERSIONS = "alembic_version"


def upgraded(url: str, now_ms: NowMs | None = None) -> tuple[str, Store]:
    """The database of a URL at our version. Raises LedgerError, also for a newer database."""
    if not is_writable(url):
        raise LedgerError(f"the ledger {url} may not be written here, or its folder may not")
    engine = engine_of(url, now_ms)
    try:
        with engine.connect() as connection, connection.begin():
            if engine.dialect.name == "postgresql":
                connection.execute(text(f"SELECT pg_advisory_xact_lock({UPGRADE_LOCK})"))
            if _version(connection) != HEAD:
                _upgrade(connection)
    except LedgerError:
        engine.dispose()
        raise
    except SQLAlchemyError as error:
        engine.dispose()
        raise _cannot(error) from error
    return HEAD, Store(url, engine, now_ms)


def looked_at(url: str) -> Store | None:
    """The database of a URL as it is, to be read only; None where there is no ledger yet.

    Nothing is made or upgraded, and a folder that may only be read will do. Raises LedgerError.
    """
    if not is_there(url):
        return None
    engine = looking_engine_of(url)
    try:
        with engine.connect().execution_options(reads=True) as connection, connection.begin():
            version = _version(connection)
    except SQLAlchemyError as error:
        engine.dispose()
        raise _cannot(error) from error
    if version == HEAD:
        return Store(url, engine, None)
    engine.dispose()
    if version is None:
        return None
    raise _older(version) if version < HEAD else _newer(version)


def blank() -> Store:
    """A ledger in memory in which nothing stands, for reading where there is none yet."""
    engine = engine_of("sqlite://")
    METADATA.create_all(engine)
    return Store("", engine, None)


def is_there(url: str) -> bool:
    """Whether a ledger's file is there and not empty; a server is asked when it is opened."""
    if "://" in url:
        return True
    try:
        return Path(url).stat().st_size > 0
    except FileNotFoundError:
        return False
    except OSError as error:
        raise LedgerError(f"the ledger cannot be opened: {error.strerror}") from None


def is_writable(url: str) -> bool:
    """Whether a ledger's file, or the folder it would be made in, may be written."""
    if "://" in url:
        return True
    path = Path(url)
    folder = next((p for p in path.parents if p.exists()), path.parent)
    return os.access(folder, os.W_OK) and (not path.exists() or os.access(path, os.W_OK))


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table(VERSIONS):
        return None
    found = connection.execute(text(f"SELECT version_num FROM {VERSIONS}")).scalar()
    return None if found is None else str(found)


def _upgrade(connection: Connection) -> None:
    """Alembic brings the tables to our version, on this connection."""
    from alembic import command
    from alembic.config import Config
    from alembic.migration import MigrationContext
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", MIGRATIONS)
    config.set_main_option("path_separator", "os")
    script = ScriptDirectory.from_config(config)
    current = MigrationContext.configure(connection).get_current_revision()
    if current is not None and current not in {one.revision for one in script.walk_revisions()}:
        raise _newer(current)
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _newer(version: str) -> LedgerError:
    return LedgerError(
        f"the ledger was written by a newer fieldledger (version {version}): "
        "update this one; nothing was changed"
    )


def _older(version: str) -> LedgerError:
    return LedgerError(
        f"the ledger was written by an older fieldledger (version {version}, this one writes "
        f"{HEAD}). Back it up with the older one, stop every program of that, then run "
        "`fieldledger ledger upgrade`"
    )


def _cannot(error: SQLAlchemyError) -> LedgerError:
    return LedgerError(f"the ledger cannot be opened: {first_line(error)}")
