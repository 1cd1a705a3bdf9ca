"""Ids of Finance: which texts are the same id, and rows found by them.

Finance compares its ids (items, warehouses, categories, serial and batch numbers) without regard
to letter case. A workspace whose Finance tells them apart says `finance_ids_match_case = true`.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import partial

from adapter.reading.store import R, Records
from adapter.values.finding import Finding
from adapter.values.record import Record

MATCH_CASE = "finance_ids_match_case"


def id_key(text: str, options: Mapping[str, str | bool | int]) -> str:
    """What is equal for two texts that are one id: without outer blanks and letter case."""
    bare = text.strip()
    return bare if options.get(MATCH_CASE) else bare.casefold()


class FinanceRecords:
    """Records of Finance. What no id finds as it is written is found without letter case."""

    def __init__(self, records: Records) -> None:
        self.records = records
        self._folded: dict[tuple[type[Record], str], dict[str, str]] = {}

    def one(self, kind: type[R], key: str | None) -> R | None:
        found = self.records.one(kind, key)
        if found is not None or key is None:
            return found
        return self.records.one(kind, self._keys(kind).get(key.strip().casefold()))

    def finder(self, kind: type[R]) -> Callable[[str], R | None]:
        return partial(self.one, kind)

    def where(self, kind: type[R], field: str, value: str | None) -> tuple[R, ...]:
        found = self.records.where(kind, field, value)
        if found or value is None:
            return found
        written = self._keys(kind, field).get(value.strip().casefold())
        return self.records.where(kind, field, written)

    def finder_by(self, kind: type[R], field: str) -> Callable[[str], tuple[R, ...]]:
        return partial(self.where, kind, field)

    def all(self, kind: type[R]) -> Iterable[R]:
        return self.records.all(kind)

    def has(self, kind: type[Record]) -> bool:
        return self.records.has(kind)

    @property
    def has_faults(self) -> bool:
        return self.records.has_faults

    def faults(self, kind: type[Record], key: str) -> tuple[Finding, ...]:
        return self.records.faults(kind, key)

    def _keys(self, kind: type[Record], field: str = "id") -> Mapping[str, str]:
        """Texts of a field as they are written, by themselves without letter case; the first in
        order of their keys, where several are one id.
        """
        found = self._folded.get((kind, field))
        if found is None:
            found = self._folded[kind, field] = {}
            for record in self.records.all(kind):
                text = getattr(record, field)
                if text is not None:
                    found.setdefault(str(text).casefold(), str(text))
        return found
