"""`$filter` and `$orderby` of the twin's Dataverse.

Comparisons (eq ne gt ge lt le), `and`, `or`, `not`, parentheses, startswith, endswith,
contains, `null`, parameters (`@m`) and names with one slash. Anything else is refused.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from adapter.making.compared import normal

Test = Callable[[Mapping[str, object]], bool]
DEPTH_MAX = 32
COMPARED = ("eq", "ne", "gt", "ge", "lt", "le")
TEXTS: Mapping[str, Callable[[str, str], bool]] = {
    "startswith": str.startswith, "endswith": str.endswith, "contains": str.__contains__,
}  # fmt: skip
CONSTANTS: Mapping[str, object] = {"null": None, "true": True, "false": False}
_TOKEN = re.compile(
    r"\s*(?:(?P<guid>[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})"
    r"|(?P<date>\d{4}-\d\d-\d\d(?:T[\d:.]+(?:Z|[+-]\d\d:\d\d))?)"
    r"|(?P<number>-?\d+(?:\.\d+)?)|(?P<text>'(?:[^']|'')*')|(?P<mark>[(),])"
    r"|(?P<parameter>@\w+)|(?P<name>[A-Za-z_]\w*(?:/[A-Za-z_]\w*)?))"
)


class _Token(NamedTuple):
    kind: str
    text: str


_END = _Token("end", "the end")


def filter_of(text: str, parameters: Mapping[str, str] | None = None) -> Test:
    """A test of rows. Raises ValueError for what is no such filter."""
    reader = _Reader(_tokens(text), parameters or {})
    test = reader.either(0)
    if reader.now != _END:
        raise ValueError(f"unexpected {reader.now.text}")
    return test


def order_of(text: str) -> list[tuple[str, bool]]:
    """Columns to sort by and whether downwards. Raises ValueError."""
    found = []
    for part in text.split(","):
        name, _, way = part.strip().partition(" ")
        if not re.fullmatch(r"[A-Za-z_]\w*", name) or way.strip() not in ("", "asc", "desc"):
            raise ValueError(f"no column to sort by: {part.strip()[:60]}")
        found.append((name, way.strip() == "desc"))
    return found


def ordered(
    rows: Sequence[Any], order: Sequence[tuple[str, bool]],
    value: Callable[[Any, str], object],
) -> list[Any]:  # fmt: skip
    """Rows in an order; rows without a value stand first, as in SQL Server."""
    made = list(rows)
    for name, is_down in reversed(order):
        made.sort(key=lambda row: _rank(name, value(row, name)), reverse=is_down)
    return made


def _rank(name: str, value: object) -> tuple[int, Any]:
    plain = normal(name, value)
    if plain is None:
        return (0, 0)
    if isinstance(plain, bool | Decimal):
        return (1, Decimal(plain))
    return (2, str(plain))


def _tokens(text: str) -> list[_Token]:
    found: list[_Token] = []
    at = 0
    while at < len(text.rstrip()):
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            raise ValueError(f"syntax error at position {at}")
        found.append(_Token(match.lastgroup, match[match.lastgroup]))
        at = match.end()
    return found


class _Reader:
    """One filter, read token by token."""

    def __init__(self, tokens: list[_Token], parameters: Mapping[str, str]) -> None:
        self.tokens = tokens
        self.parameters = parameters
        self.at = 0

    @property
    def now(self) -> _Token:
        return self.tokens[self.at] if self.at < len(self.tokens) else _END

    def taken(self) -> _Token:
        token = self.now
        self.at += 1
        return token

    def expect(self, text: str) -> None:
        if self.taken().text != text:
            raise ValueError(f"'{text}' is missing")

    def either(self, depth: int) -> Test:
        if depth > DEPTH_MAX:
            raise ValueError("the filter is too deep")
        tests = [self.both(depth)]
        while self.now == ("name", "or"):
            self.taken()
            tests.append(self.both(depth))
        return tests[0] if len(tests) == 1 else lambda row: any(t(row) for t in tests)

    def both(self, depth: int) -> Test:
        tests = [self.one(depth)]
        while self.now == ("name", "and"):
            self.taken()
            tests.append(self.one(depth))
        return tests[0] if len(tests) == 1 else lambda row: all(t(row) for t in tests)

    def one(self, depth: int) -> Test:
        token = self.taken()
        if token == ("name", "not"):
            if depth > DEPTH_MAX:
                raise ValueError("the filter is too deep")
            inner = self.one(depth + 1)
            return lambda row: not inner(row)
        if token == ("mark", "("):
            test = self.either(depth + 1)
            self.expect(")")
            return test
        if token.kind != "name":
            raise ValueError(f"unexpected {token.text}")
        if token.text in TEXTS and self.now == ("mark", "("):
            return self.text_test(token.text)
        return self.comparison(token.text)

    def text_test(self, word: str) -> Test:
        self.expect("(")
        name = self.taken()
        self.expect(",")
        value = self.value()
        self.expect(")")
        if name.kind != "name" or not isinstance(value, str):
            raise ValueError(f"{word} needs a column and a text")
        holds = TEXTS[word]

        def tested(row: Mapping[str, object]) -> bool:
            there = column(row, name.text)
            return isinstance(there, str) and holds(there.lower(), value.lower())

        return tested

    def comparison(self, name: str) -> Test:
        word = self.taken()
        if word.kind != "name" or word.text not in COMPARED:
            raise ValueError(f"unexpected {word.text}")
        value = normal(name, self.value())

        def tested(row: Mapping[str, object]) -> bool:
            return _holds(word.text, normal(name, column(row, name)), value)

        return tested

    def value(self) -> object:
        kind, text = self.taken()
        if kind == "parameter":
            if text not in self.parameters:
                raise ValueError(f"the parameter {text} is missing")
            (token,) = _tokens(self.parameters[text])[:1] or [_END]
            kind, text = token
        if kind == "text":
            return text[1:-1].replace("''", "'")
        if kind == "number":
            return Decimal(text)
        if kind == "name" and text in CONSTANTS:
            return CONSTANTS[text]
        if kind in ("guid", "date"):
            return text
        raise ValueError(f"no value: {text}")


def column(row: Mapping[str, object], name: str) -> object:
    """A value by its name, also one level deeper (`sdkmessageid/name`)."""
    first, slash, rest = name.partition("/")
    value = row.get(first)
    if not slash:
        return value
    return value.get(rest) if isinstance(value, dict) else None


def _holds(word: str, there: Any, value: Any) -> bool:
    if word in ("eq", "ne"):
        return bool(there == value) == (word == "eq")
    if there is None or value is None or isinstance(there, Decimal) != isinstance(value, Decimal):
        return False
    return bool({"gt": there > value, "ge": there >= value, "lt": there < value,
                 "le": there <= value}[word])  # fmt: skip
