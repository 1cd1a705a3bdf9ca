"""What operators do: replay, park, release, withdraw, accept, pause, resume."""

import sys
from pathlib import Path

from adapter.edge.hints import WIDE, hinted
from adapter.edge.ledger import (
    ACCEPTED,
    EVERYTHING,
    GONE,
    LedgerError,
    StepRow,
    is_there,
    must_have_text,
    scope_name,
)
from adapter.edge.sending import VALIDATE
from adapter.edge.sending.asking import (
    as_imported,
    claim_of,
    links_of,
    to_ask,
    with_links,
)
from adapter.edge.sending.dispatch import Sender
from adapter.edge.sending.manifest import write_manifests
from adapter.edge.sending.office import (
    Office,
    ledger_url,
    must_have_begun,
    must_know,
    office,
    who,
)
from adapter.edge.sending.refusing import refuse_unready
from adapter.edge.sending.sent_text import pauses_text, resumes
from adapter.edge.sending.together import NO_HEADER, released_with, withdrawn_with
from adapter.edge.sending.working import work_off
from adapter.edge.settings_file import usable_settings
from adapter.making.compared import GONE as GONE_MARK
from adapter.making.compared import differences, mark_of
from adapter.making.outdated import is_outdated
from adapter.making.steps import DONE
from adapter.making.taken_back import WHY as CANCELLED
from adapter.reading.setting_bounds import FILES
from adapter.values.finding import one_line


def run_replay(folder: Path, env: str | None, keys: list[str], because: str) -> int:
    """Release parked rows and send them at once, each with the key it always had."""
    must_say(because)
    must_have_begun(folder, env)
    with office(folder, env) as here:
        refuse_unready(here)
        here.targets.pin(here.ledger, lambda line: print(line, file=sys.stderr))
        batches = []
        for rows in _by_document([_row(here, key) for key in keys]):
            wanted = {row.step.key for row in rows}
            for row in rows:
                if not row.parked and row.answer.get(ACCEPTED) == GONE_MARK:
                    must_have_text(row)
                    here.ledger.park(row.step.key, because, who())  # its deletion is undone
            for row in released_with(here.ledger.document(rows[0].batch), wanted):
                if row.parked == CANCELLED or is_outdated(row.parked, row.state):
                    told = f"{row.step.key[:12]} {row.parked}; it is sent as it was planned"
                    print(hinted(one_line(told), WIDE), file=sys.stderr)
                if row.parked:
                    here.ledger.release(row.step.key, because, who())
            batches.append(rows[0].batch)
        here.ledger.go_on(batches)
        sender = Sender(here.ledger, here.targets.neighbour_of, here.clock, here.settings.sending)
        done = work_off(here, sender, batches, 60)
        write_manifests(here)
        pauses = here.ledger.pauses()
        rows = [r for r in done.rows if any(r.step.key.startswith(key) for key in keys)]
    for row in rows:
        said = f"{row.step.key[:12]} {row.state}{': ' + row.parked if row.parked else ''}"
        print(hinted(one_line(said), WIDE))
    for name, why in done.waiting:
        print(hinted(f"  waits  {name}: {one_line(why)}", WIDE))
    if done.waiting:
        print("".join(f"{line}\n" for line in pauses_text(pauses)), end="")
    if done.paused:
        print(hinted("\n".join(resumes(pauses)), WIDE))
    if all(r.state in DONE and not r.parked for r in rows):
        return 0
    return done.stopped or 1


def _row(here: Office, key: str) -> StepRow:
    row = here.ledger.step(key) if len(key) >= 6 else None
    if row is None:
        raise LedgerError(f"{key} is not the beginning (6 letters or more) of exactly one key")
    return row


def _named(here: Office, what: str, key: str) -> list[StepRow]:
    """The row of a key; to be withdrawn also by the id of a plan: its rows that have not left."""
    if what != "withdraw" or here.ledger.plan(key) is None:
        return [_row(here, key)]
    mine = [row["id"] for row in here.ledger.batches() if row["plan"] == key]
    rows = [row for row in here.ledger.documents(mine) if row.state == "planned"]
    if not rows:
        raise LedgerError(f"no row of plan {key} waits: everything has left or was taken back")
    return rows


def must_say(because: str) -> None:
    """Raises ValueError for no reason at all."""
    if not because.strip():
        raise ValueError("--because must say why: it stands in the chain for ever")


