"""What is in a chunk, once it is open: rows as `COPY` writes them, table by table.

The same form as the data of a plain `pg_dump`, so that whoever has the key can put it back with
`psql` alone.
"""

import re
from collections import Counter
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from typing import NamedTuple

from domain.backup_errors import BackupDamaged
from gateways.sealed_backups.snapshot import Snapshot

CHUNK_BYTES = 4 * 2**20
"""Of rows, before compression: a chunk is held in memory whole, and sent in one request."""

_END = b"\\.\n"
"""The line that ends a table's rows: no row can be it, because a backslash in one is doubled."""

_COPY = re.compile(rb'COPY public\."(?P<table>\w+)" \([^\n]*\) FROM stdin;\n')


class Section(NamedTuple):
    """Rows of one table."""

    table: str
    rows: bytes

    @property
    def number(self) -> int:
        """How many: a line break in a value is written as two other signs."""
        return self.rows.count(b"\n")


class Packed(NamedTuple):
    """The content of one chunk, and how many rows of each table are in it."""

    content: bytes
    rows: dict[str, int]


EMPTY = Packed(b"", {})


def sections(content: bytes) -> Iterator[Section]:
    """The tables of a chunk, in order.

    Raises:
        BackupDamaged: it is not what `packed` makes.
    """
    at = 0
    while at < len(content):
        head = _COPY.match(content, at)
        # From the head's own line break on: a table's end may follow it at once.
        end = content.find(b"\n" + _END, head.end() - 1) if head else -1
        if head is None or end < 0:
            raise BackupDamaged("A chunk of the backup opens, and does not hold rows.")
        yield Section(head["table"].decode(), content[head.end() : end + 1])
        at = end + 1 + len(_END)


async def packed(snapshot: Snapshot, most: int) -> AsyncGenerator[Packed]:
    """Every row of the snapshot, in chunks of about `most` bytes; no row is ever cut."""
    chunk = _Chunk()
    for table in snapshot.tables:
        head = f'COPY public."{table.name}" ({_listed(table.columns)}) FROM stdin;\n'.encode()
        # Ended at once where nobody reads on: in the midst of a table the connection serves nobody.
        async with aclosing(snapshot.rows(table)) as rows:
            async for row in rows:
                chunk.add(table.name, head, row)
                if chunk.size >= most:
                    yield chunk.packed()
                    chunk = _Chunk()
    if chunk.size:
        yield chunk.packed()


def _listed(columns: tuple[str, ...]) -> str:
    return ", ".join(f'"{column}"' for column in columns)


class _Chunk:
    """A chunk that is being filled."""

    def __init__(self) -> None:
        self.size = 0
        self._pieces: list[bytes] = []
        self._rows = Counter[str]()
        self._table: str | None = None

    def add(self, table: str, head: bytes, row: bytes) -> None:
        if table != self._table:
            self._end()
            self._pieces.append(head)
            self._table = table
        self._pieces.append(row)
        self._rows[table] += 1
        self.size += len(row)

    def packed(self) -> Packed:
        self._end()
        return Packed(b"".join(self._pieces), dict(self._rows))

    def _end(self) -> None:
        if self._table is not None:
            self._pieces.append(_END)
        self._table = None
