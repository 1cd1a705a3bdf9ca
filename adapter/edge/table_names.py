"""Names of row files that no mapping reads, and the table that each of them looks like."""

import re
from collections.abc import Iterable
from difflib import get_close_matches

LIKENESS = 0.89  # below it, tables that have nothing to do with each other look alike
_TAIL = re.compile(r"([\W_]+|\d+|copy|export|page|part)+$")


def table_meant(name: str, known: Iterable[str]) -> str | None:
    """The table that a file is probably of: `accounts_2` is of `accounts`. None: of none."""
    names = {each.casefold(): each for each in sorted(known)}
    folded = name.casefold()[:200]
    bare = _TAIL.sub("", folded)
    near = [bare] if bare in names else []
    near = near or get_close_matches(folded, names, 1, LIKENESS)
    near = near or get_close_matches(bare, names, 1, LIKENESS)
    return names[near[0]] if near else None
