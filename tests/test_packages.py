"""Data packages: their bytes, the API that imports and exports them, recurring jobs."""

import csv
import io
import json
import zipfile
from collections.abc import Iterator
from decimal import Decimal
from hashlib import sha256
from xml.etree import ElementTree

import httpx
import pytest
import respx

from adapter.edge.finance.package_jobs import PackageJobs
from adapter.edge.finance.packages import package
from adapter.edge.finance.recurring import Recurring
from adapter.edge.http.session import Session
from tests.clients_given import Clock

HOST = "https://contoso.operations.dynamics.com"
ACTION = (f"{HOST}/data/DataManagementDefinitionGroups/Microsoft.Dynamics.DataEntities.")
BLOB = "https://store.blob.core.windows.net/dmf/x.zip?sig=abc"
ROWS = [
    {"dataAreaId": "USMF", "SourceActualId": "a-1", "Amount": Decimal("150.10"), "Billable": True},
    {"dataAreaId": "USMF", "SourceActualId": 'say "ü", 2\nlines', "Text": None, "Billable": False},
]
LABEL = "Project integration journal lines"
EMPTY = {"value": ""}


@pytest.fixture
def web() -> Iterator[respx.MockRouter]:
    with respx.mock(assert_all_called=False) as router:
        yield router


def opened(content: bytes) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(content))


def test_a_package_is_what_an_import_can_read() -> None:
    made = opened(package("Fieldledger", "Lines", ROWS, LABEL))

    text = made.read(f"{LABEL}.csv")
    rows = list(csv.reader(io.StringIO(text.decode("utf-16"), newline="")))
    manifest = ElementTree.fromstring(made.read("Manifest.xml"))
    header = made.read("PackageHeader.xml").decode()
    names = {"d": "http://schemas.microsoft.com/dynamics/2015/01/DataManagement"}
    assert made.testzip() is None
    assert made.namelist() == ["Manifest.xml", "PackageHeader.xml", f"{LABEL}.csv"]
    assert text.startswith(b"\xff\xfe") and "\r\n" in text.decode("utf-16")
    assert rows == [
        ["DATAAREAID", "SOURCEACTUALID", "AMOUNT", "BILLABLE", "TEXT"],
        ["USMF", "a-1", "150.10", "Yes", ""],
        ["USMF", 'say "ü", 2\nlines', "", "No", ""],
    ]
    assert [e.text for e in manifest.iter(f"{{{names['d']}}}EntityField")] == rows[0]
    assert [e.text for e in manifest.iter(f"{{{names['d']}}}EntityName")] == [LABEL]
    assert [e.text for e in manifest.iter(f"{{{names['d']}}}SourceFormat")] == ["CSV-Unicode"]
    assert "<PackageType>DefinitionGroup</PackageType>" in header


def test_the_same_rows_are_the_same_bytes() -> None:
    first, again = (package("Fieldledger", "Lines", ROWS, LABEL) for _ in range(2))
    files = {name: sha256(opened(first).read(name)).hexdigest()[:16]
             for name in opened(first).namelist()}  # fmt: skip

    assert first == again
    assert files == {
        "Manifest.xml": "8a3b941b6fea7ccc", "PackageHeader.xml": "2d5ac1447ba303cf",
        f"{LABEL}.csv": "abd856b30732e67c",
    }  # fmt: skip


def test_a_package_of_nothing_is_none() -> None:
    with pytest.raises(ValueError, match="without rows"):
        package("Fieldledger", "Lines", [])


def packages(clock: Clock | None = None) -> PackageJobs:
    own = clock or Clock()
    return PackageJobs(Session(HOST, None, own), own)


def act(web: respx.MockRouter, name: str, *answers: httpx.Response | object) -> respx.Route:
    """An action that gives these values, one after the other; the last again and again."""
    made = [a if isinstance(a, httpx.Response) else httpx.Response(200, json={"value": a})
            for a in answers]  # fmt: skip
    rest = iter(made)
    last = made[-1]
    return web.post(ACTION + name).mock(side_effect=lambda _request: next(rest, last))


UNKNOWN = httpx.Response(400, json={"error": {"message": "Execution x was not found"}})
WRITE_URL = json.dumps({"BlobId": "{1}", "BlobUrl": BLOB})


