"""Options of the other side that a from-mapping has no word for, each with a line to paste."""

import re
from collections.abc import Iterable, Iterator, Mapping

from adapter.reading.binding import TableBinding
from adapter.reading.bound import Bound
from adapter.reading.schema import Column, SchemaTable
from adapter.values.finding import Finding, shown

GAPS_MAX = 30  # of one column


def option_gaps(
    bindings: Iterable[TableBinding], schemas: Mapping[str, SchemaTable]
) -> Iterator[Finding]:
    """MAP513 for each option that the schema (or the tenant's own) has and the mapping has not."""
    for binding in bindings:
        table = schemas.get(binding.table)
        for bound in binding.fields if table is not None else ():
            column = table.column(bound.column) if table is not None else None
            if column is not None and bound.kind == "choice" and bound.values:
                yield from _gaps(bound, column)


def _gaps(bound: Bound, column: Column) -> Iterator[Finding]:
    known = {str(code) for code in bound.values}
    missing = [(code, label) for code, label in column.options.items()
               if code not in known and label not in known]  # fmt: skip
    for code, label in missing[:GAPS_MAX]:
        word = re.sub(r"[^a-z0-9]+", "-", shown(label).lower()).strip("-") or "..."
        key = code if re.fullmatch(r"-?\d+", code) else f'"{shown(code)}"'
        yield Finding(
            code="MAP513", level="note", place=bound.place,
            message=f"option {shown(code)} ({shown(label)}) of `{column.name}` has no word",
            help=f'Paste into values of {bound.field}: {key} = "{word}"',
        )  # fmt: skip
