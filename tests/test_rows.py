"""Rows become records; what does not fit is said and never guessed."""

import json
import random
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from adapter.reading.binding import TableBinding
from adapter.reading.columns import parse_binding
from adapter.reading.decoder import public_values
from adapter.reading.gathering import RowsRead
from adapter.reading.row_keys import repeated_key
from adapter.reading.rows import read_lines, read_rows
from adapter.reading.schema import parse_schema
from adapter.reading.sheets import read_cells, read_csv
from adapter.reading.source import parse_source

ROOT = Path(__file__).parent.parent
ID = "11111111-0000-4000-8000-000000000001"
ID_2 = "11111111-0000-4000-8000-000000000002"
PROJECT = "22222222-0000-4000-8000-000000000001"


@cache
def binding_of(name: str, side: str = "dataverse") -> TableBinding:
    path = ROOT / f"mappings/from-{side}/{name}.toml"
    source, found = parse_source(f"mappings/from-{side}/{name}.toml", path.read_text())
    assert source is not None and not found
    schema_path = ROOT / f"mappings/schema/{side}/{source.table['table']}.json"
    schema, _ = parse_schema(str(schema_path), schema_path.read_bytes())
    binding, _ = parse_binding(source, schema)
    assert binding is not None
    return binding


def row(**columns: object) -> dict[str, object]:
    return {"msdyn_actualid": ID, **columns}


def read(*rows: dict[str, object], name: str = "actual", side: str = "dataverse") -> RowsRead:
    text = "\n".join(json.dumps(r) for r in rows)
    return read_rows(binding_of(name, side), text.encode(), "actuals.jsonl")


def raw(text: str) -> RowsRead:
    return read_rows(binding_of("actual"), text.encode(), "actuals.jsonl")


def codes(result: RowsRead) -> list[str]:
    about_records = [f.code for found in result.faults.values() for f in found]
    return sorted([f.code for f in result.findings] + about_records)


def test_a_row_of_the_web_api_becomes_a_typed_record() -> None:
    result = read({
        "@odata.etag": 'W/"4711"',
        "msdyn_actualid": ID,
        "msdyn_transactiontypecode": 192350005,
        "msdyn_transactiontypecode@OData.Community.Display.V1.FormattedValue": "Unbilled Sales",
        "_msdyn_project_value": PROJECT,
        "_msdyn_serialnumber_value": ID_2,
        "_msdyn_serialnumber_value@OData.Community.Display.V1.FormattedValue": "SN-0001",
        "_msdyn_batch_value": "B-7",
        "msdyn_isjournalized": False,
        "msdyn_documentdate": "2026-11-14T00:00:00Z",
        "msdyn_startdatetime": "2026-11-14T15:00:00Z",
        "msdyn_description": "",
        "statecode": 0,
        "versionnumber": 4711,
    })  # fmt: skip
    record = result.records[0]

    assert codes(result) == []
    assert record.transaction_type == "unbilled-sales"  # type: ignore[attr-defined]
    assert record.project == PROJECT  # type: ignore[attr-defined]
    assert record.serial_number == "SN-0001"  # type: ignore[attr-defined]
    assert record.batch_number == "B-7", "a text where an id belongs is the text"  # type: ignore[attr-defined]
    assert record.is_journalized is False  # type: ignore[attr-defined]
    assert record.document_date == date(2026, 11, 14)  # type: ignore[attr-defined]
    assert record.started_at == datetime(2026, 11, 14, 15, tzinfo=UTC)  # type: ignore[attr-defined]
    assert record.description is None  # type: ignore[attr-defined]
    assert (record.status, record.version) == ("active", 4711)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "written, expected",
    [
        ("1.10", "1.10"), ("12345678901234567.89", "12345678901234567.89"), ("-0.05", "-0.05"),
        ("5", "5.00"), ("1e2", "100.00"), ('"1.10"', "1.10"), ("150.0000", "150.00"),
        ("33.3330", "33.333"), ("-0.0", "0.00"), ("9999999999999999999", "9" * 19),
    ],
)  # fmt: skip
def test_amounts_are_exact(written: str, expected: str) -> None:
    result = raw(f'{{"msdyn_actualid": "{ID}", "msdyn_amount": {written}}}')

    assert codes(result) == []
    assert str(result.records[0].amount) == expected  # type: ignore[attr-defined]


