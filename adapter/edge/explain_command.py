"""`explain`: one record, document or code, from the first rule to the last value."""

import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from shlex import quote

from adapter.edge import shipped
from adapter.edge.case_folder import read_cases, run_cases
from adapter.edge.console import console
from adapter.edge.failure import checked_format
from adapter.edge.hints import hinted
from adapter.edge.refused import refused
from adapter.edge.sending import is_wanted
from adapter.edge.subject import planning_day, subject_of
from adapter.edge.workspace import FaultyFiles, NoWorkspace, read_settings, read_workspace
from adapter.making.billing_schedule import keys_due
from adapter.making.plan import Plan, make_plan
from adapter.making.planned import PlannedDocument
from adapter.making.story_scope import named
from adapter.making.verdict_parts import name_of
from adapter.making.workspace import Workspace
from adapter.reading.store import Records
from adapter.telling.case_text import case_text
from adapter.telling.explaining import Explainer, entries_of, names_of
from adapter.telling.explaining_billed import BILLED, Billed, explain_billed, kind_of
from adapter.telling.explaining_code import explain_page, explain_rule_code
from adapter.telling.explaining_event import explain_event, is_event_or_term
from adapter.telling.explanation import Explanation
from adapter.telling.show_explain import explanation_text
from adapter.telling.show_sent import SentRow, sent_text
from adapter.values.actuals import Actual
from adapter.values.alike import alike_in_any_case
from adapter.values.codes import CODES
from adapter.values.field_service import Usage, WorkOrder, WorkOrderLine
from adapter.values.finding import shown
from adapter.values.project_operations import (
    Contract,
    ContractLine,
    InvoiceSchedule,
    Milestone,
    Retainer,
)
from adapter.values.record import Record

CODE = re.compile(r"[A-Za-z]{3}\d{3}")
SEVERAL_SHOWN = 5  # records of one name that are told
KEY_PREFIX_MIN = 4  # characters of a document's key that are enough


class Unknown(NoWorkspace):
    """Nothing has this name; the message tells the nearest."""


def run_explain(
    what: str, workspace: Path, env: str | None, format: str, as_case: bool, names: bool,
    color: str,
) -> int:  # fmt: skip
    """Explain one thing on standard output; returns 0. Raises NoWorkspace (Unknown).

    A record is not explained by files that have errors: they are shown, and 2 is returned.
    """
    checked_format(format, ("text", "json"))
    if not what.strip():
        raise Unknown("say what to explain: an actual, a work order, a contract line, a milestone, "
                      "a document or a code")  # fmt: skip
    sent: list[SentRow] = []
    if CODE.fullmatch(what) or is_event_or_term(what):
        if as_case:
            raise Unknown("--as-case takes an actual; a code has its cases in the cases folder")
        found: Explanation = (explain_event(what) if is_event_or_term(what)
                              else explain_code(what.upper(), workspace, env))  # fmt: skip
    else:
        day = planning_day(read_settings(workspace, env)[0])
        try:
            read = read_workspace(workspace, env, as_of=day)
        except FaultyFiles as error:
            return refused(error, workspace, format, color)
        record = found_record(read, what)
        keys = record[2] if record is not None else []
        is_whole = record is not None and isinstance(record[1], Billed) and not as_case
        watch = frozenset(() if is_whole else keys)
        plan = make_plan(read, day, watch=watch, names=names)
        if as_case:
            sys.stdout.write(_case(plan, what, record))
            return 0
        found = _explained(plan, what, record)
        if is_wanted(workspace, read.settings):
            sent = _sent(workspace, read, record, found_document(plan, what) if record is None
                         else None)  # fmt: skip
    view = console(color)
    if format == "json":
        sys.stdout.write(json.dumps({**found, "ledger": sent}, ensure_ascii=False) + "\n")
    else:
        told = explanation_text(found, view.width, view.colour, view.ascii_only)
        sys.stdout.write(hinted(told + sent_text(sent, view.width), view.width))
    return 0


def _sent(
    folder: Path, read: Workspace, record: "Found | None", document: PlannedDocument | None
) -> list[SentRow]:
    """What the ledger knows of a record and what is billed with it, or of a document."""
    from adapter.edge.sending.history import history_of

    if document is not None:
        keys = _keys_due(read, document.schedule)
        return history_of(folder, read.settings, document.actuals, keys, [document.key])
    assert record is not None
    _, source, actuals = record
    keys = _keys_due(read, [source.id]) if isinstance(source, Billed) else []
    return history_of(folder, read.settings, actuals, keys)


