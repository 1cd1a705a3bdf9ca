"""The proofs of sending that fit into the suite; `make kill` and `make simulate` run more."""

import tempfile
from pathlib import Path

import pytest

from tests.proof.kill import Round
from tests.proof.mutants import EXPLAINED, MUTANTS, found_by
from tests.proof.simulate import run_seed, shrunk

KILLS, SEEDS, CHUNK = 20, 300, 25


@pytest.mark.parametrize("number", range(KILLS))
def test_a_killed_worker_loses_nothing_and_doubles_nothing(
    number: int, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """Even rounds on SQLite, odd ones on PostgreSQL; half of them without enforced keys."""
    url = str(tmp_path / "ledger.db")
    if number % 2:
        import psycopg

        server: str = request.getfixturevalue("postgres")
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "kill{number}"')  # type: ignore[arg-type]
        url = server.replace("/postgres?", f"/kill{number}?")

    lost, double, _where = Round(number, url, enforces_keys=number % 4 < 2).run()

    assert (lost, double) == (0, 0)


@pytest.mark.parametrize("first", range(0, SEEDS, CHUNK))
def test_no_seed_breaks_a_law(first: int, tmp_path: Path) -> None:
    broken = {seed: world.broken for seed in range(first, first + CHUNK)
              if (world := run_seed(seed, tmp_path)).broken}  # fmt: skip

    assert broken == {}, "make simulate SEEDS=1 FIRST=<seed>"


@pytest.mark.parametrize("mutant", [name for name in MUTANTS if name not in EXPLAINED])
def test_a_planted_fault_is_found(mutant: str, tmp_path: Path) -> None:
    assert found_by(mutant, tmp_path) is not None


def test_every_explained_mutant_is_one_of_them() -> None:
    assert EXPLAINED.keys() <= MUTANTS.keys()
    assert len(MUTANTS) >= 20


def test_a_failing_seed_is_made_small() -> None:
    """The shrinker leaves few faults of many, and they still fail."""
    with tempfile.TemporaryDirectory() as name, MUTANTS["unknown-is-sent"]():
        folder = Path(name)
        whole = run_seed(0, folder)
        least, world = shrunk(0, folder)

    assert world.broken
    assert len(least) < len(whole.faults.hits) + len(whole.hits)
    assert len(least) <= 4
