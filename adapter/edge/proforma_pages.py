"""The printable pages of a plan's proformas, written one by one while it is made."""

import re
import unicodedata
from pathlib import Path

from adapter.edge.written import write_text
from adapter.making.documents import Document
from adapter.making.masking import without_names
from adapter.making.outlet import proforma_page
from adapter.reading.template import Template
from adapter.values.finding import Finding

TEMPLATE = "proforma.html.j2"
NAME_LENGTH_MAX = 80
KEY_LENGTH = 8  # of the document's key, so that no two pages have one name
_OTHER = re.compile(r"[^A-Za-z0-9]+")


class ProformaPages:
    """Writes a page for each new proforma that it is given; other documents are passed by.

    Persons are initials there, unless `names` says otherwise.
    """

    def __init__(self, folder: Path, template: Template | None, names: bool = False) -> None:
        self.folder = folder
        self.template = template
        self.names = names
        self.written: list[Path] = []
        self.faults: list[Finding] = []

    def __call__(self, document: Document) -> None:
        """Write the page. Raises OSError."""
        if document.kind != "proforma" or self.template is None:
            return
        shown = document if self.names else without_names(document)
        page, found = proforma_page(self.template, shown)
        self.faults += [f for f in found if f.level == "error"]
        if page is None:
            return
        path = self.folder / file_name(document)
        write_text(path, page)
        self.written.append(path)

    def told(self) -> str:
        """What was written, in one line."""
        count = len(self.written)
        pages = "1 proforma page" if count == 1 else f"{count:,} proforma pages"
        faults = "".join(f"; {f.code} {f.message}" for f in self.faults[:5])
        return f"{pages} in {self.folder}{faults}"


def file_name(document: Document) -> str:
    """A file name that every system takes: the name in plain letters, and part of the key."""
    name = plain_name(document.name)
    return f"proforma-{name}-{document.key[:KEY_LENGTH]}.html".replace("--", "-")


def plain_name(text: str) -> str:
    """Letters, digits and hyphens: part of a file name on every system."""
    plain = unicodedata.normalize("NFKD", text)
    return _OTHER.sub("-", plain).strip("-")[:NAME_LENGTH_MAX]
