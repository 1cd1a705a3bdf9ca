"""G1 to G14 of the domain, end to end: raw rows in, the story out, number for number.

Each life is told in `tests/golden/lives/`; `make golden` rewrites those files, the numbers
here are the domain's own and stay.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from adapter.making.advances import applied_of
from adapter.making.story_parts import Figures, Story
from adapter.making.story_moments import plain
from tests.life import Life
from tests.lives_given import line, on_hand, product, released, stock, there
from tests.test_golden_files import GOLDEN, compare

D = Decimal
NOVEMBER = datetime(2026, 11, 20, 9, tzinfo=UTC)
LATER = datetime(2026, 11, 24, 9, tzinfo=UTC)


class Told:
    """The lives of one golden case, told one after another into its file."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.lives = folder, list[tuple[str, Life]]()

    def life(self, words: str, base: str, **over: object) -> Life:
        made = Life(self.folder / str(len(self.lives)), base, **over)
        self.lives.append((words, made))
        return made

    def text(self, name: str) -> str:
        return "\n".join(f"#### {name}: {words}\n{life.text()}" for words, life in self.lives)


@pytest.fixture
def golden(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Told]:
    told = Told(tmp_path)
    yield told
    name = request.function.__name__.split("_")[1].upper()
    compare(GOLDEN / "lives" / f"{name}.txt", told.text(name))


def figures(story: Story, currency: str = "USD") -> dict[str, str]:
    """What a story sums up, without what is nothing."""
    sums = story.totals[currency]
    names = (*Figures.__struct_fields__, "billed", "margin")
    return {name: plain(getattr(sums, name)) for name in names if getattr(sums, name)}


def used_filters(golden: Told) -> Life:
    """G1 up to the draft: four filters, of ten that were there."""
    life = golden.life("core, used is billed", "core", records={
        "work_order_line": [line(estimate_quantity=D(0))], "product_inventory": [stock("10")]})  # fmt: skip
    life.work()
    assert life.rows_of("estimate") == []  # no estimate
    life.record_usage()
    assert life.stock("submit") == {"mul-wol": []}
    life.journalise()
    assert life.approve() == ["E2"]
    assert life.amounts("C1", "U1") == ["+4.00/+320.00", "+4.00/+500.00"]
    assert life.actual("U1").billing_type == "chargeable"
    life.ready("U1")
    life.plan()
    return life


def test_g01_core_used_is_billed(golden: Told) -> None:
    life = used_filters(golden)
    (page,) = life.documents("proforma").values()
    (details,) = (one["details"] for one in life.lines("proforma"))

    draft = life.draft("INV-1")
    made = life.confirm(draft, at=NOVEMBER)
    plan = life.plan()
    done = life.story()

    assert page["total"] == D("500.00")
    assert [(d["msdyn_quantity"], d["msdyn_price"], d["msdyn_amount"]) for d in details] == [
        ("4.00", "125.00", "500.00")]  # fmt: skip
    assert made == ["U2", "B1"]
    assert life.amounts(*made) == ["-4.00/-500.00", "+4.00/+500.00"]
    assert plan["documents"] == []  # no journal, and nothing is billed twice
    assert figures(done) == {"used": "500", "invoiced": "500", "billed": "500", "cost": "320",
                             "margin": "180"}  # fmt: skip
    assert done.totals["USD"].backlog == 0


HOSE = {"product": "hose", "name": "Hose", "price": "19.99", "cost": "11.25"}


def test_g02_core_used_is_not_billed_with_a_discount(golden: Told) -> None:
    life = golden.life("core, ten used, six billed, 15 percent", "core", records={
        "product": [product("hose")], "product_inventory": [stock("10", "hose")],
        "work_order_line": [line(used="10", quantity_to_bill=D(6), discount_percent=D(15),
                                 **HOSE)]})  # fmt: skip
    life.work()
    life.record_usage()
    life.journalise()
    assert life.approve() == ["E3"]
    cost, paid, rest = (life.actual(n) for n in ("C1", "U1", "U2"))
    life.ready("U1", "U2")
    report = life.plan()
    made = life.confirm(life.draft("INV-1"), at=NOVEMBER)
    done = life.story()
    (page,) = ({t["label"]: D(t["amount"]) for t in d["totals"]} for d in report["documents"])
    (memo,) = (d["memo"] for d in report["documents"])

    assert life.amounts("C1", "U1", "U2") == ["+10.00/+112.50", "+6.00/+119.94", "+4.00/+79.96"]
    assert (paid.discount_amount, paid.amount - paid.discount_amount) == (D("17.99"), D("101.95"))
    assert (rest.billing_type, rest.discount_amount) == ("non-chargeable", None)
    assert paid.amount + rest.amount == D("199.90") == 10 * D("19.99")
    assert cost.amount == D("112.50")
    assert page["total"] == D("101.95")
    assert D(memo["non_chargeable"]) == D("79.96")
    assert len(made) == 4
    assert figures(done) == {
        "used": "169.92", "invoiced": "101.95", "billed": "101.95", "not_charged": "79.96",
        "cost": "112.50", "margin": "-10.55",
    }  # fmt: skip


