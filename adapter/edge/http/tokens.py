"""Access tokens: client credentials by secret or certificate, kept until shortly before they end.

One flight at a time renews a token; whoever else needs it waits. A client that the login
refuses is not asked for again: it would only lock the account.
"""

import threading
from urllib.parse import quote, urlencode

import httpx
from msgspec import Struct

from adapter.edge.clock import Clock
from adapter.edge.http.answers import Answer, short
from adapter.edge.http.secrets import REDACTOR, Secret

EARLY_MS = 300_000  # renewed this long before the end
LEAST_MS = 5_000
REFUSED = ("invalid_client", "unauthorized_client", "invalid_scope", "invalid_request")
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_SECONDS = 600


class Token(Struct, frozen=True, kw_only=True):
    """A token, or why there is none."""

    value: str = ""
    until_ms: int = 0  # by the monotonic clock
    failure: str = ""

    def __repr__(self) -> str:
        return f"Token(until_ms={self.until_ms}, failure={self.failure!r})"


class Tokens:
    """Tokens for one resource (a system's own address) as one client."""

    def __init__(
        self, login: str, tenant: str, client: str, resource: str, clock: Clock, *,
        secret: Secret | None = None, certificate: Secret | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:  # fmt: skip
        self.url = f"{login.rstrip('/')}/{quote(tenant, safe='')}/oauth2/v2.0/token"
        self.client = client
        self.scope = f"{resource.rstrip('/')}/.default"
        self.clock = clock
        self._secret, self._certificate = secret, certificate
        self._transport = transport
        self._lock = threading.Lock()
        self._kept = Token()
        self._refused = ""

    def token(self, *, renew: bool = False) -> Token:
        """A token that is good for some minutes. `renew`: the one at hand was refused."""
        kept = self._kept
        if not renew and kept.value and kept.until_ms > self.clock.monotonic_ms():
            return kept
        with self._lock:
            newer = self._kept
            is_new = newer is not kept and newer.until_ms > self.clock.monotonic_ms()
            if newer.value and is_new:
                return newer  # another thread was faster
            if self._refused:
                return Token(failure=self._refused)
            self._kept = self._asked()
            return self._kept

    def _asked(self) -> Token:
        from adapter.edge.http.session import Session

        form = {"grant_type": "client_credentials", "client_id": self.client, "scope": self.scope}
        try:
            if self._certificate is not None:
                form["client_assertion_type"] = ASSERTION
                form["client_assertion"] = self._assertion(self._certificate)
            elif self._secret is not None:
                form["client_secret"] = self._secret.reveal()
        except (LookupError, OSError, ValueError, ImportError) as error:
            return Token(failure=short(error))
        session = Session(self.url, None, self.clock, transport=self._transport)
        try:
            answer = session.call(
                "POST", self.url, body=urlencode(form).encode(),
                headers={"Content-Type": "application/x-www-form-urlencoded"},
            )  # fmt: skip
        finally:
            session.close()
        return self._token_of(answer)

    def _token_of(self, answer: Answer) -> Token:
        said = answer.table()
        value, seconds = said.get("access_token"), said.get("expires_in")
        if answer.is_fine and isinstance(value, str) and value.isascii() and value.isprintable():
            life = int(str(seconds)) * 1000 if str(seconds).isdecimal() else 0
            REDACTOR.add(value)
            until = self.clock.monotonic_ms() + max(life - EARLY_MS, min(life, LEAST_MS))
            return Token(value=value, until_ms=until)
        word = short(said.get("error", "")) or f"status {answer.status}" * bool(answer.status)
        failure = f"no token for {self.scope}: {word or answer.message or answer.failure}"
        if word in REFUSED:
            self._refused = failure  # asking again would only lock the client
        return Token(failure=failure)

    def _assertion(self, certificate: Secret) -> str:
        """A signed statement of who we are. Raises ImportError without the extra `certificate`."""
        from adapter.edge.http.assertion import signed

        return signed(certificate.reveal(), self.client, self.url, self.clock.now_ms() // 1000,
                      ASSERTION_SECONDS, self.clock.token(32))  # fmt: skip
