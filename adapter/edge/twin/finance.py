"""Finance as the twin plays it: OData with companies, errors under odd statuses, `$batch`."""

import re
from collections.abc import Callable
from typing import Any

from adapter.edge.http.multipart import CRLF
from adapter.edge.twin.answers import Asked, TwinAnswer, nothing, said
from adapter.edge.twin.query import parse_filter
from adapter.edge.twin.store import Kept, Row, TwinStore
from adapter.making.compared import normal

DEFAULT_COMPANY = "dat"
PAGE = 10_000
_PART = re.compile(
    r"Content-ID: (?P<id>[^\r\n]+).*?\r?\n\r?\n(?P<method>[A-Z]+) (?P<url>\S+) HTTP/1\.1\r?\n"
    r"(?P<heads>.*?)\r?\n\r?\n(?P<body>.*?)\r?\n--", re.DOTALL,
)  # fmt: skip
_ONE = re.compile(r"(?P<set>\w+)\((?P<key>.*)\)")
_PAIR = re.compile(r"(\w+)='((?:[^']|'')*)'")


class TwinFinance:
    """One environment of Finance."""

    def __init__(
        self, store: TwinStore, *, refuses: Callable[[str, Row], str] | None = None,
        page: int = PAGE,
    ) -> None:  # fmt: skip
        self.store = store
        self.refuses = refuses or (lambda _entity, _row: "")
        self.metadata = b""
        self.page = page

    def answer(self, asked: Asked) -> TwinAnswer:
        """The answer to a request below /data/."""
        path = asked.path.removeprefix("/data").strip("/")
        if path == "$batch":
            return self.batch(asked)
        if path == "$metadata":
            return TwinAnswer(status=200, headers={"Content-Type": "application/xml"},
                              body=self.metadata)  # fmt: skip
        one = _ONE.fullmatch(path)
        if one is not None:
            return self._one(asked, one["set"], dict(_PAIR.findall(one["key"])))
        if path not in self.store.tables:
            return nothing(404)
        if asked.method == "GET":
            return self._list(asked, path)
        if asked.method == "POST":
            row = asked.table()
            return self._insert(path, row) if row is not None else _error(
                400, "The request body is not valid JSON.", "ODataException"
            )
        return nothing(405)

    def _list(self, asked: Asked, entity: str) -> TwinAnswer:
        try:
            test = parse_filter(asked.query["$filter"]) if "$filter" in asked.query else None
        except ValueError as error:
            return _error(400, f"Syntax error in $filter: {error}", "ODataException")
        across = asked.query.get("cross-company") == "true"
        found = [
            kept.row for kept in self.store.rows[entity]
            if (test is None or test(kept.row)) and (across or self._is_default(entity, kept))
        ]  # fmt: skip
        skip = int(asked.query.get("$skip", "0"))
        page = found[skip : skip + self.page]
        table: dict[str, object] = {"@odata.context": f"$metadata#{entity}", "value": page}
        if skip + self.page < len(found):
            rest = "&".join(f"{k}={v}" for k, v in asked.query.items() if k != "$skip")
            table["@odata.nextLink"] = (
                f"{asked.headers.get('x-twin-base', '')}/data/{entity}?{rest}"
                f"&$skip={skip + self.page}"
            )
        return said(200, table)

    def _is_default(self, entity: str, kept: Kept) -> bool:
        if "dataAreaId" not in self.store.tables[entity].keys:
            return True
        return str(kept.row.get("dataAreaId", "")).lower() == DEFAULT_COMPANY

    def _insert(self, entity: str, row: Row) -> TwinAnswer:
        table = self.store.tables[entity]
        if "dataAreaId" in table.keys and not row.get("dataAreaId"):
            row = {**row, "dataAreaId": DEFAULT_COMPANY}  # as Finance does: the user's company
        why = self.refuses(entity, row)
        if why:
            return _error(400, f"Write failed for table row of type '{entity}'. Infolog: {why}",
                          "AxODataWriteException")  # fmt: skip
        missing = [k for k in table.keys if normal(k, row.get(k)) is None]
        if missing:
            return _error(400, f"Write failed for table row of type '{entity}'. Infolog: Warning: "
                          f"Field '{missing[0]}' must be filled in.", "AxODataWriteException")
        made = self.store.insert(entity, row)
        if made is None:
            return _error(400, f"Write failed for table row of type '{entity}'. Infolog: Info: "
                          f"Cannot create a record in {entity}. The record already exists.",
                          "AxODataWriteException")  # fmt: skip
        return said(201, {"@odata.etag": f'W/"{made.version}"', **made.row})

    def _one(self, asked: Asked, entity: str, key: dict[str, str]) -> TwinAnswer:
        if entity not in self.store.tables:
            return nothing(404)
        found = [
            kept for kept in self.store.rows[entity]
            if all(normal(n, kept.row.get(n)) == normal(n, v.replace("''", "'"))
                   for n, v in key.items())
        ]  # fmt: skip
        if asked.method == "GET":
            return said(200, {"@odata.etag": f'W/"{found[0].version}"', **found[0].row}) if (
                found
            ) else nothing(404)
        if not found:
            return _error(400, "No resources were found when selecting for update.", "")
        guard = asked.headers.get("if-match")
        if guard not in (None, "*", f'W/"{found[0].version}"'):
            return nothing(412)
        if asked.method == "DELETE":
            self.store.remove(entity, found[0])
            return nothing()
        changes = asked.table()
        if asked.method != "PATCH" or changes is None:
            return nothing(405)
        self.store.change(found[0], changes)
        return nothing()

    def batch(self, asked: Asked, only: int | None = None) -> TwinAnswer:
        """Change sets of one change each; 200 although some fail. `only`: so many are done."""
        parts: list[tuple[str, TwinAnswer]] = []
        for number, part in enumerate(_PART.finditer(asked.body.decode("utf-8", "replace"))):
            if only is not None and number >= only:
                break
            path = part["url"].partition("/data/")[2].partition("?")[0]
            inner = Asked(method=part["method"], path=f"/data/{path}", query=asked.query,
                          body=part["body"].encode())  # fmt: skip
            parts.append((part["id"].strip(), self.answer(inner)))
        return batch_answer(parts, in_change_sets=True)


