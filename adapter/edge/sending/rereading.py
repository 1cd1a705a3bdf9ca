"""A record is read once more just before its first send: what was planned must still be true.

Only where the records were pulled: their versions are known. Files that somebody put there have
none, and the plan's own digests say whether they moved.
"""

from collections.abc import Iterator, Mapping, Sequence

from adapter.edge.book import read_book
from adapter.edge.dataverse.client import DataverseClient
from adapter.edge.ledger import InboxRow, StepRow
from adapter.edge.sending.office import Office
from adapter.edge.sending.ports import CannotConnect, NotNow
from adapter.making.outdated import CHANGED, MISSING

AT_ONCE = 20  # ids in one question: the address stays short
LATER_MS = 5_000


class Rereading:
    """Asks Dataverse for the versions of actuals, and compares them with the inbox."""

    def __init__(self, here: Office) -> None:
        self.here = here
        book = read_book(here.folder, here.settings, here.settings.as_of)
        binding = next(b for b in book.bindings if b.record == "actual")
        key = binding.bound("id")
        self.table = binding.table
        self.set = binding.set or f"{binding.table}s"
        self.column = key.column if key is not None else f"{binding.table}id"

    def asks(self, rows: Sequence[StepRow]) -> bool:
        """Whether the records were pulled, so that Dataverse is asked."""
        return bool(rows) and (
            self.here.ledger.cursor(rows[0].environment, self.table) is not None
        )

    def __call__(self, rows: Sequence[StepRow]) -> Mapping[str, str]:
        """Key -> why the step must not be sent. Raises NotNow when Dataverse does not answer."""
        if not self.asks(rows):
            return {}
        environment = rows[0].environment
        actuals = sorted({row.step.actual for row in rows if row.step.actual})
        read = self.here.ledger.inbox(environment, self.table, actuals)
        versions = self._versions(environment, [a for a in actuals if a in read])
        return {
            row.step.key: why for row in rows
            if row.step.actual in read
            and (why := _why_not(row, read[row.step.actual], versions.get(row.step.actual)))
        }  # fmt: skip

    def _versions(self, environment: str, actuals: Sequence[str]) -> dict[str, str]:
        try:
            session = self.here.targets.session(environment, "dataverse")
        except CannotConnect as error:
            raise NotNow(str(error), LATER_MS) from None
        client = DataverseClient(session)
        found: dict[str, str] = {}
        for some in _parts(actuals):
            test = " or ".join(f"{self.column} eq {actual}" for actual in some)
            path = f"{self.set}?$select={self.column},versionnumber&$filter={test}"
            rows, said = client.rows(path.replace(" ", "%20"))
            if said.meaning != "fine":
                raise NotNow(f"actuals cannot be read again: {said.message or said.meaning}",
                             said.wait_ms or LATER_MS)  # fmt: skip
            found |= {str(r.get(self.column)).lower(): str(r.get("versionnumber")) for r in rows}
        return found


def _why_not(row: StepRow, read: InboxRow, version: str | None) -> str:
    if version is None:
        return MISSING
    if version != read.version:
        return CHANGED
    return CHANGED if read.seen_ms > row.entered_ms and not read.is_known else ""


def _parts(actuals: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(actuals), AT_ONCE):
        yield actuals[start : start + AT_ONCE]
