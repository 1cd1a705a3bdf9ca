"""TOML files with exact decimals and a place for every key.

`tomllib` gives values without line numbers; a small scanner over the same text finds where
each key and each element of an array stands. Numbers become `Decimal`, never floats.
"""

import re
import tomllib
from decimal import Decimal, InvalidOperation
from typing import Any

from msgspec import Struct

from adapter.values.finding import Finding, Place, shown

BYTES_MAX = 1 << 20  # of one file
POWER_MAX = 100  # of ten, in one number: beyond it arithmetic takes for ever
_AT = re.compile(r"\(at line (\d+), column (\d+)\)")
_TWICE = re.compile(r"Cannot declare (\(.*\)) twice")
_KEY = re.compile(r"""\s*([A-Za-z0-9_-]+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*')\s*""")
_HEADER = re.compile(r"\s*(\[\[?)")
_STRING = re.compile(
    r'\"\"\"(?:[^\\]|\\.)*?\"{3,5}|\'\'\'.*?\'{3,5}|"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'', re.S)
_ESCAPE = re.compile(r"\\(?:u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|.)")
_FOLDED = re.compile(r"\\[ \t]*\r?\n\s*")  # a line that goes on in the next one
_LINE_END = re.compile(r"(?:\r?\n)?")
_COMMENT = re.compile(r"#[^\n]*")
_SCALAR = re.compile(r"[^\s,\]\}#]+(?: \d\d:\d\d[^\s,\]\}#]*)?")

Path = tuple[str | int, ...]


class Source(Struct, frozen=True, kw_only=True):
    """One file that was read: text, values, and the place of every key."""

    path: str
    text: str
    table: dict[str, Any]
    places: dict[Path, Place]

    def place(self, *keys: str | int) -> Place:
        """Where a key stands; of its nearest parent if it has no place of its own."""
        path: Path = keys
        while path and path not in self.places:
            path = path[:-1]
        return self.places.get(path, Place(self.path, 1, 1))

    def within(self, place: Place, start: int, width: int) -> Place:
        """The place of `width` characters of a string's value, from its character `start`.

        `place` is where the string stands, with its quotes; escapes are longer than what they
        mean, and a string in three quotes goes on in later lines.
        """
        lines = self.text.split("\n")
        begin = sum(len(line) + 1 for line in lines[: place.line - 1]) + place.column - 1
        found = _STRING.match(self.text, begin)
        if found is None:
            return Place(place.file, place.line, place.column + start, max(width, 1))
        places = [begin + at for at in _characters(found[0])]
        first, beyond = (places[min(at, len(places) - 1)] for at in (start, start + width))
        line_start = self.text.rfind("\n", 0, first) + 1
        line_end = self.text.find("\n", first)
        last = min(beyond, len(self.text) if line_end < 0 else line_end)
        return Place(place.file, self.text.count("\n", 0, first) + 1, first - line_start + 1,
                     max(last - first, 1))  # fmt: skip

    def line(self, number: int) -> str | None:
        """A line of the text, from 1; None outside."""
        lines = self.text.split("\n")
        return lines[number - 1].rstrip("\r") if 0 < number <= len(lines) else None

    def excerpt(self, name: str, index: int) -> tuple[str, ...]:
        """The lines of one table of an array of tables, up to the next one."""
        first, beyond = self.place(name, index).line, self.place(name, index + 1).line
        lines = self.text.split("\n")
        text = lines[first - 1 : beyond - 1 if beyond > first else len(lines)]
        while text and (not text[-1].strip() or text[-1].startswith(("#", "["))):
            text.pop()
        return tuple(line.rstrip() for line in text)


def _characters(token: str) -> list[int]:
    """Where each character of a string's value begins in its text; last, where it ends."""
    quote = 3 if token[:3] in ('"""', "'''") and len(token) >= 6 else 1
    end = len(token) - quote
    at = quote
    if quote == 3:
        at += len(_LINE_END.match(token, at)[0])  # type: ignore[index]
    found = []
    while at < end:
        if token[0] == '"' and (folded := _FOLDED.match(token, at)):
            at = folded.end()
            continue
        found.append(at)
        escape = _ESCAPE.match(token, at) if token[0] == '"' else None
        at = escape.end() if escape else at + (2 if token.startswith("\r\n", at) else 1)
    return [*found, end]


def parse_source(path: str, text: str) -> tuple[Source | None, tuple[Finding, ...]]:
    """A TOML file as a Source, or the finding that says why it is none."""
    if len(text) > BYTES_MAX:
        message = f"file is larger than {BYTES_MAX:,} characters"
        return None, (_fault(path, message, 1, 1, "Split the file."),)
    try:
        table = tomllib.loads(text, parse_float=_exact)
        places = _Scanner(path, text).places()
    except tomllib.TOMLDecodeError as error:
        found = _AT.search(str(error))
        line, column = (int(found[1]), int(found[2])) if found else (text.count("\n") + 1, 1)
        reason = _TWICE.sub(_stands_twice, _AT.sub("", str(error)).strip())
        written = text.split("\n")[line - 1] if line <= text.count("\n") + 1 else ""
        help = toml_hint(reason, written)
        return None, (_fault(path, f"not TOML: {reason}", line, column, help),)
    except _OutOfBounds as error:
        before = text[: text.find(error.written)]
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        message = f"the number `{shown(error.written)}` is out of bounds"
        return None, (_fault(path, message, line, column, "Write it without an exponent."),)
    except RecursionError:
        return None, (_fault(path, "not TOML: nested too deep", 1, 1, "Write it flat."),)
    except ValueError as error:
        return None, (_fault(path, f"not TOML: {error}", 1, 1, "Correct the file."),)
    return Source(path=path, text=text, table=table, places=places), ()


class _OutOfBounds(ValueError):
    """A number whose power of ten is beyond POWER_MAX."""

    def __init__(self, written: str) -> None:
        self.written = written


def _exact(written: str) -> Decimal:
    try:
        number = Decimal(written)
    except InvalidOperation as error:
        raise _OutOfBounds(written) from error
    if number.is_finite() and not -POWER_MAX <= number.adjusted() <= POWER_MAX:
        raise _OutOfBounds(written)
    return number


def _fault(path: str, message: str, line: int, column: int, help: str) -> Finding:
    return Finding(
        code="SRC001", level="error", message=message, place=Place(path, line, column), help=help
    )


def _stands_twice(found: re.Match[str]) -> str:
    return "[" + ".".join(re.findall(r"'([^']*)'", found[1])) + "] stands twice"


def toml_hint(reason: str, line: str) -> str:
    """What to do about a line that is no TOML."""
    _, equals, value = line.partition("=")
    if equals and reason.startswith("Invalid value") and value.strip()[:1].isalpha():
        return "Texts stand in quotes, true and false do not."
    if reason.startswith("Unclosed") or reason.startswith("Expected"):
        return "Look for a quote or a bracket that is not closed."
    if reason.endswith("stands twice") or reason.startswith("Cannot overwrite"):
        return "Keep one of the two, or put what both say together."
    return "Correct the line."


class _Scanner:
    """Walks the text that `tomllib` has accepted and notes where each key begins."""

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.text = text
        self.at = 0
        self.found: dict[Path, Place] = {}
        self.counts: dict[Path, int] = {}
        self._starts = [0, *(m.end() for m in re.finditer("\n", text))]
        self._line = 0

    def places(self) -> dict[Path, Place]:
        base: Path = ()
        while self._skip():
            header = _HEADER.match(self.text, self.at)
            if header is not None:
                base = self._header(header)
            else:
                self._pair(base)
        return self.found

    def _skip(self) -> bool:
        """Past white space and comments; whether anything is left."""
        while self.at < len(self.text):
            if self.text[self.at] in " \t\r\n":
                self.at += 1
            elif self.text[self.at] == "#":
                self.at = _COMMENT.match(self.text, self.at).end()  # type: ignore[union-attr]
            else:
                return True
        return False

    def _place(self, start: int, end: int) -> Place:
        starts = self._starts
        while self._line and starts[self._line] > start:
            self._line -= 1
        while self._line + 1 < len(starts) and starts[self._line + 1] <= start:
            self._line += 1
        return Place(self.path, self._line + 1, start - starts[self._line] + 1, max(end - start, 1))

    def _keys(self) -> list[tuple[str, int, int]]:
        keys: list[tuple[str, int, int]] = []
        while True:
            found = _KEY.match(self.text, self.at)
            if found is None:
                self.at += 1
                return keys
            raw = found[1]
            key = raw
            if raw[0] in "\"'" and "\\" not in raw:
                key = raw[1:-1]
            elif raw[0] == '"':
                key = next(iter(tomllib.loads(f"{raw} = 1")))
            keys.append((key, found.start(1), found.end(1)))
            self.at = found.end()
            if self.text[self.at : self.at + 1] != ".":
                return keys
            self.at += 1

    def _header(self, header: re.Match[str]) -> Path:
        start = header.start(1)
        self.at = header.end()
        base: Path = ()
        keys = self._keys()
        for index, (key, _, _) in enumerate(keys):
            base = (*base, key)
            is_last = index == len(keys) - 1
            if is_last and header[1] == "[[":
                self.counts[base] = self.counts.get(base, -1) + 1
            if base in self.counts:
                base = (*base, self.counts[base])
        end = self.text.find("\n", self.at)
        self.at = len(self.text) if end < 0 else end
        written = self.text[start : self.at].rstrip()
        place = self._place(start, start + len(written))
        for length in range(1, len(base) + 1):  # tables above it, where nothing else names them
            self.found.setdefault(base[:length], place)
        return base

    def _pair(self, base: Path) -> None:
        path = base
        for key, start, end in self._keys():
            path = (*path, key)
            self.found.setdefault(path, self._place(start, end))
        self._skip()
        self.at += 1  # the equals sign
        self._value(path)

    def _value(self, path: Path) -> None:
        if not self._skip():
            return
        mark = self.text[self.at]
        if mark == "[":
            self._array(path)
        elif mark == "{":
            self._table(path)
        else:
            found = _STRING.match(self.text, self.at) or _SCALAR.match(self.text, self.at)
            end = found.end() if found is not None and found.end() > self.at else self.at + 1
            self.found[(*path, "=")] = self._place(self.at, end)
            self.at = end

    def _array(self, path: Path) -> None:
        self.at += 1
        index = 0
        while self._skip() and self.text[self.at] != "]":
            if self.text[self.at] == ",":
                self.at += 1
                continue
            start = self.at
            self._value((*path, index))
            self.found[(*path, index)] = self._place(start, min(self.at, self._end_of_line(start)))
            index += 1
        self.at += 1

    def _table(self, path: Path) -> None:
        self.at += 1
        while self._skip() and self.text[self.at] != "}":
            if self.text[self.at] == ",":
                self.at += 1
                continue
            self._pair(path)
        self.at += 1

    def _end_of_line(self, start: int) -> int:
        end = self.text.find("\n", start)
        return len(self.text) if end < 0 else end
