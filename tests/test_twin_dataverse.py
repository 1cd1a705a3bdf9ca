"""The twin's Dataverse over a real socket: what it takes, what it refuses, and in which words."""

import base64
import json
import threading
import time
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import httpx
import pytest

from adapter.edge.clock import SystemClock
from adapter.edge.dataverse.bulk import Row
from adapter.edge.dataverse.client import DataverseClient
from adapter.edge.http.secrets import Secret
from adapter.edge.http.session import Session
from adapter.edge.http.tokens import Tokens
from adapter.edge.twin.faults import Faults, Scripted
from adapter.edge.twin.plug_ins import NO_ACTUALS
from adapter.edge.twin.server import TwinServer
from adapter.edge.twin.store import TwinKey, TwinTable
from adapter.edge.twin.twin import Twin

API = "/dataverse/api/data/v9.2"
ID = "6f9c1c3e-0000-5000-8000-{:012d}"
DAY_MS = 86_400_000
MS = "Microsoft.Dynamics.CRM"
TABLES = (
    TwinTable(
        entity="invoices", keys=("invoiceid",), table="invoice", name="name",
        alternate=(TwinKey(name="by_number", columns=("invoicenumber",)),
                   TwinKey(name="by_name", columns=("name",), is_ready=False)),
        lookups={"customerid_account": ("accounts",), "msdyn_project": ("msdyn_projects",),
                 "ownerid": ()},
        labels={"msdyn_projectinvoicestatus": {"192350000": "Draft", "192350002": "Confirmed"}},
    ),
    TwinTable(entity="accounts", keys=("accountid",), table="account", name="name",
              alternate=(TwinKey(name="by_number", columns=("accountnumber",)),)),
    TwinTable(entity="invoicedetails", keys=("invoicedetailid",), table="invoicedetail",
              alternate=(TwinKey(name="by_line", columns=("invoiceid", "lineitemnumber")),)),
    TwinTable(entity="msdyn_actuals", keys=("msdyn_actualid",), table="msdyn_actual",
              is_tracked=False, takes_many=False),
    TwinTable(entity="msdyn_workorderproducts", keys=("msdyn_workorderproductid",),
              table="msdyn_workorderproduct"),
    TwinTable(entity="msdyn_inventoryadjustments", keys=("msdyn_inventoryadjustmentid",),
              table="msdyn_inventoryadjustment"),
    TwinTable(entity="msdyn_inventoryadjustmentproducts",
              keys=("msdyn_inventoryadjustmentproductid",),
              table="msdyn_inventoryadjustmentproduct"),
)  # fmt: skip
ONCE = {"If-None-Match": "*"}
SHOWN = {"Prefer": "return=representation"}
TRACK = {"Prefer": "odata.track-changes"}
NOTED = {"Prefer": 'odata.include-annotations="*"'}


class Bench:
    """A twin on a socket, a plain client with a token, and our own client."""

    def __init__(self, **more: Any) -> None:
        self.now = SystemClock().now_ms()
        self.twin = Twin(dataverse=TABLES, finance=(TwinTable(entity="Lines", keys=("Id",)),),
                         now_ms=lambda: self.now, checks_audience=True, **more)  # fmt: skip
        self.there = self.twin.dataverse
        self.server = TwinServer(self.twin, hang_seconds=0.4).start()
        self.base = self.server.base
        self.web = httpx.Client(base_url=self.base + API, trust_env=False, timeout=5)
        self.web.headers["Authorization"] = f"Bearer {self.token('dataverse')}"
        self.session: Session | None = None

    def login(self, **form: str) -> httpx.Response:
        given = {"client_id": "c", "client_secret": "twin", "grant_type": "client_credentials",
                 "scope": f"{self.base}/dataverse/.default", **form}  # fmt: skip
        return httpx.post(f"{self.base}/login/t/oauth2/v2.0/token", data=given)

    def token(self, system: str, **form: str) -> str:
        said = self.login(scope=f"{self.base}/{system}/.default", **form)
        return str(said.json()["access_token"])

    @property
    def ours(self) -> DataverseClient:
        """Our own client, over the same socket."""
        clock = SystemClock()
        base = f"{self.base}/dataverse"
        tokens = Tokens(f"{self.base}/login", "t", "c", base, clock, secret=Secret("env:TWIN_TEST"))
        self.session = Session(base, tokens, clock, timeout=3)
        return DataverseClient(self.session)

    def put(self, number: int, headers: dict[str, str] | None = None, **row: object) -> (
        httpx.Response
    ):  # fmt: skip
        return self.web.patch(f"/invoices({ID.format(number)})", json=row, headers=headers or {})

    def ask(
        self, path: str, headers: dict[str, str] | None = None, **query: str
    ) -> httpx.Response:
        """GET; `o_top` stands for `$top`."""
        given = {name.replace("o_", "$"): value for name, value in query.items()}
        return self.web.get(path, params=given or None, headers=headers or {})

    def names(self, **query: str) -> list[object]:
        said = self.ask("/invoices", **query)
        assert said.status_code == 200, said.text
        return [row["name"] for row in said.json()["value"]]

    def close(self) -> None:
        self.web.close()
        if self.session is not None:
            self.session.close()
        self.server.stop()


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    monkeypatch.setenv("TWIN_TEST", "twin")
    made = Bench()
    yield made
    made.close()


def why(said: httpx.Response) -> tuple[int, str, str]:
    error = said.json()["error"]
    return said.status_code, error["code"], error["message"]


# the token service


def test_a_token_names_its_audience_its_tenant_and_its_end(bench: Bench) -> None:
    said = bench.login().json()
    middle = said["access_token"].split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))

    assert said["token_type"] == "Bearer"
    assert (said["expires_in"], said["ext_expires_in"]) == (3599, 3599)
    assert claims["aud"] == f"{bench.base}/dataverse" and claims["tid"] == "t"
    assert claims["exp"] == bench.now // 1000 + 3599 and claims["oid"]
    assert bench.twin.login.calls == 2


@pytest.mark.parametrize(
    ("form", "status", "error", "number"),
    [
        ({"client_secret": "wrong"}, 401, "invalid_client", 7000215),
        ({"client_secret": ""}, 401, "invalid_client", 7000215),
        ({"client_id": "nobody"}, 401, "invalid_client", 7000215),
        ({"scope": "https://elsewhere/.default"}, 400, "invalid_scope", 500011),
        ({"scope": "https://elsewhere"}, 400, "invalid_scope", 70011),
        ({"grant_type": "password"}, 400, "unsupported_grant_type", 70003),
    ],
)
def test_the_login_refuses_with_number_and_reason(
    form: dict[str, str], status: int, error: str, number: int
) -> None:
    made = Bench(clients=["c"])
    said = made.login(**form)
    fine = made.login(client_secret="", client_assertion="signed")
    made.close()

    assert (said.status_code, said.json()["error"]) == (status, error)
    assert said.json()["error_codes"] == [number]
    assert said.json()["error_description"].startswith(f"AADSTS{number}: ")
    assert {"timestamp", "trace_id", "correlation_id"} <= said.json().keys()
    assert fine.status_code == 200


