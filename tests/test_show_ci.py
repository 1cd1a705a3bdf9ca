"""Annotations for build servers."""

import re

import pytest

from adapter.telling.show_ci import as_azure, as_github, place_of
from adapter.values.finding import Finding, Place
from tests.report_sample import sample_report

FINDINGS = [
    Finding(code="RUL102", level="error", message="unknown fact `a`, 100% sure",
            place=Place("rules/a,b.toml", 14, 4), help="did you mean `b`?"),
    Finding(code="RUL106", level="warning", message="never reached",
            place=Place("rules/r.toml", 2)),
    Finding(code="SRC031", level="note", message="a note", place=Place("actual 1")),
]  # fmt: skip


def test_findings_of_check_become_github_commands() -> None:
    assert as_github(FINDINGS).splitlines() == [
        "::notice title=SRC031::a note",
        "::error title=RUL102,file=rules/a%2Cb.toml,line=14,col=4::"
        "unknown fact `a`, 100%25 sure. did you mean `b`?",
        "::warning title=RUL106,file=rules/r.toml,line=2::never reached",
    ]


def test_findings_of_check_become_azure_commands() -> None:
    assert as_azure(FINDINGS).splitlines() == [
        "SRC031: a note",
        "##vso[task.logissue type=error;sourcepath=rules/a,b.toml;linenumber=14;columnnumber=4;"
        "code=RUL102;]unknown fact `a`, 100%AZP25 sure. did you mean `b`?",
        "##vso[task.logissue type=warning;sourcepath=rules/r.toml;linenumber=2;code=RUL106;]"
        "never reached",
    ]


def test_a_plan_is_annotated_at_its_rules_and_ends_with_the_verdict() -> None:
    lines = as_github(sample_report()).splitlines()

    assert lines[0] == (
        "::error title=REQ304 billing-account-not-on-contract,file=rules/requirements.toml,"
        "line=10::4 actuals, CAD 360.00, USD 3,370.00. WO-00912: Work order WO-00912 bills "
        "ACC-1044, the contract bills ACC-1001. Change the billing account on the work order, "
        "or add the customer to the contract line"
    )
    assert sum(line.startswith("::error") for line in lines) == 4
    assert sum(line.startswith("::warning") for line in lines) == 1
    assert lines[-1].endswith("Nothing was sent.")
    assert as_azure(sample_report()).count("##vso[task.logissue ") == 5


@pytest.mark.parametrize(
    "text",
    ["a\n::error::b", "a\r\n##vso[task.setvariable variable=x]y", "a\u2028::stop::b", "%0A::x"],
)
def test_no_text_starts_a_command_of_its_own(text: str) -> None:
    finding = Finding(
        code="SRC010", level="error", message=text, place=Place(text, 1, 1), help=text
    )
    for said in (as_github([finding]), as_azure([finding])):
        assert len(said.splitlines()) == 1
        assert not re.search(r"(?<!%25)%0A::x", said)


def test_what_a_property_says_cannot_end_it() -> None:
    finding = Finding(code="SRC010", level="error", message="m", place=Place("a:b,c;d]e", 3))

    assert "file=a%3Ab%2Cc;d]e,line=3::m" in as_github([finding])
    assert "sourcepath=a:b,c%3Bd%5De;linenumber=3;code=SRC010;]m" in as_azure([finding])


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("rules/a.toml:10", Place("rules/a.toml", 10)),
        ("records/a.jsonl:6:88", Place("records/a.jsonl", 6, 88)),
        ("actual 4:2", Place("actual 4", 2)),
        ("rules/a.toml", Place("rules/a.toml")),
        ("", Place("")),
    ],
)
def test_a_place_is_read_back_from_its_text(text: str, place: Place) -> None:
    assert place_of(text) == place


def test_many_findings_are_cut_and_counted() -> None:
    many = [
        Finding(code="SRC010", level="error", message="m", place=Place("a.jsonl", i))
        for i in range(1, 251)
    ]

    assert as_github(many).splitlines()[-1] == "50 more findings are not annotated."
