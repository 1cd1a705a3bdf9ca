"""Secrets: named in files, fetched when needed, shown nowhere."""

import base64
import logging
import os
import threading
from pathlib import Path
from urllib.parse import quote, quote_plus

SHOWN = "(secret)"
LENGTH_MIN = 6  # shorter texts would blank out half of every log


class Secret:
    """A secret by its name: `env:NAME`, `file:PATH` or `keyring:SERVICE/USER`."""

    def __init__(self, name: str, base: Path | None = None) -> None:
        self.name = name
        self._base = base or Path()

    def reveal(self) -> str:
        """The secret itself. Raises LookupError when there is none by this name."""
        kind, _, rest = self.name.partition(":")
        value = _FETCHED[kind](self, rest) if kind in _FETCHED else None
        if not value:
            raise LookupError(f"there is no secret {self.name}")
        REDACTOR.add(value)
        return value

    def _env(self, name: str) -> str | None:
        return os.environ.get(name)

    def _file(self, path: str) -> str | None:
        at = self._base / path
        try:
            return at.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            return None

    def _keyring(self, rest: str) -> str | None:
        try:
            import keyring
        except ImportError:
            raise LookupError("secrets of a keyring need the package `keyring`") from None
        service, _, user = rest.partition("/")
        found: str | None = keyring.get_password(service, user)
        return found

    def __repr__(self) -> str:
        return f"Secret({self.name!r})"

    __str__ = __repr__

    def __reduce__(self) -> tuple[type["Secret"], tuple[str]]:
        return Secret, (self.name,)


_FETCHED = {"env": Secret._env, "file": Secret._file, "keyring": Secret._keyring}


class Redactor(logging.Filter):
    """Takes every secret that was ever fetched out of a text, however it is written."""

    def __init__(self) -> None:
        super().__init__()
        self._forms: list[str] = []
        self._lock = threading.Lock()

    def add(self, value: str) -> None:
        """Know one more secret."""
        if len(value) < LENGTH_MIN:
            return
        encoded = base64.b64encode(value.encode()).decode().rstrip("=")
        forms = {value, quote(value), quote(value, safe=""), quote_plus(value), encoded}
        with self._lock:
            self._forms = sorted({*self._forms, *forms}, key=len, reverse=True)

    def clean(self, text: str) -> str:
        """The text without secrets."""
        for form in self._forms:
            if form in text:
                text = text.replace(form, SHOWN)
        return text

    def filter(self, record: logging.LogRecord) -> bool:
        """Log records pass, cleaned."""
        record.msg, record.args = self.clean(record.getMessage()), ()
        if record.exc_info and record.exc_info[1] is not None:
            record.exc_text = self.clean(repr(record.exc_info[1]))
            record.exc_info = None
        return True


REDACTOR = Redactor()
