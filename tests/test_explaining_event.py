"""Events and terms of the law explained from the table of events, and docs/events.md."""

import os
from pathlib import Path

import pytest

from adapter.making.event_table import EVENTS, MONEY_TERMS
from adapter.telling.explaining_event import TERMS, events_page, explain_event, is_event_or_term
from tests.commands import ran

PAGE = Path(__file__).parents[1] / "docs/events.md"


def test_the_page_of_all_events_is_current() -> None:
    if os.environ.get("FIELDLEDGER_GOLDEN") == "write":
        PAGE.write_text(events_page(), encoding="utf-8")

    assert PAGE.read_text("utf-8") == events_page(), "FIELDLEDGER_GOLDEN=write rewrites it"


@pytest.mark.parametrize("event", EVENTS)
def test_every_event_tells_what_it_makes_changes_connects_and_moves(event) -> None:
    row, told = EVENTS[event], explain_event(event.lower())
    heads = [line.split()[0] for line in told["page"]]

    assert (told["code"], told["name"], told["source"]) == (event, row.name, row.source)
    assert heads.count("makes") == len(row.creates)
    assert heads.count("state") == len(row.marks)
    assert heads.count("connects") == len(row.connects)
    assert heads.count("law") == max(len(row.moves), 1)
    assert heads.count("before") >= 1


@pytest.mark.parametrize("term", MONEY_TERMS)
def test_every_term_names_the_events_that_move_it(term) -> None:
    told = explain_event(term.replace("_", "-"))
    moved = [line.split()[0] for line in told["page"][1:]]

    assert moved == [row.id for row in EVENTS.values() if term in row.moves] != []


def test_the_terms_are_those_of_the_law() -> None:
    assert tuple(TERMS) == MONEY_TERMS
    assert not is_event_or_term("E36")
    assert not is_event_or_term("REQ304")


def test_what_is_before_is_what_the_event_turns() -> None:
    assert explain_event("E12")["page"] == [
        "before   unbilled sales, the original",
        "makes    - unbilled sales, quantity of the original",
        "makes    + billed sales, quantity of the original",
        "state    original: billing status customer invoice posted",
        "connects Reversing with its Original",
        "connects Billed Sales with its Unbilled Sales",
        "law      open: less",
        "law      billed: more",
    ]


@pytest.mark.parametrize("what", ["E12", "e24", "repriced", "non-chargeable"])
def test_they_are_explained_outside_a_workspace(what, tmp_path: Path) -> None:
    ended = ran(["explain", what, "--workspace", tmp_path])

    assert (ended.code, ended.err) == (0, "")
    assert max(map(len, ended.out.splitlines())) <= 80
    assert "law" in ended.out
