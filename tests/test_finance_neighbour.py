"""The port to Finance: one receipt per row, in order, and in doubt nobody guesses."""

import json
import random
import re
from collections.abc import Callable
from urllib.parse import parse_qs

import httpx
import pytest
import respx

from adapter.edge.clock import SystemClock
from adapter.edge.finance.client import BATCH_MAX, FinanceClient
from adapter.edge.finance.neighbour import FinanceNeighbour
from adapter.edge.http.secrets import Secret
from adapter.edge.http.session import Session
from adapter.edge.http.tokens import Tokens
from adapter.edge.sending.ports import Neighbour
from adapter.edge.twin.store import TwinTable
from adapter.edge.twin.transport import TwinTransport
from adapter.edge.twin.twin import Twin
from adapter.making.steps import Receipt, Step
from tests import hostile_server as hostile
from tests.clients_given import Answering, Clock, step
from tests.hostile_server import HostileServer

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


def answering(answer: Answering, chunk: int = 50) -> FinanceNeighbour:
    """A neighbour whose other side is a function."""
    session = Session(HOST, None, Clock(), transport=httpx.MockTransport(answer))
    return FinanceNeighbour(FinanceClient(session), "finance|client", chunk=chunk,
                            companies=frozenset({"USMF"}))


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
    (httpx.Response(201, json={**ROW, "dataAreaId": "gbsi"}), [], ("unknown", "FIN012", None)),
    (httpx.Response(200, text="<html>Sign in</html>"), [], ("unknown", "FIN014", None)),
    (httpx.Response(201, content=b'{"dataAreaId": "usm'), [], ("unknown", "FIN014", None)),
    (business("Infolog: Warning: The value 'Local' in field 'Customer group' is not found."), [],
     ("refused", "FIN400", None)),
    (business("validateField failed on field 'Lines.Qty'.", 500), [], ("refused", "FIN500", None)),
    (business(EXISTS), [ROW], ("sent", "", None)),
    (business(EXISTS), [{**ROW, "Amount": 9}], ("refused", "FIN013", None)),
    (business(EXISTS), [], ("refused", "FIN015", None)),
    (business(EXISTS, 500), [ROW], ("sent", "", None)),
    (business(EXISTS), "no rows", ("unknown", "FIN400", None)),
    (business("Voucher V-1 already exists in the journal."), [ROW], ("refused", "FIN400", None)),
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
    (httpx.Response(400, text="<html>Blocked</html>"), [], ("unknown", "FIN400", None)),
    (httpx.Response(400), [], ("unknown", "FIN400", None)),
    (httpx.Response(404, text="<html>No such site</html>"), [], ("unknown", "FIN404", None)),
    (httpx.Response(412, text="<html>Filtered</html>"), [], ("unknown", "FIN412", None)),
    (httpx.Response(429, headers={"Retry-After": "0"}), [], ("planned", "FIN429", 0)),
    (httpx.Response(408), [], ("unknown", "FIN408", None)),
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
        ({"keys": {"dataAreaId": "USMF", "SourceActualId": ""}}, "SourceActualId is empty"),
        ({"keys": {"dataAreaId": "USMF", "SourceActualId": "€" * 300}}, "too long for an address"),
        ({"keys": {"dataAreaId": "USMF", "SourceActualId": "a\nb"}}, "control characters"),
        ({"keys": {}}, "asked for by its key columns"),
        ({"entity": "Lines?x"}, "no name of a set"),
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
    (batch([("1", 201, row(1)), ("2", 201, row(2)), ("1", 400, WRONG), ("3", 400, WRONG)]),
     [("unknown", "FIN011"), ("sent", ""), ("refused", "FIN400")]),
    (batch([("1", 201, row(1))], status=500), [("unknown", "FIN011")] * 3),
    (httpx.Response(400, json={"Message": "The record already exists."}),
     [("unknown", "FIN011")] * 3),
    (httpx.Response(409), [("unknown", "FIN011")] * 3),
    (httpx.Response(404), [("unknown", "FIN011")] * 3),
    (httpx.Response(502, text="<html>"), [("unknown", "FIN011")] * 3),
    (httpx.Response(403, json={"Message": "no"}), [("planned", "FIN403")] * 3),
    (httpx.RemoteProtocolError("cut"), [("unknown", "FIN011")] * 3),
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
    # a set that nobody knows, or a gateway: it says nothing about the row
    ([httpx.Response(404)], ("unreachable", None)),
    ([business("No resources were found when selecting for update.", kind="")],
     ("unreachable", None)),
    ([httpx.Response(429, headers={"Retry-After": "0"})], ("unreachable", 0)),
    ([httpx.Response(401)], ("unreachable", None)),
    ([httpx.Response(200, json={"value": [], "@odata.nextLink": 7})], ("unreachable", None)),
    ([httpx.Response(200, json={"value": [], "@odata.nextLink": f"{DATA}/Lines?$skip=1"})] * 2,
     ("unreachable", None)),
    ([httpx.Response(200, json={"value": [{**ROW, "dataAreaId": "gbsi"}]})], ("missing", None)),
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


