"""Row files that cannot be read are findings; the other tables go on."""

import json
from datetime import date
from pathlib import Path

import pytest

from adapter import make_plan, make_report, read_workspace
from adapter.reading.rulebook import make_rulebook
from adapter.reading.rulefile import parse_rule_file
from adapter.values.finding import Place
from tests.commands import CONTOSO, copied, ran, small_company
from tests.rule_texts import HEADS, catalogue, source_of


@pytest.mark.parametrize(
    ("name", "body", "said"),
    [
        ("uom.xlsx", b"not a zip", "no XLSX workbook"),
        ("uom.xlsx", b"PK\x03\x04 cut", "no XLSX workbook"),
        ("uom.xlsx", b"", "no XLSX workbook"),
    ],
)
def test_a_broken_workbook_is_one_finding(
    tmp_path: Path, name: str, body: bytes, said: str
) -> None:
    folder = small_company(tmp_path / "ws", 15)
    (folder / "records/contoso-us/uom.jsonl").unlink()
    (folder / "records/contoso-us" / name).write_bytes(body)

    found = json.loads(ran(["check", folder, "--format", "json"]).out)["findings"]

    (fault,) = [f for f in found if f["code"] == "SRC004"]
    assert fault["place"] == f"records/contoso-us/{name}"
    assert said in fault["message"]


def test_a_switch_that_expired_is_on_again_without_any_as_of(tmp_path: Path) -> None:
    folder = small_company(tmp_path / "company")
    at = folder / "adapter.toml"
    lines = [line for line in at.read_text().splitlines() if not line.startswith("as_of")]
    switch = '[rules]\nREQ380 = { enabled = false, because = "pilot", expires = 2020-01-31 }'
    assert "[rules]" not in lines
    at.write_text("\n".join(lines) + "\n\n" + switch + "\n")

    assert "RUL115" in ran(["check", folder]).out
    assert "RUL115" in ran(["plan", folder]).out


def test_a_workspace_cannot_declare_a_fact_that_exists(tmp_path: Path) -> None:
    folder = small_company(tmp_path / "company")
    (folder / "rules").mkdir(exist_ok=True)
    (folder / "rules/own.toml").write_text(
        HEADS["conclude"]
        + '[concludes]\n"actual.skip_sync" = { values = ["a", "b"], default = "a" }\n'
        + '[[rule]]\nid = "OWN901"\nname = "own"\nwhen = ["actual.quantity > 1"]\n'
        + 'conclude = { "actual.skip_sync" = "b" }\nsource = "x"\ntag = "inferred"\n'
    )

    assert "RUL117" in ran(["check", folder]).out


@pytest.mark.parametrize("spooled", [False, True])
def test_two_files_that_contradict_each_other_hold_the_record(
    tmp_path: Path, spooled: bool
) -> None:
    folder = small_company(tmp_path / "company", 12)
    first = folder / "records/contoso-us/msdyn_actual.jsonl"
    lines = first.read_text("utf-8").splitlines()
    changed = lines[0].replace('"msdyn_quantity":', '"msdyn_quantity":1')
    more = folder / "records/contoso-us/later" / first.name
    more.parent.mkdir()
    more.write_text(f"{changed}\n{lines[1]}\n", "utf-8")

    space = read_workspace(folder, spooled=spooled)
    plan = make_plan(space, space.settings.as_of or date(2026, 11, 30))

    held = {json.loads(lines[0])["msdyn_actualid"]}
    assert {f.record for f in space.findings if f.code == "SRC044"} == held
    group = plan.tally.groups["SRC044", "error"]
    assert {o["actual"] for o in group.occurrences} == held


@pytest.mark.parametrize(
    ("path", "text"),
    [("rules/own.toml", "asks = 'require'\n[[rule]]\nid = 3\n"), ("rules/own.toml", "not toml"),
     ("mappings/to-finance/integration-journal.toml", "document = 'nothing'\n"),
     ("templates/proforma.json.j2", "{% for x in %}")],
)  # fmt: skip
def test_nothing_is_planned_by_half_of_the_files_that_decide(
    tmp_path: Path, path: str, text: str
) -> None:
    folder = small_company(tmp_path / "company", 5)
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).write_text(text, "utf-8")

    done = ran(["plan", folder])

    assert done.code == 2 and path in done.out
    assert "nothing was planned" in done.err
    assert ran(["check", folder]).code == 1


def test_a_declared_default_is_part_of_the_rulebook() -> None:
    def digest(default: str) -> str:
        wanted = f"mine = {{ values = [\"a\", \"b\"], default = \"{default}\" }}"
        text = f"{HEADS['conclude']}[concludes]\n{wanted}\n"
        source = source_of(text)
        file, _ = parse_rule_file(source, catalogue(source))
        book, _ = make_rulebook([file], [], {}, Place("adapter.toml"), date(2026, 11, 30))
        return book.digest

    assert digest("a") == digest("a") != digest("b")


