"""`pull`: changed rows of Dataverse into the records of a workspace, each seen twice first.

A transaction that is rolled back may be readable for a moment. A row counts once it was read
twice, some time apart by our own ledger's clock; until then the records stay as they were.
"""

import sys
from collections import Counter
from collections.abc import Set
from pathlib import Path
from typing import Any

import msgspec

from adapter.edge.book import read_book
from adapter.edge.dataverse.client import DataverseClient
from adapter.edge.ledger import InboxRow
from adapter.edge.sending.office import Office, office, usable_settings
from adapter.edge.settings_file import NoWorkspace
from adapter.reading.binding import TableBinding
from adapter.reading.json_text import json_text

_decode = msgspec.json.Decoder(dict[str, Any]).decode


def run_pull(folder: Path, env: str | None) -> int:
    """Read what changed; 0 when every table could be read."""
    connected = (e.connect for e in usable_settings(folder, env).environments.values())
    if not any(c is not None and c.dataverse for c in connected):
        raise NoWorkspace("no environment of adapter.toml has a `connect` table with `dataverse`:"
                          " docs/sending.md shows one")  # fmt: skip
    with office(folder, env) as here:
        here.targets.pin(here.ledger, lambda line: print(line, file=sys.stderr))
        counts = pulled(here)
    for name, count in sorted(counts.items()):
        print(f"{count:>8,} {name}")
    return 1 if any(name.startswith("failed") for name in counts) else 0


def pulled(here: Office) -> Counter[str]:
    """One pull of all environments: counts of rows by what became of them."""
    book = read_book(here.folder, here.settings, here.settings.as_of)
    counts: Counter[str] = Counter()
    for name, environment in here.settings.environments.items():
        if environment.connect is None or not environment.connect.dataverse:
            continue
        client = DataverseClient(here.targets.session(name, "dataverse"))
        sets, said = client.set_names()
        if said.meaning != "fine":
            counts[f"failed: {name}: {said.message or said.meaning}"] += 1
            continue
        for binding in book.bindings:
            if binding.side == "dataverse" and binding.table in sets:
                _table(here, client, name, binding, sets[binding.table], counts)
    return counts


def _table(
    here: Office, client: DataverseClient, environment: str, binding: TableBinding, entity: str,
    counts: Counter[str],
) -> None:  # fmt: skip
    """One table: changes into the inbox, ripe rows into the records."""
    ledger, table = here.ledger, binding.table
    key = binding.bound("id")
    if key is None:
        return
    changes = client.changes(entity, (), ledger.cursor(environment, table))
    if changes.said.meaning != "fine":
        counts[f"failed: {table}: {changes.said.message or changes.said.meaning}"] += 1
        return
    rows = [
        InboxRow(id=str(row.get(key.column, "")).lower(), version=str(row.get("versionnumber", "")),
                 body=json_text({k: v for k, v in row.items() if "@odata" not in k}))
        for row in changes.rows
    ]  # fmt: skip
    if changes.is_whole:  # what is not there any more was deleted meanwhile
        there = {row.id for row in rows}
        rows += [InboxRow(id=old.id, version="", body=None)
                 for old in ledger.all_rows(environment, table) if old.id not in there]
    rows += [InboxRow(id=id, version="", body=None) for id in changes.deleted]
    counts["new or changed"] += ledger.take_rows(environment, table, rows, changes.link)
    delay = here.settings.sending.settle_delay_seconds * 1000
    again = [_seen_again(client, entity, key.column, row)
             for row in ledger.unripe(environment, table, delay)]  # fmt: skip
    ledger.take_rows(environment, table, [row for row in again if row is not None], None)
    counts["gone before they were seen twice"] += sum(
        row is not None and row.body is None for row in again
    )
    counts["in the records"] += _written(here, environment, table, key.column, delay)


def _seen_again(
    client: DataverseClient, entity: str, column: str, row: InboxRow
) -> InboxRow | None:
    """The row as it is now; without a body when it is gone; None when nobody knows."""
    answer = client.row(entity, {column: row.id})
    said = client.said(answer)
    if said.meaning == "missing":
        return InboxRow(id=row.id, version="", body=None)
    if said.meaning != "fine":
        return None
    now = {k: v for k, v in answer.table().items() if "@odata" not in k}
    return InboxRow(id=row.id, version=str(now.get("versionnumber", "")), body=json_text(now))


def _written(
    here: Office, environment: str, table: str, column: str, delay: int
) -> int:
    """The rows as the table's file in the records, as a whole or not at all.

    A row that was not yet seen twice stays as the file has it, if at all.
    """
    setting = here.settings.environments[environment].records
    folder = here.folder / (setting if isinstance(setting, str) else setting[0])
    path = folder / f"{table}.jsonl"
    ripe = {row.id: row.body for row in here.ledger.rows(environment, table, delay)}
    unripe = {row.id for row in here.ledger.all_rows(environment, table)} - ripe.keys()
    before = _standing(path, column, unripe) if unripe else {}
    both = {**before, **ripe}
    lines = [body for id in sorted(both) if (body := both[id])]
    if not lines and not path.is_file():
        return 0
    folder.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    part.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    part.replace(path)
    return len(lines)


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
