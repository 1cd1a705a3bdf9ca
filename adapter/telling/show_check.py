"""Names that nobody has proven, as text."""

from collections.abc import Mapping, Sequence

from adapter.telling.figures import plain, wrapped

HEADS = {
    "sending": "Names of the other side that nobody has proven and that sending would touch:",
    "reading": "Names that nobody has proven and that reading touches:",
    "matching": "Names that nobody has proven, by which `reconcile` knows rows that others make:",
}
READ_ONLY = ("reading", "matching")


def unverified_text(
    names: Mapping[str, Mapping[str, Sequence[str]]], width: int = 80, whole: bool = False
) -> str:
    """Unverified names by table; those that nothing is sent to are counted unless `whole`."""
    lines: list[str] = []
    more = sum(len(said) for side in READ_ONLY for said in names.get(side, {}).values())
    for side in HEADS:
        tables = {table: said for table, said in names.get(side, {}).items() if said}
        if not tables or (side in READ_ONLY and not whole):
            continue
        lines += wrapped(HEADS[side], width)
        for table, said in tables.items():
            text = ", ".join(plain(name) for name in said)
            lines.append(f"  {plain(table)}")
            lines += [f"    {line}" for line in wrapped(text, width - 4)]
        lines += wrapped("Compare them with your environment's $metadata: put it into schema/ of"
                         " the workspace.", width)  # fmt: skip
        lines.append("")
    if more and not whole:
        lines += wrapped(f"{more} more names that only reading touches:"
                         " `fieldledger check --all` lists them.", width)  # fmt: skip
        lines.append("")
    return "".join(line + "\n" for line in lines)
