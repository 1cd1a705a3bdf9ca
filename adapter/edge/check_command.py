"""`check`: judge the files that decide, and in a workspace its rows."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct

from adapter.deciding.carriers import map_state
from adapter.deciding.case_run import uncovered
from adapter.deciding.rule_limits import check_limits
from adapter.edge.anchor import anchor_fault
from adapter.edge.book import Book
from adapter.edge.case_folder import read_cases, run_cases
from adapter.edge.console import console
from adapter.edge.failure import checked_format
from adapter.edge.hints import WIDE, hinted
from adapter.edge.subject import line_reader, planning_day, subject_of
from adapter.edge.workspace import NoWorkspace, read_workspace
from adapter.making.workspace import EnvironmentRecords
from adapter.reading.mapping_check import unverified
from adapter.reading.option_gaps import option_gaps
from adapter.reading.reconcile_table import unproven_columns
from adapter.reading.rule_hints import unknown_companies
from adapter.reading.rule_proof import unproven_ground
from adapter.reading.rulecheck import check_rules
from adapter.reading.settings import Settings
from adapter.telling.figures import wrapped
from adapter.telling.finding_json import finding_json
from adapter.telling.show_check import unverified_text
from adapter.telling.show_ci import as_azure, as_github
from adapter.telling.show_delivery import Delivery, consequences, deliveries_text
from adapter.telling.show_findings import findings_text, summary_of
from adapter.values.finding import Finding, has_errors

ACTUALS_MAP = "msdyn_actuals"
UNPROVEN, GAP = "MAP547", "MAP513"
NOTES_MAX = 5  # more notes are counted; `--all` shows them


class Checked(Struct, frozen=True, kw_only=True):
    """What `check` found."""

    folder: Path | None
    findings: tuple[Finding, ...]
    counts: dict[str, int]
    unverified: dict[str, dict[str, list[str]]]  # sending, reading, matching -> table -> names
    deliveries: tuple[Delivery, ...] = ()

    @property
    def exit_code(self) -> int:
        """1 with errors, else 0."""
        return 1 if has_errors(self.findings) else 0


def run_check(
    folder: Path, env: str | None, format: str, color: str, whole: bool, *, live: bool = False
) -> int:
    """Check a folder; returns the exit code. Raises NoWorkspace, ValueError.

    `live`: read the connected environments' $metadata first; raises what connecting raises.
    """
    checked_format(format)
    if live:
        from adapter.edge.sending.live import read_live

        print("\n".join(read_live(folder, env)), file=sys.stderr)
    try:
        done = checked(folder, env)
    except NoWorkspace as error:
        if not error.findings:
            raise
        done = Checked(folder=folder, findings=error.findings, counts={}, unverified={})
    if format == "json":
        said = {
            "findings": [finding_json(f) for f in done.findings], "checked": done.counts,
            "unverified": done.unverified,
            "deliveries": {d.company: {"delivery": d.delivery, "means": list(consequences(d))}
                           for d in done.deliveries},
        }  # fmt: skip
        sys.stdout.write(json.dumps(said, ensure_ascii=False) + "\n")
    elif format == "github":
        sys.stdout.write(hinted(as_github(_shown(done.findings, whole, done.folder)), WIDE))
    elif format == "azure":
        sys.stdout.write(hinted(as_azure(_shown(done.findings, whole, done.folder)), WIDE))
    else:
        sys.stdout.write(hinted(_text(done, color, whole)))
    return done.exit_code


def checked(folder: Path, env: str | None = None) -> Checked:
    """Everything that is found in a folder. Raises NoWorkspace."""
    subject = subject_of(folder, env)
    book = subject.book
    found = list(subject.findings)
    spaces: Mapping[str, EnvironmentRecords] = {}
    if subject.folder is not None and subject.settings.environments:
        day = planning_day(subject.settings)
        workspace = read_workspace(subject.folder, env, as_of=day, refuse=False, ledger=False)
        found, spaces = list(workspace.findings), workspace.environments
        found += workspace.row_findings
    anchor = anchor_fault(folder, subject.settings) if subject.folder is not None else None
    found += [anchor] if anchor is not None else []
    limits = check_limits(book.rulebook)
    cases = read_cases(subject)
    found += [*limits, *check_rules(book.rulebook, book.catalogue), *cases.findings]
    found += unknown_companies(book.rulebook, subject.settings.companies)
    found += option_gaps(book.bindings, book.schemas)
    found += unproven_ground(book.rulebook, book.catalogue, book.bindings)
    if not limits:
        found += uncovered(book.rulebook, run_cases(book, cases.files), cases.files)
    counts = {
        "rule file": len(book.rulebook.files),
        "mapping": len(book.bindings) + len(book.mappings),
        "template": len(book.templates),
    }
    ordered = tuple(sorted(dict.fromkeys(found), key=lambda f: f.order))
    names = unverified_names(book)
    count = sum(map(len, names["sending"].values()))
    return Checked(folder=subject.folder, findings=ordered, counts=counts, unverified=names,
                   deliveries=deliveries_of(subject.settings, spaces, count))  # fmt: skip


def deliveries_of(
    settings: Settings, spaces: Mapping[str, EnvironmentRecords], unproven: int
) -> tuple[Delivery, ...]:
    """How each company's documents leave, and what is known of the way; companies whose
    environment is not there, or not understood, are left out.
    """
    made = []
    for code, company in settings.companies.items():
        environment = settings.environments.get(company.environment)
        if environment is None:  # SRC021, or SRC020 about the environment itself
            continue
        said, space = environment.connect, spaces.get(company.environment)
        stores = () if space is None else (space.records, space.finance)
        made.append(Delivery(
            company=code, delivery=company.delivery, environment=company.environment,
            has_finance=environment.finance is not None, is_connected=said is not None,
            is_twin=said is not None and said.is_loopback,
            enforces_keys=said is not None and said.finance_enforces_keys,
            late_commit_seconds=settings.sending.late_commit_seconds, unproven=unproven,
            has_anchor=bool(settings.ledger.anchor),
            folder=settings.sending.folder, map_state=map_state(stores, ACTUALS_MAP),
        ))  # fmt: skip
    return tuple(made)


def unverified_names(book: Book) -> dict[str, dict[str, list[str]]]:
    """Names and codes that nobody has proven: those sending touches, those reading
    touches, and those by which `reconcile` knows rows that others make.
    """
    sending: dict[str, list[str]] = {}
    for mapping in book.mappings.values():
        for field, tag, what in unverified(mapping, book.schemas):
            said = field if what == "column" else f"{field} ({what})"
            sending.setdefault(mapping.target, []).append(f"{said} {tag}")
    reading: dict[str, list[str]] = {}
    for binding in book.bindings:
        for name in binding.unverified:
            said = " ".join(p for p in (name.column or "(table)", name.code, name.tag) if p)
            reading.setdefault(name.table, []).append(said)
    matching: dict[str, list[str]] = {}
    for way in book.reconciling.match:
        matching.setdefault(way.set, []).extend(unproven_columns(way, book.schemas))
    sides = {"sending": sending, "reading": reading, "matching": matching}
    return {side: {k: sorted(set(v)) for k, v in sorted(said.items()) if v}
            for side, said in sides.items()}  # fmt: skip


def _own_gap(finding: Finding, folder: Path | None) -> bool:
    """An option without a word in a mapping of the workspace: the cause of much that follows."""
    return finding.code == GAP and folder is not None and (folder / finding.place.file).exists()


def _shown(findings: tuple[Finding, ...], whole: bool, folder: Path | None = None) -> list[Finding]:
    others = [f for f in findings if f.level != "note" or _own_gap(f, folder)]
    few = len(findings) - len(others) <= NOTES_MAX
    return list(findings) if whole or few else others


def _hidden_text(done: Checked, hidden: int) -> str:
    resting = sum(f.code == UNPROVEN for f in done.findings)
    named = f", {resting} of them about rules that rest on unproven columns" if resting else ""
    return f"{hidden} notes are not shown{named}: `fieldledger check --all` shows them."


def _text(done: Checked, color: str, whole: bool) -> str:
    view = console(color)
    shown = _shown(done.findings, whole, done.folder)
    parts: list[Any] = []
    if done.folder is None:
        parts.append("No adapter.toml here: the shipped files.\n\n")
    gaps = [f for f in shown if _own_gap(f, done.folder)]
    for part in (gaps, [f for f in shown if f not in gaps]):  # the cause before what follows
        parts.append(
            findings_text(part, line_reader(done.folder), view.width, view.colour,
                          view.ascii_only, same_max=1_000_000 if whole else 10)
        )  # fmt: skip
    parts.append(deliveries_text(done.deliveries, view.width))
    parts.append(unverified_text(done.unverified, view.width, whole))
    hidden = len(done.findings) - len(shown)
    if hidden:
        parts += [line + "\n" for line in wrapped(_hidden_text(done, hidden), view.width)]
    parts += [line + "\n" for line in wrapped(summary_of(done.findings, done.counts), view.width)]
    return "".join(parts)
