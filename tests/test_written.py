"""edge/written.py: a file is written whole, whoever else writes it."""

import ast
import os
import sqlite3
from pathlib import Path
from unittest import mock

import pytest

from adapter.edge.ledger import LedgerError, open_ledger
from adapter.edge.written import write_text, written
from tests.commands import CONTOSO, copied, ran
from tests.sending_given import Desk

ROOT = Path(__file__).parents[1]
ALONE = ("edge/written.py", "edge/xlsx.py")  # the latter writes where a program tells it to


def test_two_that_write_one_file_do_not_meet(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    with written(path) as first:
        first.write_text("first ", "utf-8")
        with written(path) as second:
            second.write_text("second", "utf-8")
        assert path.read_text("utf-8") == "second"
        with first.open("a", encoding="utf-8") as more:
            more.write("goes on")

    assert path.read_text("utf-8") == "first goes on"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("failure", [KeyboardInterrupt, ValueError, MemoryError, OSError])
def test_nothing_stays_of_what_failed(failure: type[BaseException], tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    with pytest.raises(failure), written(path) as part:
        part.write_text("half", "utf-8")
        raise failure

    assert list(tmp_path.iterdir()) == []


def test_a_long_name_and_the_usual_rights(tmp_path: Path) -> None:
    path, other = tmp_path / ("é" * 125 + ".json"), tmp_path / "other"
    write_text(path, "all")
    other.write_text("all", "utf-8")

    assert path.read_text("utf-8") == "all"
    assert os.name == "nt" or path.stat().st_mode == other.stat().st_mode


def test_no_command_writes_a_file_in_another_way() -> None:
    faults = []
    for path in sorted((ROOT / "adapter").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            is_call = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
            if is_call and node.func.attr in ("write_text", "write_bytes"):  # type: ignore[attr-defined]
                where = path.relative_to(ROOT / "adapter").as_posix()
                faults += [where] if where not in ALONE else []

    assert faults == []


def parts_of(folder: Path) -> list[str]:
    return [path.name for path in folder.rglob("*.part") if path.is_file()]


def test_what_another_run_left_half_written_stops_no_pull(desk: Desk) -> None:
    """Two pulls at once had one part file; here it is a folder, so that nobody can write it."""
    table = next(desk.folder.rglob("msdyn_actual.jsonl"))
    other = desk.folder / "elsewhere.jsonl"
    table.rename(other)
    table.symlink_to(other)
    before = other.read_bytes()
    for path in (table, desk.folder / "schema" / "contoso-us-finance.xml"):
        path.with_name(path.name + ".part").mkdir(parents=True)

    pulled, read = desk.run("pull"), desk.run("check", "--live")

    assert pulled.code == 0, pulled.err
    assert "contoso-us-finance.xml" in read.out + read.err and "director" not in read.err
    assert table.is_symlink() and other.read_bytes() != before
    assert parts_of(desk.folder) == []


def test_files_of_the_outbox_are_written_by_one_worker_each(desk: Desk) -> None:
    desk.sends_as("files")
    desk.run("send", desk.plan())
    made = [path for path in (desk.folder / "outbox").rglob("*") if path.is_file()]

    assert {path.suffix for path in made} == {".jsonl", ".zip", ".json", ".txt"}
    assert parts_of(desk.folder) == []


@pytest.mark.parametrize("words", [["plan", "--proformas", "out"], ["plan", "--stories", "out"],
                                   ["schema", "--out", "out"]], ids=" ".join)  # fmt: skip
def test_a_disk_that_is_full_leaves_the_pages_of_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    folder = copied(CONTOSO, tmp_path / "w")
    monkeypatch.chdir(tmp_path)
    command = [words[0], str(folder), *words[1:]]
    first = ran(command)
    made = {path: path.read_bytes() for path in sorted((tmp_path / "out").iterdir())}
    real = Path.write_text

    def half(path: Path, text: str, *given: object, **more: object) -> int:
        real(path, text[: len(text) // 2], *given, **more)  # type: ignore[arg-type]
        raise OSError(28, "No space left on device")

    with mock.patch.object(Path, "write_text", half):
        second = ran(command)

    assert first.code in (0, 1) and made, first.err
    assert second.code == 2 and "No space left on device" in second.err
    assert {path: path.read_bytes() for path in sorted((tmp_path / "out").iterdir())} == made


def test_a_back_up_that_fails_leaves_nothing(ledger_url: str, tmp_path: Path) -> None:
    ledger, folder = open_ledger(ledger_url), tmp_path / "safe"
    (folder / "l.db.part").mkdir(parents=True)
    ledger.back_up(folder / "l.db")
    failing = mock.Mock(side_effect=LedgerError("full"))
    with (
        mock.patch.multiple(ledger, _copy_file=failing, _copy_rows=failing),
        pytest.raises(LedgerError, match="full"),
    ):
        ledger.back_up(folder / "other.db")
    ledger.close()

    assert sorted(path.name for path in folder.iterdir()) == ["l.db", "l.db.part"]
    with sqlite3.connect(folder / "l.db") as copy:
        assert copy.execute("SELECT count(*) FROM step").fetchone() == (0,)
