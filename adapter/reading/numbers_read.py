"""Numbers of rows, made once: quantities, prices, rates and many amounts stand in many rows."""

from decimal import Decimal

from adapter.values.money import canonical

PLAIN_LENGTH = 11  # characters: at most ten decimals and nineteen digits, no need to look closer
WHOLE_MAX = 10**9
KNOWN_MAX = 20_000  # numbers that are remembered
# The identity of a number -> it, and its canonical form. What stands here lives, so that no other
# number can have its identity.
Forms = dict[int, tuple[Decimal, Decimal]]


class NumbersRead(dict[str, Decimal]):
    """Numbers by the text that JSON has of them; only short ones are kept. For all threads."""

    def __init__(self) -> None:
        super().__init__()
        self._forms: dict[int, Forms] = {}

    def forms(self, decimals: int) -> Forms:
        """What numbers that are kept are at these decimals, by their identity."""
        return self._forms.setdefault(decimals, {})

    def __missing__(self, text: str) -> Decimal:
        made = Decimal(text)
        said = str(made)
        if max(len(text), len(said)) > PLAIN_LENGTH or "E" in said or said[-1] > "9":
            return made
        if len(self) >= KNOWN_MAX:
            self.clear()
            for forms in self._forms.values():
                forms.clear()
        for decimals, forms in self._forms.items():
            form = canonical(made, decimals)
            forms[id(made)] = made, (made if str(form) == said else form)
        self[text] = made
        return made


class WholesRead(dict[int, Decimal | None]):
    """Whole numbers in canonical form, at some decimals; None for a long one: look closer."""

    def __init__(self, decimals: int) -> None:
        super().__init__()
        self._decimals = decimals

    def __missing__(self, number: int) -> Decimal | None:
        if not -WHOLE_MAX < number < WHOLE_MAX:
            return None
        if len(self) >= KNOWN_MAX:
            self.clear()
        made = self[number] = canonical(Decimal(number), self._decimals)
        return made
