"""From a document to its payload: fields by mappings, shape by a template, checked twice.

The rendered text is parsed back and compared with the target's schema, and the fields that
a mapping keeps are summed again from the parsed payload. A document with an error among its
findings is held: nothing of it may be sent.
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from hashlib import sha256
from typing import Any, Protocol

from adapter.making.documents import Document
from adapter.making.payload import Target, check_payload, document_target
from adapter.making.planned import PlannedDocument
from adapter.reading.mapper import Apply, Parts, compile_mapping
from adapter.reading.out_mapping import OutMapping
from adapter.reading.schema import SchemaTable
from adapter.reading.settings import Settings
from adapter.reading.steps import Table
from adapter.reading.template import Template, render_json
from adapter.values.finding import Finding, Place, has_errors, shown
from adapter.values.money import ZERO

DIGEST_LENGTH = 16
LABELS = ("amount", "discount", "fee", "tax", "advance", "total")
DEFAULT_MAPPINGS = {
    "journal": "integration-journal",
    "proforma": "proforma-line",
    "invoice-proposal": "invoice-proposal-line",
    "on-account": "on-account",
}  # for documents that no rule sent, such as a proforma of milestones only


class Outward(Protocol):
    """What a workspace says about the way out."""

    @property
    def settings(self) -> Settings: ...

    @property
    def mappings(self) -> Mapping[str, OutMapping]:
        """Mappings out, by name."""

    @property
    def templates(self) -> Mapping[str, Template]:
        """Templates, by file name."""

    @property
    def schemas(self) -> Mapping[str, SchemaTable]:
        """Tables of the other side, by table and by set name."""

    @property
    def tables(self) -> Mapping[str, Table]:
        """Value maps, by name."""


class Renderer:
    """Renders documents; mappings and models are compiled once, when first used."""

    def __init__(self, outward: Outward) -> None:
        self.outward = outward
        self._applies: dict[str, Apply] = {}
        self._targets: dict[str, Target] = {}

    def render(self, document: Document) -> tuple[PlannedDocument, tuple[Finding, ...]]:
        """The document with its payload, and the findings of all steps on the way."""
        name = document.mapping or DEFAULT_MAPPINGS[document.kind]
        mapping = self.outward.mappings.get(name)
        template = None if mapping is None else self.outward.templates.get(mapping.template)
        found: list[Finding] = list(document.findings)
        payload: Any = None
        digest = ""
        if mapping is None or template is None:
            found.append(_without_mapping(document, name, mapping))
        else:
            values, faults = self.values(document, mapping)
            found.extend(faults)
            rendered, refused = render_json(template, values)
            found.extend(refused)
            if rendered is not None:
                payload = rendered.payload
                digest = sha256(rendered.text.encode()).hexdigest()[:DIGEST_LENGTH]
                found.extend(check_payload(payload, self._target(mapping), Place(template.path)))
                found.extend(check_sums(document, mapping, payload))
        return self._planned(document, payload, digest, found), tuple(found)

    def values(
        self, document: Document, mapping: OutMapping
    ) -> tuple[dict[str, object], list[Finding]]:
        """What a JSON template is given: rows that the mappings have finished."""
        found: list[Finding] = []

        def row(name: str, parts: Parts) -> dict[str, object]:
            fields, faults = self._apply(name)(parts)
            found.extend(faults)
            return fields

        whole = {"document": document_values(document), "header": document.header}
        header = row(mapping.header, whole) if mapping.header else {}
        lines: list[dict[str, object]] = []
        for line in document.lines:
            parts = {**whole, "line": line}
            details = line.get("details")
            lines.append(
                {
                    "key": line["key"],
                    "number": line["number"],
                    "fields": row(mapping.name, parts),
                    "details": [
                        {"key": d["key"], "fields": row(mapping.details, {**parts, "detail": d})}
                        for d in (details if mapping.details and isinstance(details, list) else ())
                    ],
                }
            )
        identity = {k: getattr(document, k) for k in ("key", "kind", "name", "company", "rule")}
        return {"document": identity, "header": {"fields": header}, "lines": lines}, found

    def _apply(self, name: str) -> Apply:
        apply = self._applies.get(name)
        if apply is None:
            outward = self.outward
            apply = self._applies[name] = compile_mapping(
                outward.mappings[name], outward.schemas, outward.tables
            )
        return apply

    def _target(self, mapping: OutMapping) -> Target:
        target = self._targets.get(mapping.name)
        if target is None:
            target = self._targets[mapping.name] = document_target(
                mapping, self.outward.mappings, self.outward.schemas
            )
        return target

    def _planned(
        self, document: Document, payload: Any, digest: str, found: Sequence[Finding]
    ) -> PlannedDocument:
        setting = self.outward.settings.companies.get(document.company)
        return PlannedDocument(
            key=document.key,
            kind=document.kind,
            name=document.name,
            company=document.company,
            rule=document.rule,
            status="held" if has_errors(tuple(found)) else "new",
            delivery=setting.delivery if setting is not None else "",
            lines=len(document.lines),
            totals=[
                {"label": t.label, "currency": t.currency, "amount": f"{t.amount:f}"}
                for t in document.totals
            ],
            header=document.header,
            payload=payload,
            digest=digest,
            actuals=list(document.actuals),
            schedule=list(document.schedule),
            memo=document.memo,
            findings=sorted({f.code for f in found}),
        )


def document_values(document: Document) -> dict[str, object]:
    """The values of the document itself, as mappings and pages read them."""
    identity = {k: getattr(document, k) for k in ("key", "kind", "name", "company", "rule")}
    return {**identity, **{label: document.total(label) for label in LABELS}}


def page_values(document: Document) -> dict[str, object]:
    """What the printable proforma is given: the document's own values, before any mapping."""
    return {
        "document": document_values(document),
        "header": document.header,
        "lines": document.lines,
        "memo": document.memo,
    }


def check_sums(document: Document, mapping: OutMapping, payload: Any) -> tuple[Finding, ...]:
    """MAP530 where the sum of a kept field in the payload is not the sum of its source."""
    rows = payload.get("lines") if isinstance(payload, Mapping) else None
    if not isinstance(rows, list):
        return ()
    found: list[Finding] = []
    for name in mapping.keeps:
        field = mapping.field(name)
        if field is None or not field.source.startswith("line."):
            continue
        source = field.source.partition(".")[2]
        given = _sum(line.get(source) for line in document.lines)
        kept = _sum(row.get(name) for row in rows if isinstance(row, Mapping))
        if given != kept:
            found.append(
                Finding(
                    code="MAP530",
                    level="error",
                    message=f"{shown(document.name)}: `{name}` adds up to {kept}, its source to "
                    f"{given}",
                    place=field.place,
                    help="Give the field enough decimals, or take out the steps that change it.",
                    values=(("in", str(given)), ("out", str(kept))),
                )
            )
    return tuple(found)


def _sum(values: Iterable[object]) -> Decimal:
    return sum((Decimal(v) for v in values if isinstance(v, Decimal | int)), ZERO)


def _without_mapping(document: Document, name: str, mapping: OutMapping | None) -> Finding:
    missing = f"mapping `{shown(name)}`" if mapping is None else f"template `{mapping.template}`"
    return Finding(
        code="RTE490",
        level="error",
        message=f"{shown(document.name)} has no {missing}",
        place=Place(document.name),
        help="Name a mapping that `fieldledger check` knows in the rule's `send`.",
        values=(("rule", document.rule),),
    )
