"""What a worker asks the ledger: whole rows, found by indexes, given back where they are none."""

from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from sqlalchemy import Executable
from sqlalchemy.exc import OperationalError

from adapter.edge.ledger import Ledger, LedgerError, open_ledger, statements
from adapter.edge.ledger.store import EMPTY
from adapter.edge.ledger.tables import IS_DOUBTFUL, IS_PARKED
from adapter.making.steps import Receipt
from tests.proof.consignments import entered, journal

ODD = 'a "quoted" \\ back\tslash\x01\x7f é \u2028 😀 null {"a":1} 0.10'
LEASE = 60_000


def test_a_claim_hands_out_its_rows_letter_for_letter_in_their_order(ledger_url: str) -> None:
    whole = journal("one", "USMF", 12)
    odd = [replace(s, body=f'{{"t":"{n}{ODD}"}}', keys={"K": f"{ODD}{n}"}, source=ODD,
                   amount="0.10", links={} if n % 2 else s.links)
           for n, s in enumerate(whole.steps)]  # fmt: skip
    ledger = open_ledger(ledger_url)
    entered(ledger, [replace(whole, steps=tuple(reversed(odd)))])

    claim = ledger.claim(ledger.ready()[0], "w", LEASE)

    assert claim is not None
    assert [row.step for row in claim.steps] == odd
    assert list(claim.steps) == ledger.document(claim.batch)
    ledger.close()


def test_a_row_that_was_sent_and_parked_comes_with_all_that_is_known(ledger_url: str) -> None:
    ledger = open_ledger(ledger_url)
    entered(ledger, [journal("one", "USMF", 2)])
    claim = ledger.claim(ledger.ready()[0], "w", LEASE)
    assert claim is not None
    head, first, second = (row.step.key for row in claim.steps)
    ledger.intend(claim, [head, first, second], LEASE)
    ledger.record(claim, [
        Receipt(key=head, state="sent", reference="J-1", answer={"Number": "J-1"}),
        Receipt(key=first, state="sent", park="odd", code="X", message=ODD),
        Receipt(key=second, state="planned"),
    ])  # fmt: skip
    ledger.put_back(claim, 0, count_attempt=False, because="")

    again = ledger.claim(claim.batch, "w", LEASE)

    assert again is not None and list(again.steps) == ledger.document(claim.batch)
    assert again.steps[0].answer == {"Number": "J-1"} and again.steps[0].sent_ms > 0
    assert again.steps[1].parked == "odd" and again.steps[1].message == ODD
    assert {row.withdrawn for row in again.steps} == {False}
    ledger.close()


def plan_of(ledger: Ledger, statement: Executable) -> str:
    """How SQLite looks for the rows of a statement."""
    clause: Any = statement
    whole = clause.compile(dialect=ledger.engine.dialect)
    with ledger.reading() as db:
        given = tuple(whole.params[name] for name in whole.positiontup)
        return str(db.exec_driver_sql(f"EXPLAIN QUERY PLAN {whole}", given).all())


@pytest.mark.parametrize("asked", ["ready", "claim", "heads", "doubtful", "parked"])
def test_no_question_of_a_worker_reads_a_whole_table(tmp_path: Path, asked: str) -> None:
    ledger = open_ledger(str(tmp_path / "ledger.db"))
    by_clock = statements.of_clock("0")
    statement: Executable = {
        "ready": by_clock.ready, "claim": by_clock.claim, "heads": statements.HEADS,
        "doubtful": statements.STEPS.where(IS_DOUBTFUL),
        "parked": statements.STEPS.where(IS_PARKED),
    }[asked]  # fmt: skip

    found = plan_of(ledger, statement)

    assert "SCAN batch'" not in found and "SCAN ahead'" not in found and "SCAN step'" not in found
    assert "_open" in found or "_parked" in found
    ledger.close()


def test_whatever_is_written_waits_for_the_disk(tmp_path: Path) -> None:
    ledger = open_ledger(str(tmp_path / "ledger.db"))
    with ledger.writing() as db:
        waits = int(db.exec_driver_sql("PRAGMA synchronous").scalar_one())

    assert waits == 2  # FULL
    ledger.close()


def test_a_claim_whose_rows_cannot_be_read_is_given_back_at_once(
    ledger_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = open_ledger(ledger_url)
    entered(ledger, [journal("one", "USMF", 2)])
    (batch,) = ledger.ready()
    rows = statements.of_rows(ledger.engine.dialect.name).claimed
    run = ledger.run

    def fails(db: Any, statement: Any, values: Any = EMPTY) -> Any:
        if statement is rows:
            raise OperationalError("SELECT", None, Exception("connection lost"))
        return run(db, statement, values)

    monkeypatch.setattr(ledger, "run", fails)
    with pytest.raises(LedgerError, match="could not be read: connection lost"):
        ledger.claim(batch, "w", LEASE)
    monkeypatch.undo()

    assert ledger.ready() == [batch]
    again = ledger.claim(batch, "w", LEASE)
    assert again is not None and (again.fence, again.attempts, len(again.steps)) == (2, 0, 3)
    ledger.close()


def test_rows_that_a_stranger_changed_are_named_and_hold_up_nobody_else(tmp_path: Path) -> None:
    ledger = open_ledger(str(tmp_path / "ledger.db"))
    entered(ledger, [journal("one", "USMF", 2), journal("two", "GBSI", 2)])
    first, second = ledger.ready()
    with ledger.writing() as db:
        db.exec_driver_sql("UPDATE step SET state = 'lost' WHERE batch = ?", (first,))

    with pytest.raises(LedgerError, match=f"batch {first}: its rows are none of a ledger"):
        ledger.claim(first, "w", LEASE)

    assert not ledger.is_down and ledger.claim(second, "w", LEASE) is not None
    ledger.close()


def test_a_statement_without_one_of_its_values_does_not_run(ledger_url: str) -> None:
    ledger = open_ledger(ledger_url)
    given = {"batch": "b", "of": 1, "until": 5}  # not who holds it

    with pytest.raises((KeyError, LedgerError)), ledger.writing() as db:
        ledger.run(db, statements.RENEW, given)
    ledger.close()
