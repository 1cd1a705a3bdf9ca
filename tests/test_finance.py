"""Finance by OData: every documented status and body has one meaning; literals cannot be bent."""

import json
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import httpx
import pytest
import respx

from adapter.edge.clock import SystemClock
from adapter.edge.finance.client import BATCH_MAX, FinanceClient
from adapter.edge.finance.errors import said_by
from adapter.edge.finance.literals import (
    Member,
    Value,
    filter_of,
    key_of,
    length_of,
    linked,
    literal,
)
from adapter.edge.http.answers import Answer
from adapter.edge.http.session import Session
from tests import hostile_server as hostile
from tests.clients_given import NOW, Answering, Clock
from tests.hostile_server import HostileServer

HOST = "https://contoso.operations.dynamics.com"
DATA = f"{HOST}/data"
WRITE = "Microsoft.Dynamics.Platform.Integration.Services.OData.AxODataWriteException"
OTHER = "Microsoft.OData.ODataException"
BODY = '{"dataAreaId":"USMF","SourceActualId":"a-1","Amount":150.10}'


def inner(message: str, kind: str = WRITE) -> dict[str, object]:
    """An error body as Finance writes it."""
    return {"error": {"code": "", "message": "An error has occurred.", "innererror": {
        "message": message, "type": kind, "stacktrace": "   at Secret.Place()"}}}  # fmt: skip


INFOLOG = "Write failed for table row of type 'LineEntity'. Infolog: "
EXISTS = f"{INFOLOG}Info: Cannot create a record in Lines (Lines).\nThe record already exists.."
BUSY = ("This request could not be processed at this time due to system experiencing high "
        "resource utilization.")  # fmt: skip
GATEWAY = "<html><title>Something on the way</title></html>"
# status | body | meaning
SAID: list[tuple[int, object, str]] = [
    (200, {"value": []}, "fine"), (201, {"a": 1}, "fine"), (204, None, "fine"),
    # the row was judged and refused, whatever the status
    (400, inner(f"{INFOLOG}Warning: The value 'x' in field 'Group' is not found."), "refused"),
    (400, inner(f"{INFOLOG}Warning: validateField failed on field 'Line.Qty'."), "refused"),
    (500, inner(f"{INFOLOG}Warning: Field 'Qty' must be filled in."), "refused"),
    (400, inner("Cannot read the request body.", OTHER), "refused"),
    (400, {"error": {"code": "", "message": "An error has occurred."}}, "refused"),
    (400, {"error": {"message": "x", "innererror": {"message": ""}}}, "refused"),
    (400, {"Message": "The request is invalid."}, "refused"),
    (422, {"Message": "no"}, "refused"), (405, None, "refused"), (415, None, "refused"),
    (415, {"Message": "The media type is not supported."}, "refused"),
    # there already, gone, or somebody else was faster
    (400, inner(EXISTS), "exists"), (500, inner(EXISTS), "exists"),
    (400, inner("Journal J-1 already exists for this period."), "refused"),
    (400, inner("No resources were found when selecting for update.", ""), "missing"),
    (404, None, "missing"), (404, {"Message": "No HTTP resource was found."}, "missing"),
    (400, inner("An update conflict occurred due to another user process."), "again"),
    (500, inner("Cannot edit a record in Lines (Lines)."), "again"),
    (409, None, "again"), (412, None, "again"), (412, {"Message": "etag"}, "again"),
    # not let in, not now
    (401, None, "forbidden"), (403, {"Message": "Access denied."}, "forbidden"),
    (403, GATEWAY, "forbidden"), (413, None, "too-large"), (413, GATEWAY, "too-large"),
    (429, None, "throttled"), (429, GATEWAY, "throttled"), (429, {"Message": BUSY}, "throttled"),
    (429, {"error": {"message": "Number of requests exceeded the limit of 6000 over the time "
                                "window of 300 seconds."}}, "throttled"),
    (429, {"error": {"message": "Combined execution time 1200 seconds."}}, "throttled"),
    (429, {"error": {"message": "Number of concurrent requests exceeded the limit of 52."}},
     "throttled"),
    # nobody knows
    (400, None, "doubtful"), (400, GATEWAY, "doubtful"), (400, {"error": "text"}, "doubtful"),
    (400, [1, 2], "doubtful"), (404, GATEWAY, "doubtful"), (409, GATEWAY, "doubtful"),
    (412, GATEWAY, "doubtful"), (405, GATEWAY, "doubtful"), (408, None, "doubtful"),
    (400, {"error": {"code": 7, "message": None}}, "doubtful"), (406, None, "doubtful"),
    (500, None, "doubtful"), (500, inner("Timeout expired.", "System.Exception"), "doubtful"),
    (500, {"Message": "An error has occurred."}, "doubtful"), (502, GATEWAY, "doubtful"),
    (503, None, "doubtful"), (503, {"Message": BUSY}, "doubtful"), (504, GATEWAY, "doubtful"),
    (302, None, "doubtful"), (500, "x" * 1_000_000, "doubtful"),
]  # fmt: skip


