"""Files that a person asked for: written whole or not at all, and named when they cannot be."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from os.path import realpath
from pathlib import Path
from secrets import token_hex

NAME_KEPT = 40  # of the file's name in that of the part: names end at 255 bytes


@contextmanager
def written(path: Path) -> Iterator[Path]:
    """Where to write a file; when all is well it takes the place of what stood there.

    A disk that fills up leaves the old file as it was, and so does another run that writes the
    same file: the last one counts, as a whole. Devices and links are written through.
    Raises OSError, with the name of the file.
    """
    is_plain = not path.is_symlink() and (path.is_file() or not path.exists())
    part: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part = _part_of(path) if is_plain else None
        yield part or path
        if part is not None:
            part.replace(path)
            part = None
    except OSError as error:
        raise OSError(error.errno, error.strerror or str(error), str(path)) from None
    finally:
        if part is not None:
            with suppress(OSError):
                part.unlink(missing_ok=True)


def _part_of(path: Path) -> Path:
    """A new empty file beside a file, which nobody else writes."""
    part = path.with_name(f"{path.name[:NAME_KEPT]}.{token_hex(8)}.part")
    os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
    return part


def write_text(path: Path, text: str) -> None:
    """A text as UTF-8, its line ends as they are. Raises OSError, with the name of the file."""
    with written(path) as at:
        at.write_text(text, encoding="utf-8", newline="")


def write_behind(link: Path, text: str) -> None:
    """The same, of the file that a link leads to; the link stays one."""
    write_text(Path(realpath(link)), text)


def write_bytes(path: Path, content: bytes) -> None:
    """A file of these bytes. Raises OSError, with the name of the file."""
    with written(path) as at:
        at.write_bytes(content)
