"""Commands that a text hints at, made to work where the reader stands.

A hint is a whole command: in backticks, or alone on its line. It gets the workspace and the
environment that the reader gave, so that it can be pasted as it is. A command is never broken
over two lines; one that is wider than the terminal begins on a line of its own.
"""

import re
from shlex import quote

from msgspec import Struct

from adapter.telling.figures import cells

PROGRAM = "fieldledger"
BY_FOLDER = frozenset(("check", "test", "plan", "schema", "status", "settle", "reconcile", "run",
                       "pull", "twin"))  # fmt: skip
BY_OPTION = frozenset(("explain", "story", "facts", "rules", "send", "replay", "park", "release",
                       "withdraw", "accept", "pause", "resume", "ledger", "move"))  # fmt: skip
WITHOUT_ENV = ("twin",)
_HINT = re.compile(rf"`{PROGRAM} [^`\n]+`|^[ ]*{PROGRAM} (?!.*`).+$", re.M)


class Hints(Struct, frozen=True):
    """Where the reader stands: the workspace and environment given, how the program is called."""

    workspace: str = ""  # as it was given; empty: the current folder
    env: str = ""
    program: str = PROGRAM

    def line(self, command: str) -> str:
        """A command (`fieldledger explain A-1`) with all that it needs to work here."""
        words = command.split(" ", 2)
        name, rest = words[1], "".join(words[2:])
        made = [self.program, name]
        if self.workspace and name in BY_FOLDER:
            made.append(quote(self.workspace))
        made += [rest] if rest else []
        if self.workspace and name in BY_OPTION and "--workspace" not in rest:
            made.append(f"--workspace {quote(self.workspace)}")
        if self.env and name in BY_FOLDER | BY_OPTION and name not in WITHOUT_ENV:
            made.append(f"--env {quote(self.env)}")
        return " ".join(made)

    def __call__(self, text: str, width: int = 80) -> str:
        """A text that is drawn, with every command in it completed."""
        if self == Hints() or PROGRAM not in text:
            return text
        return "".join(self._of(line, width) for line in text.splitlines(keepends=True))

    def _of(self, line: str, width: int) -> str:
        made = _HINT.sub(self._one, line)
        if made == line or cells(made.rstrip("\n")) <= width:
            return made
        head, tick, tail = made.partition("`")
        if not tick or not head.strip() or head.strip() == "help:":
            return made
        indent = " " * (len(line) - len(line.lstrip(" ")))
        return f"{head.rstrip()}\n{indent}{tick}{tail}"

    def _one(self, found: re.Match[str]) -> str:
        said = found[0]
        if said.startswith("`"):
            return f"`{self.line(said[1:-1])}`"
        indent = len(said) - len(said.lstrip(" "))
        return " " * indent + self.line(said.strip())
