"""Lists of the twin's Dataverse: query options, pages behind opaque tokens, changes since a link.

A list is laid down when its first page is asked for: rows that come later are on no page, and
a delta link given at the end covers them.
"""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from hashlib import sha256
from time import gmtime, strftime
from urllib.parse import quote

from msgspec import Struct

from adapter.edge.twin.answers import Asked, TwinAnswer, said
from adapter.edge.twin.dataverse_filter import Test, filter_of, order_of, ordered
from adapter.edge.twin.dataverse_rows import plain, shown, target_of
from adapter.edge.twin.dataverse_store import DataverseStore, column_of
from adapter.edge.twin.refusal import REQUEST, Refused, unreadable, wishes
from adapter.edge.twin.store import Kept, Row

PAGE_MAX = 5_000
COUNT_MAX = 5_000
TRACKED_DAYS = 7
DAY_MS = 86_400_000
LISTS_MAX = 1_000  # pages of older lists cannot be asked for any more
UNTRACKED = ("$filter", "$orderby", "$expand", "$top")
KNOWN = frozenset((*UNTRACKED, "$select", "$count", "$skiptoken", "$deltatoken", "tag"))
TRACK = "odata.track-changes"
SIZE = "odata.maxpagesize"
EXPIRED = ("0x80044352", "Version stamp associated with the client has expired. "
           "Please perform a full sync.")  # fmt: skip


class Laid(Struct, frozen=True, kw_only=True):
    """The rest of a list: what was asked, the rows, how far it was read, since when it is laid."""

    entity: str
    query: dict[str, str]
    size: int
    rows: Sequence[Kept | Row]
    offset: int
    total: int
    version: int


