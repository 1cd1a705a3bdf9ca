"""Rows of text in columns that fit the terminal."""

from collections.abc import Iterator, Sequence

from adapter.telling.figures import cells, pad, wrapped
from adapter.telling.paint import Paint, Role

NARROW_MIN = 12  # a column that would get less is left out
SQUEEZED_MIN = 6  # columns that any text keeps
Cell = tuple[str, Role | None, bool]  # text, role, aligned right
Row = Sequence[Cell]
BLANK: Cell = ("", None, False)


def cell(text: str, role: Role | None = None, right: bool = False) -> Cell:
    """One cell; figures are aligned right."""
    return (text, role, right)


def drawn(
    rows: Sequence[Row],
    width: int,
    paint: Paint,
    heads: Sequence[str] = (),
    spare: Sequence[int] = (),
) -> list[str]:
    """Rows as lines of at most `width` columns, indented by two.

    The columns in `spare` give way in that order when the line is too long: narrowed first,
    left out when less than twelve columns would remain of them. A text that is longer than its
    column goes on below, in the same entry of the list: nothing is cut.
    """
    table: list[Row] = []
    if heads and rows:
        table.append([(head, None, rows[0][i][2]) for i, head in enumerate(heads)])
    table.extend(rows)
    if not table:
        return []
    widths = [max(cells(row[i][0]) for row in table) for i in range(len(table[0]))]
    for column in spare:
        over = sum(w + 2 for w in widths if w) - width
        if over > 0:
            left = widths[column] - over
            widths[column] = left if left >= NARROW_MIN else 0
    _squeeze(table, widths, width)
    return ["\n".join(_lines(row, widths, paint)) for row in table]


def _squeeze(table: Sequence[Row], widths: list[int], width: int) -> None:
    """Narrow the widest texts of all until the lines fit; figures keep their width."""
    texts = [i for i in range(len(widths)) if not any(row[i][2] for row in table)]
    while sum(w + 2 for w in widths if w) > width:
        widest = max(texts, key=lambda i: widths[i], default=-1)
        if widest < 0 or widths[widest] <= SQUEEZED_MIN:
            return
        widths[widest] -= 1


def _lines(row: Row, widths: Sequence[int], paint: Paint) -> Iterator[str]:
    """A row, with further lines below it for texts that need them."""
    parts = [wrapped(text, width) if width and cells(text) > width else [text]
             for (text, _, _), width in zip(row, widths, strict=True)]  # fmt: skip
    shown = [part for part, width in zip(parts, widths, strict=True) if width]
    for number in range(max(map(len, shown), default=0)):
        said = []
        for (_, role, right), width, part in zip(row, widths, parts, strict=True):
            if width:
                body = pad(part[number] if number < len(part) else "", width, right)
                said.append(paint(role, body) if role else body)
        yield ("  " + "  ".join(said)).rstrip()
