"""Packages and recurring jobs against the twin, over a real socket, by our own clients."""

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import httpx
import pytest

from adapter.edge.book import read_book
from adapter.edge.finance.client import FinanceClient
from adapter.edge.finance.neighbour import FinanceNeighbour
from adapter.edge.finance.packages import package
from adapter.edge.finance.recurring import Recurring
from adapter.edge.http.session import Session
from adapter.edge.twin.faults import Faults, Scripted
from adapter.edge.twin.making import twin_of
from adapter.edge.twin.transport import TwinTransport
from adapter.edge.workspace import read_settings
from adapter.making.steps import Step
from tests.clients_given import step
from tests.commands import small_company
from tests.twin_given import LABEL, Desk

ACTIONS = "POST /finance/data/DataManagementDefinitionGroups/.*"
JOB = "0f6b1c7e-1111-4222-8333-444455556666"


@pytest.fixture(autouse=True)
def secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THE_SECRET", "twin")


@pytest.fixture
def desk() -> Iterator[Desk]:
    made = Desk(poison=("BAD",))
    yield made
    made.close()


def row(number: int, text: str = "-", amount: str = "150.10") -> dict[str, object]:
    return {"SourceActualId": f"a-{number}", "Amount": Decimal(amount), "Day": "2026-11-14",
            "Line": number, "Billable": True, "Text": text}  # fmt: skip


def lines(*numbers: int, bad: tuple[int, ...] = ()) -> bytes:
    return package("G", "Lines", [row(n, "BAD" if n in bad else "-") for n in numbers], LABEL)


def asked(number: int) -> Step:
    keys = {"dataAreaId": "USMF", "SourceActualId": f"a-{number}"}
    return step(number, entity="Lines", keys=keys)


def test_imported_rows_are_found_by_the_neighbour_in_the_company_given(desk: Desk) -> None:
    done = desk.jobs.import_package("G", "run-1", lines(1, 2), "USMF", LABEL)
    port = FinanceNeighbour(FinanceClient(desk.session), "g", companies=frozenset({"USMF"}))
    found = port.find([asked(1), asked(2), asked(3)])

    assert (done.state, done.status, done.errors) == ("sent", "Succeeded", ())
    assert [one.state for one in found.values()] == ["found", "found", "missing"]
    assert desk.rows()[0] == {**row(1), "Billable": "Yes", "dataAreaId": "USMF"}
    assert found["key-1"].row["Day"] == "2026-11-14T12:00:00Z"


def test_an_execution_is_not_found_then_runs_then_ends_on_the_twins_clock(desk: Desk) -> None:
    def status() -> object:
        said = desk.act("GetExecutionSummaryStatus", executionId="run-1")
        return said.json()["value"] if said.status_code == 200 else (said.status_code, said.text)

    assert desk.started(lines(1, bad=(1,)), "run-1").json()["value"] == "run-1"
    seen = [status()]
    for wait in (2_000, 1, 7_998):
        desk.clock.now += wait
        seen.append(status())
        assert desk.rows() == [] and desk.value("GetExecutionErrors", executionId="run-1") == "[]"
    desk.clock.now += 1

    assert seen[0][0] == 400 and "were not found" in seen[0][1]  # type: ignore[index]
    assert [*seen[1:], status()] == ["NotRun", "Executing", "Executing", "Failed"]


def test_good_rows_stay_and_the_others_are_told_by_their_keys(desk: Desk) -> None:
    done = desk.jobs.import_package("G", "run-1", lines(1, 2, 3, bad=(2,)), "USMF", LABEL)
    keys = httpx.get(done.keys_file)

    assert (done.state, done.status) == ("partly", "PartiallySucceeded")
    assert [e["RecordId"] for e in done.errors] == ["a-2"] and "BAD" in done.message
    assert [r["SourceActualId"] for r in desk.rows()] == ["a-1", "a-3"]
    assert keys.content.decode("utf-16") == "a-2\r\n"