def test_the_port_is_kept() -> None:
    port: Neighbour = neighbour(enforces_keys=True, chunk=7)

    assert (port.name, port.enforces_keys, port.chunk) == ("finance|client", True, 7)


def test_no_answer_makes_a_receipt_that_is_lost_or_raises() -> None:
    """Whatever comes back, each row has exactly one receipt."""
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


@respx.mock
def test_a_row_that_went_to_another_company_is_parked_and_not_sent_again() -> None:
    respx.post(f"{DATA}/Lines").respond(201, json={**ROW, "dataAreaId": "gbsi"})

    (receipt,) = neighbour().send([line()], {})

    assert ("unknown", "FIN012", "the row went to company gbsi") == (
        receipt.state, receipt.code, receipt.park
    )  # fmt: skip


@respx.mock
def test_a_row_that_is_there_twice_is_sent_and_parked() -> None:
    respx.post(f"{DATA}/Lines").mock(return_value=business(EXISTS))
    respx.get(f"{DATA}/Lines").respond(json={"value": [ROW, ROW]})

    (receipt,) = neighbour().send([line()], {})

    assert ("sent", "stands 2 times on the other side") == (receipt.state, receipt.park)


@respx.mock
def test_in_a_batch_that_was_throttled_nothing_more_is_asked() -> None:
    there = {"error": {"innererror": {"message": EXISTS, "type": TYPE}}}
    respx.post(f"{DATA}/$batch").mock(
        return_value=batch([("1", 429, {}), ("2", 400, there), ("3", 201, row(3))])
    )
    asked = respx.get(f"{DATA}/Lines").respond(json={"value": [row(2)]})

    receipts = neighbour().send([line(n) for n in (1, 2, 3)], {})

    assert [("planned", 30_000), ("unknown", 30_000), ("sent", None)] == [
        (r.state, r.retry_after_ms) for r in receipts
    ]
    assert not asked.called


def test_a_batch_that_is_too_large_is_halved_until_it_fits() -> None:
    sizes: list[int] = []

    def answer(request: httpx.Request) -> httpx.Response:
        numbers = [int(n) for n in re.findall(rb'"a-(\d+)"', request.content)]
        sizes.append(len(numbers))
        if len(numbers) > 2:
            return httpx.Response(413)
        if len(numbers) == 1:
            return httpx.Response(201, json=row(numbers[0]))
        return batch([(str(i), 201, row(n)) for i, n in enumerate(numbers, start=1)])

    receipts = answering(answer).send([line(n) for n in range(1, 8)], {})

    assert [7, 3, 1, 2, 4, 2, 2] == sizes
    assert {"sent"} == {r.state for r in receipts}
    assert [f"key-{n}" for n in range(1, 8)] == [r.key for r in receipts]


@pytest.mark.parametrize(("answer", "wait"), [
    (httpx.Response(429, headers={"Retry-After": "4"}), 4_000), (httpx.Response(403), None),
])  # fmt: skip
def test_halves_stop_where_nobody_may_go_on(answer: httpx.Response, wait: int | None) -> None:
    answers = iter([httpx.Response(413), answer])

    receipts = answering(lambda _: next(answers)).send([line(n) for n in (1, 2, 3, 4)], {})

    assert {("planned", wait)} == {(r.state, r.retry_after_ms) for r in receipts}


