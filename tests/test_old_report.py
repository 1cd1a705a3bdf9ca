"""edge/old_report.py: a damaged report is told, and never compared with."""

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from adapter.edge.old_report import read_report
from adapter.edge.settings_file import NoWorkspace
from tests.commands import CONTOSO, ran

Damage = Callable[[dict[str, Any]], object]


@cache
def text() -> str:
    return ran(["plan", CONTOSO, "--format", "json"]).out


def nested(depth: int) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for _ in range(depth):
        made = {"a": made}
    return made


# what is done to a report | what is said
DAMAGES: dict[str, tuple[Damage, str]] = {
    "no_documents": (lambda r: r.update(documents=None), "got `null` - at `$.documents`"),
    "no_id": (lambda r: r["actuals"][3].pop("id"), "field `id` - at `$.actuals[3]`"),
    "no_answer": (lambda r: r["actuals"][0]["ledger"].pop("answer"), "`$.actuals[0].ledger`"),
    "no_number": (lambda r: r["actuals"][3].update(amount="abc"),
                  "abc is no amount - at `$.actuals[3].amount`"),
    "a_huge_number": (lambda r: r["actuals"][3].update(amount="1e999999"), "is no amount"),
    "a_total": (lambda r: r["documents"][0]["totals"][0].update(amount="NaN"),
                "NaN is no amount - at `$.documents[0].totals`"),
    "deep": (lambda r: r["documents"][0].update(payload=nested(400)), "nested too deep"),
    "personal": (lambda r: r["documents"][0].update(personal={"columns": []}), "field `digest`"),
    "coverage": (lambda r: r.update(coverage=[1]), "got `int` - at `$.coverage[0]`"),
    "no_headline": (lambda r: r["verdict"].clear(), "field `headline` - at `$.verdict`"),
    "version": (lambda r: r.update(report=2), "its version is 2"),
}  # fmt: skip


@pytest.mark.parametrize("name", DAMAGES)
def test_what_is_wrong_with_a_report_is_said(name: str, tmp_path: Path) -> None:
    damage, said = DAMAGES[name]
    report = json.loads(text())
    damage(report)
    path = tmp_path / "old.json"
    path.write_text(json.dumps(report), "utf-8")

    with pytest.raises(NoWorkspace, match=r"is no report\.json of version 1: ") as raised:
        read_report(path)
    assert said in str(raised.value)


@pytest.mark.parametrize("broken", ['{"report":1}', "[]", "null", "[" * 100_000, '"x', ""])
def test_what_is_no_report_at_all_ends_with_2_and_one_line(broken: str, tmp_path: Path) -> None:
    path = tmp_path / "old.json"
    path.write_text(broken, "utf-8")
    ended = ran(["plan", CONTOSO, "--against", path])

    assert ended.code == 2 and ended.out == "" and ended.err.count("\n") == 1
    assert "is no report.json of version 1: " in ended.err


def test_a_whole_report_is_read_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "old.json"
    path.write_text(text(), "utf-8")

    assert read_report(path) == json.loads(text())


@pytest.mark.parametrize("option", ["--json", "--html", "--csv", "--xlsx", "--against"])
def test_a_file_is_not_called_by_a_dash(option: str, tmp_path: Path) -> None:
    ended = ran(["plan", CONTOSO, option, "-"])

    assert ended.code == 2 and f"{option} takes a name, not `-`" in ended.err
    assert not Path("-").exists()
