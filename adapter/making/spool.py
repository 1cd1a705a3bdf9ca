"""Where the lines of documents and the entries of a report wait until they are needed.

In memory by default; for a million actuals `edge/spool.py` keeps the same on disk.
"""

from collections.abc import Iterator
from typing import Protocol

from msgspec import Struct

from adapter.making.entry import Entry
from adapter.making.lined import Lined


class SpooledLine(Struct, frozen=True, gc=False):
    """One line on its way into a document.

    `group` and `order` are texts that sort as wanted; `entry` is the number of the actual's
    entry in the report, -1 for what is no actual.
    """

    group: str
    order: str
    entry: int
    line: Lined


class Spool(Protocol):
    """Keeps lines by group and entries by number."""

    def add_order(self, order: str, environment: str, key: str) -> None: ...

    def ordered(self) -> Iterator[tuple[str, str]]:
        """Environment and key of every record, in order of the texts given."""

    def add_line(self, line: SpooledLine) -> None: ...

    def groups(self) -> Iterator[tuple[str, Iterator[SpooledLine]]]:
        """Groups in order of their text, lines in order of `order`, then entry."""

    def lines(self, group: str) -> Iterator[SpooledLine]:
        """The lines of one group again, in the same order; only after `groups`."""

    def add_entry(self, entry: Entry) -> int:
        """Keep an entry of the report; returns its number, from 0."""

    def entry(self, number: int) -> Entry:
        """One entry, by its number."""

    def entries(self) -> Iterator[Entry]:
        """All entries, in the order they were added."""

    def add_document(self, body: bytes) -> int:
        """Keep a document; returns its number."""

    def put_document(self, number: int, body: bytes) -> None:
        """Another body in the place of a document; none takes the document out."""

    def documents(self) -> Iterator[bytes]:
        """All documents, in the order they were added."""


class SpoolInMemory:
    """A spool in lists."""

    def __init__(self) -> None:
        self._order: list[tuple[str, str, str]] = []
        self._lines: dict[str, list[SpooledLine]] = {}
        self._entries: list[Entry] = []
        self._documents: list[bytes] = []

    def add_order(self, order: str, environment: str, key: str) -> None:
        self._order.append((order, environment, key))

    def ordered(self) -> Iterator[tuple[str, str]]:
        for _, environment, key in sorted(self._order):
            yield environment, key

    def add_line(self, line: SpooledLine) -> None:
        self._lines.setdefault(line.group, []).append(line)

    def groups(self) -> Iterator[tuple[str, Iterator[SpooledLine]]]:
        for group in sorted(self._lines):
            yield group, iter(sorted(self._lines[group], key=_order))

    def lines(self, group: str) -> Iterator[SpooledLine]:
        return iter(sorted(self._lines[group], key=_order))

    def entry(self, number: int) -> Entry:
        return self._entries[number]

    def add_entry(self, entry: Entry) -> int:
        self._entries.append(entry)
        return len(self._entries) - 1

    def entries(self) -> Iterator[Entry]:
        return iter(self._entries)

    def add_document(self, body: bytes) -> int:
        self._documents.append(body)
        return len(self._documents) - 1

    def put_document(self, number: int, body: bytes) -> None:
        self._documents[number] = body

    def documents(self) -> Iterator[bytes]:
        return (body for body in self._documents if body)


def _order(line: SpooledLine) -> tuple[str, int]:
    return (line.order, line.entry)
