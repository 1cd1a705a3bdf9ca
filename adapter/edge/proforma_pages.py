"""Proformas as printable pages, one file for each."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from adapter.making.documents import Document
from adapter.making.golden_plan import RecordsPlanner
from adapter.making.outlet import proforma_page
from adapter.making.plan import Plan

TEMPLATE = "proforma.html.j2"


def proformas_of(plan: Plan) -> Sequence[Document]:
    """The proformas of a plan, drafted again with all their lines."""
    workspace = plan.workspace
    spaces = workspace.environments
    drafted = RecordsPlanner(workspace.rulebook, workspace.facts)(
        workspace.settings,
        {name: env.records for name, env in spaces.items()},
        {name: env.finance for name, env in spaces.items() if env.finance is not None},
        plan.as_of,
    )
    return [d for d in drafted.documents if d.kind == "proforma"]


def write_pages(plan: Plan, proformas: Iterable[Document], folder: Path) -> list[str]:
    """Write the pages; their file names. Raises OSError, and ValueError without the template."""
    template = plan.workspace.templates.get(TEMPLATE)
    if template is None:
        raise ValueError(f"there is no template {TEMPLATE}")
    folder.mkdir(parents=True, exist_ok=True)
    names: list[str] = []
    for document in proformas:
        page, _ = proforma_page(template, document)
        if page is None:
            continue
        name = f"proforma-{re.sub(r'[^A-Za-z0-9]+', '-', document.name).strip('-')}"
        if f"{name}.html" in names:  # two of one name: the key tells them apart
            name += f"-{document.key[:8]}"
        (folder / f"{name}.html").write_text(page, encoding="utf-8")
        names.append(f"{name}.html")
    return names
