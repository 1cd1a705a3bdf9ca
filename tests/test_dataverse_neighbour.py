"""The port to Dataverse: one receipt per row, in order, and in doubt nobody guesses."""

import json
import random

import httpx
import pytest

from adapter.edge.dataverse.client import DataverseClient
from adapter.edge.dataverse.neighbour import DataverseNeighbour
from adapter.edge.http.secrets import Secret
from adapter.edge.http.session import Session
from adapter.edge.http.tokens import Tokens
from adapter.edge.sending.ports import Neighbour
from adapter.edge.twin.store import TwinTable
from adapter.edge.twin.transport import TwinTransport
from adapter.edge.twin.twin import Twin
from adapter.making.steps import Receipt
from tests.clients_given import (
    API,
    ID,
    ORG,
    Answering,
    Clock,
    created,
    error,
    in_batch,
    neighbour,
    step,
)  # fmt: skip

THERE = "A record with matching key values already exists."
EQUAL = {"invoicedetailid": ID.format(1).upper(), "priceperunit": 150.1, "versionnumber": 7}
OTHER = {"invoicedetailid": ID.format(1), "priceperunit": 120}
ABSENT = httpx.Response(404, json=error("", "invoicedetail With Id = x Does Not Exist"))


def answers(write: httpx.Response | Exception, read: httpx.Response | None = None) -> Answering:
    """Dataverse that answers every write and every reading of a row the same."""

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            return read or httpx.Response(500)
        if isinstance(write, Exception):
            raise write
        return write

    return answer


def json_of(status: int, body: object, **headers: str) -> httpx.Response:
    return httpx.Response(status, json=body, headers=headers)


ID_HEADER = {"OData-EntityId": f"{API}/invoicedetails({ID.format(1)})"}
OTHER_HEADER = {"OData-EntityId": f"{API}/invoicedetails({ID.format(2)})"}
# what a write is answered | what a reading is answered | state, code, wait of the receipt
ONE: list[tuple[httpx.Response | Exception, httpx.Response | None, tuple[object, ...]]] = [
    (httpx.Response(204, headers=ID_HEADER), None, ("sent", "", None)),
    (httpx.Response(204), None, ("sent", "", None)),
    (httpx.Response(204, headers=OTHER_HEADER), None, ("unknown", "DVE011", None)),
    (json_of(412, error("0x80060892", THERE)), json_of(200, EQUAL), ("sent", "", None)),
    (json_of(412, error("", THERE)), json_of(200, EQUAL), ("sent", "", None)),
    (json_of(412, error("0x80060882", "version")), json_of(200, EQUAL), ("sent", "", None)),
    (json_of(412, error("", THERE)), json_of(200, OTHER), ("refused", "DVE013", None)),
    (json_of(412, error("0x80060892", "x")), ABSENT, ("refused", "DVE012", None)),
    (json_of(412, error("0x80040237", "x")), ABSENT, ("unknown", "0x80040237", None)),
    (json_of(412, error("", THERE)), None, ("unknown", "DVE412", None)),
    (json_of(412, error("", THERE)), json_of(200, {}), ("unknown", "DVE412", None)),
    (json_of(412, error("", THERE)), httpx.Response(200, text="{"), ("unknown", "DVE412", None)),
    (json_of(412, error("", THERE)), json_of(200, {**EQUAL, "invoicedetailid": ID.format(3)}),
     ("unknown", "DVE412", None)),
    (json_of(412, error("0x80040333", "duplicate")), None, ("refused", "0x80040333", None)),
    (json_of(400, error("0x80040265", "no")), None, ("refused", "0x80040265", None)),
    (json_of(400, error("0x80044331", "long")), None, ("refused", "0x80044331", None)),
    (json_of(404, error("", "x Does Not Exist")), None, ("refused", "DVE404", None)),
    (httpx.Response(413), None, ("refused", "DVE413", None)),
    (httpx.Response(401), None, ("planned", "DVE401", None)),
    (json_of(403, error("0x80040220", "no")), None, ("planned", "0x80040220", None)),
    (json_of(429, error("0x80072322", "x"), **{"Retry-After": "9"}), None,
     ("planned", "0x80072322", 9_000)),
    (json_of(429, error("0x80072326", "x")), None, ("planned", "0x80072326", 60_000)),
    *[(httpx.Response(status, text="<html>"), None, ("unknown", f"DVE{status}", None))
      for status in (400, 500, 502, 503, 504, 302)],
    (httpx.ReadTimeout("x"), None, ("unknown", "HTT002", None)),
    (httpx.ReadError("x"), None, ("unknown", "HTT002", None)),
    (httpx.RemoteProtocolError("x"), None, ("unknown", "HTT002", None)),
    (httpx.WriteError("x"), None, ("unknown", "HTT002", None)),
    (RuntimeError("x"), None, ("unknown", "HTT002", None)),
    (httpx.ConnectError("x"), None, ("planned", "HTT001", None)),
    (httpx.ConnectTimeout("x"), None, ("planned", "HTT001", None)),
    (httpx.PoolTimeout("x"), None, ("planned", "HTT001", None)),
]  # fmt: skip


