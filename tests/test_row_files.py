"""edge/row_files.py: rows of one table that stand in several files."""

import csv
import json
import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from adapter.edge.spool import SpoolOnDisk
from adapter.edge.workspace import NoRows, read_workspace
from adapter.making.plan import Plan, make_plan
from adapter.making.workspace import Workspace
from adapter.telling.report import make_report, report_parts
from adapter.values.actuals import Actual
from adapter.values.finding import Finding
from adapter.values.project_operations import Account
from tests.commands import ran, small_company

RECORDS = "records/contoso-us"
BOTH = pytest.mark.parametrize("spooled", [False, True], ids=["memory", "disk"])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return small_company(tmp_path / "company", 20)


def rows_of(folder: Path, table: str) -> list[dict[str, object]]:
    path = folder / RECORDS / f"{table}.jsonl"
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def write(folder: Path, name: str, rows: list[dict[str, object]]) -> None:
    path = folder / RECORDS / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def apart(workspace: Workspace) -> list[Finding]:
    return [f for f in workspace.findings if f.code == "SRC044"]


def plan_of(workspace: Workspace, spooled: bool) -> Plan:
    return make_plan(workspace, spool=SpoolOnDisk() if spooled else None)


@BOTH
def test_rows_of_two_files_that_differ_are_a_finding_that_names_both(
    folder: Path, spooled: bool
) -> None:
    row = rows_of(folder, "msdyn_actual")[3]
    write(folder, "october/msdyn_actual.jsonl", [{**row, "msdyn_amount": 1}])

    workspace = read_workspace(folder, spooled=spooled)
    (found,) = apart(workspace)
    report = make_report(plan_of(workspace, spooled))
    entry = next(e for e in report["actuals"] if e["id"] == row["msdyn_actualid"])

    assert found.record == row["msdyn_actualid"]
    assert found.place.file == f"{RECORDS}/october/msdyn_actual.jsonl"
    assert [n.place.file for n in found.notes] == [f"{RECORDS}/msdyn_actual.jsonl"]
    assert found.place.file in found.message and found.notes[0].place.file in found.message
    assert entry["status"] == "held" and "SRC044" in entry["findings"]


@BOTH
def test_equal_rows_of_two_files_count_once_in_silence(folder: Path, spooled: bool) -> None:
    rows = rows_of(folder, "msdyn_actual")
    before = make_report(plan_of(read_workspace(folder, spooled=spooled), spooled))
    turned = [dict(reversed(row.items())) for row in rows[:5]]  # other bytes, the same row
    write(folder, "october/msdyn_actual.jsonl", turned)

    workspace = read_workspace(folder, spooled=spooled)
    after = make_report(plan_of(workspace, spooled))

    assert apart(workspace) == []
    assert before["actuals"] == after["actuals"]


@BOTH
def test_a_record_that_others_need_is_held_with_them(folder: Path, spooled: bool) -> None:
    (project,) = {r["_msdyn_project_value"] for r in rows_of(folder, "msdyn_actual")[:1]}
    row = next(r for r in rows_of(folder, "msdyn_project") if r["msdyn_projectid"] == project)
    write(folder, "old/msdyn_project.jsonl", [{**row, "msdyn_subject": "another"}])

    report = make_report(plan_of(read_workspace(folder, spooled=spooled), spooled))
    mine = {r["msdyn_actualid"] for r in rows_of(folder, "msdyn_actual")
            if r.get("_msdyn_project_value") == project}  # fmt: skip
    entries = [e for e in report["actuals"] if e["id"] in mine]

    assert {"held"} == {e["status"] for e in entries if e["findings"]}
    assert all("SRC044" in e["findings"] for e in entries)


@BOTH
def test_files_of_two_forms_are_compared_by_what_they_say(folder: Path, spooled: bool) -> None:
    rows = rows_of(folder, "uom")
    names = list(rows[0])
    for name, said in (("a", rows), ("z", [{**rows[0], "name": "another"}])):
        at = folder / RECORDS / name / "uom.csv"
        at.parent.mkdir()
        with at.open("w", newline="") as file:
            writer = csv.DictWriter(file, names)
            writer.writeheader()
            writer.writerows(said)

    found = apart(read_workspace(folder, spooled=spooled))

    assert [f.record for f in found] == [rows[0]["uomid"]]
    assert found[0].place.file == f"{RECORDS}/z/uom.csv"
    assert found[0].notes[0].place.file == f"{RECORDS}/a/uom.csv"


