"""Files of a workspace that stand beside those that are read: they decide nothing, unseen."""

from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import Path

from adapter.edge import shipped
from adapter.making.payloads import DEFAULT_MAPPINGS
from adapter.reading.binding import TableBinding
from adapter.reading.out_mapping import OutMapping
from adapter.reading.rulebook import Rulebook
from adapter.reading.source import Source
from adapter.reading.template import Template
from adapter.values.finding import Finding, Place

CODE = "SRC055"
# Which files of a folder are read; all others are told.
READ: Mapping[str, tuple[str, ...]] = {
    "rules": ("*.toml",),
    "cases": ("*.toml",),
    "templates": ("*.j2",),
    "schema": ("schema/*.xml",),
    "mappings": tuple(f"mappings/{part}/*.toml" for part in (
        "from-dataverse", "from-finance", "to-dataverse", "to-finance", "tables")),
}  # fmt: skip
MEANT = (".*", "*.md", "*~", "*.bak", "*.orig", "*.off")  # of nobody, notes, put aside
MISNAMED = {"rule": "rules", "case": "cases", "template": "templates", "mapping": "mappings",
            "schemas": "schema"}  # fmt: skip


def passed_over(workspace: Path) -> Iterator[Finding]:
    """SRC055 for each file that stands where rules, mappings and such are read, and is not."""
    for wrong, right in MISNAMED.items():
        if (workspace / wrong).is_dir():
            yield _told(wrong, f"nothing in the folder {wrong} is read",
                        f"Call the folder {right}, or move it away.")
    for folder, patterns in READ.items():
        base = workspace / folder
        for at in sorted(base.rglob("*")) if base.is_dir() else ():
            path = f"{folder}/{at.relative_to(base).as_posix()}"
            if at.is_file() and not _is_read(path, patterns) and not _is_meant(path):
                yield _told(path, "the file is not read", f"Read are {_named(folder, patterns)}: "
                            "put it there, or give it another ending, such as .off.")


def unused(
    files: Iterable[str], rulebook: Rulebook, mappings: Mapping[str, OutMapping],
    templates: Mapping[str, Template],
) -> Iterator[Finding]:  # fmt: skip
    """SRC055 for each own mapping out, template and value map that nothing names.

    `files` are paths of the workspace's: the same as they would be in the package.
    """
    sent = {rule.outcome.mapping for rule in rulebook.rules} | {*DEFAULT_MAPPINGS.values()}
    sent |= {name for m in mappings.values() for name in (m.header, m.details)}
    drawn = {m.template for m in mappings.values()}
    looked_up = {f"{step.table}.toml" for m in mappings.values() for f in m.fields
                 for step in f.steps if step.table}  # fmt: skip
    for path in files:
        name = path.rpartition("/")[2]
        if (shipped.folder(path.partition("/")[0]) / path.partition("/")[2]).is_file():
            continue
        if path.startswith("mappings/to-") and name.removesuffix(".toml") not in sent:
            yield _told(path, "no rule sends by this mapping",
                        "Call it as the one that it is to replace, or name it in a rule's `send`.")
        elif path.startswith("mappings/tables/") and name not in looked_up:
            yield _told(path, "no mapping looks anything up in this table",
                        "Call it as the one that it is to replace, or name it in a `lookup`.")
        elif path.startswith("templates/") and name in templates and name not in drawn:
            yield _told(path, "no mapping draws by this template",
                        "Call it as the one that it is to replace, or name it in a mapping.")


def bound_twice(
    binding: TableBinding, source: Source, others: Mapping[str, TableBinding]
) -> Iterator[Finding]:
    """MAP548 where another file than this one reads the same rows as the same record."""
    for path, other in others.items():
        if path != source.path and (other.table, other.kind) == (binding.table, binding.kind):
            yield Finding(
                code="MAP548", level="error", place=source.place("table"),
                message=f"{path} reads `{binding.table}` as {source.table.get('record')} already",
                help=f"Call this file {path}: a file of the same name stands in its place.",
            )  # fmt: skip


def _is_read(path: str, patterns: tuple[str, ...]) -> bool:
    """Folders below count as their folder does, but for schemas."""
    in_place = path.count("/") == 1 or not path.startswith("schema/")
    name = path.rpartition("/")[2]
    return in_place and any(fnmatchcase(path if "/" in p else name, p) for p in patterns)


def _is_meant(path: str) -> bool:
    return any(fnmatchcase(part, p) for p in MEANT for part in path.split("/"))


def _named(folder: str, patterns: tuple[str, ...]) -> str:
    if len(patterns) == 1:
        return patterns[0] if "/" in patterns[0] else f"{folder}/{patterns[0]}"
    return "*.toml in " + ", ".join(p.split("/")[1] for p in patterns) + f" of {folder}"


def _told(path: str, message: str, help: str) -> Finding:
    return Finding(code=CODE, level="warning", place=Place(path), message=message, help=help)