def _keys_due(read: Workspace, ids: Sequence[str]) -> list[str]:
    """Keys of the rows in which milestones and retainers left: those of these ids, and all
    milestones of contract lines of these ids.
    """
    keys = []
    for name, here in sorted(read.environments.items()):
        records = here.records
        milestones = [m for id in ids if (m := records.one(Milestone, id)) is not None]
        retainers = [r for id in ids if (r := records.one(Retainer, id)) is not None]
        milestones += [m for id in ids for m in records.where(Milestone, "contract_line", id)]
        keys += keys_due(records, name, milestones, retainers)
    return keys


def explain_code(code: str, folder: Path, env: str | None) -> Explanation:
    """A rule of the workspace (or a shipped one), or a built-in code. Raises Unknown."""
    subject = subject_of(folder, env)
    rulebook = subject.book.rulebook
    rule = rulebook.rules_by_id.get(code)
    if rule is not None:
        results = run_cases(subject.book, read_cases(subject).files)
        return explain_rule_code(rule, rulebook, [r for done in results.values() for r in done])
    if code in CODES:
        page = shipped.folder("codes") / f"{code}.md"
        return explain_page(code, page.read_text(encoding="utf-8") if page.is_file() else "")
    off = next((a for a in rulebook.allowed if a.rule == code), None)
    if off is not None:
        raise Unknown(f"{code} is switched off here until {off.expires}: {shown(off.because)}")
    raise Unknown(f"no code {code}{_near(code, [*rulebook.rules_by_id, *CODES])};"
                  " `fieldledger rules` lists the rules")  # fmt: skip


Found = tuple[str, Record | None, list[str]]  # name, its record if no actual, ids of actuals
KINDS: Mapping[str, type[Record]] = {
    "actual": Actual, "work order": WorkOrder, "line": WorkOrderLine,
    "contract line": ContractLine, "milestone": Milestone, "retainer": Retainer,
}  # fmt: skip


def found_record(workspace: Workspace, what: str) -> Found | None:
    """The actual, work order, its line, or what a contract bills with this id or name; or None.

    The id of a run date of an invoice schedule stands for its contract line. Raises Unknown
    where several have the name, with their ids.
    """
    key, name = what.strip().strip("{}").lower(), what.strip()
    for environment in sorted(workspace.environments):
        records = workspace.environments[environment].records
        for spelled in dict.fromkeys((name, key)):
            if records.one(Actual, spelled) is not None:
                return name_of(spelled), None, [spelled]
            run = records.one(InvoiceSchedule, spelled)
            for kind in KINDS.values():
                record = records.one(kind, spelled)
                if record is None and run is not None and kind is ContractLine:
                    record = records.one(kind, run.contract_line)
                if record is not None:
                    return _with_actuals(records, record)
    fits = [(records, record) for environment in sorted(workspace.environments)
            for records in (workspace.environments[environment].records,)
            for record in _named(records, name)]  # fmt: skip
    if len(fits) > 1:
        said = "; ".join(_told_apart(*one) for one in fits[:SEVERAL_SHOWN])
        more = f"; and {len(fits) - SEVERAL_SHOWN} more" if len(fits) > SEVERAL_SHOWN else ""
        raise Unknown(f"{shown(what)} may be {len(fits)} things: give the id. {said}{more}")
    for records, record in fits:
        if isinstance(record, Actual):
            return name.upper(), None, [record.id]
        return _with_actuals(records, record)
    return None


def _named(records: Records, name: str) -> Iterator[Record]:
    if name.upper().startswith("A-"):
        yield from (a for a in records.all(Actual) if name_of(a.id) == name.upper())
    yield from records.where(WorkOrder, "number", name)
    for kind in (WorkOrderLine, ContractLine, Milestone, Retainer):
        yield from records.where(kind, "name", name)


