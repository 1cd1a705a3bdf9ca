"""Tax groups of sales lines, from where the company's parameters say."""

import pytest

from tests.making_given import World, actual
from tests.test_journal_lines import entity

SOLD = actual("u", "unbilled-sales", "1", "1")


@pytest.mark.parametrize(
    ("told", "expected"),
    [("project", "PRJ"), ("customer", "CUS"), ("contract", None), ("search", "PRJ"),
     (None, "PRJ")],
)  # fmt: skip
def test_the_sales_tax_group_comes_from_where_the_parameter_says(told, expected):
    world = World(finance=(entity(sales_tax_group_from=told),))

    assert world.line(SOLD).line.tax_group == expected


@pytest.mark.parametrize(
    ("told", "klass", "expected"),
    [("item", "material", "ITM"), ("category", "material", "CAT"), ("item", "expense", None)],
)
def test_materials_take_the_group_of_the_item_or_of_the_category(told, klass, expected):
    world = World(finance=(entity(item_tax_group_from=told),))

    found = world.line(actual("u", "unbilled-sales", "1", "1", transaction_class=klass)).line

    assert found.item_tax_group == expected


def test_cost_lines_have_no_billing_tax_groups():
    found = World().line(actual("c", "cost", "1", "1")).line

    assert (found.tax_group, found.item_tax_group) == (None, None)
