"""The plan of a move as text and as JSON: verdict first, then what is in flight, fence, proof."""

from collections.abc import Iterator
from typing import Any

from adapter.making.fence import setting_line
from adapter.making.flight import Absent, Flight, Proof
from adapter.making.moving import Move, Refusal
from adapter.reading.move_table import Never
from adapter.telling.figures import (
    cells,
    count_of,
    day_shown,
    grouped,
    money,
    pad,
    plain,
    type_shown,
    wrapped,
)

NAMES_MAX = 5  # of one kind in the text; JSON has all of them
VERSION = 1
MUST = {"before": "what is dated before the fence, or has no day", "all": "all of it",
        "none": "nothing: it may stay open"}  # fmt: skip


def verdict(move: Move) -> str:
    """The answer in one sentence."""
    way = f"{move.company} from {move.source} to {move.target} on {day_shown(str(move.fence.day))}"
    if not move.proof.agrees:
        return f"THE TOTALS DO NOT AGREE: do not move {way}."
    kinds = sum(1 for flight in move.flights if flight.in_the_way)
    if move.in_the_way:
        return (f"{count_of(move.in_the_way, 'record')} of {count_of(kinds, 'kind')} must be closed"
                f" before moving {way}.")  # fmt: skip
    return f"Nothing is in the way of moving {way}."


def refusal_text(refusal: Refusal, width: int = 80, ascii_only: bool = False) -> str:
    """Why a move cannot be planned."""
    lines = wrapped(f"No move of {refusal.company} from {refusal.source} to {refusal.target}.",
                    width)  # fmt: skip
    lines += wrapped(refusal.reason, width)
    lines += wrapped(f"{refusal.tag}: {refusal.because}", width)
    return "".join(plain(line, ascii_only) + "\n" for line in lines)


def move_text(move: Move, width: int = 80, ascii_only: bool = False) -> str:
    """For people."""
    lines = [*wrapped(verdict(move), width), ""]
    lines += _wrap(f"{move.company} runs {move.evidence} ({move.rule}). {move.direction.reason}",
                   "", width)  # fmt: skip
    for note in move.notes:
        lines += _wrap(note, "- ", width)
    lines += ["", *_owners(move), *_flights(move, width)]
    lines += ["", *_fence(move, width), "", *_proof(move.proof, width)]
    return "".join(plain(line.rstrip(), ascii_only) + "\n" for line in lines)


def _wrap(text: str, lead: str, width: int) -> list[str]:
    """A wrapped text; what follows the first line stands below its first word."""
    first, *others = wrapped(text, width - len(lead))
    return [lead + first, *(" " * len(lead) + line for line in others)]


def _owners(move: Move) -> Iterator[str]:
    owners: dict[str, int] = {}
    for flight in move.flights:
        if flight.in_the_way:
            owner = flight.close.owner
            owners[owner] = owners.get(owner, 0) + flight.in_the_way
    if owners:
        yield "Who closes how much"
        yield from (f"  {count:>8,}  {owner}" for owner, count in sorted(owners.items()))
        yield ""


def _flights(move: Move, width: int) -> Iterator[str]:
    yield f"In flight on {day_shown(str(move.as_of))}"
    for flight in move.flights:
        if flight.records:
            yield ""
            yield from _flight(flight, width)
    none = [flight.title for flight in move.flights if not flight.records]
    if none:
        yield ""
        yield from _wrap("; ".join(none) + ".", "None: ", width)
    yield from _absences(move, width)


def _absences(move: Move, width: int) -> Iterator[str]:
    """What the old model cannot have: kinds with one reason together."""
    by_reason: dict[Never, list[Absent]] = {}
    for absent in move.absent:
        by_reason.setdefault(absent.never, []).append(absent)
    if by_reason:
        yield ""
        yield f"Not possible in {move.source}"
    for never, kinds in by_reason.items():
        names = "; ".join(f"{one.title}{_there(one)}" for one in kinds)
        said = f"{names}: {never.reason} [{never.tag}: {never.source}]"
        yield from _wrap(said, "  - ", width)


