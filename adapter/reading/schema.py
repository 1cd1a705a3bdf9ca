"""What the other side's tables look like: columns, types, lengths, options, lookups.

Our own copy of the facts lies in `mappings/schema/`, one JSON file per table. A workspace may
lay its tenant's `$metadata` upon it. Each column says how sure we are: *documented* (read from
metadata or named in an article), *inferred* (by analogy), *unknown* (known by its label only).
"""

import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping
from typing import Literal

import msgspec
from msgspec import Struct

from adapter.values.alike import alike_in_any_case
from adapter.values.finding import Finding, Place, shown

Tag = Literal["documented", "inferred", "unknown"]

TAGS: tuple[Tag, ...] = ("documented", "inferred", "unknown")
METADATA_LENGTH_MAX = 128 * 1024 * 1024  # a large Finance environment has some 60 MB
LOOKUPS = frozenset({"Lookup", "Owner", "Customer"})


class Column(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One column. `name` is empty when only the label is known."""

    name: str
    type: str
    day: bool = False  # a date without a time of day
    length: int | None = None
    length_tag: Tag = "documented"
    precision: int | None = None
    required: str = "none"  # none, recommended, application, system, key
    read_only: bool = False
    targets: tuple[str, ...] = ()  # tables a lookup points at
    enum: str = ""
    options: dict[str, str] = {}  # code as text -> label (Dataverse) or symbol (Finance)
    older: tuple[int, ...] = ()  # options that only older metadata has
    label: str = ""
    tag: Tag = "documented"
    source: str = ""

    @property
    def is_lookup(self) -> bool:
        """Whether the column holds the id of a row of another table."""
        return self.type in LOOKUPS

    def has_option(self, code: int | str) -> bool:
        """Whether the code (Dataverse) or the symbol (Finance) is among the options."""
        return str(code) in self.options or code in self.options.values()


class SchemaTable(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One table or entity. `is_tenant`: read from the tenant's own metadata."""

    table: str
    columns: tuple[Column, ...]
    set: str = ""  # name of the public set; empty: no public set
    label: str = ""
    source: str = ""
    tag: Tag = "documented"
    key: tuple[str, ...] = ()
    name: str = ""  # the column that names a row
    entity: str = ""  # Finance: name of the data entity
    is_tenant: bool = False

    def column(self, name: str) -> Column | None:
        """The column with this name, letter by letter."""
        return next((c for c in self.columns if c.name == name and name), None)

    def nearest(self, name: str) -> tuple[str, ...]:
        """Up to three names of columns that look like `name`, best first."""
        return alike_in_any_case(name, (c.name for c in self.columns if c.name))

    def unverified(self) -> tuple[Column, ...]:
        """Columns whose name nobody has proven."""
        return tuple(c for c in self.columns if c.tag != "documented")


def entity_set(target: str, schemas: Mapping[str, SchemaTable]) -> str:
    """The entity set of a mapping's target: what the schema says, else the target's own name."""
    table = schemas.get(target)
    return (table.set if table is not None else "") or target


_decoder = msgspec.json.Decoder(SchemaTable)


def parse_schema(path: str, text: bytes) -> tuple[SchemaTable | None, tuple[Finding, ...]]:
    """One file of `mappings/schema/` or of a workspace's `schema/` folder."""
    try:
        return _decoder.decode(text), ()
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return None, (_fault(path, f"not a schema file: {shown(error)}"),)


def parse_metadata(path: str, text: str) -> tuple[dict[str, SchemaTable], tuple[Finding, ...]]:
    """The tables of a `$metadata` document (OData CSDL), by entity type and by set name.

    Document type declarations are refused: they may make a small file very large.
    """
    if len(text) > METADATA_LENGTH_MAX:
        return {}, (_fault(path, f"metadata has more than {METADATA_LENGTH_MAX} characters"),)
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        return {}, (_fault(path, "metadata declares a document type"),)
    try:
        root = ElementTree.fromstring(text)
    except (ElementTree.ParseError, ValueError, RecursionError) as error:
        line, column = getattr(error, "position", (0, -1))
        return {}, (_fault(path, f"not XML: {shown(error)}", line, column + 1),)
    enums = {
        e.get("Name", ""): {m.get("Value", ""): m.get("Name", "") for m in _parts(e, "Member")}
        for e in _all(root, "EnumType")
    }
    sets = {
        (s.get("EntityType") or "").rpartition(".")[2]: s.get("Name", "")
        for s in _all(root, "EntitySet")
    }
    found: dict[str, SchemaTable] = {}
    for entity in _all(root, "EntityType"):
        table = _table(entity, sets, enums)
        if table.table:
            found[table.table] = table
            if table.set:
                found[table.set] = table
    if not found:
        return {}, (_fault(path, "no entity type in the metadata"),)
    return found, ()


def lay_upon(shipped: SchemaTable | None, tenant: SchemaTable) -> SchemaTable:
    """The tenant's table, with what only our copy knows: options, labels, kinds of date.

    A column that the tenant does not have is gone; every column that it has is documented.
    """
    if shipped is None:
        return tenant
    ours = {c.name: c for c in shipped.columns if c.name}
    columns = tuple(_joined(ours.get(c.name), c) for c in tenant.columns)
    return msgspec.structs.replace(
        tenant,
        table=shipped.table,
        columns=columns,
        set=tenant.set or shipped.set,
        label=shipped.label,
        name=shipped.name,
        entity=shipped.entity,
        key=tenant.key or shipped.key,
    )


def _joined(ours: Column | None, theirs: Column) -> Column:
    if ours is None:
        return theirs
    return msgspec.structs.replace(
        ours,
        type=theirs.type if theirs.is_lookup or theirs.enum else ours.type,
        length=theirs.length or ours.length,
        length_tag="documented" if theirs.length else ours.length_tag,
        targets=theirs.targets or ours.targets,
        enum=theirs.enum or ours.enum,
        options=theirs.options or ours.options,
        tag="documented",
        source="tenant",
    )


_TYPES = {
    "Edm.String": "String", "Edm.Guid": "Uniqueidentifier", "Edm.Boolean": "Boolean",
    "Edm.Decimal": "Decimal", "Edm.Double": "Double", "Edm.Int32": "Integer",
    "Edm.Int64": "BigInt", "Edm.Date": "DateTime", "Edm.DateTimeOffset": "DateTime",
}  # fmt: skip


def _table(
    entity: ElementTree.Element, sets: Mapping[str, str], enums: Mapping[str, dict[str, str]]
) -> SchemaTable:
    name = entity.get("Name", "")
    key = tuple(r.get("Name", "") for r in _all(entity, "PropertyRef"))
    targets: dict[str, list[str]] = {}
    for way in _parts(entity, "NavigationProperty"):
        for bound in _parts(way, "ReferentialConstraint"):
            target = (way.get("Type") or "").rpartition(".")[2]
            targets.setdefault(bound.get("Property", ""), []).append(target)
    columns = tuple(_column(p, key, targets, enums) for p in _parts(entity, "Property"))
    return SchemaTable(
        table=name, columns=columns, set=sets.get(name, ""), key=key, source="tenant",
        is_tenant=True,
    )  # fmt: skip


def _column(
    part: ElementTree.Element,
    key: tuple[str, ...],
    targets: Mapping[str, list[str]],
    enums: Mapping[str, dict[str, str]],
) -> Column:
    name, kind = part.get("Name", ""), part.get("Type", "")
    length, enum = part.get("MaxLength", ""), kind.rpartition(".")[2]
    is_enum = enum in enums and not kind.startswith("Edm.")
    is_lookup = name.startswith("_") and name.endswith("_value")
    kind_name = "Lookup" if is_lookup else "Enum" if is_enum else _TYPES.get(kind, "Unknown")
    return Column(
        name=name[1:-6] if is_lookup else name,
        type=kind_name,
        day=kind == "Edm.Date",
        length=int(length) if length.isascii() and length.isdigit() and len(length) < 10 else None,
        required="key" if name in key else "none",
        targets=tuple(sorted(targets.get(name, ()))),
        enum=enum if is_enum else "",
        options=enums[enum] if is_enum else {},
        source="tenant",
    )


def _all(root: ElementTree.Element, name: str) -> list[ElementTree.Element]:
    return [e for e in root.iter() if _is(e, name)]


def _parts(parent: ElementTree.Element, name: str) -> list[ElementTree.Element]:
    return [e for e in parent if _is(e, name)]


def _is(element: ElementTree.Element, name: str) -> bool:
    return isinstance(element.tag, str) and element.tag.rpartition("}")[2] == name


def _fault(path: str, message: str, line: int = 0, column: int = 0) -> Finding:
    return Finding(
        code="SRC041",
        level="error",
        message=message,
        place=Place(path, line, column),
        help="Take the schema file from the release, or export `$metadata` again.",
    )
