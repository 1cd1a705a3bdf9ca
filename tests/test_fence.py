"""making/fence.py: on which side of the cut-over a day is, and what `plan` makes of it (DEP291)."""

from datetime import UTC, date, datetime, timedelta

import pytest

from adapter.making.fence import Fence, fence_fault, fence_reason, model_on
from adapter.making.plan import Plan, make_plan
from adapter.making.workspace import Workspace
from adapter.reading.settings import CompanySetting, Settings, parse_settings
from adapter.reading.source import parse_source
from adapter.telling.report import make_report
from adapter.values.project_operations import Milestone
from tests.move_given import FENCE, D, actual, workspace

LAST = FENCE - timedelta(days=1)
TO_INTEGRATED = {"integrated": FENCE}
BOTH = {"core": date(2026, 1, 1), "integrated": FENCE}


@pytest.mark.parametrize(("model_from", "day", "owner"), [
    ({}, FENCE, None),
    (TO_INTEGRATED, LAST, None),
    (TO_INTEGRATED, FENCE, "integrated"),
    (BOTH, date(2025, 12, 31), None),
    (BOTH, date(2026, 1, 1), "core"),
    (BOTH, LAST, "core"),
    (BOTH, FENCE, "integrated"),
])  # fmt: skip
def test_a_day_belongs_to_the_model_that_began_last(
    model_from: dict[str, date], day: date, owner: str | None
) -> None:
    assert model_on(day, model_from) == owner


@pytest.mark.parametrize(("model", "day", "model_from", "may"), [
    ("core", LAST, TO_INTEGRATED, True),
    ("core", FENCE, TO_INTEGRATED, False),
    ("integrated", LAST, TO_INTEGRATED, False),
    ("integrated", FENCE, TO_INTEGRATED, True),
    ("core", LAST, BOTH, True),
    ("integrated", LAST, BOTH, False),
    ("core", date(2025, 12, 31), BOTH, False),
    ("integrated", date(2025, 12, 31), BOTH, False),
    ("core", None, TO_INTEGRATED, False),
    ("core", None, {}, True),
])  # fmt: skip
def test_only_the_model_of_the_day_may_write(
    model: str, day: date | None, model_from: dict[str, date], may: bool
) -> None:
    assert (fence_reason(day, model, model_from) == "") is may


@pytest.mark.parametrize("offset", range(-400, 401, 40))
def test_never_may_both_models_write_for_a_day_and_always_may_one(offset: int) -> None:
    day = FENCE + timedelta(days=offset)
    may = [m for m in ("core", "integrated") if not fence_reason(day, m, TO_INTEGRATED)]

    assert len(may) == 1


def test_the_fault_says_day_model_and_fences() -> None:
    setting = CompanySetting(code="XX", model_from=TO_INTEGRATED)
    found = fence_fault("a-1", FENCE, "core", setting)

    assert found is not None
    assert (found.code, found.level, found.record) == ("DEP291", "error", "a-1")
    assert "dated 2026-12-01, and integrated begins on 2026-12-01" in found.message
    assert ("fences", "integrated from 2026-12-01") in found.values
    assert fence_fault("a-1", FENCE, "core", CompanySetting(code="XX")) is None


def test_the_key_is_the_same_for_the_same_cut_over_and_for_no_other() -> None:
    fence = Fence(company="XX", source="core", target="integrated", day=FENCE)
    others = [
        Fence(company="XY", source="core", target="integrated", day=FENCE),
        Fence(company="XX", source="legacy", target="integrated", day=FENCE),
        Fence(company="XX", source="core", target="integrated", day=LAST),
    ]

    assert fence.key == Fence(company="XX", source="core", target="integrated", day=FENCE).key
    assert len({fence.key, *(one.key for one in others)}) == 4


# --- in the plan -----------------------------------------------------------------------------

MOVED = {"setting": {"model_from": TO_INTEGRATED}}
# 23:30 on 30 November in Toronto, and half an hour later
EVENING, MIDNIGHT = (datetime(2026, 12, 1, *at, tzinfo=UTC) for at in ((4, 30), (5, 0)))


def plan_of(space: Workspace) -> Plan:
    return make_plan(space, date(2026, 12, 31))


def codes_of(plan: Plan) -> dict[str, list[str]]:
    return {entry["id"]: entry["findings"] for entry in make_report(plan)["actuals"]}


