"""What stands around the actuals of an invoice or a voucher: they are a part of whole lives, and
what made them is proven by rows of the others.
"""

from collections.abc import Mapping, Set

from adapter.making.event_trace import events_of
from adapter.making.law_links import method_of
from adapter.making.links import Links
from adapter.making.new_actuals import RETAINER
from adapter.making.story_parts import Subject
from adapter.making.story_rows import SCAN_FROM
from adapter.reading.store import Records
from adapter.values.actuals import Actual, Connection

# Billed sales, the share they bill, its original, the other shares of that one.
STEPS_MAX = 3
# Subjects that hold whole lives; of an invoice or a voucher there is only a part.
WHOLE = ("work-order", "project", "contract", "agreement")


def events_in(
    subject: Subject, known: Mapping[str, Actual], records: Records, links: Links | None = None
) -> dict[str, str]:
    """The events of the actuals of a story; `links`: their connections, where they are at hand."""
    if subject.kind not in WHOLE:
        return traced_events(known, records)
    return events_of(known, Links(connections_of(known, records)) if links is None else links,
                     method_of(records))  # fmt: skip


def traced_events(known: Mapping[str, Actual], records: Records) -> dict[str, str]:
    """The events of these actuals, by what is connected with them, of the story or not."""
    wide = around(known, records)
    found = events_of(wide, Links(connections_of(wide, records)), method_of(records))
    return {key: found[key] for key in known}


def around(known: Mapping[str, Actual], records: Records) -> dict[str, Actual]:
    """These actuals, those that connections lead to, and the retainers of their contracts."""
    wide, new = dict(known), set(known)
    for _ in range(STEPS_MAX):
        ends = {key for link in connections_of(new, records) for key in (link.first, link.second)}
        found = (records.one(Actual, key) for key in ends if key not in wide)
        fresh = {one.id: one for one in found if one is not None}
        wide |= fresh
        new = set(fresh)
        if not new:
            break
    contracts = {one.contract for one in known.values() if one.transaction_class == RETAINER}
    for contract in contracts:
        wide |= {one.id: one for one in records.where(Actual, "contract", contract)
                 if one.transaction_class == RETAINER}  # fmt: skip
    return wide


def connections_of(known: Set[str] | Mapping[str, object], records: Records) -> list[Connection]:
    """The connections of these actuals (by id), each once, by key."""
    if len(known) > SCAN_FROM:  # one look at all of them is faster than one for each
        return [link for link in records.all(Connection)
                if link.first in known or link.second in known]  # fmt: skip
    found: dict[str, Connection] = {}
    for key in known:
        for side in ("first", "second"):
            found |= {link.id: link for link in records.where(Connection, side, key)}
    return [found[key] for key in sorted(found)]
