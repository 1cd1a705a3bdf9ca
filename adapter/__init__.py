"""Fieldledger as a library: the door.

    from adapter import as_text, make_plan, make_report, read_workspace

    workspace = read_workspace("examples/contoso")
    plan = make_plan(workspace)
    report = make_report(plan)
    print(as_text(report))

Names are imported when they are first asked for, so that `import adapter` costs nothing.
See docs/library.md.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from adapter.deciding.judge import EngineDisagrees
    from adapter.edge.ledger.rows import LedgerError
    from adapter.edge.report_page import as_html
    from adapter.edge.workspace import NoWorkspace, piped_rows, read_workspace
    from adapter.edge.xlsx import write_xlsx
    from adapter.making.plan import Plan, Window, make_plan
    from adapter.making.planned import PlannedDocument
    from adapter.making.workspace import Workspace
    from adapter.telling.compare import compare_reports
    from adapter.telling.narrow import Narrow
    from adapter.telling.report import make_report, report_parts
    from adapter.telling.show_ci import as_azure, as_github
    from adapter.telling.show_table import as_csv, as_xlsx_rows
    from adapter.telling.show_text import as_text
    from adapter.values.finding import Finding, Note, Place

_HOMES = {
    "EngineDisagrees": "deciding.judge",
    "Finding": "values.finding",
    "LedgerError": "edge.ledger.rows",
    "Narrow": "telling.narrow",
    "NoWorkspace": "edge.workspace",
    "Note": "values.finding",
    "Place": "values.finding",
    "Plan": "making.plan",
    "PlannedDocument": "making.planned",
    "Window": "making.plan",
    "Workspace": "making.workspace",
    "as_azure": "telling.show_ci",
    "as_csv": "telling.show_table",
    "as_github": "telling.show_ci",
    "as_html": "edge.report_page",
    "as_text": "telling.show_text",
    "as_xlsx_rows": "telling.show_table",
    "compare_reports": "telling.compare",
    "make_plan": "making.plan",
    "make_report": "telling.report",
    "piped_rows": "edge.workspace",
    "read_workspace": "edge.workspace",
    "report_parts": "telling.report",
    "write_xlsx": "edge.xlsx",
}

__all__ = [
    "EngineDisagrees",
    "Finding",
    "LedgerError",
    "Narrow",
    "NoWorkspace",
    "Note",
    "Place",
    "Plan",
    "PlannedDocument",
    "Window",
    "Workspace",
    "as_azure",
    "as_csv",
    "as_github",
    "as_html",
    "as_text",
    "as_xlsx_rows",
    "compare_reports",
    "make_plan",
    "make_report",
    "piped_rows",
    "read_workspace",
    "report_parts",
    "write_xlsx",
]


def __getattr__(name: str) -> Any:
    """A name of the door, imported from where it lives."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'adapter' has no attribute {name!r}")
    value = getattr(import_module(f"adapter.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """The names of the door."""
    return sorted(__all__)