def test_core_writes_up_to_the_last_minute_of_the_company_day() -> None:
    plan = plan_of(workspace(actual("in", started_at=EVENING), actual("out", started_at=MIDNIGHT),
                             **MOVED))  # fmt: skip
    report = {e["id"]: e for e in make_report(plan)["actuals"]}

    assert codes_of(plan) == {"in": [], "out": ["DEP291"]}
    assert report["in"]["status"] == "written"
    assert report["out"]["status"] == "held"
    assert report["out"]["billing"]["reason"] == "would be RTE540"
    assert plan.balanced


def test_integrated_begins_with_the_first_minute_of_the_company_day() -> None:
    space = workspace(
        actual("old", started_at=EVENING), actual("new", started_at=MIDNIGHT),
        model="integrated", **MOVED,
    )  # fmt: skip
    codes = codes_of(plan_of(space))

    assert "DEP291" in codes["old"]
    assert "DEP291" not in codes["new"]


def test_without_a_fence_nothing_is_held_by_it() -> None:
    space = workspace(actual("a", started_at=EVENING), actual("b", started_at=MIDNIGHT))

    assert codes_of(plan_of(space)) == {"a": [], "b": []}


def test_what_the_model_leaves_anyway_is_left() -> None:
    space = workspace(actual("c", "cost", started_at=MIDNIGHT), **MOVED)
    entry = make_report(plan_of(space))["actuals"][0]

    assert (entry["status"], entry["findings"]) == ("left", [])


@pytest.mark.parametrize("model", ["core", "integrated"])
def test_a_record_without_a_day_is_never_written(model: str) -> None:
    space = workspace(actual("a", started_at=None), model=model, **MOVED)

    assert make_report(plan_of(space))["actuals"][0]["status"] == "held"


def test_what_was_sent_before_stays_as_it_is_under_the_new_model() -> None:
    from msgspec.structs import replace

    from adapter.making.verdict_parts import digest_of
    from adapter.making.workspace import SentLine

    space = workspace(actual("a", started_at=EVENING), **MOVED)
    spool = plan_of(space).spool
    lines = [one.line for _, group in spool.groups() for one in group]
    sent = {one.line.key: SentLine(key=one.line.key, digest=digest_of(one)) for one in lines}
    assert len(sent) == 1

    beyond = workspace(actual("a", started_at=EVENING),
                       setting={"model_from": {"integrated": date(2026, 1, 1)}})  # fmt: skip
    held, kept = plan_of(beyond), plan_of(replace(beyond, sent=sent))

    assert make_report(held)["actuals"][0]["status"] == "held"
    assert make_report(kept)["actuals"][0]["status"] == "unchanged"


@pytest.mark.parametrize(("day", "status"), [(LAST, "written"), (FENCE, "held")])
def test_milestones_go_by_their_invoice_date(day: date, status: str) -> None:
    due = Milestone(id="m", name="Commissioning", contract="pc", contract_line="cl",
                    amount=D("500.00"), invoice_date=day, invoice_status="ready",
                    currency="cad")  # fmt: skip
    plan = plan_of(workspace(due, **MOVED))
    report = make_report(plan)

    assert [row["status"] for row in report["schedule"]] == [status]
    assert ("DEP291" in {f.code for f in plan.findings}) is (status == "held")


# --- the setting -----------------------------------------------------------------------------


def settings_of(line: str) -> tuple[Settings, list[str]]:
    text = f'[environments.xx]\n[companies.XX]\nenvironment = "xx"\n{line}\n'
    source, found = parse_source("adapter.toml", text)
    assert source is not None, found
    settings, findings = parse_settings(source, None, {})
    return settings, [f.code for f in findings]


def test_a_company_says_from_which_day_it_runs_a_model() -> None:
    settings, found = settings_of("model_from = { integrated = 2026-12-01 }")

    assert (settings.companies["XX"].model_from, found) == (TO_INTEGRATED, [])


@pytest.mark.parametrize(("line", "code"), [
    ("model_from = { pma = 2026-12-01 }", "SRC021"),
    ("model_from = { core = 2026-12-01, integrated = 2026-12-01 }", "SRC021"),
    ('model_from = { integrated = "soon" }', "SRC020"),
    ("model_from = { integrated = 2026-12-01T00:00:00 }", "SRC020"),
    ("model_from = 2026-12-01", "SRC020"),
])  # fmt: skip
def test_a_fence_that_cannot_be_is_a_finding(line: str, code: str) -> None:
    assert settings_of(line)[1] == [code]
