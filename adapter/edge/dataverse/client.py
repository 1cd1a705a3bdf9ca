"""The Web API of Dataverse: rows by id, pages, changes since a link, batches."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from msgspec import Struct

from adapter.edge.dataverse.errors import Said, said_by
from adapter.edge.http.answers import Answer, short
from adapter.edge.http.multipart import Part, PartAnswer, read_batch, write_batch
from adapter.edge.http.session import Session

API = "api/data/v9.2"
HEADERS = {
    "Accept": "application/json", "OData-MaxVersion": "4.0", "OData-Version": "4.0",
    "If-None-Match": "null",
}  # fmt: skip
JSON = "application/json; charset=utf-8"
PAGE_MAX = 5_000
PAGES_MAX = 100_000
TAG = "fieldledger"  # plug-ins and webhooks see it: our own writes can be told apart
BATCH_MAX = 1_000
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_KEY_UNSAFE = re.compile(r"[/<>*%&:\\?+#\x00-\x1f\x7f]")
_GUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


class Changes(Struct, frozen=True, kw_only=True):
    """What changed since a link: rows, ids that were deleted, and the link for the next time.

    `is_whole`: everything was read anew, since there was no link or it had expired.
    """

    rows: list[dict[str, Any]] = []
    deleted: list[str] = []
    link: str | None = None
    is_whole: bool = False
    said: Said = Said(meaning="fine")


def name(text: str) -> str:
    """The name of a set or column. Raises ValueError for anything else."""
    if not _NAME.fullmatch(text):
        raise ValueError(f"no name of a set or column: {text[:60]!r}")
    return text


def address(entity: str, keys: Mapping[str, str]) -> str:
    """`accounts(guid)` or `accounts(accountnumber='A')`.

    Raises ValueError for a key with letters that Dataverse cannot look up.
    """
    values = list(keys.items())
    if len(values) == 1 and _GUID.fullmatch(values[0][1]):
        return f"{name(entity)}({values[0][1]})"
    parts = []
    for column, value in values:
        if not value or _KEY_UNSAFE.search(value):
            raise ValueError(f"{column}: a key with such letters cannot be looked up")
        parts.append(f"{name(column)}='{quote(value.replace(chr(39), chr(39) * 2), safe='')}'")
    return f"{name(entity)}({','.join(parts)})"


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
        whole = path if path.startswith("http") else f"{API}/{path}"
        return self.session.call(method, whole, headers=given, params=params,
                                 body=None if body is None else body.encode())  # fmt: skip

    def said(self, answer: Answer) -> Said:
        """The meaning of an answer."""
        return said_by(answer, self.session.clock.now_ms())

    def who_am_i(self) -> tuple[str, Said]:
        """The id of the organisation that answers, lower case."""
        answer = self._call("GET", "WhoAmI")
        return str(answer.table().get("OrganizationId", "")).lower(), self.said(answer)

    def row(self, entity: str, keys: Mapping[str, str]) -> Answer:
        """One row. Raises ValueError for a key that cannot be asked for."""
        return self._call("GET", address(entity, keys))

    def put(
        self, entity: str, keys: Mapping[str, str], body: str, *, only_new: bool = True,
        version: str = "",
    ) -> Answer:  # fmt: skip
        """Create a row with a key of ours, or change one whose version is known.

        A second creation is answered by 412: it is there. Raises ValueError for a bad key.
        """
        guard = {"If-None-Match": "*"} if only_new else {"If-Match": version or "*"}
        return self._call("PATCH", address(entity, keys), guard, body, {"tag": TAG})

    def pages(self, path: str, headers: Mapping[str, str] | None = None) -> Iterator[Answer]:
        """Answers page by page, links taken as they are; the last may be a failure."""
        given = {"Prefer": f"odata.maxpagesize={PAGE_MAX}", **(headers or {})}
        answer = self._call("GET", path, given)
        for _ in range(PAGES_MAX):
            yield answer
            link = answer.table().get("@odata.nextLink") if answer.is_fine else None
            if not isinstance(link, str):
                return
            answer = self._call("GET", link, given)

    def rows(self, path: str) -> tuple[list[dict[str, Any]], Said]:
        """All rows of a path, or what went wrong: half a reading is none."""
        found: list[dict[str, Any]] = []
        for answer in self.pages(path):
            said = self.said(answer)
            if said.meaning != "fine":
                return [], said
            page = answer.table().get("value")
            if not isinstance(page, list) or not all(isinstance(row, dict) for row in page):
                return [], Said(meaning="doubtful", code="HTT002", message="no page of rows")
            found += page
        return found, Said(meaning="fine")

    def changes(self, entity: str, columns: Sequence[str], link: str | None) -> Changes:
        """Rows that changed since a link; everything where the link is missing or expired."""
        select = f"?$select={','.join(name(c) for c in columns)}" if columns else ""
        whole = link is None
        first = link or f"{name(entity)}{select}"
        track = {"Prefer": f"odata.track-changes,odata.maxpagesize={PAGE_MAX}"}
        rows: list[dict[str, Any]] = []
        deleted: list[str] = []
        last: dict[str, Any] = {}
        for answer in self.pages(first, track):
            said = self.said(answer)
            if said.meaning == "expired" and not whole:
                return self.changes(entity, columns, None)
            last = answer.table()
            page = last.get("value")
            if said.meaning != "fine" or not isinstance(page, list):
                doubt = Said(meaning="doubtful", code="HTT002", message="no page of changes")
                return Changes(said=said if said.meaning != "fine" else doubt)
            for row in page:
                if str(row.get("@odata.context", "")).endswith("/$deletedEntity"):
                    deleted.append(str(row.get("id", "")).lower())
                else:
                    rows.append(row)
        after = last.get("@odata.deltaLink")
        return Changes(rows=rows, deleted=deleted, is_whole=whole,
                       link=after if isinstance(after, str) else None)  # fmt: skip

    def put_each(
        self, rows: Sequence[tuple[str, Mapping[str, str], str]]
    ) -> tuple[Answer, list[PartAnswer]]:
        """Create rows (set, keys, text) in one batch that goes on after an error.

        The answers inside stand in the order of the rows; fewer: nobody knows of the rest.
        """
        assert len(rows) <= BATCH_MAX
        boundary = f"batch_{self.session.clock.token(16)}"
        parts = [
            Part(method="PATCH", body=body,
                 url=f"{self.session.base}/{API}/{address(entity, keys)}?tag={TAG}",
                 headers={"Content-Type": JSON, "If-None-Match": "*", "Accept": "application/json"})
            for entity, keys, body in rows
        ]  # fmt: skip
        answer = self.session.call(
            "POST", f"{API}/$batch", body=write_batch(parts, boundary),
            headers={**HEADERS, "Content-Type": f'multipart/mixed; boundary="{boundary}"',
                     "Prefer": "odata.continue-on-error"},
        )  # fmt: skip
        return answer, read_batch(answer) if answer.is_fine else []

    def takes_many(self, message: str, table: str) -> bool:
        """Whether a bulk message such as CreateMultiple exists for a table."""
        params = {"$select": "sdkmessagefilterid",
                  "$filter": "sdkmessageid/name eq @m and primaryobjecttypecode eq @t",
                  "@m": f"'{name(message)}'", "@t": f"'{name(table)}'"}  # fmt: skip
        answer = self._call("GET", "sdkmessagefilters", params=params)
        return answer.is_fine and bool(answer.table().get("value"))

    def create_many(self, entity: str, table: str, bodies: Sequence[str]) -> Answer:
        """CreateMultiple: all or nothing. Probe with `takes_many` first."""
        typed = [f'{{"@odata.type":"Microsoft.Dynamics.CRM.{name(table)}",{body.lstrip()[1:]}'
                 for body in bodies]  # fmt: skip
        return self._call("POST", f"{name(entity)}/Microsoft.Dynamics.CRM.CreateMultiple",
                          body='{"Targets":[' + ",".join(typed) + "]}",
                          params={"tag": TAG})  # fmt: skip

    def set_names(self) -> tuple[dict[str, str], Said]:
        """Logical name of every table -> its entity set."""
        rows, said = self.rows("EntityDefinitions?$select=LogicalName,EntitySetName")
        return {str(r.get("LogicalName")): str(r.get("EntitySetName")) for r in rows}, said


def row_id(answer: Answer) -> str:
    """The id that `OData-EntityId` names; empty if there is none."""
    found = _GUID.findall(answer.headers.get("odata-entityid", ""))
    return short(found[-1]).lower() if found else ""
