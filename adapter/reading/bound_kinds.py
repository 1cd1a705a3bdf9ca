"""Which kind of value a column holds, and which field such a value may fill."""

from datetime import date, datetime
from decimal import Decimal

from adapter.reading.bound import Kind
from adapter.reading.schema import Column

_BY_TYPE: dict[str, Kind] = {
    "String": "text", "Memo": "text", "MultiSelectPicklist": "text",
    "Uniqueidentifier": "lookup", "Guid": "lookup",
    "Lookup": "lookup", "Owner": "lookup", "Customer": "lookup",
    "Picklist": "choice", "State": "choice", "Status": "choice", "Enum": "choice",
    "Boolean": "flag", "Money": "number", "Decimal": "number", "Double": "number",
    "Integer": "whole", "BigInt": "whole", "Int32": "whole", "Int64": "whole",
    "DateTime": "instant", "DateTimeOffset": "instant",
}  # fmt: skip
_BY_PLAIN: dict[type, Kind] = {
    str: "text", bool: "flag", Decimal: "number", int: "whole", date: "day",
    datetime: "instant",
}  # fmt: skip
_FILLS: dict[Kind, tuple[type, ...]] = {
    "text": (str,), "lookup": (str,), "choice": (str, int), "flag": (bool,),
    "number": (Decimal, int), "whole": (int, Decimal), "day": (date, datetime),
    "instant": (datetime, date),
}  # fmt: skip
YES_NO = "NoYes"


def kind_of(
    column: Column | None, said: Kind | None, plain: type | None, has_values: bool
) -> Kind:
    """The kind of value: by the schema, else as the mapping says, else by the field's type.

    A column of text may be said to hold ids. `plain` is the type of our field (None for a
    custom one). An amount is read as a number, a day as a day, whatever finer type the column has.
    """
    if has_values:
        return "choice"
    kind = _BY_TYPE.get(column.type) if column else None
    if column is not None and column.enum == YES_NO:
        kind = "flag"
    if kind == "text" and said == "lookup":  # an id in a column of text
        return said
    kind = kind or said or (_BY_PLAIN[plain] if plain else "text")
    if plain in (date, Decimal, int, datetime) and plain in _FILLS[kind]:
        return _BY_PLAIN[plain]
    if column is not None and column.day and kind == "instant" and plain is None:
        return "day"
    return kind


def fits(kind: Kind, plain: type, has_values: bool) -> bool:
    """Whether a value of this kind may fill a field of this type."""
    return plain in _FILLS[kind] and (kind != "choice" or has_values)
