"""The data management API of Finance: packages in, packages out, and what became of them.

An import is started with an execution id of ours: after an answer that was lost it is asked for,
never started blindly again. Imports of one group must not run at the same time; the caller has
one worker for each. A succeeded import of nothing is no success.
"""

import json
from collections.abc import Mapping
from typing import Literal

import httpx
from msgspec import Struct

from adapter.edge.clock import Clock
from adapter.edge.finance.errors import Said, said_by
from adapter.edge.http.answers import Answer, short
from adapter.edge.http.hosts import is_loopback, is_under, origin_of
from adapter.edge.http.session import Session

PATH = "data/DataManagementDefinitionGroups/Microsoft.Dynamics.DataEntities."
JSON = {"Accept": "application/json", "Content-Type": "application/json; charset=utf-8"}
BLOBS = ("blob.core.windows.net",)
RUNNING = ("NotRun", "Executing", "Unknown")
POLL_MS, POLL_MAX_MS = 5_000, 60_000
NOT_FOUND_MS = 600_000  # right after the start nobody knows the execution yet
NOT_FOUND = "not found"
State = Literal["sent", "partly", "refused", "unknown", "planned"]


class Imported(Struct, frozen=True, kw_only=True):
    """What became of a package. `planned`: certainly not started; `partly`: see `errors`."""

    state: State
    execution: str
    status: str = ""
    message: str = ""
    errors: tuple[dict[str, str], ...] = ()  # record, field, message, as Finance gives them
    keys_file: str = ""  # where the keys of the rows that failed can be fetched
    wait_ms: int = 0  # throttled


