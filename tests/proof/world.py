"""A simulated world: the product's own code, a clock that stands until it is moved, faults.

One thread; a frozen worker is one that lets others run inside its own call. A crash is an
exception that nothing catches; what was not committed is gone, the rest begins anew from
the database. The same seed gives the same run.
"""

import random
import shutil
import sqlite3
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import httpx
from sqlalchemy import event

from adapter.edge.dataverse.client import DataverseClient
from adapter.edge.dataverse.neighbour import DataverseNeighbour
from adapter.edge.finance.client import FinanceClient
from adapter.edge.finance.neighbour import FinanceNeighbour
from adapter.edge.http.secrets import Secret
from adapter.edge.http.session import Session
from adapter.edge.http.tokens import Tokens
from adapter.edge.ledger import Claim, InboxRow, Ledger, LedgerError, open_ledger
from adapter.edge.sending.dispatch import Sender
from adapter.edge.sending.ports import Neighbour
from adapter.edge.twin.faults import BATCH_ONLY, KINDS, Faults
from adapter.edge.twin.transport import TwinTransport
from adapter.edge.twin.twin import Twin
from adapter.reading.connect import SendingSetting
from adapter.reading.json_text import json_text
from tests.proof.consignments import COMPANIES, DATAVERSE, FINANCE, consignments, entered

START_MS = 1_795_000_000_000
LATE_SECONDS, LEASE_SECONDS = 20, 30
BASE = "http://127.0.0.1:1"
OWN_KINDS = ("crash-at-point", "crash-before-request", "crash-after-request", "freeze",
             "database-full", "database-busy", "drain", "restart", "pause", "clock-back",
             "other-row-there")  # fmt: skip
TABLE = "msdyn_actuals"


class Crash(BaseException):
    """The process died here."""


class SimulatedClock:
    """Time moves when it is told to; the wall clock may jump."""

    def __init__(self, seed: int) -> None:
        self.ms = START_MS
        self.skew = 0
        self.chance = random.Random(f"clock {seed}")

    def now_ms(self) -> int:
        return self.ms + self.skew

    def monotonic_ms(self) -> int:
        return self.ms

    def database_ms(self) -> int:
        return self.ms

    def sleep_ms(self, duration: int) -> None:
        self.ms += duration

    def token(self, length: int) -> str:
        return f"{self.chance.getrandbits(4 * length):0{length}x}"


