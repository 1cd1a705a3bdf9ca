"""`fieldledger story` on the sample company: text, JSON, HTML, names, and what it refuses."""

import json
import shutil
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from adapter.edge.chart import chart_of
from adapter.edge.story_command import page_of
from tests.commands import CONTOSO, ran
from tests.hostile import PAYLOADS

LIFE = "WO-USMF-LIFE"


def story(*arguments: str, folder: Path = CONTOSO) -> dict:
    ended = ran(["story", *arguments, "--workspace", folder, "--format", "json"])
    assert ended.code in (0, 1), ended.err  # 1: findings of the records
    return json.loads(ended.out)


def test_the_whole_life_of_a_work_order_is_told() -> None:
    told = story(LIFE)
    stages = {moment["stage"] for moment in told["moments"]}
    usd = told["totals"]["USD"]

    assert stages == {"estimate", "planned", "forecast", "used", "usage", "journal", "approval",
                      "labour", "expense", "cost", "unbilled", "proforma", "closed", "billed",
                      "corrected", "posted"}  # fmt: skip
    assert usd["invoiced"] == usd["posted"] == "566.90"
    assert (usd["backlog"], usd["not_charged"], usd["cost_adjusted"]) == ("75.05", "79.96", "1.35")
    assert Decimal(usd["margin"]) == Decimal(usd["invoiced"]) - Decimal(usd["cost"])
    days = [moment["day"] for moment in told["moments"]]
    assert days == sorted(days)


def test_the_text_fits_the_terminal_and_names_other_stories() -> None:
    ended = ran(["story", LIFE, "--workspace", CONTOSO])

    assert ended.code == 0
    lines = [line for line in ended.out.splitlines() if "    fieldledger story " not in line]
    assert max(map(len, lines)) <= 80  # a command stays whole
    assert "fieldledger story INV-USMF-LIFE-1 --kind invoice" in ended.out
    assert "it cost 166.15, 1.35 more than by the price list" in " ".join(ended.out.split())


def test_a_past_day_says_what_its_rows_cannot_tell_and_the_present_says_nothing() -> None:
    ended = ran(["story", LIFE, "--workspace", CONTOSO, "--as-of", "2026-11-03"])
    said = " ".join(ended.out.split())

    assert "posted" not in said.replace("told as not posted", "")
    assert "no day of posting: told as not posted." in said
    assert story(LIFE)["caveat"] == story(LIFE, "--as-of", "2026-11-30")["caveat"] == ""


@pytest.fixture
def twins(tmp_path: Path) -> Path:
    """Contoso where a project of GBSI has the number of one of USMF."""
    folder = tmp_path / "twins"
    shutil.copytree(CONTOSO, folder)
    rows = folder / "records/contoso-us/msdyn_project.jsonl"
    text = rows.read_text("utf-8").replace('"GBP-00001"', '"USP-00001"')
    assert text.count('"USP-00001"') == 2
    rows.write_text(text, encoding="utf-8")
    return folder


def test_a_number_of_two_companies_is_decided_by_the_company(twins: Path) -> None:
    both = ran(["story", "USP-00001", "--workspace", twins])
    one = story("USP-00001", "--company", "gbsi", folder=twins)
    wrong = ran(["story", "USP-00001", "--workspace", twins, "--company", "USPM"])
    nobody = ran(["story", "USP-00001", "--workspace", twins, "--company", "NONE"])

    assert both.code == wrong.code == nobody.code == 2
    assert "may be 2 things: say --company GBSI or USMF." in " ".join(both.err.split())
    assert " of USMF in contoso-us" in " ".join(both.err.split())
    assert set(one["totals"]) == {"GBP"}
    assert "it is of GBSI and USMF" in " ".join(wrong.err.split())
    assert "--company is one of CAMF, GBSI, USMF, USPM" in " ".join(nobody.err.split())


@pytest.mark.parametrize("kind", ["project", "contract", "invoice", "voucher"])
def test_every_related_story_can_be_told(kind: str) -> None:
    named = next(one for one in story(LIFE)["related"] if one["kind"] == kind)

    told = story(named["call"], "--kind", kind)

    assert told["subject"]["id"] == named["id"]
    assert told["actuals"] > 0


def test_the_verdicts_of_a_plan_are_told(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    assert ran(["plan", CONTOSO, "--json", report, "--format", "json"]).code == 1
    said = {a["id"]: a["status"] for a in json.loads(report.read_text("utf-8"))["actuals"]}

    moments = story(LIFE, "--plan", str(report))["moments"]
    plans = {m["key"]: m["plan"] for m in moments if m["plan"]}

    assert len(plans) == 24
    assert all(plan["status"] == said[key] and plan["rules"] for key, plan in plans.items())


def test_as_of_ends_the_story_earlier() -> None:
    told = story(LIFE, "--as-of", "2026-11-05")

    assert told["totals"]["USD"]["invoiced"] == "0"
    assert told["as_of"] == "2026-11-05"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["WO-USMF-LIVE"], "no record with a story is called WO-USMF-LIVE; near: WO-USMF-LIFE"),
        ([LIFE, "--kind", "project"], "is no project, but work-order"),
        ([LIFE, "--kind", "invoices"], "--kind is one of work-order, project"),
        ([LIFE, "--format", "pdf"], "text, json, html"),
        ([LIFE, "--plan", "pyproject.toml"], "no report.json of version 1"),
    ],
)
def test_what_cannot_be_told_is_said_in_one_line(arguments: list[str], said: str) -> None:
    ended = ran(["story", *arguments, "--workspace", CONTOSO])

    assert (ended.code, ended.out) == (2, "")
    assert said in ended.err and len(ended.err.splitlines()) == 1


