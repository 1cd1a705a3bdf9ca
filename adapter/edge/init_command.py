"""`init`: make a workspace that passes check, test and plan unchanged."""

import shutil
from pathlib import Path
from shlex import quote

from adapter.edge import shipped
from adapter.edge.workspace import NoWorkspace
from adapter.edge.written import write_text
from adapter.values.finding import shown

SETTINGS = """\
# adapter.toml: what this workspace says about itself. docs/workspace.md explains every key;
# `fieldledger schema` writes schemas, so that an editor completes keys and values.

name  = "{name}"
# as_of = 2026-11-30 # cut-off of the plan; without it, --as-of or today

# One table per Dataverse environment: where its rows are and what is installed in it.
# Rows: one file per table, named as the table (msdyn_actual.jsonl, .json, .csv or .xlsx).
[environments.main]
records            = "records/main"
# finance          = "records/finance" # rows of Finance; leave out without Finance
field_service      = "8.8.150.0"
project_operations = "4.170.0.0"

# One table per legal entity: its environment, its calendar, how documents leave.
[companies.USMF]
environment = "main"
time_zone   = "America/Chicago"
delivery    = "validate-only" # validate-only, files, odata

# Settings that rules ask for: `fieldledger facts setting` lists them with their meaning.
[settings]

# A rule whose level is a setting, or one that is off for a while. Both need a reason.
# [rules]
# REQ000 = {{ level = "warning", because = "accepted by the controller, ticket 4711" }}
# REQ000 = {{ enabled = false, because = "data is being cleaned", expires = 2027-01-31 }}
"""

EXAMPLE_RULE = """\
# rules/own.toml: rules of this company. They stand beside the shipped ones; a rule with the
# id of a shipped one replaces it when it says `replaces = true`. docs/rules.md explains how.

policy = "all"
about  = "actual"
asks   = "require"

# [[rule]]
# id      = "OWN101"
# name    = "service-without-description"
# applies = ["actual.transaction_class == 'time'"]
# when    = ["missing(actual.description)"]     # the fault
# level   = "warning"
# message = "Actual of {project.number} says nothing about the work."
# help    = "Fill the description on the time entry and approve it again."
# owner   = "project manager"
# source  = "our handbook, chapter 4"
# tag     = "documented"
"""

EXAMPLE_CASE = """\
# cases/own.toml: what rules/own.toml promises; `fieldledger test` runs it.

# [start.happy]
# "actual.transaction_class" = "time"
# "actual.description"       = "Compressor check"

# [[case]]
# name  = "work without a description is remarked"
# start = "happy"
# given = { "actual.description" = "(none)" }
# rule  = "OWN101"

# [[case]]
# name  = "work with a description passes"
# start = "happy"
# rule  = "OWN101"
# near  = true # a near miss: it must not fire
"""


FOLDERS = ("rules", "mappings", "templates", "schema", "cases", "records/main")


def make_workspace(folder: Path, is_sample: bool) -> str:
    """Make the folder and return what to do next.

    Raises NoWorkspace when the folder is not empty, OSError when it cannot be written.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise NoWorkspace(f"{folder} is not empty: name a folder that is empty or not there yet")
    if is_sample:
        shutil.copytree(shipped.folder("contoso"), folder, dirs_exist_ok=True)
    else:
        for name in FOLDERS:
            (folder / name).mkdir(parents=True, exist_ok=True)
        name = shown(folder.resolve().name).replace("\\", "").replace('"', "") or "workspace"
        write_text(folder / "adapter.toml", SETTINGS.format(name=name))
        write_text(folder / "rules" / "own.toml", EXAMPLE_RULE)
        write_text(folder / "cases" / "own.toml", EXAMPLE_CASE)
    place = quote(str(folder))
    return (
        f"Made {folder}{' with the sample company Contoso' if is_sample else ''}.\n"
        "Next:\n" + "\n".join(f"  fieldledger {c} {place}" for c in ("check", "test", "plan"))
    )
