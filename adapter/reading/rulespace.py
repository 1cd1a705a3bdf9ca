"""Which values facts can have together: the points that conditions are tried at.

Every fact has corner values: its choices, or the literals of the conditions with what lies
between and beside them, and missing. Facts that conditions compare with each other form one
cluster, whose points are all combinations of their corners. Clusters are independent, so a
question about rules is answered by one set of points per cluster. A set is an `int` with one
bit per point.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise, product
from typing import Any

from msgspec import Struct

from adapter.reading.catalogue import Catalogue, FactSpec
from adapter.reading.expressions import All, Atom, Either, Expr, Negated

POINTS_MAX = 20_000  # of one cluster; beyond it nothing is claimed
WAYS_MAX = 256  # ways to make one condition hold
FRESH = "another value"

Wanted = tuple[Atom, bool]
Way = tuple[Wanted, ...]
Corner = Any


class Cluster(Struct, frozen=True):
    """Facts that are compared with each other, and every point of theirs."""

    facts: tuple[str, ...]
    points: tuple[tuple[Corner, ...], ...]  # none: too many to try


class Space:
    """The clusters of some atoms, and at which points each atom holds."""

    def __init__(self, atoms: Iterable[Atom], catalogue: Catalogue) -> None:
        atoms = tuple(dict.fromkeys(atoms))
        self.clusters: list[Cluster] = []
        self.cluster_of: dict[Atom, int] = {}
        self.truth: dict[Atom, int] = {}
        for facts in _linked(atoms):
            mine = [a for a in atoms if a.fact in facts]
            names = tuple(sorted(facts))
            specs = [catalogue[name] for name in names]
            corners = [_corners(spec, mine, specs) for spec in specs]
            count = 1
            for values in corners:
                count *= len(values)
            points = tuple(product(*corners)) if count <= POINTS_MAX else ()
            number = len(self.clusters)
            self.clusters.append(Cluster(names, points))
            for atom in mine:
                self.cluster_of[atom] = number
                self.truth[atom] = _truth(atom, names, points)
        self.everywhere = tuple((1 << max(len(c.points), 1)) - 1 for c in self.clusters)

    def is_tried(self, atoms: Iterable[Atom]) -> bool:
        """Whether every point of the facts of these atoms can be tried."""
        return all(self.clusters[self.cluster_of[atom]].points for atom in atoms)

    def narrowed(self, state: Sequence[int], way: Way) -> tuple[int, ...] | None:
        """The points that remain when all atoms of a way are as wanted; None for none."""
        remaining = list(state)
        for atom, wanted in way:
            at = self.cluster_of[atom]
            if self.clusters[at].points:
                truth = self.truth[atom]
                remaining[at] &= truth if wanted else ~truth
                if not remaining[at]:
                    return None
        return tuple(remaining)

    def witness(self, state: Sequence[int], facts: Iterable[str]) -> dict[str, Corner]:
        """Values of some facts at one of the points that remain."""
        wanted = set(facts)
        found: dict[str, Corner] = {}
        for cluster, remaining in zip(self.clusters, state, strict=True):
            if cluster.points:
                point = cluster.points[(remaining & -remaining).bit_length() - 1]
                found |= {f: v for f, v in zip(cluster.facts, point, strict=True) if f in wanted}
        return dict(sorted(found.items()))


def ways_of(expr: Expr, wanted: bool) -> tuple[Way, ...] | None:
    """The ways to make an expression hold (or not); None when they are too many."""
    match expr:
        case Atom():
            return (((expr, wanted),),)
        case Negated(part):
            return ways_of(part, not wanted)
        case All(parts) | Either(parts):
            made = [ways_of(part, wanted) for part in parts]
            if isinstance(expr, All) != wanted:
                every = [way for ways in made if ways is not None for way in ways]
                too_many = None in made or len(every) > WAYS_MAX
                return None if too_many else tuple(dict.fromkeys(every))
            ways: list[Way] = [()]
            for more in made:
                if more is None or len(ways) * len(more) > WAYS_MAX:
                    return None
                ways = [(*one, *other) for one in ways for other in more]
            return tuple(ways)


def _linked(atoms: Sequence[Atom]) -> list[set[str]]:
    """Facts in groups: those that are compared with each other are together."""
    groups: list[set[str]] = []
    for atom in atoms:
        facts = {atom.fact} | ({atom.other} if atom.other is not None else set())
        touched = [group for group in groups if group & facts]
        groups = [group for group in groups if not group & facts]
        groups.append(facts.union(*touched))
    return groups


def _corners(
    spec: FactSpec, atoms: Sequence[Atom], together: Sequence[FactSpec]
) -> tuple[Corner, ...]:
    """Values of a fact that together stand for all its values."""
    none = () if spec.group == "concluded" else (None,)
    if spec.type == "flag":
        return (True, False, *none)
    if spec.choices:
        return (*spec.choices, *none)
    size = len(together)
    literals = {v for a in atoms for v in (a.literal, *a.literals) if v is not None}
    if spec.type in ("text", "link", "choice"):
        literals |= {choice for other in together for choice in other.choices or ()}
        fresh = [f"({FRESH}{' ' + str(i) if i else ''})" for i in range(size)]
        return (*sorted(literals, key=str), *fresh, *none)
    return (*_around(sorted(literals), spec.type, size), *none)


def _around(literals: Sequence[Corner], type: str, size: int) -> list[Corner]:
    """The literals, `size` values between each two, below the first and beyond the last."""
    if not literals:
        literals = [{"day": date(2026, 1, 1), "version": (1,)}.get(type, Decimal(0))]
    found = set(literals)
    for count in range(1, size + 1):
        for low, high in pairwise(literals):
            between = _between(low, high, count, size, type)
            if between is not None and low < between < high:
                found.add(between)
        below, beyond = _beside(literals[0], -count, type), _beside(literals[-1], count, type)
        found |= {below, beyond} - {None}
    return sorted(found)


def _between(low: Corner, high: Corner, count: int, size: int, type: str) -> Corner:
    if type == "version":
        return (*low, *(0,) * count)
    if type == "number":
        return low + (high - low) * count / (size + 1)
    return _beside(low, count, type)


def _beside(value: Corner, step: int, type: str) -> Corner:
    if type == "version":
        return (*value, *(0,) * step) if step > 0 else (0,) * -step
    try:
        return value + (timedelta(days=step) if type == "day" else step)
    except OverflowError:
        return None


def _truth(atom: Atom, facts: Sequence[str], points: Sequence[tuple[Corner, ...]]) -> int:
    left = facts.index(atom.fact)
    right = facts.index(atom.other) if atom.other is not None else None
    bits = 0
    for number, point in enumerate(points):
        if holds_at(atom, point[left], None if right is None else point[right]):
            bits |= 1 << number
    return bits


def holds_at(atom: Atom, value: Corner, other: Corner = None) -> bool:
    """Whether an atom holds for a value; as `deciding/atoms.py`, which a test compares."""
    right = other if atom.other is not None else atom.literal
    if atom.op == "flag":
        return value is True
    if atom.op == "missing":
        return value is None
    if atom.op == "in":
        return value is not None and value in atom.literals
    if atom.op == "eq":
        return bool(value == right)
    if value is None or right is None:
        return False
    answers = {"lt": value < right, "le": value <= right, "gt": value > right, "ge": value >= right}
    return bool(answers[atom.op])


def told(values: Mapping[str, Corner]) -> str:
    """A witness as text: `company.in_finance yes, actual.quantity 2`."""
    return ", ".join(f"{name} {_word(value)}" for name, value in values.items())


def _word(value: Corner) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ".".join(map(str, value))
    return "missing" if value is None else str(value)
