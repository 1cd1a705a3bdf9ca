"""`plan`: read, judge, show; write reports where asked. Nothing leaves the machine."""

import getpass
import json
import socket
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from adapter.edge.asked import refuse_unknown
from adapter.edge.console import console, progress, progress_done
from adapter.edge.failure import checked_format
from adapter.edge.hints import WIDE, hinted
from adapter.edge.ledger_beside import LedgerBeside, ledger_head
from adapter.edge.old_report import read_report
from adapter.edge.proforma_pages import TEMPLATE, ProformaPages
from adapter.edge.refused import refused
from adapter.edge.spool import RecordsOnDisk, SpoolOnDisk
from adapter.edge.subject import planning_day
from adapter.edge.workspace import (
    NoWorkspace,
    piped_rows,
    read_settings,
    read_workspace,
)
from adapter.edge.written import write_text, written
from adapter.making.plan import Plan, Window, make_plan
from adapter.making.workspace import Workspace
from adapter.telling.narrow import STATUSES, Narrow
from adapter.telling.report import make_report, report_parts
from adapter.values.alike import alike
from adapter.values.finding import has_errors, shown


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

    Files that decide and have errors, and rows of which none can be used, are shown as `check`
    shows findings, and nothing is planned.
    """
    checked_format(request.format)
    if request.first and request.last and request.first > request.last:
        raise ValueError(f"--from {request.first} lies after --to {request.last}")
    if not is_one_workspace(request):
        raise ValueError(f"two workspaces were given: {request.folder} and --workspace"
                         f" {request.workspace}")  # fmt: skip
    if not request.only <= set(STATUSES):
        raise ValueError(f"--only is one of {', '.join(STATUSES)}")
    refuse_same_output(request)
    old = read_report(request.against) if request.against is not None else None
    try:
        plan = planned(request)
    except NoWorkspace as error:
        if not error.findings:
            raise
        return refused(error, folder_of(request), request.format, request.color)
    run = {**run_facts(), **ledger_head(folder_of(request), plan.workspace.settings)}
    files = (request.html, request.json, request.csv, request.xlsx, request.stories)
    if request.format == "json" and old is None and not any(files):
        write_parts(report_parts(plan, run))
    else:
        report = make_report(plan, run)
        write_reports(report, request, plan)
        _note_unknown(report, request)
        sys.stdout.write(shown_report(report, old, request))
    return exit_code(plan)


def is_one_workspace(request: PlanRequest) -> bool:
    """Whether DIR and --workspace name one folder, however each is written, or only one is given.
    """
    if request.workspace is None or request.folder in ("-", "."):
        return True
    return Path(request.folder).resolve() == request.workspace.resolve()


def refuse_same_output(request: PlanRequest) -> None:
    """Raises ValueError where two outputs have one name, one would be the report compared, or
    one is `-`.
    """
    taken: dict[Path, str] = {}
    for option in ("against", "html", "json", "csv", "xlsx", "proformas", "stories"):
        path: Path | None = getattr(request, option)
        if path is None:
            continue
        if str(path) == "-":
            raise ValueError(f"--{option} takes a name, not `-`: `--format json` prints a report")
        first = taken.setdefault(path.resolve(), option)
        if first == option or {first, option} in ({"against", "json"}, {"proformas", "stories"}):
            continue
        raise ValueError(f"--{first} and --{option} name the same file, {shown(path)}: give each"
                         " its own")  # fmt: skip


def _note_unknown(report: dict[str, Any], request: PlanRequest) -> None:
    """Say on standard error what was asked to be shown and is not in the plan."""
    companies = {c["code"] for c in report["companies"]}
    codes = {f["code"] for f in (*report["findings"], *report["faults"])}
    codes |= {c["rule"] for c in report["coverage"]}
    for option, asked, known in (("--company", request.companies, companies),
                                 ("--code", request.codes, codes)):  # fmt: skip
        for one in sorted(asked - known):
            near = alike(one.upper(), known) or sorted(known)[:5]
            print(f"{option} {shown(one)} is not in this plan; there is {', '.join(near)}",
                  file=sys.stderr)  # fmt: skip


def exit_code(plan: Plan) -> int:
    """1 where something is held, wrong, or does not add up."""
    held = plan.tally.levels["error"] or plan.tally.statuses["held"]
    return 1 if held or has_errors(plan.findings) or not plan.balanced else 0


def folder_of(request: PlanRequest) -> Path:
    """The workspace that was asked for."""
    return request.workspace or Path("." if request.folder == "-" else request.folder)


def planned(request: PlanRequest) -> Plan:
    """The plan of a request. Raises NoWorkspace (FaultyFiles), ValueError for a narrowing that
    names nothing.
    """
    folder = folder_of(request)
    rows = piped_rows(sys.stdin.buffer)[0] if request.folder == "-" else None
    as_of = planning_day(read_settings(folder, request.env)[0], request.as_of)
    workspace = read_workspace(folder, request.env, rows=rows, as_of=as_of, ledger=False)
    refuse_unknown(workspace, request.companies, request.codes)
    pages = None
    if request.proformas is not None:
        template = workspace.templates.get(TEMPLATE)
        pages = ProformaPages(request.proformas, template, request.names)
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
            progress=progress("judged"),
        )
    finally:
        progress_done()
        ledger.close()
    if pages is not None:
        print(pages.told(), file=sys.stderr)
    is_whole = request.folder != "-" and plan.window == Window()
    ledger.note(plan, parks=is_whole)
    return plan


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


def write_parts(parts: Iterator[bytes]) -> None:
    """report.json to standard output, piece by piece."""
    for part in parts:
        sys.stdout.buffer.write(part)
    sys.stdout.buffer.flush()


def write_reports(report: dict[str, Any], request: PlanRequest, plan: Plan) -> None:
    """The files that were asked for. Raises OSError."""
    from adapter.edge.report_page import as_html
    from adapter.edge.xlsx import write_xlsx
    from adapter.telling.show_table import as_csv, as_xlsx_rows

    hrefs: dict[str, str] = {}
    if request.stories is not None:
        from adapter.edge.story_command import Report, said_by
        from adapter.edge.story_pages import StoryPages

        stories = StoryPages(request.stories, plan.workspace, plan.as_of)
        stories.write(said_by(msgspec.convert(report, Report)), request.html)
        hrefs = stories.hrefs(request.html) if request.html is not None else {}
        print(hinted(stories.told()), file=sys.stderr)
    if request.html is not None:
        write_text(request.html, as_html(report, stories=hrefs))
    if request.json is not None:
        write_text(request.json, json.dumps(report, indent=1, ensure_ascii=False))
    if request.csv is not None:
        write_text(request.csv, as_csv(report, bom=True))
    if request.xlsx is not None:
        with written(request.xlsx) as at:
            write_xlsx(at, as_xlsx_rows(report))


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
        return hinted(as_github(report), WIDE)
    if request.format == "azure":
        return hinted(as_azure(report), WIDE)
    view = console(request.color)
    narrow = Narrow(companies=request.companies, codes=request.codes, only=request.only,
                    whole=request.whole)  # fmt: skip
    text = as_text(report, view.width, view.colour, view.ascii_only, narrow)
    if old is not None:
        text += "\n" + comparison_text(compare_reports(old, report), view.width, view.colour,
                                       view.ascii_only)  # fmt: skip
    return hinted(text, view.width)
