"""A data package as an import reads it, with everything that such an import stumbles over."""

import csv
import io
import zipfile
import zlib
from uuid import NAMESPACE_URL, uuid5
from xml.etree import ElementTree

from msgspec import Struct

from adapter.edge.finance.packages import FORMAT, NAMESPACE

UNPACKED_MAX = 256 << 20
NEEDED = ("Manifest.xml", "PackageHeader.xml")
UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, ElementTree.ParseError,
              NotImplementedError, RuntimeError, ValueError)  # fmt: skip


class PackageFile(Struct, frozen=True, kw_only=True):
    """One entity of a package: its label, its file, and its columns: file's -> entity's."""

    label: str
    name: str
    columns: dict[str, str]
    order: tuple[int, ...] = (0, 0, 0)
    format: str = FORMAT
    content: bytes | None = None


def read_package(package: bytes) -> list[PackageFile]:
    """The files of a package in the order of their import. Raises ValueError for no package."""
    try:
        with zipfile.ZipFile(io.BytesIO(package)) as zipped:
            size = sum(entry.file_size for entry in zipped.infolist())
            parts = {n: zipped.read(n) for n in zipped.namelist()} if size <= UNPACKED_MAX else {}
        missing = next((name for name in NEEDED if name not in parts), "")
        roots = [] if missing else [ElementTree.fromstring(parts[name]) for name in NEEDED]
    except UNREADABLE as why:
        raise ValueError(f"the package cannot be read: {why}") from why
    if missing:
        what = f"has no {missing}" if size <= UNPACKED_MAX else "is too large"
        raise ValueError(f"the package {what}")
    root = roots[0]
    found = [_file(part, parts) for part in _all(root, "DataManagementPackageEntityData")]
    if not found:
        raise ValueError("the manifest names no entity")
    return sorted(found, key=lambda one: one.order)


def _all(root: ElementTree.Element, name: str) -> list[ElementTree.Element]:
    return list(root.iter(f"{{{NAMESPACE}}}{name}"))


def _text(part: ElementTree.Element, name: str) -> str:
    return (part.findtext(f"{{{NAMESPACE}}}{name}") or "").strip()


def _file(part: ElementTree.Element, parts: dict[str, bytes]) -> PackageFile:
    maps = [(_text(one, "XMLField"), _text(one, "EntityField")) for one in _all(part, "EntityMap")]
    order = tuple(
        int(text) if (text := _text(part, name)).isdecimal() else 0
        for name in ("ExecutionUnit", "LevelInExecutionUnit", "SequenceInLevel")
    )
    return PackageFile(
        label=_text(part, "EntityName"), name=_text(part, "InputFilePath"), order=order,
        columns={theirs: ours for theirs, ours in maps if theirs and ours},
        format=_text(part, "SourceFormat"), content=parts.get(_text(part, "InputFilePath")),
    )  # fmt: skip


def rows_of(file: PackageFile) -> list[dict[str, str]]:
    """Rows by the entity's columns; none where nothing is mapped, and nobody says a word.

    Raises ValueError for what is wrong with the file as a whole.
    """
    if not file.columns:
        return []
    table = _table(file)
    heads = table[0] if table else []
    missing = next((theirs for theirs in file.columns if theirs not in heads), None)
    if missing is not None:
        raise wrong_mapping(file.label, missing)
    places = [(heads.index(theirs), ours) for theirs, ours in file.columns.items()]
    return [{ours: row[at] if at < len(row) else "" for at, ours in places}
            for row in table[1:] if row]  # fmt: skip


def _table(file: PackageFile) -> list[list[str]]:
    if file.content is None:
        raise ValueError(f"The file {file.name} is not in the package")
    if file.format != FORMAT:
        raise ValueError(f"The twin reads {FORMAT} only, not {file.format}")
    if not file.content.startswith(b"\xff\xfe"):
        raise ValueError("Selected file is not Unicode")
    try:
        text = file.content.decode("utf-16")
    except UnicodeDecodeError as error:
        raise ValueError("Selected file is not Unicode") from error
    if "\n" in text and "\r\n" not in text:  # all of it is one line, and no column fits
        raise wrong_mapping(file.label, next(iter(file.columns)))
    try:
        return list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        raise ValueError(f"The file {file.name} cannot be read: {error}") from error


def wrong_mapping(label: str, column: str) -> ValueError:
    """What an import says when a column is not where the map has it: by an id that says nothing."""
    field = str(uuid5(NAMESPACE_URL, f"twin:{label}:{column}")).upper()
    return ValueError(f"the mapping is incorrect for entity {label} and field {{{field}}}")


def read_file(label: str, content: bytes) -> PackageFile:
    """A file of its own, as a recurring job takes it: every column is the entity's of that name."""
    bare = PackageFile(label=label, name="the file", columns={"": ""}, content=content)
    heads = _table(bare)[:1]
    return PackageFile(label=label, name="the file", content=content,
                       columns={h: h for h in heads[0] if h} if heads else {})  # fmt: skip
