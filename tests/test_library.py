"""docs/library.md: what a program asks gives what the commands give, whatever the program is."""

import json
from collections.abc import Iterator
from datetime import date
from decimal import ROUND_UP, Context, Inexact, getcontext, localcontext
from pathlib import Path

import pytest

from adapter import (
    LedgerError,
    Window,
    as_csv,
    as_html,
    as_text,
    as_xlsx_rows,
    compare_reports,
    make_plan,
    make_report,
    read_workspace,
    report_parts,
    write_xlsx,
)
from tests.commands import CONTOSO, copied, small_company
from tests.sending_given import Desk

SWITCH = '\n[rules]\nREQ382 = { enabled = false, because = "cleaning", expires = 2026-12-15 }\n'


@pytest.fixture
def switched(tmp_path: Path) -> Path:
    """The sample with a rule that is switched off until the day of its plan."""
    folder = copied(CONTOSO, tmp_path / "contoso")
    with (folder / "adapter.toml").open("a", encoding="utf-8") as file:
        file.write(SWITCH)
    return folder


def test_a_program_has_the_plan_of_the_command_when_some_of_it_was_sent(tmp_path: Path) -> None:
    with Desk(small_company(tmp_path / "w", 12)) as desk:
        desk.run("send", desk.plan())
        command = json.loads(desk.run("plan", "--format", "json").out)
        before = (desk.folder / "ledger-twin.db").read_bytes()
        report = make_report(make_plan(read_workspace(desk.folder, env="twin")))
        after = (desk.folder / "ledger-twin.db").read_bytes()

    assert {**command, "run": 0} == {**report, "run": 0}
    assert report["verdict"]["documents"] == 0 and before == after


def test_a_ledger_that_cannot_be_read_is_said_as_the_command_says_it(tmp_path: Path) -> None:
    with Desk(small_company(tmp_path / "w", 3)) as desk:
        desk.plan()
        for path in desk.folder.glob("ledger-twin.db*"):
            path.write_bytes(b"no database " * 1_000)
        command = desk.run("plan")
        with pytest.raises(LedgerError) as raised:
            read_workspace(desk.folder, env="twin")

    assert command.code == 2 and str(raised.value) in command.err


def test_the_day_that_was_read_for_is_the_day_of_the_plan() -> None:
    workspace = read_workspace(CONTOSO, as_of=date(2027, 1, 15))

    assert make_plan(workspace).as_of == date(2027, 1, 15)


def test_a_plan_is_never_of_two_days(switched: Path) -> None:
    workspace = read_workspace(switched)  # for 15 December, the switch's last day

    assert make_plan(workspace, date(2026, 12, 1)).as_of == date(2026, 12, 1)
    with pytest.raises(ValueError, match="the switch of REQ382 expires on 2026-12-15"):
        make_plan(workspace, date(2026, 12, 16))
    later = read_workspace(switched, as_of=date(2026, 12, 16))
    (switch,) = make_report(make_plan(later))["allowed"]
    assert switch["expired"]
    with pytest.raises(ValueError, match="read for a day after that: read it for 2026-12-15"):
        make_plan(later, date(2026, 12, 15))


def told(folder: Path, out: Path) -> Iterator[object]:
    """All that a program can ask for, from rows to the last view."""
    plan = make_plan(read_workspace(folder))
    report = make_report(plan)
    yield plan.balanced
    yield from (report, as_text(report), as_csv(report), as_xlsx_rows(report))
    yield as_html(report)
    yield compare_reports({**report, "actuals": report["actuals"][1:]}, report)
    write_xlsx(str(out), as_xlsx_rows(report))
    yield out.read_bytes()


@pytest.mark.parametrize(
    "context",
    [Context(prec=6), Context(prec=7, rounding=ROUND_UP), Context(traps=[Inexact])],
    ids=["six_digits", "rounded_up", "inexact_is_an_error"],
)
def test_the_decimal_context_of_a_program_changes_nothing(context: Context, tmp_path: Path) -> None:
    expected = list(told(CONTOSO, tmp_path / "a.xlsx"))
    with localcontext(context):
        found = list(told(CONTOSO, tmp_path / "b.xlsx"))

    assert found == expected


def test_a_program_has_its_own_decimal_context_between_the_parts_of_a_report() -> None:
    plan = make_plan(read_workspace(CONTOSO))
    with localcontext(Context(prec=5)):
        seen = {getcontext().prec for _ in report_parts(plan)}
        parts = report_parts(plan)
        next(parts)
        del parts
        after = getcontext().prec

    assert seen == {5} and after == 5


def test_the_calls_are_as_documented(tmp_path: Path) -> None:
    workspace = read_workspace(CONTOSO, None, rows=None, as_of=None, refuse=True, ledger=True)
    day = date(2026, 12, 15)
    plan = make_plan(workspace, day, window=Window(None, day), names=False, progress=None)
    report = make_report(plan)
    page, own = as_html(report), as_html(report, "{{ report.plan.id if report else '' }}")

    assert page.startswith("<!doctype html>") and len(own) < 100
