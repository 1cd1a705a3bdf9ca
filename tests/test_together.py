"""What is withdrawn and released together, so that nothing stays that cannot go alone."""


import pytest

from adapter.edge.ledger import LedgerError, StepRow
from adapter.edge.sending.together import NO_HEADER, released_with, withdrawn_with
from adapter.making.steps import Part, State
from tests.clients_given import step
from tests.sending_given import Desk

WHY = ("--because", "the consultant said so")
PARTS: dict[str, Part] = {"h": "header", "l": "line", "d": "detail"}


def rows(states: str = "", parts: str = "h l1 d2 d3 l4 d5") -> list[StepRow]:
    """A proforma: two lines, the first with two details. `states`: a letter for each row."""
    words: dict[str, State] = {"p": "planned", "r": "refused", "s": "sent", "u": "unknown"}
    return [
        StepRow(step=step(number, key=name, part=PARTS[name[0]]), batch="b", document="P-1",
                state=words[state])
        for number, (name, state) in enumerate(zip(parts.split(), states or "pppppp", strict=True))
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("states", "asked", "found"),
    [
        ("pppppp", "h", "h l1 d2 d3 l4 d5"),
        ("pppppp", "l1", "l1 d2 d3"),
        ("pppppp", "d2", "l1 d2 d3"),  # the line carries the sum of both
        ("pppppp", "l1 l4", "h l1 d2 d3 l4 d5"),  # a header alone is an empty draft
        ("sppppp", "l1 l4", "l1 d2 d3 l4 d5"),
        ("ssrsss", "d2", "d2"),  # the line has left: a person corrects the draft
        ("rppppp", "h", "h l1 d2 d3 l4 d5"),
    ],
)
def test_what_hangs_together_is_withdrawn_together(states: str, asked: str, found: str) -> None:
    assert [r.step.key for r in withdrawn_with(rows(states), asked.split())] == found.split()


@pytest.mark.parametrize(
    ("states", "asked", "named"), [("pssppp", "h", "line l1"), ("sspuss", "l1", "line l1"),
                                   ("sprspp", "l1", "detail d3")],
)  # fmt: skip
def test_nothing_is_withdrawn_where_one_of_them_may_have_had_an_effect(
    states: str, asked: str, named: str
) -> None:
    with pytest.raises(LedgerError, match=f"{named} of P-1 is (sent|unknown)"):
        withdrawn_with(rows(states), asked.split())


def test_a_journal_line_goes_alone_and_the_last_takes_its_header() -> None:
    journal = rows("ppp", "h l1 l2")

    assert [r.step.key for r in withdrawn_with(journal, ["l1"])] == ["l1"]
    assert [r.step.key for r in withdrawn_with(journal, ["l1", "l2"])] == ["h", "l1", "l2"]


@pytest.mark.parametrize(
    ("part", "system"), [("line", "finance"), ("header", "finance"), ("header", "dataverse"),
                         ("detail", "dataverse")],
)  # fmt: skip
def test_a_row_that_was_withdrawn_does_not_leave_and_is_planned_anew(
    desk: Desk, part: str, system: str
) -> None:
    plan = desk.plan()
    desk.run("send", plan, "--first", "1")
    row = next(r for r in desk.steps() if r.state == "planned" and r.step.part == part
               and r.system == system)  # fmt: skip
    whole = {r.step.key for r in desk.steps() if r.batch == row.batch}
    withdrawn = desk.run("withdraw", row.step.key, *WHY)

    done = desk.run("send", plan)

    left = [r for r in desk.steps() if r.batch == row.batch]
    gone = whole - {r.step.key for r in left}
    store = (desk.twin.finance if system == "finance" else desk.twin.dataverse).store
    there = {str(k.row.get(n)) for k in store.rows[row.step.entity] for n in row.step.keys
             if n != "dataAreaId"}  # fmt: skip
    assert withdrawn.code == 0 and row.step.key in gone
    assert withdrawn.out.count("along with it") == len(gone) - 1
    assert not {v for n, v in row.step.keys.items() if n != "dataAreaId"} & there
    assert done.code == 0 and {r.state for r in left} <= {"sent"}  # nothing was left behind
    assert part != "header" or not left
    again = desk.run("send", desk.plan())  # the next plan makes all of it anew
    assert again.code == 0 and gone <= {r.step.key for r in desk.steps()}, again.out
    assert {r.state for r in desk.steps()} == {"sent"}
    assert set(desk.twin.state()["effects"].values()) == {1}  # type: ignore[attr-defined]
    assert desk.reconciled()["clean"]


