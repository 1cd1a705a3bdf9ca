"""Names of row files that no mapping reads, and the table that each of them looks like."""

import re
from collections.abc import Iterable

from adapter.values.alike import alike

LIKENESS = 89  # percent; below it, tables that have nothing to do with each other look alike
_TAIL = re.compile(r"([\W_]+|\d+|copy|export|page|part)+$")


def table_meant(name: str, known: Iterable[str]) -> str | None:
    """The table that a file is probably of: `accounts_2` is of `accounts`. None: of none."""
    names = {each.casefold(): each for each in sorted(known)}
    folded = name.casefold()[:200]
    bare = _TAIL.sub("", folded)
    near: tuple[str, ...] = (bare,) if bare in names else ()
    for word in (folded, bare):
        near = near or alike(word, names, 1, percent=LIKENESS)
    return names[near[0]] if near else None
