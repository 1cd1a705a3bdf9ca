"""The table of built-in codes: one line each, born here, never reused.

Codes of rule files are born in the rule file: the rule's id is the code.
Every code has a page in `docs/codes/`.
"""

from msgspec import Struct

from adapter.values.finding import Level


class CodeLine(Struct, frozen=True):
    """One built-in code: its kebab-case name says the fault."""

    code: str
    name: str
    level: Level
    since: str = "0.1"
    status: str = "stable"  # stable, preview, deprecated, removed


_LINES: tuple[tuple[str, str, Level], ...] = (
    # SRC: reading files and records
    # RUL: rules as text
    # DEP: which model
    # RTE: where it goes
    # MAP: fields
    # TPL: shapes
    # JNL, PRO: documents
    # LED: replay
    # ENG: the rule engine
)

CODES: dict[str, CodeLine] = {line.code: line for line in (CodeLine(*parts) for parts in _LINES)}
