"""adapter/edge/dataverse: every documented status, header and body, and what becomes of it."""

import json
import re
from decimal import Decimal
from pathlib import Path

import httpx
import pytest
import respx

from adapter.edge.dataverse.addresses import address, row_id
from adapter.edge.dataverse.batches import matched
from adapter.edge.dataverse.bulk import Row, targets
from adapter.edge.dataverse.client import DataverseClient
from adapter.edge.dataverse.errors import said_by
from adapter.edge.dataverse.probes import AlternateKey
from adapter.edge.http.answers import Answer, retry_after
from adapter.edge.http.multipart import Part, PartAnswer, write_batch
from adapter.edge.http.session import Session
from adapter.values.codes import CODES
from tests.clients_given import (
    API,
    ID,
    NOW,
    ORG,
    Answering,
    Clock,
    client,
    created,
    error,
    in_batch,
)  # fmt: skip

GUID = ID.format(1)
ANNOTATED = {
    "@Microsoft.PowerApps.CDS.ErrorDetails.OperationStatus": "1",
    "@Microsoft.PowerApps.CDS.ErrorDetails.SubErrorCode": "12345",
    "@Microsoft.PowerApps.CDS.HelpLink": "https://go.microsoft.com/x",
    "@Microsoft.PowerApps.CDS.TraceText": "\r\n[Plugin]\r\n",
    "@Microsoft.PowerApps.CDS.InnerError.Message": "inner",
}
THERE = "A record with matching key values already exists."
VERSION = "The version of the existing record doesn't match the RowVersion property provided."
DUPLICATE = "A record was not created or updated because a duplicate of the current record exists."
EXPIRED = "Version stamp associated with the client has expired. Please perform a full sync."

# status | body | meaning | code
SAID: list[tuple[int, object, str, str]] = [
    (200, {}, "fine", ""),
    (201, {"accountid": GUID}, "fine", ""),
    (204, None, "fine", ""),
    (400, error("0x80040265", "the plug-in says no"), "refused", "0x80040265"),
    (400, error("0x80040265", "no", **ANNOTATED), "refused", "0x80040265"),
    (400, error("0x80044331", "value too long"), "refused", "0x80044331"),
    (400, error("", "no reason"), "refused", "DVE400"),
    (400, error("0x80044352", EXPIRED), "expired", "0x80044352"),
    (400, error("", EXPIRED), "expired", "DVE400"),
    (410, error("", "gone"), "expired", "DVE410"),
    (400, error("0x80040216", "Message size exceeded"), "too-large", "0x80040216"),
    (400, error("-2147220970", "Message size exceeded"), "too-large", "-2147220970"),
    (401, None, "forbidden", "DVE401"),
    (403, error("0x80040220", "PrivilegeDenied"), "forbidden", "0x80040220"),
    (403, error("0x80072560", "The user is not a member of the organization."), "forbidden",
     "0x80072560"),
    (404, error("", f"account With Id = {GUID} Does Not Exist"), "missing", "DVE404"),
    (404, error("0x80040217", f"account With Id = {GUID} Does Not Exist"), "missing", "0x80040217"),
    (404, error("0x80060888", "Resource not found for the segment 'x'."), "refused", "0x80060888"),
    (404, None, "doubtful", "DVE404"),
    (405, error("0x8004f033", "CannotDeleteDueToAssociation"), "refused", "0x8004f033"),
    (409, error("", "conflict"), "changed", "DVE409"),
    (412, error("0x80060882", VERSION), "changed", "0x80060882"),
    (412, error("-2147088254", VERSION), "changed", "-2147088254"),
    (412, error("", VERSION), "changed", "DVE412"),
    (412, error("", THERE), "exists", "DVE412"),
    (412, error("0x80060892", "key"), "exists", "0x80060892"),
    (412, error("0x80040237", "key"), "exists", "0x80040237"),
    (412, error("0x80040333", DUPLICATE), "refused", "0x80040333"),
    (500, error("0x80040333", DUPLICATE), "refused", "0x80040333"),
    (413, None, "too-large", "DVE413"),
    (429, error("0x80072322", "Number of requests exceeded"), "throttled", "0x80072322"),
    (429, error("0x80072321", "Combined execution time"), "throttled", "0x80072321"),
    (429, error("0x80072326", "Number of concurrent requests"), "throttled", "0x80072326"),
    (429, "<html>slow down</html>", "throttled", "DVE429"),
    (500, error("0x80040216a", "An unexpected error occurred."), "doubtful", "0x80040216a"),
    (501, error("0x80060888", "not implemented"), "refused", "0x80060888"),
    (502, "<html>Bad gateway</html>", "doubtful", "DVE502"),
    (503, "", "doubtful", "DVE503"),
    (504, "<html>Gateway timeout</html>", "doubtful", "DVE504"),
    (400, "<html>Request blocked by a firewall</html>", "doubtful", "DVE400"),
    (408, error("", "too slow"), "doubtful", "DVE408"),
    (302, None, "doubtful", "DVE302"),
    (304, None, "doubtful", "DVE304"),
    (400, {"error": "text"}, "doubtful", "DVE400"),
    (400, {"error": {"code": 7, "message": None}}, "doubtful", "DVE400"),
    (400, {"Message": "of the gateway"}, "doubtful", "DVE400"),
    (412, [1, 2], "doubtful", "DVE412"),
]  # fmt: skip