class World:
    """Ledger, twin, workers and faults of one seed."""

    def __init__(
        self, seed: int, folder: Path, template: Path, *, masked: Iterable[tuple[str, int]] = (),
        documents: int = 5, lines: int = 8,
    ) -> None:  # fmt: skip
        self.seed = seed
        self.enforces_keys = seed % 2 == 0
        self.clock = SimulatedClock(seed)
        self.masked = set(masked)
        draw = random.Random(f"swarm {seed}")
        rates = {k: draw.choice((0.1, 0.3) if k in BATCH_ONLY else (0.01, 0.05, 0.2))
                 for k in KINDS if draw.random() < 0.5}  # fmt: skip
        self.own_rates = {k: draw.choice((0.01, 0.04, 0.1)) for k in OWN_KINDS
                          if draw.random() < 0.5}  # fmt: skip
        self.streams = {k: random.Random(f"{seed} {k}") for k in OWN_KINDS}
        self.chances: Counter[str] = Counter()
        self.hits: list[tuple[str, int, str]] = []
        self.faults_on = True
        self.faults = Faults(rates, seed, masked=self.masked)
        self.poison = f"d{seed}-1-2"  # a row that is refused for ever, by its content
        self.twin = Twin(dataverse=[*DATAVERSE], finance=FINANCE, faults=self.faults,
                         now_ms=self.clock.database_ms, enforces_keys=self.enforces_keys,
                         late_ms=LATE_SECONDS * 1000, poison=(self.poison,))  # fmt: skip
        self.path = folder / f"ledger-{seed}.db"
        shutil.copy(template, self.path)
        self.made = consignments(seed, documents, lines)
        self.broken: list[str] = []
        self.bodies: dict[str, set[str]] = {}
        self.steps = {s.key: s for c in self.made for s in c.steps}
        self.by_text = {v: s.key for s in self.steps.values() for v in s.keys.values()
                        if v not in COMPANIES}  # fmt: skip
        self.depth = 0
        self.paused = False
        self.source: dict[str, tuple[int, str]] = {}  # rows to be pulled: id -> version, body
        self.ledger = self.opened()
        for _ in range(200):  # a person enters the plan again until it is in
            try:
                entered(self.ledger, self.made)
                break
            except LedgerError:
                continue
        self.sender = self.worker("w0")

    def falls(self, kind: str, place: str = "") -> bool:
        """Whether a fault of our own happens now; each kind has its own stream and count."""
        if kind not in self.own_rates:
            return False
        self.chances[kind] += 1
        hit = self.streams[kind].random() < self.own_rates[kind]
        if hit and self.faults_on and (kind, self.chances[kind]) not in self.masked:
            self.hits.append((kind, self.chances[kind], place))
            return True
        return False

    def opened(self) -> Ledger:
        ledger = open_ledger(str(self.path), now_ms=self.clock.database_ms)

        @event.listens_for(ledger.engine, "before_cursor_execute")
        def before(_c, _cursor, statement, _p, _x, _many):  # type: ignore[no-untyped-def]
            if not statement.startswith(("INSERT", "UPDATE", "DELETE")):
                return
            before_hits = len(self.hits)
            try:
                fails(statement)
            finally:
                if len(self.hits) > before_hits and "gate" in statement:
                    self.twin.closed_until.clear()  # the others could not be told

        def fails(statement: str) -> None:
            if self.falls("database-full", statement[:12]):
                raise sqlite3.OperationalError("database or disk is full")
            if self.falls("database-busy", statement[:12]):
                raise sqlite3.OperationalError("database is locked")

        return ledger

    def worker(self, name: str) -> Sender:
        transport = Watched(self)

        def session(part: str) -> Session:
            tokens = Tokens(f"{BASE}/login", "t", "c", f"{BASE}/{part}", self.clock,
                            secret=Secret("env:PROOF_SECRET"), transport=transport)
            return Session(f"{BASE}/{part}", tokens, self.clock, transport=transport, timeout=1)

        finance = FinanceNeighbour(FinanceClient(session("finance")), "finance", chunk=4,
                                   companies=frozenset(COMPANIES),
                                   enforces_keys=self.enforces_keys)  # fmt: skip
        self.client = DataverseClient(session("dataverse"))
        dataverse = DataverseNeighbour(self.client, "dataverse", chunk=4)

        def neighbour_of(claim: Claim) -> Neighbour:
            return finance if claim.system == "finance" else dataverse

        setting = SendingSetting(lease_seconds=LEASE_SECONDS, late_commit_seconds=LATE_SECONDS)
        return Sender(self.ledger, neighbour_of, self.clock, setting, at=self.at, holder=name)

    def at(self, point: str) -> None:
        """A named point of the product is passed."""
        if self.falls("crash-at-point", point):
            raise Crash(point)
        if self.depth == 0 and self.falls("freeze", point):
            self.freeze(point)

    def freeze(self, point: str) -> None:
        """This worker stands still past its lease; another one works meanwhile."""
        if point in ("answered", "asked"):  # it knows of a 429 that it could not yet tell
            self.twin.closed_until.clear()
        self.clock.ms += (LEASE_SECONDS + 1) * 1000
        self.depth += 1
        other = self.worker("w1")
        try:
            for batch in self.ledger.ready():
                other.dispatch(batch)
        except LedgerError:
            pass
        finally:
            self.depth -= 1

    def restart(self) -> None:
        """A new process on the same database."""
        self.depth = 0
        self.twin.closed_until.clear()  # what it was told to wait died with the process
        self.ledger.close()
        self.ledger = self.opened()
        self.sender = self.worker("w0")

    def one_step(self) -> None:
        """Something happens: time passes, a batch is dispatched, a row arrives, a person acts."""
        try:
            self._one_step()
        except Crash:
            self.restart()
        except LedgerError:
            pass  # the unit of work was given up; its lease runs out

    def _one_step(self) -> None:
        if self.falls("restart"):
            self.restart()
        if self.falls("clock-back"):
            self.clock.skew -= 3_600_000
        if self.falls("pause"):
            self.paused = not self.paused
            act = self.ledger.pause if self.paused else self.ledger.resume
            act("*", "simulated", "person")
        if self.falls("other-row-there"):
            self._other_row()
        self.sender.draining = self.falls("drain")
        self.pull()
        ready = self.ledger.ready()
        for batch in ready[:2]:
            self.sender.dispatch(batch)
        self.sender.draining = False
        self.clock.ms += 1_000 if ready else 5_000

    def _other_row(self) -> None:
        """Another program makes a row with a key of ours and another body."""
        key = self.streams["other-row-there"].choice(sorted(self.steps))
        row = self.ledger.step(key)
        if row is None or row.state != "planned" or row.step.part == "header":
            return
        store = self.twin.finance.store if row.system == "finance" else self.twin.dataverse.store
        if not store.find(row.step.entity, store.key(row.step.entity, row.step.keys)):
            store.load(row.step.entity, [{**row.step.keys, "Amount": "666.66"}])
            store._indexes.pop(row.step.entity, None)

    def pull(self) -> None:
        """The CRM gives rows; the inbox must end up with all of them."""
        stream = random.Random(f"source {self.seed} {self.clock.ms}")
        if self.faults_on and stream.random() < 0.3:
            id = f"{stream.randint(1, 9):08d}-0000-4000-8000-000000000000"
            version = self.source.get(id, (0, ""))[0] + 1
            self.source[id] = (version, json_text({"id": id, "v": version}))
        after = int(self.ledger.cursor("us", TABLE) or 0)
        seen = sum(v for v, _ in self.source.values())
        rows = [InboxRow(id=i, version=str(v), body=b) for i, (v, b) in self.source.items()]
        if seen != after:
            self.ledger.take_rows("us", TABLE, rows, str(seen))


