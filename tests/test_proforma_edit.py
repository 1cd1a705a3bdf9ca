"""Which fields of which detail may be edited, details added and removed, retainers applied."""

from datetime import date
from decimal import Decimal

import pytest
from msgspec.structs import replace

from adapter.making.proforma_edit import (
    add_detail,
    add_product,
    apply_retainers,
    delete,
    edit,
    remove,
)
from adapter.making.proforma_life import Draft, Entry
from adapter.making.proforma_sums import total_of
from adapter.reading.event_file import FIELDS, KINDS, Inferred
from tests.drafts_given import (
    BASELINE,
    EMPTY,
    EVENT_FILE,
    MILESTONE,
    OTHER,
    READY,
    RETAINER,
    UPDATED,
    codes,
    done,
    drafted,
)
from tests.events_given import D

# The table of domain 5, read again by hand: kind | fields of each column.
DOCUMENTED = {
    "baseline": {
        "time-and-material": {"billing_type", "tax", "description"},
        "milestone": {"extended"},
        "product": set(),
        "advance": {"applied"},
    },
    "updated": {
        "time-and-material": {"quantity", "price", "billing_type", "tax", "description"},
        "milestone": {"billing_type", "tax", "description"},
        "product": {"tax"},
        "advance": {"applied"},
    },
}
VALUES = {"quantity": D(3), "price": D("9.00"), "billing_type": "complimentary",
          "tax": D("1.00"), "description": "Filter, washed", "extended": D("4000.00"),
          "applied": D("10.00")}  # fmt: skip


def whole() -> Draft:
    """A draft with one detail of each kind, named after it."""
    draft = drafted(READY, milestones=(MILESTONE,))
    draft = done(add_product(draft, READY, quantity=D(1)))
    draft = done(apply_retainers(draft, [RETAINER]))
    entries = tuple(replace(e, id=e.kind) for e in draft.entries)
    return replace(draft, entries=entries)


def shown(draft: Draft, kind: str, field: str) -> object:
    entry = next(e for e in draft.entries if e.id == kind)
    if field == "applied":
        return entry.advance.applied if entry.advance is not None else None
    return getattr(entry, {"extended": "price"}.get(field, field))


@pytest.mark.parametrize("name", DOCUMENTED)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("field", FIELDS)
def test_a_field_is_edited_where_the_sources_of_the_flag_allow_it(name, kind, field) -> None:
    draft = whole()

    made = edit(draft, kind, EVENT_FILE.editing[name], {field: VALUES[field]})

    if field in DOCUMENTED[name][kind]:
        assert made.findings == ()
        assert shown(made.draft, kind, field) == VALUES[field]
    else:
        assert codes(made) == ["PRO711"]
        assert made.draft == draft


def test_modern_invoicing_prices_milestones() -> None:
    made = edit(whole(), "milestone", EVENT_FILE.editing["modern"], {"price": D("4000.00")})

    assert shown(done(made), "milestone", "price") == D("4000.00")


@pytest.mark.parametrize(
    ("kind", "values", "code"),
    [
        ("nothing", {"tax": D(1)}, "PRO711"),
        ("time-and-material", {"quantity": D(-1)}, "PRO711"),
        ("time-and-material", {"quantity": Decimal("NaN")}, "PRO711"),
        ("time-and-material", {"quantity": "three"}, "PRO711"),
        ("time-and-material", {"price": D("1e30")}, "PRO711"),
        ("time-and-material", {"billing_type": "free"}, "PRO711"),
        ("time-and-material", {"transaction_class": "time"}, "PRO711"),
        ("advance", {"applied": D("1000.01")}, "PRO714"),
    ],
)
def test_an_edit_that_cannot_be_is_refused_as_a_whole(kind, values, code) -> None:
    draft = whole()

    made = edit(draft, kind, UPDATED, {"tax": D(1), **values} if kind != "advance" else values)

    assert codes(made) == [code]
    assert made.draft == draft


def test_an_advance_is_only_lowered() -> None:
    draft = whole()
    lowered = done(edit(draft, "advance", BASELINE, {"applied": D("600.00")}))
    raised = edit(lowered, "advance", BASELINE, {"applied": D("601.00")})
    advance = next(e.advance for e in lowered.entries if e.advance is not None)

    assert (advance.applied, advance.left) == (D("600.00"), D("400.00"))
    assert codes(raised) == ["PRO714"]


