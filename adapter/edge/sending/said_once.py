"""What goes wrong with every sweep is told when it begins and when it is over, not each time."""

import threading
from collections.abc import Callable

from adapter.edge.ledger import Ledger, LedgerDown
from adapter.values.finding import one_line


class SaidOnce:
    """What a command that works on and on tells of its failures, by the name of what failed.

    A database that is down fails everything: that is one thing to say.
    """

    def __init__(self, ledger: Ledger, told: Callable[[str], object]) -> None:
        self._ledger = ledger
        self._told = told
        self._said: dict[str, str] = {}
        self._is_down = False
        self._lock = threading.Lock()

    def wrong(self, name: str, error: Exception) -> None:
        """Something failed; told where the same was not told before."""
        said = one_line(str(error))
        is_down = isinstance(error, LedgerDown)
        with self._lock:
            if is_down:
                is_new, self._is_down = not self._is_down, True
            else:
                is_new = self._said.get(name) != said
                self._said[name] = said
        if is_new:
            self._told(f"{said}. It goes on when the ledger works again" if is_down
                       else f"{name}: {said}")  # fmt: skip

    def works(self, name: str) -> None:
        """Something was done; told where it was told to fail."""
        with self._lock:
            was = self._said.pop(name, "")
        if was:
            self._told(f"{name}: works again")
        self.look()

    def look(self) -> None:
        """Whether a ledger that was down works again."""
        with self._lock:
            is_over = self._is_down and not self._ledger.is_down
            self._is_down = self._is_down and not is_over
        if is_over:
            self._told("the ledger works again")

    def watched(self, name: str, what: Callable[[], object]) -> Callable[[], None]:
        """The same, and how it ended is told; it raises nothing."""
        def done() -> None:
            try:
                what()
            except Exception as error:  # it comes again; the others go on
                self.wrong(name, error)
            else:
                self.works(name)

        return done
