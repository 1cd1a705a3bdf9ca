"""Ghosts: rows on the other side that carry our mark and that no step of the ledger knows.

In Finance our mark is a key column of ours that is filled; where all columns of a key are the
vendor's, as in lines of invoice proposals, people's rows look like ours and none is looked for.
In Dataverse it is the id itself, which we make from our own key (version 5): Dataverse gives ids
of other versions to what people make, copy or correct there. What they copied from us is looked
for in the same reading (`making.copies`).
"""

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from typing import Any
from uuid import RFC_4122, UUID

from msgspec import Struct

from adapter.edge.book import Book
from adapter.edge.dataverse.client import DataverseClient, name
from adapter.edge.finance.client import FinanceClient
from adapter.edge.ledger import GONE, StepRow
from adapter.edge.sending.office import Office
from adapter.edge.sending.patience import AskedToWait, Heard, Patience
from adapter.edge.sending.ports import CannotConnect
from adapter.edge.sending.targets import SystemName
from adapter.making.compared import normal
from adapter.making.copies import Copies, Copy, Marks, marks_of
from adapter.making.reconcile import Ghost
from adapter.making.steps import FINANCE_KINDS
from adapter.reading.out_mapping import OutMapping
from adapter.reading.schema import entity_set
from adapter.reading.setting_bounds import FILES

DELIVERIES: Mapping[SystemName, tuple[str, ...]] = {
    "finance": ("odata", FILES), "dataverse": ("odata", "dataverse", FILES),
}  # fmt: skip
PARTS = ("detail", "line", "header")  # rows are known by those below them
OURS = "guid"  # the step that makes an id from our key
# The other side has answered: it knows no such table or column, or it is not for us.
NOT_THERE = ("missing", "forbidden", "refused")
Key = tuple[object, ...]
Row = Mapping[str, Any]


class Looked(Struct, frozen=True):
    """What was found, and the tables of which nobody knows."""

    ghosts: list[Ghost]
    unlooked: list[str]
    copies: list[Copy] = []
    waits: list[int] = []  # milliseconds that the other side asks to wait before it is looked at


class Table(Struct, frozen=True, kw_only=True):
    """One entity set that we write: its key columns, and how our rows in it are known."""

    system: SystemName
    entity: str
    keys: tuple[str, ...]
    marks: Marks
    table: str = ""  # its logical name
    made: frozenset[str] = frozenset()  # key columns whose ids we make
    is_marked: bool = False  # its key has a column of ours; lines of proposals have none

    def key(self, row: Row) -> Key:
        return tuple(normal(name, row.get(name)) for name in self.keys)

    def is_ours(self, row: Row) -> bool:
        return all(_is_id_of_ours(row.get(name)) if name in self.made
                   else normal(name, row.get(name)) is not None for name in self.keys)  # fmt: skip


def look_for_ghosts(
    here: Office, book: Book, companies: frozenset[str],
    systems: Container[SystemName] = ("finance", "dataverse"), patience: Patience | None = None,
) -> Looked:  # fmt: skip
    """Read every table that we write, once, wherever a company sends to it."""
    looked = Looked([], [])
    tables = tables_of(book)
    withdrawn = here.ledger.steps(withdrawn=True)
    steps = here.ledger.steps()
    patience = patience or Patience(here.ledger, here.clock)
    for (system, _), environments in places(here).items():
        mine = [r for r in steps if r.system == system and r.environment in environments]
        known = known_keys([*mine, *(r for r in withdrawn if r.system == system
                                     and r.environment in environments)])  # fmt: skip
        copies = copies_of(mine)
        for table in tables:
            if table.system == system and system in systems:
                found = _look(here, table, environments, known.get(table.entity, set()), looked,
                              copies, patience)  # fmt: skip
                _sort(table, found, copies, looked, companies)
    return looked


def copies_of(rows: Iterable[StepRow]) -> Copies:
    """What looks for copies of these rows; those whose text was removed have none."""
    return Copies(row.step for row in rows if row.step.body != GONE)


def _look(
    here: Office, table: Table, environments: list[str], known: set[Key], looked: Looked,
    copies: Copies, patience: Patience,
) -> list[Row]:  # fmt: skip
    """Odd rows of one table of one system. What nobody can say is said, and never raised."""
    def is_odd(row: Row) -> bool:
        return table.key(row) not in known and (
            table.is_ours(row) or copies.copy_of(table.marks, row) is not None
        )

    place = f"{table.entity} of {', '.join(environments)}"
    is_wide = copies.is_any(table.marks)
    try:
        rows, said = _read(here, environments[0], table, is_odd, patience, is_wide)
        if is_wide and said.meaning == "refused":  # perhaps for a column that it does not have
            looked.unlooked.append(f"{place}: copies of our rows: {said.message}")
            rows, said = _read(here, environments[0], table, is_odd, patience, False)
    except CannotConnect as error:
        if isinstance(error, AskedToWait):
            looked.waits.append(error.wait_ms)
        looked.unlooked.append(f"{table.entity}: {error}")
        return []
    # Where a table is not there, no row of it is ours, unless we know of one.
    if said.meaning != "fine" and (known or said.meaning not in NOT_THERE):
        if said.meaning == "throttled":
            looked.waits.append(said.wait_ms)
        looked.unlooked.append(f"{place}: {said.message or 'no answer'}")
    return rows


