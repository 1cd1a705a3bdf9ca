"""Secrets by name, and twenty canaries that may be seen nowhere."""

import base64
import json
import logging
import pickle
import re
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from urllib.parse import quote, quote_plus

import httpx
import pytest

from adapter.edge.dataverse.client import DataverseClient
from adapter.edge.dataverse.neighbour import DataverseNeighbour
from adapter.edge.http.answers import short
from adapter.edge.http.redactor import REDACTOR, SHOWN, Redactor
from adapter.edge.http.secrets import NoSecret, Secret, check_secret_name, secret
from adapter.edge.http.session import Session
from adapter.edge.http.tokens import Tokens
from adapter.values.finding import Place
from tests.clients_given import LOGIN, ORG, Clock, error, granted, in_batch, step
from tests.hostile_server import HostileServer, whole

PLACE = Place("adapter.toml", 12)
VALUE = 'p@ss/w+rd="x" y\\ø~'


def test_a_secret_is_found_by_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_SECRET", "from-the-environment")
    (tmp_path / "a.txt").write_text("\ufefffrom-the-file\r\n", encoding="utf-8")
    ring = ModuleType("keyring")
    ring.get_password = lambda service, user: f"from-{service}-{user}"  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "keyring", ring)

    found = [Secret(name, tmp_path).reveal()
             for name in ("env:A_SECRET", "file:a.txt", "keyring:service/user")]  # fmt: skip

    assert ["from-the-environment", "from-the-file", "from-service-user"] == found


@pytest.mark.parametrize("text", [
    "Sup3r/Secret+Value", "", "keyring:service", "keyring:/user", "ENV:NAME", "vault:x",
])  # fmt: skip
def test_a_secret_that_is_written_out_is_a_finding_that_does_not_repeat_it(text: str) -> None:
    finding = check_secret_name(text, PLACE)

    assert finding is not None
    assert ("SEC001", "error", PLACE) == (finding.code, finding.level, finding.place)
    with pytest.raises(NoSecret) as refused:
        secret(text, PLACE)
    with pytest.raises(NoSecret) as revealed:
        Secret(text).reveal()
    for said in (finding, refused.value, revealed.value, Secret(text)):
        assert not text or text not in f"{said} {said!r}"


@pytest.mark.parametrize("name", ["env:A", "file:a b.txt", "keyring:service/user/x"])
def test_a_name_is_no_finding(name: str) -> None:
    assert check_secret_name(name, PLACE) is None
    assert name == secret(name, PLACE).name


def test_a_keyring_that_breaks_says_nothing_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_service: str, _user: str) -> str:
        raise RuntimeError("the master password is hunter22")

    ring = ModuleType("keyring")
    ring.get_password = broken  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "keyring", ring)

    with pytest.raises(NoSecret) as found:
        Secret("keyring:service/user").reveal()

    assert "SEC002" == found.value.finding.code
    assert "hunter22" not in "".join(traceback.format_exception(found.value))


def test_a_secret_that_is_not_there_is_named() -> None:
    for name in ("env:NOT_SET_ANYWHERE", "file:/not/there"):
        with pytest.raises(NoSecret, match=name):
            Secret(name).reveal()


