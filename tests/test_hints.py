"""Hints: whole commands that work when they are pasted where the reader stands."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

import adapter.edge.cli_moving
import adapter.edge.cli_sending  # noqa: F401  both add their commands
from adapter.edge.cli import app
from adapter.edge.failure import told
from adapter.telling.figures import cells, wrapped
from adapter.telling.hints import BY_FOLDER, BY_OPTION, Hints
from tests.commands import Ended, ran, small_company
from tests.sending_given import Desk

ROOT = Path(__file__).parents[1]
HINT = re.compile(r"`fieldledger ([^`]+)`|^ *fieldledger (?!.*`)(.+)$", re.M)
THERE = Hints("ws dir/ünï", "twin")


@pytest.mark.parametrize(
    ("command", "completed"),
    [
        ("fieldledger check --all", "fieldledger check 'ws dir/ünï' --all --env twin"),
        ("fieldledger plan", "fieldledger plan 'ws dir/ünï' --env twin"),
        ("fieldledger explain A-1", "fieldledger explain A-1 --workspace 'ws dir/ünï' --env twin"),
        ("fieldledger twin", "fieldledger twin 'ws dir/ünï'"),
        ("fieldledger init my-company", "fieldledger init my-company"),
    ],
)
def test_a_command_gets_what_the_reader_gave(command: str, completed: str) -> None:
    assert completed == THERE.line(command)
    assert f"run `{completed}`" == THERE(f"run `{command}`", 200)
    assert f"  {completed}\n" == THERE(f"  {command}\n", 200)


def test_where_nothing_was_given_a_text_stays_as_it_is() -> None:
    text = "`fieldledger check --all` lists them; fieldledger is a program.\n"

    assert text == Hints()(text)


def test_a_command_that_is_too_wide_begins_on_a_line_of_its_own() -> None:
    made = THERE("  Held. To release it, fix REQ304 and run `fieldledger plan` again.\n", 60)

    assert made.splitlines() == [
        "  Held. To release it, fix REQ304 and run",
        "  `fieldledger plan 'ws dir/ünï' --env twin` again.",
    ]


def test_wrapping_never_breaks_a_command() -> None:
    lines = wrapped("See `fieldledger explain A-000347 --as-case`, which says it.", 30)

    assert lines == ["See", "`fieldledger explain A-000347 --as-case`,", "which says it."]
    assert max(map(cells, wrapped("word " * 40 + "x" * 90, 30))) == 30


def hints_of_files() -> Iterator[tuple[str, str]]:
    for folder, pattern in (("adapter", "*.py"), ("docs/codes", "*.md"), ("rules", "*.toml"),
                            ("mappings", "*.toml")):  # fmt: skip
        for path in sorted((ROOT / folder).rglob(pattern)):
            for found in re.finditer(r"`fieldledger ([^`{}]+)`", path.read_text("utf-8")):
                yield f"{path.relative_to(ROOT)}", found[1]


def test_every_command_that_our_texts_name_can_be_called_so() -> None:
    group = typer.main.get_command(app)
    wrong = []
    for path, said in hints_of_files():
        words = shlex.split(" ".join(said.split()))
        if words[0].startswith(("[", "COMMAND", "move")):  # patterns, usage, a group
            continue
        command = group.commands.get(words[0])  # type: ignore[attr-defined]
        try:
            assert command is not None, "no such command"
            command.make_context(words[0], words[1:])
        except Exception as error:
            wrong.append(f"{path}: {said}: {error}")
        if re.search(r"\b[A-Z]{2,}\b", said) and "REQ" not in said and "A-" not in said:
            wrong.append(f"{path}: {said}: a placeholder cannot be pasted")

    assert wrong == []


def test_each_command_says_how_it_takes_a_workspace() -> None:
    group = typer.main.get_command(app)
    named = set(group.commands) - {"init", "move"}  # type: ignore[attr-defined]
    by_folder = {n for n in named
                 if any(p.name == "folder" and p.param_type_name == "argument"
                        for p in group.commands[n].params)}  # type: ignore[attr-defined]  # fmt: skip

    assert by_folder == BY_FOLDER
    assert named - by_folder == BY_OPTION - {"move"}


def hinted(ended: Ended) -> list[str]:
    return [a or b for a, b in HINT.findall(ended.out + ended.err)]


def test_what_is_hinted_at_works_where_the_reader_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with Desk(small_company(Path("my ünï company"), 12)) as desk:
        place = str(desk.folder)
        planned = ran(["plan", place, "--env", "twin"])
        first = re.search(r"fieldledger send (\w+)", planned.out)
        assert first is not None
        shown = [
            planned,
            ran(["check", place, "--env", "twin"]),
            ran(["facts", "--workspace", place]),
            ran(["rules", "REQ", "--workspace", place, "--env", "twin"]),
            ran(["send", first[1], "--first", "1", "--workspace", place, "--env", "twin"]),
            ran(["send", "nonsense", "--workspace", place, "--env", "twin"]),
            ran(["explain", "REQ999", "--workspace", place]),
            ran(["story", "WO-00000", "--workspace", place]),
            ran(["init", "an other"]),
        ]
        commands = list(dict.fromkeys(line for ended in shown for line in hinted(ended)))
        ended = {c: ran(shlex.split(c)) for c in commands if not c.startswith(("run ", "send "))}

    assert len(ended) >= 8
    assert {c: e.err for c, e in ended.items() if e.code == 2} == {}
    assert not any(c for c in commands if place not in c.replace("'", "") and "other" not in c)


def test_an_error_keeps_its_hint_whole_and_stays_one_bounded_line() -> None:
    hint = '`fieldledger ledger accept --because "both sides agree"`'
    said = told(ValueError("x" * 450 + "\n\x1b" + hint))

    assert said.endswith(hint) and said.isprintable()
    assert len(told(ValueError("x" * 5_000))) < 1_100
