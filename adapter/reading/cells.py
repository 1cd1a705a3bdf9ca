"""One value of one column, read strictly: the value, or why it does not fit.

The slow and exact way, for rows that the decoder refused and for CSV and XLSX cells.
Nothing is guessed: what does not fit becomes missing, and a finding. Blanks alone are missing.
"""

import re
from datetime import UTC, date, datetime, time, tzinfo
from decimal import Decimal

from adapter.reading.bound import Bound
from adapter.values.finding import shown
from adapter.values.money import DIGITS_MAX, canonical, is_money

TEXT_LENGTH_MAX = 100_000
NUMBER_LENGTH_MAX = 60  # longer numbers are not looked at
WHOLE_MAX = 2**63
FLOAT_DIGITS_MAX = 15  # a spreadsheet keeps no more digits of a number
SHOWN_VALUES_MAX = 12

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_GUID = re.compile(r"\{?([0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})\}?", re.ASCII)
_FLAGS = {"yes": True, "no": False, "true": True, "false": False, "1": True, "0": False}
NO_DAY = date(1900, 1, 1)  # how Finance writes a missing date (protocols: dates)
YEARS = range(2, 9999)  # of instants: those beyond are no day in some time zone
_MIDNIGHT, _NOON = time(0), time(12)  # Finance writes days as noon UTC


class CellFault(Exception):
    """A value does not fit: code, what is wrong, what to do. Never leaves `reading/`."""

    def __init__(self, code: str, message: str, help: str) -> None:
        super().__init__(message)
        self.code, self.message, self.help = code, message, help


class Zoneless(CellFault):
    """An instant without a time zone, and nothing says where it was written."""


class TooLong:
    """Stands for a number with so many digits that nobody looks at it."""

    def __init__(self, length: int) -> None:
        self.length = length

    def __str__(self) -> str:
        return f"a number of {self.length} characters"


def exact_number(text: str) -> Decimal | TooLong:
    """A JSON number with a point or an exponent, exactly as written."""
    return Decimal(text) if len(text) <= NUMBER_LENGTH_MAX else TooLong(len(text))


def written_number(text: str) -> Decimal | None:
    """The number that a short text writes: ASCII digits, no separators; None when it is none."""
    plain = text.strip() if len(text) <= NUMBER_LENGTH_MAX else ""
    return Decimal(plain) if _NUMBER.fullmatch(plain) else None


def read_cell(bound: Bound, value: object, zone: tzinfo | None = None) -> object:
    """The value of a field. `zone` is where instants without one are (CSV, XLSX).

    Raises CellFault when the value does not fit the column.
    """
    read = _read_cell(bound, value, zone)
    if read is None and bound.is_needed:
        raise CellFault("SRC053", "has no value", "Nothing is guessed: give the row its value.")
    return read


def _read_cell(bound: Bound, value: object, zone: tzinfo | None) -> object:
    if value is None:
        return None
    if isinstance(value, str):
        if len(value) > TEXT_LENGTH_MAX:
            raise CellFault("SRC035", f"has {len(value)} characters",
                            f"Shorten it to {TEXT_LENGTH_MAX} characters.")  # fmt: skip
        if is_blank(value):
            return None
    return _READERS[bound.kind](bound, value, zone)


def is_blank(text: str) -> bool:
    """Whether a text says nothing: it counts as missing, whatever its column holds."""
    return not text or text.isspace()


def _text(bound: Bound, value: object, _zone: tzinfo | None) -> str:
    if isinstance(value, str):
        return value.upper() if bound.upper else value
    raise _misfit(value, "text", "Export the column as text.")


def _lookup(_bound: Bound, value: object, _zone: tzinfo | None) -> str:
    if isinstance(value, str):
        return plain_id(value)
    raise _misfit(value, "the id of a row", "Export lookups as ids (`_column_value`).")


def label_missing(bound: Bound) -> CellFault:
    """A lookup of which only the id is there, where its displayed text is what is needed."""
    return CellFault("SRC047", "has an id, and its text is in no column",
                     f"Export the column `{bound.column}name` (the displayed text of the lookup)"
                     f" too; in Web API rows its FormattedValue annotation.")  # fmt: skip


def is_guid(value: object) -> bool:
    """Whether a value is written like the id of a Dataverse row."""
    return isinstance(value, str) and _GUID.fullmatch(value.strip()) is not None


def plain_id(text: str) -> str:
    """A GUID in lower case without braces; any other key as it is, without outer blanks."""
    found = _GUID.fullmatch(text.strip())
    return found[1].lower() if found else text.strip()


def _flag(_bound: Bound, value: object, _zone: tzinfo | None) -> bool:
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower() if isinstance(value, str | int) else ""
    if word in _FLAGS:
        return _FLAGS[word]
    raise _misfit(value, "yes or no", "It may be true, false, Yes, No, 1 or 0.")