def response(status: int, body: object, **headers: str) -> httpx.Response:
    if body is None or isinstance(body, str):
        return httpx.Response(status, text=body or "", headers=headers)
    return httpx.Response(status, json=body, headers=headers)


@pytest.mark.parametrize(("status", "body", "meaning", "code"), SAID)
@respx.mock
def test_every_status_and_body_has_its_meaning(
    status: int, body: object, meaning: str, code: str
) -> None:
    respx.get(f"{API}/accounts({GUID})").mock(response(status, body))
    here = DataverseClient(Session(ORG, None, Clock()))

    answer = here.row("accounts", {"accountid": GUID})
    found = here.said(answer)

    assert (meaning, code) == (found.meaning, found.code)
    assert meaning == "fine" or found.message
    assert "\n" not in found.message


@pytest.mark.parametrize(("code", "advice"), [
    ("0x80072322", "slower"), ("0x80072321", "smaller"), ("0x80072326", "fewer"),
])  # fmt: skip
def test_each_throttle_says_what_to_do_less_of(code: str, advice: str) -> None:
    said = said_by(Answer(status=429, headers={"retry-after": "17"},
                          body=json.dumps(error(code, "x")).encode()), NOW)  # fmt: skip

    assert (advice, 17_000) == (said.advice, said.wait_ms)


@pytest.mark.parametrize(("given", "found"), [
    ("5", 5_000), ("0", 0), (" 30 ", 30_000), ("1.5", 1_500), ("99999999999", 3_600_000),
    ("", None), ("soon", None), ("-3", None), ("1e9", None), ("²", None), ("1.2.3", None),
    ("Wed, 18 Nov 2026 10:26:45 GMT", 5_000), ("Wed, 18 Nov 2026 10:26:30 GMT", 0),
    ("Wed, 99 Nov 2026 10:26:30 GMT", None), ("Wed, 18 Nov 9999 23:59:59 GMT", 3_600_000),
])  # fmt: skip
def test_retry_after_is_seconds_or_a_date(given: str, found: int | None) -> None:
    assert found == retry_after(given, 1_794_997_600_000)


def test_without_retry_after_there_is_a_wait_all_the_same() -> None:
    assert 60_000 == said_by(Answer(status=429), NOW).wait_ms


@respx.mock
def test_every_call_has_the_headers_of_the_protocol() -> None:
    route = respx.get(f"{API}/WhoAmI").mock(httpx.Response(
        200, json={"OrganizationId": GUID.upper()}, headers={"x-ms-dop-hint": "8"}
    ))  # fmt: skip
    here = DataverseClient(Session(ORG, None, Clock()))

    organization, said = here.who_am_i()
    hint = here.calls_at_once()

    heads = route.calls[0].request.headers
    assert ["application/json", "4.0", "4.0", "null"] == [
        heads[n] for n in ("accept", "odata-maxversion", "odata-version", "if-none-match")
    ]
    assert (GUID, "fine", 8) == (organization, said.meaning, hint)


@respx.mock
def test_a_row_is_created_with_an_id_of_ours_and_its_text_is_not_touched() -> None:
    route = respx.patch(f"{API}/invoices({GUID})?tag=fieldledger").mock(
        httpx.Response(204, headers={"OData-EntityId": f"{API}/invoices({GUID})"})
    )
    body = '{"a":1.10,"b":100000000000000000.01,"c":"é \\u2028","d":1}'

    answer = DataverseClient(Session(ORG, None, Clock())).put("invoices", {"invoiceid": GUID}, body)

    request = route.calls[0].request
    assert body.encode() == request.content
    assert "*" == request.headers["if-none-match"]
    assert "application/json; charset=utf-8" == request.headers["content-type"]
    assert GUID == row_id(answer)


