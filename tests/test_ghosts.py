"""Ghosts: rows of ours that the ledger does not know, on both sides of a twin over a socket."""

import socket
from contextlib import closing
from uuid import NAMESPACE_URL, uuid5

import pytest

from adapter.edge.ledger import open_ledger
from tests.commands import ran
from tests.sending_given import Desk

WHY = ("--because", "the consultant said so")
SETS = {"invoices": "invoiceid", "invoicedetails": "invoicedetailid",
        "msdyn_invoicelinetransactions": "msdyn_invoicelinetransactionid"}  # fmt: skip
SERVER_MADE = "b7d9c3aa-81f6-ef11-8a3c-000d3a6e5f10"  # as Dataverse numbers its own rows


@pytest.fixture
def sent(desk: Desk) -> Desk:
    done = desk.run("send", desk.plan())
    assert done.code == 0, done.out + done.err
    return desk


def of_ours(number: int = 1) -> str:
    """An id as we make them, of a document that no ledger here knows."""
    return str(uuid5(NAMESPACE_URL, f"another plan {number}"))


def ghosts(desk: Desk) -> list[tuple[str, str]]:
    made = desk.reconciled()
    assert made["balanced"]
    found = [(r["entity"], r["key"]) for r in made["rows"] if r["bucket"] == "ghost"]
    assert len(found) == made["counts"]["ghost"]
    assert made["clean"] == (not found)
    return found


@pytest.mark.parametrize("entity", SETS)
def test_a_row_with_an_id_of_ours_that_nobody_sent_is_a_ghost(sent: Desk, entity: str) -> None:
    store = sent.twin.dataverse.store
    row = next(k.row for k in store.rows[entity])
    store.insert(entity, {**row, SETS[entity]: of_ours().upper()})

    shown = sent.run("reconcile")

    assert ghosts(sent) == [(entity, of_ours())]
    assert shown.code == 1 and "there, and nobody sent it" in shown.out


@pytest.mark.parametrize("entity", SETS)
@pytest.mark.parametrize("own", [SERVER_MADE, "4aa44666-6e12-4d34-8964-844f708598ee"])
def test_an_invoice_that_a_person_made_is_none(sent: Desk, entity: str, own: str) -> None:
    sent.twin.dataverse.store.insert(entity, {SETS[entity]: own, "name": "made by hand"})

    assert ghosts(sent) == []


def test_what_was_sent_is_none_also_where_two_environments_are_one_host(sent: Desk) -> None:
    there = sent.twin.dataverse.store
    mine = {r.environment for r in sent.steps() if r.system == "dataverse"}

    assert len(mine) == 2 and len(there.rows["invoices"]) >= 2  # the twin is both of them
    assert ghosts(sent) == []


def test_a_withdrawn_row_is_none(desk: Desk) -> None:
    desk.run("send", desk.plan(), "--first", "1")
    waiting = next(r for r in desk.steps() if r.state == "planned" and r.system == "dataverse")
    row = {**dict(waiting.step.keys), "name": "made at last, by hand"}
    desk.run("withdraw", waiting.step.key, *WHY)
    desk.twin.dataverse.store.insert(waiting.step.entity, row)

    assert [g for g in ghosts(desk) if g[0] == waiting.step.entity] == []


def test_every_page_is_read(sent: Desk) -> None:
    store, sent.twin.dataverse.page = sent.twin.dataverse.store, 3
    for number in range(7):
        store.insert("invoices", {"invoiceid": of_ours(number), "name": "x"})

    assert sorted(ghosts(sent)) == sorted(("invoices", of_ours(n)) for n in range(7))


def test_a_lost_ledger_shows_all_of_it_in_both_systems(sent: Desk) -> None:
    effects = sum(sent.rows.values())
    for path in sent.folder.glob("ledger-twin.db*"):
        path.unlink()

    found = ghosts(sent)

    assert len(found) == effects
    assert {entity for entity, _ in found} >= {*SETS, "ProjAdvancedJournals"}


def test_rows_of_other_companies_are_known_where_one_is_asked_for(sent: Desk) -> None:
    for company in ("USMF", "GBSI", "CAMF"):
        shown = sent.run("reconcile", "--company", company)
        assert shown.code == 0, shown.out


def test_rows_whose_text_was_removed_are_known(sent: Desk) -> None:
    sent.run("settle")
    ledger = open_ledger(str(sent.folder / "ledger-twin.db"))
    removed = ledger.retain(ledger.now() + 1)  # the command takes days that are past
    ledger.close()

    assert removed
    assert ghosts(sent) == []


def test_a_side_that_does_not_answer_is_said_and_is_not_clean(sent: Desk) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        nobody = f"http://127.0.0.1:{free.getsockname()[1]}"
    sent.write(sent.overlay.replace(sent.server.base, nobody))

    shown = sent.run("reconcile")
    told = sent.reconciled()

    assert shown.code == 1 and "Traceback" not in shown.err
    assert not told["clean"] and told["unasked"] == len(sent.steps())
    assert any(word.startswith("invoices of contoso-ca, contoso-us") for word in told["unlooked"])
    assert "not looked for ghosts: invoices" in shown.out


def test_nothing_is_asked_where_nobody_sends(desk: Desk) -> None:
    desk.sends_as("validate-only")
    desk.twin.dataverse.store.insert("invoices", {"invoiceid": of_ours(), "name": "x"})

    done = ran(["reconcile", str(desk.folder), "--env", "twin"])

    assert done.code == 0 and not any("/dataverse" in name for name in desk.twin.requests)


def test_a_proposal_line_of_the_vendor_is_none(sent: Desk) -> None:
    """All columns of its key are Finance's own: every line that people make has them."""
    row = {"InvoiceProposalId": "PRO-000017", "ProjectTransactionId": "000123_068"}
    sent.twin.finance.store.insert("ProjInvoiceProposalHourEntity", row)

    assert ghosts(sent) == []
