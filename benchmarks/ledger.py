"""A ledger of a million rows: how soon it sends again after a start, how fast it hands out work.

The rows are there already, as after a year of work: 5,000 documents of 200 rows, all but the last
hundred sent. A restart opens the file, looks at the schema, verifies the whole chain, and finds
what is ready and what is unknown. Claims are timed one by one on what is open.
"""

import json
import time
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from sqlalchemy import insert, text

from adapter.edge.ledger import Ledger, PlanNote, open_ledger
from adapter.edge.ledger.tables import BATCH, STEP

DOCUMENTS = 5_000
LINES = 200
OPEN = 100
LINKS = 11  # of the chain, for a document of 200 rows in calls of 50
PERCENT = 0.99


def fill(ledger: Ledger) -> None:
    """A million rows of history, and some documents that wait."""
    ledger.note_plan(PlanNote(id="plan", as_of="2026-11-30"))
    with ledger.writing() as db:
        for number in range(DOCUMENTS):
            db.execute(insert(BATCH), [_batch(number)])
            db.execute(insert(STEP), list(_steps(number)))
            for _ in range(LINKS):
                ledger.chain(db, "recorded", _key(number), {"states": {"sent": 50}}, "benchmark")


def _key(*parts: object) -> str:
    return sha256(repr(parts).encode()).hexdigest()


def _batch(number: int) -> dict[str, object]:
    is_open = number >= DOCUMENTS - OPEN
    company = f"C{number % 20:03}"
    return {
        "id": _key(number), "plan": "plan", "kind": "integration-journal", "name": f"J{number}",
        "company": company, "environment": "us", "system": "finance", "delivery": "odata",
        "lane": f"us|{company}|{number % 400}", "seq": number,
        "state": "open" if is_open else "done",
    }  # fmt: skip


def _steps(number: int) -> Iterator[dict[str, object]]:
    state = "planned" if number >= DOCUMENTS - OPEN else "sent"
    body = json.dumps({"dataAreaId": "USMF", "Amount": 12.5, "Text": "x" * 200})
    for line in range(LINES):
        key = _key(number, line)
        yield {"key": key, "batch": _key(number), "number": line, "part": "line",
               "entity": "Lines", "keys": json.dumps({"SourceActualId": key}), "body": body,
               "digest": key[:16], "source": key[:16], "actual": key[:36], "company": "USMF",
               "currency": "USD", "amount": "12.50", "state": state}  # fmt: skip


def run(folder: Path) -> dict[str, float]:
    """Seconds to restart, milliseconds of a claim (99 of 100 are faster)."""
    path = folder / "ledger.db"
    ledger = open_ledger(str(path))
    fill(ledger)
    ledger.close()

    began = time.perf_counter()
    ledger = open_ledger(str(path))
    assert ledger.verify() == []
    ready = ledger.ready()
    ledger.open_intents()
    restart = time.perf_counter() - began

    claims = []
    for _ in range(10):
        for batch in ready:
            at = time.perf_counter()
            claim = ledger.claim(batch, "benchmark", 60_000)
            claims.append(time.perf_counter() - at)
            assert claim is not None and len(claim.steps) == LINES
            ledger.put_back(claim, 0, count_attempt=False, because="")
    with ledger.reading() as db:
        rows = db.execute(text("SELECT count(*) FROM step")).scalar_one()
    assert rows == DOCUMENTS * LINES and len(ready) == OPEN
    ledger.close()
    return {"ledger_restart_s": restart,
            "ledger_claim_ms_p99": sorted(claims)[int(len(claims) * PERCENT)] * 1000}
