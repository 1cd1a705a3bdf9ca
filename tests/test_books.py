"""Companies and currencies behind contracts, as documents need them."""

from datetime import date

import pytest

from adapter.making.books import Books
from adapter.reading.store import NO_RECORDS
from adapter.values.project_operations import Contract
from tests.making_given import ENVIRONMENT, World, company, settings


@pytest.mark.parametrize(
    ("owner", "expected"), [("c-us", "USPM"), ("c-gb", "GBPM"), ("unknown", ""), (None, "")]
)
def test_the_company_of_a_contract_is_its_owner(owner, expected):
    contract = Contract(id="x", company=owner)

    assert World().books.company_of(ENVIRONMENT, contract) == expected


def test_an_environment_with_one_company_needs_no_owner():
    world = World(settings=settings(USPM=company("USPM")))

    assert world.books.company_of(ENVIRONMENT, None) == "USPM"


def test_a_currency_that_was_not_read_goes_by_its_key():
    books = World().books

    assert books.currency_code(ENVIRONMENT, "gbp") == "GBP"
    assert books.currency_code(ENVIRONMENT, "xyz") == "xyz"
    assert books.currency_code(ENVIRONMENT, None) == ""
    assert (books.currency_id(ENVIRONMENT, "USD"), books.currency_id(ENVIRONMENT, "X")) == (
        "usd", None,
    )  # fmt: skip


def test_an_environment_without_finance_has_no_finance_records():
    books = Books(settings=settings(), as_of=date(2026, 1, 1), records={})

    assert books.finance_of("core") is NO_RECORDS
    assert books.records_of("core") is NO_RECORDS
