"""The parts of a condition, after parsing: atoms and how they are joined.

An atom is one comparison of a fact. Equal atoms of different rules are equal values, so
each is computed once. `missing` is a value: `==` compares it like any other, an ordering
or `in` with a missing side does not hold, a missing yes/no counts as no.
"""

from datetime import date
from decimal import Decimal
from typing import Literal

from msgspec import Struct

Literal_ = str | Decimal | date | bool | tuple[int, ...] | None  # tuple: a version
Op = Literal["eq", "lt", "le", "gt", "ge", "in", "flag", "missing"]


class Atom(Struct, frozen=True):
    """One comparison. `!=`, `not in`, `present` are the negation of an atom.

    `literal` is the right side of eq/lt/le/gt/ge unless `other` names a fact;
    `literals` is the right side of `in` (sorted, without repeats).
    """

    op: Op
    fact: str
    literal: Literal_ = None
    other: str | None = None
    literals: tuple[Literal_, ...] = ()


class Negated(Struct, frozen=True):
    """Holds exactly when `part` does not."""

    part: "Expr"


class All(Struct, frozen=True):
    """Holds when every part holds; with no parts it holds."""

    parts: "tuple[Expr, ...]"


class Either(Struct, frozen=True):
    """Holds when at least one part holds; with no parts it does not."""

    parts: "tuple[Expr, ...]"


Expr = Atom | Negated | All | Either


def atoms_of(expr: Expr) -> tuple[Atom, ...]:
    """The atoms of an expression, in reading order, with repeats."""
    match expr:
        case Atom():
            return (expr,)
        case Negated(part):
            return atoms_of(part)
        case All(parts) | Either(parts):
            return tuple(atom for part in parts for atom in atoms_of(part))
