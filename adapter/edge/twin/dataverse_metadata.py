"""What the twin's Dataverse says of itself: tables, alternate keys, bulk messages, actions."""

import re
from collections.abc import Iterable

from adapter.edge.twin.answers import Asked, TwinAnswer, said
from adapter.edge.twin.dataverse_bulk import MESSAGES
from adapter.edge.twin.dataverse_filter import filter_of
from adapter.edge.twin.dataverse_store import DataverseStore
from adapter.edge.twin.refusal import REQUEST, Refused, absent
from adapter.edge.twin.store import Row, TwinTable

EMPTY = (b'<?xml version="1.0" encoding="utf-8"?><edmx:Edmx Version="4.0" '
         b'xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"><edmx:DataServices>'
         b'<Schema Namespace="Microsoft.Dynamics.CRM" '
         b'xmlns="http://docs.oasis-open.org/odata/ns/edm"></Schema>'
         b"</edmx:DataServices></edmx:Edmx>")  # fmt: skip
_ONE = re.compile(r"EntityDefinitions\(LogicalName='([^']*)'\)(?:/(\w+))?")
_INNER = re.compile(r"Keys(?:\(\$select=([\w,]+)\))?")


def definitions(store: DataverseStore, asked: Asked, path: str) -> TwinAnswer | None:
    """`EntityDefinitions` and one of them, with keys; None for another path."""
    rows = [_table(table) for table in store.tables.values() if table.table]
    base = f"{asked.headers.get('x-twin-base', '')}/api/data/v9.2/$metadata#EntityDefinitions"
    if path == "EntityDefinitions":
        return said(200, {"@odata.context": base, "value": [
            _selected(asked, row) for row in _filtered(asked, rows)
        ]})  # fmt: skip
    one = _ONE.fullmatch(path)
    if one is None:
        return None
    found = next((row for row in rows if row["LogicalName"] == one[1]), None)
    if found is None:
        raise absent("Entity", one[1])
    if one[2] == "Keys":
        return said(200, {"@odata.context": base, "value": found["Keys"]})
    if one[2]:
        raise Refused(404, REQUEST, f"Resource not found for the segment '{one[2]}'.")
    return said(200, {"@odata.context": base, **_selected(asked, found)})


def messages(store: DataverseStore, asked: Asked) -> TwinAnswer:
    """`sdkmessagefilters`: which tables take which bulk message."""
    rows: list[Row] = [
        {"sdkmessagefilterid": f"{number:08d}-0000-4000-8000-000000000000",
         "primaryobjecttypecode": table.table, "sdkmessageid": {"name": message}}
        for number, (table, message) in enumerate(
            (t, m) for t in store.tables.values() if t.takes_many and t.table for m in MESSAGES
        )
    ]  # fmt: skip
    wanted = asked.query.get("$select", "sdkmessagefilterid").split(",")
    return said(200, {"value": [
        {n: v for n, v in row.items() if n in wanted} for row in _filtered(asked, rows)
    ]})  # fmt: skip


def with_actions(metadata: bytes, actions: Iterable[str]) -> bytes:
    """$metadata that names unbound actions too; what is no $metadata stays as it is."""
    if metadata and b"</Schema>" not in metadata:
        return metadata
    names = b"".join(b'<Action Name="%s"/>' % name.encode() for name in actions)
    head, end, tail = (metadata or EMPTY).rpartition(b"</Schema>")
    return head + names + end + tail


def _table(table: TwinTable) -> Row:
    return {
        "MetadataId": f"{len(table.table):08d}-0000-4000-8000-000000000001",
        "LogicalName": table.table, "SchemaName": table.table, "EntitySetName": table.entity,
        "PrimaryIdAttribute": table.keys[0], "PrimaryNameAttribute": table.name or None,
        "ChangeTrackingEnabled": table.is_tracked,
        "Keys": [
            {"LogicalName": key.name, "SchemaName": key.name, "KeyAttributes": list(key.columns),
             "EntityKeyIndexStatus": "Active" if key.is_ready else "Pending"}
            for key in table.alternate
        ],
    }  # fmt: skip


def _filtered(asked: Asked, rows: list[Row]) -> list[Row]:
    if "$filter" not in asked.query:
        return rows
    parameters = {n: v for n, v in asked.query.items() if n.startswith("@")}
    try:
        test = filter_of(asked.query["$filter"], parameters)
    except ValueError as error:
        raise Refused(400, REQUEST, f"$filter: {error}") from None
    return [row for row in rows if test(row)]


def _selected(asked: Asked, row: Row) -> Row:
    wanted = asked.query.get("$select", "")
    made = {n: v for n, v in row.items()
            if n != "Keys" and (not wanted or n in {*wanted.split(","), "MetadataId"})}  # fmt: skip
    expand = asked.query.get("$expand", "")
    inner = _INNER.fullmatch(expand)
    if expand and inner is None:
        raise Refused(400, REQUEST, "Only Keys can be expanded.")
    if inner is not None:
        names = (inner[1] or "LogicalName,KeyAttributes,EntityKeyIndexStatus").split(",")
        made["Keys"] = [{n: v for n, v in key.items() if n in names} for key in row["Keys"]]
    return made
