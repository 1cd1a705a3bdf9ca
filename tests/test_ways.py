"""One row, however it is read: the fast way, the exact way and a sheet give the same record."""

import json
from collections.abc import Iterable

import pytest

from adapter.reading.binding import TableBinding
from adapter.reading.decoder import REFUSED, public_values
from adapter.reading.gathering import RowRead
from adapter.reading.rows import read_exactly, read_lines, read_rows
from adapter.reading.sheets import read_csv
from adapter.values.finding import Place
from tests.test_rows import ID, PROJECT, binding_of, codes

UPPER = "11111111-0000-4000-8000-00000000000A"
LOWER = UPPER.lower()
IDS = (
    LOWER, UPPER, "{" + UPPER + "}", f" {UPPER}", f"{LOWER}\t", f"\u00a0{LOWER}", "{" + LOWER, ID,
    f"{LOWER}}}", f"  {LOWER[:-2]}", f"{LOWER[:-1]}\u3000", "USMF|A", " USMF|A ", "Ärger", "", "  ",
    "{" + LOWER[:-1] + "}",
)  # fmt: skip
NUMBERS = (
    "150", '"150"', '" 150.5 "', "1e2", '"1e2"', "150.50", "-0", "-0.0", "0.10", '"1_50"',
    '"\u0661\u0665"', '"\uff11\uff15\uff10"', '"_1"', '"1_"', '"nan"', '"Infinity"', '"+5"',
    '"1e0001"', '"0x1"', '""', '" "', "true", "[1]", "{}", "null", '"' + "0" * 70 + '5"',
    "1." + "0" * 80, "1" * 25, "1" * 19, "1" * 20, "18446744073709551616", "1e400", "1E-11", '".5"',
    '"5."', "12345678901.1234567891",
)  # fmt: skip


def fast(binding: TableBinding, raw: bytes) -> object:
    """The record as one of the fast ways reads it, if one takes it."""
    try:
        return binding.decoder.decode(raw)
    except REFUSED:
        return None


def said(rows: Iterable[RowRead]) -> tuple[object, list[str]]:
    (row,) = rows
    record = None if row.record is None else public_values(row.record)
    return record, sorted(f.code for f in row.findings)


def agree(binding: TableBinding, raw: bytes) -> tuple[object, list[str]]:
    """What a row says, once every way has said the same."""
    exact = said([read_exactly(binding, raw, Place("x", 1, 1))])
    assert said(read_lines(binding, [raw], "x")) == exact
    record = fast(binding, raw)
    if record is not None:
        assert (public_values(record), []) == exact  # type: ignore[arg-type]
    return exact


@pytest.mark.parametrize("key", IDS)
def test_an_id_is_one_however_it_is_written(key: str) -> None:
    actual = binding_of("actual")
    raw = json.dumps({"msdyn_actualid": key, "_msdyn_project_value": key}).encode()
    agree(actual, raw)

    cell = f'msdyn_actualid,_msdyn_project_value\n"{key}","{key}"\n'
    sheet, rows = read_csv(actual, cell, "x.csv"), read_rows(actual, raw, "x.jsonl")
    assert list(map(public_values, sheet.records)) == list(map(public_values, rows.records))


@pytest.mark.parametrize("form", [UPPER, "{" + LOWER + "}", f" {LOWER}", f"{LOWER}\u00a0"])
def test_a_guid_in_another_writing_takes_the_fast_way_too(form: str) -> None:
    raw = json.dumps({"msdyn_actualid": form, "_msdyn_project_value": form}).encode()
    record = fast(binding_of("actual"), raw)

    assert record is not None
    assert (record.id, record.project) == (LOWER, LOWER)  # type: ignore[attr-defined]


def test_the_same_id_in_another_writing_is_the_same_row_twice() -> None:
    forms = (LOWER, UPPER, "{" + UPPER + "}", f"{LOWER} ")
    lines = [json.dumps({"msdyn_actualid": k, "msdyn_amount": 5}) for k in forms]
    result = read_rows(binding_of("actual"), "\n".join(lines).encode(), "x.jsonl")

    assert [r.id for r in result.records] == [LOWER]
    assert codes(result) == ["SRC037"] * 3


def test_transactions_of_a_connection_are_ids_although_their_columns_are_text() -> None:
    ends = {"msdyn_transaction1": UPPER, "msdyn_transaction2": "{" + PROJECT.upper() + "}"}
    raw = json.dumps({"msdyn_transactionconnectionid": ID, **ends}).encode()
    (row,) = read_lines(binding_of("connection"), [raw], "x")

    assert row.record is not None and not row.findings
    assert (row.record.first, row.record.second) == (LOWER, PROJECT)  # type: ignore[attr-defined]


@pytest.mark.parametrize("number", NUMBERS)
def test_a_number_is_one_however_it_is_read(number: str) -> None:
    raw = f'{{"msdyn_actualid":"{ID}","msdyn_amount":{number},"msdyn_quantity":{number}}}'
    agree(binding_of("actual"), raw.encode())


@pytest.mark.parametrize("number", ['"1_50"', '"\uff11\uff15\uff10"', '"\u0661"', '"1_"'])
def test_a_number_with_separators_or_other_digits_does_not_fit(number: str) -> None:
    raw = f'{{"msdyn_actualid":"{ID}","msdyn_amount":{number}}}'.encode()

    _record, found = agree(binding_of("actual"), raw)
    assert found == ["SRC010"]
