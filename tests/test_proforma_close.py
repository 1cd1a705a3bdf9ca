"""Confirming, revising, crediting and bulk confirming drafts."""

import pytest
from msgspec.structs import replace

from adapter.making.confirm import invoice_total
from adapter.making.law import broken
from adapter.making.new_actuals import Created
from adapter.making.proforma_close import (
    BULK_MAX,
    BULK_MOVES,
    Bulk,
    bulk_confirm,
    bulk_schedule,
    bulk_state,
    confirm,
    credit,
    revise,
    together,
)
from adapter.making.proforma_edit import add_detail, add_product, apply_retainers, edit
from adapter.making.proforma_life import Draft, Entry, Moved, mark_ready, refresh
from adapter.making.proforma_practice import Backlog
from adapter.making.proforma_sums import total_of
from adapter.making.replay import Standing, after
from adapter.values.actuals import Actual
from tests.drafts_given import (
    EMPTY,
    MILESTONE,
    OTHER,
    PRACTICE,
    READY,
    RETAINER,
    UPDATED,
    codes,
    done,
    drafted,
)
from tests.events_given import APPROVED, D, everything, the, told

CORRECTIVE = replace(EMPTY, id="COR-1")


def billed(made: Moved) -> list[Actual]:
    return [a for a in made.created.actuals
            if a.transaction_type == "billed-sales" and a.adjustment_status is None]  # fmt: skip


def kept(before: Standing, *made: Moved) -> Standing:
    """The records after moves; the law must hold after each."""
    now = before
    for one in made:
        now = after(now, one.created)
        assert broken(everything(now), now.connections) == []
    return now


def test_a_whole_life_keeps_the_law_from_approval_to_credit() -> None:
    usage = the(APPROVED, "U")
    now = after(APPROVED, mark_ready([usage]))
    drafts = refresh(EMPTY, Backlog(actuals=everything(now)), PRACTICE)
    now = after(now, drafts.created)
    draft = done(edit(done(drafts), usage.id, UPDATED, {"quantity": D(3)}))
    draft = replace(draft, entries=(replace(draft.entries[0], actual=now.actuals[usage.id]),))
    confirmed = confirm(draft)
    now = kept(now, confirmed)
    (paid, _free) = billed(confirmed)
    corrective = revise(done(confirmed), CORRECTIVE, [paid])
    lower = done(edit(done(corrective), "COR-1/correction/" + paid.id, UPDATED,
                      {"quantity": D(2)}))  # fmt: skip
    credited = confirm(lower)
    now = kept(now, credited)

    assert confirmed.draft.status == "confirmed"
    assert (lower.has_corrections, lower.corrects) == (True, ("INV-1",))
    assert total_of(lower) == D("-125.00")
    assert invoice_total(confirmed.created.actuals) == total_of(draft) == D("375.00")
    assert [told(a) for a in credited.created.actuals] == [
        "B -3/-375.00 ch", "U +2/+250.00 ch", "U -2/-250.00 ch", "B +2/+250.00 ch",
        "U +1/+125.00 ch"]  # fmt: skip


def test_confirming_creates_for_every_kind_of_detail() -> None:
    new = replace(RETAINER, id="new", amount=D("50.00"), is_invoiced=None)
    draft = drafted(READY, milestones=(MILESTONE,))
    draft = replace(draft, entries=(*draft.entries,
                                    Entry(id="new", kind="milestone", retainer=new)))  # fmt: skip
    draft = done(add_detail(draft, OTHER, quantity=D(2), billing_method="fixed-price"))
    draft = done(add_product(draft, OTHER, quantity=D(1)))
    draft = done(apply_retainers(draft, [RETAINER]))

    made = confirm(draft)

    assert [told(a) for a in made.created.actuals] == [
        "U -4/-500.00 ch", "B +4/+500.00 ch", "B +2/+250.00 ch", "B +1/+5000.00 ch",
        "B +1/+50.00 ch", "U -1/-50.00 ch", "U +1/+1000.00 ch", "B -1/-1000.00 ch",
        "B +1/+125.00 ch"]  # fmt: skip
    assert invoice_total(made.created.actuals) == total_of(draft)
    assert len({a.id for a in made.created.actuals}) == 9
    assert {a.invoice for a in billed(made)} == {"INV-1"}


def test_edited_texts_taxes_and_amounts_reach_what_is_billed() -> None:
    draft = drafted(READY, milestones=(MILESTONE,))
    draft = done(edit(draft, "u1", UPDATED, {"tax": D("1.00"), "description": "Washed"}))
    draft = done(edit(draft, "m", UPDATED, {"billing_type": "complimentary"}))

    usage, milestone = billed(confirm(draft))

    assert (usage.tax, usage.description) == (D("1.00"), "Washed")
    assert milestone.billing_type == "complimentary"


def test_a_refused_confirmation_creates_nothing() -> None:
    posted = replace(READY, billing_status="customer-invoice-posted")
    failed = replace(READY, nte_status="failed")
    entry = drafted(READY).entries[0]
    lent = done(apply_retainers(drafted(READY), [RETAINER]))
    advance = replace(lent.entries[1].advance, applied=D("1000.01"))
    drafts = {
        "PRO710": replace(drafted(READY), status="confirmed"),
        "LAW705": replace(EMPTY, entries=(replace(entry, actual=posted),)),
        "PRO712": replace(EMPTY, entries=(replace(entry, actual=failed),)),
        "PRO714": replace(EMPTY, entries=(replace(lent.entries[1], advance=advance),)),
    }

    found = {code: confirm(draft) for code, draft in drafts.items()}

    assert {code: codes(made) for code, made in found.items()} == {c: [c] for c in drafts}
    assert all(made.created.actuals == () for made in found.values())
    assert all(made.draft == drafts[code] for code, made in found.items())


