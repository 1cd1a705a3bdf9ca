"""What templates are given: the names under which the parts of a document are found."""

from adapter.reading.document_facts import (
    DOCUMENT,
    PROFORMA_DETAIL,
    PROFORMA_HEADER,
    PROFORMA_LINE,
    SourceLine,
)
from adapter.reading.template_check import Shape

_IDENTITY = ("key", "kind", "name", "company", "rule")
_ROW: Shape = {"*": None}  # the fields of a mapping, by the target's names

# JSON templates: rows that a mapping has finished. `key` and `number` are ours.
PAYLOAD_SHAPE: Shape = {
    "document": dict.fromkeys(_IDENTITY),
    "header": {"fields": _ROW},
    "lines": [{"key": None, "number": None, "fields": _ROW,
               "details": [{"key": None, "fields": _ROW}]}],
}  # fmt: skip


def _names(*lines: tuple[SourceLine, ...]) -> dict[str, object]:
    return {name: None for part in lines for name, _, _ in part}


# The printable proforma: the values of the document itself, before any mapping.
PROFORMA_PAGE_SHAPE: Shape = {
    "document": _names(DOCUMENT),
    "header": _names(PROFORMA_HEADER),
    "lines": [{
        **_names(PROFORMA_LINE),
        "groups": [{"kind": None, "name": None, "details": [_names(PROFORMA_DETAIL)]}],
        "details": [_names(PROFORMA_DETAIL)],
        "not_to_exceed": [dict.fromkeys(("level", "id", "limit", "billed", "draft", "left"))],
    }],
    "memo": {
        "non_chargeable": None,
        "complimentary": None,
        "used_and_billed": [dict.fromkeys(("usage", "used", "unit", "chargeable",
                                           "non_chargeable", "complimentary", "open"))],
        "units": [dict.fromkeys(("unit", "used", "chargeable", "non_chargeable",
                                 "complimentary", "open"))],
        "advances": [dict.fromkeys(("retainer", "name", "available", "applied", "left"))],
    },
}  # fmt: skip
