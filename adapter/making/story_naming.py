"""Differences in words: records by what people call them, not by their keys."""

from collections.abc import Iterable, Iterator, Mapping

from msgspec.structs import replace

from adapter.making.expected import Difference
from adapter.making.pairing import Cell
from adapter.making.story_words import Names, Words
from adapter.values.field_service import Resource, Site
from adapter.values.project_operations import Contract, Task


def named(differences: Iterable[Difference], words: Words) -> Iterator[Difference]:
    """The differences with the names of records that are known; other values stay."""
    names: Mapping[str, Names] = {
        "price_list": words.price_list, "product": words.product, "unit": words.unit,
        "currency": words.currency, "project": words.project, "work_order": words.order,
        "contract_line": words.contract_line, "agreement": words.agreement,
        "warehouse": words.warehouse,
        "task": Names(words.records, Task, lambda t: t.number or t.name),
        "contract": Names(words.records, Contract, lambda c: c.number or c.name),
        "site": Names(words.records, Site, lambda s: s.number or s.name),
        "resource": Names(words.records, Resource, lambda r: r.name),
    }  # fmt: skip
    for one in differences:
        if any(cell.column in names for cell in one.columns):
            cells = (_called(c, names[c.column]) if c.column in names else c for c in one.columns)
            one = replace(one, columns=tuple(cells))
        yield one


def _called(cell: Cell, names: Names) -> Cell:
    """Two records of one name are told apart by the beginnings of their keys."""
    expected, present = names[cell.expected], names[cell.present]
    if expected == present:
        expected += f" ({cell.expected[:8]})"
        present += f" ({cell.present[:8]})"
    return Cell(cell.column, expected, present)
