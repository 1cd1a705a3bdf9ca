"""Connections that end on time: no other side can keep a thread by sending a byte now and then.

Timeouts of httpx begin anew with every byte. Here one deadline per call and thread cuts them
short: connecting, TLS, writing, headers and body together.
"""

import ssl
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import httpcore
import httpx

CONNECTIONS_MAX = 100
KEPT_MAX = 20
KEPT_SECONDS = 30.0
JOINED_MAX = 1 << 20  # bytes of a body that are put behind its head first


class Deadline(threading.local):
    """When this thread's call must have ended, in milliseconds of the monotonic clock."""

    at_ms: int | None = None


class Leaving(threading.local):
    """Until when this thread's requests may leave at all, in the same milliseconds."""

    by_ms: int | None = None


LEAVING = Leaving()


@contextmanager
def must_leave_by(at_ms: int) -> Iterator[None]:
    """No byte of a request leaves this thread after an instant of the monotonic clock.

    A process may stand still at any line (SIGSTOP, a sleeping laptop), so the last look is
    taken where bytes are handed to the socket.
    """
    before, LEAVING.by_ms = LEAVING.by_ms, at_ms
    try:
        yield
    finally:
        LEAVING.by_ms = before


class TimedTransport(httpx.HTTPTransport):
    """The transport of httpx with connections that know the deadline."""

    def __init__(self, deadline: Deadline, now_ms: Callable[[], int]) -> None:
        super().__init__(verify=_trust(), trust_env=False)
        self._pool = httpcore.ConnectionPool(
            ssl_context=_trust(),
            max_connections=CONNECTIONS_MAX, max_keepalive_connections=KEPT_MAX,
            keepalive_expiry=KEPT_SECONDS, network_backend=TimedBackend(deadline, now_ms),
        )  # fmt: skip


@cache
def _trust() -> ssl.SSLContext:
    """Whom TLS trusts. Reading all authorities takes longer than a call: once per process."""
    return httpx.create_ssl_context(trust_env=False)


class _Timed:
    """What is left of a timeout under the deadline."""

    def __init__(self, deadline: Deadline, now_ms: Callable[[], int]) -> None:
        self.deadline = deadline
        self.now_ms = now_ms

    def left(self, timeout: float | None, late: type[Exception]) -> float | None:
        """Seconds; raises `late` when none are left."""
        if self.deadline.at_ms is None:
            return timeout
        left = (self.deadline.at_ms - self.now_ms()) / 1000
        if left <= 0:
            raise late("the whole call took too long")
        return left if timeout is None else min(timeout, left)


class TimedBackend(_Timed, httpcore.NetworkBackend):
    """Connects through another backend; what it gives knows the deadline."""

    def __init__(
        self, deadline: Deadline, now_ms: Callable[[], int],
        inner: httpcore.NetworkBackend | None = None,
    ) -> None:  # fmt: skip
        super().__init__(deadline, now_ms)
        self._inner = inner or httpcore.SyncBackend()

    def connect_tcp(
        self, host: str, port: int, timeout: float | None = None,
        local_address: str | None = None, socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:  # fmt: skip
        left = self.left(timeout, httpcore.ConnectTimeout)
        inner = self._inner.connect_tcp(host, port, left, local_address, socket_options)
        return _Stream(inner, self.deadline, self.now_ms)


class _Stream(_Timed, httpcore.NetworkStream):
    def __init__(
        self, inner: httpcore.NetworkStream, deadline: Deadline, now_ms: Callable[[], int]
    ) -> None:
        super().__init__(deadline, now_ms)
        self._inner = inner
        self._head: bytes | None = b""  # of a request, until its body comes; None: it left
        self._has_written = False
        self.get_extra_info = inner.get_extra_info  # type: ignore[method-assign]

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        if self._head:  # nothing said that the request ends with it
            self._left(self._head, timeout)
        # An answer ends a request: the next one begins anew.
        self._head, self._has_written = b"", False
        return self._inner.read(max_bytes, self.left(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Head and body of a request leave together, where the body is not large: half the calls
        of the system. An empty buffer ends a request, so nothing waits here for an answer.
        """
        if self._head == b"":
            self._head = buffer
            return
        if self._head is not None and len(buffer) <= JOINED_MAX:
            buffer = self._head + buffer
        elif self._head is not None:
            self._left(self._head, timeout)
        self._head = None
        self._left(buffer, timeout)

    def _left(self, buffer: bytes, timeout: float | None) -> None:
        left = self.left(timeout, httpcore.WriteTimeout)
        if LEAVING.by_ms is not None and self.now_ms() > LEAVING.by_ms:
            # half a request may be out already: then nobody says that it was not sent
            late = httpcore.WriteTimeout if self._has_written else httpcore.ConnectTimeout
            raise late("the request stood still too long, so it does not leave any more")
        self._has_written = True
        self._inner.write(buffer, left)

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left = self.left(timeout, httpcore.ConnectTimeout)
        inner = self._inner.start_tls(ssl_context, server_hostname, left)
        return _Stream(inner, self.deadline, self.now_ms)
