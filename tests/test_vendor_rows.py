"""Rows of the vendor's own beside those we expect: paired for certain, or named as several."""

import json
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from uuid import NAMESPACE_URL, uuid1, uuid5

import pytest

from adapter.edge.ledger import StepRow
from adapter.making.compared import BIND
from adapter.making.steps import Step
from adapter.making.vendor_rows import above, matched
from adapter.reading.reconcile_table import Way
from tests.clients_given import step
from tests.commands import small_company
from tests.sending_given import Desk

LINES = "ProjAdvancedJournalLineHours"
WAY = Way(mapping="m", set="S", same={"Project": ("ProjId",), "Qty": ("Quantity",)},
          compare={"Amount": ("Cost", "Price")}, where={"Done": "Yes"})  # fmt: skip


def ours(key: str, amount: str, project: str = "P1", side: str = "Cost") -> Step:
    body = json.dumps({"ProjId": project, "Quantity": "1.00", "Cost": "0.00", "Price": "0.00",
                       side: amount})  # fmt: skip
    return step(1, key=key, part="line", body=body)


def theirs(amount: str, project: str = "P1", done: str = "Yes") -> dict[str, object]:
    return {"Project": project, "Qty": Decimal(1), "Amount": Decimal(amount), "Done": done}


@pytest.mark.parametrize(
    ("steps", "rows", "words"),
    [
        ([ours("a", "5.00")], [theirs("5")], "equal"),
        ([ours("a", "5.00", side="Price")], [theirs("5")], "equal"),
        ([ours("a", "5.00")], [theirs("6")], "different"),
        ([ours("a", "5.00")], [theirs("5", project="P2")], "missing"),
        ([ours("a", "5.00")], [theirs("5", done="No")], "missing"),
        ([ours("a", "5.00"), ours("b", "5.00")], [theirs("5"), theirs("5")], "equal equal"),
        ([ours("a", "5.00"), ours("b", "5.00")], [theirs("5")], "several several"),
        ([ours("a", "5.00")], [theirs("5"), theirs("5")], "several"),
        ([ours("a", "5.00"), ours("b", "7.00")], [theirs("7")], "missing equal"),
        ([ours("a", "5.00"), ours("b", "7.00")], [theirs("7"), theirs("8")], "different equal"),
        ([ours("a", "5.00"), ours("b", "7.00")], [theirs("8")], "several several"),
    ],
)
def test_rows_are_paired_only_where_nothing_is_guessed(
    steps: list[Step], rows: list[dict[str, object]], words: str
) -> None:
    made = matched(steps, rows, WAY)

    assert " ".join(made[s.key].word for s in steps) == words


def test_what_differs_is_named_by_their_column() -> None:
    made = matched([ours("a", "5.00")], [theirs("6")], WAY)

    assert [(d.column, d.sent, d.now) for d in made["a"].changed] == [("Amount", "5.00", "6")]


def test_rows_below_that_stand_in_two_documents_name_none() -> None:
    way = Way(mapping="h", set="H", via="in", key="id")
    below = [matched([ours(k, "5.00")], [{**theirs("5"), "in": k}], WAY)[k] for k in "ab"]

    assert above(ours("h", "0"), below, {"a": {}, "b": {}}, way).word == "several"
    assert above(ours("h", "0"), below[:1], {"a": {"id": "a"}}, way).word == "equal"
    assert above(ours("h", "0"), [], {}, way).word == "missing"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with Desk(small_company(tmp_path / "w", 12)) as made:
        made.sends_as("validate-only")
        made.run("send", made.plan())
        yield made


def by_the_vendor(desk: Desk, skip: str = "", odd: str = "", **changes: object) -> int:
    """What dual-write and people make of the same actuals: no id and no column is ours."""
    ids = {row.step.keys[n]: str(uuid1()) for row in desk.steps() if row.system == "dataverse"
           for n in row.step.keys}  # fmt: skip
    count = 0
    desk.twin.finance.store.enforces_keys = False  # its key is a column of ours, here empty
    for row in desk.steps():
        if row.step.key == skip:
            continue
        side = desk.twin.finance if row.system == "finance" else desk.twin.dataverse
        text = row.step.body
        for one, other in ids.items():
            text = text.replace(one, other)
        body = json.loads(text, parse_float=Decimal)
        for column in ("SourceActualId", "SourceKey", "msdyn_sourceactual"):
            body.pop(column, None)
        if row.step.key == odd:
            body |= changes
        side.store.insert(row.step.entity, body)
        count += row.step.part != "header" or row.system == "dataverse"
    return count


def first(desk: Desk, entity: str) -> StepRow:
    return next(r for r in desk.steps() if r.step.entity == entity)


def test_what_the_vendor_made_without_our_keys_is_as_expected(desk: Desk) -> None:
    count = by_the_vendor(desk)

    made, shown = desk.reconciled(), desk.run("reconcile")

    assert made["clean"] and shown.code == 0, shown.out
    assert made["counts"]["equal"] == count == len(desk.steps()) - made["above"]


def test_what_nobody_made_is_missing_and_nothing_says_that_it_can_be_sent(desk: Desk) -> None:
    shown = desk.run("reconcile")

    assert shown.code == 1 and "missing: " in shown.out
    assert shown.out.count("help: ") == 1 and "release" not in shown.out
    assert "replay" not in shown.out and "never this one" in shown.out


def test_a_line_that_the_vendor_changed_is_different(desk: Desk) -> None:
    marks = Counter(says(row) for row in desk.steps() if row.step.entity == LINES)
    alone = next(row for row in desk.steps() if marks[says(row)] == 1)
    twin = next(row for row in desk.steps() if marks[says(row)] > 1)
    by_the_vendor(desk, odd=alone.step.key, LinePropertyId="Odd", skip=twin.step.key)

    made = desk.reconciled()
    several = {r["key"] for r in made["several"]}

    (odd,) = [r for r in made["rows"] if r["bucket"] == "unexplained"]
    assert [d["column"] for d in odd["differences"]] == ["LinePropertyId"]
    assert odd["key"] == alone.step.key and twin.step.key in several  # others say the same
    assert len(several) == marks[says(twin)] and not made["counts"]["missing"]


def says(row: StepRow) -> tuple[object, ...]:
    body = json.loads(row.step.body)
    names = ("ProjId", "TransType", "ProjCategoryId", "Quantity", "PriceCurrency",
             "AccountingDate", "ExtendedCost", "ExtendedPrice")  # fmt: skip
    return tuple(body.get(name) for name in names)


def test_a_proforma_line_that_is_not_there_is_missing(desk: Desk) -> None:
    gone = first(desk, "msdyn_invoicelinetransactions").step.key
    by_the_vendor(desk, skip=gone)

    made = desk.reconciled()

    assert gone in {r["key"] for r in (*made["rows"], *made["several"])} and not made["clean"]


def test_what_was_never_sent_is_not_accepted(desk: Desk) -> None:
    done = desk.run("accept", first(desk, LINES).step.key, "--because", "looks fine")

    assert done.code == 2 and "was never sent" in done.err


def test_a_bind_is_read_under_the_name_of_its_id() -> None:
    id = str(uuid5(NAMESPACE_URL, "x"))
    way = Way(mapping="m", set="S", same={"_c_value": (f"c{BIND}",)})
    one = step(1, key="a", body=json.dumps({f"c{BIND}": f"/accounts({id})"}))

    assert matched([one], [{"_c_value": id.upper()}], way)["a"].word == "equal"
