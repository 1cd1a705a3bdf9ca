"""Finance by OData: every call names its company and asks across companies."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from adapter.edge.finance.errors import Said, said_by
from adapter.edge.finance.literals import filter_of, linked, name
from adapter.edge.http.answers import Answer, short
from adapter.edge.http.multipart import Part, read_batch, write_batch
from adapter.edge.http.session import Session
from adapter.edge.sending.ports import Found, compared
from adapter.making.compared import normal
from adapter.making.steps import Receipt, Step

HEADERS = {"Accept": "application/json", "OData-MaxVersion": "4.0", "OData-Version": "4.0"}
JSON = {**HEADERS, "Content-Type": "application/json; charset=utf-8"}
ACROSS = {"cross-company": "true"}
PAGES_MAX = 10_000
FILTER_LENGTH_MAX = 1_500
STATES = {"refused": "refused", "again": "planned", "throttled": "planned", "forbidden": "planned",
          "not-sent": "planned", "doubtful": "unknown", "missing": "refused"}  # fmt: skip


class FinanceClient:
    """Reads and writes entity sets. Nothing here raises for what Finance does."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def pages(self, entity: str, where: str = "", select: str = "") -> Iterator[Answer]:
        """Answers page by page; the last one may be a failure. A link elsewhere ends it."""
        params = dict(ACROSS)
        if where:
            params["$filter"] = where
        if select:
            params["$select"] = select
        answer = self.session.call("GET", f"data/{name(entity)}", headers=HEADERS, params=params)
        for _ in range(PAGES_MAX):
            yield answer
            link = answer.table().get("@odata.nextLink") if answer.is_fine else None
            if not isinstance(link, str):
                return
            answer = self.session.call("GET", link, headers=HEADERS)

    def rows(self, entity: str, where: str = "") -> tuple[list[dict[str, Any]], Said]:
        """All rows of a set that fit, or what went wrong. A page that is cut is no page."""
        found: list[dict[str, Any]] = []
        for answer in self.pages(entity, where):
            said = said_by(answer, self.session.clock.now_ms())
            if said.meaning != "fine":
                return [], said
            page = answer.table().get("value")
            if not isinstance(page, list) or not all(isinstance(row, dict) for row in page):
                return [], Said(meaning="doubtful", code="HTT002", message="no page of rows")
            found += page
        return found, Said(meaning="fine")

    def post(self, entity: str, body: str) -> Answer:
        """Create one row."""
        return self.session.call("POST", f"data/{name(entity)}", headers=JSON,
                                 body=body.encode(), params=ACROSS)  # fmt: skip

    def post_each(self, rows: Sequence[tuple[str, str]]) -> tuple[Answer, dict[str, Answer]]:
        """Create rows (set, text) in one batch, each in a change set of its own.

        The answer to the batch, and those inside by content id (1, 2, ...). What has no
        answer inside was rolled back, or nobody knows: the batch's own status tells.
        """
        boundary = f"batch_{self.session.clock.token(16)}"
        parts = [
            Part(method="POST", url=f"{self.session.base}/data/{name(entity)}?cross-company=true",
                 headers={"Content-Type": "application/json; charset=utf-8",
                          "Accept": "application/json"},
                 body=body, content_id=str(number))
            for number, (entity, body) in enumerate(rows, start=1)
        ]  # fmt: skip
        answer = self.session.call(
            "POST", "data/$batch", body=write_batch(parts, boundary),
            headers={**HEADERS, "Content-Type": f"multipart/mixed; boundary={boundary}",
                     "Prefer": "odata.continue-on-error"},
        )  # fmt: skip
        inside = {p.content_id: p.answer for p in read_batch(answer)} if answer.is_fine else {}
        return answer, inside


