"""The terminal: colour, width and signs."""

import io
import sys
from unittest import mock

import pytest

from adapter.edge.console import console, progress


class Screen(io.StringIO):
    """A stream that says whether it is a terminal, and in which encoding it writes."""

    def __init__(self, is_terminal: bool, encoding: str = "utf-8") -> None:
        super().__init__()
        self.is_terminal = is_terminal
        self.spelled = encoding

    def isatty(self) -> bool:
        return self.is_terminal

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return self.spelled


# terminal | encoding | NO_COLOR | asked | colour | ASCII
LOOKS = [
    (True, "utf-8", False, "auto", True, False), (False, "utf-8", False, "auto", False, False),
    (True, "UTF8", True, "auto", False, False), (False, "ascii", True, "always", True, True),
    (True, "latin-1", False, "never", False, True),
]  # fmt: skip


@pytest.mark.parametrize(("is_terminal", "encoding", "no_color", "asked", "colour", "ascii"), LOOKS)
def test_colour_and_signs_follow_the_stream(
    monkeypatch: pytest.MonkeyPatch, is_terminal: bool, encoding: str, no_color: bool, asked: str,
    colour: bool, ascii: bool,
) -> None:  # fmt: skip
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    if no_color:
        monkeypatch.setenv("NO_COLOR", "1")
    with mock.patch.object(sys, "stdout", Screen(is_terminal, encoding)):
        view = console(asked)

    assert (view.colour, view.ascii_only) == (colour, ascii)
    assert 80 <= view.width <= 160


def test_progress_is_shown_on_a_terminal_only() -> None:
    with mock.patch.object(sys, "stderr", Screen(False)):
        assert progress("judged") is None
    with mock.patch.object(sys, "stderr", Screen(True)) as err:
        show = progress("judged")
        assert show is not None
        show(1_000)
        assert err.getvalue() == "\rjudged: 1,000"
