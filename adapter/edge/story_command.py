"""`story`: the whole financial story of a work order, project, contract, invoice or voucher."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from adapter.edge import shipped
from adapter.edge.console import console
from adapter.edge.failure import checked_format
from adapter.edge.hints import hinted
from adapter.edge.sending import is_wanted
from adapter.edge.subject import planning_day
from adapter.edge.workspace import NoWorkspace, read_settings, read_workspace
from adapter.making.expected import unproven_of
from adapter.making.story import SentOf, company_of, make_story, nothing_sent
from adapter.making.story_parts import KINDS, Moment, Story, Subject, Verdict
from adapter.making.story_scope import named, scope_of
from adapter.making.story_words import Words
from adapter.making.workspace import Workspace
from adapter.telling.story_shape import story_shape
from adapter.values.alike import alike
from adapter.values.field_service import WorkOrder
from adapter.values.project_operations import Contract, Invoice, Project

FORMATS = ("text", "json", "html")
PLAN_FILE = "out/report.json"
TEMPLATE = "story.html.j2"
NAMES_SHOWN = 5
IN_MEMORY = 1 << 30  # a story asks for links in every direction: far slower on disk
Links = Mapping[str, str]


class StoryRequest(Struct, frozen=True, kw_only=True):
    """What was asked for on the command line."""

    what: str
    workspace: Path
    env: str | None = None
    kind: str | None = None
    company: str | None = None
    as_of: date | None = None
    format: str = "text"
    plan: Path | None = None
    whole: bool = False
    color: str = "auto"


def run_story(request: StoryRequest) -> int:
    """Tell one story on standard output; returns the exit code.

    Raises NoWorkspace when nothing has this name, or several things do; ValueError.
    """
    checked_format(request.format, FORMATS)
    if request.kind is not None and request.kind not in KINDS:
        raise ValueError(f"--kind is one of {', '.join(KINDS)}")
    known_on = planning_day(read_settings(request.workspace, request.env)[0])
    day = request.as_of or known_on
    workspace = read_workspace(request.workspace, request.env, as_of=day, refuse=False,
                               in_memory=IN_MEMORY, ledger=False)  # fmt: skip
    if request.company and request.company.strip().upper() not in workspace.settings.companies:
        known = ", ".join(sorted(workspace.settings.companies))
        raise ValueError(f"--company is one of {known}")
    subject = subject_named(workspace, request.what, request.kind, request.company)
    said = plan_beside(request.workspace, request.plan)
    sent = sent_of(request.workspace, workspace, request.as_of)
    story = story_of(workspace, subject, day, said, sent, request.whole, known_on)
    shape = story_shape(story, whole=request.whole)
    if request.format == "json":
        sys.stdout.buffer.write(msgspec.json.encode(shape) + b"\n")
        sys.stdout.buffer.flush()
    elif request.format == "html":
        sys.stdout.write(page_of(shape))
    else:
        from adapter.telling.show_story import story_text

        view = console(request.color)
        told = story_text(shape, view.width, view.colour, view.ascii_only)
        sys.stdout.write(hinted(told, view.width))
    return 1 if any(finding.level == "error" for finding in story.findings) else 0


@cache
def template_text() -> str:
    """The template of a story's page; it is read once for all pages."""
    return (shipped.folder("templates") / TEMPLATE).read_text(encoding="utf-8")


def page_of(shape: dict[str, Any], report_link: str = "", links: Links | None = None) -> str:
    """The page of a story."""
    from adapter.edge.chart import chart_of
    from adapter.telling.show_story_html import story_html

    is_dated = shape["subject"]["kind"] != "voucher"  # one posting has no course over time
    chart = chart_of(shape["points"], shape["as_of"]) if is_dated else ""
    return story_html(shape, template_text(), chart, report_link=report_link, links=links)


class PlanSaid(Struct, frozen=True):
    """What a story takes from a plan's report."""

    verdicts: Mapping[str, Verdict] = {}  # by actual
    models: Mapping[str, str] = {}  # deployment model, by company
    day: str = ""  # of which it judged


NO_PLAN = PlanSaid()


def story_of(
    workspace: Workspace, subject: Subject, day: date, said: PlanSaid = NO_PLAN,
    sent: SentOf = nothing_sent, whole: bool = True, known_on: date | None = None,
) -> Story:  # fmt: skip
    """The story of a subject of a workspace, whose rows hold the state of `known_on`.

    What a plan of a later day said is not told.
    """
    here = workspace.environments[subject.environment]
    verdicts = {} if said.day > day.isoformat() else said.verdicts
    return make_story(subject, here.records, workspace.settings, day, finance=here.finance,
                      models=said.models, verdicts=verdicts, sent=sent,
                      whole=whole, known_on=known_on, unproven=unproven_of(workspace.bindings),
                      events=workspace.events)  # fmt: skip


