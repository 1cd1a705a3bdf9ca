"""OData literals of Finance: keys, filters, links into a row. Texts are quoted, never pasted."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from urllib.parse import quote

from msgspec import Struct

from adapter.reading.json_text import json_text

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
NAMESPACE = "Microsoft.Dynamics.DataEntities."
NO_DAY = date(1900, 1, 1)  # what Finance keeps where there is none
WILDCARD = "*"  # means "like" in a comparison with eq
FILTER_LENGTH_MAX = 1_800  # letters of a filter as they stand in an address


class Member(Struct, frozen=True):
    """A member of an enumeration, such as `NoYes` `Yes`: Finance compares it by eq and ne only."""

    enum: str
    member: str


Value = str | int | Decimal | date | Member


def literal(value: Value) -> str:
    """A value as a literal: quotes of a text doubled, a day at noon, no time zone converted.

    Raises ValueError for what a filter would bend.
    """
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, Member):
        return f"{NAMESPACE}{name(value.enum)}'{name(value.member)}'"
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone")
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, date):
        return f"{value.isoformat()}T{'00' if value == NO_DAY else '12'}:00:00Z"
    if isinstance(value, bool):
        raise ValueError("Finance says yes and no by an enumeration: use Member")
    if isinstance(value, Decimal) and not value.is_finite():
        raise ValueError("no number")
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def _text(value: str) -> str:
    if WILDCARD in value:
        raise ValueError("`*` compares by pattern in Finance and cannot be asked for")
    if not value.isprintable():
        raise ValueError("control characters cannot be asked for")
    return "'" + value.replace("'", "''") + "'"


@lru_cache(1_024)
def name(text: str) -> str:
    """The name of a set or column. Raises ValueError for anything else."""
    if not _NAME.fullmatch(text):
        raise ValueError(f"no name of a set or column: {text[:60]!r}")
    return text


def key_of(keys: Mapping[str, Value]) -> str:
    """`(dataAreaId='USMF',SourceKey='...')` as it stands in an address.

    All columns of the key must be there. Raises ValueError for none.
    """
    if not keys:
        raise ValueError("a row is named by its key columns")
    pairs = (f"{name(n)}={quote(literal(v), safe=chr(39))}" for n, v in keys.items())
    return "(" + ",".join(pairs) + ")"


def filter_of(rows: Sequence[Mapping[str, Value]]) -> str:
    """Rows with any of these keys: `(a eq 'x' and b eq 'y') or (...)`.

    Raises ValueError for a row without a key: it would mean every row.
    """
    if not rows or not all(rows):
        raise ValueError("a row is asked for by its key columns")
    return " or ".join(
        "(" + " and ".join(f"{name(n)} eq {literal(v)}" for n, v in keys.items()) + ")"
        for keys in rows
    )


def length_of(where: str) -> int:
    """How long a filter is in an address."""
    return len(quote(where, safe=""))


def linked(body: str, links: Mapping[str, str], header: Mapping[str, str]) -> str | None:
    """The row's text with the columns that the header's answer gave; None if one is missing.

    The text is not made anew: the columns are added at its end.
    """
    added = columns_of(links, header)
    return None if added is None else with_columns(body, added)


def columns_of(links: Mapping[str, str], header: Mapping[str, str]) -> str | None:
    """The columns of a row that the header's answer gives, as text; None if one is missing."""
    added = []
    for column, theirs in links.items():
        value = header.get(theirs)
        if not value:
            return None
        added.append(f"{json_text(column)}:{json_text(value)}")
    return ",".join(added)


def with_columns(body: str, columns: str) -> str:
    """A row's text with columns at its end."""
    if not columns:
        return body
    inside = body.rstrip()
    assert inside.endswith("}"), "a row is a JSON table"
    comma = "," if inside[1:-1].strip() else ""
    return inside[:-1] + comma + columns + "}"