@pytest.mark.parametrize("answer", [
    httpx.Response(403), httpx.Response(401), httpx.ConnectError("refused"),
])  # fmt: skip
def test_nobody_asks_on_who_is_locked_out_or_reaches_nobody(
    answer: httpx.Response | Exception,
) -> None:
    asked: list[httpx.Request] = []

    def said(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        if isinstance(answer, Exception):
            raise answer
        return answer

    found = answering(said).find([line(n) for n in range(1, 101)])

    assert (1, 100) == (len(asked), len(found))
    assert {"unreachable"} == {f.state for f in found.values()}


def test_keys_that_look_like_one_number_are_two_texts() -> None:
    rows = [{**ROW, "SourceActualId": "1.10"}]
    steps = [line(n, keys={"dataAreaId": "USMF", "SourceActualId": key})
             for n, key in enumerate(("1.1", "1.10"), start=1)]  # fmt: skip

    found = answering(lambda _: httpx.Response(200, json={"value": rows})).find(steps)

    assert ["missing", "found"] == [found[s.key].state for s in steps]


def test_a_key_that_cannot_be_asked_for_keeps_nobody_else_from_being_found() -> None:
    steps = [line(1), line(2, keys={"dataAreaId": "USMF", "SourceActualId": "a*"}),
             line(3, keys={"dataAreaId": "USMF", "SourceActualId": ""})]  # fmt: skip

    found = answering(lambda _: httpx.Response(200, json={"value": [ROW]})).find(steps)

    assert ["found", "unreachable", "unreachable"] == [found[s.key].state for s in steps]


def test_filters_of_letters_that_grow_in_an_address_stay_short() -> None:
    lengths: list[int] = []

    def answer(request: httpx.Request) -> httpx.Response:
        lengths.append(len(request.url.query))
        return httpx.Response(200, json={"value": []})

    steps = [line(n, keys={"dataAreaId": "USMF", "SourceActualId": "€'ü" * 9 + str(n)})
             for n in range(40)]  # fmt: skip
    found = answering(answer).find(steps)

    assert {"missing"} == {f.state for f in found.values()}
    assert 1 < len(lengths) and max(lengths) < 2_048


def test_more_rows_than_a_batch_may_hold_leave_in_several() -> None:
    sizes: list[int] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sizes.append(request.content.count(b"Content-ID"))
        return httpx.Response(503)

    many = answering(answer, chunk=9_999)
    receipts = many.send([line(n) for n in range(BATCH_MAX + 2)], {})

    assert ([BATCH_MAX, 2], BATCH_MAX) == (sizes, many.chunk)
    assert {"unknown"} == {r.state for r in receipts}


# a whole 200 to the question only; a POST that it answers is unknown all the same
HOSTILE = (
    hostile.redirect, hostile.foreign_link, hostile.circle, hostile.huge_error, hostile.cut_json,
    hostile.length_too_long, hostile.gzip_bomb, hostile.gzip_half, hostile.broken_chunk,
    hostile.status_garbage, hostile.closed, hostile.reset, hostile.deep_json, hostile.huge_number,
    hostile.no_utf8, hostile.page_of_a_gateway,
)  # fmt: skip


@pytest.mark.parametrize("behave", HOSTILE, ids=lambda b: b.__name__)
def test_after_a_hostile_answer_nobody_believes_that_a_row_was_sent(
    behave: hostile.Behave,
) -> None:
    with HostileServer(hostile.cut_json) as second, HostileServer(behave) as server:
        server.elsewhere = second.base
        session = Session(server.base, None, SystemClock(), timeout=5)
        port = FinanceNeighbour(FinanceClient(session), "f", companies=frozenset({"USMF"}))
        one = port.send([line(1)], {})
        many = port.send([line(1), line(2)], {})
        found = port.find([line(1)])
        session.close()

    assert ["unknown"] * 3 == [receipt.state for receipt in [*one, *many]]
    assert "unreachable" == found["key-1"].state
    assert not second.requests
    assert all(len(receipt.message) <= 600 for receipt in [*one, *many])


@pytest.mark.parametrize("count", [1, 2, 40])
def test_the_twin_takes_every_row_once_however_often_it_is_sent(count: int) -> None:
    clock = Clock()
    table = TwinTable(table="Lines", entity="Lines", keys=("dataAreaId", "SourceActualId"))
    transport = TwinTransport(Twin(dataverse=[], finance=[table], now_ms=clock.now_ms))
    login = Tokens(f"{HOST}/login", "t", "c", f"{HOST}/finance", clock, transport=transport,
                   secret=Secret("env:THE_SECRET"))  # fmt: skip
    session = Session(f"{HOST}/finance", login, clock, transport=transport)
    port = FinanceNeighbour(FinanceClient(session), "gate", companies=frozenset({"USMF"}))
    steps = [line(n) for n in range(1, count + 1)]

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("THE_SECRET", "any-secret-at-all")
        states = [[receipt.state for receipt in port.send(steps, {})] for _ in range(2)]
        found = port.find(steps)

    assert [["sent"] * count] * 2 == states
    assert {("found", 0)} == {(there.state, there.more) for there in found.values()}
