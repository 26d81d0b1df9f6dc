"""The role that backups are read as: it reads every row, and can do nothing else."""

from collections.abc import Iterator

import psycopg
import pytest
from psycopg import errors, sql

from gateways.sealed_backups.snapshot import ROLE
from sandbox.up import Stack
from tests.database.door import Database, Door, refused
from tests.database.family import Family
from tests.database.rights import API_ROLES, TABLES


@pytest.fixture(scope="module")
def reader(embedded_stack: Stack) -> Iterator[psycopg.Connection]:
    assert embedded_stack.cluster is not None
    with psycopg.connect(embedded_stack.cluster.url(ROLE), autocommit=True) as connection:
        yield connection


def _asked(connection: psycopg.Connection, statement: str, table: str) -> psycopg.Cursor:
    return connection.execute(sql.SQL(statement).format(sql.Identifier(table)))  # pyright: ignore[reportArgumentType]  # our own words


def test_it_reads_every_row_of_every_table(
    reader: psycopg.Connection, database: Database, family: Family
) -> None:
    family.pending()
    for table in TABLES:
        count = "select count(*) from public.{}"
        seen = _asked(reader, count, table).fetchone()
        assert seen == database.rows(count.format(table))[0], table
    assert reader.execute("select version from supabase_migrations.schema_migrations").fetchall()


def test_a_table_that_is_made_later_is_readable_too(
    reader: psycopg.Connection, database: Database
) -> None:
    with database.session("postgres") as rows:
        rows.run("create table public.made_later (id int)")
    try:
        assert reader.execute("select * from public.made_later").fetchall() == []
    finally:
        with database.session("postgres") as rows:
            rows.run("drop table public.made_later")


@pytest.mark.parametrize(
    "statement",
    [
        "insert into public.{} default values",
        "delete from public.{}",
        "truncate public.{}",
    ],
)
@pytest.mark.parametrize("read_only", ["on", "off"])
def test_it_changes_nothing_whatever_it_sets(
    reader: psycopg.Connection, statement: str, read_only: str
) -> None:
    reader.execute(f"set default_transaction_read_only = {read_only}".encode())
    for table in TABLES:
        with pytest.raises((errors.InsufficientPrivilege, errors.ReadOnlySqlTransaction)):
            _asked(reader, statement, table)


def test_it_calls_nothing_of_ours_and_becomes_nobody_else(
    reader: psycopg.Connection, database: Database
) -> None:
    callable_ = database.rows(
        "select oid::regprocedure::text from pg_proc"
        " where pronamespace in ('public'::regnamespace, 'app'::regnamespace)"
        " and has_function_privilege(%s, oid, 'execute')",
        ROLE,
    )
    assert callable_ == []
    for role in ("postgres", *API_ROLES):
        with pytest.raises(errors.InsufficientPrivilege):
            reader.execute(sql.SQL("set role {}").format(sql.Identifier(role)))
    reads = "select has_schema_privilege(%s, 'app', 'usage')"
    assert database.rows(reads, ROLE) == [(False,)]


def test_the_data_api_cannot_become_it(database: Database) -> None:
    members = "select pg_has_role('authenticator', %s, 'member')"
    assert database.rows(members, ROLE) == [(False,)]


KEEP = {"last": 1, "daily": 1, "weekly": 1, "monthly": 1}
SCHEDULE: dict[str, object] = {
    "name": "refused",
    "every": "PT1H",
    "next_due_at": "2026-12-01T03:00:00Z",
    "enabled": True,
    "keep": KEEP,
}


@pytest.mark.parametrize(
    "change",
    [
        {"name": "Nightly"},
        {"every": "PT30S"},
        {"keep": {**KEEP, "last": 5_000}},
        {"next_due_at": None},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_schedule_that_cannot_be_is_refused_by_a_rule(
    door: Door, change: dict[str, object]
) -> None:
    with refused("PT422", "invalid_schedule"):
        door.call("save_backup_schedule", schedule={**SCHEDULE, **change})
