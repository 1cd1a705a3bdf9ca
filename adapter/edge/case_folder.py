"""Case files of a folder and their results: the shipped cases and the workspace's own."""

from collections.abc import Iterator

from msgspec import Struct

from adapter.deciding.case_run import CaseJudge, CaseResult
from adapter.edge.book import Book
from adapter.edge.shelf import File, Shelf
from adapter.edge.subject import Subject
from adapter.making.golden import GoldenCase, parse_golden
from adapter.making.golden_plan import RecordsPlanner
from adapter.making.golden_run import Difference, run_golden
from adapter.reading.cases import CaseFile, parse_case_file
from adapter.reading.source import Source
from adapter.values.finding import Finding, Place

BASE = "base_"


class GoldenResult(Struct, frozen=True, kw_only=True):
    """What came of one case on whole records."""

    case: GoldenCase
    place: Place
    differences: tuple[Difference, ...]


class CaseFolder(Struct, frozen=True, kw_only=True):
    """All case files of a subject."""

    files: tuple[CaseFile, ...]
    golden: tuple[tuple[str, tuple[GoldenCase, ...]], ...]  # path, cases
    findings: tuple[Finding, ...]
    shelf: Shelf


def read_cases(subject: Subject) -> CaseFolder:
    """The case files: shipped ones, then the workspace's own. Golden cases are told by `base`.

    In a workspace only its own golden cases are read: the shipped ones speak of shipped rules.
    """
    shelf = Shelf(subject.folder)
    book = subject.book
    sources = [(source, file) for file in shelf.texts("cases")
               if (source := shelf.source(file)) is not None]  # fmt: skip
    bases = {_stem(file).removeprefix(BASE): source for source, file in sources
             if _stem(file).startswith(BASE)}  # fmt: skip
    files: list[CaseFile] = []
    golden: list[tuple[str, tuple[GoldenCase, ...]]] = []
    found: list[Finding] = []
    for source, file in sources:
        if _stem(file).startswith(BASE):
            continue
        if "base" in source.table:
            if subject.folder is None or file.origin == "workspace":
                cases, faults = parse_golden(source, bases)
                golden.append((source.path, cases))
                found += faults
            continue
        case_file, faults = parse_case_file(source, book.catalogue, book.rulebook, file.origin)
        files.append(case_file)
        found += faults
    return CaseFolder(files=tuple(files), golden=tuple(golden),
                      findings=(*shelf.found, *found), shelf=shelf)  # fmt: skip


def _stem(file: File) -> str:
    return file.path.rpartition("/")[2].removesuffix(".toml")


def run_cases(book: Book, files: tuple[CaseFile, ...]) -> dict[str, list[CaseResult]]:
    """The results of fact cases by file. Raises ValueError for rules that cannot be judged."""
    judge = CaseJudge(book.rulebook)
    results: dict[str, list[CaseResult]] = {}
    for file in files:
        done = [judge.run(case, file.origin == "shipped") for case in file.cases]
        results.setdefault(file.path, []).extend(done)
    return results


def run_goldens(
    book: Book, folder: CaseFolder
) -> Iterator[tuple[str, tuple[GoldenResult, ...]]]:
    """The results of cases on whole records, file by file."""
    planner = RecordsPlanner(book.rulebook, book.facts)
    for path, cases in folder.golden:
        source: Source = folder.shelf.sources[path]
        yield path, tuple(
            GoldenResult(case=case, place=source.place("case", int(case.id.rpartition("/")[2]) - 1),
                         differences=run_golden(case, planner))
            for case in cases
        )  # fmt: skip
