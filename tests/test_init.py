"""`init`: a workspace that works at once."""

from pathlib import Path

import pytest

from adapter.edge.init_command import EXAMPLE_CASE, EXAMPLE_RULE
from tests.commands import ran


@pytest.mark.parametrize("flags", [[], ["--sample"]])
def test_a_new_workspace_passes_check_test_and_plan(tmp_path: Path, flags: list[str]) -> None:
    folder = tmp_path / "new"
    made = ran(["init", folder, *flags])

    assert made.code == 0 and "Next:\n  fieldledger check" in made.out
    assert ran(["check", folder]).code == 0
    assert ran(["test", folder]).code == 0
    planned = ran(["plan", folder])
    assert planned.code == (1 if flags else 0), planned.err  # the sample has held actuals
    assert "Nothing was" in planned.out


def test_a_folder_that_is_not_empty_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("x")

    ended = ran(["init", tmp_path])

    assert ended.code == 2
    assert ended.err.startswith(f"fieldledger: {tmp_path} is not empty: name a folder that is ")
    assert ended.err.count("\n") == 1
    assert [p.name for p in tmp_path.iterdir()] == ["mine.txt"]


def test_the_commented_example_works_when_it_is_uncommented(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    ran(["init", folder])
    for name, text in (("rules", EXAMPLE_RULE), ("cases", EXAMPLE_CASE)):
        lines = [line.removeprefix("# ") if "=" in line or "[" in line else line
                 for line in text.splitlines()[2 if name == "rules" else 1:]]  # fmt: skip
        body = "\n".join(line for line in lines if not line.startswith("#"))
        (folder / name / "own.toml").write_text(body, "utf-8")

    checked, tested = ran(["check", folder]), ran(["test", folder])

    assert checked.code == 0, checked.out
    assert "OWN" not in checked.out
    assert tested.code == 0 and "2 cases" in tested.out


def test_a_name_with_quotes_makes_a_readable_workspace(tmp_path: Path) -> None:
    folder = tmp_path / 'a"b\\c'
    ran(["init", folder])

    assert ran(["check", folder]).code == 0