@BOTH
def test_a_row_that_needed_repair_is_compared_too(folder: Path, spooled: bool) -> None:
    row = rows_of(folder, "msdyn_actual")[0]
    write(folder, "october/msdyn_actual.jsonl", [{**row, "msdyn_amount": "many"}])

    workspace = read_workspace(folder, spooled=spooled)
    kept = workspace.environments["contoso-us"].records.one(Actual, str(row["msdyn_actualid"]))

    assert len(apart(workspace)) == 1
    assert kept is not None and kept.amount is not None  # the first row stays, nothing is guessed


def test_memory_and_disk_give_the_same_plan(folder: Path) -> None:
    rows = rows_of(folder, "msdyn_actual")
    write(folder, "october/msdyn_actual.jsonl",
          [{**rows[0], "msdyn_amount": 1}, rows[1], {**rows[2], "msdyn_amount": "many"}])

    memory, disk = (plan_of(read_workspace(folder, spooled=s), s) for s in (False, True))

    assert b"".join(report_parts(memory)) == b"".join(report_parts(disk))


def as_line(row: dict[str, object], **more: object) -> bytes:
    return json.dumps({**row, **more}).encode()


def test_memory_and_disk_say_the_same_of_rows_that_contradict_each_other(folder: Path) -> None:
    """Repeats, versions, faults and broken rows, in one file and in two, in any line ending."""
    rows = rows_of(folder, "msdyn_actual")
    ids = [str(row["msdyn_actualid"]) for row in rows]
    lines = [as_line(row) for row in rows]
    lines[7] = as_line(rows[7], msdyn_amount="abc")
    lines[9] = lines[9][:-1] + b',"msdyn_quantity":77}'
    lines[11] = as_line(rows[11], msdyn_skipsync="No")  # fits, but not the fast way
    lines += [
        as_line(rows[0], msdyn_actualid=ids[0].upper()), as_line(rows[1]), lines[2] + b"\r",
        as_line(rows[3], msdyn_amount=1.5), as_line(rows[3], msdyn_amount=0.5),
        lines[4][:-1] + b',"msdyn_amount" : 9}', as_line(rows[7]), lines[9],
        as_line(rows[5], versionnumber=3, msdyn_amount="x"), as_line(rows[5], versionnumber=4),
        as_line(rows[6], versionnumber=8), as_line(rows[6], versionnumber=7, msdyn_quantity="y"),
        as_line(rows[11], msdyn_skipsync="Yes"), as_line(rows[12], msdyn_description=" "),
        b'{"broken', b"\xff\xfe{}", b"[]", b'{"msdyn_amount":5}', b"", b"\xef\xbb\xbf" + lines[8],
    ]  # fmt: skip
    records = folder / "records" / "contoso-us"
    (records / "msdyn_actual.jsonl").write_bytes(b"\xef\xbb\xbf" + b"\n".join(lines))
    (records / "z").mkdir()
    more = [lines[10], as_line(rows[3], msdyn_amount=3), as_line(rows[13], msdyn_amount=3),
            as_line(rows[14], msdyn_actualid="{" + ids[14] + "}"), lines[7]]  # fmt: skip
    (records / "z" / "msdyn_actual.jsonl").write_bytes(b"\r\n".join([*more, b""]))

    there = [read_workspace(folder, spooled=spooled) for spooled in (False, True)]
    memory, disk = (plan_of(space, s) for space, s in zip(there, (False, True), strict=True))

    assert b"".join(report_parts(memory)) == b"".join(report_parts(disk))
    assert set(there[0].row_findings) == set(there[1].row_findings)
    assert {"SRC037", "SRC038", "SRC044", "SRC046"} <= {
        f.code for f in (*there[1].findings, *there[1].row_findings)
    }


def test_a_file_whose_rows_all_come_twice_is_told_row_by_row(folder: Path) -> None:
    path = folder / "records" / "contoso-us" / "msdyn_actual.jsonl"
    lines = path.read_bytes().splitlines()
    path.write_bytes(b"\n".join([*lines, *lines]))

    memory, disk = (read_workspace(folder, spooled=s) for s in (False, True))

    assert sum(f.code == "SRC037" for f in disk.findings) == len(lines)
    assert sorted(f.order for f in memory.findings) == sorted(f.order for f in disk.findings)


