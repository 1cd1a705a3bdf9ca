"""`move plan`: what is in flight when a company changes its deployment model. Writes nothing."""

import json
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from msgspec import Struct

from adapter.edge.book import read_book
from adapter.edge.console import console
from adapter.edge.failure import checked_format
from adapter.edge.hints import hinted
from adapter.edge.refused import refused
from adapter.edge.subject import planning_day
from adapter.edge.workspace import FaultyFiles, NoWorkspace, read_settings, read_workspace
from adapter.making.in_flight_ledger import Entered
from adapter.making.moving import Refusal, plan_move
from adapter.reading.move_table import MOVE_FILE, MoveTable, parse_move
from adapter.reading.settings import Settings
from adapter.telling.show_move import move_json, move_text, refusal_json, refusal_text

FORMATS = ("text", "json")
IN_MEMORY = 1 << 30  # every table is looked through: rows on disk would be read several times


class MoveRequest(Struct, frozen=True, kw_only=True):
    """What was asked for on the command line."""

    company: str
    source: str
    target: str
    folder: Path
    env: str | None = None
    as_of: date | None = None
    cut_over: date | None = None
    format: str = "text"
    color: str = "auto"


def run_move_plan(request: MoveRequest) -> int:
    """Plan a move and show it; 0 nothing in the way, 1 something is, 2 it cannot be planned.

    Raises NoWorkspace, ValueError, OSError, LookupError.
    """
    checked_format(request.format, FORMATS)
    view = console(request.color)
    settings = read_settings(request.folder, request.env)[0]
    as_of = planning_day(settings, request.as_of)
    try:
        workspace = read_workspace(request.folder, request.env, as_of=as_of, in_memory=IN_MEMORY,
                                   ledger=False)
    except FaultyFiles as error:
        return refused(error, request.folder, request.format, request.color)
    move = plan_move(
        workspace, move_table(request.folder, workspace.settings), request.company,
        request.source.lower(), request.target.lower(), as_of=as_of, cut_over=request.cut_over,
        entries=tuple(entered(request.folder, workspace.settings, request.company)),
    )  # fmt: skip
    if request.format == "json":
        made = refusal_json(move) if isinstance(move, Refusal) else move_json(move)
        sys.stdout.write(json.dumps(made, ensure_ascii=False, indent=1) + "\n")
    elif isinstance(move, Refusal):
        sys.stdout.write(hinted(refusal_text(move, view.width, view.ascii_only), view.width))
    else:
        sys.stdout.write(hinted(move_text(move, view.width, view.ascii_only), view.width))
    if isinstance(move, Refusal):
        print("fieldledger: this move cannot be planned", file=sys.stderr)
        return 2
    return 0 if move.is_clear else 1


def move_table(folder: Path, settings: Settings) -> MoveTable:
    """What closes and what changes: the workspace's file, else the shipped one."""
    source = read_book(folder, settings, settings.as_of).sources.get(MOVE_FILE)
    table = parse_move(source)[0] if source is not None else None
    if table is None:
        raise NoWorkspace(f"{MOVE_FILE} cannot be used")
    return table


def entered(folder: Path, settings: Settings, company: str) -> Iterator[Entered]:
    """The rows of the workspace's ledger that are this company's; none where there is no ledger.

    Rows that another program is to send (validate-only) are not ours to settle.
    """
    said = settings.ledger
    if not (said.url_from or "://" in said.url or (folder / said.url).is_file()):
        return
    from adapter.edge.ledger import look_into_ledger
    from adapter.edge.ledger.tables import STEP
    from adapter.edge.sending import VALIDATE
    from adapter.edge.sending.office import ledger_url

    ledger = look_into_ledger(ledger_url(folder, settings))
    if ledger is None:
        return
    try:
        rows = ledger.steps(STEP.c.company.in_((company, company.upper())))
    finally:
        ledger.close()
    for row in rows:
        if row.delivery != VALIDATE:
            step = row.step
            yield Entered(
                key=step.key, document=row.document, state=row.state, parked=row.parked,
                type=step.type, klass=step.klass, currency=step.currency, amount=step.amount,
                day=date.fromisoformat(step.day) if step.day else None,
            )  # fmt: skip
