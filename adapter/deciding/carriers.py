"""Which tables dual-write carries, by the maps that were read: what is not known to rest, runs.

A row that another carrier takes to Finance must not be sent by us as well. So a map counts as
running unless its state is one that is known to carry nothing; no map at all carries nothing.
"""

from collections.abc import Iterable, Iterator

from adapter.reading.store import Records
from adapter.values.finance import DualWriteMap
from adapter.values.finding import Finding, Place

STATES = ("running", "paused", "stopped", "not-installed")
RESTING = ("stopped", "not-installed")
CARRIED = {
    "msdyn_actuals": "actuals",
    "msdyn_transactionconnections": "transaction connections",
    "invoices": "proforma invoices",
    "msdyn_materialusagelogs": "usage of packing slips",
    "msdyn_contractlinescheduleofvalues": "milestones and retainers",
}
CODE = "SRC061"
HELP = (
    "Until its state is known, what it carries is held for companies that send. Look at the"
    " Dual-write page; if the word is right, add it to `state` in your own copy of"
    " mappings/from-dataverse/dual_write_map.toml."
)


def map_of(stores: Iterable[Records | None], table: str) -> DualWriteMap | None:
    """The map that decides about a table; None where no map of it was read."""
    decisive = _decisive(stores, table)
    return decisive[1] if decisive else None


def map_state(stores: Iterable[Records | None], table: str) -> str | None:
    """The state of the map that carries a table; None where no map of it was read."""
    decisive = _decisive(stores, table)
    return state_in(*decisive) if decisive else None


def _decisive(
    stores: Iterable[Records | None], table: str
) -> tuple[Records, DualWriteMap] | None:
    """Of the first store that has a map of the table, the busiest: one that runs counts.

    A row that names no table counts for all of them, unless it rests.
    """
    for store in filter(None, stores):
        maps = [(STATES.index(state_in(store, m)), _table(m) is None, m.id, m)
                for m in store.all(DualWriteMap) if _table(m) in (table, None)]
        known = [m for m in maps if not m[1] or m[3].state not in RESTING]
        if known:
            return store, min(known)[3]
    return None


def state_in(store: Records, row: DualWriteMap) -> str:
    """What a map's row says, as one of STATES; running, where that is not known."""
    is_known = row.state in STATES and not _doubts(store, row)
    return row.state if is_known and row.state else "running"


def unknown_maps(stores: Iterable[Records | None]) -> Iterator[Finding]:
    """SRC061 for each map that counts as running because nobody knows what it does."""
    for store in filter(None, stores):
        for row in store.all(DualWriteMap):
            table, doubts = _table(row), _doubts(store, row)
            if (table in CARRIED or table is None) and (doubts or row.state not in STATES):
                yield _finding(row, table, doubts)
            elif table is None and row.state not in RESTING:
                yield _finding(row, None, (), "it names no table, and counts for all of them")


def _finding(
    row: DualWriteMap, table: str | None, doubts: tuple[Finding, ...], why: str = ""
) -> Finding:
    said = doubts[0].message if doubts else f"its state is `{row.state}`" if row.state else ""
    carried = CARRIED[table] if table else "a table that is not named"
    return Finding(
        code=CODE, level="error", record=row.id, help=HELP,
        place=doubts[0].place if doubts else Place(f"dual-write map {row.id}"),
        message=f"the dual-write map of {carried} counts as running:"
                f" {why or said or 'it has no state'}",
        values=(("table", table or "(none)"),),
    )  # fmt: skip


def _table(row: DualWriteMap) -> str | None:
    return row.table.strip().casefold() or None if row.table else None


def _doubts(store: Records, row: DualWriteMap) -> tuple[Finding, ...]:
    """Errors of the row as it was read: a word that the mapping does not know, rows at odds."""
    if not store.has_faults:
        return ()
    return tuple(f for f in store.faults(DualWriteMap, row.id) if f.level == "error")