def test_a_token_opens_only_the_system_it_was_given_for_and_only_for_its_time(bench: Bench) -> None:
    def asked(path: str, token: str) -> httpx.Response:
        return httpx.get(f"{bench.base}{path}", headers={"Authorization": f"Bearer {token}"})

    rows = "/finance/data/Lines"
    right = asked(rows, bench.token("finance"))
    wrong = asked(rows, bench.token("dataverse"))
    slash = asked(rows, bench.token("finance/"))
    taken = asked(f"{API}/WhoAmI", bench.token("dataverse/"))
    bench.twin.login.seconds = 10
    short = bench.token("dataverse")
    bench.now += 9_999
    before = asked(f"{API}/WhoAmI", short)
    bench.now += 1
    after = asked(f"{API}/WhoAmI", short)

    every = (right, wrong, slash, taken, before, after)
    assert [r.status_code for r in every] == [200, 401, 401, 200, 200, 401]
    assert {r.headers["WWW-Authenticate"] for r in every if r.status_code == 401} == {"Bearer"}


def test_our_client_asks_for_one_token_and_for_another_when_it_is_revoked(bench: Bench) -> None:
    ours, before = bench.ours, bench.twin.login.calls
    organization = ours.who_am_i()[0]
    again = ours.who_am_i()[0]
    one = bench.twin.login.calls - before
    bench.twin.faults = Faults(script=[Scripted(match="GET .*WhoAmI", fault="revoke-token")])
    after = ours.who_am_i()[0]

    assert organization == again == after == bench.there.organization
    assert (one, bench.twin.login.calls - before) == (1, 2)


# 1: rows


@pytest.mark.parametrize(
    ("guard", "there", "absent"),
    [
        ({}, 204, 204),
        ({"If-Match": "*"}, 204, 404),
        ({"If-Match": "same"}, 204, 404),
        ({"If-Match": 'W/"1"'}, 412, 404),
        ({"If-None-Match": "*"}, 412, 204),
        ({"If-None-Match": "null"}, 204, 204),
    ],
)
def test_a_patch_by_its_guard(
    bench: Bench, guard: dict[str, str], there: int, absent: int
) -> None:
    etag = bench.put(1, SHOWN, name="a").json()["@odata.etag"]
    guard = {k: etag if v == "same" else v for k, v in guard.items()}

    said = [bench.put(n, guard, name="b") for n in (1, 2)]

    assert [r.status_code for r in said] == [there, absent]
    known = {204: "", 404: "", 412: "0x80060892" if "If-None-Match" in guard else "0x80060882"}
    for answer in said:
        if answer.status_code == 204:
            assert answer.headers["OData-EntityId"].startswith(f"{bench.base}{API}/invoices(")
        else:
            assert why(answer)[1] == known[answer.status_code]
    there_now = bench.ask(f"/invoices({ID.format(1)})").json()["name"]
    assert there_now == ("b" if there == 204 else "a")


def test_the_texts_of_rows_that_are_missing_there_or_changed(bench: Bench) -> None:
    bench.put(1, name="a")

    assert why(bench.ask(f"/invoices({ID.format(9)})")) == (
        404, "", f"invoice With Id = {ID.format(9)} Does Not Exist")  # fmt: skip
    assert why(bench.put(1, ONCE, name="b"))[2] == (
        "A record with matching key values already exists.")  # fmt: skip
    assert why(bench.put(1, {"If-Match": 'W/"1"'}, name="b")) == (
        412, "0x80060882", "The version of the existing record doesn't match the RowVersion "
        "property provided.")  # fmt: skip
    path = f"/invoices({ID.format(1)})"
    assert bench.web.delete(path, headers={"If-Match": 'W/"1"'}).status_code == 412
    assert [bench.web.delete(path).status_code for _ in (1, 2)] == [204, 404]


def test_a_post_gives_an_id_and_the_row_where_it_is_asked_for(bench: Bench) -> None:
    plain = bench.web.post("/invoices", json={"name": "a"})
    shown = bench.web.post("/invoices", json={"name": "b"}, headers=SHOWN)
    where = plain.headers["OData-EntityId"]

    assert (plain.status_code, shown.status_code) == (204, 201)
    assert bench.web.get(where).json()["name"] == "a"
    assert shown.json()["@odata.context"].endswith("$metadata#invoices/$entity")
    assert shown.json()["@odata.etag"].startswith('W/"') and shown.json()["invoiceid"]
    assert "OData-EntityId" not in shown.headers
    assert shown.headers["Preference-Applied"] == "return=representation"
    assert why(bench.web.post("/invoices", content=b"["))[0] == 400
    assert why(bench.web.delete("/invoices"))[0] == 405


def test_a_reading_on_condition_and_single_columns(bench: Bench) -> None:
    etag = bench.put(1, SHOWN, name="a").json()["@odata.etag"]
    path = f"/invoices({ID.format(1)})"
    same = {"If-None-Match": etag}
    codes = [bench.ask(path, same).status_code, bench.ask(path, {**same, **NOTED}).status_code]
    told = bench.ask(f"{path}/name").json()
    put = bench.web.put(f"{path}/name", json={"value": "b"})
    now = bench.ask(path).json()["name"]
    gone = bench.web.delete(f"{path}/name")

    assert codes == [304, 200] and told == {"value": "a"}
    assert (put.status_code, now, gone.status_code) == (204, "b", 204)
    assert bench.ask(path).json()["name"] is None and bench.ask(path, same).status_code == 200


def test_what_cannot_be_read_or_may_not_be_changes_nothing(bench: Bench) -> None:
    bench.there.refuses = lambda _entity, row: "not so" if row.get("name") == "bad" else ""
    bench.put(1, name="a")
    path = f"/invoices({ID.format(1)})"
    said = [
        bench.web.patch(path, content=b"["), bench.web.post(path, json={"name": "b"}),
        bench.web.put(f"{path}/name", json={}), bench.put(1, name="bad"),
        bench.ask("/invoices", {"Prefer": "odata.maxpagesize=0"}),
        bench.ask("/invoices", {"Prefer": "odata.maxpagesize=x"}),
    ]  # fmt: skip

    assert [r.status_code for r in said] == [400] * 6
    assert why(said[3]) == (400, "0x80040265", "not so")
    assert "Skip" in why(bench.web.get("/invoices?$skip=1"))[2]
    assert bench.ask(path).json()["name"] == "a"


