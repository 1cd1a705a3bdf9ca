"""Secrets: named in files, fetched when needed, shown nowhere."""

import os
from pathlib import Path

from adapter.edge.http.redactor import REDACTOR, SHOWN, Redactor
from adapter.values.finding import Finding, Place

__all__ = [
    "REDACTOR", "SHOWN", "NoSecret", "Redactor", "Secret", "check_secret_name", "secret",
]  # fmt: skip

BYTES_MAX = 65_536  # of a file with a secret
WRITTEN, MISSING = "SEC001", "SEC002"
KINDS = ("env", "file", "keyring")
_HELP = "write env:NAME, file:PATH or keyring:SERVICE/USER, and change the secret itself"


class NoSecret(LookupError):
    """A secret that is written out, or is not where its name says. Holds the finding."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.message)
        self.finding = finding


class Secret:
    """A secret by its name: `env:NAME`, `file:PATH` or `keyring:SERVICE/USER`.

    The value is fetched anew each time, so that a change needs no restart, and it is never
    kept here: there is nothing to print, compare or pickle but the name.
    """

    __slots__ = ("_base", "name")

    def __init__(self, name: str, base: Path | None = None) -> None:
        self.name = name if _is_name(name) else ""  # what is no name may be the secret itself
        self._base = base or Path()

    def reveal(self) -> str:
        """The secret itself. Raises NoSecret when there is none by this name."""
        if not self.name:
            raise NoSecret(_written(Place("adapter.toml")))
        kind, _, rest = self.name.partition(":")
        value = _FETCHED[kind](self, rest)
        if not value:
            raise self._missing("")
        REDACTOR.add(value)
        return value

    def _missing(self, why: str) -> NoSecret:
        return NoSecret(Finding(
            code=MISSING, level="error", place=Place(self.name),
            message=f"there is no secret {self.name}{why}",
            help="put it there, readable for this user only",
        ))  # fmt: skip

    def _env(self, name: str) -> str | None:
        return os.environ.get(name)

    def _file(self, path: str) -> str | None:
        try:
            with (self._base / path).open("rb") as file:
                return file.read(BYTES_MAX).decode("utf-8-sig").strip()
        except (OSError, ValueError):
            return None

    def _keyring(self, rest: str) -> str | None:
        service, _, user = rest.partition("/")
        try:
            import keyring

            found: str | None = keyring.get_password(service, user)
        except ImportError:
            raise self._missing(": the package `keyring` is not installed") from None
        except Exception as error:  # a back end raises what it likes, with any text
            raise self._missing(f": the keyring gave {type(error).__name__}") from None
        return found

    def __repr__(self) -> str:
        return f"Secret({self.name!r})"

    __str__ = __repr__

    def __reduce__(self) -> tuple[type["Secret"], tuple[str, Path]]:
        return Secret, (self.name, self._base)


_FETCHED = {"env": Secret._env, "file": Secret._file, "keyring": Secret._keyring}


def _is_name(text: str) -> bool:
    kind, _, rest = text.partition(":")
    return kind in KINDS and bool(rest) and (kind != "keyring" or all(rest.partition("/")))


def check_secret_name(text: str, place: Place) -> Finding | None:
    """The finding for a text in a file that is not the name of a secret."""
    return None if _is_name(text) else _written(place)


def _written(place: Place) -> Finding:
    return Finding(code=WRITTEN, level="error", place=place, help=_HELP,
                   message="secrets never stand in files")  # fmt: skip


def secret(text: str, place: Place, base: Path | None = None) -> Secret:
    """The secret of a name that stands at `place`. Raises NoSecret for a text that is none."""
    finding = check_secret_name(text, place)
    if finding is not None:
        raise NoSecret(finding)
    return Secret(text, base)
