"""A story as one versioned table, from which every view is drawn.

`story.json`, version 1: amounts are exact text in the currency beside them, days are the
company's, instants UTC.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from decimal import Decimal
from operator import attrgetter
from typing import Any

from adapter.making.story import is_margin_known
from adapter.making.story_moments import plain
from adapter.making.story_parts import KINDS, NONE, RANKS, Figures, Moment, Story, Subject
from adapter.telling.story_findings import findings_shape, meaning_of
from adapter.values.money import ZERO

VERSION = 1
GROUPED_FROM = 400  # moments; above, equal ones of a day are told as one
FIGURES = (
    ("estimate", "estimated", "sales value of the estimated lines"),
    ("used", "used", "sales value of what was used, billed or not"),
    ("backlog", "backlog", "approved, not on a confirmed proforma yet"),
    ("pending", "pending", "time and expenses not approved yet, as priced"),
    ("billed", "billed", "on proformas, draft or confirmed"),
    ("invoiced", "invoiced", "on confirmed proformas"),
    ("posted", "posted", "invoiced, and posted with a voucher"),
    ("not_charged", "not charged", "non-chargeable and complimentary"),
    ("advances", "advances", "retainers invoiced and not used up"),
    ("tax", "tax", "of what was invoiced"),
    ("estimate_cost", "estimated cost", "cost of the estimated lines"),
    ("cost", "cost", "with what Finance added or took off"),
    ("cost_posted", "cost posted", "cost that Finance posted with a voucher"),
    ("cost_adjusted", "cost drift", "what Finance added to the cost by price list"),
    ("margin", "margin", "invoiced less cost"),
    ("margin_earned", "margin with backlog", "invoiced and backlog, less cost"),
)
NAMES = tuple(name for name, _, _ in FIGURES)
_SUMS = attrgetter(*NAMES)
MARGINS = ("margin", "margin_earned")
PARTS = ("invoice", "voucher")  # they hold a part of lives: its lines and cost are elsewhere
PART = "It holds a part of the life of its work orders: no margin is given."
NOT_OF_PARTS = ("estimate", "estimate_cost", "used", "pending", *MARGINS)
NOTHING = ("0", None)
UNPLANNED = ("posted", "drafted")  # of an actual that another moment tells, with its plan


def story_shape(story: Story, *, whole: bool = False) -> dict[str, Any]:
    """The story as tables. `whole`: every moment, however many there are."""
    is_part = story.subject.kind in PARTS
    is_known = is_margin_known(story.totals)
    hidden = NOT_OF_PARTS if is_part else () if is_known else MARGINS
    shown = list(story.moments)
    in_all = sum(moment.count for moment in shown)
    is_grouped = not whole and in_all > GROUPED_FROM
    return {
        "story": VERSION,
        "subject": subject_shape(story.subject),
        "as_of": story.as_of.isoformat(),
        "actuals": story.actuals,
        "undated": story.undated,
        "caveat": story.caveat,
        "figures": [{"name": n, "label": label, "means": means}
                    for n, label, means in _figures_for(story.subject.kind)],
        "part": is_part,
        "totals": {c: figures_shape(f, hidden) for c, f in sorted(story.totals.items())},
        "reported": None if story.reported is None else {
            "currency": story.reported[0], "rates": story.rates,
            **figures_shape(story.reported[1], NOT_OF_PARTS if is_part else ()),
        },
        "groups": {name: list(_group(group, is_part)) for name, group in story.groups.items()},
        "law": [
            {"class": klass, "currency": currency,
             **{name: _text(getattr(terms, name)) for name in terms.__struct_fields__},
             "is_kept": terms.is_kept}
            for (klass, currency), terms in sorted(story.law.items())
        ],
        "points": [
            {"day": p.day.isoformat(), "currency": p.currency, "cost": _text(p.cost),
             "invoiced": _text(p.invoiced), "earned": _text(p.earned)}
            for p in story.points
        ],
        "moments_in_all": in_all,
        "grouped": is_grouped,
        "moments": list(grouped(shown) if is_grouped else (moment_shape(m, story) for m in shown)),
        "related": [subject_shape(one) for one in sorted(story.related, key=_kind_of)],
        "findings": findings_shape(story),
    }  # fmt: skip


def _figures_for(kind: str) -> Iterator[tuple[str, str, str]]:
    """The figures by name, label and meaning. Whether what a voucher posted is still open, its
    own actuals do not tell: the reversals that bill it carry no voucher.
    """
    for name, label, means in FIGURES:
        if kind == "voucher" and name == "backlog":
            label, means = "unbilled sales", "chargeable sales, posted before they were billed"
        yield name, label, means


def columns_of(shape: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Figures by currency, and beside several ones all in the reporting currency."""
    columns = dict(shape["totals"])
    reported = shape["reported"]
    if reported is not None and len(columns) > 1:
        columns[f"all in {reported['currency']}"] = reported
    return columns


