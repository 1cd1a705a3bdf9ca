"""Finance as the twin plays it: OData with companies, errors under odd statuses, `$batch`.

Packages and recurring jobs stand in modules of their own; this one leads to them.
"""

import re
from collections.abc import Callable

from adapter.edge.twin.answers import Asked, TwinAnswer, nothing, said
from adapter.edge.twin.blobs import PLACE as BLOBS
from adapter.edge.twin.blobs import Blobs
from adapter.edge.twin.executions import Executions
from adapter.edge.twin.finance_batch import batch_answer, run_batch
from adapter.edge.twin.finance_errors import bad_request, error, write_failed
from adapter.edge.twin.finance_habits import Habits, change_habits
from adapter.edge.twin.finance_query import parse_key
from adapter.edge.twin.finance_reading import COMPANY, in_reach, list_rows, one_row
from adapter.edge.twin.finance_values import etag
from adapter.edge.twin.package_actions import PLACE as PACKAGES
from adapter.edge.twin.package_actions import PackageActions
from adapter.edge.twin.recurring_jobs import PLACE as JOBS
from adapter.edge.twin.recurring_jobs import RecurringJobs
from adapter.edge.twin.store import Kept, Later, Row, TwinStore
from adapter.making.compared import normal

NO_ROW = "No resources were found when selecting for update."
_ONE = re.compile(r"(?P<set>\w+)\((?P<key>.*)\)", re.DOTALL)


class TwinFinance:
    """One environment of Finance."""

    def __init__(
        self, store: TwinStore, *, refuses: Callable[[str, Row], str] | None = None,
        now_ms: Callable[[], int] = lambda: 0, later: Later | None = None,
    ) -> None:  # fmt: skip
        self.store = store
        self.refuses = refuses or (lambda _entity, _row: "")
        self.metadata = b""
        self.habits = Habits()
        self.blobs = Blobs(now_ms, self.habits)
        runs = Executions(now_ms, self.habits, later or Later())
        self.jobs = RecurringJobs(store, runs, now_ms=now_ms, habits=self.habits,
                                  refuses=self.refuses)  # fmt: skip
        self.actions = PackageActions(store, self.blobs, runs, self.jobs, now_ms=now_ms,
                                      habits=self.habits, refuses=self.refuses)  # fmt: skip

    def answer(self, asked: Asked) -> TwinAnswer:
        """The answer to a request."""
        for place, part in ((PACKAGES, self.actions), (BLOBS, self.blobs), (JOBS, self.jobs)):
            if asked.path.startswith(place):
                return part.answer(asked)
        path = asked.path.removeprefix("/data").strip("/")
        if path == "$batch":
            return self.batch(asked)
        if path == "$metadata":
            return TwinAnswer(status=200, headers={"Content-Type": "application/xml"},
                              body=self.metadata)  # fmt: skip
        one = _ONE.fullmatch(path)
        if one is not None:
            return self._one(asked, one["set"], one["key"])
        if path not in self.store.tables:
            return nothing(404)
        if asked.method == "GET":
            return list_rows(asked, self.store, path, self.habits)
        if asked.method == "POST":
            row = asked.table()
            return self._insert(asked, path, row) if row is not None else bad_request(
                "The request body is not valid JSON."
            )
        return nothing(405)

    def _insert(self, asked: Asked, entity: str, row: Row) -> TwinAnswer:
        table = self.store.tables[entity]
        row = {name: value for name, value in row.items() if "@odata." not in name}
        if COMPANY in table.keys and not row.get(COMPANY):
            row = {**row, COMPANY: self.habits.company}  # as Finance does: the user's company
        why = self.refuses(entity, row)
        missing = [k for k in table.keys if normal(k, row.get(k)) is None]
        if missing and not why:
            why = f"Warning: Field '{missing[0]}' must be filled in."
        made = None if why else self.store.insert(entity, row)
        if made is None:
            why = why or f"Info: Cannot create a record in {entity}. The record already exists."
            return write_failed(self.habits.write_status, entity, why)
        return said(201, one_row(self.store, entity, made, asked))

    def _one(self, asked: Asked, entity: str, key: str) -> TwinAnswer:
        table = self.store.tables.get(entity)
        if table is None:
            return nothing(404)
        try:
            columns = parse_key(key, table)
        except ValueError as why:
            return bad_request(f"The key cannot be read: {why}.")
        wanted = tuple(normal(name, columns[name]) for name in table.keys)
        found = [kept for kept in self.store.find(entity, wanted)
                 if in_reach(asked, table, kept.row, self.habits)]  # fmt: skip
        if asked.method == "GET":
            return said(200, one_row(self.store, entity, found[0], asked)) if (
                found
            ) else nothing(404)
        if asked.method not in ("PATCH", "PUT", "DELETE"):
            return nothing(405)
        if not found:
            return error(400, NO_ROW)
        guard = asked.headers.get("if-match")
        if guard not in (None, "*", etag(found[0], wanted)):
            return nothing(412)
        return self._change(asked, entity, found[0])

    def _change(self, asked: Asked, entity: str, kept: Kept) -> TwinAnswer:
        if asked.method == "DELETE":
            self.store.remove(entity, kept)
            return nothing()
        changes = asked.table()
        if changes is None:
            return bad_request("The request body is not valid JSON.")
        changes = {name: value for name, value in changes.items() if "@odata." not in name}
        after = {**kept.row, **changes}
        why = self.refuses(entity, after)
        if not why and self.store.key(entity, after) != self.store.key(entity, kept.row):
            why = "Warning: A key field cannot be changed."
        if why:
            return write_failed(self.habits.write_status, entity, why)
        self.store.change(kept, changes)
        return nothing()

    def batch(self, asked: Asked, only: int | None = None) -> TwinAnswer:
        """The answer to a batch. `only`: so many of its groups are done."""
        return run_batch(asked, self.store, self.answer, only)

    def told(self, asked: Asked) -> TwinAnswer:
        """A person's word to this environment: its habits, a file for a job's way out."""
        table = asked.table() if asked.method == "POST" else {}
        try:
            if table is None:
                raise ValueError("the body is no table")
            if asked.path == "/finance/habits":
                return said(200, change_habits(self.habits, table))
            if asked.path == "/finance/offer" and asked.method == "POST":
                activity, text = str(table.get("activity", "")), str(table.get("text", ""))
                return said(200, {"message": self.jobs.offer(activity, text.encode())})
        except ValueError as why:
            return said(400, {"error": str(why)})
        return nothing(404)


__all__ = ["TwinFinance", "batch_answer"]
