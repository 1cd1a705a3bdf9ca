"""A realistic company of any size, as raw Dataverse and Finance rows.

    python -m benchmarks.company --actuals 400 --out examples/contoso
    python -m benchmarks.company --actuals 1000000 --out DIR

Four legal entities: two integrated with different currencies, one core in a Dataverse
environment of its own, one that still runs project management and accounting (PMA) and
appears through work orders. The same seed gives the same bytes.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from adapter.edge.book import shipped_bindings
from adapter.reading.binding import TableBinding
from benchmarks.billing import billing, faulty
from benchmarks.extras import extras
from benchmarks.labour import price_labour
from benchmarks.life import whole_life
from benchmarks.masters import Row, World, guid_of, make_sites
from benchmarks.usages import Crew, clean, situations
from benchmarks.vendor import Vendor

SHARE = (("USMF", 0.62), ("GBSI", 0.18), ("CAMF", 0.18), ("USPM", 0.02))
TRANSACTIONAL = (
    "actual",
    "approval",
    "connection",
    "usage",
    "work_order",
    "work_order_line",
    "time_entry",
    "expense",
    "invoice",
    "estimate_line",
    "project_journal",
    "project_journal_line",
    "item_forecast",
    "forecast_import",
)
LIVES = ("USMF", "CAMF")  # companies with a work order whose whole life is over
ACTUALS_PER_ROUND = 400  # every situation appears once in so many actuals
FLUSH_ROWS = 50_000


class Writer:
    """Writes our rows as the other systems give them: one JSON object a line."""

    def __init__(self, out: Path) -> None:
        self.out = out
        self.bindings: dict[str, list[TableBinding]] = {}
        for binding in shipped_bindings():
            self.bindings.setdefault(binding.record, []).append(binding)
        self.files: dict[Path, BinaryIO] = {}
        self.rows = 0

    def write(self, place: str, record: str, rows: list[Row]) -> None:
        """Append rows of one record of one environment (or of Finance)."""
        for row in rows:
            binding = self._binding(record, row)
            path = self.out / "records" / place / f"{binding.table}.jsonl"
            file = self.files.get(path)
            if file is None:
                path.parent.mkdir(parents=True, exist_ok=True)
                file = self.files[path] = path.open("wb")
            file.write(msgspec.json.encode(dict(encoded(binding, row))) + b"\n")
            self.rows += 1

    def _binding(self, record: str, row: Row) -> TableBinding:
        bindings = self.bindings[record]
        kind = row.get("kind")
        return next((b for b in bindings if b.constants.get("kind", kind) == kind), bindings[0])

    def close(self) -> None:
        for file in self.files.values():
            file.close()


def encoded(binding: TableBinding, row: Row) -> Iterator[tuple[str, Any]]:
    """The columns of a row under their wire names, with annotations as the Web API gives."""
    if binding.side == "dataverse":
        yield "@odata.etag", 'W/"4711"'
    for bound in binding.fields:
        value = row.get(bound.field)
        if value is None:
            continue
        if bound.kind == "choice":
            value = next(code for code, word in bound.values.items() if word == value)
        elif isinstance(value, Decimal):
            value = msgspec.Raw(f"{value:f}".encode())
        elif isinstance(value, bool) and binding.side == "finance":
            value = "Yes" if value else "No"
        elif isinstance(value, datetime):
            value = value.strftime("%Y-%m-%dT%H:%M:%SZ")
        elif isinstance(value, date):  # as the Web API and OData of Finance give days
            value = f"{value.isoformat()}T{'00' if binding.side == 'dataverse' else '12'}:00:00Z"
        if bound.shown:
            yield bound.wire, guid_of(str(value))
            yield bound.shown, value
            continue
        yield bound.wire, value
        if bound.wire.startswith("_"):
            yield f"{bound.wire}@Microsoft.Dynamics.CRM.lookuplogicalname", bound.field
    named = {bound.wire for bound in binding.fields}
    for part in binding.key:
        if part.wire not in named and part.wire in row:
            yield part.wire, row[part.wire]


def make_company(out: Path, actuals: int, seed: int) -> dict[str, int]:
    """Write the rows; returns how many of what. At least `actuals` actuals are made."""
    world = World(random.Random(seed))
    sites = make_sites(world, projects=max(40, actuals // 400))
    price_labour(world, sites)
    crews = {code: Crew(world, site) for code, site in sites.items()}
    vendor = Vendor(world, sites)
    writer = Writer(out)
    queues = {code: situations(site.entity.model != "core") for code, site in sites.items()}
    made, pending = 0, 0
    rounds = -(-actuals // ACTUALS_PER_ROUND)
    for _ in range(rounds):
        for code, share in SHARE:
            crew = crews[code]
            goal = round(min(ACTUALS_PER_ROUND, actuals) * share)
            todo = list(queues[code]) if code in ("USMF", "CAMF") else []
            done = 0
            while done < goal:
                before = _count(world, crew)
                if todo and world.rng.random() < 0.35:
                    todo.pop(0)(crew)
                elif code == "USPM":
                    crew.use(crew.job("tm"))
                else:
                    clean(crew)
                done += _count(world, crew) - before
            made += done
            pending += done
        if pending * 4 > FLUSH_ROWS:
            vendor.write()
            flush(world, writer, TRANSACTIONAL)
            pending = 0
    for code in LIVES:
        before = _count(world, crews[code])
        whole_life(crews[code])
        extras(crews[code])
        made += _count(world, crews[code]) - before
    for code in LIVES:  # after all else, so that no other key moves
        before = _count(world, crews[code])
        billing(crews[code])
        made += _count(world, crews[code]) - before
    for code in LIVES:
        faulty(crews[code])
    vendor.write()
    flush(world, writer, None)
    writer.close()
    return {"actuals": made, "rows": writer.rows}


def _count(world: World, crew: Crew) -> int:
    return len(world.rows[crew.place].get("actual", ()))


def flush(world: World, writer: Writer, records: tuple[str, ...] | None) -> None:
    """Write and forget the rows of some records, or of all."""
    for place, tables in world.rows.items():
        for record in records or tuple(tables):
            writer.write(place, record, tables.get(record, []))
            if record in tables:
                tables[record] = []


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--actuals", type=int, default=400)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=2026)
    given = parser.parse_args()
    counts = make_company(given.out, given.actuals, given.seed)
    adapter_toml = given.out / "adapter.toml"
    if not adapter_toml.exists():
        shipped = Path(__file__).parents[1] / "examples" / "contoso" / "adapter.toml"
        adapter_toml.write_bytes(shipped.read_bytes())
    print(f"{counts['actuals']} actuals, {counts['rows']} rows in {given.out}")


if __name__ == "__main__":
    main()
