"""What can be asked of an entity set of Finance: filters, keys, options. The rest is refused."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from msgspec import Struct

from adapter.edge.twin.store import TwinTable
from adapter.making.compared import normal

Test = Callable[[Mapping[str, object]], bool]
ENUMS = "Microsoft.Dynamics.DataEntities."
OPERATORS = ("eq", "ne", "gt", "ge", "lt", "le")
NOT_THERE = ("in", "has")  # operators of OData that Finance does not know
_TOKEN = re.compile(
    r"\s*(?:(?P<sign>[(),=])|(?P<enum>[A-Za-z_][\w.]*'(?:[^']|'')*')|(?P<text>'(?:[^']|'')*')"
    r"|(?P<guid>[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})"
    r"|(?P<date>\d{4}-\d\d-\d\d(?:T[\d:.]+(?:Z|[+-]\d\d:\d\d))?)|(?P<number>-?\d+(?:\.\d+)?)"
    r"|(?P<name>[A-Za-z_]\w*))"
)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d(T[\d:.]+(Z|[+-]\d\d:\d\d))?")


class Literal(Struct, frozen=True):
    """A value in an address: text, enum, guid, date, number or word."""

    kind: str
    value: object


class _IsKey(Struct, frozen=True):
    """Whether columns of a row have together one of these values."""

    names: tuple[str, ...]
    wanted: frozenset[tuple[object, ...]]

    def __call__(self, row: Mapping[str, object]) -> bool:
        return tuple([normal(name, row.get(name)) for name in self.names]) in self.wanted


_Tokens = list[tuple[str, str]]


def parse_finance_filter(text: str, table: TwinTable) -> Test:
    """A test of rows. Raises ValueError for what Finance does not take."""
    reading = _Reading(_tokens(text), table)
    test = reading.either()
    if reading.rest:
        word = reading.rest[0][1]
        why = f"the operator '{word}' is not supported" if word in NOT_THERE else (
            f"unexpected '{word}'"
        )
        raise ValueError(why)
    return test


def parse_key(text: str, table: TwinTable) -> dict[str, object]:
    """The columns of a key in parentheses. Raises ValueError unless it is the whole key."""
    tokens = _tokens(text)
    if len(tokens) == 1 and len(table.keys) == 1:
        return {table.keys[0]: _literal(*tokens[0]).value}
    found: dict[str, object] = {}
    while tokens:
        if len(tokens) < 3 or tokens[0][0] != "name" or tokens[1] != ("sign", "="):
            raise ValueError("a key is written as column='value'")
        if tokens[0][1] in found or tokens[0][1] not in table.keys:
            raise ValueError(f"'{tokens[0][1]}' is no column of the key, or stands there twice")
        found[tokens[0][1]] = _literal(*tokens[2]).value
        if len(tokens) > 3 and (tokens[3] != ("sign", ",") or len(tokens) == 4):
            raise ValueError("the columns of a key are parted by commas")
        tokens = tokens[4:]
    missing = [name for name in table.keys if name not in found]
    if missing:
        raise ValueError(f"the key of '{table.entity}' needs {', '.join(missing)} too")
    return found


def _tokens(text: str) -> _Tokens:
    tokens: _Tokens = []
    at = 0
    while at < len(text.rstrip()):
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            raise ValueError(f"syntax error at position {at}")
        tokens.append((match.lastgroup, match[match.lastgroup]))
        at = match.end()
    return tokens


def _literal(kind: str, text: str) -> Literal:
    if kind == "text":
        return Literal(kind, text[1:-1].replace("''", "'"))
    if kind == "enum":
        name, _, member = text[:-1].partition("'")
        if not name.startswith(ENUMS):
            raise ValueError(f"no enumeration: {name}")
        return Literal(kind, member)
    if kind == "number":
        return Literal(kind, Decimal(text))
    if kind == "name" and text in ("null", "true", "false"):
        return Literal("word", {"null": None, "true": True, "false": False}[text])
    if kind in ("guid", "date"):
        return Literal(kind, text)
    raise ValueError(f"no value: {text}")


class _Reading:
    """One filter, read from left to right."""

    def __init__(self, tokens: _Tokens, table: TwinTable) -> None:
        self.rest = tokens
        self.table = table

    def _takes(self, *wanted: tuple[str, str]) -> bool:
        if not self.rest or self.rest[0] not in wanted:
            return False
        self.rest = self.rest[1:]
        return True

    def either(self) -> Test:
        """Parts joined by `or`. Keys are compared with a row all at once: there may be many."""
        tests = [self._both()]
        while self._takes(("name", "or")):
            tests.append(self._both())
        keys = [t for t in tests if isinstance(t, _IsKey)]
        if len(keys) == len(tests) and len({key.names for key in keys}) == 1:
            return _IsKey(keys[0].names, frozenset(v for key in keys for v in key.wanted))
        return lambda row: any(t(row) for t in tests)

    def _both(self) -> Test:
        tests = [self._one()]
        while self._takes(("name", "and")):
            tests.append(self._one())
        keys = [t for t in tests if isinstance(t, _IsKey) and len(t.wanted) == 1]
        if len(keys) == len(tests):
            whole = tuple(part for key in keys for values in key.wanted for part in values)
            return _IsKey(tuple(n for key in keys for n in key.names), frozenset((whole,)))
        return lambda row: all(t(row) for t in tests)

    def _one(self) -> Test:
        if self._takes(("name", "not")):
            inner = self._one()
            return lambda row: not inner(row)
        if self._takes(("sign", "(")):
            test = self.either()
            if not self._takes(("sign", ")")):
                raise ValueError("a parenthesis is not closed")
            return test
        if len(self.rest) < 3 or self.rest[0][0] != "name":
            raise ValueError("the filter ends too early" if len(self.rest) < 3 else (
                f"unexpected {self.rest[0][1]}"
            ))  # fmt: skip
        (_, name), (_, operator), value = self.rest[:3]
        if operator not in OPERATORS:
            raise ValueError(f"'{operator}' after '{name}' is not supported")
        self.rest = self.rest[3:]
        return _comparison(self.table, name, operator, _literal(*value))


def _comparison(table: TwinTable, name: str, operator: str, literal: Literal) -> Test:
    kind = table.types.get(name, "")
    if table.types and not kind and name not in (*table.keys, *table.filled):
        raise ValueError(f"'{table.entity}' has no property '{name}'")
    if literal.kind == "enum" and operator not in ("eq", "ne"):
        raise ValueError("members of an enumeration are compared by eq and ne only")
    if kind == "member" and literal.kind == "text":
        raise ValueError(f"'{name}' is an enumeration, and a text is none of its members")
    value = literal.value
    if operator not in ("eq", "ne"):
        return lambda row: _in_order(operator, row.get(name), value)
    same = operator == "eq"
    if literal.kind == "text" and "*" in str(value):
        parts = [re.escape(part) for part in str(value).split("*")]
        pattern = re.compile(".*".join(parts), re.IGNORECASE | re.DOTALL)
        return lambda row: (pattern.fullmatch(str(row.get(name) or "")) is not None) == same
    wanted = normal(name, value)
    if same:
        return _IsKey((name,), frozenset(((wanted,),)))
    return lambda row: normal(name, row.get(name)) != wanted


def _in_order(operator: str, one: object, other: object) -> bool:
    """Whether two values stand in this order; values of two kinds stand in none."""
    (kind, low), (other_kind, high) = ordered(one), ordered(other)
    if kind != other_kind:
        return False
    if operator in ("gt", "lt"):
        return bool(low > high if operator == "gt" else low < high)
    return bool(low >= high if operator == "ge" else low <= high)


def ordered(value: object) -> tuple[str, Any]:
    """A value that can be put in order, behind its kind."""
    if isinstance(value, str) and _MOMENT.fullmatch(value):
        moment = datetime.fromisoformat(value)
        return "date", moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return "number", Decimal(value)
    return ("none", 0) if value is None else ("text", str(value).upper())

