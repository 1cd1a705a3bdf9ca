"""`pull`: changed rows of Dataverse into the records of a workspace, each seen twice first.

A transaction that is rolled back may be readable for a moment. A row counts once it was read
twice, some time apart by our own ledger's clock; until then the records stay as they were.
"""

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import replace

from adapter.edge.book import Book, read_book
from adapter.edge.dataverse.client import Changes, DataverseClient
from adapter.edge.hints import hinted
from adapter.edge.http.answers import Answer
from adapter.edge.ledger import InboxRow
from adapter.edge.sending.ghosts import DELIVERIES, copies_of, known_keys, tables_of
from adapter.edge.sending.office import Office, office
from adapter.edge.sending.patience import WAIT_MS, Patience
from adapter.edge.sending.ports import CannotConnect
from adapter.edge.settings_file import NoWorkspace, usable_settings
from adapter.edge.written import write_behind
from adapter.reading.binding import TableBinding
from adapter.reading.decoder import REFUSED
from adapter.reading.json_text import json_text
from adapter.values.finding import one_line

COPIED = "look like copies of rows that were sent: `fieldledger reconcile` names them"
_decode = msgspec.json.Decoder(dict[str, Any]).decode


def run_pull(folder: Path, env: str | None) -> int:
    """Read what changed; 0 when every table could be read, and nothing looks like a copy."""
    connected = (e.connect for e in usable_settings(folder, env).environments.values())
    if not any(c is not None and c.dataverse for c in connected):
        raise NoWorkspace("no environment of adapter.toml has a `connect` table with `dataverse`:"
                          " docs/sending.md shows one")  # fmt: skip
    with office(folder, env) as here:
        here.targets.pin(here.ledger, lambda line: print(line, file=sys.stderr))
        counts = pulled(here)
    for name, count in sorted(counts.items()):
        print(hinted(one_line(f"{count:>8,} {name}")))
    return 1 if troubles(counts) else 0


def troubles(counts: Counter[str]) -> list[str]:
    """What a person should know of a pull."""
    return [f"{count:,} {name}" if name == COPIED else name for name, count in counts.items()
            if name == COPIED or name.startswith("failed")]  # fmt: skip


def pulled(here: Office, wait_ms: int = WAIT_MS) -> Counter[str]:
    """One pull of all environments: counts of rows by what became of them. It waits no longer
    than that where it is asked to wait.
    """
    patience = Patience(here.ledger, here.clock, wait_ms)
    book = read_book(here.folder, here.settings, here.settings.as_of)
    counts: Counter[str] = Counter()
    for name, environment in here.settings.environments.items():
        if environment.connect is None or not environment.connect.dataverse:
            continue
        try:
            _environment(here, name, book, patience, counts)
        except CannotConnect as error:
            counts[f"failed: {name}: {error}"] += 1
    if not counts[COPIED]:  # also where reading was cut short
        del counts[COPIED]
    return counts


def _environment(
    here: Office, name: str, book: Book, patience: Patience, counts: Counter[str]
) -> None:
    session, gate = here.targets.session(name, "dataverse"), here.targets.gate(name, "dataverse")
    client = DataverseClient(session)
    sets, said = patience.read(gate, client.set_names, lambda answer: answer[1], session)
    if said.meaning != "fine":
        counts[f"failed: {name}: {said.message or said.meaning}"] += 1
        return

    def read(ask: Callable[[], Answer]) -> Answer:
        return patience.read(gate, ask, client.said, session)

    suspects = Suspects(here, book, name)
    for binding in book.bindings:
        if binding.side == "dataverse" and binding.table in sets:
            entity, labels = sets[binding.table], labels_of(binding)
            ask = partial(_changed, here, name, client, binding.table, entity, bool(labels))
            changes = patience.read(gate, ask, lambda answer: answer.said, session)
            counts[COPIED] += suspects.count(binding.table, changes.rows)
            again = partial(_seen_again, client, read, entity, labels)
            _table(here, name, binding, labels, changes, again, counts)

def _changed(
    here: Office, environment: str, client: DataverseClient, table: str, entity: str, asks: bool
) -> Changes:
    """The changes of a table since its cursor as it stands now."""
    cursor = here.ledger.cursor(environment, table)
    if cursor is not None and client.session.address(cursor) is None:  # it moved: read anew
        print(f"{table}: the address of Dataverse changed, so all of it is read anew",
              file=sys.stderr)  # fmt: skip
        cursor = None
    return client.changes(entity, (), cursor, labels=asks)


class Suspects:
    """Rows that came in and look like copies of what was sent from here."""

    def __init__(self, here: Office, book: Book, environment: str) -> None:
        sends = any(c.environment == environment and c.delivery in DELIVERIES["dataverse"]
                    for c in here.settings.companies.values())  # fmt: skip
        rows = [r for r in here.ledger.steps() if r.environment == environment
                and r.system == "dataverse"] if sends else []  # fmt: skip
        self._copies = copies_of(rows)
        self._known = known_keys([*rows, *here.ledger.steps(withdrawn=True)]) if rows else {}
        self._tables = {t.table: t for t in tables_of(book) if t.system == "dataverse" and rows}

    def count(self, table: str, rows: Iterable[Mapping[str, Any]]) -> int:
        """How many of these rows of a table are suspected."""
        ours = self._tables.get(table)
        if ours is None:
            return 0
        known = self._known.get(ours.entity, set())
        return sum(ours.key(row) not in known and not ours.is_ours(row)
                   and self._copies.copy_of(ours.marks, row) is not None for row in rows)


