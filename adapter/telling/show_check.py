"""Names that nobody has proven, as text."""

from collections.abc import Mapping, Sequence

from adapter.telling.figures import plain, wrapped

HEADS = {
    "sending": "Names of the other side that nobody has proven and that sending would touch:",
    "reading": "Names that nobody has proven and that reading touches:",
}


def unverified_text(
    names: Mapping[str, Mapping[str, Sequence[str]]], width: int = 80, whole: bool = False
) -> str:
    """Unverified names by table; those that only reading touches are counted unless `whole`."""
    lines: list[str] = []
    for side in ("sending", "reading"):
        tables = names.get(side, {})
        count = sum(len(said) for said in tables.values())
        if not count:
            continue
        if side == "reading" and not whole:
            lines += wrapped(f"{count} more names that only reading touches:"
                             " `fieldledger check --all` lists them.", width)  # fmt: skip
            lines.append("")
            continue
        lines += wrapped(HEADS[side], width)
        for table, said in tables.items():
            text = ", ".join(plain(name) for name in said)
            lines.append(f"  {plain(table)}")
            lines += [f"    {line}" for line in wrapped(text, width - 4)]
        lines += wrapped("Compare them with your environment's $metadata: put it into schema/ of"
                         " the workspace.", width)  # fmt: skip
        lines.append("")
    return "".join(line + "\n" for line in lines)