def test_the_file_of_keys_is_made_when_asked_for_and_takes_a_while(desk: Desk) -> None:
    desk.started(lines(1, 2, bad=(2,)), "run-1")
    asked_for = {"executionId": "run-1", "entityName": LABEL}
    early = desk.value("GenerateImportTargetErrorKeysFile", **asked_for)
    desk.clock.now += 10_000
    before = desk.value("GetImportTargetErrorKeysFileUrl", **asked_for)
    made = desk.value("GenerateImportTargetErrorKeysFile", **asked_for)
    soon = desk.value("GetImportTargetErrorKeysFileUrl", **asked_for)
    desk.clock.now += 1_000

    assert (early, before, made, soon) == (False, "", True, "")
    assert desk.value("GetImportTargetErrorKeysFileUrl", **asked_for)


def test_an_import_of_bad_rows_only_has_failed(desk: Desk) -> None:
    done = desk.jobs.import_package("G", "run-1", lines(1, bad=(1,)), "USMF", LABEL)

    assert (done.state, done.status, desk.rows()) == ("refused", "Failed", [])


@pytest.mark.parametrize(("enforces", "count"), [(True, 1), (False, 2)])
def test_a_second_import_changes_rows_where_a_key_tells_them(enforces: bool, count: int) -> None:
    desk = Desk(enforces_keys=enforces)
    for run in ("run-1", "run-2"):
        made = package("G", "Lines", [row(1, run)], LABEL)
        assert desk.jobs.import_package("G", run, made, "USMF", LABEL).state == "sent"
    desk.close()

    assert [r["Text"] for r in desk.rows()] == ["run-1", "run-2"][-count:]
    assert bool(desk.twin.state()["doubles"]) is not enforces


def test_a_start_whose_answer_is_lost_happens_once() -> None:
    lost = Scripted(match=ACTIONS + "ImportFromPackage", fault="reset-after-commit")
    desk = Desk(faults=Faults(script=[lost]))
    first = desk.jobs.import_package("G", "run-1", lines(1), "USMF", LABEL)
    again = desk.jobs.import_package("G", "run-1", lines(1), "USMF", LABEL)
    desk.close()

    assert (first.state, again.state, len(desk.rows())) == ("sent", "sent", 1)
    assert set(desk.twin.state()["effects"].values()) == {1}  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("kind", "wait"), [("throttle", 9_000), ("throttle-silent", 30_000), ("gateway-502", 0)]
)
def test_what_does_not_begin_is_still_planned(kind: str, wait: int) -> None:
    script = Scripted(match=ACTIONS + "GetAzureWriteUrl", fault=kind, seconds=9)  # type: ignore[arg-type]
    desk = Desk(faults=Faults(script=[script]))
    done = desk.jobs.import_package("G", "run-1", lines(1), "USMF", LABEL)
    desk.close()

    assert (done.state, done.wait_ms, desk.rows()) == ("planned", wait, [])
    assert "high resource utilization" in done.message or not wait


def test_imports_of_one_project_do_not_run_at_the_same_time(desk: Desk) -> None:
    first = desk.started(lines(1), "run-1")
    parallel = desk.started(lines(2), "run-2")
    other = desk.started(lines(3), "run-3", definitionGroupId="H")
    desk.clock.now += 10_000
    after = desk.started(lines(4), "run-4")

    assert [r.status_code for r in (first, parallel, other, after)] == [200, 400, 200, 200]
    assert "run-1" in parallel.json()["error"]["innererror"]["message"]
    assert [r["SourceActualId"] for r in desk.rows()] == ["a-1", "a-3"]


def test_an_address_of_the_store_opens_for_a_time_and_for_its_right(desk: Desk) -> None:
    address = desk.address()
    bare = httpx.put(address, content=b"x")
    stored = desk.put(address, lines(1))
    forged = desk.put(address.replace("a.zip", "b.zip"), b"x")
    read = httpx.get(address)
    desk.clock.now += 3_600_000
    old = [desk.put(address, b"x"), httpx.get(address)]
    started = desk.act("ImportFromPackage", packageUrl=address, definitionGroupId="G",
                       executionId="run-1", execute=True, overwrite=True, legalEntityId="USMF")

    assert [r.status_code for r in (bare, stored, forged, read)] == [400, 201, 403, 200]
    assert [r.status_code for r in old] == [403, 403] and b"AuthenticationFailed" in old[0].content
    assert started.status_code == 400 and "403" in started.text


