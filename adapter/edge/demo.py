"""`make demo`: plan the sample company, print the plan, write the reports into out/."""

import re
import sys
from pathlib import Path

from adapter.edge import shipped
from adapter.edge.failure import told
from adapter.edge.plan_command import PlanRequest, planned, run_facts, shown_report, write_reports
from adapter.making.golden_plan import RecordsPlanner
from adapter.making.outlet import proforma_page
from adapter.making.plan import Plan
from adapter.telling.report import make_report

OUT = Path("out")


def main() -> int:
    """Returns 0 when the plan was made, held actuals or not; 2 when it could not be."""
    try:
        show_sample()
    except Exception as error:  # the last resort: nobody should read a traceback
        print(told(error), file=sys.stderr)
        return 2
    return 0


def show_sample() -> None:
    """Plan the sample, print the plan, write the reports. Raises OSError."""
    folder = shipped.folder("contoso")
    request = PlanRequest(
        folder=str(folder), html=OUT / "report.html", json=OUT / "report.json",
        csv=OUT / "report.csv", xlsx=OUT / "report.xlsx",
    )  # fmt: skip
    plan = planned(request)
    report = make_report(plan, run_facts())
    write_reports(report, request)
    sys.stdout.write(shown_report(report, None, request))
    page = write_proforma(plan)
    held = next((g for g in report["findings"] if g["level"] == "error"), None)
    name = held["occurrences"][0]["name"] if held else report["actuals"][0]["name"]
    code = held["code"] if held else report["companies"][0]["rule"]
    here = folder.relative_to(Path.cwd()) if folder.is_relative_to(Path.cwd()) else folder
    files = [f"{OUT}/report.html", "report.json", "report.csv", "report.xlsx", *page]
    print(f"""
Reports: {" · ".join(files)}

What to do next
  open {OUT}/report.html in a browser
  .venv/bin/fieldledger explain {name} --workspace {here}
  .venv/bin/fieldledger explain {code}
  .venv/bin/fieldledger init my-company --sample""")


def write_proforma(plan: Plan) -> list[str]:
    """The largest proforma as a printable page in out/; its name, or none without any."""
    workspace = plan.workspace
    template = workspace.templates.get("proforma.html.j2")
    spaces = workspace.environments
    drafted = RecordsPlanner(workspace.rulebook, workspace.facts)(
        workspace.settings,
        {name: env.records for name, env in spaces.items()},
        {name: env.finance for name, env in spaces.items() if env.finance is not None},
        plan.as_of,
    )
    proformas = [d for d in drafted.documents if d.kind == "proforma"]
    if template is None or not proformas:
        return []
    largest = max(proformas, key=lambda d: (len(d.actuals), d.key))
    page, _ = proforma_page(template, largest)
    if page is None:
        return []
    name = f"proforma-{re.sub(r'[^A-Za-z0-9]+', '-', largest.name).strip('-')}.html"
    (OUT / name).write_text(page, encoding="utf-8")
    return [name]


if __name__ == "__main__":
    sys.exit(main())