FAULTS = [
    ("msdyn_amount", "1e30", "SRC032"),
    ("msdyn_amount", "12345678901234567890", "SRC032"),
    ("msdyn_amount", "1234567890123456.7890", "SRC032"),
    ("msdyn_amount", "0.00000000001", "SRC032"),
    ("msdyn_amount", "1e-30", "SRC032"),
    ("msdyn_amount", "1e999999999", "SRC032"),
    ("msdyn_amount", "9" * 5000, "SRC032"),
    ("msdyn_amount", '"NaN"', "SRC010"),
    ("msdyn_amount", '"Infinity"', "SRC010"),
    ("msdyn_amount", '"1,234.56"', "SRC010"),
    ("msdyn_amount", "true", "SRC010"),
    ("msdyn_amount", "[]", "SRC010"),
    ("msdyn_billingtype", "192359999", "SRC033"),
    ("msdyn_billingtype", '"Kostenlos"', "SRC033"),
    ("msdyn_billingtype", "1e999999999", "SRC033"),
    ("msdyn_billingtype", "9" * 5000, "SRC033"),
    ("_msdyn_project_value", "7", "SRC010"),
    ("_msdyn_project_value", "{}", "SRC010"),
    ("msdyn_isjournalized", '"perhaps"', "SRC010"),
    ("msdyn_documentdate", '"2026-02-30"', "SRC010"),
    ("msdyn_documentdate", '"2026-03-10T17:30:00Z"', "SRC010"),
    ("msdyn_startdatetime", '"2026-11-14T15:00:00"', "SRC010"),
    ("msdyn_startdatetime", '"2026-11-14"', "SRC010"),
    ("msdyn_startdatetime", '"0001-01-01T00:00:00+14:00"', "SRC010"),
    ("versionnumber", "1.5", "SRC010"),
    ("msdyn_description", '"' + "x" * 100_001 + '"', "SRC035"),
]


@pytest.mark.parametrize("column, value, code", FAULTS)
def test_a_value_that_does_not_fit_is_missing_and_said(column: str, value: str, code: str) -> None:
    lead = f'{{"msdyn_actualid": "{ID}", "msdyn_quantity": 2, '
    result = raw(f'{lead}"{column}": {value}}}')
    (fault,) = result.faults[ID]
    field = next(b for b in binding_of("actual").fields if b.wire == column)

    assert fault.code == code
    assert getattr(result.records[0], field.field) is None
    assert result.records[0].quantity == 2, "the rest of the row is kept"  # type: ignore[attr-defined]
    assert fault.record == ID and fault.help and field.column in fault.message
    assert (fault.place.line, fault.place.column) == (1, len(lead) + 1)
    assert result.unreadable == 0


def test_an_unknown_option_value_names_the_known_ones() -> None:
    (fault,) = read(row(msdyn_billingtype=5)).faults[ID]

    assert "`5`" in fault.message
    assert "192350001 chargeable" in fault.help


@pytest.mark.parametrize(
    "text, code",
    [
        ('{"msdyn_actualid": ', "SRC031"), ("NaN", "SRC031"), ("[1]", "SRC031"),
        ("[" * 50_000, "SRC031"), ('{"msdyn_actualid": "a", "msdyn_amount": NaN}', "SRC031"),
        ('{"msdyn_amount": 1}', "SRC036"), ('{"msdyn_actualid": " "}', "SRC036"),
        ('{"msdyn_actualid": null}', "SRC036"), ('{"msdyn_actualid": 7}', "SRC036"),
    ],
)  # fmt: skip
def test_a_lost_row_is_one_finding_and_the_others_go_on(text: str, code: str) -> None:
    other = json.dumps({"msdyn_actualid": ID_2})
    result = raw(f"{text}\n{other}\n")

    assert code in [f.code for f in result.findings]
    assert result.findings[0].place.line == 1
    assert [r.id for r in result.records] == [ID_2]
    assert (result.rows, result.unreadable) == (2, 1)


def test_a_broken_row_says_where_it_breaks() -> None:
    (finding,) = raw('{"msdyn_actualid": "a", "x": nul}').findings

    assert str(finding.place).startswith("actuals.jsonl:1:")
    assert finding.place.column > 25


