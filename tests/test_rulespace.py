"""reading/rulespace.py: the points at which conditions are tried, and what is told of them."""

from datetime import date
from decimal import Decimal

import pytest

from adapter.reading.catalogue import Catalogue, FactSpec
from adapter.reading.expressions import All, Atom, Either, Expr, Negated
from adapter.reading.rulespace import POINTS_MAX, WAYS_MAX, Space, told, ways_of

CATALOGUE = Catalogue({
    spec.name: spec
    for spec in (
        FactSpec(name="a.flag", type="flag"), FactSpec(name="a.text", type="text"),
        FactSpec(name="a.other", type="text"), FactSpec(name="a.number", type="number"),
        FactSpec(name="a.day", type="day"), FactSpec(name="a.version", type="version"),
        FactSpec(name="a.kind", type="choice", choices=("x", "y")),
        FactSpec(name="c.kind", type="choice", choices=("x", "y"), group="concluded"),
        *(FactSpec(name=f"n.{i}", type="number") for i in range(8)),
    )
})  # fmt: skip
FLAG, SAME = Atom("flag", "a.flag"), Atom("eq", "a.text", other="a.other")


def corners(*atoms: Atom) -> set[object]:
    (cluster,) = Space(atoms, CATALOGUE).clusters
    return {point[0] for point in cluster.points}


@pytest.mark.parametrize(
    ("atom", "found"),
    [
        (FLAG, {True, False, None}),
        (Atom("eq", "a.kind", "x"), {"x", "y", None}),
        (Atom("eq", "c.kind", "x"), {"x", "y"}),  # what is concluded is never missing
        (Atom("eq", "a.text", "x"), {"x", "(another value)", None}),
        (Atom("missing", "a.text"), {"(another value)", None}),
        (Atom("gt", "a.number", Decimal(5)), {Decimal(4), Decimal(5), Decimal(6), None}),
        (Atom("missing", "a.number"), {Decimal(-1), Decimal(0), Decimal(1), None}),
        (Atom("ge", "a.day", date(2026, 2, 1)),
         {date(2026, 1, 31), date(2026, 2, 1), date(2026, 2, 2), None}),
        (Atom("le", "a.day", date.max), {date(9999, 12, 30), date.max, None}),
        (Atom("lt", "a.version", (8, 8)), {(0,), (8, 8), (8, 8, 0), None}),
    ],
)  # fmt: skip
def test_corner_values_stand_for_all_values(atom: Atom, found: set[object]) -> None:
    assert corners(atom) == found


def test_between_two_literals_there_is_a_value() -> None:
    low, high = Atom("gt", "a.number", Decimal(1)), Atom("lt", "a.number", Decimal(2))
    days = (Atom("gt", "a.day", date(2026, 1, 1)), Atom("lt", "a.day", date(2026, 1, 3)))
    next_days = (Atom("gt", "a.day", date(2026, 1, 1)), Atom("lt", "a.day", date(2026, 1, 2)))

    assert Decimal("1.5") in corners(low, high)
    assert date(2026, 1, 2) in corners(*days)
    assert len(corners(*next_days)) == 5  # two days, one below, one beyond, missing


def test_facts_that_are_compared_form_one_cluster() -> None:
    space = Space((SAME, FLAG, Atom("eq", "a.other", "x")), CATALOGUE)

    assert sorted(c.facts for c in space.clusters) == [("a.flag",), ("a.other", "a.text")]
    assert space.cluster_of[SAME] == space.cluster_of[Atom("eq", "a.other", "x")]


def test_too_many_points_are_not_tried_and_nothing_is_claimed() -> None:
    chain = [Atom("lt", f"n.{i}", other=f"n.{i + 1}") for i in range(7)]
    space = Space([*chain, FLAG], CATALOGUE)

    assert not space.is_tried(chain) and space.is_tried([FLAG])
    assert space.narrowed(space.everywhere, ((chain[0], True),)) == space.everywhere
    assert all(len(c.points) <= POINTS_MAX for c in space.clusters)


def test_narrowing_leaves_the_points_at_which_all_is_as_wanted() -> None:
    more = Atom("gt", "a.number", Decimal(5))
    space = Space((FLAG, more), CATALOGUE)

    state = space.narrowed(space.everywhere, ((FLAG, True), (more, True)))

    assert state is not None
    assert space.witness(state, ["a.flag", "a.number"]) == {"a.flag": True, "a.number": 6}
    assert space.witness(state, ["a.flag"]) == {"a.flag": True}
    assert space.narrowed(state, ((FLAG, False),)) is None


@pytest.mark.parametrize(
    ("expr", "wanted", "ways"),
    [
        (FLAG, True, [((FLAG, True),)]),
        (Negated(FLAG), True, [((FLAG, False),)]),
        (All((FLAG, SAME)), True, [((FLAG, True), (SAME, True))]),
        (All((FLAG, SAME)), False, [((FLAG, False),), ((SAME, False),)]),
        (Either((FLAG, SAME)), True, [((FLAG, True),), ((SAME, True),)]),
        (Either((FLAG, SAME)), False, [((FLAG, False), (SAME, False))]),
        (Negated(Either((FLAG, Negated(SAME)))), True, [((FLAG, False), (SAME, True))]),
        (Either((FLAG, FLAG)), True, [((FLAG, True),)]),
        (All(()), True, [()]),
    ],
)
def test_the_ways_of_an_expression(expr: Expr, wanted: bool, ways: list[object]) -> None:
    assert list(ways_of(expr, wanted) or ()) == ways


def test_too_many_ways_are_none() -> None:
    pair = Either((FLAG, SAME))
    most = WAYS_MAX.bit_length() - 1

    assert len(ways_of(All((pair,) * most), True) or ()) == WAYS_MAX
    assert ways_of(All((pair,) * (most + 1)), True) is None
    assert ways_of(Either((All((pair,) * (most + 1)), FLAG)), True) is None


def test_a_witness_is_told_in_words() -> None:
    values = {"a.flag": True, "b.flag": False, "a.version": (8, 8, 1), "a.text": None,
              "a.number": Decimal("1.10")}  # fmt: skip

    assert told(values) == (
        "a.flag yes, b.flag no, a.version 8.8.1, a.text missing, a.number 1.10"
    )
