"""deciding/atoms.py: exact comparisons, missing values included."""

import random
from datetime import date
from decimal import Decimal as D
from typing import Any

import pytest

from adapter.deciding.atoms import compile_atoms, holds
from adapter.reading.expressions import Atom

# atom | value | other | holds
TABLE: list[tuple[Atom, Any, Any, bool]] = [
    (Atom("eq", "a", "x"), "x", None, True),
    (Atom("eq", "a", "x"), "X", None, False),
    (Atom("eq", "a", "x"), None, None, False),
    (Atom("eq", "a", D("0.3")), D("0.1") + D("0.2"), None, True),
    (Atom("eq", "a", D(1)), D("1.00"), None, True),
    (Atom("eq", "a", D(50)), "50", None, False),
    (Atom("eq", "a", other="b"), None, None, True),
    (Atom("eq", "a", other="b"), "x", None, False),
    (Atom("eq", "a", other="b"), "x", "x", True),
    (Atom("lt", "a", D(100)), D(9), None, True),
    (Atom("lt", "a", D(100)), None, None, False),
    (Atom("lt", "a", other="b"), D(1), None, False),
    (Atom("ge", "a", D("12345678901234567.89")), D("12345678901234567.88"), None, False),
    (Atom("gt", "a", D("12345678901234567.88")), D("12345678901234567.89"), None, True),
    (Atom("le", "a", date(2026, 2, 28)), date(2026, 2, 28), None, True),
    (Atom("lt", "a", (8, 8, 142, 0)), (8, 8, 99, 0), None, True),
    (Atom("lt", "a", (8, 8, 142, 0)), (8, 10), None, False),
    (Atom("in", "a", literals=("x", "y")), "y", None, True),
    (Atom("in", "a", literals=("x", "y")), None, None, False),
    (Atom("in", "a", literals=(D(1), D(-1))), D("1.00"), None, True),
    (Atom("flag", "a"), True, None, True),
    (Atom("flag", "a"), False, None, False),
    (Atom("flag", "a"), None, None, False),
    (Atom("flag", "a"), 1, None, False),
    (Atom("missing", "a"), None, None, True),
    (Atom("missing", "a"), "", None, False),
]


@pytest.mark.parametrize(("atom", "value", "other", "expected"), TABLE)
def test_an_atom_is_exact(atom: Atom, value: Any, other: Any, expected: bool) -> None:
    compiled = compile_atoms([atom], [5], {"a": "v[0]", "b": "v[1]"}, ("v",))

    assert expected is holds(atom, value, other)
    assert (expected << 5) == compiled([value, other])


def test_compiled_atoms_agree_with_the_plain_ones_on_random_values() -> None:
    rng = random.Random(20261120)
    numbers = [None, D(0), D("-1.5"), D("1.50"), D("1.5"), D(10) ** 18, D("0.0001")]
    atoms = [Atom(op, "a", value) for op in ("eq", "lt", "le", "gt", "ge")
             for value in numbers if value is not None]  # fmt: skip
    atoms += [Atom(op, "a", other="b") for op in ("eq", "lt", "le", "gt", "ge")]
    atoms += [Atom("missing", "a"), Atom("in", "a", literals=(D(0), D("1.5")))]
    compiled = compile_atoms(atoms, range(len(atoms)), {"a": "v[0]", "b": "v[1]"}, ("v",))
    for _ in range(2_000):
        pair = [rng.choice(numbers), rng.choice(numbers)]
        expected = sum(holds(atom, *pair) << bit for bit, atom in enumerate(atoms))

        assert expected == compiled(pair), pair


def test_no_text_of_a_user_becomes_code() -> None:
    hostile = "'); import os #"
    compiled = compile_atoms([Atom("eq", "a", hostile)], [0], {"a": "v[0]"}, ("v",))

    assert 1 == compiled([hostile])
    assert 0 == compiled(["x"])
