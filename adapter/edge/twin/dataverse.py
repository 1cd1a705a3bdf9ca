"""Dataverse as the twin plays it: rows by id, guards, changes since a token, `$batch`."""

import re
from collections.abc import Callable

from msgspec.structs import replace

from adapter.edge.twin.answers import Asked, TwinAnswer, nothing, said
from adapter.edge.twin.finance import batch_answer
from adapter.edge.twin.query import parse_filter
from adapter.edge.twin.store import Kept, Row, TwinStore
from adapter.making.compared import normal

API = "/api/data/v9.2"
ORGANIZATION = "0f6b1c7e-1111-4222-8333-444455556666"
PAGE = 5_000
_BULK = re.compile(r"(?P<set>\w+)/Microsoft\.Dynamics\.CRM\.(?P<what>(?:Create|Upsert)Multiple)")
_ONE = re.compile(r"(?P<set>\w+)\((?P<key>[0-9a-fA-F-]{36})\)")
_PART = re.compile(
    r"Content-Type: application/http.*?\r?\n\r?\n(?P<method>[A-Z]+) (?P<url>\S+) HTTP/1\.1\r?\n"
    r"(?P<heads>.*?)\r?\n\r?\n(?P<body>.*?)\r?\n--", re.DOTALL,
)  # fmt: skip


