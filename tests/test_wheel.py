"""The wheel, installed outside the tree, brings its rules, cases, pages and sample along."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with nothing of fieldledger but its wheel."""
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "-q"]
    subprocess.run(
        [*pip, "wheel", str(ROOT), "--no-deps", "--no-build-isolation", "-w", str(folder)],
        check=True, cwd=folder,
    )  # fmt: skip
    [wheel] = folder.glob("*.whl")
    subprocess.run(
        [*pip, "install", "--no-deps", "--target", str(folder / "site"), str(wheel)],
        check=True, cwd=folder,
    )  # fmt: skip
    return folder


def ran(installed: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    # The tree is installed editable here; PYTHONPATH comes before it.
    environment = {**os.environ, "PYTHONPATH": str(installed / "site")}
    return subprocess.run(
        [sys.executable, "-m", "adapter.edge.cli", *arguments],
        capture_output=True, text=True, cwd=installed, env=environment,
    )  # fmt: skip


def test_it_is_the_wheel_that_runs(installed: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(installed / "site")}
    where = subprocess.run(
        [sys.executable, "-c", "import adapter; print(adapter.__file__)"],
        capture_output=True, text=True, cwd=installed, env=environment, check=True,
    )  # fmt: skip

    assert Path(where.stdout.strip()).is_relative_to(installed / "site")


@pytest.mark.parametrize("command", ["check", "test", "rules", "facts"])
def test_a_command_about_the_shipped_files_runs(installed: Path, command: str) -> None:
    ended = ran(installed, command)

    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert str(ROOT) not in ended.stdout


def test_the_sample_company_is_made_and_planned(installed: Path) -> None:
    made = ran(installed, "init", "sample", "--sample")
    planned = ran(installed, "plan", "sample")

    assert made.returncode == 0, made.stderr
    assert planned.returncode == 1, planned.stderr  # the sample has held actuals
    golden = (ROOT / "tests/golden/plan.txt").read_text()
    assert golden.split("\nNext:")[0] == planned.stdout.split("\nNext:")[0]
