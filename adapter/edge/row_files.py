"""The row files of a workspace: found, read, and put together by environment."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from adapter.deciding.facts import ROLES
from adapter.edge.book import DIGEST_LENGTH, Book
from adapter.edge.piped import PIPED, Line, Piped
from adapter.edge.row_content import NotReadable, cells_of, must_be_utf8, text_of
from adapter.edge.rows_shared import RowsShared
from adapter.edge.spool import RecordsOnDisk
from adapter.edge.spool_rows import spool_rows
from adapter.edge.table_names import table_meant
from adapter.edge.unread_maps import is_of_maps, lost_of, unread_maps
from adapter.making.workspace import EnvironmentRecords, FileRead
from adapter.reading.binding import TableBinding
from adapter.reading.finance_ids import MATCH_CASE, FinanceRecords
from adapter.reading.gathering import GatheredFiles, RowsRead
from adapter.reading.pages import PageEnd, pages_that_lack
from adapter.reading.rows import read_rows
from adapter.reading.settings import EVERY_TABLE, EnvironmentSetting
from adapter.reading.sheets import read_cells, read_csv
from adapter.reading.store import Records
from adapter.values.actuals import Actual
from adapter.values.finance import DualWriteMap
from adapter.values.finding import Finding, Level, Place, shown

JOINED = frozenset(ROLES.values())
SPOOL_BYTES = 300 << 20  # rows beyond this size wait on disk,
BESIDE = 10  # and beside such rows those beyond this part of it: Finance of a large company
ENDINGS = (".jsonl", ".json", ".csv", ".xlsx")
PASSED_OVER = (".part", ".bak", ".md", ".license")  # beside a row file, and no rows
MAY_READ = os.R_OK | os.X_OK
Odd = tuple[str, str, Level]  # what it is, what to do, how bad it is
UNREADABLE: Odd = ("folder that may not be read", "Correct its permissions.", "error")


class RowFiles:
    """Reads the row files of environments; files of Finance are read once."""

    def __init__(
        self, base: Path, book: Book, spooled: bool | None, in_memory: int = SPOOL_BYTES,
        rows: Iterable[Line] | None = None,
    ) -> None:  # fmt: skip
        self.base = base
        self.settings = book.settings
        self.found: list[Finding] = []
        self.of_rows: list[Finding] = []  # of single rows, whoever needs them
        self.files: list[FileRead] = []
        self.shared = RowsShared()
        self.by_name: dict[str, list[TableBinding]] = {}
        for binding in book.bindings:
            for name in {binding.table, binding.set} - {""}:
                self.by_name.setdefault(name.casefold(), []).append(binding)
        self.finance: dict[tuple[object, ...], Records] = {}
        self.spooled = spooled
        self.in_memory = in_memory
        self.is_large = False  # some rows wait on disk
        self.piped = Piped(rows, self.by_name) if rows is not None else None

    def environment(self, name: str) -> EnvironmentRecords:
        """The rows of one environment, and Finance beside it.

        Rows that were given take the place of files of the first one, and of its Finance.
        """
        setting = self.settings.environments[name]
        folders = [setting.records] if isinstance(setting.records, str) else setting.records
        self._check_zones(setting)
        first = next(iter(self.settings.environments.values()))
        given: set[str] = set()
        if self.piped is not None and setting is first:
            given = self.piped.tables(of_finance=False)
        records, unreadable = self.records([f for f in folders if f], given, setting)
        if self.piped is not None and setting is first:
            unreadable += self._not_read(self.piped)
        self._check_needed([f for f in folders if f], given)
        finance, of_finance = None, set[str]()
        is_its = setting is first or (setting.finance or "") == first.finance  # one Finance
        if self.piped is not None and is_its:
            of_finance = self.piped.tables(of_finance=True)
        if setting.finance is not None or of_finance:
            key = (setting.finance, *sorted(setting.time_zones.items()))
            if key not in self.finance:
                at = [] if setting.finance is None else [setting.finance]
                read, _ = self.records(at, of_finance, setting)
                exact = self.settings.options.get(MATCH_CASE) is True
                self.finance[key] = read if exact else FinanceRecords(read)
            finance = self.finance[key]
        return EnvironmentRecords(records=records, finance=finance, unreadable=unreadable)

    def _not_read(self, piped: Piped) -> int:
        """What is wrong with lines that were given, and how many of them may be actuals."""
        self.found.extend(piped.found)
        lost = piped.not_read()
        self.files.extend([] if lost is None else [lost])
        return len(piped.lost)

    def _check_needed(self, folders: list[str], given: set[str]) -> None:
        """SRC045 for each table without which nothing can be judged, where there are others."""
        there = {table.casefold() for table in given}
        there |= {at.stem.casefold() for f in folders if (self.base / f).is_dir()
                  for at in (self.base / f).rglob("*") if at.suffix.lower() in ENDINGS}
        if not there & self.by_name.keys():
            return
        for table in sorted({b.table for rows in self.by_name.values() for b in rows
                             if b.is_needed and not {b.table, b.set.casefold()} & there}):
            self.fault("SRC045", f"table `{table}` is missing", Place(", ".join(folders) or "rows"),
                       f"Export it as {table}.jsonl, .json, .csv or .xlsx into that folder; what"
                       " refers to its rows is held until then.")

    def _check_zones(self, setting: EnvironmentSetting) -> None:
        for table in sorted(setting.time_zones.keys() - {EVERY_TABLE}):
            if table.casefold() not in self.by_name:
                self.fault("SRC021", f"environment {setting.name} has a time zone for the table "
                           f"`{shown(table)}`, which no mapping reads", self.settings.place,
                           "Name a table as its file is named, or `*` for all others.")

    def paths(self, folders: Iterable[str]) -> Iterator[tuple[str, Path]]:
        """Row files below folders, as they are shown and where they are.

        What looks like rows and cannot be read is told: nothing is passed over in silence.
        """
        for folder in folders:
            at = self.base / folder
            if not at.is_dir():
                self.fault("SRC005", f"there is no folder {shown(folder)}", Place("adapter.toml"),
                           "Put the exported rows there, or correct the path.")  # fmt: skip
                continue
            if not os.access(at, MAY_READ):
                self._unread(at, UNREADABLE)
                continue
            for path in sorted(at.rglob("*")):
                if not self._odd(path) and path.suffix.lower() in ENDINGS and path.is_file():
                    yield self._shown(path), path

    def _odd(self, path: Path) -> bool:
        """Whether something cannot be read as rows although it looks as if it held some."""
        odd = self._why_odd(path)
        if odd is not None:
            self._unread(path, odd)
        return odd is not None

    def _unread(self, path: Path, odd: Odd) -> None:
        why, help, level = odd
        self.fault("SRC004", f"{why}: no row of it is read", Place(self._shown(path)), help, level)

    def _shown(self, path: Path) -> str:
        """A path as findings show it: from the workspace, where it lies in it."""
        inside = path.is_relative_to(self.base)
        return (path.relative_to(self.base) if inside else path).as_posix()

    def _why_odd(self, path: Path) -> Odd | None:
        is_table = path.name.partition(".")[0].casefold() in self.by_name
        ending = path.suffix.lower()
        if path.is_dir():
            if path.is_symlink():
                return "link to a folder", "Name that folder under `records` too.", "error"
            if not os.access(path, MAY_READ):
                return UNREADABLE
            if is_table and ending in ENDINGS:
                return "folder that is called as a file", "Put the file in its place.", "error"
        elif path.is_file():
            if is_table and ending not in (*ENDINGS, *PASSED_OVER) and path.name[-1] != "~":
                return (f"file of another kind than {', '.join(ENDINGS)}",
                        "Export the table in one of these, or move the file away.", "warning")
        elif ending in ENDINGS:
            what = "link that leads nowhere" if path.is_symlink() else "no ordinary file"
            return what, "Put the exported file in its place.", "error"
        return None

    def fault(
        self, code: str, message: str, place: Place, help: str, level: Level = "error"
    ) -> None:
        self.found.append(
            Finding(code=code, level=level, message=message, place=place, help=help)
        )

    def records(
        self, folders: list[str], given: set[str], setting: EnvironmentSetting
    ) -> tuple[Records, int]:
        """The rows of some folders as one store, and how many actuals have no key.

        Of the tables `given`, the rows that were given count, and no file.
        """
        before = len(self.found)
        paths = list(self.paths(folders))
        most = self.in_memory // BESIDE if self.is_large else self.in_memory
        large = sum(at.stat().st_size for _, at in paths) > most
        self.is_large = self.is_large or large
        on_disk = self.spooled if self.spooled is not None else large
        store = RecordsOnDisk() if on_disk else GatheredFiles()
        unreadable = 0
        ends: dict[str, list[PageEnd]] = {}
        for shown_path, at in paths:
            bindings = self.by_name.get(at.stem.casefold())
            if bindings is None:
                self._unknown(at.stem, Place(shown_path))
                continue
            if bindings[0].table in given:
                continue
            if not at.stat().st_size and at.suffix.lower() != ".xlsx":
                self.fault("SRC048", "file without content: it counts as no rows",
                           Place(shown_path), "Export the table again, or remove the file.",
                           "warning")
            for binding in bindings:
                try:
                    if isinstance(store, RecordsOnDisk) and at.suffix == ".jsonl":
                        must_be_utf8(at)
                        read = spool_rows(store, binding, shown_path, at)
                        self._note(shown_path, read)
                    else:
                        read = self._file(binding, shown_path, at, setting)
                        self._keep(store, binding, read, shown_path)
                        if read.page_end is not None and binding is bindings[0]:
                            ends.setdefault(binding.table, []).append(read.page_end)
                    self.found += self.shared.take(binding, shown_path, read, setting.name)
                except (OSError, NotReadable) as error:
                    reason = getattr(error, "strerror", None) or shown(error)
                    self.fault("SRC004", f"file cannot be read: {reason}", Place(shown_path),
                               "Export the table again, as .xlsx, .csv or JSON rows, text as"
                               " UTF-8.")  # fmt: skip
                    break
                unreadable += read.unreadable if binding.kind is Actual else 0
        for files in ends.values():
            self.found.extend(pages_that_lack(files))
        bindings = [b for rows in self.by_name.values() for b in rows]
        lost = lost_of(f for f in self.found[before:] if is_of_maps(f, bindings))
        for binding, read in self.piped.read(given) if self.piped is not None else ():
            self._note(f"{PIPED} {binding.table}", read)
            self.found.extend(store.keep(binding.kind, read.records, read.faults, PIPED))
            unreadable += read.unreadable if binding.kind is Actual else 0
            lost += lost_of(read.findings) if binding.kind is DualWriteMap else []
        if lost:
            store.keep(DualWriteMap, *unread_maps(lost), "(not read)")
        read_all = store if isinstance(store, RecordsOnDisk) else store.records()
        for kind, of_record in read_all.all_faults():
            found = [f for f in of_record if f not in lost]  # those were told with their file
            self.of_rows.extend(found)
            if kind not in JOINED:  # else told of each actual that needs the record
                self.found.extend(found)
        return read_all, unreadable

    def _note(self, path: str, read: RowsRead) -> None:
        self.found.extend(read.findings)
        digest = f"{read.digest:032x}"[:DIGEST_LENGTH]
        self.files.append(FileRead(path=path, digest=digest, origin="workspace", rows=read.rows))

    def _keep(
        self, store: RecordsOnDisk | GatheredFiles, binding: TableBinding, read: RowsRead, path: str
    ) -> None:
        self._note(path, read)
        self.found.extend(store.keep(binding.kind, read.records, read.faults, path))

    def _file(
        self, binding: TableBinding, path: str, at: Path, setting: EnvironmentSetting
    ) -> RowsRead:
        ending = at.suffix.lower()
        zone = setting.zone_of(binding.table, binding.set)
        if ending == ".csv":
            return read_csv(binding, text_of(at), path, zone)
        if ending == ".xlsx":
            return read_cells(binding, cells_of(at), path, zone)
        must_be_utf8(at)
        return read_rows(binding, at.read_bytes(), path)

    def _unknown(self, name: str, place: Place) -> None:
        """A file that no mapping reads; where it is called almost as a table, a warning."""
        names = (n for rows in self.by_name.values() for b in rows for n in (b.table, b.set) if n)
        meant = table_meant(name, names)
        if meant is None:
            self.fault("SRC006", f"no mapping reads the table `{shown(name)}`", place,
                       "Add a from-mapping, or remove the file.", "note")
            return
        self.fault("SRC052", f"no row of `{shown(name)}` is read: did you mean `{meant}`?", place,
                   f"Call the file {meant}, in a folder of its own beside others of that table."
                   " Or move it away.", "warning")  # fmt: skip
