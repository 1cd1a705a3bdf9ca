"""The files that come with the package: rules, cases, mappings, templates, code pages.

In a checkout they stand at the top of the tree; in an installed wheel under
`adapter/shipped`. Everything else asks for them by relative path.
"""

from functools import cache
from pathlib import Path

_HERE = Path(__file__).resolve().parents[1]
_PLACES = {"cases": "tests/cases", "codes": "docs/codes", "contoso": "examples/contoso"}


@cache
def root() -> Path | None:
    """The folder of the shipped files in a wheel; None in a checkout."""
    inside = _HERE / "shipped"
    return inside if inside.is_dir() else None


def folder(name: str) -> Path:
    """The folder `rules`, `mappings`, `templates`, `cases`, `codes` or `contoso`."""
    wheel = root()
    return wheel / name if wheel is not None else _HERE.parent / _PLACES.get(name, name)


def files(name: str, pattern: str = "*.toml") -> list[tuple[str, Path]]:
    """Shipped files below a folder: the path as it is shown, and where it is."""
    base = folder(name)
    return [
        (f"{name}/{path.relative_to(base).as_posix()}", path)
        for path in sorted(base.rglob(pattern))
    ]
