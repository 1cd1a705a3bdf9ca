"""What operators get wrong: names, formats and keys that are not there, and ledgers not ready."""

import json
from pathlib import Path

import pytest

from tests.commands import small_company
from tests.sending_given import Desk

WHY = ("--because", "the consultant said so")


@pytest.mark.parametrize("words", [("reconcile",), ("send", "000000000000")])
def test_a_company_that_is_not_there_is_refused_never_counted_as_done(
    desk: Desk, words: tuple[str, ...]
) -> None:
    done = desk.run(*words, "--company", "USFM")

    assert done.code == 2 and done.out == ""
    assert "USFM is no company of this workspace: CAMF, GBSI, USMF, USPM" in done.err


def test_a_format_that_status_does_not_know_is_refused(desk: Desk) -> None:
    done = desk.run("status", "--format", "html")

    assert done.code == 2 and "--format is one of text, json" in done.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("back-up",), "needs the name of a file"),
        (("restore",), "needs the name of a file"),
        (("retain",), "needs a day such as 2025-01-01, not ''"),
        (("retain", "yesterday"), "not 'yesterday'"),
    ],
)
def test_the_ledger_says_what_it_needs(desk: Desk, words: tuple[str, ...], said: str) -> None:
    done = desk.run("ledger", *words)

    assert done.code == 2 and said in done.err


def test_a_back_up_makes_no_folder(desk: Desk) -> None:
    desk.run("send", desk.plan(), "--first", "1")
    folder = desk.folder / "mounted" / "back-ups"

    refused = desk.run("ledger", "back-up", str(folder / "ledger.db"))
    folder.mkdir(parents=True)
    done = desk.run("ledger", "back-up", str(folder / "ledger.db"))

    assert refused.code == 2 and f"there is no folder {folder}: nothing was" in refused.err
    assert done.code == 0 and [p.name for p in folder.iterdir()] == ["ledger.db"]


def test_one_wrong_key_and_no_row_is_touched(desk: Desk) -> None:
    desk.run("send", desk.plan(), "--first", "1")
    waiting = next(r for r in desk.steps() if r.state == "planned").step.key

    for what in ("park", "release", "withdraw", "replay", "accept"):
        done = desk.run(what, waiting[:12], "nothing-at-all", *WHY)
        assert done.code == 2 and "nothing-at-all is not the beginning" in done.err
        assert f"{what} (" not in done.out

    assert waiting in {r.step.key for r in desk.steps() if not r.parked}


def test_resume_says_what_was_not_paused_and_what_still_is(desk: Desk) -> None:
    desk.run("pause", "all", *WHY)

    other = desk.run("resume", "GBSI", *WHY)
    done = desk.run("resume", "all", *WHY)

    assert "GBSI was not paused" in other.out and "still paused: everything" in other.out
    assert done.out.startswith("resumed everything") and "still" not in done.out


def test_replay_refuses_a_restored_ledger_at_once_as_send_does(desk: Desk) -> None:
    desk.run("send", desk.plan())
    key = desk.steps()[0].step.key
    desk.run("park", key, *WHY)
    desk.run("ledger", "back-up", str(desk.folder / "back-up.db"))
    for path in desk.folder.glob("ledger-twin.db*"):
        path.unlink()
    desk.run("ledger", "restore", str(desk.folder / "back-up.db"))

    done = desk.run("replay", key, *WHY)

    assert done.code == 2 and "only reconciles" in done.err
    assert [r.parked for r in desk.steps() if r.step.key == key] == ["the consultant said so"]


def test_replay_says_why_a_row_waits(desk: Desk) -> None:
    desk.run("send", desk.plan(), "--first", "1")
    waiting = next(r for r in desk.steps() if r.state == "planned")
    desk.run("pause", "all", *WHY)

    done = desk.run("replay", waiting.step.key, *WHY)

    assert done.code == 1 and f"waits  {waiting.document}" in done.out
    assert "paused everything: the consultant said so" in done.out


