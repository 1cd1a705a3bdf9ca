"""Literals of conditions: exact numbers, days and versions."""

from datetime import date
from decimal import Decimal, InvalidOperation

from adapter.reading.expressions import Literal_

DIGITS_MAX = 19


def parse_number(written: str, sign: int, type: str) -> Literal_:
    """A number exactly as it was written, never by way of a float; None when it is none."""
    try:
        number = Decimal(written.replace("_", ""))
    except InvalidOperation:
        return None
    _, digits, power = number.as_tuple()
    if not isinstance(power, int) or len(digits) > DIGITS_MAX:
        return None
    if not -DIGITS_MAX <= power <= DIGITS_MAX - len(digits):
        return None
    if type == "whole" and number != number.to_integral_value():
        return None
    return number.copy_negate() if sign < 0 and number else number


def parse_text(value: str, type: str) -> Literal_:
    """A text in quotes as a value of a type; None when it is none of that type."""
    if type == "day":
        try:
            day = date.fromisoformat(value)
        except ValueError:
            return None
        return day if day.isoformat() == value else None
    if type == "version":
        parts = value.split(".")
        good = all(part.isascii() and part.isdigit() and len(part) < 10 for part in parts)
        return tuple(int(part) for part in parts) if good else None
    return value


EXAMPLES = {
    "text": "Write a text such as 'USMF'.", "choice": "Write one of its words in quotes.",
    "link": "Write an id in quotes.", "flag": "Write the fact alone, or `not` before it.",
    "number": "Write a number such as 1 or 2.50.", "whole": "Write a whole number such as 10.",
    "day": "Write a date such as '2026-11-30'.", "version": "Write a version such as '8.8.142.0'.",
}  # fmt: skip


def a_type(type: str) -> str:
    """A type with its article, for messages: `a number`, `a yes/no`."""
    return {"flag": "a yes/no", "day": "a date", "whole": "a whole number"}.get(type, f"a {type}")
