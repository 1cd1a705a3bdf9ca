"""Atoms: exact comparisons, compiled to one generated Python function.

Constants are bound by name in the function's globals; no text of a user ever becomes code.
A missing value is `None`: `==` compares it like any other, an ordering or `in` with a
missing side does not hold, a missing yes/no counts as no.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from adapter.reading.expressions import Atom

_SIGNS = {"lt": "<", "le": "<=", "gt": ">", "ge": ">="}


def compile_atoms(
    atoms: Sequence[Atom],
    bits: Sequence[int],
    access: Mapping[str, str],
    arguments: Sequence[str],
    likely: int = 0,
) -> Callable[..., int]:
    """A function of `arguments` that returns the bits of the atoms that hold.

    `access` says for each fact which expression over the arguments gives its value. `likely`
    are bits that hold in most records: they are set first and taken back where they do not,
    which is sooner done and says the same.
    """
    names: dict[str, object] = {"likely": likely & sum(1 << bit for bit in bits)}
    lines = [f"def vector({', '.join(arguments)}):", "    r = likely"]
    for number, (atom, bit) in enumerate(zip(atoms, bits, strict=True)):
        test = _test(atom, access, number, names)
        names[f"b{number}"] = 1 << bit
        lines.append(
            f"    if not ({test}): r ^= b{number}" if likely >> bit & 1
            else f"    if {test}: r |= b{number}"
        )  # fmt: skip
    lines.append("    return r")
    exec(compile("\n".join(lines), "<atoms>", "exec"), names)  # generated above, no user text
    made: Callable[..., int] = names["vector"]  # type: ignore[assignment]
    return made


def _test(atom: Atom, access: Mapping[str, str], number: int, names: dict[str, object]) -> str:
    left = access[atom.fact]
    match atom.op:
        case "flag":
            return f"{left} is True"
        case "missing":
            return f"{left} is None"
        case "in":
            names[f"c{number}"] = frozenset(atom.literals)
            return f"{left} in c{number}"
        case "eq" if atom.other is not None:
            return f"{left} == {access[atom.other]}"
        case "eq":
            names[f"c{number}"] = atom.literal
            return f"{left} == c{number}"
        case op:
            sign = _SIGNS[op]
            if atom.other is not None:
                right = access[atom.other]
                return f"{left} is not None and {right} is not None and {left} {sign} {right}"
            names[f"c{number}"] = atom.literal
            return f"{left} is not None and {left} {sign} c{number}"


def holds(atom: Atom, value: Any, other: Any = None) -> bool:
    """Whether an atom holds for a value (and the value of its other fact): slow and plain."""
    right = other if atom.other is not None else atom.literal
    match atom.op:
        case "flag":
            return value is True
        case "missing":
            return value is None
        case "in":
            return value is not None and value in atom.literals
        case "eq":
            return bool(value == right)
    if value is None or right is None:
        return False
    order = {"lt": value < right, "le": value <= right, "gt": value > right, "ge": value >= right}
    return bool(order[atom.op])
