"""`check --live` and what `check` says about the ways of delivery."""

import json
from pathlib import Path

import pytest

from adapter.edge.sending.live import kept
from adapter.edge.twin.metadata import metadata_of
from adapter.reading.schema import Column, SchemaTable, parse_metadata
from adapter.telling.show_delivery import Delivery, consequences, deliveries_text
from tests.commands import small_company
from tests.sending_given import Desk

LARGE = """<?xml version="1.0"?>
<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx">
 <edmx:DataServices>
  <Schema Namespace="X" xmlns="http://docs.oasis-open.org/odata/ns/edm">
   <EnumType Name="Used"><Member Name="A" Value="0"/></EnumType>
   <EnumType Name="Unused"><Member Name="B" Value="0"/></EnumType>
   <EntityType Name="line"><Key><PropertyRef Name="id"/></Key>
    <Property Name="id" Type="Edm.Guid"/><Property Name="kind" Type="X.Used"/></EntityType>
   <EntityType Name="other"><Property Name="kind" Type="X.Unused"/></EntityType>
   <Action Name="Merge"/>
   <EntityContainer Name="C"><EntitySet Name="lines" EntityType="X.line"/>
    <EntitySet Name="others" EntityType="X.other"/></EntityContainer>
  </Schema>
 </edmx:DataServices>
</edmx:Edmx>"""


def test_live_metadata_proves_the_names_that_sending_touches(desk: Desk) -> None:
    before = json.loads(desk.run("check", "--format", "json").out)

    done = desk.run("check", "--live", "--format", "json")

    after = json.loads(done.out)
    assert done.code == 0, done.out
    assert before["unverified"]["sending"] and not after["unverified"]["sending"]
    assert {p.name for p in (desk.folder / "schema").iterdir()} == {
        "contoso-us-dataverse.xml", "contoso-us-finance.xml", "contoso-ca-dataverse.xml",
    }  # fmt: skip
    assert "tables of finance into schema/contoso-us-finance.xml" in done.err


def test_a_column_that_the_environment_does_not_have_is_named(desk: Desk) -> None:
    desk.twin.finance.metadata = desk.twin.finance.metadata.replace(b"SourceActualId", b"Elsewhere")

    done = desk.run("check", "--live", "--format", "json")

    said = json.loads(done.out)
    assert any("has no column `SourceActualId`" in f["message"] for f in said["findings"])
    assert said["unverified"]["sending"]["ProjAdvancedJournalLineHours"]


@pytest.mark.parametrize(
    ("body", "words"),
    [(b"<html>Sign in</html>", "no entity type"), (b"<edmx", "not XML"),
     (b'<!DOCTYPE x [<!ENTITY a "b">]><x/>', "document type")],
)  # fmt: skip
def test_what_is_no_metadata_is_refused_and_nothing_is_written(
    desk: Desk, body: bytes, words: str
) -> None:
    desk.twin.dataverse.metadata = body

    done = desk.run("check", "--live")

    assert done.code == 2 and words in done.err
    assert not (desk.folder / "schema").exists()


def test_without_a_connection_check_live_says_what_is_missing(tmp_path: Path) -> None:
    from tests.commands import ran

    done = ran(["check", "--live", small_company(tmp_path / "w", 3)])

    assert done.code == 2 and "no environment of adapter.toml has a `connect`" in done.err


def test_only_wanted_tables_are_kept_with_the_enums_they_name() -> None:
    text, found = kept(LARGE, {"lines"})

    tables, faults = parse_metadata("x", text)
    assert not found and not faults
    assert set(tables) == {"line", "lines"}
    assert tables["line"].columns[1].options == {"0": "A"}
    assert "Unused" not in text and "Action" not in text


def test_the_twin_describes_columns_as_they_are_read_again() -> None:
    table = SchemaTable(table="t", set="ts", key=("id",), columns=(
        Column(name="id", type="Uniqueidentifier"), Column(name="note", type="String", length=9),
        Column(name="product", type="Lookup", targets=("product",)), Column(name="", type="String"),
    ))  # fmt: skip

    tables, found = parse_metadata("x", metadata_of([table]).decode())

    read = tables["ts"]
    assert not found and read.key == ("id",)
    assert [(c.name, c.type, c.length, c.targets) for c in read.columns] == [
        ("id", "Uniqueidentifier", None, ()), ("note", "String", 9, ()),
        ("product", "Lookup", None, ("product",)),
    ]  # fmt: skip


def company(**more: object) -> Delivery:
    return Delivery(**{"company": "USMF", "delivery": "odata", "environment": "us", **more})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (company(delivery="validate-only", is_connected=True, map_state="running"), []),
        (company(delivery="validate-only", is_connected=True, map_state="stopped"),
         ["nobody sends them"]),
        (company(delivery="validate-only", map_state="running"), ["cannot look"]),
        (company(delivery="files", folder="outbox"), ["outbox/", "a person imports"]),
        (company(), ["refused: environment us has no `connect` table"]),
        (company(is_connected=True, map_state="paused"), ["held", "RTE407"]),
        (company(is_connected=True, unproven=3), ["refused until `check --live` has proven 3"]),
        (company(is_connected=True, late_commit_seconds=21_600), ["after 6 h at the earliest"]),
        (company(is_connected=True, is_twin=True, unproven=3, enforces_keys=True), ["the twin"]),
        (company(is_connected=True, has_anchor=False), ["name an `anchor` in [ledger]"]),
    ],
)  # fmt: skip
def test_each_way_of_delivery_says_what_follows(given: Delivery, words: list[str]) -> None:
    said = " | ".join(consequences(given))

    assert all(word in said for word in words)
    assert ("refused until" in said) == (given.unproven > 0 and not given.is_twin)
    assert all(len(line) <= 80 for line in deliveries_text([given]).splitlines())
