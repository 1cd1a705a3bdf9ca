"""making/taken_back.py: a sale that is cancelled after a draft of ours billed it."""

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from adapter.edge.ledger import StepRow
from adapter.making.taken_back import WHY
from tests.commands import ran, small_company
from tests.sending_given import Desk

CODE, DETAILS = "PRO731", "msdyn_invoicelinetransactions"
CANCELED, POSTED, ADJUSTED, UNADJUSTABLE = 192350003, 192350002, 192350001, 192350002
BECAUSE = ("--because", "taken off the draft")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with Desk(small_company(tmp_path / "w", 20)) as one:
        yield one


def table(desk: Desk, name: str) -> Path:
    return desk.folder / "records" / "contoso-us" / f"{name}.jsonl"


def rows_in(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line, parse_float=Decimal) for line in path.read_text("utf-8").splitlines()]


def sale_on_a_draft(desk: Desk, beside: int = 1) -> tuple[str, str, str]:
    """Actual, key and document of a sale whose draft bills `beside` others too."""
    details = [r for r in desk.steps() if r.step.part == "detail" and r.environment == "contoso-us"
               and r.step.actual]  # fmt: skip
    for row in details:
        if sum(r.batch == row.batch for r in details) > beside:
            return row.step.actual, row.step.key, row.document
    raise AssertionError("no such draft")


def cancel(desk: Desk, sale: str, billing: int = CANCELED, number: int = 111111111111) -> None:
    """As the CRM cancels an approval (E10): the original and its reversal."""
    path = table(desk, "msdyn_actual")
    rows = rows_in(path)
    one = next(r for r in rows if r["msdyn_actualid"] == sale)
    one |= {"msdyn_adjustmentstatus": ADJUSTED, "msdyn_billingstatus": billing}
    rows.append({
        **one, "msdyn_actualid": "7" * 8 + f"-0000-4000-8000-{number:012}",
        "msdyn_quantity": -one["msdyn_quantity"], "msdyn_amount": -one["msdyn_amount"],
        "msdyn_adjustmentstatus": UNADJUSTABLE, "msdyn_billingstatus": CANCELED,
    })  # fmt: skip
    path.write_text("".join(json.dumps(r, default=float) + "\n" for r in rows), "utf-8")


def report(desk: Desk) -> dict[str, Any]:
    return json.loads(desk.run("plan", "--format", "json").out)  # type: ignore[no-any-return]


def statuses(told: dict[str, Any]) -> dict[str, str]:
    return {d["name"]: d["status"] for d in told["documents"] if d["kind"] == "proforma"}


def remove(desk: Desk, key: str, entity: str = DETAILS) -> None:
    """A person takes the row off the draft in Dataverse."""
    reference = next(r.reference for r in desk.steps() if r.step.key == key)
    rows = desk.twin.dataverse.store.rows[entity]
    nth = next(n for n, kept in enumerate(rows) if reference in map(str, kept.row.values()))
    said = httpx.post(f"{desk.server.base}/twin/edit",
                      json={"system": "dataverse", "entity": entity, "action": "delete",
                            "nth": nth})  # fmt: skip
    assert said.json() == {"done": "delete"}


