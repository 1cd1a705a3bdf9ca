"""Proof that nobody changed the ledger by hand: the chain is walked, the states compared."""

import json
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from pathlib import Path

from sqlalchemy import select

from adapter.edge.anchor import anchored
from adapter.edge.ledger.rows import AuditRow, Head
from adapter.edge.ledger.store import Store, link_digest
from adapter.edge.ledger.tables import AUDIT
from adapter.values.finding import Finding, Place

SHOWN_MAX = 20


def keys_digest(keys: Iterable[str]) -> str:
    """One digest for many keys, in the order given."""
    return sha256("\n".join(keys).encode()).hexdigest()[:32]


class Evidence(Store):
    """The chain of what happened."""

    def audit(
        self, event: str, subject: str, detail: Mapping[str, object], who: str = ""
    ) -> None:
        """Note something that a person or the program did."""
        with self.writing() as db:
            self.chain(db, event, subject, detail, who)

    def events(self, subject: str | None = None) -> Iterator[AuditRow]:
        """The chain from its beginning, or what concerns one subject."""
        query = select(AUDIT).order_by(AUDIT.c.seq)
        if subject is not None:
            query = query.where(AUDIT.c.subject == subject)
        with self.reading() as db:
            for row in db.execute(query):
                yield AuditRow(seq=row.seq, at_ms=row.at, who=row.who, event=row.event,
                               subject=row.subject, detail=row.detail, digest=row.digest)

    def verify(self, anchor: Head | None = None) -> list[Finding]:
        """LED910 for a link that does not follow from the one before, or is missing; LED911 when
        the chain is shorter than the anchor, or another chain.
        """
        found: list[Finding] = []
        before, expected, at_anchor = "", 1, ""
        for row in self.events():
            said = link_digest(before, row.seq, row.at_ms, row.who, row.event, row.subject,
                               row.detail)  # fmt: skip
            if (row.seq != expected or said != row.digest) and len(found) < SHOWN_MAX:
                found.append(_broken(row.seq, expected))
            before, expected = row.digest, row.seq + 1
            if anchor is not None and row.seq == anchor.count:
                at_anchor = row.digest
        if anchor is not None and anchor.count and at_anchor != anchor.digest:
            found.append(_unanchored(anchor))
        return found

    def anchor_lost(self, anchor: Head | None) -> Finding | None:
        """LED911 as `verify` says it, by a look at one link."""
        if anchor is None or not anchor.count:
            return None
        with self.reading() as db:
            there = db.execute(select(AUDIT.c.digest).where(AUDIT.c.seq == anchor.count)).scalar()
        return None if there == anchor.digest else _unanchored(anchor)

    def write_anchor(self, path: Path) -> Head:
        """Append the head to a file outside the ledger, durably. Raises OSError."""
        import os

        head = self.head()
        line = json.dumps({"at": self.now(), "count": head.count, "digest": head.digest})
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.write(line + "\n")
            file.flush()
            os.fsync(file.fileno())
        return head


def read_anchor(path: Path) -> Head | None:
    """The last head in an anchor file; None where there is none. Raises ValueError, OSError."""
    head = anchored(path)
    return None if head is None else Head(count=head[0], digest=head[1])


def _unanchored(anchor: Head) -> Finding:
    return Finding(
        code="LED911", level="error", place=Place("ledger"),
        message=f"the chain does not hold the anchored link {anchor.count}",
        help="The ledger was cut off, replaced or restored. Reconcile; then `fieldledger ledger "
             "accept --because ...` takes it as it is, and anchors it anew.",
    )  # fmt: skip


def _broken(seq: int, expected: int) -> Finding:
    what = f"link {seq} was changed" if seq == expected else f"link {expected} is missing"
    return Finding(
        code="LED910", level="error", place=Place("ledger", seq),
        message=f"the chain is broken: {what}",
        help="Somebody changed the ledger by hand. Stop sending; restore a back-up, or find out "
             "who did it and reconcile.",
    )  # fmt: skip
