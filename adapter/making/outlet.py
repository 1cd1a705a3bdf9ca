"""From a document to its payload: mapped row by row, shaped by a template, checked.

An outlet is prepared once for each mapping that a rule names, and used for every document.
"""

from collections.abc import Mapping

from msgspec import Struct

from adapter.making.documents import Document, business_key
from adapter.making.payload import (
    DETAILS,
    LINES,
    Target,
    check_payload,
    check_rows,
    document_target,
)
from adapter.reading.document_facts import DOCUMENT
from adapter.reading.mapper import Apply, Parts, compile_mapping, payload_names
from adapter.reading.out_mapping import OutMapping
from adapter.reading.schema import SchemaTable, nearest
from adapter.reading.steps import Table
from adapter.reading.template import Rendered, Template, render_html, render_json
from adapter.values.finding import Finding, Place, has_errors, shown

_TOTALS = frozenset(name for name, kind, _ in DOCUMENT if kind == "number")
GROUPS: Mapping[str, str] = {
    "chargeable": "Chargeable",
    "non-chargeable": "Non-chargeable",
    "complimentary": "Complimentary",
    "not-available": "Not available",
}


class Outlet(Struct, frozen=True, kw_only=True):
    """Everything that turns documents of one mapping into payloads."""

    mapping: OutMapping
    header: Apply
    line: Apply
    detail: Apply | None
    template: Template
    target: Target
    header_mapping: OutMapping | None = None
    header_set: str = ""  # entity sets of the other side
    line_set: str = ""
    detail_set: str = ""
    details: OutMapping | None = None
    names: Mapping[str, str] = {}  # the payload's name of each field of the lines
    detail_names: Mapping[str, str] = {}


def prepare_outlet(
    name: str,
    mappings: Mapping[str, OutMapping],
    schemas: Mapping[str, SchemaTable],
    tables: Mapping[str, Table],
    templates: Mapping[str, Template],
) -> tuple[Outlet | None, tuple[Finding, ...]]:
    """The outlet of a line mapping; MAP512 names what it needs and does not find."""
    mapping = mappings.get(name)
    if mapping is None:
        return None, (_absent("mapping", name, mappings, Place("mappings")),)
    found = [
        _absent("mapping", other, mappings, mapping.place)
        for other in (mapping.header or "(header)", *([mapping.details] if mapping.details else []))
        if other not in mappings
    ]
    if mapping.template not in templates:
        found.append(_absent("template", mapping.template, templates, mapping.place))
    if mapping.part != "line":
        found.append(_absent("mapping of lines", name, (), mapping.place))
    if found:
        return None, tuple(found)
    detail = mappings[mapping.details] if mapping.details else None
    return Outlet(
        mapping=mapping,
        header=compile_mapping(mappings[mapping.header], schemas, tables),
        line=compile_mapping(mapping, schemas, tables),
        detail=None if detail is None else compile_mapping(detail, schemas, tables),
        template=templates[mapping.template],
        header_mapping=mappings[mapping.header],
        header_set=_set_of(mappings[mapping.header], schemas),
        line_set=_set_of(mapping, schemas),
        detail_set="" if detail is None else _set_of(detail, schemas),
        target=document_target(mapping, mappings, schemas),
        details=detail,
        names=payload_names(mapping, schemas),
        detail_names={} if detail is None else payload_names(detail, schemas),
    ), ()


def _set_of(mapping: OutMapping, schemas: Mapping[str, SchemaTable]) -> str:
    """The entity set of a target: what the schema says, else the target's own name."""
    table = schemas.get(mapping.target)
    return (table.set if table is not None else "") or mapping.target


def _absent(what: str, name: str, known: object, place: Place) -> Finding:
    names = sorted(known) if isinstance(known, Mapping) else []
    close = nearest(name, names)
    return Finding(
        code="MAP512",
        level="error",
        message=f"there is no {what} `{shown(name)}`",
        place=place,
        help=f"did you mean `{close[0]}`?" if close else "there are: " + ", ".join(names),
    )


