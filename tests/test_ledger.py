"""The ledger on SQLite and on PostgreSQL: one suite for both."""

import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from itertools import product
from pathlib import Path

import pytest
from sqlalchemy import text

from adapter.edge.ledger import (
    MOVES,
    Claim,
    Head,
    InboxRow,
    Ledger,
    LedgerError,
    PinnedElsewhere,
    PlanNote,
    ReadBack,
    StaleFence,
    look_into_ledger,
    open_ledger,
    read_anchor,
    restore_ledger,
)
from adapter.edge.ledger.tables import METADATA
from adapter.making.steps import STATES, Receipt
from tests.proof.consignments import consignments, entered, journal

LEASE = 60_000


@pytest.fixture
def ledger(ledger_url: str) -> Iterator[Ledger]:
    made = open_ledger(ledger_url)
    entered(made, [journal("one", "USMF", 3), journal("two", "USMF", 2),
                   journal("other", "GBSI", 1)])  # fmt: skip
    yield made
    made.close()


def claimed(ledger: Ledger, number: int = 0, holder: str = "w") -> Claim:
    claim = ledger.claim(ledger.ready()[number], holder, LEASE)
    assert claim is not None
    return claim


def all_sent(ledger: Ledger, claim: Claim) -> None:
    keys = [row.step.key for row in claim.steps]
    ledger.intend(claim, keys, LEASE)
    ledger.record(claim, [Receipt(key=k, state="sent", reference="R") for k in keys])
    ledger.finish(claim)


def test_the_tables_are_what_the_migrations_make(ledger: Ledger) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    with ledger.engine.connect() as connection:
        differing = compare_metadata(MigrationContext.configure(connection), METADATA)

    assert differing == []


def test_a_ledger_of_an_older_version_is_brought_up_to_ours(ledger: Ledger) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    ledger.take_rows("us", "t", [InboxRow(id="1", version="1", body="{}", is_known=True)], None)
    with ledger.writing() as db:
        db.execute(text("ALTER TABLE inbox DROP COLUMN known"))
        db.execute(text("UPDATE alembic_version SET version_num = '0001'"))

    opened = open_ledger(ledger.url)
    with opened.engine.connect() as connection:
        differing = compare_metadata(MigrationContext.configure(connection), METADATA)
    (row,) = opened.all_rows("us", "t")
    opened.close()

    assert differing == []
    assert row.body == "{}" and not row.is_known


def test_a_newer_ledger_is_refused_and_left_alone(ledger: Ledger) -> None:
    with ledger.writing() as db:
        db.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(LedgerError, match="newer fieldledger"):
        open_ledger(ledger.url)


def test_a_look_at_an_older_ledger_changes_nothing_and_says_what_brings_it_up(
    ledger: Ledger,
) -> None:
    with ledger.writing() as db:
        db.execute(text("ALTER TABLE inbox DROP COLUMN known"))
        db.execute(text("UPDATE alembic_version SET version_num = '0001'"))

    for _ in range(2):
        with pytest.raises(LedgerError, match=r"older fieldledger .*`fieldledger ledger upgrade`"):
            look_into_ledger(ledger.url)
    open_ledger(ledger.url).close()
    looked = look_into_ledger(ledger.url)

    assert looked is not None
    looked.close()


def test_a_ledger_that_was_put_back_is_asked_for_all_that_it_would_send(ledger: Ledger) -> None:
    ledger.enter("plan-1", [journal("a", "USMF", 2)])

    ledger.distrust("put back to Friday")

    assert ledger.reconcile_only() == "put back to Friday"
    assert ledger.ready() == []
    assert {row.state for row in ledger.steps()} == {"unknown"}


