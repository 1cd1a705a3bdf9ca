"""Whose a record is: one answer for plans and stories (domain R-040)."""

from hypothesis import given
from hypothesis import strategies as st

from adapter.deciding.dossier import Assembler
from adapter.deciding.owner import Owners
from adapter.making.story_words import Words
from adapter.values.actuals import Actual
from adapter.values.field_service import Usage, WorkOrder, WorkOrderLine
from adapter.values.project_operations import Account, Contract, Project
from tests.making_given import CRM, ENVIRONMENT, company, settings, tables

MORE = (
    Project(id="p-free"), Project(id="p-sold", contract="pc-gb"),
    Contract(id="pc-free"),
    Account(id="acc-gb", company="c-gb"), Account(id="acc-free"),
    WorkOrder(id="wo", service_account="acc"), WorkOrder(id="wo-gb", service_account="acc-gb"),
    WorkOrder(id="wo-free", service_account="acc-free", project="p-gb"),
    WorkOrderLine(id="line", work_order="wo"), WorkOrderLine(id="line-gb", work_order="wo-gb"),
    Usage(id="mul", line="line-gb", work_order="wo"), Usage(id="mul-lost", work_order="wo-gb"),
)  # fmt: skip
RECORDS = tables(*CRM, *MORE)
BOTH = settings()
ALONE = settings(USPM=company("USPM"))


def keys(*names: str) -> st.SearchStrategy[str | None]:
    return st.sampled_from([None, "lost", *names])


ACTUALS = st.builds(
    Actual, id=st.just("a"), project=keys("p", "p-gb", "p-free", "p-sold"),
    contract=keys("pc", "pc-gb", "pc-free"), work_order=keys("wo", "wo-gb", "wo-free"),
    line=keys("line", "line-gb"), usage=keys("mul", "mul-lost"),
)  # fmt: skip


@given(ACTUALS, st.sampled_from([BOTH, ALONE]))
def test_a_story_and_a_plan_find_the_same_company_of_an_actual(actual, said) -> None:
    assembler = Assembler(said, said.environments[ENVIRONMENT], RECORDS, None)
    planned = assembler.assemble(actual)
    told = Words(RECORDS, said, ENVIRONMENT)

    assert told.owners.of_actual(actual) == planned.code
    assert told.zone(told.owners.of_actual(actual)) == planned.zone


def test_a_project_without_company_belongs_to_that_of_its_contract() -> None:
    owners = Owners(BOTH, ENVIRONMENT, RECORDS)

    assert [owners.of_project(key) for key in ("p", "p-sold", "p-free", "lost")] == [
        "USPM", "GBPM", None, None,
    ]  # fmt: skip


def test_a_work_order_belongs_to_its_project_else_to_its_service_account() -> None:
    owners = Owners(BOTH, ENVIRONMENT, RECORDS)

    assert [owners.of_order(key) for key in ("wo-free", "wo-gb", "lost")] == ["GBPM", "GBPM", None]
    assert owners.of_work("p", "wo-gb") == "USPM"
    assert owners.of_contract("pc-gb") == "GBPM"


def test_the_only_company_of_an_environment_needs_no_company_columns() -> None:
    owners = Owners(ALONE, ENVIRONMENT, RECORDS)

    assert (owners.of_work(None, None), owners.of_project("p-free")) == ("USPM", "USPM")
    assert owners.of_project(None) is None
