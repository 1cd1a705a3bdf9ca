"""Actuals of the sample company that contradict themselves are held, by the rule that says why."""

import json
import shutil
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from adapter import make_plan, make_report, read_workspace
from tests.commands import CONTOSO
from tests.facts_given import dossier, value
from tests.making_given import World, actual

ACTUALS = Path("records/contoso-us/msdyn_actual.jsonl")
SEALANT = "004afe8d"  # unbilled sales, 7 x 12.50 = 87.50 USD
BEARINGS = "001bce32"  # cost, 3 x 37.10 = 111.30 GBP
SALES = "02a11c9c"  # unbilled sales, 518.40 GBP
SHOWN = ("REQ370", "REQ371", "REQ415", "REQ462", "REQ463", "REQ464", "REQ479", "REQ480")


def copy_with(
    tmp_path: Path,
    path: Path,
    key: str,
    prefix: str,
    changes: dict[str, Any],
    source: Path = CONTOSO,
) -> Path:
    """A company, the sample one if none is named, with other columns in one row."""
    folder = tmp_path / "company"
    shutil.copytree(source, folder)
    rows = [json.loads(line) for line in (folder / path).read_text().splitlines()]
    (row,) = [row for row in rows if row[key].startswith(prefix)]
    row |= changes
    (folder / path).write_text("".join(json.dumps(row) + "\n" for row in rows))
    return folder


def judged(folder: Path, prefix: str) -> tuple[str, str, list[str]]:
    """Rule of the ledger, rule of billing, and which of these requirements an actual breaks."""
    report = make_report(make_plan(read_workspace(folder)))
    (one,) = [a for a in report["actuals"] if a["id"].startswith(prefix)]
    return one["ledger"]["rule"], one["billing"]["rule"], [c for c in one["findings"] if c in SHOWN]


@pytest.mark.parametrize(
    ("prefix", "changes", "code"),
    [
        (SEALANT, {"msdyn_discountamount": 50000}, "REQ370"),
        (SEALANT, {"msdyn_discountamount": 87.51}, "REQ370"),
        (SEALANT, {"msdyn_discountamount": -1}, "REQ370"),
        (SEALANT, {"msdyn_feeamount": -500}, "REQ371"),
        (SEALANT, {"msdyn_tax": -500}, "REQ371"),
        (BEARINGS, {"msdyn_price": None}, "REQ462"),
        (SALES, {"msdyn_price": None}, "REQ462"),
        (BEARINGS, {"msdyn_amount": 999.99}, "REQ463"),
        (BEARINGS, {"msdyn_amount": 999, "msdyn_amountmethod": None}, "REQ463"),
        (SALES, {"msdyn_price": 0}, "REQ463"),
        (SEALANT, {"msdyn_quantity": -7, "msdyn_amount": -87.5}, "REQ464"),
        (BEARINGS, {"msdyn_quantity": -3, "msdyn_amount": -111.3}, "REQ415"),
    ],
)
def test_what_contradicts_itself_is_held(tmp_path, prefix, changes, code) -> None:
    folder = copy_with(tmp_path, ACTUALS, "msdyn_actualid", prefix, changes)

    assert judged(folder, prefix) == (code, code, [code])


@pytest.mark.parametrize(
    ("prefix", "changes", "ledger", "billing", "codes"),
    [
        (SEALANT, {"msdyn_discountamount": 87.5}, "RTE460", "RTE540", []),
        (SEALANT, {"msdyn_feeamount": 0, "msdyn_tax": 7.22}, "RTE460", "RTE540", []),
        (BEARINGS, {"msdyn_amount": 111.32}, "RTE455", "RTE501", ["REQ479"]),
        (BEARINGS, {"msdyn_amount": 111.32, "msdyn_amountmethod": None}, "RTE455", "RTE501",
         ["REQ479"]),
        (BEARINGS, {"msdyn_amount": 999, "msdyn_amountmethod": 192350001}, "RTE455", "RTE501", []),
        (SEALANT, {"msdyn_quantity": -7, "msdyn_amount": -87.5, "msdyn_adjustmentstatus": 192350002,
                   "msdyn_billingstatus": 192350003}, "RTE452", "RTE510", ["REQ480"]),
    ],
)  # fmt: skip
def test_what_only_looks_like_it_goes_on(tmp_path, prefix, changes, ledger, billing, codes) -> None:
    folder = copy_with(tmp_path, ACTUALS, "msdyn_actualid", prefix, changes)

    assert judged(folder, prefix) == (ledger, billing, codes)


@pytest.mark.parametrize(
    ("amount", "quantity", "price", "said"),
    [
        ("111.30", "3", "37.10", "none"),
        ("111.32", "3", "37.10", "rounding"),  # 0.01, and 0.005 for each of 3: 0.025
        ("111.33", "3", "37.10", "contradiction"),
        ("-111.28", "-3", "37.10", "rounding"),
        ("1005.01", "1000", "1.00", "rounding"),
        ("1005.02", "1000", "1.00", "contradiction"),
        ("0.01", "0", "5", "rounding"),
    ],
)
def test_how_far_an_amount_is_from_quantity_times_price(amount, quantity, price, said) -> None:
    one = actual("A", "cost", quantity, price, amount=Decimal(amount))

    assert value(dossier(World(), one), "actual.amount_gap") == said


def test_a_gap_needs_all_three_numbers() -> None:
    one = actual("A", "cost", "1", "5")

    assert value(dossier(World(), replace(one, price=None)), "actual.amount_gap") is None
    assert value(dossier(World(), replace(one, amount=None)), "actual.amount_gap") is None


LINE = "03236ec0"  # time and material, all tasks
ON_LINE = "01f56b98"  # unbilled sales on it


def test_sales_without_a_task_on_a_line_of_selected_tasks_are_held(tmp_path: Path) -> None:
    folder = copy_with(tmp_path, Path("records/contoso-us/salesorderdetail.jsonl"),
                       "salesorderdetailid", LINE, {"msdyn_includedtasks": 192350001})  # fmt: skip
    assert judged(folder, ON_LINE)[:2] == ("RTE460", "RTE540")

    again = copy_with(tmp_path / "again", ACTUALS, "msdyn_actualid", ON_LINE,
                      {"_msdyn_task_value": None}, folder)  # fmt: skip
    assert judged(again, ON_LINE)[:2] == ("RTE546", "RTE546")
