"""The schema's migrations, applied over DATABASE_URL and recorded as the Supabase CLI records them.

Either may follow the other: `supabase db push` finds what was applied here, and the reverse.
"""

import hashlib
import re
from itertools import pairwise
from pathlib import Path
from typing import Self

import psycopg

from domain.frozen import Frozen

FILE_NAME = re.compile(r"(?P<version>\d{14})_(?P<name>\w+)\.sql")

_LOCK = 7_215_544_901
"""Any number, as long as every deploy takes the same."""

_RECORD = """
create schema if not exists supabase_migrations;
create table if not exists supabase_migrations.schema_migrations (version text primary key);
alter table supabase_migrations.schema_migrations
  add column if not exists statements text[],
  add column if not exists name text,
  add column if not exists sha256 text;
"""


class MigrationError(Exception):
    """The schema could not be brought up to date. What was applied before stays applied."""


class Migration(Frozen):
    """One file of the migrations folder."""

    version: str
    """Fourteen digits, its time of writing; the order of application."""
    name: str
    sql: bytes

    @property
    def file_name(self) -> str:
        """As it lies in the folder."""
        return f"{self.version}_{self.name}.sql"

    @property
    def sha256(self) -> str:
        """Of the whole file."""
        return hashlib.sha256(self.sql).hexdigest()

    @classmethod
    def read(cls, file: Path) -> Self:
        """The migration in that file.

        Raises:
            MigrationError: the file's name is not `YYYYMMDDHHMMSS_name.sql`.
        """
        parts = FILE_NAME.fullmatch(file.name)
        if parts is None:
            raise MigrationError(
                f"{file.name} is not named like a migration. Call it YYYYMMDDHHMMSS_name.sql."
            )
        return cls(version=parts["version"], name=parts["name"], sql=file.read_bytes())


def read_migrations(folder: Path) -> tuple[Migration, ...]:
    """The folder's migrations, in order.

    Raises:
        MigrationError: a file is misnamed, or two have the same version.
    """
    migrations = tuple(Migration.read(file) for file in sorted(folder.glob("*.sql")))
    for earlier, later in pairwise(migrations):
        if earlier.version == later.version:
            raise MigrationError(
                f"{earlier.file_name} and {later.file_name} have the same version. "
                "Give one of them a later time."
            )
    return migrations


def apply_migrations(database_url: str, folder: Path) -> tuple[str, ...]:
    """Apply what the database does not have yet; returns the names of the files applied.

    Each file is one transaction, so it is applied and recorded, or neither. Deploys that run
    at the same time take turns.

    Raises:
        MigrationError: no connection; a file's name; a file that changed after it was applied;
            a statement that the database refused.
    """
    migrations = read_migrations(folder)
    try:
        with psycopg.connect(database_url, autocommit=True, connect_timeout=10) as connection:
            with connection.transaction():
                connection.execute("select pg_advisory_xact_lock(%s)", (_LOCK,))
                connection.execute(_RECORD)
            return tuple(
                migration.file_name for migration in migrations if _apply(connection, migration)
            )
    except psycopg.OperationalError as unreachable:
        raise MigrationError(
            "The database of DATABASE_URL did not answer as needed "
            f"({type(unreachable).__name__}). Check the address, the password, and that it runs."
        ) from unreachable


def _apply(connection: psycopg.Connection, migration: Migration) -> bool:
    with connection.transaction():
        # Held to the end of this transaction only: a pooler may hand the next one to another
        # session, where a session's lock would be lost.
        connection.execute("select pg_advisory_xact_lock(%s)", (_LOCK,))
        recorded = connection.execute(
            "select sha256 from supabase_migrations.schema_migrations where version = %s",
            (migration.version,),
        ).fetchone()
        if recorded is not None:
            _check_unchanged(migration, recorded[0])
            return False
        _run(connection, migration)
        connection.execute(
            "insert into supabase_migrations.schema_migrations (version, name, statements, sha256)"
            " values (%s, %s, %s, %s)",
            (migration.version, migration.name, [migration.sql.decode()], migration.sha256),
        )
        # The data API reads the schema again.
        connection.execute("notify pgrst, 'reload schema'")
    return True


def _check_unchanged(migration: Migration, applied_sha256: str | None) -> None:
    # The Supabase CLI records no checksum: what it applied is taken as it stands.
    if applied_sha256 not in (None, migration.sha256):
        raise MigrationError(
            f"{migration.file_name} was changed after it had been applied to this database. "
            "Restore the file, and put the change into a new migration."
        )


def _run(connection: psycopg.Connection, migration: Migration) -> None:
    try:
        connection.execute(migration.sql)
    except psycopg.Error as refused:
        position = int(refused.diag.statement_position or 0)
        line = migration.sql.decode()[: max(position - 1, 0)].count("\n") + 1
        where = f"line {line}" if position else "no line known"
        raise MigrationError(
            f"{migration.file_name} ({where}) was refused and nothing of it was applied: "
            f"{refused.diag.message_primary or type(refused).__name__} [{refused.sqlstate}]"
        ) from refused