@pytest.mark.parametrize("status", ["confirmed", "paid", "deleted"])
def test_a_proforma_that_is_confirmed_or_deleted_is_read_only(status: str) -> None:
    draft = replace(whole(), status=status)

    for made in (
        edit(draft, "advance", UPDATED, {"applied": D(1)}),
        add_detail(draft, READY, quantity=D(1)),
        add_product(draft, READY, quantity=D(1)),
        remove(draft, "advance"),
        delete(draft),
        apply_retainers(draft, [RETAINER]),
    ):
        assert codes(made) == ["PRO710"]
        assert made.draft == draft


def test_a_detail_in_review_is_edited_too() -> None:
    draft = replace(whole(), status="in-review")

    made = edit(draft, "time-and-material", UPDATED, {"quantity": D(3)})

    assert done(made).status == "in-review"


def test_what_is_removed_is_ready_to_invoice_again() -> None:
    draft = drafted(READY, milestones=(MILESTONE,))
    first = remove(draft, "u1")
    second = remove(done(first), "m")
    other = remove(draft, "u1", Inferred(deleted_detail_is_ready=False))

    assert [e.id for e in done(first).entries] == ["m"]
    assert first.created.changed("u1", "billing_status") == "ready-to-invoice"
    assert [c.field for c in first.created.changes] == ["billing_status", "invoice"]
    assert second.created.changed("m", "invoice_status") == "ready"
    assert other.created.changed("u1", "billing_status") == "unbilled-sales-created"
    assert codes(remove(draft, "nothing")) == ["PRO711"]


def test_a_deleted_draft_gives_everything_back() -> None:
    made = delete(drafted(READY, OTHER))

    assert (made.draft.status, made.draft.entries) == ("deleted", ())
    assert [c.record for c in made.created.changes if c.field == "billing_status"] == ["u1", "u2"]


def test_details_added_by_hand_have_ids_of_their_own() -> None:
    draft = done(add_detail(EMPTY, READY, quantity=D(2), price=D("10.00")))
    draft = done(add_detail(draft, READY, quantity=D(1), billing_method="fixed-price"))

    assert [e.id for e in draft.entries] == ["INV-1/added/1", "INV-1/added/2"]
    assert total_of(draft) == D("20.00") + D("1.60") + D("125.00") + D("10.00")


def advances(draft: Draft) -> list[tuple[str, Decimal]]:
    return [(e.advance.retainer, e.advance.applied) for e in draft.entries
            if e.advance is not None]  # fmt: skip


SMALL = replace(RETAINER, id="small", amount=D("100.00"), invoice_date=date(2026, 1, 1))
FOREIGN = (
    replace(RETAINER, id="x", contract="other"),
    replace(RETAINER, id="y", currency="eur"),
    replace(RETAINER, id="z", contract_customer="else"),
    replace(RETAINER, id="n", is_invoiced=None, invoice_status="ready"),
    replace(RETAINER, id="f", is_invoiced=False),
)


def test_retainers_apply_themselves_oldest_first_until_the_draft_is_paid() -> None:
    draft = done(apply_retainers(drafted(), [RETAINER, SMALL, *FOREIGN]))
    again = done(apply_retainers(draft, [RETAINER, SMALL]))

    assert advances(draft) == [("small", D("100.00")), ("r", D("690.00"))]
    assert total_of(draft) == 0
    assert again == draft


def test_the_cap_at_the_invoice_is_a_setting() -> None:
    uncapped = Inferred(advance_stops_at_invoice=False)

    assert advances(done(apply_retainers(drafted(), [RETAINER], inferred=uncapped))) == [
        ("r", D("1000.00"))]  # fmt: skip


def test_a_retainer_that_the_draft_invoices_is_no_debt_that_another_one_pays() -> None:
    new = replace(RETAINER, id="new", is_invoiced=None)
    draft = replace(EMPTY, entries=(Entry(id="new", kind="milestone", retainer=new),))

    assert advances(done(apply_retainers(draft, [RETAINER]))) == []


def test_a_lowered_advance_stays_lowered() -> None:
    draft = done(apply_retainers(drafted(), [RETAINER]))
    lowered = done(edit(draft, "INV-1/advance/r", UPDATED, {"applied": D("5.00")}))

    assert advances(done(apply_retainers(lowered, [RETAINER]))) == [("r", D("5.00"))]
