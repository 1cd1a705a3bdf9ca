"""Scratch databases on disk: thrown away with the plan they were made for."""

import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

BATCH = 5_000  # rows written at a time


def scratch() -> sqlite3.Connection:
    """A connection to a temporary database that is gone when it is closed."""
    folder = tempfile.TemporaryDirectory(prefix="fieldledger-")
    connection = sqlite3.connect(Path(folder.name) / "spool.db", isolation_level=None)
    for pragma in ("journal_mode=OFF", "synchronous=OFF", "temp_store=FILE", "cache_size=-16384"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute("BEGIN")
    _FOLDERS.append(folder)
    return connection


_FOLDERS: list[tempfile.TemporaryDirectory[str]] = []  # removed at exit, with their files


def sorted_batches(rows: Iterable[tuple[object, ...]]) -> Iterator[tuple[object, ...]]:
    """Rows sorted in batches, which makes filling an ordered table much faster."""
    batch: list[tuple[object, ...]] = []
    for row in rows:
        batch.append(row)
        if len(batch) >= 20 * BATCH:
            yield from sorted(batch)
            batch.clear()
    yield from sorted(batch)