@respx.mock
def test_a_version_guards_a_change_and_an_upsert_says_whether_it_created() -> None:
    change = respx.patch(f"{API}/invoices({GUID})", headers={"If-Match": 'W/"7"'}).mock(
        httpx.Response(204)
    )
    upsert = respx.patch(f"{API}/accounts(accountnumber='A')").mock(httpx.Response(201, json={}))
    here = DataverseClient(Session(ORG, None, Clock()))

    here.put("invoices", {"invoiceid": GUID}, "{}", only_new=False, version='W/"7"')
    answer = here.upsert("accounts", {"accountnumber": "A"}, '{"name":"x"}')

    assert (1, 201) == (change.call_count, answer.status)
    heads = upsert.calls[0].request.headers
    assert "return=representation" == heads["prefer"]
    assert "if-none-match" not in heads
    assert "if-match" not in heads


def test_numbers_are_exact_in_both_ways() -> None:
    text = '{"a":0.1,"b":12345678901234567.89,"c":9007199254740993,"d":1.10,"e":1E-7}'
    here = client(lambda _: httpx.Response(200, text=text))

    found = here.row("a", {"aid": GUID}).table()

    assert {"a": Decimal("0.1"), "b": Decimal("12345678901234567.89"), "c": 9007199254740993,
            "d": Decimal("1.10"), "e": Decimal("1E-7")} == found  # fmt: skip
    assert "1.10" == str(found["d"])


def versions(answers: list[int]) -> tuple[Answering, list[str]]:
    """A row whose version grows with every reading; changes are answered one after the other."""
    asked: list[str] = []
    left = list(answers)

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            return httpx.Response(200, json={"@odata.etag": f'W/"{len(asked)}"', "n": len(asked)})
        asked.append(request.headers["if-match"])
        status = left.pop(0)
        body = error("0x80060882", VERSION) if status == 412 else None
        return response(status, body)

    return answer, asked


@pytest.mark.parametrize(("answers", "status", "tries"), [
    ([204], 204, 1), ([412, 204], 204, 2), ([412, 412, 412], 412, 3), ([400], 400, 1),
])  # fmt: skip
def test_a_change_that_others_make_too_is_decided_anew(
    answers: list[int], status: int, tries: int
) -> None:
    answering, asked = versions(answers)

    found = client(answering).revise("a", {"aid": GUID}, lambda row: f'{{"n":{row["n"]}}}')

    assert (status, [f'W/"{n}"' for n in range(tries)]) == (found.status, asked)


def test_a_change_that_needs_nothing_writes_nothing() -> None:
    answering, asked = versions([])

    assert client(answering).revise("a", {"aid": GUID}, lambda _: None).is_fine
    assert [] == asked


# keys | found; None: refused before any request
KEYS: list[tuple[dict[str, str | int | Decimal], str | None]] = [
    ({"accountid": GUID}, f"accounts({GUID})"),
    ({"accountnumber": "ABC123"}, "accounts(accountnumber='ABC123')"),
    ({"firstname": "Joe", "email": "a@b"}, "accounts(firstname='Joe',email='a%40b')"),
    ({"_primarycontactid_value": GUID}, f"accounts(_primarycontactid_value={GUID})"),
    ({"name": "O'Neil"}, "accounts(name='O%27%27Neil')"),
    ({"number": 7, "rate": Decimal("1.50")}, "accounts(number=7,rate=1.50)"),
    ({"name": "Ærø"}, "accounts(name='%C3%86r%C3%B8')"),
    *[({"name": f"a{letter}b"}, None) for letter in "/<>*%&:\\?+#\n\x00"],
    ({"name": ""}, None), ({}, None), ({"na me": "x"}, None), ({"name": "x" * 901}, None),
    ({f"c{n}": "x" for n in range(17)}, None), ({"rate": Decimal("NaN")}, None),
    ({"name'": "x"}, None),
]  # fmt: skip


