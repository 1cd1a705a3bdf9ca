"""Delivery as files: for the accountant to import. Written whole or not at all, never twice.

Rows that leave together are one JSON lines file; for Finance there is a data package of the
same name beside it. The name says company, document and part, and ends in a digest of the rows'
keys, so that writing again meets it.
"""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from hashlib import sha256
from pathlib import Path

import msgspec

from adapter.edge.finance.literals import linked
from adapter.edge.finance.packages import package
from adapter.edge.sending.ports import Found
from adapter.edge.written import write_bytes
from adapter.making.compared import normal
from adapter.making.steps import Receipt, Step

CHUNK = 1_000_000
NAME_LENGTH = 16
WORDS_MAX = 60  # of a document's name in that of a file
_decode = msgspec.json.Decoder(float_hook=Decimal).decode


class FilesNeighbour:
    """A folder per entity set."""

    enforces_keys = True  # a file is there or not, and nobody else writes it
    chunk = CHUNK

    def __init__(
        self, folder: Path, system: str, labels: Mapping[str, str] | None = None,
        document: str = "",
    ) -> None:  # fmt: skip
        """`labels`: names of data entities by entity set; an import finds an entity by them.
        `document`: name of the one whose rows are sent.
        """
        self.document = document
        self.folder = folder
        self.system = system
        self.labels = labels or {}
        self.name = f"files of {system}"

    def send(self, steps: Sequence[Step], header: Mapping[str, str]) -> list[Receipt]:
        """Write the rows of one entity set; all of them are sent, or none."""
        receipts: list[Receipt] = []
        for entity in dict.fromkeys(step.entity for step in steps):
            receipts += self._write(entity, [s for s in steps if s.entity == entity], header)
        order = {step.key: number for number, step in enumerate(steps)}
        return sorted(receipts, key=lambda r: order[r.key])

    def _write(
        self, entity: str, steps: Sequence[Step], header: Mapping[str, str]
    ) -> list[Receipt]:
        digest = sha256("\n".join(step.key for step in steps).encode()).hexdigest()
        said = (steps[0].company, self.document, steps[0].part, digest[:NAME_LENGTH])
        path = self.folder / entity / f"{'-'.join(filter(None, map(_plain, said)))}.jsonl"
        bodies = [linked(step.body, step.links, header) or step.body for step in steps]
        try:
            if self.system == "finance":
                rows = [_decode(body) for body in bodies]
                zipped = package(f"fieldledger {digest[:8]}", entity, rows,
                                 self.labels.get(entity, ""))  # fmt: skip
                write_bytes(path.with_suffix(".zip"), zipped)
            write_bytes(path, ("\n".join(bodies) + "\n").encode())
        except OSError as error:
            why = error.strerror or str(error)
            return [Receipt(key=s.key, state="planned", code="FIL001", message=why) for s in steps]
        reference = path.relative_to(self.folder).as_posix()
        # an import numbers the header; until then its rows are held together by our key
        answer = {theirs: step.key[:20] for step in steps for theirs in (f"{entity[:-1]}Id",)}
        return [Receipt(key=s.key, state="sent", reference=reference,
                        answer=answer if s.part == "header" else {}) for s in steps]  # fmt: skip

    def find(self, steps: Sequence[Step]) -> dict[str, Found]:
        """Rows that stand in a file of their set."""
        found: dict[str, Found] = {}
        for entity in dict.fromkeys(step.entity for step in steps):
            mine = [step for step in steps if step.entity == entity]
            try:
                rows = [(path.name, row) for path in sorted((self.folder / entity).glob("*.jsonl"))
                        for row in map(_decode, path.read_bytes().splitlines())]  # fmt: skip
            except (OSError, msgspec.DecodeError) as error:
                found |= {s.key: Found(state="unreachable", message=str(error)) for s in mine}
                continue
            for step in mine:
                hits = [(n, r) for n, r in rows
                        if all(normal(c, r.get(c)) == normal(c, v)
                               for c, v in step.keys.items())]  # fmt: skip
                found[step.key] = Found(state="missing") if not hits else Found(
                    state="found", reference=hits[0][0], row=hits[0][1], more=len(hits) - 1
                )
        return found


def _plain(text: str) -> str:
    """A text as a part of a file's name, on any system."""
    return re.sub(r"[^A-Za-z0-9]+", "-", text)[:WORDS_MAX].strip("-")
