"""Runners wake the ledger's work: a batch id and nothing else travels.

A runner may lose, repeat and reorder what it is given; the ledger decides. The embedded one
needs no server: threads in this process, and a sweep that finds what is ready.
"""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Protocol

from adapter.edge.clock import Clock

Dispatch = Callable[[str], object]
Sweep = Callable[[], object]
SWEEP_SECONDS = 1.0
DRAIN_SECONDS = 10.0


class Runner(Protocol):
    """What carries batch ids to workers. One conformance suite holds for all."""

    def submit(self, batch: str) -> None:
        """Have a batch dispatched soon; it may be lost, repeated or come late."""

    def every(self, seconds: float, what: Sweep) -> None:
        """Call something again and again while `run` lasts."""

    def run(self, stop: threading.Event) -> None:
        """Work until told to stop, then finish what is in hand."""


def name_of(batch: str) -> str:
    """What a batch is called in a message; of none, the sweep."""
    return f"batch {batch[:12]}" if batch else "sweep"


class EmbeddedRunner:
    """A pool of threads. What is submitted twice while it waits runs once."""

    def __init__(
        self, dispatch: Dispatch, workers: int, clock: Clock,
        failed: Callable[[str, Exception], None],
    ) -> None:  # fmt: skip
        self._dispatch = dispatch
        self._workers = workers
        self._clock = clock
        self._failed = failed
        self._pool: ThreadPoolExecutor | None = None
        self._waiting: set[str] = set()
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._sweeps: list[tuple[float, Sweep]] = []

    def submit(self, batch: str) -> None:
        with self._lock:
            if self._pool is None or batch in self._waiting:
                return  # lost: the sweep brings it again
            self._waiting.add(batch)
            future = self._pool.submit(self._one, batch)
        future.add_done_callback(self._done)

    def _one(self, batch: str) -> None:
        with self._lock:
            self._waiting.discard(batch)
        try:
            self._dispatch(batch)
        except Exception as error:  # a worker never dies of one batch; its lease runs out
            self._failed(batch, error)

    def _done(self, _future: Future[None]) -> None:
        self._wake.set()

    def every(self, seconds: float, what: Sweep) -> None:
        self._sweeps.append((seconds, what))

    @property
    def is_idle(self) -> bool:
        """Whether nothing that was submitted still waits."""
        with self._lock:
            return not self._waiting

    def run(self, stop: threading.Event) -> None:
        with self._lock:
            self._pool = ThreadPoolExecutor(self._workers, thread_name_prefix="fieldledger")
        due = [0] * len(self._sweeps)
        try:
            while not stop.is_set():
                now = self._clock.monotonic_ms()
                for at, (seconds, what) in enumerate(self._sweeps):
                    if now >= due[at]:
                        due[at] = now + round(seconds * 1000)
                        self._swept(what)
                pause = min([d - now for d in due], default=round(SWEEP_SECONDS * 1000)) / 1000
                self._wake.wait(max(0.01, min(pause, SWEEP_SECONDS)))
                self._wake.clear()
        finally:
            with self._lock:
                pool, self._pool = self._pool, None
                self._waiting.clear()
            pool.shutdown(wait=True, cancel_futures=True)

    def _swept(self, what: Sweep) -> None:
        try:
            what()
        except Exception as error:
            self._failed("", error)
