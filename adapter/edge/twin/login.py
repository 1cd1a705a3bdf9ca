"""The token service of the twin: client credentials, tokens with an audience and an end.

A token has the form of the real ones, three parts, of which the middle one says for whom it
is. Its signature is none: only this twin believes it.
"""

import json
import re
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, unquote
from uuid import NAMESPACE_URL, uuid5

from msgspec import Struct

from adapter.edge.twin.answers import Asked, TwinAnswer, said

TOKEN_SECONDS = 3_599
_PATH = re.compile(r"/([^/]+)/oauth2/v2\.0/token")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Grant(Struct, frozen=True, kw_only=True):
    """What a token allows."""

    client: str
    audience: str
    until_ms: int


class TwinLogin:
    """Gives tokens. `resources`: for whom, empty: for anybody who is named."""

    def __init__(
        self, now_ms: Callable[[], int], clients: Iterable[str] = (), *,
        seconds: int = TOKEN_SECONDS, resources: Iterable[str] = (),
    ) -> None:  # fmt: skip
        self.now_ms = now_ms
        self.secrets = dict.fromkeys(clients, "twin")  # client -> secret; empty: any
        self.seconds = seconds
        self.resources = tuple(resources)  # ends of addresses, such as /dataverse
        self.tokens: dict[str, int] = {}  # token -> valid until
        self.grants: dict[str, Grant] = {}
        self.calls = 0
        self._number = 0

    def answer(self, asked: Asked) -> TwinAnswer:
        """A token, or why there is none."""
        self.calls += 1
        path = _PATH.fullmatch(asked.path)
        if path is None or asked.method != "POST":
            return said(404, {"error": "not_found"})
        form = {k: v[0] for k, v in parse_qs(asked.body.decode("utf-8", "replace")).items()}
        if form.get("grant_type", "client_credentials") != "client_credentials":
            return self._no(400, "unsupported_grant_type", 70003, "not supported.")
        client = form.get("client_id", "")
        known = self.secrets.get(client)
        gives = form.get("client_secret") or form.get("client_assertion")
        is_right = form.get("client_secret", known) == known and bool(gives)
        if self.secrets and (known is None or not is_right):
            return self._no(401, "invalid_client", 7000215, "Invalid client secret provided.")
        scope = form.get("scope", "")
        if not scope.endswith("/.default"):
            return self._no(400, "invalid_scope", 70011, "the scope must end in /.default.")
        audience = scope.removesuffix("/.default")
        if self.resources and not audience.rstrip("/").endswith(self.resources):
            return self._no(400, "invalid_scope", 500011, f"no resource is named {audience}.")
        return self._token(unquote(path[1]), client, audience)

    def _token(self, tenant: str, client: str, audience: str) -> TwinAnswer:
        self._number += 1
        now = self.now_ms()
        claims = {
            "aud": audience, "iss": f"twin/{tenant}", "tid": tenant, "appid": client,
            "oid": str(uuid5(NAMESPACE_URL, f"twin/{client}")), "iat": now // 1000,
            "nbf": now // 1000, "exp": now // 1000 + self.seconds, "jti": self._number,
        }  # fmt: skip
        head = {"typ": "JWT", "alg": "none"}
        token = f"{_part(head)}.{_part(claims)}.twin-token-{self._number:06d}"
        self.tokens[token] = now + self.seconds * 1000
        self.grants[token] = Grant(client=client, audience=audience, until_ms=self.tokens[token])
        return said(200, {"token_type": "Bearer", "expires_in": self.seconds,
                          "ext_expires_in": self.seconds, "access_token": token})  # fmt: skip

    def _no(self, status: int, error: str, number: int, why: str) -> TwinAnswer:
        at = _EPOCH + timedelta(milliseconds=self.now_ms())
        trace = str(uuid5(NAMESPACE_URL, f"twin/login/{self.calls}"))
        return said(status, {
            "error": error, "error_description": f"AADSTS{number}: {why}",
            "error_codes": [number], "timestamp": f"{at:%Y-%m-%d %H:%M:%SZ}",
            "trace_id": trace, "correlation_id": trace,
        })  # fmt: skip

    def who(self, asked: Asked, resource: str, *, is_strict: bool, takes_slash: bool) -> str | None:
        """The client whose valid token a request carries; None: it is refused.

        `is_strict`: the token must be for this resource. Finance takes no audience that ends
        in a slash.
        """
        word, _, token = asked.headers.get("authorization", "").partition(" ")
        if word.lower() != "bearer" or self.tokens.get(token, 0) <= self.now_ms():
            return None
        grant = self.grants.get(token)
        if grant is None or not is_strict:
            return "" if grant is None else grant.client
        audience = grant.audience.rstrip("/") if takes_slash else grant.audience
        return grant.client if audience.lower() == resource.lower() else None


def _part(table: Mapping[str, object]) -> str:
    return urlsafe_b64encode(json.dumps(table).encode()).decode().rstrip("=")
