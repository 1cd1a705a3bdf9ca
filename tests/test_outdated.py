"""Rows whose actual is not what was planned any more: what a person is told to do with them."""

import json

import pytest

from adapter.edge.ledger import StepRow
from adapter.making.outdated import BY_NOW, CHANGED, MISSING, is_outdated
from adapter.making.taken_back import WHY as CANCELLED
from tests.commands import ran
from tests.sending_given import Desk
from tests.test_taken_back import cancelled_before_it_left

WHY = ("--because", "the consultant said so")


def changed_after_a_canary(desk: Desk) -> tuple[str, StepRow]:
    """A plan of which one document left, and a row of it whose actual says something else."""
    plan = desk.plan()
    desk.run("send", plan, "--first", "1")
    row = next(r for r in desk.steps() if r.state == "planned" and r.step.actual
               and r.step.part == "line" and r.system == "finance")  # fmt: skip
    path = next(desk.folder.rglob("msdyn_actual.jsonl"))
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    for one in rows:
        if one["msdyn_actualid"] == row.step.actual:
            one["msdyn_transactiontypecode"] = 999
    path.write_text("".join(json.dumps(one) + "\n" for one in rows), "utf-8")
    return plan, row


@pytest.mark.parametrize(
    ("because", "state", "said"),
    [
        (CHANGED, "planned", True), (MISSING, "planned", True), (CANCELLED, "planned", True),
        ("the actual changed after the plan", "planned", True),  # of an older version
        (f"{BY_NOW['held']}: `fieldledger explain 1`", "planned", True),
        (CANCELLED, "settled", False), (CHANGED, "sent", False), ("not yet", "planned", False),
        ("its header is not there", "planned", False),
    ],
)  # fmt: skip
def test_only_what_has_not_left_can_be_taken_back(because: str, state: str, said: bool) -> None:
    assert is_outdated(because, state) is said


def test_what_is_not_so_any_more_is_taken_back_and_not_released(desk: Desk) -> None:
    plan, row = changed_after_a_canary(desk)
    key = row.step.key[:12]

    told = [desk.run("send", plan).out, desk.run("status").out]
    told.append(ran(["explain", row.step.actual, "--workspace", str(desk.folder), "--env",
                     "twin"]).out.partition("In the ledger")[2])  # fmt: skip

    for text in told:
        assert f"fieldledger withdraw {key} --because outdated" in text
        assert "fieldledger plan" in text and "release" not in text
    parked = [r.step.key[:12] for r in desk.steps() if r.parked]
    assert desk.run("withdraw", *parked, *WHY).code == 0
    assert desk.run("status").code == 0


def test_other_parked_rows_beside_it_keep_their_hint(desk: Desk) -> None:
    plan, row = changed_after_a_canary(desk)
    desk.run("send", plan)
    other = next(r for r in desk.steps() if r.state == "sent" and r.step.part == "line")
    desk.run("park", other.step.key, *WHY)

    text = desk.run("status").out

    assert f"withdraw {row.step.key[:12]} --because outdated" in text
    assert f"release {other.step.key[:12]} --because corrected" in text


def test_a_cancelled_sale_that_has_not_left_is_not_offered_for_release(desk: Desk) -> None:
    plan, _, key = cancelled_before_it_left(desk)

    sent = desk.run("send", plan).out
    status = desk.run("status").out

    assert CANCELLED in {r.parked for r in desk.steps() if r.step.key == key}
    for text in (sent, status):
        assert "--because outdated" in text and "release" not in text


def test_it_may_be_released_and_sent_all_the_same_and_that_is_told(desk: Desk) -> None:
    plan, row = changed_after_a_canary(desk)
    desk.run("send", plan)
    key = row.step.key[:12]

    released = desk.run("release", key, *WHY)
    desk.run("send", plan)  # looks again, and holds it back again
    replayed = desk.run("replay", key, *WHY)

    assert released.code == 0 and "goes as it was planned" in released.out
    assert f"withdraw {key} --because outdated" in released.out
    assert replayed.code == 0 and "it is sent as it was planned" in replayed.err
    (now,) = [r for r in desk.steps() if r.step.key == row.step.key]
    assert now.state == "sent" and now.step.body == row.step.body