def rebuilt(change: Callable[[str, bytes], bytes | None]) -> bytes:
    """The package of one row with its parts changed; None: left out."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(lines(1))) as old, zipfile.ZipFile(made, "w") as new:
        for name in old.namelist():
            body = change(name, old.read(name))
            if body is not None:
                new.writestr(name, body)
    return made.getvalue()


def without_maps(name: str, body: bytes) -> bytes:
    if name != "Manifest.xml":
        return body
    start, end = body.index(b"<EntityMapList>"), body.index(b"</EntityMapList>")
    return body[:start] + b"<EntityMapList>" + body[end:]


def of_rows(change: Callable[[str], bytes]) -> Callable[[str, bytes], bytes]:
    def changed(name: str, body: bytes) -> bytes:
        return change(body.decode("utf-16")) if name.endswith(".csv") else body

    return changed


PITFALLS: list[tuple[Callable[[str, bytes], bytes | None], str, str]] = [
    (without_maps, "sent", ""),  # it says nothing at all
    (of_rows(lambda text: text.encode()), "refused", "Selected file is not Unicode"),
    (of_rows(lambda text: text.encode("utf-16-be")), "refused", "Selected file is not Unicode"),
    (of_rows(lambda text: text.replace("\r\n", "\n").encode("utf-16")), "refused",
     "the mapping is incorrect for entity"),
    (of_rows(lambda text: text.replace("AMOUNT", "MONEY").encode("utf-16")), "refused",
     "the mapping is incorrect for entity"),
    (of_rows(lambda text: text.replace("150.10", "much").encode("utf-16")), "refused",
     "no number"),
    (lambda n, b: None if n.endswith(".csv") else b, "refused", "is not in the package"),
    (lambda n, b: None if n == "Manifest.xml" else b, "refused", "has no Manifest.xml"),
    (lambda n, b: None if n == "PackageHeader.xml" else b, "refused", "has no PackageHeader.xml"),
    (lambda n, b: b.replace(b"2015/01", b"2014/01"), "refused", "names no entity"),
    (lambda n, b: b.replace(b"CSV-Unicode", b"Excel"), "refused", "CSV-Unicode only"),
    (lambda n, b: b.replace(LABEL.encode(), b"Lines"), "refused",
     "Entity Lines does not exist in the target environment"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "state", "message"), PITFALLS)
def test_a_package_that_is_wrong_imports_no_row(
    desk: Desk, change: Callable[[str, bytes], bytes | None], state: str, message: str
) -> None:
    done = desk.jobs.import_package("G", "run-1", rebuilt(change), "USMF", LABEL)

    assert (done.state, desk.rows()) == (state, [])
    assert message in done.message


@pytest.mark.parametrize("wrong", [b"", b"no zip", lines(1)[:-40], b"PK\x03\x04" + lines(1)[90:]])
def test_what_is_no_zip_at_all_does_not_begin(desk: Desk, wrong: bytes) -> None:
    said = desk.started(wrong, "run-1")

    assert said.status_code == 400 and "the package" in said.text


def test_a_file_that_cannot_be_read_is_told_in_a_file_of_its_own(desk: Desk) -> None:
    wrong = rebuilt(of_rows(lambda text: text.encode()))
    desk.started(wrong, "run-1")
    desk.clock.now += 10_000
    told = desk.value("GetImportStagingErrorFileUrl", executionId="run-1", entityName=LABEL)
    other = desk.value("GetImportStagingErrorFileUrl", executionId="run-1", entityName="Other")

    assert "not Unicode" in httpx.get(str(told)).content.decode("utf-16")
    assert other == ""


def test_an_execution_has_one_id_and_runs_only_if_told_to(desk: Desk) -> None:
    kept = desk.started(lines(1), "run-1", execute=False)
    twice = desk.started(lines(1), "run-1", definitionGroupId="H")
    given = desk.started(lines(2), "", definitionGroupId="I").json()["value"]
    bare = desk.started(lines(2), "run-2", definitionGroupId="J", overwrite="yes")
    desk.clock.now += 10_000

    assert [r.status_code for r in (kept, twice, bare)] == [200, 400, 400]
    assert desk.value("GetExecutionSummaryStatus", executionId="run-1") == "NotRun"
    assert desk.value("GetExecutionSummaryStatus", executionId=given) == "Succeeded"
    assert [r["SourceActualId"] for r in desk.rows()] == ["a-2"]


def test_an_action_that_is_not_there_or_called_wrongly_is_refused(desk: Desk) -> None:
    path = "/data/DataManagementDefinitionGroups/Microsoft.Dynamics.DataEntities."
    every = [desk.act("Nothing"), desk.web.get(f"{path}GetExecutionErrors"),
             desk.act("GetExecutionErrors"),
             desk.web.post(f"{path}GetExecutionErrors", content=b"{")]  # fmt: skip

    assert [r.status_code for r in every] == [404, 405, 400, 400]


def test_changes_are_exported_once_and_their_package_can_be_fetched_again(desk: Desk) -> None:
    desk.web.post("../twin/finance/habits",
                  json={"exports": {"Out": {"entity": LABEL, "tracked": True}}})
    desk.jobs.import_package("G", "run-1", lines(1), "USMF", LABEL)
    desk.jobs.import_package("G", "run-2", lines(2), "GBSI", LABEL)
    address, said = desk.jobs.exported("Out", "p.zip", "run-3", "USMF")
    made = zipfile.ZipFile(io.BytesIO(httpx.get(address).content))
    text = made.read(f"{LABEL}.csv").decode("utf-16")
    nothing = desk.jobs.exported("Out", "p.zip", "run-4", "USMF")
    desk.clock.now += 3_600_000
    old = httpx.get(address).status_code
    again = str(desk.value("GetExportedPackageUrl", executionId="run-3"))
    fresh = httpx.get(again)
    desk.clock.now += 7 * 86_400_000
    gone = desk.value("GetExportedPackageUrl", executionId="run-3")

    assert said.meaning == "fine" and "a-1" in text and "a-2" not in text
    assert nothing[0] == "" and (old, fresh.status_code, gone) == (403, 200, "")
    unknown = desk.jobs.exported("Nobody", "p.zip", "run-5", "USMF")
    assert unknown[0] == "" and "no export project" in unknown[1].message
    nested = desk.value("ExportToPackage", definitionGroupId="Out", packageName="p",
                        executionId="run-6", reExecute=False, legalEntityId="USMF")
    assert nested == {"value": "run-6"}


def test_a_blob_is_kept_for_seven_days(desk: Desk) -> None:
    desk.twin.finance.habits.sas_ms = 30 * 86_400_000
    address = desk.stored(lines(1))
    kept = httpx.get(address).status_code
    desk.clock.now += 7 * 86_400_000

    assert (kept, httpx.get(address).status_code) == (200, 404)


def recurring(desk: Desk) -> Recurring:
    return Recurring(desk.session, JOB)


def rows_as_file(*numbers: int, bad: tuple[int, ...] = ()) -> bytes:
    with zipfile.ZipFile(io.BytesIO(lines(*numbers, bad=bad))) as made:
        return made.read(f"{LABEL}.csv")


@pytest.mark.parametrize(
    ("content", "target", "states", "count"),
    [
        (rows_as_file(1, 2), {"entity": LABEL}, ["Enqueued", "Processing", "Processed"], 2),
        (lines(1, 2), {"company": "USMF"}, ["Enqueued", "Processing", "Processed"], 2),
        (lines(1, 2, bad=(1,)), {"company": "USMF"},
         ["Enqueued", "Processing", "ProcessedWithErrors"], 1),
        (b"<x/>", {"entity": LABEL}, ["Enqueued", "Processing", "PreProcessingError"], 0),
        (b"no zip", {"company": "USMF"}, ["Enqueued", "Processing", "PreProcessingError"], 0),
        (rows_as_file(1), {"entity": "Nothing"},
         ["Enqueued", "Processing", "PreProcessingError"], 0),
    ],
)  # fmt: skip
def test_a_message_goes_its_way_and_its_rows_are_there(
    desk: Desk, content: bytes, target: dict[str, str], states: list[str], count: int
) -> None:
    job = recurring(desk)
    id, said = job.enqueue(content, **target)
    seen = []
    for wait in (3_000, 7_000, 0):
        seen.append(job.state(id)[1])
        desk.clock.now += wait

    assert said.meaning == "fine" and seen == states
    assert len(desk.rows()) == count
    assert desk.value("GetExecutionIdByMessageId", messageId=id)


def test_a_file_comes_again_until_its_whole_answer_is_acknowledged(desk: Desk) -> None:
    job = recurring(desk)
    nothing = job.dequeue()
    offered = desk.web.post("../twin/finance/offer", json={"activity": JOB, "text": "rows"}).json()
    first = job.dequeue()
    waiting = (job.dequeue(), job.state(offered["message"])[1])
    desk.clock.now += 30_000
    second = job.dequeue()
    assert first is not None and second is not None
    part = json.loads(second.answer)
    del part["PopReceipt"]
    short = desk.web.post(f"/api/connector/ack/%7B{JOB}%7D", json=part)
    old, whole = job.acknowledge(first), job.acknowledge(second)
    desk.clock.now += 60_000

    assert nothing is None and waiting == (None, "Dequeued")
    assert (first.id, first.content) == (second.id, b"rows") == (offered["message"], b"rows")
    told = [json.loads(one.answer)["LastDequeueDateTime"] for one in (first, second)]
    assert told[0].startswith("0001-01-01") and not told[1].startswith("0001-01-01")
    assert short.status_code == 400 and "Message" in short.json()
    assert (old.meaning, whole.meaning, job.dequeue()) == ("refused", "fine", None)
    assert job.state(first.id)[1] == "Acked"


def test_the_link_of_a_file_says_http_and_is_given_by_https_only(desk: Desk) -> None:
    desk.twin.finance.jobs.offer(JOB, b"rows")
    transport = TwinTransport(desk.twin)
    base = "https://contoso.operations.dynamics.com/finance"
    session = Session(base, desk.session.tokens, desk.clock, transport=transport)
    fetched = Recurring(session, JOB).dequeue()
    assert fetched is not None
    link = json.loads(fetched.answer)["DownloadLocation"]
    plain = httpx.Client(transport=transport, auth=desk.signed).get(link)

    assert link.startswith("http://contoso.operations.dynamics.com/finance/api/connector/")
    assert (fetched.content, plain.status_code) == (b"rows", 403)


def test_a_job_is_called_as_it_wants_to_be(desk: Desk) -> None:
    place = f"/api/connector/enqueue/%7B{JOB}%7D"
    every = [desk.web.post(f"{place}?entity=a&company=b", content=b"x"), desk.web.post(place),
             desk.web.get(f"{place}?entity=a"), desk.web.post("/api/connector/enqueue/x"),
             desk.web.get(f"/api/connector/download/{JOB}/{JOB}"),
             desk.act("GetMessageStatus", messageId=JOB)]  # fmt: skip

    assert [r.status_code for r in every] == [400, 400, 405, 404, 404, 400]
    assert all("Message" in r.json() for r in every[:-1])


@pytest.mark.parametrize(
    "wrong", [{"page": 0}, {"run_ms": -1}, {"write_status": 418}, {"nothing": 1}, {"page": "x"}]
)
def test_a_habit_that_makes_no_sense_changes_none(desk: Desk, wrong: dict[str, object]) -> None:
    said = desk.web.post("../twin/finance/habits", json={"company": "usmf", **wrong})

    assert said.status_code == 400
    assert desk.web.get("../twin/finance/habits").json()["company"] == "dat"


def test_the_twin_of_a_workspace_takes_what_its_mappings_send_by_the_entitys_label(
    tmp_path: Path,
) -> None:
    folder = small_company(tmp_path / "w", 5)
    settings, _ = read_settings(folder)
    book = read_book(folder, settings, settings.as_of)
    desk = Desk(twin=lambda clock: twin_of(book, None, now_ms=clock.now_ms))
    label = "Project Operations integration journal headers"
    sent = [{"dataAreaId": "USMF", "SourceKey": "k-1", "Description": "November",
             "PeriodStartDate": "2026-11-01T12:00:00Z"}]  # fmt: skip
    done = desk.jobs.import_package("G", "run-1", package("G", "x", sent, label), "USMF", label)
    by_set = desk.jobs.import_package(
        "G", "run-2", package("G", "ProjAdvancedJournals", sent), "USMF", "ProjAdvancedJournals"
    )
    rows, _ = FinanceClient(desk.session).rows("ProjAdvancedJournals", "SourceKey eq 'k-1'")
    desk.close()

    assert (done.state, done.errors, by_set.state) == ("sent", (), "refused")
    assert rows[0]["Description"] == "November" and rows[0]["ProjAdvancedJournalId"] == "000001"
    assert rows[0]["PeriodStartDate"] == "2026-11-01T12:00:00Z"
