"""The ledger beside a plan: what was sent before, what is noted, the head that a report anchors.

The ledger is loaded only where a workspace has one, or a company that sends.
"""

import sys
from pathlib import Path
from typing import TYPE_CHECKING
from weakref import finalize

import msgspec

from adapter.edge.anchor import anchor_fault
from adapter.edge.sending import is_wanted
from adapter.making.plan import Plan
from adapter.making.workspace import Workspace
from adapter.reading.settings import Settings

if TYPE_CHECKING:
    from adapter.edge.ledger import Ledger


class LedgerBeside:
    """The ledger of a workspace beside its plan.

    Companies that only validate need none: then nothing is read, written or imported.
    """

    def __init__(self, folder: Path, settings: Settings) -> None:
        self.folder, self.settings = folder, settings
        self.is_wanted = is_wanted(folder, settings)
        self._open: Ledger | None = None

    def with_sent(self, workspace: Workspace) -> Workspace:
        """The workspace with what was sent. Raises LedgerError, LookupError (no secret)."""
        if not self.is_wanted:
            return workspace
        from adapter.edge.sending.office import with_sent

        workspace = with_sent(workspace, self.folder)
        return msgspec.structs.replace(workspace, row_sent=self.row_sent)

    def row_sent(self, key: str) -> str | None:
        """The row that was sent under a key, as it left.

        The ledger stays open until `close`, or as long as somebody has this.
        """
        from adapter.edge.ledger import blank_ledger, look_into_ledger
        from adapter.edge.ledger.tables import STEP
        from adapter.edge.sending.office import ledger_url

        if self._open is None:
            url = ledger_url(self.folder, self.settings)
            self._open = look_into_ledger(url) or blank_ledger()
            self._closing = finalize(self, self._open.close)
        found = self._open.steps(STEP.c.key == key)
        return found[0].step.body if found else None

    def close(self) -> None:
        """Close what `row_sent` opened."""
        if self._open is not None:
            self._closing()
            self._open = None

    def note(self, plan: Plan, *, parks: bool) -> None:
        """Have the ledger remember a plan; a workspace that may only be read has it unnoted.
        `parks`: rows of sales that it finds cancelled wait for a person from now on.

        Says on standard error what would stop `send`.
        """
        fault = anchor_fault(self.folder, self.settings)
        if fault is not None:
            print(f"{fault.code} {fault.message}\nhelp: {fault.help}", file=sys.stderr)
        if not self.is_wanted:
            return
        from adapter.edge.ledger import is_writable
        from adapter.edge.sending.office import ledger_url, noted

        if is_writable(ledger_url(self.folder, self.settings)):
            noted(plan, self.folder, parks=parks)
        else:
            print("the ledger may only be read here: it does not remember this plan, and `send`"
                  " will not know it", file=sys.stderr)  # fmt: skip


def ledger_head(folder: Path, settings: Settings) -> dict[str, str]:
    """The end of the ledger's chain, so that a report anchors it outside of the ledger; nothing
    where there is none. It stands beside the clock: the plan and its id are the same without it.
    """
    if not is_wanted(folder, settings):
        return {}
    from adapter.edge.ledger import look_into_ledger
    from adapter.edge.sending.office import ledger_url

    ledger = look_into_ledger(ledger_url(folder, settings))
    if ledger is None:
        return {}
    try:
        head = ledger.head()
    finally:
        ledger.close()
    return {"ledger_links": str(head.count), "ledger_head": head.digest} if head.count else {}
