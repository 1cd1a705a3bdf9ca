"""From a dossier to a vector: one bit per atom that holds.

Facts of one group (the role whose record alone determines them) are read once per record,
and so are the atoms over them; what spans groups is computed for each actual.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import attrgetter

from adapter.deciding.atoms import compile_atoms
from adapter.deciding.dossier import Dossier
from adapter.deciding.fact_vectors import Layout, likely_bits, steady, vector_function
from adapter.deciding.facts import PER_ACTUAL, PER_COMPANY, FactDef, Value
from adapter.deciding.fold import Fold
from adapter.reading.expressions import Atom
from adapter.values.record import Record

CACHE_MAX = 20_000  # records remembered per group before the memory starts anew
LEARNED_FROM = 500  # actuals after which the facts that repeat are known

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
        self._defined = facts
        self._asked = list(zip(atoms, bits, strict=True))
        at = {group: i for i, group in enumerate(self._groups)}
        members: list[list[str]] = [[] for _ in self._groups]
        self._where: dict[str, tuple[int, int]] = {}
        self._read: list[Callable[[Dossier, Fold], tuple[Value, ...]]] = [_nothing] * len(at)
        self._masks: list[Callable[[tuple[Value, ...]], int]] = [_no_bits] * len(at)
        for name in sorted(names, key=lambda n: (not facts[n].attribute, n)):
            members[at[facts[name].spec.group]].append(name)  # plain attributes come first
        for index, group in enumerate(members):
            self._lay_out(index, Layout(tuple(group)))
        self._cross = self._cross_function()
        self._sample: list[tuple[tuple[Value, ...], int]] | None = []
        self._remembered: dict[str, list[Remembered]] = {}
        self._per_actual = at[PER_ACTUAL]
        self._company = at.get(PER_COMPANY, -1)
        self._others = [i for i, g in enumerate(self._groups) if g not in (PER_ACTUAL, PER_COMPANY)]
        self._records = _records_of([self._groups[i] for i in self._others])

    def _lay_out(self, index: int, layout: Layout, likely: int = 0) -> None:
        """Read the facts of a group in this order from here on."""
        inside = set(layout.names)
        mine = [
            (atom, bit)
            for atom, bit in self._asked
            if atom.fact in inside and (atom.other is None or atom.other in inside)
        ]
        self._where.update((name, (index, at)) for at, name in enumerate(layout.names))
        self._read[index] = _group_reader(
            self._groups[index], [self._defined[n] for n in layout.names]
        )
        self._masks[index] = vector_function(
            [a for a, _ in mine], [b for _, b in mine], layout, likely
        )

    def _learn(self) -> None:
        """After some actuals: those of their facts that repeat are remembered together."""
        index, sample = self._per_actual, self._sample
        self._sample = None
        mine = [(at, name) for name, (group, at) in self._where.items() if group == index]
        names = [name for _, name in sorted(mine)]
        often = steady(names, [row for row, _ in sample or ()])
        # Plain attributes stay first: what repeats among them goes last, beside those of the rest.
        parts = [
            [n for n in names if bool(self._defined[n].attribute) is plain and (n in often) is few]
            for plain, few in ((True, False), (True, True), (False, True), (False, False))
        ]  # fmt: skip
        first = len(parts[0])
        layout = Layout(tuple(n for part in parts for n in part), first, first + len(often))
        self._lay_out(index, layout, likely_bits([said for _, said in sample or ()]))
        self._cross = self._cross_function()

    def _cross_function(self) -> Callable[..., int]:
        mine = [
            (atom, bit)
            for atom, bit in self._asked
            if atom.other is not None and self._where[atom.fact][0] != self._where[atom.other][0]
        ]
        access = {name: f"g[{g}][{i}]" for name, (g, i) in self._where.items()}
        return compile_atoms([a for a, _ in mine], [b for _, b in mine], access, ("g",))

    def __call__(self, d: Dossier, fold: Fold) -> tuple[int, Values]:
        """The vector of a dossier, and the values it was made from: ask of them before the next."""
        if self._sample is not None and len(self._sample) >= LEARNED_FROM:
            self._learn()
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
        vector |= self._cross(values)
        if self._sample is not None:
            self._sample.append((own, vector))
        return vector, tuple(values)

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


def _nothing(d: Dossier, fold: Fold) -> tuple[Value, ...]:
    return ()


def _no_bits(values: tuple[Value, ...]) -> int:
    return 0


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
