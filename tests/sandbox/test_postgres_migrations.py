from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from gateways.postgres_migrations import MigrationError, apply_migrations
from sandbox.up import Stack

FIRST, SECOND = "20260101000000_first.sql", "20260102000000_second.sql"


@pytest.fixture
def database(stack: Stack) -> Iterator[str]:
    """The address of a database that nobody has touched."""
    name = f"fresh_{uuid4().hex}"
    url = stack.env["DATABASE_URL"]
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"create database {name}".encode())
        yield url.removesuffix("postgres") + name
        connection.execute(f"drop database {name} with (force)".encode())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / FIRST).write_text("create table public.a (n int);")
    (tmp_path / SECOND).write_text("insert into public.a values (1); insert into a values (2);")
    return tmp_path


def _all(url: str, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute(query.encode()).fetchall()


def test_every_file_is_applied_in_order_and_only_once(database: str, folder: Path) -> None:
    assert apply_migrations(database, folder) == (FIRST, SECOND)
    assert apply_migrations(database, folder) == ()
    assert _all(database, "select n from a order by n") == [(1,), (2,)]


def test_the_record_is_the_supabase_clis_own(database: str, folder: Path) -> None:
    apply_migrations(database, folder)
    query = "select version, name, statements from supabase_migrations.schema_migrations"
    assert _all(database, f"{query} order by version") == [
        ("20260101000000", "first", ["create table public.a (n int);"]),
        (
            "20260102000000",
            "second",
            ["insert into public.a values (1); insert into a values (2);"],
        ),
    ]


def test_what_the_cli_applied_is_not_applied_again(database: str, folder: Path) -> None:
    with psycopg.connect(database) as connection:
        connection.execute("create schema supabase_migrations")
        connection.execute(
            "create table supabase_migrations.schema_migrations"
            " (version text primary key, statements text[], name text)"
        )
        connection.execute(
            "insert into supabase_migrations.schema_migrations values"
            " ('20260101000000', array['create table public.a (n int)'], 'first')"
        )
        connection.execute("create table public.a (n int)")
    assert apply_migrations(database, folder) == (SECOND,)


def test_a_file_changed_after_it_was_applied_is_refused(database: str, folder: Path) -> None:
    apply_migrations(database, folder)
    (folder / FIRST).write_text("create table public.a (n bigint);")
    with pytest.raises(MigrationError, match=f"{FIRST} was changed after it had been applied"):
        apply_migrations(database, folder)


def test_a_refused_file_leaves_nothing_behind_and_is_named_with_its_line(
    database: str, folder: Path
) -> None:
    (folder / SECOND).write_text("create table public.b (n int);\n\nselect nonsense;\n")
    with pytest.raises(MigrationError, match=rf"{SECOND} \(line 3\) .* \[42703\]"):
        apply_migrations(database, folder)
    assert _all(database, "select to_regclass('public.a')::text, to_regclass('public.b')") == [
        ("a", None)
    ]
    (folder / SECOND).write_text("create table public.b (n int);")
    assert apply_migrations(database, folder) == (SECOND,)


def test_deploys_at_the_same_time_apply_each_file_once(database: str, folder: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        under_way = [pool.submit(apply_migrations, database, folder) for _ in range(4)]
        applied = [deploy.result(60) for deploy in under_way]
    assert sorted(name for names in applied for name in names) == [FIRST, SECOND]
    assert _all(database, "select count(*) from a") == [(2,)]


@pytest.mark.parametrize("name", ["first.sql", "2026_first.sql", "20260101000000-first.sql"])
def test_a_misnamed_file_is_refused_before_anything_is_applied(folder: Path, name: str) -> None:
    (folder / name).write_text("select 1;")
    with pytest.raises(MigrationError, match="is not named like a migration"):
        apply_migrations("postgresql://127.0.0.1:1/none", folder)


def test_two_files_of_one_version_are_refused(folder: Path) -> None:
    (folder / "20260101000000_again.sql").write_text("select 1;")
    with pytest.raises(MigrationError, match="have the same version"):
        apply_migrations("postgresql://127.0.0.1:1/none", folder)


def test_a_database_that_does_not_answer_is_told_without_its_password(folder: Path) -> None:
    with pytest.raises(MigrationError, match="did not answer") as refusal:
        apply_migrations("postgresql://postgres:hunter2@127.0.0.1:1/none", folder)
    assert "hunter2" not in str(refusal.value)
