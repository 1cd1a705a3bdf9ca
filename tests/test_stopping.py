"""Ctrl-C, SIGTERM, closed and full streams: exit codes as documented, nothing lost."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from adapter.edge.stopping import Stopped, draining, interruptible, stopped_code
from tests.commands import small_company
from tests.sending_given import Desk

ADAPTER = [sys.executable, "-m", "adapter"]
WHOLE = 60  # seconds after which a command hangs


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_company(tmp_path_factory.mktemp("stop") / "w", 12)


def started(*words: str | Path) -> "subprocess.Popen[str]":
    return subprocess.Popen([*ADAPTER, *map(str, words)], text=True, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE)  # fmt: skip


def catches(process: int, number: signal.Signals) -> bool:
    """Whether a process has begun to handle a signal, as far as the system says so."""
    try:
        said = Path(f"/proc/{process}/status").read_text("ascii").splitlines()
    except OSError:
        return True
    masks = [int(line.split()[1], 16) for line in said if line.startswith("SigCgt:")]
    return all(mask >> (number - 1) & 1 for mask in masks)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("command", ["run", "twin", "plan", "check"])
def test_a_command_that_is_stopped_early_ends_as_documented(
    company: Path, command: str, number: signal.Signals
) -> None:
    more = ["--port", "0"] if command == "twin" else []
    running = started(command, company, *more)
    until = time.monotonic() + WHOLE
    time.sleep(0.25)
    while not catches(running.pid, number) and time.monotonic() < until:
        time.sleep(0.05)  # a busy machine has not begun it yet
    running.send_signal(number)
    _, err = running.communicate(timeout=WHOLE)

    assert running.returncode == (0 if command in ("run", "twin") else 128 + number)
    assert "Traceback" not in err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_send_that_is_stopped_finishes_what_is_in_hand_and_says_how_to_go_on(
    tmp_path: Path, number: signal.Signals
) -> None:
    with Desk(small_company(tmp_path / "w", 40)) as desk:
        plan = desk.plan()
        desk.run("pause", "USMF", "--because", "a day off")  # this company's rows cannot end
        desk.twin.finance.refuses = lambda _entity, _row: time.sleep(0.3) or ""
        running = started("send", plan, "--workspace", desk.folder, "--env", "twin")
        until = time.monotonic() + WHOLE
        while time.monotonic() < until and not (desk.folder / "ledger-twin.db-wal").exists():
            time.sleep(0.05)
        while time.monotonic() < until and not any(r.state != "planned" for r in desk.steps()):
            time.sleep(0.05)
        running.send_signal(number)
        out, err = running.communicate(timeout=WHOLE)
        at_stop = {r.step.key: r.state for r in desk.steps()}
        desk.twin.finance.refuses = lambda _entity, _row: ""
        desk.run("resume", "USMF", "--because", "back")
        again = desk.run("send", plan)

        assert running.returncode == 128 + number, err
        assert f"Stopped by {'Ctrl-C' if number == signal.SIGINT else 'SIGTERM'}" in out
        assert f"fieldledger send {plan} --workspace {desk.folder} --env twin" in out
        assert "intended" not in at_stop.values()
        assert again.code == 0, again.out
        assert {r.state for r in desk.steps()} <= {"sent", "settled"}
        assert desk.run("reconcile").code == 0


def test_a_signal_that_was_swallowed_counts_at_the_end() -> None:
    with pytest.raises(Stopped) as stopped, interruptible(), contextlib.suppress(Stopped):
        os.kill(os.getpid(), signal.SIGTERM)

    assert stopped.value.number == signal.SIGTERM
    assert stopped_code(stopped.value, ["--x", "plan"]) == 143
    assert stopped_code(stopped.value, ["run", "."]) == 0


def test_draining_hears_the_first_signal_and_gives_the_old_way_back() -> None:
    before, heard = signal.getsignal(signal.SIGTERM), []
    with draining(lambda: heard.append(1)) as seen:
        os.kill(os.getpid(), signal.SIGTERM)

    assert (heard, seen.exit_code, seen.called) == ([1], 143, "SIGTERM")
    assert seen.event.is_set() and signal.getsignal(signal.SIGTERM) == before


def shell(text: str, company: Path) -> "subprocess.CompletedProcess[str]":
    line = text.replace("fieldledger", " ".join(ADAPTER))
    return subprocess.run(["bash", "-c", f"{line}; echo ${{PIPESTATUS[0]}} >&2"], text=True,
                          cwd=company, capture_output=True, timeout=WHOLE)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        ("fieldledger plan --format json | head -c 20", "141", ""),
        ("fieldledger rules | head -1", "0", ""),
        ("fieldledger plan > /dev/full", "2", "No space left on device"),
        ("fieldledger plan --format json > /dev/full", "2", "No space left on device"),
        ("fieldledger rules >&-", "0", ""),
        ("fieldledger rules <&- > /dev/null", "0", ""),
        ("fieldledger rules ZZZ 2>&-", "2", ""),
        ("fieldledger plan --json /dev/full", "2", "No space left on device: /dev/full"),
        ("fieldledger plan - < /dev/null > /dev/null", "2", "no rows on standard input"),
    ],
)
def test_streams_that_are_closed_or_full(
    company: Path, text: str, code: str | None, said: str
) -> None:
    ended = shell(text, company)

    assert "Traceback" not in ended.stderr and "Exception" not in ended.stderr
    assert said in ended.stderr
    assert code is None or ended.stderr.split()[-1] in (code, "141" if "head" in text else code)


def test_a_report_that_cannot_be_written_leaves_the_old_one(
    company: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from adapter.edge.written import written

    kept = company / "report.json"
    kept.write_text("old", "utf-8")
    with pytest.raises(OSError, match=r"No space left on device: .*report\.json"), written(kept):
        raise OSError(28, "No space left on device")

    assert kept.read_text("utf-8") == "old"
    assert [p.name for p in company.glob("report*")] == ["report.json"]
