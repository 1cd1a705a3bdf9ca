"""Row files that cannot be read are findings; the other tables go on."""

import json
from pathlib import Path

import pytest

from tests.commands import ran, small_company


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
