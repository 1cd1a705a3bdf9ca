"""Case files: every shipped case, and what is said of a faulty one."""

from functools import cache

import pytest

from adapter.deciding.case_run import CaseJudge
from adapter.edge.book import Book, read_book
from adapter.edge.case_folder import CaseFolder, read_cases, run_cases
from adapter.edge.subject import Subject, subject_of
from adapter.reading.cases import Case, parse_case_file, typed_value
from adapter.reading.catalogue import FactSpec
from adapter.reading.settings import Settings
from tests.commands import CONTOSO
from tests.rule_texts import source_of


@cache
def book() -> Book:
    return read_book(None, Settings())


@cache
def shipped() -> CaseFolder:
    subject = Subject(folder=None, settings=Settings(), book=book(), findings=())
    return read_cases(subject)


@cache
def judge() -> CaseJudge:
    return CaseJudge(book().rulebook)


CASES = [(file.path, case) for file in shipped().files for case in file.cases]


def test_the_shipped_case_files_are_understood() -> None:
    assert shipped().findings == ()
    assert len(CASES) > 100


@pytest.mark.parametrize(
    "case", [c for _, c in CASES], ids=[f"{p.rpartition('/')[2]}:{c.place.line}" for p, c in CASES]
)
def test_a_shipped_case_holds(case: Case) -> None:
    assert judge().run(case).gaps == ()


# the fault | the file | code | words
FAULTS = [
    ("unknown key", 'cases = 1', "SRC002", "did you mean `case`"),
    ("unknown key of a case", '[[case]]\nname = "n"\nfinds = []\nfind = []', "SRC002", "`find`"),
    ("no name", "[[case]]\nfind = []", "RUL130", "without name"),
    ("no expectation", '[[case]]\nname = "n"', "RUL130", "expects nothing"),
    ("no such start", '[[case]]\nname = "n"\nstart = "x"\nfind = []', "RUL130", "no start"),
    ("near without rule", '[[case]]\nname = "n"\nnear = true\nfind = []', "RUL130", "near miss"),
    ("rule is a list", '[[case]]\nname = "n"\nrule = ["REQ382"]', "RUL132", "no rule has the id"),
    ("rule is a table", '[[case]]\nname = "n"\nrule = { a = 1 }', "RUL132", "no rule"),
    ("list in a list", '[[case]]\nname = "n"\nfind = [["REQ382"]]', "RUL132", "no rule"),
    ("choose is a list", '[[case]]\nname = "n"\nchoose = []', "RUL132", "no rule"),
    ("route is a list", '[[case]]\nname = "n"\nroute = { ledger = [] }', "RUL132", "no rule"),
    ("unknown fact", '[[case]]\nname = "n"\nfind = []\ngiven = { "actual.quantty" = 1 }', "RUL102",
     "actual.quantity"),
    ("text for a number", '[[case]]\nname = "n"\nfind = []\ngiven = { "actual.quantity" = "x" }',
     "RUL133", "is a number"),
    ("no choice", '[[case]]\nname = "n"\nfind = []\n'
     'given = { "deployment.model" = "integrate" }', "RUL133", "did you mean 'integrated'"),
    ("unknown rule", '[[case]]\nname = "n"\nfind = ["REQ000"]', "RUL132", "no rule has the id"),
    ("rule of another kind", '[[case]]\nname = "n"\nfind = ["DEP210"]', "RUL130", "asks `choose`"),
    ("unknown channel", '[[case]]\nname = "n"\nroute = { side = "RTE401" }', "RUL130",
     "no channel"),
    ("unknown conclusion", '[[case]]\nname = "n"\nconclude = { "item.kind" = "gas" }', "RUL130",
     "no rule concludes"),
    ("concluded fact given", '[[case]]\nname = "n"\nfind = []\n'
     'given = { "item.kind" = "stocked" }', "RUL131", "is concluded by rules"),
    ("start is no table", "start = 1", "RUL130", "`start` is not a table"),
]  # fmt: skip