class TwinPages:
    """Lists of one organisation."""

    def __init__(
        self, store: DataverseStore, now_ms: Callable[[], int], tracked_days: int = TRACKED_DAYS
    ) -> None:
        self.store = store
        self.now_ms = now_ms
        self.tracked_days = tracked_days
        self.expired = 0  # tokens up to this version are too old
        self.metadata_changed: dict[str, int] = {}  # set -> version: older tokens are too old
        self._laid: OrderedDict[str, Laid] = OrderedDict()
        self._number = 0

    def answer(self, asked: Asked, entity: str, address: str, page_max: int) -> TwinAnswer:
        """One page of a set, or its count below `/$count`."""
        prefer = wishes(asked)
        tracks = TRACK in prefer or "$deltatoken" in asked.query
        self._check(asked, entity, tracks)
        size = min(self._size(prefer), page_max)
        if "$skiptoken" in asked.query:
            laid = self._continued(asked, entity, size)
        else:
            laid = self._new(asked, entity, tracks, size, SIZE in prefer)
        return self._page(asked, laid, address, tracks, prefer)

    def count(self, asked: Asked, entity: str) -> TwinAnswer:
        """How many rows, at most 5,000; with a delta token how many changed."""
        self._check(asked, entity, False)
        laid = self._new(asked, entity, "$deltatoken" in asked.query, 1, False)
        return TwinAnswer(status=200, headers={"Content-Type": "text/plain"},
                          body=str(laid.total).encode())  # fmt: skip

    def _check(self, asked: Asked, entity: str, tracks: bool) -> None:
        query = asked.query
        if "$skip" in query:
            raise Refused(400, REQUEST, "Skip Clause is not supported in CRM")
        if tracks:
            for name in UNTRACKED:
                if name in query:
                    raise Refused(400, REQUEST, f'The "{name}" query parameter isn\'t supported '
                                  "when Change Tracking is enabled.")  # fmt: skip
            if not self.store.tables[entity].is_tracked:
                raise Refused(400, REQUEST, f"Change tracking is not enabled for '{entity}'.")
        for name in query:
            if name.startswith("$") and name not in KNOWN:
                raise Refused(400, REQUEST, f"The query option '{name}' is not known.")

    def _size(self, prefer: dict[str, str]) -> int:
        said = prefer.get(SIZE, "")
        if said and (not said.isdecimal() or not int(said)):
            raise unreadable("no size of a page")
        return min(int(said), PAGE_MAX) if said else PAGE_MAX

    def _new(
        self, asked: Asked, entity: str, tracks: bool, size: int, is_sized: bool
    ) -> Laid:
        token = asked.query.get("$deltatoken")
        after = 0 if token is None else self._since(entity, token)
        try:
            test = _test(asked)
            order = order_of(asked.query["$orderby"]) if "$orderby" in asked.query else []
        except ValueError as error:
            raise Refused(400, REQUEST, f"$filter or $orderby: {error}") from None
        found = [k for k in self.store.rows[entity] if k.version > after
                 and (test is None or test(plain(k)))]  # fmt: skip
        if order:
            found = ordered(found, order, lambda kept, name: plain(kept).get(name))
        total = min(len(found), COUNT_MAX)
        top = asked.query.get("$top")
        if top is not None and not top.isdecimal():
            raise unreadable("$top is no number")
        if top is not None and not is_sized:  # beside a size of pages it is ignored
            found = found[: int(top)]
        rows: list[Kept | Row] = list(found)
        if token is not None:
            rows += self._deleted(asked, entity, after)
        query = {n: v for n, v in asked.query.items() if n != "$skiptoken"}
        return Laid(entity=entity, query=query, size=size, rows=rows, offset=0,
                    total=total + len(rows) - len(found), version=self.store.version)  # fmt: skip

    def _since(self, entity: str, token: str) -> int:
        """The version of a delta token. Raises Refused for one that is too old or none of ours."""
        version, _, rest = token.partition("!")
        at, _, proof = rest.rpartition("!")
        made, _, day = at.partition("!")
        if not made.isdecimal() or proof != _proof(entity, version, made, day):
            raise unreadable("the delta token is not known")
        is_old = self.now_ms() - int(made) > self.tracked_days * DAY_MS
        after = int(version)
        is_old = is_old or after > self.store.version  # given before the twin began anew
        if is_old or after < max(self.expired, self.metadata_changed.get(entity, 0)):
            raise Refused(400, *EXPIRED)
        return after

    def _deleted(self, asked: Asked, entity: str, after: int) -> list[Row]:
        """Rows that went since a version, also such as came after it; not those that came back."""
        primary = self.store.primary(entity)
        there = {str(k.row.get(primary)).lower() for k in self.store.rows[entity]}
        gone = {key.lower(): version for version, name, key in self.store.deleted
                if name == entity and version > after}  # fmt: skip
        context = f"{_context(asked)}#{entity}/$deletedEntity"
        return [
            {"@odata.context": context, "id": key, "reason": "deleted"}
            for key in gone if key not in there
        ]

    def _continued(self, asked: Asked, entity: str, size: int) -> Laid:
        """The rest of a list. Raises Refused for a token that was changed, or another question."""
        laid = self._laid.get(asked.query["$skiptoken"])
        query = {n: v for n, v in asked.query.items() if n != "$skiptoken"}
        if laid is None or laid.query != query or laid.entity != entity or laid.size != size:
            raise Refused(400, REQUEST, "The $skiptoken is not one that was given for this query.")
        return laid

    def _page(
        self, asked: Asked, laid: Laid, address: str, tracks: bool, prefer: dict[str, str]
    ) -> TwinAnswer:
        here = {id(kept) for kept in self.store.rows[laid.entity]}
        page = [row for row in laid.rows[laid.offset : laid.offset + laid.size]
                if not isinstance(row, Kept) or id(row) in here]  # fmt: skip
        chosen = f"({asked.query['$select']})" if asked.query.get("$select") else ""
        table: dict[str, object] = {"@odata.context": f"{_context(asked)}#{laid.entity}{chosen}"}
        if asked.query.get("$count") == "true":
            table["@odata.count"] = laid.total
        if laid.offset + laid.size < len(laid.rows):
            token = self._keep(laid)
            table["@odata.nextLink"] = f"{address}?{_written(laid.query, '$skiptoken', token)}"
        elif tracks:
            token = self._delta(laid)
            table["@odata.deltaLink"] = f"{address}?{_written(laid.query, '$deltatoken', token)}"
        table["value"] = [
            self._expanded(asked, laid.entity, row) if isinstance(row, Kept) else row
            for row in page
        ]  # fmt: skip
        applied = ([TRACK] if TRACK in prefer else []) + (
            [f"{SIZE}={prefer[SIZE]}"] if SIZE in prefer else []
        ) + ([f'odata.include-annotations="{prefer["odata.include-annotations"]}"']
             if "odata.include-annotations" in prefer else [])  # fmt: skip
        answer = said(200, table)
        if applied:
            answer.headers["Preference-Applied"] = ",".join(applied)
        return answer

    def _keep(self, laid: Laid) -> str:
        self._number += 1
        proof = sha256(f"{laid.entity}{laid.query}{laid.offset}{self._number}".encode())
        token = f"{self._number:06d}{proof.hexdigest()[:32]}"
        self._laid[token] = Laid(
            entity=laid.entity, query=laid.query, size=laid.size, rows=laid.rows,
            offset=laid.offset + laid.size, total=laid.total, version=laid.version,
        )  # fmt: skip
        while len(self._laid) > LISTS_MAX:
            self._laid.popitem(last=False)
        return token

    def _delta(self, laid: Laid) -> str:
        now = self.now_ms()
        day = strftime("%m/%d/%Y %H:%M:%S", gmtime(now / 1000))
        proof = _proof(laid.entity, str(laid.version), str(now), day)
        return f"{laid.version}!{now}!{day}!{proof}"

    def _expanded(self, asked: Asked, entity: str, kept: Kept) -> Row:
        return expanded(self.store, entity, kept, asked)


