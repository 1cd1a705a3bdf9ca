"""What people do to proformas as events: the whole life, in any order of arrival."""

from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest
from msgspec.structs import replace

from adapter.making.law import broken
from adapter.making.new_actuals import Created
from adapter.making.proforma_life import Draft, mark_ready
from adapter.making.proforma_practice import Backlog, Practice, editing_of, practice_of
from adapter.making.proforma_steps import STEPS, Step, backlog_of, take
from adapter.making.proforma_sums import total_of
from adapter.making.replay import Happening, replay
from adapter.making.standing import Standing, after
from adapter.reading.settings import CompanySetting, Settings
from adapter.values.project_operations import ContractCustomer, InvoiceSchedule
from tests.drafts_given import (
    BASELINE,
    EMPTY,
    EVENT_FILE,
    MILESTONE,
    PRACTICE,
    RETAINER,
    UPDATED,
)
from tests.events_given import SHAPE, D, everything, told, usage

AT = datetime(2026, 3, 1, 8, tzinfo=UTC)
START = Standing(milestones={"m": replace(MILESTONE, contract_line="fp")},
                 retainers={"r": RETAINER})  # fmt: skip
NOTE = Draft(id="CN-1", contract="pc", payer="pay", currency="usd", day=date(2026, 4, 30))


def approval(key: str, used: str, minutes: int, line: str = "cl") -> Happening:
    shape = replace(SHAPE, contract_line=line)
    given = usage(key, used, "80.00", "125.00", shape=shape)
    return Happening(id=key, at=AT + timedelta(minutes=minutes), event="E2", given=given)


def step(number: int, move: str, **said: object) -> Happening:
    at = AT + timedelta(hours=number)
    return Happening(id=f"step {number}", at=at, step=Step(move=move, **said))


def sold(standing: Standing, letter: str = "U") -> list[str]:
    return sorted(a.id for a in standing.actuals.values() if told(a).startswith(letter + " +"))


def lived(*happenings: Happening, start: Standing = START, practice: Practice = PRACTICE):
    return replay(happenings, start, practice=practice)


APPROVED, _ = lived(approval("ap-1", "4", 0), approval("ap-2", "2", 1))
U1, U2 = sold(APPROVED)
FOUR = next(key for key in (U1, U2) if APPROVED.actuals[key].quantity == 4)
TWO = U2 if FOUR == U1 else U1
LIFE = (
    approval("ap-1", "4", 0), approval("ap-2", "2", 1),
    step(1, "ready", records=(U1, U2)),
    step(2, "create", blank=EMPTY),
    step(3, "edit", proforma="INV-1", entry=FOUR, values={"quantity": D(3)}),
    step(4, "review", proforma="INV-1"),
    step(5, "confirm", proforma="INV-1"),
    step(6, "pay", proforma="INV-1"),
)  # fmt: skip


def test_the_whole_life_from_approval_to_payment_and_a_full_credit() -> None:
    paid, findings = lived(*LIFE)
    billed = next(a.id for a in paid.actuals.values() if told(a) == "B +2/+250.00 ch")
    credited, more = lived(*LIFE, step(7, "credit", proforma="INV-1", records=(billed,),
                                       blank=NOTE))  # fmt: skip

    assert (findings, more) == ((), ())
    assert paid.drafts["INV-1"].status == "paid"
    assert (paid.milestones["m"].invoice_status, paid.retainers["r"].used_amount) == (
        "customer-invoice-posted", D("1000.00"),
    )  # fmt: skip
    assert credited.drafts["CN-1"].corrects == ("INV-1",)
    assert [told(a) for a in credited.actuals.values() if a.id not in paid.actuals] == [
        "B -2/-250.00 ch", "U +2/+250.00 ch",
    ]  # fmt: skip
    assert broken(everything(credited), credited.connections) == []


@pytest.mark.parametrize("seed", range(20))
def test_any_order_of_arrival_and_any_repetition_gives_the_same_proformas(seed: int) -> None:
    rng = Random(seed)
    expected = lived(*LIFE)
    arrived = [*LIFE, *rng.choices(LIFE, k=5)]
    rng.shuffle(arrived)

    assert lived(*arrived) == expected


