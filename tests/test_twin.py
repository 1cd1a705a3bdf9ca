"""The twin over a real socket: statuses, headers and bodies letter by letter, threads, faults."""

import json
import socket
import threading
from collections.abc import Iterator

import httpx
import pytest

from adapter.edge.clock import SystemClock
from adapter.edge.twin.faults import KINDS, Faults
from adapter.edge.twin.server import TwinServer
from adapter.edge.twin.store import TwinTable
from adapter.edge.twin.twin import Twin

API = "/dataverse/api/data/v9.2"
ID = "6f9c1c3e-0000-5000-8000-{:012d}"
DATAVERSE = (TwinTable(entity="invoices", keys=("invoiceid",), table="invoice"),)
FINANCE = (
    TwinTable(entity="Journals", keys=("dataAreaId", "SourceKey"), filled=("JournalId",)),
    TwinTable(entity="Lines", keys=("dataAreaId", "SourceActualId")),
)


class Bench:
    """A twin on a socket, and a plain client that holds a token."""

    def __init__(self, **more: object) -> None:
        self.now = SystemClock().now_ms()
        self.twin = Twin(dataverse=DATAVERSE, finance=FINANCE, now_ms=lambda: self.now, **more)  # type: ignore[arg-type]
        self.server = TwinServer(self.twin, hang_seconds=0.1)
        self.server.start()
        self.web = httpx.Client(base_url=self.server.base, trust_env=False, timeout=5)
        self.web.headers["Authorization"] = f"Bearer {self.token()}"

    def token(self) -> str:
        said = self.web.post("/login/t/oauth2/v2.0/token", data={
            "client_id": "c", "client_secret": "twin", "scope": "https://x/.default",
            "grant_type": "client_credentials",
        })  # fmt: skip
        return str(said.json()["access_token"])

    def put(
        self, number: int, headers: dict[str, str] | None = None, **row: object
    ) -> httpx.Response:
        return self.web.patch(f"{API}/invoices({ID.format(number)})", json=row,
                              headers=headers or {})  # fmt: skip

    def close(self) -> None:
        self.web.close()
        self.server.stop()


@pytest.fixture
def bench() -> Iterator[Bench]:
    made = Bench()
    yield made
    made.close()


ONCE = {"If-None-Match": "*"}
BOUND = "batch_1"


def test_without_a_token_and_with_an_old_one_nothing_is_told(bench: Bench) -> None:
    bare = httpx.get(f"{bench.server.base}{API}/WhoAmI")
    bench.now += 3_600_000
    old = bench.web.get(f"{API}/WhoAmI")

    assert [r.status_code for r in (bare, old)] == [401, 401]
    assert bare.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    ("form", "status", "word"),
    [
        ({"client_id": "c", "client_secret": "twin", "scope": "x/.default"}, 200, "Bearer"),
        ({"client_id": "c", "client_secret": "wrong", "scope": "x/.default"}, 401,
         "invalid_client"),
        ({"client_id": "nobody", "client_secret": "twin", "scope": "x/.default"}, 401,
         "invalid_client"),
        ({"client_id": "c", "client_secret": "twin", "scope": "x"}, 400, "invalid_scope"),
    ],
)  # fmt: skip
def test_the_login_answers_as_documented(form: dict[str, str], status: int, word: str) -> None:
    made = Bench(clients=["c"])
    said = made.web.post("/login/t/oauth2/v2.0/token", data=form)
    made.close()

    assert said.status_code == status and word in said.text


def test_the_matrix_of_creating_and_changing(bench: Bench) -> None:
    created = bench.put(1, ONCE, name="a")
    again = bench.put(1, ONCE, name="b")
    changed = bench.put(1, name="c")
    shown = bench.put(1, {"Prefer": "return=representation"}, name="d")
    fresh = bench.put(2, {"Prefer": "return=representation"}, name="e")
    etag = shown.json()["@odata.etag"]
    guarded = bench.put(1, {"If-Match": etag}, name="f")
    late = bench.put(1, {"If-Match": etag}, name="g")
    absent = bench.put(3, {"If-Match": "*"}, name="h")

    every = (created, again, changed, shown, fresh, guarded, late, absent)
    assert [r.status_code for r in every] == [204, 412, 204, 200, 201, 204, 412, 404]
    assert created.headers["OData-EntityId"].endswith(f"/invoices({ID.format(1)})")
    assert again.json()["error"]["message"] == "A record with matching key values already exists."
    assert absent.json()["error"]["message"] == f"invoice With Id = {ID.format(3)} Does Not Exist"
    assert bench.web.get(f"{API}/invoices({ID.format(1)})").json()["name"] == "f"


