"""adapter/edge/http/tokens.py: one flight renews, one refusal ends it, nothing is shown."""

import base64
import json
import pickle
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs

import httpx
import pytest
import respx

from adapter.edge.dataverse.errors import said_by as dataverse_said_by
from adapter.edge.finance.errors import said_by as finance_said_by
from adapter.edge.http.secrets import Secret
from adapter.edge.http.session import Session
from adapter.edge.http.tokens import ASSERTION, EARLY_MS, Tokens
from tests.clients_given import API, LOGIN, ORG, TOKEN_URL, Answering, Clock, granted, tokens

SECRET = "s3cret/of+the=client&"


@pytest.fixture(autouse=True)
def the_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THE_SECRET", SECRET)


def login(answer: Answering, clock: Clock | None = None) -> Tokens:
    return tokens(clock or Clock(), httpx.MockTransport(answer))


def counted(answers: list[httpx.Response]) -> tuple[Answering, list[httpx.Request]]:
    """A login that gives one answer after the other, the last for ever."""
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return answers[min(len(asked), len(answers)) - 1]

    return answer, asked


@respx.mock
def test_a_token_is_asked_for_as_the_login_wants_it() -> None:
    route = respx.post(TOKEN_URL).mock(granted())

    token = Tokens(LOGIN, "tenant", "client-id", "https://Org.crm.dynamics.com/", Clock(),
                   secret=Secret("env:THE_SECRET")).token()  # fmt: skip

    request = route.calls[0].request
    form = parse_qs(request.content.decode())
    assert "a-token-of-the-test" == token.value
    assert "application/x-www-form-urlencoded" == request.headers["content-type"]
    assert {
        "grant_type": ["client_credentials"], "client_id": ["client-id"],
        "client_secret": [SECRET], "scope": [f"{ORG}/.default"],
    } == form  # fmt: skip


def test_a_token_is_kept_until_five_minutes_before_its_end() -> None:
    clock = Clock()
    answer, asked = counted([granted("first-token", 3600), granted("second-token", 3600)])
    login_ = login(answer, clock)

    found = []
    for at_s in (0, 3299, 3301, 3302):
        clock.now = Clock().now + at_s * 1000
        found.append(login_.token().value)

    assert ["first-token", "first-token", "second-token", "second-token"] == found
    assert 2 == len(asked)
    assert 300_000 == EARLY_MS


def test_a_token_of_a_short_life_is_renewed_at_half_of_it() -> None:
    clock = Clock()
    answer, asked = counted([granted("short-token", 4)])
    login_ = login(answer, clock)

    for _ in range(3):
        login_.token()
    clock.sleep_ms(2_500)
    login_.token()

    assert 2 == len(asked)


def test_a_renewal_that_fails_leaves_the_old_token_while_it_is_good() -> None:
    clock = Clock()
    answer, asked = counted([granted("good-token", 3600), httpx.Response(503)])
    login_ = login(answer, clock)
    login_.token()
    clock.sleep_ms(3_400_000)

    values = [login_.token().value for _ in range(5)]

    assert ["good-token"] * 5 == values
    assert 2 == len(asked), "not again at once"
    clock.sleep_ms(200_000)
    assert login_.token().failure


