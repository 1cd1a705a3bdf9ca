"""Spools on disk, for companies whose records do not fit into memory.

One temporary SQLite file without durability: it is scratch, thrown away with the plan.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import partial
from typing import TypeVar

import msgspec

from adapter.edge.scratch import BATCH, scratch, sorted_batches
from adapter.edge.spool_versions import FINDINGS_MAX, ReadAgain, settle_arrived
from adapter.making.entry import Entry
from adapter.making.lined import decode_lined, encode_lined
from adapter.making.spool import SpooledLine
from adapter.reading.gathering import is_same, told_apart
from adapter.values.finding import Finding
from adapter.values.record import Record

R = TypeVar("R", bound=Record)
CACHE_MAX = 5_000  # decoded records kept per kind


class SpoolOnDisk:
    """The spool of a plan in a scratch database; same promises as the one in memory."""

    def __init__(self) -> None:
        self._db = scratch(self)
        for statement in (
            "CREATE TABLE ordering (text TEXT, environment TEXT, key TEXT)",
            "CREATE TABLE line (grouping TEXT, place TEXT, entry INTEGER, body BLOB)",
            "CREATE TABLE entry (number INTEGER PRIMARY KEY, body BLOB)",
            "CREATE TABLE document (number INTEGER PRIMARY KEY, body BLOB)",
        ):
            self._db.execute(statement)
        self._waiting: dict[str, list[tuple[object, ...]]] = {}
        self._entries = 0

    def _add(self, statement: str, row: tuple[object, ...]) -> None:
        rows = self._waiting.setdefault(statement, [])
        rows.append(row)
        if len(rows) >= BATCH:
            self._db.executemany(statement, rows)
            rows.clear()

    def _write(self) -> None:
        for statement, rows in self._waiting.items():
            self._db.executemany(statement, rows)
            rows.clear()

    def add_order(self, order: str, environment: str, key: str) -> None:
        self._add("INSERT INTO ordering VALUES (?, ?, ?)", (order, environment, key))

    def ordered(self) -> Iterator[tuple[str, str]]:
        self._write()
        query = "SELECT environment, key FROM ordering ORDER BY text, environment, key"
        yield from self._db.execute(query)

    def add_line(self, line: SpooledLine) -> None:
        self._add("INSERT INTO line VALUES (?, ?, ?, ?)",
                  (line.group, line.order, line.entry, encode_lined(line.line)))  # fmt: skip

    def groups(self) -> Iterator[tuple[str, Iterator[SpooledLine]]]:
        self._write()
        groups = [g for (g,) in self._db.execute("SELECT DISTINCT grouping FROM line ORDER BY 1")]
        self._db.execute("CREATE INDEX line_order ON line (grouping, place, entry)")
        for group in groups:
            yield group, self.lines(group)

    def lines(self, group: str) -> Iterator[SpooledLine]:
        query = "SELECT * FROM line WHERE grouping = ? ORDER BY place, entry"
        for g, o, n, b in self._db.execute(query, (group,)):
            yield SpooledLine(g, o, n, decode_lined(b))

    def add_entry(self, entry: Entry) -> int:
        body = msgspec.msgpack.encode(entry)
        self._add("INSERT INTO entry VALUES (?, ?)", (self._entries, body))
        self._entries += 1
        return self._entries - 1

    def entries(self) -> Iterator[Entry]:
        self._write()
        decode = msgspec.msgpack.Decoder(Entry).decode
        for (body,) in self._db.execute("SELECT body FROM entry ORDER BY number"):
            yield decode(body)

    def entry(self, number: int) -> Entry:
        self._write()
        ((body,),) = self._db.execute("SELECT body FROM entry WHERE number = ?", (number,))
        return msgspec.msgpack.decode(body, type=Entry)

    def add_document(self, body: bytes) -> int:
        put = "INSERT INTO document (body) VALUES (?)"  # large: never waits
        return self._db.execute(put, (body,)).lastrowid or 0

    def put_document(self, number: int, body: bytes) -> None:
        self._db.execute("UPDATE document SET body = ? WHERE number = ?", (body, number))

    def documents(self) -> Iterator[bytes]:
        self._write()
        for (body,) in self._db.execute("SELECT body FROM document ORDER BY number"):
            if body:
                yield body


class RecordsOnDisk:
    """Records in a scratch database, decoded again when they are asked for."""

    def __init__(self) -> None:
        self._db = scratch(self)
        self._decoders: dict[type[Record], list[Callable[[bytes], Record]]] = {}
        self._caches: dict[type[Record], dict[str, Record]] = {}
        self._faults: dict[tuple[type[Record], str], tuple[Finding, ...]] = {}
        self._paths: dict[type[Record], list[str]] = {}  # of each decoder's file
        self._indexed: set[tuple[type[Record], str]] = set()

    def load(
        self,
        kind: type[Record],
        decode: Callable[[bytes], Record],
        rows: Iterable[tuple[str, bytes, int]],
        path: str,
        read: ReadAgain,
        repaired: dict[str, Record] | None = None,
        faults: dict[str, tuple[Finding, ...]] | None = None,
    ) -> list[Finding]:
        """Keep rows (key, raw bytes, line) of one file; of a key that comes again what `gather`
        makes of its rows, which `read` reads once more. Of several files, the newest row version
        counts, else the first row.

        `repaired` are records that are not to be had from their rows again, `faults` what is
        wrong with rows; both may grow while the rows are taken. Returns a finding for each row
        that goes, within the file or beside an earlier one.
        """
        table = kind.__name__
        number = self._decoder(kind, decode, path)
        mended = {} if repaired is None else repaired
        wrong = {} if faults is None else faults
        self._db.execute("CREATE TEMP TABLE arrived (key TEXT, raw BLOB, line INTEGER PRIMARY KEY)")
        self._db.executemany("INSERT INTO arrived VALUES (?, ?, ?)", rows)
        settled = enumerate(settle_arrived(self._db, read, path, mended, wrong))
        repeats = [told for count, told in settled if count < FINDINGS_MAX]
        again = self._db.execute(
            f"SELECT key, a.raw FROM arrived a JOIN {table} t USING (key)"
            " WHERE a.raw <> t.raw ORDER BY key, a.raw"
        )  # one by one: all of a large file may have come again
        found, old = self._apart(kind, path, (mended.get(k) or decode(raw) for k, raw in again))
        self._db.execute(
            f"INSERT OR IGNORE INTO {table}"
            f" SELECT key, {number}, raw FROM arrived ORDER BY key, raw"
        )
        self._db.execute("DROP TABLE arrived")
        self._note(kind, wrong, found, old)
        own = f"SELECT key FROM {table} WHERE decoder = {number}"
        if mended:
            mine = {key for (key,) in self._db.execute(own) if key in mended}
            self._put(kind, {key: mended[key] for key in mine}, path)
        return repeats + found

    def _decoder(self, kind: type[Record], decode: Callable[[bytes], Record], path: str) -> int:
        decoders = self._decoders.setdefault(kind, [])
        if not decoders:
            self._db.execute(
                f"CREATE TABLE {kind.__name__} (key TEXT PRIMARY KEY, decoder INTEGER, raw BLOB)"
                " WITHOUT ROWID"
            )
        decoders.append(decode)
        self._paths.setdefault(kind, []).append(path)
        return len(decoders) - 1

    def _apart(
        self, kind: type[Record], path: str, arrived: Iterable[Record]
    ) -> tuple[list[Finding], set[str]]:
        """A finding for each record that an earlier file described in another way, and the
        keys whose earlier row is the newer one. What is outdated by `arrived` is forgotten."""
        found: dict[str, Finding] = {}
        newer: set[str] = set()
        old: set[str] = set()
        query = f"SELECT decoder FROM {kind.__name__} WHERE key = ?"
        for record in arrived:
            before = self.one(kind, record.id)
            if before is None or is_same(before, record):
                continue
            ((number,),) = self._db.execute(query, (record.id,))
            found[record.id], newest = told_apart(before, record, path, self._paths[kind][number])
            if newest is not None:
                (newer if newest is record else old).add(record.id)
        for key in newer:
            self._db.execute(f"DELETE FROM {kind.__name__} WHERE key = ?", (key,))
            self._caches.get(kind, {}).pop(key, None)
            self._faults.pop((kind, key), None)
        return list(found.values()), old

    def _note(
        self, kind: type[Record], faults: Mapping[str, tuple[Finding, ...]],
        found: Iterable[Finding], old: Collection[str] = (),
    ) -> None:  # fmt: skip
        errors = ((fault.record, (fault,)) for fault in found if fault.level == "error")
        for key, faulty in (*faults.items(), *errors):
            if key not in old:
                self._faults[kind, key] = (*self._faults.get((kind, key), ()), *faulty)

    def _put(self, kind: type[Record], records: Mapping[str, Record], path: str) -> None:
        """Keep records as they are."""
        number = self._decoder(kind, lambda raw: records[raw.decode()], path)
        self._db.executemany(
            f"INSERT OR REPLACE INTO {kind.__name__} VALUES (?, {number}, ?)",
            [(key, key.encode()) for key in records],
        )

    def keep(
        self, kind: type[Record], records: Iterable[Record],
        faults: Mapping[str, tuple[Finding, ...]], path: str,
    ) -> list[Finding]:  # fmt: skip
        """Keep the records of one file as they are: few, or not to be had from rows again.

        Returns a finding for each record that an earlier file described in another way.
        """
        made = {record.id: record for record in records}
        found: list[Finding] = []
        old: set[str] = set()
        if kind in self._decoders:
            found, old = self._apart(kind, path, made.values())
            made = {key: record for key, record in made.items() if self.one(kind, key) is None}
        self._put(kind, made, path)
        self._note(kind, faults, found, old)
        return found

    def one(self, kind: type[R], key: str | None) -> R | None:
        if key is None or kind not in self._decoders:
            return None
        cache = self._caches.setdefault(kind, {})
        known = cache.get(key)
        if known is None:
            row = self._db.execute(
                f"SELECT decoder, raw FROM {kind.__name__} WHERE key = ?", (key,)
            ).fetchone()
            if row is None:
                return None
            if len(cache) >= CACHE_MAX:
                cache.clear()
            known = cache[key] = self._decoders[kind][row[0]](row[1])
        return known  # type: ignore[return-value]

    def finder(self, kind: type[R]) -> Callable[[str], R | None]:
        return partial(self.one, kind)

    def where(self, kind: type[R], field: str, value: str | None) -> tuple[R, ...]:
        if value is None or kind not in self._decoders:
            return ()
        index = f"{kind.__name__}_{field}"
        if (kind, field) not in self._indexed:
            self._index(kind, field, index)
        rows = self._db.execute(f"SELECT key FROM {index} WHERE value = ? ORDER BY key", (value,))
        found = [self.one(kind, key) for (key,) in rows.fetchall()]
        return tuple(record for record in found if record is not None)

    def finder_by(self, kind: type[R], field: str) -> Callable[[str], tuple[R, ...]]:
        return partial(self.where, kind, field)

    def _index(self, kind: type[Record], field: str, index: str) -> None:
        self._db.execute(
            f"CREATE TABLE {index} (value TEXT, key TEXT, PRIMARY KEY (value, key)) WITHOUT ROWID"
        )
        pairs = (
            (str(getattr(record, field)), record.id)
            for record in self.all(kind)
            if getattr(record, field) is not None
        )
        self._db.executemany(f"INSERT INTO {index} VALUES (?, ?)", sorted_batches(pairs))
        self._indexed.add((kind, field))

    def all(self, kind: type[R]) -> Iterator[R]:
        if kind not in self._decoders:
            return
        decoders = self._decoders[kind]
        for number, raw in self._db.execute(
            f"SELECT decoder, raw FROM {kind.__name__} ORDER BY key"
        ):
            yield decoders[number](raw)

    def has(self, kind: type[Record]) -> bool:
        if kind not in self._decoders:
            return False
        return self._db.execute(f"SELECT 1 FROM {kind.__name__} LIMIT 1").fetchone() is not None

    @property
    def has_faults(self) -> bool:
        return bool(self._faults)

    def faults(self, kind: type[Record], key: str) -> tuple[Finding, ...]:
        return self._faults.get((kind, key), ())

    def all_faults(self) -> Iterable[tuple[type[Record], tuple[Finding, ...]]]:
        """What was wrong with each faulty row, with its kind."""
        return [(kind, found) for (kind, _), found in self._faults.items()]