@pytest.mark.parametrize(("status", "body", "meaning"), SAID)
@respx.mock
def test_every_status_and_body_has_its_meaning(status: int, body: object, meaning: str) -> None:
    given = httpx.Response(status, text=body or "") if body is None or isinstance(body, str) else (
        httpx.Response(status, json=body)
    )
    respx.get(f"{DATA}/Lines(dataAreaId='USMF')").mock(given)
    here = FinanceClient(Session(HOST, None, Clock()))

    said = here.said(here.row("Lines", {"dataAreaId": "USMF"}))

    assert meaning == said.meaning
    assert ("" if meaning == "fine" else f"FIN{status}") == said.code
    assert meaning == "fine" or said.message
    assert "\n" not in said.message and "Secret.Place" not in said.message
    assert len(said.message) <= 500


# the answers that are none | meaning, code
NONE: list[tuple[Answer, str, str]] = [
    (Answer(failure="not-sent", message="x"), "not-sent", "HTT001"),
    (Answer(failure="foreign-host", message="x"), "not-sent", "HTT003"),
    (Answer(failure="no-answer"), "doubtful", "HTT002"),
    (Answer(failure="cut"), "doubtful", "HTT002"),
    (Answer(failure="too-large"), "doubtful", "HTT002"),
]


@pytest.mark.parametrize(("answer", "meaning", "code"), NONE)
def test_where_there_is_no_answer_it_says_whether_anything_left(
    answer: Answer, meaning: str, code: str
) -> None:
    said = said_by(answer, NOW)

    assert (meaning, code) == (said.meaning, said.code)
    assert said.message


@pytest.mark.parametrize(("header", "wait"), [
    ("7", 7_000), ("0", 0), ("1.5", 1_500), ("", 30_000), ("soon", 30_000), ("-1", 30_000),
    ("99999999", 3_600_000), ("Wed, 18 Nov 2026 11:06:45 GMT", 5_000),
    ("Wed, 18 Nov 2026 11:06:00 GMT", 0),
    ("Tue, 01 Jan 2030 00:00:00 GMT", 3_600_000),
])  # fmt: skip
def test_a_throttle_says_how_long_or_thirty_seconds_are_waited(header: str, wait: int) -> None:
    assert wait == said_by(Answer(status=429, headers={"retry-after": header}), NOW).wait_ms


@pytest.mark.parametrize(("value", "text"), [
    ("it's", "'it''s'"), ("", "''"), ("x' or 'a' eq 'a", "'x'' or ''a'' eq ''a'"),
    (7, "7"), (-(2**62), "-4611686018427387904"), (Decimal("150.10"), "150.10"),
    (Decimal("1E+3"), "1000"), (Decimal("1E-7"), "0.0000001"),
    (date(2024, 2, 22), "2024-02-22T12:00:00Z"), (date(1900, 1, 1), "1900-01-01T00:00:00Z"),
    (datetime(2024, 2, 22, 7, 5, tzinfo=UTC), "2024-02-22T07:05:00Z"),
    (datetime(2024, 2, 22, 1, tzinfo=timezone(timedelta(hours=2))), "2024-02-21T23:00:00Z"),
    (Member("NoYes", "Yes"), "Microsoft.Dynamics.DataEntities.NoYes'Yes'"),
])  # fmt: skip
def test_a_value_is_written_as_finance_reads_it(value: Value, text: str) -> None:
    assert text == literal(value)


