"""telling/schemas.py: the shipped files fit the schemas that an editor judges them by."""

from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

import pytest

from adapter.edge.book import Book, Shelf, options, read_book
from adapter.edge.schema_command import document_sources
from adapter.reading.settings import Settings
from adapter.reading.source import parse_source
from adapter.telling import schemas
from tests.commands import CONTOSO

TYPES = {"string": (str, date), "boolean": bool, "integer": int, "number": (int, Decimal),
         "array": list, "object": dict}  # fmt: skip


@cache
def book() -> Book:
    return read_book(None, Settings())


def faults(schema: Any, value: Any, root: Any, at: str = "") -> list[str]:
    """What draft 4 says of a value, for the part of it that our schemas use."""
    if "$ref" in schema:
        return faults(root["definitions"][schema["$ref"].rpartition("/")[2]], value, root, at)
    if "anyOf" in schema and all(faults(s, value, root, at) for s in schema["anyOf"]):
        return [f"{at}: none of anyOf"]
    found = []
    said = schema.get("type")
    kinds = [said] if isinstance(said, str) else said or []
    if kinds and not any(isinstance(value, TYPES[k]) for k in kinds):
        return [f"{at}: {value!r} is not {said}"]
    if "enum" in schema and value not in schema["enum"]:
        found.append(f"{at}: {value!r} is not in the list")
    if isinstance(value, list):
        for number, part in enumerate(value):
            found += faults(schema.get("items", {}), part, root, f"{at}[{number}]")
    if isinstance(value, dict):
        known, others = schema.get("properties", {}), schema.get("additionalProperties", {})
        for key, part in value.items():
            if key in known:
                found += faults(known[key], part, root, f"{at}.{key}")
            elif others is False:
                found.append(f"{at}: unknown key {key}")
            elif isinstance(others, dict):
                found += faults(others, part, root, f"{at}.{key}")
        needed = schema.get("required", ())
        found += [f"{at}: {key} is missing" for key in needed if key not in value]
    return found


def test_the_shipped_files_fit_their_schemas() -> None:
    own = book()
    out = schemas.out_mapping(own.schemas, document_sources(), own.templates)
    made = {
        "rules": schemas.rule_file(own.catalogue, own.rulebook, own.mappings),
        "mappings/from-dataverse": schemas.from_mapping(own.schemas),
        "mappings/from-finance": schemas.from_mapping(own.schemas),
        "mappings/to-finance": out,
        "mappings/to-dataverse": out,
        "cases": schemas.case_file(own.catalogue, own.rulebook),
    }
    shelf = Shelf(None)
    found, count = [], 0
    for folder, schema in made.items():
        for file in shelf.texts(folder):
            source = shelf.source(file)
            assert source is not None
            if "/golden/" not in file.path:
                found += faults(schema, source.table, schema, file.path)
                count += 1

    assert found == []
    assert count > 60


def test_the_sample_workspace_fits_its_schema() -> None:
    source, _ = parse_source("adapter.toml", (CONTOSO / "adapter.toml").read_text("utf-8"))
    schema = schemas.settings_file(options(), book().rulebook.rules_by_id, ["America/Chicago",
        "America/Toronto", "Europe/London"])  # fmt: skip
    assert source is not None

    assert faults(schema, source.table, schema) == []


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"asks": "demand"}, "not in the list"), ({"rule": [{"wehn": []}]}, "unknown key wehn"),
        ({"rule": [{"send": {"document": "letter"}}]}, "not in the list"),
    ],
)  # fmt: skip
def test_a_faulty_rule_file_does_not_fit(table: dict[str, Any], said: str) -> None:
    schema = schemas.rule_file(book().catalogue, book().rulebook, book().mappings)

    assert any(said in fault for fault in faults(schema, table, schema))
