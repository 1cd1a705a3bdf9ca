"""Findings as commands of build servers: GitHub Actions and Azure Pipelines.

What a record says must never become a command of its own, so everything is escaped by the
servers' own rules and no text holds a line end.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct

from adapter.telling.completed import completed
from adapter.telling.figures import Shown, count_of, money_of_type, plain
from adapter.values.arithmetic import our_arithmetic
from adapter.values.finding import Finding, Level, Place

ANNOTATIONS_MAX = 200  # of one run; servers drop what is more


class Annotation(Struct, frozen=True):
    """One line that a build server shows at a place of the sources."""

    level: Level
    code: str
    title: str
    message: str
    place: Place


@our_arithmetic()
def as_github(shown: Shown | Sequence[Finding]) -> str:
    """Workflow commands for a report (`plan`) or for findings (`check`)."""
    words = {"error": "error", "warning": "warning", "note": "notice"}
    lines = []
    for note in _annotations(shown):
        parts = {"title": f"{note.code} {note.title}".strip(), **_github_place(note.place)}
        joined = ",".join(f"{k}={_github_property(v)}" for k, v in parts.items())
        lines.append(f"::{words[note.level]} {joined}::{_github_text(note.message)}")
    return _ended(shown, lines)


@our_arithmetic()
def as_azure(shown: Shown | Sequence[Finding]) -> str:
    """Logging commands for a report (`plan`) or for findings (`check`).

    Azure knows errors and warnings; a note is printed as an ordinary line.
    """
    lines = []
    for note in _annotations(shown):
        text = f"{note.code} {note.title}: {note.message}" if note.title else note.message
        if note.level == "note":
            lines.append(f"{note.code}: {plain(note.message)}")
            continue
        parts = {"type": note.level, **_azure_place(note.place), "code": note.code}
        joined = "".join(f"{k}={_azure_property(v)};" for k, v in parts.items())
        lines.append(f"##vso[task.logissue {joined}]{_azure_text(text)}")
    return _ended(shown, lines)


def _ended(shown: Shown | Sequence[Finding], lines: list[str]) -> str:
    more = len(lines) - ANNOTATIONS_MAX
    kept = lines[:ANNOTATIONS_MAX]
    if more > 0:
        kept.append(f"{more:,} more findings are not annotated.")
    if isinstance(shown, Mapping):
        kept.append(f"Plan {plain(shown['plan']['id'])}: {plain(shown['verdict']['headline'])}")
    return "".join(line + "\n" for line in kept)


def _annotations(shown: Shown | Sequence[Finding]) -> list[Annotation]:
    if isinstance(shown, Mapping):
        return list(_of_report(shown))
    return [
        Annotation(f.level, f.code, "", f"{f.message}. {f.help}" if f.help else f.message, f.place)
        for f in sorted(shown, key=lambda f: f.order)
    ]


def _of_report(report: Shown) -> Iterator[Annotation]:
    whole = completed(report)
    for group in whole["findings"]:
        yield Annotation(
            group["level"], group["code"], group["name"], _group_text(group),
            place_of(group["place"]),
        )  # fmt: skip
    for fault in whole["faults"]:
        text = f"{fault['message']}. {fault['help']}" if fault["help"] else fault["message"]
        yield Annotation(fault["level"], fault["code"], "", text, place_of(fault["place"]))


def _group_text(group: Shown) -> str:
    sums = [money_of_type(m) for m in group["money"]]
    parts = [", ".join([count_of(group["records"], "actual"), *sums])]
    first: Any = group["occurrences"][0] if group["occurrences"] else None
    if first:
        parts.append(f"{first['work_order'] or first['name']}: {first['message']}")
        parts.append(first["help"])
    return ". ".join(part.rstrip(".") for part in parts if part)


def place_of(text: str) -> Place:
    """A place from `file:line:column`, `file:line` or `file`."""
    name = text
    numbers: list[int] = []
    while len(numbers) < 2 and ":" in name and name.rpartition(":")[2].isdecimal():
        name, _, number = name.rpartition(":")
        numbers.insert(0, int(number[:9]))
    line, column = (*numbers, 0, 0)[:2]
    return Place(name, line, column)


def _github_place(place: Place) -> dict[str, str]:
    """A file only with its line: what has none is a record, not a file."""
    if not place.line:
        return {}
    column = {"col": str(place.column)} if place.column else {}
    return {"file": place.file, "line": str(place.line), **column}


def _azure_place(place: Place) -> dict[str, str]:
    if not place.line:
        return {}
    column = {"columnnumber": str(place.column)} if place.column else {}
    return {"sourcepath": place.file, "linenumber": str(place.line), **column}


def _github_text(text: str) -> str:
    return plain(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _github_property(text: str) -> str:
    return _github_text(text).replace(":", "%3A").replace(",", "%2C")


def _azure_text(text: str) -> str:
    return plain(text).replace("%", "%AZP25").replace("\r", "%0D").replace("\n", "%0A")


def _azure_property(text: str) -> str:
    return _azure_text(text).replace(";", "%3B").replace("]", "%5D")
