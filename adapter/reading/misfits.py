"""What is wrong with a table of settings, and where: its key, and what may stand there instead."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Literal, get_args, get_origin

import msgspec

from adapter.values.finding import Place, shown

_AT = re.compile(r" - at `\$\.([A-Za-z_]+)`$")


def misfit(
    error: msgspec.ValidationError, kinds: Mapping[str, Any], row: Any
) -> tuple[str, str, tuple[str, ...]]:
    """Message and help for a table that is not as `kinds` say, and the key it is about, if one."""
    said = str(error)
    found = _AT.search(said)
    if found is None or not isinstance(row, Mapping):
        return said, "known keys: " + ", ".join(kinds), ()
    key = found[1]
    words = [str(word) for word in _words(kinds.get(key))]
    if words:
        return f"`{key}` cannot be {shown(row.get(key))}", "it may be: " + ", ".join(words), (key,)
    help = "known keys: " + ", ".join(kinds)
    if "Expected `str" in said:
        help = "Write it as text, in quotes."
    return f"`{key}`: {_AT.sub('', said)}", help, (key,)


def _words(hint: Any) -> tuple[Any, ...]:
    """The words of a closed list, as a type says them; none where it is no such list."""
    if get_origin(hint) is Literal:
        return get_args(hint)
    if hint is bool:
        return ("true", "false")
    return tuple(word for part in get_args(hint) for word in _words(part))


def places_of(
    table: Mapping[str, Any], place: Callable[..., Place]
) -> dict[str, dict[str, Place]]:
    """Where each switch of `[rules]` stands, and under its name each of its keys."""
    rules = table.get("rules")
    return {
        code: {"": place("rules", code), **{key: place("rules", code, key) for key in said}}
        for code, said in (rules.items() if isinstance(rules, Mapping) else ())
        if isinstance(said, Mapping)
    }
