"""Executions of data management: they begin unseen, run on the twin's clock, end with errors."""

from collections.abc import Callable
from typing import Literal

from msgspec import Struct

from adapter.edge.twin.finance_habits import Habits
from adapter.edge.twin.finance_reading import COMPANY
from adapter.edge.twin.finance_values import typed
from adapter.edge.twin.package_reading import PackageFile, rows_of, wrong_mapping
from adapter.edge.twin.store import Kept, Later, Row, TwinStore, TwinTable
from adapter.making.compared import normal

Refuses = Callable[[str, Row], str]
Ended = Literal["Succeeded", "PartiallySucceeded", "Failed", "NotRun"]


class Execution(Struct, kw_only=True):
    """One run. `failed`: texts of the key columns of rows that the target refused, by label."""

    id: str
    group: str
    company: str
    begins: int  # nobody finds it before
    ends: int
    ended: str = ""  # its status, once it has ended
    rows: int = 0
    errors: list[dict[str, str]] = []
    staging: dict[str, str] = {}  # label -> what was wrong with its file
    failed: dict[str, list[list[str]]] = {}
    keys_at: dict[str, int] = {}  # label -> when the file of these keys is there
    package: str = ""  # of an export: the name of its blob


class Executions:
    """All runs of one environment."""

    def __init__(self, now_ms: Callable[[], int], habits: Habits, later: Later) -> None:
        self._now_ms = now_ms
        self._habits = habits
        self._later = later
        self._known: dict[str, Execution] = {}

    def start(
        self, id: str, group: str, company: str, work: Callable[[Execution], object]
    ) -> Execution:
        """Begin a run; its work is done at its end."""
        now = self._now_ms()
        ends = now + max(self._habits.run_ms, self._habits.unknown_ms)
        run = Execution(id=id, group=group, company=company, ends=ends,
                        begins=now + self._habits.unknown_ms)  # fmt: skip
        self._known[id.lower()] = run
        self._later.add(ends, lambda: work(run))
        return run

    def get(self, id: str) -> Execution | None:
        """A run, whether it is seen already or not."""
        return self._known.get(id.lower())

    def running(self, group: str) -> Execution | None:
        """The run of a group that has not ended."""
        return next((r for r in self._known.values() if r.group == group and not r.ended), None)

    def status(self, id: str) -> str:
        """Finance's word for a run; empty while it is not found."""
        run, now = self.get(id), self._now_ms()
        if run is None or now < run.begins:
            return ""
        if run.ended:
            return run.ended
        return "NotRun" if now == run.begins else "Executing"


def table_of(store: TwinStore, label: str) -> TwinTable | None:
    """The set of a data entity: by its label, or by its own name where it has no label."""
    return next((t for t in store.tables.values()
                 if (t.label or t.entity).lower() == label.lower()), None)  # fmt: skip


def run_import(
    run: Execution, files: list[PackageFile], store: TwinStore, refuses: Refuses
) -> None:
    """Every row that can be taken is in the company; of the others it is said why not."""
    for file in files:
        table = table_of(store, file.label)
        try:
            rows = rows_of(file)
            names = {} if table is None else _names(table, file)
        except ValueError as why:
            run.staging[file.label] = str(why)
            run.errors.append(_error("", str(why)))
            continue
        if table is not None:
            _take(run, file.label, table, rows, names, store, refuses)
    if not run.errors:
        run.ended = "Succeeded"  # of nothing too
    else:
        run.ended = "PartiallySucceeded" if run.rows else "Failed"


def _names(table: TwinTable, file: PackageFile) -> dict[str, str]:
    """The map's columns, which are in capitals -> the names of the set."""
    ours = {n.upper(): n for n in (*table.keys, *table.filled, *table.columns, *table.types)}
    unknown = next((n for n in file.columns.values() if n.upper() not in ours), None)
    if unknown is not None:
        raise wrong_mapping(file.label, unknown)
    return {n: ours[n.upper()] for n in file.columns.values()}


def _take(
    run: Execution, label: str, table: TwinTable, rows: list[dict[str, str]],
    names: dict[str, str], store: TwinStore, refuses: Refuses,
) -> None:  # fmt: skip
    there: dict[tuple[object, ...], Kept] = {}
    if store.enforces_keys:  # without a unique key nothing tells that a row is there already
        there = {store.key(table.entity, kept.row): kept for kept in store.rows[table.entity]}
    for texts in rows:
        row, why = _row(table, texts, names, run.company)
        why = why or refuses(table.entity, row)
        if why:
            key = [texts.get(n, "") for n in names if names[n] in table.keys]
            shown = [texts.get(n, "") for n in names
                     if names[n] in table.keys and names[n] != COMPANY]  # fmt: skip
            run.errors.append(_error(",".join(shown), why))
            run.failed.setdefault(label, []).append(key)
            continue
        known = there.get(store.key(table.entity, row))
        if known is not None:
            store.change(known, row)
        else:
            made = store.insert(table.entity, row)
            if made is not None and store.enforces_keys:
                there[store.key(table.entity, made.row)] = made
        run.rows += 1


def _row(
    table: TwinTable, texts: dict[str, str], names: dict[str, str], company: str
) -> tuple[Row, str]:
    """The row in its company, and why it cannot be taken."""
    row: Row = {}
    for theirs, text in texts.items():
        name = names[theirs]
        try:
            row[name] = typed(table.types.get(name, ""), text)
        except ValueError as why:
            return row, f"{name}: {why}"
    if COMPANY in table.keys:
        row[COMPANY] = company
    missing = [n for n in table.keys if normal(n, row.get(n)) is None]
    return row, f"Field '{missing[0]}' must be filled in." if missing else ""


def _error(record: str, message: str) -> dict[str, str]:
    return {"RecordId": record, "Field": "", "ErrorMessage": message}
