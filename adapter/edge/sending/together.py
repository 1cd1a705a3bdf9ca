"""What hangs together in a document: rows that cannot stay, or go, without others of it.

A line hangs on its header, a detail on its line; and a line that has details carries their sum,
so that it cannot leave without one of them.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence

from adapter.edge.ledger import ACCEPTED, LedgerError, StepRow
from adapter.making.compared import GONE
from adapter.making.steps import UNDONE
from adapter.making.taken_back import WHY as CANCELLED

NO_HEADER = "its header is not there"  # why the rows below were parked


def withdrawn_with(rows: Iterable[StepRow], keys: Collection[str]) -> list[StepRow]:
    """Rows of one document that are withdrawn where those of `keys` are, these among them.

    A header takes all rows along, the last row its header, a line its details; a detail takes
    its line and that one's other details, while the line has not left. Raises LedgerError where
    one of them was sent or may have been: then nothing is withdrawn.
    """
    ours = sorted(rows, key=lambda row: row.step.number)
    going = {row.step.key for row in ours if row.step.key in keys}
    header = next((row for row in ours if row.step.part == "header"), None)
    if header is not None and header.step.key in going:
        going = {row.step.key for row in ours}
    for line, *details in _lines(ours):
        below = {row.step.key for row in details}
        if line.step.key in going:
            going |= below
        elif below & going and line.state in UNDONE:
            going |= {line.step.key, *below}
    is_last = all(row.step.key in going for row in ours if row is not header)
    if header is not None and header.state in UNDONE and is_last:
        going.add(header.step.key)
    found = [row for row in ours if row.step.key in going]
    for row in found:
        if row.state not in UNDONE:
            raise LedgerError(
                f"{row.step.part} {row.step.key[:12]} of {row.document} is {row.state}: only what "
                "had no effect can be withdrawn, and what hangs together goes together"
            )
    return found


def released_with(rows: Iterable[StepRow], keys: Collection[str]) -> list[StepRow]:
    """Rows of one document that are released where those of `keys` are: a header frees the rows
    that were parked only because it was not there.
    """
    ours = sorted(rows, key=lambda row: row.step.number)
    is_freed = any(row.step.part == "header" and row.step.key in keys for row in ours)
    return [row for row in ours
            if row.step.key in keys or (is_freed and row.parked == NO_HEADER)]  # fmt: skip


def still_there(rows: Iterable[StepRow]) -> list[StepRow]:
    """Rows of which nobody accepted that they are gone."""
    return [row for row in rows if row.answer.get(ACCEPTED) != GONE]


def is_emptied(rows: Iterable[StepRow]) -> bool:
    """Whether all that a draft of these rows bills was cancelled: nothing should stand on it."""
    ours = sorted(rows, key=lambda row: row.step.number)
    is_there = {row.step.key for row in still_there(ours)}
    lines = list(_lines(ours))
    return bool(lines) and all(
        details and all(row.parked == CANCELLED or row.step.key not in is_there for row in details)
        for _, *details in lines
    )


def _lines(rows: Sequence[StepRow]) -> Iterator[list[StepRow]]:
    """Each line with the details that follow it."""
    group: list[StepRow] = []
    for row in rows:
        if row.step.part == "line":
            if group:
                yield group
            group = [row]
        elif row.step.part == "detail" and group:
            group.append(row)
    if group:
        yield group