def _there(absent: Absent) -> str:
    return f" ({count_of(absent.records, 'record')} all the same)" if absent.records else ""


def _flight(flight: Flight, width: int) -> Iterator[str]:
    yield from _wrap(flight.title, f"{len(flight.records):>6,}  ", width)
    lead = " " * 8
    for one, count in flight.money:
        kind = " ".join(dict.fromkeys((type_shown(one.type), one.klass))).removesuffix(" -")
        yield f"{lead}{money(one.currency, one.amount)}  {kind}, {count_of(count, 'record')}"
    for product, unit, quantity in flight.quantities[:NAMES_MAX]:
        yield f"{lead}{grouped(quantity)} {unit} {product}".rstrip()
    if len(flight.quantities) > NAMES_MAX:
        yield f"{lead}and {len(flight.quantities) - NAMES_MAX:,} more products"
    if flight.unpriced:
        yield f"{lead}{count_of(flight.unpriced, 'record')} with money that is not known"
    sides = flight.sides
    days = f"oldest {day_shown(str(flight.oldest))}; " if flight.oldest is not None else ""
    yield from _wrap(f"{days}{sides['old']:,} before the fence, {sides['new']:,} on or after it,"
                     f" {sides['undated']:,} without a day", lead, width)  # fmt: skip
    names = [placed.record.name for placed in flight.records]
    more = f" and {len(names) - NAMES_MAX:,} more" if len(names) > NAMES_MAX else ""
    yield from _wrap(", ".join(names[:NAMES_MAX]) + more, lead, width)
    close, change = flight.close, flight.change
    closing = f"{flight.in_the_way:,} to close ({MUST[close.must]}), {close.owner}: {close.what}"
    yield from _wrap(f"{closing} [{close.tag}: {close.source}]", lead + "> ", width)
    yield from _wrap(f"Then: prices: {change.prices} Stock: {change.stock} Cost: {change.cost}"
                     f" Documents: {change.documents} [{change.tag}: {change.source}]",
                     lead + "> ", width)  # fmt: skip


def _fence(move: Move, width: int) -> Iterator[str]:
    origin = {"option": "asked for", "adapter.toml": "of adapter.toml",
              "proposed": "proposed: nobody said one"}[move.fence_from]  # fmt: skip
    yield f"Fence {day_shown(str(move.fence.day))} ({origin}), key {move.fence.key}"
    for sentence in move.statement:
        yield from _wrap(sentence, "  - ", width)


def _proof(proof: Proof, width: int) -> Iterator[str]:
    said = "before = stays + goes" if proof.agrees else "THE TOTALS DO NOT AGREE"
    yield f"Proof: {said}"
    for fault in proof.faults:
        yield from _wrap(fault, "  ! ", width)
    if not proof.lines:
        yield "  The company has no actuals."
        return
    rows = [
        [line.currency, type_shown(line.type), line.klass,
         *(text for count, amount in (line.before, line.stays, line.goes)
           for text in (f"{count:,}", grouped(amount)))]
        for line in proof.lines
    ]  # fmt: skip
    heads = ["", "", "", "", "before", "", "stays", "", "goes"]
    widths = [max(cells(row[at]) for row in (heads, *rows)) for at in range(len(heads))]
    marks = ["", *("" if line.agrees else "  !" for line in proof.lines)]
    if sum(widths) + len(widths) + 8 <= width:  # blanks, margin and mark
        for row, mark in zip((heads, *rows), marks, strict=True):
            yield _row(row, widths) + mark
        return
    for row, mark in zip(rows, marks[1:], strict=True):
        yield f"  {' '.join(row[:3])}{mark}"
        for at, word in ((3, "before"), (5, "stays"), (7, "goes")):
            yield f"    {pad(word, 6)} {pad(row[at], 9, right=True)}  {row[at + 1]}"


