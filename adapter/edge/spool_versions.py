"""Row versions in a scratch database: of the rows of one key, the newest counts.

What `gathering.py` does in memory, for files that wait on disk.
"""

import sqlite3
from collections.abc import Callable, Iterator

from adapter.reading.gathering import contradicting_rows, newer_of, outdated
from adapter.values.finding import Finding, Place
from adapter.values.record import Record

Decode = Callable[[bytes], Record]


def settle_arrived(
    db: sqlite3.Connection, decode: Decode, path: str, is_faulty: Callable[[str], bool]
) -> Iterator[Finding]:
    """Keep the newest version of each key in the table `arrived`: a note for each that had
    several. Where nothing says which is newer, or a row has faults: SRC038, and all stay."""
    query = "SELECT key FROM arrived GROUP BY key HAVING COUNT(DISTINCT raw) > 1 ORDER BY key"
    for key in [key for (key,) in db.execute(query)]:
        raws = [raw for (raw,) in db.execute(
            "SELECT DISTINCT raw FROM arrived WHERE key = ? ORDER BY raw", (key,))]  # fmt: skip
        newest = None if is_faulty(key) else _newest([(decode(raw), raw) for raw in raws])
        if newest is not None:
            db.execute("DELETE FROM arrived WHERE key = ? AND raw <> ?", (key, newest))
            yield outdated(key, Place(path), Place(path))
            continue
        yield contradicting_rows(key, Place(path))


def _newest(rows: list[tuple[Record, bytes]]) -> bytes | None:
    """The row that is newer than every other; None where nothing says which."""
    for record, raw in rows:
        others = (other for other, own in rows if own != raw)
        if all(newer_of(record, other) is record for other in others):
            return raw
    return None
