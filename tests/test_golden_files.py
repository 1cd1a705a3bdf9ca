"""Whole outputs, reviewed as diffs. `make golden` rewrites them; a human reads the diff."""

import os
import tomllib
from pathlib import Path

from adapter.edge.book import read_book
from adapter.edge.workspace import read_workspace
from adapter.making.plan import make_plan
from adapter.reading.settings import Settings
from adapter.telling.coverage import coverage_markdown
from adapter.telling.report import make_report
from adapter.telling.show_text import as_text

ROOT = Path(__file__).parents[1]
GOLDEN = ROOT / "tests" / "golden"


def compare(path: Path, text: str) -> None:
    if os.environ.get("FIELDLEDGER_GOLDEN") == "write":
        path.write_text(text)

    assert path.read_text() == text, f"{path.name} differs: make golden, then read the diff"


def test_the_plan_of_the_sample_company_reads_as_it_did() -> None:
    report = make_report(make_plan(read_workspace(ROOT / "examples" / "contoso")))

    compare(GOLDEN / "plan.txt", as_text(report))


def test_every_business_rule_has_its_place() -> None:
    table = tomllib.loads((ROOT / "docs" / "rules-coverage.source.toml").read_text())
    text, nowhere = coverage_markdown(read_book(None, Settings()).rulebook.rules, table)

    assert () == nowhere
    compare(ROOT / "docs" / "rules-coverage.md", text)


def test_tests_that_the_coverage_names_exist() -> None:
    table = tomllib.loads((ROOT / "docs" / "rules-coverage.source.toml").read_text())
    named = {row["test"] for row in table.values() if row.get("test")}

    assert all((ROOT / name.split("::")[0]).exists() for name in named), named
