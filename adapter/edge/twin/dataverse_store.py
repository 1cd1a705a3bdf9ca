"""Rows of the twin's Dataverse: alternate keys are unique, and a unit of work is all or nothing."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from uuid import NAMESPACE_URL, uuid5

from adapter.edge.twin.store import Kept, Row, TwinKey, TwinStore, TwinTable
from adapter.making.compared import normal


class DataverseStore(TwinStore):
    """The state of one organisation. Effects inside a unit that fails are taken back."""

    def __init__(self, tables: Iterable[TwinTable]) -> None:
        super().__init__(tables, enforces_keys=True)
        self._ids = 0
        self._undo: list[Callable[[], object]] | None = None

    def primary(self, entity: str) -> str:
        """The column of the id."""
        return self.tables[entity].keys[0]

    def fresh_id(self, entity: str) -> str:
        """An id for a row that came without one; the same run gives the same ids."""
        self._ids += 1
        return str(uuid5(NAMESPACE_URL, f"twin/{entity}/{self._ids}"))

    def by_id(self, entity: str, key: str) -> Kept | None:
        """The row with an id."""
        found = self.find(entity, (normal(self.primary(entity), key),))
        return found[0] if found else None

    def by_key(self, entity: str, values: Mapping[str, object]) -> Kept | None:
        """The row with these values in the columns of an alternate key."""
        wanted = {name: normal(name, value) for name, value in values.items()}
        return next((
            kept for kept in self.rows[entity]
            if all(normal(n, held(kept.row, n)) == value for n, value in wanted.items())
        ), None)  # fmt: skip

    def clash(self, entity: str, row: Row, but: Kept | None = None) -> TwinKey | None:
        """The alternate key that another row has already. Keys with an empty part do not count,
        nor those whose index is not built.
        """
        for key in self.tables[entity].alternate:
            values = {name: held(row, name) for name in key.columns}
            if not key.is_ready or any(value in (None, "") for value in values.values()):
                continue
            if self.by_key(entity, values) not in (None, but):
                return key
        return None

    @contextmanager
    def unit(self) -> Iterator[None]:
        """All of what happens inside, or nothing. A unit inside a unit is part of it."""
        if self._undo is not None:
            yield
            return
        undo: list[Callable[[], object]] = []
        self._undo = undo
        try:
            yield
        except BaseException:
            for step in reversed(undo):
                step()
            raise
        finally:
            self._undo = None

    def _note(self, step: Callable[[], object]) -> None:
        if self._undo is not None:
            self._undo.append(step)

    def insert(self, entity: str, row: Row) -> Kept | None:
        """A new row; None when its id is taken."""
        kept = super().insert(entity, row)
        if kept is not None:
            key = self.key(entity, kept.row)

            def undone() -> None:
                self.rows[entity].remove(kept)
                self._index(entity)[key] -= 1
                self.effects[entity, "|".join(str(part) for part in key)] -= 1

            self._note(undone)
        return kept

    def change(self, kept: Kept, changes: Row) -> None:
        """Change columns of a row."""
        before, version = dict(kept.row), kept.version

        def undone() -> None:
            kept.row.clear()
            kept.row.update(before)
            kept.version = version

        self._note(undone)
        for name in [n for n in changes if n.endswith("@odata.bind")]:
            column = column_of(name)
            for old in [n for n in kept.row if n != name and _lookup(n) == column]:
                del kept.row[old]  # the same lookup under another name
        super().change(kept, changes)

    def remove(self, entity: str, kept: Kept) -> None:
        """Delete a row."""
        at = next(i for i, one in enumerate(self.rows[entity]) if one is kept)
        key = self.key(entity, kept.row)
        super().remove(entity, kept)

        def undone() -> None:
            self.rows[entity].insert(at, kept)
            self._index(entity)[key] = self._index(entity).get(key, 0) + 1
            self.deleted.pop()

        self._note(undone)


def held(row: Mapping[str, object], name: str) -> object:
    """What a row holds in a column; of a lookup the id, under whichever name it was written."""
    if row.get(name) is not None:
        return row[name]
    plain = name[1:-6] if name.startswith("_") and name.endswith("_value") else name
    column = f"_{plain}_value"
    if row.get(column) is not None:
        return row[column]
    for written, value in row.items():
        if written.endswith("@odata.bind") and column_of(written) == plain.lower():
            return str(value).rpartition("(")[2].rstrip(")") if value is not None else None
    return None


def _lookup(name: str) -> str:
    """The lookup column that a name of a row is about; empty: none."""
    if name.endswith("@odata.bind"):
        return column_of(name)
    plain = name.partition("@")[0]
    return plain[1:-6] if plain.startswith("_") and plain.endswith("_value") else ""


def column_of(navigation: str) -> str:
    """The lookup column that a navigation property writes: customerid_account -> customerid."""
    plain = navigation.removesuffix("@odata.bind").lower()
    base, _, target = plain.rpartition("_")
    is_many = base.endswith("id") and target in ("account", "contact", "systemuser", "team")
    return base if is_many else plain
