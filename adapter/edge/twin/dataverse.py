"""Dataverse as the twin plays it: rows by id or alternate key, guards, and the way to the rest.

Lists and changes: `dataverse_pages`. Batches: `dataverse_batch`. Bulk messages:
`dataverse_bulk`. Tables and keys: `dataverse_metadata`. Limits: `limits`. Business rules:
`plug_ins`.
"""

import re
from collections import Counter
from collections.abc import Callable

from msgspec.structs import replace

from adapter.edge.twin.answers import Asked, TwinAnswer, nothing, said
from adapter.edge.twin.dataverse_batch import TwinBatch
from adapter.edge.twin.dataverse_bulk import TwinBulk
from adapter.edge.twin.dataverse_keys import Place, place_of, with_references
from adapter.edge.twin.dataverse_metadata import definitions, messages, with_actions
from adapter.edge.twin.dataverse_pages import PAGE_MAX, TwinPages, expanded
from adapter.edge.twin.dataverse_rows import plain
from adapter.edge.twin.dataverse_store import DataverseStore
from adapter.edge.twin.guards import Guards
from adapter.edge.twin.limits import Limits
from adapter.edge.twin.plug_ins import CODE, PlugIns
from adapter.edge.twin.refusal import REQUEST, THERE, Refused, absent, unreadable, wishes
from adapter.edge.twin.store import Kept, Row

API = "/api/data/v9.2"
ORGANIZATION = "0f6b1c7e-1111-4222-8333-444455556666"
PAGE = PAGE_MAX
_BULK = re.compile(r"(?P<set>\w+)/Microsoft\.Dynamics\.CRM\.(?P<what>\w+Multiple)")


