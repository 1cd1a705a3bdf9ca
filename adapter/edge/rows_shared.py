"""Rows that two environments read: a record belongs to one of them."""

from adapter.reading.binding import TableBinding
from adapter.reading.gathering import RowsRead
from adapter.values.actuals import Actual
from adapter.values.finding import Finding, Note, Place
from adapter.values.project_operations import Milestone, Retainer
from adapter.values.record import Record

PLANNED: tuple[type[Record], ...] = (Actual, Milestone, Retainer)  # others are reference data


class RowsShared:
    """Remembers the files of what becomes documents, and tells of rows that come again."""

    def __init__(self) -> None:
        self._first: dict[tuple[type[Record], int, int], tuple[str, str]] = {}

    def take(
        self, binding: TableBinding, path: str, read: RowsRead, environment: str
    ) -> list[Finding]:
        """SRC054 where another environment read the same rows: in this file or in its like."""
        if binding.kind not in PLANNED or not read.rows:
            return []
        key = (binding.kind, read.digest, read.rows)
        before, there = self._first.setdefault(key, (path, environment))
        if there == environment:
            return []
        told = Finding(
            code="SRC054", level="warning", place=Place(path), notes=(Note(Place(before), there),),
            message=f"the environments {there} and {environment} read the same rows of"
                    f" {binding.table}",
            help="Let one of them read the rows: a record is planned where its company lives, and"
                 " held in the other (DEP209). Reference data may be read by both.",
        )  # fmt: skip
        return [told]
