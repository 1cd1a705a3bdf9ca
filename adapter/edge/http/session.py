"""One host, one session: no redirects, no proxies of the environment, no cookies, caps.

An address that leads to another host is never asked, and no token goes there. A call never
raises for what the network does; it gives an `Answer` that says what is known.
"""

import threading
from collections.abc import Mapping
from urllib.parse import urlsplit

import httpx

from adapter.edge.clock import Clock
from adapter.edge.http.answers import Answer, Failure, short
from adapter.edge.http.tokens import Tokens

BODY_MAX = 64 << 20
ERROR_BODY_MAX = 1 << 20
TIMEOUT_SECONDS = 120
CONNECT_SECONDS = 20
PORTS = {"https": 443, "http": 80}
# What httpx raises before a byte of the request has left.
NOT_SENT = (
    httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol,
    httpx.InvalidURL, httpx.LocalProtocolError,
)  # fmt: skip
CUT = (httpx.RemoteProtocolError, httpx.DecodingError)


def origin_of(url: str) -> tuple[str, str, int]:
    """Scheme, host and port of an address. Raises ValueError."""
    parts = urlsplit(url)
    if parts.scheme not in PORTS or not parts.hostname or "@" in parts.netloc:
        raise ValueError("no address of a host")
    return parts.scheme, parts.hostname.lower(), parts.port or PORTS[parts.scheme]


class Session:
    """Calls to one host as one principal; may be used from several threads."""

    def __init__(
        self, base: str, tokens: Tokens | None, clock: Clock, *,
        transport: httpx.BaseTransport | None = None, timeout: float = TIMEOUT_SECONDS,
    ) -> None:  # fmt: skip
        self.base = base.rstrip("/")
        self.origin = origin_of(base)
        self.tokens = tokens
        self.clock = clock
        self._timeout = httpx.Timeout(timeout, connect=min(CONNECT_SECONDS, timeout))
        self._transport = transport
        self._local = threading.Lock()
        self._made: httpx.Client | None = None

    @property
    def _client(self) -> httpx.Client:
        with self._local:
            if self._made is None:
                self._made = httpx.Client(
                    transport=self._transport, timeout=self._timeout, follow_redirects=False,
                    trust_env=False,
                )  # fmt: skip
            return self._made

    def close(self) -> None:
        """Give the connections back."""
        with self._local:
            if self._made is not None:
                self._made.close()
                self._made = None

    def address(self, path: str) -> str | None:
        """The whole address of a path or link; None when it leads to another host."""
        if not path.startswith(("http:", "https:", "//")):
            return f"{self.base}/{path.lstrip('/')}"
        try:
            theirs = origin_of(path)
        except ValueError:
            return None
        if theirs == self.origin:
            return path
        scheme, host, _port = theirs
        if host == self.origin[1] and scheme == "http" and self.origin[0] == "https":
            return "https:" + path.partition(":")[2]  # a link that forgot its s
        return None

    def call(
        self, method: str, path: str, *, headers: Mapping[str, str] | None = None,
        body: bytes | None = None, params: Mapping[str, str] | None = None,
    ) -> Answer:  # fmt: skip
        """One request and its answer; a token that is refused is renewed once."""
        url = self.address(path)
        if url is None:
            return Answer(failure="foreign-host",
                          message="the address leads to another host and was not asked")
        for is_second in (False, True):
            given = dict(headers or {})
            if self.tokens is not None:
                token = self.tokens.token(renew=is_second)
                if token.failure:
                    return Answer(failure="not-sent", message=token.failure)
                given["Authorization"] = f"Bearer {token.value}"
            answer = self._once(method, url, given, body, params)
            if answer.status != 401 or self.tokens is None:
                break
        return answer

    def _once(
        self, method: str, url: str, headers: dict[str, str], body: bytes | None,
        params: Mapping[str, str] | None,
    ) -> Answer:  # fmt: skip
        status, heads, failure, message = 0, dict[str, str](), "", ""
        parts: list[bytes] = []
        try:
            query = dict(params) if params else None
            with self._client.stream(
                method, url, headers=headers, content=body, params=query
            ) as response:
                self._client.cookies.clear()
                status = response.status_code
                heads = {k.lower(): v for k, v in response.headers.items()}
                size, most = 0, BODY_MAX if status < 400 else ERROR_BODY_MAX
                for part in response.iter_bytes():
                    size += len(part)
                    parts.append(part)
                    if size > most:
                        failure = "too-large"
                        break
        except NOT_SENT as error:
            failure, message = ("no-answer" if status else "not-sent"), short(error)
        except CUT as error:
            failure, message = ("cut" if status else "no-answer"), short(error)
        except (httpx.HTTPError, OSError, ValueError) as error:
            failure, message = ("cut" if status else "no-answer"), short(error)
        return _answer(status, heads, b"".join(parts), failure, message)


def _answer(
    status: int, headers: dict[str, str], body: bytes, failure: str, message: str
) -> Answer:
    if failure == "too-large" and status >= 400:
        failure, body = "", body[:ERROR_BODY_MAX]  # an error that talks too much is an error still
    kind: Failure = failure  # type: ignore[assignment]
    return Answer(status=0 if kind else status, headers=headers, body=body, failure=kind,
                  message=message)  # fmt: skip
