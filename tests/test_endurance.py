"""Real processes in trouble: two at once, one frozen past its lease, disk full, database gone."""

import resource
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import psycopg
import pytest

from tests.proof.kill import Round
from tests.proof.worker import LEASE_SECONDS

ROOT = Path(__file__).parents[1]
PATIENCE = 60
SQLITE_PATIENCE = 15
GONE_SECONDS = 20


class Together(Round):
    """Two instances share one ledger."""

    def killed(self, base: str) -> str:
        both = [self.worker(base, "-", 0) for _ in range(2)]
        codes = [one.wait(PATIENCE) for one in both]
        return f"two instances ended with {codes}"


class Frozen(Round):
    """One stands still past its lease, with its call on the way, while another does its work.

    PostgreSQL ends the transaction of the frozen one; a SQLite file that it holds stays held
    until it wakes, which then is what the second waits for.
    """

    def killed(self, base: str) -> str:
        first = self.worker(base, "-", 0)
        time.sleep(self.chance.uniform(0.3, 0.9))
        first.send_signal(signal.SIGSTOP)
        time.sleep(LEASE_SECONDS + 0.5)
        second = self.worker(base, "-", 0)
        try:
            code = second.wait(PATIENCE if "://" in self.url else SQLITE_PATIENCE)
        except subprocess.TimeoutExpired:
            assert "://" not in self.url, "a frozen instance holds up the others"
            first.send_signal(signal.SIGCONT)
            code = second.wait(PATIENCE)
        first.send_signal(signal.SIGCONT)
        return f"the second ended with {code}, the first with {first.wait(PATIENCE)}"


class Full(Round):
    """No file of the ledger may grow beyond some pages; later there is room again."""

    pages = 0

    def killed(self, base: str) -> str:
        largest = max(path.stat().st_size for path in Path(self.url).parent.glob("ledger*"))
        most = largest + self.pages * 4096

        def limited() -> None:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))

        keys = "keys" if self.enforces_keys else "nokeys"
        first = subprocess.Popen(
            [sys.executable, "-m", "tests.proof.worker", self.url, base, keys, "-", "0"],
            cwd=ROOT, stderr=subprocess.PIPE, preexec_fn=limited,
        )  # fmt: skip
        try:
            _, said = first.communicate(timeout=4)
        except subprocess.TimeoutExpired:
            first.terminate()
            _, said = first.communicate(timeout=PATIENCE)
        return "full" if b"LedgerDown" in said else "room enough"


class Gone(Round):
    """The database cannot be reached for a while."""

    server = ""

    def killed(self, base: str) -> str:
        first = self.worker(base, "-", 0)
        until = time.monotonic() + PATIENCE
        while not self.twin.requests and time.monotonic() < until:
            time.sleep(0.05)  # it is at work only once it called
        if self.server:
            self._shut_out()
        else:
            self._locked()
        return f"ended with {first.wait(PATIENCE)}"

    def _shut_out(self) -> None:
        name = self.url.partition("?")[0].rpartition("/")[2]
        with psycopg.connect(self.server, autocommit=True) as db:
            db.execute(f'ALTER DATABASE "{name}" WITH ALLOW_CONNECTIONS false')  # type: ignore[arg-type]
            db.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
                       [name])  # fmt: skip
            time.sleep(GONE_SECONDS)
            db.execute(f'ALTER DATABASE "{name}" WITH ALLOW_CONNECTIONS true')  # type: ignore[arg-type]

    def _locked(self) -> None:
        db = sqlite3.connect(self.url, timeout=30, isolation_level=None)
        db.execute("BEGIN EXCLUSIVE")
        threading.Event().wait(GONE_SECONDS)
        db.execute("ROLLBACK")
        db.close()


@pytest.mark.parametrize("keys", [True, False])
def test_two_instances_share_the_work(ledger_url: str, keys: bool) -> None:
    assert Together(701, ledger_url, keys).run() == (0, 0, "two instances ended with [0, 0]")


@pytest.mark.parametrize("number", [711, 712])
def test_a_frozen_worker_does_nothing_twice_when_it_wakes(ledger_url: str, number: int) -> None:
    expected = "the second ended with 0, the first with 0"
    assert Frozen(number, ledger_url, number % 2 == 0).run() == (0, 0, expected)


@pytest.mark.parametrize("pages", [0, 3, 9, 30])
def test_a_full_disk_lets_nothing_leave_that_is_not_written(tmp_path: Path, pages: int) -> None:
    made = Full(720 + pages, str(tmp_path / "ledger.db"), pages % 2 == 0)
    made.pages = pages

    lost, double, said = made.run()

    assert (lost, double) == (0, 0)
    assert said == "full" or pages == 30


def test_a_database_that_is_gone_for_a_while_costs_time_only(
    ledger_url: str, request: pytest.FixtureRequest
) -> None:
    made = Gone(731, ledger_url, False)
    if "://" in ledger_url:
        made.server = request.getfixturevalue("postgres")

    assert made.run() == (0, 0, "ended with 0")