def figures_of(shape: Mapping[str, Any]) -> list[Mapping[str, str]]:
    """The figures that say something: not those that are nothing in every currency (that
    nothing is left to bill does), and the earned margin only where it is another.
    """
    columns = columns_of(shape).values()
    return [
        figure for figure in shape["figures"]
        if (any(sums[figure["name"]] not in NOTHING for sums in columns)
            or (figure["name"] == "backlog" and not shape["part"]))
        and (figure["name"] != "margin_earned"
             or any(sums["margin_earned"] != sums["margin"] for sums in columns))
    ]  # fmt: skip


def is_mixed(shape: Mapping[str, Any]) -> bool:
    """Whether no margin is given, since cost and revenue stand in different currencies."""
    totals = shape["totals"].values()
    return (shape["reported"] is None and len(totals) > 1 and not shape["part"]
            and any(figures["margin"] is None for figures in totals))  # fmt: skip


def subject_shape(subject: Subject) -> dict[str, str]:
    """What a story is about."""
    said = {"kind": subject.kind, "id": subject.id, "name": subject.name,
            "title": subject.title, "environment": subject.environment}  # fmt: skip
    return {**said, "call": subject.call}


def figures_shape(figures: Figures, hidden: Iterable[str] = ()) -> dict[str, str | None]:
    """Figures by name, None for those that would mislead."""
    made: dict[str, str | None] = dict(zip(NAMES, map(_text, _SUMS(figures)), strict=True))
    made.update(dict.fromkeys(hidden))
    return made


def _kind_of(subject: Subject) -> tuple[int, str, str]:
    return KINDS.index(subject.kind), subject.name, subject.id


def _group(
    group: Mapping[tuple[str, str], Figures], is_part: bool
) -> Iterator[dict[str, str | None]]:
    by_name: dict[str, dict[str, Figures]] = {}
    for (name, currency), figures in group.items():
        by_name.setdefault(name, {})[currency] = figures
    for name in sorted(by_name):
        hidden: tuple[str, ...] = () if is_margin_known(by_name[name]) else MARGINS
        hidden = NOT_OF_PARTS if is_part else hidden
        for currency, figures in sorted(by_name[name].items()):
            if name == NONE and not any(_SUMS(figures)):
                continue  # what stands nowhere adds nothing
            yield {"name": name, "currency": currency, **figures_shape(figures, hidden)}


def rows_told(
    shape: Mapping[str, Any], columns: Collection[str]
) -> dict[str, list[Mapping[str, Any]]]:
    """The rows of each dimension, without those of nothing (`NONE`) that say nothing in these
    columns; a dimension of one name is left out, since the totals say the same.
    """
    told = {
        dimension: [row for row in rows if row["name"] != NONE
                    or any(row[name] not in NOTHING for name in columns)]
        for dimension, rows in shape["groups"].items()
    }  # fmt: skip
    return {dimension: rows for dimension, rows in told.items()
            if len({row["name"] for row in rows}) > 1}  # fmt: skip


def moment_shape(moment: Moment, story: Story) -> dict[str, Any]:
    """One moment, with what a plan said of its record."""
    verdict = story.verdicts.get(moment.key)
    return {
        "day": "" if moment.day is None else moment.day.isoformat(),
        "at": "" if moment.at is None else moment.at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "stage": moment.stage, "name": moment.name, "key": moment.key, "what": moment.what,
        "because": moment.because, "means": meaning_of(moment.because), "type": moment.type,
        "amount": "" if moment.amount is None else _text(moment.amount),
        "currency": moment.currency, "values": [[n, plain(v) if isinstance(v, Decimal) else str(v)]
                   for n, v in moment.values if v is not None and v != ""],
        "work_order": moment.places[0], "count": 1,
        "plan": None if verdict is None or moment.stage in UNPLANNED else {
            "status": verdict.status, "rules": list(verdict.rules),
            "documents": list(verdict.documents),
        },
    }  # fmt: skip


def grouped(moments: Iterable[Moment]) -> Iterator[dict[str, Any]]:
    """Moments of one day, stage, type, event and currency as one, with their count and sum."""
    sums: dict[tuple[str, ...], list[Any]] = {}
    for moment in moments:
        day = "" if moment.day is None else moment.day.isoformat()
        key = (day, moment.stage, moment.type, moment.because, moment.currency)
        held = sums.setdefault(key, [0, ZERO, moment])
        held[0] += moment.count
        held[1] += moment.amount or ZERO
    ordered = sorted(sums.items(), key=lambda item: (item[0][0], RANKS[item[0][1]], *item[0][2:]))
    for (day, stage, type_, because, currency), (count, amount, first) in ordered:
        yield {
            "day": day, "at": "", "stage": stage, "key": first.key, "because": because,
            "means": meaning_of(because),
            "name": first.name or first.key if count == 1 else f"{count:,} records",
            "what": first.what or "1 of them" if count == 1 else f"{count:,} of them",
            "type": type_,
            "amount": "" if first.amount is None else _text(amount), "currency": currency,
            "values": [], "work_order": first.places[0] if count == 1 else "", "count": count,
            "plan": None,
        }  # fmt: skip


def _text(value: Decimal) -> str:
    return f"{value:f}" if value else "0"
