"""Commands that read: they wait where they are told to, ask again, and give up in the end."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec import Struct

from adapter.edge.clock import SystemClock
from adapter.edge.failure import told
from adapter.edge.ledger import Halted, LedgerError, open_ledger
from adapter.edge.ledger.tables import GATE
from adapter.edge.sending import run_command
from adapter.edge.sending.asking import read_back
from adapter.edge.sending.office import office
from adapter.edge.sending.patience import AskedToWait, Patience, however_long
from adapter.edge.sending.ports import CannotConnect, NoConnection
from adapter.edge.sending.pull_command import pulled
from adapter.edge.twin.answers import said
from adapter.edge.twin.faults import Faults, Kind, Scripted
from tests.clients_given import Clock
from tests.commands import small_company
from tests.sending_given import Desk

WHO = "GET .*WhoAmI"


class Heard(Struct):
    meaning: str
    wait_ms: int = 0


def faulty(desk: Desk, fault: Kind, times: int = 1, seconds: int | None = None,
           match: str = WHO) -> None:  # fmt: skip
    desk.twin.faults = Faults(script=[
        Scripted(match=match, fault=fault, times=times, seconds=seconds)
    ])  # fmt: skip


@pytest.mark.parametrize("fault", ["throttle", "error-500", "unavailable-503", "timeout-before",
                                   "cut-answer", "reset-before", "broken-json"])  # fmt: skip
@pytest.mark.parametrize("command", ["send", "settle", "pull", "check"])
def test_one_bad_answer_at_the_beginning_ends_no_command(
    desk: Desk, fault: Kind, command: str
) -> None:
    words = [command, desk.plan()] if command == "send" else [command]
    faulty(desk, fault, seconds=1 if fault == "throttle" else None)

    done = desk.run(*words, *(["--live"] if command == "check" else []))

    assert done.code == 0, done.out + done.err
    assert desk.twin.state()["before_gate"] == 0


def all_sent(desk: Desk) -> bool:
    return {r.state for r in desk.steps()} <= {"sent", "settled"}


def test_replay_and_run_go_on_too(desk: Desk) -> None:
    plan = desk.plan()
    desk.run("send", plan, "--first", "1")
    waiting = next(r for r in desk.steps() if r.state == "planned").step.key
    faulty(desk, "error-500")
    replayed = desk.run("replay", waiting, "--because", "x")
    desk.run("send", plan, "--wait", "0")  # the rest is asked for now, and left to `run`
    faulty(desk, "throttle", seconds=1)
    command = [sys.executable, "-m", "adapter.edge.cli", "run", str(desk.folder), "--env", "twin"]
    with subprocess.Popen(command, env={**os.environ, "PYTHONUNBUFFERED": "1"},
                          stderr=subprocess.PIPE, text=True) as process:  # fmt: skip
        until = time.monotonic() + 60
        while time.monotonic() < until and not all_sent(desk):  # a throttled step is planned again
            time.sleep(0.2)
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=30)

    assert replayed.code == 0, replayed.out + replayed.err
    assert process.returncode == 0, said
    assert all_sent(desk), {r.step.key: r.state for r in desk.steps()}


def test_a_side_that_never_answers_is_named_and_nothing_is_sent(desk: Desk) -> None:
    plan = desk.plan()
    faulty(desk, "error-500", times=100)

    done = desk.run("send", plan)

    assert done.code == 2 and desk.rows == {}
    assert "Dataverse of contoso-us does not say who it is" in done.err
    assert desk.twin.requests["GET /dataverse"] == 4


def test_who_asks_for_an_hour_is_not_waited_for_and_not_asked_again(desk: Desk) -> None:
    plan = desk.plan()
    faulty(desk, "throttle", seconds=3000)

    first = desk.run("send", plan)
    second = desk.run("send", plan)

    assert first.code == second.code == 2
    assert "asks to wait for 3000 s more: try again then" in first.err
    assert "fault of ours" not in first.err + second.err
    assert desk.twin.requests["GET /dataverse"] == 1  # the gate stands in the ledger


@pytest.mark.parametrize("words", [["pull"], ["settle"], ["check", "--live"]], ids=" ".join)
def test_a_long_wait_is_no_fault_of_ours(desk: Desk, words: list[str]) -> None:
    with office(desk.folder, "twin") as here:
        here.ledger.close_gate(here.targets.gate("contoso-us", "dataverse"), 400_000)

    done = desk.run(*words)

    assert done.code == 2 and "more: try again then" in done.err
    assert "fault of ours" not in done.err and "AskedToWait" not in done.err


@pytest.mark.parametrize("error", [AskedToWait("x"), NoConnection("x"), CannotConnect("x"),
                                   LedgerError("x"), Halted("x", 5)])  # fmt: skip
def test_what_is_made_of_a_known_error_is_known(error: Exception) -> None:
    assert told(error) == "fieldledger: x"


def test_run_waits_as_long_as_it_is_asked_to_and_goes_on(tmp_path: Path) -> None:
    clock, said = Clock(), list[str]()
    ledger = open_ledger(str(tmp_path / "l.db"), now_ms=clock.now_ms)
    answers = iter([Heard("throttled", 400_000), Heard("throttled", 500_000), Heard("fine")])
    began = clock.now

    found = however_long(
        lambda: Patience(ledger, clock).read("a|b", lambda: next(answers), lambda a: a),
        clock, said.append,
    )  # fmt: skip

    assert found.meaning == "fine" and clock.now - began == 900_000
    assert said == [f"a asks to wait for {n} s more: it waits, and goes on" for n in (400, 500)]
    ledger.close()


class Waiting(SystemClock):
    """A clock that lets long waits pass at once, in the ledger too."""

    def __init__(self) -> None:
        self.waited: list[int] = []
        self.passes: list[Callable[[], object]] = []

    def sleep_ms(self, duration: int) -> None:
        self.waited.append(duration)
        for one in self.passes:
            one()


@pytest.mark.parametrize("system", ["finance", "dataverse"])
def test_run_on_a_new_ledger_waits_also_where_earlier_rows_are_looked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, system: str
) -> None:
    """A Finance that enforces no keys is asked for rows of a lost ledger first."""
    clock, said = Waiting(), list[str]()
    monkeypatch.setattr(run_command, "told", said.append)
    with Desk(small_company(tmp_path / "w", 12), keys=False) as desk:
        faulty(desk, "throttle", seconds=3000,
               match=WHO if system == "dataverse" else "GET /finance/data/.*")  # fmt: skip
        with office(desk.folder, "twin", clock) as here:
            def opened() -> None:
                with here.ledger.writing() as db:
                    db.execute(GATE.delete())

            clock.passes.append(opened)
            run_command.may_begin(here)
        asked = [line for line in said if "asks to wait for 3000 s more" in line]
        sent = desk.run("send", desk.plan())

    assert len(asked) == 1, (said, clock.waited)
    assert asked[0].endswith("it waits, and goes on")
    assert len(clock.waited) == 1 and 2_990_000 < clock.waited[0] <= 3_000_000
    assert sent.code == 0, sent.err


def test_send_on_a_new_ledger_says_how_long_finance_asks_to_wait(tmp_path: Path) -> None:
    with Desk(small_company(tmp_path / "w", 12), keys=False) as desk:
        plan = desk.plan()
        faulty(desk, "throttle", seconds=3000, match="GET /finance/data/.*")
        done = desk.run("send", plan)

    assert done.code == 2 and "Finance asks to wait for 3000 s more" in done.err
    assert "whether an earlier ledger sent rows: try again then" in done.err
    assert desk.rows == {}


def test_a_secret_that_is_wrong_is_tried_once(desk: Desk) -> None:
    desk.twin.login.secrets["fieldledger"] = "another"

    done = desk.run("pull")

    assert done.code == 2 and "invalid_client" in done.err
    assert desk.twin.login.calls == 1


@pytest.mark.parametrize("command", ["send", "check", "pull"])
def test_a_login_that_asks_to_wait_once_ends_no_command(
    desk: Desk, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = [command, desk.plan()] if command == "send" else [command]
    login, busy = desk.twin.login, [said(429, {"error": "throttled"}, Retry_After="1")]
    was = login.answer
    monkeypatch.setattr(login, "answer", lambda asked: busy.pop() if busy else was(asked))

    done = desk.run(*words, *(["--live"] if command == "check" else []))

    assert done.code == 0, done.out + done.err
    assert not busy


def test_reconcile_asks_again_and_settle_says_what_it_could_not_read(desk: Desk) -> None:
    desk.run("send", desk.plan())
    faulty(desk, "throttle", seconds=1, match="GET /finance/data/.*")
    reconciled = desk.run("reconcile")
    with office(desk.folder, "twin") as here:
        here.ledger.close_gate(here.targets.gate("contoso-us", "finance"), 60_000)
        read = read_back(here.ledger, here.targets.neighbour_of)

    assert reconciled.code == 0, reconciled.out
    assert read == {"unreachable": len(desk.steps())}


def test_a_pull_of_run_does_not_wait_and_says_so(desk: Desk) -> None:
    with office(desk.folder, "twin") as here:
        here.ledger.close_gate(here.targets.gate("contoso-us", "dataverse"), 60_000)
        counts = pulled(here, wait_ms=0)

    assert any("asks to wait for" in name for name in counts)
    assert desk.twin.requests["GET /dataverse"] == 0


def test_it_gives_up_once_for_each_gate(tmp_path: Path) -> None:
    clock, asked = Clock(), []
    ledger = open_ledger(str(tmp_path / "l.db"), now_ms=clock.now_ms)
    patience = Patience(ledger, clock)

    def nobody() -> Heard:
        asked.append(clock.now)
        return Heard("not-sent")

    patience.read("a", nobody, lambda a: a)
    patience.read("a", nobody, lambda a: a)
    patience.read("b", nobody, lambda a: a)

    assert [at - asked[0] for at in asked] == [0, 500, 1500, 3500, 3500, 3500, 4000, 5000, 7000]
    ledger.close()


def test_all_waits_of_a_command_are_bounded(tmp_path: Path) -> None:
    clock = Clock()
    ledger = open_ledger(str(tmp_path / "l.db"), now_ms=clock.now_ms)
    patience, began = Patience(ledger, clock, 60_000), clock.now

    with pytest.raises(AskedToWait, match="a asks to wait for 40 s more"):
        patience.read("a|b", lambda: Heard("throttled", 40_000), lambda a: a)

    assert clock.now - began == 40_000 and issubclass(AskedToWait, CannotConnect)
    ledger.close()