def test_money_is_never_a_float_in_the_database(ledger: Ledger) -> None:
    big = journal("big", "DEMF", 5)
    ledger.enter("plan-1", [big])

    rows = {row.step.actual: row.step.amount for row in ledger.steps()}
    assert rows["big-5"] == "12345678901234567.89"
    kinds = {str(c.type) for table in METADATA.sorted_tables for c in table.columns}
    assert kinds <= {"TEXT", "INTEGER", "BIGINT"}
    if ledger.engine.dialect.name == "sqlite":
        with ledger.reading() as db:
            found = db.execute(text("SELECT DISTINCT typeof(amount), typeof(body) FROM step"))
            assert [tuple(row) for row in found] == [("text", "text")]


def test_entering_twice_changes_nothing(ledger: Ledger) -> None:
    again = ledger.enter("plan-1", [journal("one", "USMF", 3)])

    assert (again.batches, again.steps, again.known) == (0, 0, 4)
    assert len(ledger.steps()) == 9


def test_a_plan_that_was_never_noted_is_not_entered(ledger: Ledger) -> None:
    with pytest.raises(LedgerError, match="never noted"):
        ledger.enter("plan-9", [journal("nine", "USMF", 1)])


def test_a_row_that_another_document_holds_is_a_conflict(ledger: Ledger) -> None:
    import msgspec

    other = msgspec.structs.replace(journal("one", "USMF", 3), document="d" * 64)

    found = ledger.enter("plan-1", [other])

    assert len(found.conflicts) == 4
    assert found.batches == 0


def test_only_the_head_of_a_lane_is_ready(ledger: Ledger) -> None:
    first, other = ledger.ready()

    assert {claimed(ledger, 0).name, "other"} == {"one", "other"}
    assert ledger.ready() == [other]
    assert ledger.claim(first, "w2", LEASE) is None


def test_a_claim_ends_with_its_lease_and_the_next_one_has_a_higher_fence(
    ledger: Ledger,
) -> None:
    first = ledger.claim(ledger.ready()[0], "w1", 1)
    assert first is not None
    time.sleep(0.05)
    second = claimed(ledger)

    assert (first.fence, second.fence) == (1, 2)
    key = first.steps[0].step.key
    for late in (
        lambda: ledger.intend(first, [key], LEASE),
        lambda: ledger.put_back(first, 0, count_attempt=True, because="x"),
        lambda: ledger.finish(first),
    ):
        with pytest.raises(StaleFence):
            late()
    assert {row.state for row in ledger.steps()} == {"planned"}


def test_a_lease_that_ran_out_lets_nothing_leave(ledger: Ledger) -> None:
    claim = ledger.claim(ledger.ready()[0], "w1", 1)
    assert claim is not None
    time.sleep(0.05)

    with pytest.raises(StaleFence):
        ledger.intend(claim, [claim.steps[0].step.key], LEASE)


@pytest.mark.parametrize(("state", "to"), list(product(STATES, ("sent", "refused", "unknown"))))
def test_only_what_was_intended_or_unknown_can_have_an_answer(
    ledger: Ledger, state: str, to: str
) -> None:
    claim = claimed(ledger)
    key = claim.steps[0].step.key
    with ledger.writing() as db:
        db.execute(text("UPDATE step SET state = :s WHERE key = :k"), {"s": state, "k": key})
    receipt = Receipt(key=key, state=to)  # type: ignore[arg-type]

    if to in MOVES[state]:  # type: ignore[index]
        ledger.record(claim, [receipt])
        assert ledger.steps()[0].state == to
    else:
        with pytest.raises(LedgerError):
            ledger.record(claim, [receipt])


def test_a_step_is_intended_once(ledger: Ledger) -> None:
    claim = claimed(ledger)
    key = claim.steps[0].step.key
    ledger.intend(claim, [key], LEASE)

    with pytest.raises(LedgerError, match="not planned any more"):
        ledger.intend(claim, [key], LEASE)


