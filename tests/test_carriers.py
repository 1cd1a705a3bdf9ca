"""What dual-write carries: a map that is not known to rest, runs."""

from pathlib import Path

import pytest

from adapter.deciding.carriers import CARRIED, map_state, unknown_maps
from adapter.edge.book import read_book
from adapter.edge.workspace import read_workspace
from adapter.reading.gathering import GatheredFiles
from adapter.reading.rows import read_rows
from adapter.reading.settings import Settings
from adapter.reading.store import Records
from adapter.values.finance import DualWriteMap
from tests.commands import small_company

ACTUALS = "msdyn_actuals"
PATH = "records/finance/msdyn_dualwritemap.jsonl"


def store(*lines: str) -> Records:
    """Rows of the table of maps, read as files are read."""
    binding = next(b for b in read_book(None, Settings()).bindings if b.kind is DualWriteMap)
    gathered = GatheredFiles()
    read = read_rows(binding, "\n".join(lines).encode(), PATH)
    gathered.keep(DualWriteMap, read.records, read.faults, PATH)
    return gathered.records()


def row(state: str, table: str = '"msdyn_actuals"', key: str = "m") -> str:
    return f'{{"msdyn_dualwritemapid":"{key}","msdyn_table":{table},"msdyn_state":{state}}}'


@pytest.mark.parametrize(
    ("said", "state"),
    [('"Running"', "running"), ('"Paused"', "paused"), ('"Stopped"', "stopped"),
     ('"Not running"', "stopped"), ('"Not installed"', "not-installed"),
     ('"Running initial sync"', "running"), ('"Initializing"', "running"),
     ('"Catching up"', "running"), ('"PausedByUser"', "running"), ("2", "running"),
     ("null", "running"), ('""', "running"), ("[1]", "running")],
)  # fmt: skip
def test_a_state_that_nobody_knows_counts_as_running(said, state) -> None:
    read = store(row(said))
    is_known = said.strip('"') in ("Running", "Paused", "Stopped", "Not running", "Not installed")

    assert map_state((read, None), ACTUALS) == state
    assert [f.code for f in unknown_maps((None, read))] == ([] if is_known else ["SRC061"])


def test_the_finding_names_the_row_and_the_word() -> None:
    (found,) = unknown_maps([store(row('"Running"', key="a"), row('"Catching up"', '"invoices"'))])

    assert (str(found.place), found.record, found.level) == (f"{PATH}:2:54", "m", "error")
    assert found.message == (
        "the dual-write map of proforma invoices counts as running: `msdyn_state` is"
        " `Catching up`, a value that the mapping does not know, dual_write_map m"
    )


def test_a_map_of_which_nothing_of_ours_depends_may_say_what_it_likes() -> None:
    assert list(unknown_maps([store(row('"Catching up"', '"accounts"'))])) == []


@pytest.mark.parametrize(
    ("rows", "state"),
    [
        ((), None),
        ((row('"Running"', '"accounts"'),), None),
        ((row('"Stopped"'), row('"Paused"', key="n")), "paused"),
        ((row('"Running"', key="a"), row('"Stopped"')), "running"),
        ((row('"Stopped"', '" MSDYN_actuals "'),), "stopped"),
        ((row('"Stopped"', "null"),), None),
        ((row('"Stopped"'), row('"Running"', "null", key="n")), "running"),
    ],
)
def test_of_several_rows_the_busiest_counts(rows, state) -> None:
    assert map_state((store(*rows),), ACTUALS) == state


BROKEN = {  # what stands in a file of maps, and what SRC061 says of it
    "no row": ("msdyn_dualwritemap.jsonl", b'{"msdyn_table": "msdyn_actuals"', "not a JSON row"),
    "no key": ("msdyn_dualwritemap.jsonl",
               b'{"msdyn_table":"msdyn_actuals","msdyn_state":"Running"}',
               "a row of msdyn_dualwritemap has no key"),
    "no text": ("msdyn_dualwritemap.jsonl", "{}".encode("utf-16"), "file cannot be read: UTF-16"),
    "no page": ("msdyn_dualwritemap.json", b'{"value": [', ""),
    "no last page": ("msdyn_dualwritemap.json",
                     b'{"value": [], "@odata.nextLink": "https://example.com/2"}', "next page"),
    "no cell": ("msdyn_dualwritemap.csv",
                b"msdyn_dualwritemapid,msdyn_table,msdyn_state\na,msdyn_actuals,Running,x\n",
                "the row has 4 cells"),
}  # fmt: skip


@pytest.mark.parametrize("spooled", [False, True])
@pytest.mark.parametrize("name", BROKEN)
def test_a_map_that_cannot_be_read_counts_as_running(
    tmp_path: Path, name: str, spooled: bool
) -> None:
    file, content, said = BROKEN[name]
    folder = small_company(tmp_path / "w", 5)
    (folder / PATH).unlink()
    at = folder / "records" / "finance" / file
    at.write_bytes(content)

    read = read_workspace(folder, spooled=spooled)

    stores = {id(e.finance): e.finance for e in read.environments.values() if e.finance}
    assert {map_state((s,), table) for s in stores.values() for table in CARRIED} == {"running"}
    told = [f for f in read.findings if f.code == "SRC061"]
    assert told and all(said in f.message and f.place.file.endswith(file) for f in told)
    lost = [f for f in read.findings if f.place.file.endswith(file) and f.code != "SRC061"]
    assert lost and len(lost) == len(set(lost))


def test_a_map_that_was_piped_and_cannot_be_read_counts_as_running(tmp_path: Path) -> None:
    folder = small_company(tmp_path / "w", 5)
    (folder / PATH).unlink()

    read = read_workspace(folder, rows=[("msdyn_dualwritemap", b'{"msdyn_state":"Stopped"}')])

    assert [f.message for f in read.findings if f.code == "SRC061"] == [
        "the dual-write map of a table that is not named counts as running: a row of"
        " msdyn_dualwritemap has no key (msdyn_dualwritemapid)"]  # fmt: skip


def test_a_broken_row_of_another_table_is_no_map(tmp_path: Path) -> None:
    folder = small_company(tmp_path / "w", 5)
    (folder / PATH).with_name("systemuser.jsonl").write_bytes(b"{")

    assert "SRC061" not in {f.code for f in read_workspace(folder).findings}


def test_the_rows_of_dataverse_decide_before_those_of_finance() -> None:
    assert map_state((store(row('"Stopped"')), store(row('"Running"'))), ACTUALS) == "stopped"
    assert map_state((store(), store(row('"Running"'))), ACTUALS) == "running"


@pytest.mark.parametrize("spooled", [False, True])
def test_a_workspace_tells_of_it_once(tmp_path: Path, spooled: bool) -> None:
    folder = small_company(tmp_path / "w", 5)
    path = folder / PATH
    path.write_text(path.read_text().replace('"msdyn_state":"Running"', '"msdyn_state":2', 1))

    read = read_workspace(folder, spooled=spooled)

    told = [(f.place.line, f.message) for f in read.findings if f.code == "SRC061"]
    assert [(line, message.partition(", dual_write_map ")[0]) for line, message in told] == [
        (1, "the dual-write map of actuals counts as running: `msdyn_state` is `2`, a value that"
            " the mapping does not know")]  # fmt: skip