def batch_answer(
    parts: list[tuple[str, TwinAnswer]], *, in_change_sets: bool
) -> TwinAnswer:
    """A multipart answer."""
    lines: list[str] = []
    for number, (content_id, one) in enumerate(parts):
        inside = f"changesetresponse_{number}"
        lines.append("--batchresponse_twin")
        if in_change_sets:
            lines += [f"Content-Type: multipart/mixed; boundary={inside}", "", f"--{inside}"]
        lines += ["Content-Type: application/http", "Content-Transfer-Encoding: binary"]
        if in_change_sets:
            lines.append(f"Content-ID: {content_id}")
        lines += ["", f"HTTP/1.1 {one.status} {'OK' if one.status < 400 else 'Error'}"]
        lines += [f"{name}: {value}" for name, value in one.headers.items()]
        lines += ["", one.body.decode()]
        if in_change_sets:
            lines.append(f"--{inside}--")
    lines += ["--batchresponse_twin--", ""]
    return TwinAnswer(status=200, body=CRLF.join(lines).encode(),
                      headers={"Content-Type": "multipart/mixed; boundary=batchresponse_twin"})


def _error(status: int, message: str, kind: str) -> TwinAnswer:
    inner: dict[str, Any] = {"message": message}
    if kind:
        inner["type"] = f"Microsoft.Dynamics.Platform.Integration.Services.OData.{kind}"
        inner["stacktrace"] = "   at Twin.Finance.Write()"
    return said(status, {"error": {"code": "", "message": "An error has occurred.",
                                   "innererror": inner}})  # fmt: skip