def seen(receipt: Receipt) -> tuple[object, ...]:
    return receipt.state, receipt.code, receipt.retry_after_ms


@pytest.mark.parametrize(("write", "read", "found"), ONE)
def test_one_row_has_one_receipt(
    write: httpx.Response | Exception, read: httpx.Response | None, found: tuple[object, ...]
) -> None:
    [receipt] = neighbour(answers(write, read)).send([step()], {})

    assert ("key-1", *found) == (receipt.key, *seen(receipt))
    assert receipt.state != "sent" or ID.format(1) == receipt.reference.lower()
    assert receipt.state == "sent" or receipt.message


def refused(code: str = "0x80040265") -> tuple[int, dict[str, str], str]:
    return 400, {"Content-Type": "application/json"}, json.dumps(error(code, "no"))


WAIT = {"Retry-After": "3"}
# answer to a batch of three rows | states of the receipts
BATCHES: list[tuple[httpx.Response | Exception, list[str]]] = [
    (in_batch([created(1), created(2), created(3)]), ["sent", "sent", "sent"]),
    (in_batch([created(1), refused(), created(3)]), ["sent", "refused", "sent"]),
    (in_batch([refused(), (500, {}, "")]), ["unknown"] * 3),
    (in_batch([created(2), refused()]), ["unknown", "sent", "unknown"]),
    (in_batch([created(1), created(2)]), ["sent", "sent", "unknown"]),
    (in_batch([created(2), created(1), refused()]), ["sent", "sent", "unknown"]),
    (in_batch([created(n) for n in (1, 2, 3, 4)]), ["sent", "sent", "sent"]),
    (in_batch([(429, WAIT, ""), created(2), (503, {}, "")]), ["planned", "sent", "unknown"]),
    (in_batch([refused()], status=400), ["unknown"] * 3),
    (in_batch([created(1)], status=500), ["unknown"] * 3),
    (httpx.Response(200, text="<html>"), ["unknown"] * 3),
    (httpx.Response(200, headers={"Content-Type": "multipart/mixed; boundary=x"}),
     ["unknown"] * 3),
    (httpx.Response(400, json=error("", "not a batch")), ["unknown"] * 3),
    (httpx.Response(503), ["unknown"] * 3),
    (httpx.Response(429, headers=WAIT), ["planned"] * 3),
    (httpx.Response(403), ["planned"] * 3),
    (httpx.ConnectError("x"), ["planned"] * 3),
    (httpx.ReadTimeout("x"), ["unknown"] * 3),
    (httpx.ReadError("x"), ["unknown"] * 3),
]


@pytest.mark.parametrize(("answer", "found"), BATCHES)
def test_a_batch_is_read_part_by_part(
    answer: httpx.Response | Exception, found: list[str]
) -> None:
    receipts = neighbour(answers(answer)).send([step(n) for n in (1, 2, 3)], {})

    assert ["key-1", "key-2", "key-3"] == [receipt.key for receipt in receipts]
    assert found == [receipt.state for receipt in receipts]
    assert all(receipt.retry_after_ms == 3_000 for receipt in receipts
               if receipt.state == "planned" and receipt.code == "DVE429")  # fmt: skip


def test_a_batch_whose_end_is_missing_says_nothing_of_its_last_part() -> None:
    body = in_batch([created(1), created(2)])
    cut = httpx.Response(200, content=body.content[: -len("--batchresponse_1--\r\n")],
                         headers=dict(body.headers) | {"Content-Length": "0"})  # fmt: skip
    del cut.headers["Content-Length"]

    found = neighbour(answers(cut)).send([step(1), step(2)], {})

    assert ["sent", "unknown"] == [receipt.state for receipt in found]


def test_a_row_that_is_there_already_is_compared_inside_a_batch_too() -> None:
    there = (412, {}, json.dumps(error("0x80060892", THERE)))
    answer = answers(in_batch([there, created(2)]), json_of(200, EQUAL))

    found = neighbour(answer).send([step(1), step(2)], {})

    assert ["sent", "sent"] == [receipt.state for receipt in found]
    assert "it was there" == found[0].message


def test_rows_go_out_letter_for_letter_with_the_mark_of_our_own() -> None:
    asked: list[httpx.Request] = []
    body = '{"invoicedetailid":"x","a":1.10,"b":"--batch_\\r\\n","c":"é"}'
    port = neighbour(lambda r: asked.append(r) or in_batch([created(1), created(2)]))

    port.send([step(1, body=body), step(2)], {})

    text = asked[0].content
    assert body.encode() in text
    assert 2 == text.count(b"If-None-Match: *\r\n")
    assert f"PATCH {API}/invoicedetails({ID.format(1)})?tag=fieldledger HTTP/1.1".encode() in text
    assert "odata.continue-on-error" == asked[0].headers["prefer"]


