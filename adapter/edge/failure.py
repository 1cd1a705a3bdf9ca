"""What is said when a command could not work: one clear line, never a traceback."""

from errno import ENOSPC

from adapter.edge.settings_file import NoWorkspace
from adapter.values.finding import VALUE_LENGTH_MAX, shown

# errors of sending, by name, and all that are made of them: only the commands that need their
# modules load them
KNOWN = ("LedgerError", "CannotConnect", "NoSecret")
PARTS_MAX = 5  # of an error's text, each as long as a value that is shown
FORMATS = ("text", "json", "github", "azure")


def told(error: BaseException) -> str:
    """The line for standard error."""
    if isinstance(error, NoWorkspace):
        lines = [f"fieldledger: {error}"]
        lines += [f"  {f.code} {f.place}: {f.message}" for f in error.findings[:20]]
        return "\n".join(lines)
    if type(error).__name__ == "EngineDisagrees":
        return f"fieldledger: {error}. Nothing was planned; report this with the workspace."
    if isinstance(error, OSError):
        where = f": {shown(error.filename)}" if error.filename else ""
        if error.errno == ENOSPC and not where:
            where = ": standard output. What was done before stays done"
        return f"fieldledger: {shown(error.strerror or error)}{where}"
    if isinstance(error, ValueError) or any(c.__name__ in KNOWN for c in type(error).__mro__):
        return f"fieldledger: {_whole(error)}"
    return (
        f"fieldledger: could not work: {type(error).__name__}: {shown(error)}."
        " This is a fault of ours: report it with the command you ran."
    )


def _whole(error: BaseException) -> str:
    """What an error says, as one safe line; with its hint, so longer than a value may be."""
    said = str(error)
    parts = [said[at : at + VALUE_LENGTH_MAX] for at in range(0, len(said), VALUE_LENGTH_MAX)]
    return "".join(map(shown, parts[:PARTS_MAX])) + ("..." if len(parts) > PARTS_MAX else "")


def checked_format(format: str, known: tuple[str, ...] = FORMATS) -> None:
    """Raises ValueError for a format that a command does not know."""
    if format not in known:
        raise ValueError(f"--format is one of {', '.join(known)}")
