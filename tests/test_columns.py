"""From-mappings: the shipped ones are whole, and wrong ones are said."""

import json
import random
from datetime import date
from pathlib import Path

import pytest
from msgspec.structs import replace

from adapter.reading.binding import TableBinding
from adapter.reading.bound import field_types
from adapter.reading.columns import parse_binding
from adapter.reading.rows import read_rows
from adapter.reading.schema import SchemaTable, parse_schema
from adapter.reading.sheets import read_csv
from adapter.reading.source import parse_source
from adapter.values.finding import Finding
from adapter.values.records import RECORDS

ROOT = Path(__file__).parent.parent
SHIPPED = sorted((ROOT / "mappings").glob("from-*/*.toml"))
TWICE = {"work_order_line"}  # products and services


def schema_of(side: str, table: str) -> SchemaTable | None:
    path = ROOT / f"mappings/schema/{side}/{table}.json"
    return parse_schema(path.name, path.read_bytes())[0] if path.exists() else None


def parsed(
    text: str, path: str = "mappings/from-dataverse/actual.toml"
) -> tuple[TableBinding | None, tuple[Finding, ...]]:
    source, found = parse_source(path, text)
    assert source is not None, found
    side = "finance" if "finance" in path else "dataverse"
    return parse_binding(source, schema_of(side, str(source.table.get("table"))))


def shipped(path: Path) -> tuple[TableBinding, tuple[Finding, ...]]:
    binding, found = parsed(path.read_text(), path.relative_to(ROOT).as_posix())
    assert binding is not None, found
    return binding, found


@pytest.mark.parametrize("path", SHIPPED, ids=lambda p: p.stem)
def test_a_shipped_mapping_has_no_finding(path: Path) -> None:
    binding, found = shipped(path)

    assert [f"{f.code} {f.place} {f.message}" for f in found] == []
    assert path.stem == binding.record or binding.record in TWICE


@pytest.mark.parametrize("path", SHIPPED, ids=lambda p: p.stem)
def test_a_shipped_mapping_reads_every_field_of_its_record_once(path: Path) -> None:
    binding, _ = shipped(path)
    bound = [b.field for b in binding.fields]
    filled = [*bound, *binding.constants] + ["id"] * bool(binding.key)

    assert sorted(filled) == sorted(field_types(RECORDS[binding.record]))


def test_every_record_has_its_mapping() -> None:
    by_record: dict[str, int] = {}
    for path in SHIPPED:
        record = shipped(path)[0].record
        by_record[record] = by_record.get(record, 0) + 1

    assert by_record == {name: 2 if name in TWICE else 1 for name in RECORDS}


@pytest.mark.parametrize("path", SHIPPED, ids=lambda p: p.stem)
def test_a_row_of_a_shipped_mapping_comes_back_as_it_was_meant(path: Path) -> None:
    binding, _ = shipped(path)
    samples: dict[str, object] = {
        "text": "abc", "lookup": "key-1", "number": 1.5, "whole": 7, "day": "2026-11-14T12:00:00Z",
        "instant": "2026-11-14T15:00:00Z", "flag": binding.side != "finance" or "Yes",
    }  # fmt: skip
    row = {part.wire: "k" for part in binding.key}
    for b in binding.fields:
        row[b.wire] = str(next(iter(b.values))) if b.kind == "choice" else samples[b.kind]  # type: ignore[assignment]
        if b.kind == "choice" and isinstance(next(iter(b.values)), int):
            row[b.wire] = next(iter(b.values))  # type: ignore[assignment]
    result = read_rows(binding, json.dumps(row).encode(), "rows.jsonl")

    assert (result.faults, result.findings, len(result.records)) == ({}, (), 1)
    for b in binding.fields:
        value = getattr(result.records[0], b.field)
        expected = next(iter(b.values.values())) if b.kind == "choice" else value
        assert value == (expected or None), b.field
        assert value is not None or expected == "", b.field
        assert b.kind != "day" or value == date(2026, 11, 14)
    for field, value in binding.constants.items():
        assert getattr(result.records[0], field) == value


def test_what_is_not_proven_is_listed() -> None:
    binding, _ = shipped(ROOT / "mappings/from-dataverse/actual.toml")
    names = {(u.column, u.code, u.tag) for u in binding.unverified}

    assert ("msdyn_skipsync", "", "inferred") in names
    assert ("msdyn_vouchernumber", "", "unknown") in names
    assert ("msdyn_transactionclassification", "192350005", "inferred") in names
    assert not any(column == "msdyn_amount" for column, _, _ in names)


COMPANY = '''table = "cdm_company"
record = "company"

[field]
id = { column = "cdm_companyid" }
code = { column = "cdm_companycode" }
name = { column = "cdm_name" }
'''


