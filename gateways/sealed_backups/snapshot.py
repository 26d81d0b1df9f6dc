"""The database as it was at one instant, while others go on writing."""

from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime
from typing import Any, NamedTuple, Protocol

import psycopg
from psycopg import IsolationLevel, errors, sql
from pydantic import SecretStr

from domain.backup_errors import BackupMisconfigured, BackupUnavailable

ROLE = "signupassist_backup"
"""The one role that a backup is read as: it reads every row, and does nothing else."""

PLAIN_VALUES = (
    # How values are written must not depend on a setting of the login, here or at the restore.
    "set local datestyle = 'ISO'; set local intervalstyle = 'postgres'; "
    "set local extra_float_digits = 3; "
    # An export takes as long as it takes.
    "set local statement_timeout = 0; set local idle_in_transaction_session_timeout = 0"
)

CONNECT_SECONDS = 10

_TABLES = """
select relation.relname::text, array_agg(kept.attname::text order by kept.attnum)
from pg_catalog.pg_class as relation
join pg_catalog.pg_attribute as kept on kept.attrelid = relation.oid
where relation.relnamespace = 'public'::regnamespace and relation.relkind = 'r'
  and kept.attnum > 0 and not kept.attisdropped and kept.attgenerated = ''
group by relation.relname order by relation.relname
"""

MIGRATIONS = "select version from supabase_migrations.schema_migrations order by version"


class TableShape(NamedTuple):
    """A table and those of its columns that hold what was written into it."""

    name: str
    columns: tuple[str, ...]


class Snapshot(Protocol):
    """Everything as it was at one instant."""

    @property
    def taken_at(self) -> datetime:
        """By the database's clock: whatever was committed later is not in it."""
        ...

    @property
    def migrations(self) -> tuple[str, ...]:
        """The versions applied."""
        ...

    @property
    def tables(self) -> tuple[TableShape, ...]:
        """Every table, by name."""
        ...

    def rows(self, table: TableShape) -> AsyncGenerator[bytes]:
        """Its rows, each a line as `COPY` writes it."""
        ...


class Source(Protocol):
    """A database that can be looked at as it is at one instant."""

    async def check(self) -> None:
        """Look whether it could be.

        Raises:
            BackupUnavailable: not now; BackupMisconfigured: not as this login.
        """
        ...

    def snapshot(self) -> AbstractAsyncContextManager[Snapshot]:
        """As it is now, until the end of the block. Raises likewise, also while it is read."""
        ...


class PostgresSource:
    """Postgres itself, read as ROLE in one transaction, REPEATABLE READ and READ ONLY.

    Args of construction:
        database_url: as that role.
    """

    def __init__(self, database_url: SecretStr) -> None:
        self._database_url = database_url

    async def check(self) -> None:
        async with self.snapshot():
            pass

    @asynccontextmanager
    async def snapshot(self) -> AsyncGenerator[Snapshot]:
        try:
            connection = await psycopg.AsyncConnection.connect(
                self._database_url.get_secret_value(),
                autocommit=True,
                connect_timeout=CONNECT_SECONDS,
                client_encoding="utf8",
                application_name="signupassist backup",
            )
            async with connection:
                await connection.set_isolation_level(IsolationLevel.REPEATABLE_READ)
                await connection.set_read_only(True)
                async with connection.transaction():
                    yield await _opened(connection)
        except psycopg.Error as failure:
            # Not chained: its words may quote a password or a row.
            raise _translated(failure) from None


class _PostgresSnapshot(NamedTuple):
    connection: psycopg.AsyncConnection
    taken_at: datetime
    migrations: tuple[str, ...]
    tables: tuple[TableShape, ...]

    async def rows(self, table: TableShape) -> AsyncGenerator[bytes]:
        export = sql.SQL("copy public.{} ({}) to stdout").format(
            sql.Identifier(table.name), sql.SQL(", ").join(map(sql.Identifier, table.columns))
        )
        async with self.connection.cursor() as cursor, cursor.copy(export) as copy:
            async for row in copy:
                yield bytes(row)


async def _opened(connection: psycopg.AsyncConnection) -> Snapshot:
    await connection.execute(PLAIN_VALUES)
    # Rather no backup than one that lacks the rows which a policy hides.
    await connection.execute("set local row_security = off")
    # The transaction's time is before its picture, which the first look into a table takes.
    ((who, taken_at),) = await _all(connection, "select session_user, transaction_timestamp()")
    if who != ROLE:
        raise BackupMisconfigured(
            f"DATABASE_URL logs in as another than {ROLE}, the one role that backups are read as. "
            "Give the worker that login: see Backups in docs/operations.md."
        )
    tables = await _all(connection, _TABLES)
    migrations = await _all(connection, MIGRATIONS)
    return _PostgresSnapshot(
        connection,
        taken_at,
        tuple(version for (version,) in migrations),
        tuple(TableShape(name, tuple(columns)) for name, columns in tables),
    )


async def _all(connection: psycopg.AsyncConnection, query: str) -> list[tuple[Any, ...]]:
    cursor = await connection.execute(query.encode())
    return await cursor.fetchall()


def _translated(failure: psycopg.Error) -> BackupUnavailable:
    if isinstance(failure, errors.InsufficientPrivilege | errors.UndefinedTable):
        return BackupMisconfigured(
            f"The database does not let {ROLE} read all that a backup needs "
            f"({failure.sqlstate}). Was `python starter.py deploy` run for this release?"
        )
    return BackupUnavailable(
        f"The database of DATABASE_URL did not answer as needed ({type(failure).__name__}). "
        "Check the address, the password, and that it runs."
    )
