"""`settle`: ask for what is unknown, and read back what was sent."""

import sys
from collections import Counter
from pathlib import Path

from adapter.edge.hints import hinted
from adapter.edge.ledger import is_there
from adapter.edge.sending.asking import RETAINED, read_back
from adapter.edge.sending.dispatch import Sender
from adapter.edge.sending.office import ledger_url, office
from adapter.edge.sending.outbox import outbox
from adapter.edge.settings_file import usable_settings
from adapter.making.steps import DONE
from adapter.telling.show_delivery import outbox_text


def run_settle(folder: Path, env: str | None, *, again: bool = False) -> int:
    """Ask for everything unknown by key, and read back what was sent. Sends nothing.

    `again`: what was settled before is read once more.
    """
    if not is_there(ledger_url(folder, usable_settings(folder, env))):
        sys.stdout.write("Nothing was sent yet: there is nothing to ask for.\n")
        return 0
    with office(folder, env) as here:
        here.targets.pin(here.ledger, lambda line: print(line, file=sys.stderr))
        sender = Sender(here.ledger, here.targets.neighbour_of, here.clock, here.settings.sending)
        asked: Counter[str] = Counter()
        for batch in dict.fromkeys(row.batch for row in here.ledger.open_intents()):
            asked[sender.dispatch(batch, only_ask=True).word] += 1
        done = read_back(here.ledger, here.targets.asked_of, again=again)
        bare = done.pop(RETAINED, 0)
        box = f"{bare:,} rows {RETAINED}\n" if bare else ""
        box += outbox_text(outbox(here, here.ledger.steps()))
        left = len(here.ledger.open_intents())
        odd = sum(row.state in DONE for row in here.ledger.parked())
    if odd:
        box += f"{odd:,} rows that left are parked, not as sent: `fieldledger status` says why\n"
    sys.stdout.write(f"asked for {sum(asked.values())} documents; read back {sum(done.values())} "
                     f"rows: {', '.join(f'{n} {w}' for w, n in done.items()) or 'none'}; "
                     f"{left} still unknown\n{hinted(box)}")  # fmt: skip
    return 1 if left or odd or done.total() > done["equal"] else 0
