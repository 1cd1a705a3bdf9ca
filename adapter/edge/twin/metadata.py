"""$metadata of the twin: the tables it takes and gives, as a real environment describes them."""

from collections.abc import Iterable
from xml.etree import ElementTree

from adapter.reading.schema import Column, SchemaTable

EDMX = "http://docs.oasis-open.org/odata/ns/edmx"
EDM = "http://docs.oasis-open.org/odata/ns/edm"
SPACE = "Microsoft.Dynamics"
KINDS = {
    "Uniqueidentifier": "Edm.Guid", "Boolean": "Edm.Boolean", "Decimal": "Edm.Decimal",
    "Money": "Edm.Decimal", "Double": "Edm.Double", "Integer": "Edm.Int32", "Picklist": "Edm.Int32",
    "State": "Edm.Int32", "Status": "Edm.Int32", "BigInt": "Edm.Int64", "Real": "Edm.Decimal",
    "Int64": "Edm.Int64", "DateTime": "Edm.DateTimeOffset", "Date": "Edm.DateTimeOffset",
}  # fmt: skip


def metadata_of(tables: Iterable[SchemaTable]) -> bytes:
    """The CSDL document of some tables; columns without a name are left out."""
    root = ElementTree.Element("edmx:Edmx", {"Version": "4.0", "xmlns:edmx": EDMX})
    services = ElementTree.SubElement(root, "edmx:DataServices")
    schema = ElementTree.SubElement(services, "Schema", {"Namespace": SPACE, "xmlns": EDM})
    sets: list[tuple[str, str]] = []
    for table in tables:
        entity = ElementTree.SubElement(schema, "EntityType", {"Name": table.table})
        if table.key:
            key = ElementTree.SubElement(entity, "Key")
            for name in table.key:
                ElementTree.SubElement(key, "PropertyRef", {"Name": name})
        for column in table.columns:
            if column.name:
                _column(entity, column)
        sets.append((table.set or table.table, table.table))
    box = ElementTree.SubElement(schema, "EntityContainer", {"Name": "System"})
    for name, kind in sets:
        ElementTree.SubElement(box, "EntitySet", {"Name": name, "EntityType": f"{SPACE}.{kind}"})
    said: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return said


def _column(entity: ElementTree.Element, column: Column) -> None:
    if not column.is_lookup:
        kind = KINDS.get(column.type, "Edm.String")
        said = {"Name": column.name, "Type": kind}
        if column.length and kind == "Edm.String":
            said["MaxLength"] = str(column.length)
        ElementTree.SubElement(entity, "Property", said)
        return
    held = f"_{column.name}_value"
    ElementTree.SubElement(entity, "Property", {"Name": held, "Type": "Edm.Guid"})
    for target in column.targets:
        way = ElementTree.SubElement(
            entity, "NavigationProperty", {"Name": column.name, "Type": f"{SPACE}.{target}"}
        )
        ElementTree.SubElement(way, "ReferentialConstraint", {"Property": held})