def test_our_client_creates_once_and_tells_new_from_old(bench: Bench) -> None:
    ours, keys = bench.ours, {"invoiceid": ID.format(1)}
    first = ours.put("invoices", keys, '{"name":"a","totalamount":12.30}')
    second = ours.said(ours.put("invoices", keys, '{"name":"b"}'))
    revised = ours.revise("invoices", keys, lambda row: json.dumps({"name": row["name"] + "!"}))
    codes = [ours.upsert("invoices", {"invoiceid": ID.format(n)}, '{"name":"c"}').status
             for n in (1, 5)]  # fmt: skip
    row = ours.row("invoices", keys).table()

    assert (first.status, second.meaning, revised.status) == (204, "exists", 204)
    assert codes == [200, 201]
    assert (row["name"], row["totalamount"]) == ("c", Decimal("12.30"))
    assert bench.there.tags["fieldledger"] == 5


# 2: alternate keys


def test_a_row_is_found_made_and_changed_by_an_alternate_key(bench: Bench) -> None:
    path = "/invoices(invoicenumber='A''1')"
    made = bench.web.patch(path, json={"name": "a"}, headers=SHOWN)
    again = bench.web.patch(path, json={"name": "b", "invoicenumber": "ignored"}, headers=SHOWN)
    silent = bench.web.patch("/invoices(invoicenumber='B')", json={"invoicenumber": "C"})

    assert (made.status_code, again.status_code, silent.status_code) == (201, 200, 204)
    assert made.json()["invoiceid"] == again.json()["invoiceid"]
    assert (again.json()["name"], again.json()["invoicenumber"]) == ("b", "A'1")
    assert bench.ask("/invoices(invoicenumber='B')").status_code == 404
    assert bench.ask("/invoices(invoicenumber='C')").status_code == 200  # the body won


def test_the_same_alternate_key_twice_is_refused(bench: Bench) -> None:
    bench.put(1, invoicenumber="A")
    second = bench.put(2, ONCE, invoicenumber="A")
    bench.put(3, invoicenumber="B")
    changed = bench.put(3, invoicenumber="A")

    assert why(second)[:2] == why(changed)[:2] == (412, "0x80060892")
    assert [bench.put(n, ONCE, name="no number").status_code for n in (4, 5)] == [204, 204]


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("nothing='A'", "The key in the request URI is not valid for resource "
                        "'Microsoft.Dynamics.CRM.invoice'."),
        ("name='pending'", "The key in the request URI is not valid"),
        ("invoicenumber", "The key in the request URI is not valid"),
        *((f"invoicenumber='A{quoted}B'", "cannot be looked up") for quoted in
          ("%2F", "%3C", "%3E", "*", "%25", "%26", ":", "%5C", "%3F", "%2B")),
    ],
)  # fmt: skip
def test_keys_that_do_not_exist_or_cannot_be_looked_up(
    bench: Bench, key: str, words: str
) -> None:
    for method in ("GET", "PATCH"):
        said = bench.web.request(method, f"/invoices({key})", json={"name": "x"})
        assert why(said)[0] == 400 and words in why(said)[2]
    assert bench.there.store.rows["invoices"] == []


def test_a_key_of_a_lookup_and_a_number(bench: Bench) -> None:
    bench.put(1, name="a")
    line = {"invoiceid@odata.bind": f"/invoices({ID.format(1)})", "lineitemnumber": 7}
    bench.web.post("/invoicedetails", json=line)
    found = bench.ask(f"/invoicedetails(_invoiceid_value={ID.format(1)},lineitemnumber=7)")

    assert found.json()["_invoiceid_value"] == ID.format(1)
    assert why(bench.web.post("/invoicedetails", json=line))[1] == "0x80060892"


# 3: what the organisation says of itself


def test_tables_keys_and_bulk_messages_can_be_probed(bench: Bench) -> None:
    ours = bench.ours
    keys, _ = ours.alternate_keys("invoice")

    assert [(k.name, k.columns, k.is_ready) for k in keys] == [
        ("by_number", ("invoicenumber",), True), ("by_name", ("name",), False)]  # fmt: skip
    assert "invoice" in ours.tracked_tables()[0] and "msdyn_actual" not in ours.tracked_tables()[0]
    assert ours.set_names()[0]["msdyn_actual"] == "msdyn_actuals"
    assert ours.takes_many("UpsertMultiple", "invoice") is True
    assert ours.takes_many("UpsertMultiple", "msdyn_actual") is False
    assert ours.takes_many("DeleteMultiple", "invoice") is False
    assert ours.calls_at_once() == 8


def test_one_definition_and_what_is_not_there(bench: Bench) -> None:
    one = bench.ask("/EntityDefinitions(LogicalName='invoice')?$select=EntitySetName").json()
    keys = bench.ask("/EntityDefinitions(LogicalName='invoice')/Keys").json()["value"]
    metadata = bench.ask("/$metadata")

    assert one["EntitySetName"] == "invoices" and "LogicalName" not in one
    assert [k["EntityKeyIndexStatus"] for k in keys] == ["Active", "Pending"]
    assert bench.ask("/EntityDefinitions(LogicalName='none')").status_code == 404
    assert bench.ask("/EntityDefinitions?$expand=Attributes").status_code == 400
    assert bench.ask("/EntityDefinitions?$filter=LogicalName").status_code == 400
    assert bench.ask("/EntityDefinitions(LogicalName='invoice')/Nothing").status_code == 404
    assert '<Action Name="twin_ConfirmInvoices"' in metadata.text
    assert why(bench.ask("/nothing"))[0] == 404


# 4: lookups, labels


def test_lookups_are_written_by_id_by_key_and_emptied(bench: Bench) -> None:
    account = bench.web.post("/accounts", json={"accountnumber": "K1", "name": "Contoso"},
                             headers=SHOWN).json()["accountid"]  # fmt: skip
    column = "_customerid_value"

    def bound(value: object) -> object:
        done = bench.put(1, **{"customerid_account@odata.bind": value})
        return bench.ask(f"/invoices({ID.format(1)})").json().get(column, done.text)

    assert bound(f"/accounts({account})") == account
    assert bound(None) is None
    assert bound("accounts(accountnumber='K1')") == account
    assert bench.put(1, **{"customerid_account@odata.bind": None}).status_code == 204
    assert bound(f"{bench.base}{API}/accounts({account})") == account


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("customerid_account", f"/accounts({ID.format(8)})",
         f"account With Id = {ID.format(8)} Does Not Exist"),
        ("customerid_account", "/accounts(accountnumber='none')", "Does Not Exist"),
        ("customerid_account", f"/invoices({ID.format(1)})", "does not lead to"),
        ("CustomerId_account", f"/accounts({ID.format(8)})", "no navigation property"),
        ("customerid_account", "nonsense", "is no reference"),
    ],
)
def test_a_reference_that_leads_nowhere_is_refused_and_nothing_is_written(
    bench: Bench, name: str, value: str, words: str
) -> None:
    said = bench.put(2, **{f"{name}@odata.bind": value, "name": "x"})

    assert why(said)[0] == 400 and words in why(said)[2]
    assert bench.ask(f"/invoices({ID.format(2)})").status_code == 404
    # a set that the twin does not keep is believed
    assert bench.put(2, **{"msdyn_project@odata.bind": f"/msdyn_projects({ID.format(3)})"}
                     ).status_code == 204  # fmt: skip


