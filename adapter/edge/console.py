"""The terminal: width, colour, progress. Views are drawn in `telling/`."""

import os
import shutil
import sys
from collections.abc import Callable

from msgspec import Struct

COLORS = ("auto", "always", "never")


class Console(Struct, frozen=True):
    """How text is shown on standard output."""

    width: int
    colour: bool
    ascii_only: bool


def console(color: str) -> Console:
    """What the terminal can do; `color` is auto, always or never, else ValueError."""
    if color not in COLORS:
        raise ValueError(f"--color is one of {', '.join(COLORS)}")
    is_terminal = sys.stdout.isatty()
    wanted = is_terminal and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"
    encoding = (sys.stdout.encoding or "ascii").lower().replace("-", "")
    width = shutil.get_terminal_size((80, 24)).columns if is_terminal else 80
    return Console(
        width=max(80, min(width, 160)),
        colour=color == "always" or (color == "auto" and wanted),
        ascii_only="utf" not in encoding,
    )


def progress(what: str) -> Callable[[int], None] | None:
    """A counter on standard error; None where nobody watches."""
    if not sys.stderr.isatty():
        return None

    def show(count: int) -> None:
        sys.stderr.write(f"\r{what}: {count:,}")
        sys.stderr.flush()

    return show


def progress_done() -> None:
    """Clear the counter."""
    if sys.stderr.isatty():
        sys.stderr.write("\r" + " " * 40 + "\r")
        sys.stderr.flush()
