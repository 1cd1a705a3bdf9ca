"""Rows of text in columns that fit the terminal."""

from collections.abc import Sequence

from adapter.telling.figures import cells, fit, pad
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

    The columns in `spare` give way in that order when the line is too long: cut first,
    left out when less than twelve columns would remain of them.
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
    return [_line(row, widths, paint) for row in table]


def _squeeze(table: Sequence[Row], widths: list[int], width: int) -> None:
    """Cut the widest texts of all until the lines fit; figures are never cut."""
    texts = [i for i in range(len(widths)) if not any(row[i][2] for row in table)]
    while sum(w + 2 for w in widths if w) > width:
        widest = max(texts, key=lambda i: widths[i], default=-1)
        if widest < 0 or widths[widest] <= SQUEEZED_MIN:
            return
        widths[widest] -= 1


def _line(row: Row, widths: Sequence[int], paint: Paint) -> str:
    parts = []
    for (text, role, right), width in zip(row, widths, strict=True):
        if width:
            body = pad(fit(text, width), width, right)
            parts.append(paint(role, body) if role else body)
    return ("  " + "  ".join(parts)).rstrip()
