"""The data management actions of the twin's Finance: packages in and out, and what became of them.

Values that Finance gives as JSON inside a text are given so, and those that it nests are nested.
"""

import csv
import io
from collections.abc import Callable
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from msgspec import Struct

from adapter.edge.finance.packages import package
from adapter.edge.twin.answers import Asked, TwinAnswer, nothing, said
from adapter.edge.twin.blobs import WRITE, Blobs
from adapter.edge.twin.executions import Execution, Executions, Refuses, run_import, table_of
from adapter.edge.twin.finance_errors import bad_request, error
from adapter.edge.twin.finance_habits import Habits
from adapter.edge.twin.finance_reading import COMPANY
from adapter.edge.twin.finance_values import shown
from adapter.edge.twin.package_reading import read_package
from adapter.edge.twin.recurring_jobs import RecurringJobs
from adapter.edge.twin.store import TwinStore
from adapter.reading.json_text import json_text

PLACE = "/data/DataManagementDefinitionGroups/Microsoft.Dynamics.DataEntities."


class Called(Struct, frozen=True):
    """One call of an action: its texts by name, all its values, and where the twin stands."""

    values: dict[str, Any]
    base: str

    def text(self, name: str) -> str:
        """A value that is a text. Raises ValueError where it is none, or missing."""
        value = self.values.get(name)
        if not isinstance(value, str):
            raise ValueError(f"the parameter '{name}' is missing or no text")
        return value


