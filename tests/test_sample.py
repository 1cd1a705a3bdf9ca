"""The sample company: the same bytes for the same seed, whole, clean but for what is on purpose."""

import json
import shutil
from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from adapter.edge.book import shipped_bindings
from adapter.edge.story_command import plan_beside, story_of, subject_named
from adapter.edge.workspace import read_workspace
from adapter.making.workspace import Workspace
from adapter.values.field_service import WorkOrder
from adapter.values.finance import FinanceWarehouse, ProjectCategory, ReleasedProduct
from benchmarks import company
from tests.commands import CONTOSO, ran

ROOT = Path(__file__).parents[1]
LEFT_OUT = {  # docs/inputs.md says the same in words
    "bookableresourcebooking", "msdyn_organizationalunit", "msdyn_organizationalunit_pricelevel",
    "msdyn_projectpricelist", "msdyn_transactionorigin", "msdyn_unitofmeasureconversion",
    "ProjectIntercompanyParameterEntities",
}  # fmt: skip
VENDORS = ("msdyn_estimateline", "msdyn_journal", "msdyn_journalline", "ProjectItemForecasts",
           "ProjForecastSalesImport")  # fmt: skip


def rows_of(folder: Path) -> dict[str, bytes]:
    """Every file of records by its path."""
    records = folder / "records"
    return {str(p.relative_to(records)): p.read_bytes() for p in records.rglob("*.jsonl")}


def counts(folder: Path) -> Mapping[str, int]:
    """Rows by table."""
    found: Counter[str] = Counter()
    for name, data in rows_of(folder).items():
        found[Path(name).stem] += data.count(b"\n")
    return found


@pytest.fixture(scope="module")
def workspace() -> Workspace:
    return read_workspace(CONTOSO)