def make_payload(outlet: Outlet, document: Document) -> tuple[Rendered | None, tuple[Finding, ...]]:
    """The payload of a document and what is wrong with it.

    Values that do not fit a field are MAP findings of their record; a payload that does not
    fit its target is TPL604. With a finding of level error nothing may be sent.
    """
    found: list[Finding] = []

    def mapped(apply: Apply, parts: Parts) -> dict[str, object]:
        row, faults = apply(parts)
        found.extend(faults)
        return row

    whole = document_values(document)
    header: Parts = {"document": whole, "header": document.header}
    lines: list[dict[str, object]] = []
    for at, values in enumerate(document.lines, start=1):
        line = {"number": at, "key": line_key(document, values), **values}
        parts: Parts = {**header, "line": line}
        lines.append({
            "key": line["key"],
            "number": line["number"],
            "fields": mapped(outlet.line, parts),
            "details": [
                {"key": detail.get("key"),
                 "fields": mapped(outlet.detail, {**parts, "detail": detail})}
                for detail in _details(values)
                if outlet.detail is not None
            ],
        })  # fmt: skip
    values = {"document": whole, "header": {"fields": mapped(outlet.header, header)},
              "lines": lines}  # fmt: skip
    rendered, faults = render_json(outlet.template, values)
    if rendered is None or has_errors(found):
        return rendered, (*found, *faults)
    place = Place(outlet.template.path)
    misfits = check_payload(rendered.payload, outlet.target, place)
    if not misfits:
        misfits = _check_rows(outlet, document, rendered.payload)
    return rendered, (*found, *faults, *misfits)


def _check_rows(
    outlet: Outlet, document: Document, payload: Mapping[str, list[dict[str, object]]]
) -> tuple[Finding, ...]:
    """Sums and keys of the lines, then of all their details."""
    rows = payload[LINES]
    found = check_rows(outlet.mapping, document.lines, rows, outlet.names, document.key)
    if outlet.details is not None:
        given = [d for line in document.lines for d in _details(line)]
        below = [d for row in rows for d in _details(row)]
        found += check_rows(outlet.details, given, below, outlet.detail_names, document.key)
    return found


def _details(line: Mapping[str, object]) -> list[dict[str, object]]:
    details = line.get(DETAILS)
    return details if isinstance(details, list) else []


def document_values(document: Document) -> dict[str, object]:
    """What mappings and templates may read of the document as a whole, with its totals."""
    return {
        "key": document.key,
        "kind": document.kind,
        "name": document.name,
        "company": document.company,
        "rule": document.rule,
        **{label: document.total(label) for label in _TOTALS},
    }


def line_key(document: Document, line: Mapping[str, object]) -> str:
    """The business key of a line that has none: its document, contract line and retainer."""
    parts = (line.get("contract_line"), line.get("retainer"))
    return business_key(document.key, *(None if part is None else str(part) for part in parts))


def proforma_page(
    template: Template, document: Document
) -> tuple[str | None, tuple[Finding, ...]]:
    """The printable page of a proforma: its own values, before any mapping."""
    lines = [
        {"number": at, "key": line_key(document, line), **line, "groups": groups_of(line)}
        for at, line in enumerate(document.lines, start=1)
    ]
    return render_html(
        template,
        {"document": document_values(document), "header": document.header, "lines": lines,
         "memo": document.memo},
    )  # fmt: skip


def groups_of(line: Mapping[str, object]) -> list[dict[str, object]]:
    """The details of a line apart by billing type, in the order in which people read them."""
    details = line.get("details")
    groups: dict[str, list[object]] = {}
    for detail in details if isinstance(details, list) else ():
        groups.setdefault(detail["kind"], []).append(detail)
    return [
        {"kind": kind, "name": name, "details": groups[kind]}
        for kind, name in GROUPS.items()
        if kind in groups
    ]
