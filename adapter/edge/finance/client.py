"""Finance by OData: every call asks across companies, and every row names its own."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from adapter.edge.finance.errors import Said, said_by
from adapter.edge.finance.literals import Value, key_of, name
from adapter.edge.http.answers import Answer
from adapter.edge.http.multipart import Part, read_batch, write_batch
from adapter.edge.http.session import Session

HEADERS = {"Accept": "application/json", "OData-MaxVersion": "4.0", "OData-Version": "4.0"}
JSON = {**HEADERS, "Content-Type": "application/json; charset=utf-8"}
INSIDE = {"Content-Type": "application/json; charset=utf-8", "Accept": "application/json"}
ACROSS = {"cross-company": "true"}
PAGES_MAX = 10_000
BATCH_MAX = 5_000


class FinanceClient:
    """Reads and writes entity sets. Nothing here raises for what Finance does."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def said(self, answer: Answer) -> Said:
        """The meaning of an answer."""
        return said_by(answer, self.session.clock.now_ms())

    def row(self, entity: str, keys: Mapping[str, Value]) -> Answer:
        """One row by its whole key. Raises ValueError for a key that cannot be asked for."""
        path = f"data/{name(entity)}{key_of(keys)}"
        return self.session.call("GET", path, headers=HEADERS, params=ACROSS)

    def pages(self, entity: str, where: str = "", select: str = "") -> Iterator[Answer]:
        """Answers page by page; the last one may be a failure. A link elsewhere ends it."""
        params = dict(ACROSS)
        if where:
            params["$filter"] = where
        if select:
            params["$select"] = select
        seen: set[str] = set()
        answer = self.session.call("GET", f"data/{name(entity)}", headers=HEADERS, params=params)
        while True:
            yield answer
            link = answer.table().get("@odata.nextLink") if answer.is_fine else None
            if link is None:
                return
            if not isinstance(link, str) or link in seen or len(seen) >= PAGES_MAX:
                yield Answer(failure="cut", message="the pages lead nowhere or in a circle")
                return
            seen.add(link)
            answer = self.session.call("GET", link, headers=HEADERS)

    def rows(
        self, entity: str, where: str = "", select: str = ""
    ) -> tuple[list[dict[str, Any]], Said]:
        """All rows of a set that fit, or what went wrong: half a reading is none."""
        found: list[dict[str, Any]] = []
        for answer in self.pages(entity, where, select):
            said = self.said(answer)
            if said.meaning != "fine":
                return [], said
            page = answer.table().get("value")
            if not isinstance(page, list) or not all(isinstance(row, dict) for row in page):
                return [], Said(meaning="doubtful", code="HTT002", message="no page of rows")
            found += page
        return found, Said(meaning="fine")

    def post(self, entity: str, body: str) -> Answer:
        """Create one row."""
        return self.session.call("POST", _to(entity), headers=JSON, body=body.encode())

    def post_each(self, rows: Sequence[tuple[str, str]]) -> tuple[Answer, dict[str, Answer]]:
        """Create rows (set, text) in one batch, each in a change set of its own.

        The answer to the batch, and those inside by content id (1, 2, ...). What has no
        answer inside was rolled back, or nobody knows: the batch's own status tells. Two
        answers of one id are none. Raises ValueError for more rows than a batch may hold.
        """
        if len(rows) > BATCH_MAX:
            raise ValueError(f"a batch holds {BATCH_MAX} rows at most")
        boundary = self.session.boundary
        base, sets = self.session.base, {entity for entity, _ in rows}
        url_of = {entity: f"{base}/{_to(entity)}" for entity in sets}
        parts = [
            Part(method="POST", url=url_of[entity], headers=INSIDE, body=body,
                 content_id=str(number))
            for number, (entity, body) in enumerate(rows, start=1)
        ]  # fmt: skip
        answer = self.session.call(
            "POST", "data/$batch", body=write_batch(parts, boundary),
            headers={**HEADERS, "Content-Type": f"multipart/mixed; boundary={boundary}",
                     "Prefer": "odata.continue-on-error"},
        )  # fmt: skip
        inside = read_batch(answer) if answer.is_fine else []
        times = Counter(part.content_id for part in inside)
        return answer, {p.content_id: p.answer for p in inside if times[p.content_id] == 1}


def _to(entity: str) -> str:
    """Where rows of a set are created. Raises ValueError for what is no name."""
    return f"data/{name(entity)}?cross-company=true"
