"""One host, one session: no redirects, no proxies of the environment, no cookies, caps.

An address that leads to another host is never asked, and no token goes there. A call never
raises for what the network does; it gives an `Answer` that says what is known. Requests go to
the transport of httpx itself: what its client adds (cookies, redirects) is not wanted here.
"""

import threading
from collections.abc import Mapping
from functools import lru_cache

import httpx

from adapter.edge.clock import Clock
from adapter.edge.http.answers import Answer, Failure, short
from adapter.edge.http.bodies import Cut, TooLarge, TooSlow, read_body
from adapter.edge.http.deadline import Deadline, TimedTransport
from adapter.edge.http.hosts import ForeignHost, Hosts
from adapter.edge.http.tokens import Token, Tokens

BODY_MAX = 64 << 20
ERROR_BODY_MAX = 1 << 20
TIMEOUT_SECONDS = 120
CONNECT_SECONDS = 20
WHOLE = 2  # a call with all its bytes may take this many times the timeout of one read
ALWAYS = {"Accept": "*/*", "Accept-Encoding": "gzip", "User-Agent": "fieldledger"}
SHORT = 500  # letters of an address that is remembered
ELSEWHERE = "the address leads to another host and was not asked"
# What httpx raises before a byte of the request has left.
NOT_SENT = (
    httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol,
    httpx.InvalidURL, httpx.LocalProtocolError,
)  # fmt: skip
BROKEN = (httpx.HTTPError, httpx.StreamError, Cut, TooSlow, OSError, ValueError, RuntimeError)


class Session:
    """Calls to one host as one principal; may be used from several threads."""

    def __init__(
        self, base: str, tokens: Tokens | None, clock: Clock, *,
        transport: httpx.BaseTransport | None = None, timeout: float = TIMEOUT_SECONDS,
    ) -> None:  # fmt: skip
        """Raises ValueError for a base that is no https address; http is for this machine."""
        self.hosts = Hosts(base)
        self.base = self.hosts.base
        self.origin = (self.hosts.origin.scheme, self.hosts.origin.host, self.hosts.origin.port)
        self.tokens = tokens
        self.clock = clock
        timeouts = httpx.Timeout(timeout, connect=min(CONNECT_SECONDS, timeout))
        self._extensions = {"timeout": timeouts.as_dict()}
        self._whole_ms = int(timeout * 1000 * WHOLE)
        self._deadline = Deadline()
        self._given = transport
        self._lock = threading.Lock()
        self._made: httpx.BaseTransport | None = None
        # Of batches. Nobody outside knows it, and no JSON text holds a line that begins with it.
        self.boundary = f"batch_{clock.token(16)}"

    @property
    def _transport(self) -> httpx.BaseTransport:
        with self._lock:
            if self._made is None:
                self._made = self._given or TimedTransport(self._deadline, self.clock.monotonic_ms)
            return self._made

    def close(self) -> None:
        """Give the connections back."""
        with self._lock:
            if self._made is not None:
                self._made.close()
                self._made = None

    def __repr__(self) -> str:
        return f"Session({self.base})"

    def address(self, path: str) -> str | None:
        """The whole address of a path or link; None when it leads to another host."""
        try:
            return self.hosts.anchored(path)
        except ForeignHost:
            return None

    def call(
        self, method: str, path: str, *, headers: Mapping[str, str] | None = None,
        body: bytes | None = None, params: Mapping[str, str] | None = None,
    ) -> Answer:  # fmt: skip
        """One request and its answer; a token that is refused is renewed once."""
        url = self.address(path)
        if url is None:
            return Answer(failure="foreign-host", message=ELSEWHERE)
        refused, answer = "", Answer()
        for _ in range(2):
            given = {**ALWAYS, **(headers or {})}
            if self.tokens is not None:
                token = self.tokens.token(refused=refused)
                if token.failure:
                    is_told = token.retry_after is not None
                    return _without(token) if is_told or not refused else answer
                given["Authorization"] = f"Bearer {token.value}"
                refused = token.value
            answer = self._once(method, url, given, body, params)
            if answer.status != 401 or self.tokens is None:
                break
        return answer

    def _once(
        self, method: str, url: str, headers: dict[str, str], body: bytes | None,
        params: Mapping[str, str] | None,
    ) -> Answer:  # fmt: skip
        try:
            query = dict(params) if params else None
            known = _url(url) if len(url) < SHORT else url
            request = httpx.Request(method, known, headers=headers, content=body,
                                    params=query, extensions=self._extensions)  # fmt: skip
        except (httpx.InvalidURL, ValueError, TypeError) as error:
            return _failed("not-sent", error)
        until = self.clock.monotonic_ms() + self._whole_ms
        self._deadline.at_ms = until
        status = 0
        try:
            response = self._transport.handle_request(request)
            response.request = request
            status = response.status_code
            heads = {k.lower(): v for k, v in response.headers.items()}
            most = BODY_MAX if status < 400 else ERROR_BODY_MAX
            try:
                content = read_body(response, most, lambda: self.clock.monotonic_ms() > until)
            except TooLarge as error:
                if status < 400:
                    return _failed("too-large", error)
                content = error.body  # an error that talks too much is an error still
            finally:
                response.close()
        except NOT_SENT as error:
            return _failed("no-answer" if status else "not-sent", error)
        except BROKEN as error:
            return _failed("cut" if status else "no-answer", error)
        finally:
            self._deadline.at_ms = None
        is_redirect = 300 <= status < 400 and status != 304
        return Answer(
            status=status,
            headers=heads,
            body=content,
            message="a redirect, which is not followed" if is_redirect else "",
        )


_url = lru_cache(256)(httpx.URL)  # most calls go to the same few addresses


def _without(token: Token) -> Answer:
    """What a call without a token comes to. A login that asks to wait is waited for as the
    system itself would be: nobody knocks at either meanwhile.
    """
    if token.retry_after is None:
        return Answer(failure="not-sent", message=token.failure)
    return Answer(status=429, headers={"retry-after": token.retry_after}, message=token.failure)


def _failed(failure: Failure, error: Exception) -> Answer:
    return Answer(failure=failure, message=short(error) or type(error).__name__)
