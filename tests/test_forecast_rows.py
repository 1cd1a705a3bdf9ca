"""Rows of estimates, project journals and item forecasts, read as the other side writes them."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from adapter.reading.columns import parse_binding
from adapter.reading.rows import read_rows
from adapter.reading.schema import parse_schema
from adapter.reading.source import parse_source

D = Decimal
ROOT = Path(__file__).parents[1]
KEY = "5f2c8a10-0000-4000-8000-000000000001"
LINE = "5f2c8a10-0000-4000-8000-000000000002"


@pytest.mark.parametrize(
    ("mapping", "row", "found"),
    [
        (
            "dataverse/estimate_line",
            {"msdyn_estimatelineid": KEY, "msdyn_transactiontypecode": 192350005,
             "msdyn_transactionclassification": 192350002, "msdyn_billingtype": 192350001,
             "msdyn_quantity": 4.00, "msdyn_price": 125.0001, "_msdyn_site_value": LINE,
             "msdyn_documentdate": "2026-11-02", "_msdyn_workorderproduct_value": LINE,
             "versionnumber": 7, "modifiedon": "2026-11-02T09:00:00Z"},
            {"id": KEY, "transaction_type": "unbilled-sales", "transaction_class": "material",
             "billing_type": "chargeable", "quantity": D(4), "price": D("125.0001"),
             "site": LINE, "document_date": date(2026, 11, 2), "line": LINE, "version": 7,
             "modified_on": datetime(2026, 11, 2, 9, tzinfo=UTC)},
        ),
        (
            "dataverse/project_journal",
            {"msdyn_journalid": KEY, "msdyn_journaltype": 192350001, "msdyn_isposted": True,
             "statecode": 0},
            {"id": KEY, "journal_type": "time-correction", "is_posted": True, "status": "active"},
        ),
        (
            "dataverse/project_journal_line",
            {"msdyn_journallineid": KEY, "msdyn_transactiontypecode": 192350000,
             "_msdyn_serialnumber_value": LINE,
             "_msdyn_serialnumber_value@OData.Community.Display.V1.FormattedValue": "SN-1",
             "_msdyn_materialusagelog_value": LINE, "msdyn_billingstatus": 192350003,
             "msdyn_amount": 320.00},
            {"id": KEY, "transaction_type": "cost", "serial_number": "SN-1", "usage": LINE,
             "billing_status": "canceled", "amount": D(320)},
        ),
        (
            "finance/item_forecast",
            {"dataAreaId": "uspm", "ProjectTransactionId": "T1", "ProjectId": "P-7",
             "ItemId": "D0011", "SalesQuantity": 4, "CostPrice": 80, "SalesPrice": 125,
             "Currency": "usd", "StorageSiteId": "1", "StorageWarehouseId": "11",
             "Active": "Yes"},
            {"id": "USPM|T1", "company": "USPM", "transaction": "T1", "item_number": "D0011",
             "quantity": D(4), "cost_price": D(80), "sales_price": D(125), "currency": "USD",
             "site": "1", "warehouse": "11", "is_active": True},
        ),
        (
            "finance/forecast_import",
            {"dataAreaId": "uspm", "ImportId": KEY, "ForecastLineId": LINE, "TransId": "T1",
             "TransType": "Sales"},
            {"company": "USPM", "estimate_line": LINE, "transaction": "T1",
             "transaction_type": "unbilled-sales"},
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_a_row_is_read_into_its_record(mapping, row, found) -> None:
    side, stem = mapping.split("/")
    path = f"mappings/from-{side}/{stem}.toml"
    source, _ = parse_source(path, (ROOT / path).read_text())
    assert source is not None
    schema = ROOT / f"mappings/schema/{side}/{source.table['table']}.json"
    binding, faults = parse_binding(source, parse_schema(schema.name, schema.read_bytes())[0])
    assert binding is not None and faults == ()

    read = read_rows(binding, json.dumps(row).encode(), "rows.jsonl")
    (record,) = read.records

    assert read.findings == ()
    assert {name: getattr(record, name) for name in found} == found
