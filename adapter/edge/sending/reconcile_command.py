"""`reconcile`: both sides beside the ledger, in rows and in money."""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from adapter.edge.book import Book, read_book
from adapter.edge.failure import checked_format
from adapter.edge.hints import hinted
from adapter.edge.ledger import ACCEPTED, GONE, StepRow
from adapter.edge.sending import VALIDATE
from adapter.edge.sending.asking import (
    NO_CONNECTION,
    as_imported,
    astray,
    by_batch,
    claim_of,
    gate_of,
    renumbered,
    to_ask,
    with_links,
)
from adapter.edge.sending.ghosts import look_for_ghosts
from adapter.edge.sending.office import Office, must_know, office
from adapter.edge.sending.outbox import outbox
from adapter.edge.sending.patience import Patience
from adapter.edge.sending.ports import CannotConnect, Found, Neighbour, NoConnection
from adapter.edge.sending.vendors import vendors
from adapter.making.reconcile import Expected, Reconciliation, reconcile
from adapter.making.taken_back import WHY as CANCELLED
from adapter.reading.schema import entity_set
from adapter.telling.show_reconcile import as_json, as_text

MONEY = ("line.amount", "line.cost_amount", "line.sales_amount", "line.extended", "detail.amount")
UNREACHABLE = Found(state="unreachable")


def run_reconcile(
    folder: Path, env: str | None, format: str, companies: frozenset[str], *, every: bool = False
) -> int:
    """Compare and show; 0 when nothing is missing, too many or unexplained, and all of it could
    be seen. `every`: each day and each row. Raises ValueError, LedgerError, LookupError.
    """
    checked_format(format, ("text", "json"))
    with office(folder, env, looks=True) as here:
        must_know(here.settings, companies)
        if not here.is_begun:
            print("Nothing was sent yet: there is no ledger here. Rows with keys of ours are looked"
                  " for all the same.", file=sys.stderr)  # fmt: skip
        made = reconciled(here, companies)
    if format == "json":
        sys.stdout.write(json.dumps(as_json(made), ensure_ascii=False, indent=1) + "\n")
    else:
        sys.stdout.write(hinted(as_text(made, every)))
    return 0 if made.is_clean else 1


def reconciled(here: Office, companies: frozenset[str]) -> Reconciliation:
    """Ask the other side for every step of the ledger, and for rows that no step knows."""
    rows = [row for row in here.ledger.steps()
            if not companies or row.step.company in companies]
    patience = Patience(here.ledger, here.clock)
    book = read_book(here.folder, here.settings, here.settings.as_of)
    others = [row for row in rows if row.delivery == VALIDATE and row.step.body != GONE]
    expected = [
        one for batch in by_batch(row for row in rows if row.delivery != VALIDATE).values()
        if (known := [row for row in with_links(batch) if row.step.body != GONE])
        for one in _asked(here, known, batch, patience)
    ]  # fmt: skip
    search = vendors(here, book, patience)
    for mine in _by_place(others):
        expected += search.expected(mine)
    looked = look_for_ghosts(here, book, companies, patience=patience)
    said = book.reconciling
    not_ours = frozenset(row.key.lower() for row in said.known)
    return reconcile(expected, looked.ghosts, said.reason, looked.unlooked, looked.copies, not_ours,
                     outbox(here, rows), money_columns(book),
                     sum(row.step.body == GONE for row in rows))  # fmt: skip


def money_columns(book: Book) -> dict[tuple[str, str], frozenset[str]]:
    """By set and part, the columns that carry the money of a row, ours and those compared."""
    found = {}
    for mapping in book.mappings.values():
        ours = {f.name for f in mapping.fields if f.source in MONEY}
        theirs = {theirs for way in book.reconciling.match if way.mapping == mapping.name
                  for theirs, own in way.compare.items() if ours & set(own)}  # fmt: skip
        found[entity_set(mapping.target, book.schemas), mapping.part] = frozenset(ours | theirs)
    return found


def _by_place(rows: Sequence[StepRow]) -> Iterator[list[StepRow]]:
    """Rows of one system of one environment."""
    places: dict[tuple[str, str], list[StepRow]] = {}
    for row in rows:
        places.setdefault((row.environment, row.system), []).append(row)
    yield from places.values()


class _Answers(Struct, frozen=True):
    """What asking for some rows gave, as one word."""

    meaning: str
    wait_ms: int = 0


def _asked(
    here: Office, rows: list[StepRow], every: list[StepRow], patience: Patience
) -> Iterator[Expected]:
    found: dict[str, Found] = {}
    blind = ""
    try:
        _find(here.targets.asked_of(claim_of(rows)), to_ask(rows, every), patience, found)
    except NoConnection:
        blind = NO_CONNECTION
    except CannotConnect:
        pass  # what is not found yet is not known
    head = next((found.get(r.step.key) for r in every if r.step.part == "header"), None)
    was, now = renumbered(every, head)
    for row in as_imported(rows, every, found):
        there = found.get(row.step.key)
        is_known = there is not None and there.state != "unreachable"
        there_rows: tuple[Mapping[str, object], ...] = ()
        if there is not None and there.state == "found":
            there_rows = (there.row, *([there.row] * there.more))
        yield Expected(
            step=row.step, state=row.state, parked=row.parked, rows=there_rows, is_known=is_known,
            accepted=row.answer.get(ACCEPTED, ""),
            why=f"accepted: {row.message}", kind=row.kind, delivery=row.delivery, blind=blind,
            odd=CANCELLED if row.parked == CANCELLED else
            astray(row, there, was, now) if there is not None else "",
        )  # fmt: skip


def _find(
    neighbour: Neighbour, rows: list[StepRow], patience: Patience, found: dict[str, Found]
) -> None:
    """Ask for rows by key, and for those again of which nobody said anything."""
    def ask() -> dict[str, Found]:
        left = [row.step for row in rows
                if found.get(row.step.key, UNREACHABLE).state == "unreachable"]  # fmt: skip
        found.update(neighbour.find(left))
        return found

    patience.read(neighbour.name, ask, _answers)


def _answers(found: Mapping[str, Found]) -> _Answers:
    wait = gate_of(found)
    if wait is not None:
        return _Answers("throttled", wait)
    is_known = all(one.state != "unreachable" for one in found.values())
    return _Answers("fine" if is_known else "doubtful")