def test_labels_and_names_come_only_where_they_are_asked_for(bench: Bench) -> None:
    account = bench.web.post("/accounts", json={"name": "Contoso"}, headers=SHOWN).json()
    bench.put(1, msdyn_projectinvoicestatus=192350000, ispricelocked=True, **{
        "customerid_account@odata.bind": f"/accounts({account['accountid']})"})  # fmt: skip
    path, mark = f"/invoices({ID.format(1)})", "@OData.Community.Display.V1.FormattedValue"
    every = bench.ask(path, NOTED).json()
    some = bench.ask(path, {"Prefer": 'odata.include-annotations="OData.Community.*"'}).json()
    listed = bench.ask("/invoices", NOTED)

    assert every[f"msdyn_projectinvoicestatus{mark}"] == "Draft"
    assert every[f"ispricelocked{mark}"] == "Yes"
    assert every[f"_customerid_value{mark}"] == "Contoso"
    assert every[f"_customerid_value@{MS}.lookuplogicalname"] == "account"
    assert every[f"_customerid_value@{MS}.associatednavigationproperty"] == "customerid_account"
    assert f"_customerid_value{mark}" in some
    assert f"_customerid_value@{MS}.lookuplogicalname" not in some
    assert f"_customerid_value{mark}" in listed.json()["value"][0]
    assert [n for n in bench.ask(path).json() if "@" in n[1:]] == []
    error = bench.ask(f"/invoices({ID.format(9)})", NOTED).json()["error"]
    assert error["@Microsoft.PowerApps.CDS.ErrorDetails.OperationStatus"] == "1"


# 5: queries


FILTERS = [
    ("name eq 'b'", "b"), ("name ne 'b'", "acd"), ("totalamount gt 20", "cd"),
    ("totalamount ge 20", "bcd"), ("totalamount lt 20.5", "ab"), ("totalamount le 10", "a"),
    ("name eq 'a' or name eq 'b' and totalamount eq 99", "a"),
    ("(name eq 'a' or name eq 'b') and totalamount eq 20", "b"),
    ("not (name eq 'a')", "bcd"), ("not contains(description,'x')", "bd"),
    ("startswith(description,'ax')", "a"), ("endswith(description,'xc')", "c"),
    ("contains(description,'x')", "ac"), ("description eq null", "d"),
    ("description ne null", "abc"), ("name eq @n&@n='c'", "c"),
    (f"invoiceid eq {ID.format(3)}", "c"), ("duedate ge 2026-11-03", "cd"),
    ("name eq 'o''clock'", ""),
]  # fmt: skip


@pytest.mark.parametrize(("test", "names"), FILTERS)
def test_filters(bench: Bench, test: str, names: str) -> None:
    for number, (name, text) in enumerate((("a", "axe"), ("b", "b"), ("c", "xxc"), ("d", None)), 1):
        bench.put(number, name=name, totalamount=number * 10, description=text,
                  duedate=f"2026-11-0{number}")  # fmt: skip
    found = bench.web.get(f"/invoices?$filter={test}")

    assert found.status_code == 200, found.text
    assert "".join(row["name"] for row in found.json()["value"]) == names


@pytest.mark.parametrize(
    "query",
    ["$filter=name in ('a')", "$filter=name eq", "$filter=(name eq 'a'", "$filter=year(x) eq 1",
     "$filter=name eq @n", "$filter=" + "(" * 40 + "a eq 1" + ")" * 40, "$orderby=name up",
     "$top=x", "$search=a", "$skip=1", "$skiptoken=000001"],
)  # fmt: skip
def test_queries_that_are_refused(bench: Bench, query: str) -> None:
    said = bench.web.get(f"/invoices?{query}")

    assert why(said)[:2] in ((400, "0x80060888"), (400, "0x80048d19"))


def test_order_top_count_and_columns(bench: Bench) -> None:
    for number, amount in enumerate((30, None, 10, 20), 1):
        bench.put(number, name=str(number), totalamount=amount, other="x")
    counted = bench.ask("/invoices", o_count="true", o_top="1").json()
    row = bench.ask("/invoices", o_select="name,totalamount,missing").json()["value"][0]

    assert bench.names(o_orderby="totalamount") == ["2", "3", "4", "1"]
    assert bench.names(o_orderby="totalamount desc,name asc") == ["1", "4", "3", "2"]
    assert bench.names(o_top="2", o_orderby="name desc") == ["4", "3"]
    assert (counted["@odata.count"], len(counted["value"])) == (4, 1)
    assert set(row) == {"@odata.etag", "invoiceid", "name", "totalamount", "missing"}
    assert bench.ask("/invoices/$count").text == "4"
    sized = bench.web.get("/invoices?$top=1", headers={"Prefer": "odata.maxpagesize=3"})
    assert len(sized.json()["value"]) == 3  # beside a size of pages, $top is not heard


def test_a_count_ends_at_5000(bench: Bench) -> None:
    bench.there.store.load("invoices", ({"invoiceid": ID.format(n)} for n in range(5_001)))

    assert bench.ask("/invoices/$count").text == "5000"
    wish = {"Prefer": "odata.maxpagesize=9999"}
    first = bench.ask("/invoices", wish, o_select="invoiceid").json()
    assert len(first["value"]) == 5_000 and "@odata.nextLink" in first


def test_a_row_brings_the_row_that_a_lookup_names(bench: Bench) -> None:
    account = bench.web.post("/accounts", json={"name": "Contoso", "city": "Z"}, headers=SHOWN)
    bench.put(1, name="a", **{
        "customerid_account@odata.bind": f"/accounts({account.json()['accountid']})"})
    bench.put(2, name="b")
    wish = "customerid_account($select=name)"
    first, second = bench.ask("/invoices", o_expand=wish, o_orderby="name").json()["value"]
    one = bench.ask(f"/invoices({ID.format(1)})", o_expand="customerid_account").json()

    assert first["customerid_account"]["name"] == "Contoso"
    assert "city" not in first["customerid_account"] and one["customerid_account"]["city"] == "Z"
    assert second["customerid_account"] is None
    assert bench.ask("/invoices", o_expand="nothing").status_code == 400
    deep = bench.ask("/invoices", o_expand="customerid_account($expand=x)")
    assert deep.status_code == 400


