"""`pull` and `run`: live rows, seen twice; records read again before their first send."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapter.edge.ledger import open_ledger
from tests.commands import small_company
from tests.sending_given import Desk

ACTUALS = "msdyn_actuals"
FRESH = "00000000-0000-4000-8000-111111111111"
PHANTOM = "99999999-0000-4000-8000-111111111111"
QUICK = "[sending]\nsettle_delay_seconds = 0\nplan_seconds = 1\n"
SLOW = "[sending]\nsettle_delay_seconds = 3600\n"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with Desk(small_company(tmp_path / "w", 12)) as made:
        made.overlay = made.overlay.replace("[sending]\n", QUICK)
        made.write(made.overlay)
        yield made


def records(desk: Desk) -> dict[str, dict[str, object]]:
    """Actuals of the records, by id."""
    rows = [json.loads(line) for line in path_of_actuals(desk).read_text("utf-8").splitlines()]
    return {str(row["msdyn_actualid"]): row for row in rows}


def test_rows_come_in_when_they_were_seen_twice(desk: Desk) -> None:
    before = set(records(desk))
    store = desk.twin.dataverse.store
    fresh = {**store.rows[ACTUALS][0].row, "msdyn_actualid": FRESH}

    first = desk.run("pull")
    store.insert(ACTUALS, fresh)
    desk.write(desk.overlay.replace(QUICK, SLOW))
    desk.run("pull")
    seen_once = set(records(desk))
    desk.write(desk.overlay)
    desk.run("pull")

    assert first.code == 0, first.err
    assert seen_once >= before and fresh["msdyn_actualid"] not in seen_once
    assert fresh["msdyn_actualid"] in records(desk)


def test_the_records_stay_as_they_were_until_rows_were_seen_twice(desk: Desk) -> None:
    files = sorted((desk.folder / "records").rglob("*.jsonl"))
    before = {path: path.read_text("utf-8").splitlines() for path in files}
    desk.write(desk.overlay.replace(QUICK, SLOW))
    store = desk.twin.dataverse.store

    first = desk.run("pull")
    after = {path: path.read_text("utf-8").splitlines() for path in files}
    store.change(store.rows[ACTUALS][0], {"msdyn_description": "seen once"})
    store.remove(ACTUALS, store.rows[ACTUALS][1])
    desk.run("pull")

    assert first.code == 0 and {p: sorted(r) for p, r in after.items()} == {
        p: sorted(r) for p, r in before.items()
    }
    kept = records(desk)
    assert len(kept) == len(before[path_of_actuals(desk)]) - 1
    assert "seen once" not in {row.get("msdyn_description") for row in kept.values()}


def path_of_actuals(desk: Desk) -> Path:
    return desk.folder / "records" / "contoso-us" / "msdyn_actual.jsonl"


def test_a_row_that_was_rolled_back_never_comes_in(desk: Desk) -> None:
    store = desk.twin.dataverse.store
    desk.run("pull")
    phantom = {**store.rows[ACTUALS][0].row, "msdyn_actualid": PHANTOM}
    kept = store.insert(ACTUALS, phantom)
    desk.write(desk.overlay.replace(QUICK, SLOW))
    desk.run("pull")
    assert kept is not None
    store.remove(ACTUALS, kept)
    desk.write(desk.overlay)

    desk.run("pull")
    desk.run("pull")

    assert phantom["msdyn_actualid"] not in records(desk)


def test_a_link_to_an_address_of_before_reads_all_anew(desk: Desk) -> None:
    first = desk.run("pull")
    ledger = open_ledger(str(desk.folder / "ledger-twin.db"))
    link = ledger.cursor("contoso-us", "msdyn_actual")
    assert link is not None
    port = desk.server.base.rpartition(":")[2]
    moved = link.replace(f":{port}", ":1")
    ledger.take_rows("contoso-us", "msdyn_actual", [], moved)
    again = desk.run("pull")
    now = ledger.cursor("contoso-us", "msdyn_actual")
    third = desk.run("pull")
    ledger.close()

    said = "msdyn_actual: the address of Dataverse changed, so all of it is read anew"
    assert moved != link and (first.code, again.code, third.code) == (0, 0, 0)
    assert said in again.err and said not in first.err + third.err
    assert now is not None and ":1/" not in now and f":{port}/" in now


def test_changes_and_deletions_come_by_delta_and_an_expired_link_reads_all(desk: Desk) -> None:
    store = desk.twin.dataverse.store
    desk.run("pull")
    rows = [k for k in store.rows[ACTUALS] if str(k.row["msdyn_actualid"]) in records(desk)]
    store.change(rows[0], {"msdyn_description": "changed"})
    store.remove(ACTUALS, rows[1])
    desk.run("pull")
    by_delta = records(desk)
    store.remove(ACTUALS, rows[2])
    desk.twin.dataverse.expired = 1 << 60

    desk.run("pull")

    assert by_delta[str(rows[0].row["msdyn_actualid"])]["msdyn_description"] == "changed"
    assert str(rows[1].row["msdyn_actualid"]) not in by_delta
    assert str(rows[2].row["msdyn_actualid"]) in by_delta
    assert str(rows[2].row["msdyn_actualid"]) not in records(desk)


def test_an_actual_that_changed_after_the_plan_is_parked_not_sent(desk: Desk) -> None:
    desk.run("pull")
    plan = desk.plan()
    kept = next(k for k in desk.twin.dataverse.store.rows[ACTUALS]
                if str(k.row["msdyn_actualid"]) == _cost(desk))  # fmt: skip
    desk.twin.dataverse.store.change(kept, {"msdyn_description": "a person was faster"})

    done = desk.run("send", plan)

    (parked,) = [r for r in desk.steps() if r.parked]
    assert done.code == 1
    assert parked.step.actual == kept.row["msdyn_actualid"] and parked.state == "planned"
    assert "changed after the plan" in parked.parked
    assert {r.state for r in desk.steps() if not r.parked} == {"sent"}


def test_what_was_planned_from_files_leaves_after_the_first_pull_unless_it_differs(
    desk: Desk,
) -> None:
    plan = desk.plan()
    desk.run("send", plan, "--first", "1")
    waiting = [r for r in desk.steps() if r.state == "planned" and r.step.actual]
    kept = next(k for k in desk.twin.dataverse.store.rows[ACTUALS]
                if str(k.row["msdyn_actualid"]) == waiting[0].step.actual)  # fmt: skip
    desk.twin.dataverse.store.change(kept, {"msdyn_description": "the files are older"})

    desk.run("pull")
    desk.run("send", plan)

    parked = {r.step.actual: r.parked for r in desk.steps() if r.parked}
    assert set(parked) == {kept.row["msdyn_actualid"]}
    assert "changed after the plan" in parked[str(kept.row["msdyn_actualid"])]
    assert {r.state for r in desk.steps() if not r.parked} == {"sent"}
    assert len(waiting) > 1


def _cost(desk: Desk) -> str:
    report = json.loads(desk.run("plan", "--format", "json", "--all").out)
    return str(next(
        a["id"] for a in report["actuals"]
        if a["type"] == "cost" and a["ledger"]["answer"] == "send"
    ))  # fmt: skip


def test_dataverse_that_does_not_answer_lets_nothing_unread_leave(desk: Desk) -> None:
    desk.run("pull")
    plan = desk.plan()
    real = desk.twin.dataverse._list  # what lists rows; single rows and WhoAmI go on
    desk.twin.dataverse._list = lambda asked, entity: (  # type: ignore[method-assign]
        desk.twin.dataverse.batch(asked) if entity == ACTUALS else real(asked, entity)
    )

    done = desk.run("send", plan, "--wait", "2")

    assert done.code == 1 and "cannot be read again" in done.out
    assert not any(r.state == "sent" and r.step.actual for r in desk.steps())


@pytest.mark.parametrize("enter", ["by-hand", "automatic"])
def test_run_pulls_plans_and_sends_as_the_settings_say(desk: Desk, enter: str) -> None:
    desk.write(desk.overlay.replace(QUICK, f'{QUICK}enter = "{enter}"\n'))
    command = [sys.executable, "-m", "adapter.edge.cli", "run", str(desk.folder), "--env", "twin"]
    with subprocess.Popen(command, env={**os.environ, "PYTHONUNBUFFERED": "1"},
                          stderr=subprocess.PIPE, text=True) as process:  # fmt: skip
        try:
            until = time.monotonic() + 60
            while time.monotonic() < until and not _is_there(desk, enter):
                time.sleep(0.2)
        finally:
            process.send_signal(signal.SIGTERM)
            _, said = process.communicate(timeout=30)

    states = {row.state for row in desk.steps()}
    assert process.returncode == 0, said
    assert "documents to send" in said
    assert states <= ({"sent", "settled"} if enter == "automatic" else set())
    assert bool(desk.rows) == (enter == "automatic")
    assert desk.twin.state()["doubles"] == {}


def _is_there(desk: Desk, enter: str) -> bool:
    """Whether `run` did what it is to do: all is sent, or a plan was made."""
    from adapter.edge.ledger import open_ledger

    path = desk.folder / "ledger-twin.db"
    if not path.is_file():
        return False
    ledger = open_ledger(str(path))
    try:
        if enter == "by-hand":
            return ledger.latest_plan() is not None
        rows = ledger.steps()
        return bool(rows) and all(row.state in ("sent", "settled") for row in rows)
    finally:
        ledger.close()
