"""The Web API of Dataverse: rows by id, pages, changes since a link, batches."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct

from adapter.edge.dataverse.addresses import KeyValue, address, is_guid, name, row_id
from adapter.edge.dataverse.batches import matched, matched_rows
from adapter.edge.dataverse.bulk import Row, sent_apart, targets
from adapter.edge.dataverse.errors import Said, said_by
from adapter.edge.dataverse.probes import NAMES, AlternateKey, keys_of, takes, tracked_tables
from adapter.edge.http.answers import Answer
from adapter.edge.http.multipart import Part, read_batch, write_batch
from adapter.edge.http.session import Session

__all__ = ["Changes", "DataverseClient", "address", "name", "row_id"]

API = "api/data/v9.2"
HEADERS = {
    "Accept": "application/json", "OData-MaxVersion": "4.0", "OData-Version": "4.0",
    "If-None-Match": "null",
}  # fmt: skip
JSON = "application/json; charset=utf-8"
PAGE_MAX = 5_000
LABELS = 'odata.include-annotations="OData.Community.Display.V1.FormattedValue"'
PAGES_MAX = 100_000
TAG = "fieldledger"  # plug-ins and webhooks see it: our own writes can be told apart
BATCH_MAX = 1_000
TRIES_MAX = 3  # of a change that others are making too
Decide = Callable[[Mapping[str, Any]], str | None]


class Changes(Struct, frozen=True, kw_only=True):
    """What changed since a link: rows, ids that were deleted, and the link for the next time.

    `is_whole`: everything was read anew, since there was no link or, if `expired`, it was too
    old. A deleted id may be one that nobody here ever saw.
    """

    rows: list[dict[str, Any]] = []
    deleted: list[str] = []
    link: str | None = None
    is_whole: bool = False
    expired: bool = False
    said: Said = Said(meaning="fine")


class DataverseClient:
    """One organisation as one application user. Nothing here raises for what it answers."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def _call(
        self, method: str, path: str, headers: Mapping[str, str] | None = None,
        body: str | None = None, params: Mapping[str, str] | None = None,
    ) -> Answer:  # fmt: skip
        given = {**HEADERS, **(headers or {})}
        if body is not None:
            given["Content-Type"] = JSON
        return self.session.call(method, f"{API}/{path}", headers=given, params=params,
                                 body=None if body is None else body.encode())  # fmt: skip

    def said(self, answer: Answer) -> Said:
        """The meaning of an answer."""
        return said_by(answer, self.session.clock.now_ms())

    def who_am_i(self) -> tuple[str, Said]:
        """The id of the organisation that answers, lower case."""
        answer = self._call("GET", "WhoAmI")
        found, said = answer.table().get("OrganizationId"), self.said(answer)
        if said.meaning == "fine" and not (isinstance(found, str) and found):
            said = Said(meaning="doubtful", code="HTT002", message="no organisation in the answer")
        return str(found or "").lower(), said

    def calls_at_once(self) -> int | None:
        """How many calls at once the organisation recommends; None if it does not say."""
        hint = self._call("GET", "WhoAmI").headers.get("x-ms-dop-hint", "").strip()
        return int(hint) if hint.isdecimal() and len(hint) < 4 and int(hint) > 0 else None

    def row(self, entity: str, keys: Mapping[str, KeyValue], *, labels: bool = False) -> Answer:
        """One row, with `labels` the displayed texts of its columns too.

        Raises ValueError for a key that cannot be asked for.
        """
        return self._call("GET", address(entity, keys), {"Prefer": LABELS} if labels else {})

    def put(
        self, entity: str, keys: Mapping[str, KeyValue], body: str, *, only_new: bool = True,
        version: str = "",
    ) -> Answer:  # fmt: skip
        """Create a row with a key of ours, or change one whose version is known.

        A second creation is answered by 412: it is there. Raises ValueError for a bad key.
        """
        guard = {"If-None-Match": "*"} if only_new else {"If-Match": version or "*"}
        return self._call("PATCH", address(entity, keys), guard, body, {"tag": TAG})

    def upsert(self, entity: str, keys: Mapping[str, KeyValue], body: str) -> Answer:
        """Create or change a row: 201 with a row that is new, 200 with one that was there.

        Leave the key columns out of the body. Raises ValueError for a bad key.
        """
        wish = {"Prefer": "return=representation"}
        given = {n: v for n, v in HEADERS.items() if n != "If-None-Match"}
        return self.session.call(
            "PATCH", f"{API}/{address(entity, keys)}", body=body.encode(), params={"tag": TAG},
            headers={**given, **wish, "Content-Type": JSON},
        )  # fmt: skip

    def revise(self, entity: str, keys: Mapping[str, KeyValue], decide: Decide) -> Answer:
        """Change a row as it is now: read, decide, write if nobody else wrote meanwhile.

        `decide` gives the columns to change, or None for nothing to do: then the answer is
        what was read. Others may be faster three times, then their 412 is the answer.
        Raises ValueError for a bad key.
        """
        answer = Answer()
        for _ in range(TRIES_MAX):
            read = self.row(entity, keys)
            body = decide(read.table()) if read.is_fine else None
            version = read.table().get("@odata.etag")
            if body is None or not isinstance(version, str) or not version:
                return read
            answer = self.put(entity, keys, body, only_new=False, version=version)
            if self.said(answer).meaning != "changed":
                return answer
        return answer

    def pages(
        self, path: str, headers: Mapping[str, str] | None = None, *, size: int = PAGE_MAX,
        is_link: bool = False,
    ) -> Iterator[Answer]:  # fmt: skip
        """Answers page by page, links taken as they are; the last may be a failure.

        `is_link`: the path is a whole link that was given to us earlier.
        """
        given = {"Prefer": f"odata.maxpagesize={min(max(size, 1), PAGE_MAX)}", **(headers or {})}
        seen: set[str] = set()
        answer = self._follow(path, given) if is_link else self._call("GET", path, given)
        while True:
            yield answer
            link = answer.table().get("@odata.nextLink") if answer.is_fine else None
            if link is None:
                return
            if not isinstance(link, str) or link in seen or len(seen) >= PAGES_MAX:
                yield Answer(failure="cut", message="the pages lead nowhere or in a circle")
                return
            seen.add(link)
            answer = self._follow(link, given)

    def _follow(self, link: str, headers: Mapping[str, str]) -> Answer:
        return self.session.call("GET", link, headers={**HEADERS, **headers})

    def rows(
        self, path: str, keep: Callable[[Mapping[str, Any]], bool] | None = None
    ) -> tuple[list[dict[str, Any]], Said]:
        """All rows of a path, or those to keep, or what went wrong: half a reading is none."""
        found: list[dict[str, Any]] = []
        for answer in self.pages(path):
            page, said = self._page(answer)
            if said.meaning != "fine":
                return [], said
            found += page if keep is None else filter(keep, page)
        return found, Said(meaning="fine")

    def _page(self, answer: Answer) -> tuple[list[dict[str, Any]], Said]:
        said = self.said(answer)
        page = answer.table().get("value") if said.meaning == "fine" else []
        if isinstance(page, list) and all(isinstance(row, dict) for row in page):
            return page, said
        return [], Said(meaning="doubtful", code="HTT002", message="no page of rows")

    def changes(
        self, entity: str, columns: Sequence[str], link: str | None, *, labels: bool = False
    ) -> Changes:
        """Rows that changed since a link; everything where the link is missing or expired.

        With `labels` the displayed texts of their columns too.
        """
        if link is not None:
            since = self._changes(link, labels, is_link=True)
            if since.said.meaning != "expired":
                return since
        select = f"?$select={','.join(name(c) for c in columns)}" if columns else ""
        whole = self._changes(f"{name(entity)}{select}", labels)
        return Changes(rows=whole.rows, deleted=whole.deleted, link=whole.link, said=whole.said,
                       is_whole=True, expired=link is not None)  # fmt: skip

    def _changes(self, path: str, labels: bool, *, is_link: bool = False) -> Changes:
        rows: list[dict[str, Any]] = []
        deleted: list[str] = []
        last: dict[str, Any] = {}
        wish = f"odata.track-changes,odata.maxpagesize={PAGE_MAX}"
        track = {"Prefer": f"{wish},{LABELS}" if labels else wish}
        for answer in self.pages(path, track, is_link=is_link):
            page, said = self._page(answer)
            if said.meaning != "fine":
                return Changes(said=said)
            last = answer.table()
            for row in page:
                if not str(row.get("@odata.context", "")).endswith("/$deletedEntity"):
                    rows.append(row)
                elif is_guid(str(row.get("id"))):
                    deleted.append(str(row["id"]).lower())
        after = last.get("@odata.deltaLink")
        return Changes(rows=rows, deleted=deleted, link=after if isinstance(after, str) else None)

    def batch(self, parts: Sequence[Part], *, goes_on: bool = True) -> tuple[
        Answer, list[Answer | None]
    ]:  # fmt: skip
        """Many requests in one, and for each its answer; None where nobody knows.

        Raises ValueError for more requests than one batch takes.
        """
        answer, inside = self._batch(parts, goes_on)
        return answer, matched(parts, inside)

    def _batch(self, parts: Sequence[Part], goes_on: bool) -> tuple[Answer, list[Any]]:
        if not 0 < len(parts) <= BATCH_MAX:
            raise ValueError(f"{len(parts)} requests in one batch, 1 to {BATCH_MAX} can be sent")
        boundary = self.session.boundary
        answer = self.session.call(
            "POST", f"{API}/$batch", body=write_batch(parts, boundary),
            headers={**HEADERS, "Content-Type": f'multipart/mixed; boundary="{boundary}"',
                     **({"Prefer": "odata.continue-on-error"} if goes_on else {})},
        )  # fmt: skip
        return answer, [] if answer.is_doubtful or answer.failure else read_batch(answer)

    def creation(
        self, entity: str, keys: Mapping[str, KeyValue], body: str, *, content_id: str = "",
        change_set: str = "",
    ) -> Part:  # fmt: skip
        """The request inside a batch that creates a row. Raises ValueError for a bad key."""
        return Part(
            method="PATCH", body=body, content_id=content_id, change_set=change_set,
            url=f"{self.session.base}/{API}/{address(entity, keys)}?tag={TAG}",
            headers={"Content-Type": JSON, "If-None-Match": "*", "Accept": "application/json"},
        )  # fmt: skip

    def put_each(
        self, rows: Sequence[tuple[str, Mapping[str, KeyValue], str]]
    ) -> tuple[Answer, list[Answer | None]]:
        """Create rows (set, keys, text) in one batch that goes on after an error.

        One answer for each row, None where nobody knows. Raises ValueError.
        """
        answer, inside = self._batch([self.creation(*row) for row in rows], True)
        ids = [next(iter(keys.values())) if len(keys) == 1 else "" for _, keys, _ in rows]
        return answer, matched_rows([i if isinstance(i, str) and is_guid(i) else "" for i in ids],
                                    inside)  # fmt: skip

    def takes_many(self, message: str, table: str) -> bool | None:
        """Whether a bulk message such as CreateMultiple exists for a table; None: nobody knows."""
        return takes(message, table, self.rows)

    def create_many(self, entity: str, table: str, bodies: Sequence[str]) -> Answer:
        """CreateMultiple: all or nothing. Raises ValueError. Probe with `takes_many` first."""
        return self._many("CreateMultiple", entity, table, [Row(body=body) for body in bodies])

    def upsert_many(self, entity: str, table: str, rows: Sequence[Row]) -> Answer:
        """UpsertMultiple: all or nothing. Raises ValueError for a key that occurs twice."""
        return self._many("UpsertMultiple", entity, table, rows)

    def _many(self, message: str, entity: str, table: str, rows: Sequence[Row]) -> Answer:
        return self._call("POST", f"{name(entity)}/Microsoft.Dynamics.CRM.{message}",
                          body=targets(name(table), rows), params={"tag": TAG})  # fmt: skip

    def many_apart(
        self, message: str, entity: str, table: str, rows: Sequence[Row]
    ) -> list[Answer]:
        """A bulk message that is taken apart until the rows that are refused stand alone."""
        targets(name(table), rows)  # what is wrong with our own rows, before any of them leaves
        return sent_apart(rows, lambda some: self._many(message, entity, table, some), self.said)

    def set_names(self) -> tuple[dict[str, str], Said]:
        """Logical name of every table -> its entity set."""
        rows, said = self.rows(NAMES)
        return {str(r.get("LogicalName")): str(r.get("EntitySetName")) for r in rows}, said

    def alternate_keys(self, table: str) -> tuple[list[AlternateKey], Said]:
        """The alternate keys of a table, and whether each can be used yet."""
        return keys_of(table, self.rows)

    def tracked_tables(self) -> tuple[frozenset[str], Said]:
        """The tables whose changes can be asked for."""
        return tracked_tables(self.rows)