def _sort(
    table: Table, rows: list[Row], copies: Copies, looked: Looked, companies: frozenset[str]
) -> None:
    """Each odd row is a ghost, if it carries our mark, or a copy."""
    for row in rows:
        copy = None if table.is_ours(row) else copies.copy_of(table.marks, row)
        company = str(row.get("dataAreaId") or "").upper() if copy is None else copy.company
        if companies and company and company not in companies:
            continue
        if copy is not None:
            looked.copies.append(copy)
        else:
            looked.ghosts.append(Ghost(entity=table.entity, company=company, row=row,
                                       key=" ".join(map(str, table.key(row)))))  # fmt: skip


def _read(
    here: Office, environment: str, table: Table, keep: Callable[[Row], bool],
    patience: Patience, is_wide: bool,
) -> tuple[list[Row], Any]:  # fmt: skip
    """The rows to keep, of all pages, and how reading ended. Raises CannotConnect."""
    session = here.targets.session(environment, table.system)
    gate = here.targets.gate(environment, table.system)
    columns = table.marks.columns if is_wide else table.keys
    if table.system == "finance":
        select = ",".join(columns) if "dataAreaId" in table.keys else ""
        rows, said = patience.read(
            gate, lambda: FinanceClient(session).rows(table.entity, select=select), _heard, session
        )
        return [row for row in rows if keep(row)], said
    path = f"{name(table.entity)}?$select={','.join(map(name, columns))}"
    found, heard = patience.read(gate, lambda: DataverseClient(session).rows(path, keep), _heard,
                                 session)  # fmt: skip
    return list(found), heard


def _heard(answer: tuple[Any, Heard]) -> Heard:
    return answer[1]


def places(here: Office) -> dict[tuple[SystemName, str], list[str]]:
    """Addresses that we write to, with the environments that lead there."""
    found: dict[tuple[SystemName, str], list[str]] = {}
    for system, deliveries in DELIVERIES.items():
        senders = {c.environment for c in here.settings.companies.values()
                   if c.delivery in deliveries}  # fmt: skip
        for environment in sorted(senders):
            said = here.settings.environments[environment].connect
            base = "" if said is None else getattr(said, system)
            if base:  # where no address is named, nothing was ever sent
                found.setdefault((system, base.rstrip("/").lower()), []).append(environment)
    return found


def tables_of(book: Book) -> list[Table]:
    """What the mappings write, details before lines before headers: what is above a copy is told
    by it. Several mappings may write one set.
    """
    found = {table.entity + " ".join(table.keys): table for table in _tables(book)}
    return sorted(found.values(), key=lambda t: (PARTS.index(t.marks.part), t.entity))


def _tables(book: Book) -> Iterator[Table]:
    may_differ = {row.column.lower() for row in book.reconciling.reason}
    numbers = {m.header: number for m in book.mappings.values() for number in m.links.values()}
    for _, mapping in sorted(book.mappings.items()):
        entity = entity_set(mapping.target, book.schemas)
        marks = marks_of(mapping, entity, may_differ, numbers.get(mapping.name, ""))
        table = _table(mapping, entity, marks)
        if table.is_marked:
            yield table


def _table(mapping: OutMapping, entity: str, marks: Marks) -> Table:
    fields = [f for f in mapping.fields if f.name in mapping.key]
    made = frozenset(f.name for f in fields if any(s.spec.name == OURS for s in f.steps))
    # A column of ours is one that no schema of the vendor knows: the mapping says so.
    own = any(f.source.endswith(".key") or f.tag == "inferred" for f in fields)
    system: SystemName = "finance" if mapping.document in FINANCE_KINDS else "dataverse"
    return Table(system=system, entity=entity, keys=mapping.key, made=made, is_marked=own,
                 marks=marks, table=mapping.target)  # fmt: skip


def known_keys(rows: Iterable[StepRow]) -> dict[str, set[Key]]:
    """Keys by entity set."""
    known: dict[str, set[Key]] = {}
    for row in rows:
        key = tuple(normal(n, v) for n, v in row.step.keys.items())
        known.setdefault(row.step.entity, set()).add(key)
    return known


def _is_id_of_ours(value: object) -> bool:
    """Whether an id was made from a key of ours: they are of version 5."""
    try:
        made = UUID(str(value))
    except ValueError:
        return False
    return made.version == 5 and made.variant == RFC_4122
