"""Payloads: documents all the way to the target's shape, and what does not fit it."""

import json
from copy import deepcopy
from decimal import Decimal

import msgspec
import pytest

from adapter.making.billing_schedule import schedule_of
from adapter.making.documents import Document
from adapter.making.outlet import Outlet, make_payload, prepare_outlet, proforma_page
from adapter.making.payload import FINDINGS_MAX, Target, check_payload, document_target
from adapter.reading.mapper import compile_mapping
from adapter.reading.out_mapping import OutMapping
from adapter.reading.shapes import PAYLOAD_SHAPE
from adapter.reading.template import parse_template
from adapter.values.finding import Place
from adapter.values.project_operations import Milestone, Retainer
from tests.making_given import ENVIRONMENT, World, actual
from tests.outlets_given import mappings, schemas, tables, templates

D = Decimal
PLACE = Place("templates/probe.json.j2")
OUTLETS = ("integration-journal", "proforma-line", "invoice-proposal-line", "on-account")
HOSTILE = '","ExtendedPrice":0,"x":"</script>{{ 7 * 7 }}\u202e\u2028\x00'


def outlet(name: str) -> Outlet:
    prepared, found = prepare_outlet(name, mappings(), schemas(), tables(), templates())

    assert prepared is not None, found

    return prepared


def journal(**more: object) -> Document:
    given = [
        actual("a-cost", "cost", "2", "52.35", serial_number="SN-1"),
        actual("a-sales", "unbilled-sales", "2", "75.05", **more),
    ]
    [document] = World().documents(given)
    return document


def proforma(quantity: str = "4") -> Document:
    world = World(
        Milestone(id="m-1", name="Go live", contract="pc", contract_line="cl",
                  invoice_status="ready", amount=D("5000.00"), currency="usd"),
        Retainer(id="r-1", name="Advance", contract="pc", contract_customer="pay",
                 amount=D("100.00"), is_invoiced=True, used_amount=D("0"), currency="usd"),
    )  # fmt: skip
    lines = [
        world.line(actual("u-1", "unbilled-sales", quantity, "125.00"), "proforma-line"),
        world.line(actual("u-2", "unbilled-sales", "2", "10.00", billing_type="non-chargeable"),
                   "proforma-line"),
        world.line(actual("u-3", "unbilled-sales", "1", "7.50", billing_type="complimentary",
                          description="Filter <b>"), "proforma-line"),
        *(line for s in schedule_of(world.books, ENVIRONMENT) for line in s.lines),
    ]  # fmt: skip
    [document] = world.assembled(lines)
    return document


@pytest.mark.parametrize("name", OUTLETS)
def test_the_shipped_mappings_and_templates_belong_together(name: str) -> None:
    assert outlet(name).mapping.template in templates()


def test_a_journal_becomes_a_payload_that_fits_finance() -> None:
    made, found = make_payload(outlet("integration-journal"), journal())

    assert found == ()
    assert made is not None
    header, lines = made.payload["header"], made.payload["lines"]
    assert header["dataAreaId"] == "USPM"
    assert [line["SourceActualId"] for line in lines] == ["a-cost", "a-sales"]
    assert [str(line["ExtendedPrice"]) for line in lines] == ["0.00", "150.10"]
    assert '"ExtendedPrice":150.10,' in made.text
    assert lines[0]["InventSerialId"] == "SN-1"
    assert lines[0]["TransType"] == "Item"


def test_sums_of_the_payload_are_the_sums_of_the_document() -> None:
    document = journal()
    made, _ = make_payload(outlet("integration-journal"), document)
    assert made is not None

    cost = sum(D(line["ExtendedCost"]) for line in made.payload["lines"])
    sales = sum(D(line["ExtendedPrice"]) for line in made.payload["lines"])
    assert (cost, sales) == (document.total("cost"), document.total("sales"))


