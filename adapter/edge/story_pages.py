"""The story pages beside a report: one for each work order, project, contract, agreement and
proforma; those with actuals first.
"""

import os
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from shlex import quote

from adapter.edge.proforma_pages import plain_name
from adapter.edge.story_command import PlanSaid, page_of, story_of
from adapter.edge.subject import planning_day
from adapter.edge.written import write_text
from adapter.making.story_parts import Subject
from adapter.making.story_scope import subject_of_record
from adapter.making.workspace import Workspace
from adapter.telling.story_shape import story_shape
from adapter.values.actuals import Actual
from adapter.values.field_service import Agreement, WorkOrder
from adapter.values.project_operations import Contract, Invoice, Project
from adapter.values.record import Record

PAGES_MAX = 3_000
Kinds = tuple[tuple[str, str, type[Record]], ...]
KINDS: Kinds = (("work-order", "work_order", WorkOrder), ("project", "project", Project),
                ("contract", "contract", Contract), ("agreement", "agreement", Agreement),
                ("invoice", "invoice", Invoice))  # fmt: skip


class StoryPages:
    """Writes the pages of a plan's stories, and knows where each of them is."""

    def __init__(self, folder: Path, workspace: Workspace, day: date) -> None:
        self.folder = folder
        self.workspace = workspace
        self.day = day
        self.known_on = planning_day(workspace.settings)
        self.subjects = list(self._subjects())
        self.written = 0

    def _subjects(self) -> Iterable[Subject]:
        rest: list[Subject] = []  # milestones, retainers, plans may be all there is of these
        for name in sorted(self.workspace.environments):
            records = self.workspace.environments[name].records
            for kind, field, record in KINDS:
                keys = {getattr(actual, field) for actual in records.all(Actual)}
                for one in sorted(records.all(record), key=lambda row: row.id):
                    subject = subject_of_record(kind, one, name)
                    if one.id in keys:
                        yield subject
                    else:
                        rest.append(subject)
        yield from rest

    def write(self, said: PlanSaid, report: Path | None) -> None:
        """Write the pages; those with actuals first where there are too many. Raises OSError."""
        self.folder.mkdir(parents=True, exist_ok=True)
        back = os.path.relpath(report, self.folder) if report is not None else ""
        chosen = self.subjects[:PAGES_MAX]
        links = {f"{s.kind} {s.id}": file_name(s) for s in chosen}
        for subject in chosen:
            shape = story_shape(story_of(self.workspace, subject, self.day, said,
                                         known_on=self.known_on))
            page = page_of(shape, back, links)
            write_text(self.folder / file_name(subject), page)
            self.written += 1

    def hrefs(self, report: Path) -> dict[str, str]:
        """From names of work orders to their pages, as seen from the report."""
        here = os.path.relpath(self.folder, report.parent)
        return {s.name: f"{here}/{file_name(s)}" for s in self.subjects[:PAGES_MAX]
                if s.kind == "work-order"}  # fmt: skip

    def told(self) -> str:
        """What was written, in one line."""
        left = len(self.subjects) - self.written
        more = ""
        if left:
            next_one = self.subjects[self.written]
            more = (f"; {left:,} more one by one, such as `fieldledger story {quote(next_one.call)}"
                    f" --kind {next_one.kind} --format html`")  # fmt: skip
        return f"{self.written:,} story pages in {self.folder}{more}"


def file_name(subject: Subject) -> str:
    """A file name that every system takes: kind, name in plain letters, part of the key."""
    return f"{subject.kind}-{plain_name(subject.name)}-{plain_name(subject.id)[:8]}.html"

