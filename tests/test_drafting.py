"""From a routed actual to a line, and from lines to documents."""

import pytest

from adapter.making.drafting import line_of
from adapter.making.lined import KIND_OF
from tests.making_given import World, actual


def test_an_answer_that_sends_nothing_makes_no_line():
    assert line_of(World().routed(actual("a", "cost", "1", "1"), "journal-line"), "billing") is None


def test_an_actual_without_amount_or_date_is_a_finding_and_no_traceback():
    bare = actual("a", "cost", "1", "1", amount=None, started_at=None)

    found = World().line(bare).findings

    assert {f.code for f in found} >= {"JNL704", "JNL705"}


@pytest.mark.parametrize("document", KIND_OF)
def test_each_answer_leads_to_its_kind_of_document(document):
    world = World()

    [found] = world.documents([actual("a", "unbilled-sales", "1", "1")], document)

    assert found.kind == KIND_OF[document]
    assert found.actuals == ("a",)
