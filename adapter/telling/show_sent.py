"""What became of rows that were entered into the ledger, below an explanation."""

from collections.abc import Sequence
from typing import TypedDict

from adapter.making.outdated import is_outdated
from adapter.making.steps import DONE
from adapter.making.taken_back import WHY as CANCELLED
from adapter.telling.figures import plain, wrapped


class SentRow(TypedDict):
    """One row of the ledger."""

    key: str
    document: str
    part: str
    actual: str
    amount: str
    currency: str
    state: str
    reference: str  # what the other side calls it
    parked: str  # why it waits for a person
    said: str  # code and message of the last answer
    sent: str  # UTC


def sent_text(rows: Sequence[SentRow], width: int = 80) -> str:
    """The rows, most urgent first; nothing where there are none."""
    if not rows:
        return ""
    lines = ["", "In the ledger"]
    for row in sorted(rows, key=lambda r: (not r["parked"], r["document"], r["part"])):
        what = f"{row['document']}, {row['part']} {row['amount']} {row['currency']}".rstrip()
        reference = f" as {row['reference']}" if row["reference"] else ""
        at = f" on {row['sent']}" if row["sent"] else ""
        lines += _told(f"{row['key'][:12]}  {row['state']}{at}{reference}  {what}", width)
        if row["parked"]:
            lines += _told(f"  parked: {row['parked']}", width)
            key = row["key"][:12]
            if row["parked"] == CANCELLED and row["state"] in DONE:
                lines += _told("  next: take the row off the draft, then `fieldledger accept "
                               f"{key} --because removed`", width)  # fmt: skip
                continue
            if is_outdated(row["parked"], row["state"]):
                lines += _told("  next: what it says is not so any more: take it back with "
                               f"`fieldledger withdraw {key} --because outdated`, then "
                               "`fieldledger plan`", width)  # fmt: skip
                continue
            lines += _told("  next: correct it, then `fieldledger release "
                           f"{key} --because corrected`; or `fieldledger withdraw {key} --because "
                           "wrong` and plan again", width)  # fmt: skip
        elif row["said"]:
            lines += _told(f"  {row['said']}", width)
    return "\n".join(lines) + "\n"


def _told(text: str, width: int) -> list[str]:
    return [f"  {line}" for line in wrapped(plain(text), width - 2)]