def test_a_name_of_several_things_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "w"
    shutil.copytree(CONTOSO, folder)
    file = folder / "records" / "contoso-ca" / "msdyn_workorder.jsonl"
    file.write_text(file.read_text("utf-8").replace("WO-CAMF-LIFE", LIFE), "utf-8")

    ended = ran(["story", LIFE, "--workspace", folder])

    assert ended.code == 2
    assert "may be 2 things: say --company CAMF or USMF. work-order" in ended.err


def test_reporting_currency_is_a_setting(tmp_path: Path) -> None:
    folder = tmp_path / "w"
    shutil.copytree(CONTOSO, folder)
    settings = folder / "adapter.toml"
    settings.write_text(
        settings.read_text("utf-8") + '\n[reporting]\ncurrency = "EUR"\nrates = { USD = 0.92 }\n',
        "utf-8",
    )

    told = story(LIFE, folder=folder)

    assert told["reported"]["currency"] == "EUR"
    assert told["reported"]["backlog"] == "69.05"  # 75.05 x 0.92 = 69.046


@pytest.mark.parametrize(
    ("text", "said"),
    [('currency = "dollars"', "names the currency"), ("rates = { USD = 1 }", "no `currency`"),
     ('currency = "USD"\nrates = { EUR = -1 }', "the rate of EUR"),
     ('currency = "USD"\nrates = { EUR = "x" }', "[reporting]")],
)  # fmt: skip
def test_faults_of_the_reporting_currency_are_findings(
    tmp_path: Path, text: str, said: str
) -> None:
    folder = tmp_path / "w"
    shutil.copytree(CONTOSO, folder)
    settings = folder / "adapter.toml"
    settings.write_text(settings.read_text("utf-8") + f"\n[reporting]\n{text}\n", "utf-8")

    ended = ran(["check", folder])

    assert ended.code == 1
    assert said in ended.out


def test_pages_of_stories_stand_beside_the_report(tmp_path: Path) -> None:
    report, stories = tmp_path / "out" / "report.html", tmp_path / "out" / "stories"
    ended = ran(["plan", CONTOSO, "--html", report, "--stories", stories])
    pages = {path.name: path.read_text("utf-8") for path in stories.iterdir()}
    text = report.read_text("utf-8")

    assert "story pages in" in ended.err
    mine = next(name for name in pages if name.startswith("work-order-WO-USMF-LIFE-"))
    assert f'href="stories/{mine}"' in text
    assert 'href="../report.html#a-' in pages[mine]
    for kind in ("project-USP-00001", "contract-USC-00001", "invoice-INV-USMF-LIFE-1"):
        assert any(f'href="{name}"' in pages[mine] for name in pages if name.startswith(kind)), kind
    assert any(name.startswith("agreement-AGR-USMF-0001") for name in pages)
    for kind in ("contract-USC-00007", "project-USP-00007", "contract-GBC-00003"):  # no actuals
        assert any(name.startswith(kind) for name in pages), kind


def test_hostile_text_stays_text() -> None:
    shape = story(LIFE)
    tags = [p for p in PAYLOADS if "<" in p and "<!" not in p and len(p) > 3]
    for payload in tags:
        shape["subject"]["title"] = payload
        shape["moments"][0]["what"] = payload
        shape["moments"][0]["values"] = [[payload, payload]]
        page = page_of(shape)
        assert payload not in page
        assert "<script" not in page
    assert tags


def test_the_chart_draws_exact_levels_and_no_clock() -> None:
    points = story(LIFE)["points"]

    drawn = chart_of(points, "2026-11-30")

    assert drawn.startswith("<svg") and "invoiced and backlog" in drawn
    assert "<!--" not in drawn and "<script" not in drawn and "http://pygal" not in drawn
    assert chart_of(points, "2026-11-30") == drawn
    assert chart_of(points[:1]) == "", "one day is no line"
    assert chart_of([*points, {**points[-1], "currency": "GBP"}]) == "", "nothing is added"


def test_drawing_a_chart_leaves_imports_alone() -> None:
    script = ("import sys; before = list(sys.meta_path); from adapter.edge import chart; "
              "chart._library(); assert set(before) <= set(sys.meta_path), sys.meta_path; "
              "assert all(hasattr(f, 'find_spec') for f in sys.meta_path); "
              "from importlib import metadata; metadata.version('sqlalchemy'); "
              "import warnings; warnings.simplefilter('error'); import colorsys")  # fmt: skip
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)

    assert (done.returncode, done.stderr) == (0, "")


def test_json_of_a_story_is_one_table_without_floats() -> None:
    ended = ran(["story", LIFE, "--workspace", CONTOSO, "--format", "json"])

    def refuse(text: str) -> None:
        raise AssertionError(f"a float: {text}")

    msgspec.json.decode(ended.out.encode())
    json.loads(ended.out, parse_float=refuse)
