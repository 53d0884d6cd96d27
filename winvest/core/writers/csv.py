"""CSV streamed from PostgreSQL's COPY: constant memory, CRLF ends, hashed on the way."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import psycopg
from psycopg import sql

BUFFER = 256 * 1024

# COPY quotes a value that equals its null marker: no cell is ever that.
COPY_OUT = sql.SQL(
    "COPY ({query}) TO STDOUT (FORMAT csv, DELIMITER ';', NULL '\x02null\x02', ENCODING 'UTF8')"
)


@dataclass(slots=True)
class CrlfRows:
    """COPY ends its rows with LF; Annexe F wants CRLF, and leaves LF inside quotes alone."""

    rows: int = 0
    _quoted: bool = False

    def convert(self, block: bytes) -> bytes:
        """Return the next bytes of the stream with CRLF ends, and count the rows they end."""
        parts = block.split(b'"')
        for index, part in enumerate(parts):
            if not self._quoted:
                self.rows += part.count(b"\n")
                parts[index] = part.replace(b"\n", b"\r\n")
            self._quoted = not self._quoted
        self._quoted = not self._quoted
        return b'"'.join(parts)


@dataclass(slots=True)
class _HashedFile:
    file: BinaryIO
    digest: Any = field(default_factory=hashlib.sha256)

    def write(self, block: bytes) -> None:
        self.digest.update(block)
        self.file.write(block)


def write_csv(
    path: Path,
    reader: psycopg.Connection[Any],
    query: sql.Composable,
    params: Mapping[str, object] | Sequence[object],
    *,
    header: bytes,
    advance: Callable[[int], None],
) -> str:
    """Write `header` and the rows of `query` to `path`; return the file's SHA-256.

    `query` gives text columns, already formatted. `advance` is told the rows written so far and
    may raise to stop.
    """
    ends = CrlfRows()
    with path.open("wb") as file, reader.cursor() as cursor:
        out = _HashedFile(file)
        out.write(header)
        buffer = bytearray()
        with cursor.copy(COPY_OUT.format(query=query), params) as copy:
            for block in copy:
                buffer += block
                if len(buffer) >= BUFFER:
                    out.write(ends.convert(bytes(buffer)))
                    buffer.clear()
                    advance(ends.rows)
        out.write(ends.convert(bytes(buffer)))
    return str(out.digest.hexdigest())
