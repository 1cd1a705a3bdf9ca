"""The filters that the clients ask: comparisons, `and`, `or`, parentheses. Others are refused."""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal

from adapter.making.compared import normal

Test = Callable[[Mapping[str, object]], bool]
_TOKEN = re.compile(
    r"\s*(?:(\()|(\))|(and\b|or\b|eq\b|ne\b)|('(?:[^']|'')*')|([A-Za-z_]\w*)|([0-9a-fA-F-]{36})"
    r"|(-?\d+(?:\.\d+)?))"
)


def parse_filter(text: str) -> Test:
    """A test of rows. Raises ValueError for what is no such filter."""
    tokens: list[tuple[str, str]] = []
    at = 0
    kinds = ("(", ")", "word", "text", "name", "guid", "number")
    while at < len(text.rstrip()):
        guid = re.compile(r"\s*([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})").match(
            text, at
        )
        match = guid or _TOKEN.match(text, at)
        if match is None:
            raise ValueError(f"syntax error at position {at}")
        if guid:
            tokens.append(("guid", guid[1]))
        else:
            number = next(i for i, part in enumerate(match.groups()) if part is not None)
            tokens.append((kinds[number], match.groups()[number] or ""))
        at = match.end()
    test, rest = _either(tokens)
    if rest:
        raise ValueError(f"unexpected {rest[0][1]}")
    return test


_Tokens = list[tuple[str, str]]


def _either(tokens: _Tokens) -> tuple[Test, _Tokens]:
    test, rest = _both(tokens)
    tests = [test]
    while rest and rest[0] == ("word", "or"):
        test, rest = _both(rest[1:])
        tests.append(test)
    return (lambda row: any(t(row) for t in tests)), rest


def _both(tokens: _Tokens) -> tuple[Test, _Tokens]:
    test, rest = _one(tokens)
    tests = [test]
    while rest and rest[0] == ("word", "and"):
        test, rest = _one(rest[1:])
        tests.append(test)
    return (lambda row: all(t(row) for t in tests)), rest


def _one(tokens: _Tokens) -> tuple[Test, _Tokens]:
    if not tokens:
        raise ValueError("the filter ends too early")
    if tokens[0][0] == "(":
        test, rest = _either(tokens[1:])
        if not rest or rest[0][0] != ")":
            raise ValueError("a parenthesis is not closed")
        return test, rest[1:]
    if len(tokens) < 3 or tokens[0][0] != "name" or tokens[1] not in (
        ("word", "eq"), ("word", "ne")
    ):  # fmt: skip
        raise ValueError(f"unexpected {tokens[0][1]}")
    name, is_same, value = tokens[0][1], tokens[1][1] == "eq", _value(*tokens[2])

    def compared(row: Mapping[str, object]) -> bool:
        return (normal(name, row.get(name)) == normal(name, value)) == is_same

    return compared, tokens[3:]


def _value(kind: str, text: str) -> object:
    if kind == "text":
        return text[1:-1].replace("''", "'")
    if kind == "number":
        return Decimal(text)
    if kind == "name" and text in ("null", "true", "false"):
        return {"null": None, "true": True, "false": False}[text]
    if kind == "guid":
        return text
    raise ValueError(f"no value: {text}")