def _told_apart(records: Records, record: Record) -> str:
    """`line 7d1e... of WO-US000001`: what tells records of one name apart."""
    kind = next(word for word, kind in KINDS.items() if isinstance(record, kind))
    order = records.one(WorkOrder, getattr(record, "work_order", None))
    contract = records.one(Contract, getattr(record, "contract", None))
    if isinstance(record, Billed):
        number = contract.number or contract.id if contract is not None else None
    else:
        number = order.number if order is not None else None
    return f"{kind} {shown(record.id)}" + (f" of {shown(number)}" if number else "")


def _with_actuals(records: Records, record: Record) -> Found:
    if isinstance(record, Billed):
        keys = [a.id for a in records.where(Actual, "contract_line", record.id)]
        return "", record, sorted(keys)
    if isinstance(record, WorkOrder):
        lines = records.where(WorkOrderLine, "work_order", record.id)
        label = f"work order {record.number or record.id}"
    else:
        lines = (record,)  # type: ignore[assignment]
        order = records.one(WorkOrder, getattr(record, "work_order", None))
        label = f"{getattr(record, 'name', None) or record.id} of {order.number if order else '?'}"
    return shown(label), record, sorted({a.id for a in _actuals(records, record, lines)})


def _actuals(
    records: Records, record: Record, lines: tuple[WorkOrderLine, ...]
) -> Iterator[Actual]:
    usages: list[Usage] = []
    if isinstance(record, WorkOrder):
        yield from records.where(Actual, "work_order", record.id)
        usages += records.where(Usage, "work_order", record.id)
    for line in lines:
        yield from records.where(Actual, "line", line.id)
        usages += records.where(Usage, "line", line.id)
    for usage in usages:
        yield from records.where(Actual, "usage", usage.id)


def _explained(plan: Plan, what: str, record: Found | None) -> Explanation:
    if record is None:
        document = found_document(plan, what)
        entries = (e for e in entries_of(plan) if e["id"] in set(document.actuals))
        return Explainer(plan, entries).document(document)
    name, source, keys = record
    wanted = frozenset(keys)
    entries = (e for e in entries_of(plan) if e["id"] in wanted)
    if isinstance(source, Billed):
        here = (e.records for _, e in sorted(plan.workspace.environments.items()))
        records = next(r for r in here if r.one(BILLED[kind_of(source)], source.id) is not None)
        return explain_billed(plan, records, source, entries)
    explainer = Explainer(plan, entries)
    if source is None:
        return explainer.actual(keys[0])
    return explainer.line(name, source, keys)


def found_document(plan: Plan, what: str) -> PlannedDocument:
    """The document with this name, or whose key begins so. Raises Unknown."""
    name = what.strip().casefold()
    documents = list(plan.documents())
    fits = [d for d in documents if d.name.casefold() == name
            or f"{d.kind} {d.name}".casefold() == name]  # fmt: skip
    if not fits and len(name) >= KEY_PREFIX_MIN:
        fits = [d for d in documents if d.key.startswith(name)]
    if len(fits) == 1:
        return fits[0]
    if fits:
        several = ", ".join(f"{d.kind} {d.name} ({d.key[:8]})" for d in fits[:5])
        raise Unknown(f"{shown(what)} may be {several}: give the beginning of its key")
    here = sorted(plan.workspace.environments.items())
    subject = next((s for env, e in here for s in named(e.records, env, what.strip())), None)
    if subject is not None:
        raise Unknown(f"{shown(what)} is a {subject.kind}: what became of it as a whole is told by "
                      f"`fieldledger story {quote(subject.id)}`")  # fmt: skip
    raise Unknown(f"nothing is called {shown(what)}{_near(what, set(names_of(plan)))};"
                  " give an actual, a work order, one of its lines, a contract line, a milestone,"
                  " a document or a code")  # fmt: skip


def _near(what: str, known: list[str] | set[str]) -> str:
    near = alike_in_any_case(what[:100], filter(None, known))
    return f"; the nearest are {', '.join(map(shown, near))}" if near else ""


def _case(plan: Plan, what: str, record: Found | None) -> str:
    keys = record[2] if record is not None else list(found_document(plan, what).actuals)
    if record is None or len(keys) != 1:
        some = ", ".join(name_of(key) for key in keys[:5]) or "none"
        raise Unknown(f"--as-case takes one actual; {shown(what)} has {len(keys)}: {some}")
    return case_text(name_of(keys[0]), plan.traced[keys[0]], plan.workspace.rulebook, plan.names)
