"""reading/json_text.py: numbers of a struct are written without an exponent."""

from datetime import date
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from adapter.making.planned import PlannedDocument
from adapter.reading.json_text import struct_json
from adapter.values.finding import shown

NUMBERS = [("0E-10", "0.0000000000"), ("1.23E-8", "0.0000000123"), ("-1E-7", "-0.0000001"),
           ("1E+3", "1000"), ("125.00", "125.00")]  # fmt: skip


@pytest.mark.parametrize(("number", "text"), NUMBERS)
def test_no_number_of_a_document_has_an_exponent(number: str, text: str) -> None:
    payload: Any = {"header": {"Rate": Decimal(number)}, "lines": [{"Item": "1E-7", "No": None}]}
    document = PlannedDocument(key="k", kind="journal", name="n", company="USMF", rule="r",
                               status="new", delivery="files", lines=1, totals=[],
                               header={"day": date(2026, 11, 1)}, payload=payload)  # fmt: skip

    read = msgspec.json.decode(struct_json(document))

    assert read["payload"] == {"header": {"Rate": text}, "lines": [{"Item": "1E-7", "No": None}]}
    assert read["header"] == {"day": "2026-11-01"}
    assert shown(Decimal(number)) == text
