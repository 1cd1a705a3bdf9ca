"""The law of a story whose rows run beyond its day: what is dated later changes nothing in it.

Totals leave such rows out; so does the law. What they did to earlier rows is taken back.
"""

from collections.abc import Collection
from datetime import date

from msgspec.structs import replace

from adapter.making.law import judged_law
from adapter.making.law_links import method_of
from adapter.making.links import Links
from adapter.making.story_around import WHOLE, connections_of
from adapter.making.story_days import Days
from adapter.making.story_judged import Judged, alike, by_record
from adapter.making.story_parts import Subject
from adapter.making.story_scope import Scope
from adapter.making.story_then import RecordsThen
from adapter.reading.event_file import EventFile
from adapter.reading.store import Records
from adapter.values.actuals import Actual
from adapter.values.finding import Finding

OF_THE_LAW = ("LAW701", "LAW702", "LAW703", "LAW704")


def without_later(
    found: Judged, later: Collection[str], subject: Subject, scope: Scope, records: Records,
    as_of: date, days: Days, events: EventFile | None, is_brief: bool,
) -> Judged:  # fmt: skip
    """What was judged, with the law of the actuals up to and with `as_of`; `later` are the ids
    of those that come after it."""
    if not later or subject.kind not in WHOLE:
        return found
    known = {actual.id: actual for actual in scope.actuals if actual.id not in later}
    pairs = connections_of({*known, *later}, records)
    then = RecordsThen(records, as_of, days)
    for link in pairs:
        if link.first in later or link.second in later:
            for key in (link.first, link.second):
                if key is not None and key in known:
                    known[key] = then.one(Actual, key) or known[key]
    left = [link for link in pairs if link.first not in later and link.second not in later]
    law, broken = judged_law(known, Links(left), bool(pairs), None,
                             (events or EventFile()).inferred, method_of(records))  # fmt: skip
    broken = [_with(len(later), one) if one.code == "LAW701" else one for one in broken]
    if is_brief:
        broken = alike(sorted(broken, key=by_record))
    others = [one for one in found.findings if one.code not in OF_THE_LAW]
    return replace(found, law=law, findings=(*broken, *others))


def _with(later: int, broken: Finding) -> Finding:
    """What explains a law that is not kept: something of it is dated after the story."""
    return replace(broken, values=(*broken.values, ("actuals of a later day", f"{later:,}")))
