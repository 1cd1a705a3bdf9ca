"""`twin`: both systems on loopback, and the overlay that leads a workspace to them."""

from errno import EACCES, EADDRINUSE
from pathlib import Path

from adapter.edge.book import read_book
from adapter.edge.clock import SystemClock
from adapter.edge.settings_file import NoWorkspace, read_settings
from adapter.edge.stopping import draining
from adapter.edge.twin.dataverse import ORGANIZATION
from adapter.edge.twin.faults import KINDS, Faults
from adapter.edge.twin.making import twin_of
from adapter.edge.twin.server import TwinServer
from adapter.edge.twin.twin import Twin
from adapter.reading.settings import Settings
from adapter.values.finding import shown

SECRET = "FIELDLEDGER_TWIN_SECRET"
OVERLAY = "adapter.twin.toml"


def run_twin(folder: Path, port: int, seed: int, rate: str, keys: bool, late: int) -> int:
    """Serve until told to stop. Writes adapter.twin.toml into the workspace.

    Raises NoWorkspace, ValueError for a rate or port that cannot be, OSError.
    """
    chance = rate_of(rate)
    settings = read_usable(folder)
    book = read_book(folder, settings, settings.as_of)
    faults = Faults(dict.fromkeys(KINDS, chance) if chance else {}, seed)
    clock = SystemClock()
    twin = twin_of(book, folder, now_ms=clock.now_ms, faults=faults, enforces_keys=keys,
                   late_ms=late * 1000)  # fmt: skip
    with served(twin, port) as server, draining(lambda: None) as stop:
        (folder / OVERLAY).write_text(overlay(settings, server.base, keys), encoding="utf-8")
        print(f"Dataverse  {server.base}/dataverse\nFinance    {server.base}/finance\n"
              f"login      {server.base}/login\nstate      {server.base}/twin/state\n"
              f"wrote {folder / OVERLAY}: use it with --env twin, after\n"
              f"  export {SECRET}=twin", flush=True)  # fmt: skip
        stop.event.wait()
    return 0


def read_usable(folder: Path) -> Settings:
    """adapter.toml without errors. Raises NoWorkspace, with the findings."""
    settings, found = read_settings(folder)
    wrong = tuple(f for f in found if f.level == "error")
    if wrong:
        raise NoWorkspace("adapter.toml has errors: there is nothing to serve", wrong)
    return settings


def rate_of(text: str) -> float:
    """The chance of a fault. Raises ValueError for what is no rate from 0 to 1."""
    try:
        rate = float(text)
    except ValueError:
        rate = -1.0
    if not 0 <= rate <= 1:
        raise ValueError(
            f"--faults is a rate from 0 (none) to 1 (always), such as 0.02, not {shown(text)}"
        )
    return rate


def served(twin: Twin, port: int) -> TwinServer:
    """The server of a twin. Raises ValueError for a port that it may not have."""
    try:
        return TwinServer(twin, port)
    except OSError as error:
        if error.errno not in (EADDRINUSE, EACCES):
            raise
        why = "is in use" if error.errno == EADDRINUSE else "is not for this user"
        raise ValueError(
            f"--port {port} {why}: stop the program that has it, or take --port 0 for any that is"
            " free"
        ) from None


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
