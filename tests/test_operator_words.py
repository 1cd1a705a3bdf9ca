"""What commands of sending say: figures that are right, steps that help, nothing raw."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapter.edge.ledger import Ledger, LedgerError, open_ledger
from adapter.edge.sending import working
from adapter.edge.sending.ports import Found
from adapter.edge.sending.status_command import SHOWN_MAX, status_of, status_text
from adapter.edge.twin.faults import Faults, Scripted
from tests.proof.consignments import entered, journal
from tests.sending_given import Desk

ESC = "a\x1b[31mb"
WHY = ("--because", "the consultant said so")


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    made = open_ledger(str(tmp_path / "ledger.db"))
    entered(made, [journal("one", "USMF", 100), journal("two", "CAMF", 3)])
    yield made
    made.close()


def told_of(ledger: Ledger, every: bool = False) -> str:
    return status_text({**status_of(ledger), "begun": True}, every)


def test_all_parked_rows_are_counted_and_can_be_listed(ledger: Ledger) -> None:
    for row in ledger.steps():
        if row.step.company == "USMF":
            ledger.park(row.step.key, "odd", "me")
    made, short, whole = status_of(ledger), told_of(ledger), told_of(ledger, every=True)

    assert made["parked_count"] == len(made["parked"]) == 101 and made["unknown_count"] == 0
    assert sum(line.startswith("parked ") for line in short.splitlines()) == SHOWN_MAX
    assert "... and 61 more parked: `fieldledger status --all`" in short
    assert sum(line.startswith("parked ") for line in whole.splitlines()) == 101
    assert "more parked" not in whole


def test_documents_of_which_all_was_withdrawn_do_not_wait(ledger: Ledger) -> None:
    for row in ledger.steps():
        if row.step.company == "CAMF":
            ledger.withdraw(row.step.key, "wrong", "me")
    made = status_of(ledger)

    assert [one["company"] for one in made["waiting_by_company"]] == ["USMF"]
    assert made["batches_open"] == 1 and "CAMF" not in told_of(ledger)


def test_a_row_that_is_on_its_way_has_a_reason(ledger: Ledger) -> None:
    claim = ledger.claim(ledger.ready()[0], "w", 60_000)
    assert claim is not None
    ledger.intend(claim, [row.step.key for row in claim.steps], 60_000)
    made = status_of(ledger)

    assert made["unknown_count"] == len(claim.steps)
    assert all("its answer was lost" in row["because"] for row in made["unknown"])
    lines = [x for x in told_of(ledger).splitlines() if x.startswith("unknown")]
    assert lines and not any(" :" in line or "  :" in line for line in lines)


def test_a_pull_that_is_cut_short_tells_no_copies(desk: Desk) -> None:
    desk.twin.faults = Faults(script=[
        Scripted(match="GET /dataverse/.*", fault="throttle", nth=12, times=100, seconds=400)
    ])  # fmt: skip
    done = desk.run("pull")

    assert "asks to wait" in done.out, done.out + done.err
    assert "look like copies" not in done.out


def test_send_says_what_this_call_did_and_what_the_plan_has(desk: Desk) -> None:
    plan = desk.plan()
    desk.run("pause", "GBSI", *WHY)
    first = desk.run("send", plan, "--wait", "2")
    before = sum(row.state == "sent" for row in desk.steps())
    desk.run("resume", "GBSI", *WHY)
    second = desk.run("send", plan)
    every = len(desk.steps())

    assert 0 < before < every and second.code == 0
    assert f"Plan {plan}: {before} sent now, " in first.out
    assert second.out.splitlines() == [
        f"Plan {plan}: {every - before} sent now", f"  in all {every} rows: {every} sent",
    ]  # fmt: skip


@pytest.mark.parametrize("scope", ["all", "GBSI"])
def test_what_is_paused_is_resumed_and_nothing_else_is_said(desk: Desk, scope: str) -> None:
    plan = desk.plan()
    desk.run("pause", scope, "--because", ESC)
    done = desk.run("send", plan, "--wait", "0")
    name = "everything" if scope == "all" else scope

    assert f"  paused {name}: a\\u001b[31mb" in done.out
    assert "goes on by itself" not in done.out and "paused *" not in done.out
    assert f'resume {scope} --because "ready again" --workspace' in done.out.replace("\n", " ")


def test_a_database_that_is_down_is_told_once(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    plan, real, calls = desk.plan(), working._open, list[int]()

    def down(here: object) -> list[working.Batch]:
        calls.append(1)
        if len(calls) < 5:
            raise LedgerError("the ledger could not be read: it is down")
        return real(here)  # type: ignore[arg-type]

    monkeypatch.setattr(working, "_open", down)
    done = desk.run("send", plan)

    assert done.code == 0 and done.err.count("it is down") == 1
    assert "batch :" not in done.err


def test_the_hints_of_verify_and_replay_work_where_the_reader_stands(desk: Desk) -> None:
    desk.write(desk.overlay + '\n[ledger]\nurl = "ledger-twin.db"\nanchor = "head.txt"\n'
               if "[ledger]" not in desk.overlay else
               desk.overlay.replace("[ledger]\n", '[ledger]\nanchor = "head.txt"\n'))  # fmt: skip
    desk.run("send", desk.plan(), "--first", "1")
    (desk.folder / "head.txt").write_text('{"count": 9999, "digest": "ab"}\n', "utf-8")
    verified = desk.run("ledger", "verify")

    assert verified.code == 1 and "LED911" in verified.out
    assert "accept --because ..." in verified.out and "--env twin`" in verified.out


def test_control_characters_never_reach_the_terminal(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.run("send", desk.plan())
    for row in desk.steps()[:2]:
        desk.run("park", row.step.key, "--because", ESC)
    desk.run("pause", "GBSI", "--because", ESC)
    kinds = {row.step.entity for row in desk.steps() if row.system == "finance"}
    from adapter.edge.finance.neighbour import FinanceNeighbour

    real = FinanceNeighbour.find

    def odd(self: FinanceNeighbour, steps: object) -> dict[str, Found]:
        found = real(self, steps)  # type: ignore[arg-type]
        return {
            key: Found(state="found", row={n: ESC if isinstance(v, str) and "T" not in v else v
                                           for n, v in one.row.items()})
            for key, one in found.items()
        }  # fmt: skip

    monkeypatch.setattr(FinanceNeighbour, "find", odd)
    said = [desk.run(*words) for words in (
        ["status"], ["status", "--all"], ["reconcile"], ["resume", "GBSI", "--because", ESC])]

    assert kinds and "\\u001b[31m" in said[0].out and "\\u001b[31m" in said[2].out
    assert not any("\x1b" in done.out + done.err for done in said)


def test_status_as_data_counts_too(desk: Desk) -> None:
    desk.run("send", desk.plan())
    made = json.loads(desk.run("status", "--format", "json").out)

    assert (made["parked_count"], made["unknown_count"]) == (0, 0)
