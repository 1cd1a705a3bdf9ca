"""Finance by OData: every documented status and body, and what it means for one row."""

import json
from collections.abc import Callable
from decimal import Decimal
from urllib.parse import parse_qs

import httpx
import pytest
import respx

from adapter.edge.finance.client import FinanceClient, FinanceNeighbour
from adapter.edge.finance.literals import filter_of, linked, literal
from adapter.edge.http.session import Session
from adapter.edge.sending.ports import Neighbour
from adapter.making.steps import Receipt, Step
from tests.clients_given import Clock, step

HOST = "https://contoso.operations.dynamics.com"
DATA = f"{HOST}/data"
BODY = '{"dataAreaId":"USMF","SourceActualId":"a-1","Quantity":1.50,"Amount":150.10}'
ROW = {"@odata.etag": 'W/"JzEs"', "dataAreaId": "usmf", "SourceActualId": "a-1",
       "Quantity": 1.5, "Amount": 150.1, "LineId": "000017"}  # fmt: skip
TYPE = "Microsoft.Dynamics.Platform.Integration.Services.OData.AxODataWriteException"


def line(number: int = 1, **changed: object) -> Step:
    given: dict[str, object] = {
        "entity": "Lines", "keys": {"dataAreaId": "USMF", "SourceActualId": f"a-{number}"},
        "body": BODY.replace("a-1", f"a-{number}"),
    }  # fmt: skip
    return step(number, **{**given, **changed})


def neighbour(*, enforces_keys: bool = False, chunk: int = 50) -> FinanceNeighbour:
    session = Session(HOST, None, Clock())
    return FinanceNeighbour(FinanceClient(session), "finance|client", chunk=chunk,
                            companies=frozenset({"USMF"}), enforces_keys=enforces_keys)


def business(message: str, status: int = 400, kind: str = TYPE) -> httpx.Response:
    return httpx.Response(status, json={"error": {
        "code": "", "message": "An error has occurred.",
        "innererror": {"message": message, "type": kind, "stacktrace": "   at Secret.Place()"},
    }})  # fmt: skip


EXISTS = ("Write failed for table row of type 'Lines'. Infolog: Info: Cannot create a record in "
          "Lines (Lines).\nThe record already exists..")  # fmt: skip
ONE: list[tuple[httpx.Response | Exception, object, tuple[object, ...]]] = [
    # what the POST is answered | what a question finds | state, code, wait of the receipt
    (httpx.Response(201, json=ROW), [], ("sent", "", None)),
    (httpx.Response(200, json={**ROW, "dataAreaId": "USMF"}), [], ("sent", "", None)),
    (httpx.Response(204), [], ("unknown", "FIN014", None)),
    (httpx.Response(201, json={**ROW, "SourceActualId": "a-2"}), [], ("unknown", "FIN014", None)),
    (httpx.Response(201, json={**ROW, "dataAreaId": "gbsi"}), [], ("unknown", "FIN014", None)),
    (httpx.Response(201, content=b'{"dataAreaId": "usm'), [], ("unknown", "FIN014", None)),
    (business("Infolog: Warning: The value 'Local' in field 'Customer group' is not found."), [],
     ("refused", "FIN400", None)),
    (business("validateField failed on field 'Lines.Qty'.", 500), [], ("refused", "FIN500", None)),
    (business(EXISTS), [ROW], ("sent", "", None)),
    (business(EXISTS), [{**ROW, "Amount": 9}], ("refused", "FIN013", None)),
    (business(EXISTS), [], ("unknown", "FIN400", None)),
    (business("An update conflict occurred due to another user process."), [],
     ("planned", "FIN400", None)),
    (business("Cannot edit a record in Lines (Lines)."), [], ("planned", "FIN400", None)),
    (business("No resources were found when selecting for update.", kind=""), [],
     ("refused", "FIN400", None)),
    (httpx.Response(404), [], ("refused", "FIN404", None)),
    (httpx.Response(405), [], ("refused", "FIN405", None)),
    (httpx.Response(413, text="<html>too large</html>"), [], ("refused", "FIN413", None)),
    (httpx.Response(415, json={"Message": "Unsupported media type."}), [],
     ("refused", "FIN415", None)),
    (httpx.Response(409, json={"Message": "conflict"}), [], ("planned", "FIN409", None)),
    (httpx.Response(412), [], ("planned", "FIN412", None)),
    (httpx.Response(401), [], ("planned", "FIN401", None)),
    (httpx.Response(403, json={"Message": "Access denied."}), [], ("planned", "FIN403", None)),
    (httpx.Response(429, headers={"Retry-After": "7"}), [], ("planned", "FIN429", 7_000)),
    (httpx.Response(429), [], ("planned", "FIN429", 30_000)),
    (httpx.Response(429, headers={"Retry-After": "Tue, 01 Jan 2030 00:00:00 GMT"}), [],
     ("planned", "FIN429", 3_600_000)),
    (httpx.Response(500), [], ("unknown", "FIN500", None)),
    (httpx.Response(500, text="x" * 1_000_000), [], ("unknown", "FIN500", None)),
    (httpx.Response(502, text="<html>Bad gateway</html>"), [], ("unknown", "FIN502", None)),
    (httpx.Response(503), [], ("unknown", "FIN503", None)),
    (httpx.Response(504), [], ("unknown", "FIN504", None)),
    (httpx.Response(302, headers={"Location": "https://login.example"}), [],
     ("unknown", "FIN302", None)),
    (httpx.ConnectError("refused"), [], ("planned", "HTT001", None)),
    (httpx.ConnectTimeout("late"), [], ("planned", "HTT001", None)),
    (httpx.ReadTimeout("late"), [], ("unknown", "HTT002", None)),
    (httpx.ReadError("reset"), [], ("unknown", "HTT002", None)),
    (httpx.WriteError("reset"), [], ("unknown", "HTT002", None)),
    (httpx.RemoteProtocolError("half"), [], ("unknown", "HTT002", None)),
]  # fmt: skip