def test_pages_follow_an_opaque_token_that_takes_no_change(bench: Bench) -> None:
    for number in range(1, 6):
        bench.put(number, name=str(number))
    sized = {"Prefer": "odata.maxpagesize=2"}
    first = bench.ask("/invoices", sized, o_filter="name ne '9'", o_select="name")
    link = first.json()["@odata.nextLink"]
    again = [bench.web.get(link, headers=sized).json()["value"] for _ in (1, 2)]
    changed = bench.web.get(link[:-1] + ("0" if link[-1] != "0" else "1"), headers=sized)
    other = bench.web.get(link.replace("%279%27", "%278%27"), headers=sized)
    resized = bench.web.get(link, headers={"Prefer": "odata.maxpagesize=3"})

    assert first.headers["Preference-Applied"] == "odata.maxpagesize=2"
    assert [row["name"] for row in again[0]] == ["3", "4"] and again[0] == again[1]
    assert [r.status_code for r in (changed, other, resized)] == [400, 400, 400]
    pages = bench.ours.pages("invoices?$select=name", size=2)
    assert [row["name"] for page in pages for row in page.json()["value"]] == list("12345")


# 6: changes


def test_a_delta_shows_changes_first_and_deletions_last(bench: Bench) -> None:
    for number in range(1, 4):
        bench.put(number, name=str(number))
    first = bench.ask("/invoices", TRACK, o_select="name")
    link = first.json()["@odata.deltaLink"]
    bench.web.delete(f"/invoices({ID.format(1)})")
    bench.put(7, name="short-lived")
    bench.web.delete(f"/invoices({ID.format(7)})")
    bench.web.delete(f"/invoices({ID.format(3)})")
    bench.put(3, name="back")
    bench.put(2, name="changed")
    delta = bench.web.get(link).json()
    count = bench.web.get(link.replace("/invoices?", "/invoices/$count?"))
    rest = bench.web.get(delta["@odata.deltaLink"]).json()["value"]

    assert first.headers["Preference-Applied"] == "odata.track-changes"
    assert "$select=name" in link and "$deltatoken=" in link
    assert [row.get("name", row.get("id")) for row in delta["value"]] == [
        "changed", "back", ID.format(1), ID.format(7)]  # fmt: skip
    assert delta["value"][-1] == {
        "@odata.context": f"{bench.base}{API}/$metadata#invoices/$deletedEntity",
        "id": ID.format(7), "reason": "deleted",
    }  # fmt: skip
    assert "other" not in delta["value"][0] and rest == [] and count.text == "4"


def test_a_change_between_two_pages_is_in_the_next_delta(bench: Bench) -> None:
    for number in range(1, 5):
        bench.put(number, name=str(number))
    wish = {"Prefer": "odata.track-changes,odata.maxpagesize=2"}
    first = bench.ask("/invoices", wish).json()
    bench.put(1, name="changed")
    bench.put(9, name="new")
    last = bench.web.get(first["@odata.nextLink"], headers=wish).json()
    delta = bench.web.get(last["@odata.deltaLink"]).json()["value"]

    assert "@odata.deltaLink" not in first
    assert [row["name"] for row in last["value"]] == ["3", "4"]
    assert [row["name"] for row in delta] == ["changed", "new"]


def test_links_to_changes_end_by_time_and_when_the_table_changes(bench: Bench) -> None:
    link = bench.ask("/invoices", TRACK).json()["@odata.deltaLink"]
    bench.now += 7 * DAY_MS
    bench.web.headers["Authorization"] = f"Bearer {bench.token('dataverse')}"
    in_time = bench.web.get(link)
    bench.now += 1
    late = bench.web.get(link)
    fresh = bench.ask("/invoices", TRACK).json()["@odata.deltaLink"]
    bench.there.describe_anew("invoices")
    other = bench.web.get(fresh)
    forged = bench.web.get(fresh.replace("$deltatoken=", "$deltatoken=9"))
    last = bench.ask("/invoices", TRACK).json()["@odata.deltaLink"]
    bench.there.store.version = 1  # another run of the twin
    anew = bench.web.get(last)

    expired = (400, "0x80044352", "Version stamp associated with the client has expired. "
               "Please perform a full sync.")  # fmt: skip
    assert in_time.status_code == 200 and why(late) == why(other) == why(anew) == expired
    assert why(forged)[0] == 400 and why(forged) != expired


@pytest.mark.parametrize("name", ["filter", "orderby", "expand", "top"])
def test_options_that_do_not_go_with_changes(bench: Bench, name: str) -> None:
    said = bench.web.get(f"/invoices?${name}=name", headers=TRACK)

    assert why(said) == (400, "0x80060888", f'The "${name}" query parameter isn\'t supported when '
                         "Change Tracking is enabled.")  # fmt: skip
    assert why(bench.ask("/msdyn_actuals", TRACK))[0] == 400  # not tracked at all


def test_our_client_reads_everything_anew_when_its_link_is_too_old(bench: Bench) -> None:
    bench.put(1, name="a")
    ours = bench.ours
    whole = ours.changes("invoices", ["name"], None)
    bench.web.delete(f"/invoices({ID.format(1)})")
    since = ours.changes("invoices", ["name"], whole.link)
    bench.there.describe_anew("invoices")
    anew = ours.changes("invoices", ["name"], since.link)

    assert whole.is_whole and [r["name"] for r in whole.rows] == ["a"]
    assert (since.rows, since.deleted, since.is_whole) == ([], [ID.format(1)], False)
    assert anew.is_whole and anew.expired and anew.said.meaning == "fine"


# 7: batches

HEAD = "Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n"


def part(method: str, path: str, row: object = None, content_id: str = "", **heads: str) -> str:
    known = f"Content-ID: {content_id}\r\n" if content_id else ""
    named = "".join(f"{k.replace('_', '-')}: {v}\r\n" for k, v in heads.items())
    body = "" if row is None else json.dumps(row)
    return f"{HEAD}{known}\r\n{method} {path} HTTP/1.1\r\n{named}Content-Type: application/json" \
           f"\r\n\r\n{body}\r\n"  # fmt: skip


def change_set(*parts: str) -> str:
    inner = "".join(f"--cs\r\n{one}" for one in parts)
    return f"Content-Type: multipart/mixed; boundary=cs\r\n\r\n{inner}--cs--\r\n"


def batch(bench: Bench, *parts: str, goes_on: bool = False, ends: str = "\r\n") -> httpx.Response:
    text = "".join(f"--b\r\n{one}" for one in parts) + "--b--\r\n"
    prefer = {"Prefer": "odata.continue-on-error"} if goes_on else {}
    return bench.web.post("/$batch", content=text.replace("\r\n", ends).encode(),
                          headers={"Content-Type": 'multipart/mixed; boundary="b"', **prefer})


