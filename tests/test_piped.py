"""edge/piped.py: rows of standard input, and lines of it that are none."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from adapter import make_plan, make_report, piped_rows, read_workspace
from adapter.edge.piped import NoRows
from adapter.values.actuals import Actual
from adapter.values.finance import FiscalPeriod
from tests.commands import Ended, ran, small_company

ACTUALS = "records/contoso-us/msdyn_actual.jsonl"
PERIODS = "records/finance/LedgerFiscalPeriods.jsonl"
BROKEN = b'{"table": "msdyn_actual", "row": {"msdyn_act'


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_company(tmp_path_factory.mktemp("piped") / "w", 20)


def rows(folder: Path, path: str = ACTUALS) -> list[bytes]:
    return (folder / path).read_bytes().splitlines()


def wrapped(rows: list[bytes], table: str = "msdyn_actual") -> list[bytes]:
    return [b'{"table": "%s", "row": %s}' % (table.encode(), row) for row in rows]


def planned(folder: Path, *lines: bytes) -> Ended:
    return ran(["plan", "-", "--workspace", folder, "--format", "json"], b"\n".join(lines))


def report(folder: Path, *lines: bytes) -> dict[str, Any]:
    ended = planned(folder, *lines)
    assert ended.code in (0, 1), ended.err
    return json.loads(ended.out)  # type: ignore[no-any-return]


def faults(told: dict[str, Any], *codes: str) -> list[tuple[str, str]]:
    return [(f["code"], f["place"]) for f in told["faults"] if f["code"] in codes]


UNUSABLE = {
    "nothing": b"",
    "blank lines": b"\n\n",
    "UTF-16": "\n".join(['{"table": "msdyn_actual", "row": {}}'] * 2).encode("utf-16"),
    "bare rows": b'{"msdyn_actualid": "1"}\n{"msdyn_actualid": "2"}',
    "CR only": b"\r".join([b'{"table": "msdyn_actual", "row": {}}'] * 2),
    "another table": b'{"table": "msdyn_acutal", "row": {}}\n' * 3,
}


@pytest.mark.parametrize("name", UNUSABLE)
@pytest.mark.parametrize("format", ["text", "json", "github"])
def test_no_plan_of_the_files_passes_for_one_of_rows_that_cannot_be_used(
    folder: Path, name: str, format: str
) -> None:
    ended = ran(["plan", "-", "--workspace", folder, "--format", format], UNUSABLE[name])

    assert ended.code == 2
    assert "standard input" in ended.err and "the files are not planned" in ended.err
    is_empty = name in ("nothing", "blank lines")
    assert is_empty == (ended.out == "")
    if not is_empty and format == "json":
        found = json.loads(ended.out)["findings"]
        assert {f["code"] for f in found} == {"SRC006" if name == "another table" else "SRC031"}
        assert len(found) == (1 if name in ("another table", "CR only") else 2)


def test_no_rows_at_all_are_refused_and_none_means_the_files(folder: Path) -> None:
    with pytest.raises(NoRows, match="there are no rows"):
        read_workspace(folder, rows=[])

    assert read_workspace(folder, rows=None).record_files == read_workspace(folder).record_files


LOST = {
    "cut": (BROKEN, "SRC031"),
    "no text": (b'{"table": "msdyn_actual", "row": {"a": "\xff"}}', "SRC031"),
    "two rows": (b'{"table": "msdyn_actual", "row": {}, "row": {"a": 1}}', "SRC031"),
    "two rows apart": (b'{"table" : "account","row":{},"row" : {"a" : 1}}', "SRC031"),
    "many of a key": (b'{"row":{}%s,"table":"a"}' % (b', "row":{}' * 50), "SRC031"),
    "two rows first": (b'{"row": {}, "row": {"a": 1}, "table": "msdyn_actual"}', "SRC031"),
    "two tables": (b'{"table": "account", "table": "msdyn_actual", "row": {}}', "SRC031"),
    "escaped twice": (b'{"table": "account", "\\u0074able": "msdyn_actual", "row": {}}', "SRC031"),
    "unknown key": (b'{"table": "msdyn_actual", "env": "contoso-ca", "row": {}}', "SRC031"),
    "no row": (b'{"table": "msdyn_actual"}', "SRC031"),
    "row is none": (b'{"table": "msdyn_actual", "row": null}', "SRC031"),
    "no key": (b'{"table": "msdyn_actual", "row": {}}', "SRC036"),
    "unknown table": (b'{"table": "msdyn_acutal", "row": {"msdyn_actualid": "1"}}', "SRC006"),
}


@pytest.mark.parametrize("name", LOST)
def test_a_line_that_is_lost_is_told_where_it_stands_and_counted(folder: Path, name: str) -> None:
    line, code = LOST[name]
    good = wrapped(rows(folder))

    whole = report(folder, *good)
    told = report(folder, *good[:3], b"", line, *good[3:])

    (found,) = faults(told, "SRC031", "SRC036", "SRC006")
    assert found[0] == code and found[1].startswith("(standard input):5:")
    before, now = whole["verdict"], told["verdict"]
    assert (now["unreadable"], now["in"]) == (1, before["in"] + 1)
    assert "unreadable rows whose money is not known" in now["headline"]
    assert told["plan"]["id"] != whole["plan"]["id"]


def test_the_id_knows_which_line_is_lost_and_not_where_it_stood(folder: Path) -> None:
    good = wrapped(rows(folder))

    ids = [report(folder, *lines)["plan"]["id"] for lines in (
        [*good, BROKEN], [BROKEN, *good], [*good, BROKEN + b"x"], [*good, BROKEN, BROKEN])]

    assert ids[0] == ids[1] and len(set(ids)) == 3


def test_a_byte_order_mark_is_taken(folder: Path) -> None:
    good = wrapped(rows(folder))

    assert report(folder, b"\xef\xbb\xbf" + good[0], *good[1:])["plan"] == (
        report(folder, *good)["plan"])  # fmt: skip


@pytest.mark.parametrize(
    "line",
    [b'{"row": {"row": 1, "table": 2, "row": 3}, "table": "account"}',
     b'{"table": "account", "row": {"table": "a", "row": {"row": "}"}}}',
     b' {"t\\u0061ble":"account","row":{}} \r\n'],
)  # fmt: skip
def test_keys_within_the_row_are_those_of_the_row(line: bytes) -> None:
    read, found = piped_rows([line])

    assert found == () and [table for table, _ in read] == ["account"]


@pytest.mark.parametrize("row_first", [False, True])
def test_places_are_those_of_the_line(folder: Path, row_first: bool) -> None:
    row = json.loads(rows(folder)[0]) | {"msdyn_amount": "abc"}
    begins = b'{"row": ' if row_first else b'{"table": "msdyn_actual", "row": '
    ends = b', "table": "msdyn_actual"}' if row_first else b"}"
    line = begins + json.dumps(row).encode() + ends
    account = b'{"table": "account", "row": {"accountid": "1"}}'

    read, _ = piped_rows([account, account, line])
    (found,) = [f for f in read_workspace(folder, rows=read).row_findings if f.code == "SRC010"]

    assert (found.place.line, found.place.column) == (3, line.index(b'"msdyn_amount"') + 1)


def test_findings_of_bad_lines_come_with_the_rows(folder: Path) -> None:
    read, found = piped_rows([BROKEN, *wrapped(rows(folder))])

    workspace = read_workspace(folder, rows=read)
    told = make_report(make_plan(workspace))

    assert [f.place.line for f in found] == [1]
    assert [f for f in workspace.findings if f.code == "SRC031"] == list(found)
    assert told["verdict"]["unreadable"] == 1
    assert copy.deepcopy(read) == read


def test_a_row_of_a_program_may_go_over_several_lines(folder: Path) -> None:
    row = json.loads(rows(folder)[0])
    pretty = json.dumps(row, indent=1).encode()

    workspace = read_workspace(folder, rows=[("msdyn_actual", pretty), ("msdyn_actual", b" ")])

    first = workspace.environments["contoso-us"]
    assert [a.id for a in first.records.all(Actual)] == [row["msdyn_actualid"]]
    assert first.unreadable == 1
    (found,) = [f for f in workspace.findings if f.code == "SRC031"]
    assert found.place.line == 2 and "the row is empty" in found.message


def test_rows_of_finance_take_the_place_of_its_files(folder: Path) -> None:
    (first, *others) = rows(folder, PERIODS)
    assert others

    workspace = read_workspace(folder, rows=[("LedgerFiscalPeriods", first)])
    whole = read_workspace(folder)

    for name, kept in workspace.environments.items():
        finance = whole.environments[name].finance
        assert (kept.finance is None) == (finance is None)
        if kept.finance is not None and finance is not None:
            assert len(list(kept.finance.all(FiscalPeriod))) == 1
            assert len(list(finance.all(FiscalPeriod))) > 1
        assert not list(kept.records.all(FiscalPeriod))
        assert len(list(kept.records.all(Actual))) == (
            len(list(whole.environments[name].records.all(Actual))))  # fmt: skip
    paths = [f.path for f in workspace.record_files]
    assert "(standard input) LedgerFiscalPeriods" in paths and PERIODS not in paths


def test_a_company_without_a_folder_of_finance_has_the_rows_that_were_given(
    tmp_path: Path,
) -> None:
    folder = small_company(tmp_path / "w", 5)
    (first, *_) = rows(folder, PERIODS)
    at = folder / "adapter.toml"
    lines = at.read_text("utf-8").splitlines()
    at.write_text("\n".join(line for line in lines if not line.startswith("finance ")), "utf-8")

    workspace = read_workspace(folder, rows=[("LedgerFiscalPeriods", first)])

    us, ca = (workspace.environments[name].finance for name in ("contoso-us", "contoso-ca"))
    assert us is not None and len(list(us.all(FiscalPeriod))) == 1 and ca is None


def test_the_table_of_a_row_is_part_of_the_id(folder: Path) -> None:
    row = b'{"msdyn_workorderproductid": "1", "msdyn_workorderserviceid": "1"}'
    tables = ("msdyn_workorderproduct", "msdyn_workorderservice")

    first, second = (read_workspace(folder, rows=[(table, row)]) for table in tables)

    assert make_plan(first).id != make_plan(second).id


@pytest.mark.parametrize("folder_given", ["{0}", "./w", "w/", "w/../w", "link"])
def test_one_workspace_may_be_written_in_two_ways(
    tmp_path: Path, folder_given: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = small_company(tmp_path / "w", 5)
    (tmp_path / "link").symlink_to("w")
    monkeypatch.chdir(tmp_path)

    one = ran(["plan", folder_given.format(folder), "--workspace", "w", "--format", "json"])
    two = ran(["plan", "w", "--workspace", tmp_path, "--format", "json"])

    assert one.code in (0, 1), one.err
    assert two.code == 2 and "two workspaces were given" in two.err


@pytest.mark.parametrize(("format", "begins"), [("json", "{"), ("github", "::error"),
                                                ("azure", "##vso["), ("text", "SRC001")])
def test_settings_that_cannot_be_read_are_shown_in_the_format_asked_for(
    tmp_path: Path, format: str, begins: str
) -> None:
    (tmp_path / "adapter.toml").write_text('name = "x\n', "utf-8")

    ended = ran(["plan", tmp_path, "--format", format])

    assert ended.code == 2 and ended.out.startswith(begins)
    assert "SRC001" in ended.out and "adapter.toml" in ended.err
    if format == "json":
        assert json.loads(ended.out)["findings"][0]["code"] == "SRC001"
