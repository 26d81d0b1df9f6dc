"""A backup put into an empty database: all of it or nothing, with bookings paused there."""

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from typing import Any

import psycopg
from psycopg import errors, sql
from psycopg.types.json import Jsonb
from pydantic import SecretStr

from domain.backup_errors import BackupUnavailable, RestoreRefused
from domain.backups import RestoredBackup
from domain.erasures import Erasure
from gateways.sealed_backups.content import Section
from gateways.sealed_backups.manifest import Manifest, Table
from gateways.sealed_backups.snapshot import CONNECT_SECONDS, MIGRATIONS, PLAIN_VALUES

FILLED_BY_MIGRATIONS = frozenset({"backup_schedules", "service_state"})
"""Tables that hold rows before anybody used the service: replaced by the backup's."""

BECAUSE = "restored from a backup: run `python starter.py restored`"

_REAPPLY_KNOWN = "select to_regprocedure('public.reapply_erasure(jsonb)') is not null"
"""Not to a schema of a release that erased nobody."""

_COUNTERS = """
select relation.relname::text, kept.attname::text,
  pg_get_serial_sequence(format('public.%I', relation.relname), kept.attname)
from pg_catalog.pg_attribute as kept
join pg_catalog.pg_class as relation on relation.oid = kept.attrelid
where relation.relnamespace = 'public'::regnamespace and relation.relkind = 'r'
  and kept.attidentity <> '' and not kept.attisdropped
"""


async def restore_into(
    database_url: SecretStr,
    manifest: Manifest,
    rows: AsyncIterator[Section],
    erasures: Sequence[Erasure] = (),
) -> RestoredBackup:
    """Put the rows into that database, in one transaction, and erase again who was erased since.

    Neither triggers nor foreign keys are asked: the rows are of one instant at which they held,
    and a trigger would write what the backup has already. Nobody ever sees the erased in it.

    Raises:
        RestoreRefused: it has another schema, holds rows, or does not take these.
        BackupUnavailable: it did not answer.
        BackupError: whatever reading the rows ends in; then nothing was put back.
    """
    try:
        connection = await psycopg.AsyncConnection.connect(
            database_url.get_secret_value(),
            autocommit=True,
            connect_timeout=CONNECT_SECONDS,
            client_encoding="utf8",
            application_name="signupassist restore",
        )
        async with connection, connection.transaction():
            await connection.execute(PLAIN_VALUES)
            await _check_schema(connection, manifest)
            await _check_empty(connection, manifest)
            await connection.execute("set local session_replication_role = replica")
            for name in FILLED_BY_MIGRATIONS & {table.name for table in manifest.tables}:
                await connection.execute(
                    sql.SQL("delete from public.{}").format(sql.Identifier(name))
                )
            await _fill(connection, manifest, rows)
            await _set_counters(connection)
            await connection.execute("set local session_replication_role = origin")
            erased, unerased = await _erased_again(connection, erasures)
            await connection.execute(
                "select public.pause_bookings(%s, %s)", (BECAUSE, manifest.taken_at)
            )
    except psycopg.OperationalError as failure:
        raise BackupUnavailable(
            "The database of DATABASE_URL did not answer as needed "
            f"({type(failure).__name__}). Nothing was put back."
        ) from None
    except errors.InsufficientPrivilege:
        raise RestoreRefused(
            "The user of DATABASE_URL may not put a backup back: it takes the owner of the schema. "
            "Nothing was put back."
        ) from None
    except psycopg.Error as refused:
        # Not chained: Postgres' own words quote a row.
        raise RestoreRefused(
            f"The database did not take the backup ({refused.sqlstate}). Nothing was put back."
        ) from None
    return RestoredBackup(
        place=manifest.header.place,
        taken_at=manifest.taken_at,
        rows=manifest.written.rows,
        tables=len(manifest.tables),
        erased=erased,
        unerased=unerased,
    )


async def _check_schema(connection: psycopg.AsyncConnection, manifest: Manifest) -> None:
    try:
        async with connection.transaction():
            found = [version for (version,) in await _all(connection, MIGRATIONS)]
    except errors.UndefinedTable:
        found = []
    wanted = list(manifest.migrations)
    if found != wanted:
        missing = sorted(set(wanted) - set(found))
        newer = sorted(set(found) - set(wanted))
        raise RestoreRefused(
            "The database has not the schema of the backup: it lacks "
            f"{', '.join(missing) or 'no migration'}, and has {', '.join(newer) or 'none'} that "
            f"the backup does not know. Run `python starter.py deploy` of the release whose last "
            f"migration is {wanted[-1] if wanted else 'none'}, on a new database."
        )


async def _check_empty(connection: psycopg.AsyncConnection, manifest: Manifest) -> None:
    for table in manifest.tables:
        if table.name in FILLED_BY_MIGRATIONS:
            continue
        query = sql.SQL("select exists (select from public.{})").format(sql.Identifier(table.name))
        ((filled,),) = await _all(connection, query)
        if filled:
            raise RestoreRefused(
                f"The database is not empty: {table.name} holds rows. A backup is put into a new "
                "database, and overwrites nothing."
            )


async def _fill(
    connection: psycopg.AsyncConnection, manifest: Manifest, rows: AsyncIterator[Section]
) -> None:
    tables = {table.name: table for table in manifest.tables}
    async for section in rows:
        table = tables.get(section.table)
        if table is None:
            raise RestoreRefused(f"The backup has rows of {section.table}, and no such table.")
        async with connection.cursor() as cursor, cursor.copy(_copy_into(table)) as copy:
            await copy.write(section.rows)
    counted = Counter[str]()
    for name in tables:
        query = sql.SQL("select count(*) from public.{}").format(sql.Identifier(name))
        ((counted[name],),) = await _all(connection, query)
    unlike = [name for name, table in tables.items() if counted[name] != table.rows]
    if unlike:
        raise RestoreRefused(f"Not all rows arrived in {', '.join(unlike)}. Nothing was put back.")


def _copy_into(table: Table) -> sql.Composed:
    columns = sql.SQL(", ").join(map(sql.Identifier, table.columns))
    return sql.SQL("copy public.{} ({}) from stdin").format(sql.Identifier(table.name), columns)


async def _set_counters(connection: psycopg.AsyncConnection) -> None:
    """What is numbered next comes after what is there."""
    for table, column, sequence in await _all(connection, _COUNTERS):
        query = sql.SQL("select setval(%s, coalesce(max({}), 0) + 1, false) from public.{}").format(
            sql.Identifier(column), sql.Identifier(table)
        )
        await connection.execute(query, (sequence,))


async def _erased_again(
    connection: psycopg.AsyncConnection, erasures: Sequence[Erasure]
) -> tuple[int, int]:
    """How many the backup still had as they were; and of how many it has no means to be rid."""
    ((known,),) = await _all(connection, _REAPPLY_KNOWN)
    if not known:
        return 0, sum(one.began_at is not None for one in erasures)
    again = 0
    for one in erasures:
        cursor = await connection.execute(
            "select public.reapply_erasure(%s)", (Jsonb(one.model_dump(mode="json")),)
        )
        found = await cursor.fetchone()
        if one.began_at is not None and found is not None and found[0] is not None:
            again += 1
    return again, 0


async def _all(
    connection: psycopg.AsyncConnection, query: str | sql.Composed
) -> list[tuple[Any, ...]]:
    asked = query.encode() if isinstance(query, str) else query
    cursor = await connection.execute(asked)
    return await cursor.fetchall()
