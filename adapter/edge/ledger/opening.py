"""Opening a ledger: the tables are brought to the version of this program."""

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from adapter.edge.ledger.rows import LedgerError
from adapter.edge.ledger.store import UPGRADE_LOCK, NowMs, Store, engine_of

MIGRATIONS = "adapter.edge.ledger:migrations"


def upgraded(url: str, now_ms: NowMs | None = None) -> tuple[str, Store]:
    """The database of a URL at our version. Raises LedgerError, also for a newer database."""
    engine = engine_of(url, now_ms)
    config = Config()
    config.set_main_option("script_location", MIGRATIONS)
    config.set_main_option("path_separator", "os")
    script = ScriptDirectory.from_config(config)
    head = script.get_current_head()
    try:
        with engine.connect() as connection, connection.begin():
            if engine.dialect.name == "postgresql":
                connection.execute(text(f"SELECT pg_advisory_xact_lock({UPGRADE_LOCK})"))
            current = MigrationContext.configure(connection).get_current_revision()
            if current != head:
                if current is not None and current not in _known(script):
                    raise LedgerError(
                        f"the ledger was written by a newer fieldledger (version {current}): "
                        "update this one; nothing was changed"
                    )
                config.attributes["connection"] = connection
                command.upgrade(config, "head")
    except LedgerError:
        engine.dispose()
        raise
    except SQLAlchemyError as error:
        engine.dispose()
        said = str(getattr(error, "orig", None) or error).strip().split("\n")[0][:300]
        raise LedgerError(f"the ledger cannot be opened: {said}") from error
    return str(head), Store(url, engine, now_ms)


def _known(script: ScriptDirectory) -> set[str]:
    return {revision.revision for revision in script.walk_revisions()}
