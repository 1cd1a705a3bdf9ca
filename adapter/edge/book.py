"""The files that implementers edit, shipped and the workspace's own, read and checked."""

from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path

from msgspec import Struct

import adapter.deciding.facts_all  # noqa: F401  registers every computed fact
from adapter.deciding.facts import FactDef, catalogue_of, definitions
from adapter.edge import shipped
from adapter.edge.passed_over import bound_twice, passed_over, unused
from adapter.edge.shelf import DIGEST_LENGTH as DIGEST_LENGTH
from adapter.edge.shelf import SETTINGS_FILE, Shelf
from adapter.edge.shelf import options as options
from adapter.making.workspace import FileRead
from adapter.reading.binding import TableBinding
from adapter.reading.catalogue import Catalogue, FactSpec
from adapter.reading.columns import parse_binding
from adapter.reading.event_file import EventFile, parse_event_file
from adapter.reading.mapping import parse_mapping
from adapter.reading.move_table import MOVE_FILE, parse_move
from adapter.reading.out_mapping import OutMapping
from adapter.reading.reconcile_table import RECONCILE_FILE, ReconcileTable, parse_reconcile
from adapter.reading.rulebook import Rulebook, RuleFile, make_rulebook
from adapter.reading.rulefile import declared_facts, parse_rule_file
from adapter.reading.schema import SchemaTable, lay_upon, parse_metadata, parse_schema
from adapter.reading.settings import Settings
from adapter.reading.shapes import PAYLOAD_SHAPE, PROFORMA_PAGE_SHAPE
from adapter.reading.source import Source
from adapter.reading.steps import Table
from adapter.reading.template import Template, parse_template
from adapter.reading.value_map import parse_table
from adapter.values.finding import Finding
from adapter.values.record import Record

EVENTS_FILE = "mappings/tables/events.toml"  # what the sources leave open about actuals


class Book(Struct, frozen=True, kw_only=True):
    """Everything that decides: rules, facts, mappings, templates, schema."""

    settings: Settings
    rulebook: Rulebook
    facts: Mapping[str, FactDef]
    catalogue: Catalogue
    bindings: tuple[TableBinding, ...]
    mappings: Mapping[str, OutMapping]
    templates: Mapping[str, Template]
    schemas: Mapping[str, SchemaTable]
    tables: Mapping[str, Table]
    sources: Mapping[str, Source]
    files: tuple[FileRead, ...]
    findings: tuple[Finding, ...]
    events: EventFile = EventFile()
    reconciling: ReconcileTable = ReconcileTable()

PAGES = ("report.html.j2", "story.html.j2")  # drawn by telling/, no documents


@cache
def _shipped_schemas() -> dict[str, SchemaTable]:
    """Our own copy of the other side's schema, by table and by set name."""
    found: dict[str, SchemaTable] = {}
    for path, at in shipped.files("mappings", "schema/**/*.json"):
        table, _ = parse_schema(path, at.read_bytes())
        if table is not None:
            found[table.table] = table
            if table.set:
                found[table.set] = table
    return found


def schemas_of(shelf: Shelf) -> dict[str, SchemaTable]:
    """The shipped schema with a tenant's own `$metadata` (schema/*.xml) laid upon it."""
    found = dict(_shipped_schemas())
    own = None if shelf.workspace is None else shelf.workspace / "schema"
    for at in sorted(own.glob("*.xml")) if own is not None and own.is_dir() else ():
        text = shelf.large(f"schema/{at.name}", at)
        if text is None:
            continue
        tables, findings = parse_metadata(f"schema/{at.name}", text)
        shelf.found.extend(findings)
        for name, table in tables.items():
            found[name] = lay_upon(found.get(name), table)
    return found


def bindings_of(shelf: Shelf, schemas: Mapping[str, SchemaTable]) -> tuple[TableBinding, ...]:
    """From-mappings; a workspace's file replaces the shipped one of the same name."""
    by_path: dict[str, TableBinding] = {}
    for folder in ("mappings/from-dataverse", "mappings/from-finance"):
        for file in shelf.texts(folder):
            source = shelf.source(file)
            if source is None:
                continue
            table = source.table.get("table")
            schema = schemas.get(table) if isinstance(table, str) else None
            binding, found = parse_binding(source, schema)
            shelf.found.extend(found)
            if binding is not None:
                shelf.found.extend(bound_twice(binding, source, by_path))
                by_path[file.path] = binding
    return tuple(by_path.values())


