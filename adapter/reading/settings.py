"""adapter.toml: what a workspace says about itself.

Pure: text in, `Settings` and findings out. Files are found and read in `edge/`.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

from adapter.reading.connect import (
    ConnectSetting,
    LedgerSetting,
    SendingSetting,
    check_connect,
    check_ledger,
    check_sending,
)
from adapter.reading.fences import check_fences
from adapter.reading.misfits import known_keys, misfit, places_of
from adapter.reading.reporting import ReportingSetting, check_reporting
from adapter.reading.setting_bounds import (
    check_company,
    check_environment,
    check_lives_in,
    is_zone,
    period_unit_word,
)
from adapter.reading.source import Source
from adapter.values.finding import Finding, Level, Place, shown
from adapter.values.money import MODES, CurrencyRule

EVERY_TABLE = "*"
WORDS = {"flag": "true or false", "whole": "a whole number", "text": "a text"}


class EnvironmentSetting(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One Dataverse environment: where its rows are and what is installed in it."""

    name: str = ""
    records: str | list[str] = ""
    finance: str | None = None
    field_service: str | None = None  # version
    project_operations: str | None = None  # version
    project_operations_app: bool = True
    legacy_integration: bool = False
    prospect_to_cash: bool = False
    onhand_entity: bool = True
    stocked_products: bool = True
    background_approval_threshold: int = 0
    auto_approve: bool = False
    work_order_invoices: bool = False
    stock_policy: str = "restrict"
    base_currency: str | None = None
    time_zone: str | dict[str, str] | None = None  # of instants without one in CSV and XLSX
    connect: ConnectSetting | None = None

    @property
    def time_zones(self) -> dict[str, str]:
        """Names of time zones by table; under `*` that of every other table."""
        said = self.time_zone
        return said if isinstance(said, dict) else {} if said is None else {EVERY_TABLE: said}

    def zone_of(self, *tables: str) -> tzinfo | None:
        """Where a table with these names was exported; None where nothing known is said."""
        zones = {name.casefold(): zone for name, zone in self.time_zones.items()}
        names = [table.casefold() for table in tables]
        found = next((zones[name] for name in (*names, EVERY_TABLE) if name in zones), None)
        return ZoneInfo(found) if found is not None and is_zone(found) else None


