"""OData literals of Finance: keys, filters, links into a row. Texts are quoted, never pasted."""

import re
from collections.abc import Mapping, Sequence

from adapter.reading.json_text import json_text

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
WILDCARD = "*"  # means "like" in a comparison with eq


def literal(value: str) -> str:
    """A text as a literal: quotes doubled. Raises ValueError for what a filter would bend."""
    if WILDCARD in value:
        raise ValueError("`*` compares by pattern in Finance and cannot be asked for")
    if not value.isprintable():
        raise ValueError("control characters cannot be asked for")
    return "'" + value.replace("'", "''") + "'"


def name(text: str) -> str:
    """The name of a set or column. Raises ValueError for anything else."""
    if not _NAME.fullmatch(text):
        raise ValueError(f"no name of a set or column: {text[:60]!r}")
    return text


def key_of(keys: Mapping[str, str]) -> str:
    """`(dataAreaId='USMF',SourceKey='...')`."""
    return "(" + ",".join(f"{name(n)}={literal(v)}" for n, v in keys.items()) + ")"


def filter_of(rows: Sequence[Mapping[str, str]]) -> str:
    """Rows with any of these keys: `(a eq 'x' and b eq 'y') or (...)`."""
    return " or ".join(
        "(" + " and ".join(f"{name(n)} eq {literal(v)}" for n, v in keys.items()) + ")"
        for keys in rows
    )


def linked(body: str, links: Mapping[str, str], header: Mapping[str, str]) -> str | None:
    """The row's text with the columns that the header's answer gave; None if one is missing.

    The text is not made anew: the columns are added at its end.
    """
    if not links:
        return body
    added = []
    for column, theirs in links.items():
        value = header.get(theirs)
        if not value:
            return None
        added.append(f"{json_text(column)}:{json_text(value)}")
    inside = body.rstrip()
    assert inside.endswith("}"), "a row is a JSON table"
    comma = "," if inside[1:-1].strip() else ""
    return inside[:-1] + comma + ",".join(added) + "}"
