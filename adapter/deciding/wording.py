"""Messages of rules with the values of the moment: `{work_order.number}` and the like."""

from collections.abc import Callable
from string import Formatter

from adapter.deciding.facts import Value
from adapter.values.finding import initials, shown

# Facts that name a person; shown as a pseudonym unless the user asks for names.
PERSONAL = frozenset({"resource.name"})


class Wording:
    """A message split once into texts and fact names."""

    def __init__(self, text: str) -> None:
        self.parts: list[tuple[str, str]] = [
            (literal, name or "") for literal, name, _, _ in Formatter().parse(text)
        ]
        self.facts = tuple(dict.fromkeys(name for _, name in self.parts if name))

    def fill(self, value_of: Callable[[str], Value], names: bool = False) -> str:
        """The message; people are masked unless `names` is true."""
        return "".join(
            literal + (shown_fact(name, value_of(name), names) if name else "")
            for literal, name in self.parts
        )


def shown_fact(name: str, value: Value, names: bool = False) -> str:
    """A fact's value as safe text; a person's name as its initials only."""
    if isinstance(value, tuple):
        return ".".join(str(part) for part in value)
    if name in PERSONAL and isinstance(value, str) and not names:
        return initials(value)
    return shown(value)
