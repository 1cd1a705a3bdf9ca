"""The workbook on disk, read back with openpyxl."""

import zipfile
from datetime import date
from decimal import Decimal
from pathlib import Path

import openpyxl

from adapter.edge.xlsx import write_xlsx, xlsx_bytes
from adapter.telling.show_table import Sheet, as_xlsx_rows
from tests.report_sample import sample_report

HOSTILE = ["=1+1", "+1", "-1", "@x", "\t=1", "\x00\x1b", "\ud800", "\uffff", "x" * 40_000, "#REF!"]


def test_cells_keep_their_types_and_heads_are_frozen(tmp_path: Path) -> None:
    path = tmp_path / "report.xlsx"
    write_xlsx(path, as_xlsx_rows(sample_report()))
    book = openpyxl.load_workbook(path)
    page = book["Actuals"]
    heads = [cell.value for cell in page[1]]
    amount = page.cell(2, heads.index("amount") + 1)
    day = page.cell(2, heads.index("date") + 1)

    assert book.sheetnames == ["Actuals", "Findings", "Documents", "Equation", "Schedule"]
    assert (amount.value, amount.data_type, amount.number_format) == (96.4, "n", "#,##0.00")
    assert (str(day.value), day.number_format) == ("2026-11-02 00:00:00", "yyyy-mm-dd")
    assert page.freeze_panes == "A2"
    assert page.auto_filter.ref == "A1:V21"


def test_no_text_becomes_a_formula(tmp_path: Path) -> None:
    path = tmp_path / "hostile.xlsx"
    write_xlsx(path, [Sheet("S", ("text",), ("text",), [[text] for text in HOSTILE])])
    cells = [row[0] for row in openpyxl.load_workbook(path)["S"].iter_rows(min_row=2)]

    assert {cell.data_type for cell in cells} <= {"s", "inlineStr"}
    assert cells[0].value == "=1+1" and cells[0].quotePrefix
    with zipfile.ZipFile(path) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml")
        assert b"<f>" not in sheet and b"<f " not in sheet


def test_a_number_too_long_for_a_spreadsheet_is_written_exactly_as_text(tmp_path: Path) -> None:
    path = tmp_path / "long.xlsx"
    rows = [[Decimal("1234567890123456.78")], [Decimal("12.5")], [None], [date(2026, 1, 2)]]
    write_xlsx(path, [Sheet("S", ("n",), ("number",), rows)])  # type: ignore[arg-type]
    page = openpyxl.load_workbook(path)["S"]

    assert page["A2"].value == "1234567890123456.78"
    assert (page["A3"].value, page["A3"].number_format) == (12.5, "#,##0.0")


def test_the_same_sheets_give_the_same_bytes() -> None:
    sheets = as_xlsx_rows(sample_report())

    assert xlsx_bytes(sheets) == xlsx_bytes(sheets)