STARTED = "msdyn_startdatetime"


def sheet_of(folder: Path, started: str) -> None:
    """The actuals as CSV, all of which started at one instant."""
    rows = rows_of(folder, "msdyn_actual")
    (folder / RECORDS / "msdyn_actual.jsonl").unlink()
    names = sorted({name for row in rows for name in row} | {STARTED})
    with (folder / RECORDS / "msdyn_actual.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, names)
        writer.writeheader()
        writer.writerows([{**row, STARTED: started} for row in rows])


def set_zone(folder: Path, said: str) -> None:
    at = folder / "adapter.toml"
    text = at.read_text()
    assert text.count('[environments.contoso-us]\n') == 1
    at.write_text(text.replace("[environments.contoso-us]\n",
                               f"[environments.contoso-us]\n{said}\n"))  # fmt: skip


def starts(folder: Path) -> set[str]:
    records = read_workspace(folder).environments["contoso-us"].records
    return {str(actual.started_at) for actual in records.all(Actual)}


@pytest.mark.parametrize(
    ("said", "started", "found"),
    [
        ("", "2026-11-14 09:00", "None"),
        ("", "2026-11-14T09:00:00Z", "2026-11-14 09:00:00+00:00"),
        ('time_zone = "America/Chicago"', "2026-11-14 09:00", "2026-11-14 15:00:00+00:00"),
        ('time_zone = "America/Chicago"', "2026-11-14T09:00:00Z", "2026-11-14 09:00:00+00:00"),
        ('time_zone = { msdyn_actual = "Europe/Copenhagen", "*" = "UTC" }', "2026-11-14 09:00",
         "2026-11-14 08:00:00+00:00"),
        ('time_zone = { MSDYN_actuals = "Europe/Copenhagen" }', "2026-11-14 09:00",
         "2026-11-14 08:00:00+00:00"),
        ('time_zone = { uom = "UTC" }', "2026-11-14 09:00", "None"),
        ('time_zone = { "*" = "UTC" }', "2026-11-14 09:00", "2026-11-14 09:00:00+00:00"),
        ('time_zone = "America/Chicago"', "2026-11-01 01:30", "None"),  # twice
        ('time_zone = "America/Chicago"', "2026-03-08 02:30", "None"),  # never
        ('time_zone = "Asia/Tokyo"', "0001-01-01 00:00:01", "None"),
    ],
)  # fmt: skip
def test_an_instant_of_a_sheet_is_read_where_the_settings_say(
    folder: Path, said: str, started: str, found: str
) -> None:
    set_zone(folder, said)
    sheet_of(folder, started)

    shown = starts(folder)

    assert shown == {found}


def test_the_fault_of_an_instant_without_zone_names_the_setting_that_solves_it(
    folder: Path,
) -> None:
    sheet_of(folder, "2026-11-14 09:00")

    report = make_report(make_plan(read_workspace(folder)))
    (group,) = [g for g in report["findings"] if g["code"] == "SRC010"]
    help = group["occurrences"][0]["help"]
    said = help.partition("time_zone = ")[2].partition("}")[0] + "}"
    set_zone(folder, f"time_zone = {said}")

    assert "[environments.NAME]" in help
    assert "None" not in starts(folder)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ('time_zone = "Mars/Olympus"', "no known time zone `Mars/Olympus`"),
        ('time_zone = { uom = "" }', "no known time zone"),
        ('time_zone = { uon = "UTC" }', "`uon`, which no mapping reads"),
    ],
)
def test_a_time_zone_that_leads_nowhere_is_a_finding(folder: Path, said: str, words: str) -> None:
    set_zone(folder, said)

    found = [f for f in read_workspace(folder, refuse=False).findings if f.code == "SRC021"]

    assert [f for f in found if words in f.message], found


