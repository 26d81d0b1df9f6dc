import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from gateways import postgres_migrations
from gateways.migration_files import MigrationError
from gateways.postgres_migrations import Schema, apply_migrations, finish_migrations
from sandbox.up import Stack

FIRST, SECOND = "20260101000000_first.sql", "20260102000000_second.sql"
GONE, THIRD = "20260103000000_gone_post.sql", "20260104000000_third.sql"


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
    assert apply_migrations(database, folder).applied == (FIRST, SECOND)
    assert apply_migrations(database, folder) == Schema()
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
    assert apply_migrations(database, folder).applied == (SECOND,)


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
    assert apply_migrations(database, folder).applied == (SECOND,)


def test_deploys_at_the_same_time_apply_each_file_once(database: str, folder: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        under_way = [pool.submit(apply_migrations, database, folder) for _ in range(4)]
        applied = [deploy.result(60) for deploy in under_way]
    assert sorted(name for schema in applied for name in schema.applied) == [FIRST, SECOND]
    assert _all(database, "select count(*) from a") == [(2,)]


def test_what_contracts_waits_until_the_release_is_finished(database: str, folder: Path) -> None:
    (folder / GONE).write_text("alter table public.a rename to b;")
    assert apply_migrations(database, folder) == Schema(applied=(FIRST, SECOND), waiting=(GONE,))
    assert _all(database, "select count(*) from a") == [(2,)]
    assert finish_migrations(database, folder) == Schema(applied=(GONE,))
    assert finish_migrations(database, folder) == Schema()
    assert _all(database, "select count(*) from b") == [(2,)]


def test_the_next_release_begins_where_the_one_before_was_finished(
    database: str, folder: Path
) -> None:
    (folder / GONE).write_text("alter table public.a rename to b;")
    apply_migrations(database, folder)
    (folder / THIRD).write_text("insert into public.b values (3);")

    with pytest.raises(MigrationError, match=rf"not finished: {GONE}.*Nothing was applied"):
        apply_migrations(database, folder)
    assert finish_migrations(database, folder).applied == (GONE,)
    assert apply_migrations(database, folder).applied == (THIRD,)


def test_a_new_database_gets_every_file_in_its_order_but_for_the_last_that_contract(
    database: str, folder: Path
) -> None:
    (folder / GONE).write_text("alter table public.a rename to b;")
    (folder / THIRD).write_text("insert into public.b values (3);")
    last = "20260105000000_last_post.sql"
    (folder / last).write_text("delete from public.b where n = 3;")
    done = apply_migrations(database, folder)
    assert done == Schema(applied=(FIRST, SECOND, GONE, THIRD), waiting=(last,))


def test_a_release_before_leaves_what_a_newer_one_applied(database: str, folder: Path) -> None:
    apply_migrations(database, folder)
    (folder / SECOND).unlink()
    assert apply_migrations(database, folder) == Schema()
    assert finish_migrations(database, folder) == Schema()


def test_a_table_that_somebody_reads_for_long_is_asked_for_without_anybody_waiting_behind(
    database: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Postgres queues whoever comes later behind a lock that is only asked for."""
    monkeypatch.setattr(postgres_migrations, "PAUSES", (timedelta(seconds=0.2),) * 3)
    apply_migrations(database, folder)
    (folder / THIRD).write_text("alter table public.a add column m int;")
    given_up = threading.Event()
    asked = 0

    def deploy() -> None:
        try:
            apply_migrations(database, folder)
        finally:
            given_up.set()

    with psycopg.connect(database) as reader, ThreadPoolExecutor(1) as pool:
        reader.execute("select count(*) from public.a")
        deploying = pool.submit(deploy)
        with psycopg.connect(database, autocommit=True) as booking:
            booking.execute("set lock_timeout = '1s'")
            while not given_up.is_set():
                booking.execute("select count(*) from public.a")
                asked += 1
        with pytest.raises(MigrationError, match=rf"{THIRD} needs a lock .* nobody waits behind"):
            deploying.result(30)
        assert asked
    assert apply_migrations(database, folder).applied == (THIRD,)


def test_a_lock_that_is_given_back_in_time_is_taken(database: str, folder: Path) -> None:
    apply_migrations(database, folder)
    (folder / THIRD).write_text("alter table public.a add column m int;")
    refused = threading.Event()

    def sleep_until_it_is_free(_: float) -> None:
        refused.set()
        reader.rollback()

    with psycopg.connect(database) as reader, pytest.MonkeyPatch.context() as patch:
        patch.setattr(postgres_migrations.time, "sleep", sleep_until_it_is_free)
        reader.execute("select count(*) from public.a")
        assert apply_migrations(database, folder).applied == (THIRD,)
    assert refused.is_set()


def test_a_statement_that_takes_long_is_given_up_unless_its_file_allows_for_it(
    database: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_migrations, "STATEMENT_WITHIN", timedelta(milliseconds=100))
    apply_migrations(database, folder)
    slow = "alter table public.a add column m int; select pg_sleep(0.3);"
    (folder / THIRD).write_text(slow)
    with pytest.raises(MigrationError, match=f"{THIRD} takes longer than 0.1 s"):
        apply_migrations(database, folder)
    (folder / THIRD).write_text(f"set local statement_timeout = '1min'; {slow}")
    assert apply_migrations(database, folder).applied == (THIRD,)


def test_a_deploy_that_is_at_work_for_long_is_told_of(
    database: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_migrations, "TURN_WITHIN", timedelta(milliseconds=100))
    with psycopg.connect(database) as other:
        other.execute("select pg_advisory_xact_lock(%s)", (postgres_migrations.TURN,))
        with pytest.raises(MigrationError, match="Another deploy is at work"):
            apply_migrations(database, folder)


def test_a_deploy_with_nothing_to_do_waits_for_no_backup(database: str, folder: Path) -> None:
    apply_migrations(database, folder)
    with psycopg.connect(database) as backup:
        backup.execute("select version from supabase_migrations.schema_migrations")
        assert apply_migrations(database, folder) == Schema()


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
