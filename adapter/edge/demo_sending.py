"""The second half of `make demo`: what was planned is sent to a twin, and reconciled.

A copy of the sample, without the rows that say that dual-write runs: its companies send by
themselves there, to both systems on this machine.
"""

import contextlib
import io
import os
import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from adapter.edge.book import read_book
from adapter.edge.plan_command import PlanRequest, planned
from adapter.edge.sending.reconcile_command import run_reconcile
from adapter.edge.sending.send_command import SendRequest, run_send
from adapter.edge.sending.settle_command import run_settle
from adapter.edge.twin.twin_command import OVERLAY, SECRET, overlay, served
from adapter.edge.workspace import read_settings
from adapter.edge.written import write_text

DUAL_WRITE = "msdyn_dualwritemap.jsonl"


def send_sample(sample: Path, folder: Path) -> bool:
    """Plan, send and reconcile a copy of the sample in `folder`: whether all of it is there.

    What was in the folder is made anew. Raises OSError, LedgerError and what `send` raises.
    """
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(sample, folder)
    for path in folder.rglob(DUAL_WRITE):
        path.unlink()
    settings, _ = read_settings(folder)
    book = read_book(folder, settings, settings.as_of)
    os.environ.setdefault(SECRET, "twin")
    with served(book, folder) as servers:
        bases = {name: server.base for name, server in servers.items()}
        write_text(folder / OVERLAY, overlay(settings, bases, True))
        plan = planned(PlanRequest(folder=str(folder), env="twin"))
        print(f"""
The same plan, sent: a copy of the sample in {folder}, where dual-write does not run,
and a twin of each environment on this machine
  as `send {plan.id} --env twin` does""")
        codes = [
            _quiet(lambda: run_send(SendRequest(plan=plan.id, folder=folder, env="twin"))),
            _quiet(lambda: run_settle(folder, "twin")),
            run_reconcile(folder, "twin", "text", frozenset()),
        ]
    return not any(codes)


def _quiet(command: Callable[[], int]) -> int:
    """Run a command and show what it says, without the hints for operators."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(io.StringIO()):
        code = command()
    sys.stdout.write(re.sub(r"(?m)^", "    ", said.getvalue().strip()) + "\n")
    return code
