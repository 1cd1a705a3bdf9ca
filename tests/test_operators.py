"""Operators at random, one seed where Finance enforces our keys and one where it does not."""

from pathlib import Path

import pytest

from tests.proof.operators import tried


@pytest.mark.parametrize("seed", [6, 9])
def test_whatever_operators_do_nothing_is_lost_or_double(tmp_path: Path, seed: int) -> None:
    assert tried(tmp_path, seed, acts=7, actuals=6) == ""
