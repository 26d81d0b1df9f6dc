"""The schema's migrations, applied over DATABASE_URL and recorded as the Supabase CLI records them.

Either may follow the other: `supabase db push` finds what was applied here, and the reverse.
"""

import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path

import psycopg
from psycopg import errors

from domain.frozen import Frozen
from gateways.migration_files import (
    Migration,
    MigrationError,
    read_migrations,
    to_contract,
    to_expand,
)

TURN = 7_215_544_901
"""Any number, as long as every deploy takes the same."""

TURN_WITHIN = timedelta(minutes=2)
"""How long a deploy waits for another that is at work. Nobody else waits for either."""

LOCK_WITHIN = timedelta(milliseconds=300)
"""How long a migration asks for a lock of a table. Whoever comes after waits behind the asking."""

STATEMENT_WITHIN = timedelta(milliseconds=500)
"""How long one statement may hold what it locked. Both together are shorter than the second that
the lanes' lease has left when its next renewal begins to wait (`activities/lease.py`). A file that
has to take longer sets its own `statement_timeout`, and says why that blocks nobody."""

PAUSES = tuple(timedelta(seconds=seconds) for seconds in (0.2, 0.5, 1, 2, 4))
"""Between the tries for a lock, in which whoever waited gets what it waited for."""

_RECORD = """
create schema if not exists supabase_migrations;
create table if not exists supabase_migrations.schema_migrations (version text primary key);
alter table supabase_migrations.schema_migrations
  add column if not exists statements text[],
  add column if not exists name text,
  add column if not exists sha256 text;
"""

_RECORDED_COLUMNS = """
select count(*) from pg_catalog.pg_attribute
where attrelid = to_regclass('supabase_migrations.schema_migrations')
  and attname in ('version', 'statements', 'name', 'sha256')
"""

_Choice = Callable[[Sequence[Migration], dict[str, str | None]], list[Migration]]


class Schema(Frozen):
    """What was done to a database, by the names of the files."""

    applied: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()
    """Those that contract, until `finish_migrations`."""


def apply_migrations(database_url: str, folder: Path, *, unused: bool = False) -> Schema:
    """Apply what the database does not have yet of what expands.

    Each file is one transaction, so it is applied and recorded, or neither. Deploys that run
    at the same time take turns. It never blocks programs at work for longer than LOCK_WITHIN and
    STATEMENT_WITHIN: rather than that it gives up, and may be repeated.

    Args:
        database_url: as the owner of the schema.
        folder: with every migration of the release.
        unused: whether no program runs on the database, so that what contracts may go too where
            it stands in the way.

    Raises:
        MigrationError: no connection; a file's name; a file that changed after it was applied;
            the release before was not finished; a statement that the database refused; a lock
            that somebody holds.
    """

    def choose(migrations: Sequence[Migration], applied: dict[str, str | None]) -> list[Migration]:
        return to_expand(migrations, applied, unused=unused)

    return _bring(database_url, folder, choose)


def finish_migrations(database_url: str, folder: Path) -> Schema:
    """Apply what contracts, in the same way; only once no program of the release before runs.

    Raises:
        MigrationError: as `apply_migrations`.
    """
    return _bring(database_url, folder, to_contract)


def _bring(database_url: str, folder: Path, choose: _Choice) -> Schema:
    migrations = read_migrations(folder)
    try:
        with psycopg.connect(database_url, autocommit=True, connect_timeout=10) as connection:
            _prepare(connection)
            applied = _applied(connection)
            for migration in migrations:
                _check_unchanged(migration, applied)
            busy = bool(applied)
            chosen = choose(migrations, applied)
            done = [each for each in chosen if _apply(connection, each, busy=busy)]
    except psycopg.OperationalError as unreachable:
        raise MigrationError(
            "The database of DATABASE_URL did not answer as needed "
            f"({type(unreachable).__name__}). Check the address, the password, and that it runs."
        ) from unreachable
    left = [each for each in migrations if each.version not in applied and each not in chosen]
    return Schema(
        applied=tuple(each.file_name for each in done),
        waiting=tuple(each.file_name for each in left if each.contracts),
    )


