"""The command line: exit codes, formats, help, and one line when it cannot work."""

import json
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from unittest import mock

import pytest
import typer

import adapter.edge.cli_moving
import adapter.edge.cli_sending  # noqa: F401  both add their commands
from adapter.edge.cli import app
from tests.commands import CONTOSO, copied, ran, small_company

ROOT = Path(__file__).parents[1]
COMMANDS = [
    "accept", "check", "explain", "facts", "init", "ledger", "move", "park", "pause", "plan",
    "pull", "reconcile", "release", "replay", "resume", "rules", "run", "schema", "send", "settle",
    "status", "story", "test", "twin", "withdraw",
]  # fmt: skip
OWN_EXITS = ("move", "reconcile", "replay", "run", "send", "settle", "status", "twin")


def options_of(name: str) -> list[str]:
    group = typer.main.get_command(app)
    command = group.commands[name]  # type: ignore[attr-defined]
    every = [option for parameter in command.params for option in parameter.opts]
    return [option for option in every if option.startswith("--") and option != "--help"]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_company(tmp_path_factory.mktemp("cli") / "small")


@cache
def report() -> dict:
    return json.loads(ran(["plan", CONTOSO, "--format", "json"]).out)


def test_the_commands_are_those_of_the_documentation() -> None:
    assert sorted(typer.main.get_command(app).commands) == COMMANDS  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_and_option_is_documented(name: str) -> None:
    text = (ROOT / "docs" / "commands.md").read_text("utf-8")
    part = text.partition(f"## `fieldledger {name}")[2].partition("\n## ")[0]

    assert part, f"docs/commands.md has no part about {name}"
    assert [o for o in options_of(name) if f"`{o}" not in part] == []


@pytest.mark.parametrize("name", COMMANDS)
def test_help_tells_the_arguments_and_the_exit_codes(name: str) -> None:
    ended = ran([name, "--help"])

    assert ended.code == 0
    said = " ".join(ended.out.split())
    general = "Exit codes: 0 nothing wrong, 1 findings of level error, 2 could not work."
    assert general in said if name not in OWN_EXITS else re.search("Exit codes?:? ", said)
    assert all(option.split("/")[0] in ended.out for option in options_of(name))


def test_help_imports_nothing_heavy() -> None:
    script = (
        "import sys\nimport adapter.edge.cli\n"
        "print(sorted({m.split('.')[0] for m in sys.modules} & "
        "{'openpyxl', 'jinja2', 'msgspec', 'pydantic', 'durable_rules_engine', 'sqlite3'}))"
    )
    out = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True,
                         cwd=ROOT).stdout  # fmt: skip

    assert out == "[]\n"


# arguments | exit code | said on standard error
STOPS = [
    (["plan", "nowhere"], "there is no folder nowhere"),
    (["check", "nowhere"], "there is no folder nowhere"),
    (["test", "nowhere"], "there is no folder nowhere"),
    (["plan", CONTOSO, "--format", "xml"], "--format is one of text, json, github, azure"),
    (["plan", CONTOSO, "--color", "pink"], "--color is one of auto, always, never"),
    (["plan", CONTOSO, "--only", "lost"], "--only is one of"),
    (["plan", CONTOSO, "--env", "test"], "there is no adapter.test.toml"),
    (["plan", CONTOSO, "--against", CONTOSO / "adapter.toml"], "is no report.json of version 1"),
    (["plan", CONTOSO, "--against", "nowhere.json"], "No such file"),
    (["plan", CONTOSO, "--html", "/dev/null/x/report.html"], "Not a directory"),
    (["facts", "nothing.of"], "no fact begins with nothing.of"),
    (["rules", "ZZZ"], "no rule begins with ZZZ"),
    (["explain", "REQ000"], "no code REQ000"),
    (["init", CONTOSO], "is not empty"),
]


@pytest.mark.parametrize(("arguments", "said"), STOPS, ids=[s[1] for s in STOPS])
def test_what_cannot_work_is_one_line_and_exit_code_2(arguments: list[str], said: str) -> None:
    ended = ran(arguments)

    assert ended.code == 2 and ended.out == ""
    assert said in ended.err and ended.err.startswith("fieldledger: ")
    assert ended.err.count("\n") == 1


def test_a_wrong_option_is_told_by_usage_and_exit_code_2() -> None:
    assert ran(["plan", "--as-of", "soon"]).code == 2
    assert ran(["unheard"]).code == 2


def test_our_own_fault_is_one_line_that_says_how_to_report_it() -> None:
    with mock.patch("adapter.edge.plan_command.planned", side_effect=RuntimeError("odd\nstate")):
        ended = ran(["plan", CONTOSO])

    assert ended.code == 2
    assert ended.err == "fieldledger: could not work: RuntimeError: odd\\u000astate. This is a" \
        " fault of ours: report it with the command you ran.\n"  # fmt: skip