def test_a_proforma_becomes_an_invoice_with_lines_and_details() -> None:
    document = proforma()
    made, found = make_payload(outlet("proforma-line"), document)

    assert [f for f in found if f.level == "error"] == []
    assert made is not None
    header, lines = made.payload["header"], made.payload["lines"]
    assert header["customerid_account@odata.bind"] == "/accounts(acc)"
    assert header["transactioncurrencyid@odata.bind"] == "/transactioncurrencies(usd)"
    assert {d["msdyn_documentdate"] for d in lines[0]["details"]} == {"2026-03-10", "2026-03-31"}
    assert len({line["invoicedetailid"] for line in lines}) == len(lines) == 2
    details = lines[0]["details"]
    assert {d["msdyn_sourceactual"] for d in details} == {"u-1", "u-2", "u-3", "m-1"}
    assert [D(line["extendedamount"]) for line in lines] == [D("5500.00"), D("-100.00")]
    assert all(
        d["msdyn_invoicelineid@odata.bind"] == f"/invoicedetails({lines[0]['invoicedetailid']})"
        for d in details
    )


def test_the_same_document_gives_the_same_payload() -> None:
    first, _ = make_payload(outlet("proforma-line"), proforma())
    again, _ = make_payload(outlet("proforma-line"), proforma())

    assert first is not None and again is not None
    assert first.text == again.text


def test_hostile_text_changes_nothing_but_itself() -> None:
    plain, _ = make_payload(outlet("integration-journal"), journal(description="x"))
    made, _ = make_payload(outlet("integration-journal"), journal(description=HOSTILE))

    assert made is not None and plain is not None
    expected = deepcopy(plain.payload)
    shown = made.payload["lines"][1]["Text"]
    expected["lines"][1]["Text"] = shown
    assert made.payload == expected
    assert shown == HOSTILE.replace("\u2028\x00", "")
    assert json.loads(made.text)["lines"][1]["Text"] == shown


def test_a_template_that_leaves_a_line_out_does_not_keep_the_sum() -> None:
    text = '{"header": {{ header.fields | json }}, "lines": [{% for line in lines %}' \
           '{% if loop.first %}{{ line.fields | json }}{% endif %}{% endfor %}]}'
    template, _ = parse_template("templates/short.json.j2", text, "json", PAYLOAD_SHAPE)
    assert template is not None
    short = msgspec.structs.replace(outlet("integration-journal"), template=template)

    _, found = make_payload(short, journal())

    assert [f.code for f in found] == ["MAP530", "MAP530"]
    assert dict(found[1].values) == {"in": "150.10", "out": "0.00"}


def test_a_quantity_that_is_rounded_does_not_keep_the_sum() -> None:
    _, found = make_payload(outlet("proforma-line"), proforma("1.005"))

    assert [(f.code, f.level) for f in found] == [("MAP521", "warning"), ("MAP530", "error")]


def test_two_lines_of_one_actual_are_the_same_row() -> None:
    document = journal()
    document.lines[1]["source"] = "a-cost"

    _, found = make_payload(outlet("integration-journal"), document)

    assert [f.code for f in found] == ["MAP531"]


def test_an_empty_required_field_holds_its_record() -> None:
    document = journal()
    document.lines[1]["category"] = None
    _, found = make_payload(outlet("integration-journal"), document)

    assert [(f.code, f.record) for f in found] == [("MAP501", "a-sales")]


def journal_payload() -> dict[str, object]:
    made, _ = make_payload(outlet("integration-journal"), journal())
    assert made is not None
    payload: dict[str, object] = made.payload
    return payload


MISFITS: list[tuple[tuple[str | int, ...], object]] = [
    (("lines", 0, "Quantity"), "2.00"),
    (("lines", 0, "Quantity"), D("NaN")),
    (("lines", 0, "Quantity"), True),
    (("lines", 0, "Quantity"), 10**30),
    (("lines", 0, "Quantity"), None),
    (("lines", 0, "ProjId"), 7),
    (("lines", 0, "ProjId"), "P" * 21),
    (("lines", 0, "ProjId"), {"a": 1}),
    (("lines", 0, "TransType"), "Material"),
    (("lines", 0, "AccountingDate"), "2026-11-14"),
    (("lines", 0, "AccountingDate"), "2026-13-14T12:00:00Z"),
    (("lines", 0, "AccountingDate"), "2026-11-14T12:00:00"),
    (("lines", 0, "Amount"), 1),
    (("lines", 0), "line"),
    (("lines",), {}),
    (("lines",), None),
    (("rows",), []),
    (("header",), []),
    (("header", "PeriodStartDate"), "soon"),
]


