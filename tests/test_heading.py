"""edge/sending/heading.py: rows follow their header only while it is there as it was."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from adapter.edge.ledger import StepRow
from tests.commands import small_company
from tests.sending_given import Desk

LINES, HEADERS = "ProjAdvancedJournalLineHours", "ProjAdvancedJournals"
WHY = ("--because", "seen")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with Desk(small_company(tmp_path / "w", 20)) as one:
        yield one


def sent_but_one(desk: Desk) -> tuple[str, StepRow, int]:
    """The plan, a line that a person holds back, and where its header stands in Finance."""
    plan = desk.plan()
    desk.run("pause", "all", *WHY)
    desk.run("send", plan)
    lines = [r for r in desk.steps() if r.step.entity == LINES]
    held = next(r for r in lines if sum(o.batch == r.batch for o in lines) > 2)
    desk.run("park", held.step.key, *WHY)
    desk.run("resume", "all", *WHY)
    desk.run("send", plan)
    header = header_of(desk, held)
    rows = desk.twin.finance.store.rows[HEADERS]
    return plan, held, next(n for n, kept in enumerate(rows)
                            if kept.row["ProjAdvancedJournalId"] == header.reference)


def header_of(desk: Desk, row: StepRow) -> StepRow:
    return next(r for r in desk.steps() if r.batch == row.batch and r.step.part == "header")


def again(desk: Desk, row: StepRow) -> StepRow:
    return next(r for r in desk.steps() if r.step.key == row.step.key)


def numbers(desk: Desk, row: StepRow) -> list[str]:
    """The journals that the lines of a document stand in, in Finance."""
    keys = {r.step.actual for r in desk.steps() if r.batch == row.batch}
    return sorted({str(kept.row["ProjAdvancedJournal"])
                   for kept in desk.twin.finance.store.rows[LINES]
                   if kept.row["SourceActualId"] in keys})  # fmt: skip


def test_a_header_with_another_number_is_not_as_it_was_sent(desk: Desk) -> None:
    _plan, held, nth = sent_but_one(desk)
    clean = desk.reconciled()
    desk.edit(HEADERS, "reimport", nth=nth)

    settled = desk.run("settle", "--again")
    parked = again(desk, header_of(desk, held))
    made = desk.reconciled()
    shown = desk.run("reconcile")
    once_more = desk.run("settle", "--again")
    status = desk.run("status")

    old, new = parked.reference, desk.twin.finance.store.rows[HEADERS][-1].row
    number = new["ProjAdvancedJournalId"]
    lines = [r for r in desk.steps() if r.batch == held.batch and r.step.entity == LINES
             and r.state in ("sent", "settled")]  # fmt: skip
    assert clean["clean"] and number != old
    assert settled.code == once_more.code == status.code == shown.code == 1
    assert parked.parked == (
        f"is there with another body: ProjAdvancedJournalId is {number}, sent {old}"
    )
    assert made["counts"]["unexplained"] == 1 + len(lines) and made["balanced"]
    assert f"its header {old} is {number} there by now" in " ".join(shown.out.split())


@pytest.mark.parametrize("is_told", [True, False])
def test_no_line_leaves_for_a_header_that_has_another_number(desk: Desk, is_told: bool) -> None:
    plan, held, nth = sent_but_one(desk)
    before = len(desk.twin.finance.store.rows[LINES])
    desk.edit(HEADERS, "reimport", nth=nth)
    if is_told:
        desk.run("settle", "--again")

    desk.run("release", held.step.key, *WHY)
    stopped = desk.run("send", plan)
    line, header = again(desk, held), header_of(desk, held)
    left = len(desk.twin.finance.store.rows[LINES])
    accepted = desk.run("accept", header.step.key, *WHY)
    freed = desk.run("send", plan)

    number = desk.twin.finance.store.rows[HEADERS][-1].row["ProjAdvancedJournalId"]
    assert (line.state, line.parked) == ("planned", "its header is not there")
    assert stopped.code == 1 and header.parked and left == before
    assert accepted.code == 0 and number in accepted.out
    assert freed.code == 0 and again(desk, held).state == "sent"
    assert len(desk.twin.finance.store.rows[LINES]) == before + 1
    assert numbers(desk, held) == sorted([header.reference, number])
    others = [r for r in desk.reconciled()["rows"] if r["bucket"] == "unexplained"]
    assert {d["column"] for r in others for d in r["differences"]} == {"ProjAdvancedJournal"}


def test_lines_that_a_person_moved_to_the_new_number_are_as_they_should_be(desk: Desk) -> None:
    plan, held, nth = sent_but_one(desk)
    desk.edit(HEADERS, "reimport", nth=nth)
    desk.run("settle", "--again")
    header = header_of(desk, held)
    number = desk.twin.finance.store.rows[HEADERS][-1].row["ProjAdvancedJournalId"]

    desk.run("accept", header.step.key, *WHY)
    for at, kept in enumerate(desk.twin.finance.store.rows[LINES]):
        if kept.row["ProjAdvancedJournal"] == header.reference:
            desk.edit(LINES, "edit", nth=at, changes={"ProjAdvancedJournal": number})
    desk.run("release", held.step.key, *WHY)
    done = desk.run("send", plan)

    assert done.code == 0 and numbers(desk, held) == [number]
    assert desk.run("settle", "--again").code == 0 and desk.reconciled()["clean"]


def test_no_line_leaves_for_a_header_that_a_person_deleted(desk: Desk) -> None:
    plan, held, nth = sent_but_one(desk)
    before = len(desk.twin.finance.store.rows[LINES])
    desk.edit(HEADERS, "delete", nth=nth)

    desk.run("release", held.step.key, *WHY)
    done = desk.run("send", plan)

    assert done.code == 1 and len(desk.twin.finance.store.rows[LINES]) == before
    assert header_of(desk, held).parked == "is not there any more: a person deleted it"
    assert again(desk, held).parked == "its header is not there"
