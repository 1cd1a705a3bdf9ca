"""The story of a project with 100,000 actuals, in one process.

- story_100k_s: from a plan that is there (its workspace was read): the story, its figures, its text
- story_100k_command_s: `fieldledger story PROJECT`, which reads all rows of the workspace first
"""

import re
import subprocess
import sys
from datetime import date
from pathlib import Path
from time import perf_counter

from adapter.edge.story_command import story_of, subject_named
from adapter.edge.workspace import read_workspace
from adapter.telling.show_story import story_text
from adapter.telling.story_shape import story_shape
from benchmarks.plans import company

ACTUALS = 122_500  # of all companies; a good 100,000 of them in the first environment
FLOOR = 100_000
ROUNDS = 3
AS_OF = date(2026, 12, 31)
OF_PROJECT = ("msdyn_actual", "msdyn_workorder", "msdyn_materialusagelog", "msdyn_timeentry")
_PROJECT = re.compile(r'"(_?[a-z_]*project_value)":"[0-9a-f-]{36}"')


def one_project(folder: Path) -> Path:
    """A workspace in which everything of the first environment belongs to one project."""
    base = company(folder, ACTUALS)
    rows = base / "records" / "contoso-us"
    key = re.search(r'"msdyn_projectid":"([0-9a-f-]+)"', (rows / "msdyn_project.jsonl").read_text())
    assert key is not None
    for name in OF_PROJECT:
        file = rows / f"{name}.jsonl"
        file.write_text(_PROJECT.sub(rf'"\1":"{key[1]}"', file.read_text()))
    (base / "project.txt").write_text(key[1])
    return base


def run(folder: Path) -> dict[str, float]:
    """The best of some rounds."""
    base = one_project(folder)
    name = (base / "project.txt").read_text()
    workspace = read_workspace(base, as_of=AS_OF, spooled=False)
    seconds = []
    for _ in range(ROUNDS):
        start = perf_counter()
        story = story_of(workspace, subject_named(workspace, name), AS_OF, whole=False)
        story_text(story_shape(story), 80, False, False)
        seconds.append(perf_counter() - start)
    assert story.actuals >= FLOOR, story.actuals
    start = perf_counter()
    command = [sys.executable, "-m", "adapter.edge.cli", "story", name, "--workspace", str(base)]
    done = subprocess.run(command, capture_output=True, text=True)
    whole = perf_counter() - start
    assert done.returncode in (0, 1), done.stderr
    return {"story_100k_s": min(seconds), "story_100k_command_s": whole}