@pytest.mark.parametrize(("answer", "there", "expected"), ONE)
@respx.mock
def test_each_answer_to_one_row_has_one_meaning(
    answer: httpx.Response | Exception, there: object, expected: tuple[object, ...]
) -> None:
    posted = respx.post(f"{DATA}/Lines").mock(
        **{"side_effect" if isinstance(answer, Exception) else "return_value": answer}  # type: ignore[arg-type]
    )
    respx.get(f"{DATA}/Lines").respond(json={"value": there})

    (receipt,) = neighbour().send([line()], {})

    assert (receipt.state, receipt.code, receipt.retry_after_ms) == expected
    assert "Secret.Place" not in receipt.message and len(receipt.message) <= 600
    request = posted.calls.last.request
    assert request.url.params["cross-company"] == "true"
    assert request.content.decode() == BODY


@respx.mock
def test_what_finance_calls_the_row_is_kept() -> None:
    respx.post(f"{DATA}/Lines").respond(201, json=ROW)

    (sent,) = neighbour().send([line()], {})
    (header,) = neighbour().send([line(part="header")], {})

    assert sent.reference == header.reference == "000017"
    assert header.answer["LineId"] == "000017" and sent.answer == {}


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"company": "GBSI"}, "company GBSI is not one that this workspace sends for"),
        ({"keys": {"dataAreaId": "GBSI", "SourceActualId": "a-1"}}, "the row names company GBSI"),
        ({"keys": {"dataAreaId": "", "SourceActualId": "a-1"}}, "the row names company (none)"),
        ({"keys": {"dataAreaId": "USMF", "SourceActualId": "a*"}}, "key cannot be asked for"),
        ({"links": {"JournalId": "JournalNumber"}}, "does not give what the row is linked by"),
    ],
)
@respx.mock(assert_all_called=False)
def test_what_finance_would_have_to_guess_never_leaves(
    respx_mock: respx.MockRouter, changed: dict[str, object], words: str
) -> None:
    everything = respx_mock.route()

    (receipt,) = neighbour().send([line(**changed)], {})

    assert (receipt.state, receipt.code) == ("refused", "FIN010") and words in receipt.message
    assert not everything.called


def batch(parts: list[tuple[str, int, object]], status: int = 200) -> httpx.Response:
    """Parts of change sets: content id, status, body."""
    lines = []
    for number, (content_id, code, body) in enumerate(parts):
        inside = f"changesetresponse_{number}"
        lines += ["--batchresponse_1", f"Content-Type: multipart/mixed; boundary={inside}", "",
                  f"--{inside}", "Content-Type: application/http",
                  "Content-Transfer-Encoding: binary", f"Content-ID: {content_id}", "",
                  f"HTTP/1.1 {code} Word", "Content-Type: application/json; odata.metadata=minimal",
                  "", json.dumps(body), f"--{inside}--"]  # fmt: skip
    lines += ["--batchresponse_1--", ""]
    return httpx.Response(status, content="\r\n".join(lines).encode(),
                          headers={"Content-Type": "multipart/mixed; boundary=batchresponse_1"})


def row(number: int) -> dict[str, object]:
    return {**ROW, "SourceActualId": f"a-{number}"}