@BOTH
@pytest.mark.parametrize("where", ["october/msdyn_actual.jsonl", "msdyn_actual.jsonl"])
@pytest.mark.parametrize("is_edit_first", [False, True])
def test_of_two_row_versions_the_newer_counts_whichever_arrived_first(
    folder: Path, spooled: bool, where: str, is_edit_first: bool
) -> None:
    """An edit overtakes its creation: in one file, in two, before it and after it."""
    rows = rows_of(folder, "msdyn_actual")
    versions = [{**rows[3], "versionnumber": n, "msdyn_description": said}
                for n, said in ((11, "as created"), (12, "as edited"))]  # fmt: skip
    one, other = versions[::-1] if is_edit_first else versions
    first = [*rows[:3], one, *rows[4:]]
    write(folder, "msdyn_actual.jsonl", [*first, other] if "/" not in where else first)
    if "/" in where:
        write(folder, where, [other])

    workspace = read_workspace(folder, spooled=spooled)
    records = workspace.environments["contoso-us"].records
    found = [f for f in workspace.findings if f.record == rows[3]["msdyn_actualid"]]

    assert records.one(Actual, rows[3]["msdyn_actualid"]).description == "as edited"
    assert [(f.code, f.level) for f in found] == [("SRC046", "note")]
    assert records.faults(Actual, rows[3]["msdyn_actualid"]) == ()
    assert sum(1 for _ in records.all(Actual)) == len(rows)


@BOTH
def test_a_newer_version_takes_the_faults_of_the_older_one_away_and_brings_its_own(
    folder: Path, spooled: bool
) -> None:
    rows = rows_of(folder, "msdyn_actual")
    wrong = {**rows[3], "versionnumber": 11, "msdyn_quantity": "four"}
    right = {**rows[3], "versionnumber": 12}
    write(folder, "msdyn_actual.jsonl", [*rows[:3], wrong, *rows[4:]])
    write(folder, "later/msdyn_actual.jsonl", [right])
    key = rows[3]["msdyn_actualid"]

    mended = read_workspace(folder, spooled=spooled).environments["contoso-us"].records
    write(folder, "msdyn_actual.jsonl", [*rows[:3], {**wrong, "versionnumber": 13}, *rows[4:]])
    broken = read_workspace(folder, spooled=spooled).environments["contoso-us"].records

    assert mended.faults(Actual, key) == ()
    assert mended.one(Actual, key).quantity is not None
    assert [f.code for f in broken.faults(Actual, key)] != []


@BOTH
def test_two_contents_of_one_version_stay_a_contradiction(folder: Path, spooled: bool) -> None:
    rows = rows_of(folder, "msdyn_actual")
    same = [{**rows[3], "versionnumber": 11, "msdyn_description": n} for n in ("one", "two")]
    write(folder, "msdyn_actual.jsonl", [*rows[:3], *rows[4:], *same])

    records = read_workspace(folder, spooled=spooled).environments["contoso-us"].records

    assert "SRC038" in {f.code for f in records.faults(Actual, rows[3]["msdyn_actualid"])}


def _as_folder(at: Path) -> None:
    at.unlink()
    at.mkdir()


def _as_loop(at: Path) -> None:
    at.unlink()
    at.symlink_to(at.name)


def _as_csv(at: Path, content: bytes) -> None:
    at.unlink()
    at.with_suffix(".csv").write_bytes(content)


CSV = "accountid,name\n7d0f7d7c-0000-4000-8000-000000000001,Café\n"
ODD = [
    ("folder", _as_folder, "SRC004", "folder that is called as a file"),
    ("loop", _as_loop, "SRC004", "link that leads nowhere"),
    ("linked", lambda at: (at.parent / "more").symlink_to(".."), "SRC004", "link to a folder"),
    ("pipe", lambda at: (at.unlink(), os.mkfifo(at)), "SRC004", "no ordinary file"),
    ("packed", lambda at: at.rename(f"{at}.gz"), "SRC004", "file of another kind"),
    ("empty", lambda at: at.write_bytes(b""), "SRC048", "without content"),
    ("empty csv", lambda at: _as_csv(at, b""), "SRC048", "without content"),
    ("utf-16 rows", lambda at: at.write_bytes(at.read_text("utf-8").encode("utf-16")), "SRC004",
     "UTF-16, not UTF-8"),
    ("latin csv", lambda at: _as_csv(at, CSV.encode("latin-1")), "SRC004", "not UTF-8 in line 2"),
]  # fmt: skip