def test_lines_that_were_refused_and_withdrawn_join_their_header_with_the_next_plan(
    desk: Desk,
) -> None:
    desk.twin.finance.refuses = lambda entity, row: "not today" * ("Line" in entity)
    desk.run("send", desk.plan())
    parked = [r.step.key for r in desk.steps() if r.state == "refused"]
    desk.run("withdraw", *parked, *WHY)
    desk.twin.finance.refuses = lambda entity, row: ""

    done = desk.run("send", desk.plan())

    assert parked and done.code == 0, done.out
    assert set(parked) <= {r.step.key for r in desk.steps()}
    assert {r.state for r in desk.steps()} == {"sent"}
    assert set(desk.twin.state()["effects"].values()) == {1}  # type: ignore[attr-defined]
    assert desk.reconciled()["clean"]


def test_a_line_withdrawn_beside_lines_that_left_gets_a_header_of_its_own(desk: Desk) -> None:
    plan = desk.plan()
    desk.run("pause", "all", *WHY)
    desk.run("send", plan)  # enters it, and sends nothing
    journal = [r for r in desk.steps() if r.kind == "journal" and r.step.part == "line"]
    one = next(r for r in journal if sum(o.batch == r.batch for o in journal) > 2)
    desk.refuse(one.step.actual)
    desk.run("resume", "all", *WHY)
    desk.run("send", plan)
    refused = [r for r in desk.steps() if r.state == "refused"]
    desk.run("withdraw", *(r.step.key for r in refused), *WHY)
    desk.refuse("")

    done = desk.run("send", desk.plan())

    assert {r.batch for r in refused} == {one.batch} and done.code == 0, done.out
    anew = [r for r in desk.steps() if r.step.key in {o.step.key for o in refused}]
    assert len(anew) == len(refused) and one.batch not in {r.batch for r in anew}
    (header,) = {r.step.key for r in desk.steps()
                 if r.step.part == "header" and r.batch == anew[0].batch}
    assert header not in {r.step.key for r in desk.steps() if r.batch == one.batch}
    assert {r.state for r in desk.steps()} == {"sent"}
    assert set(desk.twin.state()["effects"].values()) == {1}  # type: ignore[attr-defined]
    assert desk.reconciled()["clean"]


def test_a_header_that_is_released_frees_the_rows_that_waited_for_it(desk: Desk) -> None:
    plan = desk.plan()
    desk.run("send", plan, "--first", "1")
    header = next(r for r in desk.steps() if r.state == "planned" and r.step.part == "header")
    desk.run("park", header.step.key, *WHY)
    desk.run("send", plan)
    waiting = [r for r in desk.steps() if r.parked == NO_HEADER]

    done = desk.run("replay", header.step.key, *WHY)

    assert waiting and {r.batch for r in waiting} == {header.batch}
    assert done.code == 0, done.out
    assert {r.state for r in desk.steps()} == {"sent"} and not any(r.parked for r in desk.steps())


def test_rows_that_a_person_parked_stay_when_their_header_is_released() -> None:
    one, *others = rows("rppppp")
    held = [StepRow(step=r.step, batch="b", parked="by hand") for r in others]

    assert released_with([one, *held], ["h"]) == [one]


def test_a_row_that_is_released_while_its_document_is_on_its_way_is_not_stranded(
    desk: Desk,
) -> None:
    plan = desk.plan()
    desk.run("send", plan, "--first", "1")
    row = next(r for r in desk.steps() if r.state == "planned" and r.step.part == "line"
               and r.system == "finance")  # fmt: skip
    desk.run("park", row.step.key, *WHY)
    real, seen = desk.twin.finance.answer, []

    def released_meanwhile(asked: object) -> object:
        if not seen:
            seen.append(desk.run("release", row.step.key, *WHY).code)
        return real(asked)  # type: ignore[arg-type]

    desk.twin.finance.answer = released_meanwhile  # type: ignore[assignment,method-assign]

    done = desk.run("send", plan)

    assert seen == [0] and done.code == 0, done.out
    assert {r.state for r in desk.steps()} == {"sent"}


def test_lines_that_hang_on_a_journal_that_was_made_anew_are_seen(desk: Desk) -> None:
    desk.run("send", desk.plan())
    header = next(r for r in desk.steps() if r.step.entity == "ProjAdvancedJournals")
    made = [kept.row["SourceKey"] for kept in desk.twin.finance.store.rows["ProjAdvancedJournals"]]
    desk.edit("ProjAdvancedJournals", "delete", nth=made.index(header.step.keys["SourceKey"]))
    below = [r for r in desk.steps() if r.batch == header.batch and r.step.part == "line"]
    desk.run("settle", "--again")
    replayed = desk.run("replay", header.step.key, *WHY)

    compared = desk.reconciled()

    odd = [r for r in compared["rows"] if r["bucket"] == "unexplained"]
    assert replayed.code == 0 and {r["key"] for r in odd} == {r.step.key for r in below}
    assert {d["column"] for r in odd for d in r["differences"]} == {"ProjAdvancedJournal"}
    accepted = desk.run("accept", *(r.step.key for r in below), *WHY)
    assert accepted.code == 0 and desk.reconciled()["clean"]
