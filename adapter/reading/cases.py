"""Case files: what the rules promise, in the reader's words.

A case names the facts that matter; everything else comes from its `start` and is otherwise
missing. It expects findings, a model, conclusions or routes.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from msgspec import Struct

from adapter.reading.catalogue import Catalogue, FactSpec
from adapter.reading.rulebook import Rulebook
from adapter.reading.source import Source
from adapter.values.alike import alike, did_you_mean, one_of
from adapter.values.finding import Finding, Place, shown

CASES_MAX = 2_000
FILE_KEYS = ("start", "case")
CASE_KEYS = ("name", "start", "given", "find", "choose", "refuse", "conclude", "route", "rule",
             "near")  # fmt: skip
EXPECTED = ("find", "choose", "refuse", "conclude", "route")
CHANNELS = ("ledger", "billing")
MODELS = ("core", "integrated")
NONE = "(none)"  # takes away what `start` says

Value = str | bool | int | Decimal | date | tuple[int, ...] | None
Keys = tuple[str | int, ...]


class Case(Struct, frozen=True, kw_only=True):
    """One case: facts, and what the rules must say of them."""

    name: str
    place: Place
    facts: Mapping[str, Value]
    find: tuple[str, ...] | None = None  # exactly these requirements fire
    choose: str = ""  # a model, or the id of the rule that chooses
    refuse: str = ""  # the id of the rule that refuses
    concludes: Mapping[str, str] = {}
    routes: Mapping[str, str] = {}  # channel -> id of the rule that answers
    rule: str = ""  # this rule fires or answers, unless `is_near`
    is_near: bool = False  # a near miss: `rule` does not fire
    excerpt: tuple[str, ...] = ()

    @property
    def named(self) -> tuple[str, ...]:
        """The rules that the case names."""
        ids = (*(self.find or ()), self.choose, self.refuse, *self.routes.values(), self.rule)
        return tuple(dict.fromkeys(i for i in ids if i and i not in MODELS))


class CaseFile(Struct, frozen=True, kw_only=True):
    """The cases of one file."""

    path: str
    cases: tuple[Case, ...]
    origin: str = "shipped"


def parse_case_file(
    source: Source, catalogue: Catalogue, rulebook: Rulebook, origin: str = "shipped"
) -> tuple[CaseFile, tuple[Finding, ...]]:
    """The cases of one file. A case with a fault is left out, the others go on."""
    return _Parser(source, catalogue, rulebook).parse(origin)


def typed_value(spec: FactSpec, value: object) -> Value:
    """A TOML value as the value of a fact. Raises ValueError when it does not fit."""
    if value == NONE:
        return None
    if spec.choices and value not in spec.choices:
        raise ValueError(one_of(value, spec.choices))
    match spec.type:
        case "flag" if isinstance(value, bool):
            return value
        case "number" | "whole" if isinstance(value, int | Decimal) and not isinstance(value, bool):
            number = Decimal(value)
            is_whole = number.is_finite() and number == number.to_integral_value()
            if number.is_finite() and (is_whole or spec.type == "number"):
                return number if spec.type == "number" else int(number)
        case "day" if isinstance(value, date) and not hasattr(value, "hour"):
            return value
        case "day" if isinstance(value, str):
            return date.fromisoformat(value)
        case "version" if isinstance(value, str):
            parts = value.split(".")
            if all(part.isascii() and part.isdigit() and len(part) < 10 for part in parts):
                return tuple(int(part) for part in parts)
        case "text" | "link" | "choice" if isinstance(value, str):
            return value
    raise ValueError(_EXAMPLES[spec.type])


_EXAMPLES = {
    "text": 'Write a text such as "USMF".', "choice": "Write one of its words in quotes.",
    "link": "Write an id in quotes.", "flag": "Write true or false.",
    "number": "Write a number such as 1 or 2.50.", "whole": "Write a whole number such as 10.",
    "day": "Write a date such as 2026-11-30.", "version": 'Write a version such as "8.8.142.0".',
}  # fmt: skip


class _Parser:
    def __init__(self, source: Source, catalogue: Catalogue, rulebook: Rulebook) -> None:
        self.source, self.catalogue, self.rulebook = source, catalogue, rulebook
        self.found: list[Finding] = []

    def fault(self, code: str, message: str, keys: Keys, help: str = "") -> None:
        self.found.append(Finding(code=code, level="error", message=message,
                                  place=self.source.place(*keys), help=help))  # fmt: skip

    def parse(self, origin: str) -> tuple[CaseFile, tuple[Finding, ...]]:
        table = self.source.table
        self._unknown(table, FILE_KEYS, ())
        starts: dict[str, Mapping[str, Value]] = {}
        said = table.get("start", {})
        if not isinstance(said, dict):
            self.fault("RUL130", "`start` is not a table of tables", ("start",),
                       "Write [start.happy] and facts below it.")  # fmt: skip
            said = {}
        for name, facts in said.items():
            starts[name] = self._facts(facts, ("start", name))
        rows = table.get("case", [])
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            self.fault("RUL130", "`case` is not a list of [[case]] tables", ("case",))
            rows = []
        if len(rows) > CASES_MAX:
            self.fault("RUL130", f"more than {CASES_MAX:,} cases in one file", ("case",),
                       "Split the file.")  # fmt: skip
        made = [self._case(row, at, starts) for at, row in enumerate(rows[:CASES_MAX])]
        cases = tuple(case for case in made if case is not None)
        return CaseFile(path=self.source.path, cases=cases, origin=origin), tuple(self.found)

    def _unknown(self, table: Mapping[str, Any], known: tuple[str, ...], keys: Keys) -> None:
        for key in table:
            if key not in known:
                self.fault("SRC002", f"unknown key `{shown(key)}`", (*keys, key),
                           did_you_mean(alike(key, known))
                           or "known: " + ", ".join(known))  # fmt: skip

    def _facts(self, table: object, keys: Keys) -> dict[str, Value]:
        if not isinstance(table, dict):
            self.fault("RUL130", "facts are not a table", keys, '{ "actual.quantity" = 2 }')
            return {}
        found: dict[str, Value] = {}
        for path, name, value in _flat(table, keys, ""):
            spec = self.catalogue.get(name)
            if spec is None:
                self.fault("RUL102", f"unknown fact `{shown(name)}`", path,
                           did_you_mean(self.catalogue.nearest(name)) or
                           "`fieldledger facts` lists what there is.")  # fmt: skip
            elif spec.group == "concluded":
                self.fault("RUL131", f"`{name}` is concluded by rules and cannot be given", path,
                           f"Give the facts it is concluded from: see {spec.source[13:]}.")
            else:
                try:
                    found[name] = typed_value(spec, value)
                except ValueError as error:
                    self.fault("RUL133", f"`{name}` is a {spec.type}, {shown(value)} is not",
                               path, str(error))  # fmt: skip
        return found

    def _case(
        self, row: Mapping[str, Any], at: int, starts: Mapping[str, Mapping[str, Value]]
    ) -> Case | None:
        keys: Keys = ("case", at)
        before = len(self.found)
        self._unknown(row, CASE_KEYS, keys)
        name, start = row.get("name"), row.get("start")
        if not isinstance(name, str) or not name:
            self.fault("RUL130", "case without name", keys, 'Write name = "what is promised".')
        if start is not None and (not isinstance(start, str) or start not in starts):
            self.fault("RUL130", f"no start is called `{shown(start)}`", (*keys, "start"),
                       "starts: " + (", ".join(starts) or "none"))  # fmt: skip
        given = self._facts(row.get("given", {}), (*keys, "given"))
        rule, near = row.get("rule", ""), row.get("near", False)
        if not isinstance(near, bool) or (near and not rule):
            self.fault("RUL130", "a near miss names its rule", (*keys, "near"),
                       'Write rule = "REQ304" and near = true.')  # fmt: skip
        if rule:
            self._known(rule, (*keys, "rule"))
        if not rule and not any(key in row for key in EXPECTED):
            self.fault("RUL130", "case expects nothing", keys,
                       f"Say rule, {', '.join(EXPECTED)}.")  # fmt: skip
        expected = self._expected(row, keys)
        if len(self.found) > before or not isinstance(start, str | None):
            return None
        return Case(
            name=str(name), place=self.source.place(*keys),
            facts={**starts.get(start or "", {}), **given}, rule=str(rule), is_near=bool(near),
            excerpt=self.source.excerpt("case", at), **expected,
        )  # fmt: skip

    def _expected(self, row: Mapping[str, Any], keys: Keys) -> dict[str, Any]:
        made: dict[str, Any] = {}
        if "find" in row:
            ids = row["find"] if isinstance(row["find"], list) else [None]
            for number, code in enumerate(ids):
                self._known(code, (*keys, "find", number), "require")
            made["find"] = tuple(map(str, ids))
        if "choose" in row and row["choose"] not in MODELS:
            self._known(row["choose"], (*keys, "choose"), "choose")
        if "refuse" in row:
            self._known(row["refuse"], (*keys, "refuse"), "choose")
        made |= {key: str(row[key]) for key in ("choose", "refuse") if key in row}
        for key, name in (("conclude", "concludes"), ("route", "routes")):
            table = row.get(key, {})
            if not isinstance(table, dict):
                self.fault("RUL130", f"`{key}` is not a table", (*keys, key))
                continue
            for path, fact, value in _flat(table, (*keys, key), ""):
                if key == "route":
                    if fact not in CHANNELS:
                        self.fault("RUL130", f"no channel `{shown(fact)}`", path, "ledger, billing")
                    self._known(value, path, "route")
                else:
                    self._concluded(fact, value, path)
                made.setdefault(name, {})[fact] = str(value)
        return made

    def _concluded(self, fact: str, value: object, path: Keys) -> None:
        declared = self.rulebook.declared
        values = declared.get(fact, ((), ""))[0]
        if value not in values:
            self.fault("RUL130", f"no rule concludes `{shown(fact)}` = {shown(value)}", path,
                       "it is one of: " + ", ".join(values) if values else
                       did_you_mean(alike(fact, declared, 1)) or
                       "`fieldledger rules` lists all rules.")  # fmt: skip

    def _known(self, code: object, keys: Keys, asks: str = "") -> None:
        rule = self.rulebook.rules_by_id.get(code) if isinstance(code, str) else None
        if any(a.rule == code for a in self.rulebook.allowed if a.kind == "disabled"):
            return
        if rule is None:
            self.fault("RUL132", f"no rule has the id `{shown(code)}`", keys,
                       did_you_mean(alike(code, self.rulebook.rules_by_id), "") or
                       "`fieldledger rules` lists all rules.")  # fmt: skip
        elif asks and rule.asks != asks:
            self.fault("RUL130", f"{rule.id} does not {asks}: it asks `{rule.asks}`", keys)


def _flat(table: Mapping[str, Any], keys: Keys, prefix: str) -> list[tuple[Keys, str, object]]:
    """`"a.b" = 1` and `a.b = 1` are the same fact."""
    found: list[tuple[Keys, str, object]] = []
    for key, value in table.items():
        name = f"{prefix}{key}"
        if isinstance(value, dict):
            found += _flat(value, (*keys, key), f"{name}.")
        else:
            found.append(((*keys, key), name, value))
    return found
