"""From a dossier to a vector: one bit per atom that holds.

Facts of one group (the role whose record alone determines them) are read once per record,
and so are the atoms over them; what spans groups is computed for each actual.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import attrgetter
from typing import Any

from msgspec import Struct

from adapter.deciding.atoms import compile_atoms
from adapter.deciding.dossier import Dossier
from adapter.deciding.fact_vectors import Layout, likely_bits, steady, vector_function
from adapter.deciding.facts import PER_ACTUAL, PER_COMPANY, FactDef, Value
from adapter.deciding.fold import Fold
from adapter.reading.expressions import Atom

CACHE_MAX = 20_000  # records remembered per group before the memory starts anew
LEARNED_FROM = 500  # actuals after which the facts that repeat are known

Group = tuple[Value, ...]
Remembered = dict[str, tuple[Group, int]]


class Values(Struct, frozen=True):
    """The facts of one dossier: those that atoms ask, read; the others are read when asked.

    They hold until the next record is folded.
    """

    groups: Sequence[Group]
    dossier: Dossier
    fold: Fold


class VectorMaker:
    """Reads the facts that are asked and states which atoms hold.

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
        named = {a.fact for a in atoms} | {a.other for a in atoms if a.other}
        names = [n for n in named if n in facts]
        self._later = sorted(n for n in {*used} - named if n in facts)
        self._groups: list[str] = sorted({facts[n].spec.group for n in names} | {PER_ACTUAL})
        self._defined = facts
        self._asked = list(zip(atoms, bits, strict=True))
        at = {group: i for i, group in enumerate(self._groups)}
        members: list[list[str]] = [[] for _ in self._groups]
        self._where: dict[str, tuple[int, int]] = {}
        self._read: list[Callable[[Dossier, Fold], Group]] = [_nothing] * len(at)
        self._masks: list[Callable[[Group], int]] = [_no_bits] * len(at)
        for name in sorted(names, key=lambda n: (not facts[n].attribute, n)):
            members[at[facts[name].spec.group]].append(name)  # plain attributes come first
        for index, group in enumerate(members):
            self._lay_out(index, Layout(tuple(group)))
        self._cross = self._cross_function()
        self._sample: list[tuple[Group, int]] | None = []
        self._remembered: dict[str, list[Remembered]] = {}
        self._per_actual = at[PER_ACTUAL]
        self._company = at.get(PER_COMPANY, -1)
        self._joined = _joined(self._groups)

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
        own = self._read[self._per_actual](d, fold)
        vector = self._masks[self._per_actual](own)
        # Copied environments keep the ids of their records, so each has its own memory.
        caches = self._remembered.get(d.environment.name)
        if caches is None:
            caches = self._remembered[d.environment.name] = [{} for _ in self._groups]
        values, bits = self._joined(d, caches, own, self._new, fold)
        vector |= bits
        vector |= self._cross(values)
        if self._sample is not None:
            self._sample.append((own, vector))
        return vector, Values(values, d, fold)

    def _new(
        self, index: int, cache: Remembered, key: str, d: Dossier, fold: Fold
    ) -> tuple[Group, int]:
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
        """The value of a fact. Raises KeyError for one that is not in the catalogue."""
        where = self._where.get(name)
        if where is None:
            return self._defined[name].read(values.dossier, values.fold)
        return values.groups[where[0]][where[1]]

    def facts(self, values: Values) -> dict[str, Value]:
        """All used facts by name."""
        return {name: self.value(values, name) for name in sorted([*self._where, *self._later])}


def _nothing(d: Dossier, fold: Fold) -> Group:
    return ()


def _no_bits(values: Group) -> int:
    return 0


def _joined(groups: Sequence[str]) -> Callable[..., tuple[tuple[Group, ...], int]]:
    """A function that gives the values of all groups and the bits of those that are shared.

    Written out group by group, since it runs for each actual: `d` the dossier, `c` what is
    remembered by group, `own` the values of the actual's own group, `new` for what is not known.
    """
    lines, values, bits = ["def joined(d, c, own, new, fold):"], [], ["0"]
    for at, group in enumerate(groups):
        if group == PER_ACTUAL:
            values.append("own")
            continue
        if group == PER_COMPANY:
            lines.append("    key = d.code or ''")
        else:
            lines += [f"    r = d.{group}", "    key = '' if r is None else r.id"]
        lines.append(f"    k{at} = c[{at}].get(key) or new({at}, c[{at}], key, d, fold)")
        values.append(f"k{at}[0]")
        bits.append(f"k{at}[1]")
    lines.append(f"    return ({', '.join(values)},), {' | '.join(bits)}")
    names: dict[str, Any] = {}
    exec(compile("\n".join(lines), "<groups>", "exec"), names)  # roles of ours, no user text
    made: Callable[..., tuple[tuple[Group, ...], int]] = names["joined"]
    return made


def _group_reader(
    role: str, facts: Sequence[FactDef]
) -> Callable[[Dossier, Fold], Group]:
    """Reads the facts of one group: plain attributes of the role at once, then the others."""
    plain = [f.attribute for f in facts if f.attribute]
    readers = tuple(f.read for f in facts if not f.attribute)
    missing: Group = (None,) * len(plain)
    attributes: Callable[[object], Group] = (
        attrgetter(*plain) if len(plain) > 1 else lambda r: tuple(getattr(r, a) for a in plain)
    )

    def read(d: Dossier, fold: Fold) -> Group:
        record = getattr(d, role)
        own = missing if record is None else attributes(record)
        return (*own, *[reader(d, fold) for reader in readers]) if readers else own

    return read
