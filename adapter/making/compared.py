"""A row that was sent beside the same row as it is read back.

The other side writes the same value in its own way: numbers with other decimals, days at
noon, ids in other letters, references as plain ids, nothing as an empty text. What it adds
of its own is no difference; what we sent and it does not say is one.
"""

import re
from collections.abc import Iterable, Mapping, Sequence, Set
from decimal import Decimal, InvalidOperation
from hashlib import sha256

import msgspec
from msgspec import Struct

NO_DAY = "1900-01-01"
GONE = "gone"  # the mark of a row that a person deleted
NOTHING = "(nothing)"  # how an empty column is told
BIND = "@odata.bind"
_REFERENCE = re.compile(r"/?[A-Za-z_]\w*\((.*)\)")
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?")
_GUID = re.compile(r"\{?[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\}?")
_COMPANY = ("dataareaid", "projdataareaid")
_decode = msgspec.json.Decoder(float_hook=Decimal).decode


class Difference(Struct, frozen=True):
    """One column that says something else now."""

    column: str
    sent: str
    now: str


def fields_of(body: str) -> Mapping[str, object]:
    """The row of a text that was sent. Raises ValueError for a body that is no JSON table."""
    sent = _decode(body)
    if not isinstance(sent, dict):
        raise ValueError("the body is no table")
    return sent


def differences(body: str, row: Mapping[str, object]) -> tuple[Difference, ...]:
    """Columns of the text that was sent which the row does not repeat, in its order.

    Raises ValueError for a body that is no JSON table: ours always is.
    """
    found = []
    for column, value in fields_of(body).items():
        now = value_of(column, row)
        if normal(column, value) != normal(column, now):
            found.append(Difference(column.removesuffix(BIND), _shown(value), _shown(now)))
    return tuple(found)


def money_more(changed: Iterable[Difference], columns: Set[str]) -> Decimal:
    """How much more the columns of money say now than was sent."""
    return sum((_amount(d.now) - _amount(d.sent) for d in changed if d.column in columns),
               Decimal(0))  # fmt: skip


def _amount(text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return Decimal(0)
    return number if number.is_finite() else Decimal(0)


def mark_of(changed: Sequence[Difference]) -> str:
    """What stands for these differences: a person who accepts them accepts no others."""
    said = "\0".join(f"{d.column}\0{d.now}" for d in changed)
    return sha256(said.encode()).hexdigest()[:16]


def value_of(column: str, row: Mapping[str, object]) -> object:
    """What the row says in a column; of a reference, under the names it may be read by."""
    if not column.endswith(BIND):
        return row.get(column)
    name = column.removesuffix(BIND)
    names = [column, f"_{name}_value", f"_{name.lower()}_value", name]
    base = name.rpartition("_")[0]
    if base:  # customerid_account is read as _customerid_value
        names.append(f"_{base}_value")
    return next((row[n] for n in names if row.get(n) is not None), None)


def normal(column: str, value: object) -> object:
    """The value in the one form in which equal values are equal."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return value
    if isinstance(value, int | Decimal):
        return Decimal(value)
    if not isinstance(value, str):
        return str(value)
    reference = _REFERENCE.fullmatch(value) if column.endswith(BIND) else None
    text = reference[1] if reference else value
    if _GUID.fullmatch(text):
        return text.strip("{}").lower()
    if column.lower() in _COMPANY:
        return text.upper()
    moment = _MOMENT.fullmatch(text)
    if moment:
        return None if moment[1] == NO_DAY else moment[1]
    return None if text == NO_DAY else _number_or(text)


def _number_or(text: str) -> object:
    """Numbers that a system reads back as text are numbers; everything else is text."""
    if re.fullmatch(r"-?\d{1,19}\.\d{1,10}", text):
        try:
            return Decimal(text)
        except InvalidOperation:
            return text
    return text


def _shown(value: object) -> str:
    if value is None:
        return NOTHING
    return f"{value:f}" if isinstance(value, Decimal) else str(value)
