"""docs/codes: every page is complete, and its example gives exactly the code it explains."""

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from adapter.deciding.case_run import CaseJudge, uncovered
from adapter.deciding.rule_limits import check_limits
from adapter.edge.book import Book, options, read_book
from adapter.making.golden import parse_golden
from adapter.reading.cases import parse_case_file
from adapter.reading.columns import parse_binding
from adapter.reading.mapping import parse_mapping
from adapter.reading.move_table import parse_move
from adapter.reading.reconcile_table import parse_reconcile
from adapter.reading.rows import read_rows
from adapter.reading.rulebook import make_rulebook
from adapter.reading.rulecheck import check_rules
from adapter.reading.rulefile import parse_rule_file
from adapter.reading.schema import parse_metadata
from adapter.reading.settings import Settings, parse_settings
from adapter.reading.shapes import PAYLOAD_SHAPE
from adapter.reading.sheets import read_csv
from adapter.reading.source import parse_source
from adapter.reading.template import parse_template
from adapter.values.codes import CODES
from adapter.values.finding import Finding, Place
from tests.rule_texts import catalogue

PAGES = sorted((Path(__file__).parents[1] / "docs" / "codes").glob("*.md"))
HEADINGS = ["What it says", "Why it matters", "Example", "What to do"]
FENCE = re.compile(r"```(\w+)\n(.*?)```", re.S)

# Said while a plan is made, of many records together; the tests of these modules judge them.
SAID_OF_A_PLAN = {
    "DEP291": "fence", "SRC045": "row_files", "SRC051": "row_files", "SRC052": "row_files",
    "RUL122": "rulecheck", "SRC061": "carriers", "PRO731": "taken_back",
    "JNL701": "journal", "JNL702": "journal_lines", "JNL704": "drafting", "JNL705": "drafting",
    "JNL706": "halves", "JNL707": "halves", "PRO722": "halves", "PRO723": "billing_schedule",
    "MAP530": "documents", "PRO701": "billing_lines", "PRO702": "proforma",
    "PRO703": "billing_schedule", "PRO704": "reverse", "PRO706": "reverse",
    "EST701": "estimates", "EST702": "estimates", "EST703": "estimates", "EXP701": "expected",
    "EXP702": "expected", "EXP703": "expected", "EXP704": "expected", "USG701": "usages",
    "USG702": "usages", "USG703": "usages", "USG704": "usages", "USG705": "usages",
    "USG706": "usages", "USG707": "usages", "USG708": "submitted", "USG710": "stock_check",
    "USG711": "stock_check", "USG712": "stock_check", "USG713": "stock_check",
    "USG714": "stock_check", "USG715": "stock_dimensions",
    "PRO707": "billing_schedule", "PRO708": "confirm", "PRO709": "reverse",
    # prices and labour: tests/test_pricing.py runs the examples of their pages
    **dict.fromkeys((c for c in CODES if c[:3] == "PRC"), "pricing"),
    **dict.fromkeys((c for c in CODES if c[:3] == "LAB"), "labour"),
    **dict.fromkeys(("LAB705", "LAB706", "LAB707"), "labour_actuals"),
    "PRO710": "proforma_life", "PRO711": "proforma_edit", "PRO712": "events",
    "PRO713": "proforma_close", "PRO714": "events", "LAW701": "law", "LAW702": "law",
    "LAW703": "law", "LAW704": "law", "LAW705": "events", "LAW706": "events",
    "LAW707": "replay",
    **dict.fromkeys((f"PRO{n}" for n in range(715, 722)), "proforma_compared"),
    "PRO724": "retainers_seen", "EXP705": "story", "REC004": "reconcile_table",
}  # fmt: skip


def example_of(page: Path) -> tuple[str, str, str]:
    """Language, first line's file and text of the example."""
    found = FENCE.search(page.read_text())
    assert found is not None, f"{page.name} has no example"
    text = found[2]
    return found[1], text.split("\n", 1)[0].strip("{#-} ").partition(":")[0], text


@cache
def book() -> Book:
    return read_book(None, Settings())


def of_rules(path: str, text: str) -> list[Finding]:
    source, found = parse_source(path, text)
    findings: list[Finding] = list(found)
    if source is not None:
        known = catalogue(source)
        file, found = parse_rule_file(source, known)
        findings += found
        if file is not None and not findings:
            rules, found = make_rulebook([file], [], {}, Place("adapter.toml"))
            findings += [*found, *check_limits(rules), *check_rules(rules, known)]
            findings += uncovered(rules, {}, ())
    return findings


