"""Rows of an entity set as they are asked for: companies, options, pages, one level of expand."""

import re
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import quote, urlencode

from adapter.edge.twin.answers import Asked, TwinAnswer, said
from adapter.edge.twin.finance_errors import bad_request
from adapter.edge.twin.finance_habits import Habits
from adapter.edge.twin.finance_query import ordered, parse_finance_filter
from adapter.edge.twin.finance_values import etag, shown
from adapter.edge.twin.store import Kept, Row, TwinStore, TwinTable
from adapter.making.compared import normal

COMPANY = "dataAreaId"
OPTIONS = frozenset(("$filter", "$count", "$orderby", "$skip", "$top", "$select", "$expand"))


def in_reach(asked: Asked, table: TwinTable, row: Row, habits: Habits) -> bool:
    """Whether the caller sees a row: of its own company, or of any if it asks across."""
    if COMPANY not in table.keys or asked.query.get("cross-company") == "true":
        return True
    return str(row.get(COMPANY, "")).lower() == habits.company.lower()


def list_rows(asked: Asked, store: TwinStore, entity: str, habits: Habits) -> TwinAnswer:
    """One page of a set."""
    table = store.tables[entity]
    try:
        unknown = sorted(o for o in asked.query if o.startswith("$") and o not in OPTIONS)
        if unknown:
            raise ValueError(f"the option {unknown[0]} is not supported")
        test = (parse_finance_filter(asked.query["$filter"], table)
                if "$filter" in asked.query else None)  # fmt: skip
        top, skip = _whole(asked, "$top"), _whole(asked, "$skip") or 0
        ways = _ways(asked.query.get("$expand", ""), table)
        found = [
            kept for kept in store.rows[entity]
            if (test is None or test(kept.row)) and in_reach(asked, table, kept.row, habits)
        ]  # fmt: skip
        found = _in_order(found, asked.query.get("$orderby", ""))
    except ValueError as error:
        return bad_request(f"The query cannot be answered: {error}.")
    end = len(found) if top is None else min(len(found), skip + top)
    last = min(skip + habits.page, end)
    page = [one_row(store, entity, kept, asked, ways) for kept in found[skip:last]]
    answer: dict[str, object] = {"@odata.context": f"$metadata#{entity}", "value": page}
    if asked.query.get("$count") == "true":
        answer["@odata.count"] = len(found)
    if last < end:
        answer["@odata.nextLink"] = _link(asked, entity, last, end if top is not None else None)
    return said(200, answer)


def _link(asked: Asked, entity: str, last: int, end: int | None) -> str:
    """The address of the next page, which the caller follows letter by letter."""
    rest = {k: v for k, v in asked.query.items() if k not in ("$skip", "$top")}
    rest |= {"$skip": str(last)} | ({} if end is None else {"$top": str(end - last)})
    base = asked.headers.get("x-twin-base", "")
    return f"{base}/data/{entity}?{urlencode(rest, quote_via=quote, safe='$')}"


def one_row(
    store: TwinStore, entity: str, kept: Kept, asked: Asked, ways: Iterable[str] = ()
) -> Row:
    """A row as it is read, with the columns that were asked for."""
    row = shown(store.tables[entity], kept.row)
    wanted = [n.strip() for n in asked.query.get("$select", "").split(",") if n.strip()]
    if wanted:
        row = {name: value for name, value in row.items() if name in wanted}
    for way in ways:
        target, columns = store.tables[entity].navigations[way]
        row[way] = [
            shown(store.tables[target], other.row) for other in store.rows[target]
            if all(normal(theirs, other.row.get(theirs)) == normal(ours, kept.row.get(ours))
                   for theirs, ours in columns.items())
        ]  # fmt: skip
    return {"@odata.etag": etag(kept, store.key(entity, kept.row)), **row}


def _ways(expand: str, table: TwinTable) -> list[str]:
    """Navigations to follow, from the row that was asked for and no further."""
    if "/" in expand or re.search(r"\$expand|\$levels", expand):
        raise ValueError("$expand goes one level deep")
    ways = [way.strip() for way in re.sub(r"\([^)]*\)", "", expand).split(",") if way.strip()]
    for way in ways:
        if way not in table.navigations:
            raise ValueError(f"'{table.entity}' has no navigation '{way}'")
    return ways


def _whole(asked: Asked, option: str) -> int | None:
    text = asked.query.get(option)
    if text is None:
        return None
    if not re.fullmatch(r"\d{1,9}", text):
        raise ValueError(f"{option} is no whole number")
    return int(text)


def _in_order(rows: list[Kept], order: str) -> list[Kept]:
    for part in reversed([p.split() for p in order.split(",") if p.strip()]):
        if len(part) > 2 or (len(part) == 2 and part[1] not in ("asc", "desc")):
            raise ValueError("$orderby takes columns, each with asc or desc")
        rows = sorted(rows, key=_by(part[0]), reverse=part[-1] == "desc")
    return rows


def _by(name: str) -> Callable[[Kept], tuple[str, Any]]:
    return lambda kept: ordered(kept.row.get(name))