def test_a_refused_row_parks_alone_and_the_lane_goes_on(ledger: Ledger) -> None:
    claim = claimed(ledger)
    keys = [row.step.key for row in claim.steps]
    ledger.intend(claim, keys, LEASE)
    ledger.record(claim, [Receipt(key=k, state="sent") for k in keys[1:]]
                  + [Receipt(key=keys[0], state="refused", message="no such item")])  # fmt: skip
    ledger.finish(claim)

    assert [(r.step.key, r.parked) for r in ledger.parked()] == [(keys[0], "no such item")]
    assert claimed(ledger).name == "two"


def test_a_blocked_lane_waits_for_its_parked_row(ledger: Ledger) -> None:
    claim = claimed(ledger)
    keys = [row.step.key for row in claim.steps]
    ledger.intend(claim, keys, LEASE)
    ledger.record(claim, [Receipt(key=k, state="refused", message="no") for k in keys])
    ledger.finish(claim, block=True)

    assert [claim.company for claim in [claimed(ledger)]] == ["GBSI"]
    for key in keys:
        ledger.release(key, "corrected", "me")
    assert claimed(ledger).name == "one"


def test_a_released_row_keeps_its_key_and_is_planned_again(ledger: Ledger) -> None:
    claim = claimed(ledger)
    key = claim.steps[0].step.key
    ledger.intend(claim, [key], LEASE)
    ledger.record(claim, [Receipt(key=key, state="refused", message="no")])
    ledger.put_back(claim, 0, count_attempt=False, because="")
    ledger.release(key[:12], "item released", "me")

    row = ledger.step(key)
    assert row is not None
    assert (row.state, row.parked, row.step.key) == ("planned", "", key)
    with pytest.raises(LedgerError):
        ledger.release(key, "twice", "me")


def test_only_what_had_no_effect_can_be_withdrawn(ledger: Ledger) -> None:
    claim = claimed(ledger)
    sent, planned = claim.steps[1].step.key, claim.steps[2].step.key
    ledger.intend(claim, [sent], LEASE)

    with pytest.raises(LedgerError, match="intended"):
        ledger.withdraw(sent, "why", "me")
    ledger.withdraw(planned, "mapping corrected", "me")

    assert planned not in ledger.sent()
    assert sent in ledger.sent()


def test_a_gate_never_closes_earlier_than_it_was_told(ledger: Ledger) -> None:
    ledger.close_gate("finance", 5_000)
    ledger.close_gate("finance", 10)

    assert 3_000 < ledger.gate("finance") <= 5_000
    assert ledger.gate("dataverse") == 0


@pytest.mark.parametrize(("scope", "left"), [("USMF", ["other"]), ("*", []), ("DEMF", None)])
def test_a_pause_stops_a_company_or_everything(
    ledger: Ledger, scope: str, left: list[str] | None
) -> None:
    ledger.pause(scope, "year end", "me")

    names = {b["id"]: b["name"] for b in ledger.batches()}
    found = [names[b] for b in ledger.ready()]
    assert found == (["one", "other"] if left is None else left)
    assert ledger.resume(scope, "done", "me")
    assert len(ledger.ready()) == 2


