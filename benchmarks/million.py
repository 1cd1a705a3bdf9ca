"""A million actuals planned with `--format json`: time, and the peak memory of the process."""

import resource
import subprocess
import sys
from pathlib import Path
from time import perf_counter

from benchmarks.plans import company

ACTUALS = 1_000_000


def run(folder: Path) -> dict[str, float]:
    """Seconds and GiB of one `fieldledger plan --format json`."""
    base = company(folder, ACTUALS)
    out = folder / "million.json"
    start = perf_counter()
    with out.open("wb") as file:
        done = subprocess.run(
            [sys.executable, "-m", "adapter.edge.cli", "plan", str(base), "--format", "json"],
            stdout=file,
        )
    seconds = perf_counter() - start
    if done.returncode not in (0, 1):
        raise RuntimeError(f"the plan ended with {done.returncode}")
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024 / 1024
    return {
        "million_s": seconds,
        "million_us_per_actual": seconds / ACTUALS * 1e6,
        "million_peak_gib": peak,
        "million_report_gib": out.stat().st_size / 2**30,
    }
