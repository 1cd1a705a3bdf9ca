"""Whatever the other side does with HTTP: an answer that says what is known, nothing else."""

import time
from collections.abc import Iterator
from threading import active_count

import pytest

from adapter.edge.clock import SystemClock
from adapter.edge.dataverse.client import DataverseClient
from adapter.edge.dataverse.neighbour import DataverseNeighbour
from adapter.edge.http.session import Session
from adapter.edge.http.tokens import Token
from adapter.values.codes import CODES
from tests import hostile_server as hostile
from tests.clients_given import step
from tests.hostile_server import Behave, HostileServer

CANARY = "canary-token-0123456789"
SLOW = (hostile.slow_head, hostile.slow_body, hostile.endless_chunks, hostile.many_hundreds,
        hostile.silence)  # fmt: skip


class Given:
    """Tokens that are always the canary."""

    def token(self, *, refused: str = "") -> Token:
        return Token(value=CANARY, until_ms=1 << 60, renew_ms=1 << 60)


def session(server: HostileServer, timeout: float = 0) -> Session:
    timeout = timeout or (0.2 if server.behave in SLOW else 5)
    return Session(server.base, Given(), SystemClock(), timeout=timeout)  # type: ignore[arg-type]


@pytest.fixture
def second() -> Iterator[HostileServer]:
    """A host that must never be asked."""
    with HostileServer(hostile.cut_json) as server:
        yield server


# behaviour | failure of the answer, "" for a whole one | meaning for the rows of a page
ANSWERS: list[tuple[Behave, str, str]] = [
    (hostile.redirect, "", "doubtful"),
    (hostile.huge_error, "", "doubtful"),
    (hostile.cut_json, "", "doubtful"),
    (hostile.length_too_long, "cut", "doubtful"),
    (hostile.length_twice, "no-answer", "doubtful"),
    (hostile.length_no_number, "no-answer", "doubtful"),
    (hostile.gzip_bomb, "too-large", "doubtful"),
    (hostile.gzip_in_gzip, "cut", "doubtful"),
    (hostile.gzip_broken, "cut", "doubtful"),
    (hostile.gzip_half, "cut", "doubtful"),
    (hostile.slow_head, "no-answer", "doubtful"),
    (hostile.slow_body, "cut", "doubtful"),
    (hostile.endless_chunks, "cut", "doubtful"),
    (hostile.broken_chunk, "cut", "doubtful"),
    (hostile.head_flood, "no-answer", "doubtful"),
    (hostile.status_garbage, "no-answer", "doubtful"),
    (hostile.no_http, "no-answer", "doubtful"),
    (hostile.many_hundreds, "no-answer", "doubtful"),
    (hostile.silence, "no-answer", "doubtful"),
    (hostile.closed, "no-answer", "doubtful"),
    (hostile.reset, "no-answer", "doubtful"),
    (hostile.deep_json, "", "doubtful"),
    (hostile.huge_number, "", "doubtful"),
    (hostile.no_utf8, "", "doubtful"),
    (hostile.page_of_a_gateway, "", "doubtful"),
    (hostile.foreign_link, "", "not-sent"),
    (hostile.circle, "", "doubtful"),
]
NAMES = [behave.__name__ for behave, _, _ in ANSWERS]


@pytest.mark.parametrize(("behave", "failure", "meaning"), ANSWERS, ids=NAMES)
def test_a_hostile_answer_is_named_and_no_rows_come_of_it(
    behave: Behave, failure: str, meaning: str, second: HostileServer
) -> None:
    began = time.monotonic()
    with HostileServer(behave) as server:
        server.elsewhere = second.base
        calls = session(server)
        answer = calls.call("GET", "api/data/v9.2/rows")
        rows, said = DataverseClient(calls).rows("rows")
        calls.close()

    assert (failure, []) == (answer.failure, rows)
    assert meaning == said.meaning
    assert not second.requests
    assert time.monotonic() - began < 8
    found = answer.finding(server.base)
    assert (found is not None) == bool(failure)
    assert found is None or (found.code in CODES and CANARY not in repr(found))


@pytest.mark.parametrize(("behave", "failure", "meaning"), ANSWERS, ids=NAMES)
def test_after_a_hostile_answer_nobody_believes_that_a_row_was_sent(
    behave: Behave, failure: str, meaning: str, second: HostileServer
) -> None:
    if behave in (hostile.foreign_link, hostile.circle, hostile.cut_json, hostile.deep_json,
                  hostile.huge_number, hostile.no_utf8):  # fmt: skip
        return  # a whole 200: the row was taken, whatever the body says
    with HostileServer(behave) as server:
        server.elsewhere = second.base
        calls = session(server)
        port = DataverseNeighbour(DataverseClient(calls), "gate")
        one = port.send([step(1)], {})
        many = port.send([step(1), step(2)], {})
        calls.close()

    # a business error is one however long its text; here the text is too long to be read
    assert ["unknown"] * 3 == [receipt.state for receipt in [*one, *many]]
    assert not second.requests
    assert CANARY not in repr([one, many])


def test_a_body_without_end_stops_at_its_cap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapter.edge.http.session.BODY_MAX", 4 << 20)
    with HostileServer(hostile.wide_chunks) as server:
        calls = session(server, timeout=5)
        answer = calls.call("GET", "rows")
        calls.close()

    assert ("too-large", b"") == (answer.failure, answer.body)


def test_cookies_are_neither_kept_nor_sent() -> None:
    with HostileServer(hostile.plenty_of_cookies) as server:
        calls = session(server)
        for _ in range(2):
            assert calls.call("GET", "rows").is_fine
        calls.close()

    assert not any(b"cookie" in request.lower() for request in server.requests)


def test_nobody_listening_is_surely_not_sent() -> None:
    with HostileServer(hostile.silence) as server:
        pass
    calls = session(server)

    answer = calls.call("POST", "rows", body=b"{}")

    calls.close()
    assert "not-sent" == answer.failure


@pytest.mark.parametrize("host", ["https://127.0.0.1:{}", "https://no-such-host.invalid"])
def test_without_tls_or_a_name_nothing_is_sent(host: str) -> None:
    with HostileServer(hostile.closed) as server:
        calls = Session(host.format(server.port), Given(), SystemClock(), timeout=0.5)  # type: ignore[arg-type]
        answer = calls.call("POST", "rows", body=b"{}")
        calls.close()

    assert "not-sent" == answer.failure
    assert not any(CANARY.encode() in request for request in server.requests)


@pytest.mark.parametrize("headers", [{"X-A": "a\r\nX-B: b"}, {"X-A": "ø"}, {"X A": "b"}])
def test_a_request_that_cannot_be_written_is_not_sent(headers: dict[str, str]) -> None:
    with HostileServer(hostile.closed) as server:
        calls = session(server)
        answer = calls.call("GET", "rows", headers=headers)
        calls.close()

    assert ("not-sent", []) == (answer.failure, server.requests)


def test_no_thread_is_left_behind() -> None:
    assert active_count() < 20