def test_a_cancelled_sale_is_told_until_it_is_off_the_draft(desk: Desk) -> None:
    desk.run("send", desk.plan())
    sale, key, document = sale_on_a_draft(desk)
    assert statuses(report(desk))[document] == "same"

    cancel(desk, sale)
    told = report(desk)
    status, before = desk.run("status"), desk.run("reconcile")
    told_again = report(desk)
    remove(desk, key)
    gone = desk.reconciled()
    accepted = desk.run("accept", key, *BECAUSE)

    (entry,) = [a for a in told["actuals"] if a["id"] == sale]
    assert (entry["status"], entry["billing"]["rule"]) == ("held", CODE)
    assert entry["ledger"]["answer"] != "hold"  # its reversal posts beside it
    (change,) = next(d["changes"] for d in told["documents"] if d["name"] == document)
    assert (change["actual"], change["now"]) == (sale, "cancelled")
    assert statuses(told)[document] == "different" == statuses(told_again)[document]
    assert status.code == 1 and f"accept {key[:12]}" in status.out
    assert before.code == 1 and WHY in before.out and "take the row off the draft" in before.out
    assert gone["counts"]["missing"] == 1
    assert accepted.code == 0
    after = report(desk)
    assert statuses(after)[document] == "same"
    assert CODE not in {c for a in after["actuals"] for c in a["findings"]}
    assert desk.run("status").code == 0 and desk.reconciled()["clean"]
    assert desk.run("send", desk.plan()).code == 0
    assert len([r for r in desk.steps() if r.step.key == key]) == 1


def piped(desk: Desk) -> bytes:
    """The actuals of the first environment, as lines of standard input."""
    lines = table(desk, "msdyn_actual").read_bytes().splitlines()
    return b"".join(b'{"table": "msdyn_actual", "row": %s}\n' % line for line in lines)


def parked(desk: Desk) -> list[str]:
    return [row.step.key for row in desk.steps() if row.parked]


@pytest.mark.parametrize("asked", ["rows of standard input", "some days", "another host", "none"])
def test_what_only_might_be_parks_no_row_that_was_sent(desk: Desk, asked: str) -> None:
    desk.run("send", desk.plan())
    sale, _, document = sale_on_a_draft(desk)
    path, (given, more) = table(desk, "msdyn_actual"), (b"", ["--env", "twin"])
    before = path.read_bytes()
    cancel(desk, sale)
    if asked == "rows of standard input":
        given, more = piped(desk), ["--env", "twin"]
        path.write_bytes(before)
    elif asked == "some days":
        more = ["--env", "twin", "--from", "2026-10-01"]
    else:
        elsewhere = re.sub(r'(dataverse|finance) += "[^"]+"', r'\1 = "https://a.example"',
                           desk.overlay) if asked == "another host" else re.sub(
                               r"\[environments\.[\w-]+\.connect\][^\[]*", "", desk.overlay)
        assert elsewhere != desk.overlay
        (desk.folder / "adapter.other.toml").write_text(elsewhere, "utf-8")
        more = ["--env", "other"]
    folder = ["-", "--workspace", desk.folder] if given else [desk.folder]

    told = ran(["plan", *folder, *more, "--format", "json"], given)

    assert told.code == 1, told.err
    assert statuses(json.loads(told.out))[document] == "different"  # the plan itself tells it
    assert parked(desk) == []
    if not given:
        report(desk)
        assert parked(desk)


def test_the_last_row_of_a_draft_is_told_as_well(desk: Desk) -> None:
    desk.run("send", desk.plan())
    sale, _, _ = sale_on_a_draft(desk, beside=0)

    cancel(desk, sale)

    (entry,) = [a for a in report(desk)["actuals"] if a["id"] == sale]
    assert entry["billing"]["rule"] == CODE


def whole_draft(desk: Desk) -> list[StepRow]:
    """The rows of a draft of which every line has details, more than one of them."""
    for batch in dict.fromkeys(r.batch for r in desk.steps() if r.environment == "contoso-us"
                               and r.kind == "proforma"):  # fmt: skip
        rows = [r for r in desk.steps() if r.batch == batch]
        parts = [r.step.part for r in rows]
        if (parts.count("line"), parts.count("detail")) == (1, 3) and all(
            r.step.actual for r in rows if r.step.part == "detail"
        ):
            return rows
    raise AssertionError("no such draft")


