"""Case files of the package and of a workspace, judged."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from adapter.deciding.judge import Decision, Judge, vector_of_facts
from adapter.edge.book import Book, Shelf
from adapter.reading.cases import Case, CaseResult, parse_cases, run_case
from adapter.reading.rulebook import Rule
from adapter.values.finding import Finding

FOLDER = "cases"
GOLDEN = "cases/golden/"


class FactJudging:
    """Judges plain facts; what is not named is missing."""

    def __init__(self, book: Book) -> None:
        self.judge = Judge(book.rulebook)
        facts = {n for a in self.judge.fact_atoms for n in (a.fact, a.other) if n}
        self.names = sorted(facts)
        self.vector = vector_of_facts(self.judge, self.names)

    def _vector(self, facts: Mapping[str, Any]) -> int:
        return self.vector([facts.get(name) for name in self.names])

    def decide(self, facts: Mapping[str, Any]) -> Decision:
        return self.judge.decide(self._vector(facts))

    def choose(self, facts: Mapping[str, Any]) -> Rule | None:
        return self.judge.choose(self._vector(facts))


def read_cases(
    book: Book, workspace: Path | None
) -> tuple[tuple[CaseResult, ...], tuple[Finding, ...]]:
    """All fact-level cases, shipped and of the workspace, each judged."""
    shelf = Shelf(workspace)
    cases: list[Case] = []
    for file in shelf.texts(FOLDER):
        if file.path.startswith(GOLDEN):
            continue
        source = shelf.source(file)
        if source is not None:
            parsed, found = parse_cases(source, book.catalogue, book.rulebook)
            shelf.found.extend(found)
            cases.extend(parsed)
    judging = FactJudging(book)
    return tuple(run_case(case, judging) for case in cases), tuple(shelf.found)