def imported(
    web: respx.MockRouter, *statuses: object, errors: object = "[]", keys: object = False
) -> respx.Route:
    act(web, "GetAzureWriteUrl", WRITE_URL)
    web.put(BLOB).respond(201)
    start = act(web, "ImportFromPackage", "run-1")
    act(web, "GetExecutionSummaryStatus", UNKNOWN, *statuses)
    act(web, "GetExecutionErrors", errors)
    act(web, "GenerateImportTargetErrorKeysFile", keys)
    act(web, "GetImportTargetErrorKeysFileUrl", "", BLOB)
    return start


FAILED = json.dumps([{"RecordId": "a-1", "Field": "Qty", "ErrorMessage": "no item"}])
ENDS: list[tuple[tuple[object, ...], object, object, tuple[str, str, str]]] = [
    (("Executing", "Succeeded"), "[]", False, ("sent", "", "")),
    ((UNKNOWN, "NotRun", "Succeeded"), "[]", False, ("sent", "", "")),
    (("Succeeded",), FAILED, True, ("partly", "no item", BLOB)),
    (("PartiallySucceeded",), FAILED, True, ("partly", "no item", BLOB)),
    (("PartiallySucceeded",), "[]", False, ("partly", "the import is PartiallySucceeded", "")),
    (("Failed",), FAILED, False, ("refused", "no item", "")),
    (("Canceled",), "[]", False, ("refused", "the import is Canceled", "")),
    (("Succeeded",), "not json", False, ("unknown", "its errors could not be read", "")),
    ((httpx.Response(500), "Succeeded"), "[]", False, ("sent", "", "")),
    (("Executing",), "[]", False, ("unknown", "it has not ended yet", "")),
]  # fmt: skip


@pytest.mark.parametrize(("statuses", "errors", "keys", "expected"), ENDS)
def test_an_import_is_followed_to_its_end(
    web: respx.MockRouter, statuses: tuple[object, ...], errors: object, keys: object,
    expected: tuple[str, str, str],
) -> None:  # fmt: skip
    start = imported(web, *statuses, errors=errors, keys=keys)
    put = web.put(BLOB).respond(201)

    done = packages().import_package("Fieldledger", "run-1", b"zip", "USMF", LABEL)

    body = json.loads(start.calls.last.request.content)
    assert (done.state, done.message, done.keys_file) == expected
    assert body["legalEntityId"] == "USMF" and body["executionId"] == "run-1"
    assert put.calls.last.request.headers["x-ms-blob-type"] == "BlockBlob"
    assert "authorization" not in put.calls.last.request.headers


def test_an_import_whose_start_was_lost_is_asked_for_and_not_started_again(
    web: respx.MockRouter,
) -> None:
    imported(web, "Succeeded")
    act(web, "GetExecutionSummaryStatus", "Executing", "Succeeded")
    start = act(web, "ImportFromPackage", "run-1")

    done = packages().import_package("Fieldledger", "run-1", b"zip", "USMF", LABEL)

    assert done.state == "sent" and not start.called


def test_a_start_without_an_answer_is_followed_by_its_id(web: respx.MockRouter) -> None:
    imported(web, "Executing", "Succeeded")
    web.post(ACTION + "ImportFromPackage").mock(side_effect=httpx.ReadTimeout("late"))

    assert packages().import_package("G", "run-1", b"z", "USMF", LABEL).state == "sent"


def test_an_import_that_never_began_may_be_started_again(web: respx.MockRouter) -> None:
    imported(web, UNKNOWN)

    assert packages().import_package("G", "run-1", b"z", "USMF", LABEL).state == "planned"


@pytest.mark.parametrize(
    ("name", "answer", "state"),
    [
        ("GetAzureWriteUrl", httpx.Response(503), "planned"),
        ("GetAzureWriteUrl", json.dumps({"BlobUrl": "https://evil.example/x"}), "planned"),
        ("GetAzureWriteUrl", json.dumps({"BlobUrl": "http://127.0.0.1/x"}), "planned"),
        ("GetAzureWriteUrl", "no json", "planned"),
        ("ImportFromPackage", httpx.Response(429, headers={"Retry-After": "9"}), "planned"),
        ("ImportFromPackage", httpx.Response(403), "planned"),
        ("ImportFromPackage", httpx.Response(400, json={"Message": "Entity x does not exist"}),
         "refused"),
        ("ImportFromPackage", "another-run", "unknown"),
    ],
)  # fmt: skip
def test_what_did_not_start_says_so(
    web: respx.MockRouter, name: str, answer: object, state: str) -> None:
    imported(web, UNKNOWN if state == "refused" else "Succeeded")
    act(web, name, answer)

    done = packages().import_package("G", "run-1", b"z", "USMF", LABEL)

    assert done.state == state and done.message != ("" if state != "planned" else None)
    assert done.wait_ms == (9_000 if "429" in repr(answer) else 0)


