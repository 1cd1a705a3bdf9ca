"""A request that stood still too long does not leave: the last look is taken at the socket."""

import ssl

import httpcore
import pytest

from adapter.edge.clock import SystemClock
from adapter.edge.finance.client import FinanceClient
from adapter.edge.finance.neighbour import FinanceNeighbour
from adapter.edge.http.deadline import (
    JOINED_MAX,
    LEAVING,
    Deadline,
    TimedBackend,
    TimedTransport,
    must_leave_by,
)
from adapter.edge.http.secrets import Secret
from adapter.edge.http.session import Session
from adapter.edge.http.tokens import Tokens
from adapter.edge.ledger import open_ledger
from adapter.edge.sending.dispatch import Sender
from adapter.edge.twin.server import TwinServer
from adapter.edge.twin.twin import Twin
from adapter.reading.connect import SendingSetting
from tests.proof.consignments import FINANCE, entered, journal


class Frozen(SystemClock):
    """A clock whose process stood still: it jumps when told."""

    jump = 0

    def monotonic_ms(self) -> int:
        return super().monotonic_ms() + self.jump


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Frozen:
    monkeypatch.setenv("LEAVING_SECRET", "twin")
    return Frozen()


def session_of(server: TwinServer, clock: Frozen) -> Session:
    tokens = Tokens(f"{server.base}/login", "t", "c", f"{server.base}/finance", clock,
                    secret=Secret("env:LEAVING_SECRET"))  # fmt: skip
    return Session(f"{server.base}/finance", tokens, clock)


def test_nothing_leaves_after_its_instant(clock: Frozen) -> None:
    twin = Twin(dataverse=[], finance=FINANCE, now_ms=clock.now_ms)
    with TwinServer(twin) as server:
        session = session_of(server, clock)
        assert session.call("GET", "data/Lines").status == 200
        seen = sum(twin.requests.values())
        with must_leave_by(clock.monotonic_ms() - 1):
            late = session.call("POST", "data/Lines", body=b"{}")
        after = sum(twin.requests.values())
        again = session.call("GET", "data/Lines")
        session.close()

    assert (late.failure, after) == ("not-sent", seen)
    assert "does not leave any more" in late.message
    assert again.status == 200 and LEAVING.by_ms is None


@pytest.mark.parametrize("frozen_at", ["commit", "body"])
def test_a_worker_that_stands_still_after_its_commit_sends_nothing(
    clock: Frozen, tmp_path: object, monkeypatch: pytest.MonkeyPatch, frozen_at: str
) -> None:
    twin = Twin(dataverse=[], finance=FINANCE, now_ms=clock.now_ms)
    ledger = open_ledger(f"{tmp_path}/ledger.db")
    entered(ledger, [journal("one", "USMF", 3)])
    with TwinServer(twin) as server:
        session = session_of(server, clock)
        neighbour = FinanceNeighbour(FinanceClient(session), "g", companies=frozenset({"USMF"}))
        sender = Sender(ledger, lambda _claim: neighbour, clock, SendingSetting(lease_seconds=10))

        def freeze(*_any: object, **_more: object) -> None:
            clock.jump = 6_000

        if frozen_at == "commit":
            intend = ledger.intend
            monkeypatch.setattr(ledger, "intend", lambda *a: (intend(*a), freeze())[0])
        else:
            monkeypatch.setattr(neighbour.client.session, "address",
                                lambda path: (freeze(), f"{session.base}/{path}")[1])  # fmt: skip
        word = sender.dispatch(ledger.ready()[0]).word
        rows = len(twin.finance.store.rows.get("Journals", ()))
        session.close()
    states = {row.state for row in ledger.steps()}
    ledger.close()

    assert rows == 0
    assert word in ("lost", "waiting") and "sent" not in states


def test_all_connections_trust_the_same_authorities_read_once() -> None:
    clock = SystemClock()
    first, second = (TimedTransport(Deadline(), clock.monotonic_ms) for _ in range(2))

    trusted = first._pool._ssl_context  # type: ignore[attr-defined]

    assert trusted is second._pool._ssl_context  # type: ignore[attr-defined]
    assert trusted.verify_mode is ssl.CERT_REQUIRED and trusted.check_hostname
    assert trusted.cert_store_stats()["x509_ca"] > 50


class Wire(httpcore.NetworkStream):
    """What is handed to the socket, call by call."""

    def __init__(self) -> None:
        self.handed: list[bytes] = []

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self.handed.append(buffer)

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return b"answer"


class OneWire(httpcore.NetworkBackend):
    """Leads everywhere by one wire."""

    def __init__(self, wire: Wire) -> None:
        self.wire = wire

    def connect_tcp(self, *_place: object, **_how: object) -> httpcore.NetworkStream:
        return self.wire


@pytest.mark.parametrize(("body", "handed"), [
    (b"body", [b"headbody"]), (b"", [b"head"]),
    (b"b" * (JOINED_MAX + 1), [b"head", b"b" * (JOINED_MAX + 1)]),
])  # fmt: skip
def test_head_and_body_leave_together_and_nothing_stays_behind(
    clock: Frozen, body: bytes, handed: list[bytes]
) -> None:
    wire = Wire()
    backend = TimedBackend(Deadline(), clock.monotonic_ms, OneWire(wire))
    stream = backend.connect_tcp("here", 1)

    for _ in range(2):  # the second request of a connection as the first
        for part in filter(None, (b"head", body)):
            stream.write(part)
        stream.write(b"")  # as h11 says that a request ends
        stream.read(100)

    assert [h for h in wire.handed if h] == handed * 2


def test_a_request_that_nothing_ends_leaves_before_its_answer_is_read(clock: Frozen) -> None:
    wire = Wire()
    stream = TimedBackend(Deadline(), clock.monotonic_ms, OneWire(wire)).connect_tcp("here", 1)

    stream.write(b"head")
    stream.read(100)

    assert wire.handed == [b"head"]