def test_an_interrupted_command_ends_with_130() -> None:
    with mock.patch("adapter.edge.plan_command.planned", side_effect=KeyboardInterrupt):
        assert ran(["plan", CONTOSO]).code == 130


def test_held_actuals_end_with_1_and_nothing_wrong_with_0(tmp_path: Path) -> None:
    ran(["init", tmp_path / "new"])

    assert ran(["plan", CONTOSO]).code == 1
    assert ran(["plan", tmp_path / "new"]).code == 0


def test_the_same_plan_has_the_same_json_apart_from_the_run() -> None:
    again = json.loads(ran(["plan", CONTOSO, "--format", "json"]).out)

    assert {**again, "run": {}} == {**report(), "run": {}}
    assert report()["verdict"]["balanced"]


def test_narrowing_shows_less_and_plans_the_same() -> None:
    whole, narrow = ran(["plan", CONTOSO, "--all"]).out, ran(["plan", CONTOSO, "--company", "CAMF"])

    last = next(x for x in whole.splitlines() if x.startswith("Plan ")).partition(":")[0]
    assert last in narrow.out
    assert "USMF" in whole and "! held    USMF" not in narrow.out


def test_a_window_changes_the_plan_and_its_id() -> None:
    part = json.loads(
        ran(["plan", CONTOSO, "--from", "2026-11-10", "--to", "2026-11-12", "--format", "json"]).out
    )

    assert part["plan"]["id"] != report()["plan"]["id"]
    assert 0 < part["verdict"]["in"] < report()["verdict"]["in"]
    assert {a["date"] for a in part["actuals"] if a["date"]} == {
        "2026-11-10", "2026-11-11", "2026-11-12"}  # fmt: skip


def test_the_day_of_the_plan_is_shown_and_part_of_its_id() -> None:
    other = json.loads(ran(["plan", CONTOSO, "--as-of", "2026-11-15", "--format", "json"]).out)

    assert other["plan"]["as_of"] == "2026-11-15"
    assert other["plan"]["id"] != report()["plan"]["id"]


def test_reports_are_written_where_asked(small: Path, tmp_path: Path) -> None:
    out = {f"--{kind}": tmp_path / "deep" / f"r.{kind}" for kind in ("html", "json", "csv", "xlsx")}
    ended = ran(["plan", small, *(part for pair in out.items() for part in pair)])

    assert ended.code in (0, 1) and ended.out
    assert json.loads(out["--json"].read_text("utf-8"))["report"] == 1
    assert out["--html"].read_text("utf-8").startswith("<!doctype html>")
    assert out["--xlsx"].read_bytes()[:2] == b"PK"
    assert len(out["--csv"].read_text("utf-8").splitlines()) > 10


def test_against_an_older_report_it_says_what_moved(small: Path, tmp_path: Path) -> None:
    old = tmp_path / "old.json"
    ran(["plan", small, "--json", old])

    same = ran(["plan", small, "--against", old])
    moved = ran(["plan", small, "--against", old, "--as-of", "2026-11-05"])

    assert "No verdict moved" in same.out
    assert "No verdict moved" not in moved.out
    assert "moved" in json.loads(
        ran(["plan", small, "--against", old, "--format", "json"]).out
    )


def test_rows_from_standard_input_take_the_place_of_the_files(small: Path) -> None:
    rows = (small / "records/contoso-us/msdyn_actual.jsonl").read_bytes().splitlines()[:3]
    given = b"\n".join(b'{"table": "msdyn_actual", "row": ' + row + b"}" for row in rows)

    ended = ran(["plan", "-", "--workspace", small, "--format", "json"], given)
    broken = ran(["plan", "-", "--workspace", small, "--format", "json"], given + b"\n{]")

    own = (small / "records/contoso-ca/msdyn_actual.jsonl").read_bytes().splitlines()
    assert json.loads(ended.out)["verdict"]["in"] == 3 + len(own)
    faults = [f for f in json.loads(broken.out)["faults"] if f["code"] == "SRC031"]
    assert broken.code == 1 and faults[0]["place"] == "(standard input):4:1"


@pytest.mark.parametrize(("format", "begins"), [("github", "::"), ("azure", "##vso[")])
def test_ci_formats_annotate(format: str, begins: str) -> None:
    lines = ran(["plan", CONTOSO, "--format", format]).out.splitlines()

    assert lines[0].startswith(begins)
    assert "Nothing was sent" in lines[-1]


def test_text_has_colour_only_when_asked() -> None:
    assert "\x1b[" not in ran(["plan", CONTOSO]).out
    assert "\x1b[" in ran(["plan", CONTOSO, "--color", "always"]).out


