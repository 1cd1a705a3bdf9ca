"""`schema`: JSON Schemas for an editor, made from this workspace's own facts and rules."""

import json
from pathlib import Path
from zoneinfo import available_timezones

from adapter.edge.book import options
from adapter.edge.subject import subject_of
from adapter.edge.written import write_text
from adapter.reading.document_facts import DOCUMENT_KINDS, sources_of
from adapter.telling import schemas

TAPLO = """\
# For taplo and Even Better TOML, from the folder above this one:
#   copy this file there as .taplo.toml, or write at the top of a file
#   #:schema ../.schema/rules.schema.json

[[rule]]
include = ["adapter*.toml"]
schema.path = "{at}/adapter.schema.json"

[[rule]]
include = ["rules/*.toml"]
schema.path = "{at}/rules.schema.json"

[[rule]]
include = ["mappings/from-*/*.toml"]
schema.path = "{at}/from-mappings.schema.json"

[[rule]]
include = ["mappings/to-*/*.toml"]
schema.path = "{at}/to-mappings.schema.json"

[[rule]]
include = ["cases/*.toml"]
schema.path = "{at}/cases.schema.json"
"""


def write_schemas(folder: Path, env: str | None, out: Path) -> str:
    """Write the schemas and say how they are used. Raises NoWorkspace, OSError."""
    subject = subject_of(folder, env)
    book = subject.book
    switchable = [*book.rulebook.rules_by_id, *(a.rule for a in book.rulebook.allowed)]
    made = {
        "rules": schemas.rule_file(book.catalogue, book.rulebook, book.mappings),
        "from-mappings": schemas.from_mapping(book.schemas),
        "to-mappings": schemas.out_mapping(book.schemas, document_sources(), book.templates),
        "cases": schemas.case_file(book.catalogue, book.rulebook),
        "adapter": schemas.settings_file(options(), switchable, available_timezones()),
    }
    companies = sorted(subject.settings.companies)
    if companies:
        rule = made["rules"]["properties"]["rule"]["items"]["properties"]
        rule["companies"] = {"type": "array", "items": schemas.one_of(companies)}
    for name, schema in made.items():
        text = json.dumps(schema, indent=1, ensure_ascii=False, sort_keys=True)
        write_text(out / f"{name}.schema.json", text + "\n")
    write_text(out / "taplo.toml", TAPLO.format(at=out.name))
    return (
        f"Wrote {len(made)} schemas to {out}.\n"
        "Use: copy taplo.toml from there to .taplo.toml in the workspace (taplo, Even Better\n"
        "TOML in VS Code), or write this as the first line of a rule file:\n"
        f"  #:schema ../{out.name}/rules.schema.json"
    )


def document_sources() -> list[str]:
    """The names that `from` of a mapping out may use, of all kinds of document."""
    return sorted({name for kind, parts in DOCUMENT_KINDS.items() for part in parts
                   for name in sources_of(kind, part)})  # fmt: skip