@pytest.mark.parametrize(("keys", "found"), KEYS)
def test_a_key_that_cannot_be_looked_up_is_refused_before_any_request(
    keys: dict[str, str | int | Decimal], found: str | None
) -> None:
    asked: list[httpx.Request] = []
    here = client(lambda request: asked.append(request) or httpx.Response(204))
    if found is not None:
        assert found == address("accounts", keys)
        return

    for call in (lambda: here.row("accounts", keys), lambda: here.put("accounts", keys, "{}"),
                 lambda: here.upsert("accounts", keys, "{}")):  # fmt: skip
        with pytest.raises(ValueError):
            call()
    assert [] == asked


def pages(request: httpx.Request) -> httpx.Response:
    page = int(request.url.params.get("$skiptoken", "0"))
    link = {"@odata.nextLink": f"{API}/rows?$select=a&$skiptoken={page + 1}&x=%2f%2F"}
    return httpx.Response(200, json={"value": [{"n": page}], **(link if page < 2 else {})},
                          headers={"Preference-Applied": "odata.maxpagesize=5000"})  # fmt: skip


def test_pages_are_followed_by_their_links_letter_for_letter() -> None:
    asked: list[httpx.Request] = []
    here = client(lambda request: asked.append(request) or pages(request))

    rows, said = here.rows("rows?$select=a")

    assert ("fine", [0, 1, 2]) == (said.meaning, [row["n"] for row in rows])
    assert b"/api/data/v9.2/rows?$select=a&$skiptoken=1&x=%2f%2F" == asked[1].url.raw_path
    assert ["odata.maxpagesize=5000"] * 3 == [request.headers["prefer"] for request in asked]


@pytest.mark.parametrize("second", [
    httpx.Response(500), httpx.Response(200, text='{"value":['), httpx.Response(200, json={}),
    httpx.Response(200, json={"value": ["x"]}), httpx.Response(429), httpx.Response(404),
    httpx.Response(200, json={"value": [], "@odata.nextLink": 7}),
    httpx.Response(200, json={"value": [], "@odata.nextLink": "https://evil.example/x"}),
    httpx.Response(200, json={"value": [], "@odata.nextLink": f"{API}/rows?$skiptoken=1"}),
])  # fmt: skip
def test_half_a_reading_is_none(second: httpx.Response) -> None:
    first = {"value": [{"n": 1}], "@odata.nextLink": f"{API}/rows?$skiptoken=1"}
    answers = [httpx.Response(200, json=first), second, second]
    here = client(lambda _: answers.pop(0))

    rows, said = here.rows("rows")

    assert [] == rows
    assert "fine" != said.meaning


DELTA = f"{API}/accounts?$select=name&$deltatoken=919042%2108%2f22%2f2017%2008%3a10%3a44"
OTHER = ID.format(9)


def test_changes_come_with_deletes_last_and_a_link() -> None:
    deleted = {"@odata.context": f"{API}/$metadata#accounts/$deletedEntity", "reason": "deleted"}
    body = {"@odata.deltaLink": DELTA, "value": [
        {"accountid": GUID, "name": "x"}, {**deleted, "id": OTHER.upper()}, {**deleted, "id": "?"},
        deleted,
    ]}  # fmt: skip
    asked: list[httpx.Request] = []
    here = client(lambda request: asked.append(request) or httpx.Response(200, json=body))

    first = here.changes("accounts", ("name",), None)
    second = here.changes("accounts", ("name",), first.link)

    assert ([GUID], [OTHER], DELTA, True, False) == (
        [row["accountid"] for row in first.rows], first.deleted, first.link, first.is_whole,
        first.expired,
    )  # fmt: skip
    assert (False, DELTA) == (second.is_whole, second.link)
    assert "odata.track-changes" in asked[0].headers["prefer"]
    assert "?$select=name" == asked[0].url.raw_path.decode().removeprefix("/api/data/v9.2/accounts")
    assert DELTA.endswith(asked[1].url.raw_path.decode())


def test_an_expired_link_leads_to_a_whole_reading() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if b"deltatoken" in request.url.raw_path:
            return httpx.Response(400, json=error("0x80044352", EXPIRED))
        return httpx.Response(200, json={"value": [{"accountid": GUID}], "@odata.deltaLink": DELTA})

    found = client(answer).changes("accounts", (), DELTA)

    assert (True, True, 1, "fine") == (
        found.is_whole, found.expired, len(found.rows), found.said.meaning
    )  # fmt: skip


def test_a_table_that_expires_for_ever_is_no_endless_loop() -> None:
    found = client(lambda _: httpx.Response(400, json=error("0x80044352", EXPIRED))).changes(
        "accounts", (), DELTA
    )

    assert ("expired", [], None) == (found.said.meaning, found.rows, found.link)