def test_check_shows_file_line_caret_and_the_nearest_name(small: Path, tmp_path: Path) -> None:
    folder = copied(small, tmp_path / "ws")
    (folder / "rules").mkdir()
    (folder / "rules" / "own.toml").write_text(
        'policy = "all"\nabout = "actual"\nasks = "require"\n\n[[rule]]\nid = "OWN101"\n'
        'name = "n"\nwhen = ["actual.quantty > 1"]\nlevel = "error"\nmessage = "m"\n'
        'help = "h"\nowner = "o"\nsource = "s"\ntag = "inferred"\n', "utf-8")  # fmt: skip
    ended = ran(["check", folder])

    assert ended.code == 1
    assert "RUL102 unknown fact `actual.quantty`" in ended.out
    assert "--> rules/own.toml:8:" in ended.out
    assert "^^^^^^^^^^^^^^" in ended.out
    assert "did you mean `actual.quantity`" in ended.out
    assert re.search(r"\d+ rule files, \d+ mappings, \d+ templates: 1 error,", ended.out)


def test_check_tells_a_broken_workspace_with_its_place(small: Path, tmp_path: Path) -> None:
    folder = copied(small, tmp_path / "ws")
    (folder / "adapter.toml").write_text('name = "x\n', "utf-8")
    ended = ran(["check", folder])

    assert ended.code == 1
    assert "SRC001" in ended.out and "--> adapter.toml:1:" in ended.out


def test_check_of_the_shipped_files_is_clean() -> None:
    ended = ran(["check", "--format", "json"])

    assert [f for f in json.loads(ended.out)["findings"] if f["level"] != "note"] == []
    assert ended.code == 0


def test_check_lists_unverified_names_that_sending_would_touch() -> None:
    ended = ran(["check"])
    names = json.loads(ran(["check", "--format", "json"]).out)["unverified"]

    assert names["sending"] and all(table in ended.out for table in names["sending"])
    assert sum(map(len, names["reading"].values())) > 10


def test_a_failing_case_ends_with_1_and_shows_expected_and_found(tmp_path: Path) -> None:
    ran(["init", tmp_path / "new"])
    (tmp_path / "new" / "cases" / "own.toml").write_text(
        '[[case]]\nname = "a dream"\nfind = ["REQ382"]\n', "utf-8")  # fmt: skip
    ended = ran(["test", tmp_path / "new"])

    assert ended.code == 1
    assert "✗ a dream\n    cases/own.toml:1:1\n    expected  REQ382\n" in ended.out
    assert "nearest rule REQ382 failed on" in ended.out
    assert "case fails: a dream" in ran(["test", tmp_path / "new", "--format", "github"]).out


def test_facts_are_listed_and_one_is_shown_in_full() -> None:
    listed = json.loads(ran(["facts", "actual.", "--format", "json"]).out)
    one = ran(["facts", "actual.billing_type"])

    assert {"name", "type", "choices", "description", "example", "source"} == set(listed[0])
    assert all(fact["description"] for fact in listed)
    assert "choices" in one.out and "complimentary" in one.out


def test_rules_are_listed_with_what_the_workspace_changed(small: Path, tmp_path: Path) -> None:
    folder = copied(small, tmp_path / "ws")
    with (folder / "adapter.toml").open("a") as file:
        file.write('\n[rules]\nREQ382 = { enabled = false, because = "cleaning", '
                   "expires = 2027-01-31 }\n")  # fmt: skip
    ended = ran(["rules", "REQ382", "--workspace", folder])
    kept = json.loads(ran(["rules", "REQ383", "--workspace", folder, "--format", "json"]).out)

    assert "disabled until 2027-01-31" in ended.out
    assert kept[0]["changed"] == [] and kept[0]["source"]


def test_schemas_are_draft_4_and_name_what_there_is(tmp_path: Path) -> None:
    ended = ran(["schema", CONTOSO, "--out", tmp_path])
    made = {p.name.split(".")[0]: json.loads(p.read_text("utf-8")) for p in tmp_path.glob("*.json")}

    assert ended.code == 0 and "#:schema" in ended.out
    assert set(made) == {"adapter", "cases", "from-mappings", "rules", "to-mappings"}
    assert {s["$schema"] for s in made.values()} == {"http://json-schema.org/draft-04/schema#"}
    rule = made["rules"]["properties"]["rule"]["items"]["properties"]
    assert rule["companies"]["items"]["enum"] == ["CAMF", "GBSI", "USMF", "USPM"]
    assert "integration-journal" in rule["send"]["properties"]["mapping"]["enum"]
    assert "actual.quantity" in made["cases"]["definitions"]["facts"]["properties"]
    assert "ProjAdvancedJournals" in made["to-mappings"]["properties"]["target"]["enum"]
    assert "REQ382" in made["adapter"]["properties"]["rules"]["properties"]