@BOTH
@pytest.mark.parametrize(("spoil", "code", "said"), [o[1:] for o in ODD], ids=[o[0] for o in ODD])
def test_what_looks_like_rows_and_cannot_be_read_is_told(
    folder: Path, spoil: Callable[[Path], object], code: str, said: str, spooled: bool
) -> None:
    spoil(folder / RECORDS / "account.jsonl")

    workspace = read_workspace(folder, spooled=spooled)
    (found,) = [f for f in workspace.findings if f.code in ("SRC004", "SRC048")]

    assert (found.code, said in found.message) == (code, True)
    assert found.place.file.startswith(RECORDS)


@BOTH
def test_a_csv_file_in_utf_16_with_its_mark_is_read(folder: Path, spooled: bool) -> None:
    _as_csv(folder / RECORDS / "account.jsonl", CSV.encode("utf-16"))

    workspace = read_workspace(folder, spooled=spooled)
    names = [a.name for a in workspace.environments["contoso-us"].records.all(Account)]

    assert names == ["Café"]
    assert not [f for f in workspace.findings if f.code in ("SRC004", "SRC048", "SRC042")]


def actuals_of(workspace: Workspace) -> int:
    return len(list(workspace.environments["contoso-us"].records.all(Actual)))


def test_a_linked_records_folder_is_read_and_one_outside_too(folder: Path, tmp_path: Path) -> None:
    before = actuals_of(read_workspace(folder))
    (folder / RECORDS).rename(tmp_path / "elsewhere")
    (folder / RECORDS).symlink_to(tmp_path / "elsewhere")
    linked = actuals_of(read_workspace(folder))
    text = (folder / "adapter.toml").read_text("utf-8")
    (folder / "adapter.toml").write_text(
        text.replace(f'"{RECORDS}"', f'"{tmp_path / "elsewhere"}"'), "utf-8"
    )
    outside = read_workspace(folder)

    assert before == linked == actuals_of(outside) > 0


NEEDED = ("msdyn_actual", "msdyn_project", "salesorder", "salesorderdetail", "account",
          "transactioncurrency")  # fmt: skip


@pytest.mark.parametrize("table", NEEDED)
def test_a_needed_table_that_is_missing_is_said_once(folder: Path, table: str) -> None:
    (folder / RECORDS / f"{table}.jsonl").unlink()

    found = [f for f in read_workspace(folder).findings if f.code == "SRC045"]

    assert [(f.level, f.message, f.place.file) for f in found] == [
        ("error", f"table `{table}` is missing", RECORDS)
    ]
    assert f"SRC045  table `{table}` is missing" in ran(["plan", folder]).out
    assert "SRC045" in ran(["check", folder]).out


def test_tables_that_are_needed_are_those_that_the_page_names() -> None:
    page = (Path(__file__).parents[1] / "docs" / "inputs.md").read_text("utf-8")
    table = page.partition("## Tables of Dataverse")[2].partition("| --- | --- | --- |\n")[2]
    firsts = [row.split("|")[1] for row in table.splitlines()[: len(NEEDED) - 1]]
    said = [name for first in firsts for name in re.findall("`([a-z_]+)`", first)]

    assert "The first six are needed" in page
    assert tuple(said) == NEEDED


def test_a_needed_table_may_come_in_any_form_or_through_the_pipe(folder: Path) -> None:
    path = folder / RECORDS / "salesorder.jsonl"
    rows = path.read_bytes().splitlines()
    path.unlink()
    piped = read_workspace(folder, rows=[("salesorder", row) for row in rows])
    path.with_suffix(".json").write_bytes(b'{"value": [' + b",".join(rows) + b"]}")
    page = read_workspace(folder)

    assert not [f for f in (*piped.findings, *page.findings) if f.code == "SRC045"]


def test_a_folder_without_rows_lacks_nothing(tmp_path: Path) -> None:
    assert ran(["init", tmp_path / "new"]).code == 0

    assert not [f for f in read_workspace(tmp_path / "new").findings if f.code == "SRC045"]


