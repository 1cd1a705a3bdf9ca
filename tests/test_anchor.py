"""The anchor of a ledger that was restored, copied back or lost: told, and moved on by a person."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.commands import small_company
from tests.sending_given import Desk

WHY = ("--because", "both sides agree")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with Desk(small_company(tmp_path / "w", 12), keys=False) as one:
        one.write(one.overlay.replace("[ledger]", '[ledger]\nanchor = "../anchor.jsonl"'))
        yield one


def anchors(desk: Desk) -> list[dict[str, object]]:
    text = (desk.folder.parent / "anchor.jsonl").read_text()
    return [json.loads(line) for line in text.splitlines()]


def away(desk: Desk) -> None:
    """The ledger's file is gone."""
    for path in desk.folder.glob("ledger-twin.db*"):
        path.unlink()


def accepted(desk: Desk) -> dict[str, object]:
    """What the chain says of the acceptance."""
    from adapter.edge.ledger import open_ledger

    ledger = open_ledger(str(desk.folder / "ledger-twin.db"))
    try:
        return json.loads([e for e in ledger.events() if e.event == "accepted"][-1].detail)  # type: ignore[no-any-return]
    finally:
        ledger.close()


@pytest.mark.parametrize("way", ["restored", "copied", "lost"])
def test_accept_moves_the_anchor_on_and_nothing_is_sent_twice(desk: Desk, way: str) -> None:
    plan = desk.plan()
    desk.run("send", plan, "--first", "1")
    copy = desk.folder.parent / "back-up.db"
    desk.run("ledger", "back-up", str(copy))
    assert desk.run("send", plan).code == 0
    old, effects = anchors(desk)[-1], desk.rows
    away(desk)
    if way == "restored":
        assert desk.run("ledger", "restore", str(copy)).code == 0
    elif way == "copied":
        shutil.copy(copy, desk.folder / "ledger-twin.db")
    else:
        plan = desk.plan()

    status, refused = desk.run("status"), desk.run("send", plan)
    done = desk.run("ledger", "accept", *WHY)
    verified = desk.run("ledger", "verify")
    after, told = desk.run("status"), accepted(desk)
    again = desk.run("send", plan)

    assert status.code == 1 and "LED911" in status.out
    assert refused.code == 2
    assert done.code == 0 and "its anchor ../anchor.jsonl is link" in done.out
    assert told["anchored"] == old["count"] and told["anchor"] == old["digest"]
    assert told["because"] == "both sides agree"
    assert verified.code == 0 and "whole" in verified.out
    assert "LED911" not in after.out
    assert again.code == 0, again.out + again.err
    assert desk.rows == effects and desk.twin.state()["doubles"] == {}
    assert desk.run("ledger", "verify").code == 0


def test_a_ledger_that_its_anchor_knows_is_accepted_as_before(desk: Desk) -> None:
    desk.run("send", desk.plan())
    before = len(anchors(desk))

    done = desk.run("ledger", "accept", *WHY)

    assert done.out == "accepted: it sends again\n"
    assert accepted(desk) == {"because": "both sides agree"}
    assert len(anchors(desk)) == before + 1
    assert not any(r.state == "unknown" for r in desk.steps())


def test_a_broken_chain_is_not_accepted(desk: Desk) -> None:
    import sqlite3

    desk.run("send", desk.plan())
    with sqlite3.connect(desk.folder / "ledger-twin.db") as db:
        db.execute("UPDATE audit SET who = 'somebody' WHERE seq = 2")

    done = desk.run("ledger", "accept", *WHY)

    assert done.code == 2 and "LED910" in done.err and "Nothing was accepted" in done.err