def expanded(store: DataverseStore, entity: str, kept: Kept, asked: Asked) -> Row:
    """A row with the rows that `$expand` asks for inside, one level deep."""
    row = shown(store, entity, kept, asked)
    for part in _parts(asked.query.get("$expand", "")):
        navigation, _, inner = part.partition("(")
        options = dict(o.split("=", 1) for o in inner.rstrip(")").split(";") if "=" in o)
        if "$expand" in options:
            raise Refused(400, REQUEST, "One level of $expand is all that the twin gives.")
        column = f"_{column_of(navigation)}_value"
        found = target_of(store, entity, kept, column)
        there = store.by_id(found[1], str(plain(kept).get(column))) if found else None
        is_known = found is not None or navigation in store.tables[entity].lookups
        if not is_known and plain(kept).get(column, "") == "":
            raise Refused(400, REQUEST, f"'{navigation}' is no navigation property of '{entity}'.")
        if found is None or there is None:
            row[navigation] = None
            continue
        select = {"$select": options["$select"]} if "$select" in options else {}
        inside = Asked(method="GET", path="", query=select, headers=asked.headers)
        row[navigation] = shown(store, found[1], there, inside)
    return row


def _parts(text: str) -> list[str]:
    """What stands between commas outside of parentheses."""
    found, depth, part = [], 0, ""
    for letter in text:
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if letter == "," and not depth:
            found.append(part.strip())
            part = ""
        else:
            part += letter
    return [p for p in [*found, part.strip()] if p]


def _test(asked: Asked) -> Test | None:
    if "$filter" not in asked.query:
        return None
    parameters = {n: v for n, v in asked.query.items() if n.startswith("@")}
    return filter_of(asked.query["$filter"], parameters)


def _written(query: dict[str, str], name: str, token: str) -> str:
    kept = {**{n: v for n, v in query.items() if n not in (name, "$deltatoken")}, name: token}
    if name == "$skiptoken" and "$deltatoken" in query:
        kept["$deltatoken"] = query["$deltatoken"]
    return "&".join(f"{quote(n, safe='$@')}={quote(v, safe='')}" for n, v in kept.items())


def _context(asked: Asked) -> str:
    return f"{asked.headers.get('x-twin-base', '')}/api/data/v9.2/$metadata"


def _proof(*parts: str) -> str:
    return sha256("/".join(parts).encode()).hexdigest()[:12]
