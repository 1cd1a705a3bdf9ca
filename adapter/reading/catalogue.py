"""The catalogue of facts: every name that a rule may use, typed and described."""

from collections.abc import Iterator, Mapping

from msgspec import Struct

from adapter.values.alike import alike

TYPES = ("text", "choice", "flag", "number", "whole", "day", "version", "link")
ORDERED = frozenset({"number", "whole", "day", "version"})


class FactSpec(Struct, frozen=True, kw_only=True):
    """One fact: its dotted name, type, meaning and where the value comes from."""

    name: str
    type: str
    choices: tuple[str, ...] | None = None
    description: str = ""
    example: str = ""
    source: str = ""
    group: str = "actual"


class Catalogue(Mapping[str, FactSpec]):
    """All facts by name."""

    def __init__(self, specs: Mapping[str, FactSpec]) -> None:
        self._specs = dict(sorted(specs.items()))

    def __getitem__(self, name: str) -> FactSpec:
        return self._specs[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._specs)

    def __len__(self) -> int:
        return len(self._specs)

    def nearest(self, name: str) -> tuple[str, ...]:
        """Up to three names that are spelled like this one."""
        return alike(name, self._specs)

    def under(self, prefix: str) -> tuple[FactSpec, ...]:
        """Facts whose name begins with this prefix, in order of name."""
        return tuple(spec for name, spec in self._specs.items() if name.startswith(prefix))
