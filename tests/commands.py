"""Commands run in this process: what they print, and how they end."""

import contextlib
import io
import sys
from collections.abc import Sequence
from pathlib import Path
from shutil import copytree
from unittest import mock

from msgspec import Struct

from adapter.edge.cli import main
from benchmarks.company import make_company

CONTOSO = Path(__file__).parents[1] / "examples" / "contoso"


class Ended(Struct):
    """How a command ended."""

    code: int
    out: str
    err: str


def ran(arguments: Sequence[str | Path], given: bytes = b"") -> Ended:
    """Run `fieldledger` with some arguments and standard input."""
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2))
    code = 0
    feed = io.TextIOWrapper(io.BytesIO(given), "utf-8")
    with (
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        mock.patch.object(sys, "stdin", feed),
    ):
        try:
            main([str(argument) for argument in arguments])
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 1
    return Ended(code, *(s.buffer.getvalue().decode() for s in (out, err)))  # type: ignore[attr-defined]


def small_company(folder: Path, actuals: int = 30) -> Path:
    """A workspace with few rows."""
    make_company(folder, actuals, 7)
    text = (CONTOSO / "adapter.toml").read_text("utf-8")
    (folder / "adapter.toml").write_text(text, "utf-8")
    return folder


def copied(source: Path, folder: Path) -> Path:
    """A copy of a workspace that a test may spoil."""
    return Path(copytree(source, folder))
