"""Ctrl-C and SIGTERM: what they mean to a command, and the exit code they leave.

A command that serves until it is told to stop (`run`, `twin`) has done what was asked: 0, also
when it is stopped before it is up. Any other command was cut short: 128 and the signal's number.
This module imports nothing heavy: it is there before anything else is.
"""

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

SERVING = ("run", "twin")
CALLED = {signal.SIGINT: "Ctrl-C", signal.SIGTERM: "SIGTERM"}
CUT_SHORT = 128  # and the number of the signal, as shells say it


class Stopped(BaseException):
    """Ctrl-C or SIGTERM came while nothing was in hand; what is open is closed on the way out."""

    def __init__(self, number: int) -> None:
        self.number = number
        super().__init__(number)


@contextmanager
def interruptible() -> Iterator[None]:
    """Ctrl-C and SIGTERM unwind the command, so that temporary files are removed.

    Raises Stopped, at the latest at the end: some code in C swallows what is raised in it.
    """
    seen: list[int] = []

    def told(number: int, _frame: object) -> None:
        seen.append(number)
        raise Stopped(number)

    with _caught(told, signal.SIGTERM, signal.SIGINT):
        yield
    if seen:
        raise Stopped(seen[0])


class Draining:
    """Whether somebody told a command to stop, and by which signal."""

    def __init__(self) -> None:
        self.event = threading.Event()
        self.signal = 0

    @property
    def exit_code(self) -> int:
        """128 and the signal's number; 0 when nobody stopped it."""
        return CUT_SHORT + self.signal if self.signal else 0

    @property
    def called(self) -> str:
        """The signal as people call it."""
        return CALLED.get(signal.Signals(self.signal), "") if self.signal else ""


@contextmanager
def draining(first: Callable[[], None]) -> Iterator[Draining]:
    """The first signal calls `first` and sets the event: what is in hand is finished.

    A second one does not wait: the process ends as if it were killed, which loses nothing (what
    was on its way is asked for by key before it is sent again).
    """
    seen = Draining()

    def told(number: int, _frame: object) -> None:
        if seen.event.is_set() and seen.signal:
            os.write(2, b"\nstopped at once: what was on its way is asked for later\n")
            os._exit(CUT_SHORT + number)
        seen.signal = number
        first()
        seen.event.set()

    with _caught(told, signal.SIGTERM, signal.SIGINT):
        yield seen


@contextmanager
def _caught(told: Callable[[int, object], None], *numbers: int) -> Iterator[None]:
    """Signals go to a function of ours for a while; only the main thread may say so."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, told) for number in numbers}
    try:
        yield
    finally:
        for number, old in before.items():
            signal.signal(number, old)


def stopped_code(error: Stopped, arguments: Sequence[str]) -> int:
    """The exit code of a command that a signal unwound; says so on standard error."""
    called = CALLED[signal.Signals(error.number)]
    command = next((word for word in arguments if not word.startswith("-")), "")
    if command in SERVING:
        print(f"fieldledger: stopped by {called} before it was up", file=sys.stderr)
        return 0
    print(f"fieldledger: stopped by {called}", file=sys.stderr)
    return CUT_SHORT + error.number
