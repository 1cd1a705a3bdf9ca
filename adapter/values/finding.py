"""A finding: something a person must know, as a value.

Findings are never raised. They are collected, ordered by place and shown by `telling/`.
A finding about a record cites two places: the rule and the record.
"""

from decimal import Decimal
from typing import Literal

from msgspec import Struct

Level = Literal["error", "warning", "note"]

LEVELS: tuple[Level, ...] = ("error", "warning", "note")
VALUE_LENGTH_MAX = 200
DIGITS_SHOWN_MAX = 40  # numbers of more digits are shown with their exponent


class Place(Struct, frozen=True, order=True):
    """Where: a file with line and column (both from 1), or a record."""

    file: str
    line: int = 0
    column: int = 0
    width: int = 1

    def __str__(self) -> str:
        if not self.line:
            return self.file
        return (
            f"{self.file}:{self.line}:{self.column}" if self.column else f"{self.file}:{self.line}"
        )


class Note(Struct, frozen=True, order=True):
    """A further place with its own short text, such as `taken earlier here`."""

    place: Place
    text: str


class Finding(Struct, frozen=True, kw_only=True):
    """One fault, warning or remark.

    `code` is three letters and three digits and never changes its meaning. `message` is one
    line, fault first. `values` are the values involved, as text, already safe to show.
    """

    code: str
    level: Level
    message: str
    place: Place
    notes: tuple[Note, ...] = ()
    help: str = ""
    values: tuple[tuple[str, str], ...] = ()
    record: str = ""  # id of the record it is about, if any
    source: str = ""  # where the business rule is written down, if any

    @property
    def order(self) -> tuple[str, int, int, str, str, str]:
        """The order in which findings are shown: file, line, column, code."""
        place = self.place
        return (place.file, place.line, place.column, self.code, self.record, self.message)


def shown(value: object) -> str:
    """A value as one safe line of text: control characters escaped, length bounded."""
    if value.__class__ is str and len(value) <= VALUE_LENGTH_MAX and value.isprintable():
        return value
    text = "(none)" if value is None else str(value)
    if isinstance(value, Decimal) and "E" in text and abs(value.adjusted()) < DIGITS_SHOWN_MAX:
        text = f"{value:f}"
    if value is True or value is False:
        text = "yes" if value else "no"
    if len(text) > VALUE_LENGTH_MAX:
        text = text[:VALUE_LENGTH_MAX] + f"... ({len(text)} characters)"
    return one_line(text)


def one_line(text: str) -> str:
    """A text as one safe line, as long as it is: control characters escaped."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text)


def initials(name: str) -> str:
    """The name of a person as its initials only."""
    letters = "".join(word[0] for word in name.split())
    return letters[:4] + "…" if letters else name


def has_errors(findings: "list[Finding] | tuple[Finding, ...]") -> bool:
    """Whether one of the findings is of level error."""
    return any(finding.level == "error" for finding in findings)
