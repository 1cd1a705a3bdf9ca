"""Values as Finance gives them: no nulls, days at noon, no day in 1900, etags in Base64."""

import re
from base64 import b64encode
from decimal import Decimal
from typing import Literal
from zlib import crc32

from adapter.edge.twin.store import Kept, Row, TwinTable

NO_DAY = "1900-01-01T00:00:00Z"
RECORD_ID = 22_565_421_000  # ids of records begin somewhere
Kind = Literal["text", "number", "whole", "day", "moment", "member", "flag"]
# What schemas and mappings call a column's type; what is not here is text.
KINDS: dict[str, Kind] = {
    "Decimal": "number", "Double": "number", "Real": "number", "number": "number",
    "Int32": "whole", "Int64": "whole", "Integer": "whole", "BigInt": "whole", "whole": "whole",
    "DateTimeOffset": "moment", "DateTime": "moment", "moment": "moment", "instant": "moment",
    "Date": "day", "day": "day", "Enum": "member", "EnumOrInt32": "member", "choice": "member",
    "Boolean": "flag", "flag": "flag",
}  # fmt: skip
EMPTY: dict[str, object] = {
    "text": "", "number": Decimal(0), "whole": 0, "day": NO_DAY, "moment": NO_DAY,
}  # fmt: skip
_DAY = re.compile(r"(\d{4}-\d\d-\d\d)(T[0-9:.]+(?:Z|[+-]\d\d:\d\d)?)?")


def etag(kept: Kept, key: tuple[object, ...]) -> str:
    """The row's version and record id, quoted and in Base64."""
    inner = f"'{kept.version},{RECORD_ID + crc32(repr(key).encode())}'"
    return f'W/"{b64encode(inner.encode()).decode()}"'


def shown(table: TwinTable, row: Row) -> Row:
    """The row as it is read: every column that the set has, none of them null."""
    given = {name: _value(table.types.get(name, ""), value) for name, value in row.items()}
    for name, kind in table.types.items():
        if name not in given and kind in EMPTY:
            given[name] = EMPTY[kind]
    return given


def _value(kind: str, value: object) -> object:
    if value is None or (value == "" and kind in ("day", "moment")):
        return EMPTY.get(kind, "")
    if kind not in ("day", "moment") or not isinstance(value, str):
        return value
    found = _DAY.fullmatch(value)
    if found is None:
        return value
    if found[1] == NO_DAY[:10]:
        return NO_DAY
    return f"{found[1]}T12:00:00Z" if kind == "day" or not found[2] else value


def typed(kind: str, text: str) -> object:
    """A text of a file as a value. Raises ValueError for what is none of its kind."""
    if text == "":
        return None
    if kind == "number":
        number = _number(text)
        if number is None or not number.is_finite():
            raise ValueError(f"'{text}' is no number")
        return number
    if kind == "whole":
        if not re.fullmatch(r"-?\d{1,19}", text):
            raise ValueError(f"'{text}' is no whole number")
        return int(text)
    if kind in ("day", "moment") and not _DAY.fullmatch(text):
        raise ValueError(f"'{text}' is no date")
    return text


def _number(text: str) -> Decimal | None:
    return Decimal(text) if re.fullmatch(r"-?\d{1,28}(\.\d{1,28})?", text) else None
