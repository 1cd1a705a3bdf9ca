"""Vectors of rows of facts, where many rows say the same in many of their facts.

Most facts of a record take few values (flags, choices, codes of companies and currencies);
their bits are remembered by all these values together. What is left (amounts, ids, days) is
tested row by row. Which facts are which is learned from a few rows; it changes how soon a
vector is known, never what it is.
"""

from collections.abc import Callable, Sequence
from decimal import Decimal

from msgspec import Struct

from adapter.deciding.atoms import compile_atoms
from adapter.reading.expressions import Atom

Row = Sequence[object]
FEW = 8  # different values in the sample: more are not remembered together
KNOWN_MAX = 20_000  # combinations remembered before the memory starts anew


class Layout(Struct, frozen=True):
    """The order of facts in a row, and which of them are remembered together."""

    names: tuple[str, ...]
    first: int = 0
    last: int = 0  # names[first:last]

    def place(self, given: Sequence[str]) -> tuple[int, ...]:
        """Where each fact of the layout stands in rows of another order."""
        return tuple(given.index(name) for name in self.names)


def steady(names: Sequence[str], sample: Sequence[Row]) -> frozenset[str]:
    """Facts that take few values in a sample of rows; amounts never, since they vary."""
    found = set()
    for name, column in zip(names, zip(*sample, strict=True), strict=True):
        if len(set(column)) <= FEW and Decimal not in map(type, column):
            found.add(name)
    return frozenset(found)


def laid_out(names: Sequence[str], sample: Sequence[Row]) -> Layout:
    """A layout of these facts, those that are remembered together first."""
    first = steady(names, sample)
    ordered = (*(n for n in names if n in first), *(n for n in names if n not in first))
    return Layout(ordered, 0, len(first))


def likely_bits(vectors: Sequence[int]) -> int:
    """The bits that are set in more than half of these vectors."""
    width = max(map(int.bit_length, vectors), default=0)
    half = len(vectors) // 2
    return sum(1 << bit for bit in range(width) if sum(v >> bit & 1 for v in vectors) > half)


def vector_function(
    atoms: Sequence[Atom], bits: Sequence[int], layout: Layout, likely: int = 0
) -> Callable[[Row], int]:
    """A function from a row in this layout to the bits of the atoms that hold.

    Rows must be tuples where facts are remembered together (`first` < `last`).
    """
    access = {name: f"v[{index}]" for index, name in enumerate(layout.names)}
    first, last = layout.first, layout.last
    inside = set(layout.names[first:last])
    pairs = list(zip(atoms, bits, strict=True))

    def compiled(repeat: bool) -> Callable[[Row], int]:
        mine = [
            (atom, bit) for atom, bit in pairs
            if repeat is (atom.fact in inside and (atom.other is None or atom.other in inside))
        ]  # fmt: skip
        return compile_atoms([a for a, _ in mine], [b for _, b in mine], access, ("v",), likely)

    tested = compiled(False)
    if first == last:
        return tested
    looked_up = compiled(True)
    known: dict[Row, int] = {}

    def vector(row: Row) -> int:
        key = row[first:last]
        said = known.get(key)
        if said is None:
            if len(known) >= KNOWN_MAX:
                known.clear()
            said = known[key] = looked_up(row)
        return said | tested(row)

    return vector
