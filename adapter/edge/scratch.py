"""Scratch databases on disk: thrown away with what they were made for."""

import shutil
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from weakref import finalize

BATCH = 5_000  # rows written at a time


def scratch(owner: object) -> sqlite3.Connection:
    """A connection to a temporary database that goes with its owner, or with the process.

    Who reads from it holds the owner too: it is closed in the middle of a query otherwise.
    """
    folder = tempfile.mkdtemp(prefix="fieldledger-")
    connection = sqlite3.connect(Path(folder) / "spool.db", isolation_level=None)
    finalize(owner, _thrown_away, connection, folder)
    for pragma in ("journal_mode=OFF", "synchronous=OFF", "temp_store=FILE", "cache_size=-16384"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute("BEGIN")
    return connection


def _thrown_away(connection: sqlite3.Connection, folder: str) -> None:
    with suppress(sqlite3.Error):  # made in another thread: the collector closes it
        connection.close()
    shutil.rmtree(folder, ignore_errors=True)


def sorted_batches(rows: Iterable[tuple[object, ...]]) -> Iterator[tuple[object, ...]]:
    """Rows sorted in batches, which makes filling an ordered table much faster."""
    batch: list[tuple[object, ...]] = []
    for row in rows:
        batch.append(row)
        if len(batch) >= 20 * BATCH:
            yield from sorted(batch)
            batch.clear()
    yield from sorted(batch)