def test_a_rate_of_zero_is_a_missing_rate_and_its_row_a_finding(tmp_path: Path) -> None:
    folder = copied(CONTOSO, tmp_path / "contoso")
    at = folder / "records" / "finance" / "ExchangeRates.jsonl"
    text = at.read_text("utf-8")
    assert text.count('"Rate":108,') == 1
    at.write_text(text.replace('"Rate":108,', '"Rate":0,'), "utf-8")

    workspace = read_workspace(folder)
    report = make_report(make_plan(workspace))
    faults = [(f["code"], f["place"].split(":")[0]) for f in report["faults"]]
    euros = [a for a in report["actuals"] if a["currency"] == "EUR" and a["status"] == "held"]

    assert ("SRC032", "records/finance/ExchangeRates.jsonl") in faults
    assert [a["findings"] for a in euros if a["type"] == "cost"] == [["REQ485"]]
    assert "SRC032" in ran(["check", folder]).out


@pytest.mark.parametrize("spooled", [False, True], ids=["memory", "disk"])
@pytest.mark.parametrize("written", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
def test_a_date_at_the_end_of_the_calendar_holds_its_own_actual_only(
    tmp_path: Path, written: str, spooled: bool
) -> None:
    folder = small_company(tmp_path / "ws", 30)
    path = folder / "records/contoso-us/msdyn_actual.jsonl"
    rows = [json.loads(line) for line in path.read_bytes().splitlines()]
    before = make_report(make_plan(read_workspace(folder, spooled=spooled)))
    (sound, *_) = [a["id"] for a in before["actuals"] if a["status"] == "written"]
    for row in rows:
        if row["msdyn_actualid"] == sound:
            row["msdyn_startdatetime"] = written
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    settings = folder / "adapter.toml"
    settings.write_text(settings.read_text().replace("Europe/London", "Asia/Tokyo"))

    after = make_report(make_plan(read_workspace(folder, spooled=spooled)))
    held = {a["id"] for a in after["actuals"] if "SRC010" in a["findings"]}

    assert held == {sound}
    assert len(after["actuals"]) == len(before["actuals"])


@pytest.mark.parametrize(
    ("entry", "code", "column", "help"),
    [
        ('REQ407 = { because = "x", level = "warning" }', "RUL114", 27, "A level is a setting"),
        ('REQ463 = { level = "warning" }', "RUL114", 12, 'Write because = "..."'),
        ("REQ407 = { enabled = false }", "RUL114", 12, "Write because"),
        ('REQ998 = { level = "note", because = "x" }', "RUL113", 1, "did you mean REQ"),
        ('REQ407 = { enabled = false, because = "x", expires = 2026-01-01 }', "RUL115", 44,
         "Remove the switch"),
        ('REQ463 = { level = "eror", because = "x" }', "SRC020", 12,
         "it may be: error, warning, note"),
        ('REQ463 = { enabled = "no", because = "x" }', "SRC020", 12, "it may be: true, false"),
        ('REQ463 = { because = 4 }', "SRC020", 12, "Write it as text, in quotes."),
        ('REQ463 = { levl = "note" }', "SRC020", 12,
         "did you mean `level`? known keys: level, enabled"),
    ],
)  # fmt: skip
def test_a_switch_that_is_wrong_is_shown_where_it_stands(
    tmp_path: Path, entry: str, code: str, column: int, help: str
) -> None:
    folder = small_company(tmp_path / "company")
    settings = folder / "adapter.toml"
    settings.write_text(f"{settings.read_text()}\n[rules]\n{entry}\n")
    line = settings.read_text().count("\n")

    found = json.loads(ran(["check", folder, "--format", "json"]).out)["findings"]

    (fault,) = [f for f in found if f["code"] == code]
    assert fault["place"] == f"adapter.toml:{line}:{column}"
    assert fault["help"].startswith(help)


def test_a_line_more_in_the_settings_changes_no_plan(tmp_path: Path) -> None:
    folder = small_company(tmp_path / "company")
    settings = folder / "adapter.toml"
    said = '\n[rules]\nREQ463 = { level = "warning", because = "x" }\n'
    text = settings.read_text() + said
    settings.write_text(text)
    before = make_plan(read_workspace(folder)).id

    settings.write_text("# a line more\n" + text)

    assert make_plan(read_workspace(folder)).id == before


def test_what_decides_in_the_folder_schema_is_part_of_the_plans_id(tmp_path: Path) -> None:
    folder = small_company(tmp_path / "co", actuals=2)
    at = folder / "schema" / "tenant.xml"
    at.parent.mkdir(exist_ok=True)
    ids = [make_plan(read_workspace(folder)).id]
    for length in (5, 20):
        at.write_text(
            '<S><EntityType Name="own"><Key><PropertyRef Name="a"/></Key>'
            f'<Property Name="a" Type="Edm.String" MaxLength="{length}"/></EntityType></S>', "utf-8"
        )  # fmt: skip
        plan = make_plan(read_workspace(folder))
        ids.append(plan.id)

    assert len(set(ids)) == 3
    shown = make_report(plan)["provenance"]["files"]
    assert "schema/tenant.xml" in [f["path"] for f in shown]


def test_a_folder_in_the_place_of_a_schema_is_a_finding(tmp_path: Path) -> None:
    folder = small_company(tmp_path / "co", actuals=2)
    (folder / "schema" / "tenant.xml").mkdir(parents=True)

    found = json.loads(ran(["check", folder, "--format", "json"]).out)["findings"]

    assert [(f["code"], f["place"]) for f in found if f["level"] == "error"] == [
        ("SRC004", "schema/tenant.xml")
    ]