@pytest.mark.parametrize("keys", [False, True])
def test_a_lost_ledger_doubles_nothing(tmp_path: Path, keys: bool) -> None:
    with Desk(small_company(tmp_path / "w", 12), keys=keys) as desk:
        desk.run("send", desk.plan())
        effects = desk.rows
        in_finance = sum(row.system == "finance" for row in desk.steps())
        for path in desk.folder.glob("ledger-twin.db*"):
            path.unlink()

        refused = desk.run("send", desk.plan())
        again = desk.run("send", desk.plan())
        shown = desk.run("status")
        running = None if keys else desk.run("run")
        desk.run("ledger", "accept", *WHY)
        done = desk.run("send", desk.plan())

        assert desk.rows == effects and desk.twin.state()["doubles"] == {}
        assert done.code == 0 and {r.state for r in desk.steps()} == {"sent"}
        assert refused.code == again.code == (0 if keys else 2)  # enforced keys: all were found
        if running is not None:
            assert f"begun anew beside {in_finance} rows with keys of ours" in refused.err
            assert running.code == 2 and "only reconciles" in running.err
            assert shown.code == 1 and "only reconciles" in shown.out


def test_a_first_send_into_a_new_finance_is_not_held_up(tmp_path: Path) -> None:
    with Desk(small_company(tmp_path / "w", 12), keys=False) as desk:
        assert desk.run("send", desk.plan()).code == 0


def test_send_names_what_earlier_plans_left_and_does_not_say_that_all_was_sent(
    desk: Desk,
) -> None:
    first = desk.plan()
    desk.run("send", first, "--first", "1")
    second = desk.plan()

    left = desk.run("send", second)
    elsewhere = desk.run("send", second, "--company", "USPM")
    done = desk.run("send", first)
    end = desk.run("send", second)

    assert first != second
    assert left.code == 1 and f"`fieldledger send {first} --workspace " in left.out
    assert elsewhere.code == 0
    assert done.code == 0 and end.code == 0 and end.out == f"Plan {second}: nothing to send.\n"


def test_send_of_the_same_plan_says_what_is_parked(desk: Desk) -> None:
    plan = desk.plan()
    desk.run("send", plan)
    desk.run("park", desk.steps()[-1].step.key, *WHY)

    done = desk.run("send", plan)

    assert done.code == 1 and "1 of its rows are parked" in done.out
    stands = desk.run("status")
    assert stands.code == 1 and "Next:\n  fieldledger " in stands.out
    assert f"release {desk.steps()[-1].step.key[:12]} --because corrected --work" in stands.out


@pytest.mark.parametrize("words", [("status",), ("plan",), ("reconcile",)])
def test_a_secret_that_is_not_there_is_no_fault_of_ours(
    desk: Desk, words: tuple[str, ...]
) -> None:
    desk.write(desk.overlay.replace('url = "ledger-twin.db"', 'url_from = "env:NOBODY_SET_THIS"'))

    done = desk.run(*words)

    assert done.code == 2
    assert done.err == "fieldledger: there is no secret env:NOBODY_SET_THIS\n"


def test_a_document_whose_last_unknown_row_was_asked_for_waits_no_more(desk: Desk) -> None:
    desk.run("send", desk.plan())
    desk.run("settle")
    key = desk.steps()[0].step.key
    desk.run("park", key, *WHY)
    desk.run("release", key, *WHY)

    settled = desk.run("settle")
    shown = desk.run("status")

    assert settled.code == 0 and "0 still unknown" in settled.out
    assert shown.code == 0 and "waits" not in shown.out
    assert desk.run("send", desk.plan()).code == 0


def test_status_tells_what_waits_by_company_with_rows_and_money(desk: Desk) -> None:
    desk.run("send", desk.plan(), "--first", "1")

    short, full = desk.run("status"), desk.run("status", "--all")
    told = json.loads(desk.run("status", "--format", "json").out)

    groups = told["waiting_by_company"]
    assert sum(g["documents"] for g in groups) == told["batches_open"]
    assert {m["side"] for g in groups for m in g["money"] if m["document"] == "journal"} == {
        "cost", "sales"}  # fmt: skip
    assert short.out.count("waits ") == len(groups) and "--all lists each" in short.out
    assert full.out.count("waits ") == len(groups) + told["batches_open"]
