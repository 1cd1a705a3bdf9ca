"""The schema: our facts, their tags, and a tenant's metadata laid upon them."""

import random
from pathlib import Path

import pytest

from adapter.reading.schema import lay_upon, parse_metadata, parse_schema

FOLDER = Path(__file__).parent.parent / "mappings/schema"
FILES = sorted(p for p in FOLDER.glob("*/*.json") if p.name != "enums.json")


@pytest.mark.parametrize("side, least", [("dataverse", 90), ("finance", 114)])
def test_every_schema_file_is_read_and_names_itself(side: str, least: int) -> None:
    files = [p for p in FILES if p.parent.name == side]
    for path in files:
        table, found = parse_schema(path.name, path.read_bytes())
        assert table is not None, found
        named = [c.name for c in table.columns if c.name]
        assert table.table == path.stem
        assert len(named) == len(set(named)), path
        assert all(c.tag == "unknown" and c.label for c in table.columns if not c.name), path

    assert len(files) >= least


def test_columns_say_how_sure_we_are() -> None:
    actual, _ = parse_schema("x", (FOLDER / "dataverse/msdyn_actual.json").read_bytes())
    company, _ = parse_schema("x", (FOLDER / "dataverse/cdm_company.json").read_bytes())
    assert actual is not None and company is not None
    tags = {c.name or c.label: c.tag for c in actual.columns}

    assert tags["msdyn_amount"] == "documented"
    assert tags["msdyn_skipsync"] == "inferred"
    assert tags["Voucher number"] == "unknown"
    assert {c.tag for c in company.columns if c.name.startswith("cdm_")} == {"inferred"}
    assert [c.name for c in actual.unverified() if c.label == "Tax"] == ["msdyn_tax"]


def test_types_options_and_lookups_are_there() -> None:
    actual, _ = parse_schema("x", (FOLDER / "dataverse/msdyn_actual.json").read_bytes())
    assert actual is not None
    project, kind = actual.column("msdyn_project"), actual.column("msdyn_billingtype")
    assert project is not None and kind is not None

    assert (project.is_lookup, project.targets) == (True, ("msdyn_project",))
    assert kind.has_option(192350001) and not kind.has_option(1)
    assert actual.nearest("msdyn_prject")[0] == "msdyn_project"
    assert actual.column("") is None


METADATA = """<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx">
<edmx:DataServices><Schema Namespace="m" xmlns="http://docs.oasis-open.org/odata/ns/edm">
<EnumType Name="NoYes"><Member Name="No" Value="0"/><Member Name="Yes" Value="1"/></EnumType>
<EntityType Name="msdyn_actual"><Key><PropertyRef Name="msdyn_actualid"/></Key>
<Property Name="msdyn_actualid" Type="Edm.Guid"/>
<Property Name="msdyn_description" Type="Edm.String" MaxLength="50"/>
<Property Name="_msdyn_project_value" Type="Edm.Guid"/>
<Property Name="msdyn_billingtype" Type="Edm.Int32"/>
<Property Name="cr_flag" Type="m.NoYes"/>
<NavigationProperty Name="p" Type="m.msdyn_project">
<ReferentialConstraint Property="_msdyn_project_value" ReferencedProperty="id"/>
</NavigationProperty></EntityType>
<EntityContainer Name="c"><EntitySet Name="msdyn_actuals" EntityType="m.msdyn_actual"/>
</EntityContainer></Schema></edmx:DataServices></edmx:Edmx>"""


def test_a_tenants_metadata_is_laid_upon_our_facts() -> None:
    shipped, _ = parse_schema("x", (FOLDER / "dataverse/msdyn_actual.json").read_bytes())
    tables, found = parse_metadata("schema/metadata.xml", METADATA)
    assert not found
    table = lay_upon(shipped, tables["msdyn_actuals"])
    by_name = {c.name: c for c in table.columns}

    assert tables["msdyn_actual"] is tables["msdyn_actuals"]
    assert table.is_tenant and table.set == "msdyn_actuals" and table.key == ("msdyn_actualid",)
    assert by_name["msdyn_description"].length == 50
    assert by_name["msdyn_project"].targets == ("msdyn_project",)
    assert by_name["msdyn_billingtype"].has_option(192350001), "options are ours"
    assert by_name["cr_flag"].options == {"0": "No", "1": "Yes"}
    assert "msdyn_skipsync" not in by_name, "the tenant does not have it"
    assert lay_upon(None, tables["msdyn_actual"]) is tables["msdyn_actual"]


@pytest.mark.parametrize(
    "text",
    ["", "<a", "<a/>", "{}", '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "<a>&b;</a>", "\x00<a/>"],
)
def test_what_is_no_metadata_is_a_finding(text: str) -> None:
    tables, found = parse_metadata("schema/metadata.xml", text)

    assert (tables, [f.code for f in found]) == ({}, ["SRC041"])


@pytest.mark.parametrize("text", [b"", b"{}", b"[]", b'{"table": 1}', b"\xff", b"[" * 99_999])
def test_what_is_no_schema_file_is_a_finding(text: bytes) -> None:
    table, found = parse_schema("schema/x.json", text)

    assert (table, [f.code for f in found]) == (None, ["SRC041"])


def test_mutated_metadata_gives_findings_and_never_a_traceback() -> None:
    chance = random.Random(7)
    outcomes = set()
    for _ in range(1_000):
        at = chance.randrange(len(METADATA))
        end = at + chance.randint(0, 20)
        text = METADATA[:at] + chance.choice(["", "<", "&", '"', "9" * 20]) + METADATA[end:]
        tables, found = parse_metadata("schema/metadata.xml", text)
        outcomes.add(bool(tables))
        assert bool(tables) != bool(found)

    assert outcomes == {True, False}
