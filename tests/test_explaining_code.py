"""telling/explaining_code.py: a code from its rule and cases, or from its page."""

from pathlib import Path

import pytest

from adapter.deciding.case_run import CaseResult, Gap
from adapter.edge.case_folder import read_cases, run_cases
from adapter.edge.subject import subject_of
from adapter.reading.cases import Case
from adapter.reading.rulebook import Rulebook, make_rulebook
from adapter.reading.settings import Switch
from adapter.telling.explaining_code import explain_page, explain_rule_code, sections_of
from adapter.values.codes import CODES
from adapter.values.finding import Place
from tests.commands import CONTOSO
from tests.rule_texts import HEADS, files_of, require, route, rulebook_of

PAGES = Path(__file__).parents[1] / "docs" / "codes"
TEXTS = {
    "rules/x.toml": HEADS["require"] + require("REQ901", ["actual.skip_sync"]),
    "rules/y.toml": HEADS["ledger"] + route("RTE901", []),
}


def result(name: str, fired: bool, near: bool = False, gaps: tuple[Gap, ...] = ()) -> CaseResult:
    case = Case(name=name, place=Place("cases/x.toml", 7, 1), facts={}, rule="REQ901",
                is_near=near, excerpt=("[[case]]", f'name = "{name}"'))  # fmt: skip
    return CaseResult(case=case, fired=frozenset({"REQ901"} if fired else ()), gaps=gaps)


def book() -> Rulebook:
    return rulebook_of(TEXTS)


def test_a_rule_is_told_with_a_case_that_fires_it_and_a_near_miss() -> None:
    done = [result("fails", True, gaps=(Gap("a", "b"),)), result("near", False, near=True),
            result("fires", True)]  # fmt: skip

    found = explain_rule_code(book().rules[0], book(), done)

    assert found["fires"] == '# cases/x.toml:7:1\n[[case]]\nname = "fires"'
    assert found["passes"] == '# cases/x.toml:7:1\n[[case]]\nname = "near"'
    assert (found["level"], found["asks"], found["message"]) == ("error", "require", "m")
    assert found["rule_text"][0].lstrip().partition(" | ")[2] == "[[rule]]"
    number = int(found["rule_text"][0].partition("|")[0])
    assert TEXTS["rules/x.toml"].splitlines()[number - 1] == "[[rule]]"


def test_without_cases_none_is_told() -> None:
    found = explain_rule_code(book().rules[0], book(), [result("fails", True, gaps=(Gap("", ""),))])

    assert "fires" not in found and "passes" not in found


def test_a_route_says_its_outcome_as_level_and_message() -> None:
    found = explain_rule_code(book().rules_by_id["RTE901"], book(), [])

    assert (found["level"], found["asks"], found["message"]) == ("leave", "route ledger", "why")


def test_a_rule_that_the_workspace_changed_says_so_where_it_has_no_help() -> None:
    text = TEXTS["rules/x.toml"].replace("documented", "inferred")
    files, _ = files_of({"rules/x.toml": text})
    switch = Switch(level="warning", because="stock is counted")
    changed, _ = make_rulebook(files, [], {"REQ901": switch}, Place("adapter.toml"))
    rule = changed.rules[0]

    assert explain_rule_code(rule, changed, [])["help"] == "Do."
    assert explain_rule_code(rule, changed, [])["level"] == "warning"


@pytest.mark.parametrize("code", sorted(CODES))
def test_every_page_is_told_in_full(code: str) -> None:
    found = explain_page(code, (PAGES / f"{code}.md").read_text("utf-8"))

    assert (found["code"], found["name"]) == (code, CODES[code].name)
    assert found["message"] and found["why"] and found["help"] and found["page"]


def test_a_code_without_a_page_is_told_by_its_line() -> None:
    found = explain_page("SRC030", "")

    assert (found["name"], found["message"], found["page"]) == ("lookup-leads-nowhere", "", [])


def test_the_sections_of_a_page() -> None:
    page = "# T x\nlost\n## What it says\na\nb\n## Example\n```text\n# no heading\n```\n"

    assert sections_of(page) == {"says": ["a", "b"], "example": ["```text", "# no heading", "```"]}


def case_of(name: str, **more: object) -> CaseResult:
    values: dict[str, object] = {"place": Place("cases/other.toml", 1, 1), "facts": {}, **more}
    case = Case(name=name, excerpt=(name,), **values)  # type: ignore[arg-type]
    return CaseResult(case=case, fired=frozenset({"RTE901"}), gaps=())


def test_a_case_about_the_rule_goes_before_one_that_only_fires_it() -> None:
    rule = book().rules_by_id["RTE901"]
    strange = case_of("the legacy integration is refused", refuse="DEP240")
    same_file = case_of("silent", find=(), place=Place("cases/y.toml", 1, 1))
    answers = case_of("answers", routes={"ledger": "RTE901"})
    about = case_of("about it", rule="RTE901")

    for given, told in (
        ([strange, same_file, answers, about], "about it"),
        ([strange, same_file, answers], "answers"),
        ([strange, same_file], "silent"),
        ([strange], "the legacy integration is refused"),
    ):
        assert explain_rule_code(rule, book(), given)["fires"].splitlines()[1] == told


def test_the_case_of_every_shipped_rule_names_it_or_its_answer() -> None:
    subject = subject_of(CONTOSO, None)
    done = [r for file in run_cases(subject.book, read_cases(subject).files).values() for r in file]
    cases = {"\n".join((f"# {r.case.place}", *r.case.excerpt)): r.case for r in done}
    rulebook = subject.book.rulebook
    apart = []
    for rule in rulebook.rules:
        case = cases[explain_rule_code(rule, rulebook, done)["fires"]]
        stems = [Path(at.file).stem for at in (case.place, rule.place)]
        if stems[0] != stems[1] or not {rule.id, rule.outcome.value} & {*case.named, case.choose}:
            apart.append(rule.id)

    assert apart == []
