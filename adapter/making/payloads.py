"""From a document to its payload: fields by mappings, shape by a template, checked twice.

The rendered text is parsed back and compared with the target's schema, and the fields that
a mapping keeps are summed again from the parsed payload. A document with an error among its
findings is held: nothing of it may be sent.
"""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any, Protocol

from adapter.making.documents import Document
from adapter.making.outlet import Outlet, RowFault, payload_of, prepare_outlet
from adapter.making.planned import PlannedDocument, totals_text
from adapter.reading.out_mapping import OutMapping
from adapter.reading.schema import SchemaTable
from adapter.reading.settings import Settings
from adapter.reading.steps import Table
from adapter.reading.template import Template
from adapter.values.finding import Finding, has_errors

DIGEST_LENGTH = 16
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
    """Renders documents; what a mapping needs is prepared once, when it is first used."""

    def __init__(self, outward: Outward) -> None:
        self.outward = outward
        self._outlets: dict[str, tuple[Outlet | None, tuple[Finding, ...]]] = {}

    def render(self, document: Document) -> tuple[PlannedDocument, tuple[Finding, ...]]:
        """The document with its payload, and the findings of all steps on the way."""
        planned, findings, row_faults = self.rendering(document)
        found = (*findings, *(fault.finding for fault in row_faults))
        planned.status = "held" if has_errors(found) else "new"
        planned.findings = sorted({f.code for f in found})
        return planned, found

    def rendering(
        self, document: Document
    ) -> tuple[PlannedDocument, tuple[Finding, ...], tuple[RowFault, ...]]:
        """The document with its payload, the findings about it as a whole (its status says
        nothing of others), and what is wrong with single rows.
        """
        name = document.mapping or DEFAULT_MAPPINGS[document.kind]
        outlet, faults = self._outlet(name)
        found: list[Finding] = [*document.findings, *faults]
        row_faults: tuple[RowFault, ...] = ()
        payload: Any = None
        digest = ""
        if outlet is not None:
            made = payload_of(outlet, document)
            found.extend(made.findings)
            row_faults = made.row_faults
            if made.rendered is not None:
                payload = made.rendered.payload
                digest = sha256(made.rendered.text.encode()).hexdigest()[:DIGEST_LENGTH]
        return self._planned(document, payload, digest, found), tuple(found), row_faults

    def outlet_of(self, document: Document) -> Outlet:
        """The outlet that a rendered document went through."""
        outlet, _ = self._outlet(document.mapping or DEFAULT_MAPPINGS[document.kind])
        assert outlet is not None, document.key
        return outlet

    def _outlet(self, name: str) -> tuple[Outlet | None, tuple[Finding, ...]]:
        known = self._outlets.get(name)
        if known is None:
            outward = self.outward
            known = self._outlets[name] = prepare_outlet(
                name, outward.mappings, outward.schemas, outward.tables, outward.templates
            )
        return known

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
            totals=totals_text(document.totals),
            header=document.header,
            payload=payload,
            digest=digest,
            actuals=list(document.actuals),
            schedule=list(document.schedule),
            memo=document.memo,
            findings=sorted({f.code for f in found}),
        )
