"""How rows of Dataverse are addressed: by our own id, or by the columns of an alternate key."""

import re
from collections.abc import Mapping
from decimal import Decimal
from urllib.parse import quote

from adapter.edge.http.answers import Answer

KEY_BYTES_MAX = 900
KEY_COLUMNS_MAX = 16
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_KEY_UNSAFE = re.compile(r"[/<>*%&:\\?+#\x00-\x1f\x7f]")
_GUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
KeyValue = str | int | Decimal


def name(text: str) -> str:
    """The name of a set or column. Raises ValueError for anything else."""
    if not _NAME.fullmatch(text):
        raise ValueError(f"no name of a set or column: {text[:60]!r}")
    return text


def is_guid(text: str) -> bool:
    """Whether a text is an id as Dataverse writes them."""
    return bool(_GUID.fullmatch(text))


def address(entity: str, keys: Mapping[str, KeyValue]) -> str:
    """`accounts(guid)` or `accounts(accountnumber='A')`.

    Raises ValueError for a key with letters that Dataverse cannot look up.
    """
    pairs = list(keys.items())
    if not 0 < len(pairs) <= KEY_COLUMNS_MAX:
        raise ValueError(f"a key of {len(pairs)} columns")
    column, first = pairs[0]
    if len(pairs) == 1 and isinstance(first, str) and is_guid(first) and column[0] != "_":
        return f"{name(entity)}({first})"
    if sum(len(str(value).encode()) for _, value in pairs) > KEY_BYTES_MAX:
        raise ValueError("a key of that length cannot be looked up")
    return f"{name(entity)}({','.join(f'{name(c)}={_literal(c, v)}' for c, v in pairs)})"


def _literal(column: str, value: KeyValue) -> str:
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise ValueError(f"{column}: no number")
        return f"{value:f}"
    if isinstance(value, int):
        return str(int(value))
    if column.startswith("_") and is_guid(value):
        return value  # the id in a lookup
    if not value or _KEY_UNSAFE.search(value):
        raise ValueError(f"{column}: a key with such letters cannot be looked up")
    return f"'{quote(value.replace(chr(39), chr(39) * 2), safe='')}'"


def row_id(answer: Answer) -> str:
    """The id that `OData-EntityId` names; empty if there is none."""
    found = _GUID.findall(answer.headers.get("odata-entityid", ""))
    return found[-1].lower() if found else ""
