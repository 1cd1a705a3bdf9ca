"""Golden cases through the shipped rules: records in, verdicts and documents out."""

from functools import cache

import pytest

from adapter.edge.book import read_book
from adapter.making.golden import GoldenCase
from adapter.making.golden_plan import RecordsPlanner
from adapter.making.golden_run import run_golden
from adapter.reading.settings import Settings
from tests.test_golden import CASES


@cache
def planner() -> RecordsPlanner:
    book = read_book(None, Settings())
    return RecordsPlanner(book.rulebook, book.facts)


def rows_without_rule(case: GoldenCase) -> set[str]:
    """Rows of the domain that the case expects and no shipped rule stands for."""
    known = {row for rows in planner().rows.values() for row in rows}
    expected = {row for rows in case.expect.verdicts.values() for row in rows}
    return {row for row in expected if row.startswith("R-")} - known


def documents_without_route(case: GoldenCase) -> set[str]:
    """Documents that the case expects and no shipped rule sends to."""
    answers = (*case.expect.ledger.values(), *case.expect.billing.values())
    wanted = {answer.removeprefix("send ") for answer in answers if answer.startswith("send ")}
    return wanted - {rule.outcome.document for rule in planner().rulebook.rules}


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.id)
def test_the_shipped_rules_give_what_the_case_says(case):
    assert rows_without_rule(case) | documents_without_route(case) == set()
    assert [str(d) for d in run_golden(case, planner())] == []


def test_a_plan_of_records_is_the_same_every_time():
    case = next(c for c in CASES if c.id == "G05/1")
    given = (case.settings, case.records, case.finance, case.as_of)

    assert planner()(*given).documents == planner()(*given).documents
