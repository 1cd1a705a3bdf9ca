"""The shipped mappings, schemas, value maps and templates, for tests."""

from functools import cache
from pathlib import Path

from adapter.reading.mapping import parse_mapping
from adapter.reading.out_mapping import OutMapping
from adapter.reading.schema import SchemaTable, parse_schema
from adapter.reading.shapes import PAYLOAD_SHAPE, PROFORMA_PAGE_SHAPE
from adapter.reading.source import Source, parse_source
from adapter.reading.steps import Table
from adapter.reading.template import Template, parse_template
from adapter.reading.value_map import parse_table
from adapter.values.finding import Finding

ROOT = Path(__file__).parents[1]
TABLES = (
    "billing_methods", "billing_types", "document_types", "transaction_classes",
    "transaction_types",
)  # fmt: skip
TEMPLATES = (
    "integration-journal.json.j2", "invoice-proposal.json.j2", "on-account.json.j2",
    "proforma.json.j2", "proforma.html.j2",
)  # fmt: skip


def source_of(path: str, text: str) -> Source:
    source, found = parse_source(path, text)

    assert source is not None, found

    return source


@cache
def schemas() -> dict[str, SchemaTable]:
    found: dict[str, SchemaTable] = {}
    for path in sorted((ROOT / "mappings/schema").glob("*/*.json")):
        table, _ = parse_schema(path.name, path.read_bytes())
        if table is not None:
            found |= {name: table for name in (table.table, table.set) if name}
    return found


@cache
def tables() -> dict[str, Table]:
    found: dict[str, Table] = {}
    for name in TABLES:
        path = f"mappings/tables/{name}.toml"
        table, faults = parse_table(source_of(path, (ROOT / path).read_text()))
        assert table is not None, faults
        found[name] = table
    return found


def read_mapping(path: str, text: str) -> tuple[OutMapping | None, tuple[Finding, ...]]:
    return parse_mapping(source_of(path, text), schemas(), tables())


@cache
def mappings() -> dict[str, OutMapping]:
    found: dict[str, OutMapping] = {}
    for path in sorted(ROOT.glob("mappings/to-*/*.toml")):
        mapping, faults = read_mapping(str(path.relative_to(ROOT)), path.read_text())
        assert mapping is not None and not faults, faults
        found[mapping.name] = mapping
    return found


@cache
def templates() -> dict[str, Template]:
    found: dict[str, Template] = {}
    for name in TEMPLATES:
        kind, shape = ("html", PROFORMA_PAGE_SHAPE) if "html" in name else ("json", PAYLOAD_SHAPE)
        text = (ROOT / "templates" / name).read_text()
        template, faults = parse_template(f"templates/{name}", text, kind, shape)  # type: ignore[arg-type]
        assert template is not None, faults
        found[name] = template
    return found
