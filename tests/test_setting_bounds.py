"""reading/setting_bounds.py: what the terms of companies and environments may be."""

from pathlib import Path

import pytest

from adapter import make_plan, make_report, read_workspace
from adapter.edge.settings_file import read_settings
from adapter.values.finding import Finding
from tests.commands import CONTOSO, copied, ran, small_company


def spoiled(folder: Path, table: str, line: str) -> Path:
    """A workspace with one line of one table of adapter.toml in the place of its own."""
    at = folder / "adapter.toml"
    key = line.partition("=")[0].strip()
    head, mark, rest = at.read_text("utf-8").partition(f"[{table}]\n")
    assert mark
    mine, gap, others = rest.partition("\n\n")
    kept = [said for said in mine.split("\n") if said.partition("=")[0].strip() != key]
    at.write_text(head + mark + "\n".join([line, *kept]) + gap + others, "utf-8")
    return folder


WRONG = [
    ("companies.GBSI", 'period_unit = "weeks"', "company GBSI has no period unit `weeks`"),
    ("companies.GBSI", 'period_unit = ""', "company GBSI has no period unit ``"),
    ("companies.GBSI", "lines_per_header = 0", "company GBSI cannot have 0 lines per header"),
    ("companies.GBSI", "lines_per_header = -1", "company GBSI cannot have -1 lines per header"),
    ("companies.CAMF", 'currency = "CADD"', "company CAMF has no known currency `CADD`"),
    ("companies.CAMF", 'currency = "cad"', "company CAMF has no known currency `cad`"),
    ("companies.GBSI", 'delivery = "post"', "company GBSI cannot deliver by `post`"),
    ("companies.GBSI", 'time_zone = "Londn"', "company GBSI has no known time zone `Londn`"),
    ("companies.GBSI", 'environment = "contoso-xx"',
     "company GBSI names the environment `contoso-xx`"),
    ("environments.contoso-us", "background_approval_threshold = -3",
     "environment contoso-us cannot have a background approval threshold of -3"),
    ("environments.contoso-us", 'base_currency = "dollar"',
     "environment contoso-us has no known currency `dollar`"),
    ("environments.contoso-us", 'stock_policy = "hope"',
     "environment contoso-us has no stock policy `hope`"),
]  # fmt: skip


@pytest.mark.parametrize(("table", "line", "said"), WRONG, ids=[w[1] for w in WRONG])
def test_a_term_that_cannot_be_is_refused(
    tmp_path: Path, table: str, line: str, said: str
) -> None:
    folder = spoiled(small_company(tmp_path / "ws", 15), table, line)

    _, found = read_settings(folder)
    checked, planned = ran(["check", folder]), ran(["plan", folder])

    assert [(f.code, f.message) for f in found] == [("SRC021", said)]
    assert (checked.code, planned.code) == (1, 2)
    assert said in " ".join(checked.out.split()) and said in " ".join(planned.out.split())
    assert "fault of ours" not in checked.out + checked.err + planned.err


def journals(folder: Path) -> set[str]:
    report = make_report(make_plan(read_workspace(folder)))
    return {d["name"] for d in report["documents"] if d["kind"] == "journal"}


def test_a_period_unit_is_understood_as_finance_writes_it(tmp_path: Path) -> None:
    ours = spoiled(copied(CONTOSO, tmp_path / "a"), "companies.GBSI", 'period_unit = "days"')
    theirs = spoiled(copied(CONTOSO, tmp_path / "b"), "companies.GBSI", 'period_unit = "Days"')

    assert read_settings(theirs)[0].companies["GBSI"].period_unit == "days"
    assert journals(ours) == journals(theirs)
    assert len([name for name in journals(theirs) if name.startswith("GBSI")]) > 1


def test_an_environment_that_is_not_understood_is_told_once_and_ends_no_command(
    tmp_path: Path,
) -> None:
    folder = spoiled(small_company(tmp_path / "ws", 15), "environments.contoso-ca",
                     "field_service = 8.8")  # fmt: skip

    _, found = read_settings(folder)
    (fault,) = found
    checked = ran(["check", folder])

    assert (fault.code, fault.help) == ("SRC020", "Write it as text, in quotes.")
    assert (folder / "adapter.toml").read_text().split("\n")[fault.place.line - 1] == (
        "field_service = 8.8"
    )
    assert checked.code == 1 and "SRC020" in checked.out
    assert "CAMF" not in checked.out.partition("How documents leave")[2].partition("Names")[0]
    assert "fault of ours" not in checked.out + checked.err


@pytest.mark.parametrize("name", ["contoso-uss", "contosous"])
def test_the_nearest_environment_is_named(tmp_path: Path, name: str) -> None:
    folder = spoiled(small_company(tmp_path / "ws", 15), "companies.USMF",
                     f'environment = "{name}"')  # fmt: skip
    found: tuple[Finding, ...] = read_settings(folder)[1]

    assert [f.help for f in found] == [
        "did you mean `contoso-us`? declared: contoso-ca, contoso-us"
    ]


def test_a_limit_of_finance_below_one_is_a_finding_of_its_row(tmp_path: Path) -> None:
    folder = copied(CONTOSO, tmp_path / "ws")
    at = folder / "records" / "finance" / "LegalEntities.jsonl"
    text = at.read_text("utf-8")
    assert '"IntegrationJournalLinesPerHeader":200' in text
    at.write_text(text.replace('"IntegrationJournalLinesPerHeader":200',
                               '"IntegrationJournalLinesPerHeader":-5', 1), "utf-8")  # fmt: skip

    checked = ran(["check", folder])

    assert checked.code == 1
    said = "SRC032 `IntegrationJournalLinesPerHeader` is `-5`, and must be above zero"
    assert said in " ".join(checked.out.split())
    assert "SRC032" in ran(["plan", folder]).out
