"""Files that a person asked for: written whole or not at all, and named when they cannot be."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def written(path: Path) -> Iterator[Path]:
    """Where to write a file; when all is well it takes the place of what stood there.

    A disk that fills up leaves the old file as it was. Devices and links are written through.
    Raises OSError, with the name of the file.
    """
    is_plain = not path.is_symlink() and (path.is_file() or not path.exists())
    part = path.with_name(path.name + ".part") if is_plain else path
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield part
        if is_plain:
            part.replace(path)
    except OSError as error:
        if is_plain:
            with suppress(OSError):
                part.unlink(missing_ok=True)
        raise OSError(error.errno, error.strerror or str(error), str(path)) from None


def write_text(path: Path, text: str) -> None:
    """A text as UTF-8, its line ends as they are. Raises OSError, with the name of the file."""
    with written(path) as at:
        at.write_text(text, encoding="utf-8", newline="")
