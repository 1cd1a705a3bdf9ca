"""`ledger`: its chain, its back-ups, and how long texts are kept."""

import json
from datetime import UTC, datetime
from pathlib import Path

from adapter.edge.hints import WIDE, hinted
from adapter.edge.ledger import Head, LedgerError, read_anchor, restore_ledger
from adapter.edge.ledger.opening import HEAD
from adapter.edge.sending.office import Office, ledger_url, must_have_begun, office, who
from adapter.edge.sending.operate_command import must_say
from adapter.edge.sending.refusing import refuse_anchor
from adapter.edge.settings_file import usable_settings
from adapter.values.finding import one_line
from adapter.values.finding import shown as safe

KEPT = ("verify", "back-up", "restore", "accept", "distrust", "retain", "upgrade")


def run_keep(folder: Path, env: str | None, what: str, given: str, because: str) -> int:
    """verify, back-up, restore, accept, distrust, retain or upgrade the ledger."""
    if what not in KEPT:
        raise ValueError(f"ledger {safe(what)} is not known: {', '.join(KEPT[:-1])} or {KEPT[-1]}")
    if what in ("back-up", "restore") and not given:
        raise ValueError(f"ledger {what} needs the name of a file")
    if what in ("accept", "distrust"):
        must_say(because)
    before = _instant(given) if what == "retain" else 0
    if what == "restore":
        settings = usable_settings(folder, env)
        restore_ledger(Path(given), ledger_url(folder, settings)).close()
        print(hinted("restored; it only reconciles until\n"
                     '`fieldledger ledger accept --because "both sides agree"`'))
        return 0
    if what == "verify":
        return _verified(folder, env, given)
    must_have_begun(folder, env)
    if what == "upgrade":
        with office(folder, env) as here:  # opened to be written, it is brought to our version
            links = here.ledger.head().count
        print(f"the ledger is of version {HEAD}, {links:,} links")
        return 0
    with office(folder, env, looks=what == "back-up") as here:
        if what == "back-up":
            here.ledger.back_up(Path(given))
            print(f"backed up to {given}")
        elif what == "accept":
            _accepted(here, because)
        elif what == "distrust":
            here.ledger.distrust(f"distrusted by {who()}: {because}")
            print(hinted("it only reconciles until\n"
                         '`fieldledger ledger accept --because "both sides agree"`'))
        else:
            _must_be_past(given, before, here.ledger.now())
            gone = here.ledger.retain(before)
            print(f"{gone} texts of settled rows removed; keys, digests and amounts stay")
    return 0


def _accepted(here: Office, because: str) -> None:
    """It sends again, and the anchor names its head from now on. Raises CannotSend where it would
    not send all the same: nothing is accepted then.
    """
    refuse_anchor(here)
    name = here.settings.ledger.anchor
    anchor = read_anchor(here.folder / name) if name else None
    for found in here.ledger.verify():
        raise LedgerError(f"{found.code} {found.message}: {found.help} Nothing was accepted.")
    lost = anchor if here.ledger.anchor_lost(anchor) is not None else None
    here.ledger.accept(because, who(), lost)
    if name:
        here.ledger.write_anchor(here.folder / name)
    moved = f", and its anchor {name} is link {here.ledger.head().count} now" if lost else ""
    print(f"accepted: it sends again{moved}")


def _verified(folder: Path, env: str | None, given: str) -> int:
    """Walk the chain; it must hold the head of the anchor, and of a report or anchor given."""
    with office(folder, env, looks=True) as here:
        anchor = here.settings.ledger.anchor
        heads = [read_anchor(folder / anchor)] if anchor else []
        if given:
            heads.append(head_given(Path(given)))
        if not here.is_begun and not any(heads):
            print("Nothing was sent yet: there is no ledger here.")
            return 0
        found = [f for head in heads or [None] for f in here.ledger.verify(head)]
        for finding in dict.fromkeys(found):
            told = f"{finding.code} {one_line(finding.message)}\n  help: {finding.help}"
            print(hinted(told, WIDE))
        beside = "".join(f", anchored at {head.count}" for head in heads if head is not None)
        print(f"{here.ledger.head().count} links{beside}: {'broken' if found else 'whole'}")
        return 1 if found else 0


def head_given(path: Path) -> Head:
    """The head that a report.json or an anchor file holds. Raises ValueError for neither."""
    try:
        said = json.loads(path.read_bytes())
        if isinstance(said, dict) and "report" in said:
            run = said["run"]
            return Head(count=int(run["ledger_links"]), digest=str(run["ledger_head"]))
    except KeyError:
        raise ValueError(f"{path} holds no head: there was no ledger beside that plan") from None
    except (ValueError, TypeError, RecursionError):
        pass  # not one JSON document: lines, as an anchor has them
    head = read_anchor(path)
    if head is None:
        raise ValueError(f"{path} holds no head of a ledger")
    return head


def _must_be_past(day: str, before_ms: int, now_ms: int) -> None:
    """Raises ValueError for a day to come: the text of all that is settled would go."""
    if before_ms > now_ms:
        today = datetime.fromtimestamp(now_ms / 1000, UTC).date()
        raise ValueError(f"ledger retain {safe(day)}: that day is still to come, and nothing was "
                         f"removed; today is {today} (UTC)")  # fmt: skip


def _instant(day: str) -> int:
    """The beginning of a day in UTC, in milliseconds. Raises ValueError for no day."""
    try:
        return round(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp() * 1000)
    except (ValueError, OverflowError):
        raise ValueError(f"ledger retain needs a day such as 2025-01-01, not {day!r}") from None
