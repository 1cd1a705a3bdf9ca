"""making/spool.py and edge/spool.py: both spools keep the same promises."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from threading import Thread

import pytest

from adapter import make_plan, make_report, read_workspace
from adapter.edge.spool import RecordsOnDisk, SpoolOnDisk, sorted_batches
from adapter.making.entry import Entry, Part
from adapter.making.lined import BillingLine, Lined
from adapter.making.spool import Spool, SpooledLine, SpoolInMemory
from adapter.reading.gathering import RowRead
from adapter.reading.store import Records, RecordsInMemory
from adapter.values.collector import collector_rests
from adapter.values.project_operations import Contract, Project
from tests.commands import CONTOSO

Make = Callable[[], Spool]


def lined(name: str) -> Lined:
    line = BillingLine(key=name, source_id=name, company="USMF", currency="USD")
    return Lined(kind="proforma", rule="R", mapping="m", group=("g",), order=(name,), line=line,
                 money=())  # fmt: skip


def entry(name: str) -> Entry:
    texts = {f: name for f in Entry.__struct_fields__ if f not in ("ledger", "billing", "findings")}
    part = Part(answer="send", rule="R")
    return Entry(**texts, ledger=part, billing=part, findings=[name])


@pytest.fixture(params=[SpoolInMemory, SpoolOnDisk])
def spool(request: pytest.FixtureRequest) -> Spool:
    made: Spool = request.param()
    return made


def test_lines_come_by_group_and_order(spool: Spool) -> None:
    for group, order, entry in [("b", "2", 0), ("a", "9", 1), ("b", "1", 3), ("b", "1", 2)]:
        spool.add_line(SpooledLine(group, order, entry, lined(order)))

    found = [
        (group, [(line.entry, line.line) for line in lines]) for group, lines in spool.groups()
    ]

    assert [
        ("a", [(1, lined("9"))]),
        ("b", [(2, lined("1")), (3, lined("1")), (0, lined("2"))]),
    ] == found


def test_entries_and_documents_keep_their_order(spool: Spool) -> None:
    entries = [entry(str(n)) for n in range(12)]
    numbers = [spool.add_entry(one) for one in entries]
    spool.add_document(b"x")
    spool.add_document(b"y")

    assert list(range(12)) == numbers
    assert entries == list(spool.entries())
    assert [b"x", b"y"] == list(spool.documents())


def test_records_are_ordered_by_the_text_given(spool: Spool) -> None:
    for order, key in [("2", "p"), ("1", "q"), ("1", "a")]:
        spool.add_order(order, "env", key)

    assert [("env", "a"), ("env", "q"), ("env", "p")] == list(spool.ordered())


PROJECTS = {
    key: Project(id=key, contract=contract, number=f"P-{key}")
    for key, contract in [("3", "c1"), ("1", "c1"), ("2", None)]
}


@pytest.fixture(params=["memory", "disk"])
def records(request: pytest.FixtureRequest) -> Records:
    if request.param == "memory":
        return RecordsInMemory({Project: PROJECTS})
    store = RecordsOnDisk()
    rows = [(key, key.encode(), line) for line, key in enumerate(PROJECTS, 1)]
    assert [] == store.load(Project, lambda raw: PROJECTS[raw.decode()], rows, "x.jsonl",
                            lambda raw, line: [RowRead(PROJECTS[raw.decode()], raw, line)])
    return store


def test_records_are_found_by_key_and_by_field(records: Records) -> None:
    assert PROJECTS["2"] == records.one(Project, "2")
    assert records.one(Project, "9") is None
    assert records.one(Project, None) is None
    assert records.one(Contract, "2") is None
    assert (PROJECTS["1"], PROJECTS["3"]) == records.where(Project, "contract", "c1")
    assert () == records.where(Project, "contract", None)
    assert () == records.where(Contract, "number", "x")
    assert ["1", "2", "3"] == [p.id for p in records.all(Project)]
    assert () == records.faults(Project, "1")


def test_batches_are_sorted() -> None:
    assert [("a", 1), ("b", 0)] == list(sorted_batches([("b", 0), ("a", 1)]))


def test_scratch_files_go_with_what_they_were_made_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with collector_rests():  # nothing waits for it
        for _ in range(2):
            workspace = read_workspace(CONTOSO, spooled=True)
            plan = make_plan(workspace, spool=SpoolOnDisk())
            make_report(plan)
            kept = len(list(tmp_path.iterdir()))
        documents = plan.documents()
        del workspace, plan

        assert kept == 4  # two environments, Finance, the plan
        assert len(list(documents)) > 30  # who still reads has them
        del documents
        assert list(tmp_path.iterdir()) == []


def test_a_scratch_file_that_another_thread_drops_goes_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    made = [SpoolOnDisk()]
    thread = Thread(target=made.clear)
    thread.start()
    thread.join()

    assert list(tmp_path.iterdir()) == []
