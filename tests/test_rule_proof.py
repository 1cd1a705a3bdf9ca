"""reading/rule_proof.py: rules that rest on a column nobody has proven."""

from functools import cache

from adapter.edge.book import Book, read_book
from adapter.reading.rule_proof import RULES_MAX, unproven_ground
from adapter.reading.settings import Settings
from adapter.values.finding import Finding


@cache
def book() -> Book:
    return read_book(None, Settings())


def about(column: str) -> list[Finding]:
    every = unproven_ground(book().rulebook, book().catalogue, book().bindings)
    return [f for f in every if f"`{column}`" in f.message]


def rules_asking(fact: str) -> set[str]:
    return {r.id for r in book().rulebook.rules if any(fact in line.facts for line in r.lines)}


def test_it_names_the_rules_the_field_and_the_column():
    (found,) = about("msdyn_skipsync")

    assert (found.code, found.level) == ("MAP547", "note")
    assert found.message.startswith("RTE408, RTE409, RTE410 ask about skip_sync")
    assert found.place.file == "mappings/from-dataverse/actual.toml"


def test_many_rules_are_counted_after_the_first():
    (found,) = about("msdyn_origin")

    named, _, rest = found.message.partition(" and ")
    assert len(named.split(", ")) == RULES_MAX
    more = len(rules_asking("actual.origin")) - RULES_MAX
    assert rest.startswith(f"{more} more ask about origin")


def test_a_documented_column_is_no_finding_and_neither_is_one_no_rule_asks_about():
    assert about("msdyn_billingstatus") == []
    assert about("msdyn_adjustmentvalue") == []
