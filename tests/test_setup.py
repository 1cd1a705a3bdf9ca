"""tools/setup.sh: which Python it takes, and what it says when there is none that serves."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

LOADED = ", where durable-rules 2.0.28 cannot be loaded"
SETUP = Path(__file__).parents[1] / "tools" / "setup.sh"


def fake(folder: Path, name: str, version: str) -> Path:
    """A Python that only knows its version."""
    path = folder / name
    path.write_text(f"#!/bin/sh\necho {version}\n")
    path.chmod(0o755)
    return path


def run(folder: Path, **said: str) -> subprocess.CompletedProcess[str]:
    """The set-up in a folder of its own, where it can install nothing."""
    (folder / "tools").mkdir(exist_ok=True)
    shutil.copy(SETUP, folder / "tools" / "setup.sh")
    tools = {k: v for k, v in os.environ.items() if k != "FIELDLEDGER_PYTHON"}
    return subprocess.run(["sh", str(folder / "tools" / "setup.sh")], env={**tools, **said},
                          capture_output=True, text=True, timeout=60, check=False)  # fmt: skip


@pytest.mark.parametrize(
    ("version", "why"),
    [("3.10", ""), ("3.13", LOADED), ("3.14", LOADED)],
)
def test_a_python_that_does_not_serve_is_refused(tmp_path: Path, version: str, why: str) -> None:
    named = fake(tmp_path, "python-named", version)

    done = run(tmp_path, FIELDLEDGER_PYTHON=str(named))

    assert done.returncode == 2 and not (tmp_path / ".venv").exists()
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("setup: missing: Python 3.11 or 3.12")
    assert done.stderr.endswith(f"python-named is Python {version}{why}\n")


def test_a_name_that_leads_nowhere_is_said(tmp_path: Path) -> None:
    done = run(tmp_path, FIELDLEDGER_PYTHON=str(tmp_path / "not here"))

    assert done.returncode == 2
    assert "FIELDLEDGER_PYTHON names " in done.stderr and "cannot be run" in done.stderr


def test_an_environment_of_another_python_is_not_taken_over(tmp_path: Path) -> None:
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    fake(tmp_path / ".venv" / "bin", "python", "3.11")

    done = run(tmp_path, FIELDLEDGER_PYTHON=str(fake(tmp_path, "python3.12", "3.12")))

    assert done.returncode == 2
    assert ".venv of Python 3.12: this one is of Python 3.11 (make clean, then again)" in (
        done.stderr
    )
