"""From a dossier to a vector: one bit per atom that holds.

Facts of one group (the role whose record alone determines them) are read once per record,
and so are the atoms over them; what spans groups is computed for each actual.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import attrgetter

from adapter.deciding.atoms import compile_atoms
from adapter.deciding.dossier import Dossier
from adapter.deciding.facts import PER_ACTUAL, PER_COMPANY, FactDef, Value
from adapter.deciding.fold import Fold
from adapter.reading.expressions import Atom
from adapter.values.record import Record

CACHE_MAX = 20_000  # records remembered per group before the memory starts anew

Values = tuple[tuple[Value, ...], ...]
Remembered = dict[str, tuple[tuple[Value, ...], int]]


class VectorMaker:
    """Reads the facts that are used and states which atoms hold.

    `used` names facts that must be readable by name beside those in atoms: placeholders
    of messages and facts to group by.
    """

    def __init__(
        self,
        atoms: Sequence[Atom],
        bits: Sequence[int],
        facts: Mapping[str, FactDef],
        used: Iterable[str] = (),
    ) -> None:
        named = {a.fact for a in atoms} | {a.other for a in atoms if a.other} | set(used)
        names = sorted(n for n in named if n in facts)
        self._groups: list[str] = sorted({facts[n].spec.group for n in names} | {PER_ACTUAL})
        at = {group: i for i, group in enumerate(self._groups)}
        members: list[list[str]] = [[] for _ in self._groups]
        self._where: dict[str, tuple[int, int]] = {}
        names.sort(key=lambda n: (not facts[n].attribute, n))  # plain attributes come first
        for name in names:
            index = at[facts[name].spec.group]
            self._where[name] = (index, len(members[index]))
            members[index].append(name)
        self._read = [
            _group_reader(group, [facts[n] for n in names])
            for group, names in zip(self._groups, members, strict=True)
        ]
        self._masks = [
            self._group_function(i, atoms, bits, group) for i, group in enumerate(members)
        ]
        self._cross = self._cross_function(atoms, bits)
        self._remembered: dict[str, list[Remembered]] = {}
        self._per_actual = at[PER_ACTUAL]
        self._company = at.get(PER_COMPANY, -1)
        self._others = [i for i, g in enumerate(self._groups) if g not in (PER_ACTUAL, PER_COMPANY)]
        self._records = _records_of([self._groups[i] for i in self._others])

    def _group_function(
        self, index: int, atoms: Sequence[Atom], bits: Sequence[int], members: list[str]
    ) -> Callable[..., int]:
        inside = set(members)
        mine = [
            (atom, bit)
            for atom, bit in zip(atoms, bits, strict=True)
            if atom.fact in inside and (atom.other is None or atom.other in inside)
        ]
        access = {name: f"v[{self._where[name][1]}]" for name in members}
        return compile_atoms([a for a, _ in mine], [b for _, b in mine], access, ("v",))

    def _cross_function(self, atoms: Sequence[Atom], bits: Sequence[int]) -> Callable[..., int]:
        mine = [
            (atom, bit)
            for atom, bit in zip(atoms, bits, strict=True)
            if atom.other is not None and self._where[atom.fact][0] != self._where[atom.other][0]
        ]
        access = {name: f"g[{g}][{i}]" for name, (g, i) in self._where.items()}
        return compile_atoms([a for a, _ in mine], [b for _, b in mine], access, ("g",))

    def __call__(self, d: Dossier, fold: Fold) -> tuple[int, Values]:
        """The vector of a dossier, and the values it was made from."""
        values: list[tuple[Value, ...]] = [()] * len(self._groups)
        index = self._per_actual
        values[index] = own = self._read[index](d, fold)
        vector = self._masks[index](own)
        # Copied environments keep the ids of their records, so each has its own memory.
        caches = self._remembered.get(d.environment.name)
        if caches is None:
            caches = self._remembered[d.environment.name] = [{} for _ in self._groups]
        index = self._company
        if index >= 0:
            key = d.code or ""
            known = caches[index].get(key) or self._new(index, caches[index], key, d, fold)
            values[index], bits = known
            vector |= bits
        for index, record in zip(self._others, self._records(d), strict=True):
            key = "" if record is None else record.id
            known = caches[index].get(key) or self._new(index, caches[index], key, d, fold)
            values[index], bits = known
            vector |= bits
        return vector | self._cross(values), tuple(values)

    def _new(
        self, index: int, cache: Remembered, key: str, d: Dossier, fold: Fold
    ) -> tuple[tuple[Value, ...], int]:
        """The values of a group that is met for the first time, and their bits."""
        if len(cache) >= CACHE_MAX:
            cache.clear()
        values = self._read[index](d, fold)
        known = cache[key] = (values, self._masks[index](values))
        return known

    def forget(self) -> None:
        """Read the facts of companies anew; other groups do not change."""
        if self._company >= 0:
            for caches in self._remembered.values():
                caches[self._company].clear()

    def value(self, values: Values, name: str) -> Value:
        """The value of a used fact. Raises KeyError for a fact that was not named."""
        group, index = self._where[name]
        return values[group][index]

    def facts(self, values: Values) -> dict[str, Value]:
        """All used facts by name."""
        return {name: values[g][i] for name, (g, i) in self._where.items()}


def _records_of(roles: Sequence[str]) -> Callable[[Dossier], tuple[Record | None, ...]]:
    """A function that gives the records of these roles."""
    return attrgetter(*roles) if len(roles) > 1 else lambda d: tuple(getattr(d, r) for r in roles)


def _group_reader(
    role: str, facts: Sequence[FactDef]
) -> Callable[[Dossier, Fold], tuple[Value, ...]]:
    """Reads the facts of one group: plain attributes of the role at once, then the others."""
    plain = [f.attribute for f in facts if f.attribute]
    readers = tuple(f.read for f in facts if not f.attribute)
    missing: tuple[Value, ...] = (None,) * len(plain)
    attributes: Callable[[object], tuple[Value, ...]] = (
        attrgetter(*plain) if len(plain) > 1 else lambda r: tuple(getattr(r, a) for a in plain)
    )

    def read(d: Dossier, fold: Fold) -> tuple[Value, ...]:
        record = getattr(d, role)
        own = missing if record is None else attributes(record)
        return (*own, *[reader(d, fold) for reader in readers]) if readers else own

    return read