def discounted(golden: Told, words: str, said: str) -> Life:
    """The variant of G2: a discount amount of 18.00 on the six that are billed."""
    life = golden.life(words, "core", settings={"discount_amounts": said}, records={
        "product": [product("hose")], "product_inventory": [stock("10", "hose")],
        "work_order_line": [line(used="6", discount_amount=D("18.00"), **HOSE)]})  # fmt: skip
    life.work()
    return life


def test_g02b_a_discount_amount_is_refused_or_turned_into_a_percentage(golden: Told) -> None:
    refused = discounted(golden, "a discount amount is refused", "reject")
    turned = discounted(golden, "a discount amount is converted", "convert")
    (blocked,) = (one for one in refused.expected() if one.kind == "usage")
    turned.record_usage()
    turned.journalise()
    turned.approve()
    sale = turned.actual("U1")

    assert (blocked.is_blocked, blocked.rows, blocked.rules) == (True, (), ("R-061",))
    assert (D("18.00") / D("119.94") * 100).quantize(D("0.0001")) == D("15.0075")
    assert (sale.discount_percent, sale.discount_amount) == (D("15.01"), D("18.00"))


def compressors(golden: Told, words: str, *lines: dict[str, object]) -> Life:
    """Serialised stocked compressors of a company with Finance."""
    life = golden.life(words, "integrated", records={
        "product": [product("comp", "uspm", name="Compressor")], "work_order_line": [*lines]},
        finance={"released_product": [released("COMP", "Serial")],
                 "on_hand": [on_hand("COMP", "5")]})  # fmt: skip
    life.work()
    life.record_usage()
    life.stock("submit")
    life.journalise()
    life.approve()
    life.plan()
    return life


def compressor(key: str, used: str = "1", **more: object) -> dict[str, object]:
    return there(key, used, "2400.00", "1650.00", product="comp", name="Compressor", **more)


def test_g03_integrated_a_serialised_part_and_what_it_really_cost(golden: Told) -> None:
    life = compressors(golden, "integrated, line A", compressor("A", serial_number="SN-0001"))
    kept = life.reserved()
    cost, sale = life.lines("journal")
    answers = [life.findings(n) for n in ("C1", "U1")]

    life.title("Finance posts the journal and issues the stock")
    life.post("C1", "USPM-000041", adjustment_value=D("52.35"))
    life.post("U1", "USPM-000042")
    after = life.plan()
    done = life.story()

    assert answers == [[], []]
    assert life.amounts("C1", "U1") == ["+1.00/+1650.00", "+1.00/+2400.00"]
    assert kept == {"C1": D(1)}  # inventory blocking: one piece until the journal posts
    assert (cost["TransactionType"], cost["DocumentType"]) == ("Item", "Usage")
    assert [cost["Quantity"], cost["CostAmount"], cost["SalesAmount"]] == ["1", "1650.00", "0"]
    assert [sale["Quantity"], sale["CostAmount"], sale["SalesAmount"]] == ["1", "0", "2400.00"]
    assert sale["LineProperty"] == "Charge"
    assert life.reserved() == {}
    assert after["documents"] == []
    assert figures(done) == {
        "used": "2400", "backlog": "2400", "cost": "1702.35", "cost_adjusted": "52.35",
        "cost_posted": "1702.35", "margin": "-1702.35",
    }  # fmt: skip


def test_g03b_the_lines_beside_it_are_held(golden: Told) -> None:
    life = compressors(
        golden, "integrated, lines B, C and D",
        compressor("B", "2", serial_number="SN-0002"), compressor("C"),
        compressor("D", serial_number="SN-0003", warehouse=None))  # fmt: skip
    rows = life.rows_behind

    assert [rows(f"C{n}") for n in (1, 2, 3)] == [{"R-099"}, {"R-100"}, {"R-095"}]
    assert [life.answer(f"C{n}").split()[0] for n in (1, 2, 3)] == ["hold"] * 3
    assert life.documents("journal") == {}


FIXED = {"id": "line-fp", "name": "Refit", "contract": "contract", "project": "project",
         "line_type": "project-based", "billing_method": "fixed-price", "includes_time": True,
         "includes_expense": True, "includes_material": True, "included_tasks": "all-tasks",
         "contracted_amount": D("5000.00"), "currency": "usd"}  # fmt: skip
MILESTONE = {"id": "M1", "name": "M1", "contract": "contract", "contract_line": "line-fp",
             "project": "project", "amount": D("5000.00"), "tax": D(0), "currency": "usd",
             "invoice_date": date(2026, 11, 15), "invoice_status": "ready"}  # fmt: skip


