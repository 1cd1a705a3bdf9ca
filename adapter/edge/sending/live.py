"""`check --live`: each environment's own $metadata into schema/, where the mappings meet it."""

from collections.abc import Iterable, Set
from pathlib import Path
from xml.etree import ElementTree

from adapter.edge.book import read_book
from adapter.edge.dataverse.client import API
from adapter.edge.dataverse.errors import said_by
from adapter.edge.finance.errors import said_by as said_by_finance
from adapter.edge.sending.office import Office, office
from adapter.edge.sending.patience import Patience
from adapter.edge.sending.ports import CannotConnect
from adapter.edge.sending.targets import SystemName
from adapter.edge.written import write_behind
from adapter.reading.schema import parse_metadata
from adapter.values.finding import Finding

PATHS: dict[SystemName, str] = {"dataverse": f"{API}/$metadata", "finance": "data/$metadata"}
EDMX = "http://docs.oasis-open.org/odata/ns/edmx"
EDM = "http://docs.oasis-open.org/odata/ns/edm"


def read_live(folder: Path, env: str | None) -> list[str]:
    """Read the metadata of every connected environment; what was read, line by line.

    Only tables that mappings and bindings name are kept, with all their columns. Raises
    CannotConnect, LedgerError, and what opening a workspace raises.
    """
    with office(folder, env) as here:
        said: list[str] = []
        here.targets.pin(here.ledger, said.append)
        wanted = _wanted(here)
        for name, setting in here.settings.environments.items():
            if setting.connect is None:
                continue
            for system in PATHS:
                if getattr(setting.connect, system):
                    said.append(_read(here, name, system, wanted))
    if not said:
        raise CannotConnect("no environment of adapter.toml has a `connect` table: "
                            "docs/sending.md shows one")  # fmt: skip
    return said


def _wanted(here: Office) -> frozenset[str]:
    """Every table and set that a mapping or a binding names."""
    book = read_book(here.folder, here.settings, here.settings.as_of)
    tables = {m.target for m in book.mappings.values()} | {b.table for b in book.bindings}
    sets = {s.set for t in tables if (s := book.schemas.get(t)) is not None}
    return frozenset(tables | sets | {b.set for b in book.bindings if b.set}) - {""}


def _read(here: Office, name: str, system: SystemName, wanted: Set[str]) -> str:
    session = here.targets.session(name, system)
    said = said_by_finance if system == "finance" else said_by
    answer = Patience(here.ledger, here.clock).read(
        here.targets.gate(name, system),
        lambda: session.call("GET", PATHS[system], headers={"Accept": "application/xml"}),
        lambda a: said(a, here.clock.now_ms()), session,
    )  # fmt: skip
    if not answer.is_fine:
        raise CannotConnect(f"{system} of {name} does not give its $metadata: "
                            f"{answer.message or answer.failure or answer.status}")  # fmt: skip
    text, found = kept(answer.body.decode("utf-8", "replace"), wanted)
    if found:
        raise CannotConnect(f"{system} of {name}: {found[0].message}")
    path = here.folder / "schema" / f"{name}-{system}.xml"
    write_behind(path, text)
    count = text.count("EntityType Name=")
    return f"{name}: {count} tables of {system} into schema/{path.name}"


def kept(text: str, wanted: Set[str]) -> tuple[str, tuple[Finding, ...]]:
    """The metadata with the wanted tables only, and the kinds that their columns name."""
    _, found = parse_metadata("$metadata", text)
    if found:
        return "", found
    for prefix, uri in (("edmx", EDMX), ("", EDM)):
        ElementTree.register_namespace(prefix, uri)
    root = ElementTree.fromstring(text)
    types = {
        e.get("Name", "") for e in _named(root, "EntityType") if e.get("Name", "") in wanted
    } | {
        (s.get("EntityType") or "").rpartition(".")[2]
        for s in _named(root, "EntitySet") if s.get("Name") in wanted
    }  # fmt: skip
    enums = {
        (part.get("Type") or "").rpartition(".")[2]
        for e in _named(root, "EntityType") if e.get("Name") in types
        for part in e.iter()
    }  # fmt: skip
    for parent in list(root.iter()):
        for child in list(parent):
            kind, name = _local(child), child.get("Name", "")
            is_wanted = {
                "EntityType": name in types,
                "EntitySet": (child.get("EntityType") or "").rpartition(".")[2] in types,
                "EnumType": name in enums,
                "Schema": True, "EntityContainer": True, "DataServices": True,
            }  # fmt: skip
            if _local(parent) in ("Edmx", "DataServices", "Schema", "EntityContainer") and (
                not is_wanted.get(kind, False)
            ):
                parent.remove(child)
    return ElementTree.tostring(root, encoding="unicode"), ()


def _named(root: ElementTree.Element, kind: str) -> Iterable[ElementTree.Element]:
    return (e for e in root.iter() if _local(e) == kind)


def _local(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""
