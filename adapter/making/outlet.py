"""From a document to its payload: mapped row by row, shaped by a template, checked.

An outlet is prepared once for each mapping that a rule names, and used for every document.
"""

from collections.abc import Mapping

from msgspec import Struct

from adapter.making.documents import Document, business_key
from adapter.making.payload import (
    DETAILS,
    FINDINGS_MAX,
    LINES,
    Misfit,
    Target,
    check_rows,
    document_target,
    misfits_of,
    shape_fault,
)
from adapter.reading.document_facts import DOCUMENT
from adapter.reading.mapper import Apply, Parts, compile_mapping, payload_names
from adapter.reading.out_mapping import OutMapping, names_person
from adapter.reading.schema import SchemaTable, entity_set
from adapter.reading.steps import Table
from adapter.reading.template import Rendered, Template, render_html, render_json
from adapter.values.alike import alike_in_any_case
from adapter.values.finding import Finding, Place, has_errors, initials, shown

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
        header_set=entity_set(mappings[mapping.header].target, schemas),
        line_set=entity_set(mapping.target, schemas),
        detail_set="" if detail is None else entity_set(detail.target, schemas),
        target=document_target(mapping, mappings, schemas),
        details=detail,
        names=payload_names(mapping, schemas),
        detail_names={} if detail is None else payload_names(detail, schemas),
    ), ()


def _absent(what: str, name: str, known: object, place: Place) -> Finding:
    names = sorted(known) if isinstance(known, Mapping) else []
    close = alike_in_any_case(name, names)
    return Finding(
        code="MAP512",
        level="error",
        message=f"there is no {what} `{shown(name)}`",
        place=place,
        help=f"did you mean `{close[0]}`?" if close else "there are: " + ", ".join(names),
    )


class RowFault(Struct, frozen=True):
    """What is wrong with one row of a document; its subjects must be held, the others may go.

    Subjects are the actuals of the row (milestones and retainers by their ids).
    """

    subjects: tuple[str, ...]
    finding: Finding


class Payload(Struct, frozen=True):
    """A rendered document, with what is wrong with it as a whole and with single rows."""

    rendered: Rendered | None
    findings: tuple[Finding, ...]
    row_faults: tuple[RowFault, ...] = ()


def make_payload(outlet: Outlet, document: Document) -> tuple[Rendered | None, tuple[Finding, ...]]:
    """The payload of a document and all that is wrong with it.

    Values that do not fit a field are MAP findings of their record; a payload that does not
    fit its target is TPL604. With a finding of level error nothing may be sent.
    """
    made = payload_of(outlet, document)
    return made.rendered, (*made.findings, *(fault.finding for fault in made.row_faults))


def payload_of(outlet: Outlet, document: Document) -> Payload:
    """The payload of a document, with errors of single rows apart from those of the whole."""
    found: list[Finding] = []
    wrong: list[RowFault] = []

    def mapped(apply: Apply, parts: Parts, subjects: tuple[str, ...] = ()) -> dict[str, object]:
        row, faults = apply(parts)
        for fault in faults:
            if subjects and fault.level == "error":
                wrong.append(RowFault(subjects, fault))
            else:
                found.append(fault)
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
            "fields": mapped(outlet.line, parts, subjects_of(values)),
            "details": [
                {"key": detail.get("key"),
                 "fields": mapped(outlet.detail, {**parts, "detail": detail}, subjects_of(detail))}
                for detail in _details(values)
                if outlet.detail is not None
            ],
        })  # fmt: skip
    values = {"document": whole, "header": {"fields": mapped(outlet.header, header)},
              "lines": lines}  # fmt: skip
    rendered, faults = render_json(outlet.template, values)
    found += faults
    if rendered is None or wrong or has_errors(found):
        return Payload(rendered, tuple(found), tuple(wrong))
    misfits = misfits_of(rendered.payload, outlet.target)
    if not misfits:
        found += _check_rows(outlet, document, rendered.payload)
        return Payload(rendered, tuple(found))
    for misfit in misfits:
        fault_of_row = row_fault(outlet, document, misfit, rendered.payload)
        if fault_of_row is not None:
            wrong.append(fault_of_row)
        elif len(found) < FINDINGS_MAX:
            found.append(shape_fault(misfit, Place(outlet.template.path)))
    return Payload(rendered, tuple(found), tuple(wrong))


def subjects_of(row: Mapping[str, object]) -> tuple[str, ...]:
    """Whose row it is: its actual, else its milestone or retainer; of a line, all its details'."""
    details = _details(row)
    if details:
        return tuple(dict.fromkeys(s for detail in details for s in subjects_of(detail)))
    own = row.get("actual") or row.get("source_id")
    return (own,) if isinstance(own, str) else ()


def row_fault(
    outlet: Outlet, document: Document, misfit: Misfit, payload: Mapping[str, object]
) -> RowFault | None:
    """The misfit as a fault of the row it stands in; None if it is one of the whole document."""
    path = misfit.path.split("/")
    if not misfit.is_value or path[0] != LINES or len(path) not in (3, 5):
        return None
    is_detail = len(path) == 5
    line, row = document.lines[int(path[1])], payload[LINES][int(path[1])]  # type: ignore[index]
    mapping, names = outlet.mapping, outlet.names
    if is_detail and outlet.details is not None:
        line, row = _details(line)[int(path[3])], _details(row)[int(path[3])]
        mapping, names = outlet.details, outlet.detail_names
    subjects = subjects_of(line)
    field = next((f for f in mapping.fields if names.get(f.name, f.name) == path[-1]), None)
    if not subjects or field is None:
        return None
    said = field.source.partition(".")[2].replace("_", " ") or field.name
    value = line.get(field.source.partition(".")[2], row.get(path[-1]))
    why = misfit.why
    if names_person(field) and isinstance(value, str):
        why, value = why.replace(shown(value), initials(value)), initials(value)
    return RowFault(subjects, Finding(
        code="TPL604", level="error", place=field.place, record=subjects[0],
        message=f"`{shown(path[-1])}` of {mapping.target} {why}",
        help=f"Correct the {said} in the CRM, or what the mapping makes of it: {field.place}.",
        values=((said, shown(value)), ("field", shown(path[-1]))),
    ))  # fmt: skip


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
