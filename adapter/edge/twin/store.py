"""What the twin keeps: rows by set, versions, deletions, number sequences, what lands later."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from msgspec import Struct

from adapter.making.compared import normal

Row = dict[str, Any]


class TwinTable(Struct, frozen=True, kw_only=True):
    """One entity set: its key columns, and columns that a number sequence fills."""

    entity: str
    keys: tuple[str, ...]
    filled: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    table: str = ""  # logical name (Dataverse)
    label: str = ""  # of the data entity, by which packages name it (Finance)
    types: dict[str, str] = {}  # column -> text, number, whole, day, moment, member, flag (Finance)
    navigations: dict[str, tuple[str, dict[str, str]]] = {}  # name -> set, its columns -> ours


class Kept(Struct, kw_only=True):
    """A row with its version."""

    row: Row
    version: int


class TwinStore:
    """One system's state."""

    def __init__(self, tables: Iterable[TwinTable], *, enforces_keys: bool) -> None:
        self.tables = {t.entity: t for t in tables}
        self.enforces_keys = enforces_keys
        self.rows: dict[str, list[Kept]] = {t: [] for t in self.tables}
        self.deleted: list[tuple[int, str, str]] = []  # version, set, id
        self.version = 1
        self.sequences: Counter[str] = Counter()
        self.effects: Counter[tuple[str, str]] = Counter()  # rows ever made, by set and key
        self._indexes: dict[str, dict[tuple[object, ...], int]] = {}

    def key(self, entity: str, row: Mapping[str, object]) -> tuple[object, ...]:
        """The row's key, in the form in which equal keys are equal."""
        return tuple(normal(name, row.get(name)) for name in self.tables[entity].keys)

    def find(self, entity: str, key: tuple[object, ...]) -> list[Kept]:
        """Rows with a key."""
        return [kept for kept in self.rows.get(entity, ()) if self.key(entity, kept.row) == key]

    def load(self, entity: str, rows: Iterable[Row]) -> None:
        """Rows that were there from the beginning."""
        for row in rows:
            self.version += 1
            self.rows[entity].append(Kept(row=row, version=self.version))

    def insert(self, entity: str, row: Row) -> Kept | None:
        """A new row with its numbers; None when its key is taken and keys are enforced."""
        key = self.key(entity, row)
        if self.enforces_keys and self._index(entity).get(key):
            return None
        made = dict(row)
        for column in self.tables[entity].filled:
            if not made.get(column):
                self.sequences[column] += 1
                made[column] = f"{self.sequences[column]:06d}"
        self.version += 1
        kept = Kept(row=made, version=self.version)
        self.rows[entity].append(kept)
        self._index(entity)[key] = self._index(entity).get(key, 0) + 1
        self.effects[entity, "|".join(str(part) for part in key)] += 1
        return kept

    def _index(self, entity: str) -> dict[tuple[object, ...], int]:
        index = self._indexes.get(entity)
        if index is None:
            index = self._indexes[entity] = {}
            for kept in self.rows[entity]:
                key = self.key(entity, kept.row)
                index[key] = index.get(key, 0) + 1
        return index

    def change(self, kept: Kept, changes: Row) -> None:
        """Change columns of a row."""
        self.version += 1
        kept.row.update(changes)
        kept.version = self.version

    def remove(self, entity: str, kept: Kept) -> None:
        """Delete a row."""
        self.version += 1
        key = self.key(entity, kept.row)
        self.rows[entity].remove(kept)
        self._index(entity)[key] = self._index(entity).get(key, 1) - 1
        self.deleted.append((self.version, entity, str(kept.row.get(self.tables[entity].keys[0]))))

    def doubles(self) -> dict[str, int]:
        """Business keys that more than one row has now, by `set|key`."""
        found: dict[str, int] = {}
        for entity in self.tables:
            counted = Counter(self.key(entity, kept.row) for kept in self.rows[entity])
            for key, count in counted.items():
                if count > 1:
                    found["|".join([entity, *map(str, key)])] = count
        return found

    def keep(self, entities: Iterable[str]) -> "Before":
        """What some sets hold now, to be put back if a change set fails."""
        return Before(
            rows={e: [Kept(row=dict(k.row), version=k.version) for k in self.rows[e]]
                  for e in entities},
            deleted=len(self.deleted), effects=Counter(self.effects),
        )  # fmt: skip

    def put_back(self, before: "Before") -> None:
        """Undo everything since; numbers of a sequence stay used, as gaps."""
        for entity, rows in before.rows.items():
            self.rows[entity] = rows
            self._indexes.pop(entity, None)
        del self.deleted[before.deleted :]
        self.effects = before.effects


class Before(Struct, frozen=True, kw_only=True):
    """What a store held at some moment."""

    rows: dict[str, list[Kept]]
    deleted: int
    effects: Counter[tuple[str, str]]


class Later:
    """Requests that land after their sender gave up waiting."""

    def __init__(self) -> None:
        self._due: list[tuple[int, int, Callable[[], object]]] = []
        self._count = 0

    def add(self, at_ms: int, what: Callable[[], object]) -> None:
        """Have something happen at a time of the twin's clock."""
        self._count += 1
        self._due.append((at_ms, self._count, what))

    def land(self, now_ms: int) -> int:
        """Everything that is due, in order; how many that were."""
        due = sorted((d for d in self._due if d[0] <= now_ms), key=lambda d: d[:2])
        self._due = [d for d in self._due if d[0] > now_ms]
        for _, _, what in due:
            what()
        return len(due)

    @property
    def waiting(self) -> int:
        """How many have not landed."""
        return len(self._due)