@pytest.mark.parametrize(("path", "value"), MISFITS)
def test_what_the_target_does_not_take_is_found(path: tuple[str, ...], value: object) -> None:
    payload = journal_payload()
    part = payload
    for key in path[:-1]:
        part = part[key]  # type: ignore[assignment]
    part[path[-1]] = value

    found = check_payload(payload, outlet("integration-journal").target, PLACE)

    assert {f.code for f in found} == {"TPL604"}
    assert str(path[-1]) in found[0].message


@pytest.mark.parametrize("path", [("lines", "ProjId"), ("header", "dataAreaId")])
def test_a_required_name_that_a_template_leaves_out_is_found(path: tuple[str, str]) -> None:
    payload = journal_payload()
    part = payload[path[0]]
    del (part[0] if isinstance(part, list) else part)[path[1]]  # type: ignore[attr-defined]

    [found] = check_payload(payload, outlet("integration-journal").target, PLACE)

    assert "is missing" in found.message and path[1] in found.message


@pytest.mark.parametrize("payload", [None, [], "x", 7, {}])
def test_a_payload_of_another_shape_is_found(payload: object) -> None:
    found = check_payload(payload, outlet("integration-journal").target, PLACE)

    assert found and {f.code for f in found} == {"TPL604"}


def test_a_template_that_is_wrong_on_every_line_gives_a_bounded_list() -> None:
    payload = journal_payload()
    payload["lines"] = [{"Nope": at} for at in range(1000)]

    found = check_payload(payload, outlet("integration-journal").target, PLACE)

    assert len(found) == FINDINGS_MAX


def test_an_option_of_dataverse_is_a_whole_number() -> None:
    made, _ = make_payload(outlet("proforma-line"), proforma())
    assert made is not None
    made.payload["header"]["msdyn_ordertype"] = 5

    [found] = check_payload(made.payload, outlet("proforma-line").target, PLACE)

    assert "none of its options" in found.message


@pytest.mark.parametrize("value", ["/accounts(a)/x", "accounts(a)", "/accounts()", "//evil(a)",
                                   "/accounts(a='b'c')", 5])  # fmt: skip
def test_a_reference_that_leads_elsewhere_is_found(value: object) -> None:
    made, _ = make_payload(outlet("proforma-line"), proforma())
    assert made is not None
    made.payload["header"]["customerid_account@odata.bind"] = value

    [found] = check_payload(made.payload, outlet("proforma-line").target, PLACE)

    assert "customerid_account@odata.bind" in found.message


ABSENT = ["integration-jurnal", "proforma", ""]


@pytest.mark.parametrize("name", ABSENT)
def test_an_outlet_without_its_parts_is_refused(name: str) -> None:
    prepared, found = prepare_outlet(name, mappings(), schemas(), tables(), templates())

    assert prepared is None
    assert {f.code for f in found} == {"MAP512"}


def test_an_outlet_without_its_template_names_the_nearest_one() -> None:
    prepared, found = prepare_outlet(
        "on-account", mappings(), schemas(), tables(), {"on-acount.json.j2": None}  # type: ignore[dict-item]
    )

    assert prepared is None
    assert found[0].help == "did you mean `on-acount.json.j2`?"


def test_a_document_target_needs_the_mappings_that_it_names() -> None:
    with pytest.raises(KeyError):
        document_target(mappings()["proforma-line"], {}, schemas())


def test_the_page_of_a_proforma_shows_groups_totals_and_escaped_text() -> None:
    page, found = proforma_page(templates()["proforma.html.j2"], proforma())

    assert found == ()
    assert page is not None
    for word in ("Adatum", "PC-0007", "Chargeable", "Non-chargeable", "Complimentary", "5,400.00",
                 "Retainer Advance", "milestone", "Filter &lt;b&gt;", "@page"):  # fmt: skip
        assert word in page, word
    assert "<b>\n" not in page and "http" not in page and "<script" not in page


def test_each_shipped_mapping_survives_a_line_without_values() -> None:
    for mapping in mappings().values():
        assert isinstance(mapping, OutMapping)
        row, found = compile_mapping(mapping, schemas(), tables())({})
        empty = [name for name, value in row.items() if value is None]
        assert len(found) == len(empty) > 0


def test_a_target_without_slots_takes_no_names() -> None:
    [found] = check_payload({"a": 1}, Target("nothing", {}), PLACE)

    assert "`a` is not known to nothing" in found.message
