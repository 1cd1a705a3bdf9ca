"""Where the person at the terminal stands, for the commands that texts hint at."""

import shutil
import sys
from contextvars import ContextVar
from pathlib import Path
from shlex import quote

from adapter.telling.hints import PROGRAM, Hints

WIDE = 1_000_000  # columns: annotations of pipelines are one line each
_STANDS: ContextVar[tuple[str, str]] = ContextVar("stands", default=("", ""))


def stand(workspace: Path | str | None, env: str | None) -> None:
    """Note what was given on the command line; the current folder needs no saying."""
    said = str(workspace or "")
    _STANDS.set(("" if said in (".", "-") else said, env or ""))


def hinted(text: str, width: int = 80) -> str:
    """A text whose hints work when they are pasted where the person stands."""
    return Hints(*_STANDS.get(), program())(text, width)


def program() -> str:
    """How this program is called from here: by its name, else by its path beside Python's."""
    if shutil.which(PROGRAM):
        return PROGRAM
    beside = Path(sys.executable).parent / PROGRAM
    if not beside.is_file():
        return PROGRAM
    here = Path.cwd()
    return quote(str(beside.relative_to(here) if beside.is_relative_to(here) else beside))
