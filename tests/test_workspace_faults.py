"""Row files that cannot be read are findings; the other tables go on."""

import json
from pathlib import Path

import pytest

from tests.commands import ran, small_company
from tests.rule_texts import HEADS


@pytest.mark.parametrize(
    ("name", "body", "said"),
    [
        ("uom.xlsx", b"not a zip", "no XLSX workbook"),
        ("uom.xlsx", b"PK\x03\x04 cut", "no XLSX workbook"),
        ("uom.xlsx", b"", "no XLSX workbook"),
    ],
)
def test_a_broken_workbook_is_one_finding(
    tmp_path: Path, name: str, body: bytes, said: str
) -> None:
    folder = small_company(tmp_path / "ws", 15)
    (folder / "records/contoso-us/uom.jsonl").unlink()
    (folder / "records/contoso-us" / name).write_bytes(body)

    found = json.loads(ran(["check", folder, "--format", "json"]).out)["findings"]

    (fault,) = [f for f in found if f["code"] == "SRC004"]
    assert fault["place"] == f"records/contoso-us/{name}"
    assert said in fault["message"]


def test_a_switch_that_expired_is_on_again_without_any_as_of(tmp_path: Path) -> None:
    folder = small_company(tmp_path / "company")
    at = folder / "adapter.toml"
    lines = [line for line in at.read_text().splitlines() if not line.startswith("as_of")]
    switch = '[rules]\nREQ380 = { enabled = false, because = "pilot", expires = 2020-01-31 }'
    assert "[rules]" not in lines
    at.write_text("\n".join(lines) + "\n\n" + switch + "\n")

    assert "RUL115" in ran(["check", folder]).out
    assert "RUL115" in ran(["plan", folder]).out


def test_a_workspace_cannot_declare_a_fact_that_exists(tmp_path: Path) -> None:
    folder = small_company(tmp_path / "company")
    (folder / "rules").mkdir(exist_ok=True)
    (folder / "rules/own.toml").write_text(
        HEADS["conclude"]
        + '[concludes]\n"actual.skip_sync" = { values = ["a", "b"], default = "a" }\n'
        + '[[rule]]\nid = "OWN901"\nname = "own"\nwhen = ["actual.quantity > 1"]\n'
        + 'conclude = { "actual.skip_sync" = "b" }\nsource = "x"\ntag = "inferred"\n'
    )

    assert "RUL117" in ran(["check", folder]).out