def codes(said: httpx.Response) -> list[int]:
    return [int(line.split(" ")[1]) for line in said.text.splitlines() if line.startswith("HTTP/")]


def invoice(number: int) -> str:
    return f"invoices({ID.format(number)})"


@pytest.mark.parametrize("ends", ["\r\n", "\n"])
@pytest.mark.parametrize(
    ("goes_on", "status", "found", "made"),
    [(False, 404, [404], 1), (True, 200, [204, 404, 204], 2)],
)
def test_a_batch_stops_at_an_error_or_goes_on(
    bench: Bench, goes_on: bool, status: int, found: list[int], made: int, ends: str
) -> None:
    said = batch(
        bench, part("PATCH", f"{API}/{invoice(1)}", {"name": "a"}),
        part("PATCH", invoice(2), {"name": "b"}, If_Match="*"),
        part("PATCH", f"{bench.base}{API}/{invoice(3)}?tag=x", {"name": "c"}),
        goes_on=goes_on, ends=ends,
    )  # fmt: skip

    assert (said.status_code, codes(said)) == (status, found)
    assert len(bench.there.store.rows["invoices"]) == made
    assert said.text.count("REQ_ID: ") == 1
    assert f"Location: {bench.base}{API}/{invoice(1)}" in said.text or not goes_on


def test_a_change_set_that_fails_leaves_nothing_and_is_answered_once(bench: Bench) -> None:
    bench.put(1, name="before", invoicenumber="N1")
    bench.put(4, name="stays")
    before = bench.ask("/invoices").json()["value"]
    said = batch(
        bench,
        change_set(part("PATCH", invoice(1), {"name": "after"}, "1"),
                   part("DELETE", invoice(4), None, "2"),
                   part("POST", "invoices", {"name": "new"}, "3"),
                   part("POST", "invoices", {"invoicenumber": "N1"}, "4")),
        part("PATCH", invoice(6), {"name": "alone"}), goes_on=True,
    )  # fmt: skip

    assert (said.status_code, codes(said)) == (200, [412, 204])
    assert "0x80060892" in said.text and said.text.count("Content-ID") == 0
    rows = bench.ask("/invoices").json()["value"]
    assert rows[:-1] == before and rows[-1]["name"] == "alone"
    assert bench.put(1, ONCE, name="x").status_code == 412
    effects = bench.twin.state()["effects"]
    assert sum(effects.values()) == 3  # type: ignore[attr-defined]


def test_later_requests_of_a_change_set_name_earlier_ones(bench: Bench) -> None:
    said = batch(bench, change_set(
        part("POST", "invoices", {"name": "head"}, "1"),
        part("POST", "invoicedetails", {"invoiceid@odata.bind": "$1", "lineitemnumber": 1}, "2"),
        part("PATCH", "$1", {"description": "changed"}, "3"),
    ))  # fmt: skip
    head = bench.ask("/invoices").json()["value"][0]
    line = bench.ask("/invoicedetails").json()["value"][0]

    assert codes(said) == [204, 204, 204]
    assert [f"Content-ID: {n}" in said.text for n in "123"] == [True] * 3
    assert line["_invoiceid_value"] == head["invoiceid"] and head["description"] == "changed"


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ([change_set(part("PATCH", "$1", {"name": "a"}, "1"))],
         "Content-ID Reference: '$1' does not exist in the batch context."),
        ([change_set(part("POST", "invoicedetails", {"invoiceid@odata.bind": "$7"}, "1"))],
         "Content-ID Reference: '$7' does not exist in the batch context."),
        ([change_set(part("GET", "invoices", None, "1"))], "GET is not allowed"),
        ([change_set(*(part("POST", "invoices", {}, str(n)) for n in range(1_001)))],
         "The current change set contains too many operations. A maximum number of '1000' "
         "operations are allowed in a change set"),
        ([part("POST", "invoices", {})] * 1_001, "1001 requests"),
        ([part("POST", "$batch", {})], "a batch inside a batch"),
        (["nothing\r\n"], "no request"),
        ([change_set("Content-Type: multipart/mixed; boundary=x\r\n\r\n--x--\r\n")],
         "a change set inside a change set"),
    ],
)  # fmt: skip
def test_batches_that_are_refused(bench: Bench, parts: list[str], words: str) -> None:
    said = batch(bench, *parts)

    assert said.status_code == 400 and words in said.text
    assert bench.there.store.rows["invoices"] == []
    assert "boundary" in bench.web.post("/$batch", content=b"x").text


def test_our_client_reads_each_answer_of_its_batches(bench: Bench) -> None:
    ours = bench.ours
    bench.put(2, name="there")
    rows = [("invoices", {"invoiceid": ID.format(n)}, '{"name":"x"}') for n in (1, 2, 3)]
    _, alone = ours.put_each(rows)  # type: ignore[arg-type]
    parts = [ours.creation("invoices", {"invoiceid": ID.format(n)}, "{}", content_id=str(n),
                           change_set="one" if n < 6 else "two") for n in (4, 1, 6)]  # fmt: skip
    _, together = ours.batch(parts)

    assert [one.status if one else 0 for one in alone] == [204, 412, 204]
    assert [one.status if one else 0 for one in together] == [412, 412, 204]
    assert bench.ask(f"/{invoice(4)}").status_code == 404


# 8: bulk messages


def many(bench: Bench, message: str, *targets: dict[str, object], entity: str = "invoices",
         kind: str = "invoice") -> httpx.Response:  # fmt: skip
    typed = [{"@odata.type": f"{MS}.{kind}", **t} if kind else t for t in targets]
    return bench.web.post(f"/{entity}/{MS}.{message}", json={"Targets": typed})


def test_bulk_messages_create_change_and_do_both(bench: Bench) -> None:
    made = many(bench, "CreateMultiple", {"name": "a", "invoicenumber": "A"}, {"name": "b"})
    first, second = made.json()["Ids"]
    updated = many(bench, "UpdateMultiple", {"invoiceid": first, "name": "a2"},
                   {"@odata.id": f"invoices({second})", "name": "b2"})  # fmt: skip
    upserted = many(bench, "UpsertMultiple",
                    {"@odata.id": "invoices(invoicenumber='A')", "name": "a3"},
                    {"@odata.id": "invoices(invoicenumber='N')", "name": "n"})  # fmt: skip

    assert [r.status_code for r in (made, updated, upserted)] == [200, 204, 204]
    assert made.json()["@odata.context"].endswith(f"#{MS}.CreateMultipleResponse")
    assert bench.names(o_orderby="name") == ["a3", "b2", "n"]
    assert bench.ask("/invoices(invoicenumber='N')").json()["name"] == "n"


