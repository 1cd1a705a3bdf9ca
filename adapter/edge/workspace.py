"""Reading a workspace from a folder: settings, files that decide, rows, what was sent."""

from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from zipfile import BadZipFile
from zlib import error as ZlibError

import msgspec

from adapter.edge.book import DIGEST_LENGTH, Book, Shelf, options, read_book
from adapter.edge.spool import RecordsOnDisk
from adapter.edge.spool_rows import spool_rows
from adapter.making.workspace import EnvironmentRecords, FileRead, SentLine, Workspace
from adapter.reading.binding import TableBinding
from adapter.reading.gathering import RowsRead, merge
from adapter.reading.rows import read_rows
from adapter.reading.settings import Settings, parse_settings
from adapter.reading.sheets import read_cells, read_csv
from adapter.reading.store import Records, RecordsInMemory
from adapter.values.actuals import Actual
from adapter.values.collector import collector_rests
from adapter.values.finding import Finding, Level, Place, shown
from adapter.values.record import Record

SPOOL_BYTES = 300 << 20  # rows beyond this size wait on disk
ENDINGS = (".jsonl", ".json", ".csv", ".xlsx")
Line = tuple[str, bytes]  # table, row


class NoWorkspace(Exception):
    """The folder is no workspace: it has no adapter.toml, or one that cannot be used."""

    def __init__(self, message: str, findings: tuple[Finding, ...] = ()) -> None:
        self.findings = findings
        super().__init__(message)


def read_settings(folder: Path, env: str | None = None) -> tuple[Settings, tuple[Finding, ...]]:
    """adapter.toml of a folder with the overlay adapter.<env>.toml. Raises NoWorkspace."""
    shelf = Shelf(folder)
    sources = []
    for name in ("adapter.toml", f"adapter.{env}.toml" if env else None):
        if name is None:
            continue
        at = folder / name
        if not at.is_file():
            raise NoWorkspace(f"there is no {name} in {folder}: `fieldledger init DIR` makes one")
        source = next((shelf.source(file) for file in shelf._text(name, at, "workspace")), None)
        if source is None:
            raise NoWorkspace(f"{name} cannot be read", tuple(shelf.found))
        sources.append(source)
    settings, found = parse_settings(
        sources[0], sources[1] if len(sources) > 1 else None, options()
    )
    return settings, (*shelf.found, *found)


@collector_rests()
def read_workspace(
    folder: str | Path,
    env: str | None = None,
    *,
    rows: Iterable[Line] | None = None,
    as_of: date | None = None,
    spooled: bool | None = None,
    piped_findings: tuple[Finding, ...] = (),
) -> Workspace:
    """A workspace with its records, read and checked.

    `rows` (table, JSON row) take the place of the actuals' environment files, such as rows
    piped into the command; reference data is still the folder's. `spooled` keeps records on
    disk (default: when the rows are large). Raises NoWorkspace.
    """
    base = Path(folder)
    settings, found = read_settings(base, env)
    if not settings.environments:
        raise NoWorkspace("adapter.toml names no environment", found)
    book = read_book(base, settings, as_of or settings.as_of)
    reader = _Reader(base, book, spooled)
    piped = list(rows) if rows is not None else None
    environments = {
        name: reader.environment(name, piped if number == 0 else None)
        for number, name in enumerate(settings.environments)
    }
    sent, sent_file, sent_found = read_sent(base / "sent.jsonl")
    return Workspace(
        settings=settings,
        rulebook=book.rulebook,
        facts=book.facts,
        catalogue=book.catalogue,
        mappings=book.mappings,
        templates=book.templates,
        schemas=book.schemas,
        tables=book.tables,
        environments=environments,
        sent=sent,
        findings=(*found, *piped_findings, *book.findings, *reader.found, *sent_found),
        deciding=(*found, *book.findings),
        files=book.files,
        record_files=tuple(reader.files),
        sent_file=sent_file,
    )


