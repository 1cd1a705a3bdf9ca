"""OData of the twin's Finance, over a real socket: keys, filters, pages, writes, batches."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import httpx
import pytest

from adapter.edge.finance.client import FinanceClient
from adapter.edge.finance.literals import Member, filter_of
from adapter.edge.http.answers import Answer
from adapter.edge.http.multipart import Part, read_batch, write_batch
from adapter.edge.twin.faults import Faults, Scripted
from adapter.edge.twin.finance_batch import OPERATIONS_MAX
from tests.twin_given import Desk

LINES = "/data/Lines"
EDGE = {"dataAreaId": "USMF", "SourceActualId": "a-9"}


@pytest.fixture(autouse=True)
def secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THE_SECRET", "twin")


@pytest.fixture
def desk() -> Iterator[Desk]:
    made = Desk(poison=("BAD",))
    for number, text in enumerate(("Retail shop", "wholesale", "it's retail", ""), start=1):
        row = {"dataAreaId": "USMF" if number < 4 else "dat", "SourceActualId": f"a-{number}",
               "Amount": number * 10, "Billable": "Yes" if number % 2 else "No", "Text": text,
               "Day": f"2026-11-{number:02d}T12:00:00Z", "At": f"2026-11-01T0{number}:30:00Z"}
        assert made.web.post(LINES, json=row).status_code == 201
    yield made
    made.close()


def inner(answer: httpx.Response) -> str:
    return str(answer.json()["error"]["innererror"]["message"])


FILTERS = [
    ("Amount gt 10 and Amount le 30", "23"),
    ("Amount ge 30 or Amount lt 20", "134"),
    ("not (Amount eq 20)", "134"),
    ("Billable eq Microsoft.Dynamics.DataEntities.NoYes'Yes'", "13"),
    ("Billable ne Microsoft.Dynamics.DataEntities.NoYes'Yes'", "24"),
    ("Text eq '*retail*'", "13"),
    ("Text eq 'retail*'", "1"),
    ("Text ne '*retail*'", "24"),
    ("Text eq 'it''s retail'", "3"),
    ("Text eq ''", "4"),
    ("Text eq null", "4"),
    ("Day eq 2026-11-02T12:00:00Z", "2"),
    ("Day lt 2026-11-02", "1"),
    ("At ge 2026-11-01T03:30:00Z", "34"),
    ("At gt 2026-11-01T04:30:00+01:00", "4"),
    ("dataAreaId eq 'usmf' and (SourceActualId eq 'a-1' or SourceActualId eq 'a-4')", "1"),
    ("(dataAreaId eq 'usmf' and SourceActualId eq 'a-1') or "
     "(dataAreaId eq 'dat' and SourceActualId eq 'a-4')", "14"),
    ("(dataAreaId eq 'usmf' and SourceActualId eq 'a-4') or "
     "(SourceActualId eq 'a-2' and dataAreaId eq 'usmf')", "2"),
    ("SourceActualId eq 'a-1' or SourceActualId eq 'a-3' or Amount eq 20", "123"),
    ("SourceActualId eq 'a-1' and SourceActualId eq 'a-3'", ""),
    ("SourceActualId eq 'a-1' or SourceActualId ne 'a-3'", "124"),
    ("not (SourceActualId eq 'a-1' or SourceActualId eq 'a-3')", "24"),
]


@pytest.mark.parametrize(("where", "numbers"), FILTERS)
def test_what_finance_can_be_asked(desk: Desk, where: str, numbers: str) -> None:
    said = desk.web.get(LINES, params={"$filter": where, "cross-company": "true"})

    assert [row["SourceActualId"] for row in said.json()["value"]] == [f"a-{n}" for n in numbers]


REFUSED = [
    {"$filter": "SourceActualId in ('a-1')"}, {"$filter": "Billable has NoYes'Yes'"},
    {"$filter": "contains(Text,'a')"}, {"$filter": "startswith(Text,'a')"},
    {"$filter": "Billable gt Microsoft.Dynamics.DataEntities.NoYes'No'"},
    {"$filter": "Billable eq NoYes'No'"}, {"$filter": "Billable eq 'Yes'"},
    {"$filter": "Nothing eq 1"}, {"$filter": "Amount eq"}, {"$filter": "(Amount eq 1"},
    {"$filter": "Amount eq 1 Amount"}, {"$filter": "Amount add 1 eq 2"}, {"$filter": "Text eq 'a"},
    {"$top": "many"}, {"$skip": "-1"}, {"$orderby": "Amount up"}, {"$search": "x"},
    {"$expand": "Journal($expand=Lines)"}, {"$expand": "Journal/Lines"}, {"$expand": "Nothing"},
]  # fmt: skip


@pytest.mark.parametrize("options", REFUSED, ids=lambda o: next(iter(o.values())))
def test_what_finance_does_not_take(desk: Desk, options: dict[str, str]) -> None:
    assert desk.web.get(LINES, params=options).status_code == 400


def test_our_own_literals_find_what_they_mean(desk: Desk) -> None:
    client = FinanceClient(desk.session)
    key = {"SourceActualId": "a-3", "Billable": Member("NoYes", "Yes"), "Amount": Decimal("30.0"),
           "Day": date(2026, 11, 3)}  # fmt: skip
    rows, said = client.rows("Lines", filter_of([key]))

    assert said.meaning == "fine" and [row["Text"] for row in rows] == ["it's retail"]
    assert client.row("Lines", {"dataAreaId": "usmf", "SourceActualId": "a-3"}).status == 200


def test_pages_are_followed_with_their_filter_to_the_end(desk: Desk) -> None:
    desk.twin.finance.habits.page = 1
    pages = list(FinanceClient(desk.session).pages("Lines", "Amount gt 10 and Amount lt 99"))
    top = desk.web.get(LINES, params={"$top": "3", "$skip": "1", "$count": "true",
                                      "$orderby": "Amount desc", "cross-company": "true",
                                      "$select": "Amount"}).json()  # fmt: skip
    rest = desk.web.get(top["@odata.nextLink"]).json()
    last = desk.web.get(rest["@odata.nextLink"]).json()

    assert [page.table()["value"][0]["Amount"] for page in pages] == [20, 30, 40]
    assert "@odata.nextLink" not in pages[-1].table()
    assert top["@odata.count"] == 4 and top["value"][0].keys() == {"@odata.etag", "Amount"}
    assert [p["value"][0]["Amount"] for p in (top, rest, last)] == [30, 20, 10]
    assert "@odata.nextLink" not in last


def test_one_level_is_expanded(desk: Desk) -> None:
    desk.web.post("/data/Journals", json={"dataAreaId": "USMF", "SourceKey": "wholesale"})
    said = desk.web.get(LINES, params={"$expand": "Journal($select=SourceKey)",
                                       "$filter": "Amount eq 20", "cross-company": "true"})

    assert said.json()["value"][0]["Journal"][0]["SourceKey"] == "wholesale"


KEYS = [
    ("(dataAreaId='usmf',SourceActualId='a-1')", 200),
    ("(SourceActualId='a-1',dataAreaId='USMF')", 200),
    ("(dataAreaId='usmf',SourceActualId='it''s)(,')", 404),
    ("(SourceActualId='a-1')", 400),
    ("('a-1')", 400),
    ("()", 400),
    ("(dataAreaId='usmf',SourceActualId='a-1',Amount=10)", 400),
    ("(dataAreaId='usmf',dataAreaId='usmf')", 400),
    ("(dataAreaId='usmf' SourceActualId='a-1')", 400),
    ("(dataAreaId='usmf',SourceActualId='a-1',)", 400),
]


@pytest.mark.parametrize(("key", "status"), KEYS)
def test_a_row_is_named_by_its_whole_key(desk: Desk, key: str, status: int) -> None:
    said = desk.web.get(f"{LINES}{key}", params={"cross-company": "true"})
    changed = desk.web.patch(f"{LINES}{key}?cross-company=true", json={"Amount": 1})

    assert said.status_code == status and (said.content == b"") is (status == 404)
    assert changed.status_code == {200: 204, 404: 400, 400: 400}[status]


def test_a_key_of_one_column_needs_no_name(desk: Desk) -> None:
    desk.web.post("/data/Calendars", json={"CalendarId": "Fiscal"})

    assert desk.web.get("/data/Calendars('Fiscal')").json()["CalendarId"] == "Fiscal"


def test_rows_of_other_companies_are_out_of_reach_unless_asked_for(desk: Desk) -> None:
    row, across = f"{LINES}(dataAreaId='USMF',SourceActualId='a-1')", "?cross-company=true"
    alone = [desk.web.get(row), desk.web.patch(row, json={"Amount": 1}), desk.web.delete(row)]
    own = desk.web.get(f"{LINES}(dataAreaId='DAT',SourceActualId='a-4')")
    listed = len(desk.web.get(LINES).json()["value"])
    desk.twin.finance.habits.company = "usmf"
    others = len(desk.web.get(LINES).json()["value"])
    reached = [desk.web.put(row, json={"Amount": 1}), desk.web.delete(row + across)]

    assert [r.status_code for r in alone] == [404, 400, 400]
    assert inner(alone[1]) == "No resources were found when selecting for update."
    assert (own.status_code, listed, others) == (200, 1, 3)
    assert [r.status_code for r in reached] == [204, 204]


@pytest.mark.parametrize("status", [400, 500])
def test_what_finance_refuses_has_one_shape_under_either_status(desk: Desk, status: int) -> None:
    desk.twin.finance.habits.write_status = status  # type: ignore[assignment]
    row = f"{LINES}(dataAreaId='USMF',SourceActualId='a-1')?cross-company=true"
    every = [
        desk.web.post(LINES, json={**EDGE, "SourceActualId": "a-1"}),
        desk.web.post(LINES, json={**EDGE, "Text": "BAD"}),
        desk.web.post(LINES, json={"dataAreaId": "USMF"}),
        desk.web.patch(row, json={"Text": "BAD"}),
        desk.web.patch(row, json={"SourceActualId": "a-2"}),
    ]

    assert [r.status_code for r in every] == [status] * 5
    kinds = {r.json()["error"]["innererror"]["type"].rpartition(".")[2] for r in every}
    assert kinds == {"AxODataWriteException"}
    assert "The record already exists." in inner(every[0])
    assert FinanceClient(desk.session).said(Answer(
        status=status, body=every[1].content, headers={"content-type": "application/json"}
    )).meaning == "refused"  # fmt: skip
    assert len(desk.rows()) == 4 and desk.rows()[0]["Text"] == "Retail shop"


def test_values_are_read_as_finance_writes_them(desk: Desk) -> None:
    big = 9_007_199_254_740_993_111
    made = desk.web.post(LINES, json={**EDGE, "Amount": None, "Day": "2026-11-14", "At": None,
                                      "Text": None, "RecordId": big,
                                      "@odata.type": "#Microsoft.Dynamics.DataEntities.Line"})
    row = made.json()
    desk.web.post(LINES, json={**EDGE, "SourceActualId": "a-8", "Day": "1900-01-01T12:00:00Z"})
    bare = desk.web.get(f"{LINES}(dataAreaId='USMF',SourceActualId='a-8')?cross-company=true")

    assert (row["Amount"], row["Text"], row["RecordId"]) == (0, "", big)
    assert (row["Day"], row["At"]) == ("2026-11-14T12:00:00Z", "1900-01-01T00:00:00Z")
    assert bare.json()["Day"] == "1900-01-01T00:00:00Z" and "@odata.type" not in row
    assert None not in bare.json().values()


def test_an_etag_is_of_one_version_and_of_one_row(desk: Desk) -> None:
    rows = desk.web.get(LINES, params={"cross-company": "true"}).json()["value"]
    tags = [row["@odata.etag"] for row in rows]
    path = f"{LINES}(dataAreaId='USMF',SourceActualId='a-1')?cross-company=true"
    codes = [desk.web.patch(path, json={"Amount": 5}, headers={"If-Match": tag}).status_code
             for tag in (tags[1], tags[0], tags[0], "*")]  # fmt: skip

    assert codes == [412, 204, 412, 204]
    assert len(set(tags)) == 4 and all(tag.startswith('W/"J') for tag in tags)


def part(number: int, row: dict[str, object], method: str = "POST", target: str = "Lines",
         group: str = "one") -> Part:  # fmt: skip
    import json

    return Part(method=method, url=target, headers={"Content-Type": "application/json"},
                body=json.dumps(row), content_id=str(number), change_set=group)


def batched(desk: Desk, parts: list[Part], goes_on: bool = True) -> tuple[int, list[object]]:
    heads = {"Content-Type": "multipart/mixed; boundary=b",
             **({"Prefer": "odata.continue-on-error"} if goes_on else {})}
    said = desk.web.post("/data/$batch", content=write_batch(parts, "b"), headers=heads)
    inside = read_batch(Answer(status=200, body=said.content, headers={
        "content-type": said.headers["Content-Type"],
    }))  # fmt: skip
    return said.status_code, [(one.content_id, one.answer.status) for one in inside]


def new(number: int, text: str = "-") -> dict[str, object]:
    return {"dataAreaId": "USMF", "SourceActualId": f"n-{number}", "Text": text}


def test_a_change_set_happens_whole_or_not_at_all_and_the_batch_says_200(desk: Desk) -> None:
    row = "Lines(dataAreaId='USMF',SourceActualId='a-1')?cross-company=true"
    gone = "Lines(dataAreaId='USMF',SourceActualId='a-2')?cross-company=true"
    before = [dict(r) for r in desk.rows()]
    failed = batched(desk, [
        part(1, new(1)), part(2, {"Amount": 99}, "PATCH", row), part(3, {}, "DELETE", gone),
        part(4, new(2, "BAD")), part(5, new(3)), part(6, new(4), group="two"),
    ])  # fmt: skip
    after = [dict(r) for r in desk.rows()]
    fine = batched(desk, [part(1, new(1)), part(2, {"Amount": 99}, "PATCH", row)])

    assert failed == (200, [("4", 400), ("6", 201)])
    assert after == [*before, new(4)]
    assert fine == (200, [("1", 201), ("2", 204)])
    effects = desk.twin.state()["effects"]
    assert effects["Lines|USMF|n-1"] == 1  # type: ignore[index]


def test_after_a_failure_a_batch_goes_on_only_if_asked_to(desk: Desk) -> None:
    parts = [part(1, new(1), group="a"), part(2, new(1), group="b"), part(3, new(2), group="c")]

    assert batched(desk, parts, goes_on=False) == (200, [("1", 201), ("2", 400)])
    assert len(desk.rows()) == 5


def test_reads_stand_alone_in_a_batch_and_not_among_changes(desk: Desk) -> None:
    alone = Part(method="GET", url="Lines?$top=1")
    status, inside = batched(desk, [part(1, {}, "GET"), alone])

    assert (status, inside) == (200, [("1", 400), ("", 200)])


def test_a_change_set_has_a_limit(desk: Desk) -> None:
    many = [part(n, new(n)) for n in range(OPERATIONS_MAX + 1)]
    said = batched(desk, many)

    assert said[0] == 400 and len(desk.rows()) == 4


@pytest.mark.parametrize(
    ("kind", "header"), [("throttle", "9"), ("throttle-silent", None), ("gateway-502", None)]
)
def test_a_busy_finance_says_so_in_its_own_words(kind: str, header: str | None) -> None:
    script = Scripted(match="GET /finance/data/Lines", fault=kind, seconds=9)  # type: ignore[arg-type]
    desk = Desk(faults=Faults(script=[script]))
    said = desk.web.get(LINES)
    desk.close()

    assert said.headers.get("Retry-After") == header
    assert ("high resource utilization" in said.text) is kind.startswith("throttle")
    assert (said.status_code, "<html>" in said.text) == (
        (502, True) if kind == "gateway-502" else (429, False)
    )
