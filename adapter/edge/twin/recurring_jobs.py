"""Recurring integration of the twin: messages in, files out until they are acknowledged."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from msgspec import Struct

from adapter.edge.twin.answers import Asked, TwinAnswer, nothing, said
from adapter.edge.twin.executions import Execution, Executions, Refuses, run_import, table_of
from adapter.edge.twin.finance_errors import plain_error
from adapter.edge.twin.finance_habits import Habits
from adapter.edge.twin.package_reading import PackageFile, read_file, read_package
from adapter.edge.twin.store import TwinStore

PLACE = "/api/connector/"
NEVER = "0001-01-01T00:00:00"
WORDS = {"Succeeded": "Processed", "PartiallySucceeded": "ProcessedWithErrors",
         "Failed": "ProcessedWithErrors"}  # fmt: skip
_PATH = re.compile(r"(enqueue|dequeue|ack|download)/\{?([0-9a-fA-F-]{36})\}?(?:/([0-9a-f-]{36}))?")


class Message(Struct, kw_only=True):
    """A file on its way in (with its execution) or out (with its content)."""

    id: str
    activity: str
    execution: str = ""
    broken: bool = False  # nothing of it could be read
    content: bytes = b""
    scheme: str = ""
    told: dict[str, Any] = {}  # the last answer that named it
    last: int | None = None  # when that was
    acked: bool = False


class RecurringJobs:
    """All jobs of one environment; every id is that of a job."""

    def __init__(
        self, store: TwinStore, executions: Executions, *, now_ms: Callable[[], int],
        habits: Habits, refuses: Refuses,
    ) -> None:  # fmt: skip
        self._store = store
        self._executions = executions
        self._now_ms = now_ms
        self._habits = habits
        self._refuses = refuses
        self._messages: dict[str, Message] = {}

    def answer(self, asked: Asked) -> TwinAnswer:
        """The answer to a request below /api/connector/."""
        found = _PATH.fullmatch(asked.path.removeprefix(PLACE))
        if found is None:
            return plain_error(404, "There is no such service.")
        what, activity = found[1], found[2].lower()
        if asked.method != ("POST" if what in ("enqueue", "ack") else "GET"):
            return plain_error(405, f"{what} is not called by {asked.method}.")
        if what == "enqueue":
            return self._enqueue(asked, activity)
        if what == "dequeue":
            return self._dequeue(asked, activity)
        return self._ack(asked, activity) if what == "ack" else self._download(
            asked, activity, found[3] or ""
        )

    def _new(self, activity: str) -> Message:
        id = str(uuid5(NAMESPACE_URL, f"twin:message:{len(self._messages)}"))
        message = self._messages[id] = Message(id=id, activity=activity)
        return message

    def _enqueue(self, asked: Asked, activity: str) -> TwinAnswer:
        entity, company = asked.query.get("entity", ""), asked.query.get("company", "")
        if bool(entity) == bool(company) or not asked.body:
            return plain_error(400, "A file names its entity, a package its company.")
        message = self._new(activity)
        files: list[PackageFile] = []
        try:
            files = read_package(asked.body) if company else [read_file(entity, asked.body)]
        except ValueError:
            message.broken = True
        message.broken = message.broken or any(
            table_of(self._store, file.label) is None for file in files
        )

        def work(run: Execution) -> None:
            if message.broken:
                run.ended = "Failed"
            else:
                run_import(run, files, self._store, self._refuses)

        message.execution = str(uuid5(NAMESPACE_URL, f"twin:run:{message.id}"))
        self._executions.start(message.execution, f"job {activity}",
                               company or self._habits.company, work)  # fmt: skip
        return said(200, message.id)

    def offer(self, activity: str, content: bytes) -> str:
        """Put a file into a job's way out; the id of its message."""
        message = self._new(activity.strip("{}").lower())
        message.content = content
        return message.id

    def _dequeue(self, asked: Asked, activity: str) -> TwinAnswer:
        """The first file that is new, or was fetched too long ago without a word."""
        now, again = self._now_ms(), self._habits.redelivery_ms
        message = next((
            m for m in self._messages.values()
            if m.activity == activity and not m.execution and not m.acked
            and (m.last is None or now - m.last >= again)
        ), None)  # fmt: skip
        if message is None:
            return nothing()
        scheme, _, rest = asked.headers.get("x-twin-base", "").partition("://")
        before = NEVER if message.last is None else _moment(message.last)
        message.scheme, message.last = scheme, now
        receipt = uuid5(NAMESPACE_URL, f"twin:receipt:{message.id}:{now}")
        message.told = {
            "CorrelationId": message.id, "PopReceipt": str(receipt),
            "DownloadLocation": f"http://{rest}{PLACE}download/{activity}/{message.id}",
            "IsDownLoadFileExist": True, "LastDequeueDateTime": before,
        }  # fmt: skip
        return said(200, message.told)

    def _download(self, asked: Asked, activity: str, id: str) -> TwinAnswer:
        message = self._messages.get(id)
        if message is None or message.activity != activity or message.last is None:
            return plain_error(404, "There is no such file.")
        if asked.headers.get("x-twin-base", "").partition("://")[0] != message.scheme:
            return plain_error(403, "The file is given by https only.")
        return TwinAnswer(status=200, headers={"Content-Type": "application/octet-stream"},
                          body=message.content)  # fmt: skip

    def _ack(self, asked: Asked, activity: str) -> TwinAnswer:
        """Done, if the body is the whole answer that named the file last."""
        told = asked.table() or {}
        message = self._messages.get(str(told.get("CorrelationId", "")))
        if message is None or message.activity != activity or message.last is None:
            return plain_error(400, "There is no such message.")
        if told != message.told:
            return plain_error(400, "The whole answer of the last dequeue is needed.")
        message.acked = True
        return nothing(200)

    def status(self, id: str) -> str:
        """Finance's word for a message. Raises ValueError for one that nobody knows."""
        message = self._known(id)
        if not message.execution:
            return "Acked" if message.acked else "Enqueued" if message.last is None else "Dequeued"
        status = self._executions.status(message.execution)
        if not status:
            return "Enqueued"
        if status not in WORDS:
            return "Preprocessing" if status == "NotRun" else "Processing"
        return "PreProcessingError" if message.broken else WORDS[status]

    def execution_of(self, id: str) -> str:
        """The execution of a message that came in; empty for others."""
        return self._known(id).execution

    def _known(self, id: str) -> Message:
        message = self._messages.get(id.strip("{}").lower())
        if message is None:
            raise ValueError(f"the message {id} was not found")
        return message


def _moment(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
