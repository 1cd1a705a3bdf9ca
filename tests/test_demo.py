"""`make demo`: the sample company planned, reports written, exit code 0."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_the_demo_shows_the_plan_writes_the_reports_and_sends_to_the_twin(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "adapter.edge.demo"]
    done = subprocess.run(command, cwd=tmp_path, check=False, capture_output=True, text=True,
                          env={"PYTHONPATH": str(ROOT)})  # fmt: skip

    out = {path.name for path in (tmp_path / "out").iterdir()}
    report = json.loads((tmp_path / "out" / "report.json").read_text("utf-8"))
    assert done.returncode == 0
    proformas, stories = done.stderr.splitlines()
    assert "proforma pages in out" in proformas and "story pages in out" in stories
    assert "What to do next" in done.stdout and "Nothing was" in done.stdout
    assert {"report.html", "report.json", "report.csv", "report.xlsx"} < out
    pages = sorted((tmp_path / "out" / "proformas").glob("proforma-*.html"))
    texts = [page.read_text("utf-8") for page in pages]
    names = [d["name"] for d in report["documents"] if d["kind"] == "proforma"]
    assert len(pages) == len(names) > 0
    assert all(any(f"<title>Proforma {name}</title>" in t for t in texts) for name in names)
    assert " sent now\n" in done.stdout and " 0 unexplained" in done.stdout
    assert (tmp_path / "out" / "contoso" / "ledger-twin.db").is_file()


def test_plan_writes_each_proforma_as_a_page(tmp_path: Path) -> None:
    from tests.commands import ran, small_company

    folder = small_company(tmp_path / "w", 12)
    done = ran(["plan", folder, "--proformas", tmp_path / "pages", "--format", "json"])

    names = [d["name"] for d in json.loads(done.out)["documents"] if d["kind"] == "proforma"]
    pages = sorted(p.read_text("utf-8") for p in (tmp_path / "pages").iterdir())
    assert names and len(pages) == len(names)
    assert all(any(f"<title>Proforma {name}</title>" in page for page in pages) for name in names)
    assert f"{len(names)} proforma pages in" in done.err
