"""`explain`: one actual, work order, line, document or code, down to the values."""

import json
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from adapter.edge.console import console
from adapter.edge.explain_code import code_explained
from adapter.edge.list_command import book_of
from adapter.edge.workspace import read_workspace
from adapter.making.outcome import name_of
from adapter.making.plan import Plan, make_plan
from adapter.making.workspace import Workspace
from adapter.telling.explain import actual_explained, as_case_text
from adapter.telling.explanation import Explanation
from adapter.telling.report import make_report
from adapter.telling.show_explain import explanation_text
from adapter.values.codes import CODES
from adapter.values.field_service import WorkOrder, WorkOrderLine
from adapter.values.finding import shown

ACTUALS_MAX = 200  # of one work order, line or document that are explained


def run_explain(
    what: str, workspace: Path, env: str | None, format: str, as_case: bool, names: bool,
    color: str,
) -> int:  # fmt: skip
    """Explain and show; returns the exit code."""
    book = book_of(workspace, env)
    if what in book.rulebook.rules_by_id or what in CODES:
        return _show(code_explained(what, book, workspace), format, color)
    if not (workspace / "adapter.toml").is_file():
        near = get_close_matches(what, [*book.rulebook.rules_by_id, *CODES], n=3)
        return _unknown(what, near, "no rule or code has this id, and there is no workspace here")
    space = read_workspace(workspace, env)
    found, header, known = wanted(space, what)
    as_of = space.settings.as_of or datetime.now(UTC).date()
    plan = make_plan(space, as_of, watch=frozenset(found), names=names)
    report = make_report(plan)
    if not found:
        document = document_named(report, what)
        if document is None:
            titles = [d["name"] for d in report["documents"]]
            near = get_close_matches(what, [*known, *titles], n=3, cutoff=0.4)
            return _unknown(what, near, "no actual, work order, line, document or rule is called so")
        return _show(document_explained(report, document, plan), format, color)
    entries = {entry["id"]: entry for entry in report["actuals"]}
    if as_case:
        for key in found:
            sys.stdout.write(as_case_text(plan, key))
        return 0
    explained = [actual_explained(plan, report, entries[key], names) for key in found]
    if len(explained) == 1 and not header:
        return _show(explained[0], format, color)
    whole: Any = {"about": "line", "name": what, "header": header, "actuals": explained}
    return _show(whole, format, color)


def _show(explanation: Explanation, format: str, color: str) -> int:
    if format == "json":
        print(json.dumps(explanation, ensure_ascii=False, indent=1))
    else:
        view = console(color)
        sys.stdout.write(explanation_text(explanation, view.width, view.colour, view.ascii_only))
    return 0


def _unknown(what: str, near: Iterable[str], why: str) -> int:
    hint = ", ".join(near)
    sys.stderr.write(f"fieldledger: {shown(what)}: {why}"
                     + (f"; did you mean {hint}?" if hint else "") + "\n")  # fmt: skip
    return 2


def wanted(space: Workspace, what: str) -> tuple[list[str], list[list[str]], list[str]]:
    """Ids of the actuals that are meant, a header for a line or work order, and known names."""
    lines: dict[str, str] = {}
    header: list[list[str]] = []
    orders: set[str] = set()
    known: list[str] = []
    for environment in space.environments.values():
        for order in environment.records.all(WorkOrder):
            known.append(order.number or order.id)
            if what in (order.number, order.id):
                orders.add(order.id)
                header = [["work order", order.number or ""], ["status", order.system_status or ""]]
        for line in environment.records.all(WorkOrderLine):
            if what == line.id:
                lines[line.id] = line.name or ""
                header = [["line", line.name or ""], ["status", line.line_status or ""],
                          ["quantity", str(line.quantity or "")]]  # fmt: skip
    found = []
    for _, actual in space.actuals():
        known.append(name_of(actual.id))
        is_it = what.casefold() in (actual.id.casefold(), name_of(actual.id).casefold())
        if is_it or actual.work_order in orders or actual.line in lines:
            found.append(actual.id)
    return found[:ACTUALS_MAX], header, known


def document_named(report: dict[str, Any], what: str) -> dict[str, Any] | None:
    """The document with this name, key, or beginning of a key."""
    for document in report["documents"]:
        if what == document["name"] or (len(what) >= 6 and document["key"].startswith(what)):
            found: dict[str, Any] = document
            return found
    return None


def document_explained(
    report: dict[str, Any], document: dict[str, Any], plan: Plan
) -> Explanation:
    """A document, the rule that sent its lines, and the actuals it carries."""
    inside = set(document["actuals"])
    rule = plan.workspace.rulebook.rules_by_id.get(document["rule"])
    explained: Any = {
        "about": "document",
        "document": {k: document[k] for k in ("kind", "name", "key", "status", "lines", "totals")},
        "because": {
            "rule": document["rule"],
            "name": rule.name if rule is not None else "",
            "place": f"{rule.place.file}:{rule.place.line}" if rule is not None else "",
            "lines": [],
        },
        "actuals": [{**e, "unit": ""} for e in report["actuals"] if e["id"] in inside],
    }
    return explained  # type: ignore[no-any-return]


