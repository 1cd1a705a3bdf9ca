"""Six roles of colour, and the signs that say the same without colour."""

from typing import Literal

from msgspec import Struct

Role = Literal["error", "held", "written", "code", "place", "title"]

_CODES: dict[Role, str] = {
    "error": "31",
    "held": "33",
    "written": "32",
    "code": "36",
    "place": "2",
    "title": "1",
}
_PLAIN = {"·": "-", "✓": "+", "✗": "x", "…": "...", "—": "-", "≠": "!=", "×": "x", "▸": ">"}


class Paint(Struct, frozen=True):
    """How text is marked. `colour` off gives the same letters without escape codes."""

    colour: bool = False
    ascii_only: bool = False

    def __call__(self, role: Role, text: str) -> str:
        """The text in the colour of its role; blanks around it stay unmarked."""
        if not self.colour or not text.strip():
            return text
        body = text.strip(" ")
        start = text.index(body)
        marked = f"\x1b[{_CODES[role]}m{body}\x1b[0m"
        return text[:start] + marked + text[start + len(body) :]

    def sign(self, text: str) -> str:
        """Our own signs, replaced by ASCII ones where the stream is not UTF-8."""
        if not self.ascii_only or text.isascii():
            return text
        text = "".join(_PLAIN.get(c, c) for c in text)
        return text.encode("ascii", "backslashreplace").decode()