class TwinDataverse:
    """One organisation."""

    def __init__(
        self, store: DataverseStore, *, now_ms: Callable[[], int],
        organization: str = ORGANIZATION, refuses: Callable[[str, Row], str] | None = None,
        page: int = PAGE,
    ) -> None:  # fmt: skip
        self.store = store
        self.organization = organization
        self.metadata = b""
        self.refuses = refuses or (lambda _entity, _row: "")
        self.page = page
        self.limits = Limits(now_ms)
        self.guards = Guards()
        self.plug_ins = PlugIns(store, now_ms)
        self.tags: Counter[str] = Counter()  # what `?tag=` said, by word
        self.pages = TwinPages(store, now_ms)
        self._batch = TwinBatch(store, self._inside)
        self._bulk = TwinBulk(store, self._created, self._changed)

    @property
    def expired(self) -> int:
        """Delta tokens up to this version are too old."""
        return self.pages.expired

    @expired.setter
    def expired(self, version: int) -> None:
        self.pages.expired = version

    def describe_anew(self, entity: str) -> None:
        """The table was changed: links to its changes that were given before are of no use."""
        self.store.version += 1
        self.pages.metadata_changed[entity] = self.store.version

    def answer(self, asked: Asked) -> TwinAnswer:
        """The answer to a request below the API's path."""
        self.plug_ins.land()
        try:
            self.limits.admit(asked.headers.get("x-twin-user", ""))
            given = self._answered(asked)
        except Refused as error:
            given = error.answer(asked)
        return replace(given, headers={**given.headers, **self.limits.headers()})

    def _inside(self, asked: Asked) -> TwinAnswer:
        """The answer to a request inside a batch: it counts no request, and costs as much."""
        try:
            return self._answered(asked)
        except Refused as error:
            return error.answer(asked)

    def batch(self, asked: Asked, only: int | None = None) -> TwinAnswer:
        """The answer to a batch, of which perhaps only so many parts are done."""
        try:
            return self._batch.answer(asked, only)
        except Refused as error:
            return error.answer(asked)

    def _answered(self, asked: Asked) -> TwinAnswer:
        path = asked.path.removeprefix(API).strip("/")
        if path == "$batch":
            return self.batch(asked)
        self.limits.spend()
        if asked.method != "GET":
            self.guards.note_bypass(asked)
            if "tag" in asked.query:
                self.tags[asked.query["tag"]] += 1
        if path == "$metadata":
            return TwinAnswer(status=200, headers={"Content-Type": "application/xml"},
                              body=with_actions(self.metadata, self.plug_ins.actions))
        if path == "WhoAmI":
            return said(200, {"OrganizationId": self.organization})
        if path == "sdkmessagefilters":
            return messages(self.store, asked)
        found = definitions(self.store, asked, path) or self.plug_ins.action(asked, path)
        return found or self._of_rows(asked, path)

    def _of_rows(self, asked: Asked, path: str) -> TwinAnswer:
        bulk = _BULK.fullmatch(path)
        if bulk is not None and bulk["set"] in self.store.tables and asked.method == "POST":
            self.limits.spend(len((asked.table() or {}).get("Targets") or ()))
            return self._bulk.answer(asked, bulk["set"], bulk["what"])
        place = place_of(self.store, path)
        if place is not None:
            return self._of_property(asked, place) if place.rest else self._one(asked, place)
        entity, _, rest = path.partition("/")
        if entity not in self.store.tables or rest not in ("", "$count"):
            raise Refused(404, REQUEST, f"Resource not found for the segment '{path}'.")
        if asked.method == "GET":
            return self.pages.count(asked, entity) if rest else self._list(asked, entity)
        if asked.method != "POST" or rest:
            raise Refused(405, REQUEST, f"{asked.method} is not for a set.")
        row = asked.table()
        if row is None:
            raise unreadable()
        return self._told(asked, entity, self._created(asked, entity, row), 201)

    def _list(self, asked: Asked, entity: str) -> TwinAnswer:
        address = f"{asked.headers.get('x-twin-base', '')}{API}/{entity}"
        return self.pages.answer(asked, entity, address, self.page)

    def _one(self, asked: Asked, place: Place) -> TwinAnswer:
        entity, kept = place.entity, place.kept
        if asked.method == "GET":
            kept = self._there(place)
            options = set(asked.query) & {"$expand"} or "odata.include-annotations" in wishes(asked)
            if not options and asked.headers.get("if-none-match") == _etag(kept):
                return nothing(304)
            return self._shown(asked, entity, kept, 200)
        if asked.method == "DELETE":
            kept = self._there(place)
            self._check_version(asked, kept)
            self.plug_ins.before_delete(entity, kept)
            self.store.remove(entity, kept)
            return nothing()
        row = asked.table()
        if asked.method != "PATCH" or row is None:
            raise unreadable()
        if kept is not None and asked.headers.get("if-none-match") == "*":
            raise Refused(412, "0x80060892", THERE)
        if kept is None:
            if "if-match" in asked.headers:
                self._there(place)
            id = {self.store.primary(entity): place.id} if place.id else {}
            made = self._created(asked, entity, {**place.said, **row, **id})
            return self._told(asked, entity, made, 201)
        self._check_version(asked, kept)
        keys = {self.store.primary(entity), *place.said}  # where the row is there: not heard
        self._changed(asked, entity, kept, {n: v for n, v in row.items() if n not in keys})
        return self._told(asked, entity, kept, 200)

    def _of_property(self, asked: Asked, place: Place) -> TwinAnswer:
        """One column of a row: read, set, emptied."""
        kept = self._there(place)
        if asked.method == "GET":
            row = plain(kept)
            value = row.get(place.rest)
            return nothing() if value is None else said(200, {"value": value})
        table = asked.table() or {}
        if asked.method != "DELETE" and (asked.method != "PUT" or "value" not in table):
            raise unreadable()
        self._check_version(asked, kept)
        self._changed(asked, place.entity, kept, {place.rest: table.get("value")})
        return nothing()

    def _there(self, place: Place) -> Kept:
        if place.kept is None:
            raise absent(self.store.tables[place.entity].table or place.entity, place.key)
        return place.kept

    def _check_version(self, asked: Asked, kept: Kept) -> None:
        if asked.headers.get("if-match", "*") not in ("*", _etag(kept)):
            raise Refused(412, "0x80060882", "The version of the existing record doesn't match the"
                          " RowVersion property provided.")  # fmt: skip

    def _changed(self, asked: Asked, entity: str, kept: Kept, changes: Row) -> None:
        changes = with_references(self.store, entity, changes)
        why = self.refuses(entity, changes)
        if why:
            raise Refused(400, CODE, why)
        changes = self.plug_ins.before_change(entity, kept, changes)
        after = {**kept.row, **changes}
        if self.store.clash(entity, after, kept) is not None:
            raise Refused(412, "0x80060892", THERE)
        self.guards.check_duplicate(asked, self.store, entity, after, kept)
        self.store.change(kept, changes)

    def _created(self, asked: Asked, entity: str, row: Row) -> Kept:
        row = with_references(self.store, entity, row)
        why = self.refuses(entity, row)
        if why:
            raise Refused(400, CODE, why)
        self.plug_ins.before_create(entity, row)
        column = self.store.primary(entity)
        if not row.get(column):
            row = {column: self.store.fresh_id(entity), **row}
        if self.store.clash(entity, row) is not None:
            raise Refused(412, "0x80060892", THERE)
        self.guards.check_duplicate(asked, self.store, entity, row, None)
        made = self.store.insert(entity, row)
        if made is None:
            raise Refused(412, "0x80040237", THERE)
        return made

    def _told(self, asked: Asked, entity: str, kept: Kept, status: int) -> TwinAnswer:
        """204 with the address of the row, or the row itself where that was asked for."""
        if wishes(asked).get("return") == "representation":
            return self._shown(asked, entity, kept, status)
        id = kept.row.get(self.store.primary(entity))
        where = f"{asked.headers.get('x-twin-base', '')}{API}/{entity}({id})"
        answer = nothing(OData_EntityId=where)
        if "x-twin-inside" in asked.headers:
            answer.headers["Location"] = where
        return answer

    def _shown(self, asked: Asked, entity: str, kept: Kept, status: int) -> TwinAnswer:
        base = f"{asked.headers.get('x-twin-base', '')}{API}/$metadata#{entity}/$entity"
        row = {"@odata.context": base, **expanded(self.store, entity, kept, asked)}
        answer = said(status, row)
        if wishes(asked).get("return") == "representation":
            answer.headers["Preference-Applied"] = "return=representation"
        return answer


def _etag(kept: Kept) -> str:
    return f'W/"{kept.version}"'
