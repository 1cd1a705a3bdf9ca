"""JSON Schemas (draft 4) of the files that implementers write, for completion in an editor."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from msgspec import Struct

from adapter.reading.bound import CUSTOM_TYPES
from adapter.reading.cases import EXPECTED, MODELS
from adapter.reading.catalogue import Catalogue, FactSpec
from adapter.reading.connect import ConnectSetting, LedgerSetting, SendingSetting
from adapter.reading.rulebook import Rulebook
from adapter.reading.rulewords import ASKS, CHANNELS, DOCUMENTS, POLICIES, TAGS
from adapter.reading.schema import SchemaTable
from adapter.reading.setting_bounds import DELIVERIES, PERIOD_UNITS, STOCK_POLICIES
from adapter.reading.settings import (
    CompanySetting,
    EnvironmentSetting,
    Option,
)
from adapter.reading.steps import STEPS
from adapter.values.records import RECORDS

DRAFT = "http://json-schema.org/draft-04/schema#"
Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
TEXTS: Schema = {"type": "array", "items": TEXT}
FLAG: Schema = {"type": "boolean"}
DAY: Schema = {"type": "string", "description": "a date such as 2026-11-30, without quotes"}


def one_of(words: Iterable[str], description: str = "") -> Schema:
    """A text that is one of some words."""
    found: Schema = {"type": "string", "enum": sorted(set(words))}
    return {**found, "description": description} if description else found


def table(properties: Mapping[str, Schema], required: Sequence[str] = (), **more: Any) -> Schema:
    """A table whose keys are known."""
    found: Schema = {"type": "object", "properties": dict(properties),
                     "additionalProperties": False, **more}  # fmt: skip
    return {**found, "required": list(required)} if required else found


def map_of(value: Schema, keys: Iterable[str] = ()) -> Schema:
    """A table with any keys; those that are known are offered."""
    return {"type": "object", "properties": dict.fromkeys(sorted(keys), value),
            "additionalProperties": value}  # fmt: skip


def _ref(name: str) -> Schema:
    return {"$ref": f"#/definitions/{name}"}


def _titled(title: str, schema: Schema) -> Schema:
    return {"$schema": DRAFT, "title": title, **schema}


def rule_file(catalogue: Catalogue, rulebook: Rulebook, mappings: Iterable[str]) -> Schema:
    """Files in rules/."""
    fact = one_of(catalogue, "the name of a fact")
    condition = {**TEXT, "description": "a condition, such as actual.quantity != 1"}
    send = table(
        {"document": one_of(DOCUMENTS), "mapping": one_of(mappings),
         "group_by": {"type": "array", "items": fact}}, ["document"])  # fmt: skip
    rule = table(
        {
            "id": {"type": "string", "pattern": "^[A-Z]{3}[0-9]{3}$"},
            "name": {**TEXT, "description": "the fault in kebab-case"},
            "applies": {"type": "array", "items": condition},
            "when": {"type": "array", "items": condition},
            "choose": one_of(MODELS), "refuse": TEXT,
            "conclude": map_of(TEXT, rulebook.declared),
            "send": send, "leave": TEXT, "hold": TEXT,
            "level": one_of(("error", "warning")),
            "message": {**TEXT, "description": "with values: {work_order.number}"},
            "help": TEXT, "source": TEXT, "tag": one_of(TAGS), "owner": TEXT, "why": TEXT,
            "domain": TEXTS, "since": DAY, "until": DAY, "companies": TEXTS,
            "models": {"type": "array", "items": one_of(MODELS)},
            "allowed_levels": {"type": "array", "items": one_of(("error", "warning"))},
            "replaces": FLAG, "enabled": FLAG, "because": TEXT, "expires": DAY,
        },
        ["id", "name", "source", "tag"],
    )  # fmt: skip
    declared = table({"values": TEXTS, "default": TEXT, "description": TEXT},
                     ["values", "default"])  # fmt: skip
    return _titled("Fieldledger rule file", table(
        {"policy": one_of(POLICIES), "about": one_of(("company", "actual")), "asks": one_of(ASKS),
         "channel": one_of(CHANNELS), "concludes": map_of(declared),
         "rule": {"type": "array", "items": rule}},
        ["policy", "about", "asks"],
    ))  # fmt: skip


def from_mapping(schemas: Mapping[str, SchemaTable]) -> Schema:
    """Files in mappings/from-*/; columns of all tables are offered."""
    columns = {c.name for t in schemas.values() for c in t.columns if c.name}
    entry = table(
        {"column": {**TEXT, "anyOf": [one_of(columns), TEXT]}, "type": TEXT,
         "tag": one_of(("documented", "inferred", "unknown")),
         "values": map_of({"type": ["string", "integer"]}), "inferred": {"type": "array"},
         "name": FLAG, "upper": FLAG, "label": TEXT, "first_day": FLAG,
         "needed": FLAG, "above_zero": FLAG}, ["column"])  # fmt: skip
    fields = {f for kind in RECORDS.values() for f in kind.__struct_fields__}
    known = {"entry": entry, "custom": {**entry, "properties": {
        **entry["properties"], "type": one_of(CUSTOM_TYPES)}}}  # fmt: skip
    return _titled("Fieldledger mapping of records that come in", table(
        {"table": {"anyOf": [one_of(schemas), TEXT]}, "set": TEXT, "record": one_of(RECORDS),
         "key": {}, "tag": one_of(("documented", "inferred", "unknown")), "needed": FLAG,
         "constant": map_of(TEXT), "field": map_of(_ref("entry"), fields),
         "custom": map_of(_ref("custom"))},
        ["table", "record"], definitions=known,
    ))  # fmt: skip


def out_mapping(
    schemas: Mapping[str, SchemaTable], sources: Iterable[str], templates: Iterable[str]
) -> Schema:
    """Files in mappings/to-*/."""
    columns = {c.name for t in schemas.values() for c in t.columns if c.name}
    value: Schema = {"type": ["string", "number", "integer", "boolean"]}
    step = {**TEXT, "description": "steps: " + ", ".join(sorted(STEPS))}
    source = {"anyOf": [one_of(sources), TEXT]}
    field = table(
        {"from": source, "otherwise": source, "value": value,
         "via": {"type": "array", "items": step},
         "default": value, "when": TEXT, "optional": FLAG,
         "tag": one_of(("documented", "inferred", "unknown")), "type": TEXT,
         "length": {"type": "integer"}, "navigation": TEXT})  # fmt: skip
    return _titled("Fieldledger mapping of documents that go out", {
        "type": "object",
        "properties": {
            "document": TEXT, "part": TEXT, "target": one_of(schemas),
            "template": one_of(templates), "header": TEXT, "details": TEXT, "key": TEXTS,
            "keeps": TEXTS, "filled_there": TEXTS, "field": map_of(_ref("field"), columns),
        },
        "required": ["target"], "definitions": {"field": field},
    })  # fmt: skip


def case_file(catalogue: Catalogue, rulebook: Rulebook) -> Schema:
    """Files in cases/."""
    known = {"facts": table({name: _value(spec) for name, spec in catalogue.items()
                             if spec.group != "concluded"})}  # fmt: skip
    facts = _ref("facts")
    by_kind = {asks: [r.id for r in rulebook.rules if r.asks == asks] for asks in ASKS}
    ids = [r.id for r in rulebook.rules]
    routes = {channel: [r.id for r in rulebook.rules if r.channel == channel]
              for channel in CHANNELS}  # fmt: skip
    concludes = {name: one_of(values) for name, (values, _) in rulebook.declared.items()}
    expected: dict[str, Schema] = {
        "find": {"type": "array", "items": one_of(by_kind["require"])},
        "choose": one_of((*MODELS, *by_kind["choose"])), "refuse": one_of(by_kind["choose"]),
        "conclude": table(concludes),
        "route": table({channel: one_of(codes) for channel, codes in routes.items()}),
    }  # fmt: skip
    assert set(expected) == set(EXPECTED)
    case = table({"name": TEXT, "start": TEXT, "given": facts, "rule": one_of(ids), "near": FLAG,
                  **expected}, ["name"])  # fmt: skip
    return _titled("Fieldledger case file", table(
        {"start": {"type": "object", "additionalProperties": facts},
         "case": {"type": "array", "items": case}}, definitions=known))  # fmt: skip


def settings_file(
    options: Mapping[str, Option], rules: Iterable[str], zones: Iterable[str]
) -> Schema:
    """adapter.toml and its overlays."""
    environment: dict[str, Schema] = dict(_fields(EnvironmentSetting))
    environment["stock_policy"] = one_of(STOCK_POLICIES)
    environment["time_zone"] = {"type": ["string", "object"], "additionalProperties": TEXT}
    environment["records"] = {"type": ["string", "array"], "items": TEXT}
    environment["connect"] = table(dict(_fields(ConnectSetting)))
    company: dict[str, Schema] = dict(_fields(CompanySetting))
    company["delivery"] = one_of(DELIVERIES)
    company["time_zone"] = one_of(zones)
    company["period_unit"] = one_of((*PERIOD_UNITS, *(unit.capitalize() for unit in PERIOD_UNITS)))
    company["model_from"] = map_of(DAY, MODELS)
    switch = table({"level": one_of(("error", "warning")), "enabled": FLAG, "because": TEXT,
                    "expires": DAY})  # fmt: skip
    rounding = table({"decimals": {"type": "integer"}, "mode": TEXT})
    return _titled("Fieldledger workspace", table(
        {"name": TEXT, "as_of": DAY, "environments": map_of(table(environment)),
         "companies": map_of(table(company, ["environment"])),
         "settings": table({name: _option(option) for name, option in options.items()}),
         "rules": table(dict.fromkeys(sorted(rules), switch)),
         "ledger": table(dict(_fields(LedgerSetting))),
         "sending": table(dict(_fields(SendingSetting))),
         "reporting": table({"currency": TEXT, "rates": map_of({"type": "number"}), "on": TEXT}),
         "rounding": map_of(rounding)}))  # fmt: skip


def _fields(kind: type[Struct]) -> Iterable[tuple[str, Schema]]:
    for name, hint in kind.__annotations__.items():
        if name not in ("name", "code"):
            plain = {bool: "boolean", int: "integer"}.get(hint, "string")
            yield name, {"type": "integer" if hint == (int | None) else plain}


def _option(option: Option) -> Schema:
    plain = {"flag": "boolean", "whole": "integer"}.get(option.type, "string")
    found: Schema = {"type": plain, "description": option.description, "default": option.default}
    return {**found, "enum": list(option.choices)} if option.choices else found


def _value(spec: FactSpec) -> Schema:
    plain: Schema = {"description": spec.description}
    if spec.choices:
        return {**plain, "enum": [*spec.choices, "(none)"]}
    kinds = {"flag": ["boolean", "string"], "number": ["number", "string"],
             "whole": ["integer", "string"]}  # fmt: skip
    return {**plain, "type": kinds.get(spec.type, "string")}