WRONG = {"error": {"message": "x", "innererror": {"message": "Infolog: no item", "type": TYPE}}}
MANY: list[tuple[httpx.Response | Exception, list[tuple[str, str]]]] = [
    (batch([("1", 201, row(1)), ("2", 201, row(2)), ("3", 201, row(3))]),
     [("sent", ""), ("sent", ""), ("sent", "")]),
    (batch([("3", 201, row(3)), ("1", 201, row(1)), ("2", 201, row(2))]),
     [("sent", ""), ("sent", ""), ("sent", "")]),
    (batch([("1", 201, row(1)), ("2", 400, WRONG), ("3", 201, row(3))]),
     [("sent", ""), ("refused", "FIN400"), ("sent", "")]),
    (batch([("1", 201, row(1)), ("3", 500, {})]),
     [("sent", ""), ("unknown", "FIN011"), ("unknown", "FIN500")]),
    (batch([("1", 201, row(2)), ("2", 201, row(2)), ("3", 201, row(3))]),
     [("unknown", "FIN014"), ("sent", ""), ("sent", "")]),
    (batch([("9", 201, row(1))]), [("unknown", "FIN011")] * 3),
    (httpx.Response(200, content=b"--x\r\n"), [("unknown", "FIN011")] * 3),
    (httpx.Response(200, json={"value": []}), [("unknown", "FIN011")] * 3),
    (httpx.Response(500), [("unknown", "FIN011")] * 3),
    (httpx.Response(400, json={"Message": "bad batch"}), [("unknown", "FIN011")] * 3),
    (httpx.Response(429, headers={"Retry-After": "2"}), [("planned", "FIN429")] * 3),
    (httpx.Response(401), [("planned", "FIN401")] * 3),
    (httpx.ConnectError("refused"), [("planned", "HTT001")] * 3),
    (httpx.ReadTimeout("late"), [("unknown", "FIN011")] * 3),
]  # fmt: skip


@pytest.mark.parametrize(("answer", "expected"), MANY)
@respx.mock
def test_a_batch_is_read_part_by_part(
    answer: httpx.Response | Exception, expected: list[tuple[str, str]]
) -> None:
    posted = respx.post(f"{DATA}/$batch").mock(
        **{"side_effect" if isinstance(answer, Exception) else "return_value": answer}  # type: ignore[arg-type]
    )

    receipts = neighbour().send([line(n) for n in (1, 2, 3)], {})

    assert [(r.state, r.code) for r in receipts] == expected
    assert [r.key for r in receipts] == ["key-1", "key-2", "key-3"]
    sent = posted.calls.last.request
    text = sent.content.decode()
    assert sent.headers["Prefer"] == "odata.continue-on-error"
    assert text.count("cross-company=true") == 3 == text.count("POST https://")
    assert text.count("multipart/mixed; boundary=") == 3  # a change set of its own for each
    assert "\n" not in text.replace("\r\n", "")
    assert all(f"Content-ID: {n}" in text for n in (1, 2, 3))


@respx.mock
def test_rows_of_a_batch_that_are_there_already_are_asked_for_together() -> None:
    there = {"error": {"innererror": {"message": EXISTS, "type": TYPE}}}
    respx.post(f"{DATA}/$batch").mock(
        return_value=batch([("1", 400, there), ("2", 201, row(2)), ("3", 400, there)])
    )
    asked = respx.get(f"{DATA}/Lines").respond(json={"value": [row(1), {**row(3), "Amount": 1}]})

    receipts = neighbour().send([line(n) for n in (1, 2, 3)], {})

    assert [(r.state, r.code) for r in receipts] == [("sent", ""), ("sent", ""),
                                                     ("refused", "FIN013")]  # fmt: skip
    assert asked.call_count == 1


FOUND: list[tuple[list[httpx.Response], tuple[str, int | None]]] = [
    ([httpx.Response(200, json={"value": [ROW]})], ("found", None)),
    ([httpx.Response(200, json={"value": []})], ("missing", None)),
    ([httpx.Response(200, json={"value": [{**ROW, "SourceActualId": "A-9"}]})], ("missing", None)),
    ([httpx.Response(404)], ("missing", None)),
    ([httpx.Response(500)], ("unreachable", None)),
    ([httpx.Response(429, headers={"Retry-After": "3"})], ("unreachable", 3_000)),
    ([httpx.Response(200, json={"value": "rows"})], ("unreachable", None)),
    ([httpx.Response(200, content=b'{"value": [')], ("unreachable", None)),
    ([httpx.Response(200, json={"value": [], "@odata.nextLink": "https://evil.example/data/Lines"})],
     ("unreachable", None)),
    ([httpx.Response(200, json={"value": [], "@odata.nextLink": f"{DATA}/Lines?$skip=1"}),
      httpx.Response(200, json={"value": [ROW]})], ("found", None)),
    ([httpx.Response(200, json={"value": [ROW], "@odata.nextLink": f"{DATA}/Lines?$skip=1"}),
      httpx.Response(503)], ("unreachable", None)),
    # Finance may name itself without TLS: asked with TLS
    ([httpx.Response(200, json={"value": [], "@odata.nextLink":
                                f"{DATA}/Lines?$skip=1".replace("https", "http")}),
      httpx.Response(200, json={"value": [ROW]})], ("found", None)),
]  # fmt: skip


