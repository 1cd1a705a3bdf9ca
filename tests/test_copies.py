"""Copies that a person makes of our drafts: seen by `reconcile` and `pull`, never touched."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.commands import small_company
from tests.sending_given import Desk

DETAILS, LINES, HEADERS = "msdyn_invoicelinetransactions", "invoicedetails", "invoices"
JOURNALS, JOURNAL_LINES = "ProjAdvancedJournals", "ProjAdvancedJournalLineHours"
IDS = {HEADERS: "invoiceid", LINES: "invoicedetailid", DETAILS: "msdyn_invoicelinetransactionid"}
UP = {LINES: {"invoiceid": HEADERS}, DETAILS: {"msdyn_invoice": HEADERS,
                                                "msdyn_invoicelineid": LINES}}  # fmt: skip
THEIRS = "b7d9c3aa-81f6-4f11-8a3c-{:012d}"  # ids as Dataverse gives them


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with Desk(small_company(tmp_path / "w", 12)) as made:
        done = made.run("send", made.plan())
        assert done.code == 0, done.out + done.err
        yield made


def our_detail(desk: Desk) -> Any:
    """The first detail that we sent; those that people made hang on no line of ours."""
    kept = desk.twin.dataverse.store.rows[DETAILS]
    return next(k for k in kept if "msdyn_invoicelineid@odata.bind" in k.row)


def copied(desk: Desk, **changes: object) -> dict[str, dict[str, Any]]:
    """A person's copy of the first proforma that has one line: all three rows, by set."""
    store = desk.twin.dataverse.store
    detail = our_detail(desk).row
    line_id = str(detail["msdyn_invoicelineid@odata.bind"]).partition("(")[2].rstrip(")")
    line = next(k.row for k in store.rows[LINES] if k.row[IDS[LINES]] == line_id)
    head_id = str(line["invoiceid@odata.bind"]).partition("(")[2].rstrip(")")
    head = next(k.row for k in store.rows[HEADERS] if k.row[IDS[HEADERS]] == head_id)
    made: dict[str, dict[str, Any]] = {}
    for number, (entity, row) in enumerate({HEADERS: head, LINES: line, DETAILS: detail}.items()):
        fresh = {**row, IDS[entity]: THEIRS.format(number)}
        for column, above in UP.get(entity, {}).items():
            fresh[f"{column}@odata.bind"] = f"/{above}({made[above][IDS[above]]})"
        made[entity] = {**fresh, **({"name": "Copy of it"} if entity == HEADERS else {})}
        made[entity] |= changes if entity == DETAILS else {}
        store.insert(entity, made[entity])
    return made


def suspected(desk: Desk) -> dict[str, dict[str, Any]]:
    made = desk.reconciled()
    assert made["balanced"] and not made["unlooked"]
    assert made["counts"]["ghost"] == 0
    return {r["entity"]: r for r in made["rows"] if r["bucket"] == "duplicate"}


@pytest.mark.parametrize(
    "changes", [{}, {"msdyn_sourceactual": None}, {"msdyn_amount": 1, "msdyn_description": "x"}],
    ids=["as it is", "without our trace", "with another amount"],
)  # fmt: skip
def test_a_copied_proforma_is_suspected_with_all_its_rows(
    desk: Desk, changes: dict[str, object]
) -> None:
    copied(desk, **changes)

    found = suspected(desk)
    shown = desk.run("reconcile")

    assert {e: r["key"] for e, r in found.items()} == {
        e: THEIRS.format(n) for n, e in enumerate((HEADERS, LINES, DETAILS))
    }
    assert found[DETAILS]["amount"] and found[HEADERS]["amount"] == ""
    assert "suspected copy: rows below it" in found[HEADERS]["why"]
    assert shown.code == 1 and "or suspected to be" in shown.out


