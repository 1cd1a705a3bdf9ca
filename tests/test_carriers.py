"""What dual-write carries: a map that is not known to rest, runs."""

from pathlib import Path

import pytest

from adapter.deciding.carriers import map_state, unknown_maps
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
