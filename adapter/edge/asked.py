"""What a command is asked to show, against what there is: a name that nothing has is refused."""

from collections.abc import Collection

from adapter.making.workspace import Workspace
from adapter.values.alike import alike_in_any_case
from adapter.values.codes import CODES
from adapter.values.finding import shown
from adapter.values.project_operations import Company

SHOWN_MAX = 12


def refuse_unknown(
    workspace: Workspace, companies: Collection[str], codes: Collection[str]
) -> None:
    """Raises ValueError for a company or code that a plan of the workspace cannot have, with
    the nearest names.
    """
    if companies:
        known = set(workspace.settings.companies)
        for environment in workspace.environments.values():
            known |= {c.code.upper() for c in environment.records.all(Company) if c.code}
        _refuse("--company", "no company of this workspace", companies, known)
    if codes:
        book = workspace.rulebook
        ids = {rule.id for rule in book.rules} | {one.rule for one in book.allowed}
        _refuse("--code", "no rule or code", codes, ids | set(CODES))


def _refuse(option: str, what: str, asked: Collection[str], known: set[str]) -> None:
    for name in sorted(set(asked) - known):
        close = alike_in_any_case(name, known)
        some = ", ".join(sorted(known)[:SHOWN_MAX]) + (" ..." if len(known) > SHOWN_MAX else "")
        said = f"did you mean {' or '.join(close)}?" if close else f"there are {some or 'none'}"
        raise ValueError(f"{option} {shown(name)}: {what}; {said}")
