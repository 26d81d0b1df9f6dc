"""The state of one simulator: a SQLite file with one writer."""

import fcntl
import sqlite3
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias

SqlValue: TypeAlias = str | int | float | bytes | None


class StateFileBusy(Exception):
    """Another process serves this state file; stop it or name another file."""


def now_ms() -> float:
    """Wall time as epoch milliseconds with a fraction."""
    return time.time() * 1000


class Transaction:
    """One atomic change of the state.

    Attributes:
        now_ms: when the transaction got the write lock; every comparison with an opening
            inside it uses this one reading.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.now_ms = now_ms()

    def execute(self, sql: str, *values: SqlValue) -> int:
        """Change rows; returns how many were touched."""
        return self._connection.execute(sql, values).rowcount

    def insert(self, sql: str, *values: SqlValue) -> int:
        """Insert one row; returns its row id."""
        row_id = self._connection.execute(sql, values).lastrowid
        return row_id or 0

    def one(self, sql: str, *values: SqlValue) -> dict[str, Any] | None:
        """The first row, or None."""
        row = self._connection.execute(sql, values).fetchone()
        return None if row is None else dict(row)

    def all(self, sql: str, *values: SqlValue) -> list[dict[str, Any]]:
        """Every row."""
        return [dict(row) for row in self._connection.execute(sql, values)]

    @property
    def changes(self) -> int:
        """Rows changed through this connection so far; a difference tells whether work was done."""
        return self._connection.total_changes


class Store:
    """A SQLite file in WAL mode that survives a killed process.

    All access happens on the server's one thread, so transactions never overlap. A sibling
    `.lock` file keeps a second process out; the kernel frees it however the process ends.
    """

    def __init__(self, path: Path, schemas: Sequence[str]) -> None:
        """Open or create the file.

        Raises:
            StateFileBusy: another process holds it.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = path.with_name(path.name + ".lock").open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as held:
            self._lock.close()
            raise StateFileBusy(
                f"{path.name} is served by another process. Stop it, or name another file."
            ) from held
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("PRAGMA journal_mode = WAL")
        # A killed process loses nothing at NORMAL; only a power cut could lose the last commits.
        self._connection.execute("PRAGMA synchronous = NORMAL")
        for schema in schemas:
            self._connection.executescript(schema)

    @contextmanager
    def transaction(self) -> Generator[Transaction, None, None]:
        """Commits at the end of the block, or rolls back when it raises."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield Transaction(self._connection)
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def empty(self) -> None:
        """Delete every row of every table."""
        with self.transaction() as tx:
            tables = tx.all(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
            )
            for table in tables:
                tx.execute(f'DELETE FROM "{table["name"]}"')  # noqa: S608 - our own table names

    def close(self) -> None:
        """Release the file."""
        self._connection.close()
        self._lock.close()
