"""A company's rows in another environment than its own: held there, planned once at home."""

import shutil
from pathlib import Path

import pytest

from adapter.edge.workspace import read_workspace
from adapter.making.plan import Plan, make_plan
from adapter.telling.report import make_report

CONTOSO = Path(__file__).parents[1] / "examples" / "contoso"
COPY = '\n[environments.copy]\nrecords = "records/contoso-us"\nfinance = "records/finance"\n'


@pytest.fixture(scope="module")
def alone() -> Plan:
    return make_plan(read_workspace(CONTOSO))


@pytest.fixture
def contoso(tmp_path: Path) -> Path:
    shutil.copytree(CONTOSO, tmp_path / "contoso")
    return tmp_path / "contoso"


def with_copy(folder: Path) -> Path:
    settings = folder / "adapter.toml"
    settings.write_text(settings.read_text() + COPY)
    return folder


def documents_of(plan: Plan) -> list[tuple[str, str, str]]:
    return sorted((d.kind, d.key, d.digest) for d in plan.documents())


def schedule_of(plan: Plan, status: str) -> list[str]:
    return sorted(row["id"] for row in plan.tally.schedule if row["status"] == status)


@pytest.mark.parametrize("spooled", [False, True])
def test_rows_of_a_company_are_planned_in_its_own_environment_only(
    contoso: Path, alone: Plan, spooled: bool
) -> None:
    """A second environment over the same rows changes no document, and holds each row."""
    plan = make_plan(read_workspace(with_copy(contoso), spooled=spooled))

    assert plan.balanced
    assert documents_of(plan) == documents_of(alone)
    assert schedule_of(plan, "written") == schedule_of(alone, "written")
    before, after = alone.tally.statuses, plan.tally.statuses
    rows = after["held"] - before["held"]
    assert rows == sum(after.values()) - sum(before.values()) > 0
    told = [group for (code, _), group in plan.tally.groups.items() if code == "DEP209"]
    assert [group.records for group in told] == [rows]
    assert "lives in the environment contoso-us" in told[0].occurrences[0]["message"]


def test_the_copy_of_a_row_uses_nothing_once_more(contoso: Path, alone: Plan) -> None:
    """A serial number, a limit, a stock figure: what is said of the rows at home is the same."""
    report = make_report(make_plan(read_workspace(with_copy(contoso))))

    at_home = [entry for entry in report["actuals"] if "DEP209" not in entry["findings"]]
    assert at_home == make_report(alone)["actuals"]


def test_the_copy_of_a_milestone_is_held_and_names_no_document(contoso: Path, alone: Plan) -> None:
    plan = make_plan(read_workspace(with_copy(contoso)))

    here = [row for row in plan.tally.schedule if "lives in" not in row["reason"]
            and row["document"]]
    assert here == [row for row in alone.tally.schedule if row["document"]]
    away = [row for row in plan.tally.schedule if "lives in" in row["reason"]]
    assert {(row["status"], row["document"]) for row in away} == {("held", None)}


def test_each_environment_counts_its_own_actuals(contoso: Path, alone: Plan) -> None:
    counts = {(c["environment"], c["code"]): c["actuals"]
              for c in make_report(make_plan(read_workspace(with_copy(contoso))))["companies"]}
    own = {c["code"]: c["actuals"] for c in make_report(alone)["companies"]}

    assert counts["contoso-us", "USMF"] == counts["copy", "USMF"] == own["USMF"]
    assert counts["contoso-ca", "CAMF"] == own["CAMF"]


def test_a_folder_that_two_environments_name_plans_no_company_in_two_models(
    contoso: Path, alone: Plan
) -> None:
    """USMF is integrated at home; beside CAMF, without Finance, it would have been core."""
    settings = contoso / "adapter.toml"
    text = settings.read_text()
    both = text.replace('"records/contoso-ca"', '["records/contoso-ca", "records/contoso-us"]')
    assert both != text
    settings.write_text(both)
    plan = make_plan(read_workspace(contoso))

    models = {(c.environment, c.company): c.model for c in plan.choices}
    assert models["contoso-us", "USMF"] == "integrated"
    assert models["contoso-ca", "USMF"] == models["contoso-ca", "USPM"] == "refused"
    assert documents_of(plan) == documents_of(alone)


@pytest.mark.parametrize("spooled", [False, True])
@pytest.mark.parametrize("is_copied", [False, True])
def test_rows_that_two_environments_read_are_a_finding(
    contoso: Path, spooled: bool, is_copied: bool
) -> None:
    """One folder, or its like: the tables that become documents are named, others are not."""
    with_copy(contoso)
    if is_copied:
        shutil.copytree(contoso / "records" / "contoso-us", contoso / "records" / "twin")
        settings = contoso / "adapter.toml"
        head, _, tail = settings.read_text().rpartition('"records/contoso-us"')
        settings.write_text(f'{head}"records/twin"{tail}')
    found = [f for f in read_workspace(contoso, spooled=spooled).findings if f.code == "SRC054"]

    tables = {Path(f.place.file).stem for f in found}
    assert "msdyn_actual" in tables
    assert "product" not in tables
    assert {f.level for f in found} == {"warning"}
    assert all("contoso-us and copy" in f.message for f in found)


def test_environments_with_rows_of_their_own_share_reference_data_in_silence() -> None:
    assert not [f for f in read_workspace(CONTOSO).findings if f.code == "SRC054"]
