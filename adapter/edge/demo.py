"""`make demo`: plan the sample company, write the reports into out/, send it to a twin."""

import sys
from pathlib import Path

from adapter.edge import shipped
from adapter.edge.demo_sending import send_sample
from adapter.edge.failure import told
from adapter.edge.hints import WIDE, hinted, stand
from adapter.edge.plan_command import PlanRequest, planned, run_facts, shown_report, write_reports
from adapter.telling.report import make_report

OUT = Path("out")


def main() -> int:
    """Returns 0 when the plan was made, held actuals or not, and all that it sent to the twin
    is there; 1 when the twin has something else; 2 when the plan could not be made.
    """
    try:
        folder = shipped.folder("contoso")
        hints = show_sample(folder)
        is_clean = send_sample(folder, OUT / "contoso")
        print(hints)
        return 0 if is_clean else 1
    except Exception as error:  # the last resort: nobody should read a traceback
        print(told(error), file=sys.stderr)
        return 2


def show_sample(folder: Path) -> str:
    """Plan the sample, print the plan, write the reports; what to do next. Raises OSError."""
    here = folder.relative_to(Path.cwd()) if folder.is_relative_to(Path.cwd()) else folder
    stand(here, None)  # what is hinted at can be pasted
    request = PlanRequest(
        folder=str(folder), html=OUT / "report.html", json=OUT / "report.json",
        csv=OUT / "report.csv", xlsx=OUT / "report.xlsx", proformas=OUT / "proformas",
        stories=OUT / "stories",
    )  # fmt: skip
    plan = planned(request)
    report = make_report(plan, run_facts())
    write_reports(report, request, plan)
    sys.stdout.write(shown_report(report, None, request))
    held = next((g for g in report["findings"] if g["level"] == "error"), None)
    name = held["occurrences"][0]["name"] if held else report["actuals"][0]["name"]
    code = held["code"] if held else report["companies"][0]["rule"]
    files = [f"{OUT}/report.html", "report.json", "report.csv", "report.xlsx", "proformas/",
             "stories/"]  # fmt: skip
    print("\nReports: " + " · ".join(files))
    return hinted(f"""
What to do next
  open {OUT}/report.html in a browser
  fieldledger explain {name}
  fieldledger explain {code}
  fieldledger story WO-USMF-LIFE
  fieldledger init my-company --sample
  docs/sending.md: from this plan to rows in your own systems""", WIDE)


if __name__ == "__main__":
    sys.exit(main())
