"""The garbage collector rests while a plan is made, and nothing piles up meanwhile."""

import gc
from pathlib import Path

import pytest

from adapter.edge.workspace import read_workspace
from adapter.making.plan import make_plan
from adapter.values.collector import collector_rests
from benchmarks.plans import company


def test_it_rests_inside_and_is_as_before_afterwards() -> None:
    assert gc.isenabled()
    with collector_rests():
        assert not gc.isenabled()
        with collector_rests():
            pass
        assert not gc.isenabled(), "an inner rest must not wake it"
    assert gc.isenabled()


def test_it_wakes_after_an_error() -> None:
    with pytest.raises(ValueError, match="broken"), collector_rests():
        raise ValueError("broken")
    assert gc.isenabled()


def test_cycles_do_not_grow_with_the_company(tmp_path: Path) -> None:
    """What a plan leaves to the collector is made once, not for each actual."""
    left = []
    for actuals in (200, 2_000):
        gc.collect()
        with collector_rests():
            make_plan(read_workspace(company(tmp_path, actuals)))
            left.append(gc.collect())
    few, many = left
    assert many < few + 500, left
