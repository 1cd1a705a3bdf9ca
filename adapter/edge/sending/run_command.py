"""`run`: the embedded runner, on and on: drain what was entered, ask for what is unknown."""

import sys
import threading
from pathlib import Path

from adapter.edge.sending.asking import read_back
from adapter.edge.sending.dispatch import Sender
from adapter.edge.sending.office import Office, office
from adapter.edge.sending.pull_command import pulled
from adapter.edge.sending.runner import EmbeddedRunner
from adapter.edge.sending.send_command import refuse_unready
from adapter.edge.sending.working import stopping

SWEEP_SECONDS = 1.0
PULL_SECONDS = 300.0
SETTLE_SECONDS = 60.0
ANCHOR_SECONDS = 3600.0


def run_forever(folder: Path, env: str | None) -> int:
    """Work until told to stop. Planning and entering stay a person's: `plan`, then `send`."""
    with office(folder, env) as here:
        refuse_unready(here)
        here.targets.pin(here.ledger, lambda line: print(line, file=sys.stderr))
        sender = Sender(here.ledger, here.targets.neighbour_of, here.clock, here.settings.sending)

        def failed(batch: str, error: Exception) -> None:
            print(f"{batch[:12] or 'sweep'}: {error}", file=sys.stderr)

        runner = EmbeddedRunner(sender.dispatch, here.settings.sending.workers, here.clock, failed)

        def sweep() -> None:
            for batch in here.ledger.ready():
                runner.submit(batch)

        runner.every(SWEEP_SECONDS, sweep)
        runner.every(SETTLE_SECONDS, lambda: _settled(here))
        if any(e.connect and e.connect.dataverse for e in here.settings.environments.values()):
            runner.every(PULL_SECONDS, lambda: pulled(here))
        if here.settings.ledger.anchor:
            at = here.folder / here.settings.ledger.anchor
            runner.every(ANCHOR_SECONDS, lambda: here.ledger.write_anchor(at))
        stop = threading.Event()
        with stopping(stop, sender):
            runner.run(stop)
    return 0


def _settled(here: Office) -> None:
    read_back(here.ledger, here.targets.neighbour_of)
