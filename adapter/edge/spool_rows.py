"""Rows of a large file into a scratch database, one by one."""

from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path

from adapter.edge.spool import RecordsOnDisk
from adapter.edge.spool_versions import FINDINGS_MAX
from adapter.reading.binding import TableBinding
from adapter.reading.decoder import Misfit
from adapter.reading.gathering import DIGEST_BYTES, DIGEST_SPAN, RowRead, RowsRead
from adapter.reading.rows import read_lines
from adapter.values.finding import Finding
from adapter.values.record import Record


def spool_rows(disk: RecordsOnDisk, binding: TableBinding, path: str, at: Path) -> RowsRead:
    """Read a JSON lines file into the database. Rows that need repair are kept as records.

    What stands in the file several times is settled as `gather` settles it in memory.
    """
    faults: dict[str, tuple[Finding, ...]] = {}
    found: list[Finding] = []
    repaired: dict[str, Record] = {}
    totals = {"rows": 0, "unreadable": 0, "digest": 0}

    def rows() -> Iterator[tuple[str, bytes, int]]:
        with at.open("rb") as file:
            for row in read_lines(binding, (line.removesuffix(b"\n") for line in file), path):
                totals["rows"] += 1
                digest = blake2b(row.raw, digest_size=DIGEST_BYTES).digest()
                totals["digest"] = (totals["digest"] + int.from_bytes(digest, "big")) % DIGEST_SPAN
                if row.record is None:
                    totals["unreadable"] += 1
                    found.extend(row.findings[: FINDINGS_MAX - len(found)])
                    continue
                if row.findings:
                    faults[row.record.id] = faults.get(row.record.id, ()) + row.findings
                    repaired[row.record.id] = row.record
                yield row.record.id, row.raw, row.line

    def again(raw: bytes, line: int) -> Iterator[RowRead]:
        return read_lines(binding, (raw,), path, line)

    def decode(raw: bytes) -> Record:
        try:
            return binding.decode(raw)
        except Misfit:  # it fits, value by value
            (row,) = read_lines(binding, (raw,), path)
            assert row.record is not None
            return row.record

    repeats = disk.load(binding.kind, decode, rows(), path, again, repaired, faults)
    found.extend(repeats)
    return RowsRead(
        records=[], faults={}, findings=tuple(found), unreadable=totals["unreadable"],
        rows=totals["rows"], digest=totals["digest"],
    )  # fmt: skip