def test_pages_and_changes_with_deletions_and_an_expired_link(bench: Bench) -> None:
    bench.twin.dataverse.page = 2
    for number in range(1, 6):
        bench.put(number, ONCE, name=str(number))
    track = {"Prefer": "odata.track-changes"}
    link, seen = f"{API}/invoices", []
    while True:
        page = bench.web.get(link, headers=track).json()
        seen += [row["name"] for row in page["value"]]
        if "@odata.nextLink" not in page:
            break
        assert "@odata.deltaLink" not in page
        link = page["@odata.nextLink"]
    bench.put(2, name="changed")
    bench.web.delete(f"{API}/invoices({ID.format(5)})")
    since = bench.web.get(page["@odata.deltaLink"]).json()
    bench.twin.dataverse.expired = 1 << 60
    expired = bench.web.get(page["@odata.deltaLink"])
    filtered = bench.web.get(f"{API}/invoices?$filter=name eq '1'", headers=track)

    assert seen == ["1", "2", "3", "4", "5"]
    changes = [row.get("name") or row.get("reason") for row in since["value"]]
    assert changes == ["changed", "deleted"]
    assert since["value"][1]["@odata.context"].endswith("$metadata#invoices/$deletedEntity")
    assert expired.status_code == 400 and expired.json()["error"]["code"] == "0x80044352"
    assert filtered.status_code == 400 and '"$filter" query parameter' in (
        filtered.json()["error"]["message"]
    )


def batch_of(parts: list[tuple[str, str, dict[str, object]]], base: str) -> bytes:
    lines = []
    for method, path, row in parts:
        lines += [f"--{BOUND}", "Content-Type: application/http",
                  "Content-Transfer-Encoding: binary", "", f"{method} {base}{path} HTTP/1.1",
                  "Content-Type: application/json", "If-None-Match: *", "", json.dumps(row)]
    return "\r\n".join([*lines, f"--{BOUND}--", ""]).encode()


@pytest.mark.parametrize(("goes_on", "status", "made"), [(True, 200, 2), (False, 412, 1)])
def test_a_batch_goes_on_after_an_error_only_if_asked_to(
    bench: Bench, goes_on: bool, status: int, made: int
) -> None:
    bench.put(2, ONCE, name="there")
    parts = [("PATCH", f"{API}/invoices({ID.format(n)})", {"name": "x"}) for n in (1, 2, 3)]

    said = bench.web.post(
        f"{API}/$batch", content=batch_of(parts, bench.server.base),
        headers={"Content-Type": f"multipart/mixed; boundary={BOUND}",
                 **({"Prefer": "odata.continue-on-error"} if goes_on else {})},
    )  # fmt: skip

    assert said.status_code == status
    assert said.headers["Content-Type"].startswith("multipart/mixed; boundary=")
    assert said.text.count("HTTP/1.1 204") == (2 if goes_on else 0)
    assert said.text.count("HTTP/1.1 412") == 1
    assert len(bench.twin.dataverse.store.rows["invoices"]) == 1 + made


def test_bulk_messages_take_all_rows_or_none(bench: Bench) -> None:
    def many(what: str, *numbers: int, **more: object) -> httpx.Response:
        kind = {"@odata.type": "Microsoft.Dynamics.CRM.invoice"}
        targets = [{**kind, "invoiceid": ID.format(n), **more} for n in numbers]
        return bench.web.post(f"{API}/invoices/Microsoft.Dynamics.CRM.{what}",
                              json={"Targets": targets})  # fmt: skip

    first = many("CreateMultiple", 1, 2)
    second = many("CreateMultiple", 2, 3)
    twice = many("UpsertMultiple", 4, 4)
    third = many("UpsertMultiple", 2, 3, name="n")

    assert [r.status_code for r in (first, second, twice, third)] == [200, 412, 400, 204]
    assert first.json()["Ids"] == [ID.format(1), ID.format(2)]
    rows = bench.twin.dataverse.store.rows["invoices"]
    assert [kept.row.get("name") for kept in rows] == [None, "n", "n"]


def line(number: int, company: str = "USMF") -> dict[str, object]:
    return {"dataAreaId": company, "SourceActualId": f"a-{number}", "Amount": 1.5}


