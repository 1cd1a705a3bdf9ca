"""Records of one environment (or of Finance), by kind and key, with their faults.

Small companies live in dictionaries; large ones are spooled to disk behind the same two
questions: `one` (by key) and `where` (by one field).
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Protocol, TypeVar

from adapter.values.finding import Finding
from adapter.values.record import Record

R = TypeVar("R", bound=Record)


class Records(Protocol):
    """What deciding needs to know of the rows that were read."""

    def one(self, kind: type[R], key: str | None) -> R | None:
        """The record with this key; None when the key is None or unknown."""

    def finder(self, kind: type[R]) -> Callable[[str], R | None]:
        """`one` for one kind, for keys that are not None."""

    def where(self, kind: type[R], field: str, value: str | None) -> tuple[R, ...]:
        """Records whose `field` equals `value`, ordered by key; empty for None."""

    def finder_by(self, kind: type[R], field: str) -> Callable[[str], tuple[R, ...]]:
        """`where` for one field, for values that are not None."""

    def all(self, kind: type[R]) -> Iterable[R]:
        """All records of a kind, ordered by key."""

    def has(self, kind: type[Record]) -> bool:
        """Whether there is any record of a kind."""

    @property
    def has_faults(self) -> bool:
        """Whether any row had a fault, so that nobody need ask for each record."""

    def faults(self, kind: type[Record], key: str) -> tuple[Finding, ...]:
        """What was wrong with the row of this record when it was read."""


_FindBy = Callable[[str], tuple[Record, ...]]
_NO_TABLE: Mapping[str, Record] = {}


class RecordsInMemory:
    """Records in dictionaries; order and indexes are made when they are first asked for."""

    def __init__(
        self,
        tables: Mapping[type[Record], Mapping[str, Record]],
        faults: Mapping[tuple[type[Record], str], tuple[Finding, ...]] | None = None,
    ) -> None:
        self._tables = tables
        self._faults = faults or {}
        self._finders: dict[tuple[type[Record], str], _FindBy] = {}
        self._ordered: dict[type[Record], tuple[Record, ...]] = {}

    def one(self, kind: type[R], key: str | None) -> R | None:
        return self._tables.get(kind, _NO_TABLE).get(key)  # type: ignore[return-value,arg-type]

    def finder(self, kind: type[R]) -> Callable[[str], R | None]:
        return self._tables.get(kind, _NO_TABLE).get  # type: ignore[return-value]

    def where(self, kind: type[R], field: str, value: str | None) -> tuple[R, ...]:
        if value is None:
            return ()
        find = self._finders.get((kind, field)) or self.finder_by(kind, field)
        return find(value)  # type: ignore[return-value]

    def finder_by(self, kind: type[R], field: str) -> Callable[[str], tuple[R, ...]]:
        found = self._finders.get((kind, field))
        if found is None:
            index = self._index(kind, field)
            found = self._finders[kind, field] = lambda value: index.get(value, ())
        return found  # type: ignore[return-value]

    def _index(self, kind: type[Record], field: str) -> dict[str, tuple[Record, ...]]:
        lists: dict[str, list[Record]] = {}
        for record in self.all(kind):
            value = getattr(record, field)
            if value is not None:
                lists.setdefault(str(value), []).append(record)
        return {value: tuple(found) for value, found in lists.items()}

    def all(self, kind: type[R]) -> Iterable[R]:
        found = self._ordered.get(kind)
        if found is None:
            table = self._tables.get(kind, _NO_TABLE)
            found = self._ordered[kind] = tuple(table[key] for key in sorted(table))
        return found  # type: ignore[return-value]

    def has(self, kind: type[Record]) -> bool:
        return bool(self._tables.get(kind))

    @property
    def has_faults(self) -> bool:
        return bool(self._faults)

    def faults(self, kind: type[Record], key: str) -> tuple[Finding, ...]:
        return self._faults.get((kind, key), ())

    def all_faults(self) -> Iterable[tuple[type[Record], tuple[Finding, ...]]]:
        """What was wrong with each faulty row, with its kind."""
        return [(kind, found) for (kind, _), found in self._faults.items()]


NO_RECORDS = RecordsInMemory({})
