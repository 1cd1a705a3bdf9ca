"""Rows of one key that stand several times in a file that waits on disk.

They are put together by `gather`, as in memory: only such keys are read again, one at a time.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from operator import itemgetter

from adapter.reading.gathering import RowRead, gather, repeat
from adapter.values.finding import Finding
from adapter.values.record import Record

ReadAgain = Callable[[bytes, int], Iterable[RowRead]]  # raw, line

FINDINGS_MAX = 10_000  # of one file; beyond, only the count is kept
_AGAIN = (
    "CREATE TEMP TABLE again AS SELECT key, raw, line FROM arrived WHERE key IN"
    " (SELECT key FROM arrived GROUP BY key HAVING COUNT(*) > 1)"
)


def settle_arrived(
    db: sqlite3.Connection, read: ReadAgain, path: str,
    repaired: dict[str, Record], faults: dict[str, tuple[Finding, ...]],
) -> Iterator[Finding]:  # fmt: skip
    """Leave one row of each key in the table `arrived`: a finding for each row that goes.

    What is wrong with such a key, and its record where it needed repair, is put into `faults`
    and `repaired`.
    """
    db.execute(_AGAIN)
    rows = db.execute("SELECT key, raw, line FROM again ORDER BY key, line")
    for key, group in groupby(rows, key=itemgetter(0)):
        same = [(raw, line) for _, raw, line in group]
        if len({raw for raw, _ in same}) == 1:  # what is wrong with them was noted for each
            for _, line in same[1:]:
                yield repeat(key, path, line, same[0][1])
            kept = same[0][1]
        else:
            reads = [found for raw, line in same for found in read(raw, line)]
            settled = gather(reads, path)
            yield from settled.findings
            (record,) = settled.records
            row = next(one for one in reads if one.record is record)
            kept = row.line
            faults.pop(key, None)
            repaired.pop(key, None)
            faults.update(settled.faults)
            repaired.update({key: record} if row.findings else {})
        db.executemany("DELETE FROM arrived WHERE line = ?",
                       [(line,) for _, line in same if line != kept])  # fmt: skip
    db.execute("DROP TABLE again")
