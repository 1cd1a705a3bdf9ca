"""Findings as text: headline, excerpt with a caret, further places, help.

Used by `check`, and by every command for what is wrong with its files.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

from adapter.telling.figures import cells, count_of, fit, plain, wrapped
from adapter.telling.paint import Paint, Role
from adapter.values.finding import LEVELS, Finding, Place

BEFORE = 2  # lines of context above the line that is meant
SAME_MAX = 10  # findings of one code that are shown; the others are counted
LineOf = Callable[[str, int], str | None]  # file and line number (from 1) -> its text

_ROLES: dict[str, Role] = {"error": "error", "warning": "held", "note": "place"}


def findings_text(
    findings: Sequence[Finding],
    line: LineOf,
    width: int = 80,
    colour: bool = False,
    ascii_only: bool = False,
    same_max: int = SAME_MAX,
) -> str:
    """All findings in their order, an empty line after each; empty text for none.

    `line` gives the text of a line, or None when there is no such file or line.
    """
    view = _View(line, width, Paint(colour, ascii_only))
    shown: dict[str, int] = {}
    lines: list[str] = []
    for finding in sorted(findings, key=lambda f: f.order):
        shown[finding.code] = shown.get(finding.code, 0) + 1
        if shown[finding.code] <= same_max:
            lines += [*view.finding(finding), ""]
    for code, count in sorted(shown.items()):
        if count > same_max:
            lines += [f"{code} and {count - same_max:,} more of the same", ""]
    return "".join(text.rstrip() + "\n" for text in lines)


def summary_of(findings: Sequence[Finding], checked: Mapping[str, int] | None = None) -> str:
    """`Checked 3 rule files, 5 mappings: 2 errors, 0 warnings.`"""
    found = {level: sum(f.level == level for f in findings) for level in LEVELS}
    counts = [count_of(found["error"], "error"), count_of(found["warning"], "warning")]
    if found["note"]:
        counts.append(count_of(found["note"], "note"))
    said = ", ".join(counts)
    if not checked:
        return f"Found {said}."
    return f"Checked {', '.join(count_of(n, noun) for noun, n in checked.items())}: {said}."


class _View:
    def __init__(self, line: LineOf, width: int, paint: Paint) -> None:
        self.line = line
        self.width = width
        self.paint = paint

    def finding(self, finding: Finding) -> Iterator[str]:
        """The lines of one finding, without the empty line after it."""
        role = _ROLES[finding.level]
        word = "" if finding.level == "error" else f"{finding.level}: "
        first, *rest = wrapped(word + self._say(finding.message), self.width - 7)
        yield f"{self.paint(role, finding.code)} {self.paint('title', first)}"
        yield from (f"       {self.paint('title', more)}" for more in rest)
        here = [n for n in finding.notes if n.place == finding.place]
        others = [n for n in finding.notes if n.place != finding.place]
        numbers = [p.line for p in (finding.place, *(n.place for n in others)) if p.line]
        gutter = len(str(max(numbers, default=0)))
        yield from self._excerpt(finding.place, here[0].text if here else "", gutter, role)
        for note in others:
            yield from self._note(note.place, note.text, gutter)
        if finding.help and self._text_of(finding.place) is not None:
            yield " " * gutter + " |"
        yield from self._values(finding, gutter)
        yield from self._help(finding.help)

    def _say(self, text: object) -> str:
        return plain(text, self.paint.ascii_only)

    def _text_of(self, place: Place) -> str | None:
        return self.line(place.file, place.line) if place.line else None

    def _place(self, arrow: str, place: Place, gutter: int) -> str:
        head = f"{' ' * gutter}{arrow} "
        return head + self.paint("place", fit(self._say(place), self.width - len(head)))

    def _excerpt(self, place: Place, label: str, gutter: int, role: Role) -> Iterator[str]:
        yield self._place("-->", place, gutter)
        text = self._text_of(place)
        if text is None:
            return
        yield " " * gutter + " |"
        for number in range(max(place.line - BEFORE, 1), place.line):
            before = self.line(place.file, number)
            if before is not None and before.strip():
                yield self._numbered(number, gutter, fit(self._flat(before), self._room(gutter)))
        yield from self._marked(place, text, label, gutter, role, "^")

    def _note(self, place: Place, label: str, gutter: int) -> Iterator[str]:
        text = self._text_of(place)
        if text is None:
            said = f": {self._say(label)}" if label else ""
            head = f"{' ' * gutter}::: "
            rest = self._say(place) + said
            yield head + self.paint("place", fit(rest, self.width - len(head)))
            return
        yield self._place(":::", place, gutter)
        yield from self._marked(place, text, label, gutter, "place", "-")

    def _room(self, gutter: int) -> int:
        return self.width - gutter - 3

    def _numbered(self, number: int, gutter: int, text: str) -> str:
        return self.paint("place", f"{number:>{gutter}} |") + " " + text

    def _flat(self, text: str) -> str:
        """One line without tabs and control characters, each character one character."""
        flat = "".join(c if c.isprintable() else " " for c in text)
        return flat.encode("ascii", "replace").decode() if self.paint.ascii_only else flat

    def _marked(
        self, place: Place, text: str, label: str, gutter: int, role: Role, sign: str
    ) -> Iterator[str]:
        """The line and its caret; a long line is cut so that the caret stays in view."""
        room = self._room(gutter)
        flat = self._flat(text)
        start = min(max(place.column - 1, 0), len(flat))
        end = min(start + max(place.width, 1), max(len(flat), start + 1))
        if cells(flat) > room and start > room // 2:
            cut = start - room // 3
            flat, start, end = "..." + flat[cut + 3 :], start - cut, end - cut
        flat = fit(flat, room)
        offset = cells(flat[:start])
        marks = max(min(cells(flat[start:end]), room - offset), 1)
        yield self._numbered(place.line, gutter, flat)
        said = self._say(label)
        blank = " " * gutter + self.paint("place", " |") + " "
        caret = " " * offset + sign * marks
        if said and offset + marks + 1 + cells(said) <= room:
            yield blank + self.paint(role, f"{caret} {said}")
            return
        yield blank + self.paint(role, caret)
        for more in wrapped(said, room) if said else ():
            yield blank + self.paint(role, " " * max(min(offset, room - cells(more)), 0) + more)

    def _values(self, finding: Finding, gutter: int) -> Iterator[str]:
        """The values, where no excerpt can show them: findings about records."""
        if not finding.record:
            return
        for name, value in finding.values:
            text = f"{self._say(name)} = {self._say(value)}"
            yield f"{' ' * gutter}   {fit(text, self.width - gutter - 3)}"

    def _help(self, text: str) -> Iterator[str]:
        for i, more in enumerate(wrapped(self._say(text), self.width - 6) if text else ()):
            yield ("      " if i else self.paint("title", "help:") + " ") + more
