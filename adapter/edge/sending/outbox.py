"""The outbox beside the ledger: whether our own files say what was written. No more than that.

What an import made of them is asked for in Finance and Dataverse; nothing here can tell.
"""

from collections import Counter
from collections.abc import Iterable

from adapter.edge.ledger import GONE, StepRow
from adapter.edge.sending.asking import by_batch, claim_of, with_links
from adapter.edge.sending.office import Office
from adapter.making.compared import differences
from adapter.making.steps import DONE
from adapter.reading.setting_bounds import FILES


def outbox(here: Office, rows: Iterable[StepRow]) -> Counter[str]:
    """Rows that left as files by what their file says now: as written, changed, gone, unread."""
    said: Counter[str] = Counter()
    for every in by_batch(row for row in rows if row.delivery == FILES).values():
        mine = [r for r in with_links(every)
                if r.state in DONE and r.step.body != GONE]  # fmt: skip
        if not mine:
            continue
        found = here.targets.outbox_of(claim_of(mine)).find([row.step for row in mine])
        for row in mine:
            one = found[row.step.key]
            if one.state == "found":
                is_same = not differences(row.step.body, one.row)
                said["as written" if is_same else "changed"] += 1
            else:
                said["gone" if one.state == "missing" else "unread"] += 1
    return said
