"""Ghosts: rows on the other side that carry our mark and that no step of the ledger knows.

In Finance our mark is a key column of ours that is filled; where all columns of a key are the
vendor's, as in lines of invoice proposals, people's rows look like ours and none is looked for.
In Dataverse it is the id itself, which we make from our own key (version 5): Dataverse gives ids
of other versions to what people make, copy or correct there.
"""

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from typing import Any
from uuid import RFC_4122, UUID

from msgspec import Struct

from adapter.edge.book import Book
from adapter.edge.dataverse.client import DataverseClient, name
from adapter.edge.finance.client import FinanceClient
from adapter.edge.ledger import StepRow
from adapter.edge.sending.office import Office
from adapter.edge.sending.targets import CannotConnect, SystemName
from adapter.making.compared import normal
from adapter.making.reconcile import Ghost
from adapter.making.steps import FINANCE_KINDS
from adapter.reading.out_mapping import OutMapping

DELIVERIES: Mapping[SystemName, tuple[str, ...]] = {
    "finance": ("odata",), "dataverse": ("odata", "dataverse"),
}  # fmt: skip
OURS = "guid"  # the step that makes an id from our key
# The other side knows no such table, or it is not for us: then no row there is ours.
NOT_THERE = ("missing", "forbidden", "refused")
Key = tuple[object, ...]
Row = Mapping[str, Any]


class Looked(Struct, frozen=True):
    """What was found, and the tables of which nobody knows."""

    ghosts: list[Ghost]
    unlooked: list[str]


class _Table(Struct, frozen=True, kw_only=True):
    """One entity set that we write: its key columns, and how our rows in it are known."""

    system: SystemName
    entity: str
    keys: tuple[str, ...]
    made: frozenset[str] = frozenset()  # key columns whose ids we make
    is_marked: bool = False  # its key has a column of ours; lines of proposals have none

    def key(self, row: Row) -> Key:
        return tuple(normal(name, row.get(name)) for name in self.keys)

    def is_ours(self, row: Row) -> bool:
        return all(_is_id_of_ours(row.get(name)) if name in self.made
                   else normal(name, row.get(name)) is not None for name in self.keys)  # fmt: skip


def look_for_ghosts(
    here: Office, book: Book, companies: frozenset[str],
    systems: Container[SystemName] = ("finance", "dataverse"),
) -> Looked:  # fmt: skip
    """Read every table that we write, once, wherever a company sends to it."""
    looked = Looked([], [])
    tables = list(_tables(book))
    steps = [*here.ledger.steps(), *here.ledger.steps(withdrawn=True)]
    for (system, _), environments in _places(here).items():
        known = _known(row for row in steps
                       if row.system == system and row.environment in environments)  # fmt: skip
        for table in tables:
            if table.system == system and system in systems:
                _look(here, table, environments, known.get(table.entity, set()), looked,
                      companies)  # fmt: skip
    return looked


def _look(
    here: Office, table: _Table, environments: list[str], known: set[Key], looked: Looked,
    companies: frozenset[str],
) -> None:  # fmt: skip
    """The ghosts of one table of one system. What nobody can say is said, and never raised."""
    def is_ghost(row: Row) -> bool:
        return table.is_ours(row) and table.key(row) not in known

    try:
        rows, said = _read(here, environments[0], table, is_ghost)
    except CannotConnect as error:
        looked.unlooked.append(f"{table.entity}: {error}")
        return
    if said.meaning != "fine" and (known or said.meaning not in NOT_THERE):
        looked.unlooked.append(f"{table.entity} of {', '.join(environments)}: "
                               f"{said.message or 'no answer'}")  # fmt: skip
    for row in rows:
        company = str(row.get("dataAreaId") or "").upper()
        if not companies or not company or company in companies:
            looked.ghosts.append(Ghost(entity=table.entity, company=company, row=row,
                                       key=" ".join(map(str, table.key(row)))))  # fmt: skip


def _read(
    here: Office, environment: str, table: _Table, keep: Callable[[Row], bool]
) -> tuple[list[dict[str, Any]], Any]:
    """The rows to keep, of all pages, and how reading ended. Raises CannotConnect."""
    session = here.targets.session(environment, table.system)
    if table.system == "finance":
        select = ",".join(table.keys) if "dataAreaId" in table.keys else ""
        rows, said = FinanceClient(session).rows(table.entity, select=select)
        return [row for row in rows if keep(row)], said
    path = f"{name(table.entity)}?$select={','.join(map(name, table.keys))}"
    return DataverseClient(session).rows(path, keep)


def _places(here: Office) -> dict[tuple[SystemName, str], list[str]]:
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


def _tables(book: Book) -> Iterator[_Table]:
    """What the mappings write; several of them may write one set."""
    seen = set()
    for _, mapping in sorted(book.mappings.items()):
        schema = book.schemas.get(mapping.target)
        entity = (schema.set if schema is not None else "") or mapping.target
        table = _table(mapping, entity)
        if table.is_marked and table not in seen:
            seen.add(table)
            yield table


def _table(mapping: OutMapping, entity: str) -> _Table:
    fields = [f for f in mapping.fields if f.name in mapping.key]
    made = frozenset(f.name for f in fields if any(s.spec.name == OURS for s in f.steps))
    # A column of ours is one that no schema of the vendor knows: the mapping says so.
    own = any(f.source.endswith(".key") or f.tag == "inferred" for f in fields)
    system: SystemName = "finance" if mapping.document in FINANCE_KINDS else "dataverse"
    return _Table(system=system, entity=entity, keys=mapping.key, made=made, is_marked=own)


def _known(rows: Iterable[StepRow]) -> dict[str, set[Key]]:
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