@pytest.mark.parametrize("seed", range(30))
def test_whatever_people_do_the_law_holds_and_nothing_is_billed_twice(seed: int) -> None:
    rng = Random(seed)
    now, _ = lived(*(approval(f"ap-{n}", str(rng.randint(1, 9)), n) for n in range(6)))
    for number in range(60):
        draft = rng.choice([*now.drafts, "INV-9"])
        entries = [e.id for e in now.drafts[draft].entries] if draft in now.drafts else []
        moves = {
            "ready": {"records": tuple(rng.sample(sold(now), 2))},
            "unready": {"records": (rng.choice(sold(now)),)},
            "create": {"blank": replace(EMPTY, id=f"INV-{number}")},
            "edit": {"entry": rng.choice([*entries, "no"]), "values": rng.choice(
                [{"quantity": D(rng.randint(0, 9))}, {"billing_type": "complimentary"}])},
            "remove": {"entry": rng.choice([*entries, "no"])},
            "credit": {"blank": replace(NOTE, id=f"CN-{number}"),
                       "records": tuple(sold(now, "B")[:2])},
            "bulk-confirm": {"records": tuple(now.drafts)},
            "schedule": {"records": tuple(now.drafts)},
            "add": {"template": SHAPE, "quantity": D(1), "price": D("9.99")},
        }  # fmt: skip
        move = rng.choice(list(STEPS))
        made = Step(move=move, proforma=draft, **moves.get(move, {}))
        after_it, findings = take(made, now, PRACTICE)
        assert not findings or after_it == now or move in ("schedule", "bulk-confirm")
        now = after_it
        assert broken(everything(now), now.connections) == []


def test_what_the_setting_does_not_let_people_edit_is_refused_and_left() -> None:
    baseline = Practice(editing=BASELINE)
    found, findings = lived(*LIFE, practice=baseline)

    assert [f.code for f in findings] == ["PRO711"]
    assert "under baseline" in findings[0].message
    assert sorted(told(a) for a in found.actuals.values() if told(a).startswith("B +")) == [
        "B +1/+5000.00 ch", "B +2/+250.00 ch", "B +4/+500.00 ch",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("options", "name"),
    [({"invoice_editing": False}, "baseline"), ({}, "updated"),
     ({"invoice_editing": True, "modern_invoicing": True}, "modern"),
     ({"invoice_editing": False, "modern_invoicing": True}, "baseline")],
)  # fmt: skip
def test_the_workspace_chooses_what_may_be_edited(options: dict[str, bool], name: str) -> None:
    company = CompanySetting(code="USMF", environment="us", time_zone="America/Chicago")
    said = Settings(options=options, companies={"USMF": company})

    assert editing_of(said, EVENT_FILE) == EVENT_FILE.editing[name]
    practice = practice_of(said, EVENT_FILE, "USMF", "USD")
    assert (practice.editing.name, str(practice.zone)) == (name, "America/Chicago")


def test_retainers_apply_themselves_and_what_was_lowered_stays_lowered() -> None:
    ready = step(1, "ready", records=(FOUR,))
    drafted, _ = lived(*LIFE[:2], ready, step(2, "create", blank=EMPTY),
                       start=replace(START, milestones={}))  # fmt: skip
    (advance,) = (e for e in drafted.drafts["INV-1"].entries if e.kind == "advance")
    assert total_of(drafted.drafts["INV-1"]) == 0
    lowered = take(Step(move="edit", proforma="INV-1", entry=advance.id,
                        values={"applied": D("100.00")}), drafted, PRACTICE)[0]  # fmt: skip
    marked = after(lowered, mark_ready([lowered.actuals[TWO]]))
    grown, findings = take(Step(move="refresh", proforma="INV-1"), marked, PRACTICE)

    assert findings == ()
    assert [e.advance.applied for e in grown.drafts["INV-1"].entries if e.advance] == [D("100.00")]
    assert total_of(grown.drafts["INV-1"]) == D("650.00")


