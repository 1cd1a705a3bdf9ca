"""reading/catalogue.py and deciding/facts.py: every fact is typed and described."""

import pytest

from adapter.deciding.facts import ROLES
from adapter.reading.catalogue import TYPES, FactSpec
from tests.rule_texts import catalogue

SPECS = sorted(catalogue().values(), key=lambda spec: spec.name)


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
def test_a_fact_has_type_description_and_source(spec: FactSpec) -> None:
    assert spec.type in TYPES
    assert spec.description
    assert spec.source
    assert spec.group in ROLES


def test_the_nearest_names_are_offered() -> None:
    assert "work_order.billing_account" == catalogue().nearest("work_order.billing_acount")[0]
    assert () == catalogue().nearest("zzzzzz")


def test_facts_are_listed_by_their_beginning() -> None:
    assert {"task"} == {spec.name.partition(".")[0] for spec in catalogue().under("task.")}
