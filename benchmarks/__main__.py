"""All benchmarks, one command: `python -m benchmarks` (or `make bench`).

Figures go by name into benchmarks/results.json and are told in benchmarks/results.md.
Everything is compared in the same run, since machines differ. `--million` adds the plan of
a million actuals (minutes, and a few gigabytes of scratch disk).
"""

import argparse
import json
import platform
import subprocess
import tempfile
from datetime import UTC, datetime
from pathlib import Path

HERE = Path(__file__).parent

AT_LEAST, AT_MOST = "at least", "at most"
GOALS: dict[str, tuple[str, float]] = {
    "decisions_vs_zen": (AT_LEAST, 20),
    "decisions_vs_zen_no_memory": (AT_LEAST, 12),
    "decode_rows_per_s": (AT_LEAST, 200_000),
    "plan_us_per_actual": (AT_MOST, 150),
    "plan_vs_parts": (AT_MOST, 5),
    "plan_5000_s": (AT_MOST, 5),
    "check_s": (AT_MOST, 1),
    "help_ms": (AT_MOST, 150),
    "delivery_vs_httpx": (AT_LEAST, 0.8),
    "ledger_restart_s": (AT_MOST, 5),
    "ledger_claim_ms_p99": (AT_MOST, 5),
    "million_peak_gib": (AT_MOST, 1),
    "story_100k_s": (AT_MOST, 3),
}


def main() -> None:
    """Run, write, print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--million", action="store_true")
    parser.add_argument("--only", default="", help="part of a benchmark's name")
    given = parser.parse_args()
    path = HERE / "results.json"
    figures: dict[str, float] = json.loads(path.read_text())["figures"] if path.exists() else {}
    with tempfile.TemporaryDirectory() as folder:
        names = ("decisions", "plans", "commands", "delivery", "ledger", "story")
        for name in names + (("million",) if given.million else ()):
            if given.only in name:
                module = __import__(f"benchmarks.{name}", fromlist=["run"])
                figures |= module.run(Path(folder))
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True,
                            text=True, cwd=HERE).stdout.strip()  # fmt: skip
    told = {
        "date": datetime.now(UTC).date().isoformat(),
        "machine": f"{platform.machine()}, {_cores()} cores, Python {platform.python_version()}",
        "commit": commit or "(none)",
        "figures": dict(sorted(figures.items())),
    }
    path.write_text(json.dumps(told, indent=1) + "\n")
    (HERE / "results.md").write_text(as_markdown(told))
    print(as_markdown(told))


def _cores() -> int:
    import os

    return os.cpu_count() or 1


def as_markdown(told: dict[str, object]) -> str:
    """The figures as a table, with their goals."""
    figures: dict[str, float] = told["figures"]  # type: ignore[assignment]
    lines = [
        "# Results", "",
        f"{told['date']} · {told['machine']} · commit {told['commit']}", "",
        "Made by `make bench`; every figure is explained in its module in `benchmarks/`. Those of",
        "the million are of the last run with `--million`, which may be of an earlier commit.", "",
        "| figure | value | goal | met |", "| --- | ---: | --- | --- |",
    ]  # fmt: skip
    lines += [f"| {n} | {value:,.2f} | {_goal(n, value)} |" for n, value in figures.items()]
    return "\n".join(lines) + "\n"


def _goal(name: str, value: float) -> str:
    """The goal of a figure and whether it is met, as two cells."""
    if name not in GOALS:
        return " | "
    side, goal = GOALS[name]
    is_met = value >= goal if side == AT_LEAST else value <= goal
    return f"{side} {goal:,g} | {'yes' if is_met else 'no'}"


if __name__ == "__main__":
    main()
