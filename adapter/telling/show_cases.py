"""The results of cases as text: a mark per case, coverage per file, what failed and why."""

from collections.abc import Iterator, Mapping
from typing import Any

from adapter.telling.figures import cells, count_of, pad, plain, wrapped
from adapter.telling.paint import Paint

NAME_MAX = 26
MARKS_MAX = 30  # marks on one line
LACKING_MAX = 3


def cases_text(
    results: Mapping[str, Any], width: int = 80, colour: bool = False, ascii_only: bool = False
) -> str:
    """The results as text.

    `results` has `files` (name, marks, cases, fired, rules, lacking), `failures` (name,
    place, gaps of expected and found), `passed`, `failed`, `skipped`, and `also` (own rules that
    fire in shipped cases as well, with the number of cases).
    """
    view = _View(width, Paint(colour, ascii_only))
    lines = [*view.files(results), "", *view.failures(results), *view.also(results),
             view.last(results)]  # fmt: skip
    return "".join(line.rstrip() + "\n" for line in lines)


class _View:
    def __init__(self, width: int, paint: Paint) -> None:
        self.width = width
        self.paint = paint

    def _say(self, text: object) -> str:
        return plain(text, self.paint.ascii_only)

    def files(self, results: Mapping[str, Any]) -> Iterator[str]:
        """One line per file; more when it has many cases."""
        files = results["files"]
        name_width = min(max((cells(f["name"]) for f in files), default=0), NAME_MAX)
        widest = max((min(len(f["marks"]), MARKS_MAX) for f in files), default=0)
        for file in files:
            marks = file["marks"]
            rows = [marks[i : i + MARKS_MAX] for i in range(0, len(marks), MARKS_MAX)] or [""]
            for number, row in enumerate(rows):
                name = pad(self._say(file["name"]), name_width) if not number else " " * name_width
                shown = self.paint.sign(pad(row, widest))
                role = "error" if "✗" in row else "written"
                head = f"  {name}  {self.paint(role, shown)}"  # type: ignore[arg-type]
                yield head if number < len(rows) - 1 else head + self._counts(file)
            yield from self._lacking(file, name_width)

    def _counts(self, file: Mapping[str, Any]) -> str:
        said = f"  {count_of(file['cases'], 'case'):>9}"
        return said + (f"  {file['fired']}/{file['rules']} rules" if file["rules"] else "")

    def _lacking(self, file: Mapping[str, Any], indent: int) -> Iterator[str]:
        lacking = file["lacking"]
        if lacking:
            shown = ", ".join(lacking[:LACKING_MAX])
            more = f" and {len(lacking) - LACKING_MAX} more" if len(lacking) > LACKING_MAX else ""
            verb = "have" if len(lacking) > 1 else "has"
            yield " " * (indent + 4) + self.paint("held", f"{shown}{more} {verb} no case (RUL108)")

    def failures(self, results: Mapping[str, Any]) -> Iterator[str]:
        """What failed: the case, where it stands, expected and found."""
        for failure in results["failures"]:
            mark = self.paint.sign("✗ ")
            first, *rest = wrapped(self._say(failure["name"]), self.width - 2)
            yield self.paint("error", mark + first)
            yield from (self.paint("error", "  " + line) for line in rest)
            yield "    " + self.paint("place", self._say(failure["place"]))
            for gap in failure["gaps"]:
                for label in ("expected", "found"):
                    for i, line in enumerate(wrapped(self._say(gap[label]), self.width - 14)):
                        yield f"    {pad('' if i else label, 9)} {line}"
            yield ""

    def also(self, results: Mapping[str, Any]) -> Iterator[str]:
        """`OWN101 fires in 16 shipped cases as well; they judge the shipped rules only.`"""
        for code, count in results.get("also", {}).items():
            judge = "they judge" if count > 1 else "it judges"
            said = f"{code} fires in {count_of(count, 'shipped case')} as well; {judge}"
            yield from wrapped(self._say(f"{said} the shipped rules only."), self.width)

    def last(self, results: Mapping[str, Any]) -> str:
        """`31 cases: 30 passed, 1 failed.`"""
        count = results["passed"] + results["failed"] + results["skipped"]
        said = f"{results['passed']:,} passed, {results['failed']:,} failed"
        if results["skipped"]:
            said += f", {results['skipped']:,} about rules that this workspace changed"
        return f"{count_of(count, 'case')}: {said}."
