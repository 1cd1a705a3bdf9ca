"""adapter.toml of a workspace, with the overlay of an environment."""

from pathlib import Path

from adapter.edge.shelf import Shelf, options
from adapter.reading.settings import Settings, parse_settings
from adapter.values.alike import alike
from adapter.values.finding import Finding, shown

SETTINGS = "adapter.toml"


class NoWorkspace(Exception):
    """The folder is no workspace: it has no adapter.toml, or one that cannot be used."""

    def __init__(self, message: str, findings: tuple[Finding, ...] = ()) -> None:
        self.findings = findings
        super().__init__(message)


class FaultyFiles(NoWorkspace):
    """Files that decide have errors: nothing is planned by half of them."""


def read_settings(folder: Path, env: str | None = None) -> tuple[Settings, tuple[Finding, ...]]:
    """adapter.toml of a folder with the overlay adapter.<env>.toml. Raises NoWorkspace."""
    shelf = Shelf(folder)
    sources = []
    for name in ("adapter.toml", f"adapter.{env}.toml" if env else None):
        if name is None:
            continue
        at = folder / name
        if not at.is_file():
            raise NoWorkspace(missing(folder, env, name))
        source = next((shelf.source(file) for file in shelf._text(name, at, "workspace")), None)
        if source is None:
            raise NoWorkspace(f"{name} cannot be read", tuple(shelf.found))
        sources.append(source)
    settings, found = parse_settings(
        sources[0], sources[1] if len(sources) > 1 else None, options()
    )
    if not settings.companies and not any(f.level == "error" for f in found):
        found = (*found, _no_company(settings))
    return settings, (*shelf.found, *found)


def usable_settings(
    folder: Path, env: str | None = None, so: str = "nothing can be sent"
) -> Settings:
    """adapter.toml of a folder, with its overlay, without errors. Raises NoWorkspace, with the
    findings; `so` says what comes of them.
    """
    settings, found = read_settings(folder, env)
    wrong = tuple(f for f in found if f.level == "error")
    if wrong:
        raise NoWorkspace(f"adapter.toml has errors: {so}", wrong)
    return settings


def _no_company(settings: Settings) -> Finding:
    return Finding(
        code="SRC022", level="error", place=settings.place, message="no company is declared",
        help="Declare each legal entity: [companies.USMF] with its environment.",
    )  # fmt: skip


def missing(folder: Path, env: str | None, name: str) -> str:
    """Why a file of settings is not there, and what there is instead."""
    if not folder.is_dir():
        return f"there is no folder {shown(folder)}"
    if name == SETTINGS:
        return f"there is no {name} in {shown(folder)}: `fieldledger init my-company` makes one"
    names = environments_of(folder)
    if not names:
        return (f"there is no {shown(name)} in {shown(folder)}, nor any other overlay: leave --env"
                " out, or make one")  # fmt: skip
    near = alike(env, names, 1)
    meant = f"; did you mean --env {near[0]}?" if near else ""
    return f"there is no {shown(name)} in {shown(folder)}; --env knows {', '.join(names)}{meant}"


def environments_of(folder: Path) -> list[str]:
    """What --env may be: the overlays adapter.NAME.toml of a folder."""
    found = (path.name[len("adapter.") : -len(".toml")] for path in folder.glob("adapter.*.toml"))
    return sorted(name for name in found if name)