@pytest.mark.parametrize(("fault", "text", "code", "words"), FAULTS, ids=[f[0] for f in FAULTS])
def test_a_faulty_case_is_one_finding(fault: str, text: str, code: str, words: str) -> None:
    source = source_of(text, "cases/x.toml")
    file, found = parse_case_file(source, book().catalogue, book().rulebook)

    assert [f.code for f in found] == [code]
    assert words in f"{found[0].message} {found[0].help}"
    assert file.cases == () and found[0].place.line > 0


@pytest.mark.parametrize(
    ("type", "given", "found"),
    [
        ("number", 2, "2"), ("whole", 2, "2"), ("day", "2026-11-30", "2026-11-30"),
        ("version", "8.8.142.0", "(8, 8, 142, 0)"), ("flag", True, "True"), ("text", "a", "a"),
        ("text", "(none)", "None"),
    ],
)  # fmt: skip
def test_values_are_typed_by_their_fact(type: str, given: object, found: str) -> None:
    assert str(typed_value(FactSpec(name="a.b", type=type), given)) == found


@pytest.mark.parametrize(
    ("type", "given"), [("number", "2"), ("whole", True), ("day", "soon"), ("version", "8.x"),
                        ("flag", 1), ("text", 5), ("link", [])],
)  # fmt: skip
def test_a_value_of_another_type_is_refused(type: str, given: object) -> None:
    with pytest.raises(ValueError, match=r"Write|month|isoformat"):
        typed_value(FactSpec(name="a.b", type=type), given)


def test_a_failing_case_says_which_line_did_not_hold() -> None:
    text = '[[case]]\nname = "n"\nfind = ["REQ382"]\ngiven = { "actual.quantity" = 1 }'
    file, _ = parse_case_file(source_of(text), book().catalogue, book().rulebook)
    (gap,) = judge().run(file.cases[0]).gaps

    assert gap.expected == "REQ382"
    assert "nearest rule REQ382 failed on" in gap.found
    assert "actual.moves_stock" in gap.found


def test_shipped_cases_of_rules_that_a_workspace_changed_are_not_compared() -> None:
    subject = subject_of(CONTOSO)
    results = run_cases(subject.book, read_cases(subject).files)

    assert not [r for done in results.values() for r in done if r.gaps]


def test_both_spellings_of_a_fact_are_the_same() -> None:
    text = (
        '[[case]]\nname = "a"\nfind = []\ngiven = { "actual.quantity" = 1 }\n'
        '[[case]]\nname = "b"\nfind = []\ngiven = { actual.quantity = 1 }\n'
    )
    file, found = parse_case_file(source_of(text), book().catalogue, book().rulebook)

    assert found == ()
    assert file.cases[0].facts == file.cases[1].facts


def lines_missed(case: Case) -> int:
    """How many lines of the case's rule do not hold."""
    run = judge()
    vector = run._vector([case.facts.get(name) for name in run.names])
    trace = run.trace(case.rule, case, run.judge.decide(vector))
    assert trace is not None
    return sum(not line.held for line in trace.lines)


def test_every_rule_has_a_near_miss_that_fails_by_one_line() -> None:
    near = [case for _, case in CASES if case.is_near]
    just = {case.rule for case in near if lines_missed(case) == 1}

    assert sorted({case.rule for case in near} - just) == []


def facts_apart(one: Case, other: Case) -> list[str]:
    names = {*one.facts, *other.facts}
    return sorted(n for n in names if one.facts.get(n) != other.facts.get(n))


@pytest.mark.parametrize(
    "code", ["DEP202", "DEP206", "REQ431", "RTE517", "RTE435", "RTE442", "TRT112", "TRT141"]
)
def test_a_near_miss_differs_from_a_case_that_fires_in_one_fact(code: str) -> None:
    fires = [case for _, case in CASES if code in judge().run(case).fired]
    near = [case for _, case in CASES if case.is_near and case.rule == code]

    assert any(len(facts_apart(a, b)) == 1 for a in fires for b in near)