class TwinDataverse:
    """One organisation."""

    def __init__(
        self, store: TwinStore, *, organization: str = ORGANIZATION,
        refuses: Callable[[str, Row], str] | None = None, expired: int = 0, page: int = PAGE,
    ) -> None:  # fmt: skip
        self.store = store
        self.organization = organization
        self.metadata = b""
        self.refuses = refuses or (lambda _entity, _row: "")
        self.expired = expired  # tokens up to this version are too old
        self.page = page

    def answer(self, asked: Asked) -> TwinAnswer:
        """The answer to a request below the API's path."""
        path = asked.path.removeprefix(API).strip("/")
        if path == "$batch":
            return self.batch(asked)
        if path == "$metadata":
            return TwinAnswer(status=200, headers={"Content-Type": "application/xml"},
                              body=self.metadata)  # fmt: skip
        if path == "WhoAmI":
            return said(200, {"OrganizationId": self.organization}, x_ms_dop_hint="8")
        if path == "EntityDefinitions":
            return said(200, {"value": [
                {"LogicalName": t.table, "EntitySetName": t.entity, "ChangeTrackingEnabled": True}
                for t in self.store.tables.values()
            ]})  # fmt: skip
        bulk = _BULK.fullmatch(path)
        if bulk is not None and bulk["set"] in self.store.tables:
            return self._many(asked, bulk["set"], bulk["what"])
        one = _ONE.fullmatch(path)
        if one is not None and one["set"] in self.store.tables:
            return self._one(asked, one["set"], one["key"].lower())
        if path not in self.store.tables:
            return _error(404, "0x80060888", f"Resource not found for the segment '{path}'.")
        if asked.method == "GET":
            return self._list(asked, path)
        if asked.method == "POST":
            row = asked.table()
            return _error(400, "0x80048d19", "Error identified in Payload") if row is None else (
                self._create(asked, path, row)
            )
        return _error(405, "0x80060888", "method not allowed")

    def _list(self, asked: Asked, entity: str) -> TwinAnswer:
        tracks = "track-changes" in asked.headers.get("prefer", "")
        since = asked.query.get("$deltatoken")
        if (tracks or since) and set(asked.query) & {"$filter", "$orderby", "$expand", "$top"}:
            name = sorted(set(asked.query) & {"$filter", "$orderby", "$expand", "$top"})[0]
            return _error(400, "0x80060888", f'The "{name[1:]}" query parameter isn\'t supported '
                          "when Change Tracking is enabled.")  # fmt: skip
        after = int(since.rpartition("!")[2]) if since and since.rpartition("!")[2].isdigit() else 0
        if since is not None and after < self.expired:
            return _error(400, "0x80044352", "Version stamp associated with the client has "
                          "expired. Please perform a full sync.")  # fmt: skip
        if "$skip" in asked.query:
            return _error(400, "0x80060888", "Skip Clause is not supported in CRM")
        try:
            test = parse_filter(asked.query["$filter"]) if "$filter" in asked.query else None
        except ValueError as error:
            return _error(400, "0x80060888", str(error))
        rows = [_read(k) for k in self.store.rows[entity]
                if k.version > after and (test is None or test(k.row))]  # fmt: skip
        table: dict[str, object] = {"@odata.context": f"$metadata#{entity}"}
        if tracks or since is not None:
            rows += [
                {"@odata.context": f"$metadata#{entity}/$deletedEntity", "id": key,
                 "reason": "deleted"}
                for version, name, key in self.store.deleted if version > after and name == entity
                and after
            ]  # fmt: skip
        skip = int(asked.query.get("$skiptoken", "0") or 0)
        page = rows[skip : skip + self.page]
        base = f"{asked.headers.get('x-twin-base', '')}{API}/{entity}?"
        if skip + self.page < len(rows):
            kept = [f"{k}={v}" for k, v in asked.query.items() if k != "$skiptoken"]
            table["@odata.nextLink"] = base + "&".join([*kept, f"$skiptoken={skip + self.page}"])
        elif tracks or since is not None:
            table["@odata.deltaLink"] = f"{base}$deltatoken=919042!{self.store.version}"
        table["value"] = page
        return said(200, table, Preference_Applied="odata.track-changes") if tracks else said(
            200, table
        )

    def _one(self, asked: Asked, entity: str, key: str) -> TwinAnswer:
        column = self.store.tables[entity].keys[0]
        found = self.store.find(entity, (normal(column, key),))
        if asked.method == "GET":
            return said(200, _read(found[0])) if found else _absent(entity, key)
        if asked.method == "DELETE":
            if not found:
                return _absent(entity, key)
            self.store.remove(entity, found[0])
            return nothing()
        row = asked.table()
        if asked.method != "PATCH" or row is None:
            return _error(400, "0x80048d19", "Error identified in Payload")
        if found and asked.headers.get("if-none-match") == "*":
            return _error(412, "0x80060892", "A record with matching key values already exists.")
        guard = asked.headers.get("if-match")
        if not found and guard is not None:
            return _absent(entity, key)
        if not found:
            return self._create(asked, entity, {column: key, **row})
        if guard not in (None, "*", f'W/"{found[0].version}"'):
            return _error(412, "0x80060882", "The version of the existing record doesn't match the"
                          " RowVersion property provided.")  # fmt: skip
        self.store.change(found[0], row)
        if "return=representation" in asked.headers.get("prefer", ""):
            return said(200, _read(found[0]))
        return nothing(OData_EntityId=f"{API}/{entity}({key})")

    def _create(self, asked: Asked, entity: str, row: Row) -> TwinAnswer:
        why = self.refuses(entity, row)
        if why:
            return _error(400, "0x80040265", why)
        column = self.store.tables[entity].keys[0]
        made = self.store.insert(entity, row)
        if made is None:
            return _error(412, "0x80040237", "A record with matching key values already exists.")
        key = made.row.get(column)
        if "return=representation" in asked.headers.get("prefer", ""):
            return said(201, _read(made))
        return nothing(OData_EntityId=f"{API}/{entity}({key})")

    def _many(self, asked: Asked, entity: str, what: str) -> TwinAnswer:
        """All rows or none; the same key twice is an error."""
        column = self.store.tables[entity].keys[0]
        targets = (asked.table() or {}).get("Targets")
        if not isinstance(targets, list) or not all(isinstance(t, dict) for t in targets):
            return _error(400, "0x80048d19", "Error identified in Payload")
        rows = [{n: v for n, v in t.items() if not n.startswith("@")} for t in targets]
        keys = [self.store.key(entity, row) for row in rows]
        there = [bool(self.store.find(entity, key)) for key in keys]
        why = next((w for row in rows if (w := self.refuses(entity, row))), "")
        if why:
            return _error(400, "0x80040265", why)
        if not all("@odata.type" in t for t in targets) or len(set(keys)) < len(keys):
            return _error(400, "0x80048d19", "Error identified in Payload")
        if what == "CreateMultiple" and any(there):
            return _error(412, "0x80040237", "A record with matching key values already exists.")
        for row, key, is_there in zip(rows, keys, there, strict=True):
            if is_there:
                self.store.change(self.store.find(entity, key)[0], row)
            else:
                self.store.insert(entity, row)
        return nothing() if what != "CreateMultiple" else said(
            200, {"Ids": [str(row.get(column)) for row in rows]}
        )

    def batch(self, asked: Asked, only: int | None = None) -> TwinAnswer:
        """One request after the other; goes on after an error if asked to."""
        goes_on = "continue-on-error" in asked.headers.get("prefer", "")
        parts: list[tuple[str, TwinAnswer]] = []
        for number, part in enumerate(_PART.finditer(asked.body.decode("utf-8", "replace"))):
            if only is not None and number >= only:
                break
            path = part["url"].partition(API)[2].partition("?")[0]
            heads = dict(line.split(": ", 1) for line in part["heads"].splitlines() if ": " in line)
            inner = Asked(method=part["method"], path=API + path, body=part["body"].encode(),
                          headers={k.lower(): v for k, v in heads.items()})  # fmt: skip
            one = self.answer(inner)
            parts.append(("", one))
            if one.status >= 400 and not goes_on:  # what came before it stays
                return replace(batch_answer(parts[-1:], in_change_sets=False), status=one.status)
        return batch_answer(parts, in_change_sets=False)


def _read(kept: Kept) -> Row:
    """A row as it is read: references under their plain names too."""
    row: Row = {"@odata.etag": f'W/"{kept.version}"', **kept.row}
    for name, value in kept.row.items():
        if name.endswith("@odata.bind") and isinstance(value, str):
            plain = name.removesuffix("@odata.bind")
            row[f"_{plain}_value"] = value.rpartition("(")[2].rstrip(")")
            del row[name]
    row["versionnumber"] = kept.version
    return row


def _absent(entity: str, key: str) -> TwinAnswer:
    return _error(404, "", f"{entity} With Id = {key} Does Not Exist")


def _error(status: int, code: str, message: str) -> TwinAnswer:
    return said(status, {"error": {"code": code, "message": message}})
