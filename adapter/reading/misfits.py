"""What is wrong with a table of settings, and where: its key, and what may stand there instead."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal, get_args, get_origin

import msgspec

from adapter.values.alike import alike, did_you_mean
from adapter.values.finding import Place, shown

_AT = re.compile(r" - at `\$\.([A-Za-z_]+)`$")
_UNKNOWN = re.compile(r"unknown field `([^`]*)`$")
_NAMED = ("name", "code")  # said by the heading of the table


def misfit(
    error: msgspec.ValidationError, kinds: Mapping[str, Any], row: Any
) -> tuple[str, str, tuple[str, ...]]:
    """Message and help for a table that is not as `kinds` say, and the key it is about, if one."""
    said = str(error)
    found, unknown = _AT.search(said), _UNKNOWN.search(said)
    known = [key for key in kinds if key not in _NAMED]
    if unknown is not None:
        return f"unknown key `{shown(unknown[1])}`", known_keys(unknown[1], known), (unknown[1],)
    if found is None or not isinstance(row, Mapping):
        return said, "known keys: " + ", ".join(known), ()
    key = found[1]
    words = [str(word) for word in _words(kinds.get(key))]
    if words:
        return f"`{key}` cannot be {shown(row.get(key))}", "it may be: " + ", ".join(words), (key,)
    help = "known keys: " + ", ".join(known)
    if "Expected `str" in said:
        help = "Write it as text, in quotes."
    return f"`{key}`: {_AT.sub('', said)}", help, (key,)


def known_keys(word: str, known: Iterable[str]) -> str:
    """The keys that may stand there, and before them those that may be meant."""
    keys = list(known)
    return f"{did_you_mean(alike(word, keys))} known keys: {', '.join(keys)}".lstrip()


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
