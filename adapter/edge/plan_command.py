"""`plan`: read, judge, show; write reports where asked. Nothing leaves the machine."""

import getpass
import json
import socket
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct

from adapter.edge import shipped
from adapter.edge.asked import refuse_unknown
from adapter.edge.console import console, progress, progress_done
from adapter.edge.failure import checked_format
from adapter.edge.proforma_pages import TEMPLATE, ProformaPages
from adapter.edge.refused import refused
from adapter.edge.spool import RecordsOnDisk, SpoolOnDisk
from adapter.edge.subject import planning_day
from adapter.edge.workspace import (
    FaultyFiles,
    NoWorkspace,
    piped_rows,
    read_settings,
    read_workspace,
)
from adapter.making.plan import Plan, Window, make_plan
from adapter.making.workspace import Workspace
from adapter.reading.settings import Settings
from adapter.telling.narrow import STATUSES, Narrow
from adapter.telling.report import make_report, report_parts
from adapter.values.finding import Finding, has_errors

if TYPE_CHECKING:
    from adapter.edge.ledger import Ledger

REPORT_TEMPLATE = "report.html.j2"


class PlanRequest(Struct, frozen=True, kw_only=True):
    """What was asked for on the command line."""

    folder: str
    workspace: Path | None = None
    env: str | None = None
    as_of: date | None = None
    first: date | None = None
    last: date | None = None
    format: str = "text"
    html: Path | None = None
    json: Path | None = None
    csv: Path | None = None
    xlsx: Path | None = None
    proformas: Path | None = None
    stories: Path | None = None
    against: Path | None = None
    companies: frozenset[str] = frozenset()
    codes: frozenset[str] = frozenset()
    only: frozenset[str] = frozenset()
    whole: bool = False
    names: bool = False
    color: str = "auto"


def run_plan(request: PlanRequest) -> int:
    """Plan and show; returns the exit code. Raises NoWorkspace, ValueError, OSError.

    Files that decide and have errors are shown as `check` shows them, and nothing is planned.
    """
    checked_format(request.format)
    if not request.only <= set(STATUSES):
        raise ValueError(f"--only is one of {', '.join(STATUSES)}")
    old = read_report(request.against) if request.against is not None else None
    try:
        plan = planned(request)
    except FaultyFiles as error:
        return refused(error, folder_of(request), request.format, request.color)
    run = run_facts()
    files = (request.html, request.json, request.csv, request.xlsx, request.stories)
    if request.format == "json" and old is None and not any(files):
        write_parts(report_parts(plan, run))
    else:
        report = make_report(plan, run)
        write_reports(report, request, plan)
        sys.stdout.write(shown_report(report, old, request))
    return exit_code(plan)


def exit_code(plan: Plan) -> int:
    """1 where something is held, wrong, or does not add up."""
    held = plan.tally.levels["error"] or plan.tally.statuses["held"]
    return 1 if held or has_errors(plan.findings) or not plan.balanced else 0


def folder_of(request: PlanRequest) -> Path:
    """The workspace that was asked for."""
    return (request.workspace or Path()) if request.folder == "-" else Path(request.folder)


def planned(request: PlanRequest) -> Plan:
    """The plan of a request. Raises NoWorkspace (FaultyFiles), ValueError for a narrowing that
    names nothing.
    """
    found: tuple[Finding, ...] = ()
    rows = None
    folder = folder_of(request)
    if request.folder == "-":
        rows, found = piped_rows(sys.stdin.buffer)
    as_of = planning_day(read_settings(folder, request.env)[0], request.as_of)
    workspace = read_workspace(folder, request.env, rows=rows, as_of=as_of, piped_findings=found)
    refuse_unknown(workspace, request.companies, request.codes)
    pages = None
    if request.proformas is not None:
        pages = ProformaPages(request.proformas, workspace.templates.get(TEMPLATE))
    ledger = LedgerBeside(folder, workspace.settings)
    workspace = ledger.with_sent(workspace)
    try:
        plan = make_plan(
            workspace,
            as_of,
            window=Window(request.first, request.last),
            spool=SpoolOnDisk() if is_on_disk(workspace) else None,
            names=request.names,
            draw=pages,
            body_of=ledger.row_sent if ledger.is_wanted else None,
            progress=progress("judged"),
        )
    finally:
        progress_done()
        ledger.close()
    if pages is not None:
        print(pages.told(), file=sys.stderr)
    ledger.note(plan)
    return plan


