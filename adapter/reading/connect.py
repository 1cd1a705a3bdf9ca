"""What adapter.toml says about the way out: where the two systems are, how sending behaves.

Secrets stand in files by name only: `env:NAME`, `file:PATH` or `keyring:SERVICE/USER`.
"""

import re
from collections.abc import Callable

from msgspec import Struct

from adapter.reading.ledger_address import address_fault
from adapter.values.finding import Place

SECRET = re.compile(r"(?:env:[A-Za-z_][A-Za-z0-9_]*|file:.+|keyring:[^/]+/.+)")
_PATH = r"(?::\d{1,5})?(?:/[\w.~%/-]*)?"
ADDRESS = re.compile(
    rf"https://[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?{_PATH}"
    rf"|http://(?:127\.0\.0\.1|localhost|\[::1\]){_PATH}"
)  # plain http stays on this machine
LOOPBACK = ("127.0.0.1", "localhost", "::1")
_HERE = re.compile(r"https?://(?:127\.0\.0\.1|localhost|\[::1\])(?:[:/]|$)")
ENTER = ("by-hand", "automatic")
SECOND_MS = 1_000
Fault = Callable[[str, Place, str], None]


class ConnectSetting(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """[environments.NAME.connect]: the addresses of one environment and who asks."""

    dataverse: str | None = None  # https://org.crm.dynamics.com
    finance: str | None = None  # https://org.operations.dynamics.com
    login: str = "https://login.microsoftonline.com"
    tenant: str = ""
    client: str = ""
    secret: str | None = None  # a name, never the secret itself
    certificate: str | None = None
    finance_enforces_keys: bool = False  # the keys of our rows are unique in Finance too
    organization: str | None = None  # id that WhoAmI must answer

    @property
    def is_loopback(self) -> bool:
        """Whether all addresses lead to this machine."""
        urls = [url for url in (self.finance, self.dataverse) if url]
        return bool(urls) and all(_HERE.match(url) for url in urls)


class LedgerSetting(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """[ledger]: where the record of what was sent is kept."""

    url: str = "ledger.db"  # a file of the workspace, or postgresql+psycopg://...
    url_from: str | None = None  # name of a secret that holds the URL
    anchor: str | None = None  # file outside the ledger that its head is written to


class SendingSetting(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """[sending]: leases, waiting and workers."""

    workers: int = 4
    lease_seconds: int = 60
    late_commit_seconds: int = 21_600  # longest time after which a request may take effect
    attempts: int = 8
    settle_delay_seconds: int = 300  # between two sightings of a row
    folder: str = "outbox"  # where deliveries of mode `files` are written
    lines_per_call: int = 50
    plan_seconds: int = 900  # how often `run` plans; 0: never
    enter: str = "by-hand"  # or automatic: what `run` plans, it sends
    block_lane: bool = False  # a parked document holds back those after it

    @property
    def lease_ms(self) -> int:
        """How long a worker may be silent."""
        return self.lease_seconds * SECOND_MS

    @property
    def late_commit_ms(self) -> int:
        """How long resending waits where the other side enforces no key."""
        return self.late_commit_seconds * SECOND_MS


def check_connect(name: str, said: ConnectSetting, place: Place, fault: Fault) -> None:
    """Findings about one environment's connection: addresses, names of secrets."""
    for what in ("dataverse", "finance", "login"):
        url = getattr(said, what)
        if url is None:
            continue
        if not (isinstance(url, str) and ADDRESS.fullmatch(url)):
            fault(f"environment {name}: `{what}` is no https address", place,
                  "write it as https://org.crm.dynamics.com")  # fmt: skip
    for what in ("secret", "certificate"):
        word = getattr(said, what)
        if word is not None and not SECRET.fullmatch(word):
            fault(f"environment {name}: `{what}` is not the name of a secret", place,
                  "secrets never stand in files: write env:NAME, file:PATH or "
                  "keyring:SERVICE/USER")  # fmt: skip


def check_ledger(said: LedgerSetting, place: Place, fault: Fault) -> None:
    """Findings about [ledger]: they never repeat the URL."""
    wrong = address_fault(said.url)
    if wrong is not None:
        fault(f"`url` of [ledger] {wrong[0]}", place, wrong[1])


def check_sending(said: SendingSetting, place: Place, fault: Fault) -> None:
    """Findings about [sending]."""
    bounds = {
        "workers": (1, 64), "lease_seconds": (1, 3_600), "late_commit_seconds": (0, 864_000),
        "attempts": (1, 1_000), "settle_delay_seconds": (0, 86_400), "lines_per_call": (1, 1_000),
        "plan_seconds": (0, 86_400),
    }  # fmt: skip
    for name, (least, most) in bounds.items():
        if not least <= getattr(said, name) <= most:
            fault(f"`{name}` of [sending] lies outside {least} to {most}", place,
                  f"write a number from {least} to {most}")  # fmt: skip
    if said.enter not in ENTER:
        fault("`enter` of [sending] is neither by-hand nor automatic", place,
              "by-hand: a person sends what `run` plans; automatic: `run` does")  # fmt: skip
