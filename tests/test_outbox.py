"""Files are only our own word: what an import made of them is asked for where it must be."""

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from adapter.edge.twin.twin_command import OVERLAY
from tests.commands import ran, small_company
from tests.sending_given import Desk

LINES = "ProjAdvancedJournalLineHours"
JOURNALS = "ProjAdvancedJournals"
WHY = ("--because", "the consultant said so")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with Desk(small_company(tmp_path / "w", 12)) as made:
        made.sends_as("files")
        done = made.run("send", made.plan())
        assert done.code == 0, done.out + done.err
        yield made


def imported(desk: Desk, changes: dict[str, object] | None = None) -> int:
    """An accountant imports every file of the outbox; the first journal line with changes."""
    count = 0
    for path in sorted((desk.folder / "outbox").rglob("*.jsonl")):
        entity = path.parent.name
        side = desk.twin.finance if entity.startswith("Proj") else desk.twin.dataverse
        for line in path.read_text("utf-8").splitlines():
            row = json.loads(line, parse_float=Decimal)
            if changes and entity == LINES:
                row, changes = {**row, **changes}, None
            if entity == JOURNALS:
                row["ProjAdvancedJournalId"] = f"PRJ-{count}"
            side.store.insert(entity, row)
            count += 1
    return count


def test_what_nobody_imported_is_missing_and_stays_sent(desk: Desk) -> None:
    made, shown, settled = desk.reconciled(), desk.run("reconcile"), desk.run("settle")

    count = len(desk.steps())
    assert made["counts"]["missing"] == count and not made["clean"] and shown.code == 1
    assert "both sides and the ledger agree" not in shown.out
    assert shown.out.count("help: Import its file") == 1
    assert settled.code == 1 and f"{count} not imported yet" in settled.out
    assert f"outbox (our own files, not what the import made): {count} as written" in settled.out
    assert {row.state for row in desk.steps()} == {"sent"}
    assert not any(row.parked for row in desk.steps())


def test_what_was_imported_is_found_by_its_keys(desk: Desk) -> None:
    count = imported(desk)

    made, settled = desk.reconciled(), desk.run("settle")

    assert count == made["counts"]["equal"] == len(desk.steps()) and made["clean"]
    assert settled.code == 0 and f"{count} equal" in settled.out
    assert {row.state for row in desk.steps()} == {"settled"}


def test_lines_that_the_import_hung_on_the_new_number_are_as_sent(desk: Desk) -> None:
    imported(desk)
    store = desk.twin.finance.store
    numbers = {str(k.row["SourceKey"])[:20]: k.row["ProjAdvancedJournalId"]
               for k in store.rows[JOURNALS]}  # fmt: skip
    for kept in store.rows[LINES]:
        kept.row["ProjAdvancedJournal"] = numbers[str(kept.row["ProjAdvancedJournal"])]

    assert desk.reconciled()["clean"] and desk.run("settle").code == 0


def test_what_the_import_changed_is_different_and_a_person_may_accept_it(desk: Desk) -> None:
    imported(desk, {"Quantity": 99})

    made, settled = desk.reconciled(), desk.run("settle")
    (parked,) = [row for row in desk.steps() if row.parked]
    accepted = desk.run("accept", parked.step.key, *WHY)

    assert made["counts"]["unexplained"] == 1 and settled.code == 1
    assert "Quantity is 99" in parked.parked
    assert accepted.code == 0 and desk.reconciled()["clean"]


def test_a_file_that_was_imported_twice_is_seen(desk: Desk) -> None:
    desk.twin.finance.store.enforces_keys = False
    imported(desk)
    store = desk.twin.finance.store
    store.insert(LINES, dict(store.rows[LINES][0].row))

    assert desk.reconciled()["counts"]["duplicate"] == 1


def test_an_outbox_that_was_changed_is_named_so(desk: Desk) -> None:
    imported(desk)
    path = next((desk.folder / "outbox").rglob(f"{LINES}/*.jsonl"))
    path.unlink()

    made = desk.reconciled()

    assert made["clean"] and made["outbox"]["gone"] > 0


def test_without_a_connection_nothing_can_be_seen(desk: Desk) -> None:
    (desk.folder / OVERLAY).unlink()
    text = (desk.folder / "adapter.toml").read_text("utf-8")
    (desk.folder / "adapter.toml").write_text(
        text.replace("[ledger]", "[ledger_]")
        + '\n[ledger]\nurl = "ledger-twin.db"\n', "utf-8")
    place = str(desk.folder)

    shown, settled = ran(["reconcile", place]), ran(["settle", place])

    count = len(desk.steps())
    assert shown.code == settled.code == 1
    assert f"{count} rows cannot be seen: no connection" in shown.out
    assert "did not answer" not in shown.out
    assert f"{count} cannot be seen: no connection" in settled.out


def test_a_manifest_names_files_order_rows_and_totals(desk: Desk) -> None:
    (path,) = (desk.folder / "outbox").glob("manifest-*.json")
    told, text = json.loads(path.read_text("utf-8")), path.with_suffix(".txt").read_text("utf-8")
    journal = next(d for d in told["documents"] if d["kind"] == "journal")
    files = [file for d in told["documents"] for file in d["files"]]

    assert told["rows"] == len(desk.steps()) == sum(file["rows"] for file in files)
    assert [file["part"] for file in journal["files"]][:2] == ["header", "line"]
    assert {t["side"] for t in journal["totals"]} <= {"cost", "sales"}
    assert all((desk.folder / "outbox" / file["file"]).is_file() for file in files)
    assert all((desk.folder / "outbox" / file["package"]).is_file() for file in journal["files"])
    assert journal["files"][0]["file"].split("/")[-1].startswith(f"{journal['company']}-")
    assert journal["document"] in text and journal["files"][1]["file"] in text
