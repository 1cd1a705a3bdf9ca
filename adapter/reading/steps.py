"""The closed list of `via` steps: what may happen to a value on its way out.

Each step takes values of one kind and makes one kind, so a chain is checked before any
record is read. A step never guesses: what it cannot take raises `Unfit`, which the mapping
turns into a finding.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from hashlib import sha1
from typing import Literal
from uuid import NAMESPACE_URL, uuid5

from msgspec import Struct

from adapter.values.money import is_money

# day-text is 2026-11-14, moment is 2026-11-14T12:00:00Z, bind is /accounts(<id>)
Kind = Literal["text", "number", "whole", "flag", "day", "day-text", "moment", "bind", "any"]
Value = str | Decimal | int | bool | date | None
Words = Mapping[str, str | int]
Run = Callable[[Value], Value]

TEXT_LENGTH_MAX = 100_000
DECIMALS_MAX = 10
STEPS_MAX = 8  # steps of one field
NAMESPACE = uuid5(NAMESPACE_URL, "urn:fieldledger:row")  # never change: ids would change with it
_NAMESPACE_BYTES = NAMESPACE.bytes

_WORD = r"[A-Za-z0-9_.-]+"
_SAID = re.compile(rf"\s*([a-z_]+)\s*(?:\(\s*({_WORD}(?:\s*,\s*{_WORD})*)?\s*\))?\s*")
_BREAKS = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_ID = re.compile(r"[0-9A-Za-z_-]{1,100}")
_KEY_UNSAFE = re.compile(r"[/<>*%&:\\?+#\x00-\x1f\x7f]")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class Unfit(ValueError):
    """A step cannot take this value; the text completes `... does not fit: `."""


class NotInMap(Unfit):
    """A lookup has no line for this value."""

    def __init__(self, table: str, value: str) -> None:
        super().__init__(f"`{table}` has no line for it")
        self.table = table
        self.value = value


class StepSpec(Struct, frozen=True):
    """What a step is called, takes, makes and does, in one line."""

    name: str
    takes: tuple[Kind, ...]
    makes: Kind
    arguments: str  # as written: "", "n", "table", "set", "set, key"
    doc: str


class Step(Struct, frozen=True):
    """A step with its arguments, ready to run. `loses`: the code if the value changed."""

    spec: StepSpec
    text: str
    run: Run
    makes: Kind
    loses: str = ""
    limit: int = 0  # text(n): n
    table: str = ""  # lookup(table): table
    words: Words = {}
    inferred: frozenset[str] = frozenset()
    target_set: str = ""  # bind(set): set


SPECS: tuple[StepSpec, ...] = (
    StepSpec("upper", ("text",), "text", "", "upper case"),
    StepSpec("lower", ("text",), "text", "", "lower case"),
    StepSpec("one_line", ("text",), "text", "", "line breaks and runs of blanks to one blank"),
    StepSpec("text", ("text",), "text", "n", "at most n characters; what is cut is a warning"),
    StepSpec("decimal", ("number", "whole"), "number", "n", "n decimals, half up, with a warning"),
    StepSpec("money", ("number",), "number", "", "an amount as it is, never rounded"),
    StepSpec("whole", ("number", "whole"), "whole", "", "a whole number; a fraction does not fit"),
    StepSpec("negate", ("number",), "number", "", "the other sign"),
    StepSpec("day", ("day",), "day-text", "", "a date as 2026-11-14"),
    StepSpec("noon_utc", ("day",), "moment", "", "a date at noon UTC: no time zone moves it"),
    StepSpec("yes_no", ("flag",), "text", "", "Yes or No, as Finance spells NoYes"),
    StepSpec("guid", ("text",), "text", "", "an id made from our reference, always the same"),
    StepSpec("lookup", ("text",), "any", "table", "the other side's word, from mappings/tables"),
    StepSpec("bind", ("text",), "bind", "set, key", "a reference: /set(id), or /set(key='...')"),
)  # fmt: skip
STEPS: Mapping[str, StepSpec] = {spec.name: spec for spec in SPECS}


class Table(Struct, frozen=True):
    """A value map: our words to the other side's. `inferred` words are not proven."""

    name: str
    path: str
    words: Words
    inferred: frozenset[str] = frozenset()

    @property
    def makes(self) -> Kind:
        """What a lookup in it makes: whole numbers or text."""
        return "whole" if any(type(v) is int for v in self.words.values()) else "text"


def parse_step(text: str, tables: Mapping[str, Table]) -> Step | str:
    """A step from its text, such as `text(20)`; a sentence about the fault otherwise."""
    match = _SAID.fullmatch(text)
    if match is None:
        return "is not written like `name` or `name(argument)`"
    name, given = match[1], [part.strip() for part in (match[2] or "").split(",") if part.strip()]
    spec = STEPS.get(name)
    if spec is None:
        return "is not a step; steps are " + ", ".join(STEPS)
    most = len(spec.arguments.split(",")) if spec.arguments else 0
    least = min(most, 1)
    if not least <= len(given) <= most:
        return f"is written `{name}({spec.arguments})`" if most else f"is written `{name}`"
    if spec.arguments == "n":
        return _numbered(spec, text, given[0])
    if name == "lookup":
        table = tables.get(given[0])
        if table is None:
            return "names no value map in mappings/tables; there are " + (
                ", ".join(sorted(tables)) or "none"
            )
        return Step(spec, text, lookup(table), table.makes, table=table.name,
                    words=table.words, inferred=table.inferred)  # fmt: skip
    if name == "bind":
        if not all(_NAME.fullmatch(part) for part in given):
            return "names a set and perhaps a key, such as bind(accounts, accountnumber)"
        return Step(spec, text, bind(*given), "bind", target_set=given[0])
    return Step(spec, text, _PLAIN[name], spec.makes)


