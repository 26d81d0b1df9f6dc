"""A backup put into an empty database: all of it, or nothing."""

from collections.abc import Iterator

import psycopg
import pytest
from pydantic import SecretStr

from domain.backup_errors import BackupDamaged, BackupUnavailable, RestoreRefused
from gateways.sealed_backups.restoring import FILLED_BY_MIGRATIONS
from gateways.sealed_backups.snapshot import ROLE
from sandbox.up import Stack
from tests.gateways.full_database import ERASED, PutBack, an_empty_database, digest, rows, tables


@pytest.fixture(scope="module")
def another(embedded_stack: Stack) -> Iterator[str]:
    """A further database, which stays empty."""
    with an_empty_database(embedded_stack) as url:
        yield url


def holding(url: str, mark: str) -> set[str]:
    """The tables with a row in which that stands."""
    like = "select exists (select from public.{} as t where t::text like %s)"
    return {
        table for table in tables(url) if rows(url, like.format(table), f"%{mark}%") == [(True,)]
    }


def test_who_was_erased_since_the_backup_is_erased_again_before_anybody_can_look(
    backup_put_back: PutBack,
) -> None:
    found = backup_put_back
    target = found.databases.target
    assert (found.restored.erased, found.restored.unerased) == (1, 0)
    assert holding(target, ERASED) == holding(found.databases.source, ERASED) == set()
    known = "select user_id, asked_at, began_at, erased_at is not null from erasures"
    assert rows(target, known) == rows(found.databases.source, known)
    assert digest(target, "guardians") == digest(found.databases.source, "guardians")


def filled(url: str) -> set[str]:
    return {table for table in tables(url) if digest(url, table)[0]}


def test_what_is_restored_books_nothing_until_it_is_reconciled(backup_put_back: PutBack) -> None:
    target = backup_put_back.databases.target
    ((since, because, taken_at, reconciled),) = rows(
        target,
        "select bookings_paused_since, paused_because, backup_taken_at, reconciled_at"
        " from service_state",
    )
    assert since is not None
    assert "starter.py restored" in because
    assert taken_at == backup_put_back.written.taken_at
    assert reconciled is None
    # What is numbered by the database goes on after what was restored.
    kinds = rows(target, "select kind from service_events order by place")
    assert [kind for (kind,) in kinds] == ["paused", "restored"]


@pytest.mark.parametrize(
    ("statement", "sqlstate"),
    [
        ("delete from service_events", "PT422"),
        ("update identities set user_id = gen_random_uuid()", "23503"),
        ("insert into guardians select * from guardians limit 1", "23505"),
    ],
    ids=["a trigger", "a foreign key", "a unique key"],
)
def test_the_rules_hold_again_once_it_is_restored(
    backup_put_back: PutBack, statement: str, sqlstate: str
) -> None:
    with pytest.raises(psycopg.Error) as refused:
        rows(backup_put_back.databases.target, statement)
    assert refused.value.sqlstate == sqlstate


async def test_nothing_is_put_into_a_database_that_holds_rows(backup_put_back: PutBack) -> None:
    target = backup_put_back.databases.target
    before = digest(target, "children")
    with pytest.raises(RestoreRefused, match="not empty"):
        await backup_put_back.archive.restore(backup_put_back.written.place, SecretStr(target))
    assert digest(target, "children") == before


async def test_a_flipped_byte_is_found_and_nothing_is_put_back(
    backup_put_back: PutBack, another: str
) -> None:
    place, archive = backup_put_back.written.place, backup_put_back.archive
    last = max((backup_put_back.folder / place).glob("*.chunk"))
    whole = last.read_bytes()
    flipped = bytearray(whole)
    flipped[len(flipped) // 2] ^= 1
    last.write_bytes(flipped)
    try:
        with pytest.raises(BackupDamaged, match="its checksum"):
            await archive.verify(place)
        with pytest.raises(BackupDamaged):
            await archive.restore(place, SecretStr(another))
    finally:
        last.write_bytes(whole)
    assert filled(another) == FILLED_BY_MIGRATIONS
    assert rows(another, "select bookings_paused_since from service_state") == [(None,)]


async def test_a_database_with_another_schema_takes_no_backup(
    backup_put_back: PutBack, another: str
) -> None:
    versions = "supabase_migrations.schema_migrations"
    ((newest,),) = rows(another, f"select max(version) from {versions}")  # noqa: S608 - our own words
    renamed = f"update {versions} set version = %s where version = %s returning version"  # noqa: S608 - likewise
    rows(another, renamed, "9", newest)
    try:
        with pytest.raises(RestoreRefused, match=f"it lacks {newest}, and has 9 that"):
            await backup_put_back.archive.restore(backup_put_back.written.place, SecretStr(another))
    finally:
        rows(another, renamed, newest, "9")
    assert filled(another) == FILLED_BY_MIGRATIONS


async def test_only_the_owner_of_the_schema_puts_a_backup_back(
    backup_put_back: PutBack, another: str
) -> None:
    name = another.rpartition("/")[2]
    assert backup_put_back.databases.stack.cluster is not None
    login = backup_put_back.databases.stack.cluster.url(ROLE).removesuffix("postgres") + name
    with pytest.raises(RestoreRefused, match="the owner of the schema"):
        await backup_put_back.archive.restore(backup_put_back.written.place, SecretStr(login))


async def test_a_database_that_does_not_answer_is_told_without_its_password(
    backup_put_back: PutBack,
) -> None:
    nobody = SecretStr("postgresql://postgres:hunter2@127.0.0.1:1/postgres")
    with pytest.raises(BackupUnavailable) as told:
        await backup_put_back.archive.restore(backup_put_back.written.place, nobody)
    assert "hunter2" not in str(told.value)