def test_a_program_frozen_inside_a_transaction_does_not_hold_up_the_others(
    ledger_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A SQLite file stays held until the program wakes."""
    monkeypatch.setattr("adapter.edge.ledger.engines.IDLE_MS", 300)
    monkeypatch.setattr("adapter.edge.ledger.engines.BUSY_MS", 2000)
    frozen, other = open_ledger(ledger_url), open_ledger(ledger_url)
    is_refused = pytest.raises(LedgerError) if "://" in ledger_url else nullcontext()
    with is_refused, frozen.writing() as db:
        frozen.chain(db, "paused", "USMF", {})
        if "://" in ledger_url:
            other.pause("GBSI", "still at work", "me")
        else:
            with pytest.raises(LedgerError, match="locked"):
                other.pause("GBSI", "must wait", "me")
        frozen.meta(db, "anything")  # it wakes

    assert list(other.pauses()) == (["GBSI"] if "://" in ledger_url else [])
    assert other.verify() == []
    frozen.close()
    other.close()


def test_validate_only_is_expected_and_never_claimed(ledger_url: str) -> None:
    import msgspec

    ledger = open_ledger(ledger_url)
    expected = msgspec.structs.replace(journal("v", "USMF", 2), delivery="validate-only")
    entered(ledger, [expected])

    assert ledger.ready() == []
    assert ledger.claim(expected.document, "w", LEASE) is None
    assert ledger.sent() == {}
    ledger.close()


def test_a_ledger_belongs_to_one_organisation(ledger: Ledger) -> None:
    ledger.pin("organisation of us", "org-1")
    ledger.pin("organisation of us", "org-1")

    with pytest.raises(PinnedElsewhere, match="org-1"):
        ledger.pin("organisation of us", "org-2")


def test_plans_are_noted_once(ledger: Ledger) -> None:
    ledger.note_plan(PlanNote(id="plan-1", as_of="2030-01-01", inputs={"other": "x"}))

    note = ledger.plan("plan-1")
    assert note is not None
    assert (note.as_of, note.inputs) == ("2026-11-30", {})


def test_rows_and_cursor_come_together_or_not_at_all(ledger: Ledger) -> None:
    rows = [InboxRow(id=str(n), version="1", body="{}") for n in range(3)]
    ledger.take_rows("us", "t", rows, "link-1")
    bad = [InboxRow(id="9", version="1", body="{}"),
           InboxRow(id=None, version="1", body="{}")]  # type: ignore[arg-type]  # fmt: skip

    with pytest.raises(LedgerError):
        ledger.take_rows("us", "t", bad, "link-2")

    assert ledger.cursor("us", "t") == "link-1"
    assert [r.id for r in ledger.all_rows("us", "t")] == ["0", "1", "2"]


def test_two_instances_take_the_same_rows_at_once(ledger_url: str) -> None:
    rows = [InboxRow(id=str(n), version="1", body="{}") for n in range(300)]
    ledgers = [open_ledger(ledger_url) for _ in range(2)]
    together = threading.Barrier(2)

    def take(ledger: Ledger) -> int:
        together.wait()
        return ledger.take_rows("us", "t", rows, "link")

    with ThreadPoolExecutor(2) as pool:
        changed = list(pool.map(take, ledgers))
    found = ledgers[0].all_rows("us", "t")
    for ledger in ledgers:
        ledger.close()

    assert sorted(changed) == [0, 300]
    assert len(found) == 300 and all(row.seen_again_ms for row in found)


def test_two_instances_begin_at_once(ledger_url: str) -> None:
    """Each notes, pins, pauses and enters the same."""
    ledgers = [open_ledger(ledger_url) for _ in range(2)]
    together = threading.Barrier(2)

    def begin(ledger: Ledger) -> int:
        together.wait()
        ledger.pin("organisation of us", "abc")
        ledger.pause("USMF", "x", "me")
        ledger.note_plan(PlanNote(id="plan-1", as_of="2030-01-01", inputs={}))
        return ledger.enter("plan-1", [journal(f"d{n}", "USMF", 3) for n in range(30)]).batches

    with ThreadPoolExecutor(2) as pool:
        entered = list(pool.map(begin, ledgers))
    assert sorted(entered) == [0, 30] and ledgers[0].verify() == []
    for ledger in ledgers:
        ledger.close()


def test_a_row_counts_once_it_was_seen_twice(ledger: Ledger) -> None:
    row = InboxRow(id="1", version="5", body='{"a":1}')
    ledger.take_rows("us", "t", [row], None)
    assert list(ledger.rows("us", "t", 0)) == []
    time.sleep(0.03)
    ledger.take_rows("us", "t", [row], None)

    assert [r.id for r in ledger.rows("us", "t", 10)] == ["1"]
    assert list(ledger.rows("us", "t", 60_000)) == []


def test_an_older_version_never_replaces_a_newer_one(ledger: Ledger) -> None:
    newer, older = (InboxRow(id="1", version=v, body=f'{{"v":{v}}}') for v in ("10", "9"))
    ledger.take_rows("us", "t", [newer], None)
    ledger.take_rows("us", "t", [older, InboxRow(id="x", version="", body=None)], None)

    assert [r.version for r in ledger.all_rows("us", "t")] == ["10"]


def test_the_chain_notices_a_changed_link_a_missing_one_and_a_cut_tail(
    ledger: Ledger, tmp_path: Path
) -> None:
    all_sent(ledger, claimed(ledger))
    anchor = tmp_path / "out" / "anchor.jsonl"
    head = ledger.write_anchor(anchor)
    assert ledger.verify(read_anchor(anchor)) == []

    with ledger.writing() as db:
        db.execute(text("UPDATE audit SET who = 'somebody' WHERE seq = 2"))
    assert [f.code for f in ledger.verify()] == ["LED910"]
    with ledger.writing() as db:
        db.execute(text("DELETE FROM audit WHERE seq >= 2"))
    assert ledger.verify() == []
    assert [f.code for f in ledger.verify(head)] == ["LED911"]


def test_every_change_of_state_adds_a_link(ledger: Ledger) -> None:
    def added(what: object) -> int:
        before = ledger.head().count
        what()  # type: ignore[operator]
        return ledger.head().count - before

    claim = claimed(ledger)
    keys = [row.step.key for row in claim.steps]
    assert added(lambda: ledger.intend(claim, keys, LEASE)) == 1
    receipts = [Receipt(key=k, state="sent") for k in keys]
    assert added(lambda: ledger.record(claim, receipts)) == 1
    assert added(lambda: ledger.finish(claim)) == 1
    assert added(lambda: ledger.settle([ReadBack(key=keys[0], reference="R")])) == 1
    assert added(lambda: ledger.park(keys[1], "look", "me")) == 1
    assert added(lambda: ledger.pause("*", "stop", "me")) == 1


def test_an_anchor_file_that_is_none_is_said_to_be_none(tmp_path: Path) -> None:
    path = tmp_path / "anchor"
    assert read_anchor(path) is None
    path.write_text("nonsense\n")
    with pytest.raises(ValueError, match="no anchor"):
        read_anchor(path)


def test_a_restored_ledger_only_reconciles_until_it_is_accepted(
    ledger: Ledger, tmp_path: Path
) -> None:
    all_sent(ledger, claimed(ledger))
    copy = tmp_path / "back-up.db"
    ledger.back_up(copy)
    with pytest.raises(LedgerError, match="never overwrites"):
        ledger.back_up(copy)

    again = restore_ledger(copy, str(tmp_path / "restored.db"))

    counts = ledger.counts()
    assert again.counts() == {**{n: c for n, c in counts.items() if n != "planned"},
                              "unknown": counts["planned"]}  # fmt: skip
    assert again.ready() == []
    assert again.reconcile_only() == "restored from back-up.db"
    again.accept("reconciled to the cent", "me")
    assert len(again.ready()) == 2
    assert again.verify() == []
    with pytest.raises(LedgerError, match="not empty"):
        restore_ledger(copy, again.url)
    again.close()


def test_retention_keeps_keys_amounts_and_chain(ledger: Ledger) -> None:
    claim = claimed(ledger)
    all_sent(ledger, claim)
    for row in claim.steps:
        ledger.settle([ReadBack(key=row.step.key)])
    before = {r.step.key: (r.step.amount, r.step.digest) for r in ledger.steps()}

    assert ledger.retain(ledger.now() + 1) == 4
    assert ledger.retain(ledger.now() + 1) == 0
    assert {r.step.key: (r.step.amount, r.step.digest) for r in ledger.steps()} == before
    assert ledger.verify() == []


def test_two_processes_never_hold_the_same_batch(ledger_url: str) -> None:
    """Both claim, intend and give back as fast as they can; each fence is used by one of them."""
    ledger = open_ledger(ledger_url)
    entered(ledger, consignments(1, 3, 2))
    workers = [
        subprocess.Popen([sys.executable, "-c", FIGHT, ledger_url, name], stdout=subprocess.PIPE)
        for name in ("a", "b")
    ]
    seen: dict[str, str] = {}
    doubled = []
    for worker in workers:
        out, _ = worker.communicate(timeout=60)
        for line in out.decode().splitlines():
            batch_and_fence, name = line.rsplit(" ", 1)
            doubled += [line] if seen.setdefault(batch_and_fence, name) != name else []
    ledger.close()

    assert doubled == []
    assert len(set(seen.values())) == 2, "both must have had a turn"


FIGHT = """
import sys, time
from adapter.edge.ledger import open_ledger
ledger = open_ledger(sys.argv[1])
until = time.monotonic() + 1.5
while time.monotonic() < until:
    for batch in ledger.ready():
        claim = ledger.claim(batch, sys.argv[2], 60000)
        if claim is not None:
            print(batch, claim.fence, sys.argv[2])
            ledger.put_back(claim, 0, count_attempt=False, because="")
ledger.close()
"""


def test_a_full_disk_gives_the_whole_unit_of_work_up(tmp_path: Path) -> None:
    ledger = open_ledger(str(tmp_path / "ledger.db"))
    ledger.note_plan(PlanNote(id="plan-1", as_of="2026-11-30"))
    with ledger.engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    full = [journal(f"j{n}", "USMF", 50) for n in range(50)]

    from sqlalchemy import event

    @event.listens_for(ledger.engine, "begin")
    def small(connection: object) -> None:
        connection.exec_driver_sql(  # type: ignore[attr-defined]
            f"PRAGMA max_page_count={pages + 5}"
        )

    with pytest.raises(LedgerError, match="full"):
        ledger.enter("plan-1", full)

    assert ledger.steps() == []
    assert ledger.plan("plan-1") is not None
    ledger.close()


def test_a_locked_database_is_an_error_and_not_a_half_written_one(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    ledger = open_ledger(str(path))
    entered(ledger, [journal("one", "USMF", 1)])
    with ledger.engine.connect() as connection:
        raw = connection.connection.driver_connection
        assert isinstance(raw, sqlite3.Connection)
        raw.execute("PRAGMA busy_timeout=50")
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(LedgerError, match="locked"):
        ledger.pause("*", "stop", "me")
    other.execute("ROLLBACK")
    ledger.pause("*", "stop", "me")

    assert list(ledger.pauses()) == ["*"]
    other.close()
    ledger.close()


def test_a_ledger_that_cannot_be_opened_says_why() -> None:
    with pytest.raises(LedgerError, match="cannot be opened"):
        open_ledger("postgresql+psycopg://nobody@127.0.0.1:1/none?connect_timeout=1")
    with pytest.raises(LedgerError, match="cannot be opened"):
        open_ledger("nonsense://x")


def test_an_empty_chain_has_an_empty_head(tmp_path: Path) -> None:
    ledger = open_ledger(str(tmp_path / "ledger.db"))
    assert ledger.head() == Head()
    ledger.close()


def test_a_file_that_another_program_holds_is_a_clear_error_and_works_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pragmas = ("journal_mode=WAL", "busy_timeout=1")
    monkeypatch.setattr("adapter.edge.ledger.engines.WRITES", pragmas)
    path = tmp_path / "ledger.db"
    made = open_ledger(str(path))
    made.audit("noted", "before", {})
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(LedgerError, match="could not be written: database is locked"):
        made.audit("noted", "meanwhile", {})
    with pytest.raises(LedgerError, match="cannot be opened: database is locked"):
        open_ledger(str(path))
    holder.execute("ROLLBACK")
    holder.close()
    made.audit("noted", "after", {})
    said = [row.subject for row in made.events() if row.event == "noted"]
    broken = made.verify()
    made.close()

    assert said == ["before", "after"] and not broken
