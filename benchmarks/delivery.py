"""Rows delivered to the twin: through ledger, fences and receipts, beside a bare httpx loop.

Both send the same documents: each header alone, its lines in batches of the same size. Ours does
it as `send` does, with the default number of workers, of which each company keeps one busy at
most; the bare loop sends one after the other and keeps no record of anything. The twin runs in
its own process on loopback and answers at once, which no ERP does: the second ratio is against a
twin that takes 20 ms for each call.
"""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import msgspec

from adapter.edge.clock import SystemClock
from adapter.edge.finance.client import FinanceClient
from adapter.edge.finance.literals import linked
from adapter.edge.finance.neighbour import FinanceNeighbour
from adapter.edge.http.multipart import Part, read_batch, write_batch
from adapter.edge.http.session import Answer, Session
from adapter.edge.http.tokens import Tokens
from adapter.edge.ledger import PlanNote, open_ledger
from adapter.edge.sending.dispatch import Sender
from adapter.edge.sending.runner import EmbeddedRunner
from adapter.edge.sending.working import SWEEP_SECONDS
from adapter.making.steps import Consignment
from adapter.reading.connect import SendingSetting
from tests.proof.consignments import COMPANIES, FINANCE, journal

DOCUMENTS = 60
LINES = 199
CHUNK = 50
ROUNDS = 3
THINK_MS = 20
ROWS = DOCUMENTS * (LINES + 1)


def documents(name: str) -> list[Consignment]:
    """Journals of some companies, each with a header and lines."""
    return [
        journal(f"{name}-{number}", COMPANIES[number % len(COMPANIES)], LINES)
        for number in range(DOCUMENTS)
    ]


@contextmanager
def twin(think_ms: int = 0) -> Iterator[str]:
    """A twin in a process of its own; its address. `think_ms`: what each call takes it."""
    command = [sys.executable, "-m", "benchmarks.delivery", str(think_ms)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.PIPE) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().decode().strip()
        finally:
            process.terminate()


def serve(think_ms: int) -> None:
    """Run a twin until standard input ends."""
    from adapter.edge.twin.answers import TwinAnswer
    from adapter.edge.twin.server import TwinServer
    from adapter.edge.twin.twin import Twin

    class Thinking(Twin):
        def answer(
            self, method: str, url: str, headers: dict[str, str], body: bytes
        ) -> TwinAnswer:
            time.sleep(think_ms / 1000)
            return super().answer(method, url, headers, body)

    server = TwinServer(Thinking(dataverse=[], finance=FINANCE, now_ms=SystemClock().now_ms))
    with server:
        print(server.base, flush=True)
        sys.stdin.read()


def by_us(base: str, folder: Path, name: str) -> float:
    """Seconds to deliver through the ledger."""
    clock = SystemClock()
    tokens = Tokens(f"{base}/login", "twin", "fieldledger", f"{base}/finance", clock,
                    secret=_Known())  # type: ignore[arg-type]  # fmt: skip
    session = Session(f"{base}/finance", tokens, clock)
    neighbour = FinanceNeighbour(FinanceClient(session), name, companies=frozenset(COMPANIES),
                                 enforces_keys=True, chunk=CHUNK)  # fmt: skip
    ledger = open_ledger(str(folder / f"{name}.db"))
    ledger.note_plan(PlanNote(id="plan", as_of="2026-11-30"))
    ledger.enter("plan", documents(name))
    setting = SendingSetting()
    sender = Sender(ledger, lambda _claim: neighbour, clock, setting)
    session.call("GET", "data/Lines", params={"$filter": "SourceActualId eq 'none'"})
    stop = threading.Event()
    done: list[str] = []

    def onward(batch: str) -> None:
        word = sender.dispatch(batch).word
        assert word in ("done", "not-ready")
        if word == "done":
            done.append(batch)
            submit()
        if len(done) == DOCUMENTS:
            stop.set()

    def submit() -> None:
        for batch in ledger.ready():
            runner.submit(batch)

    runner = EmbeddedRunner(onward, setting.workers, clock, _failed)
    runner.every(SWEEP_SECONDS, submit)
    began = time.perf_counter()
    runner.run(stop)
    seconds = time.perf_counter() - began
    assert ledger.counts()["sent"] == ROWS
    ledger.close()
    session.close()
    return seconds


def _failed(_batch: str, error: Exception) -> None:
    raise AssertionError("a dispatch failed") from error


class _Known:
    """A secret that is none."""

    def reveal(self) -> str:
        return "twin"


def by_httpx(base: str, name: str) -> float:
    """Seconds of a bare loop with the same batches."""
    made = documents(name)
    with httpx.Client(timeout=60, trust_env=False) as client:
        form = {"grant_type": "client_credentials", "client_id": "x", "client_secret": "twin",
                "scope": f"{base}/finance/.default"}  # fmt: skip
        token = client.post(f"{base}/login/twin/oauth2/v2.0/token", data=form).json()
        client.headers["Authorization"] = f"Bearer {token['access_token']}"
        client.get(f"{base}/finance/data/Lines?$filter=SourceActualId eq 'none'")
        json_head = {"Content-Type": "application/json"}
        sent = 0
        began = time.perf_counter()
        for one in made:
            header, *lines = one.steps
            url = f"{base}/finance/data/{header.entity}?cross-company=true"
            said = client.post(url, content=header.body, headers=json_head)
            answer = {k: str(v) for k, v in msgspec.json.decode(said.content).items()}
            sent += said.status_code == 201
            for start in range(0, len(lines), CHUNK):
                parts = [
                    Part(method="POST", headers=json_head, content_id=str(number),
                         url=f"{base}/finance/data/{step.entity}?cross-company=true",
                         body=linked(step.body, step.links, answer) or "")
                    for number, step in enumerate(lines[start : start + CHUNK], start=1)
                ]  # fmt: skip
                whole = client.post(
                    f"{base}/finance/data/$batch", content=write_batch(parts, "b"),
                    headers={"Content-Type": "multipart/mixed; boundary=b"},
                )  # fmt: skip
                inside = read_batch(Answer(status=200, headers=dict(whole.headers),
                                           body=whole.content))  # fmt: skip
                sent += sum(p.answer.status == 201 for p in inside)
        seconds = time.perf_counter() - began
    assert sent == ROWS, sent
    return seconds


def run(folder: Path) -> dict[str, float]:
    """The best of some rounds of each, in turn."""
    ours, bare = best(folder, 0)
    ours_slow, bare_slow = best(folder, THINK_MS)
    return {
        "delivery_rows_per_s": ROWS / ours, "delivery_httpx_rows_per_s": ROWS / bare,
        "delivery_vs_httpx": bare / ours,
        f"delivery_vs_httpx_at_{THINK_MS}_ms": bare_slow / ours_slow,
    }  # fmt: skip


def best(folder: Path, think_ms: int) -> tuple[float, float]:
    """Seconds of ours and of the bare loop, the best of some rounds, in turn."""
    ours, bare = [], []
    for number in range(ROUNDS):
        with twin(think_ms) as base:
            bare.append(by_httpx(base, f"bare{number}"))
            ours.append(by_us(base, folder, f"ours{think_ms}-{number}"))
    return min(ours), min(bare)


if __name__ == "__main__":
    serve(int(sys.argv[1]))
