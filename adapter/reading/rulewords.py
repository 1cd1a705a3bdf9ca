"""The words of rule files: keys, policies, outcomes, and how a code looks."""

from datetime import date
from string import Formatter

from adapter.reading.rulebook import Asks

RULES_MAX = 500
LINES_MAX = 24  # lines of applies and when in one rule
POLICIES = ("first", "all")
ASKS: tuple[Asks, ...] = ("choose", "conclude", "require", "route")
CHANNELS = ("ledger", "billing")
DOCUMENTS = ("journal-line", "invoice-proposal-line", "on-account", "proforma-line")
TAGS = ("documented", "inferred", "conflicting")
FILE_KEYS = {"policy", "about", "asks", "channel", "concludes", "rule"}
OUTCOMES = {
    "choose": ("choose", "refuse"), "conclude": ("conclude",), "require": (),
    "route": ("send", "leave", "hold"),
}  # fmt: skip
TEXT_KEYS = {"id", "name", "choose", "refuse", "leave", "hold", "level", "message", "help",
             "source", "tag", "owner", "why", "because"}  # fmt: skip
LIST_KEYS = {"applies", "when", "domain", "companies", "models", "allowed_levels"}
RULE_KEYS = TEXT_KEYS | LIST_KEYS | {
    "conclude", "send", "since", "until", "replaces", "enabled", "expires",
}  # fmt: skip


def misfit(key: str, value: object) -> str:
    """What the value of a rule's key should be, such as `a date`; empty where it is that."""
    if key in TEXT_KEYS:
        return "" if isinstance(value, str) else "a text"
    if key in LIST_KEYS:
        good = isinstance(value, list) and all(isinstance(v, str) for v in value)
        return "" if good else "a list of texts"
    if key in ("since", "until", "expires"):
        return "" if isinstance(value, date) and not hasattr(value, "hour") else "a date"
    if key in ("replaces", "enabled"):
        return "" if isinstance(value, bool) else "true or false"
    return "" if isinstance(value, dict) else "a table"


def is_code(text: str) -> bool:
    """Whether a text is three capital letters and three digits."""
    letters, digits = text[:3], text[3:]
    good = letters.isascii() and letters.isalpha() and letters.isupper()
    return good and len(digits) == 3 and digits.isascii() and digits.isdigit()


def placeholders(text: str) -> list[str]:
    """The facts that a message names; the whole text where its braces do not match.

    A name with a format behind it is given with its format: no fact is called that.
    """
    try:
        return [
            f"{name}!{conversion}" if conversion else f"{name}:{format}" if format else name
            for _, name, format, conversion in Formatter().parse(text)
            if name is not None
        ]
    except ValueError:
        return [text]
