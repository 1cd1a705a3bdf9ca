"""A table's columns bound to the fields of our record: the result of reading a mapping.

Nothing here parses: `columns.py` makes a `Layout` from a from-mapping, `cells.py` and
`decoder.py` use it to read rows.
"""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal, get_args, get_origin, get_type_hints

from msgspec import Struct

from adapter.reading.schema import Tag
from adapter.values.finding import Place
from adapter.values.record import Record

Kind = Literal["text", "lookup", "choice", "flag", "number", "whole", "day", "instant"]
Code = int | str
Side = Literal["dataverse", "finance"]

KINDS: tuple[Kind, ...] = (
    "text", "lookup", "choice", "flag", "number", "whole", "day", "instant",
)  # fmt: skip
KEY_SEPARATOR = "|"


class Bound(Struct, frozen=True, kw_only=True):
    """One field and the column that fills it."""

    field: str  # attribute of the record; custom ones begin with `x_`
    column: str  # logical name
    wire: str  # name in JSON rows
    kind: Kind
    values: Mapping[Code, str | int] = {}  # choice: code -> our word; "" means missing
    labels: Mapping[str, Code] = {}  # choice: label in lower case -> code
    shown: str = ""  # JSON name of the displayed name of a lookup; the id stands in for it
    tag: Tag = "documented"
    inferred: tuple[Code, ...] = ()  # codes that no source proves
    upper: bool = False
    label: str = ""  # heading of the column in CSV and XLSX exports
    is_day_column: bool = False
    decimals: int = 0  # a number is read at these, and at more for digits that are there
    is_first_day: bool = False  # 1900-01-01 is a day there: since ever, and not a missing one
    is_needed: bool = False  # a row without it does not fit
    is_above_zero: bool = False  # zero and less do not fit
    place: Place = Place("")

    @property
    def words(self) -> tuple[str, ...]:
        """The words a choice may have, in the order of the mapping, without repeats."""
        return tuple(dict.fromkeys(w for w in self.values.values() if isinstance(w, str) and w))


class KeyPart(Struct, frozen=True):
    """One part of a composite key: its JSON name, and whether it may be blank."""

    wire: str
    may_be_blank: bool = False


class Layout(Struct, frozen=True, kw_only=True, dict=True):
    """Everything that is needed to read rows of one table into one kind of record."""

    path: str  # the mapping file
    table: str
    set: str
    record: str
    kind: type[Record]
    side: Side
    fields: tuple[Bound, ...]
    key: tuple[KeyPart, ...] = ()  # composite key; empty: the field `id` is bound
    constants: Mapping[str, str] = {}
    is_needed: bool = False  # without its rows nothing can be judged

    def bound(self, field: str) -> Bound | None:
        """The binding of one field."""
        return next((b for b in self.fields if b.field == field), None)


def field_types(kind: type[Record]) -> dict[str, type]:
    """The plain type of each field of a record: str, bool, int, Decimal, date, datetime."""
    found: dict[str, type] = {}
    for name, hint in get_type_hints(kind, include_extras=True).items():
        base = get_args(hint)[0] if get_origin(hint) is Annotated else hint
        found[name] = next(t for t in (get_args(base) or (base,)) if t is not type(None))
    return found


CUSTOM_TYPES: dict[Kind, type] = {
    "text": str, "lookup": str, "choice": str, "flag": bool, "number": Decimal,
    "whole": int, "day": date, "instant": datetime,
}  # fmt: skip
