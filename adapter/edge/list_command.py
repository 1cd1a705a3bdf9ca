"""`facts` and `rules`: what there is to write rules with, and the rules themselves."""

import json
import sys
from pathlib import Path

from adapter.edge.book import Book, read_book
from adapter.edge.workspace import read_settings
from adapter.reading.document_facts import DOCUMENT_KINDS
from adapter.reading.settings import Settings


def book_of(workspace: Path, env: str | None = None) -> Book:
    """The book of a workspace; outside one, the shipped files."""
    if (workspace / "adapter.toml").is_file():
        settings, _ = read_settings(workspace, env)
        return read_book(workspace, settings, settings.as_of)
    return read_book(None, Settings())


def list_facts(prefix: str, workspace: Path, format: str) -> int:
    """Facts whose name begins with a prefix, or the values of a document kind's part."""
    specs = [spec for spec in book_of(workspace).catalogue.values() if spec.name.startswith(prefix)]
    rows = [
        {"name": s.name, "type": s.type, "choices": list(s.choices or ()), "example": s.example,
         "description": s.description, "source": s.source}
        for s in specs
    ]  # fmt: skip
    if not rows or prefix in ("line", "header", "detail", "document"):
        rows += document_values(prefix)
    if not rows:
        sys.stderr.write(f"fieldledger: no fact begins with {prefix}\n")
        return 2
    if format == "json":
        print(json.dumps(rows, ensure_ascii=False, indent=1))
        return 0
    for row in rows:
        print(f"{row['name']}  {row['type']}")
        print(f"    {row['description']}" + (f"; e.g. {row['example']}" if row["example"] else ""))
        if row["choices"]:
            print(f"    one of: {', '.join(row['choices'])}")
        print(f"    source: {row['source']}")
    print(f"\n{len(rows)} facts.")
    return 0


def document_values(prefix: str) -> list[dict[str, object]]:
    """The values that mappings may use, by document kind and part."""
    return [
        {"name": f"{part}.{name}", "type": type, "choices": [], "example": "",
         "description": f"{text} ({kind})", "source": "document"}
        for kind, parts in DOCUMENT_KINDS.items()
        for part, lines in parts.items()
        for name, type, text in lines
        if f"{part}.{name}".startswith(prefix)
    ]  # fmt: skip


def list_rules(code: str, workspace: Path, format: str) -> int:
    """Rules whose id begins with a text."""
    rules = [rule for rule in book_of(workspace).rulebook.rules if rule.id.startswith(code)]
    if not rules:
        sys.stderr.write(f"fieldledger: no rule begins with {code}\n")
        return 2
    if format == "json":
        print(json.dumps([
            {"id": r.id, "name": r.name, "asks": r.asks, "channel": r.channel, "level": r.level,
             "tag": r.tag, "since": r.since and r.since.isoformat(), "source": r.source,
             "owner": r.owner, "domain": list(r.domain), "origin": r.origin,
             "place": f"{r.place.file}:{r.place.line}"}
            for r in rules
        ], ensure_ascii=False, indent=1))  # fmt: skip
        return 0
    for rule in rules:
        level = rule.level if rule.asks == "require" else rule.outcome.kind
        since = f" since {rule.since}" if rule.since else ""
        own = " (workspace)" if rule.origin == "workspace" else ""
        print(f"{rule.id}  {rule.asks:<8} {level:<8} {rule.tag:<11} {rule.name}{since}{own}")
        print(f"        {rule.source}")
    print(f"\n{len(rules)} rules.")
    return 0
