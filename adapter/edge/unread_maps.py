"""Rows of dual-write maps that could not be read, and whole files of them.

What such a row says nobody knows: it may be a map that runs. So it stands among the records as a
map without table and state, which counts as running for all tables (`deciding/carriers.py`).
"""

from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

from adapter.reading.binding import TableBinding
from adapter.values.finance import DualWriteMap
from adapter.values.finding import Finding
from adapter.values.record import Record


def is_of_maps(finding: Finding, bindings: Iterable[TableBinding]) -> bool:
    """Whether a finding is about a file of maps, by the file's name."""
    stem = PurePosixPath(finding.place.file).name.partition(".")[0].casefold()
    return any(b.kind is DualWriteMap and stem in (b.table.casefold(), b.set.casefold())
               for b in bindings)  # fmt: skip


def lost_of(found: Iterable[Finding]) -> list[Finding]:
    """Of what is wrong with rows and files of maps, that for which there is no record."""
    return [f for f in found if f.level == "error" and not f.record]


def unread_maps(
    lost: Sequence[Finding],
) -> tuple[list[Record], dict[str, tuple[Finding, ...]]]:
    """A map for each row or file that was lost, and what is wrong with it, by its id."""
    faults: dict[str, tuple[Finding, ...]] = {}
    for finding in lost:
        id = f"({finding.place})"
        faults[id] = (*faults.get(id, ()), finding)
    return [DualWriteMap(id=id) for id in faults], faults
