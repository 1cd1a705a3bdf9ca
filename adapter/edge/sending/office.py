"""What every command of sending begins with: the workspace, its ledger, its neighbours.

Commands that only look (`status`, `reconcile`, `ledger verify`) make, upgrade and write nothing.
"""

import getpass
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from adapter.edge.clock import Clock, SystemClock
from adapter.edge.http.secrets import Secret
from adapter.edge.ledger import (
    Ledger,
    LedgerError,
    PlanNote,
    blank_ledger,
    is_there,
    look_into_ledger,
    open_ledger,
    said_url,
)
from adapter.edge.sending import VALIDATE
from adapter.edge.settings_file import usable_settings
from adapter.reading.settings import Settings

if TYPE_CHECKING:  # planning and connecting are heavy: what only looks at the ledger needs neither
    from adapter.edge.sending.targets import Targets
    from adapter.making.outcome import Ship
    from adapter.making.plan import Plan
    from adapter.making.workspace import Workspace


MOVED_MAX = 6  # of what moved, so much is named


class CannotSend(ValueError):
    """Nothing was sent; the text says why and what to do."""


class Office(Struct, frozen=True):
    """A workspace that is ready to send."""

    folder: Path
    env: str | None
    settings: Settings
    ledger: Ledger
    targets: "Targets"
    clock: Clock
    is_begun: bool = True  # a ledger is there; where none is, a blank one is read


def ledger_url(folder: Path, settings: Settings) -> str:
    """The ledger's URL or file. Raises LookupError for a URL that no secret holds, LedgerError for
    one that is none.
    """
    said = settings.ledger
    if said.url_from:
        return said_url(Secret(said.url_from, folder).reveal(), "the secret of `url_from`")
    said_url(said.url, "`url`")
    return said.url if "://" in said.url else str(folder / said.url)


def must_have_begun(folder: Path, env: str | None) -> None:
    """Raises LedgerError where there is no ledger yet: none is made for a key it cannot have."""
    if not is_there(ledger_url(folder, usable_settings(folder, env))):
        raise LedgerError("nothing was sent yet: there is no ledger here")


@contextmanager
def office(
    folder: Path, env: str | None, clock: Clock | None = None, *, looks: bool = False
) -> Iterator[Office]:
    """Open ledger and neighbours of a workspace. Raises NoWorkspace, LedgerError, LookupError.

    `looks`: the ledger is read only, and none is made where there is none.
    """
    settings = usable_settings(folder, env)
    from adapter.edge.sending.targets import Targets

    own = clock or SystemClock()
    url = ledger_url(folder, settings)
    there = look_into_ledger(url) if looks else open_ledger(url)
    ledger = there or blank_ledger()
    targets = Targets(settings, folder, own)
    try:
        yield Office(folder, env, settings, ledger, targets, own, there is not None)
    finally:
        targets.close()
        ledger.close()


def must_know(settings: Settings, companies: Iterable[str]) -> None:
    """Raises ValueError for a company that the workspace does not have."""
    for code in sorted(companies):
        if code not in settings.companies:
            known = ", ".join(sorted(settings.companies))
            raise ValueError(f"{code} is no company of this workspace: {known}")


def with_sent(workspace: "Workspace", folder: Path) -> "Workspace":
    """The workspace with what its ledger says was sent, beside sent.jsonl."""
    ledger = look_into_ledger(ledger_url(folder, workspace.settings))
    if ledger is None:
        return workspace
    try:
        return msgspec.structs.replace(workspace, sent={**workspace.sent, **ledger.sent()})
    finally:
        ledger.close()


def noted(plan: "Plan", folder: Path, *, parks: bool) -> None:
    """Have the ledger remember a plan, so that `send` can say what moved since.

    `parks`: its records are those that `send` would plan. What only might be (rows of standard
    input, some days, an overlay that leads elsewhere) is no reason to park a row.
    """
    ledger = open_ledger(ledger_url(folder, plan.workspace.settings))
    try:
        ledger.note_plan(note_of(plan))
        if parks and leads_there(plan.workspace.settings, ledger.pins()):
            park_cancelled(ledger, plan)
    finally:
        ledger.close()


def leads_there(settings: Settings, pins: dict[str, str]) -> bool:
    """Whether settings lead to the hosts that a ledger is tied to, if it is to any."""
    if not pins:
        return True
    from adapter.edge.sending.targets import hosts_of

    hosts = hosts_of(settings)
    both = hosts.keys() & pins.keys()
    return bool(both) and all(hosts[name] == pins[name] for name in both)


def park_cancelled(ledger: Ledger, plan: "Plan") -> None:
    """Rows of drafts whose sale was cancelled wait for a person: `status` and `reconcile` tell."""
    from adapter.making.taken_back import CODE, WHY

    for row in ledger.steps_of_actuals(sorted(plan.tally.actuals_with(CODE))):
        if row.kind == "proforma" and not row.parked and row.delivery != VALIDATE:
            ledger.park(row.step.key, WHY, who())


def note_of(plan: "Plan") -> PlanNote:
    """A plan as the ledger remembers it."""
    written = plan.tally.statuses["written"]
    return PlanNote(id=plan.id, as_of=plan.as_of.isoformat(), inputs=inputs_of(plan),
                    headline=f"{written:,} actuals in {plan.tally.documents['new']:,} documents")


def planned_now(here: Office, as_of: str, ship: "Ship | None" = None) -> "Plan":
    """The plan of what is there now, for an ISO date."""
    from adapter.edge.workspace import read_workspace
    from adapter.making.plan import make_plan

    day = date.fromisoformat(as_of)
    workspace = read_workspace(here.folder, here.env, as_of=day, ledger=False)
    workspace = msgspec.structs.replace(
        workspace, sent={**workspace.sent, **here.ledger.sent()}
    )
    return make_plan(workspace, day, ship=ship)


def inputs_of(plan: "Plan") -> dict[str, str]:
    """Everything a plan was made from, by name and digest: what moved can be said later."""
    from adapter.making.plan import VERSION, deciding_settings

    space = plan.workspace
    lines = (space.sent[key] for key in sorted(space.sent))
    said = "".join(f"{o.key}{o.digest}{'gone' if o.is_gone else ''}" for o in lines)
    sent = sha256(said.encode())
    settings = msgspec.json.encode(deciding_settings(space.settings), order="deterministic")
    return {
        "version": VERSION,
        "rulebook": space.rulebook.digest,
        "settings": sha256(settings).hexdigest()[:16],
        "what was sent before": f"{len(space.sent)} lines, {sent.hexdigest()[:12]}",
        "from": str(plan.window.first or ""),
        "to": str(plan.window.last or ""),
        **{f.path: f.digest for f in (*space.files, *space.record_files)},
    }


def moved(before: dict[str, str], now: dict[str, str]) -> list[str]:
    """Which inputs changed, came or went."""
    said = []
    for name in sorted({*before, *now}):
        old, new = before.get(name), now.get(name)
        if old == new:
            continue
        if old is None:
            said.append(f"{name} is new")
        elif new is None:
            said.append(f"{name} is gone")
        elif name == "what was sent before":
            said.append(f"{name}: {old.partition(',')[0]} then, {new.partition(',')[0]} now")
        else:
            said.append(f"{name} changed")
    return said


def in_few(said: list[str]) -> str:
    """What moved, in one line."""
    more = f" and {len(said) - MOVED_MAX} more" if len(said) > MOVED_MAX else ""
    return "; ".join(said[:MOVED_MAX]) + more or "something that the plan does not name"


def who() -> str:
    """The user of this machine, for the chain."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "(unknown)"
