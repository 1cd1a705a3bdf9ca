"""Where the person at the terminal stands, for the commands that texts hint at."""

import shutil
import sys
from pathlib import Path
from shlex import quote

from adapter.telling.hints import PROGRAM, Hints

WIDE = 1_000_000  # columns: annotations of pipelines are one line each
_stands = {"workspace": "", "env": ""}  # of this process, in all of its threads


def stand(workspace: Path | str | None, env: str | None) -> None:
    """Note what was given on the command line; the current folder needs no saying."""
    said = str(workspace or "")
    _stands.update(workspace="" if said in (".", "-") else said, env=env or "")


def hinted(text: str, width: int = 80) -> str:
    """A text whose hints work when they are pasted where the person stands."""
    return Hints(_stands["workspace"], _stands["env"], program())(text, width)


def program() -> str:
    """How this program is called from here: by its name, else by its path beside Python's."""
    if shutil.which(PROGRAM):
        return PROGRAM
    beside = Path(sys.executable).parent / PROGRAM
    if not beside.is_file():
        return PROGRAM
    here = Path.cwd()
    return quote(str(beside.relative_to(here) if beside.is_relative_to(here) else beside))
