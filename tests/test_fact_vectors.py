"""deciding/fact_vectors.py: what is remembered together is what would be tested one by one."""

import random
from decimal import Decimal as D
from typing import Any

import pytest

from adapter.deciding.atoms import holds
from adapter.deciding.fact_vectors import Layout, laid_out, likely_bits, vector_function
from adapter.reading.expressions import Atom

NAMES = ("id", "class", "flag", "amount", "currency", "other_currency", "count")


def row(rng: random.Random) -> tuple[Any, ...]:
    currency = rng.choice(["USD", "EUR", None])
    return (
        f"id-{rng.randrange(10**9)}" if rng.random() < 0.9 else None,
        rng.choice(["Material", "Time", None]),
        rng.choice([True, False, None]),
        rng.choice([D("12.50"), D("-3"), None, D(rng.randrange(10**6))]),
        currency,
        currency if rng.random() < 0.8 else "DKK",
        rng.choice([0, 1, 2, None]),
    )


ATOMS = [
    Atom("missing", "id"), Atom("missing", "amount"), Atom("missing", "class"),
    Atom("eq", "class", "Time"), Atom("in", "class", literals=("Time", "Fee")),
    Atom("flag", "flag"), Atom("lt", "amount", D(0)), Atom("gt", "amount", D("12.49")),
    Atom("eq", "currency", other="other_currency"), Atom("gt", "count", D(1)),
    Atom("eq", "id", other="class"),
]  # fmt: skip


@pytest.mark.parametrize("seed", range(20))
def test_vectors_are_the_same_however_facts_are_laid_out(seed: int) -> None:
    rng = random.Random(seed)
    rows = [row(rng) for _ in range(400)]
    bits = rng.sample(range(60), len(ATOMS))
    place = {name: at for at, name in enumerate(NAMES)}
    expected = [
        sum(holds(a, r[place[a.fact]], r[place[a.other]] if a.other else None) << bit
            for a, bit in zip(ATOMS, bits, strict=True))
        for r in rows
    ]  # fmt: skip
    learned = laid_out(NAMES, rows[:100])
    likely = rng.choice([0, (1 << 60) - 1, likely_bits(expected[:100])])
    middle = Layout(NAMES, 1, 3)
    for layout in (learned, middle, Layout(NAMES)):
        vector = vector_function(ATOMS, bits, layout, likely)
        ordered = [tuple(r[at] for at in layout.place(NAMES)) for r in rows]

        assert expected == [vector(r) for r in ordered]


def test_facts_that_take_few_values_are_remembered_together_and_amounts_are_not() -> None:
    rng = random.Random(7)

    layout = laid_out(NAMES, [row(rng) for _ in range(400)])

    together = layout.names[layout.first : layout.last]
    assert ("class", "flag", "currency", "other_currency", "count") == together
    assert {"id", "amount"} == set(layout.names[layout.last :])


def test_likely_bits_are_those_of_more_than_half() -> None:
    assert 0b101 == likely_bits([0b101, 0b111, 0b101, 0b010, 0b101])
    assert 0 == likely_bits([])
