"""The documents of two reports side by side: which changed, and what their totals came to."""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from itertools import chain
from typing import Any

from adapter.making.compared import normal
from adapter.telling.figures import Shown, amount_of_text, fit, grouped, plain
from adapter.telling.paint import Paint

ROWS_MAX = 40  # lines of text
COUNTED = ("new", "same")  # documents that count in the sums of a plan
SUMMED = ("cost", "sales", "total")  # of a document; its other totals are parts of these
Name = tuple[str, str, str]


def compare_documents(before: Shown, after: Shown) -> dict[str, list[dict[str, Any]]]:
    """`appeared`, `gone` and `changed`, each with the `totals` that differ (before, after,
    difference). A document whose key alone is another has changed, where its name says which.
    """
    old, new = ({d["key"]: d for d in side["documents"]} for side in (before, after))
    again = dict(_renamed(old, new))
    pairs = [(old[k], new[k]) for k in old.keys() & new.keys() if _differs(old[k], new[k])]
    pairs += [(old[k], new[n]) for n, k in again.items()]
    nothing: Shown = {}
    appeared = [(nothing, new[k]) for k in new.keys() - old.keys() - again.keys()]
    gone = [(old[k], nothing) for k in old.keys() - new.keys() - set(again.values())]
    return {"appeared": _told(appeared), "gone": _told(gone), "changed": _told(pairs)}


def compare_sums(before: Shown, after: Shown) -> list[dict[str, str]]:
    """What all documents that go come to, by kind, side and currency, where it differs."""
    found = []
    for kind in sorted({d["kind"] for d in chain(before["documents"], after["documents"])}):
        sides = [
            [t for d in side["documents"] if d["kind"] == kind and d["status"] in COUNTED
             for t in d["totals"] if t["label"] in SUMMED]
            for side in (before, after)
        ]  # fmt: skip
        found += [{"kind": kind, **moved} for moved in _moved(*sides)]
    return found


def _renamed(old: Mapping[str, Shown], new: Mapping[str, Shown]) -> Iterator[tuple[str, str]]:
    """New key and old key of documents that have one name on both sides."""
    gone: dict[Name, list[str]] = {}
    for key in old.keys() - new.keys():
        gone.setdefault(_name(old[key]), []).append(key)
    fresh: dict[Name, list[str]] = {}
    for key in new.keys() - old.keys():
        fresh.setdefault(_name(new[key]), []).append(key)
    for name, keys in fresh.items():
        if len(keys) == len(gone.get(name, ())) == 1:
            yield keys[0], gone[name][0]


def _name(document: Shown) -> Name:
    return (document["kind"], document["company"], document["name"])


def _differs(old: Shown, new: Shown) -> bool:
    if old["status"] != new["status"]:
        return True
    return bool(old["digest"] != new["digest"] and _content(old, new) != _content(new, old))


def _content(document: Shown, other: Shown) -> object:
    """What a document says, equal where only the digits of a number are written differently.

    Names of persons may be masked in one of the two: who is named tells the digest of them.
    """
    payload, totals = document["payload"], document["totals"]
    if payload is None:
        return document["digest"]
    mine, theirs = document.get("personal") or {}, other.get("personal") or {}
    if not mine or not theirs:
        return _by_value([payload, totals], frozenset())
    personal = frozenset((*mine["columns"], *theirs["columns"]))
    return _by_value([payload, totals, mine["digest"]], personal)


def _by_value(value: Any, without: frozenset[str]) -> object:
    if isinstance(value, dict):
        return {name: _by_value(part, without) for name, part in value.items()
                if name not in without}  # fmt: skip
    if isinstance(value, list):
        return [_by_value(part, without) for part in value]
    return normal("", value)


def _told(pairs: Iterable[tuple[Shown, Shown]]) -> list[dict[str, Any]]:
    """Documents that differ, by kind and name, with the totals that moved."""
    found = []
    for old, new in pairs:
        document = new or old
        head = {p: document[p] for p in ("key", "kind", "name", "company", "status")}
        if old and new and old["key"] != new["key"]:
            head["old_key"] = old["key"]
        if old and new and old["status"] != new["status"]:
            head["old_status"] = old["status"]
        found.append({**head, "totals": _moved(old.get("totals", ()), new.get("totals", ()))})
    return sorted(found, key=lambda d: (d["kind"], d["name"], d["key"]))


def _moved(old: Iterable[Shown], new: Iterable[Shown]) -> list[dict[str, str]]:
    """Totals that differ, by label and currency; those of two currencies are never added."""
    sums: dict[tuple[str, str], list[Decimal]] = {}
    for at, totals in enumerate((old, new)):
        for total in totals:
            pair = sums.setdefault((total["label"], total["currency"]), [Decimal(0), Decimal(0)])
            pair[at] += amount_of_text(total["amount"])
    return [
        {"label": label, "currency": currency, "before": f"{first:f}", "after": f"{second:f}",
         "difference": f"{second - first:f}"}
        for (label, currency), (first, second) in sums.items() if first != second
    ]  # fmt: skip


def sums_lines(sums: Iterable[Shown], width: int, paint: Paint) -> list[str]:
    """What all documents come to, before and after."""
    lines = [_total_line(f"{s['kind']} {s['label']}", s, width, paint) for s in sums]
    return ["all documents", *lines] if lines else []


def document_lines(documents: Shown, width: int, paint: Paint) -> list[str]:
    """Each document that differs, and below it its totals."""
    lines = []
    for word, sign in (("appeared", "+"), ("gone", "-"), ("changed", "~")):
        for document in documents[word]:
            text = f"{sign} {document['kind']} {document['name']}, {word}, {_status(document)}"
            lines.append("  " + fit(plain(text, paint.ascii_only), width - 2))
            totals = document["totals"]
            main = [t for t in totals if t["label"] in SUMMED] or totals
            lines += [_total_line(f"  {t['label']}", t, width, paint, word) for t in main]
    if len(lines) > ROWS_MAX:
        return [*lines[:ROWS_MAX], "    and more; `--format json` has every one"]
    return lines


def _status(document: Shown) -> str:
    was = document.get("old_status")
    said = f"{was} -> {document['status']}" if was else str(document["status"])
    return f"{said}, under another key" if "old_key" in document else said


def _total_line(
    label: str, total: Shown, width: int, paint: Paint, word: str = "changed"
) -> str:
    """`cost USD 10.00 -> 12.00, +2.00`; of what appeared or went its only amount."""
    if word != "changed":
        only = grouped(total["after" if word == "appeared" else "before"])
        said = f"{label} {total['currency']} {only}"
        return "    " + fit(plain(said, paint.ascii_only), width - 4)
    more = "+" if amount_of_text(total["difference"]) > 0 else ""
    text = (f"{label} {total['currency']} {grouped(total['before'])} -> "
            f"{grouped(total['after'])}, {more}{grouped(total['difference'])}")  # fmt: skip
    return "    " + fit(plain(text, paint.ascii_only), width - 4)
