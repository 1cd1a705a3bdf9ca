"""OData pages: their rows, and whether the pages that follow them are there.

A page that names a next one is not the whole table. Nothing is guessed about the rest: the file
is told, unless the next page stands in the same list or in a further file of the table.
"""

import re
from collections.abc import Iterable, Iterator

import msgspec
from msgspec import Struct, field

from adapter.values.finding import Finding, Place

NEXT_LINKS = ("@odata.nextLink", "@nextLink", "@Microsoft.Dynamics.CRM.morerecords")


class _Page(Struct):
    value: list[msgspec.Raw]
    link: object = field(default=None, name=NEXT_LINKS[0])
    short_link: object = field(default=None, name=NEXT_LINKS[1])
    more: object = field(default=None, name=NEXT_LINKS[2])

    @property
    def goes_on(self) -> bool:
        """Whether the page says that others follow it."""
        return bool(self.link or self.short_link or self.more)


class PagesRead(Struct, frozen=True):
    """The rows of a file, and how it ends."""

    rows: tuple[bytes, ...]
    is_page: bool  # False: a bare list of rows
    rest: Place | None  # where the last page names a next one


class PageEnd(Struct, frozen=True):
    """A file of pages, and where its last page names a next one."""

    path: str
    rest: Place | None


_page = msgspec.json.Decoder(_Page | list[msgspec.Raw])
_pages = msgspec.json.Decoder(list[_Page])


def read_pages(content: bytes, path: str) -> PagesRead:
    """One page, a list of pages, or a list of rows. Raises one of REFUSED."""
    said = _page.decode(content)
    if isinstance(said, _Page):
        pages = [said]
    elif said and b'"value"' in bytes(said[0]):
        pages = _pages.decode(content)
    else:
        return PagesRead(tuple(map(bytes, said)), False, None)
    rows = tuple(bytes(row) for page in pages for row in page.value)
    rest = _place_of_link(content, path) if pages[-1].goes_on else None
    return PagesRead(rows, True, rest)


def rows_with_places(
    rows: Iterable[bytes], content: bytes
) -> Iterator[tuple[bytes, int, int]]:
    """Each row with its line, and how many letters of that line stand before it."""
    at, line = 0, 1
    for raw in rows:
        start = content.find(raw, at)
        line += content.count(b"\n", at, start)
        at = start
        yield raw, line, start - content.rfind(b"\n", 0, start) - 1


def page_fault(content: bytes, path: str, error: BaseException, reason: str) -> Finding:
    """What was to be pages and is not."""
    return Finding(
        code="SRC040", level="error", place=place_at(content, path, byte_of(str(error))),
        message=f"not an OData page: {reason}",
        help='A page is {"value": [ rows ]}; one row per line goes into .jsonl.',
    )  # fmt: skip


def pages_that_lack(ends: Iterable[PageEnd]) -> tuple[Finding, ...]:
    """SRC051 where the last of the page files of one table names a page that is not there.

    The files follow each other by their paths, numbers in them as numbers.
    """
    last = max(ends, key=lambda end: _in_order(end.path), default=None)
    if last is None or last.rest is None:
        return ()
    return (
        Finding(
            code="SRC051", level="error", place=last.rest,
            message="the page names a next page, which is not there: rows of the table are missing",
            help="Fetch the pages that follow as well: all of them as a list in this file, or one"
            " file each, in folders whose names are in the order of the pages. Or export the table"
            " as rows (.jsonl).",
        ),
    )  # fmt: skip


def _in_order(path: str) -> list[tuple[int, str]]:
    parts = re.split(r"(\d+)", path)
    return [(int(part[:18]) if part.isdecimal() else -1, part) for part in parts]


def _place_of_link(content: bytes, path: str) -> Place:
    marks = [b'"' + name.encode() + b'"' for name in NEXT_LINKS]
    at, mark = max((content.rfind(mark), mark) for mark in marks)
    place = place_at(content, path, max(at, 0))
    return Place(path, place.line, place.column, len(mark))


def place_at(content: bytes, path: str, at: int) -> Place:
    """The place of a byte in a file."""
    return Place(path, content.count(b"\n", 0, at) + 1, at - content.rfind(b"\n", 0, at))


def byte_of(message: str) -> int:
    """The offset that msgspec names in `... (byte 12)`."""
    _, _, tail = message.rpartition("(byte ")
    return int(tail[:-1]) if tail[:-1].isdecimal() else 0
