"""Whole commands as a user starts them: `check` of the shipped files, `--help`."""

import subprocess
import sys
from pathlib import Path
from time import perf_counter

RUNS = 7


def run(folder: Path) -> dict[str, float]:
    """The median of several starts; `help_ms` is until the first line."""
    return {
        "check_s": _median("check", folder, False),
        "help_ms": _median("--help", folder, True) * 1000,
    }


def _median(argument: str, folder: Path, first_line: bool) -> float:
    times = []
    for _ in range(RUNS):
        start = perf_counter()
        with subprocess.Popen(
            [sys.executable, "-m", "adapter.edge.cli", argument],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        ) as process:  # fmt: skip
            assert process.stdout is not None
            process.stdout.readline()
            seconds = perf_counter() - start
            process.stdout.read()
        times.append(seconds if first_line else perf_counter() - start)
    return sorted(times)[RUNS // 2]