class _Reader:
    """Reads the row files of environments; files of Finance are read once."""

    def __init__(self, base: Path, book: Book, spooled: bool | None) -> None:
        self.base = base
        self.settings = book.settings
        self.found: list[Finding] = []
        self.files: list[FileRead] = []
        self.by_name: dict[str, list[TableBinding]] = {}
        for binding in book.bindings:
            for name in {binding.table, binding.set} - {""}:
                self.by_name.setdefault(name.casefold(), []).append(binding)
        self.finance: dict[str, Records] = {}
        self.spooled = spooled

    def environment(self, name: str, piped: list[Line] | None) -> EnvironmentRecords:
        """The rows of one environment, and Finance beside it."""
        setting = self.settings.environments[name]
        folders = [setting.records] if isinstance(setting.records, str) else setting.records
        records, unreadable = self.records([f for f in folders if f], piped)
        finance = None
        if setting.finance is not None:
            if setting.finance not in self.finance:
                self.finance[setting.finance], _ = self.records([setting.finance], None)
            finance = self.finance[setting.finance]
        return EnvironmentRecords(records=records, finance=finance, unreadable=unreadable)

    def paths(self, folders: Iterable[str]) -> Iterator[tuple[str, Path]]:
        """Row files below folders, as they are shown and where they are."""
        for folder in folders:
            at = self.base / folder
            if not at.is_dir():
                self.fault("SRC005", f"there is no folder {shown(folder)}", Place("adapter.toml"),
                           "Put the exported rows there, or correct the path.")  # fmt: skip
                continue
            for path in sorted(at.rglob("*")):
                if path.suffix.lower() in ENDINGS and path.is_file():
                    yield path.relative_to(self.base).as_posix(), path

    def fault(
        self, code: str, message: str, place: Place, help: str, level: Level = "error"
    ) -> None:
        self.found.append(
            Finding(code=code, level=level, message=message, place=place, help=help)
        )

    def records(self, folders: list[str], piped: list[Line] | None) -> tuple[Records, int]:
        """The rows of some folders as one store, and how many actuals have no key."""
        paths = list(self.paths(folders))
        large = sum(at.stat().st_size for _, at in paths) > SPOOL_BYTES
        on_disk = self.spooled if self.spooled is not None else large
        disk = RecordsOnDisk() if on_disk else None
        tables: dict[type[Record], dict[str, Record]] = {}
        faults: dict[tuple[type[Record], str], tuple[Finding, ...]] = {}
        unreadable = 0
        piped_tables = {table.casefold() for table, _ in piped or ()}
        for shown_path, at in paths:
            name = at.stem.casefold()
            if name in piped_tables:
                continue
            bindings = self.by_name.get(name)
            if bindings is None:
                self.fault("SRC006", f"no mapping reads the table `{shown(at.stem)}`",
                           Place(shown_path), "Add a from-mapping, or remove the file.", "note")
                continue
            for binding in bindings:
                if disk is not None and at.suffix == ".jsonl":
                    read = spool_rows(disk, binding, shown_path, at)
                else:
                    try:
                        read = self._file(binding, shown_path, at)
                    except (OSError, NotWorkbook) as error:
                        reason = getattr(error, "strerror", None) or shown(error)
                        self.fault("SRC004", f"file cannot be read: {reason}", Place(shown_path),
                                   "Export the table again, as .xlsx, .csv or JSON rows.")
                        continue
                    self._keep(binding, read, tables, faults, shown_path)
                self._note(shown_path, read)
                unreadable += read.unreadable if binding.kind is Actual else 0
        for binding, read in self._piped(piped or []):
            self._keep(binding, read, tables, faults, "(standard input)")
            self._note("(standard input)", read)
            unreadable += read.unreadable if binding.kind is Actual else 0
        if disk is None:
            return RecordsInMemory(tables, faults), unreadable
        for kind, rows in tables.items():
            disk.keep(kind, rows.values(), {k: f for (c, k), f in faults.items() if c is kind})
        return disk, unreadable

    def _note(self, path: str, read: RowsRead) -> None:
        self.found.extend(read.findings)
        digest = f"{read.digest:032x}"[:DIGEST_LENGTH]
        self.files.append(FileRead(path=path, digest=digest, origin="workspace", rows=read.rows))

    def _keep(
        self, binding: TableBinding, read: RowsRead,
        tables: dict[type[Record], dict[str, Record]],
        faults: dict[tuple[type[Record], str], tuple[Finding, ...]], path: str,
    ) -> None:  # fmt: skip
        odd = merge(tables.setdefault(binding.kind, {}), read.records, path)
        self.found += odd.values()
        here = [(key, (fault,)) for key, fault in odd.items()]
        for key, found in [*here, *read.faults.items()]:
            faults[binding.kind, key] = (*faults.get((binding.kind, key), ()), *found)

    def _file(self, binding: TableBinding, path: str, at: Path) -> RowsRead:
        ending = at.suffix.lower()
        if ending == ".csv":
            return read_csv(binding, at.read_text(encoding="utf-8-sig", errors="replace"), path)
        if ending == ".xlsx":
            return read_cells(binding, cells_of(at), path)
        return read_rows(binding, at.read_bytes(), path)

    def _piped(self, piped: list[Line]) -> Iterator[tuple[TableBinding, RowsRead]]:
        by_table: dict[str, list[bytes]] = {}
        for table, row in piped:
            by_table.setdefault(table.casefold(), []).append(row)
        for table, lines in by_table.items():
            bindings = self.by_name.get(table, [])
            if not bindings:
                self.fault("SRC006", f"no mapping reads the table `{shown(table)}`",
                           Place("(standard input)"), "Add a from-mapping.")  # fmt: skip
            for binding in bindings:
                yield binding, read_rows(binding, b"\n".join(lines), "(standard input)")


