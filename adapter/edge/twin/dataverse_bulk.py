"""Bulk messages of the twin's Dataverse: all rows of a call or none of them."""

from collections.abc import Callable

from adapter.edge.twin.answers import Asked, TwinAnswer, nothing, said
from adapter.edge.twin.dataverse_keys import Place, place_of
from adapter.edge.twin.dataverse_store import DataverseStore
from adapter.edge.twin.refusal import REQUEST, Refused, absent, unreadable
from adapter.edge.twin.store import Kept, Row

MESSAGES = ("CreateMultiple", "UpdateMultiple", "UpsertMultiple")
PREFIX = "Microsoft.Dynamics.CRM."
Create = Callable[[Asked, str, Row], Kept]
Change = Callable[[Asked, str, Kept, Row], None]


class TwinBulk:
    """Takes rows apart and writes each as if it came alone, in one unit."""

    def __init__(self, store: DataverseStore, create: Create, change: Change) -> None:
        self.store = store
        self.create = create
        self.change = change

    def answer(self, asked: Asked, entity: str, message: str) -> TwinAnswer:
        """The answer to a bulk message. Raises Refused, and then nothing is written."""
        table = self.store.tables[entity]
        if message == "DeleteMultiple":
            raise Refused(501, "", "DeleteMultiple has not yet been implemented.")
        if message not in MESSAGES or not table.takes_many:
            raise Refused(400, REQUEST, f"'{message}' is not supported for '{table.table}'.")
        targets = (asked.table() or {}).get("Targets")
        if not isinstance(targets, list) or not targets:
            raise unreadable("no Targets")
        kind = f"{PREFIX}{table.table or entity}"
        rows: list[tuple[Place, Row]] = []
        for target in targets:
            if not isinstance(target, dict) or target.get("@odata.type") != kind:
                raise unreadable(f"a target without the type '{kind}'")
            rows.append(self._row(entity, target))
        named = [place.key for place, _ in rows if place.key]
        if len(set(named)) < len(named):
            raise unreadable("the same key twice in one call")
        ids = []
        with self.store.unit():
            for place, row in rows:
                ids.append(self._written(asked, message, place, row))
        return said(200, {
            "@odata.context": f"{asked.headers.get('x-twin-base', '')}/api/data/v9.2/"
                              f"$metadata#{PREFIX}CreateMultipleResponse",
            "Ids": ids,
        }) if message == "CreateMultiple" else nothing()  # fmt: skip

    def _row(self, entity: str, target: Row) -> tuple[Place, Row]:
        row = {n: v for n, v in target.items() if not n.startswith("@")}
        named = target.get("@odata.id")
        primary = self.store.primary(entity)
        if named is not None:
            place = place_of(self.store, str(named).strip("/"))
            if place is None or place.entity != entity:
                raise unreadable(f"'{named}' names no row of '{entity}'")
        else:
            id = str(row.get(primary) or "").lower()
            place = Place(entity, id, self.store.by_id(entity, id) if id else None, {}, "")
        return place, row

    def _written(self, asked: Asked, message: str, place: Place, row: Row) -> str:
        primary = self.store.primary(place.entity)
        if message == "CreateMultiple":
            return str(self.create(asked, place.entity, row).row[primary])
        if place.kept is not None:
            keys = {primary, *place.said}
            changes = {n: v for n, v in row.items() if n not in keys}
            self.change(asked, place.entity, place.kept, changes)
            return str(place.kept.row[primary])
        if message == "UpdateMultiple":
            raise absent(self.store.tables[place.entity].table or place.entity, place.key)
        own = {primary: place.id} if place.id else {}
        return str(self.create(asked, place.entity, {**place.said, **row, **own}).row[primary])