class CompanySetting(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One legal entity: where it lives, its calendar and how documents leave."""

    code: str = ""
    environment: str = ""
    time_zone: str = "UTC"
    delivery: str = "validate-only"
    currency: str | None = None
    period_unit: str | None = None
    lines_per_header: int | None = None
    model_from: dict[str, date] = {}  # deployment model -> its first transaction day


class Switch(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A change of one rule by the workspace: its level, or switching it off."""

    level: Level | None = None
    enabled: bool | None = None
    because: str = ""
    expires: date | None = None


class Rounding(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How amounts of one currency are rounded."""

    decimals: int = 2
    mode: str = "half-up"


class Settings(Struct, frozen=True, kw_only=True):
    """A workspace's own words, checked."""

    name: str = "workspace"
    as_of: date | None = None
    environments: dict[str, EnvironmentSetting] = {}
    companies: dict[str, CompanySetting] = {}
    options: dict[str, str | bool | int] = {}
    rules: dict[str, Switch] = {}
    rounding: dict[str, Rounding] = {}
    ledger: LedgerSetting = LedgerSetting()
    sending: SendingSetting = SendingSetting()
    reporting: ReportingSetting = ReportingSetting()
    place: Place = Place("adapter.toml")
    rule_places: dict[str, dict[str, Place]] = {}  # by rule, by key of its switch; "": itself

    def currency_rule(self, code: str | None) -> CurrencyRule:
        """How amounts of a currency are rounded; two decimals, half up if nothing is said."""
        said = self.rounding.get(code or "")
        return CurrencyRule() if said is None else CurrencyRule(said.decimals, said.mode)


class Option(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One setting a workspace may change, declared in `mappings/tables/settings.toml`."""

    type: str  # flag, choice, whole, text
    default: str | bool | int
    description: str
    source: str = ""
    choices: tuple[str, ...] = ()


_TABLES = {"environments": EnvironmentSetting, "companies": CompanySetting, "rules": Switch,
           "rounding": Rounding}  # fmt: skip
_SINGLE: dict[str, type[Struct]] = {"ledger": LedgerSetting, "sending": SendingSetting,
                                  "reporting": ReportingSetting}  # fmt: skip
_KEYS = {"name", "as_of", "settings", *_TABLES, *_SINGLE}


def merge_tables(under: Mapping[str, object], over: Mapping[str, object]) -> dict[str, object]:
    """`over` laid upon `under`, table by table; other values are replaced."""
    merged = dict(under)
    for key, value in over.items():
        below = merged.get(key)
        both = isinstance(value, Mapping) and isinstance(below, Mapping)
        merged[key] = merge_tables(below, value) if both else value  # type: ignore[arg-type]
    return merged


def parse_options(source: Source) -> dict[str, Option]:
    """The declared settings. Raises msgspec.ValidationError: the shipped file is ours."""
    return {name: msgspec.convert(said, Option) for name, said in source.table.items()}


def parse_settings(
    source: Source, overlay: Source | None, options: Mapping[str, Option]
) -> tuple[Settings, tuple[Finding, ...]]:
    """adapter.toml, with the overlay `adapter.<env>.toml` laid upon it."""
    found: list[Finding] = []
    table = source.table if overlay is None else merge_tables(source.table, overlay.table)

    def place(*keys: str) -> Place:
        for origin in (overlay, source):
            if origin is not None and _has(origin.table, keys):
                return origin.place(*keys)
        return source.place()

    def fault(code: str, message: str, where: Place, help: str = "") -> None:
        found.append(Finding(code=code, level="error", message=message, place=where, help=help))

    for key in table:
        if key not in _KEYS:
            fault("SRC002", f"unknown key `{shown(key)}`", place(key),
                  known_keys(key, sorted(_KEYS)))  # fmt: skip
    parts: dict[str, dict[str, Struct]] = {}
    for name, kind in _TABLES.items():
        parts[name] = {}
        said = table.get(name, {})
        if not isinstance(said, Mapping):
            fault("SRC020", f"`{name}` is not a table", place(name))
            continue
        for key, row in said.items():
            try:
                parts[name][key] = msgspec.convert(row, kind)
            except msgspec.ValidationError as error:
                message, help, at = misfit(error, kind.__annotations__, row)
                fault("SRC020", f"[{name}.{shown(key)}] {message}", place(name, key, *at), help)
    single: dict[str, Any] = {}
    for name, kind in _SINGLE.items():
        try:
            single[name] = msgspec.convert(table.get(name, {}), kind)
        except msgspec.ValidationError as error:
            single[name] = kind()
            message, help, at = misfit(error, kind.__annotations__, table[name])
            fault("SRC020", f"[{name}] {message}", place(name, *at), help)
    chosen, more = _options(table.get("settings", {}), options, place)
    found.extend(more)
    as_of = table.get("as_of")
    if as_of is not None and (not isinstance(as_of, date) or hasattr(as_of, "hour")):
        fault("SRC020", "`as_of` is not a date such as 2026-11-30", place("as_of"))
        as_of = None
    settings = _assemble(table, parts, chosen, as_of, place())
    settings = msgspec.structs.replace(settings, **single, rule_places=places_of(table, place))
    said = table.get("environments", {})
    declared = [str(name) for name in said] if isinstance(said, Mapping) else []
    found.extend(_faults_of(settings, declared, place))
    return settings, tuple(found)


def _has(table: Mapping[str, object], keys: tuple[str, ...]) -> bool:
    value: object = table
    for key in keys:
        if not isinstance(value, Mapping) or key not in value:
            return False
        value = value[key]
    return bool(keys)


def _assemble(
    table: Mapping[str, object], parts: Mapping[str, Mapping[str, Any]],
    options: dict[str, str | bool | int], as_of: date | None, place: Place,
) -> Settings:  # fmt: skip
    replace = msgspec.structs.replace
    return Settings(
        name=shown(table.get("name", "workspace")),
        as_of=as_of,
        environments={k: replace(v, name=k) for k, v in parts["environments"].items()},
        companies={k: replace(v, code=k, period_unit=period_unit_word(v.period_unit))
                   for k, v in parts["companies"].items()},
        options=options,
        rules=dict(parts["rules"]),
        rounding=dict(parts["rounding"]),
        place=place,
    )


def _options(
    said: object, options: Mapping[str, Option], place: Callable[..., Place]
) -> tuple[dict[str, str | bool | int], list[Finding]]:
    chosen: dict[str, str | bool | int] = {n: option.default for n, option in options.items()}
    found: list[Finding] = []
    kinds = {"flag": bool, "whole": int, "text": str, "choice": str}
    for name, value in said.items() if isinstance(said, Mapping) else ():
        option = options.get(name)
        where = place("settings", name)
        if option is None:
            found.append(Finding(code="SRC002", level="error", place=where,
                                 message=f"unknown setting `{shown(name)}`",
                                 help=known_keys(name, sorted(options))))  # fmt: skip
        elif type(value) is not kinds[option.type] or (
            option.choices and value not in option.choices
        ):
            may_be = ", ".join(option.choices) or WORDS[option.type]
            found.append(Finding(code="SRC020", level="error", place=where,
                                 message=f"setting `{name}` cannot be {shown(value)}",
                                 help=f"it may be: {may_be}"))  # fmt: skip
        else:
            chosen[name] = msgspec.convert(value, str | bool | int)
    return chosen, found


def _faults_of(
    settings: Settings, declared: Iterable[str], place: Callable[..., Place]
) -> list[Finding]:
    found: list[Finding] = []

    def fault(message: str, where: Place, help: str) -> None:
        found.append(
            Finding(code="SRC021", level="error", message=message, place=where, help=help)
        )

    for code, company in settings.companies.items():
        where = place("companies", code)
        check_lives_in(company, settings.environments, declared, where, fault)
        check_company(company, where, fault)
        check_fences(code, company.model_from, where, fault)
    for name, environment in settings.environments.items():
        check_environment(environment, place("environments", name), fault)
        if environment.connect is not None:
            check_connect(name, environment.connect, place("environments", name), fault)
    check_ledger(settings.ledger, place("ledger", "url"), fault)
    check_sending(settings.sending, place("sending"), fault)
    check_reporting(settings.reporting, place("reporting"), fault)
    for code, rule in settings.rounding.items():
        if rule.mode not in MODES or not 0 <= rule.decimals <= 10:
            fault(f"rounding of {shown(code)} is not known", place("rounding", code),
                  "decimals 0 to 10, mode: " + ", ".join(MODES))  # fmt: skip
    return found