@cache
def shipped_bindings() -> tuple[TableBinding, ...]:
    """The from-mappings that come with the package."""
    shelf = Shelf(None)
    return bindings_of(shelf, schemas_of(shelf))


def read_book(workspace: Path | None, settings: Settings, as_of: date | None = None) -> Book:
    """All files that decide. Findings are collected; nothing is raised for a faulty file."""
    shelf = Shelf(workspace)
    schemas = schemas_of(shelf)
    bindings = bindings_of(shelf, schemas)
    words: dict[tuple[type[Record], str], tuple[str, ...]] = {}
    custom: dict[type[Record], dict[str, str]] = {}
    for binding in bindings:
        for field, choices in binding.choices.items():
            known = words.get((binding.kind, field), ())
            words[binding.kind, field] = tuple(dict.fromkeys((*known, *choices)))
        custom.setdefault(binding.kind, {}).update(binding.custom)
    facts = definitions(words, custom, options())
    rulebook, catalogue = _rules(shelf, facts, settings, as_of)
    tables = {}
    events = EventFile()
    for file in shelf.texts("mappings/tables"):
        source = shelf.source(file) if file.path != SETTINGS_FILE else None
        if source is not None and file.path == EVENTS_FILE:
            events, found = parse_event_file(source)
            shelf.found.extend(found)
        elif source is not None and file.path == MOVE_FILE:
            shelf.found.extend(parse_move(source)[1])
        elif source is not None and file.path != RECONCILE_FILE:
            table, found = parse_table(source)
            shelf.found.extend(found)
            if table is not None:
                tables[table.name] = table
    mappings: dict[str, OutMapping] = {}
    for folder in ("mappings/to-finance", "mappings/to-dataverse"):
        for file in shelf.texts(folder):
            source = shelf.source(file)
            if source is not None:
                mapping, found = parse_mapping(source, schemas, tables)
                shelf.found.extend(found)
                if mapping is not None:
                    mappings[mapping.name] = mapping
    reconciling = ReconcileTable()
    if RECONCILE_FILE in shelf.sources:
        reconciling, found = parse_reconcile(shelf.sources[RECONCILE_FILE], mappings, schemas)
        shelf.found.extend(found)
    templates: dict[str, Template] = {}
    for file in shelf.texts("templates", "*.j2"):
        if file.path.endswith(PAGES):
            continue  # drawn by telling/, which knows its own variables
        is_json = file.path.endswith(".json.j2")
        shape = PAYLOAD_SHAPE if is_json else PROFORMA_PAGE_SHAPE
        template, found = parse_template(file.path, file.text, "json" if is_json else "html", shape)
        shelf.found.extend(found)
        if template is not None:
            templates[file.path.rpartition("/")[2]] = template
    own = [key.partition(":")[2] for key in shelf.files if key.startswith("workspace:")]
    shelf.found.extend(unused(own, rulebook, mappings, templates))
    shelf.found.extend(passed_over(workspace) if workspace is not None else ())
    return Book(
        settings=settings, rulebook=rulebook, facts=facts, catalogue=catalogue, bindings=bindings,
        mappings=mappings, templates=templates, schemas=schemas, tables=tables,
        sources=shelf.sources, files=shelf.read(), findings=tuple(shelf.found), events=events,
        reconciling=reconciling,
    )  # fmt: skip


def _rules(
    shelf: Shelf, facts: Mapping[str, FactDef], settings: Settings, as_of: date | None
) -> tuple[Rulebook, Catalogue]:
    sources: list[tuple[Source, str]] = []
    for file in shelf.texts("rules"):
        source = shelf.source(file)
        if source is not None:
            sources.append((source, file.origin))
    declared: dict[str, FactSpec] = {}
    for source, _ in sources:
        declared.update({spec.name: spec for spec in declared_facts(source)})
    catalogue = catalogue_of(facts.values(), declared.values())
    parsed: dict[str, list[RuleFile]] = {"shipped": [], "workspace": []}
    for source, origin in sources:
        rule_file, found = parse_rule_file(source, catalogue, origin)
        shelf.found.extend(found)
        if rule_file is not None:
            parsed[origin].append(rule_file)
    rulebook, found = make_rulebook(
        parsed["shipped"], parsed["workspace"], settings.rules, settings.place, as_of,
        settings.rule_places,
    )  # fmt: skip
    shelf.found.extend(found)
    return rulebook, catalogue
