"""Access tokens: client credentials by secret or certificate, kept until shortly before they end.

One flight at a time renews a token. Who can still use the old one does not wait for it. A
client that the login refuses is not asked for again with the same secret: it would only lock
the account.
"""

import threading
from hashlib import sha256
from urllib.parse import quote, urlencode

import httpx
from msgspec import Struct

from adapter.edge.clock import Clock
from adapter.edge.http.answers import Answer, short
from adapter.edge.http.secrets import REDACTOR, Secret

EARLY_MS = 300_000  # renewed this long before the end
AGAIN_MS = 10_000  # after a renewal that failed while the old token is still good
LIFE_SECONDS_MAX = 86_400
LOGIN_TIMEOUT_SECONDS = 30
REFUSED = ("invalid_client", "unauthorized_client", "invalid_scope", "invalid_request")
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_SECONDS = 600


class Token(Struct, frozen=True, kw_only=True):
    """A token, or why there is none."""

    value: str = ""
    until_ms: int = 0  # by the monotonic clock
    renew_ms: int = 0  # from then on somebody renews it
    failure: str = ""
    retry_after: str | None = None  # as the login said it, where it asks to wait

    def __repr__(self) -> str:
        return f"Token(until_ms={self.until_ms}, failure={self.failure!r})"

    def __rich_repr__(self) -> list[tuple[str, object]]:
        return [("until_ms", self.until_ms), ("failure", self.failure)]

    def __reduce__(self) -> str:
        raise TypeError("a token is not written anywhere")


class Tokens:
    """Tokens for one resource (a system's own address) as one client of one tenant."""

    def __init__(
        self, login: str, tenant: str, client: str, resource: str, clock: Clock, *,
        secret: Secret | None = None, certificate: Secret | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:  # fmt: skip
        self.url = f"{login.rstrip('/')}/{quote(tenant, safe='')}/oauth2/v2.0/token"
        self.client = client
        self.scope = f"{resource.rstrip('/').lower()}/.default"
        self.clock = clock
        self._secret, self._certificate = secret, certificate
        self._transport = transport
        self._lock = threading.Lock()
        self._kept = Token()
        self.is_hopeless = False  # no secret to read, or it was refused: asking again is vain
        self._refused = ("", "")  # digest of the secret that was refused, and what was said

    def __repr__(self) -> str:
        return f"Tokens({self.scope})"

    def token(self, *, refused: str = "") -> Token:
        """A token that is good for some minutes. `refused`: the value that was just answered
        by 401; another thread may have replaced it meanwhile.
        """
        now = self.clock.monotonic_ms()
        kept = self._kept
        is_good = bool(kept.value) and kept.value != refused and kept.until_ms > now
        if is_good and kept.renew_ms > now:
            return kept
        if not self._lock.acquire(blocking=not is_good):
            return kept  # somebody renews it, and it is good until then
        try:
            return self._renewed(refused)
        finally:
            self._lock.release()

    def _renewed(self, refused: str) -> Token:
        """The token after a renewal, unless another thread was faster. Under the lock."""
        kept, now = self._kept, self.clock.monotonic_ms()
        is_good = bool(kept.value) and kept.value != refused and kept.until_ms > now
        if is_good and kept.renew_ms > now:
            return kept
        asked = self._asked()
        if asked.failure and is_good:
            self._kept = Token(value=kept.value, until_ms=kept.until_ms, renew_ms=now + AGAIN_MS)
            return self._kept
        if not asked.failure:
            self._kept = asked
        elif not is_good:
            self._kept = Token()
        return asked

    def _asked(self) -> Token:
        from adapter.edge.http.session import Session

        form = {"grant_type": "client_credentials", "client_id": self.client, "scope": self.scope}
        try:
            proof = self._proof()
            digest = sha256(proof.encode()).hexdigest()
            self.is_hopeless = self._refused[0] == digest
            if self.is_hopeless:
                return Token(failure=self._refused[1])
            if self._certificate is not None:
                form["client_assertion_type"] = ASSERTION
                form["client_assertion"] = self._assertion(proof)
            else:
                form["client_secret"] = proof
            session = Session(self.url, None, self.clock, transport=self._transport,
                              timeout=LOGIN_TIMEOUT_SECONDS)  # fmt: skip
        except (LookupError, OSError, ValueError, ImportError) as error:
            self.is_hopeless = True
            return Token(failure=short(error))
        began = self.clock.monotonic_ms()
        try:
            answer = session.call(
                "POST", self.url, body=urlencode(form).encode(),
                headers={"Content-Type": "application/x-www-form-urlencoded",
                         "Accept": "application/json"},
            )  # fmt: skip
        finally:
            session.close()
        return self._token_of(answer, began, digest)

    def _proof(self) -> str:
        """Secret or certificate, read now: it may have been changed. Raises LookupError."""
        given = self._certificate or self._secret
        if given is None:
            raise LookupError("there is no secret and no certificate")
        return given.reveal()

    def _token_of(self, answer: Answer, began_ms: int, digest: str) -> Token:
        said = answer.table()
        value, seconds = said.get("access_token"), str(said.get("expires_in"))
        if answer.is_fine and isinstance(value, str) and _is_token(value):
            REDACTOR.add(value)
            whole = seconds.partition(".")[0]
            life = int(whole) if whole.isdecimal() and len(whole) < 10 else 0
            life_ms = min(life, LIFE_SECONDS_MAX) * 1000
            early = min(EARLY_MS, life_ms // 2)
            return Token(value=value, until_ms=began_ms + life_ms,
                         renew_ms=began_ms + life_ms - early)  # fmt: skip
        word = short(said.get("error", "")) or f"status {answer.status}" * bool(answer.status)
        why = short(said.get("error_description", "")).split(" Trace ID")[0][:200]
        failure = f"no token for {self.scope}: {word or answer.message or answer.failure}"
        failure += f" ({why})" if why else ""
        if word in REFUSED:
            self.is_hopeless = True
            self._refused = (digest, failure)  # asking again would only lock the client
        told = answer.headers.get("retry-after", "") if answer.status == 429 else None
        return Token(failure=failure, retry_after=told)

    def _assertion(self, pem: str) -> str:
        """A signed statement of who we are. Raises ImportError without the extra `certificate`."""
        from adapter.edge.http.assertion import signed

        try:
            said = signed(pem, self.client, self.url, self.clock.now_ms() // 1000,
                          ASSERTION_SECONDS, self.clock.token(32))  # fmt: skip
        except ImportError:
            raise LookupError("a certificate needs the package `cryptography`") from None
        except Exception as error:  # what reads keys raises many things, with parts of them
            raise ValueError(f"the certificate cannot be read: {type(error).__name__}") from None
        REDACTOR.add(said)
        return said


def _is_token(value: str) -> bool:
    """Whether it may stand in a header."""
    return value.isascii() and value.isprintable() and " " not in value and len(value) > 0
