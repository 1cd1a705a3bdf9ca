"""Files of a workspace that nothing reads are told, and a table is read by one mapping."""

import json
from pathlib import Path

import pytest

from tests.commands import ran, small_company

SHIPPED = Path(__file__).parents[1]
RULES = 'policy = "all"\nabout = "actual"\nasks = "require"\n'


@pytest.fixture
def company(tmp_path: Path) -> Path:
    return small_company(tmp_path / "co", actuals=2)


def written(folder: Path, path: str, text: str = RULES) -> None:
    at = folder / path
    at.parent.mkdir(parents=True, exist_ok=True)
    at.write_text(text, encoding="utf-8")


def told(folder: Path, command: str = "check") -> list[tuple[str, str, str]]:
    shown = json.loads(ran([command, folder, "--format", "json"]).out)
    found = shown["findings"] if command == "check" else shown["faults"]
    return [(f["code"], f["place"].partition(":")[0], f["message"])
            for f in found if f["code"] in ("SRC055", "MAP548")]  # fmt: skip


@pytest.mark.parametrize(
    "path",
    [
        "rules/own.TOML",
        "rules/more/own.yaml",
        "cases/own.yml",
        "mappings/actual.toml",
        "mappings/from_dataverse/actual.toml",
        "mappings/schema/dataverse/account.json",
        "templates/proforma.json",
        "schema/metadata.XML",
        "schema/contoso-us/metadata.xml",
    ],
)
def test_a_file_that_is_not_read_is_a_warning(company: Path, path: str) -> None:
    written(company, path)

    assert told(company) == [("SRC055", path, "the file is not read")]


@pytest.mark.parametrize(
    "path",
    ["rules/README.md", "rules/.DS_Store", "rules/own.toml.off", "rules/.git/x", "rules/a.toml~"],
)
def test_notes_and_what_was_put_aside_are_not_told(company: Path, path: str) -> None:
    written(company, path)

    assert told(company) == []


@pytest.mark.parametrize(
    ("path", "shipped", "says"),
    [
        ("mappings/to-finance/journal.toml", "mappings/to-finance/integration-journal.toml",
         "no rule sends by this mapping"),
        ("mappings/tables/billing-types.toml", "mappings/tables/billing_types.toml",
         "no mapping looks anything up in this table"),
        ("templates/proformas.json.j2", "templates/proforma.json.j2",
         "no mapping draws by this template"),
    ],
)  # fmt: skip
def test_a_copy_under_another_name_replaces_nothing_and_is_told(
    company: Path, path: str, shipped: str, says: str
) -> None:
    text = (SHIPPED / shipped).read_text("utf-8")
    written(company, shipped, text)
    assert told(company) == []

    written(company, path, text)

    assert told(company) == [("SRC055", path, says)]
    assert [code for code, _, _ in told(company, "plan")] == ["SRC055"]


def test_a_folder_in_the_singular_is_told(company: Path) -> None:
    written(company, "rule/own.toml")

    assert told(company) == [("SRC055", "rule", "nothing in the folder rule is read")]


def test_a_from_mapping_named_after_its_table_reads_it_twice(company: Path) -> None:
    path = "mappings/from-dataverse/msdyn_actual.toml"
    written(company, path, (SHIPPED / "mappings/from-dataverse/actual.toml").read_text("utf-8"))

    says = "mappings/from-dataverse/actual.toml reads `msdyn_actual` as actual already"
    assert told(company) == [("MAP548", path, says)]
    assert ran(["plan", company]).code == 2
