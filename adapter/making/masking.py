"""Names of persons in what is shown of a document: initials, unless somebody asked for names.

Only the copies that a report keeps and a page shows are masked. What is sent, its digests and its
keys are made before and keep every letter. Which columns name a person follows from the mappings:
those whose source is the name of a bookable resource.
"""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from msgspec.structs import replace

from adapter.making.compared import NOTHING
from adapter.making.documents import Document
from adapter.making.payload import DETAILS, HEADER, LINES
from adapter.making.planned import PlannedDocument
from adapter.reading.mapper import payload_names
from adapter.reading.out_mapping import PERSONAL, OutMapping, names_person
from adapter.reading.schema import SchemaTable
from adapter.values.finding import initials

DIGEST_LENGTH = 16
Row = dict[str, Any]


def without_names(document: Document) -> Document:
    """The document with initials where its lines and their details name persons."""
    return replace(document, lines=[_values(line) for line in document.lines])


def _values(line: Row) -> Row:
    masked = {
        name: initials(value) if f"line.{name}" in PERSONAL and isinstance(value, str) else value
        for name, value in line.items()
    }
    if isinstance(line.get(DETAILS), list):
        masked[DETAILS] = [_values(one) for one in line[DETAILS]]
    return masked


class Columns:
    """The columns of one kind of document, and which of them name a person."""

    def __init__(self) -> None:
        self.known: set[str] = {DETAILS}
        self.personal: set[str] = set()


class Mask:
    """Masks documents as they are kept for a report; with `names` it only notes the columns."""

    def __init__(
        self, mappings: Mapping[str, OutMapping], schemas: Mapping[str, SchemaTable],
        names: bool = False,
    ) -> None:  # fmt: skip
        self.names = names
        self.kinds: dict[str, Columns] = {}
        for mapping in mappings.values():
            columns = self.kinds.setdefault(mapping.document, Columns())
            called = payload_names(mapping, schemas)
            columns.known.update((*called.values(), *mapping.links))
            columns.personal.update(called[f.name] for f in mapping.fields if names_person(f))

    def cover(self, planned: PlannedDocument) -> PlannedDocument:
        """The document as a report keeps it. Its payload is another one, where it is masked."""
        columns = self.kinds.get(planned.kind)
        if columns is None or not columns.personal:
            return planned
        found: dict[str, str] = {}
        if isinstance(planned.payload, dict):
            planned.payload = self._payload(planned.payload, columns, found)
        if found:
            said = "\n".join((planned.key, *found))
            planned.personal = {"columns": sorted(columns.personal),
                                "digest": sha256(said.encode()).hexdigest()[:DIGEST_LENGTH]}
        if not self.names:
            planned.changes = [
                {**c, **{side: initials(c[side]) for side in ("sent", "now") if c[side] != NOTHING}}
                if c["column"] in columns.personal else c
                for c in planned.changes
            ]  # fmt: skip
        return planned

    def _payload(self, payload: Row, columns: Columns, found: dict[str, str]) -> Row:
        lines = payload.get(LINES)
        rows = [self._row(row, columns, found) for row in lines] if isinstance(lines, list) else []
        whole = {**payload, LINES: rows} if isinstance(lines, list) else dict(payload)
        if HEADER in whole:
            whole[HEADER] = self._row(whole[HEADER], columns, found, found)
        return payload if self.names else whole

    def _row(
        self, row: Any, columns: Columns, found: dict[str, str], around: Mapping[str, str] = {}
    ) -> Any:
        """A row with initials. `around`: the names of the rows below it."""
        if not isinstance(row, dict):
            return row
        own = {name: row[name] for name in columns.personal & row.keys()
               if isinstance(row[name], str)}  # fmt: skip
        masked: Row = {**row}
        said = {value: initials(value) for value in own.values() if value}
        found.update(said)
        masked.update((name, said.get(value, value)) for name, value in own.items())
        if isinstance(row.get(DETAILS), list):
            masked[DETAILS] = [self._row(one, columns, found) for one in row[DETAILS]]
        for name in row.keys() - columns.known:  # a template made it, perhaps of the name
            value = row[name]
            if isinstance(value, str):
                for person, short in (*said.items(), *around.items()):
                    value = value.replace(person, short)
                masked[name] = value
        return masked
