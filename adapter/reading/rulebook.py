"""Rules as values, and the rulebook made of all rule files of a workspace.

Rule files are parsed in `rulefile.py`; here shipped files and a workspace's own are laid
upon each other and switches of adapter.toml are applied.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import Literal

import msgspec
from msgspec import Struct

from adapter.reading.expressions import Atom, Expr, atoms_of
from adapter.reading.rule_digest import digest_of
from adapter.reading.settings import Switch
from adapter.values.alike import alike, did_you_mean
from adapter.values.codes import CODES
from adapter.values.finding import Finding, Level, Note, Place

Asks = Literal["choose", "conclude", "require", "route"]
OutcomeKind = Literal["choose", "refuse", "conclude", "message", "send", "leave", "hold"]
SWITCHABLE_TAGS = ("inferred", "conflicting")


class Line(Struct, frozen=True):
    """One line of `applies` or `when`."""

    text: str
    expr: Expr
    place: Place

    @property
    def facts(self) -> tuple[str, ...]:
        """The facts it asks about, in reading order."""
        names = [n for a in atoms_of(self.expr) for n in (a.fact, a.other) if n]
        return tuple(dict.fromkeys(names))


class Outcome(Struct, frozen=True, kw_only=True):
    """What a rule says when it holds."""

    kind: OutcomeKind
    value: str = ""
    document: str = ""
    mapping: str = ""
    group_by: tuple[str, ...] = ()
    concludes: tuple[tuple[str, str | bool], ...] = ()


class Rule(Struct, frozen=True, kw_only=True):
    """One rule: an id that is a code for ever, when it holds, and what it then says."""

    id: str
    name: str
    asks: Asks
    policy: str
    about: str
    channel: str = ""
    applies: tuple[Line, ...] = ()
    when: tuple[Line, ...] = ()
    level: Level = "error"
    message: str = ""
    help: str = ""
    source: str = ""
    tag: str = "documented"
    owner: str = ""
    why: str = ""
    domain: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None
    companies: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    allowed_levels: tuple[str, ...] = ()
    replaces: bool = False
    enabled: bool = True
    because: str = ""
    expires: date | None = None
    outcome: Outcome
    place: Place
    excerpt: tuple[str, ...] = ()  # the rule's own text, for explanations
    origin: str = "shipped"

    @property
    def lines(self) -> tuple[Line, ...]:
        """`applies` and `when` together: the rule fires when all hold."""
        return (*self.applies, *self.when)

    @property
    def atoms(self) -> tuple[Atom, ...]:
        """All atoms, in reading order, with repeats."""
        return tuple(atom for line in self.lines for atom in atoms_of(line.expr))


class RuleFile(Struct, frozen=True, kw_only=True):
    """One file: what it asks, about what, and its rules in order."""

    path: str
    asks: Asks
    policy: str
    about: str
    channel: str
    rules: tuple[Rule, ...]
    declared: dict[str, tuple[tuple[str, ...], str]] = {}  # concluded fact: values, default
    origin: str = "shipped"


class Allowed(Struct, frozen=True, kw_only=True):
    """A rule that a workspace changed: its level, or that it is off."""

    rule: str
    kind: str  # level, disabled, replaced
    because: str
    levels: tuple[str, ...] = ()  # as shipped, and as it is now
    expires: date | None = None
    expired: bool = False


class Rulebook(Struct, frozen=True, kw_only=True, dict=True):
    """All rules in force, in file order, and what the workspace changed."""

    files: tuple[RuleFile, ...]
    rules: tuple[Rule, ...]
    allowed: tuple[Allowed, ...] = ()
    digest: str = ""

    @cached_property
    def rules_by_id(self) -> dict[str, Rule]:
        """Every rule in force by its id."""
        return {rule.id: rule for rule in self.rules}

    @property
    def declared(self) -> dict[str, tuple[tuple[str, ...], str]]:
        """Concluded facts with their possible values and default."""
        return {name: said for file in self.files for name, said in file.declared.items()}


def make_rulebook(
    shipped: Sequence[RuleFile],
    overlay: Sequence[RuleFile],
    switches: Mapping[str, Switch],
    place: Place,
    as_of: date | None = None,
    places: Mapping[str, Mapping[str, Place]] | None = None,
) -> tuple[Rulebook, tuple[Finding, ...]]:
    """Shipped rules with a workspace's rules and switches laid upon them.

    `place` is that of adapter.toml, `places` those of its switches and of their keys.
    A workspace rule with the id of another one must say `replaces = true` and stands where
    the other stood; a new rule of a first-match file stands before the shipped ones.
    """
    found: list[Finding] = []
    files = {file.path: list(file.rules) for file in shipped}
    heads = {file.path: file for file in shipped}
    seen: dict[str, Rule] = {}
    allowed: list[Allowed] = []
    for file in shipped:
        files[file.path] = [rule for rule in file.rules if _once(rule, seen, found)]
    replaceable = dict(seen)  # each shipped rule once
    for file in overlay:
        target = _target(file, heads)
        head = heads.setdefault(target, file)
        heads[target] = msgspec.structs.replace(head, declared={**head.declared, **file.declared})
        rules = files.setdefault(target, [])
        fresh: list[Rule] = []
        for rule in file.rules:
            old = replaceable.get(rule.id) if rule.replaces else None
            if old is not None and _may_replace(rule, old, found):
                home = files[old.place.file]
                home[home.index(old)] = rule
                allowed.append(Allowed(rule=rule.id, kind="replaced",
                                       because=rule.because or rule.why))  # fmt: skip
                seen[rule.id] = rule
                del replaceable[rule.id]
            elif old is None and _once(rule, seen, found):
                fresh.append(rule)
                if rule.replaces:
                    found.append(_replaces_nothing(rule, seen))
        files[target] = [*fresh, *rules] if file.policy == "first" else [*rules, *fresh]
    rules = [rule for path in files for rule in files[path]]
    in_force: list[Rule] = []
    at = {code: {"": place, **(places or {}).get(code, {})} for code in switches}
    for rule in rules:
        switched = _switched(rule, switches.get(rule.id), at.get(rule.id, {"": rule.place}), as_of,
                             found, allowed)  # fmt: skip
        if switched is not None:
            in_force.append(switched)
    for code in switches:
        if code not in seen:
            help = f'{did_you_mean(alike(code, seen), "")} `fieldledger rules` lists all rules.'
            found.append(Finding(code="RUL113", level="error", place=at[code][""],
                                 message=f"no rule has the id `{code}`",
                                 help=help.lstrip()))  # fmt: skip
    book = Rulebook(
        files=tuple(heads.values()),
        rules=tuple(in_force),
        allowed=tuple(allowed),
        digest=digest_of(in_force, [(h.asks, h.channel, h.declared) for h in heads.values()]),
    )
    return book, tuple(found)


def _target(file: RuleFile, heads: Mapping[str, RuleFile]) -> str:
    """The shipped file that a workspace file extends: same name, or same question."""
    name = file.path.rpartition("/")[2]
    for path, head in heads.items():
        if path.rpartition("/")[2] == name and (head.asks, head.channel) == (
            file.asks, file.channel,
        ):  # fmt: skip
            return path
    for path, head in heads.items():
        if (head.asks, head.channel) == (file.asks, file.channel) and file.policy == "first":
            return path
    return file.path


def _may_replace(rule: Rule, old: Rule, found: list[Finding]) -> bool:
    """Whether both answer the same question; else a finding."""
    if (rule.asks, rule.channel) == (old.asks, old.channel):
        return True
    asked = [f"{r.asks} {r.channel}".strip() for r in (rule, old)]
    found.append(
        Finding(code="RUL118", level="error", place=rule.place,
                message=f"{rule.id} asks `{asked[0]}`, the rule it replaces asks `{asked[1]}`",
                notes=(Note(old.place, "the rule it replaces"),),
                help="Move it to a file that asks the same, or give it another id.")
    )  # fmt: skip
    return False


def _replaces_nothing(rule: Rule, seen: Mapping[str, Rule]) -> Finding:
    same = [other.id for other in seen.values() if other.name == rule.name and other is not rule]
    near = did_you_mean(same or alike(rule.id, [i for i in seen if i != rule.id]), "")
    return Finding(code="RUL113", level="error", place=rule.place,
                   message=f"no shipped rule has the id `{rule.id}` that this one replaces",
                   help=f"{near} Correct the id, or take `replaces` out.".lstrip())  # fmt: skip


def _once(rule: Rule, seen: dict[str, Rule], found: list[Finding]) -> bool:
    old = seen.get(rule.id)
    if old is None:
        seen[rule.id] = rule
        return True
    found.append(
        Finding(code="SRC003", level="error", message=f"id `{rule.id}` is used twice",
                place=rule.place, notes=(Note(old.place, "first used here"),),
                help="Give it another id, or say `replaces = true` in the workspace's rule.")
    )  # fmt: skip
    return False


def _switched(
    rule: Rule, switch: Switch | None, places: Mapping[str, Place], as_of: date | None,
    found: list[Finding], allowed: list[Allowed],
) -> Rule | None:  # fmt: skip
    enabled, because, expires, level = rule.enabled, rule.because, rule.expires, None
    if switch is not None:
        because = switch.because or because
        expires = switch.expires or expires
        enabled = enabled if switch.enabled is None else switch.enabled
        level = switch.level

    def tell(message: str, key: str, help: str, code: str = "RUL114") -> None:
        where = places.get(key, places[""])
        level = CODES[code].level
        found.append(Finding(code=code, level=level, message=message, place=where, help=help))

    again = "Remove the switch, or renew its expiry."
    if not enabled:
        if not because or expires is None:
            tell(f"{rule.id} is switched off without a reason and an expiry", "enabled",
                 'Write because = "..." and expires = 2027-01-31.')  # fmt: skip
            return rule
        expired = as_of is not None and as_of > expires
        allowed.append(Allowed(rule=rule.id, kind="disabled", because=because, expires=expires,
                               expired=expired))  # fmt: skip
        if expired:
            tell(f"{rule.id} was switched off until {expires}: it is on", "expires", again,
                 "RUL115")  # fmt: skip
            return rule
        return None
    if level is None or level == rule.level:
        return rule
    if level not in rule.allowed_levels and rule.tag not in SWITCHABLE_TAGS:
        tell(f"the level of {rule.id} is documented and cannot be changed", "level",
             "A level is a setting where a rule is inferred or conflicting, or allows levels.")
        return rule
    if not because:
        tell(f"the level of {rule.id} is changed without a reason", "level",
             'Write because = "...".')  # fmt: skip
        return rule
    expired = expires is not None and as_of is not None and as_of > expires
    allowed.append(Allowed(rule=rule.id, kind="level", because=because, expires=expires,
                           levels=(rule.level, level), expired=expired))  # fmt: skip
    if expired:
        tell(f"the level of {rule.id} was changed until {expires}: it is `{rule.level}`", "expires",
             again, "RUL115")  # fmt: skip
    return rule if expired else msgspec.structs.replace(rule, level=level)