def test_a_batch_that_is_too_large_is_halved_until_it_fits() -> None:
    sizes: list[int] = []

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "PATCH":
            return httpx.Response(204)
        count = request.content.count(b"If-None-Match")
        sizes.append(count)
        if count > 2:
            return httpx.Response(413)
        ids = [int(line.split(b"(")[1][24:36]) for line in request.content.split(b"\r\n")
               if line.startswith(b"PATCH")]  # fmt: skip
        return in_batch([created(number) for number in ids])

    found = neighbour(answer).send([step(n) for n in range(1, 8)], {})

    assert [7, 3, 2, 4, 2, 2] == sizes
    assert {"sent"} == {receipt.state for receipt in found}
    assert [f"key-{n}" for n in range(1, 8)] == [receipt.key for receipt in found]


def test_a_key_that_cannot_be_looked_up_is_refused_alone() -> None:
    bad = step(2, keys={"name": "a/b"})

    found = neighbour(answers(in_batch([created(1), created(3)]))).send([step(1), bad, step(3)], {})

    assert [("sent", ""), ("refused", "DVE010"), ("sent", "")] == [
        (receipt.state, receipt.code) for receipt in found
    ]


# answer to a reading | state
FINDS: list[tuple[httpx.Response, str]] = [
    (json_of(200, EQUAL), "found"), (ABSENT, "missing"), (httpx.Response(404), "unreachable"),
    (json_of(404, error("0x80060888", "Resource not found for the segment")), "unreachable"),
    (httpx.Response(200, text="<html>"), "unreachable"), (json_of(200, {}), "unreachable"),
    (httpx.Response(500), "unreachable"), (httpx.Response(429), "unreachable"),
    (httpx.Response(403), "unreachable"), (json_of(200, OTHER | {"priceperunit": 1}), "found"),
]  # fmt: skip


@pytest.mark.parametrize(("answer", "state"), FINDS)
def test_a_row_is_missing_only_when_dataverse_says_so(answer: httpx.Response, state: str) -> None:
    found = neighbour(answers(httpx.Response(500), answer)).find([step()])

    assert state == found["key-1"].state


def test_after_a_throttle_nobody_else_is_asked_for() -> None:
    asked: list[httpx.Request] = []
    port = neighbour(lambda r: asked.append(r) or httpx.Response(429, headers=WAIT))

    found = port.find([step(n) for n in range(50)])

    assert (50, 1) == (len(found), len(asked))
    assert {"unreachable"} == {there.state for there in found.values()}


def test_whatever_comes_back_there_is_one_receipt_per_row_and_nothing_is_raised() -> None:
    chance = random.Random(7)
    whole = [w for w, _, _ in ONE] + [a for a, _ in BATCHES]

    def answer(request: httpx.Request) -> httpx.Response:
        one = chance.choice(whole)
        if isinstance(one, Exception):
            raise one
        content = bytearray(one.content)
        for _ in range(chance.randrange(4)):
            if content:
                content[chance.randrange(len(content))] = chance.randrange(256)
        heads = {n: v for n, v in one.headers.items() if n != "content-length"}
        return httpx.Response(one.status_code, content=bytes(content), headers=heads)

    port: Neighbour = neighbour(answer)
    for _ in range(1_500):
        steps = [step(n) for n in range(1, chance.randrange(2, 6))]
        receipts = port.send(steps, {})
        assert [s.key for s in steps] == [receipt.key for receipt in receipts]
        assert {s.key for s in steps} == port.find(steps).keys()


@pytest.mark.parametrize("count", [1, 2, 40])
def test_the_twin_takes_every_row_once_however_often_it_is_sent(
    count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("THE_SECRET", "any-secret-at-all")
    clock = Clock()
    table = TwinTable(table="invoicedetail", entity="invoicedetails", keys=("invoicedetailid",))
    twin = Twin(dataverse=[table], finance=[], now_ms=clock.now_ms)
    transport = TwinTransport(twin)
    login = Tokens(f"{ORG}/login", "t", "c", f"{ORG}/dataverse", clock, transport=transport,
                   secret=Secret("env:THE_SECRET"))  # fmt: skip
    session = Session(f"{ORG}/dataverse", login, clock, transport=transport)
    port = DataverseNeighbour(DataverseClient(session), "gate")
    steps = [step(n) for n in range(1, count + 1)]

    states = [[receipt.state for receipt in port.send(steps, {})] for _ in range(2)]

    assert [["sent"] * count] * 2 == states
    assert {"found"} == {there.state for there in port.find(steps).values()}