@pytest.fixture(scope="module")
def found(workspace: Workspace, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """Codes that the story of each work order finds beside a plan, sorted."""
    report = tmp_path_factory.mktemp("plan") / "report.json"
    ran(["plan", CONTOSO, "--json", report, "--format", "json"])
    said = plan_beside(CONTOSO, report)
    made = {}
    for name, here in workspace.environments.items():
        for order in here.records.all(WorkOrder):
            subject = subject_named(workspace, order.id)
            assert subject.environment == name
            story = story_of(workspace, subject, workspace.settings.as_of, said)
            made[subject.name] = sorted(finding.code for finding in story.findings)
    return made


def test_the_shipped_rows_are_what_the_generator_makes(tmp_path: Path) -> None:
    made = company.make_company(tmp_path, 400, 2026)

    assert made["actuals"] == 574
    assert rows_of(tmp_path) == rows_of(CONTOSO)


def test_the_sample_holds_every_table_but_those_that_the_docs_name() -> None:
    text = (ROOT / "docs" / "inputs.md").read_text("utf-8")
    bound = {binding.table for binding in shipped_bindings()}

    assert {table for table in bound if f"`{table}`" not in text} == set()
    assert bound - set(counts(CONTOSO)) == LEFT_OUT & bound


def test_no_two_companies_of_an_environment_share_a_number(workspace: Workspace) -> None:
    for here in workspace.environments.values():
        numbers = Counter(order.number for order in here.records.all(WorkOrder))
        assert {number for number, count in numbers.items() if count > 1} == set()


def test_no_two_rows_of_finance_are_one_id_there(workspace: Workspace) -> None:
    finance = next(here.finance for here in workspace.environments.values() if here.finance)
    for kind in (ProjectCategory, ReleasedProduct, FinanceWarehouse):
        ids = Counter(row.id.casefold() for row in finance.all(kind))
        assert {key for key, count in ids.items() if count > 1} == set()


def test_ordinary_work_is_as_its_lines_ask(found: dict[str, list[str]]) -> None:
    apart = {name: codes for name, codes in found.items()
             if codes and not name.startswith("WO-PM")}  # fmt: skip

    assert len(found) > 60
    assert apart == {
        "WO-USMF-DIFF": ["EXP701", "EXP703", "EXP703", "EXP703", "EXP703", "LAB701", "PRC702"],
        "WO-US000011": ["LAB706"], "WO-CA000008": ["LAB706"],  # what REQ367 says of their actuals
        "WO-CA000004": ["USG703"], "WO-US000006": ["USG703"], "WO-US000015": ["USG707"],
        "WO-CAMF-DIFF": ["EXP703", "EXP703", "EXP703", "EXP704", "EXP704", "LAB701", "PRC702"],
        "WO-USMF-RUN": ["PRO719"], "WO-CAMF-RUN": ["PRO719"],
    }


def test_a_company_without_projects_in_dataverse_should_have_no_usage(
    found: dict[str, list[str]],
) -> None:
    codes = {code for name in found if name.startswith("WO-PM") for code in found[name]}

    assert codes == {"EXP702"}


@pytest.mark.parametrize(
    ("name", "rule", "count"),
    [("core-stock-is-zero", "REQ404", 1), ("agreement-not-active", "REQ322", 4),
     ("milestones-differ", "REQ333", 1), ("labour-recorded-twice", "REQ369", 4)],
)  # fmt: skip
def test_what_is_there_on_purpose_is_found(name: str, rule: str, count: int) -> None:
    text = (ROOT / "tests" / "golden" / "plan.txt").read_text("utf-8")
    said = [line.split() for line in text.splitlines() if f" {rule} " in line]

    assert sum(int(words[3]) for words in said) == count, name


def test_what_the_vendor_writes_grows_with_the_company(tmp_path: Path) -> None:
    company.make_company(tmp_path / "small", 800, 1)
    company.make_company(tmp_path / "large", 3200, 1)
    small, large = counts(tmp_path / "small"), counts(tmp_path / "large")

    for table in VENDORS:
        assert 3 < large[table] / small[table] < 5, (table, small[table], large[table])


def test_rows_are_the_same_however_often_they_are_written_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    company.make_company(tmp_path / "once", 1200, 1)
    monkeypatch.setattr(company, "FLUSH_ROWS", 100)
    company.make_company(tmp_path / "often", 1200, 1)
    once, often = rows_of(tmp_path / "once"), rows_of(tmp_path / "often")

    assert once.keys() == often.keys()
    assert {name: sorted(data.split(b"\n")) for name, data in once.items()} == {
        name: sorted(data.split(b"\n")) for name, data in often.items()
    }


# --- how contracts are billed ----------------------------------------------------------------


def told(name: str) -> dict[str, Any]:
    """The story of a subject of the sample as JSON."""
    return json.loads(ran(["story", name, "--workspace", CONTOSO, "--format", "json"]).out)


def steps(story: dict[str, Any], klass: str, *stages: str) -> list[tuple[str, str]]:
    """Event and amount of the moments of a class and some stages, sorted."""
    return sorted(
        (moment["because"], moment["amount"]) for moment in story["moments"]
        if moment["stage"] in stages and ["class", klass] in moment["values"]
    )  # fmt: skip


def codes(story: dict[str, Any]) -> list[str]:
    return sorted(finding["code"] for finding in story["findings"])


BILLED_IN = [  # company, contracts: edited, scheduled, advanced, fixed
    ("USMF", "USC-00026", "USC-00027", "USC-00028", "USC-00029"),
    ("CAMF", "CAC-00009", "CAC-00010", "CAC-00011", "CAC-00012"),
]


@pytest.mark.parametrize("names", BILLED_IN)
def test_a_part_was_billed_below_what_was_used_and_more_is_on_a_draft(
    names: tuple[str, ...],
) -> None:
    story = told(names[1])

    assert steps(story, "material", "billed") == [
        ("E12", "300.20"), ("E13", "119.94"), ("E13", "79.96"),
    ]
    assert codes(story) == []  # confirming made what it must of these details
    drafted = [m for m in story["moments"] if ["billing status", "customer-invoice-created"]
               in m["values"]]  # fmt: skip
    assert sorted(m["amount"] for m in drafted) == ["194.40", "220.00"]


@pytest.mark.parametrize("names", BILLED_IN)
def test_a_run_made_a_draft_that_needs_a_refresh_and_another_never_ran(
    names: tuple[str, ...],
) -> None:
    assert codes(told(names[2])) == ["PRO719", "PRO721"]
    draft = told(f"INV-{names[0]}-RUN-1")
    (found,) = draft["findings"]
    assert (found["code"], dict(found["values"])["amount"]) == ("PRO719", "37.50")


@pytest.mark.parametrize("code", ["USMF", "CAMF"])
def test_proformas_that_are_not_what_they_should_be_are_told(code: str) -> None:
    first, second, third = (codes(told(f"INV-{code}-ODD-{number}")) for number in "123")

    assert first == ["PRO715", "PRO717"]
    assert second == ["PRO715", "PRO717", "PRO720"]
    assert third == ["PRO718"]


def test_a_setting_that_forbids_the_edit_of_a_detail_tells_it(tmp_path: Path) -> None:
    shutil.copytree(CONTOSO, tmp_path, dirs_exist_ok=True)
    with (tmp_path / "adapter.toml").open("a") as settings:
        settings.write("\n[settings]\ninvoice_editing = false\n")
    said = ["story", "INV-USMF-BILL-2", "--workspace", tmp_path, "--format", "json"]

    assert codes(json.loads(ran(said).out)) == ["PRO716"]


@pytest.mark.parametrize("names", BILLED_IN)
def test_a_retainer_is_invoiced_applied_and_used_up(names: tuple[str, ...]) -> None:
    story = told(names[3])

    billed = [amount for _, amount in steps(story, "retainer", "billed", "credited")]
    opened = [amount for _, amount in steps(story, "retainer", "unbilled")]
    assert sorted(map(Decimal, billed)) == [Decimal(n) for n in (-648, -352, 1000)]
    assert sorted(map(Decimal, opened)) == [Decimal(n) for n in (-1000, -352, 352, 1000)]
    assert ("E20", "1000.00") in steps(story, "retainer", "billed")
    assert {law["class"]: law["is_kept"] for law in story["law"]}["material"] is True
    assert codes(story) == []


@pytest.mark.parametrize("names", BILLED_IN)
def test_a_milestone_stays_billed_and_another_is_credited(names: tuple[str, ...]) -> None:
    story = told(names[4])

    assert steps(story, "milestone", "billed", "corrected") == [
        ("E18", "2000.00"), ("E18", "3000.00"), ("E19", "-2000.00"),
    ]
    assert codes(story) == []
