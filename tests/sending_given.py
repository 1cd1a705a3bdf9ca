"""A workspace that sends to a twin over a real socket, and the hands of people on both sides."""

import json
import os
import re
from pathlib import Path
from typing import Any

import httpx

from adapter.edge.book import read_book
from adapter.edge.clock import SystemClock
from adapter.edge.demo_sending import DUAL_WRITE
from adapter.edge.ledger import StepRow, open_ledger
from adapter.edge.twin.faults import Faults
from adapter.edge.twin.making import twin_of
from adapter.edge.twin.server import TwinServer
from adapter.edge.twin.twin_command import OVERLAY, SECRET, overlay
from adapter.edge.workspace import read_settings
from tests.commands import Ended, ran

SLOW, FAST = "lease_seconds = 5\nlate_commit_seconds = 3", (
    "lease_seconds = 2\nlate_commit_seconds = 1"
)


class Desk:
    """One workspace, its twin, and the commands of an operator."""

    def __init__(self, folder: Path, *, keys: bool = True, faults: Faults | None = None) -> None:
        for path in folder.rglob(DUAL_WRITE):
            path.unlink()
        self.folder = folder
        self.keys = keys
        settings, _ = read_settings(folder)
        book = read_book(folder, settings, settings.as_of)
        self.twin = twin_of(book, folder, now_ms=SystemClock().now_ms, faults=faults,
                            enforces_keys=keys, late_ms=500)  # fmt: skip
        self.server = TwinServer(self.twin, hang_seconds=0.2)
        self.overlay = overlay(settings, self.server.base, keys).replace(SLOW, FAST)
        self.write(self.overlay)
        os.environ[SECRET] = "twin"

    def __enter__(self) -> "Desk":
        self.server.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.server.stop()

    def write(self, text: str) -> None:
        """The overlay that leads the workspace to the twin, or a changed one."""
        (self.folder / OVERLAY).write_text(text, encoding="utf-8")

    def sends_as(self, delivery: str) -> None:
        """All companies deliver another way."""
        self.write(re.sub(r'delivery = "\w+"', f'delivery = "{delivery}"', self.overlay))

    def run(self, *words: str) -> Ended:
        """A command on this workspace."""
        name, *rest = words
        beside = name in ("send", "replay", "park", "release", "withdraw", "pause", "resume",
                          "ledger", "accept")  # fmt: skip
        place = ["--workspace", str(self.folder)] if beside else [str(self.folder)]
        return ran([name, *rest, *place, "--env", "twin"])

    def plan(self) -> str:
        """Plan; the id."""
        done = self.run("plan", "--format", "json")
        assert done.code in (0, 1), done.err
        return str(json.loads(done.out)["plan"]["id"])

    def reconciled(self) -> dict[str, Any]:
        """The reconciliation as data."""
        return json.loads(self.run("reconcile", "--format", "json").out)  # type: ignore[no-any-return]

    def steps(self) -> list[StepRow]:
        """All steps of the ledger."""
        ledger = open_ledger(str(self.folder / "ledger-twin.db"))
        try:
            return list(ledger.steps())
        finally:
            ledger.close()

    def edit(self, entity: str, action: str, **more: object) -> None:
        """A person's hand in Finance."""
        said = httpx.post(f"{self.server.base}/twin/edit",
                          json={"entity": entity, "action": action, **more})  # fmt: skip
        assert said.json() == {"done": action}

    def refuse(self, actual: str) -> None:
        """Finance takes every line but that of one actual; none: it takes all again."""
        def why(_entity: str, row: dict[str, Any]) -> str:
            is_it = actual and row.get("SourceActualId") == actual
            return f"Warning: Item of {actual} is not allowed." if is_it else ""

        self.twin.finance.refuses = why

    @property
    def rows(self) -> dict[str, int]:
        """Rows that we made, by set."""
        state: dict[str, Any] = self.twin.state()
        made: dict[str, int] = {}
        for name, count in state["effects"].items():
            entity = name.partition("|")[0]
            made[entity] = made.get(entity, 0) + count
        return made