def of_settings(path: str, text: str) -> list[Finding]:
    source, findings = parse_source(path, text)
    assert source is not None, findings
    settings, found = parse_settings(source, None, options())
    return [*found, *read_book(None, settings, settings.as_of).findings]


def of_cases(path: str, text: str) -> list[Finding]:
    source, findings = parse_source(path, text)
    assert source is not None, findings
    if "base" in source.table:
        bases = Path(__file__).parent / "cases" / "golden"
        base = parse_source("base", (bases / f"base_{source.table['base']}.toml").read_text())[0]
        assert base is not None
        return list(parse_golden(source, {source.table["base"]: base})[1])
    file, found = parse_case_file(source, book().catalogue, book().rulebook)
    failed = [c for c in file.cases if CaseJudge(book().rulebook).run(c).gaps]
    # the command makes this one of a failed case
    return [*found, *(Finding(code="RUL140", level="error", message=c.name, place=c.place)
                      for c in failed)]  # fmt: skip


def of_bindings(path: str, text: str) -> list[Finding]:
    source, findings = parse_source(path, text)
    assert source is not None, findings
    schema = book().schemas.get(str(source.table.get("table")))
    return list(parse_binding(source, schema)[1])


def of_mappings(path: str, text: str) -> list[Finding]:
    source, findings = parse_source(path, text)
    assert source is not None, findings
    return list(parse_mapping(source, book().schemas, book().tables)[1])


def of_moves(path: str, text: str) -> list[Finding]:
    source, findings = parse_source(path, text)
    assert source is not None, findings
    return list(parse_move(source)[1])


def of_reconciling(path: str, text: str) -> list[Finding]:
    source, findings = parse_source(path, text)
    assert source is not None, findings
    return list(parse_reconcile(source, book().mappings, book().schemas)[1])


def of_templates(path: str, text: str) -> list[Finding]:
    return list(parse_template(path, text, "json", PAYLOAD_SHAPE)[1])


def of_rows(path: str, text: str) -> list[Finding]:
    stem = Path(path).stem
    binding = next(b for b in book().bindings if b.table == stem)
    rows = text.partition("\n")[2]
    is_csv = path.endswith(".csv")
    read = read_csv(binding, rows, path) if is_csv else read_rows(binding, rows.encode(), path)
    return [*read.findings, *(f for found in read.faults.values() for f in found)]


def of_metadata(path: str, text: str) -> list[Finding]:
    return list(parse_metadata(path, text.partition("\n")[2])[1])


# beginning of the file's path | what reads it
READERS: list[tuple[str, Callable[[str, str], list[Finding]]]] = [
    ("rules/", of_rules),
    ("adapter.toml", of_settings),
    ("cases/", of_cases),
    ("tests/cases/", of_cases),
    ("mappings/from-", of_bindings),
    ("mappings/to-", of_mappings),
    ("mappings/tables/move.toml", of_moves),
    ("mappings/tables/reconcile.toml", of_reconciling),
    ("templates/", of_templates),
    ("records/", of_rows),
    ("schema/", of_metadata),
]

RUN = [p for p in PAGES if example_of(p)[0] != "text" and p.stem not in SAID_OF_A_PLAN]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_has_its_title_and_headings(page: Path) -> None:
    text = page.read_text()
    line = CODES[page.stem]

    assert text.startswith(f"# {line.code} {line.name}\n")
    assert HEADINGS == re.findall(r"^## (.*)$", FENCE.sub("", text), re.M)


@pytest.mark.parametrize("page", RUN, ids=lambda page: page.stem)
def test_the_example_has_the_fault_that_its_page_explains(page: Path) -> None:
    _, path, text = example_of(page)
    read = next((read for begin, read in READERS if path.startswith(begin)), None)
    assert read is not None, f"{page.name}: nothing reads `{path}`; mark the example ```text"

    findings = read(path, text)

    assert page.stem in {f.code for f in findings if f.level == CODES[page.stem].level}
    others = {f.code for f in findings if f.level == "error"} - {page.stem}
    assert others == set(), "the example has other faults too"


@pytest.mark.parametrize(("code", "module"), SAID_OF_A_PLAN.items())
def test_a_code_said_of_a_plan_is_judged_by_a_test_of_its_module(code: str, module: str) -> None:
    assert code in (Path(__file__).parent / f"test_{module}.py").read_text()


def test_the_readers_meet_every_kind_of_file() -> None:
    kinds = {begin for begin, _ in READERS for p in RUN if example_of(p)[1].startswith(begin)}

    assert kinds == {begin for begin, _ in READERS}
