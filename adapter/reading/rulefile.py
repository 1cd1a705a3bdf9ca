"""Rule files: TOML text to rules, with a finding for every fault.

Four kinds, by what a file asks: choose (which model), conclude (what kind of thing is
this), require (what must hold), route (where does it go). See `docs/rules.md`.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from adapter.reading.catalogue import Catalogue, FactSpec
from adapter.reading.condition import parse_condition
from adapter.reading.expressions import Atom, Literal_
from adapter.reading.rule_hints import KEBAB, missing_key, nearest, placeholder_at, wanted
from adapter.reading.rulebook import Asks, Line, Outcome, Rule, RuleFile
from adapter.reading.rulewords import (
    ASKS,
    CHANNELS,
    DOCUMENTS,
    FILE_KEYS,
    LINES_MAX,
    OUTCOMES,
    POLICIES,
    RULE_KEYS,
    RULES_MAX,
    TAGS,
    is_code,
    misfit,
    placeholders,
)
from adapter.reading.source import Source
from adapter.values.finding import Finding, Place, shown


def declared_facts(source: Source) -> tuple[FactSpec, ...]:
    """The facts that a conclude file makes, so that the catalogue can know them first."""
    table = source.table.get("concludes")
    found = []
    for name, said in table.items() if isinstance(table, dict) else ():
        if isinstance(said, dict) and isinstance(said.get("values"), list):
            found.append(
                FactSpec(name=name, type="choice", choices=tuple(map(str, said["values"])),
                         description=str(said.get("description", "")),
                         example=str(said["values"][0]) if said["values"] else "",
                         source=f"concluded by {source.path}", group="concluded")
            )  # fmt: skip
    return tuple(found)


def parse_rule_file(
    source: Source, catalogue: Catalogue, origin: str = "shipped"
) -> tuple[RuleFile | None, tuple[Finding, ...]]:
    """One rule file. Rules that cannot be understood are left out, each with its finding."""
    return _FileParser(source, catalogue, origin).parse()


class _FileParser:
    def __init__(self, source: Source, catalogue: Catalogue, origin: str) -> None:
        self.source = source
        self.catalogue = catalogue
        self.origin = origin
        self.found: list[Finding] = []
        self.asks: Asks = "require"
        self.policy = ""
        self.declared: dict[str, tuple[tuple[str, ...], str]] = {}

    def fault(self, code: str, message: str, place: Place, help: str = "") -> None:
        self.found.append(
            Finding(code=code, level="error", message=message, place=place, help=help)
        )

    def unknown(self, keys: Mapping[str, Any], known: set[str], *path: str | int) -> None:
        for key in keys:
            if key not in known:
                self.fault("SRC002", f"unknown key `{shown(key)}`", self.source.place(*path, key),
                           nearest(key, sorted(known)))  # fmt: skip

    def parse(self) -> tuple[RuleFile | None, tuple[Finding, ...]]:
        table, place = self.source.table, self.source.place
        self.unknown(table, FILE_KEYS)
        words: dict[str, object] = {}
        for key, known in (("asks", ASKS), ("policy", POLICIES), ("about", ("company", "actual"))):
            words[key] = table.get(key)
            if words[key] not in known:
                self.fault("RUL116", f"`{key}` of the file is not one of {', '.join(known)}",
                           place(key, "="), nearest(words[key], known, f"Write {key} at the top."))
        channel = table.get("channel", "")
        if words["asks"] == "route" and channel not in CHANNELS:
            self.fault("RUL116", "a route file needs its channel: ledger or billing",
                       place("channel"), 'Write channel = "ledger" at the top.')  # fmt: skip
        elif words["asks"] != "route" and channel != "":
            self.fault("RUL116", "only a route file has a channel", place("channel"),
                       "Take the line out.")  # fmt: skip
        rows = table.get("rule", [])
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            self.fault("RUL116", "`rule` is not a list of [[rule]] tables", place("rule"))
            rows = []
        if len(rows) > RULES_MAX:
            self.fault("RUL116", f"more than {RULES_MAX} rules in one file", place("rule"),
                       "Split the file.")  # fmt: skip
        if any(f.level == "error" and f.code == "RUL116" for f in self.found):
            return None, tuple(self.found)
        self.asks = next(asks for asks in ASKS if asks == words["asks"])
        self.policy = str(words["policy"])
        self._declared(table.get("concludes", {}))
        made = [self._rule(row, index, str(words["about"]), channel)
                for index, row in enumerate(rows)]  # fmt: skip
        rules = tuple(rule for rule in made if rule is not None)
        self._last(rules, rows)
        return RuleFile(
            path=self.source.path, asks=self.asks, policy=self.policy, about=str(words["about"]),
            channel=channel, rules=rules, declared=self.declared, origin=self.origin,
        ), tuple(self.found)  # fmt: skip

    def _declared(self, table: object) -> None:
        if not isinstance(table, dict):
            self.fault("RUL117", "`concludes` is not a table", self.source.place("concludes"))
            return
        for name, said in table.items():
            where = self.source.place("concludes", name)
            spec = self.catalogue.get(name)
            values = said.get("values") if isinstance(said, dict) else None
            default = said.get("default") if isinstance(said, dict) else None
            if spec is not None and spec.group != "concluded":
                self.fault("RUL117", f"`{shown(name)}` is a fact already", where,
                           "Give what is concluded another name.")  # fmt: skip
            elif not isinstance(values, list) or default not in values:
                self.fault("RUL117", f"`{shown(name)}` needs values and a default among them",
                           where, '{ values = ["yes", "no"], default = "no" }')  # fmt: skip
            else:
                self.declared[name] = (tuple(str(v) for v in values), str(default))

    def _last(self, rules: Sequence[Rule], rows: Sequence[Any]) -> None:
        needs = self.policy == "first" and self.asks in ("choose", "route")
        if not needs or self.origin == "workspace" or len(rules) != len(rows):
            return
        if not rules or rules[-1].lines:
            place = rules[-1].place if rules else self.source.place()
            self.fault("RUL107", "the last rule is no catch-all", place,
                       "End the file with a rule whose `when` is [].")  # fmt: skip

    def _rule(self, row: dict[str, Any], index: int, about: str, channel: str) -> Rule | None:
        place = self.source.place("rule", index)
        before = len(self.found)
        self.unknown(row, RULE_KEYS, "rule", index)
        row = self._typed(row, index)
        for key in ("id", "name"):
            if not row.get(key):
                self.fault("RUL118", f"rule without {key}", place, missing_key(key))
        name = row.get("name", "")
        if name and not KEBAB.fullmatch(name):
            self.fault("RUL118", f"the name `{shown(name)}` is not in small letters with hyphens",
                       self.source.place("rule", index, "name", "="),
                       "Name the fault, such as serial-number-missing.")  # fmt: skip
        if not is_code(str(row.get("id", "AAA000"))):
            self.fault("RUL118", f"`{shown(row['id'])}` is no code",
                       self.source.place("rule", index, "id", "="),
                       "Three capital letters and three digits, such as REQ304.")  # fmt: skip
        outcome = self._outcome(row, index, place)
        applies = [*self._lines(row, "applies", index), *self._limits(row, index)]
        when = self._lines(row, "when", index)
        if len(applies) + len(when) > LINES_MAX:
            self.fault("RUL118", f"rule has more than {LINES_MAX} lines", place, "Split the rule.")
        if self.asks == "require" and not when and len(self.found) == before:
            self.fault("RUL118", "a requirement without a fault: `when` is empty", place,
                       "Say in `when` what is wrong.")  # fmt: skip
        self._said(row, index, place)
        if outcome is None or len(self.found) > before:
            return None
        return Rule(
            id=row["id"], name=row["name"], asks=self.asks, policy=self.policy, about=about,
            channel=channel, applies=tuple(applies), when=tuple(when),
            level=row.get("level", "error"), message=row.get("message", ""),
            help=row.get("help", ""), source=row.get("source", ""),
            tag=row.get("tag", "documented"), owner=row.get("owner", ""), why=row.get("why", ""),
            domain=tuple(row.get("domain", ())), since=row.get("since"), until=row.get("until"),
            companies=tuple(row.get("companies", ())), models=tuple(row.get("models", ())),
            allowed_levels=tuple(row.get("allowed_levels", ())),
            replaces=row.get("replaces", False), enabled=row.get("enabled", True),
            because=row.get("because", ""), expires=row.get("expires"), outcome=outcome,
            place=place, excerpt=self.source.excerpt("rule", index), origin=self.origin,
        )  # fmt: skip

    def _typed(self, row: dict[str, Any], index: int) -> dict[str, Any]:
        good: dict[str, Any] = {}
        for key, value in row.items():
            wants = misfit(key, value)
            if not wants:
                good[key] = value
            elif key in RULE_KEYS:
                self.fault("RUL118", f"`{key}` is not {wants}",
                           self.source.place("rule", index, key, "="), wanted(key, wants))
        return good

    def _said(self, row: dict[str, Any], index: int, place: Place) -> None:
        at = self.source.place
        for key, known in (("level", ("error", "warning")), ("tag", TAGS)):
            if key in row and row[key] not in known:
                self.fault("RUL118", f"`{key}` is not one of {', '.join(known)}",
                           at("rule", index, key, "="), nearest(row[key], known))
        needed = ["source", "tag"]
        if self.asks == "require":
            needed += ["message", "help", "owner", "level"]
        for key in needed:
            if not row.get(key):
                self.fault("RUL119", f"rule without {key}", place, missing_key(key))
        for key in ("message", "help", "refuse", "leave", "hold"):
            for name in placeholders(row.get(key, "")):
                if name not in self.catalogue:
                    where = self.source.within(at("rule", index, key, "="),
                                               *placeholder_at(row[key], name))  # fmt: skip
                    self.fault("RUL109", f"unknown fact `{shown(name)}` in {key}", where,
                               nearest(name, self.catalogue,
                                       "`fieldledger facts` lists what there is."))  # fmt: skip

    def _lines(self, row: dict[str, Any], key: str, index: int) -> list[Line]:
        made = []
        for number, text in enumerate(row.get(key, ())):
            place = self.source.place("rule", index, key, number)
            expr, found = parse_condition(text, place, self.catalogue, self.source)
            self.found.extend(found)
            if expr is not None:
                made.append(Line(text, expr, place))
        return made

    def _limits(self, row: dict[str, Any], index: int) -> list[Line]:
        """since, until, companies and models as lines of `applies`, shown as such."""
        made: list[Line] = []
        for key, op, sign in (("since", "ge", ">="), ("until", "le", "<=")):
            if key in row:
                atom = Atom(op, "actual.date", row[key])  # type: ignore[arg-type]
                made.append(Line(f"actual.date {sign} '{row[key]}'", atom,
                                 self.source.place("rule", index, key, "=")))  # fmt: skip
        for key, name in (("companies", "company.code"), ("models", "deployment.model")):
            where = self.source.place("rule", index, key)
            values: tuple[Literal_, ...] = tuple(sorted(set(row.get(key, ()))))
            choices = self.catalogue[name].choices or values
            for at, value in enumerate(row.get(key, ())):
                if value not in choices:
                    self.fault("RUL104", f"`{name}` is never '{shown(value)}'",
                               self.source.place("rule", index, key, at),
                               nearest(value, map(str, choices)))  # fmt: skip
            if values:
                atom = Atom("in", name, literals=values)
                made.append(Line(f"{name} in {list(values)}", atom, where))
        return made

    def _outcome(self, row: dict[str, Any], index: int, place: Place) -> Outcome | None:
        said = [key for key in ("choose", "refuse", "conclude", "send", "leave", "hold")
                if key in row]  # fmt: skip
        may = OUTCOMES[self.asks]
        if (may and len(said) != 1) or any(key not in may for key in said):
            words = " or ".join(may) or "message and level, nothing else"
            self.fault("RUL118", f"a rule of this file says {words}", place)
            return None
        if not may:
            return Outcome(kind="message")
        kind = said[0]
        if kind == "choose" and row["choose"] not in ("core", "integrated"):
            self.fault("RUL118", f"no deployment model `{shown(row['choose'])}`",
                       self.source.place("rule", index, "choose", "="), "core or integrated")
        if kind == "conclude":
            return self._concludes(row["conclude"], index)
        if kind == "send":
            return self._send(row["send"], index)
        return Outcome(kind=kind, value=row[kind])

    def _concludes(self, table: dict[str, Any], index: int) -> Outcome:
        for name, value in table.items():
            declared = self.declared.get(name)
            if declared is None or value not in declared[0]:
                self.fault("RUL117", f"`{shown(name)}` = {shown(value)} is not declared",
                           self.source.place("rule", index, "conclude", name),
                           "Declare it under [concludes] with all its values.")  # fmt: skip
        return Outcome(kind="conclude", concludes=tuple((k, str(v)) for k, v in table.items()))

    def _send(self, table: dict[str, Any], index: int) -> Outcome:
        where = self.source.place("rule", index, "send")
        self.unknown(table, {"document", "mapping", "group_by"}, "rule", index, "send")
        if table.get("document") not in DOCUMENTS:
            self.fault("RTE490", f"no document `{shown(table.get('document'))}`", where,
                       nearest(table.get("document"), DOCUMENTS))  # fmt: skip
        group, mapping = table.get("group_by", []), table.get("mapping", "")
        if not isinstance(group, list) or not isinstance(mapping, str):
            self.fault("RUL118", "`mapping` is a text, `group_by` a list of facts", where)
            return Outcome(kind="send")
        for name in group:
            if name not in self.catalogue:
                self.fault("RUL102", f"unknown fact `{shown(name)}` in group_by", where)
        return Outcome(
            kind="send", document=str(table.get("document")), mapping=mapping,
            group_by=tuple(map(str, group)),
        )  # fmt: skip
