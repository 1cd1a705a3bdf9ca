"""The file outside the ledger that the head of its chain is written to: can it be used?

It is looked at by every command that a person runs before anything is sent, not by `send` alone.
"""

import json
import os
from pathlib import Path

from adapter.reading.settings import Settings
from adapter.values.finding import Finding, shown


def anchored(path: Path) -> tuple[int, str] | None:
    """Count and digest of the last head in an anchor file; None where there is none yet.

    Raises ValueError for a file that holds something else, OSError for one that cannot be read.
    """
    if not path.exists():
        return None
    try:
        lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
        if not lines:
            return None
        said = json.loads(lines[-1])
        return int(said["count"]), str(said["digest"])
    except (ValueError, KeyError, TypeError, RecursionError):
        raise ValueError(f"{path.name}: the last line is no anchor of a ledger") from None


def anchor_fault(folder: Path, settings: Settings) -> Finding | None:
    """LED912 when the anchor that adapter.toml names cannot be read or written."""
    said = settings.ledger.anchor
    if not said:
        return None
    why = _unusable(folder / said)
    if not why:
        return None
    return Finding(
        code="LED912", level="error", place=settings.place,
        message=f"[ledger] anchor `{shown(said)}` {why}",
        help="Nothing is sent without it: name a file that this user may write, best on another "
             "machine, or take `anchor` out.",
    )  # fmt: skip


def _unusable(path: Path) -> str:
    """What is wrong with the path of an anchor; nothing when it can be used."""
    try:
        if path.is_dir():
            return "is a folder, not a file"
        if path.exists():
            anchored(path)
            return "" if os.access(path, os.W_OK) else "may not be written"
        if path.is_symlink():
            return "is a link that leads nowhere"
    except ValueError:
        return "holds something else: its last line is no anchor of a ledger"
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    above = next((p for p in path.parents if p.exists()), None)
    if above is None or not above.is_dir():
        return f"lies below {shown(above)}, which is no folder"
    return "" if os.access(above, os.W_OK) else f"lies in {shown(above)}, which may not be written"
