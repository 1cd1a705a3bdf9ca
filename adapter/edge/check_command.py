"""`check`: judge the files that decide, and in a workspace the rows too."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec

from adapter.edge import shipped
from adapter.edge.book import Book, read_book
from adapter.edge.cases import read_cases
from adapter.edge.console import console
from adapter.edge.workspace import read_settings, read_workspace
from adapter.reading.cases import uncovered
from adapter.reading.mapping_check import unverified
from adapter.reading.rulecheck import check_rules
from adapter.reading.settings import Settings
from adapter.telling.show_ci import as_azure, as_github
from adapter.telling.show_findings import findings_text, summary_of
from adapter.values.finding import has_errors



def run_check(folder: Path, env: str | None, format: str, color: str, whole: bool) -> int:
    """Check and show; returns the exit code."""
    is_workspace = (folder / "adapter.toml").is_file()
    settings, found = read_settings(folder, env) if is_workspace else (Settings(), ())
    book = read_book(folder if is_workspace else None, settings, settings.as_of)
    findings = [*found, *book.findings, *check_rules(book.rulebook, book.catalogue)]
    cases, case_findings = read_cases(book, folder if is_workspace else None)
    findings += [*case_findings, *uncovered(book.rulebook, cases)]
    if is_workspace:
        read = read_workspace(folder, env)
        known = set(findings)
        findings += [f for f in read.findings if f not in known]
    names = unverified_names(book)
    shown = [f for f in findings if whole or f.level != "note"]
    notes = len(findings) - len(shown)
    if format == "json":
        sys.stdout.write(json.dumps([msgspec.to_builtins(f) for f in findings]) + "\n")
        return 1 if has_errors(findings) else 0
    if format in ("github", "azure"):
        sys.stdout.write(as_github(findings) if format == "github" else as_azure(findings))
        return 1 if has_errors(findings) else 0
    view = console(color)
    sys.stdout.write(
        findings_text(shown, line_reader(book, folder), view.width, view.colour, view.ascii_only)
    )
    if whole:
        for name in names:
            print(name)
        print()
    elif notes or names:
        print(f"{notes} notes and {len(names)} unverified names are not shown: `check --all`.\n")
    print(summary_of(findings, {
        "rule file": len(book.rulebook.files), "rule": len(book.rulebook.rules),
        "mapping": len(book.bindings) + len(book.mappings), "template": len(book.templates),
        "case": len(cases),
    }))  # fmt: skip
    return 1 if has_errors(findings) else 0


def line_reader(book: Book, folder: Path) -> Callable[[str, int], str | None]:
    """Lines of the files that were read, for excerpts."""
    texts: dict[str, list[str]] = {}

    def line(file: str, number: int) -> str | None:
        source = book.sources.get(file)
        if source is not None:
            return source.line(number)
        if file not in texts:
            at = folder / file
            if not at.is_file():
                at = shipped.folder(file.partition("/")[0]) / file.partition("/")[2]
            good = at.is_file() and at.stat().st_size < 1 << 20
            texts[file] = at.read_text(errors="replace").split("\n") if good else []
        lines = texts[file]
        return lines[number - 1] if 0 < number <= len(lines) else None

    return line


def unverified_names(book: Book) -> list[str]:
    """Names and codes of the other side that nobody has proven, one line each."""
    lines = [
        f"unverified  {u.table}.{u.column}{' code ' + u.code if u.code else ''}  {u.tag}  {u.place}"
        for binding in book.bindings
        for u in binding.unverified
    ]
    for mapping in book.mappings.values():
        for name, tag, what in unverified(mapping, book.schemas):
            lines.append(f"unverified  {mapping.target}.{name}  {tag}  {what}  {mapping.place}")
    return lines


