"""What retention removes, what it keeps, and what is said of rows whose text is gone."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from adapter.edge.ledger import ACCEPTED, GONE, Ledger, LedgerError, ReadBack, StepRow, open_ledger
from adapter.making.compared import GONE as DELETED
from adapter.making.steps import Receipt
from tests.commands import small_company
from tests.proof.consignments import entered, journal
from tests.sending_given import Desk
from tests.test_taken_back import BECAUSE, CODE, cancel, remove, report, sale_on_a_draft

WHO = ("as agreed", "ann")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with Desk(small_company(tmp_path / "w", 20)) as one:
        yield one


@pytest.fixture
def ledger(ledger_url: str) -> Iterator[Ledger]:
    """A journal that was settled but for its last line, which is parked."""
    made = open_ledger(ledger_url)
    entered(made, [journal("one", "USMF", 3)])
    claim = made.claim(made.ready()[0], "w", 60_000)
    assert claim is not None
    head, *lines = claim.steps
    made.park(lines[-1].step.key, *WHO)
    keys = [row.step.key for row in (head, *lines[:-1])]
    made.intend(claim, keys, 60_000)
    answer = {"JournalId": "J-1", "Description": "Mrs Miller"}
    made.record(claim, [Receipt(key=key, state="sent", answer=answer if key == keys[0] else {})
                        for key in keys])  # fmt: skip
    made.finish(claim)
    made.settle([ReadBack(key=key) for key in keys])
    yield made
    made.close()


def retained(desk: Desk) -> int:
    """Retention of all that is settled now: the command takes days only."""
    ledger = open_ledger(str(desk.folder / "ledger-twin.db"))
    try:
        return ledger.retain(ledger.now() + 1)
    finally:
        ledger.close()


def bare(ledger: Ledger) -> list[StepRow]:
    return [row for row in ledger.steps() if row.step.body == GONE]


def test_what_was_accepted_and_the_number_of_a_header_stay(ledger: Ledger) -> None:
    head, line, *_ = ledger.steps()
    ledger.accept_row(line.step.key, DELETED, *WHO)

    ledger.retain(ledger.now() + 1)

    assert [row.step.key for row in bare(ledger)][:2] == [head.step.key, line.step.key]
    assert [row.answer for row in bare(ledger)][:2] == [
        {"JournalId": "J-1"}, {ACCEPTED: DELETED}
    ]  # fmt: skip
    assert [k for k, one in ledger.sent().items() if one.is_gone] == [line.step.key]


def test_a_row_that_waits_for_a_person_keeps_its_text(ledger: Ledger) -> None:
    _, line, *_ = ledger.steps()
    ledger.settle([ReadBack(key=line.step.key, park="is not there any more")])

    ledger.retain(ledger.now() + 1)

    assert line.step.key not in {row.step.key for row in bare(ledger)}
    assert all(not row.parked for row in bare(ledger))


def test_a_row_without_text_is_never_sent_again(ledger: Ledger) -> None:
    ledger.retain(ledger.now() + 1)
    row = bare(ledger)[1]
    ledger.park(row.step.key, *WHO)

    with pytest.raises(LedgerError, match="retention removed its text"):
        ledger.release(row.step.key, *WHO)

    assert ledger.step(row.step.key).state == "settled"  # type: ignore[union-attr]


def test_a_cancelled_sale_that_is_off_the_draft_stays_so_after_retention(desk: Desk) -> None:
    desk.run("send", desk.plan())
    desk.run("settle")
    sale, key, _ = sale_on_a_draft(desk)
    cancel(desk, sale)
    report(desk)
    remove(desk, key)
    assert desk.run("accept", key, *BECAUSE).code == 0

    assert retained(desk)

    assert CODE not in {c for a in report(desk)["actuals"] for c in a["findings"]}
    undone = desk.run("replay", key, "--because", "sent again")
    assert undone.code == 2 and "retention removed its text" in undone.err
    assert desk.run("status").code == 0


def test_a_sale_that_is_cancelled_after_retention_can_still_be_accepted(desk: Desk) -> None:
    desk.run("send", desk.plan())
    desk.run("settle")
    sale, key, _ = sale_on_a_draft(desk)
    retained(desk)

    cancel(desk, sale)
    told = report(desk)
    as_it_is = desk.run("accept", key, *BECAUSE)
    remove(desk, key)
    gone = desk.run("accept", key, *BECAUSE)

    assert CODE in {c for a in told["actuals"] for c in a["findings"]}
    assert as_it_is.code == 0 and "as it is there, whose text retention removed" in as_it_is.out
    assert gone.code == 0 and "accepted gone" in gone.out
    assert CODE not in {c for a in report(desk)["actuals"] for c in a["findings"]}


def test_reconcile_counts_what_it_cannot_compare(desk: Desk) -> None:
    desk.run("send", desk.plan())
    desk.run("settle")
    total = len(desk.steps())
    assert desk.reconciled()["retained"] == 0

    ledger = open_ledger(str(desk.folder / "ledger-twin.db"))
    kept = ledger.steps()[-1].step.key
    ledger.park(kept, *WHO)
    ledger.close()
    retained(desk)

    told, shown = desk.reconciled(), desk.run("reconcile")
    assert told["retained"] == total - 1 == sum(r.step.body == GONE for r in desk.steps())
    assert told["verdict"].startswith("1 rows that can be compared, 0 unexplained")
    assert f"{total - 1:>8,}  cannot be compared: retention removed their text" in shown.out
    assert shown.code == 0
    assert sum(one["expected"] for one in told["groups"]) == 1


def test_settle_again_counts_what_it_cannot_compare(desk: Desk) -> None:
    desk.run("send", desk.plan())
    desk.run("settle")
    before, total = desk.run("settle", "--again"), len(desk.steps())
    ledger = open_ledger(str(desk.folder / "ledger-twin.db"))
    kept = ledger.steps()[-1].step.key
    ledger.park(kept, *WHO)
    ledger.close()
    retained(desk)
    desk.run("release", kept, "--because", "again")

    again, plain = desk.run("settle", "--again"), desk.run("settle")

    assert f"read back {total} rows: {total} equal" in before.out and "retention" not in before.out
    assert f"{total - 1:,} rows cannot be compared: retention removed their text" in again.out
    assert "read back 1 rows: 1 equal" in again.out and again.code == 0, again.out
    assert "retention" not in plain.out and plain.code == 0


@pytest.mark.parametrize("day", ["2200-01-01", "tomorrow"])
def test_a_day_to_come_is_refused_and_removes_nothing(desk: Desk, day: str) -> None:
    desk.run("send", desk.plan(), "--first", "1")
    desk.run("settle")
    today = datetime.now(UTC).date()
    said = str(today + timedelta(days=1)) if day == "tomorrow" else day

    done = desk.run("ledger", "retain", said)

    assert done.code == 2 and f"retain {said}: that day is still to come" in done.err
    assert f"today is {today}" in done.err and not done.out
    assert not any(row.step.body == GONE for row in desk.steps())
    assert desk.run("ledger", "retain", str(today)).code == 0
