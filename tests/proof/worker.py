"""A worker process for the kill matrix: sends what a ledger holds, and may kill itself.

python -m tests.proof.worker LEDGER BASE KEYS POINT NTH: at the NTH passing of POINT (or never,
for `-`) the process kills itself with SIGKILL, as a power cut would.
"""

import os
import signal
import sys
import threading
from collections import Counter

from adapter.edge.clock import SystemClock
from adapter.edge.dataverse.client import DataverseClient
from adapter.edge.dataverse.neighbour import DataverseNeighbour
from adapter.edge.finance.client import FinanceClient
from adapter.edge.finance.neighbour import FinanceNeighbour
from adapter.edge.http.secrets import Secret
from adapter.edge.http.session import Session
from adapter.edge.http.tokens import Tokens
from adapter.edge.ledger import Claim, open_ledger
from adapter.edge.sending.dispatch import Sender
from adapter.edge.sending.ports import Neighbour
from adapter.edge.sending.runner import EmbeddedRunner
from adapter.reading.connect import SendingSetting
from tests.proof.consignments import COMPANIES

LEASE_SECONDS, LATE_SECONDS = 1, 2
POINTS = ("claimed", "intended", "answered", "recorded", "asked", "settled", "finished")


def main(url: str, base: str, keys: str, point: str, nth: str) -> None:
    clock = SystemClock()
    os.environ["PROOF_SECRET"] = "proof-secret"
    ledger = open_ledger(url)
    passed: Counter[str] = Counter()
    lock = threading.Lock()

    def at(name: str) -> None:
        with lock:
            passed[name] += 1
            if name == point and passed[name] == int(nth):
                os.kill(os.getpid(), signal.SIGKILL)

    def session(part: str) -> Session:
        tokens = Tokens(f"{base}/login", "t", "c", f"{base}/{part}", clock,
                        secret=Secret("env:PROOF_SECRET"))  # fmt: skip
        return Session(f"{base}/{part}", tokens, clock, timeout=1)

    finance = FinanceNeighbour(FinanceClient(session("finance")), "finance", chunk=5,
                               companies=frozenset(COMPANIES), enforces_keys=keys == "keys")
    dataverse = DataverseNeighbour(DataverseClient(session("dataverse")), "dataverse", chunk=5)

    def neighbour_of(claim: Claim) -> Neighbour:
        return finance if claim.system == "finance" else dataverse

    setting = SendingSetting(workers=2, lease_seconds=LEASE_SECONDS,
                             late_commit_seconds=LATE_SECONDS)  # fmt: skip
    sender = Sender(ledger, neighbour_of, clock, setting, at=at)
    stop = threading.Event()

    def failed(_batch: str, error: Exception) -> None:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)

    runner = EmbeddedRunner(sender.dispatch, setting.workers, clock, failed)

    def sweep() -> None:
        if not any(b["state"] == "open" for b in ledger.batches()):
            stop.set()
        for batch in ledger.ready():
            runner.submit(batch)

    def asked_to_stop(_signal: int, _frame: object) -> None:
        sender.draining = True
        stop.set()

    signal.signal(signal.SIGTERM, asked_to_stop)
    runner.every(0.05, sweep)
    runner.run(stop)
    ledger.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
