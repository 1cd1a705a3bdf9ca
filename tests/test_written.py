"""edge/written.py: a file is written whole, whoever else writes it."""

import os
from pathlib import Path

import pytest

from adapter.edge.written import write_text, written


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
