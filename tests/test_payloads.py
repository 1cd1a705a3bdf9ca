"""From documents to payloads with the shipped mappings, templates and schema."""

from decimal import Decimal
from typing import Any

import pytest
from msgspec import Struct
from msgspec.structs import replace

from adapter.making.documents import Document
from adapter.making.outlet import proforma_page
from adapter.making.payloads import Renderer
from adapter.reading.settings import Settings
from adapter.values.project_operations import Invoice, Retainer
from tests.making_given import World, actual
from tests.outlets_given import mappings, schemas, tables, templates

D = Decimal
GUID = "5f2c8a10-0000-4000-8000-00000000000"


class OutwardGiven(Struct):
    settings: Settings
    mappings: dict[str, Any]
    templates: dict[str, Any]
    schemas: dict[str, Any]
    tables: dict[str, Any]


def renderer(**said: Any) -> Renderer:
    parts = {"mappings": mappings(), "templates": templates(), "schemas": schemas(),
             "tables": tables(), "settings": World().settings, **said}  # fmt: skip
    return Renderer(OutwardGiven(**parts))


WORLD = World(
    Invoice(id="inv", number="INV-1", contract="pc", invoice_status="confirmed"),
    Retainer(id="r", name="Advance", contract="pc", contract_customer="pay", amount=D(1000),
             is_invoiced=True, currency="usd"),
)  # fmt: skip
SENT = {
    "journal": ("journal-line", "cost"),
    "proforma": ("proforma-line", "unbilled-sales"),
    "invoice-proposal": ("invoice-proposal-line", "billed-sales"),
    "on-account": ("on-account", "billed-sales"),
}


def document(kind: str, **more: Any) -> Document:
    sent, type_ = SENT[kind]
    said = {"invoice": "inv"} if type_ == "billed-sales" else {}
    if kind == "on-account":
        said["transaction_class"] = "milestone"
    one = actual(GUID + "1", type_, "4", "125.00", **said, **more)
    [found] = WORLD.documents([one], sent)
    return replace(found, mapping="")


@pytest.mark.parametrize("kind", SENT)
def test_every_kind_of_document_becomes_a_payload_that_its_target_takes(kind):
    planned, findings = renderer().render(document(kind))

    assert [f.message for f in findings if f.level == "error"] == []
    assert planned.status == "new"
    assert planned.payload["lines"]
    assert len(planned.digest) == 16


def test_money_is_exact_in_the_payload():
    planned, _ = renderer().render(document("journal"))
    [line] = planned.payload["lines"]

    assert line["ExtendedCost"] == D("500.00")
    assert line["SourceActualId"] == GUID + "1"


def test_the_same_document_has_the_same_digest_and_another_amount_another():
    first, _ = renderer().render(document("journal"))
    again, _ = renderer().render(document("journal"))
    other, _ = renderer().render(document("journal", amount=D("500.01")))

    assert first.digest == again.digest
    assert first.key == other.key
    assert first.digest != other.digest


def test_a_document_without_mapping_or_template_is_held():
    [unmapped] = [replace(document("journal"), mapping="integration-jurnal")]
    untemplated = renderer(templates={})

    for found in (renderer().render(unmapped), untemplated.render(document("journal"))):
        planned, findings = found
        assert (planned.status, [f.code for f in findings]) == ("held", ["MAP512"])
        assert planned.payload is None


def test_a_required_field_that_is_empty_holds_the_document():
    broken = document("journal")
    broken.lines[0]["project"] = None

    planned, findings = renderer().render(broken)

    assert "MAP501" in {f.code for f in findings}
    assert planned.status == "held"


def test_a_finding_of_the_document_travels_with_it():
    from adapter.making.documents import finding_of

    faulty = replace(document("journal"), findings=(finding_of("JNL701", "a", "m", "h"),))

    planned, findings = renderer().render(faulty)

    assert (planned.status, planned.findings) == ("held", ["JNL701"])
    assert [f.code for f in findings] == ["JNL701"]


def test_a_proforma_can_be_printed():
    page, findings = proforma_page(templates()["proforma.html.j2"], document("proforma"))

    assert findings == ()
    assert page is not None
    assert "PC-0007" in page