@pytest.mark.parametrize("value", [
    "a*", "a\nb", "a\x00", True, Decimal("NaN"), Decimal("Infinity"),
    datetime(2024, 2, 22, 7),  # noqa: DTZ001  a naive one is what is refused
    Member("No Yes", "Yes"), Member("NoYes", "Yes' or 1 eq 1"),
])  # fmt: skip
def test_what_would_bend_a_filter_is_refused(value: Value) -> None:
    with pytest.raises(ValueError):
        literal(value)


def test_a_filter_names_whole_keys_and_never_every_row() -> None:
    first: dict[str, Value] = {"dataAreaId": "USMF", "Posted": Member("NoYes", "No")}

    assert filter_of([first, {"dataAreaId": "CAMF"}]) == (
        "(dataAreaId eq 'USMF' and Posted eq Microsoft.Dynamics.DataEntities.NoYes'No') "
        "or (dataAreaId eq 'CAMF')"
    )
    for rows in ([], [{}], [{"a": "x"}, {}], [{"a eq 'x' or b": "1"}]):
        with pytest.raises(ValueError):
            filter_of(rows)


def test_a_key_in_an_address_is_escaped_and_whole() -> None:
    keys: dict[str, Value] = {"dataAreaId": "usmf", "Id": "W/O 1%&#?'é", "Day": date(2024, 2, 22)}

    assert key_of(keys) == (
        "(dataAreaId='usmf',Id='W%2FO%201%25%26%23%3F''%C3%A9',Day=2024-02-22T12%3A00%3A00Z)"
    )
    with pytest.raises(ValueError):
        key_of({})


def test_the_length_of_a_filter_is_that_of_its_address() -> None:
    assert length_of("€ '") == len("%E2%82%AC%20%27")


def test_links_are_added_and_the_text_stays_letter_for_letter() -> None:
    text = linked(BODY, {"JournalId": "Number"}, {"Number": 'J"1'})

    assert text == BODY[:-1] + ',"JournalId":"J\\"1"}'
    assert linked(BODY, {"JournalId": "Number"}, {"Number": ""}) is None
    assert linked(BODY, {"JournalId": "Number"}, {}) is None
    assert linked("{}", {"JournalId": "Number"}, {"Number": "1"}) == '{"JournalId":"1"}'
    assert json.loads(text, parse_float=Decimal)["Amount"] == Decimal("150.10")


@respx.mock
def test_every_call_asks_across_companies_with_the_headers_of_the_protocol() -> None:
    everything = respx.route(host="contoso.operations.dynamics.com").respond(json={"value": []})
    here = FinanceClient(Session(HOST, None, Clock()))

    here.row("Lines", {"dataAreaId": "usmf", "Id": "O'Hara/1"})
    here.rows("Lines")
    list(here.pages("Lines", "Id eq '1'", "Id,Amount"))
    here.post("Lines", BODY)
    here.post_each([("Lines", BODY), ("Lines", BODY)])

    asked = [call.request for call in everything.calls]
    assert [request.headers["odata-version"] for request in asked] == ["4.0"] * 5
    assert [request.headers["accept"] for request in asked] == ["application/json"] * 5
    assert [request.url.params.get("cross-company") for request in asked[:4]] == ["true"] * 4
    assert asked[4].content.count(b"?cross-company=true HTTP/1.1") == 2
    assert asked[0].url.raw_path.startswith(b"/data/Lines(dataAreaId='usmf',Id='O''Hara%2F1')?")
    assert asked[2].url.params["$select"] == "Id,Amount"
    assert asked[3].content.decode() == BODY
    assert asked[3].headers["content-type"] == "application/json; charset=utf-8"