@pytest.mark.parametrize(("answers", "expected"), FOUND)
@respx.mock
def test_asking_by_key_never_takes_half_an_answer(
    answers: list[httpx.Response], expected: tuple[str, int | None]
) -> None:
    asked = respx.route(method="GET", scheme="https", host="contoso.operations.dynamics.com").mock(
        side_effect=answers
    )

    found = neighbour().find([line()])["key-1"]

    assert (found.state, found.retry_after_ms) == expected
    assert asked.call_count == len(answers)
    first = parse_qs(str(asked.calls[0].request.url.query, "ascii"))
    assert first["cross-company"] == ["true"]
    assert first["$filter"] == ["(dataAreaId eq 'USMF' and SourceActualId eq 'a-1')"]


@respx.mock
def test_a_row_that_is_there_twice_is_found_with_what_is_more() -> None:
    respx.get(f"{DATA}/Lines").respond(json={"value": [ROW, ROW]})

    assert neighbour().find([line()])["key-1"].more == 1


@respx.mock
def test_many_keys_are_asked_for_in_addresses_that_stay_short() -> None:
    asked = respx.get(f"{DATA}/Lines").respond(json={"value": [row(7)]})

    found = neighbour().find([line(n) for n in range(1, 101)])

    assert {f.state for f in found.values()} == {"found", "missing"}
    assert found["key-7"].state == "found"
    assert 1 < asked.call_count < 20
    assert all(len(str(c.request.url)) < 4_000 for c in asked.calls)


@respx.mock
def test_after_a_throttle_nothing_more_is_asked() -> None:
    asked = respx.get(f"{DATA}/Lines").respond(429, headers={"Retry-After": "5"})

    found = neighbour().find([line(n) for n in range(1, 101)])

    assert asked.call_count == 1
    assert {(f.state, f.retry_after_ms) for f in found.values()} == {("unreachable", 5_000)}


@pytest.mark.parametrize("word", ["O'Hara", "a''b", "%25", "a&b=c", "x' or 'a' eq 'a", "ü€"])
@respx.mock
def test_keys_are_quoted(word: str) -> None:
    asked = respx.get(f"{DATA}/Lines").respond(json={"value": []})
    keys = {"dataAreaId": "USMF", "SourceActualId": word}

    found = neighbour().find([line(keys=keys)])["key-1"]

    assert found.state == "missing"
    said = parse_qs(str(asked.calls.last.request.url.query, "ascii"))["$filter"][0]
    quoted = word.replace("'", "''")
    assert said == f"(dataAreaId eq 'USMF' and SourceActualId eq '{quoted}')"


def test_a_filter_is_made_of_names_only() -> None:
    assert literal("it's") == "'it''s'"
    with pytest.raises(ValueError):
        filter_of([{"a eq 'x' or b": "1"}])


def test_links_are_added_and_the_text_stays_letter_for_letter() -> None:
    text = linked(BODY, {"JournalId": "Number"}, {"Number": 'J"1'})

    assert text == BODY[:-1] + ',"JournalId":"J\\"1"}'
    assert linked(BODY, {"JournalId": "Number"}, {"Number": ""}) is None
    assert json.loads(text, parse_float=Decimal)["Amount"] == Decimal("150.10")


def test_the_port_is_kept() -> None:
    port: Neighbour = neighbour(enforces_keys=True, chunk=7)

    assert (port.name, port.enforces_keys, port.chunk) == ("finance|client", True, 7)


def test_no_answer_makes_a_receipt_that_is_lost_or_raises() -> None:
    """Whatever comes back, each row has exactly one receipt."""
    import random

    chance = random.Random(7)
    makers: list[Callable[[], httpx.Response]] = [
        lambda: httpx.Response(chance.choice([200, 201, 400, 500]), content=chance.randbytes(60)),
        lambda: batch([(str(chance.randint(0, 4)), chance.choice([200, 201, 400, 500]), row(1))]),
        lambda: httpx.Response(200, content=chance.randbytes(200), headers={
            "Content-Type": "multipart/mixed; boundary=x"}),
    ]  # fmt: skip
    seen: set[str] = set()
    for _ in range(300):
        transport = httpx.MockTransport(lambda _request: chance.choice(makers)())
        made = FinanceNeighbour(FinanceClient(Session(HOST, None, Clock(), transport=transport)),
                                "f", companies=frozenset({"USMF"}))  # fmt: skip
        receipts: list[Receipt] = made.send([line(n) for n in (1, 2, 3)], {})
        assert [r.key for r in receipts] == ["key-1", "key-2", "key-3"]
        seen |= {r.state for r in receipts}
    assert "unknown" in seen