def _table(
    here: Office, environment: str, binding: TableBinding, labels: frozenset[str],
    changes: Changes, seen_again: Callable[[str, InboxRow], InboxRow | None],
    counts: Counter[str],
) -> None:  # fmt: skip
    """One table: changes into the inbox, ripe rows into the records."""
    ledger, table = here.ledger, binding.table
    key = binding.bound("id")
    if key is None:
        return
    if changes.said.meaning != "fine":
        counts[f"failed: {table}: {changes.said.message or changes.said.meaning}"] += 1
        return
    rows = [
        InboxRow(id=str(row.get(key.column, "")).lower(), version=str(row.get("versionnumber", "")),
                 body=json_text(_kept(row, labels)))
        for row in changes.rows
    ]  # fmt: skip
    if changes.is_whole:  # what is not there any more was deleted meanwhile
        there = {row.id for row in rows}
        rows += [InboxRow(id=old.id, version="", body=None)
                 for old in ledger.all_rows(environment, table) if old.id not in there]
    rows += [InboxRow(id=id, version="", body=None) for id in changes.deleted]
    rows = _known(rows, here, environment, binding, key.column)
    counts["new or changed"] += ledger.take_rows(environment, table, rows, changes.link)
    delay = here.settings.sending.settle_delay_seconds * 1000
    again = [seen_again(key.column, row)
             for row in ledger.unripe(environment, table, delay)]  # fmt: skip
    ledger.take_rows(environment, table, [row for row in again if row is not None], None)
    counts["gone before they were seen twice"] += sum(
        row is not None and row.body is None for row in again
    )
    counts["in the records"] += _written(here, environment, table, key.column, delay)


def _known(
    rows: Sequence[InboxRow], here: Office, environment: str, binding: TableBinding, column: str
) -> list[InboxRow]:
    """The rows; of those that come for the first time, whether the records hold the same."""
    before = here.ledger.inbox(environment, binding.table, [row.id for row in rows])
    first = {row.id for row in rows if row.body and row.id not in before}
    path = _file(here, environment, binding.table)
    there = _standing(path, column, first) if first else {}
    return [
        replace(row, is_known=True) if row.id in there and row.body is not None
        and _says_same(binding, there[row.id], row.body) else row for row in rows
    ]  # fmt: skip


def _says_same(binding: TableBinding, one: str, other: str) -> bool:
    """Whether two rows say the same to the mapping; exports have no version."""
    try:
        first, second = binding.decode(one.encode()), binding.decode(other.encode())
    except REFUSED:  # what does not fit is nobody's record
        return False
    names = (name for name in first.__struct_fields__ if name != "version")
    return all(getattr(first, name) == getattr(second, name) for name in names)


def labels_of(binding: TableBinding) -> frozenset[str]:
    """The annotations with the texts of lookups that a mapping reads."""
    return frozenset(b.shown for b in binding.fields if b.shown)


def _kept(row: Mapping[str, Any], labels: frozenset[str]) -> dict[str, Any]:
    """The columns of a row, and of its annotations the texts of lookups that a mapping reads."""
    return {k: v for k, v in row.items() if "@" not in k or k in labels}


def _seen_again(
    client: DataverseClient, read: Callable[[Callable[[], Answer]], Answer], entity: str,
    labels: frozenset[str], column: str, row: InboxRow,
) -> InboxRow | None:  # fmt: skip
    """The row as it is now; without a body when it is gone; None when nobody knows."""
    answer = read(lambda: client.row(entity, {column: row.id}, labels=bool(labels)))
    said = client.said(answer)
    if said.meaning == "missing":
        return InboxRow(id=row.id, version="", body=None)
    if said.meaning != "fine":
        return None
    now = _kept(answer.table(), labels)
    return InboxRow(id=row.id, version=str(now.get("versionnumber", "")), body=json_text(now))


def _written(
    here: Office, environment: str, table: str, column: str, delay: int
) -> int:
    """The rows as the table's file in the records, as a whole or not at all.

    A row that was not yet seen twice stays as the file has it, if at all.
    """
    path = _file(here, environment, table)
    ripe = {row.id: row.body for row in here.ledger.rows(environment, table, delay)}
    unripe = {row.id for row in here.ledger.all_rows(environment, table)} - ripe.keys()
    before = _standing(path, column, unripe) if unripe else {}
    both = {**before, **ripe}
    lines = [body for id in sorted(both) if (body := both[id])]
    if not lines and not path.is_file():
        return 0
    write_behind(path, "".join(line + "\n" for line in lines))
    return len(lines)


def _file(here: Office, environment: str, table: str) -> Path:
    """Where pulled rows of a table are written."""
    setting = here.settings.environments[environment].records
    return here.folder / (setting if isinstance(setting, str) else setting[0]) / f"{table}.jsonl"


def _standing(path: Path, column: str, wanted: Set[str]) -> dict[str, str]:
    """The lines of a file whose ids are wanted, by id. What is no row has none."""
    found: dict[str, str] = {}
    for line in path.read_bytes().splitlines() if path.is_file() else ():
        try:
            row = _decode(line)
        except msgspec.DecodeError:
            continue
        id = str(row.get(column, "")).lower()
        if id in wanted:
            found[id] = line.decode()
    return found
