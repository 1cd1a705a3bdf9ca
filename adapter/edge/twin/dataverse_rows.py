"""A row of the twin's Dataverse as it is read: lookups as ids, labels where they are asked for."""

from decimal import Decimal

from adapter.edge.twin.answers import Asked
from adapter.edge.twin.dataverse_store import DataverseStore, column_of
from adapter.edge.twin.refusal import is_wanted
from adapter.edge.twin.store import Kept, Row

LABEL = "@OData.Community.Display.V1.FormattedValue"
LEADS_TO = "@Microsoft.Dynamics.CRM.lookuplogicalname"
BY_NAME = "@Microsoft.Dynamics.CRM.associatednavigationproperty"
ALWAYS = ("@odata.etag",)


def plain(kept: Kept) -> Row:
    """The columns of a row, references under the names they are read by."""
    row: Row = {"@odata.etag": f'W/"{kept.version}"'}
    for name, value in kept.row.items():
        if name.endswith("@odata.bind"):
            id = str(value).rpartition("(")[2].rstrip(")").lower()
            row[f"_{column_of(name)}_value"] = None if value is None else id
        elif "@" not in name:
            row[name] = value
    row["versionnumber"] = kept.version
    return row


def shown(store: DataverseStore, entity: str, kept: Kept, asked: Asked) -> Row:
    """A row as the answer gives it: the columns that were selected, with their annotations."""
    row = plain(kept)
    wanted = selected(asked)
    if wanted:
        named = {*wanted, *ALWAYS, store.primary(entity)}
        row = {n: v for n, v in row.items() if n in named}
        row |= {n: None for n in wanted if n not in row}
    if "include-annotations" not in asked.headers.get("prefer", ""):
        return row
    full: Row = {}
    for name, value in row.items():
        full[name] = value
        for mark, text in _marks(store, entity, kept, name, value).items():
            if is_wanted(asked, mark):
                full[f"{name}{mark}"] = text
    return full


def selected(asked: Asked) -> list[str]:
    """The columns of `$select`; empty: all."""
    return [n.strip() for n in asked.query.get("$select", "").split(",") if n.strip()]


def _marks(
    store: DataverseStore, entity: str, kept: Kept, name: str, value: object
) -> dict[str, str]:
    """The annotations of one value; what stands in the records comes first."""
    given = {
        n.removeprefix(name): str(v) for n, v in kept.row.items() if n.startswith(f"{name}@")
    }  # fmt: skip
    if value is None or name.startswith("@"):
        return given
    label = store.tables[entity].labels.get(name, {}).get(str(value))
    if label is not None:
        return {LABEL: label, **given}
    if name.startswith("_") and name.endswith("_value"):
        return {**_lookup_marks(store, entity, kept, name, str(value)), **given}
    if isinstance(value, bool):
        return {LABEL: "Yes" if value else "No", **given}
    if isinstance(value, int | Decimal) and name != "versionnumber":
        return {LABEL: f"{value:,f}", **given}
    return given


def _lookup_marks(
    store: DataverseStore, entity: str, kept: Kept, name: str, id: str
) -> dict[str, str]:
    found = target_of(store, entity, kept, name)
    if found is None:
        return {}
    navigation, target = found
    marks = {LEADS_TO: store.tables[target].table or target, BY_NAME: navigation}
    there = store.by_id(target, id)
    naming = store.tables[target].name
    if there is not None and naming and there.row.get(naming):
        marks[LABEL] = str(there.row[naming])
    return marks


def target_of(
    store: DataverseStore, entity: str, kept: Kept, name: str
) -> tuple[str, str] | None:
    """Navigation property and entity set that a lookup's value leads to, where that is known."""
    for written, value in kept.row.items():
        if written.endswith("@odata.bind") and f"_{column_of(written)}_value" == name:
            target = str(value).strip("/").partition("(")[0]
            return (written.removesuffix("@odata.bind"), target) if target in store.tables else None
    for navigation, targets in store.tables[entity].lookups.items():
        if f"_{column_of(navigation)}_value" == name:
            for target in targets:
                if target in store.tables and store.by_id(target, str(plain(kept).get(name))):
                    return navigation, target
    return None
