"""Standard streams that are closed, full or gone."""

import io
import os
import sys
from contextlib import suppress
from pathlib import Path


def ready_streams() -> None:
    """A program started without standard streams (`>&-`) works all the same; a stream that does
    not know a letter shows its number.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            nothing = Path(os.devnull).open(mode, encoding="utf-8")  # noqa: SIM115  stays open
            setattr(sys, name, nothing)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def forget_output() -> None:
    """Nobody can be told on standard output any more: Python must not try it at the end."""
    with suppress(OSError, ValueError, AssertionError):
        assert sys.__stdout__ is not None
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.__stdout__.fileno())