@pytest.mark.parametrize(
    ("message", "targets", "kind", "expected"),
    [
        ("CreateMultiple", [{"name": "x"}, {"invoiceid": ID.format(1)}], "invoice",
         (412, "0x80040237", "matching key values")),
        ("CreateMultiple", [{"name": "x"}, {"name": "poison"}], "invoice",
         (400, "0x80040265", "poison")),
        ("CreateMultiple", [{"name": "x"}], "", (400, "0x80048d19", "without the type")),
        ("CreateMultiple", [{"name": "x"}], "account", (400, "0x80048d19", "without the type")),
        ("UpsertMultiple", [{"@odata.id": f"accounts({ID.format(1)})"}], "invoice",
         (400, "0x80048d19", "names no row")),
        ("CreateMultiple", [], "invoice", (400, "0x80048d19", "no Targets")),
        ("UpdateMultiple", [{"invoiceid": ID.format(1), "name": "x"},
                            {"invoiceid": ID.format(2)}], "invoice", (404, "", "Does Not Exist")),
        ("UpsertMultiple", [{"@odata.id": f"invoices({ID.format(1)})", "name": "x"},
                            {"invoiceid": ID.format(1)}], "invoice",
         (400, "0x80048d19", "the same key twice")),
        ("DeleteMultiple", [{"invoiceid": ID.format(1)}], "invoice",
         (501, "", "DeleteMultiple has not yet been implemented.")),
        ("MergeMultiple", [{}], "invoice", (400, "0x80060888", "is not supported")),
    ],
)  # fmt: skip
def test_a_bulk_message_that_is_refused_does_nothing(
    message: str, targets: list[dict[str, object]], kind: str, expected: tuple[int, str, str]
) -> None:
    bench = Bench(poison=("poison",))
    bench.put(1, name="there")
    said = many(bench, message, *targets, kind=kind)
    rows = [kept.row["name"] for kept in bench.there.store.rows["invoices"]]
    bench.close()

    assert why(said)[:2] == expected[:2] and expected[2] in why(said)[2]
    assert rows == ["there"]


def test_a_table_without_bulk_messages_and_our_client_that_takes_a_call_apart(
    bench: Bench,
) -> None:
    refused = many(bench, "CreateMultiple", {}, entity="msdyn_actuals", kind="msdyn_actual")
    bench.there.refuses = lambda _entity, row: "no" if row.get("name") == "bad" else ""
    rows = [Row(body=json.dumps({"invoiceid": ID.format(n), "name": "bad" if n == 3 else "x"}))
            for n in range(1, 6)]  # fmt: skip
    answers = bench.ours.many_apart("CreateMultiple", "invoices", "invoice", rows)

    assert why(refused)[0] == 400
    assert [a.status for a in answers] == [200, 200, 400, 200, 200]
    assert len(bench.there.store.rows["invoices"]) == 4


# 9: limits


def test_too_many_requests_in_the_window(bench: Bench) -> None:
    bench.there.limits.requests = 3
    fine = [bench.ask("/WhoAmI") for _ in range(3)]
    bench.now += 100_000
    first, second = bench.ask("/WhoAmI"), bench.ask("/WhoAmI")
    other = httpx.get(f"{bench.base}{API}/WhoAmI", headers={
        "Authorization": f"Bearer {bench.token('dataverse', client_id='other')}"})  # fmt: skip
    bench.now += 400_000
    later = bench.ask("/WhoAmI")

    left = "x-ms-ratelimit-burst-remaining-xrm-requests"
    assert [r.headers[left] for r in fine] == ["2", "1", "0"]
    assert why(first) == (429, "0x80072322", "Number of requests exceeded the limit of 3 over the "
                          "time window of 300 seconds.")  # fmt: skip
    assert (first.headers["Retry-After"], second.headers["Retry-After"]) == ("200", "400")
    assert other.status_code == 200 and later.status_code == 200
    assert later.headers["x-ms-dop-hint"] == "8" and bench.there.limits.ignored == 1


def test_too_much_execution_time_is_made_by_large_batches(bench: Bench) -> None:
    bench.there.limits.execution_ms = 100
    parts = [part("PATCH", invoice(n), {"name": "x"}) for n in range(11)]
    first = batch(bench, *parts)
    said = bench.ask("/WhoAmI")

    left = first.headers["x-ms-ratelimit-time-remaining-xrm-requests"]
    assert (first.status_code, left, why(said)[:2]) == (200, "0", (429, "0x80072321"))
    assert bench.ours.said(bench.ours._call("GET", "WhoAmI")).advice == "smaller"


def test_too_many_requests_at_once(bench: Bench) -> None:
    limits = bench.there.limits
    limits.at_once = 2
    said: list[httpx.Response] = []
    threads = [threading.Thread(target=lambda: said.append(bench.ask("/WhoAmI"))) for _ in range(3)]
    with bench.twin._lock:  # all three are in before the first is answered
        for thread in threads:
            thread.start()
        until = time.monotonic() + 5
        while limits._in_flight < 3 and time.monotonic() < until:
            time.sleep(0.01)
    for thread in threads:
        thread.join()

    refused = [r for r in said if r.status_code == 429]
    assert "0x80072326" in {why(r)[1] for r in refused}
    assert limits._in_flight == 0


# 10: duplicates, bypasses, tags


def test_duplicates_are_looked_for_only_when_asked(bench: Bench) -> None:
    wish = {"MSCRM.SuppressDuplicateDetection": "false"}
    bench.web.post("/accounts", json={"name": "Contoso"})
    plain = bench.web.post("/accounts", json={"name": "Contoso"})
    found = bench.web.post("/accounts", json={"name": "Contoso"}, headers=wish)
    other = bench.web.post("/accounts", json={"name": "Fabrikam"}, headers=wish)
    invoices = [bench.web.post("/invoices", json={"name": "a"}, headers=wish) for _ in (1, 2)]

    assert plain.status_code == other.status_code == invoices[1].status_code == 204
    assert why(found) == (412, "0x80040333", "A record was not created or updated because a "
                          "duplicate of the current record already exists.")  # fmt: skip


