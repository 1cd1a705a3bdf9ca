"""A twin of a workspace: its tables from mappings and bindings, its rows from the records."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

import msgspec
from msgspec.structs import replace

from adapter.edge.book import Book
from adapter.edge.twin.faults import Faults
from adapter.edge.twin.finance_values import KINDS as TYPES
from adapter.edge.twin.metadata import metadata_of
from adapter.edge.twin.store import Row, TwinTable
from adapter.edge.twin.twin import LATE_MS, Twin
from adapter.making.steps import FINANCE_KINDS
from adapter.reading.out_mapping import OutMapping
from adapter.reading.schema import Column, SchemaTable, entity_set

# What mappings and bindings call a value -> what a schema calls its column.
KINDS = defaultdict(lambda: "String", {
    "lookup": "Lookup", "number": "Decimal", "whole": "Integer", "choice": "Picklist",
    "flag": "Boolean", "moment": "DateTime", "day": "DateTime",
    "instant": "DateTime",
})  # fmt: skip
_decode = msgspec.json.Decoder(float_hook=Decimal).decode


def twin_of(
    book: Book, folder: Path | None, *, now_ms: Callable[[], int], faults: Faults | None = None,
    enforces_keys: bool = True, late_ms: int = LATE_MS, poison: Iterable[str] = (),
    environment: str = "",
) -> Twin:  # fmt: skip
    """A twin that takes what the mappings send, and gives the rows of a workspace's records: of
    one environment, as its organisation, or of all together.
    """
    dataverse, finance = tables_of(book)
    twin = Twin(dataverse=dataverse.values(), finance=finance.values(), now_ms=now_ms,
                faults=faults, enforces_keys=enforces_keys, late_ms=late_ms, poison=poison,
                checks_audience=True)  # fmt: skip
    if environment:
        twin.dataverse.organization = organization_of(environment)
    twin.dataverse.metadata, twin.finance.metadata = described(book)
    if folder is not None:
        sets = {t.table: t.entity for t in dataverse.values() if t.table}
        for name, setting in book.settings.environments.items():
            if environment not in ("", name):
                continue
            said = setting.records
            for part in [said] if isinstance(said, str) else said:
                for path in sorted((folder / part).rglob("*.jsonl")):
                    if path.stem in sets:
                        twin.dataverse.store.load(sets[path.stem], _rows(path))
    return twin


def organization_of(environment: str) -> str:
    """The id by which WhoAmI of an environment's twin answers: always the same."""
    return str(uuid5(NAMESPACE_URL, f"twin/{environment}"))


def described(book: Book) -> tuple[bytes, bytes]:
    """$metadata of both systems: what our copy of the schema says, and what mappings name."""
    named: dict[tuple[bool, str], dict[str, str]] = {}
    for mapping in book.mappings.values():
        columns = named.setdefault((mapping.document in FINANCE_KINDS, mapping.target), {})
        for field in mapping.fields:
            columns.setdefault(field.name, "Lookup" if field.navigation else KINDS[field.type])
    for binding in book.bindings:
        columns = named.setdefault((binding.side == "finance", binding.table), {})
        for bound in binding.fields:
            columns.setdefault(bound.column.partition(".")[0], KINDS[bound.kind])
    made: tuple[list[SchemaTable], list[SchemaTable]] = ([], [])
    for (is_finance, name), columns in named.items():
        known = book.schemas.get(name) or SchemaTable(table=name, columns=())
        there = {c.name for c in known.columns}
        more = [Column(name=n, type=kind) for n, kind in columns.items() if n not in there]
        made[is_finance].append(replace(known, columns=(*known.columns, *more)))
    return metadata_of(made[0]), metadata_of(made[1])


def _rows(path: Path) -> Iterable[Row]:
    for line in path.read_bytes().splitlines():
        if line.strip():
            yield _decode(line)


def tables_of(book: Book) -> tuple[dict[str, TwinTable], dict[str, TwinTable]]:
    """Tables that are read and written, by entity set: of Dataverse and of Finance."""
    dataverse: dict[str, TwinTable] = {}
    for binding in book.bindings:
        if binding.side != "dataverse":
            continue
        key = binding.bound("id")
        entity = binding.set or f"{binding.table}s"
        if key is not None:
            dataverse[entity] = TwinTable(entity=entity, keys=(key.column,), table=binding.table)
    finance: dict[str, TwinTable] = {}
    linked = {c for m in book.mappings.values() for c in m.links}
    for mapping in book.mappings.values():
        table = _table(mapping, book.schemas, linked)
        side = finance if mapping.document in FINANCE_KINDS else dataverse
        side[table.entity] = table
    sets = {t.table: t.entity for t in dataverse.values()}
    for entity, table in dataverse.items():
        known = book.schemas.get(table.table)
        if known is not None:
            written = [f.navigation or f.name for m in book.mappings.values()
                       if m.target == table.table for f in m.fields]  # fmt: skip
            dataverse[entity] = _known(table, known, sets, written)
    return dataverse, finance


def _known(
    table: TwinTable, known: SchemaTable, sets: Mapping[str, str], written: Iterable[str]
) -> TwinTable:
    """A table with what our schema says of its lookups and choices.

    A target whose set nobody names is not checked; nor is what a mapping writes beyond the schema.
    """
    ways: dict[str, tuple[str, ...]] = dict.fromkeys(written, ())
    for column in known.columns:
        if not column.is_lookup or not column.name:
            continue
        there = tuple(sets[t] for t in column.targets if t in sets)
        ways[column.name] = there if len(there) == len(column.targets) else ()
        for target in column.targets if len(column.targets) > 1 else ():
            ways[f"{column.name}_{target}"] = (sets[target],) if target in sets else ()
    labels = {c.name: c.options for c in known.columns if c.options and c.name}
    return replace(table, lookups=ways, labels=labels, name=known.name)


def _table(
    mapping: OutMapping, schemas: Mapping[str, SchemaTable], linked: set[str]
) -> TwinTable:
    known = schemas.get(mapping.target)
    entity = entity_set(mapping.target, schemas)
    is_dataverse = mapping.document not in FINANCE_KINDS
    filled = () if is_dataverse else tuple(n for n in mapping.filled_there if n not in linked)
    if is_dataverse:
        return TwinTable(entity=entity, keys=mapping.key, table=mapping.target)
    return TwinTable(entity=entity, keys=mapping.key, filled=filled, types=_types(mapping, known),
                     label=known.label if known is not None else "")  # fmt: skip


def _types(mapping: OutMapping, known: SchemaTable | None) -> dict[str, str]:
    """Columns of a set of Finance, of the schema first, with what their values are."""
    columns = {c.name: "day" if c.day else TYPES.get(c.type, "text")
               for c in (known.columns if known is not None else ()) if c.name}  # fmt: skip
    for field in mapping.fields:
        columns.setdefault(field.name, TYPES.get(field.type, "text"))
    return {**columns, **dict.fromkeys((*mapping.filled_there, *mapping.links), "text")}