def _row(row: list[str], widths: list[int]) -> str:
    words = [pad(text, size) for text, size in zip(row[:3], widths[:3], strict=True)]
    figures = [pad(text, size, right=True)
               for text, size in zip(row[3:], widths[3:], strict=True)]  # fmt: skip
    pairs = (" ".join(figures[at : at + 2]) for at in range(0, len(figures), 2))
    return "  ".join(("", " ".join(words), *pairs))


def refusal_json(refusal: Refusal) -> dict[str, Any]:
    """Version 1 of a refusal."""
    return {"move": VERSION, "company": refusal.company, "from": refusal.source,
            "to": refusal.target, "refused": refusal.reason, "source": refusal.because,
            "tag": refusal.tag}  # fmt: skip


def move_json(move: Move) -> dict[str, Any]:
    """Version 1: everything, in the order of move.toml; money and quantities as text."""
    return {
        "move": VERSION,
        "company": move.company,
        "from": move.source,
        "to": move.target,
        "as_of": move.as_of.isoformat(),
        "verdict": verdict(move),
        "clear": move.is_clear,
        "in_the_way": move.in_the_way,
        "direction": {"reason": move.direction.reason, "source": move.direction.source,
                      "tag": move.direction.tag},
        "evidence": {"model": move.evidence, "rule": move.rule, "moved": move.is_moved},
        "fence": {
            "day": move.fence.day.isoformat(), "key": move.fence.key, "said_by": move.fence_from,
            "in_force": move.is_in_force, "time_zone": move.time_zone,
            "setting": setting_line(move.fence), "statement": list(move.statement),
        },
        "notes": list(move.notes),
        "in_flight": [_flight_json(flight) for flight in move.flights],
        "not_possible": [_absent_json(absent) for absent in move.absent],
        "proof": _proof_json(move.proof),
    }  # fmt: skip


def _flight_json(flight: Flight) -> dict[str, Any]:
    close, change, oldest = flight.close, flight.change, flight.oldest
    return {
        "kind": flight.kind,
        "title": flight.title,
        "records": len(flight.records),
        "in_the_way": flight.in_the_way,
        "sides": flight.sides,
        "oldest": oldest.isoformat() if oldest is not None else None,
        "money": [
            {"currency": one.currency, "type": one.type, "class": one.klass, "records": count,
             "amount": f"{one.amount:f}"} for one, count in flight.money
        ],
        "unpriced": flight.unpriced,
        "quantities": [{"product": product, "unit": unit, "quantity": f"{quantity:f}"}
                       for product, unit, quantity in flight.quantities],
        "close": {"must": close.must, "owner": close.owner, "what": close.what,
                  "source": close.source, "tag": close.tag},
        "change": {"prices": change.prices, "stock": change.stock, "cost": change.cost,
                   "documents": change.documents, "source": change.source, "tag": change.tag},
        "names": [
            {"id": p.record.id, "name": p.record.name, "side": p.side,
             "day": p.record.day.isoformat() if p.record.day is not None else None}
            for p in flight.records
        ],
    }  # fmt: skip


def _absent_json(absent: Absent) -> dict[str, Any]:
    never = absent.never
    return {"kind": absent.kind, "title": absent.title, "records": absent.records,
            "reason": never.reason, "source": never.source, "tag": never.tag}  # fmt: skip


def _proof_json(proof: Proof) -> dict[str, Any]:
    def part(records: int, amount: object) -> dict[str, Any]:
        return {"records": records, "amount": f"{amount:f}"}

    return {
        "agrees": proof.agrees,
        "faults": list(proof.faults),
        "lines": [
            {"currency": line.currency, "type": line.type, "class": line.klass,
             "before": part(*line.before), "stays": part(*line.stays), "goes": part(*line.goes),
             "agrees": line.agrees}
            for line in proof.lines
        ],
    }  # fmt: skip
