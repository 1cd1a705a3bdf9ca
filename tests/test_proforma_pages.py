"""edge/proforma_pages.py: `plan --proformas` writes a page for each new proforma."""

import json
import re
from pathlib import Path

import msgspec
import pytest

from adapter.edge.proforma_pages import ProformaPages, file_name
from tests.commands import CONTOSO, copied, ran
from tests.outlets_given import ROOT, templates
from tests.test_payloads import document


def test_each_new_proforma_of_the_plan_becomes_a_page(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "pages"

    ended = ran(["plan", CONTOSO, "--proformas", folder, "--format", "json"])
    names = [d["name"] for d in json.loads(ended.out)["documents"]
             if d["kind"] == "proforma" and d["status"] == "new"]  # fmt: skip
    pages = [path.read_text("utf-8") for path in sorted(folder.glob("*.html"))]

    assert len(pages) == len(names) > 1
    for name in names:
        assert sum(f"<title>Proforma {name}</title>" in page for page in pages) == 1
    assert f"{len(names)} proforma pages in {folder}" in ended.err


def test_used_and_billed_counts_all_that_the_page_lists(tmp_path: Path) -> None:
    ran(["plan", CONTOSO, "--proformas", tmp_path, "--format", "json"])
    page = next(tmp_path.glob("proforma-CAC-00001-*.html")).read_text("utf-8")
    table = page[page.index("<h2>Used and billed</h2>") :]
    rows = [re.findall(r"<td[^>]*>(.*?)</td>", row)
            for row in re.findall(r"<tr><td>.*?</tr>", table)[:2]]  # fmt: skip

    assert [row[0] for row in rows] == ["ea", "h"]
    assert rows[0][4] == "7", "seven complimentary"
    assert float(rows[0][1]) == float(rows[0][2]) + 7 > 30
    assert "Time and material <span class=\"quiet\"></span>" in page, "not said twice"


@pytest.mark.parametrize(("more", "is_named"), [([], False), (["--names"], True)])
def test_persons_are_initials_on_a_page_unless_asked(
    tmp_path: Path, more: list[str], is_named: bool
) -> None:
    folder = copied(CONTOSO, tmp_path / "own")
    text = (ROOT / "templates" / "proforma.html.j2").read_text("utf-8")
    mark = "<td>{{ detail.date | day }}"
    own = folder / "templates" / "proforma.html.j2"
    own.parent.mkdir(exist_ok=True)
    own.write_text(text.replace(mark, mark + " by {{ detail.resource }}."), "utf-8")

    ran(["plan", folder, "--proformas", tmp_path / "pages", "--format", "json", *more])
    told = "".join(path.read_text("utf-8") for path in (tmp_path / "pages").iterdir())
    persons = {name for name in re.findall(r" by ([^<]*?)\.</td>", told) if name != "None"}

    assert persons, "the template of the workspace is used"
    assert all((" " in name) == is_named and name.endswith("…") != is_named for name in persons)


def test_what_the_window_leaves_out_is_on_no_page(tmp_path: Path) -> None:
    ended = ran(["plan", CONTOSO, "--proformas", tmp_path, "--from", "2020-01-01",
                 "--to", "2020-01-02", "--format", "json"])  # fmt: skip
    proformas = [d for d in json.loads(ended.out)["documents"] if d["kind"] == "proforma"]

    assert len(list(tmp_path.iterdir())) == len(proformas)


def test_a_plan_without_the_option_writes_no_page(tmp_path: Path) -> None:
    pages = ProformaPages(tmp_path / "pages", None)
    pages(document("proforma"))

    assert pages.told() == f"0 proforma pages in {tmp_path / 'pages'}"
    assert not pages.folder.exists()


def test_other_documents_are_passed_by(tmp_path: Path) -> None:
    pages = ProformaPages(tmp_path, templates()["proforma.html.j2"])
    for kind in ("journal", "proforma"):
        pages(document(kind))

    assert len(pages.written) == 1


@pytest.mark.parametrize(
    ("name", "begin"),
    [
        ("../../etc/passwd", "proforma-etc-passwd-"),
        ("Müller & Söhne / CAD", "proforma-Mu-ller-So-hne-CAD-"),
        ("a" * 500, "proforma-" + "a" * 80 + "-"),
        ("...", "proforma-"),
    ],
)
def test_names_cannot_leave_the_folder(name: str, begin: str) -> None:
    given = msgspec.structs.replace(document("proforma"), name=name)

    assert file_name(given) == f"{begin}{given.key[:8]}.html"
