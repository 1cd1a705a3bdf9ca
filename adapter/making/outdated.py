"""Rows that wait since their actual is not what was planned any more: they are taken back.

Whoever releases such a row has the old content sent: its row is made once, when it is entered.
"""

from adapter.making.steps import UNDONE
from adapter.making.taken_back import WHY as CANCELLED

CHANGED = "the actual changed after the plan: withdraw it and plan again"
MISSING = "the actual is not there any more: withdraw it"
BY_NOW = {"held": "the actual is held by now", "left": "the actual is left by now"}
_WHYS = (CHANGED.partition(":")[0], MISSING.partition(":")[0], CANCELLED, *BY_NOW.values())


def is_outdated(because: str, state: str) -> bool:
    """Whether a row that is parked for this reason says what is not so any more, and can be
    withdrawn: the next plan then makes it as it is now, if at all.
    """
    return state in UNDONE and because.startswith(_WHYS)