def test_blank_lines_crlf_and_a_byte_order_mark_are_no_rows() -> None:
    line = json.dumps(row(msdyn_amount=1)).encode()
    data = b"\xef\xbb\xbf" + line + b"\r\n\r\n   \n" + line.replace(b"0001", b"0002") + b"\r\n"
    result = read_rows(binding_of("actual"), data, "actuals.jsonl")

    assert (result.rows, len(result.records), codes(result)) == (2, 2, [])


def test_text_that_is_not_utf_8_loses_its_row_only() -> None:
    line = json.dumps(row()).encode()
    data = b'{"msdyn_actualid": "\xff\xfe"}\n' + line
    result = read_rows(binding_of("actual"), data, "actuals.jsonl")

    assert ([f.code for f in result.findings], len(result.records)) == (["SRC031"], 1)


@pytest.mark.parametrize(
    "text, key",
    [
        ('{"a": 1, "b": 2, "a": 3}', "a"), ('{"a": 1, "\\u0061": 2}', "a"),
        ('{"a": {"b": 1, "b": 2}, "c": 1}', None), ('{"a" : 1, "b":2}', None),
        ('{"a": "x\\":y", "b": 2}', None), ('{"a": "}", "a": "{"}', "a"), ("{}", None),
        ('{"a": [1, {"b": ",\\"a\\":"}], "a": 1}', "a"),
        ('{"a":1,"b":2,"a" : 3}', "a"), ('{"a":1,"a"\t:3}', "a"), ('{"a" :1,"a"  :3}', "a"),
        ('{"a":1,"a"\r\n:3}', "a"), ('{"a":"x :y","b":"\\":" }', None), ('{"a"\t:1}', None),
    ],
)  # fmt: skip
def test_a_key_that_stands_twice_is_found(text: str, key: str | None) -> None:
    assert repeated_key(text.encode()) == key


def test_a_repeated_column_holds_the_record() -> None:
    result = raw(f'{{"msdyn_actualid": "{ID}", "msdyn_amount": 1, "msdyn_amount": 2}}')

    assert codes(result) == ["SRC034"]
    assert ID in result.faults


def test_an_identical_repeat_counts_once_and_another_content_is_a_fault() -> None:
    one, other = row(msdyn_amount=1), row(msdyn_amount=2)
    same, both, back = read(one, one), read(one, other), read(other, one)

    assert (len(same.records), same.rows, codes(same)) == (1, 2, ["SRC037"])
    assert [f.level for f in same.findings] == ["note"]
    assert codes(both) == ["SRC038"] and both.faults[ID][0].notes
    assert public_values(both.records[0]) == public_values(back.records[0])


BLANK_COLUMNS = {
    "msdyn_serialnumber": "serial_number", "msdyn_batch": "batch_number",
    "msdyn_location": "location", "msdyn_site": "site", "msdyn_warehouse": "warehouse",
    "msdyn_description": "description", "msdyn_project": "project",
}  # fmt: skip
SHOWN = "@OData.Community.Display.V1.FormattedValue"


@pytest.mark.parametrize("blank", ["", " ", " \t\u00a0"])
@pytest.mark.parametrize("form", ["json", "json, value by value", "csv"])
def test_a_text_of_blanks_only_is_missing_however_it_comes(form: str, blank: str) -> None:
    wires = {b.column: b.wire for b in binding_of("actual").fields}
    columns = {wires[column]: blank for column in BLANK_COLUMNS}
    if form == "csv":
        text = ",".join(["msdyn_actualid", *columns]) + f"\n{ID}" + f",{blank}" * len(columns)
        result = read_csv(binding_of("actual"), text, "actuals.csv")
    elif form == "json":
        result = read(row(**columns, **{wires["msdyn_serialnumber"] + SHOWN: blank}))
    else:
        result = read(row(**columns, msdyn_amount="1,0"))
    (record,) = result.records

    assert codes(result) == {"json": [], "csv": ["SRC043"]}.get(form, ["SRC010"])
    assert [getattr(record, field) for field in BLANK_COLUMNS.values()] == [None] * 7


