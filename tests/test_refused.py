"""Rules, mappings and templates with errors: shown as `check` shows them, nothing planned."""

import json
from pathlib import Path

import pytest

from adapter.edge.workspace import FaultyFiles, read_workspace
from tests.commands import ran, small_company
from tests.sending_given import Desk

FAULTY = {
    "rules/own.toml": (
        'policy = "all"\nabout = "actual"\nasks = "require"\n\n[[rule]]\nid = "OWN901"\n'
        'name = "own"\nwhen = ["work_order.billing_acount > 1"]\nlevel = "error"\n'
        'message = "m"\nhelp = "Do."\nowner = "o"\nsource = "x"\ntag = "inferred"\n',
        "RUL102",
    ),
    "rules/broken.toml": ("policy = [\n", "SRC001"),
    "mappings/to-finance/own.toml": ('name = "own"\n', "MAP"),
    "templates/integration-journal.json.j2": ("{{ journal.key }}\n", "TPL"),
    "sent.jsonl": ('{"key": "a", "digest": "2:b"}\n{"key": "c", "dig', "SRC007"),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return small_company(tmp_path / "company", 15)


def spoil(folder: Path, name: str) -> str:
    text, code = FAULTY[name]
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text)
    return code


@pytest.mark.parametrize("name", FAULTY)
def test_a_plan_is_refused_with_what_check_finds(folder: Path, name: str) -> None:
    code = spoil(folder, name)

    checked = json.loads(ran(["check", folder, "--format", "json"]).out)["findings"]
    ended = ran(["plan", folder, "--format", "json"])
    said = json.loads(ended.out)

    assert ended.code == 2
    assert said["findings"] == [f for f in checked if f["level"] == "error"]
    assert [f for f in said["findings"] if f["code"].startswith(code)]
    assert ended.err.startswith("fieldledger: files that decide have ")


def test_the_text_has_the_caret_of_check_and_says_that_nothing_was_planned(folder: Path) -> None:
    spoil(folder, "rules/own.toml")

    lines = ran(["check", folder]).out.splitlines()
    ended = ran(["plan", folder, "--html", folder / "x.html"])
    shown = ended.out.splitlines()
    at = next(n for n, line in enumerate(lines) if line.startswith("RUL102"))

    assert ended.code == 2
    assert "^^^" in ended.out
    assert lines[at : at + 6] == shown[:6]
    assert "Nothing was planned" in ended.out
    assert not (folder / "x.html").exists()


@pytest.mark.parametrize(("format", "begin"), [("github", "::error"), ("azure", "##vso[")])
def test_pipelines_get_annotations(folder: Path, format: str, begin: str) -> None:
    spoil(folder, "rules/own.toml")

    ended = ran(["plan", folder, "--format", format])

    assert ended.code == 2
    assert ended.out.startswith(begin)


def test_a_record_is_not_explained_by_faulty_files_but_a_code_is(folder: Path) -> None:
    spoil(folder, "rules/own.toml")

    record = ran(["explain", "A-00000000", "--workspace", folder])

    assert record.code == 2
    assert "RUL102" in record.out
    assert ran(["explain", "REQ380", "--workspace", folder]).code == 0


def test_a_library_gets_the_findings_with_the_exception(folder: Path) -> None:
    spoil(folder, "rules/own.toml")

    with pytest.raises(FaultyFiles) as caught:
        read_workspace(folder)

    assert {f.level for f in caught.value.findings} == {"error"}
    assert read_workspace(folder, refuse=False).findings


def test_warnings_and_faulty_rows_do_not_stop_a_plan(folder: Path) -> None:
    at = folder / "records/contoso-us/uom.jsonl"
    at.write_text(at.read_text() + '{"broken\n')

    ended = ran(["plan", folder, "--format", "json"])

    assert ended.code in (0, 1)
    assert json.loads(ended.out)["report"] == 1


def test_nothing_is_sent_by_faulty_files(folder: Path) -> None:
    with Desk(folder) as desk:
        plan = desk.plan()
        spoil(folder, "rules/own.toml")

        ended = desk.run("send", plan)

        assert ended.code == 2
        assert "RUL102 rules/own.toml:8:" in ended.err
        assert desk.rows == {} and desk.steps() == []


def test_settings_decide_too(folder: Path) -> None:
    at = folder / "adapter.toml"
    at.write_text(at.read_text().replace('"America/Chicago"', '"Mars/Olympus"', 1))

    ended = ran(["plan", folder])

    assert ended.code == 2
    assert "SRC021" in ended.out and "adapter.toml" in ended.out


def test_what_was_sent_is_a_file_or_nothing(folder: Path) -> None:
    (folder / "sent.jsonl").symlink_to("elsewhere.jsonl")

    ended = ran(["plan", folder])

    assert ended.code == 2 and "SRC007 no ordinary file" in ended.out
    (folder / "sent.jsonl").unlink()
    assert ran(["plan", folder]).code == 1


SAME = [("--html", "--csv"), ("--json", "--xlsx"), ("--against", "--html")]


@pytest.mark.parametrize(("first", "second"), SAME)
def test_two_outputs_with_one_name_are_refused(folder: Path, first: str, second: str) -> None:
    one, other = folder / "a", folder / "." / "b" / ".." / "a"

    ended = ran(["plan", folder, first, one, second, other])

    assert ended.code == 2
    assert ended.err.startswith(f"fieldledger: {first} and {second} name the same file, ")
    assert not one.exists()


def test_a_report_may_take_the_place_of_the_one_it_is_compared_with(folder: Path) -> None:
    report = folder / "report.json"
    assert ran(["plan", folder, "--json", report]).code == 1

    assert ran(["plan", folder, "--against", report, "--json", report]).code == 1
