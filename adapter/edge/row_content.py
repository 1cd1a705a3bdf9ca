"""The content of a row file as text or cells, if it is what the file's name says."""

from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterator
from pathlib import Path
from zipfile import BadZipFile
from zlib import error as ZlibError


class NotReadable(Exception):
    """A file whose content is not what its name says: no workbook, no UTF-8 text."""


def must_be_utf8(path: Path) -> None:
    """Raises NotReadable for a text that begins as UTF-16 does; single lines are judged later."""
    with path.open("rb") as file:
        if file.read(2) in (BOM_UTF16_LE, BOM_UTF16_BE):
            raise NotReadable("UTF-16, not UTF-8")


def text_of(path: Path) -> str:
    """A text, in UTF-8 or (as spreadsheets save it) UTF-16 with its mark. Raises NotReadable.

    A letter that cannot be read would travel into documents: then nothing of the file is read.
    """
    content = path.read_bytes()
    encoding = "utf-16" if content[:2] in (BOM_UTF16_LE, BOM_UTF16_BE) else "utf-8-sig"
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise NotReadable(f"not UTF-8 in line {line}; in Excel, save as CSV UTF-8") from None


def cells_of(path: Path) -> Iterator[tuple[object, ...]]:
    """The cells of the first sheet of a workbook, row by row. Raises NotReadable."""
    import openpyxl

    broken = (BadZipFile, ZlibError, ValueError, LookupError, TypeError, AttributeError, EOFError,
              SyntaxError, openpyxl.utils.exceptions.InvalidFileException)  # fmt: skip
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        try:
            yield from book.worksheets[0].iter_rows(values_only=True)
        finally:
            book.close()
    except broken as error:
        raise NotReadable(f"no XLSX workbook ({error})") from None