def run_mark(folder: Path, env: str | None, what: str, keys: list[str], because: str) -> int:
    """park, release or withdraw rows, with a reason, and those that hang together with them."""
    must_say(because)
    must_have_begun(folder, env)
    with office(folder, env) as here:
        # All are known before one is changed.
        named = [row for key in keys for row in _named(here, what, key)]
        wanted = {row.step.key for row in named}
        along = {"withdraw": withdrawn_with, "release": released_with}.get(what)
        groups = [rows if along is None else along(here.ledger.document(rows[0].batch), wanted)
                  for rows in _by_document(named)]  # fmt: skip
        for rows in groups:
            if what == "withdraw":
                here.ledger.withdraw(rows[0].step.key, because, who(),
                                     *(row.step.key for row in rows[1:]))  # fmt: skip
            for row in rows:
                if what != "withdraw":
                    getattr(here.ledger, what)(row.step.key, because, who())
                more = "" if row.step.key in wanted else f", the {row.step.part} along with it"
                if what == "release" and is_outdated(row.parked, row.state):
                    more += as_planned(row)
                said = f"{row.step.key[:12]} {row.document}: {what} ({because})"
                print(one_line(said) + more)
    return 0


def as_planned(row: StepRow) -> str:
    """What a person should know who releases a row that is not so any more."""
    return hinted(", and goes as it was planned; for what is so now, before it has left:\n  "
                  f"`fieldledger withdraw {row.step.key[:12]} --because outdated` and "
                  "`fieldledger plan`")  # fmt: skip


def _by_document(rows: list[StepRow]) -> list[list[StepRow]]:
    """The rows of each document that they are of, each once."""
    batches: dict[str, dict[str, StepRow]] = {}
    for row in rows:
        batches.setdefault(row.batch, {})[row.step.key] = row
    return [list(found.values()) for found in batches.values()]


def run_accept(folder: Path, env: str | None, keys: list[str], because: str) -> int:
    """Take rows as they are there now, after a person changed or deleted them."""
    must_say(because)
    must_have_begun(folder, env)
    with office(folder, env) as here:
        for named in [_row(here, key) for key in keys]:
            every = here.ledger.document(named.batch)
            whole = with_links(every)
            row = next(r for r in whole if r.step.key == named.step.key)
            if row.delivery == VALIDATE:
                raise LedgerError(f"{row.step.key[:12]} was never sent: others make it; a column "
                                  "that may differ gets a reason in reconcile.toml")  # fmt: skip
            key = row.step.key[:12]
            found = here.targets.asked_of(claim_of([row])).find(
                [r.step for r in to_ask([row], every)])  # fmt: skip
            (row,) = as_imported([row], whole, found)
            there = found[row.step.key]
            if there.state == "unreachable":
                raise LedgerError(f"{key}: the other side does not answer; nothing was accepted")
            if there.more:
                raise LedgerError(f"{key} is there {there.more + 1} times: a person must delete "
                                  "all but one")  # fmt: skip
            is_bare = row.step.body == GONE  # by retention: what changed cannot be told
            changed = differences(row.step.body, there.row) if (
                there.state == "found" and not is_bare) else ()  # fmt: skip
            is_numbered = row.step.part == "header" and row.delivery != FILES
            numbers = links_of(every) if is_numbered else []
            lasting = [d for d in changed if d.column not in numbers]
            mark = mark_of(lasting) if there.state == "found" else GONE_MARK
            here.ledger.accept_row(row.step.key, mark, because, who(), {
                name: there.answer[name] for name in numbers if name in there.answer})
            if row.step.part == "header" and there.state == "found":
                for below in every:  # they waited for it
                    if below.parked == NO_HEADER:
                        here.ledger.release(below.step.key, because, who())
            what = ", ".join(f"{d.column} {d.now}" for d in changed) or (
                "gone" if there.state != "found" else "as it is there, whose text retention removed"
                if is_bare else "as it was sent")
            said = f"{row.step.key[:12]} {row.document}: accepted {what} ({because})"
            print(one_line(said))
    return 0


def run_pause(folder: Path, env: str | None, what: str, scope: str, because: str) -> int:
    """pause or resume a company, or everything."""
    must_say(because)
    settings = usable_settings(folder, env)
    name = EVERYTHING if scope.lower() in ("", "all", EVERYTHING) else scope.upper()
    must_know(settings, {name} - {EVERYTHING})
    looks = what == "resume" and not is_there(ledger_url(folder, settings))
    with office(folder, env, looks=looks) as here:
        shown = scope_name(name)
        if what == "resume" and name not in here.ledger.pauses():
            print(f"{shown} was not paused")
        else:
            getattr(here.ledger, what)(name, because, who())
            print(one_line(f"{what}d {shown}: {because}"))
        for scope, why in here.ledger.pauses().items() if what == "resume" else ():
            print(one_line(f"still paused: {scope_name(scope)}: {why}"))
    return 0