@pytest.mark.parametrize("more", [{}, {"msdyn_amount": "1,0"}])
def test_a_lookup_whose_shown_text_is_blanks_only_has_none(more: dict[str, object]) -> None:
    wire = "_msdyn_serialnumber_value"
    by_id = read(row(**{wire: ID_2, wire + SHOWN: "  "}, **more))
    by_text = read(row(**{wire: "SN-1", wire + SHOWN: "  "}, **more))

    assert "SRC047" in codes(by_id)
    assert "SRC047" not in codes(by_text)
    assert by_text.records[0].serial_number == "SN-1"  # type: ignore[attr-defined]


def test_a_row_whose_key_is_blanks_only_is_lost() -> None:
    group = read({"GroupName": " "}, name="tracking_group", side="finance")
    actual = read({"msdyn_actualid": " "})

    assert (codes(group), codes(actual)) == (["SRC036"], ["SRC036"])


def test_control_characters_stay_but_are_said_in_keys() -> None:
    result = read(row(msdyn_description="a\u0007b"), {"msdyn_actualid": "x\u0001"})

    assert codes(result) == ["SRC039"]
    assert result.records[0].description == "a\u0007b"  # type: ignore[attr-defined]


def test_the_order_of_rows_does_not_change_the_digest() -> None:
    one, two = row(msdyn_amount=1), {"msdyn_actualid": ID_2}

    assert read(one, two).digest == read(two, one).digest
    assert read(one, two).digest != read(one).digest


def test_five_megabytes_of_text_do_not_hurt() -> None:
    result = read(row(msdyn_description='":' * 2_500_000), {"msdyn_actualid": ID_2})

    assert codes(result) == ["SRC035"]
    assert len(result.records) == 2


def test_days_may_come_as_instants_or_as_days_row_by_row() -> None:
    rows = [
        {"msdyn_actualid": f"id-{i}", "msdyn_documentdate": f"2026-11-0{i + 1}" + tail}
        for i, tail in enumerate(["T00:00:00Z", "", "", "T00:00:00Z", "T12:00:00Z"])
    ]
    result = read(*rows)

    assert codes(result) == []
    assert [r.document_date.day for r in result.records] == [1, 2, 3, 4, 5]  # type: ignore[attr-defined]


def test_a_stored_row_can_be_decoded_again() -> None:
    binding = binding_of("actual")
    line = json.dumps(row(msdyn_amount=1, msdyn_documentdate="2026-11-14")).encode()
    (read_once,) = list(read_lines(binding, [line], "x.jsonl"))
    assert read_once.record is not None

    again = binding.decode(read_once.raw)

    assert public_values(again) == public_values(read_once.record)
    with pytest.raises(ValueError):
        binding.decode(b'{"msdyn_actualid": 1}')


def test_pages_and_lists_of_rows_are_read_with_their_places() -> None:
    binding = binding_of("actual")
    good, bad = json.dumps(row()), json.dumps({"msdyn_actualid": ID_2, "msdyn_amount": "x"})
    page = '{"@odata.context": "c",\n "value": [\n' + good + ",\n  " + bad + "\n]}"
    texts = [page, f"[{page}]", f"[{good},\n\n\n  {bad}]"]

    for text in texts:
        result = read_rows(binding, text.encode(), "actuals.json")
        (fault,) = result.faults[ID_2]
        assert [r.id for r in result.records] == [ID, ID_2]
        assert fault.place.line == 4
        assert text.split("\n")[3][fault.place.column - 1 :].startswith('"msdyn_amount"')
    for text in ("{", '{"rows": []}', "7", "[1, 2]x", ""):
        result = read_rows(binding, text.encode(), "actuals.json")
        assert codes(result) == ["SRC040"], text


def test_finance_rows_have_composite_keys_symbols_and_yes_and_no() -> None:
    product = read({"dataAreaId": "usmf", "ItemNumber": "D0011", "ProjectCategoryId": ""},
                   name="released_product", side="finance")  # fmt: skip
    group = read({"GroupName": "Serial", "IsSerialNumberActive": "Yes",
                  "IsBatchNumberActive": "No"}, name="tracking_group", side="finance")  # fmt: skip
    rate = read({"RateTypeName": "Default", "FromCurrency": "gbp", "ToCurrency": "USD",
                 "StartDate": "2026-11-01T12:00:00Z", "EndDate": "1900-01-01T00:00:00Z",
                 "ConversionFactor": "Hundred", "Rate": 125.00},
                name="exchange_rate", side="finance")  # fmt: skip
    lost = read({"ItemNumber": "D0011"}, name="released_product", side="finance")

    assert (product.records[0].id, product.records[0].company) == ("USMF|D0011", "USMF")  # type: ignore[attr-defined]
    assert product.records[0].category is None  # type: ignore[attr-defined]
    assert group.records[0].id == "Serial"
    assert (group.records[0].serial_active, group.records[0].batch_active) == (True, False)  # type: ignore[attr-defined]
    assert rate.records[0].id == "Default|GBP|USD|2026-11-01"
    assert (rate.records[0].factor, rate.records[0].finish) == (100, None)  # type: ignore[attr-defined]
    assert codes(lost) == ["SRC036"]