@pytest.mark.parametrize("link", ["https://evil.example/x?$deltatoken=1", "//evil.example/x"])
def test_a_delta_link_that_leads_elsewhere_is_not_asked(link: str) -> None:
    asked: list[httpx.Request] = []
    here = client(lambda request: asked.append(request) or httpx.Response(200, json={}))

    found = here.changes("accounts", (), link)

    assert ("not-sent", "HTT003", []) == (found.said.meaning, found.said.code, asked)


def test_tables_keys_and_messages_are_probed() -> None:
    tables = [{"LogicalName": "account", "EntitySetName": "accounts"}]
    keys = [{"LogicalName": "account", "Keys": [
        {"LogicalName": "k1", "KeyAttributes": ["a", "b"], "EntityKeyIndexStatus": "Active"},
        {"LogicalName": "k2", "KeyAttributes": ["c"], "EntityKeyIndexStatus": "Pending"},
        {"LogicalName": "k3"}, "x",
    ]}]  # fmt: skip

    def answer(request: httpx.Request) -> httpx.Response:
        path = str(request.url)
        if "sdkmessagefilters" in path:
            return httpx.Response(200, json={"value": [{}] if "Create" in path else []})
        return httpx.Response(200, json={"value": keys if "Keys" in path else tables})

    here = client(answer)
    broken = client(lambda _: httpx.Response(503))

    assert {"account": "accounts"} == here.set_names()[0]
    assert [AlternateKey(name="k1", columns=("a", "b"), is_ready=True),
            AlternateKey(name="k2", columns=("c",), is_ready=False)] == here.alternate_keys(
        "account")[0]  # fmt: skip
    assert frozenset({"account"}) == here.tracked_tables()[0]
    assert (True, False, None) == (
        here.takes_many("CreateMultiple", "account"), here.takes_many("UpdateMultiple", "account"),
        broken.takes_many("CreateMultiple", "account"),
    )  # fmt: skip
    assert "doubtful" == broken.alternate_keys("account")[1].meaning
    with pytest.raises(ValueError):
        here.takes_many("CreateMultiple", "x' or 1 eq 1")


def part(url: str = "u", content_id: str = "", change_set: str = "", **headers: str) -> Part:
    return Part(method="PATCH", url=url, body='{"a":"é"}', content_id=content_id,
                change_set=change_set, headers=headers)  # fmt: skip


def test_a_batch_is_written_with_crlf_and_its_change_sets_together() -> None:
    parts = [part(), part("v", "1", "s"), part("$1/x", "2", "s"), part("w", "3", "t"),
             part("x", "4"), part("y", "5"), part("z")]  # fmt: skip

    text = write_batch(parts, "batch_x").decode()

    assert "\n" not in text.replace("\r\n", "")
    assert 4 == len(re.findall(r"Content-Type: multipart/mixed; boundary=(batch_x-\d)", text))
    assert ["1", "2", "3", "4", "5"] == re.findall(r"Content-ID: (\d)", text)
    assert 7 == text.count("Content-Type: application/http\r\nContent-Transfer-Encoding: binary")
    assert 7 == text.count("--batch_x\r\n") - 0 + 1
    assert text.endswith("--batch_x--\r\n")
    assert text.index("PATCH $1/x") < text.index("--batch_x-1--") < text.index("PATCH w ")


@pytest.mark.parametrize("bad", [part("u\r\nX: y"), part(**{"X": "a\nb"})])
def test_a_line_end_in_a_part_is_refused(bad: Part) -> None:
    with pytest.raises(ValueError):
        write_batch([bad], "b")


def answered(status: int, content_id: str = "") -> PartAnswer:
    return PartAnswer(answer=Answer(status=status), content_id=content_id,
                      in_change_set=bool(content_id))  # fmt: skip


PARTS = [part(), part("a", "1", "s"), part("b", "2", "s"), part("c", "3", "s"), part()]
# answers inside | status for each request, None: nobody knows
MATCHED: list[tuple[list[PartAnswer], list[int | None]]] = [
    ([answered(204), answered(204, "1"), answered(201, "2"), answered(204, "3"), answered(200)],
     [204, 204, 201, 204, 200]),
    ([answered(204), answered(204, "3"), answered(201, "2"), answered(200, "1"), answered(200)],
     [204, 200, 201, 204, 200]),
    ([answered(204), answered(400, "2"), answered(200)], [204, 400, 400, 400, 200]),
    ([answered(204), answered(400), answered(200)], [204, 400, 400, 400, 200]),
    ([answered(400)], [400, None, None, None, None]),
    ([answered(204), answered(204, "1")], [204, 204, None, None, None]),
    ([], [None] * 5),
]