class Watched(httpx.BaseTransport):
    """The twin's transport, with what must hold of every request."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.inner = TwinTransport(world.twin)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        world = self.world
        if request.url.host != "127.0.0.1" or request.url.port != 1:
            world.broken.append(f"I19 a request to {request.url.host}")
        body = request.read().decode("utf-8", "replace")
        if request.method in ("POST", "PATCH") and "/login/" not in request.url.path:
            self.check(body)
        if world.falls("crash-before-request", request.url.path):
            raise Crash("before a request")
        response = self.inner.handle_request(request)
        if world.falls("crash-after-request", request.url.path):
            raise Crash("after a request")
        return response

    def check(self, body: str) -> None:
        """Every row in a request was intended before, has one body for ever, and may go."""
        world = self.world
        if world.paused and world.ledger.paused("USMF") is not None and world.depth == 0:
            world.paused_sends = getattr(world, "paused_sends", 0) + 1
        for line in body.splitlines():
            if not line.startswith("{"):
                continue
            key = next((k for text, k in world.by_text.items() if f'"{text}"' in line
                        and self._is_own(line, text, k)), None)  # fmt: skip
            if key is None:
                world.broken.append(f"I16 a row that no step sends: {line[:80]}")
                continue
            world.bodies.setdefault(key, set()).add(line.split(',"Journal":')[0].rstrip("}"))
            row = world.ledger.step(key)
            if row is None or row.state not in ("intended", "unknown", "sent"):
                world.broken.append(f"I17 {key[:8]} left without an intent ({row and row.state})")

    def _is_own(self, line: str, text: str, key: str) -> bool:
        name = next(n for n, v in self.world.steps[key].keys.items() if v == text)
        return f'"{name}":"{text}"' in line