def held(threads: int, ask: Callable[[], object]) -> None:
    """Call from many threads at the same moment."""
    barrier = threading.Barrier(threads)

    def run() -> None:
        barrier.wait()
        ask()

    workers = [threading.Thread(target=run) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()


def test_many_threads_renew_by_one_flight() -> None:
    asked: list[int] = []
    values: list[str] = []

    def answer(_: httpx.Request) -> httpx.Response:
        asked.append(1)
        threading.Event().wait(0.05)
        return granted(f"token-number-{len(asked)}")

    login_ = login(answer)
    held(32, lambda: values.append(login_.token().value))

    assert ["token-number-1"] * 32 == values
    assert 1 == len(asked)


def test_an_early_renewal_keeps_nobody_waiting() -> None:
    clock = Clock()
    gate, inside = threading.Event(), threading.Event()

    def answer(_: httpx.Request) -> httpx.Response:
        if inside.is_set() or clock.now == Clock().now:
            return granted("old-token", 3600)
        inside.set()
        gate.wait(5)
        return granted("new-token", 3600)

    login_ = login(answer, clock)
    login_.token()
    clock.sleep_ms(3_400_000)
    slow = threading.Thread(target=login_.token)
    slow.start()
    inside.wait(5)

    meanwhile = login_.token().value
    gate.set()
    slow.join()

    assert ("old-token", "new-token") == (meanwhile, login_.token().value)


def test_many_calls_that_are_answered_401_renew_by_one_flight() -> None:
    answer, asked = counted([granted("revoked-token"), granted("fresh-token")])
    clock = Clock()
    seen: list[str] = []

    def resource(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers["authorization"])
        if "revoked" in seen[-1]:
            threading.Event().wait(0.02)
            return httpx.Response(401, headers={"WWW-Authenticate": "Bearer"})
        return httpx.Response(204)

    calls = Session(ORG, login(answer, clock), clock, transport=httpx.MockTransport(resource))
    statuses: list[int] = []
    held(16, lambda: statuses.append(calls.call("PATCH", "x", body=b"{}").status))

    assert [204] * 16 == statuses
    assert 2 == len(asked)


def test_a_second_401_ends_it() -> None:
    clock = Clock()
    answer, asked = counted([granted("one-token"), granted("two-token"), granted("three-token")])
    seen: list[str] = []

    def resource(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers["authorization"])
        return httpx.Response(401)

    calls = Session(ORG, login(answer, clock), clock, transport=httpx.MockTransport(resource))

    assert 401 == calls.call("GET", "x").status
    assert ["Bearer one-token", "Bearer two-token"] == seen
    assert 2 == len(asked)


@pytest.mark.parametrize(("status", "word", "number", "again"), [
    (401, "invalid_client", 7000215, 1), (400, "unauthorized_client", 700016, 1),
    (400, "invalid_scope", 500011, 1), (400, "temporarily_unavailable", 90033, 3),
])  # fmt: skip
def test_a_client_that_is_refused_is_not_asked_for_again(
    status: int, word: str, number: int, again: int
) -> None:
    said = {"error": word, "error_description": f"AADSTS{number}: Words. Trace ID: 1",
            "error_codes": [number], "trace_id": "1"}  # fmt: skip
    answer, asked = counted([httpx.Response(status, json=said)])
    login_ = login(answer)

    failures = [login_.token().failure for _ in range(3)]

    assert again == len(asked)
    assert f"no token for {ORG}/.default: {word} (AADSTS{number}: Words.)" == failures[2]


@pytest.mark.parametrize(("headers", "finance_ms", "dataverse_ms"), [
    ({"Retry-After": "7"}, 7_000, 7_000), ({}, 30_000, 60_000),
])  # fmt: skip
def test_a_login_that_asks_to_wait_is_waited_for_like_the_system_itself(
    headers: dict[str, str], finance_ms: int, dataverse_ms: int
) -> None:
    clock, seen = Clock(), list[str]()
    busy = httpx.Response(429, headers=headers, json={"error": "too_many_requests"})

    def resource(request: httpx.Request) -> httpx.Response:
        seen.append(request.url.path)
        return httpx.Response(204)

    calls = Session(ORG, login(counted([busy, granted()])[0], clock), clock,
                    transport=httpx.MockTransport(resource))  # fmt: skip
    answer = calls.call("POST", "x", body=b"{}")

    for meaning, wait_ms in ((finance_said_by(answer, 0), finance_ms),
                             (dataverse_said_by(answer, 0), dataverse_ms)):  # fmt: skip
        assert (meaning.meaning, meaning.wait_ms) == ("throttled", wait_ms)
        assert "too_many_requests" in meaning.message
    assert seen == []
    assert calls.call("POST", "x", body=b"{}").status == 204


def test_a_token_that_ended_while_the_login_asks_to_wait_is_waited_for() -> None:
    clock = Clock()
    busy = httpx.Response(429, headers={"Retry-After": "5"}, json={})
    calls = Session(ORG, login(counted([granted("revoked-token"), busy])[0], clock), clock,
                    transport=httpx.MockTransport(lambda _r: httpx.Response(401)))  # fmt: skip

    answer = calls.call("GET", "x")

    assert (answer.status, answer.retry_after_ms(0)) == (429, 5_000)


def test_a_changed_secret_is_tried_without_a_restart(monkeypatch: pytest.MonkeyPatch) -> None:
    refusal = httpx.Response(401, json={"error": "invalid_client"})
    answer, asked = counted([refusal, granted("token-by-new-secret")])
    login_ = login(answer)
    first = [login_.token().failure for _ in range(3)]
    monkeypatch.setenv("THE_SECRET", "another-secret")

    assert all(first)
    assert "token-by-new-secret" == login_.token().value
    assert 2 == len(asked)


@pytest.mark.parametrize("answer", [
    httpx.Response(200, json={}), httpx.Response(200, text="<html>"), httpx.Response(302),
    httpx.Response(200, json={"access_token": 7}), httpx.Response(200, json={"access_token": ""}),
    httpx.Response(200, json={"access_token": "a\r\nX: b", "expires_in": 5}),
    httpx.Response(200, json=["access_token"]), httpx.Response(503, headers={"Retry-After": "1"}),
    httpx.Response(500), httpx.Response(200, json={"access_token": "tøken", "expires_in": 5}),
    httpx.Response(400, json={"error": {"no": "text"}}),
])  # fmt: skip
def test_what_is_no_token_leads_to_no_request(answer: httpx.Response) -> None:
    clock = Clock()
    asked: list[httpx.Request] = []
    calls = Session(
        ORG, login(lambda _: answer, clock), clock,
        transport=httpx.MockTransport(lambda r: asked.append(r) or httpx.Response(204)),
    )  # fmt: skip

    found = calls.call("POST", "x", body=b"{}")

    assert ("not-sent", []) == (found.failure, asked)
    assert found.message.startswith("no token for")


@pytest.mark.parametrize("seconds", ["3599", 3599, "3599.0", None, "x", -5, "9" * 5000])
def test_a_life_that_says_nothing_is_short_and_breaks_nothing(seconds: object) -> None:
    answer = httpx.Response(200, json={"access_token": "token-of-some-life", "expires_in": seconds})

    assert "token-of-some-life" == login(lambda _: answer).token().value


@pytest.mark.parametrize("name", ["env:NOT_SET", "file:/not/there", "keyring:service/user", "x"])
def test_without_its_secret_nobody_is_asked(name: str) -> None:
    answer, asked = counted([granted()])
    found = tokens(Clock(), httpx.MockTransport(answer), name).token()

    assert (True, []) == (bool(found.failure), asked)


def certificate() -> str:
    """A certificate of our own and its key, as one text."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "fieldledger")])
    start = datetime(2026, 1, 1, tzinfo=UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(7).not_valid_before(start).not_valid_after(start + timedelta(365))
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                serialization.NoEncryption())  # fmt: skip
    return (made.public_bytes(serialization.Encoding.PEM) + private).decode()


def test_a_certificate_signs_who_we_are(tmp_path: Path) -> None:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding, rsa

    pem = certificate()
    (tmp_path / "client.pem").write_text(pem)
    answer, asked = counted([granted()])
    clock = Clock()
    token = tokens(clock, httpx.MockTransport(answer),
                   certificate=Secret("file:client.pem", tmp_path)).token()  # fmt: skip
    form = {k: v[0] for k, v in parse_qs(asked[0].content.decode()).items()}
    head, claims, signature = form["client_assertion"].split(".")

    def plain(text: str) -> bytes:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))

    key = x509.load_pem_x509_certificate(pem.encode()).public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    key.verify(plain(signature), f"{head}.{claims}".encode(), padding.PKCS1v15(), hashes.SHA256())
    said = json.loads(plain(claims))
    assert token.value
    assert ASSERTION == form["client_assertion_type"]
    assert "client_secret" not in form
    assert (TOKEN_URL, "client-id", "client-id") == (said["aud"], said["iss"], said["sub"])
    assert said["nbf"] <= clock.now // 1000 < said["exp"]


def test_a_certificate_that_cannot_be_read_shows_nothing_of_itself(tmp_path: Path) -> None:
    (tmp_path / "client.pem").write_text(certificate().replace("A", "B"))

    found = tokens(Clock(), certificate=Secret("file:client.pem", tmp_path)).token()

    assert found.failure.startswith("the certificate cannot be read: ")
    assert "MII" not in found.failure


def test_a_token_is_shown_and_written_nowhere() -> None:
    login_ = login(lambda _: granted("never-to-be-seen"))
    token = login_.token()

    for text in (repr(token), str(token), repr(login_), f"{token}", str([token])):
        assert "never-to-be-seen" not in text
    with pytest.raises(TypeError):
        pickle.dumps(token)


@respx.mock
def test_a_token_stands_in_the_header_of_its_own_host() -> None:
    respx.post(TOKEN_URL).mock(granted("header-token"))
    route = respx.get(f"{API}/WhoAmI").mock(httpx.Response(200, json={}))
    clock = Clock()

    Session(ORG, tokens(clock), clock).call("GET", "api/data/v9.2/WhoAmI")

    assert "Bearer header-token" == route.calls[0].request.headers["authorization"]