def _prepare(connection: psycopg.Connection) -> None:
    with connection.transaction():
        _take_turn(connection)
        found = connection.execute(_RECORDED_COLUMNS).fetchone()
        # Only where something is missing: a backup reads this table, and would be waited for.
        if found is None or found[0] < 4:  # noqa: PLR2004 - the columns named there
            connection.execute(_RECORD)


def _take_turn(connection: psycopg.Connection) -> None:
    # Held to the end of this transaction only: a pooler may hand the next one to another
    # session, where a session's lock would be lost.
    _limit(connection, "lock_timeout", TURN_WITHIN)
    try:
        connection.execute("select pg_advisory_xact_lock(%s)", (TURN,))
    except errors.LockNotAvailable as waited:
        raise MigrationError(
            f"Another deploy is at work, for {TURN_WITHIN.total_seconds():.0f} s already. See how "
            "it does, then run this again."
        ) from waited


def _limit(connection: psycopg.Connection, name: str, longest: timedelta) -> None:
    milliseconds = round(longest / timedelta(milliseconds=1))
    connection.execute("select set_config(%s, %s, true)", (name, f"{milliseconds}ms"))


def _applied(connection: psycopg.Connection) -> dict[str, str | None]:
    query = "select version, sha256 from supabase_migrations.schema_migrations"
    return dict(connection.execute(query).fetchall())


def _apply(connection: psycopg.Connection, migration: Migration, *, busy: bool) -> bool:
    """Whether it was not there yet. `busy`: programs may be at work, and must not be blocked."""
    for pause in PAUSES:
        try:
            return _try(connection, migration, busy=busy)
        except errors.LockNotAvailable:
            time.sleep(pause.total_seconds())
    try:
        return _try(connection, migration, busy=busy)
    except errors.LockNotAvailable as held:
        raise MigrationError(
            f"{migration.file_name} needs a lock that somebody holds for long, and gave up so that "
            "nobody waits behind it. Nothing of it was applied. See whether a backup or a long "
            "query is at work (pg_stat_activity), and run the same command when it has ended."
        ) from held


def _try(connection: psycopg.Connection, migration: Migration, *, busy: bool) -> bool:
    with connection.transaction():
        _take_turn(connection)
        if migration.version in _applied(connection):
            return False
        if busy:
            _limit(connection, "lock_timeout", LOCK_WITHIN)
            _limit(connection, "statement_timeout", STATEMENT_WITHIN)
        _run(connection, migration)
        connection.execute(
            "insert into supabase_migrations.schema_migrations (version, name, statements, sha256)"
            " values (%s, %s, %s, %s)",
            (migration.version, migration.name, [migration.sql.decode()], migration.sha256),
        )
        # The data API reads the schema again.
        connection.execute("notify pgrst, 'reload schema'")
    return True


def _check_unchanged(migration: Migration, applied: dict[str, str | None]) -> None:
    # The Supabase CLI records no checksum: what it applied is taken as it stands.
    if applied.get(migration.version) not in (None, migration.sha256):
        raise MigrationError(
            f"{migration.file_name} was changed after it had been applied to this database. "
            "Restore the file, and put the change into a new migration."
        )


def _run(connection: psycopg.Connection, migration: Migration) -> None:
    try:
        connection.execute(migration.sql)
    except errors.LockNotAvailable:
        raise
    except errors.QueryCanceled as slow:
        raise MigrationError(
            f"{migration.file_name} takes longer than {STATEMENT_WITHIN.total_seconds():g} s, and "
            "programs could wait for it meanwhile: nothing of it was applied. Split it; or where "
            "it blocks nobody, have the file set its own statement_timeout."
        ) from slow
    except psycopg.Error as refused:
        position = int(refused.diag.statement_position or 0)
        line = migration.sql.decode()[: max(position - 1, 0)].count("\n") + 1
        where = f"line {line}" if position else "no line known"
        raise MigrationError(
            f"{migration.file_name} ({where}) was refused and nothing of it was applied: "
            f"{refused.diag.message_primary or type(refused).__name__} [{refused.sqlstate}]"
        ) from refused
