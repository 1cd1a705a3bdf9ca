"""What an organisation can do: its tables, their keys, change tracking, bulk messages."""

from collections.abc import Callable
from typing import Any

from msgspec import Struct

from adapter.edge.dataverse.addresses import name
from adapter.edge.dataverse.errors import Said

Rows = Callable[[str], tuple[list[dict[str, Any]], Said]]
NAMES = "EntityDefinitions?$select=LogicalName,EntitySetName"
TRACKED = "EntityDefinitions?$filter=ChangeTrackingEnabled%20eq%20true&$select=LogicalName"
KEYS = ("EntityDefinitions?$select=SchemaName,LogicalName&$filter=LogicalName%20eq%20'{}'"
        "&$expand=Keys($select=LogicalName,KeyAttributes,EntityKeyIndexStatus)")  # fmt: skip
MESSAGES = ("sdkmessagefilters?$select=sdkmessagefilterid"
            "&$filter=sdkmessageid/name%20eq%20@m%20and%20primaryobjecttypecode%20eq%20@t"
            "&@m='{}'&@t='{}'")  # fmt: skip


class AlternateKey(Struct, frozen=True, kw_only=True):
    """One alternate key; it can be used when its index is built."""

    name: str
    columns: tuple[str, ...]
    is_ready: bool


def keys_of(table: str, rows: Rows) -> tuple[list[AlternateKey], Said]:
    """The alternate keys of a table."""
    found, said = rows(KEYS.format(name(table)))
    keys = []
    for row in found:
        listed = row.get("Keys")
        for key in listed if isinstance(listed, list) else []:
            columns = key.get("KeyAttributes") if isinstance(key, dict) else None
            if isinstance(columns, list) and all(isinstance(c, str) for c in columns):
                keys.append(AlternateKey(
                    name=str(key.get("LogicalName", "")), columns=tuple(columns),
                    is_ready=key.get("EntityKeyIndexStatus") == "Active",
                ))  # fmt: skip
    return keys, said


def tracked_tables(rows: Rows) -> tuple[frozenset[str], Said]:
    """The tables whose changes can be asked for."""
    found, said = rows(TRACKED)
    return frozenset(str(row.get("LogicalName", "")) for row in found), said


def takes(message: str, table: str, rows: Rows) -> bool | None:
    """Whether a table takes a bulk message such as CreateMultiple; None: nobody knows."""
    found, said = rows(MESSAGES.format(name(message), name(table)))
    return bool(found) if said.meaning == "fine" else None