class NotWorkbook(Exception):
    """A file that is called .xlsx and is none."""


def cells_of(path: Path) -> Iterator[tuple[object, ...]]:
    """The cells of the first sheet of a workbook, row by row. Raises NotWorkbook."""
    import openpyxl

    broken = (BadZipFile, ZlibError, ValueError, LookupError, TypeError, AttributeError, EOFError,
              SyntaxError, openpyxl.utils.exceptions.InvalidFileException)  # fmt: skip
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        try:
            yield from book.worksheets[0].iter_rows(values_only=True)
        finally:
            book.close()
    except broken as error:
        raise NotWorkbook(f"no XLSX workbook ({error})") from None


def piped_rows(lines: Iterable[bytes]) -> tuple[list[Line], tuple[Finding, ...]]:
    """`{"table": ..., "row": {...}}` lines of standard input; broken lines become findings."""

    class Piped(msgspec.Struct):
        table: str
        row: msgspec.Raw

    decoder = msgspec.json.Decoder(Piped)
    rows: list[Line] = []
    found: list[Finding] = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            piped = decoder.decode(line)
            rows.append((piped.table, bytes(piped.row)))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            found.append(
                Finding(code="SRC031", level="error", place=Place("(standard input)", number, 1),
                        message=f"not a piped row: {shown(error)}",
                        help='Each line is {"table": "msdyn_actual", "row": {...}}.')
            )  # fmt: skip
    return rows, tuple(found)


def read_sent(
    path: Path,
) -> tuple[dict[str, SentLine], FileRead | None, tuple[Finding, ...]]:
    """What was sent before: sent.jsonl, one line per line of a document; optional."""
    if not path.is_file():
        return {}, None, ()
    data = path.read_bytes()
    decoder = msgspec.json.Decoder(SentLine)
    sent: dict[str, SentLine] = {}
    found: list[Finding] = []
    for number, line in enumerate(data.splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = decoder.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            found.append(Finding(code="SRC007", level="error", place=Place(path.name, number, 1),
                                 message=f"not a line that was sent: {shown(error)}",
                                 help="Each line needs key and digest. Nothing may be guessed:"
                                 " correct it before a plan is trusted."))  # fmt: skip
            continue
        sent[row.key] = row
    file = FileRead(path=path.name, digest="", origin="workspace", rows=len(sent))
    return sent, file, tuple(found)
