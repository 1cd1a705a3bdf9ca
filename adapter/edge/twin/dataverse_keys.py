"""Which row an address means, by id or by alternate key, and which row a reference means."""

import re
from decimal import Decimal
from typing import NamedTuple

from adapter.edge.twin.dataverse_store import DataverseStore
from adapter.edge.twin.refusal import REQUEST, Refused, absent, unreadable
from adapter.edge.twin.store import Kept, Row

BIND = "@odata.bind"
UNSAFE = frozenset('/<>*%&:\\?+')  # an alternate key with these cannot be looked up
_ADDRESS = re.compile(r"(?P<set>\w+)\((?P<key>.*)\)(?:/(?P<rest>[\w.$]+))?", re.DOTALL)
_GUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_NUMBER = re.compile(r"-?\d{1,30}(\.\d{1,30})?")
_PAIR = re.compile(r"\s*(\w+)\s*=\s*('(?:[^']|'')*'|[^,']+?)\s*(,|$)")


class Place(NamedTuple):
    """A row that is meant: its set, its id (empty: a new one), the row, and what the key said."""

    entity: str
    id: str
    kept: Kept | None
    said: Row
    rest: str

    @property
    def key(self) -> str:
        """The key as error messages name it."""
        return self.id or ",".join(f"{n}={v}" for n, v in self.said.items())


def place_of(store: DataverseStore, path: str) -> Place | None:
    """The row that `set(key)` means; None for another kind of path.

    Raises Refused for a key that the table does not have or that cannot be looked up.
    """
    match = _ADDRESS.fullmatch(path)
    if match is None or match["set"] not in store.tables:
        return None
    entity, rest = match["set"], match["rest"] or ""
    if _GUID.fullmatch(match["key"]):
        id = match["key"].lower()
        return Place(entity, id, store.by_id(entity, id), {}, rest)
    values = _pairs(match["key"])
    primary = store.primary(entity)
    if values and set(values) == {primary}:
        id = str(values[primary]).lower()
        return Place(entity, id, store.by_id(entity, id), {}, rest)
    table = store.tables[entity]
    columns = {_column(name) for name in values or ()}
    key = next((k for k in table.alternate if set(k.columns) == columns and k.is_ready), None)
    if not values or key is None:
        raise Refused(400, REQUEST, "The key in the request URI is not valid for resource "
                      f"'Microsoft.Dynamics.CRM.{table.table or entity}'.")  # fmt: skip
    if any(UNSAFE & set(str(value)) for value in values.values()):
        raise Refused(400, REQUEST, "A key value with one of the letters / < > * % & : \\ ? + "
                      "cannot be looked up.")  # fmt: skip
    kept = store.by_key(entity, values)
    id = str(kept.row.get(primary)).lower() if kept is not None else ""
    return Place(entity, id, kept, values, rest)


def _column(name: str) -> str:
    return name[1:-6] if name.startswith("_") and name.endswith("_value") else name


def _pairs(text: str) -> Row | None:
    found: Row = {}
    at = 0
    while at < len(text):
        match = _PAIR.match(text, at)
        if match is None or match[1] in found:
            return None
        value = match[2]
        if _NUMBER.fullmatch(value):
            found[match[1]] = Decimal(value)
        else:
            found[match[1]] = value[1:-1].replace("''", "'") if value.startswith("'") else value
        at = match.end()
    return found


def with_references(store: DataverseStore, entity: str, row: Row) -> Row:
    """The row with its references checked and by id. Raises Refused for one that leads nowhere.

    A set that the twin does not keep is believed.
    """
    made: Row = {}
    for name, value in row.items():
        if not name.endswith(BIND):
            if "@" not in name:  # other annotations of a body say nothing about the row
                made[name] = value
            continue
        navigation = name.removesuffix(BIND)
        known = store.tables[entity].lookups
        if known and navigation not in known:
            raise unreadable(f"no navigation property '{navigation}'")
        made[name] = None if value is None else _reference(store, navigation, value, known)
    return made


def _reference(
    store: DataverseStore, navigation: str, value: object, known: object
) -> str:
    path = str(value)
    path = path[path.index("/api/data/") :].split("/", 4)[-1] if "/api/data/" in path else path
    path = path.strip("/")
    entity = path.partition("(")[0]
    match = _ADDRESS.fullmatch(path)
    if match is None or match["rest"]:
        raise unreadable(f"'{value}' is no reference")
    targets = known.get(navigation, ()) if isinstance(known, dict) else ()
    if targets and entity not in targets:
        raise unreadable(f"'{navigation}' does not lead to '{entity}'")
    place = place_of(store, path)
    if place is None:
        return f"/{path}"
    if place.kept is None:
        gone = absent(store.tables[entity].table or entity, place.key)
        raise Refused(400, "0x80040217", gone.message)
    return f"/{entity}({place.id})"