def test_a_secret_keeps_nothing_to_show(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_SECRET", VALUE)
    kept = Secret("env:A_SECRET")
    kept.reveal()

    for text in (repr(kept), str(kept), f"{kept}", repr(pickle.dumps(kept)), repr([kept])):
        assert VALUE not in text
    assert VALUE == pickle.loads(pickle.dumps(kept)).reveal()


FORMS = [
    VALUE, quote(VALUE), quote(VALUE, safe=""), quote_plus(VALUE), VALUE.encode().hex(),
    json.dumps(VALUE), repr(VALUE), base64.b64encode(VALUE.encode()).decode(),
    base64.urlsafe_b64encode(VALUE.encode()).decode().rstrip("="), quote(VALUE, safe="").lower(),
    base64.b64encode(f"client-id:{VALUE}".encode()).decode(),
    base64.b64encode(f"x{VALUE}yz".encode()).decode(),
    base64.b64encode(f"xx{VALUE}tail".encode()).decode(),
]  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_a_value_is_taken_out_in_every_form(form: str) -> None:
    redactor = Redactor()
    redactor.add(VALUE)

    cleaned = redactor.clean(f"before {form} after")

    assert SHOWN in cleaned
    assert cleaned.startswith("before ")
    assert cleaned.endswith(" after")
    assert form not in cleaned


@pytest.mark.parametrize(("given", "found"), [
    ("Authorization: Bearer abc.DEF-123_x", f"Authorization: {SHOWN}"),
    ("x eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc y", f"x {SHOWN} y"),
    ("https://a.blob.core.windows.net/c/b?sv=1&sig=ab%2Bc&se=2",
     f"https://a.blob.core.windows.net/c/b?sv=1&sig={SHOWN}&se=2"),
    ("grant=1&client_secret=abc&x=1", f"grant=1&client_secret={SHOWN}&x=1"),
    ("bearer of good news", "bearer of good news"), ("plain", "plain"),
])  # fmt: skip
def test_what_is_a_secret_by_its_form_is_taken_out_unknown(given: str, found: str) -> None:
    assert found == Redactor().clean(given)


def test_a_record_of_a_log_is_one_line_without_secrets(caplog: pytest.LogCaptureFixture) -> None:
    redactor = Redactor()
    redactor.add("a-hidden-value")
    caplog.handler.addFilter(redactor)
    try:
        log = logging.getLogger("fieldledger.test")
        log.warning("one %s\ntwo\x1b[31m %r", "a-hidden-value", {"k": "a-hidden-value"})
        try:
            raise ValueError("a-hidden-value")
        except ValueError:
            log.exception("said %d", "no number")
        log.warning("stack", stack_info=True)
    finally:
        caplog.handler.removeFilter(redactor)

    assert "a-hidden-value" not in caplog.text
    assert "Traceback" in caplog.text
    assert f"one {SHOWN}\\u000atwo\\u001b[31m {{'k': '{SHOWN}'}}" == caplog.messages[0]


def test_many_secrets_do_not_slow_the_redactor_down() -> None:
    redactor = Redactor()
    for number in range(400):
        redactor.add(f"token-number-{number:06d}")

    assert SHOWN == redactor.clean("token-number-000399")
    assert "Redactor(128 values)" == repr(redactor)


CANARIES = [f"canary{n:02d}+/={'qwertzuiop'[n % 10] * 6}{n}" for n in range(20)]


@pytest.fixture
def planted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[list[Tokens]]:
    """Ten secrets, ten tokens: in the environment, in files, in answers of the login."""
    made = []
    for number, (value, token) in enumerate(zip(CANARIES[:10], CANARIES[10:], strict=True)):
        name = f"env:CANARY_{number}" if number % 2 else f"file:{number}.txt"
        monkeypatch.setenv(f"CANARY_{number}", value)
        (tmp_path / f"{number}.txt").write_text(value)

        def answer(request: httpx.Request, token: str = token, n: int = number) -> httpx.Response:
            if n == 9:  # a login that repeats what it was sent
                said = {"error": "invalid_client", "error_description": request.content.decode()}
                return httpx.Response(401, json=said)
            return granted(token)

        made.append(Tokens(LOGIN, "tenant", "client", ORG, Clock(), secret=Secret(name, tmp_path),
                           transport=httpx.MockTransport(answer)))  # fmt: skip
    yield made


def echo(request: httpx.Request) -> httpx.Response:
    """Dataverse that repeats the token it was given wherever it can."""
    token = request.headers["authorization"]
    said = error("0x80040265", f"no: {token} {token.encode().hex()} {quote(token)}")
    if request.url.path.endswith("$batch"):
        return in_batch([(400, {"X-Echo": token}, json.dumps(said))] * 2)
    if request.method == "GET" and "(" in request.url.path:
        return httpx.Response(500, json=said, headers={"X-Echo": token})
    if request.method == "GET":
        raise httpx.ReadError(f"broke while sending {token}", request=request)
    return httpx.Response(412, json=error("0x80060892", token))


def test_none_of_twenty_canaries_is_seen_anywhere(
    planted: list[Tokens], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.handler.addFilter(REDACTOR)
    seen: list[object] = []
    for login in planted:
        calls = Session(ORG, login, Clock(), transport=httpx.MockTransport(echo))
        client = DataverseClient(calls)
        port = DataverseNeighbour(client, "gate")
        seen += [*port.send([step(1), step(2)], {}), *port.send([step(3)], {})]
        seen += [port.find([step(1)]), client.rows("rows"), client.changes("rows", (), None)]
        seen += [client.who_am_i(), calls, login, login.token(), port, client]
        failed = calls.call("GET", "rows")
        seen += [failed.failure, failed.message, failed.finding("x")]
        logging.getLogger("anybody").debug("%s", {"token": login.token().value})
    with HostileServer(lambda connection, _: connection.sendall(whole(b"{}"))) as server:
        real = Session(server.base, planted[0], Clock())  # through the logging of httpcore too
        seen.append(real.call("GET", "rows").is_fine)
        real.close()
    caplog.handler.removeFilter(REDACTOR)

    whole_text = caplog.text + repr(seen) + "".join(str(one) for one in seen)
    hits = [form for canary in CANARIES for form in forms(canary) if form in whole_text]
    assert [] == hits
    assert "httpcore" in caplog.text
    assert len(whole_text) > 10_000


def forms(value: str) -> set[str]:
    raw = value.encode()
    return {value, quote(value), quote(value, safe=""), raw.hex(), value[:12],
            base64.b64encode(raw).decode()[:16]}  # fmt: skip


def test_a_message_of_the_other_side_is_cleaned_and_short() -> None:
    REDACTOR.add("known-secret-value")

    found = short("a\r\n\x1b[31m b known-secret-value " + "x" * 10_000)

    assert f"a [31m b {SHOWN}" == found.partition(" x")[0]
    assert len(found) <= 500
    assert re.fullmatch(r"[ -~]*", found)
