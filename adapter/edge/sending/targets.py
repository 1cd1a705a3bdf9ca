"""Who a consignment goes to: by its company's delivery and its environment's connection."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import httpx

from adapter.edge.book import read_book
from adapter.edge.clock import Clock
from adapter.edge.dataverse.client import DataverseClient
from adapter.edge.dataverse.errors import Said
from adapter.edge.dataverse.neighbour import DataverseNeighbour
from adapter.edge.finance.client import FinanceClient
from adapter.edge.finance.neighbour import FinanceNeighbour
from adapter.edge.http.secrets import Secret
from adapter.edge.http.session import Session
from adapter.edge.http.tokens import Tokens
from adapter.edge.ledger import Claim, Ledger
from adapter.edge.sending.files import FilesNeighbour
from adapter.edge.sending.patience import AskedToWait, Patience
from adapter.edge.sending.ports import CannotConnect, Neighbour, NoConnection
from adapter.reading.connect import LOOPBACK, ConnectSetting
from adapter.reading.setting_bounds import FILES
from adapter.reading.settings import Settings

SystemName = Literal["dataverse", "finance"]


class Targets:
    """The neighbours of a workspace, made when first asked for, and kept. Threads may share them:
    each connection is made once, and given back by `close`.
    """

    def __init__(
        self, settings: Settings, folder: Path, clock: Clock, *,
        transport: httpx.BaseTransport | None = None, enforces_keys: bool | None = None,
        timeout: float = 120,
    ) -> None:  # fmt: skip
        self.settings = settings
        self.folder = folder
        self.clock = clock
        self._transport = transport
        self._enforces_keys = enforces_keys
        self._timeout = timeout
        self._kept: dict[tuple[str, str, str], Neighbour] = {}
        self._names: dict[str, str] | None = None
        self._sessions: dict[tuple[str, str], Session] = {}
        self._making = threading.RLock()  # what two threads made at once, nobody would close

    def neighbour_of(self, claim: Claim) -> Neighbour | None:
        """Where a claim goes; None where its company no longer sends that way.

        Raises CannotConnect for an environment that says too little.
        """
        company = self.settings.companies.get(claim.company)
        if company is None or company.delivery != claim.delivery:
            return None
        if claim.delivery == FILES:
            place = self.folder / self.settings.sending.folder / claim.environment
            return FilesNeighbour(place, claim.system, self._labels(), claim.name)
        return self._neighbour(claim.environment, claim.system, claim.delivery)

    def asked_of(self, claim: Claim) -> Neighbour:
        """Whom to ask what is there, whatever way a claim left: files are imported into the same
        systems. Raises CannotConnect; NoConnection where none is configured.
        """
        return self._neighbour(claim.environment, claim.system, "odata")

    def outbox_of(self, claim: Claim) -> FilesNeighbour:
        """The files that a claim became, on this machine. Raises nothing."""
        place = self.folder / self.settings.sending.folder / claim.environment
        return FilesNeighbour(place, claim.system)

    def _neighbour(self, environment: str, system: str, delivery: str) -> Neighbour:
        key = (environment, system, delivery)
        with self._making:
            known = self._kept.get(key)
            if known is None:
                made = self.finance if system == "finance" else self.dataverse
                known = self._kept[key] = made(environment)
            return known

    def _labels(self) -> dict[str, str]:
        """What data entities are called, by entity set: the workspace's schema, else ours."""
        with self._making:
            if self._names is None:
                schemas = read_book(self.folder, self.settings, self.settings.as_of).schemas
                self._names = {t.set or t.table: t.label for t in schemas.values() if t.label}
            return self._names

    def finance(self, environment: str) -> FinanceNeighbour:
        """Finance of an environment. Raises CannotConnect."""
        session = self.session(environment, "finance")
        enforces = self._enforces_keys
        if enforces is None:  # a key of ours is only safe where an administrator made it unique
            enforces = self._connect(environment).finance_enforces_keys
        return FinanceNeighbour(
            FinanceClient(session), self._gate(session, environment), enforces_keys=enforces,
            companies=frozenset(code.upper() for code, company in self.settings.companies.items()
                                if company.environment == environment),
            chunk=self.settings.sending.lines_per_call,
        )  # fmt: skip

    def dataverse(self, environment: str) -> DataverseNeighbour:
        """Dataverse of an environment. Raises CannotConnect."""
        session = self.session(environment, "dataverse")
        return DataverseNeighbour(DataverseClient(session), self._gate(session, environment),
                                  chunk=self.settings.sending.lines_per_call)  # fmt: skip

    def _gate(self, session: Session, environment: str) -> str:
        return f"{session.origin[1]}:{session.origin[2]}|{self._connect(environment).client}"

    def _connect(self, environment: str) -> ConnectSetting:
        setting = self.settings.environments.get(environment)
        if setting is None or setting.connect is None:
            raise NoConnection(
                f"environment {environment} has no [environments.{environment}.connect]"
            )
        return setting.connect

    def session(self, environment: str, system: SystemName) -> Session:
        """The session of one system. Raises CannotConnect."""
        with self._making:
            known = self._sessions.get((environment, system))
            if known is None:
                known = self._sessions[environment, system] = self._connected(environment, system)
            return known

    def _connected(self, environment: str, system: SystemName) -> Session:
        said = self._connect(environment)
        base = said.finance if system == "finance" else said.dataverse
        if not base:
            raise NoConnection(f"environment {environment} names no address of {system}")
        if not said.secret and not said.certificate:
            raise CannotConnect(f"environment {environment} names no secret and no certificate")
        tokens = Tokens(
            said.login, said.tenant, said.client, base, self.clock, transport=self._transport,
            secret=Secret(said.secret, self.folder) if said.secret else None,
            certificate=Secret(said.certificate, self.folder) if said.certificate else None,
        )  # fmt: skip
        return Session(base, tokens, self.clock, transport=self._transport, timeout=self._timeout)

    def pin(self, ledger: Ledger, report: Callable[[str], None]) -> None:
        """Tie the ledger to the organisations and hosts that answer.

        Who they are is asked for again where they say to wait, or nothing. Raises PinnedElsewhere
        when it belongs to others, CannotConnect when nobody answers.
        """
        patience = Patience(ledger, self.clock)
        seen: dict[str, str] = {}  # organisation -> environment
        for name, environment in self.settings.environments.items():
            said = environment.connect
            if said is None:
                continue
            if said.finance:
                ledger.pin(f"finance host of {name}", host_of(said.finance))
            if said.dataverse:
                ledger.pin(f"dataverse host of {name}", host_of(said.dataverse))
                organization, answered = self._who_am_i(name, patience)
                if answered.meaning == "throttled":
                    raise AskedToWait(f"Dataverse of {name} asks to wait again and again: "
                                      "try again later", answered.wait_ms)  # fmt: skip
                if answered.meaning != "fine" or not organization:
                    raise CannotConnect(f"Dataverse of {name} does not say who it is: "
                                        f"{answered.message or 'no answer'}")  # fmt: skip
                if said.organization and said.organization.lower() != organization:
                    raise CannotConnect(f"Dataverse of {name} is organisation {organization}, "
                                        f"adapter.toml says {said.organization}")  # fmt: skip
                other = seen.setdefault(organization, name)
                if other != name and not said.is_loopback:
                    raise CannotConnect(f"{other} and {name} are one organisation: its rows would "
                                        "be read, planned and sent twice")  # fmt: skip
                ledger.pin(f"organisation of {name}", organization)
                report(f"{name}: organisation {organization}")

    def _who_am_i(self, environment: str, patience: Patience) -> tuple[str, Said]:
        session = self.session(environment, "dataverse")
        gate, client = self.gate(environment, "dataverse"), DataverseClient(session)
        return patience.read(gate, client.who_am_i, lambda answer: answer[1], session)

    def gate(self, environment: str, system: SystemName) -> str:
        """Name of a system's throttle gate: host and principal. Raises CannotConnect."""
        return self._gate(self.session(environment, system), environment)

    def is_twin(self, environment: str) -> bool:
        """Whether an environment's addresses lead to this machine."""
        said = self.settings.environments[environment].connect
        return said is not None and said.is_loopback

    def close(self) -> None:
        """Give all connections back."""
        with self._making:
            for session in self._sessions.values():
                session.close()


def hosts_of(settings: Settings) -> dict[str, str]:
    """The hosts that settings lead to, by the names under which `Targets.pin` pins them."""
    found = {}
    for name, environment in settings.environments.items():
        said = environment.connect
        if said is not None and said.finance:
            found[f"finance host of {name}"] = host_of(said.finance)
        if said is not None and said.dataverse:
            found[f"dataverse host of {name}"] = host_of(said.dataverse)
    return found


def host_of(url: str) -> str:
    """Host of an address, as it is pinned. A twin's port changes; it is the same twin."""
    host = urlsplit(url).hostname or ""
    return "loopback" if host in LOOPBACK else host.lower()