def test_a_package_names_its_company(web: respx.MockRouter) -> None:
    with pytest.raises(ValueError, match="company"):
        packages().import_package("G", "run-1", b"z", "", LABEL)


def test_an_export_gives_the_address_of_its_package(web: respx.MockRouter) -> None:
    act(web, "ExportToPackage", {"value": "run-2"})
    act(web, "GetExecutionSummaryStatus", "Executing", "Succeeded")
    act(web, "GetExecutionErrors", "[]")
    act(web, "GetExportedPackageUrl", BLOB, "https://evil.example/x")

    first = packages().exported("G", "p.zip", "run-2", "USMF")
    act(web, "GetExecutionSummaryStatus", "Succeeded")
    second = packages().exported("G", "p.zip", "run-2", "USMF")

    assert first[0] == BLOB and first[1].meaning == "fine"
    assert second[0] == "" and second[1].code == "HTT003"


JOB = "0f6b1c7e-1111-4222-8333-444455556666"
API = f"{HOST}/api/connector"


def test_a_recurring_job_takes_a_file_and_says_what_became_of_it(web: respx.MockRouter) -> None:
    enqueued = web.route(method="POST", path__regex="/api/connector/enqueue/").respond(
        json=JOB.upper()
    )
    act(web, "GetMessageStatus", "Enqueued", "ProcessedWithErrors", "Processed", "Strange",
        httpx.Response(503))  # fmt: skip
    job = Recurring(Session(HOST, None, Clock()), JOB)

    id, said = job.enqueue(b"<x/>", entity="Lines")

    request = enqueued.calls.last.request
    assert (id, said.meaning) == (JOB.upper(), "fine")
    assert f"%7B{JOB}%7D" in str(request.url) and request.url.params["entity"] == "Lines"
    assert [job.state(id)[0] for _ in range(5)] == ["waiting", "partly", "sent", "unknown",
                                                    "unknown"]  # fmt: skip


@pytest.mark.parametrize(
    ("answer", "meaning"),
    [(httpx.Response(200, text="<html>"), "doubtful"), (httpx.Response(500), "doubtful"),
     (httpx.Response(429), "throttled"), (httpx.Response(403), "forbidden"),
     (httpx.Response(400, json={"Message": "no such job"}), "refused")],
)  # fmt: skip
def test_a_file_that_was_not_taken_has_no_id(
    web: respx.MockRouter, answer: httpx.Response, meaning: str) -> None:
    web.route(method="POST").mock(return_value=answer)

    id, said = Recurring(Session(HOST, None, Clock()), JOB).enqueue(b"z", company="USMF")

    assert (id, said.meaning) == ("", meaning)


def test_what_was_fetched_is_acknowledged_with_the_whole_answer(web: respx.MockRouter) -> None:
    told = {"CorrelationId": "c-1", "DownloadLocation":
            f"{HOST}/api/connector/download/1".replace("https", "http")}  # fmt: skip
    web.route(method="GET", path__regex="/api/connector/dequeue/").mock(side_effect=[
        httpx.Response(200, json=told), httpx.Response(204), httpx.Response(500),
    ])  # fmt: skip
    web.get(f"{API}/download/1").respond(content=b"rows")
    ack = web.route(method="POST", path__regex="/api/connector/ack/").respond(200)
    job = Recurring(Session(HOST, None, Clock()), JOB)

    fetched = job.dequeue()
    assert fetched is not None
    said = job.acknowledge(fetched)
    nothing, failed = job.dequeue(), job.dequeue()

    assert (fetched.id, fetched.content, said.meaning) == ("c-1", b"rows", "fine")
    assert json.loads(ack.calls.last.request.content) == told
    assert nothing is None and failed is not None and failed.said.meaning == "doubtful"
    with pytest.raises(ValueError, match="read whole"):
        job.acknowledge(failed)


def test_a_job_is_named_by_its_id(web: respx.MockRouter) -> None:
    job = Recurring(Session(HOST, None, Clock()), JOB)
    with pytest.raises(ValueError, match="no id"):
        Recurring(Session(HOST, None, Clock()), "../evil")
    with pytest.raises(ValueError, match="entity"):
        job.enqueue(b"x")
