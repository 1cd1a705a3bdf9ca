"""A mapping out as a value: the fields of one part of a document for the other side."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from msgspec import Struct

from adapter.reading.expressions import Expr
from adapter.reading.steps import Kind, Step, Value
from adapter.values.finding import Finding, Level, Place

# Values of a line or detail that name a person; shown as initials unless names are asked for.
PERSONAL = frozenset({"line.resource", "detail.resource"})


class Field(Struct, frozen=True, kw_only=True):
    """One target field: exactly one of `source` and `value` is set.

    `otherwise` is a second source of the same kind, read where the first is empty.
    `kind` is what the steps make of the source. `type` and `length` are what the file says
    about a column that the schema does not prove.
    """

    name: str
    source: str = ""
    otherwise: str = ""
    value: Value = None
    steps: tuple[Step, ...] = ()
    kind: Kind = "any"
    default: Value = None
    when: Expr | None = None
    optional: bool = False
    tag: str = ""
    type: str = ""
    length: int | None = None
    navigation: str = ""
    place: Place


class OutMapping(Struct, frozen=True, kw_only=True):
    """A checked mapping out of one part of a document.

    `links` are columns of a line that take what the header's answer gave: the number of the
    journal, say. `key` are the fields that make a row the same row; `keeps` the fields whose
    sums in equal their sums out; `filled_there` the required columns that the other side fills
    itself.
    """

    name: str
    document: str
    part: str
    target: str
    template: str = ""
    header: str = ""  # the mapping of the document's own fields
    details: str = ""  # the mapping of the lines' details
    key: tuple[str, ...] = ()
    keeps: tuple[str, ...] = ()
    filled_there: tuple[str, ...] = ()
    links: Mapping[str, str] = {}  # column of the line <- column of the header
    fields: tuple[Field, ...] = ()
    place: Place

    def field(self, name: str) -> Field | None:
        """The field with this target name."""
        return next((f for f in self.fields if f.name == name), None)


def names_person(field: Field) -> bool:
    """Whether the field's value comes from a person's name."""
    return field.source in PERSONAL or field.otherwise in PERSONAL


class Faults(list[Finding]):
    """Findings that are being collected."""

    def add(
        self, code: str, message: str, place: Place, help: str = "", level: Level = "error"
    ) -> None:
        """One more finding."""
        self.append(Finding(code=code, level=level, message=message, place=place, help=help))


def kind_of(value: object) -> Kind:
    """The kind of a value that stands in the file."""
    if type(value) is bool:
        return "flag"
    if type(value) is int:
        return "whole"
    if isinstance(value, Decimal):
        return "number"
    return "day" if isinstance(value, date) else "text"