@pytest.mark.parametrize(
    "old, new, expected",
    [
        ('record = "company"', 'record = "compny"', "MAP540 3:record=company"),
        ("name =", "nmae =", "MAP541 7"),
        ("cdm_name", "cdm_nmae", "MAP542 7"),
        ("cdm_name", "cdm_companycode", "MAP544 7"),
        ('{ column = "cdm_name" }', '"cdm_name"', "MAP545 7"),
        ('{ column = "cdm_name" }', '{ column = "cdm_name", type = "money" }', "MAP545 7"),
        ('{ column = "cdm_name" }', '{ column = "cdm_name", tag = "sure" }', "MAP545 7"),
        ('{ column = "cdm_name" }', '{ colum = "cdm_name" }', "MAP545 7"),
        ('{ column = "cdm_name" }', '{ column = "createdon" }', "MAP545 7"),
        ('{ column = "cdm_name" }', '{ column = "statecode" }', "MAP545 7"),
        ('{ column = "cdm_name" }', '{ column = "statecode", values = { 7 = "x" } }', "MAP543 7"),
        ('{ column = "cdm_name" }', '{ column = "statecode", values = { 0 = true } }', "MAP545 7"),
        ("id =", "key =", "MAP541 5"),
        ('record = "company"', 'record = "company"\nkind = "x"', "SRC002 3"),
        ('record = "company"', 'record = "company"\nkey = ["cdm_id"]', "MAP542 3"),
        ("name = {", "[custom]\nRegion = {", "MAP545 8"),
        ("name = {", '[constant]\nid = "x"\n[custom]\nname = {', "MAP541 8"),
        ('name = { column = "cdm_name" }\n', "", "MAP546 4"),
    ],
)
def test_a_wrong_mapping_is_said_at_its_line(old: str, new: str, expected: str) -> None:
    _, found = parsed(COMPANY.replace(old, new))
    code, _, line = expected.partition(" ")
    of_code = [f for f in found if f.code == code]

    assert of_code, [f"{f.code} {f.message}" for f in found]
    if line.isdigit():
        assert of_code[0].place.line == int(line)
    assert of_code[0].help


def test_the_nearest_right_name_is_offered() -> None:
    _, column = parsed(COMPANY.replace("cdm_name", "cdm_nmae"))
    _, record = parsed(COMPANY.replace('"company"', '"compny"'))

    assert "`cdm_name`" in column[0].help
    assert "`company`" in record[0].help


def test_a_table_that_no_schema_knows_needs_a_tag() -> None:
    text = COMPANY.replace('table = "cdm_company"', 'table = "acme_entity"')
    _, found = parsed(text)
    binding, tagged = parsed('tag = "unknown"\n' + text)

    assert [f.code for f in found] == ["MAP542"]
    assert tagged == () and binding is not None
    assert {u.tag for u in binding.unverified} == {"unknown"}


def test_a_custom_column_becomes_a_field_that_begins_with_x() -> None:
    text = COMPANY + '''
[custom]
region = { column = "cr_region", type = "text", tag = "unknown" }
limit = { column = "cr_limit", type = "number", tag = "unknown" }
'''
    binding, found = parsed(text)
    assert binding is not None and not found
    row = b'{"cdm_companyid": "c1", "cr_region": "north", "cr_limit": 1.10, "x_region": "no"}'
    record = read_rows(binding, row, "x.jsonl").records[0]

    assert binding.custom == {"x_region": "text", "x_limit": "number"}
    assert (record.x_region, str(record.x_limit)) == ("north", "1.1")  # type: ignore[attr-defined]


def test_a_field_without_column_is_never_filled_by_its_own_name() -> None:
    binding, _ = parsed(COMPANY.replace('name = { column = "cdm_name" }\n', ""))
    assert binding is not None
    record = read_rows(binding, b'{"cdm_companyid": "c1", "name": "x"}', "x.jsonl").records[0]

    assert record.name is None  # type: ignore[attr-defined]


def test_headings_of_another_language_are_bound_by_label() -> None:
    text = COMPANY.replace('"cdm_name" }', '"cdm_name", label = "Firma" }')
    binding, _ = parsed(text)
    assert binding is not None
    result = read_csv(binding, "cdm_companyid,cdm_companycode,Firma\nc1,USMF,Contoso\n", "x.csv")

    assert result.records[0].name == "Contoso"  # type: ignore[attr-defined]


def test_the_words_of_choices_are_told() -> None:
    binding, _ = shipped(ROOT / "mappings/from-finance/project_category.toml")

    assert binding.choices["transaction_type"] == ("fee", "hour", "expense", "item", "on-account")


def test_mutated_mappings_give_findings_and_never_a_traceback() -> None:
    chance = random.Random(20261115)
    seen: set[str] = set()
    for i in range(1_500):
        path = SHIPPED[i % len(SHIPPED)]
        text = path.read_text()
        for _ in range(chance.randint(1, 3)):
            at = chance.randrange(len(text))
            end = at + chance.randint(0, 12)
            put = chance.choice(["", '"', "[", "{", "7", "id", "true", text[at : end + 9], "\n"])
            text = text[:at] + put + text[end:]
        source, found = parse_source(path.relative_to(ROOT).as_posix(), text)
        if source is None:
            seen.update(f.code for f in found)
            continue
        side, table = path.parent.name.removeprefix("from-"), source.table.get("table")
        schema = schema_of(side, table) if isinstance(table, str) and table.isidentifier() else None
        binding, found = parse_binding(source, schema or schema_of("dataverse", "account"))
        seen.update(f.code for f in found)
        if binding is not None and i % 5 == 0:
            read_rows(binding, b'{"name": 1}\n{"id": "x"}', "x.jsonl")

    assert seen >= {"MAP540", "MAP541", "MAP542", "MAP545", "SRC001", "SRC002"}


def test_a_column_that_the_environment_has_not_is_not_helped_by_a_tag() -> None:
    text = 'table = "account"\nrecord = "account"\n[field]\nid = { column = "zzz_qqq" }\n'
    source, _ = parse_source("mappings/from-dataverse/account.toml", text)
    schema = schema_of("dataverse", "account")
    assert source is not None and schema is not None

    for is_tenant, message, help in (
        (False, "unknown column `zzz_qqq` of account", 'Correct it, or add tag = "unknown".'),
        (True, "your environment has no column `zzz_qqq`", "Correct it, or take the field out."),
    ):
        _, found = parse_binding(source, replace(schema, is_tenant=is_tenant))
        told = [(f.level, f.message, f.help) for f in found if f.code == "MAP542"]

        assert told == [("error", message, help)]
