"""The house rules, as a test: the wall, import order, sizes, names, pages, cases."""

import ast
import re
from pathlib import Path

import pytest

from adapter.values.codes import CODES

ROOT = Path(__file__).parents[1]
LAYERS = ("values", "reading", "deciding", "making", "telling", "edge")
MODULE_LINES_MAX = 300
FUNCTION_LINES_MAX = 70
LINE_LENGTH_MAX = 100
OUTSIDE_WORLD = {
    "os", "time", "random", "logging", "socket", "subprocess", "threading", "tempfile", "sqlite3",
    "pathlib", "shutil", "httpx", "sqlalchemy", "typer", "openpyxl", "urllib", "http", "asyncio",
}  # fmt: skip
FORBIDDEN_WORDS = {
    "manager", "handler", "processor", "helper", "helpers", "util", "utils", "data", "info", "item",
    "obj", "misc", "common", "perform",
}  # fmt: skip
# The vendors' own terms and our own design's words (style 6.3), with the reason beside each.
ALLOWED_NAMES = {
    "item": "Finance calls a released product an item; traits are named item.*",
}
MARKERS = ("TODO", "FIXME", "XXX", "HACK")
MODULES = sorted((ROOT / "adapter").rglob("*.py"))
SOURCES = sorted([*MODULES, *(ROOT / "tests").rglob("*.py"), *(ROOT / "benchmarks").rglob("*.py")])


def layer_of(path: Path) -> str:
    parts = path.relative_to(ROOT / "adapter").parts
    return parts[0] if parts[0] in LAYERS else "door"


def imports_of(path: Path) -> list[tuple[int, str]]:
    found = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.append((node.lineno, node.module))
    return found


def report(faults: list[str]) -> None:
    assert not faults, "\n" + "\n".join(faults)


def test_nothing_outside_the_edge_touches_the_world() -> None:
    faults = []
    for path in MODULES:
        if layer_of(path) in ("edge", "door"):
            continue
        for line, name in imports_of(path):
            if name.split(".")[0] in OUTSIDE_WORLD:
                faults.append(f"{path}:{line}: {name} may be imported in edge/ only")
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call):
                called = ast.unparse(node.func)
                if called in ("open", "date.today", "datetime.now", "datetime.utcnow"):
                    faults.append(f"{path}:{node.lineno}: {called}() asks the world")

    report(faults)


def test_modules_import_only_their_own_layer_or_those_before_it() -> None:
    faults = []
    for path in MODULES:
        layer = layer_of(path)
        if layer == "door":
            continue
        for line, name in imports_of(path):
            parts = name.split(".")
            is_ours = parts[0] == "adapter" and len(parts) > 1 and parts[1] in LAYERS
            if is_ours and LAYERS.index(parts[1]) > LAYERS.index(layer):
                faults.append(f"{path}:{line}: {layer}/ imports {name}")

    report(faults)


def test_only_the_engine_module_imports_the_engine() -> None:
    importers = {
        path.name for path in MODULES for _, name in imports_of(path) if "durable" in name
    }

    assert importers == {"engine.py"}


def test_modules_functions_and_lines_are_short() -> None:
    faults = []
    for path in MODULES:
        text = path.read_text()
        lines = text.splitlines()
        if len(lines) > MODULE_LINES_MAX:
            faults.append(f"{path}: {len(lines)} lines, at most {MODULE_LINES_MAX}")
        for number, line in enumerate(lines, 1):
            if len(line) > LINE_LENGTH_MAX:
                faults.append(f"{path}:{number}: {len(line)} columns, at most {LINE_LENGTH_MAX}")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef) and node.end_lineno is not None:
                length = node.end_lineno - node.lineno + 1
                if length > FUNCTION_LINES_MAX:
                    faults.append(f"{path}:{node.lineno}: {node.name} has {length} lines")

    report(faults)


def test_no_forbidden_word_stands_in_a_name() -> None:
    faults = []
    for path in MODULES:
        for word in path.stem.split("_"):
            if word in FORBIDDEN_WORDS:
                faults.append(f"{path}: {word} says nothing")
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                for word in re.findall(r"[A-Z]?[a-z]+", node.name):
                    if word.lower() in FORBIDDEN_WORDS - ALLOWED_NAMES.keys():
                        faults.append(f"{path}:{node.lineno}: {node.name}")

    report(faults)


def test_money_is_never_a_float() -> None:
    faults = []
    for path in MODULES:
        if layer_of(path) in ("telling", "edge"):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, float):
                faults.append(f"{path}:{node.lineno}: the float {node.value}")
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "float":
                faults.append(f"{path}:{node.lineno}: float()")

    report(faults)


def test_no_bare_except_and_no_marker_is_left() -> None:
    faults = []
    for path in SOURCES:
        text = path.read_text()
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.ExceptHandler) and node.type is None:
                faults.append(f"{path}:{node.lineno}: bare except")
        for number, line in enumerate(text.splitlines(), 1):
            if path.name != "test_tidy.py" and any(mark in line for mark in MARKERS):
                faults.append(f"{path}:{number}: a marker is left")

    report(faults)


def test_every_module_has_a_docstring_and_every_public_function_too() -> None:
    faults = []
    for path in MODULES:
        tree = ast.parse(path.read_text())
        if tree.body and not ast.get_docstring(tree):
            faults.append(f"{path}: no docstring")
        for node in tree.body:
            is_public = isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name[0] != "_"
            if is_public and not ast.get_docstring(node) and not _is_fact(node):
                faults.append(f"{path}:{node.lineno}: {node.name} has no docstring")

    report(faults)


def _is_fact(node: ast.AST) -> bool:
    """A fact's description stands in its decorator."""
    marks = getattr(node, "decorator_list", [])
    return any(ast.unparse(mark).startswith("fact(") for mark in marks)


@pytest.mark.parametrize("code", sorted(CODES))
def test_every_code_has_a_page(code: str) -> None:
    assert (ROOT / "docs" / "codes" / f"{code}.md").is_file()


def test_every_document_has_one_title() -> None:
    faults = []
    for path in sorted((ROOT / "docs").rglob("*.md")):
        outside = re.sub(r"```.*?```", "", path.read_text(), flags=re.S)
        titles = [line for line in outside.splitlines() if line.startswith("# ")]
        if len(titles) != 1:
            faults.append(f"{path}: {len(titles)} titles")

    report(faults)
