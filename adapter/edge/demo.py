"""`make demo`: plan the sample company, print the plan, write the reports into out/."""

import sys
from pathlib import Path

from adapter.edge import shipped
from adapter.edge.plan_command import PlanRequest, planned, run_facts, shown_report, write_reports
from adapter.telling.report import make_report

OUT = Path("out")


def main() -> int:
    """Returns 0 when the plan was made, held actuals or not."""
    folder = shipped.folder("contoso")
    request = PlanRequest(
        folder=str(folder), html=OUT / "report.html", json=OUT / "report.json",
        csv=OUT / "report.csv", xlsx=OUT / "report.xlsx",
    )  # fmt: skip
    report = make_report(planned(request), run_facts())
    write_reports(report, request)
    sys.stdout.write(shown_report(report, None, request))
    held = next((g for g in report["findings"] if g["level"] == "error"), None)
    name = held["occurrences"][0]["name"] if held else report["actuals"][0]["name"]
    print(f"""
Reports: {OUT}/report.html · report.json · report.csv · report.xlsx

What to do next
  .venv/bin/fieldledger explain {name} --workspace {folder.relative_to(Path.cwd())}
  .venv/bin/fieldledger explain REQ394
  .venv/bin/fieldledger init my-company --sample""")
    return 0


if __name__ == "__main__":
    sys.exit(main())
