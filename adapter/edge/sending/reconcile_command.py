"""`reconcile`: both sides beside the ledger, in rows and in money."""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from adapter.edge.book import REASONS_FILE, Book, read_book
from adapter.edge.failure import checked_format
from adapter.edge.hints import hinted
from adapter.edge.ledger import ACCEPTED, GONE, StepRow
from adapter.edge.sending import VALIDATE
from adapter.edge.sending.asking import claim_of
from adapter.edge.sending.ghosts import look_for_ghosts
from adapter.edge.sending.office import Office, must_know, office
from adapter.edge.sending.targets import CannotConnect
from adapter.making.reconcile import Expected, Reason, Reconciliation, reconcile
from adapter.telling.show_reconcile import as_json, as_text


def run_reconcile(
    folder: Path, env: str | None, format: str, companies: frozenset[str]
) -> int:
    """Compare and show; 0 when nothing is missing, too many or unexplained."""
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
        sys.stdout.write(hinted(as_text(made)))
    return 0 if made.is_clean else 1


def reconciled(here: Office, companies: frozenset[str]) -> Reconciliation:
    """Ask the other side for every step of the ledger, and for rows that no step knows."""
    rows = [row for row in here.ledger.steps()
            if row.step.body != GONE and (not companies or row.step.company in companies)]
    expected = [one for batch in _by_batch(rows) for one in _asked(here, batch)]
    book = read_book(here.folder, here.settings, here.settings.as_of)
    looked = look_for_ghosts(here, book, companies)
    return reconcile(expected, looked.ghosts, _reasons_of(book), looked.unlooked)


def _by_batch(rows: Sequence[StepRow]) -> Iterator[list[StepRow]]:
    batches: dict[str, list[StepRow]] = {}
    for row in rows:
        batches.setdefault(row.batch, []).append(row)
    yield from batches.values()


def _asked(here: Office, rows: list[StepRow]) -> Iterator[Expected]:
    try:
        neighbour = here.targets.neighbour_of(claim_of(rows))
    except CannotConnect:
        neighbour = None
    found = {} if neighbour is None else neighbour.find([row.step for row in rows])
    for row in rows:
        there = found.get(row.step.key)
        is_known = there is not None and there.state != "unreachable"
        there_rows: tuple[Mapping[str, object], ...] = ()
        if there is not None and there.state == "found":
            there_rows = (there.row, *([there.row] * there.more))
        yield Expected(
            step=row.step, state=row.state, parked=row.parked, rows=there_rows, is_known=is_known,
            is_expected=row.delivery == VALIDATE, accepted=row.answer.get(ACCEPTED, ""),
            why=f"accepted: {row.message}",
        )  # fmt: skip


def _reasons_of(book: Book) -> list[Reason]:
    """Columns that may differ, and why: the workspace's file, else the shipped one."""
    said: Any = book.sources.get(REASONS_FILE)
    table = said.table if said is not None else {}
    return [
        Reason(column=str(row.get("column", "")), why=str(row.get("why", "")),
               tag=str(row.get("tag", "inferred")))
        for row in table.get("reason", []) if isinstance(row, dict)
    ]  # fmt: skip
