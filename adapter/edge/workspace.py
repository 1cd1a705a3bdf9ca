"""Reading a workspace from a folder: settings, files that decide, rows, what was sent."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from pathlib import Path

import msgspec

from adapter.deciding.carriers import unknown_maps
from adapter.deciding.rule_limits import check_limits
from adapter.edge.book import Book, read_book
from adapter.edge.ledger_beside import LedgerBeside
from adapter.edge.piped import Line
from adapter.edge.piped import NoRows as NoRows
from adapter.edge.piped import piped_rows as piped_rows
from adapter.edge.row_files import SPOOL_BYTES, RowFiles
from adapter.edge.settings_file import FaultyFiles as FaultyFiles
from adapter.edge.settings_file import NoWorkspace as NoWorkspace
from adapter.edge.settings_file import read_settings as read_settings
from adapter.making.workspace import FileRead, SentLine, Workspace
from adapter.reading.rulecheck import check_rules
from adapter.values.arithmetic import our_arithmetic
from adapter.values.collector import collector_rests
from adapter.values.finding import Finding, Place, shown


@collector_rests()
@our_arithmetic()
def read_workspace(
    folder: str | Path,
    env: str | None = None,
    *,
    rows: Iterable[Line] | None = None,
    as_of: date | None = None,
    spooled: bool | None = None,
    in_memory: int = SPOOL_BYTES,
    refuse: bool = True,
    ledger: bool = True,
) -> Workspace:
    """A workspace with its records, read and checked.

    `rows` (table, JSON row; what `piped_rows` reads) take the place of the files of their tables
    in the first environment and its Finance; other tables are still the folder's. None: all are.
    `as_of` is the day of its plans (default: as_of of adapter.toml). `spooled` keeps records on
    disk (default: when the rows of an environment are more than `in_memory` bytes; beside such
    rows, those of Finance or of another from a tenth of it on). `ledger`: what its ledger sent is
    read too.
    Raises NoWorkspace (NoRows where no row that was given can be used); LedgerError, LookupError
    (no secret) where its ledger cannot be read; with `refuse`, FaultyFiles where settings, rules,
    mappings or templates have errors, or sent.jsonl a line that is not understood: what it says was
    sent is not known then, and must not count as new.
    """
    base = Path(folder)
    settings, found = read_settings(base, env)
    if not settings.environments:
        raise NoWorkspace("adapter.toml names no environment", found)
    settings = msgspec.structs.replace(settings, as_of=as_of or settings.as_of)
    book = read_book(base, settings, settings.as_of)
    sent, sent_file, sent_found = read_sent(base / "sent.jsonl")
    if refuse:
        refuse_faulty(book, (*found, *sent_found))
    reader = RowFiles(base, book, spooled, in_memory, rows)
    environments = {name: reader.environment(name) for name in settings.environments}
    carriers = unknown_maps(s for e in environments.values() for s in (e.records, e.finance))
    workspace = Workspace(
        settings=settings,
        rulebook=book.rulebook,
        facts=book.facts,
        catalogue=book.catalogue,
        mappings=book.mappings,
        templates=book.templates,
        schemas=book.schemas,
        tables=book.tables,
        environments=environments,
        bindings=tuple(book.bindings),
        events=book.events,
        sent=sent,
        findings=(*found, *book.findings, *reader.found, *dict.fromkeys(carriers),
                  *sent_found),
        row_findings=tuple(reader.of_rows),
        files=book.files,
        record_files=tuple(reader.files),
        sent_file=sent_file,
    )
    return LedgerBeside(base, settings).with_sent(workspace) if ledger else workspace


def refuse_faulty(book: Book, of_settings: tuple[Finding, ...] = ()) -> None:
    """Raises FaultyFiles where `check` finds errors in the files that decide."""
    rulebook = book.rulebook
    of_rules = (*check_limits(rulebook), *check_rules(rulebook, book.catalogue))
    found = (*of_settings, *book.findings, *of_rules)
    wrong = sorted({f for f in found if f.level == "error"}, key=lambda f: f.order)
    if wrong:
        count = "an error" if len(wrong) == 1 else f"{len(wrong):,} errors"
        raise FaultyFiles(
            f"files that decide have {count}: nothing was planned", tuple(wrong)
        )


def read_sent(
    path: Path,
) -> tuple[dict[str, SentLine], FileRead | None, tuple[Finding, ...]]:
    """What was sent before: sent.jsonl, one line per line of a document; optional."""
    if not path.is_file():
        is_odd = path.is_symlink() or path.exists()
        return {}, None, (_no_file(path.name),) if is_odd else ()
    data = path.read_bytes()
    decoder = msgspec.json.Decoder(SentLine, float_hook=Decimal)
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


def _no_file(name: str) -> Finding:
    return Finding(code="SRC007", level="error", place=Place(name),
                   message="no ordinary file: what was sent before cannot be read",
                   help="Put the file in its place, or move this away if nothing was sent.")
