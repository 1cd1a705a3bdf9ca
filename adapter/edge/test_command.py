"""`test`: run the cases and say which rules they cover."""

import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from adapter.deciding.case_run import CaseResult, uncovered
from adapter.edge.case_folder import CaseFolder, read_cases, run_cases, run_goldens
from adapter.edge.console import console, progress, progress_done
from adapter.edge.failure import checked_format
from adapter.edge.hints import WIDE, hinted
from adapter.edge.subject import Subject, line_reader, subject_of
from adapter.telling.finding_json import finding_json
from adapter.telling.show_cases import cases_text
from adapter.telling.show_ci import as_azure, as_github
from adapter.telling.show_findings import findings_text
from adapter.values.finding import Finding, Place, has_errors, shown


def run_test(folder: Path, env: str | None, format: str, color: str) -> int:
    """Run the cases of a folder; returns the exit code. Raises NoWorkspace, ValueError."""
    checked_format(format)
    subject = subject_of(folder, env)
    cases = read_cases(subject)
    results, failures = judged(subject, cases)
    found = (*(f for f in subject.findings if f.level == "error"), *cases.findings)
    write_results(results, (*found, *failures), found, format, color, subject, cases)
    return 1 if has_errors(found) or failures else 0


def write_results(
    results: dict[str, Any], all_found: tuple[Finding, ...], found: tuple[Finding, ...],
    format: str, color: str, subject: Subject, cases: CaseFolder,
) -> None:  # fmt: skip
    """The results on standard output."""
    view = console(color)
    if format == "json":
        said = {**results, "findings": [finding_json(f) for f in found]}
        sys.stdout.write(json.dumps(said, ensure_ascii=False) + "\n")
    elif format == "github":
        sys.stdout.write(hinted(as_github(all_found), WIDE))
    elif format == "azure":
        sys.stdout.write(hinted(as_azure(all_found), WIDE))
    else:
        if subject.folder is None:
            sys.stdout.write("No adapter.toml here: the shipped rules and their cases.\n\n")
        line = line_reader(subject.folder, cases.shelf)
        told = findings_text(found, line, view.width, view.colour, view.ascii_only)
        sys.stdout.write(hinted(told, view.width))
        sys.stdout.write(cases_text(results, view.width, view.colour, view.ascii_only))


def judged(subject: Subject, cases: CaseFolder) -> tuple[dict[str, Any], tuple[Finding, ...]]:
    """Results of all cases as one dict, and each failure as a finding (RUL140)."""
    book = subject.book
    results = run_cases(book, cases.files)
    lacking = {f.message.split()[0] for f in uncovered(book.rulebook, results, cases.files)
               if "case that fires it" in f.message}  # fmt: skip
    files = [_file_of(path, done, subject, lacking) for path, done in results.items()]
    gaps: list[tuple[str, Place, list[dict[str, str]]]] = [
        (r.case.name, r.case.place, [{"expected": g.expected, "found": g.found} for g in r.gaps])
        for done in results.values() for r in done
    ]  # fmt: skip
    show = progress("cases")
    count = 0
    for path, golden in run_goldens(book, cases):
        marks = ""
        for result in golden:
            said = [{"expected": f"{d.what}: {d.expected}", "found": d.found}
                    for d in result.differences]  # fmt: skip
            gaps.append((f"{result.case.id} {result.case.name}", result.place, said))
            marks += "✗" if said else "."
            count += 1
            if show is not None:
                show(count)
        files.append({"name": _name(path), "path": path, "marks": marks, "cases": len(golden),
                      "fired": 0, "rules": 0, "lacking": []})  # fmt: skip
    progress_done()
    skipped = sum(file["marks"].count("-") for file in files)
    failures = [{"name": n, "place": str(p), "gaps": g} for n, p, g in gaps if g]
    findings = tuple(
        Finding(code="RUL140", level="error", place=p, message=f"case fails: {shown(n)}",
                help="; ".join(f"expected {x['expected']}, found {x['found']}" for x in g))
        for n, p, g in gaps if g
    )  # fmt: skip
    said_of = {"files": files, "failures": failures, "passed": len(gaps) - len(failures) - skipped,
               "failed": len(failures), "skipped": skipped,
               "also": dict(sorted(Counter(c for done in results.values() for r in done
                                           for c in r.also).items()))}  # fmt: skip
    return said_of, findings


def _file_of(
    path: str, done: list[CaseResult], subject: Subject, lacking: set[str]
) -> dict[str, Any]:
    name = path.rpartition("/")[2]
    rules = [r.id for r in subject.book.rulebook.rules if r.place.file.rpartition("/")[2] == name]
    marks = "".join("-" if r.is_replaced else "✗" if r.gaps else "." for r in done)
    mine = [code for code in rules if code in lacking]
    return {"name": _name(path), "path": path, "marks": marks, "cases": len(done),
            "fired": len(rules) - len(mine), "rules": len(rules), "lacking": mine}  # fmt: skip


def _name(path: str) -> str:
    return path.partition("/")[2].removesuffix(".toml")
