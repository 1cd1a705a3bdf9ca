"""`facts` and `rules`: what there is to write rules with, and the rules in force."""

import json
import sys
from pathlib import Path

from adapter.edge.console import console
from adapter.edge.explain_command import explain_code
from adapter.edge.failure import checked_format
from adapter.edge.hints import hinted
from adapter.edge.subject import subject_of
from adapter.edge.workspace import NoWorkspace
from adapter.telling.show_explain import explanation_text
from adapter.telling.show_lists import changed, fact_json, facts_text, rule_json, rules_text
from adapter.values.finding import shown

FORMATS = ("text", "json")


def list_facts(prefix: str, folder: Path, env: str | None, format: str, color: str) -> int:
    """Facts whose name begins with a prefix; returns 0. Raises NoWorkspace when none does."""
    checked_format(format, FORMATS)
    catalogue = subject_of(folder, env).book.catalogue
    specs = [catalogue[prefix]] if prefix in catalogue else list(catalogue.under(prefix))
    if not specs:
        near = ", ".join(catalogue.nearest(prefix[:200]))
        raise NoWorkspace(f"no fact begins with {shown(prefix)}"
                          + (f"; the nearest are {near}" if near else ""))  # fmt: skip
    if format == "json":
        _write_json([fact_json(spec) for spec in specs])
    else:
        view = console(color)
        told = facts_text(specs, view.width, view.colour, view.ascii_only)
        sys.stdout.write(hinted(told, view.width))
    return 0


def list_rules(code: str, folder: Path, env: str | None, format: str, color: str) -> int:
    """Rules whose id begins so; one rule in full. Returns 0. Raises NoWorkspace for none."""
    checked_format(format, FORMATS)
    rulebook = subject_of(folder, env).book.rulebook
    code = code.upper()
    rules = [rule_json(r, rulebook) for r in rulebook.rules if r.id.startswith(code)]
    rules += [
        {"id": a.rule, "name": "", "asks": "", "channel": "", "level": "off", "outcome": "",
         "tag": "", "since": None, "until": None, "source": "", "owner": "", "domain": [],
         "place": "adapter.toml", "origin": "shipped", "changed": changed(a.rule, rulebook)}
        for a in rulebook.allowed
        if a.kind == "disabled" and a.rule not in rulebook.rules_by_id and a.rule.startswith(code)
    ]  # fmt: skip
    if not rules:
        raise NoWorkspace(f"no rule begins with {shown(code)}; `fieldledger rules` lists all")
    view = console(color)
    if format == "json":
        _write_json(rules)
    elif len(rules) == 1 and code == rules[0]["id"] and rules[0]["level"] != "off":
        found = explain_code(code, folder, env)
        told = explanation_text(found, view.width, view.colour, view.ascii_only)
        sys.stdout.write(hinted(told, view.width))
    else:
        told = rules_text(rules, view.width, view.colour, view.ascii_only)
        sys.stdout.write(hinted(told, view.width))
    return 0


def _write_json(value: object) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")
