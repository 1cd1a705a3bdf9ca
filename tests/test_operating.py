"""What operators get wrong: names, formats and keys that are not there, and ledgers not ready."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.commands import small_company
from tests.sending_given import Desk

WHY = ("--because", "the consultant said so")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with Desk(small_company(tmp_path / "w", 12)) as made:
        yield made


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
