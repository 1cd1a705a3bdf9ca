"""A workspace as a value: everything a plan is made from.

Files are found and read in `edge/workspace.py`; nothing here touches the disk.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date

from msgspec import Struct

from adapter.deciding.facts import FactDef
from adapter.reading.binding import TableBinding
from adapter.reading.catalogue import Catalogue
from adapter.reading.event_file import EventFile
from adapter.reading.out_mapping import OutMapping
from adapter.reading.rulebook import Rulebook
from adapter.reading.schema import SchemaTable
from adapter.reading.settings import Settings
from adapter.reading.steps import Table
from adapter.reading.store import Records
from adapter.reading.template import Template
from adapter.values.actuals import Actual
from adapter.values.finding import Finding

BodyOf = Callable[[str], str | None]  # key of a line -> the row that was sent, as JSON text


class FileRead(Struct, frozen=True, kw_only=True):
    """One file that the plan depends on."""

    path: str
    digest: str
    origin: str = "shipped"  # shipped, workspace, standard input
    rows: int | None = None


class EnvironmentRecords(Struct, frozen=True, kw_only=True):
    """The rows of one Dataverse environment and the Finance reference rows beside it."""

    records: Records
    finance: Records | None
    unreadable: int = 0  # rows of the actual table that have no usable key


class SentLine(Struct, frozen=True, kw_only=True):
    """One line that was sent before: its key, the digest of its body, where and when.

    `document` is the name of its document, `batch` the document's key, `as_of` the date of the
    plan that sent it. `amount`, `currency` and `day` are what a ledger keeps of a row for ever.
    """

    key: str
    digest: str
    document: str = ""
    on: date | None = None
    body: dict[str, object] | None = None
    batch: str = ""
    as_of: date | None = None
    amount: str = ""
    currency: str = ""
    day: str = ""
    is_gone: bool = False  # a person deleted the row there, and another said that it is right


class Workspace(Struct, frozen=True, kw_only=True):
    """Settings, rules, facts, mappings, templates and records, read and checked."""

    settings: Settings
    rulebook: Rulebook
    facts: Mapping[str, FactDef]
    catalogue: Catalogue
    mappings: Mapping[str, OutMapping]
    templates: Mapping[str, Template]
    schemas: Mapping[str, SchemaTable]
    tables: Mapping[str, Table]
    environments: Mapping[str, EnvironmentRecords]
    bindings: tuple[TableBinding, ...] = ()  # which column is which field of a record
    events: EventFile = EventFile()  # what the sources leave open about actuals and proformas
    sent: Mapping[str, SentLine] = {}
    row_sent: BodyOf | None = None  # of the ledger; None: the rows are in `sent`
    findings: tuple[Finding, ...] = ()  # of reading: files and rows
    row_findings: tuple[Finding, ...] = ()  # of all single rows, whether anything needs them
    files: tuple[FileRead, ...] = ()
    record_files: tuple[FileRead, ...] = ()
    sent_file: FileRead | None = None

    def actuals(self) -> Iterable[tuple[str, Actual]]:
        """Every actual with the name of its environment."""
        for name in sorted(self.environments):
            for actual in self.environments[name].records.all(Actual):
                yield name, actual
