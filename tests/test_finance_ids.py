"""reading/finance_ids.py: ids of Finance are one without regard to letter case."""

import json
from pathlib import Path

import pytest

from adapter import make_plan, make_report, read_workspace
from adapter.reading.finance_ids import FinanceRecords, id_key
from adapter.reading.store import RecordsInMemory
from adapter.values.finance import OnHand, ProjectCategory
from tests.commands import CONTOSO, copied

ITEM = ProjectCategory(id="USMF|Item", company="USMF", name="Item")
LOUD = ProjectCategory(id="USMF|ITEM", company="USMF", name="ITEM")
STOCK = OnHand(id="USMF|d0011|1|11", company="USMF", item_number="d0011")


def rows(*records: ProjectCategory | OnHand) -> FinanceRecords:
    tables: dict[type, dict[str, ProjectCategory | OnHand]] = {}
    for record in records:
        tables.setdefault(type(record), {})[record.id] = record
    return FinanceRecords(RecordsInMemory(tables))  # type: ignore[arg-type]


@pytest.mark.parametrize("key", ["USMF|Item", "USMF|ITEM", "usmf|item "])
def test_a_row_is_found_however_its_id_is_written(key: str) -> None:
    assert rows(ITEM).one(ProjectCategory, key) is ITEM
    assert rows(ITEM).finder(ProjectCategory)(key) is ITEM


def test_what_is_written_alike_comes_first() -> None:
    both = rows(ITEM, LOUD)

    assert both.one(ProjectCategory, "USMF|Item") is ITEM
    assert both.one(ProjectCategory, "USMF|ITEM") is LOUD
    assert both.one(ProjectCategory, "USMF|HOUR") is None
    assert both.one(ProjectCategory, None) is None


def test_rows_are_found_by_a_field_too() -> None:
    assert rows(STOCK).where(OnHand, "item_number", "D0011") == (STOCK,)
    assert rows(STOCK).finder_by(OnHand, "item_number")("d0011 ") == (STOCK,)
    assert rows(STOCK).where(OnHand, "item_number", "D0012") == ()
    assert rows(STOCK).where(OnHand, "item_number", None) == ()


def test_a_workspace_may_tell_them_apart() -> None:
    assert id_key(" SN-1 ", {}) == id_key("sn-1", {})
    assert id_key("SN-1", {"finance_ids_match_case": True}) != id_key(
        "sn-1", {"finance_ids_match_case": True}
    )


@pytest.mark.parametrize(("exact", "expected"), [(False, [True, True]), (True, [True, False])])
def test_a_serial_number_used_twice_is_found_in_any_spelling(
    tmp_path: Path, exact: bool, expected: list[bool]
) -> None:
    found = []
    for written in ("SN-USMF-TWICE", "sn-usmf-twice "):
        folder = copied(CONTOSO, tmp_path / written)
        path = folder / "records/contoso-us/msdyn_actual.jsonl"
        actuals = [json.loads(line) for line in path.read_bytes().splitlines()]
        mark = "_msdyn_serialnumber_value@OData.Community.Display.V1.FormattedValue"
        twice = [a for a in actuals if a.get(mark) == "SN-USMF-TWICE"
                 and a["msdyn_transactiontypecode"] == 192350000]  # fmt: skip
        assert len(twice) == 2
        twice[0][mark] = written
        path.write_text("".join(json.dumps(a) + "\n" for a in actuals))
        if exact:
            with (folder / "adapter.toml").open("a") as settings:
                settings.write("\n[settings]\nfinance_ids_match_case = true\n")
        report = make_report(make_plan(read_workspace(folder)))
        found.append(any("REQ383" in a["findings"] for a in report["actuals"]
                         if a["company"] == "USMF"))  # fmt: skip
    assert found == expected
