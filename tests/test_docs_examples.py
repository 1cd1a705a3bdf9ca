"""The TOML examples of docs/ do what the text around them says: each is laid into a workspace."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.commands import CONTOSO, copied, ran

ROOT = Path(__file__).parents[1]
FENCE = re.compile(r"^```toml\n(.*?)^```$", re.S | re.M)
REQUIRE = 'policy = "all"\nabout = "actual"\nasks = "require"\n\n'


def examples_of(page: str) -> list[str]:
    """Every TOML example of a page of docs/."""
    return FENCE.findall((ROOT / "docs" / page).read_text())


def errors_of(folder: Path, *more: str) -> list[dict[str, Any]]:
    """What `check` finds of level error or warning."""
    found = json.loads(ran(["check", folder, "--format", "json", *more]).out)["findings"]
    return [f for f in found if f["level"] != "note"]


SETTINGS = [(page, i) for page, few in (("workspace.md", None), ("sending.md", 1))
            for i in range(len(examples_of(page)[:few]))]  # fmt: skip


@pytest.mark.parametrize(("page", "number"), SETTINGS)
def test_examples_of_settings_are_taken(tmp_path: Path, page: str, number: int) -> None:
    folder = copied(CONTOSO, tmp_path / "company")
    (folder / "adapter.docs.toml").write_text(examples_of(page)[number])

    assert errors_of(folder, "--env", "docs") == []


def test_the_rule_of_the_docs_and_its_cases_are_whole(tmp_path: Path) -> None:
    rule, _, _, cases = examples_of("rules.md")
    folder = copied(CONTOSO, tmp_path / "company")
    for name, text in (("rules", REQUIRE + rule), ("cases", cases)):
        (folder / name).mkdir()
        (folder / name / "own.toml").write_text(text)

    assert errors_of(folder) == []
    said = json.loads(ran(["test", folder, "--format", "json"]).out)
    assert (said["failed"], said["skipped"], said["also"]) == (0, 0, {"OWN101": 16})
    assert said["files"][-1] == {
        "name": "own", "path": "cases/own.toml", "marks": "..", "cases": 2,
        "fired": 1, "rules": 1, "lacking": [],
    }  # fmt: skip


def test_the_column_of_the_docs_makes_a_fact(tmp_path: Path) -> None:
    own = examples_of("mappings.md")[0].partition("[custom]")
    folder = copied(CONTOSO, tmp_path / "company")
    mappings = folder / "mappings" / "from-dataverse"
    mappings.mkdir(parents=True)
    shipped = (ROOT / "mappings" / "from-dataverse" / "actual.toml").read_text()
    (mappings / "actual.toml").write_text(f"{shipped}\n{own[1]}{own[2]}")
    (folder / "rules").mkdir()
    rule = (examples_of("rules.md")[0].replace("missing(actual.description)",
                                               "actual.x_region == 'north'")
            .replace("== 'time'", "!= 'retainer'"))  # fmt: skip
    (folder / "rules" / "own.toml").write_text(REQUIRE + rule)

    rows = folder / "records" / "contoso-us" / "msdyn_actual.jsonl"
    first, rest = rows.read_text().split("\n", 1)
    rows.write_text(first.replace("{", '{"cr_region": "north", ', 1) + "\n" + rest)

    assert [f for f in errors_of(folder) if f["level"] == "error"] == []
    said = json.loads(ran(["plan", folder, "--format", "json"]).out)
    (own,) = [f for f in said["findings"] if f["code"] == "OWN101"]
    assert [seen["actual"] for seen in own["occurrences"]] == [json.loads(first)["msdyn_actualid"]]