def test_nothing_is_merged_or_deleted_and_a_person_may_say_that_it_is_none(desk: Desk) -> None:
    copied(desk)
    rows = {e: len(desk.twin.dataverse.store.rows[e]) for e in IDS}
    shipped = (Path(__file__).parents[1] / "mappings/tables/reconcile.toml").read_text("utf-8")
    known = "".join(f'\n[[known]]\nkey = "{THEIRS.format(n).upper()}"\nwhy = "a second visit"\n'
                    for n in range(3))  # fmt: skip
    place = desk.folder / "mappings" / "tables" / "reconcile.toml"

    before = desk.run("reconcile")
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(shipped + known, "utf-8")
    after = desk.run("reconcile")

    assert before.code == 1 and after.code == 0, after.out
    assert "3  like ours, and known to a person" in after.out
    assert {e: len(desk.twin.dataverse.store.rows[e]) for e in IDS} == rows


def test_the_copy_of_a_row_that_is_gone_says_so(desk: Desk) -> None:
    store = desk.twin.dataverse.store
    copied(desk)
    store.remove(DETAILS, our_detail(desk))

    found = suspected(desk)

    assert "that row is not there: sent again, both would be" in found[DETAILS]["why"]


def test_what_a_person_makes_anew_is_none(desk: Desk) -> None:
    store = desk.twin.dataverse.store
    for number, entity in enumerate(IDS):
        row = store.rows[entity][0].row
        other = {"msdyn_sourceactual": "4711", "msdyn_amount": 4711, "name": "Mine", "tax": 47}
        fresh = {n: other.get(n, v) for n, v in row.items() if "bind" not in n}
        store.insert(entity, {**fresh, IDS[entity]: THEIRS.format(number)})

    assert suspected(desk) == {} and desk.run("reconcile").code == 0


@pytest.mark.parametrize("trace", ["same", "emptied"])
def test_a_journal_that_was_copied_in_finance_is_suspected(tmp_path: Path, trace: str) -> None:
    with Desk(small_company(tmp_path / "w", 12), keys=False) as desk:
        desk.run("send", desk.plan())
        store = desk.twin.finance.store
        lines = [dict(k.row) for k in store.rows[JOURNAL_LINES]]
        number = lines[0]["ProjAdvancedJournal"]
        head = next(k.row for k in store.rows[JOURNALS]
                    if k.row["ProjAdvancedJournalId"] == number)  # fmt: skip
        store.insert(JOURNALS, {**head, "SourceKey": "", "ProjAdvancedJournalId": "COPY-1"})
        key = {} if trace == "same" else {"SourceActualId": ""}
        mine = [row for row in lines if row["ProjAdvancedJournal"] == number]
        for row in mine:
            store.insert(JOURNAL_LINES, {**row, "ProjAdvancedJournal": "COPY-1", **key})

        made = desk.reconciled()

        rows = [r for r in made["rows"] if r["bucket"] == "duplicate"]
        heads = [r for r in rows if r["entity"] == JOURNALS]
        assert made["balanced"] and made["counts"]["ghost"] == 0
        assert len(rows) - len(heads) == len(mine)
        assert {r["amount"] for r in rows if r["entity"] == JOURNAL_LINES} <= {
            s.step.amount for s in desk.steps()
        }
        if trace == "emptied":
            company = head["dataAreaId"]
            assert [h["key"].split(" ")[:2] for h in heads] == [[company, "(no"]]


def test_pull_says_that_rows_look_like_copies(desk: Desk) -> None:
    first = desk.run("pull")
    copied(desk)

    second = desk.run("pull")
    third = desk.run("pull")

    assert first.code == 0, first.out + first.err
    assert second.code == 1
    assert "1 look like copies of rows that were sent" in second.out
    assert " reconcile " in second.out
    assert third.code == 0  # told once; reconcile goes on telling


def test_a_column_of_ours_that_is_not_there_is_said(desk: Desk) -> None:
    real = desk.twin.dataverse._list

    def without(asked: Any, entity: str) -> Any:
        if entity == DETAILS and "msdyn_sourceactual" in asked.query.get("$select", ""):
            return desk.twin.dataverse.batch(asked)
        return real(asked, entity)

    desk.twin.dataverse._list = without  # type: ignore[method-assign]

    made = desk.reconciled()

    assert not made["clean"] and made["counts"]["equal"] == len(desk.steps())
    assert any("copies of our rows" in word for word in made["unlooked"])
