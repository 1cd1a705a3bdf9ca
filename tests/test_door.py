"""The door: what a program imports, and that the import alone costs nothing."""

import subprocess
import sys
from pathlib import Path

import pytest

import adapter

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("name", adapter.__all__)
def test_every_name_of_the_door_leads_somewhere(name: str) -> None:
    assert getattr(adapter, name).__doc__


def test_the_names_are_sorted_and_all_are_listed() -> None:
    assert list(adapter.__all__) == sorted(adapter.__all__)
    assert dir(adapter) == adapter.__all__
    assert set(adapter._HOMES) == set(adapter.__all__)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'make_coffee'"):
        adapter.make_coffee  # noqa: B018


def test_the_import_alone_loads_nothing_else() -> None:
    script = "import sys, adapter; print([m for m in sys.modules if m.startswith('adapter.')])"
    out = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True,
                         cwd=ROOT).stdout  # fmt: skip

    assert out == "[]\n"


def test_five_lines_make_a_report() -> None:
    from adapter import as_text, make_plan, make_report, read_workspace

    workspace = read_workspace(ROOT / "examples" / "contoso")
    plan = make_plan(workspace)
    report = make_report(plan)

    assert plan.balanced and report["plan"]["id"] == plan.id
    assert "Nothing was sent." in " ".join(as_text(report).split())


def test_the_package_says_that_it_is_typed() -> None:
    assert (ROOT / "adapter" / "py.typed").is_file()
