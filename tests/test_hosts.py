"""adapter/edge/http/hosts.py: links that lead elsewhere are known, however they are written."""

from itertools import product

import httpx
import pytest

from adapter.edge.http.hosts import ForeignHost, Hosts, is_under, origin_of
from adapter.edge.http.session import Session
from tests.clients_given import ORG, Clock, granted, tokens

HOSTS = Hosts(f"{ORG}/")
TWIN = Hosts("http://127.0.0.1:8080/dataverse")

# given | found
OURS = [
    ("api/data/v9.2/accounts", f"{ORG}/api/data/v9.2/accounts"),
    ("/api/data/v9.2/accounts", f"{ORG}/api/data/v9.2/accounts"),
    ("accounts(name='a:b')", f"{ORG}/accounts(name='a:b')"),
    (f"{ORG}/a?$deltatoken=919042%2108%2f22", f"{ORG}/a?$deltatoken=919042%2108%2f22"),
    ("HTTPS://ORG.crm.dynamics.com/a", f"{ORG}/a"),
    (f"{ORG}:443/a", f"{ORG}/a"),
    ("http://org.crm.dynamics.com/a?x=http://b", f"{ORG}/a?x=http://b"),
    ("http://org.crm.dynamics.com:80/a", f"{ORG}/a"),
]  # fmt: skip

SCHEMES = ["https:", "http:", "HTTPS:", "ftp:", "file:", "javascript:", "ws:", ""]
AUTHORITIES = [
    "evil.example", "org.crm.dynamics.com.evil.example", "evil-org.crm.dynamics.com",
    "org.crm.dynamics.com@evil.example", "evil.example#org.crm.dynamics.com",
    "user:pw@org.crm.dynamics.com", "org.crm.dynamics.com:444", "org.crm.dynamics.com:8443",
    "org.crm.dynamics.com:0", "org.crm.dynamics.com:99999", "org.crm.dynamics.com:",
    "org.crm.dynamics.com.", "org.crm.dynamics.com%2eevil.example", "127.0.0.1", "[::1]",
    "169.254.169.254", "[::ffff:169.254.169.254]", "2130706433", "0x7f000001", "localhost",
    "org.crm.dynamics.com\\.evil.example", "org.crm.dynamics.com%00.evil.example", "[::1", "",
    "оrg.crm.dynamics.com", "org.crm.dynamics。com", "org\t.crm.dynamics.com", " evil.example",
]  # fmt: skip
TRICKS = [f"{scheme}//{authority}/api/data/v9.2/rows" for scheme, authority in product(
    SCHEMES, AUTHORITIES
)] + [
    f"{ORG}\\@evil.example/a", f"{ORG}/\\evil.example", f"{ORG}/a/../../b", f"{ORG}/%2e%2e/b",
    f"{ORG}/a b", f"{ORG}/a\r\nHost: evil.example", f"{ORG}/a\x00", "//evil.example/a",
    "../a", "a/../../b", "a\r\nX: y", "a#b", "%2e%2e/a", "https:evil.example", "http:/evil.example",
    "https:///evil.example", "https://", "x" * 70_000 + "://", f"{ORG}/" + "x" * 70_000,
]  # fmt: skip


@pytest.mark.parametrize(("given", "found"), OURS)
def test_a_link_of_ours_keeps_every_letter_of_path_and_query(given: str, found: str) -> None:
    assert found == HOSTS.anchored(given)


def test_no_trick_leads_elsewhere_and_no_token_goes_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THE_SECRET", "secret-of-this-test")
    assert len(TRICKS) >= 200
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, json={})

    clock = Clock()
    login = tokens(clock, httpx.MockTransport(lambda _: granted()))
    calls = Session(ORG, login, clock, transport=httpx.MockTransport(answer))
    for trick in TRICKS:
        before = len(asked)
        found = calls.call("GET", trick)
        assert "foreign-host" == found.failure, trick
        assert len(asked) == before, trick
        assert found.finding("x") is not None


@pytest.mark.parametrize("link", [
    "http://127.0.0.1:8080/finance/rows", "http://127.0.0.1:8080/dataversed/rows",
    "http://127.0.0.1:8080/dataverse/%2e%2e/login", "http://127.0.0.1/dataverse/rows",
    "https://127.0.0.1:8080/dataverse/rows", "http://localhost:8080/dataverse/rows",
])  # fmt: skip
def test_a_link_outside_the_path_of_the_base_leads_elsewhere(link: str) -> None:
    with pytest.raises(ForeignHost):
        TWIN.anchored(link)


@pytest.mark.parametrize("base", [
    "http://org.crm.dynamics.com", "ftp://127.0.0.1", "org.crm.dynamics.com", "https://a/?b", "",
    "https://u:p@org.crm.dynamics.com", "http://[::ffff:8.8.8.8]", "http://10.0.0.1",
])  # fmt: skip
def test_a_base_without_tls_is_for_this_machine_only(base: str) -> None:
    with pytest.raises(ValueError):
        Session(base, None, Clock())


def test_the_origin_of_an_address_has_its_port() -> None:
    assert "https://a.example" == str(origin_of("https://A.example:443/x"))
    assert "http://[::1]:81" == str(origin_of("http://[::1]:81/x"))


@pytest.mark.parametrize(("url", "found"), [
    ("https://a.blob.core.windows.net/x?sig=y", True), ("https://blob.core.windows.net/x", True),
    ("https://evilblob.core.windows.net/x", False), ("http://a.blob.core.windows.net/x", False),
    ("https://a.blob.core.windows.net:444/x", False), ("nothing", False),
    ("https://a.blob.core.windows.net.evil.example/x", False),
])  # fmt: skip
def test_an_address_of_a_store_lies_under_its_domain(url: str, found: bool) -> None:
    assert found == is_under(url, ("blob.core.windows.net",))