def _numbered(spec: StepSpec, text: str, said: str) -> Step | str:
    least, most = (1, TEXT_LENGTH_MAX) if spec.name == "text" else (0, DECIMALS_MAX)
    if not (said.isascii() and said.isdigit() and len(said) <= 6 and least <= int(said) <= most):
        return f"takes a whole number from {least} to {most}"
    number = int(said)
    if spec.name == "text":
        return Step(spec, text, shorten(number), "text", "MAP520", limit=number)
    return Step(spec, text, at_decimals(number), "number", "MAP521")


def upper(value: Value) -> Value:
    """Upper case."""
    return _text(value).upper()


def lower(value: Value) -> Value:
    """Lower case."""
    return _text(value).lower()


def one_line(value: Value) -> Value:
    """Line breaks, tabs, control characters and runs of blanks become one blank."""
    return _BREAKS.sub(" ", _text(value)).strip()


def shorten(length_max: int) -> Run:
    """At most `length_max` characters, cut at the end."""

    def run(value: Value) -> Value:
        return _text(value)[:length_max]

    return run


def at_decimals(decimals: int) -> Run:
    """Exactly `decimals` decimals, half up; minus zero becomes zero."""
    unit = Decimal(1).scaleb(-decimals)

    def run(value: Value) -> Value:
        number = _number(value)
        if not is_money(number):
            raise Unfit("it is not a number of at most 19 digits")
        return unsigned_zero(number.quantize(unit, rounding=ROUND_HALF_UP))

    return run


def money(value: Value) -> Value:
    """An amount as it is; it was rounded by its currency when it was computed."""
    number = _number(value)
    if not is_money(number):
        raise Unfit("it is not an amount of at most 19 digits")
    return unsigned_zero(number)


def whole(value: Value) -> Value:
    """A whole number; a fraction does not fit."""
    number = _number(value)
    if not is_money(number) or number != number.to_integral_value():
        raise Unfit("it is not a whole number")
    return int(number)


def negate(value: Value) -> Value:
    """The other sign; zero stays zero."""
    return unsigned_zero(_number(value).copy_negate())


def day(value: Value) -> Value:
    """2026-11-14."""
    return _day(value).isoformat()


def noon_utc(value: Value) -> Value:
    """2026-11-14T12:00:00Z: the day is the same in every time zone from -12 to +11."""
    return _day(value).isoformat() + "T12:00:00Z"


def yes_no(value: Value) -> Value:
    """Yes or No."""
    if value is not True and value is not False:
        raise Unfit("it is not a yes or no")
    return "Yes" if value else "No"


def guid(value: Value) -> Value:
    """An id that the same reference always gives, so that sending twice meets the same row."""
    text = _text(value)
    if not text or not text.isprintable():
        raise Unfit("it is not a reference")
    # uuid5(NAMESPACE, text), at a third of the time
    half = bytearray(sha1(_NAMESPACE_BYTES + text.encode(), usedforsecurity=False).digest()[:16])
    half[6], half[8] = half[6] & 0x0F | 0x50, half[8] & 0x3F | 0x80
    made = half.hex()
    return f"{made[:8]}-{made[8:12]}-{made[12:16]}-{made[16:20]}-{made[20:]}"


def lookup(table: Table) -> Run:
    """The word of the other side; there is no default for a word that is not listed."""
    words = table.words

    def run(value: Value) -> Value:
        text = _text(value)
        try:
            return words[text]
        except KeyError:
            raise NotInMap(table.name, text) from None

    return run


def bind(entity_set: str, key: str = "") -> Run:
    """/set(id), or /set(key='...') with quotes doubled; unsafe letters do not fit."""

    def run(value: Value) -> Value:
        text = _text(value)
        if not key:
            if not _ID.fullmatch(text):
                raise Unfit("it is not an id")
            return f"/{entity_set}({text})"
        if not text or _KEY_UNSAFE.search(text):
            raise Unfit("a key must not hold / < > * % & : \\ ? + or #")
        doubled = text.replace("'", "''")
        return f"/{entity_set}({key}='{doubled}')"

    return run


def unsigned_zero(number: Decimal) -> Decimal:
    """The number; minus zero becomes zero."""
    return number if number else number.copy_abs()


_PLAIN: Mapping[str, Run] = {
    "upper": upper, "lower": lower, "one_line": one_line, "money": money, "whole": whole,
    "negate": negate, "day": day, "noon_utc": noon_utc, "yes_no": yes_no,
    "guid": guid,
}  # fmt: skip


def _text(value: Value) -> str:
    if not isinstance(value, str):
        raise Unfit("it is not text")
    return value


def _number(value: Value) -> Decimal:
    if type(value) is Decimal:
        return value
    if type(value) is int:
        return Decimal(value)
    raise Unfit("it is not a number")


def _day(value: Value) -> date:
    if not isinstance(value, date) or isinstance(value, datetime):
        raise Unfit("it is not a date")
    return value