class PackageJobs:
    """The actions of one environment. Nothing here raises for what Finance does."""

    def __init__(
        self, session: Session, clock: Clock, *, transport: httpx.BaseTransport | None = None
    ) -> None:
        self.session = session
        self.clock = clock
        self._transport = transport

    def import_package(
        self, group: str, execution: str, package: bytes, company: str, entity: str,
        *, patience_ms: int = 3_600_000,
    ) -> Imported:  # fmt: skip
        """Import a zip into a company, and wait for the end. `execution`: an id of ours.

        Raises ValueError without a company: Finance would take the caller's own.
        """
        if not company:
            raise ValueError("a package is imported into a company that is named")
        known = self.status(execution)
        if known[1].meaning == "fine" and known[0]:  # started before: its answer was lost
            return self.waited(execution, entity, patience_ms)
        put = self._uploaded(execution, package)
        if isinstance(put, Imported):
            return put
        answer, said = self._act("ImportFromPackage", {
            "packageUrl": put, "definitionGroupId": group, "executionId": execution,
            "execute": True, "overwrite": True, "legalEntityId": company,
        })  # fmt: skip
        if said.meaning == "refused":  # perhaps since it runs: it was started before
            self.clock.sleep_ms(POLL_MS)
            if self.status(execution)[0]:
                return self.waited(execution, entity, patience_ms)
        if said.meaning != "fine" and said.meaning != "doubtful":
            state: State = "refused" if said.meaning in ("refused", "missing") else "planned"
            return Imported(state=state, execution=execution, message=said.message,
                            wait_ms=said.wait_ms)  # fmt: skip
        named = str(_value(answer) or execution)
        if said.meaning == "fine" and named != execution:
            return Imported(state="unknown", execution=named,
                            message=f"Finance started {short(named)} instead of {execution}")
        return self.waited(execution, entity, patience_ms)

    def _uploaded(self, execution: str, package: bytes) -> str | Imported:
        """The address of the package in Finance's own store, or why it is not there."""
        answer, said = self._act("GetAzureWriteUrl", {"uniqueFileName": f"{execution}.zip"})
        try:
            address = str(json.loads(str(_value(answer)))["BlobUrl"])
        except (ValueError, KeyError, TypeError):
            address = ""
        if said.meaning != "fine" or not self._is_store(address):
            why = said.message or "the address of the package's store is not one of Azure's"
            return Imported(state="planned", execution=execution, message=why,
                            wait_ms=said.wait_ms)  # fmt: skip
        store = Session(str(origin_of(address)), None, self.clock, transport=self._transport)
        try:  # without our token: the address itself is the key
            done = store.call("PUT", address, body=package, headers={
                "x-ms-blob-type": "BlockBlob", "Content-Type": "application/octet-stream",
            })  # fmt: skip
        finally:
            store.close()
        if done.status != 201:
            return Imported(state="planned", execution=execution, message=(
                f"the package was not stored: {done.message or done.failure or done.status}"
            ))  # fmt: skip
        return address

    def _is_store(self, address: str) -> bool:
        if is_under(address, BLOBS):
            return True
        try:  # a twin keeps packages itself
            return is_loopback(self.session.hosts.origin.host) and is_loopback(
                origin_of(address).host
            )
        except ValueError:
            return False

    def status(self, execution: str) -> tuple[str, Said]:
        """Finance's word for an execution; empty where it knows none."""
        answer, said = self._act("GetExecutionSummaryStatus", {"executionId": execution})
        if said.meaning in ("refused", "missing") and NOT_FOUND in said.message.lower():
            return "", Said(meaning="fine")
        return (str(_value(answer) or "") if said.meaning == "fine" else ""), said

    def waited(self, execution: str, entity: str, patience_ms: int) -> Imported:
        """Ask until it ended, or patience did."""
        began, pause = self.clock.monotonic_ms(), POLL_MS
        while True:
            status, said = self.status(execution)
            gone = self.clock.monotonic_ms() - began
            if status and status not in RUNNING:
                return self._ended(execution, entity, status)
            if not status and said.meaning == "fine" and gone > NOT_FOUND_MS:
                return Imported(state="planned", execution=execution,
                                message="Finance never began: it does not know the execution")
            if gone > patience_ms or said.meaning == "forbidden":
                return Imported(state="unknown", execution=execution, status=status,
                                message=said.message or "it has not ended yet")  # fmt: skip
            self.clock.sleep_ms(max(pause, said.wait_ms))
            pause = min(pause * 2, POLL_MAX_MS)

    def _ended(self, execution: str, entity: str, status: str) -> Imported:
        errors = self.errors(execution)
        if status == "Succeeded" and errors == ():
            return Imported(state="sent", execution=execution, status=status)
        if errors is None:
            return Imported(state="unknown", execution=execution, status=status,
                            message="its errors could not be read")  # fmt: skip
        state: State = "refused" if status in ("Failed", "Canceled") else "partly"
        message = errors[0].get("ErrorMessage", "") if errors else f"the import is {status}"
        return Imported(state=state, execution=execution, status=status, message=short(message),
                        errors=errors, keys_file=self._keys_file(execution, entity))

    def errors(self, execution: str) -> tuple[dict[str, str], ...] | None:
        """Rows that failed; None when nobody knows."""
        answer, said = self._act("GetExecutionErrors", {"executionId": execution})
        try:
            listed = json.loads(str(_value(answer) or "[]")) if said.meaning == "fine" else None
        except ValueError:
            return None
        if not isinstance(listed, list) or not all(isinstance(row, dict) for row in listed):
            return None
        return tuple({str(k): short(v) for k, v in row.items()} for row in listed)

    def _keys_file(self, execution: str, entity: str) -> str:
        asked = {"executionId": execution, "entityName": entity}
        answer, said = self._act("GenerateImportTargetErrorKeysFile", asked)
        if said.meaning != "fine" or str(_value(answer)).lower() != "true":
            return ""
        for _ in range(5):
            answer, said = self._act("GetImportTargetErrorKeysFileUrl", asked)
            address = str(_value(answer) or "")
            if said.meaning != "fine" or address:
                return address if self._is_store(address) else ""
            self.clock.sleep_ms(POLL_MS)
        return ""

    def exported(self, group: str, package: str, execution: str, company: str) -> tuple[str, Said]:
        """The address of a package that Finance exports. With change tracking its rows are not
        offered again: keep the package before anything else.
        """
        answer, said = self._act("ExportToPackage", {
            "definitionGroupId": group, "packageName": package, "executionId": execution,
            "reExecute": False, "legalEntityId": company,
        })  # fmt: skip
        if said.meaning not in ("fine", "doubtful"):
            return "", said
        done = self.waited(execution, "", NOT_FOUND_MS * 6)
        if done.state != "sent":
            return "", Said(meaning="doubtful", code="HTT002", message=done.message or done.status)
        answer, said = self._act("GetExportedPackageUrl", {"executionId": execution})
        address = str(_value(answer) or "")
        if said.meaning == "fine" and not address:
            return "", Said(meaning="missing", message="there was nothing to export")
        if said.meaning == "fine" and not self._is_store(address):
            return "", Said(meaning="not-sent", code="HTT003",
                            message="the package lies outside Azure's store")  # fmt: skip
        return address, said

    def _act(self, action: str, body: Mapping[str, object]) -> tuple[Answer, Said]:
        answer = self.session.call("POST", PATH + action, headers=JSON,
                                   body=json.dumps(body).encode())  # fmt: skip
        return answer, said_by(answer, self.clock.now_ms())


def _value(answer: Answer) -> object:
    """What an action gives: `value`, which some answers nest once more."""
    found = answer.table().get("value")
    return found.get("value") if isinstance(found, dict) else found
