"""What fails with every sweep is told when it begins, and when it works again."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, text

from adapter.edge.clock import SystemClock
from adapter.edge.ledger import Ledger, LedgerDown, LedgerError, open_ledger
from adapter.edge.sending import run_command
from adapter.edge.sending.office import CannotSend, office
from adapter.edge.sending.run_command import Planning, Pulling
from adapter.edge.sending.runner import EmbeddedRunner
from adapter.edge.sending.said_once import SaidOnce
from tests.sending_given import Desk


def until(what: Callable[[], object], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end and not what():
        time.sleep(0.05)


@contextmanager
def down(ledger: Ledger, postgres: str) -> Iterator[None]:
    """The database takes nobody in meanwhile, or is locked by another."""
    if "://" not in ledger.url:
        import sqlite3

        other = sqlite3.connect(ledger.url, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        yield
        other.close()
        return
    import psycopg

    name = ledger.url.partition("?")[0].rpartition("/")[2]
    with psycopg.connect(postgres, autocommit=True) as server:
        server.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')  # type: ignore[arg-type]
        server.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                       "WHERE datname = %s", [name])  # fmt: skip
        yield
        server.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')  # type: ignore[arg-type]


@pytest.fixture
def ledger(ledger_url: str) -> Iterator[Ledger]:
    made = open_ledger(ledger_url)
    if "://" not in ledger_url:
        event.listen(made.engine, "connect",
                     lambda raw, _record: raw.execute("PRAGMA busy_timeout=20"))  # fmt: skip
        made.engine.dispose()
    yield made
    made.close()


def test_a_database_that_is_down_is_told_once_and_once_when_it_works_again(
    ledger: Ledger, postgres: str
) -> None:
    said, sweeps, stop = list[str](), list[int](), threading.Event()
    once = SaidOnce(ledger, said.append)

    def sweep() -> None:
        sweeps.append(1)
        runner.submit("a" * 64)
        ledger.ready()

    runner = EmbeddedRunner(lambda _batch: ledger.close_gate("x", 1), 2, SystemClock(), once.wrong)
    runner.every(0.02, once.watched("sweep", sweep))
    runner.every(0.02, once.watched("settle", ledger.try_out))
    working = threading.Thread(target=runner.run, args=(stop,))
    working.start()
    try:
        for _ in range(2):
            before = len(said)
            with down(ledger, postgres):
                until(lambda before=before: len(said) > before)  # type: ignore[misc]
                count = len(sweeps)
                until(lambda count=count: len(sweeps) > count + 5)  # type: ignore[misc]
            until(lambda before=before: len(said) > before + 1)  # type: ignore[misc]
    finally:
        stop.set()
        working.join()

    assert len(said) == 4, said
    assert all("the ledger could not be " in line for line in said[::2])
    assert all("It goes on when the ledger works again" in line for line in said[::2])
    assert said[1::2] == ["the ledger works again"] * 2


@pytest.mark.parametrize("ledger_url", ["postgresql"], indirect=True)
def test_run_says_once_that_its_database_is_down_and_then_sends(
    desk: Desk, ledger_url: str, postgres: str
) -> None:
    own, said = 'url = "ledger-twin.db"', list[str]()
    assert own in desk.overlay
    desk.write(desk.overlay.replace(own, f'url = "{ledger_url}"'))
    plan = desk.plan()
    desk.run("pause", "all", "--because", "x")
    desk.run("send", plan, "--wait", "0")
    command = [sys.executable, "-m", "adapter.edge.cli", "run", str(desk.folder), "--env", "twin"]
    ledger = open_ledger(ledger_url)
    with subprocess.Popen(command, env={**os.environ, "PYTHONUNBUFFERED": "1"},
                          stderr=subprocess.PIPE, text=True) as process:  # fmt: skip
        assert process.stderr is not None
        hears = threading.Thread(target=lambda: said.extend(process.stderr or ()))
        hears.start()
        until(lambda: any("documents to send" in line for line in said))
        with down(ledger, postgres):
            time.sleep(4)
        until(lambda: "the ledger works again\n" in said)
        desk.run("resume", "all", "--because", "x")
        until(lambda: {r.state for r in ledger.steps()} <= {"sent", "settled"})
        process.send_signal(signal.SIGTERM)
        hears.join(30)
    states = {row.state for row in ledger.steps()}
    ledger.close()

    assert process.returncode == 0, said
    assert sum("the ledger could not be" in line for line in said) == 1, said
    assert said.count("the ledger works again\n") == 1, said
    assert states <= {"sent", "settled"}


def test_what_only_reads_does_not_say_that_the_ledger_can_be_written(tmp_path: Path) -> None:
    ledger, said = open_ledger(str(tmp_path / "l.db")), list[str]()
    once = SaidOnce(ledger, said.append)
    event.listen(ledger.engine, "before_cursor_execute", _full)
    with pytest.raises(LedgerDown) as failed:
        ledger.close_gate("x", 1)
    once.wrong("batch abc", failed.value)
    ledger.ready()
    once.works("sweep")
    told = list(said)
    event.remove(ledger.engine, "before_cursor_execute", _full)
    ledger.try_out()
    once.look()
    ledger.close()

    assert len(told) == 1 and "could not be written" in told[0]
    assert said[1:] == ["the ledger works again"]


def _full(_c: Any, _cursor: Any, statement: str, _p: Any, _x: Any, _many: bool) -> None:
    import sqlite3

    if not statement.startswith("SELECT"):
        raise sqlite3.OperationalError("database or disk is full")


def test_a_statement_that_does_not_fit_is_no_database_that_is_down(tmp_path: Path) -> None:
    ledger = open_ledger(str(tmp_path / "l.db"))
    with pytest.raises(LedgerError) as failed, ledger.reading() as db:
        db.execute(text("SELECT * FROM nothing_of_ours"))
    with pytest.raises(LedgerError) as twice, ledger.writing() as db:
        for _ in range(2):
            db.execute(text("INSERT INTO meta (name, value) VALUES ('a', 'b')"))
    ledger.close()

    assert isinstance(failed.value, LedgerDown)  # SQLite tells no more than that it failed
    assert not isinstance(twice.value, LedgerDown) and "UNIQUE" in str(twice.value)


def test_each_thing_that_fails_is_told_until_it_says_something_else(tmp_path: Path) -> None:
    ledger, said = open_ledger(str(tmp_path / "l.db")), list[str]()
    once = SaidOnce(ledger, said.append)
    answers = iter([OSError("a\x1b"), OSError("a\x1b"), OSError("b"), None, None, OSError("b")])

    def does() -> None:
        error = next(answers)
        if error is not None:
            raise error

    watched = once.watched("anchor", does)
    for _ in range(6):
        watched()
    ledger.close()

    assert said == ["anchor: a\\u001b", "anchor: b", "anchor: works again", "anchor: b"]


def test_a_plan_that_may_not_be_entered_is_not_said_to_work(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_given: object) -> None:
        raise CannotSend("names are not proven")

    monkeypatch.setattr(run_command, "enter_new", refused)
    desk.write(desk.overlay.replace("[sending]", '[sending]\nenter = "automatic"'))
    with office(desk.folder, "twin") as here:
        said: list[str] = []
        planning = SaidOnce(here.ledger, said.append).watched("plan", Planning(here))
        planning()
        planning()

    assert said == ["plan: names are not proven"]


def test_a_pull_says_when_nothing_is_wrong_any_more(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = list[str]()
    monkeypatch.setattr(run_command, "told", said.append)
    with office(desk.folder, "twin") as here:
        gate = here.targets.gate("contoso-us", "dataverse")
        here.ledger.close_gate(gate, 3_000)
        pulling = Pulling(here)
        pulling()
        pulling()
        until(lambda: here.ledger.gate(gate) == 0)
        pulling()

    assert len(said) >= 2 and "asks to wait" in said[0]
    assert said[-1] == "pull: nothing is wrong any more"
