"""Text files as they stand in a workspace and in the package, and what was found in them."""

from collections.abc import Iterator
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from adapter.edge import shipped
from adapter.reading.settings import Option, parse_options
from adapter.reading.source import Source, parse_source
from adapter.values.finding import Finding, Place

if TYPE_CHECKING:
    from adapter.making.workspace import FileRead

DIGEST_LENGTH = 16
FILE_BYTES_MAX = 4 << 20
SETTINGS_FILE = "mappings/tables/settings.toml"


class File(Struct, frozen=True):
    """One text file: the path as it is shown, its text, where it came from."""

    path: str
    text: str
    origin: str


class Shelf:
    """Reads files and remembers what was found in them."""

    def __init__(self, workspace: Path | None) -> None:
        self.workspace = workspace
        self.files: dict[str, File] = {}
        self.sources: dict[str, Source] = {}
        self.found: list[Finding] = []

    def texts(self, folder: str, pattern: str = "*.toml") -> Iterator[File]:
        """Shipped files of a folder, then the workspace's, which replace by name."""
        for path, at in shipped.files(folder, pattern):
            yield from self._text(path, at, "shipped")
        own = None if self.workspace is None else self.workspace / folder
        if own is not None and own.is_dir():
            for at in sorted(own.rglob(pattern)):
                yield from self._text(f"{folder}/{at.relative_to(own).as_posix()}", at, "workspace")

    def _text(self, path: str, at: Path, origin: str) -> Iterator[File]:
        try:
            if at.stat().st_size > FILE_BYTES_MAX:
                raise ValueError(f"larger than {FILE_BYTES_MAX:,} bytes")
            file = File(path, at.read_text(encoding="utf-8-sig"), origin)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            self.found.append(Finding(code="SRC004", level="error", place=Place(path),
                                      message=f"file cannot be read: {reason}",
                                      help="Save it as UTF-8 text."))  # fmt: skip
            return
        self.files[f"{origin}:{path}"] = file
        yield file

    def large(self, path: str, at: Path) -> str | None:
        """A text of the workspace that may be large: what it says is remembered by a digest."""
        try:
            text = at.read_text(encoding="utf-8-sig", errors="replace")
        except OSError as error:
            self.found.append(Finding(code="SRC004", level="error", place=Place(path),
                                      message=f"file cannot be read: {error.strerror}",
                                      help="Export `$metadata` again, as a file."))  # fmt: skip
            return None
        self.files[f"workspace:{path}"] = File(path, sha256(text.encode()).hexdigest(), "workspace")
        return text

    def source(self, file: File) -> Source | None:
        """A file as TOML; None with a finding when it is not."""
        source, found = parse_source(file.path, file.text)
        self.found.extend(found)
        if source is not None:
            self.sources[file.path] = source
        return source

    def read(self) -> "tuple[FileRead, ...]":
        """What was read, with digests, for the plan's id."""
        from adapter.making.workspace import FileRead  # heavy, and settings alone need it not

        return tuple(
            FileRead(path=file.path, origin=file.origin,
                     digest=sha256(file.text.encode()).hexdigest()[:DIGEST_LENGTH])
            for file in self.files.values()
        )  # fmt: skip


@cache
def options() -> dict[str, Option]:
    """The settings a workspace may change."""
    path = shipped.folder("mappings") / "tables" / "settings.toml"
    source, _ = parse_source(SETTINGS_FILE, path.read_text("utf-8"))
    assert source is not None
    return parse_options(source)
