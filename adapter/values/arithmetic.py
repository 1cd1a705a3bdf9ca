"""The decimal arithmetic of everything that is planned and told: ours, whatever the program's.

Python keeps precision, rounding and traps in a context of each thread, and a program may have
changed its own. Amounts must not depend on it.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import (
    ROUND_HALF_EVEN,
    Context,
    DivisionByZero,
    InvalidOperation,
    Overflow,
    localcontext,
)
from functools import wraps
from typing import ParamSpec, TypeVar

DIGITS = 28
_OURS = Context(
    prec=DIGITS, rounding=ROUND_HALF_EVEN, Emin=-999_999, Emax=999_999, capitals=1, clamp=0,
    flags=[], traps=[InvalidOperation, DivisionByZero, Overflow],
)  # fmt: skip

_Given = ParamSpec("_Given")
_Part = TypeVar("_Part")


@contextmanager
def our_arithmetic() -> Iterator[None]:
    """Our context inside; afterwards the caller's. Not around a `yield`: see `in_parts`."""
    with localcontext(_OURS):
        yield


def in_parts(made: Callable[_Given, Iterator[_Part]]) -> Callable[_Given, Iterator[_Part]]:
    """A generator that makes each part in our context; between them the caller has its own."""

    @wraps(made)
    def parts(*given: _Given.args, **named: _Given.kwargs) -> Iterator[_Part]:
        waiting = made(*given, **named)
        while True:
            with our_arithmetic():
                try:
                    part = next(waiting)
                except StopIteration:
                    return
            yield part

    return parts
