"""`twin`: both systems on loopback, and the overlay that leads a workspace to them."""

import signal
import threading
from pathlib import Path

from adapter.edge.book import read_book
from adapter.edge.clock import SystemClock
from adapter.edge.twin.dataverse import ORGANIZATION
from adapter.edge.twin.faults import KINDS, Faults
from adapter.edge.twin.making import twin_of
from adapter.edge.twin.server import TwinServer
from adapter.edge.workspace import read_settings
from adapter.reading.settings import Settings

SECRET = "FIELDLEDGER_TWIN_SECRET"
OVERLAY = "adapter.twin.toml"


def run_twin(folder: Path, port: int, seed: int, rate: str, keys: bool, late: int) -> int:
    """Serve until told to stop. Writes adapter.twin.toml into the workspace."""
    settings, _ = read_settings(folder)
    book = read_book(folder, settings, settings.as_of)
    chance = float(rate)
    faults = Faults(dict.fromkeys(KINDS, chance) if chance else {}, seed)
    clock = SystemClock()
    twin = twin_of(book, folder, now_ms=clock.now_ms, faults=faults, enforces_keys=keys,
                   late_ms=late * 1000)  # fmt: skip
    with TwinServer(twin, port) as server:
        (folder / OVERLAY).write_text(overlay(settings, server.base, keys), encoding="utf-8")
        print(f"Dataverse  {server.base}/dataverse\nFinance    {server.base}/finance\n"
              f"login      {server.base}/login\nstate      {server.base}/twin/state\n"
              f"wrote {folder / OVERLAY}: use it with --env twin, after\n"
              f"  export {SECRET}=twin", flush=True)  # fmt: skip
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        stop.wait()
    return 0


def overlay(settings: Settings, base: str, keys: bool) -> str:
    """adapter.twin.toml: everything is sent, to the twin."""
    lines = ["# Made by `fieldledger twin`: leads this workspace to a twin on this machine.", ""]
    for name in settings.environments:
        lines += [
            f"[environments.{name}.connect]",
            f'dataverse = "{base}/dataverse"', f'finance = "{base}/finance"',
            f'login = "{base}/login"', 'tenant = "twin"', 'client = "fieldledger"',
            f'secret = "env:{SECRET}"', f'organization = "{ORGANIZATION}"',
            f"finance_enforces_keys = {'true' if keys else 'false'}", "",
        ]  # fmt: skip
    for code, company in settings.companies.items():
        finance = settings.environments[company.environment].finance is not None
        lines += [f"[companies.{code}]", f'delivery = "{"odata" if finance else "dataverse"}"', ""]
    lines += ["[ledger]", 'url = "ledger-twin.db"', "", "[sending]", "lease_seconds = 5",
              "late_commit_seconds = 3", ""]  # fmt: skip
    return "\n".join(lines)
