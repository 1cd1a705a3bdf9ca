"""What is shown when files that decide have errors, or no row that was given can be used: the
findings as `check` shows them, and no plan.
"""

import json
import sys
from pathlib import Path

from adapter.edge.console import console
from adapter.edge.failure import told
from adapter.edge.hints import WIDE, hinted
from adapter.edge.subject import line_reader
from adapter.edge.workspace import FaultyFiles, NoRows, NoWorkspace
from adapter.telling.figures import wrapped
from adapter.telling.finding_json import finding_json
from adapter.telling.show_ci import as_azure, as_github
from adapter.telling.show_findings import findings_text, summary_of

COULD_NOT = 2
NEXT = "Correct them; `fieldledger check` finds warnings and notes too."


def refused(error: NoWorkspace, folder: Path, format: str, color: str) -> int:
    """Show the findings on standard output and the reason on standard error; returns 2."""
    findings = list(error.findings)
    if format == "json":
        said = {"refused": str(error), "findings": [finding_json(f) for f in findings]}
        sys.stdout.write(json.dumps(said, ensure_ascii=False) + "\n")
    elif format == "github":
        sys.stdout.write(hinted(as_github(findings), WIDE))
    elif format == "azure":
        sys.stdout.write(hinted(as_azure(findings), WIDE))
    else:
        view = console(color)
        text = findings_text(findings, line_reader(folder), view.width, view.colour,
                             view.ascii_only)  # fmt: skip
        next = "" if isinstance(error, NoRows) else NEXT  # `check` reads no standard input
        last = wrapped(f"{summary_of(findings)} Nothing was planned. {next}".rstrip(), view.width)
        sys.stdout.write(hinted(text + "\n".join(last) + "\n", view.width))
    print(hinted(told(FaultyFiles(str(error))), WIDE), file=sys.stderr)
    return COULD_NOT
