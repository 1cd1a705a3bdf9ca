"""The fee of a sale: a journal line of its own, a field of the proforma, facts about both."""

from decimal import Decimal

import pytest

from adapter.making.fee_lines import SOURCE_END
from adapter.making.outlet import make_payload, prepare_outlet
from adapter.making.steps import consign
from adapter.making.verdict_parts import digest_of
from adapter.values.actuals import Connection
from adapter.values.finance import DualWriteMap, LegalEntity, ProjectCategory
from tests.facts_given import dossier, value
from tests.making_given import World, actual, company, settings
from tests.outlets_given import mappings, schemas, tables, templates

D = Decimal
FINANCE = (
    LegalEntity(id="USPM", code="USPM", currency="USD", default_item_category="ITEM",
                default_fee_category="FEE", item_tax_group_from="item"),
    ProjectCategory(id="USPM|FEE", company="USPM", name="FEE", transaction_type="fee",
                    item_tax_group="SRV"),
)  # fmt: skip
SALE = actual("u", "unbilled-sales", "2", "50.00", fee_amount=D("4.00"), serial_number="SN-1")


def world(*records: object, **said: object) -> World:
    return World(*records, finance=FINANCE, **said)


def outlet(name: str):
    prepared, found = prepare_outlet(name, mappings(), schemas(), tables(), templates())
    assert prepared is not None, found
    return prepared


def test_a_fee_stands_beside_its_sale_and_the_sale_keeps_its_own_amount():
    lined = world().line(SALE)
    [fee] = lined.beside

    assert (lined.line.transaction_type, lined.line.sales_amount) == ("item", D("100.00"))
    assert (fee.transaction_type, fee.category, fee.side) == ("fee", "FEE", "sales")
    assert (fee.quantity, fee.sales_price, fee.sales_amount) == (1, D("4.00"), D("4.00"))
    assert (fee.actual, fee.related_actual, fee.accounting_date) == (
        "u", "u", lined.line.accounting_date,
    )  # fmt: skip
    assert (fee.item_number, fee.serial_number, fee.warehouse, fee.unit) == (None,) * 4
    assert (lined.line.item_tax_group, fee.item_tax_group) == ("ITM", "SRV")
    assert fee.key != lined.line.key


@pytest.mark.parametrize(
    ("given", "fee"),
    [
        ({"fee_amount": None}, None),
        ({"fee_amount": D(0)}, None),
        ({"billing_type": "non-chargeable"}, None),
        ({"quantity": D(-2), "amount": D("-100.00"), "fee_amount": D("-4.00")}, "-4.00"),
        ({"quantity": D(-2), "amount": D("-100.00")}, "-4.00"),
    ],
)
def test_only_a_charged_fee_has_a_line_and_a_reversal_takes_it_back(given, fee):
    said = {"fee_amount": D("4.00"), **given}
    one = actual("u", "unbilled-sales", str(said.pop("quantity", 2)), "50.00", **said)
    beside = world().line(one).beside

    assert [str(line.sales_amount) for line in beside] == ([] if fee is None else [fee])
    assert all(line.quantity * line.sales_price == line.sales_amount for line in beside)


def test_cost_has_no_fee():
    assert world().line(actual("c", "cost", "2", "10.00", fee_amount=D("4.00"))).beside == ()


def test_the_fee_has_the_rate_of_its_sale():
    [fee] = world().line(actual("u", "unbilled-sales", "1", "10.00", currency="gbp",
                                fee_amount=D("4.00"))).beside  # fmt: skip

    assert (fee.exchange_rate, fee.accounting_amount) == (D(130), D("5.20"))


def test_a_journal_keeps_fees_apart_and_never_parts_one_from_its_sale():
    said = settings(USPM=company("USPM", lines_per_header=3, period_unit="months"))
    sales = [actual(f"u{i}", "unbilled-sales", "1", "10.00", fee_amount=D("1.50"))
             for i in range(3)]  # fmt: skip

    documents = world(settings=said).documents(sales)

    assert [[row["source"] for row in d.lines] for d in documents] == [
        [f"u{i}", f"u{i}{SOURCE_END}"] for i in range(3)
    ]
    first = documents[0]
    assert (first.actuals, first.total("sales")) == (("u0",), D("11.50"))
    assert [(k.type, k.klass, k.given, k.found) for k in first.keeps] == [
        ("fee", "material", D("1.50"), D("1.50")),
        ("unbilled-sales", "material", D("10.00"), D("10.00")),
    ]
    assert first.findings == ()


