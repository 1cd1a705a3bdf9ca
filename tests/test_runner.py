"""The suite that every runner must pass; the embedded one passes it here."""

import threading
import time
from collections import Counter
from collections.abc import Callable

from adapter.edge.clock import SystemClock
from adapter.edge.sending.runner import EmbeddedRunner, Runner

Make = Callable[[Callable[[str], object]], Runner]


def embedded(dispatch: Callable[[str], object]) -> EmbeddedRunner:
    return EmbeddedRunner(dispatch, 3, SystemClock(), lambda _batch, _error: None)


def run_for(runner: Runner, seconds: float) -> threading.Event:
    stop = threading.Event()
    timer = threading.Timer(seconds, stop.set)
    timer.start()
    runner.run(stop)
    timer.join()
    return stop


def test_what_is_submitted_while_it_runs_is_dispatched() -> None:
    seen: Counter[str] = Counter()
    runner = embedded(lambda batch: seen.update([batch]))
    runner.every(0.05, lambda: [runner.submit(name) for name in ("a", "b", "c")])

    run_for(runner, 0.4)

    assert set(seen) == {"a", "b", "c"}


def test_what_waits_already_is_not_queued_again() -> None:
    seen: list[str] = []
    hold = threading.Event()

    def slow(batch: str) -> None:
        hold.wait(0.2)
        seen.append(batch)

    runner = embedded(slow)
    asked = iter(range(10**6))

    def sweep() -> None:
        if next(asked) == 0:
            for _ in range(50):
                for name in ("a", "b", "c", "d"):
                    runner.submit(name)

    runner.every(0.05, sweep)
    run_for(runner, 0.6)

    assert Counter(seen)["d"] <= 2, "50 times submitted, waiting once"


def test_a_dispatch_that_fails_takes_no_worker_with_it() -> None:
    failed: list[str] = []
    done: list[str] = []

    def dispatch(batch: str) -> None:
        if batch == "bad":
            raise RuntimeError("broken")
        done.append(batch)

    runner = EmbeddedRunner(dispatch, 1, SystemClock(), lambda batch, _e: failed.append(batch))
    runner.every(0.05, lambda: [runner.submit(name) for name in ("bad", "good")])
    run_for(runner, 0.3)

    assert "good" in done
    assert "bad" in failed


def test_a_sweep_that_fails_is_told_and_comes_again() -> None:
    failed: list[str] = []

    def sweep() -> None:
        raise RuntimeError("broken")

    runner = EmbeddedRunner(lambda _b: None, 1, SystemClock(), lambda b, _e: failed.append(b))
    runner.every(0.05, sweep)
    run_for(runner, 0.3)

    assert len(failed) > 1


def test_what_is_in_hand_is_finished_when_told_to_stop() -> None:
    began, ended = threading.Event(), threading.Event()

    def dispatch(_batch: str) -> None:
        began.set()
        time.sleep(0.3)
        ended.set()

    runner = embedded(dispatch)
    runner.every(0.05, lambda: runner.submit("a") if not began.is_set() else None)
    run_for(runner, 0.15)

    assert ended.is_set()


def test_what_is_submitted_while_it_does_not_run_is_lost_without_harm() -> None:
    runner = embedded(lambda _batch: None)

    runner.submit("a")

    assert runner.is_idle