def test_g04_integrated_fixed_price_with_a_service(golden: Told) -> None:
    life = golden.life("integrated, fixed price", "integrated", records={
        "contract_line": [{"id": "line-tm", "absent": True}, FIXED],
        "contract_customer": [{"id": "payer", "contract_line": "line-fp"}],
        "project": [{"id": "project", "contract_line": "line-fp"}],
        "product": [product("labour", "uspm", product_type="service", is_stocked=False)],
        "milestone": [MILESTONE],
        "work_order_line": [
            there("part", "3", "200.00", "120.00"),
            there("job", kind="service", product="labour", name="Labour", price="60.00",
                  cost="45.00", duration=90, duration_to_bill=90, quantity=None, warehouse=None,
                  quantity_to_bill=None)]},
        finance={"released_product": [released("LABOUR", storage_group=None)],
                 "on_hand": [on_hand("FILTER", "10")]})  # fmt: skip
    life.work()
    life.record_usage()
    life.journalise()
    assert life.approve() == ["E6", "E6"]
    life.plan()
    journal = life.documents("journal").values()
    lines, proforma = life.lines("journal"), life.documents("proforma").values()
    service, part = (life.actual(n) for n in ("C1", "C2"))
    made = life.confirm(life.draft("INV-1"), at=NOVEMBER)
    life.plan()
    done = life.story("P-0001")

    assert (part.amount, service.quantity, service.amount) == (D(360), D("1.5"), D("67.50"))
    assert service.transaction_class == "material"
    assert [d["cost"] for d in journal] == [D("427.50")]  # Dr Cost, Cr Cost - item: Finance's
    assert {(one["TransactionType"], one["SalesAmount"]) for one in lines} == {("Item", "0")}
    assert [d["total"] for d in proforma] == [D("5000.00")]
    assert life.amounts(*made) == ["+1/+5000.00"]
    assert life.actual("B1").transaction_class == "milestone"
    (on_account,) = life.documents("on-account").values()
    assert on_account["total"] == D("5000.00")
    assert figures(done)["margin"] == "4572.50"
    assert "backlog" not in figures(done)


def grouped(life: Life, unit: str) -> dict[str, tuple[int, Decimal, Decimal]]:
    """Journals of a plan by name: lines, cost, sales."""
    for company in ("USPM", "GBPM"):
        life.parts["companies"][company]["period_unit"] = unit
    life.read()
    report = life.plan()
    totals = life.documents("journal")
    return {d["name"]: (d["lines"], totals[d["name"]]["cost"], totals[d["name"]]["sales"])
            for d in report["documents"]}  # fmt: skip


def test_g05_integrated_journals_by_company_and_period(golden: Told) -> None:
    tenth, next_day = (datetime(2026, 3, d, 15, tzinfo=UTC) for d in (10, 11))
    british = {"work_order": "wo-gb", "product": "valve", "name": "Valve", "currency": "gbp",
               "price_list": "sales-gb", "warehouse": "wh-gb"}  # fmt: skip
    life = golden.life("integrated, two companies", "integrated", records={"work_order_line": [
        there("L1", "5", "40.00", "22.00"), there("L2", "2.5", "64.80", "37.10"),
        there("L3", "12", "7.35", "4.20"), there("L4", "3", "55.00", "30.00", **british)]})
    life.work()
    life.record_usage(at={"L1": tenth, "L2": tenth, "L3": next_day, "L4": tenth})
    life.journalise()
    assert life.approve(at=datetime(2026, 3, 12, 9, tzinfo=UTC)) == ["E2"] * 4
    days, months, all_ = (grouped(life, unit) for unit in ("days", "months", "all"))
    told = [life.amounts(f"C{n}", f"U{n}") for n in range(1, 5)]

    assert told == [
        ["+5.00/+110.00", "+5.00/+200.00"], ["+2.50/+92.75", "+2.50/+162.00"],
        ["+12.00/+50.40", "+12.00/+88.20"], ["+3.00/+90.00", "+3.00/+165.00"],
    ]  # fmt: skip
    assert days == {
        "USPM 2026-03-10 (1)": (4, D("202.75"), D("362.00")),
        "USPM 2026-03-11 (1)": (2, D("50.40"), D("88.20")),
        "GBPM 2026-03-10 (1)": (2, D("90.00"), D("165.00")),
    }
    assert months == {
        "USPM 2026-03 (1)": (6, D("253.15"), D("450.20")),
        "GBPM 2026-03 (1)": (2, D("90.00"), D("165.00")),
    }
    assert list(all_.values()) == list(months.values()) and len(all_) == 2
    assert [figures(life.story(n), c)["cost"] for n, c in (("P-0001", "USD"), ("P-0002", "GBP"))
            ] == ["253.15", "90"]  # fmt: skip