RATE = {"RateTypeName": "Default", "FromCurrency": "EUR", "ToCurrency": "USD", "Rate": 108,
        "StartDate": "2026-01-01T12:00:00Z", "ConversionFactor": "Hundred"}  # fmt: skip
RATES: list[tuple[dict[str, object], list[str], tuple[object, object, object]]] = [
    ({}, [], (Decimal(108), 100, date(2026, 1, 1))),
    ({"Rate": 0}, ["SRC032"], (None, 100, date(2026, 1, 1))),
    ({"Rate": -5}, ["SRC032"], (None, 100, date(2026, 1, 1))),
    ({"Rate": None}, ["SRC053"], (None, 100, date(2026, 1, 1))),
    ({"ConversionFactor": None}, ["SRC053"], (Decimal(108), None, date(2026, 1, 1))),
    ({"ConversionFactor": ""}, ["SRC053"], (Decimal(108), None, date(2026, 1, 1))),
    ({"StartDate": "1900-01-01T12:00:00Z"}, [], (Decimal(108), 100, date(1900, 1, 1))),
    ({"StartDate": "1900-01-01"}, [], (Decimal(108), 100, date(1900, 1, 1))),
]  # fmt: skip


@pytest.mark.parametrize(("columns", "said", "expected"), RATES)
@pytest.mark.parametrize("form", ["json", "csv"])
def test_a_rate_is_above_zero_has_its_factor_and_may_be_valid_since_1900(
    columns: dict[str, object], said: list[str], expected: tuple[object, ...], form: str
) -> None:
    given = {**RATE, **columns}
    if form == "json":
        result = read(given, name="exchange_rate", side="finance")
    else:
        cells = ["" if value is None else str(value) for value in given.values()]
        text = f"{','.join(given)}\n{','.join(cells)}\n"
        result = read_csv(binding_of("exchange_rate", "finance"), text, "rates.csv")
    (record,) = result.records

    assert [code for code in codes(result) if code != "SRC043"] == said
    assert (record.rate, record.factor, record.start) == expected  # type: ignore[attr-defined]
    assert record.id == f"Default|EUR|USD|{expected[2]}"


def test_a_rate_without_the_column_of_its_factor_is_told() -> None:
    given = {name: value for name, value in RATE.items() if name != "ConversionFactor"}

    assert codes(read(given, name="exchange_rate", side="finance")) == ["SRC053"]


def test_first_days_of_periods_and_price_lists_may_be_in_1900() -> None:
    period = read({"LegalEntityId": "usmf", "YearName": "1900", "PeriodName": "1",
                   "StartDate": "1900-01-01T12:00:00Z", "EndDate": "1900-01-01T12:00:00Z"},
                  name="fiscal_period", side="finance")  # fmt: skip
    prices = read({"pricelevelid": ID, "begindate": "1900-01-01", "enddate": "1900-01-01"},
                  name="price_list")  # fmt: skip

    for result in (period, prices):
        assert [(r.start, r.finish) for r in result.records] == [(date(1900, 1, 1), None)]  # type: ignore[attr-defined]


def test_a_key_is_the_same_from_json_and_from_csv() -> None:
    from_json = read({"dataAreaId": "usmf", "ItemNumber": "A", "InventorySiteId": "1",
                      "InventoryWarehouseId": "11", "AvailableOnHandQuantity": "bad"},
                     {"dataAreaId": "usmf", "ItemNumber": "A", "InventorySiteId": "2",
                      "InventoryWarehouseId": "11"}, name="on_hand", side="finance")  # fmt: skip
    text = "dataAreaId,ItemNumber,InventorySiteId,InventoryWarehouseId\nusmf,A,1,11\nusmf,A,2,11\n"
    from_csv = read_csv(binding_of("on_hand", "finance"), text, "on_hand.csv")

    assert [r.id for r in from_json.records] == [r.id for r in from_csv.records]
    assert from_csv.records[0].id == "USMF|A|1|11|||||"


