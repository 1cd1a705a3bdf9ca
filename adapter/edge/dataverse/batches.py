"""Which answer inside a batch belongs to which request. Never by counting alone."""

from collections.abc import Sequence

from adapter.edge.dataverse.addresses import row_id
from adapter.edge.http.answers import Answer
from adapter.edge.http.multipart import Part, PartAnswer


def matched(parts: Sequence[Part], inside: Sequence[PartAnswer]) -> list[Answer | None]:
    """For each request its answer; None: nobody knows.

    Requests of change sets are known by their content id; a set that failed has one answer,
    which holds for all of it. Single requests are known by their order.
    """
    found: list[Answer | None] = [None] * len(parts)
    left = list(inside)
    for group in _groups(parts):
        first = parts[group[0]]
        if not first.content_id:
            if left and not left[0].in_change_set:
                found[group[0]] = left.pop(0).answer
            continue
        ids = {parts[number].content_id: number for number in group}
        mine: list[PartAnswer] = []
        while left and left[0].content_id in ids:
            mine.append(left.pop(0))
        if not mine and left and not left[0].content_id and not left[0].answer.is_fine:
            mine.append(left.pop(0))
        failed = next((part for part in mine if not part.answer.is_fine), None)
        for number in group if failed is not None else ():
            found[number] = failed.answer if failed is not None else None
        for part in mine if failed is None else ():
            found[ids[part.content_id]] = part.answer
    return found


def _groups(parts: Sequence[Part]) -> list[list[int]]:
    """Numbers of requests: each alone, those of one change set together."""
    groups: list[list[int]] = []
    before = ""
    for number, part in enumerate(parts):
        if groups and part.content_id and part.change_set == before != "":
            groups[-1].append(number)
        else:
            groups.append([number])
        before = part.change_set if part.content_id else ""
    return groups


def matched_rows(ids: Sequence[str], inside: Sequence[PartAnswer]) -> list[Answer | None]:
    """For each row that was created on its own, by id, its answer; None: nobody knows.

    With an answer for each the order tells, unless an answer names another row. With fewer
    or more only those are believed that name their row.
    """
    named = {row_id(p.answer): p.answer for p in inside if p.answer.is_fine and row_id(p.answer)}
    is_in_order = len(inside) == len(ids) and all(
        row_id(part.answer) in ("", id.lower()) or not id
        for id, part in zip(ids, inside, strict=True)
    )
    if is_in_order:
        return [part.answer for part in inside]
    return [named.get(id.lower()) if id else None for id in ids]