def client(answer: Answering) -> FinanceClient:
    return FinanceClient(Session(HOST, None, Clock(), transport=httpx.MockTransport(answer)))


def test_pages_are_read_to_the_end_and_links_taken_as_they_are() -> None:
    asked: list[str] = []
    pages = [{"value": [{"n": 1}], "@odata.nextLink": f"{DATA}/Lines?$skiptoken=a%2Bb&x='1'"},
             {"value": []}, {"value": [{"n": 2}]}]  # fmt: skip
    pages[1]["@odata.nextLink"] = DATA.replace("https", "http") + "/Lines?p=3"
    answers = iter(pages)

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        return httpx.Response(200, json=next(answers))

    rows, said = client(answer).rows("Lines")

    assert ([{"n": 1}, {"n": 2}], "fine") == (rows, said.meaning)
    assert asked[1:] == [f"{DATA}/Lines?$skiptoken=a%2Bb&x='1'", f"{DATA}/Lines?p=3"]


# what the second page's link is | meaning
LINKS: list[tuple[object, str]] = [
    ("https://evil.example/data/Lines", "not-sent"),
    ("http://contoso.operations.dynamics.com:8080/data/Lines", "not-sent"),
    ("https://contoso.operations.dynamics.com@evil.example/x", "not-sent"),
    ("//evil.example/data", "not-sent"), ("file:///etc/passwd", "not-sent"), (7, "doubtful"),
    (["x"], "doubtful"), (f"{DATA}/Lines?p=1", "doubtful"),  # in a circle
]  # fmt: skip


@pytest.mark.parametrize(("link", "meaning"), LINKS)
def test_a_link_elsewhere_gives_no_rows_and_nobody_is_asked(link: object, meaning: str) -> None:
    hosts: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        hosts.append(request.url.host)
        return httpx.Response(200, json={"value": [{"n": 1}], "@odata.nextLink": link})

    rows, said = client(answer).rows("Lines")

    assert ([], meaning) == (rows, said.meaning)
    assert {"contoso.operations.dynamics.com"} == set(hosts) and len(hosts) <= 2


def test_numbers_are_read_exactly() -> None:
    text = '{"value":[{"a":0.1,"id":9007199254740993,"b":12345678901234567.89}]}'

    rows, _ = client(lambda _: httpx.Response(200, text=text)).rows("Lines")

    assert [{"a": Decimal("0.1"), "id": 9007199254740993,
             "b": Decimal("12345678901234567.89")}] == rows  # fmt: skip


@pytest.mark.parametrize("entity", ["Lines/../x", "Lines?x", "", "a b", "Lines('1')", "é"])
def test_a_set_is_named_by_a_name_only(entity: str) -> None:
    here = client(lambda _: httpx.Response(200))
    with pytest.raises(ValueError):
        here.rows(entity)
    with pytest.raises(ValueError):
        here.post(entity, "{}")


def test_a_batch_holds_so_many_rows_and_no_more() -> None:
    with pytest.raises(ValueError, match="5000"):
        client(lambda _: httpx.Response(200)).post_each([("Lines", "{}")] * (BATCH_MAX + 1))


@pytest.mark.parametrize("behave", [
    hostile.redirect, hostile.huge_error, hostile.cut_json, hostile.length_too_long,
    hostile.gzip_bomb, hostile.gzip_half, hostile.broken_chunk, hostile.status_garbage,
    hostile.closed, hostile.reset, hostile.deep_json, hostile.huge_number, hostile.no_utf8,
    hostile.page_of_a_gateway, hostile.foreign_link, hostile.circle,
], ids=lambda b: b.__name__)  # fmt: skip
def test_a_hostile_answer_gives_no_rows(behave: hostile.Behave) -> None:
    with HostileServer(hostile.cut_json) as second, HostileServer(behave) as server:
        server.elsewhere = second.base
        session = Session(server.base, None, SystemClock(), timeout=5)
        rows, said = FinanceClient(session).rows("Lines")
        session.close()

    assert ([], "not-sent" if behave is hostile.foreign_link else "doubtful") == (
        rows, said.meaning
    )  # fmt: skip
    assert not second.requests