CSV = (
    "msdyn_actualid;msdyn_amount;msdyn_billingtype;_msdyn_project_value;msdyn_isjournalized;"
    "msdyn_documentdate;msdyn_serialnumber;extra\r\n"
    '{11111111-0000-4000-8000-00000000000A};1.10;Chargeable;{22222222-0000-4000-8000-00000000000B};'
    'Yes;2026-11-14;"SN;1";x\r\n'
)


def test_csv_cells_are_exact_and_labels_are_understood() -> None:
    result = read_csv(binding_of("actual"), "\ufeff" + CSV, "actuals.csv")
    record = result.records[0]

    assert record.id == "11111111-0000-4000-8000-00000000000a"
    assert (record.amount, record.billing_type) == (Decimal("1.10"), "chargeable")  # type: ignore[attr-defined]
    assert record.project == "22222222-0000-4000-8000-00000000000b"  # type: ignore[attr-defined]
    assert (record.is_journalized, record.serial_number) == (True, "SN;1")  # type: ignore[attr-defined]
    assert [f.level for f in result.findings] == ["note"], "the columns that the file lacks"
    assert result.faults == {}


@pytest.mark.parametrize(
    "text, code, lost",
    [
        ("msdyn_amount\n1\n", "SRC042", 0),
        ("msdyn_actualid,msdyn_amount,msdyn_amount\na,1,2\n", "SRC042", 0),
        ("msdyn_actualid,msdyn_amount\na,1,2\n", "SRC031", 1),
        ('msdyn_actualid,msdyn_amount\n"a"b,1\n', "SRC031", 1),
        ('msdyn_actualid,msdyn_amount\n"a,1\n', "SRC031", 1),
        ("msdyn_actualid,msdyn_amount\n,1\n", "SRC036", 1),
        ("msdyn_actualid,msdyn_amount\na,1 234\n", "SRC010", 0),
        ("msdyn_actualid,msdyn_startdatetime\na,2026-11-14 15:00:00\n", "SRC010", 0),
    ],
)
def test_what_is_wrong_in_a_csv_is_said(text: str, code: str, lost: int) -> None:
    result = read_csv(binding_of("actual"), text, "actuals.csv")

    assert code in codes(result)
    assert result.unreadable == lost


def test_instants_without_a_zone_are_read_where_the_caller_says() -> None:
    text = "msdyn_actualid,msdyn_startdatetime\na,2026-11-14 09:00:00\n"
    zone = ZoneInfo("America/Chicago")
    result = read_csv(binding_of("actual"), text, "actuals.csv", zone)

    assert result.records[0].started_at == datetime(2026, 11, 14, 15, tzinfo=UTC)  # type: ignore[attr-defined]


def test_spreadsheet_cells_keep_fifteen_digits_and_codes_stay_text() -> None:
    heading = ["msdyn_actualid", "msdyn_amount", "msdyn_voucherNumber", "msdyn_billingtype",
               "msdyn_documentdate", None]  # fmt: skip
    rows = [heading, ["a", 75.05, 1001.0, 192350001.0, datetime.fromisoformat("2026-11-14")],
            ["b", 0.1 + 0.2, 7, 192350000, date(2026, 11, 15)], [None, None]]  # fmt: skip
    result = read_cells(binding_of("actual"), rows, "actuals.xlsx")
    first = result.records[0]

    assert (first.amount, first.voucher) == (Decimal("75.05"), "1001")  # type: ignore[attr-defined]
    assert (first.billing_type, first.document_date) == ("chargeable", date(2026, 11, 14))  # type: ignore[attr-defined]
    assert [f.code for f in result.faults["b"]] == ["SRC032"]
    assert result.rows == 2


