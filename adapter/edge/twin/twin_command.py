"""`twin`: both systems of each environment on loopback, and the overlay that leads to them."""

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from errno import EACCES, EADDRINUSE
from pathlib import Path

import msgspec
from msgspec import Struct

from adapter.edge.book import Book, read_book
from adapter.edge.clock import SystemClock
from adapter.edge.settings_file import usable_settings
from adapter.edge.stopping import draining
from adapter.edge.twin.dataverse import ORGANIZATION
from adapter.edge.twin.faults import KINDS, Faults, Scripted
from adapter.edge.twin.making import organization_of, twin_of
from adapter.edge.twin.server import TwinServer
from adapter.edge.twin.twin import LATE_MS, Twin
from adapter.edge.written import write_text
from adapter.reading.settings import Settings
from adapter.values.finding import shown

SECRET = "FIELDLEDGER_TWIN_SECRET"
OVERLAY = "adapter.twin.toml"
LEDGER = "ledger-twin.db"
_PORT = re.compile(r":\d+/")


class _Script(Struct, frozen=True, forbid_unknown_fields=True):
    fault: tuple[Scripted, ...]


def run_twin(
    folder: Path, port: int, seed: int, rate: str, keys: bool, late: int,
    script: Path | None = None,
) -> int:  # fmt: skip
    """Serve until told to stop. Writes adapter.twin.toml into the workspace.

    Raises NoWorkspace, ValueError for a rate, script or port that cannot be, OSError.
    """
    chance = rate_of(rate)
    scripted = script_of(script) if script is not None else ()
    settings = usable_settings(folder, so="there is nothing to serve")
    book = read_book(folder, settings, settings.as_of)
    rates = dict.fromkeys(KINDS, chance) if chance else {}
    with served(book, folder, port=port, faults=lambda: Faults(rates, seed, scripted), keys=keys,
                late_ms=late * 1000) as servers, draining(lambda: None) as stop:
        bases = {name: server.base for name, server in servers.items()}
        write_overlay(folder / OVERLAY, overlay(settings, bases, keys))
        for name, base in bases.items():
            finance = settings.environments[name].finance is not None
            print(f"{name}\n  Dataverse  {base}/dataverse\n"
                  + f"  Finance    {base}/finance\n" * finance
                  + f"  login      {base}/login\n  state      {base}/twin/state")  # fmt: skip
        if (folder / LEDGER).is_file():
            print(f"{LEDGER} knows what an earlier twin was sent, and this one does not have: "
                  "move it away to begin anew", flush=True)  # fmt: skip
        print(f"wrote {folder / OVERLAY}: use it with --env twin, after\n"
              f"  export {SECRET}=twin", flush=True)  # fmt: skip
        stop.event.wait()
    return 0


def write_overlay(path: Path, text: str) -> None:
    """The overlay of this twin; what a person changed in the one before is kept beside it."""
    before = path.read_text("utf-8") if path.is_file() else text
    if _PORT.sub(":0/", before) != _PORT.sub(":0/", text):
        kept = path.with_name(path.name + ".before")
        write_text(kept, before)
        print(f"{path.name} was changed by hand: it is kept as {kept.name}")
    write_text(path, text)


def script_of(path: Path) -> tuple[Scripted, ...]:
    """The faults of a script: `[[fault]]` tables of a TOML file. Raises ValueError, OSError."""
    try:
        said = tomllib.loads(path.read_text("utf-8"))
        return msgspec.convert(said, _Script).fault
    except (tomllib.TOMLDecodeError, msgspec.ValidationError, UnicodeDecodeError) as error:
        raise ValueError(f"{path}: {shown(error)}. A fault is a table such as [[fault]] with match"
                         " = \"POST /finance/data/.*\" and fault = \"throttle\"") from None


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


def _server(twin: Twin, port: int) -> TwinServer:
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


@contextmanager
def served(
    book: Book, folder: Path, *, port: int = 0, faults: Callable[[], Faults] = Faults,
    keys: bool = True, late_ms: int = LATE_MS,
) -> Iterator[dict[str, TwinServer]]:  # fmt: skip
    """A twin for each environment, at ports one after the other (0: any that are free), each with
    its own organisation, rows, tokens and throttling: as two environments are two hosts.
    """
    clock = SystemClock()
    with ExitStack() as stack:
        servers: dict[str, TwinServer] = {}
        for number, name in enumerate(book.settings.environments):
            twin = twin_of(book, folder, now_ms=clock.now_ms, faults=faults(), late_ms=late_ms,
                           enforces_keys=keys, environment=name)  # fmt: skip
            at = port + number if port else 0
            servers[name] = stack.enter_context(_server(twin, at))
        yield servers


def overlay(settings: Settings, bases: Mapping[str, str] | str, keys: bool) -> str:
    """adapter.twin.toml: everything is sent, to the twin of its environment. A single base stands
    for all of them.
    """
    lines = ["# Made by `fieldledger twin`: leads this workspace to a twin on this machine.", ""]
    for name, setting in settings.environments.items():
        base = bases if isinstance(bases, str) else bases[name]
        own = ORGANIZATION if isinstance(bases, str) else organization_of(name)
        lines += [f"[environments.{name}.connect]", f'dataverse = "{base}/dataverse"']
        if setting.finance is not None:
            lines.append(f'finance = "{base}/finance"')
        lines += [
            f'login = "{base}/login"', 'tenant = "twin"', 'client = "fieldledger"',
            f'secret = "env:{SECRET}"', f'organization = "{own}"',
            f"finance_enforces_keys = {'true' if keys else 'false'}", "",
        ]  # fmt: skip
    for code, company in settings.companies.items():
        finance = settings.environments[company.environment].finance is not None
        lines += [f"[companies.{code}]", f'delivery = "{"odata" if finance else "dataverse"}"', ""]
    lines += ["[ledger]", f'url = "{LEDGER}"', "", "[sending]", "lease_seconds = 5",
              "late_commit_seconds = 3", ""]  # fmt: skip
    return "\n".join(lines)