def test_texts_of_lookups_that_a_file_lacks_are_said_once_and_hold_whom_they_concern(
    folder: Path,
) -> None:
    rows = rows_of(folder, "msdyn_actual")
    mark = "@OData.Community.Display.V1.FormattedValue"
    ids = {f"0f1e2d3c-0000-4000-8000-{n:012d}" for n in range(2)}
    for row in rows:
        row.pop("_msdyn_serialnumber_value" + mark, None)
        row["_msdyn_serialnumber_value"] = None
    for row, id in zip(rows, sorted(ids), strict=False):
        row["_msdyn_serialnumber_value"] = id
    names = sorted({name for row in rows for name in row if "@" not in name})
    (folder / RECORDS / "msdyn_actual.jsonl").unlink()
    with (folder / RECORDS / "msdyn_actual.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, names, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)

    workspace = read_workspace(folder)
    report = make_report(make_plan(workspace))
    held = {a["id"] for a in report["actuals"] if "SRC047" in a["findings"]}

    (said,) = [f for f in workspace.findings if f.code == "SRC047"]
    assert said.place.file == f"{RECORDS}/msdyn_actual.csv"
    assert "msdyn_serialnumbername" in said.message
    assert held == {row["msdyn_actualid"] for row in rows[:2]}
    assert not ids & set(json.dumps(report["documents"]).split('"'))


def test_a_row_of_the_web_api_without_its_texts_is_held_too(folder: Path) -> None:
    rows = rows_of(folder, "msdyn_actual")
    rows[0]["_msdyn_batch_value"] = "0f1e2d3c-0000-4000-8000-000000000001"
    rows[0].pop("_msdyn_batch_value@OData.Community.Display.V1.FormattedValue", None)
    write(folder, "msdyn_actual.jsonl", rows)

    report = make_report(make_plan(read_workspace(folder)))

    assert [a["id"] for a in report["actuals"] if "SRC047" in a["findings"]] == [
        rows[0]["msdyn_actualid"]
    ]


LINK = "https://contoso.crm.dynamics.com/api/data/v9.2/msdyn_actuals?$skiptoken=1"


def as_pages(folder: Path, links: dict[str, list[str | None]]) -> None:
    """The actuals as OData pages, one after the other: by file, the next link of each page."""
    path = folder / RECORDS / "msdyn_actual.jsonl"
    rows = rows_of(folder, "msdyn_actual")
    path.unlink()
    count = sum(map(len, links.values()))
    parts = iter([rows[n::count] for n in range(count)])
    for name, ends in links.items():
        pages = [{"value": next(parts)} | ({"@odata.nextLink": end} if end else {}) for end in ends]
        at = folder / RECORDS / name
        at.parent.mkdir(parents=True, exist_ok=True)
        at.write_text(json.dumps(pages if len(pages) > 1 else pages[0], indent=1))


WHOLE: list[dict[str, list[str | None]]] = [
    {"msdyn_actuals.json": [None]},
    {"msdyn_actuals.json": [LINK, None]},
    {"2/msdyn_actual.json": [LINK], "9/msdyn_actuals.json": [LINK],
     "10/msdyn_actuals.json": [None]},
]


@BOTH
@pytest.mark.parametrize("links", WHOLE, ids=["one", "list", "files"])
def test_pages_that_are_all_there_are_the_table(
    folder: Path, links: dict[str, list[str | None]], spooled: bool
) -> None:
    before = actuals_of(read_workspace(folder, spooled=spooled))
    as_pages(folder, links)

    workspace = read_workspace(folder, spooled=spooled)

    assert actuals_of(workspace) == before > 0
    assert "SRC051" not in {f.code for f in workspace.findings}


BROKEN_OFF: list[tuple[dict[str, list[str | None]], str]] = [
    ({"msdyn_actuals.json": [LINK]}, "msdyn_actuals.json"),
    ({"msdyn_actuals.json": [LINK, LINK]}, "msdyn_actuals.json"),
    ({"a9/msdyn_actual.json": [LINK], "a10/msdyn_actuals.json": [LINK]}, "a10/msdyn_actuals.json"),
]


@BOTH
@pytest.mark.parametrize(("links", "file"), BROKEN_OFF, ids=["one", "list", "files"])
def test_a_page_whose_next_is_not_there_is_not_the_whole_table(
    folder: Path, links: dict[str, list[str | None]], file: str, spooled: bool
) -> None:
    as_pages(folder, links)
    text = (folder / RECORDS / file).read_text().splitlines()
    line = max(n for n, said in enumerate(text, 1) if "@odata.nextLink" in said)

    found = [f for f in read_workspace(folder, spooled=spooled).findings if f.code == "SRC051"]

    assert [(f.level, f.place.file, f.place.line, f.place.width) for f in found] == [
        ("error", f"{RECORDS}/{file}", line, len('"@odata.nextLink"'))
    ]
    assert ran(["plan", folder]).code == ran(["check", folder]).code == 1
    assert "SRC051" in ran(["plan", folder]).out


def test_more_records_of_a_fetch_are_a_next_page_too(folder: Path) -> None:
    rows = rows_of(folder, "account")
    (folder / RECORDS / "account.jsonl").unlink()
    more = "@Microsoft.Dynamics.CRM.morerecords"
    at = folder / RECORDS / "accounts.json"

    at.write_text(json.dumps({"value": rows, more: True}))
    broken_off = {f.code for f in read_workspace(folder).findings}
    at.write_text(json.dumps({"value": rows, more: False}))
    whole = {f.code for f in read_workspace(folder).findings}

    assert broken_off - whole == {"SRC051"}


MEANT = [("accounts_2.json", "accounts"), ("msdyn_projects (1).csv", "msdyn_projects"),
         ("salesorders-copy.jsonl", "salesorders"), ("msdyn_acutal.jsonl", "msdyn_actual"),
         ("CustomersV2.json", "CustomersV3")]  # fmt: skip


@pytest.mark.parametrize(("file", "meant"), MEANT, ids=[m[0] for m in MEANT])
def test_a_file_named_almost_as_a_table_is_told_with_the_tables_name(
    folder: Path, file: str, meant: str
) -> None:
    (folder / RECORDS / file).write_text("{}")

    found = [f for f in read_workspace(folder).findings if f.code == "SRC052"]

    assert [(f.level, f.place.file) for f in found] == [("warning", f"{RECORDS}/{file}")]
    assert f"did you mean `{meant}`?" in found[0].message
    assert "SRC052" in ran(["check", folder]).out and "SRC052" in ran(["plan", folder]).out


@pytest.mark.parametrize("name", ["cr_inspection", "contact", "msdyn_workordertype", "quotedetail"])
def test_a_file_of_a_table_that_nobody_needs_is_a_note(folder: Path, name: str) -> None:
    (folder / RECORDS / f"{name}.jsonl").write_text("{}")

    found = [f for f in read_workspace(folder).findings if f.code in ("SRC006", "SRC052")]

    assert [(f.code, f.level) for f in found] == [("SRC006", "note")]


@pytest.mark.parametrize("name", ["msdyn_actual", "msdyn_actuals", "MSDYN_Actuals"])
def test_piped_rows_replace_the_files_of_a_table_by_any_of_its_names(
    folder: Path, name: str
) -> None:
    row = {**rows_of(folder, "msdyn_actual")[3], "msdyn_amount": 1}

    workspace = read_workspace(folder, rows=[(name, json.dumps(row).encode())])

    assert actuals_of(workspace) == 1
    assert apart(workspace) == []


def test_piped_rows_of_a_table_that_nothing_reads_name_the_nearest(folder: Path) -> None:
    with pytest.raises(NoRows) as alone:
        read_workspace(folder, rows=[("msdyn_acutal", b"{}")])
    beside = read_workspace(folder, rows=[("account", b"{}"), ("msdyn_acutal", b"{}")])

    for found in (alone.value.findings, beside.findings):
        assert [f.message for f in found if f.code == "SRC006"] == [
            "no mapping reads the table `msdyn_acutal`: did you mean `msdyn_actual`?"
        ]


@BOTH
def test_check_shows_what_is_wrong_with_a_row_that_nothing_has_asked_for_yet(
    folder: Path, spooled: bool
) -> None:
    rows = rows_of(folder, "msdyn_actual")
    rows[3] |= {"msdyn_transactionclassification": 192350099, "msdyn_amount": "abc"}
    write(folder, "msdyn_actual.jsonl", rows)

    checked = ran(["check", folder, "--format", "json"])
    said = [f for f in json.loads(checked.out)["findings"] if f["level"] == "error"]
    workspace = read_workspace(folder, spooled=spooled)

    assert checked.code == 1
    assert [(f["code"], f["place"].rpartition(":")[0]) for f in said] == [
        (code, f"{RECORDS}/msdyn_actual.jsonl:4") for code in ("SRC010", "SRC033")
    ]
    assert "`transaction_class`" in said[1]["help"]  # the line of the mapping to complete
    assert {f.code for f in workspace.row_findings} == {"SRC010", "SRC033"}