@pytest.mark.parametrize(
    ("header", "value", "privilege"),
    [
        ("MSCRM.BypassBusinessLogicExecution", "CustomSync,CustomAsync",
         "prvBypassCustomBusinessLogic"),
        ("MSCRM.BypassBusinessLogicExecutionStepIds", ID, "prvBypassCustomBusinessLogic"),
        ("MSCRM.BypassCustomPluginExecution", "true", "prvBypassCustomPlugins"),
    ],
)  # fmt: skip
def test_business_logic_is_bypassed_only_with_the_privilege_and_noted(
    bench: Bench, header: str, value: str, privilege: str
) -> None:
    refused = bench.put(1, {header: value}, name="a")
    bench.there.guards.privileges.add(privilege)
    taken = bench.put(1, {header: value}, name="a")
    many_steps = bench.put(1, {header: ",".join([value] * 4)}, name="a")

    assert why(refused)[0] == 403 and privilege in why(refused)[2]
    assert taken.status_code == 204
    assert bench.there.guards.bypassed[0] == (header.lower(), f"PATCH /api/data/v9.2/{invoice(1)}")
    assert many_steps.status_code == (400 if header.endswith("StepIds") else 204)


# 11: plug-ins


def test_actuals_are_made_by_the_product_alone(bench: Bench) -> None:
    made = bench.web.post("/msdyn_actuals", json={"msdyn_amount": 1})
    bench.there.store.load("msdyn_actuals", [{"msdyn_actualid": ID.format(1), "msdyn_amount": 1}])
    path = f"/msdyn_actuals({ID.format(1)})"

    assert why(made) == (400, "0x80040265", NO_ACTUALS)
    assert NO_ACTUALS.startswith("The product doesn't support creating actuals either manually or")
    assert why(bench.web.patch(path, json={"msdyn_amount": 2}))[1] == "0x80040265"
    assert bench.web.patch(path, json={"new_mark": "ours"}).status_code == 204


def test_a_line_that_is_no_longer_used_has_no_used_quantity(bench: Bench) -> None:
    path = f"/msdyn_workorderproducts({ID.format(1)})"
    bench.web.patch(path, json={"msdyn_linestatus": 690970001, "msdyn_quantity": 3,
                                "msdyn_estimatequantity": 2})  # fmt: skip
    bench.web.patch(path, json={"msdyn_name": "x"})
    used = bench.ask(path).json()
    bench.web.patch(path, json={"msdyn_linestatus": 690970000})
    row = bench.ask(path).json()

    assert used["msdyn_quantity"] == 3
    assert (row["msdyn_quantity"], row["msdyn_estimatequantity"]) == (0, 2)


def test_a_posted_adjustment_and_its_lines_are_read_only(bench: Bench) -> None:
    path = f"/msdyn_inventoryadjustments({ID.format(1)})"
    bind = {"msdyn_inventoryadjustment@odata.bind": path}
    lines = "/msdyn_inventoryadjustmentproducts"
    bench.web.patch(path, json={"msdyn_name": "a"})
    line = bench.web.post(lines, json=bind).headers["OData-EntityId"]
    posted = bench.web.patch(path, json={"twin_posted": True})
    said = [bench.web.patch(path, json={"msdyn_name": "b"}), bench.web.delete(path),
            bench.web.patch(line, json={"msdyn_quantity": 1}), bench.web.delete(line),
            bench.web.post(lines, json=bind)]  # fmt: skip

    assert posted.status_code == 204
    assert {why(r)[:2] for r in said} == {(400, "0x80040265")}


def test_invoices_are_confirmed_later_and_then_closed(bench: Bench) -> None:
    bench.put(1, name="a", msdyn_projectinvoicestatus=192350000)
    link = bench.ask("/invoices", TRACK).json()["@odata.deltaLink"]
    action, column = bench.there.plug_ins.confirm_action, bench.there.plug_ins.confirming
    done = bench.web.post(f"/{action}", json={"Invoices": [{"invoiceid": ID.format(1)}]})
    seen = []
    for _ in range(3):
        row = bench.ask(f"/{invoice(1)}").json()
        seen.append((row[column], row["msdyn_projectinvoicestatus"]))
        bench.now += 1_000

    assert done.status_code == 204
    assert seen == [("Scheduled", 192350000), ("Processing", 192350000), ("Complete", 192350002)]
    assert len(bench.web.get(link).json()["value"]) == 1
    assert why(bench.put(1, name="b"))[:2] == (400, "0x80040265")
    assert bench.web.delete(f"/{invoice(1)}").status_code == 400
    over = bench.web.post(f"/{action}", json={"Invoices": [ID.format(1)] * 251})
    none = bench.web.post(f"/{action}", json={"Invoices": [ID.format(9)]})
    assert (over.status_code, none.status_code) == (400, 404)


def test_schedule_apis_are_not_for_applications(bench: Bench) -> None:
    said = bench.web.post("/msdyn_CreateOperationSetV1", json={})

    assert why(said)[:2] == (400, "0x80040265")


# faults


def test_a_packed_answer_is_read_and_a_broken_one_is_in_doubt(bench: Bench) -> None:
    bench.put(1, name="a" * 500)
    script = [Scripted(match=f"GET .*{n}.", fault=kind) for n, kind in (("1", "gzip"),
              ("2", "broken-gzip"), ("3", "slow-body"))]  # type: ignore[arg-type]  # fmt: skip
    for number in (2, 3):
        bench.put(number, name="a" * 500)
    bench.twin.faults = Faults(script=script)
    packed = bench.ask(f"/{invoice(1)}")
    bench.twin.faults = Faults(script=script)
    ours = bench.ours
    answers = [ours.row("invoices", {"invoiceid": ID.format(n)}) for n in (1, 2, 3)]

    assert packed.headers["Content-Encoding"] == "gzip" and packed.json()["name"] == "a" * 500
    assert [ours.said(a).meaning for a in answers] == ["fine", "doubtful", "fine"]
    assert len(bench.twin.faults.hits) == 3


def test_a_broken_answer_to_a_creation_leaves_the_row_there(bench: Bench) -> None:
    bench.twin.faults = Faults(script=[Scripted(match="PATCH .*", fault="broken-gzip")])
    ours, keys = bench.ours, {"invoiceid": ID.format(1)}
    answer = ours.upsert("invoices", keys, '{"name":"' + "a" * 200 + '"}')
    again = ours.said(ours.put("invoices", keys, '{"name":"b"}'))

    assert answer.is_doubtful and again.meaning == "exists"


def test_a_storm_of_429_is_a_script_and_costs_no_row(bench: Bench) -> None:
    bench.twin.faults = Faults(script=[
        Scripted(match="PATCH .*", fault="throttle", times=5, seconds=2)])  # fmt: skip
    said = [bench.put(1, ONCE, name="a") for _ in range(6)]

    assert [r.status_code for r in said] == [429] * 5 + [204]
    assert said[0].headers["Retry-After"] == "2"


def test_a_clock_that_is_a_day_off_stands_in_the_answer(bench: Bench) -> None:
    bench.twin.faults = Faults(script=[Scripted(match="GET .*", fault="clock-skew")])
    skewed, plain = bench.ask("/WhoAmI"), bench.ask("/WhoAmI")

    assert "Date" in skewed.headers and skewed.json() == plain.json()
