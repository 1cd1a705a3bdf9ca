"""Rows that we only expect, looked for among what the vendor's integration and people made.

They have no key of ours. What they are known by stands in `[[match]]` of
mappings/tables/reconcile.toml; how they are paired, in `making.vendor_rows`.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct, field

from adapter.edge.book import Book
from adapter.edge.dataverse.client import DataverseClient, name
from adapter.edge.finance.client import FinanceClient
from adapter.edge.finance.literals import filter_of
from adapter.edge.ledger import StepRow
from adapter.edge.sending.asking import NO_CONNECTION
from adapter.edge.sending.ghosts import NOT_THERE, PARTS
from adapter.edge.sending.office import Office
from adapter.edge.sending.patience import Patience
from adapter.edge.sending.ports import CannotConnect, NoConnection
from adapter.making.compared import normal
from adapter.making.reconcile import Expected
from adapter.making.vendor_rows import Match, Row, above, matched
from adapter.reading.reconcile_table import Way
from adapter.reading.schema import entity_set


class Reading(Struct, frozen=True):
    """The rows of one set, or why there are none. `is_answered`: somebody said so."""

    rows: Sequence[Row] = ()
    why: str = ""
    is_answered: bool = True


class Vendors(Struct):
    """The search of one command: every set is read once."""

    here: Office
    patience: Patience
    ways: Mapping[str, Sequence[Way]]
    named: Mapping[tuple[str, str], str]  # set and part -> mapping
    found: dict[str, Match] = field(default_factory=dict)
    read: dict[tuple[str, int, frozenset[str]], Reading] = field(default_factory=dict)

    def expected(self, every: Sequence[StepRow]) -> Iterator[Expected]:
        """What was found of rows of one environment and system. Raises AskedToWait."""
        for part in PARTS:
            mine = [row for row in every if row.step.part == part]
            for entity in dict.fromkeys(row.step.entity for row in mine):
                yield from self._of_set([r for r in mine if r.step.entity == entity], every)

    def _of_set(self, rows: list[StepRow], every: Sequence[StepRow]) -> Iterator[Expected]:
        step = rows[0].step
        mapping = self.named.get((step.entity, step.part), step.entity)
        ways = self.ways.get(mapping, ())
        if not ways:
            is_above = step.part == "header"
            blind = f"cannot be seen by key, and no [[match]] of {mapping} in reconcile.toml"
            for row in rows:
                yield _expected(row, is_above=is_above, blind="" if is_above else blind)
            return
        whys = []
        done: dict[str, Match] = {}
        is_answered = is_read = False
        for way in ways:
            companies = frozenset(row.step.company for row in rows)
            reading = self._reading(rows[0], way, companies)
            is_answered = is_answered or reading.is_answered
            if reading.why:
                whys.append(reading.why)
                continue
            is_read = True
            made = self._matched(rows, every, reading, way)
            done |= {k: m for k, m in made.items() if k not in done or done[k].word == "missing"}
        self.found |= done
        for row in rows:
            match = done.get(row.step.key)
            if match is not None:
                yield _of(row, match)
            elif is_read or is_answered or NO_CONNECTION in whys:
                yield _expected(row, blind="; ".join(dict.fromkeys(whys)))
            else:
                yield _expected(row, is_known=False)

    def _matched(
        self, rows: list[StepRow], every: Sequence[StepRow], reading: Reading, way: Way
    ) -> dict[str, Match]:
        if not way.via:
            return matched([row.step for row in rows], reading.rows, way)
        by_key = {normal(way.key, r.get(way.key)): r for r in reading.rows}
        return {row.step.key: above(row.step, self._below(row, every), by_key, way)
                for row in rows}  # fmt: skip

    def _below(self, row: StepRow, every: Sequence[StepRow]) -> list[Match]:
        """What was found of the details of a line, or of a header."""
        whole = sorted((r for r in every if r.batch == row.batch), key=lambda r: r.step.number)
        mine = [r for r in whole if r.step.number > row.step.number]
        if row.step.part == "line":
            end = next((n for n, r in enumerate(mine) if r.step.part != "detail"), len(mine))
            mine = mine[:end]
        return [m for r in mine if r.step.part == "detail"
                and (m := self.found.get(r.step.key)) is not None]  # fmt: skip

    def _reading(self, row: StepRow, way: Way, companies: frozenset[str]) -> Reading:
        key = (row.environment, id(way), companies)
        known = self.read.get(key)
        if known is None:
            known = self.read[key] = self._rows(row, way, companies)
        return known

    def _rows(self, row: StepRow, way: Way, companies: frozenset[str]) -> Reading:
        targets = self.here.targets
        system: Any = row.system
        try:
            session = targets.session(row.environment, system)
            gate = targets.gate(row.environment, system)
        except NoConnection:
            return Reading(why=NO_CONNECTION)
        except CannotConnect as error:
            return Reading(why=str(error), is_answered=False)
        if system == "finance":
            where = filter_of([{"dataAreaId": code} for code in sorted(companies)])
            rows, said = self.patience.read(
                gate, lambda: FinanceClient(session).rows(way.set, where, ",".join(way.columns)),
                lambda answer: answer[1], session,
            )  # fmt: skip
            meaning, message = str(said.meaning), said.message
        else:
            path = f"{name(way.set)}?$select={','.join(map(name, way.columns))}"
            rows, heard = self.patience.read(
                gate, lambda: DataverseClient(session).rows(path), lambda answer: answer[1], session
            )
            meaning, message = heard.meaning, heard.message
        if meaning == "fine":
            return Reading(rows=rows)
        return Reading(why=f"{way.set} of {row.environment}: {message or 'no answer'}",
                       is_answered=meaning in NOT_THERE)  # fmt: skip


def vendors(here: Office, book: Book, patience: Patience) -> Vendors:
    """What looks for rows that others are to make, by the data of the workspace."""
    ways: dict[str, list[Way]] = {}
    for way in book.reconciling.match:
        ways.setdefault(way.mapping, []).append(way)
    named = {(entity_set(mapping.target, book.schemas), mapping.part): mapping.name
             for mapping in book.mappings.values()}  # fmt: skip
    return Vendors(here, patience, ways, named)


def _of(row: StepRow, match: Match) -> Expected:
    if match.word == "several":
        return _expected(row, blind="nobody can say which of several it is", why=match.why)
    return _expected(row, rows=(match.row,) if match.row else (), changed=match.changed)


def _expected(row: StepRow, **more: Any) -> Expected:
    return Expected(step=row.step, state=row.state, parked=row.parked, is_expected=True,
                    kind=row.kind, delivery=row.delivery, **more)  # fmt: skip