class FinanceNeighbour:
    """The port to Finance by OData."""

    def __init__(
        self, client: FinanceClient, gate: str, *, companies: frozenset[str],
        enforces_keys: bool = False, chunk: int = 50,
    ) -> None:  # fmt: skip
        self.client = client
        self.name = gate
        self.companies = companies
        self.enforces_keys = enforces_keys
        self.chunk = chunk

    def send(self, steps: Sequence[Step], header: Mapping[str, str]) -> list[Receipt]:
        """The header alone, so that its answer gives its number; lines in one batch."""
        ready: list[tuple[Step, str]] = []
        receipts: dict[str, Receipt] = {}
        for step in steps:
            body = linked(step.body, step.links, header)
            why = self._why_not(step, body)
            if why:
                receipts[step.key] = Receipt(key=step.key, state="refused", code="FIN010",
                                             message=why)  # fmt: skip
            elif body is not None:
                ready.append((step, body))
        if len(ready) == 1:
            step, body = ready[0]
            receipts[step.key] = self._receipt(step, self.client.post(step.entity, body))
        elif ready:
            receipts |= self._in_batch(ready)
        return [receipts[step.key] for step in steps]

    def _why_not(self, step: Step, body: str | None) -> str:
        """What would make Finance guess: a row without its company, or without its header."""
        if body is None:
            return "the header's answer does not give what the row is linked by"
        if step.company.upper() not in self.companies:
            return f"company {step.company} is not one that this workspace sends for"
        company = step.keys.get("dataAreaId")
        if company is not None and normal("dataAreaId", company) != step.company.upper():
            return f"the row names company {company or '(none)'}, its document {step.company}"
        try:
            filter_of([step.keys])
        except ValueError as error:  # sent, nobody could ever ask for it
            return f"its key cannot be asked for: {short(error)}"
        return ""

    def _in_batch(self, ready: Sequence[tuple[Step, str]]) -> dict[str, Receipt]:
        answer, inside = self.client.post_each([(step.entity, body) for step, body in ready])
        whole = said_by(answer, self.client.session.clock.now_ms())
        receipts = {}
        there: dict[str, tuple[Step, Said]] = {}
        for number, (step, _) in enumerate(ready, start=1):
            part = inside.get(str(number))
            if part is not None:
                said = said_by(part, self.client.session.clock.now_ms())
                if said.meaning == "exists":
                    there[step.key] = (step, said)
                else:
                    receipts[step.key] = self._receipt(step, part)
            elif whole.meaning in ("fine", "doubtful", "refused", "missing", "again"):
                receipts[step.key] = Receipt(key=step.key, state="unknown", code="FIN011",
                                             message="the batch gave no answer for the row")
            else:
                receipts[step.key] = _receipt_of(step, whole)
        return receipts | self._compared(there)

    def _receipt(self, step: Step, answer: Answer) -> Receipt:
        said = said_by(answer, self.client.session.clock.now_ms())
        if said.meaning == "fine":
            row = answer.table()
            if not _is_of(step, row):
                return Receipt(key=step.key, state="unknown", code="FIN014",
                               message="the answer does not hold the row that was sent")
            echo = row.get("dataAreaId")
            if isinstance(echo, str) and echo.upper() != step.company.upper():
                return Receipt(key=step.key, state="unknown", code="FIN012",
                               message=f"the row went to company {short(echo)}")
            return Receipt(key=step.key, state="sent", reference=_reference(step, row),
                           answer=_texts(row) if step.part == "header" else {})
        if said.meaning == "exists":
            return self._compared({step.key: (step, said)})[step.key]
        return _receipt_of(step, said)

    def _compared(self, there: Mapping[str, tuple[Step, Said]]) -> dict[str, Receipt]:
        """Rows that are there already: ours from an earlier call, or somebody else's."""
        found = self.find([step for step, _ in there.values()]) if there else {}
        return {key: compared(step, said.code, said.message, found[key], "FIN013")
                for key, (step, said) in there.items()}  # fmt: skip

    def find(self, steps: Sequence[Step]) -> dict[str, Found]:
        """The rows by their key columns; several keys in one call, within the length of a URL."""
        found: dict[str, Found] = {}
        for group in _groups(steps):
            wait = next((f.retry_after_ms for f in found.values() if f.retry_after_ms), None)
            found |= self._find(group) if wait is None else {
                s.key: Found(state="unreachable", retry_after_ms=wait) for s in group
            }
        return found

    def _find(self, steps: Sequence[Step]) -> dict[str, Found]:
        try:
            where = filter_of([step.keys for step in steps])
        except ValueError as error:
            return {s.key: Found(state="unreachable", message=short(error)) for s in steps}
        rows, said = self.client.rows(steps[0].entity, where)
        if said.meaning == "missing":
            rows, said = [], Said(meaning="fine")
        if said.meaning != "fine":
            wait = said.wait_ms if said.meaning == "throttled" else None
            return {s.key: Found(state="unreachable", message=said.message, retry_after_ms=wait)
                    for s in steps}  # fmt: skip
        found = {}
        for step in steps:
            mine = [row for row in rows if _is_of(step, row)]
            if not mine:
                found[step.key] = Found(state="missing")
                continue
            found[step.key] = Found(state="found", row=mine[0], more=len(mine) - 1,
                                    reference=_reference(step, mine[0]), answer=_texts(mine[0]))
        return found


def _receipt_of(step: Step, said: Said) -> Receipt:
    state: Any = STATES[said.meaning]
    return Receipt(key=step.key, state=state, code=said.code, message=said.message,
                   retry_after_ms=said.wait_ms if said.meaning == "throttled" else None)


def _is_of(step: Step, row: Mapping[str, object]) -> bool:
    return all(row.get(n) == v or normal(n, row.get(n)) == normal(n, v)
               for n, v in step.keys.items())  # fmt: skip


def _groups(steps: Sequence[Step]) -> Iterator[list[Step]]:
    """Steps of one set whose keys fit into one address."""
    group: list[Step] = []
    length = 0
    for step in sorted(steps, key=lambda s: s.entity):
        mine = sum(len(n) + len(v) + 12 for n, v in step.keys.items())
        if group and (step.entity != group[0].entity or length + mine > FILTER_LENGTH_MAX):
            yield group
            group, length = [], 0
        group.append(step)
        length += mine
    if group:
        yield group


def _texts(row: Mapping[str, object]) -> dict[str, str]:
    """Short texts and numbers of an answer, which rows below may be linked by."""
    return {n: str(v) for n, v in row.items()
            if isinstance(v, str | int) and not isinstance(v, bool)
            and not n.startswith("@") and 0 < len(str(v)) <= 100}  # fmt: skip


def _reference(step: Step, row: Mapping[str, object]) -> str:
    """What Finance calls the row: the first column it filled itself that looks like a number."""
    for name_, value in row.items():
        if name_ not in step.keys and name_.endswith(("Id", "Number")) and f'"{name_}"' not in (
            step.body
        ) and isinstance(value, str | int) and str(value):
            return str(value)
    return ",".join(step.keys.values())