class LedgerBeside:
    """The ledger of a workspace beside its plan.

    Companies that only validate need none: then nothing is read, written or imported.
    """

    def __init__(self, folder: Path, settings: Settings) -> None:
        from adapter.edge.sending import is_wanted

        self.folder, self.settings = folder, settings
        self.is_wanted = is_wanted(folder, settings)
        self._open: Ledger | None = None

    def with_sent(self, workspace: Workspace) -> Workspace:
        """The workspace with what was sent."""
        if not self.is_wanted:
            return workspace
        from adapter.edge.sending.office import with_sent

        return with_sent(workspace, self.folder)

    def row_sent(self, key: str) -> str | None:
        """The row that was sent under a key, as it left; the ledger stays open until `close`."""
        from adapter.edge.ledger import open_ledger
        from adapter.edge.ledger.tables import STEP
        from adapter.edge.sending.office import ledger_url

        if self._open is None:
            self._open = open_ledger(ledger_url(self.folder, self.settings))
        found = self._open.steps(STEP.c.key == key)
        return found[0].step.body if found else None

    def close(self) -> None:
        """Close what `row_sent` opened."""
        if self._open is not None:
            self._open.close()
            self._open = None

    def note(self, plan: Plan) -> None:
        """Have the ledger remember a plan."""
        if self.is_wanted:
            from adapter.edge.sending.office import noted

            noted(plan, self.folder)


def is_on_disk(workspace: Workspace) -> bool:
    """Whether the rows of some environment wait on disk."""
    return any(isinstance(e.records, RecordsOnDisk) for e in workspace.environments.values())


def run_facts() -> dict[str, str]:
    """Clock, user and host: shown in the report, outside the plan's id."""
    try:
        user = getpass.getuser()
    except (OSError, KeyError):
        user = "(unknown)"
    at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"at": at, "user": user, "host": socket.gethostname()}


def read_report(path: Path) -> dict[str, Any]:
    """An older report.json. Raises NoWorkspace when it is none."""
    try:
        report: dict[str, Any] = json.loads(path.read_bytes())
        if report["report"] != 1:
            raise KeyError
    except (ValueError, KeyError, TypeError):
        raise NoWorkspace(f"{path} is no report.json of version 1") from None
    return report


def write_parts(parts: Iterator[bytes]) -> None:
    """report.json to standard output, piece by piece."""
    for part in parts:
        sys.stdout.buffer.write(part)
    sys.stdout.buffer.flush()


def write_reports(report: dict[str, Any], request: PlanRequest, plan: Plan) -> None:
    """The files that were asked for. Raises OSError."""
    from adapter.edge.xlsx import write_xlsx
    from adapter.telling.show_html import as_html
    from adapter.telling.show_table import as_csv, as_xlsx_rows

    for path in (request.html, request.json, request.csv, request.xlsx):
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
    hrefs: dict[str, str] = {}
    if request.stories is not None:
        from adapter.edge.story_command import Report, said_by
        from adapter.edge.story_pages import StoryPages

        stories = StoryPages(request.stories, plan.workspace, plan.as_of)
        stories.write(said_by(msgspec.convert(report, Report)), request.html)
        hrefs = stories.hrefs(request.html) if request.html is not None else {}
        print(stories.told(), file=sys.stderr)
    if request.html is not None:
        template = (shipped.folder("templates") / REPORT_TEMPLATE).read_text()
        request.html.write_text(as_html(report, template, hrefs), encoding="utf-8")
    if request.json is not None:
        request.json.write_text(json.dumps(report, indent=1, ensure_ascii=False), encoding="utf-8")
    if request.csv is not None:
        request.csv.write_text(as_csv(report, bom=True), encoding="utf-8", newline="")
    if request.xlsx is not None:
        write_xlsx(request.xlsx, as_xlsx_rows(report))


def shown_report(
    report: dict[str, Any], old: dict[str, Any] | None, request: PlanRequest
) -> str:
    """The report (and what moved) in the format asked for."""
    from adapter.telling.compare import compare_reports, comparison_text
    from adapter.telling.show_ci import as_azure, as_github
    from adapter.telling.show_text import as_text

    if request.format == "json":
        shown = report if old is None else {**report, "moved": compare_reports(old, report)}
        return json.dumps(shown, ensure_ascii=False) + "\n"
    if request.format == "github":
        return as_github(report)
    if request.format == "azure":
        return as_azure(report)
    view = console(request.color)
    narrow = Narrow(companies=request.companies, codes=request.codes, only=request.only,
                    whole=request.whole)  # fmt: skip
    text = as_text(report, view.width, view.colour, view.ascii_only, narrow)
    if old is not None:
        text += "\n" + comparison_text(compare_reports(old, report), view.width, view.colour,
                                       view.ascii_only)  # fmt: skip
    return text