def mutated(data: bytes, chance: random.Random) -> bytes:
    parts = bytearray(data)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(parts) + 1)
        match chance.randrange(4):
            case 0:
                parts[at:at] = chance.choice([b'"', b"{", b"}", b"[", b",", b"\\", b"\n", b"1e99"])
            case 1:
                del parts[at : at + chance.randint(1, 8)]
            case 2 if parts:
                parts[at % len(parts)] = chance.randrange(256)
            case _:
                end = at + chance.randint(1, 30)
                parts[at:at] = parts[at:end]
    return bytes(parts)


def test_ten_thousand_mutations_give_findings_and_never_a_traceback() -> None:
    chance = random.Random(20261114)
    binding = binding_of("actual")
    full = [
        row(msdyn_amount=1.1, msdyn_documentdate="2026-11-14T00:00:00Z",
            msdyn_billingtype=192350001, _msdyn_project_value=PROJECT,
            msdyn_description='a "b": c', msdyn_isjournalized=True),
        {"msdyn_actualid": ID_2, "msdyn_startdatetime": "2026-11-14T15:00:00Z"},
    ]  # fmt: skip
    lines = "\n".join(json.dumps(r) for r in full).encode()
    page = json.dumps({"value": full}, indent=1).encode()
    seen: set[str] = set()
    for i in range(10_000):
        if i % 3 == 0:
            result = read_rows(binding, mutated(lines, chance), "a.jsonl")
        elif i % 3 == 1:
            result = read_rows(binding, mutated(page, chance), "a.json")
        else:
            text = mutated(CSV.encode(), chance).decode(errors="replace")
            result = read_csv(binding, text, "a.csv")
        seen.update(codes(result))
        assert result.rows >= len(result.records) + result.unreadable

    assert seen >= {"SRC010", "SRC031", "SRC033", "SRC034", "SRC036", "SRC040", "SRC042"}


ENDS = [("0001-01-01T00:00:00Z", None), ("9999-12-31T23:59:59Z", None),
        ("0001-01-01T00:00:00+14:00", None), ("9998-12-31T23:59:59-05:00", None),
        ("0002-01-01T00:00:00Z", 2), ("9998-12-31T23:59:59Z", 9998)]  # fmt: skip


@pytest.mark.parametrize(("written", "year"), ENDS)
@pytest.mark.parametrize("form", ["json", "csv"])
def test_an_instant_that_some_time_zone_does_not_have_is_told(
    written: str, year: int | None, form: str
) -> None:
    if form == "json":
        result = read(row(msdyn_startdatetime=written))
    else:
        text = f"msdyn_actualid,msdyn_startdatetime\n{ID},{written}\n"
        result = read_csv(binding_of("actual"), text, "actuals.csv")
    (record,) = result.records
    at: datetime | None = record.started_at  # type: ignore[attr-defined]

    assert ("SRC010" in codes(result)) is (year is None)
    assert (None if at is None else at.year) == year
    if at is not None:
        for zone in ("Pacific/Kiritimati", "Etc/GMT+12"):
            assert at.astimezone(ZoneInfo(zone)).year in (year, year + 1, year - 1)  # type: ignore[operator]


def test_a_day_of_the_year_one_does_not_fit_but_as_a_first_day() -> None:
    cut = read({"msdyn_contractlineinvoicescheduleid": ID, "msdyn_invoicerundate": "0001-01-01"},
               name="invoice_schedule")  # fmt: skip
    rate = read({**RATE, "StartDate": "0001-01-01T00:00:00Z"}, name="exchange_rate", side="finance")
    last = read({**RATE, "EndDate": "9999-12-31T00:00:00Z"}, name="exchange_rate", side="finance")

    assert codes(cut) == ["SRC010"]
    assert (codes(rate), rate.records[0].start) == ([], date(1, 1, 1))  # type: ignore[attr-defined]
    assert (codes(last), last.records[0].finish) == ([], date(9999, 12, 31))  # type: ignore[attr-defined]


def test_the_heading_is_part_of_what_a_file_says():
    text = "msdyn_actualid,msdyn_price,msdyn_amount\na,1.00,2.00\n"
    swapped = "msdyn_actualid,msdyn_amount,msdyn_price\na,1.00,2.00\n"
    texts = [text, swapped, text.replace("msdyn_price", "Price"),
             text.replace("msdyn_actualid", "Actual")]  # fmt: skip

    digests = [read_csv(binding_of("actual"), text, "actuals.csv").digest for text in texts]

    assert len(set(digests)) == len(texts)
