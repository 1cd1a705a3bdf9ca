"""A checked from-mapping with its decoder, and what it says to the rest of the house."""

from functools import cached_property

from msgspec import Struct

from adapter.reading.bound import Layout
from adapter.reading.decoder import RowDecoder
from adapter.reading.schema import Tag
from adapter.values.finding import Place
from adapter.values.record import Record


class Unverified(Struct, frozen=True, order=True):
    """A name or code of the other side that nobody has proven: table, column, code, tag."""

    table: str
    column: str
    code: str
    tag: str
    place: Place


class TableBinding(Layout, frozen=True, kw_only=True, dict=True):
    """A from-mapping, checked: what is needed to read the rows of one table."""

    tag: Tag = "documented"  # of the table's own name

    @cached_property
    def decoder(self) -> RowDecoder:
        """The decoder of the rows; made when it is first asked for."""
        return RowDecoder(self)

    def decode(self, raw: bytes) -> Record:
        """One stored JSON row again. Raises ValueError (or a kin) if it never fitted."""
        return self.decoder.decode(raw)

    @property
    def choices(self) -> dict[str, tuple[str, ...]]:
        """The words each choice field may have."""
        return {b.field: b.words for b in self.fields if b.kind == "choice" and b.words}

    @property
    def custom(self) -> dict[str, str]:
        """The types of the fields that this mapping adds: `x_region` -> `text`."""
        plain = {"lookup": "text", "instant": "day", "choice": "text"}
        return {
            b.field: plain.get(b.kind, b.kind) for b in self.fields if b.field.startswith("x_")
        }

    @property
    def unverified(self) -> tuple[Unverified, ...]:
        """Every name and code in use that nobody has proven."""
        found = [] if self.tag == "documented" else [
            Unverified(self.table, "", "", self.tag, Place(self.path))
        ]  # fmt: skip
        for b in self.fields:
            if b.tag != "documented":
                found.append(Unverified(self.table, b.column, "", b.tag, b.place))
            found += [
                Unverified(self.table, b.column, str(c), "inferred", b.place) for c in b.inferred
            ]
        return tuple(sorted(found))