@pytest.mark.parametrize(("inside", "found"), MATCHED)
def test_answers_inside_a_batch_find_their_requests(
    inside: list[PartAnswer], found: list[int | None]
) -> None:
    assert found == [None if a is None else a.status for a in matched(PARTS, inside)]


def test_a_batch_takes_a_thousand_requests() -> None:
    here = client(lambda _: in_batch([created(n) for n in range(1_000)]))

    _, found = here.batch([part()] * 1_000)

    assert 1_000 == len([one for one in found if one is not None])
    for number in (0, 1_001):
        with pytest.raises(ValueError):
            here.batch([part()] * number)


def test_a_batch_that_stops_answers_with_the_part_that_failed() -> None:
    asked: list[httpx.Request] = []
    body = in_batch([(400, {}, json.dumps(error("", "Content-ID Reference: '$1' does not exist")))],
                    status=400)  # fmt: skip
    here = client(lambda request: asked.append(request) or body)

    answer, found = here.batch([part(), part()], goes_on=False)

    assert (400, 400, None) == (answer.status, found[0] and found[0].status, found[1])
    assert "prefer" not in asked[0].headers


def rows(count: int) -> list[Row]:
    return [Row(body=f'{{"n":{n}.50}}', address=f"examples(key='{n}')") for n in range(count)]


def bulk(bad: set[int], status: int = 400) -> tuple[Answering, list[int]]:
    """A bulk message that refuses any call with a bad row."""
    calls: list[int] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent = json.loads(request.content)["Targets"]
        calls.append(len(sent))
        if bad & {int(row["n"]) for row in sent}:
            return response(status, error("0x80040265", "a bad row"))
        return httpx.Response(200, json={"Ids": []})

    return answer, calls


def test_a_bulk_message_has_its_type_and_its_rows_letter_for_letter() -> None:
    found = targets("example", [Row(body=' {"a":1.10} '), Row(body="{}", address="x(k='1')")])

    assert (
        '{"Targets":[{"@odata.type":"Microsoft.Dynamics.CRM.example","a":1.10},'
        '{"@odata.type":"Microsoft.Dynamics.CRM.example","@odata.id":"x(k=\'1\')"}]}'
    ) == found
    for wrong in ([], rows(1_001), [Row(body="[]")], [*rows(1), *rows(1)]):
        with pytest.raises(ValueError):
            targets("example", wrong)


def test_bad_rows_of_a_bulk_message_are_found_by_halving() -> None:
    answering, calls = bulk({3, 11})

    found = client(answering).many_apart("UpsertMultiple", "examples", "example", rows(16))

    assert [3, 11] == [n for n, answer in enumerate(found) if not answer.is_fine]
    assert len(calls) <= 16


@pytest.mark.parametrize(("status", "rest"), [(503, "not-sent"), (429, "")])
def test_in_doubt_or_throttled_a_bulk_message_is_not_taken_apart(status: int, rest: str) -> None:
    answering, calls = bulk({3}, status)

    found = client(answering).many_apart("CreateMultiple", "examples", "example", rows(8))

    assert ([8], {status}) == (calls, {answer.status for answer in found})
    assert rest in ("", "not-sent")


@respx.mock
def test_a_bulk_message_goes_to_its_set() -> None:
    route = respx.post(f"{API}/examples/Microsoft.Dynamics.CRM.CreateMultiple").mock(
        httpx.Response(200, json={"Ids": [GUID]})
    )

    answer = DataverseClient(Session(ORG, None, Clock())).create_many("examples", "example", ["{}"])

    assert (200, "fieldledger") == (answer.status, route.calls[0].request.url.params["tag"])


def test_every_code_of_ours_has_a_page() -> None:
    sources = [p.read_text() for folder in ("http", "dataverse")
               for p in (Path(__file__).parents[1] / "adapter/edge" / folder).glob("*.py")]
    found = set(re.findall(r'"((?:SEC|HTT|DVE)\d{3})"', "".join(sources)))

    assert found <= CODES.keys()
    assert {c for c in CODES if c[:3] in ("SEC", "HTT")} <= found