class PackageActions:
    """All actions of one environment."""

    def __init__(
        self, store: TwinStore, blobs: Blobs, executions: Executions, jobs: RecurringJobs,
        *, now_ms: Callable[[], int], habits: Habits, refuses: Refuses,
    ) -> None:  # fmt: skip
        self._store = store
        self._blobs = blobs
        self._executions = executions
        self._jobs = jobs
        self._now_ms = now_ms
        self._habits = habits
        self._refuses = refuses
        self._count = 0
        self._exported: dict[tuple[str, str], int] = {}  # project, company -> version
        self._actions: dict[str, Callable[[Called], object]] = {
            "GetAzureWriteUrl": self._write_url,
            "ImportFromPackage": self._import, "ImportFromPackageAsync": self._import,
            "GetExecutionSummaryStatus": self._status, "GetExecutionErrors": self._errors,
            "GetImportStagingErrorFileUrl": self._staging_file,
            "GenerateImportTargetErrorKeysFile": self._make_keys_file,
            "GetImportTargetErrorKeysFileUrl": self._keys_file,
            "ExportToPackage": self._export, "ExportToPackageAsync": self._export,
            "GetExportedPackageUrl": self._exported_url,
            "GetMessageStatus": lambda c: self._jobs.status(c.text("messageId")),
            "GetExecutionIdByMessageId": lambda c: self._jobs.execution_of(c.text("messageId")),
        }  # fmt: skip

    def answer(self, asked: Asked) -> TwinAnswer:
        """The answer to an action."""
        action = self._actions.get(asked.path.removeprefix(PLACE))
        if action is None:
            return nothing(404)
        if asked.method != "POST":
            return nothing(405)
        table = asked.table()
        if table is None:
            return bad_request("The request body is not valid JSON.")
        base = asked.headers.get("x-twin-base", "")
        try:
            value = action(Called(table, base))
        except ValueError as why:
            return error(400, f"{why}.")
        return said(200, {"@odata.context": f"{base}/data/$metadata#Edm.String", "value": value})

    def _new_id(self, what: str) -> str:
        self._count += 1
        return str(uuid5(NAMESPACE_URL, f"twin:{what}:{self._count}"))

    def _write_url(self, called: Called) -> object:
        name = called.text("uniqueFileName")
        if not name:
            raise ValueError("a blob needs a name")
        id = self._new_id("blob")
        address = self._blobs.address(called.base, f"{id}-{name}", WRITE)
        return json_text({"BlobId": f"{{{id.upper()}}}", "BlobUrl": address})

    def _id_of(self, called: Called) -> str:
        """The caller's id of a run, or one of ours. Raises ValueError for one that is taken."""
        id = called.text("executionId") or self._new_id("execution")
        if self._executions.get(id) is not None:
            raise ValueError(f"there is an execution {id} already")
        return id

    def _import(self, called: Called) -> object:
        group = called.text("definitionGroupId")
        id, company = self._id_of(called), called.text("legalEntityId") or self._habits.company
        if not group or not isinstance(called.values.get("overwrite"), bool):
            raise ValueError("an import names its project, and says whether it overwrites")
        running = self._executions.running(group)
        if running is not None:
            raise ValueError(f"an import of {group} is running: {running.id}")
        status, content = self._blobs.fetched(called.text("packageUrl"))
        if status != 200:
            raise ValueError(f"the package cannot be fetched: status {status}")
        files = read_package(content)
        for file in files:
            if table_of(self._store, file.label) is None:
                raise ValueError(
                    f"Entity {file.label} does not exist in the target environment"
                )
        executes = called.values.get("execute") is True

        def work(run: Execution) -> None:
            if executes:
                run_import(run, files, self._store, self._refuses)
            else:
                run.ended = "NotRun"

        return self._executions.start(id, group, company, work).id

    def _status(self, called: Called) -> object:
        id = called.text("executionId")
        status = self._executions.status(id)
        if not status:
            raise ValueError(f"records of the execution {id} were not found")
        return status

    def _ended(self, called: Called) -> Execution | None:
        run = self._executions.get(called.text("executionId"))
        return run if run is not None and run.ended else None

    def _errors(self, called: Called) -> object:
        run = self._ended(called)
        return json_text([] if run is None else run.errors)

    def _staging_file(self, called: Called) -> object:
        run, label = self._ended(called), called.text("entityName")
        if run is None or label not in run.staging:
            return ""
        name = f"{run.id}-{label}-staging.txt"
        if self._blobs.get(name) is None:
            self._blobs.put(name, run.staging[label].encode("utf-16"))
        return self._blobs.address(called.base, name)

    def _make_keys_file(self, called: Called) -> object:
        run, label = self._ended(called), called.text("entityName")
        table = table_of(self._store, label)
        if run is None or table is None or label not in run.failed:
            return False
        text = io.StringIO(newline="")
        rows = csv.writer(text, lineterminator="\r\n")
        rows.writerows(run.failed[label])
        run.keys_at.setdefault(label, self._now_ms() + self._habits.keys_ms)
        self._blobs.put(f"{run.id}-{label}-keys.csv", text.getvalue().encode("utf-16"))
        return True

    def _keys_file(self, called: Called) -> object:
        run, label = self._ended(called), called.text("entityName")
        if run is None or self._now_ms() < run.keys_at.get(label, self._now_ms() + 1):
            return ""
        return self._address_of(called, f"{run.id}-{label}-keys.csv")

    def _address_of(self, called: Called, name: str) -> str:
        """A fresh address of what is still kept."""
        return "" if self._blobs.get(name) is None else self._blobs.address(called.base, name)

    def _export(self, called: Called) -> object:
        group, id = called.text("definitionGroupId"), self._id_of(called)
        company = called.text("legalEntityId") or self._habits.company
        project = self._habits.exports.get(group)
        table = None if project is None else table_of(self._store, project.entity)
        if project is None or table is None:
            raise ValueError(f"there is no export project {group}")
        name = called.text("packageName") or f"{group}.zip"

        def work(run: Execution) -> None:
            mark = (group, company.lower())
            after = self._exported.get(mark, 0) if project.tracked else 0
            rows = [
                shown(table, kept.row) for kept in self._store.rows[table.entity]
                if kept.version > after and (COMPANY not in table.keys or
                                             str(kept.row.get(COMPANY)).lower() == company.lower())
            ]  # fmt: skip
            self._exported[mark] = self._store.version  # what was exported is not offered again
            if rows:
                run.package, run.rows = f"{run.id}-{name}", len(rows)
                self._blobs.put(run.package, package(group, table.entity, rows, project.entity))
            run.ended = "Succeeded"

        return {"value": self._executions.start(id, group, company, work).id}

    def _exported_url(self, called: Called) -> object:
        run = self._ended(called)
        return "" if run is None or not run.package else self._address_of(called, run.package)
