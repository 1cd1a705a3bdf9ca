"""Values as JSON text that is exact and safe wherever it is put.

Decimals are written as numbers with all their digits, never with an exponent. Letters that
mean something to HTML, line separators and letters that turn the direction of a line are
written as escapes: the text says the same and cannot be mistaken for anything else.
"""

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

import msgspec

from adapter.values.money import is_short

DEPTH_MAX = 12
_RISKY = re.compile("[<>&\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")
_encode = msgspec.json.Encoder(decimal_format="number").encode


_EXPONENT = re.compile(rb'"-?\d(\.\d+)?E[+-]\d+"')


class NotJson(ValueError):
    """A value that has no exact JSON form; the text says which."""


def json_text(value: object) -> str:
    """A value as JSON text.

    Text, numbers, yes/no, dates, `None`, and lists and tables of them. Raises NotJson for
    floats, numbers that are not finite, half letters, and anything else.
    """
    kind = type(value)
    try:
        if kind is str or kind is int or value is None:
            text = _encode(value).decode()
        elif kind is dict and _is_flat(value):
            text = _encode(value).decode()
            if "E+" in text or "E-" in text or "NaN" in text or "Inf" in text:
                text = _encode(_plain(value, 0)).decode()  # perhaps a number: look closer
        else:
            text = _encode(_plain(value, 0)).decode()
    except (msgspec.EncodeError, UnicodeError, TypeError, OverflowError) as error:
        raise NotJson(f"not JSON: {type(value).__name__}") from error
    if text.isascii() and "<" not in text and ">" not in text and "&" not in text:
        return text if "\x7f" not in text else text.replace("\x7f", "\\u007f")
    return _RISKY.sub(_escaped, text)


def struct_json(value: object) -> bytes:
    """A struct of ours as JSON, its Decimals as texts without an exponent."""
    body = msgspec.json.encode(value)
    if _EXPONENT.search(body) is None:
        return body
    plain = msgspec.to_builtins(value, builtin_types=(Decimal, date, datetime))
    return msgspec.json.encode(_texts(plain))


def _texts(value: object) -> object:
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, dict):
        return {key: _texts(part) for key, part in value.items()}
    return [_texts(part) for part in value] if isinstance(value, list) else value


_FLAT = frozenset((str, int, bool, Decimal, date, type(None)))


def _is_flat(value: object) -> bool:
    """Whether a table holds nothing but plain values: most rows do."""
    assert isinstance(value, dict)
    return _FLAT.issuperset(map(type, value.values())) and _TEXT.issuperset(map(type, value))


_TEXT = frozenset((str,))


def _escaped(match: re.Match[str]) -> str:
    return f"\\u{ord(match[0]):04x}"


def _plain(value: object, depth: int) -> object:
    """The value with every Decimal in a form that is written without an exponent."""
    kind = type(value)
    if kind is str or kind is int or kind is bool or value is None:
        return value
    if kind is Decimal:
        return _number(value)
    if depth >= DEPTH_MAX:
        raise NotJson("nested too deeply")
    if isinstance(value, Mapping):
        if not all(type(key) is str for key in value):
            raise NotJson("a key that is not text")
        return {key: _plain(part, depth + 1) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(part, depth + 1) for part in value]
    if kind is date:
        return value
    if kind is datetime:
        raise NotJson("an instant: give it as text")
    raise NotJson(f"a {kind.__name__}")


def _number(number: object) -> Decimal | msgspec.Raw:
    assert isinstance(number, Decimal)
    if is_short(number):
        return number
    if not number.is_finite():
        raise NotJson(f"the number {number}")
    exponent = number.as_tuple().exponent
    assert isinstance(exponent, int)
    if exponent > 0 or number.adjusted() < -6:  # str() would write an exponent
        if abs(number.adjusted()) > 1000 or exponent < -1000:
            raise NotJson("a number of more than 1000 digits")
        return msgspec.Raw(format(number, "f").encode())
    return number
