"""What tests of the twin's Finance begin with: a twin on a socket, a clock, our own sessions."""

import json
from collections.abc import Callable

import httpx

from adapter.edge.finance.package_jobs import PATH, PackageJobs
from adapter.edge.http.secrets import Secret
from adapter.edge.http.session import Session
from adapter.edge.http.tokens import Tokens
from adapter.edge.twin.server import TwinServer
from adapter.edge.twin.store import TwinTable
from adapter.edge.twin.twin import Twin
from tests.clients_given import Clock

LABEL = "Project integration journal lines"
TYPES = {
    "dataAreaId": "text", "SourceActualId": "text", "Amount": "number", "Day": "day",
    "At": "moment", "Line": "whole", "Billable": "member", "Text": "text", "RecordId": "whole",
}  # fmt: skip
FINANCE = (
    TwinTable(entity="Journals", keys=("dataAreaId", "SourceKey"), filled=("JournalId",)),
    TwinTable(entity="Lines", keys=("dataAreaId", "SourceActualId"), types=TYPES, label=LABEL,
              navigations={"Journal": ("Journals", {"SourceKey": "Text"})}),
    TwinTable(entity="Calendars", keys=("CalendarId",)),
)  # fmt: skip


class Desk:
    """A twin on a socket whose clock is the client's, and a plain client that holds a token."""

    def __init__(self, twin: Callable[[Clock], Twin] | None = None, **more: object) -> None:
        self.clock = Clock()
        self.twin = twin(self.clock) if twin is not None else Twin(
            dataverse=(), finance=FINANCE, now_ms=self.clock.now_ms, **more  # type: ignore[arg-type]
        )  # fmt: skip
        self.server = TwinServer(self.twin, hang_seconds=0.05).start()
        self.base = f"{self.server.base}/finance"
        login = Tokens(f"{self.server.base}/login", "t", "c", self.base, self.clock,
                       secret=Secret("env:THE_SECRET"))  # fmt: skip
        self.session = Session(self.base, login, self.clock, timeout=5)
        self.jobs = PackageJobs(self.session, self.clock)
        self.web = httpx.Client(base_url=self.base, trust_env=False, timeout=5, auth=self.signed)
        self.login = login

    def signed(self, request: httpx.Request) -> httpx.Request:
        request.headers["Authorization"] = f"Bearer {self.login.token().value}"
        return request

    def rows(self, entity: str = "Lines") -> list[dict[str, object]]:
        return [kept.row for kept in self.twin.finance.store.rows[entity]]

    def act(self, action: str, **body: object) -> httpx.Response:
        return self.web.post(f"/{PATH}{action}", json=body)

    def value(self, action: str, **body: object) -> object:
        return self.act(action, **body).json()["value"]

    def address(self) -> str:
        return str(json.loads(str(self.value("GetAzureWriteUrl", uniqueFileName="a.zip")))
                   ["BlobUrl"])  # fmt: skip

    def stored(self, package: bytes) -> str:
        address = self.address()
        assert self.put(address, package).status_code == 201
        return address

    def put(self, address: str, package: bytes) -> httpx.Response:
        return httpx.put(address, content=package, headers={"x-ms-blob-type": "BlockBlob"})

    def started(self, package: bytes, execution: str, **more: object) -> httpx.Response:
        body = {"packageUrl": self.stored(package), "definitionGroupId": "G", "execute": True,
                "executionId": execution, "overwrite": True, "legalEntityId": "USMF"}
        return self.act("ImportFromPackage", **{**body, **more})

    def close(self) -> None:
        self.web.close()
        self.session.close()
        self.server.stop()
