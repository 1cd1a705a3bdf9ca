"""Takes secrets and tokens out of any text, in the forms in which they travel."""

import base64
import json
import logging
import re
import threading
import traceback
from urllib.parse import quote, quote_plus

LENGTH_MIN = 6  # shorter values would take ordinary words out of texts
VALUES_MAX = 128  # the oldest go first; tokens live an hour
SHOWN = "(secret)"
_MAYBE = re.compile(r"(?i:bearer|eyJ|sig=|client_)")
# what is a secret by its form alone, wherever it comes from
_BY_FORM = re.compile(
    r"(?i:\bbearer\s+)[A-Za-z0-9._~+/=-]{8,}"
    r"|\beyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*){1,2}"
    r"|(?i:(?<=[?&;]sig=)|(?<=client_secret=)|(?<=client_assertion=))[^&\s\"']+"
)


class Redactor(logging.Filter):
    """Knows values, and takes them out of texts: plain, url-encoded, base64, hex, JSON.

    As a filter on a log's output it cleans every record and keeps it on one line.
    """

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.Lock()
        self._forms_by_value: dict[str, set[str]] = {}
        self._forms: list[str] = []

    def add(self, value: str) -> None:
        """Know one more secret: from now on it is taken out."""
        if len(value) < LENGTH_MIN:
            return
        with self._lock:
            forms = self._forms_by_value.pop(value, None)
            self._forms_by_value[value] = forms or forms_of(value)  # the newest stands last
            if forms is not None:
                return
            while len(self._forms_by_value) > VALUES_MAX:
                del self._forms_by_value[next(iter(self._forms_by_value))]
            every = {form for known in self._forms_by_value.values() for form in known}
            self._forms = sorted(every, key=len, reverse=True)

    def clean(self, text: str) -> str:
        """The text without secrets."""
        for form in self._forms:
            if form in text:
                text = text.replace(form, SHOWN)
        return _BY_FORM.sub(SHOWN, text) if _MAYBE.search(text) else text

    def filter(self, record: logging.LogRecord) -> bool:
        """Log records pass, cleaned."""
        try:
            message = record.getMessage()
        except Exception:  # arguments that do not fit the text: said without them
            message = str(record.msg)
        record.msg, record.args = _one_line(self.clean(message)), ()
        if record.exc_info and record.exc_info[0] is not None:
            said = "".join(traceback.format_exception(*record.exc_info))
            record.exc_text, record.exc_info = self.clean(said), None
        if record.stack_info:
            record.stack_info = self.clean(record.stack_info)
        return True

    def __repr__(self) -> str:
        return f"Redactor({len(self._forms_by_value)} values)"


REDACTOR = Redactor()  # every secret that is revealed and every token is known here


def forms_of(value: str) -> set[str]:
    """The texts in which a value may stand."""
    raw = value.encode("utf-8", "surrogatepass")
    forms = {value, quote(value, safe=""), quote(value), quote_plus(value), raw.hex(),
             json.dumps(value)[1:-1], repr(value)[1:-1]}  # fmt: skip
    forms |= {quote(value, safe="").lower(), raw.hex().upper()}
    for before in range(3):  # at any place inside a longer base64 text
        whole = base64.b64encode(bytes(before) + raw).decode().rstrip("=")
        first = (before * 8 + 5) // 6
        last = (before + len(raw)) * 8 // 6
        inner = whole[first:last]
        forms |= {inner, inner.replace("+", "-").replace("/", "_")}
    forms |= {line for line in value.splitlines() if len(line) > 20 and "-----" not in line}
    return {form for form in forms if len(form) >= LENGTH_MIN}


def _one_line(text: str) -> str:
    """A record of a log is one line, whatever stands in it."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text)