def test_a_credit_takes_everything_back_and_opens_it_again() -> None:
    draft = drafted(READY, milestones=(MILESTONE,))
    confirmed = confirm(draft)
    usage, milestone = billed(confirmed)

    made = credit(done(confirmed), CORRECTIVE, [usage, milestone], {milestone.id: MILESTONE})

    assert [told(a) for a in made.created.actuals] == [
        "B -4/-500.00 ch", "U +4/+500.00 ch", "B -1/-5000.00 ch"]  # fmt: skip
    assert made.created.changed("m", "invoice_status") == "ready"
    assert made.draft.status == "confirmed"


def test_a_milestone_is_not_credited_in_part() -> None:
    confirmed = confirm(drafted(READY, milestones=(MILESTONE,)))
    milestone = billed(confirmed)[1]
    draft = done(revise(done(confirmed), CORRECTIVE, [milestone], {milestone.id: MILESTONE}))
    draft = done(edit(draft, draft.entries[0].id, UPDATED, {"quantity": D("0.5")}))

    made = confirm(draft)

    assert codes(made) == ["PRO704"]
    assert made.draft.status == "draft"


@pytest.mark.parametrize(
    ("status", "values", "code"),
    [
        ("draft", {}, "PRO710"),
        ("in-review", {}, "PRO710"),
        ("confirmed", {"transaction_type": "unbilled-sales"}, "PRO710"),
        ("confirmed", {"project": None}, "PRO710"),
        ("confirmed", {"transaction_class": "retainer"}, "PRO710"),
        ("confirmed", {"invoice": "INV-2"}, "PRO710"),
        ("confirmed", {"adjustment_status": "adjusted"}, "LAW705"),
    ],
)
def test_what_cannot_be_revised_is_refused(status, values, code) -> None:
    confirmed = confirm(drafted(READY))
    invoice = replace(done(confirmed), status=status)

    made = revise(invoice, CORRECTIVE, [replace(billed(confirmed)[0], **values)])

    assert codes(made) == [code]
    assert made.draft == CORRECTIVE
    assert codes(credit(invoice, CORRECTIVE, [replace(billed(confirmed)[0], **values)])) == [code]


def test_corrections_are_appended_to_a_draft_that_is_there_but_not_to_a_confirmed_one() -> None:
    confirmed = confirm(drafted(READY))
    there = replace(drafted(OTHER), id="INV-2")

    made = revise(done(confirmed), there, billed(confirmed))
    refused = revise(done(confirmed), replace(there, status="confirmed"), billed(confirmed))

    assert [e.is_correction for e in done(made).entries] == [False, True]
    assert codes(refused) == ["PRO710"]


BULK_STATES = ("", "scheduled", "processing", "complete", "failed")


@pytest.mark.parametrize("state", BULK_STATES)
@pytest.mark.parametrize("move", ["schedule", "start", "finish", "fail"])
def test_each_state_of_a_bulk_confirmation_has_its_moves(state: str, move: str) -> None:
    made, findings = bulk_state(replace(EMPTY, bulk=state), move)

    if (state, move) in BULK_MOVES:
        assert (made.bulk, findings) == (BULK_MOVES[state, move], ())
    else:
        assert made.bulk == state
        assert [f.code for f in findings] == ["PRO710"]


def bulk(*drafts: Draft) -> Bulk:
    return bulk_confirm(bulk_schedule(drafts))


def test_one_that_fails_does_not_stop_the_rest_and_is_scheduled_again() -> None:
    good, other = drafted(READY), replace(drafted(OTHER), id="INV-2")
    beyond = replace(READY, id="u9", nte_status="failed")
    failed = replace(EMPTY, id="INV-3", entries=(replace(good.entries[0], actual=beyond),))

    made = bulk(failed, good, other)
    again = bulk_schedule(made.drafts[:1])

    assert [(d.id, d.bulk, d.status) for d in made.drafts] == [
        ("INV-3", "failed", "draft"), ("INV-1", "complete", "confirmed"),
        ("INV-2", "complete", "confirmed")]  # fmt: skip
    assert list(made.created) == ["INV-1", "INV-2"]
    assert [f.code for f in made.findings] == ["PRO712"]
    assert again.drafts[0].bulk == "scheduled"


def test_what_two_drafts_have_in_common_is_confirmed_once() -> None:
    first = done(apply_retainers(drafted(READY), [RETAINER]))
    same = replace(drafted(READY), id="INV-2")
    retainer = replace(done(apply_retainers(drafted(OTHER), [RETAINER])), id="INV-3")

    made = bulk(first, same, retainer)

    assert [d.bulk for d in made.drafts] == ["complete", "failed", "failed"]
    assert [(f.code, f.record) for f in made.findings] == [("LAW705", "u1"), ("LAW705", "r")]


def test_more_than_250_at_once_are_refused_as_a_whole() -> None:
    drafts = [replace(drafted(READY), id=str(n)) for n in range(BULK_MAX + 1)]

    refused, most = bulk_schedule(drafts), bulk_schedule(drafts[1:])

    assert [f.code for f in refused.findings] == ["PRO713"]
    assert {d.bulk for d in refused.drafts} == {""}
    assert {d.bulk for d in most.drafts} == {"scheduled"}


def test_a_confirmed_proforma_is_not_scheduled_and_what_is_not_scheduled_is_not_confirmed() -> None:
    over = bulk_schedule([replace(EMPTY, status="confirmed")])
    left = bulk_confirm(Bulk(drafts=(drafted(READY),)))

    assert [f.code for f in over.findings] == ["PRO710"]
    assert (left.drafts, dict(left.created)) == ((drafted(READY),), {})


def test_nothing_together_is_nothing() -> None:
    assert together([]) == Created()