def test_bulk_confirmation_has_its_states() -> None:
    two = replace(EMPTY, id="INV-2")
    ready = lived(*LIFE[:4])[0]
    both = replace(ready, drafts={**ready.drafts, "INV-2": replace(
        two, entries=ready.drafts["INV-1"].entries[:1])})  # fmt: skip
    blank, _ = take(Step(move="bulk-confirm", records=("INV-1",)), both, PRACTICE)
    planned, none = take(Step(move="schedule", records=("INV-1", "INV-2")), both, PRACTICE)
    done, findings = take(Step(move="bulk-confirm", records=("INV-1", "INV-2")), planned, PRACTICE)

    assert (blank.drafts["INV-1"].bulk, none) == ("", ())
    assert [planned.drafts[key].bulk for key in ("INV-1", "INV-2")] == ["scheduled"] * 2
    assert [(d.bulk, d.status) for d in done.drafts.values()] == [
        ("complete", "confirmed"), ("failed", "draft"),
    ]  # fmt: skip
    assert {f.code for f in findings} == {"LAW705"}


@pytest.mark.parametrize(
    ("said", "code"),
    [({"move": "confirm", "proforma": "INV-7"}, "LAW707"),
     ({"move": "ready", "records": ("none",)}, "LAW707"),
     ({"move": "credit", "proforma": "INV-1"}, "LAW707"),
     ({"move": "bulk-confirm"}, "LAW707"),
     ({"move": "run"}, "LAW706"),
     ({"move": "add", "proforma": "INV-1"}, "LAW706"),
     ({"move": "create"}, "LAW706"),
     ({"move": "create", "blank": EMPTY}, "LAW706"),
     ({"move": "dance"}, "LAW706")],
)  # fmt: skip
def test_a_step_without_what_it_needs_changes_nothing(said: dict[str, object], code: str) -> None:
    there = lived(*LIFE[:4])[0]
    found, findings = take(Step(**said), there)

    assert found == there
    assert [f.code for f in findings] == [code]


def test_an_automatic_run_takes_its_lines_up_to_the_day_before() -> None:
    first, second = approval("ap-1", "4", 0), approval("ap-2", "2", 1, line="else")
    there, _ = lived(first, second, start=replace(START, retainers={}, schedules={
        "s": InvoiceSchedule(id="s", contract_line="cl", run_date=date(2026, 3, 11)),
        "fp": InvoiceSchedule(id="fp", contract_line="fp", run_date=date(2026, 3, 20)),
        "late": InvoiceSchedule(id="late", contract_line="cl", run_date=date(2026, 5, 1)),
    }))  # fmt: skip
    there = after(there, mark_ready(there.actuals[k] for k in sold(there)))
    payers = (ContractCustomer(id="pay", contract="pc", is_rounding=True),)
    run = Step(move="run", day=date(2026, 3, 31), payers=payers)
    early, none = take(replace(run, day=date(2026, 3, 10)), there, PRACTICE)
    ran, findings = take(run, there, PRACTICE)
    again, more = take(run, ran, PRACTICE)

    assert (early, none, findings, more) == (there, (), (), ())
    (draft,) = ran.drafts.values()
    assert [(e.kind, told(e.actual) if e.actual else e.id) for e in draft.entries] == [
        ("time-and-material", "U +4/+500.00 ch"), ("milestone", "m"),
    ]  # fmt: skip
    assert {s.id: (s.run_status, s.invoice) for s in ran.schedules.values()} == {
        "s": ("successful", draft.id), "fp": ("successful", draft.id), "late": (None, None),
    }  # fmt: skip
    assert again == ran


def test_what_is_dated_on_the_run_date_itself_waits_for_the_next_run() -> None:
    there, _ = lived(approval("ap-1", "4", 0), start=Standing(schedules={
        "s": InvoiceSchedule(id="s", contract_line="cl", run_date=date(2026, 3, 10))}))  # fmt: skip
    there = after(there, mark_ready(there.actuals[k] for k in sold(there)))
    ran, _ = take(Step(move="run", day=date(2026, 3, 31)), there, PRACTICE)

    assert ran.drafts == {}
    assert ran.schedules["s"].run_status == "successful"
    assert backlog_of(ran) == Backlog(actuals=tuple(ran.actuals.values()))


def test_what_no_record_holds_is_changed_by_nothing() -> None:
    assert after(START, Created()) == START
    assert Practice(editing=UPDATED) == PRACTICE