def test_finance_asks_across_companies_only_if_told_to(bench: Bench) -> None:
    for number, company in ((1, "USMF"), (2, "GBSI")):
        assert bench.web.post("/finance/data/Lines", json=line(number, company)).status_code == 201

    alone = bench.web.get("/finance/data/Lines").json()["value"]
    across = bench.web.get("/finance/data/Lines?cross-company=true").json()["value"]
    found = bench.web.get("/finance/data/Lines?cross-company=true"
                          "&$filter=(dataAreaId eq 'gbsi' and SourceActualId eq 'a-2')")
    one = found.json()["value"]
    wrong = bench.web.get("/finance/data/Lines?$filter=SourceActualId in ('a-1')")

    assert len(alone) < len(across) == 2
    assert [row["SourceActualId"] for row in one] == ["a-2"]
    assert wrong.status_code == 400


def test_finance_says_what_is_there_already_in_its_own_words(bench: Bench) -> None:
    first = bench.web.post("/finance/data/Lines", json=line(1))
    again = bench.web.post("/finance/data/Lines", json=line(1))
    numbered = bench.web.post("/finance/data/Journals", json={"dataAreaId": "USMF",
                                                             "SourceKey": "k"})  # fmt: skip
    nothing = bench.web.post("/finance/data/Nothing", json={})
    broken = bench.web.post("/finance/data/Lines", content=b"{")

    inner = again.json()["error"]["innererror"]
    assert [r.status_code for r in (first, again, numbered, nothing, broken)] == [
        201, 400, 201, 404, 400,
    ]  # fmt: skip
    assert inner["type"].endswith("AxODataWriteException")
    assert "The record already exists." in inner["message"] and "stacktrace" in inner
    assert numbered.json()["JournalId"] == "000001"
    assert first.json()["@odata.etag"].startswith('W/"')


def test_finance_without_unique_keys_takes_a_row_twice_and_the_twin_counts_it() -> None:
    made = Bench(enforces_keys=False)
    codes = [made.web.post("/finance/data/Lines", json=line(1)).status_code for _ in range(2)]
    state = made.web.get("/twin/state").json()
    made.close()

    assert codes == [201, 201]
    assert state["doubles"] == {"Lines|USMF|a-1": 2} and state["effects"]["Lines|USMF|a-1"] == 2


def test_eight_threads_lose_no_row_and_make_none_twice(bench: Bench) -> None:
    def work(worker: int) -> None:
        with httpx.Client(base_url=bench.server.base, headers=bench.web.headers) as web:
            for number in range(25):
                web.post("/finance/data/Lines", json=line(worker * 100 + number))
                web.post("/finance/data/Lines", json=line(number))  # all of them the same

    threads = [threading.Thread(target=work, args=(n,)) for n in range(1, 9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    state = bench.twin.state()
    assert state["rows"]["finance/Lines"] == 8 * 25 + 25  # type: ignore[index]
    assert state["doubles"] == {}


@pytest.mark.parametrize("kind", KINDS)
def test_each_fault_happens_as_often_as_the_seed_says_and_repeats(kind: str) -> None:
    def story() -> list[str]:
        made = Bench(faults=Faults({kind: 0.5}, 3))  # type: ignore[dict-item]
        said = []
        for number in range(12):
            try:
                parts = [("POST", "/finance/data/Lines", line(number * 10 + n)) for n in range(3)]
                body = batch_of(parts, made.server.base)
                head = {"Content-Type": f"multipart/mixed; boundary={BOUND}",
                        "Authorization": f"Bearer {made.token()}"}  # fmt: skip
                answer = made.web.post("/finance/data/$batch", content=body, headers=head)
                read = made.web.get("/finance/data/Lines?cross-company=true", headers=head)
                said.append(f"{answer.status_code} {answer.text.count('HTTP/1.1 201')} "
                            f"{read.status_code} {len(read.content)}")  # fmt: skip
            except httpx.HTTPError as error:
                said.append(type(error).__name__)
            made.now += 10_000
        effects = made.twin.state()["effects"]
        made.close()
        return [*said, str(sorted(effects))]  # type: ignore[call-overload]

    first = story()

    assert first == story()
    calm = kind in ("clock-skew", "shuffled-parts")  # seen in a header, in the order of parts
    assert calm or len(set(first)) > 1


def test_a_stopped_twin_gives_its_port_back(bench: Bench) -> None:
    port = bench.server.port
    bench.server.stop()

    with socket.create_server(("127.0.0.1", port)) as taken:
        assert taken.getsockname()[1] == port
