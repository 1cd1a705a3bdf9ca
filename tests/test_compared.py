"""A row that was sent beside the row as it is read back."""

import pytest

from adapter.making.compared import differences


@pytest.mark.parametrize(
    ("sent", "row"),
    [
        ('{"A":1.10}', {"A": "1.1000"}),
        ('{"A":0}', {"A": "0.00"}),
        ('{"Day":"2026-11-02T12:00:00Z"}', {"Day": "2026-11-02"}),
        ('{"Day":"2026-11-02"}', {"Day": "2026-11-02T12:00:00Z"}),
        ('{"T":""}', {}),
        ('{"T":null}', {"T": ""}),
        ('{"D":null}', {"D": "1900-01-01T00:00:00Z"}),
        ('{"dataAreaId":"USMF"}', {"dataAreaId": "usmf"}),
        ('{"id":"0F6B1C7E-1111-4222-8333-444455556666"}',
         {"id": "{0f6b1c7e-1111-4222-8333-444455556666}"}),
        ('{"invoiceid@odata.bind":"/invoices(0f6b1c7e-1111-4222-8333-444455556666)"}',
         {"_invoiceid_value": "0f6b1c7e-1111-4222-8333-444455556666"}),
        ('{"customerid_account@odata.bind":"/accounts(0f6b1c7e-1111-4222-8333-444455556666)"}',
         {"_customerid_value": "0F6B1C7E-1111-4222-8333-444455556666"}),
        ('{"A":1}', {"A": 1, "added": "by the server", "@odata.etag": "x"}),
    ],
)  # fmt: skip
def test_the_same_value_written_in_another_way_is_no_difference(
    sent: str, row: dict[str, object]
) -> None:
    assert differences(sent, row) == ()


@pytest.mark.parametrize(
    ("sent", "row", "column"),
    [
        ('{"A":1.10}', {"A": "1.11"}, "A"),
        ('{"A":12345678901234567.89}', {"A": 12345678901234568.0}, "A"),
        ('{"Day":"2026-11-02T12:00:00Z"}', {"Day": "2026-11-03T12:00:00Z"}, "Day"),
        ('{"T":"abc"}', {"T": "ABC"}, "T"),
        ('{"T":"abc"}', {}, "T"),
        ('{"F":true}', {"F": "Yes"}, "F"),
        ('{"x@odata.bind":"/xs(0f6b1c7e-1111-4222-8333-444455556666)"}', {"_x_value": None}, "x"),
    ],
)
def test_another_value_is_a_difference(sent: str, row: dict[str, object], column: str) -> None:
    assert [d.column for d in differences(sent, row)] == [column]


def test_a_body_that_is_no_table_is_a_fault_of_ours() -> None:
    with pytest.raises(ValueError, match="no table"):
        differences("[1]", {})