def _number(bound: Bound, value: object, _zone: tzinfo | None) -> Decimal:
    number: Decimal | None = None
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**DIGITS_MAX:
        number = Decimal(value)
    elif isinstance(value, Decimal):
        number = value
    elif isinstance(value, float):
        number = Decimal(repr(value))
        if len(number.as_tuple().digits) > FLOAT_DIGITS_MAX:
            raise CellFault("SRC032", f"is {shown(value)}, more digits than a spreadsheet keeps",
                            "Store the number as text, or export CSV.")  # fmt: skip
    elif isinstance(value, str) and len(value) <= NUMBER_LENGTH_MAX:
        number = written_number(value)
        if number is None:
            raise _misfit(value, "a number", "Write it like 1234.56: no blanks, no separators.")
    elif not isinstance(value, int | str | TooLong) or isinstance(value, bool):
        raise _misfit(value, "a number", "Write it like 1234.56.")
    if number is None or not is_money(number):
        raise CellFault("SRC032", f"is {_brief(value)}, out of bounds for an amount",
                        f"At most {DIGITS_MAX} digits, 10 of them decimals.")  # fmt: skip
    if bound.is_above_zero and number <= 0:
        raise CellFault("SRC032", f"is {_brief(value)}, and must be above zero",
                        "Correct it where it comes from; until then it counts as missing.")
    return canonical(number, bound.decimals)


def _brief(value: object) -> str:
    if isinstance(value, int) and not -(10**40) < value < 10**40:
        return "a number of more than 40 digits"
    return f"`{shown(value)}`"


def _whole(bound: Bound, value: object, zone: tzinfo | None) -> int:
    number = _number(bound, value, zone)
    if number != number.to_integral_value() or abs(number) >= WHOLE_MAX:
        raise _misfit(value, "a whole number", "Write it without decimals.")
    return int(number)


def _day(bound: Bound, value: object, _zone: tzinfo | None) -> date | None:
    at = _moment(value, "a day", "Write it like 2026-11-14.")
    if isinstance(at, datetime):
        if at.time() not in (_MIDNIGHT, _NOON):
            raise CellFault("SRC010", f"is `{shown(value)}`, which has a time of day",
                            "Write the day only, like 2026-11-14.")  # fmt: skip
        at = at.date()
    if at.year < YEARS.start and not bound.is_first_day:
        raise _beyond(value)
    return None if at == NO_DAY and not bound.is_first_day else at


def _instant(bound: Bound, value: object, zone: tzinfo | None) -> datetime | None:
    at = _moment(value, "an instant", "Write it like 2026-11-14T15:00:00Z.")
    if not isinstance(at, datetime):
        if not bound.is_day_column:
            raise _misfit(value, "an instant", "Write it like 2026-11-14T15:00:00Z.")
        at = datetime.combine(at, _MIDNIGHT, UTC)
    if at.tzinfo is None and zone is None:
        raise Zoneless("SRC010", f"is `{shown(value)}`, without a time zone",
                       "Write instants in UTC, like 2026-11-14T15:00:00Z.")  # fmt: skip
    try:
        at = (_placed(at, zone) if zone and at.tzinfo is None else at).astimezone(UTC)
    except OverflowError as error:
        raise _beyond(value) from error
    if at.year not in YEARS:
        raise _beyond(value)
    return at


def _beyond(value: object) -> CellFault:
    return CellFault("SRC010", f"is {_brief(value)}, at the end of the calendar",
                     "Leave the value out where there is none, or write the day that is meant.")


def _placed(at: datetime, zone: tzinfo) -> datetime:
    """The instant on the clocks of a zone. Raises CellFault where they show it twice or never."""
    first, second = at.replace(tzinfo=zone), at.replace(tzinfo=zone, fold=1)
    if first.utcoffset() != second.utcoffset():
        raise CellFault("SRC010", f"is `{at}`, which the clocks of {zone} show twice or never",
                        "Clocks are moved there: write this instant in UTC.")  # fmt: skip
    return first


def _moment(value: object, what: str, help: str) -> date | datetime:
    if isinstance(value, date):
        return value
    if isinstance(value, str):
        text = value.strip()
        try:
            if len(text) == 10:
                return date.fromisoformat(text)
            if len(text) > 10 and text[4:5] == "-" and text[10] in "T ":
                return datetime.fromisoformat(text)
        except ValueError:
            pass
    raise _misfit(value, what, help)


def _choice(bound: Bound, value: object, _zone: tzinfo | None) -> str | int | None:
    code: int | str | None = None
    if isinstance(value, Decimal) and is_money(value) and value == value.to_integral_value():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        code = value
    elif isinstance(value, str):
        text = value.strip()
        if not text:
            return None
        if text in bound.values:
            code = text
        elif text.lower() in bound.labels:
            code = bound.labels[text.lower()]
        elif text.removeprefix("-").isdecimal() and text.isascii() and len(text) < 12:
            code = int(text)
    if code is not None and code in bound.values:
        word = bound.values[code]
        return None if word == "" else word
    known = [f"{c} {w or '(none)'}" for c, w in bound.values.items()]
    more = "" if len(known) <= SHOWN_VALUES_MAX else " ..."
    raise CellFault("SRC033", f"is {_brief(value)}, a value that the mapping does not know",
                    "Known: " + ", ".join(known[:SHOWN_VALUES_MAX]) + more
                    + f". Add it to `{bound.field}` in the mapping if it is right.")  # fmt: skip


def _misfit(value: object, what: str, help: str) -> CellFault:
    kind = {dict: "an object", list: "a list", bool: "yes or no"}.get(type(value))
    return CellFault("SRC010", f"is {kind or _brief(value)}, not {what}", help)


_READERS = {
    "text": _text, "lookup": _lookup, "choice": _choice, "flag": _flag, "number": _number,
    "whole": _whole, "day": _day, "instant": _instant,
}  # fmt: skip