def test_the_payload_has_a_row_for_each_with_a_reference_of_its_own():
    [document] = world().documents([SALE])

    rendered, found = make_payload(outlet("integration-journal"), document)

    assert found == () and rendered is not None
    rows = rendered.payload["lines"]
    assert [(r["SourceActualId"], r["TransType"], r["ExtendedPrice"]) for r in rows] == [
        ("u", "Item", D("100.00")), ("u-fee", "Revenue", D("4.00")),
    ]  # fmt: skip
    steps = consign(document, rendered.payload, outlet("integration-journal"), "odata", {}).steps
    assert [s.keys.get("SourceActualId") for s in steps] == [None, "u", "u-fee"]
    assert [(s.actual, s.amount) for s in steps[1:]] == [("u", "100.00"), ("u", "4.00")]


def test_another_fee_is_another_line_and_no_fee_is_what_was_sent_before():
    plain = actual("u", "unbilled-sales", "2", "50.00")
    digests = {digest_of(world().line(one)) for one in (
        plain, SALE, actual("u", "unbilled-sales", "2", "50.00", fee_amount=D("4.10")),
    )}  # fmt: skip

    assert len(digests) == 3
    assert digest_of(world().line(plain)) == digest_of(
        world().line(actual("u", "unbilled-sales", "2", "50.00", fee_amount=D(0)))
    )


def test_a_proforma_shows_discount_and_fee_in_fields_of_their_own_where_there_is_one():
    given = [actual("a", "unbilled-sales", "1", "10.00", fee_amount=D("1.50"),
                    discount_amount=D("0.50")),
             actual("b", "unbilled-sales", "1", "10.00")]  # fmt: skip
    [document] = world().documents(given, "proforma-line")

    rendered, found = make_payload(outlet("proforma-line"), document)

    assert found == () and rendered is not None
    [line] = rendered.payload["lines"]
    assert [(d.get("msdyn_discountamount"), d.get("msdyn_feeamount")) for d in line["details"]] == [
        (D("0.50"), D("1.50")), (None, None),
    ]  # fmt: skip
    assert (document.total("fee"), document.total("total")) == (D("1.50"), D("21.00"))


def link(billed: str, unbilled: str) -> Connection:
    return Connection(id="l", first=billed, first_role="Billed Sales", second=unbilled,
                      second_role="Unbilled Sales")  # fmt: skip


@pytest.mark.parametrize(
    ("behind", "fee", "posted", "carried"),
    [
        ({"fee_amount": D("4.00")}, D("4.00"), False, D("4.00")),
        ({"fee_amount": D("4.00"), "voucher": "V-1"}, D("4.00"), True, D("4.00")),
        ({"voucher": "V-1"}, D("4.00"), True, D(0)),
        ({"voucher": "V-1"}, None, None, D(0)),
    ],
)
def test_a_billed_fee_asks_for_the_unbilled_sales_behind_it(behind, fee, posted, carried):
    unbilled = actual("u", "unbilled-sales", "2", "50.00", **behind)
    billed = actual("b", "billed-sales", "2", "50.00", fee_amount=fee)
    d = dossier(world(unbilled, link("b", "u")), billed)

    assert value(d, "fee.is_posted") is posted
    assert value(d, "fee.behind") == carried


def test_an_unbilled_sale_asks_for_nothing_behind_it():
    d = dossier(world(), SALE)

    assert (value(d, "fee.is_posted"), value(d, "fee.behind")) == (None, None)
    assert value(d, "fee.amount") == D("4.00")


@pytest.mark.parametrize(
    ("finance", "category", "found"), [(FINANCE, "FEE", True), (FINANCE[:1], "FEE", False),
                                       ((), None, False)]
)  # fmt: skip
def test_the_category_of_fees_is_the_companys_default(finance, category, found):
    d = dossier(World(finance=finance), SALE)

    assert (value(d, "fee.category"), value(d, "fee.category_in_finance")) == (category, found)


def test_the_version_of_the_map_of_actuals():
    row = DualWriteMap(id="m", table="msdyn_actuals", state="running", version="1.0.0.21")

    assert value(dossier(world(row), SALE), "dual_write.actuals_version") == (1, 0, 0, 21)
    assert value(dossier(world(), SALE), "dual_write.actuals_version") is None