def test_a_draft_of_which_every_sale_was_cancelled_is_named_as_a_whole(desk: Desk) -> None:
    desk.run("send", desk.plan())
    rows = whole_draft(desk)
    sales = [row.step.actual for row in rows if row.step.actual]

    for number, sale in enumerate(sales[:-1]):
        cancel(desk, sale, number=number)
    in_part, status = report(desk), desk.run("status")
    cancel(desk, sales[-1], number=9)
    told, text = report(desk), desk.run("plan").out
    whole = desk.run("status")
    beside = desk.run("reconcile")

    assert statuses(in_part)[rows[0].document] == "different"
    assert "every sale on it was cancelled" not in status.out
    (draft,) = [d for d in told["documents"] if d["name"] == rows[0].document]
    assert (draft["status"], draft["lines"], draft["rule"]) == ("different", 0, CODE)
    assert (draft["key"], draft["company"]) == (rows[0].batch, rows[0].step.company)
    assert {c["actual"] for c in draft["changes"]} == set(draft["actuals"]) == set(sales)
    assert f"differs  proforma  {rows[0].document}" in text
    named = f"{rows[0].document}: every sale on it was cancelled: delete it in Dataverse"
    assert named in " ".join(whole.out.split())
    keys = " ".join(row.step.key[:12] for row in rows)
    assert f"accept {keys} --because deleted" in whole.out
    assert "Where nothing is left of a draft, delete it" in " ".join(beside.out.split())

    for row in rows:
        remove(desk, row.step.key, row.step.entity)
    gone = desk.run("reconcile").out
    accepted = desk.run("accept", *keys.split(), *BECAUSE)

    assert "Its sale was cancelled, so it may be gone" in " ".join(gone.split())
    assert accepted.code == 0 and desk.run("status").code == 0
    assert desk.reconciled()["clean"]
    after = report(desk)
    assert rows[0].document not in statuses(after)
    assert CODE not in {c for a in after["actuals"] for c in a["findings"]}


def test_replay_of_a_cancelled_sale_is_told(desk: Desk) -> None:
    desk.run("send", desk.plan())
    sale, key, _ = sale_on_a_draft(desk)
    cancel(desk, sale)
    report(desk)

    assert "it is sent as it was planned" in desk.run("replay", key, *BECAUSE).err


def cancelled_before_it_left(desk: Desk) -> tuple[str, str, str]:
    """A plan that was entered and may leave, a sale that was cancelled since, the key of its row.
    """
    plan = desk.plan()
    desk.run("pause", "all", "--because", "wait")
    desk.run("send", plan)
    sale, key, _ = sale_on_a_draft(desk)
    cancel(desk, sale)
    desk.run("resume", "all", "--because", "go")
    return plan, sale, key


def test_a_row_that_has_not_left_stays_here_and_may_be_withdrawn(desk: Desk) -> None:
    plan, sale, key = cancelled_before_it_left(desk)

    desk.run("send", plan)
    (row,) = [r for r in desk.steps() if r.step.key == key]
    withdrawn = desk.run("withdraw", key, "--because", "cancelled")

    assert (row.state, row.parked) == ("planned", WHY)
    assert withdrawn.code == 0
    (entry,) = [a for a in report(desk)["actuals"] if a["id"] == sale]
    assert (entry["billing"]["answer"], entry["billing"]["rule"]) == ("leave", "RTE510")


def test_what_the_crm_itself_invoiced_was_not_cancelled(desk: Desk) -> None:
    desk.run("send", desk.plan())
    sale, _, _ = sale_on_a_draft(desk)

    cancel(desk, sale, billing=POSTED)

    (entry,) = [a for a in report(desk)["actuals"] if a["id"] == sale]
    assert CODE not in entry["findings"] and entry["billing"]["answer"] == "leave"


def test_before_anything_was_sent_a_cancelled_sale_is_just_left(desk: Desk) -> None:
    desk.run("send", desk.plan())
    sale, _, _ = sale_on_a_draft(desk)
    for path in desk.folder.glob("ledger-twin.db*"):
        path.unlink()

    cancel(desk, sale)

    (entry,) = [a for a in report(desk)["actuals"] if a["id"] == sale]
    assert entry["billing"]["rule"] == "RTE510"
