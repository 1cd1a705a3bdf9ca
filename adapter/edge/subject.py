"""What `check`, `test`, `facts` and `rules` judge: a workspace, or the shipped files."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

from msgspec import Struct

from adapter.edge import shipped
from adapter.edge.book import Book, read_book
from adapter.edge.settings_file import NoWorkspace, read_settings
from adapter.edge.shelf import Shelf
from adapter.reading.settings import Settings
from adapter.values.finding import Finding

TEXT_BYTES_MAX = 64 << 20  # of a file whose lines are shown below a finding
FOLDERS = ("rules", "mappings", "templates", "cases", "codes")
# what may hold a password: an address that is no plain path, a user before a host
_ADDRESS = re.compile(r"""(\burl\s*=\s*)(?!(?:"[\w./ -]*"|'[\w./ -]*')\s*(?:[,}#]|$)).*""")
_LOGIN = re.compile(r"(://)\S*@")


class Subject(Struct, frozen=True, kw_only=True):
    """The files that decide, with what was found in them."""

    folder: Path | None  # None: no workspace, the shipped files
    settings: Settings
    book: Book
    findings: tuple[Finding, ...]


def subject_of(folder: Path, env: str | None = None) -> Subject:
    """The workspace in a folder; the shipped files where there is no adapter.toml.

    Raises NoWorkspace when there is no such folder, or its settings cannot be read.
    """
    if not folder.is_dir():
        raise NoWorkspace(f"there is no folder {folder}")
    if not (folder / "adapter.toml").is_file() and env is None:
        book = read_book(None, Settings())
        return Subject(folder=None, settings=Settings(), book=book, findings=book.findings)
    settings, found = read_settings(folder, env)
    book = read_book(folder, settings, planning_day(settings))
    return Subject(folder=folder, settings=settings, book=book, findings=(*found, *book.findings))


def planning_day(settings: Settings, given: date | None = None) -> date:
    """The date that was asked for, else the workspace's, else today (UTC).

    On it records are judged, and switches of rules expire.
    """
    return given or settings.as_of or datetime.now(UTC).date()


def line_reader(
    folder: Path | None, shelf: Shelf | None = None
) -> Callable[[str, int], str | None]:
    """A function that gives a line of a file, by the path that findings show."""

    @cache
    def lines(path: str) -> list[str]:
        if shelf is not None and path in shelf.sources:
            return shelf.sources[path].text.split("\n")
        top, _, rest = path.partition("/")
        places = [folder / path] if folder is not None else []
        if top in FOLDERS and rest:
            places.append(shipped.folder(top) / rest)
        for at in places:
            try:
                if at.is_file() and at.stat().st_size <= TEXT_BYTES_MAX and at.suffix != ".xlsx":
                    return at.read_text(encoding="utf-8-sig", errors="replace").split("\n")
            except (OSError, ValueError):
                continue
        return []

    def line(path: str, number: int) -> str | None:
        found = lines(path)
        text = found[number - 1].rstrip("\r") if 0 < number <= len(found) else None
        return _unshown(text) if text and path.startswith("adapter.") else text

    return line


def _unshown(text: str) -> str:
    """A line of adapter.toml without what may be the password of a database."""
    return _LOGIN.sub(r"\1...@", _ADDRESS.sub(r"\1...", text))
