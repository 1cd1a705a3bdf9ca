"""Write sheets of typed cells as a workbook, the same bytes for the same sheets."""

import io
import re
import zipfile
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from openpyxl import Workbook
from openpyxl.cell import Cell as BookCell
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from adapter.telling.figures import safe
from adapter.telling.show_table import FORMULA_STARTS, TEXT_MAX, Cell, Kind, Sheet
from adapter.values.arithmetic import our_arithmetic

ROWS_MAX = 1_048_575  # of a sheet, below its heads (Excel's own limit)
DIGITS_MAX = 15  # a spreadsheet keeps 15 digits; longer numbers are written as text
WIDTHS: dict[Kind, int] = {"text": 18, "number": 14, "count": 9, "day": 12}
EPOCH = datetime(2000, 1, 1)  # noqa: DTZ001 - openpyxl wants a naive time; it is a constant
_MODIFIED = re.compile(rb"(<dcterms:(?:modified|created)[^>]*>)[^<]*(</dcterms)")


@our_arithmetic()
def write_xlsx(path: str | Path, sheets: Sequence[Sheet]) -> None:
    """Write the workbook. Raises OSError when the file cannot be written.

    Texts are stored as texts, whatever they begin with; decimals as numbers with their
    own number of decimals; days as days. Rows beyond the limit of a sheet are left out.
    """
    Path(path).write_bytes(xlsx_bytes(sheets))


def xlsx_bytes(sheets: Sequence[Sheet]) -> bytes:
    """The workbook as bytes, without any trace of when it was made."""
    book = Workbook(write_only=True)
    book.properties.creator = "fieldledger"
    book.properties.created = EPOCH
    for sheet in sheets:
        _fill(book, sheet)
    made = io.BytesIO()
    book.save(made)
    return _settled(made.getvalue())


def _fill(book: Workbook, sheet: Sheet) -> None:
    page = book.create_sheet(sheet.name)
    page.freeze_panes = "A2"
    last = get_column_letter(len(sheet.heads))
    page.auto_filter.ref = f"A1:{last}{min(len(sheet.rows), ROWS_MAX) + 1}"
    for i, kind in enumerate(sheet.kinds, 1):
        page.column_dimensions[get_column_letter(i)].width = WIDTHS[kind]
    heads = [WriteOnlyCell(page, value=head) for head in sheet.heads]
    for head in heads:
        head.font = Font(bold=True)
    page.append(heads)
    for row in sheet.rows[:ROWS_MAX]:
        page.append([_cell(page, value) for value in row])


def _cell(page: object, value: Cell) -> BookCell | None:
    if value is None:
        return None
    if isinstance(value, Decimal) and len(value.as_tuple().digits) > DIGITS_MAX:
        value = f"{value:f}"
    if isinstance(value, str):
        return _text(page, value)
    cell = WriteOnlyCell(page, value=value)
    if isinstance(value, Decimal):
        exponent = value.as_tuple().exponent
        decimals = max(-exponent, 0) if isinstance(exponent, int) else 0
        cell.number_format = "#,##0" + ("." + "0" * decimals if decimals else "")
    elif isinstance(value, date):
        cell.number_format = "yyyy-mm-dd"
    return cell


def _text(page: object, value: str) -> BookCell:
    """A text cell; one that looks like a formula is marked as quoted as well."""
    text = safe(value)[:TEXT_MAX].replace("\ufffe", "").replace("\uffff", "")
    cell = WriteOnlyCell(page, value=text)
    cell.data_type = "s"
    if text.lstrip().startswith(FORMULA_STARTS):
        cell.quotePrefix = True
    return cell


def _settled(body: bytes) -> bytes:
    """The same archive with fixed times and a fixed order of its parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(body)) as source, zipfile.ZipFile(out, "w") as target:
        for name in sorted(source.namelist()):
            part = source.read(name)
            if name == "docProps/core.xml":
                part = _MODIFIED.sub(rb"\g<1>2000-01-01T00:00:00Z\g<2>", part)
            entry = zipfile.ZipInfo(name, date_time=(2000, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(entry, part)
    return out.getvalue()