def sent_of(folder: Path, workspace: Workspace, until: date | None) -> SentOf:
    """Asks the ledger, up to a day if one is given; nothing where a workspace has none."""
    if not is_wanted(folder, workspace.settings):
        return nothing_sent
    from adapter.edge.sending.history import sent_moments

    def ask(actuals: Sequence[str], keys: Sequence[str]) -> list[Moment]:
        found = sent_moments(folder, workspace.settings, actuals, keys)
        return [m for m in found if until is None or m.day is None or m.day <= until]

    return ask


def subject_named(
    workspace: Workspace, what: str, kind: str | None = None, company: str | None = None
) -> Subject:
    """The one subject of this number, name or id, of a company (its code) if one is given.

    Raises NoWorkspace for none or several.
    """
    wanted = company and company.strip().upper()
    subjects = [
        subject
        for name, here in sorted(workspace.environments.items())
        for subject in named(here.records, name, what)
        if kind is None or subject.kind == kind
    ]
    if wanted is None and len(subjects) == 1:
        return subjects[0]
    named_so = [(subject, _owner(workspace, subject)) for subject in subjects]
    found = [one for one in named_so if not wanted or one[1] in ("", wanted)]
    if not named_so and kind is not None:
        others = {s.kind for name in sorted(workspace.environments)
                  for s in named(workspace.environments[name].records, name, what)}
        if others:
            raise NoWorkspace(f"{what} is no {kind}, but {' and '.join(sorted(others))}")
    if not found:
        if named_so:
            theirs = " and ".join(sorted({owner for _, owner in named_so}))
            raise NoWorkspace(f"{what} of {wanted} is nothing; it is of {theirs}")
        near = alike(what, _names(workspace), NAMES_SHOWN)
        hint = f"; near: {', '.join(near)}" if near else ""
        raise NoWorkspace(f"no {kind or 'record with a story'} is called {what}{hint}")
    if len(found) > 1:
        said = "; ".join(_called(*one) for one in found[:NAMES_SHOWN])
        raise NoWorkspace(f"{what} may be {len(found)} things: {_way_out(found)}. {said}")
    return found[0][0]


def _owner(workspace: Workspace, subject: Subject) -> str:
    """The company of all records of a subject; empty where they are of several, or of none."""
    records = workspace.environments[subject.environment].records
    words = Words(records, workspace.settings, subject.environment)
    return company_of(scope_of(subject, records), words)


def _called(subject: Subject, owner: str) -> str:
    of = f" of {owner}" if owner else ""
    return " ".join(f"{subject.kind} {subject.id} {subject.title}{of} in "
                    f"{subject.environment}".split())  # fmt: skip


def _way_out(found: Sequence[tuple[Subject, str]]) -> str:
    """What tells several things of one name apart."""
    owners = {owner for _, owner in found}
    if len(owners) == len(found) and "" not in owners:
        return "say --company " + " or ".join(sorted(owners))
    if len({subject.kind for subject, _ in found}) == len(found):
        return "say --kind"
    return "give the id"


def _names(workspace: Workspace) -> Iterator[str]:
    for environment in workspace.environments.values():
        for kind in (WorkOrder, Project, Contract, Invoice):
            for record in environment.records.all(kind):
                number = getattr(record, "number", None)
                if number:
                    yield number


class _Part(Struct):
    answer: str | None = None
    rule: str | None = None
    document: str | None = None


class _Actual(Struct):
    id: str
    status: str
    ledger: _Part
    billing: _Part


class _Document(Struct):
    key: str
    kind: str
    name: str


class _Company(Struct):
    code: str
    model: str


class _Plan(Struct):
    as_of: str = ""


class Report(Struct):
    """Of report.json, what a story tells."""

    report: int
    actuals: list[_Actual]
    documents: list[_Document]
    companies: list[_Company]
    plan: _Plan = msgspec.field(default_factory=_Plan)


def plan_beside(folder: Path, asked: Path | None) -> PlanSaid:
    """What a plan said: report.json as asked for, else that of the workspace.

    Raises NoWorkspace when the file that was asked for is no report.
    """
    path = asked or folder / PLAN_FILE
    if asked is None and not path.is_file():
        return NO_PLAN
    try:
        report = msgspec.json.decode(path.read_bytes(), type=Report)
    except OSError as error:
        raise NoWorkspace(f"{path} cannot be read: {error.strerror}") from None
    except msgspec.DecodeError as error:
        raise NoWorkspace(f"{path} is no report.json of version 1: {error}") from None
    return said_by(report)


def said_by(report: Report) -> PlanSaid:
    """What a plan's report says of its actuals and companies."""
    names = {d.key: f"{d.kind} {d.name}" for d in report.documents}
    made = {}
    for one in report.actuals:
        parts = (one.ledger, one.billing)
        made[one.id] = Verdict(
            status=one.status,
            rules=tuple(dict.fromkeys(p.rule for p in parts if p.rule)),
            documents=tuple(dict.fromkeys(
                names[p.document] for p in parts if p.document in names)),
        )  # fmt: skip
    return PlanSaid(made, {one.code: one.model for one in report.companies}, report.plan.as_of)
