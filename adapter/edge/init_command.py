"""`init`: a workspace that passes check, test and plan unchanged."""

import shutil
from pathlib import Path

from adapter.edge import shipped
from adapter.edge.workspace import NoWorkspace

FOLDERS = {
    "rules": "Rule files of your own. A rule with the id of a shipped one says replaces = true.",
    "mappings": "Mappings of your own, in from-dataverse/, to-finance/ and so on; same file name"
    " replaces the shipped file.",
    "templates": "Templates of your own; same file name replaces the shipped file.",
    "schema": "Your tenant's $metadata as XML, if you have it.",
    "cases": "Cases that say what your rules promise: `fieldledger test`.",
    "records": "Rows: one folder per environment, one file per table.",
}
SETTINGS = """# adapter.toml: what this workspace says about itself. See docs/workspace.md.

name  = "{name}"
as_of = 2026-11-30 # cut-off of the plan; --as-of changes it

# One table per Dataverse environment: where its rows are, what is installed in it.
[environments.main]
records            = "records/main"
# finance          = "records/finance" # Finance reference rows; leave out without Finance
field_service      = "8.8.150.0"
project_operations = "4.170.0.0"
stock_policy       = "restrict" # or confirm

# One table per legal entity.
[companies.MAIN]
environment = "main"
time_zone   = "UTC"
delivery    = "validate-only" # validate-only, files or odata
currency    = "USD"

# [settings]
# hold_suspected_double_entries = true

# Switching a rule off needs a reason and an expiry; so does changing a level.
# [rules]
# REQ488 = {{ enabled = false, because = "...", expires = 2027-01-31 }}
"""
CASE = """# cases/example.toml: what a rule promises, in facts. `fieldledger test` runs it.

[[case]]
name  = "an actual that asks to be skipped stays where it is"
given = { "deployment.model" = "integrated", "actual.skip_sync" = true, "actual.transaction_type" = "cost" }
route = { ledger = "RTE410" }
"""


def make_workspace(folder: Path, sample: bool) -> str:
    """Make it; returns what to do next. Raises NoWorkspace for a folder that is not empty."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise NoWorkspace(f"{folder} is not empty; init makes a workspace in an empty folder")
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in FOLDERS.items():
        (folder / name).mkdir(exist_ok=True)
        (folder / name / "README.md").write_text(f"# {name}\n\n{text}\n")
    if sample:
        contoso = shipped.folder("contoso")
        shutil.copytree(contoso / "records", folder / "records", dirs_exist_ok=True)
        shutil.copy(contoso / "adapter.toml", folder / "adapter.toml")
    else:
        (folder / "records" / "main").mkdir()
        (folder / "adapter.toml").write_text(SETTINGS.format(name=folder.name.replace('"', "")))
    (folder / "cases" / "example.toml").write_text(CASE)
    return (
        f"Made {folder}.\n"
        f"Next: fieldledger check {folder} · fieldledger test {folder} · fieldledger plan {folder}"
    )
