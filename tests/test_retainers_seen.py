"""Retainers beside the actuals of E20: what is not used up, told by actuals or by their rows."""

from datetime import date

import pytest
from msgspec.structs import replace

from adapter.making.advances import Advance
from adapter.making.confirm import Detail, confirm_proforma
from adapter.making.story import make_story
from adapter.making.story_parts import Story
from adapter.values.actuals import Actual
from adapter.values.project_operations import Retainer
from tests.making_given import AS_OF, CRM, actual, settings, tables
from tests.test_story import CONTRACT, D, figures, told

ADVANCE = Retainer(id="r", name="Advance", contract="pc", amount=D(1000), used_amount=D(0),
                   currency="usd", is_invoiced=True, invoice_date=date(2026, 3, 1),
                   invoice_status="customer-invoice-posted")  # fmt: skip


def invoiced(retainer: Retainer = ADVANCE) -> list[Actual]:
    made = confirm_proforma([], retainers=[retainer], invoice="i1").actuals
    return [replace(a, contract="pc", currency="usd", document_date=AS_OF) for a in made]


def lacking(story: Story) -> list[str]:
    return [f.message.partition("missing: ")[2] for f in story.findings if f.code == "PRO724"]


def test_a_retainer_without_actuals_is_an_advance_and_told() -> None:
    story = told(ADVANCE, about=CONTRACT)

    assert figures(story) == {"advances": "1000"}
    assert lacking(story) == ["unbilled sales, billed sales"]


def test_with_its_actuals_it_counts_once() -> None:
    story = told(ADVANCE, *invoiced(), about=CONTRACT)

    assert (figures(story), lacking(story)) == ({"advances": "1000"}, [])


def test_what_was_used_of_it_is_no_advance() -> None:
    story = told(replace(ADVANCE, used_amount=D(640)), about=CONTRACT)

    assert figures(story) == {"advances": "360"}


def test_actuals_that_took_of_it_come_off() -> None:
    """E22 is there and E20 is not: the rest is the same as with both."""
    taken = Advance(retainer="r", name="Advance", available=D(1000), applied=D(640),
                    left=D(360))  # fmt: skip
    sale = actual("u", "unbilled-sales", "8", "80.00", contract="pc")
    made = [replace(a, contract="pc", currency="usd", document_date=AS_OF) for a in
            confirm_proforma([Detail(original=sale)], advances=[taken], invoice="i2").actuals]
    used = replace(ADVANCE, used_amount=D(640))

    without = told(used, sale, *made, about=CONTRACT)
    whole = told(used, sale, *made, *invoiced(), about=CONTRACT)

    assert figures(without)["advances"] == figures(whole)["advances"] == "360"
    assert (lacking(without), lacking(whole)) == (["unbilled sales, billed sales"], [])


@pytest.mark.parametrize("status", ["not-ready", "ready", "customer-invoice-created"])
def test_a_retainer_that_was_not_invoiced_is_no_advance(status: str) -> None:
    story = told(replace(ADVANCE, invoice_status=status, is_invoiced=False), about=CONTRACT)

    assert (story.totals, lacking(story)) == ({}, [])


@pytest.mark.parametrize("said", [
    {"invoice_status": "ready"}, {"is_invoiced": None},
    {"invoice_status": None},
])  # fmt: skip
def test_the_flag_says_it_else_the_status(said: dict[str, object]) -> None:
    """The documented states of a retainer are not ready and ready: they disprove nothing."""
    story = told(replace(ADVANCE, used_amount=D(640), **said), about=CONTRACT)

    assert figures(story) == {"advances": "360"}
    assert lacking(story) == ["unbilled sales, billed sales"]


def test_two_of_one_amount_need_two_sets_of_actuals() -> None:
    story = told(ADVANCE, replace(ADVANCE, id="r2"), *invoiced(), about=CONTRACT)

    assert figures(story)["advances"] == "2000"
    assert lacking(story) == ["unbilled sales, billed sales"]


def test_a_story_by_day_and_kind_tells_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = told(ADVANCE, about=CONTRACT)
    monkeypatch.setattr("adapter.making.story.ACTUALS_MAX", -1)
    brief = make_story(CONTRACT, tables(*CRM, ADVANCE), settings(), AS_OF, whole=False)

    assert (brief.totals, lacking(brief)) == (whole.totals, lacking(whole))
