"""What tests of the clients begin with: a clock, sessions, tokens, steps, table-style answers."""

import threading
from collections.abc import Callable, Mapping
from itertools import count

import httpx

from adapter.edge.dataverse.client import DataverseClient
from adapter.edge.dataverse.neighbour import DataverseNeighbour
from adapter.edge.http.secrets import Secret
from adapter.edge.http.session import Session
from adapter.edge.http.tokens import Tokens
from adapter.making.steps import Step

ORG = "https://org.crm.dynamics.com"
LOGIN = "https://login.microsoftonline.com"
TOKEN_URL = f"{LOGIN}/tenant/oauth2/v2.0/token"
API = f"{ORG}/api/data/v9.2"
NOW = 1_795_000_000_000
ID = "6f9c1c3e-0000-5000-8000-{:012d}"
Answering = Callable[[httpx.Request], httpx.Response]


class Clock:
    """Time that moves only when it is told to."""

    def __init__(self) -> None:
        self.now = NOW
        self._count = count(1)
        self._lock = threading.Lock()

    def now_ms(self) -> int:
        return self.now

    def monotonic_ms(self) -> int:
        return self.now

    def sleep_ms(self, duration: int) -> None:
        self.now += duration

    def token(self, length: int) -> str:
        with self._lock:
            return f"{next(self._count):0{length}x}"[-length:]


def tokens(clock: Clock, transport: httpx.BaseTransport | None = None, name: str = "env:THE_SECRET",
           **more: Secret) -> Tokens:  # fmt: skip
    return Tokens(LOGIN, "tenant", "client-id", ORG, clock, transport=transport,
                  **(more or {"secret": Secret(name)}))


def granted(value: str = "a-token-of-the-test", seconds: object = 3599) -> httpx.Response:
    return httpx.Response(200, json={"token_type": "Bearer", "expires_in": seconds,
                                     "ext_expires_in": seconds, "access_token": value})  # fmt: skip


def client(answer: Answering, clock: Clock | None = None) -> DataverseClient:
    """A client whose other side is a function."""
    return DataverseClient(
        Session(ORG, None, clock or Clock(), transport=httpx.MockTransport(answer))
    )


def neighbour(answer: Answering, chunk: int = 50) -> DataverseNeighbour:
    return DataverseNeighbour(client(answer), "org|client", chunk=chunk)


def step(number: int = 1, **changed: object) -> Step:
    """A row that is to exist, with an id of ours."""
    given: dict[str, object] = {
        "key": f"key-{number}", "number": number, "part": "line", "entity": "invoicedetails",
        "keys": {"invoicedetailid": ID.format(number)}, "digest": "d", "company": "USMF",
        "body": f'{{"invoicedetailid":"{ID.format(number)}","priceperunit":150.10}}',
    }  # fmt: skip
    return Step(**{**given, **changed})  # type: ignore[arg-type]


def error(code: str, message: str, **more: str) -> dict[str, object]:
    return {"error": {"code": code, "message": message, **more}}


def in_batch(parts: list[tuple[int, Mapping[str, str], str]], *, status: int = 200,
             boundary: str = "batchresponse_1") -> httpx.Response:  # fmt: skip
    """An answer to a batch: status, headers and text of each part."""
    lines = []
    for code, headers, text in parts:
        lines += [f"--{boundary}", "Content-Type: application/http",
                  "Content-Transfer-Encoding: binary", "REQ_ID: 1", "", f"HTTP/1.1 {code} Word"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        lines += ["", text]
    lines += [f"--{boundary}--", ""]
    return httpx.Response(status, content="\r\n".join(lines).encode(),
                          headers={"Content-Type": f"multipart/mixed; boundary={boundary}"})


def created(number: int) -> tuple[int, dict[str, str], str]:
    """The part of a row that was created."""
    return 204, {"OData-EntityId": f"{API}/invoicedetails({ID.format(number)})"}, ""
