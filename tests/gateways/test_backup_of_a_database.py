"""A real database, backed up while it is written to."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from pydantic import SecretStr

from domain.backup_errors import BackupMisconfigured, BackupUnavailable
from gateways.sealed_backups import FolderTarget, PostgresSource, SealedBackups
from gateways.sealed_backups.snapshot import ROLE
from sandbox.postgres.cluster import SUPERUSER
from tests.backups import NEW, backup_keys, due
from tests.gateways.full_database import (
    FAMILIES,
    WRITERS,
    Databases,
    PutBack,
    digest,
    rows,
    tables,
)

WRITTEN_TO = ("identities", "user_profiles")
"""In this order they are exported: the second as of later, if it were not of one instant."""
TAKEN_AND_GIVEN = ("revoke select on looks from", "grant select on looks to")
MARKED = ("service_state", "service_events", "erasures")
"""Where the restore is noted, and when somebody was erased again."""


async def test_a_hundred_thousand_rows_written_to_all_the_while_come_back_equal(
    backup_put_back: PutBack,
) -> None:
    found = backup_put_back
    source, target = found.databases.source, found.databases.target
    assert found.written.rows >= 100_000
    assert found.written.chunks > 1
    assert (found.restored.rows, found.restored.tables) == (found.written.rows, len(tables(source)))
    for table in tables(source):
        if table not in (*WRITTEN_TO, *MARKED):
            assert digest(target, table) == digest(source, table), table
    # Of what was written meanwhile: all that was committed by one instant, and nothing after it.
    writers = rows(
        target, "select issuer, count(*), max(subject::int) + 1 from identities group by issuer"
    )
    assert len(writers) == WRITERS
    assert all(count == following for _, count, following in writers)
    many = sum(count for _, count, _ in writers)
    assert found.before <= many < found.after
    whole = "select count(*) from identities join user_profiles using (user_id)"
    assert rows(target, whole) == [(many,)]
    assert digest(target, "user_profiles")[0] == FAMILIES + 1 + many
    known = rows(target, "select issuer, subject from identities")
    for issuer, subject in known[:: max(many // 20, 1)]:
        same = "select t::text from identities t where issuer = %s and subject = %s"
        assert rows(target, same, issuer, subject) == rows(source, same, issuer, subject)


async def refused(databases: Databases, folder: Path, why: str, role: str = ROLE) -> None:
    with pytest.raises(BackupMisconfigured, match=why):
        await databases.archive(folder, role).write(due())
    assert list(folder.rglob("manifest.jsonl")) == []


@contextmanager
def changed(url: str, change: str, back: str) -> Generator[None]:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(change.encode())
        try:
            yield
        finally:
            connection.execute(back.encode())


@pytest.mark.parametrize("role", ["postgres", SUPERUSER])
async def test_no_other_login_reads_for_a_backup(
    two_databases: Databases, tmp_path: Path, role: str
) -> None:
    await refused(two_databases, tmp_path, f"logs in as another than {ROLE}", role)


async def test_a_table_that_may_not_be_read_is_an_error_and_not_left_out(
    two_databases: Databases, tmp_path: Path
) -> None:
    url = two_databases.source
    taken, given = (f"{what} {ROLE}" for what in TAKEN_AND_GIVEN)
    with changed(url, taken, given):
        await refused(two_databases, tmp_path, f"does not let {ROLE} read all")


async def test_rows_that_a_policy_would_hide_are_an_error_and_not_left_out(
    two_databases: Databases, tmp_path: Path
) -> None:
    url = two_databases.url(0, SUPERUSER)
    with changed(url, f"alter role {ROLE} nobypassrls", f"alter role {ROLE} bypassrls"):
        await refused(two_databases, tmp_path, f"does not let {ROLE} read all")


async def test_a_database_that_does_not_answer_is_told_without_its_password(
    tmp_path: Path,
) -> None:
    source = PostgresSource(SecretStr(f"postgresql://{ROLE}:hunter2@127.0.0.1:1/postgres"))
    with pytest.raises(BackupUnavailable) as told:
        await SealedBackups(FolderTarget(tmp_path), backup_keys(NEW), source).write(due())
    assert "hunter2" not in str(told.value)


async def test_a_connection_that_is_lost_in_the_midst_leaves_no_backup(
    two_databases: Databases, tmp_path: Path
) -> None:
    def cut_off(done: int) -> None:
        if done == 1:
            rows(
                two_databases.url(0, SUPERUSER),
                "select pg_terminate_backend(pid) from pg_stat_activity where usename = %s",
                ROLE,
            )

    archive = two_databases.archive(tmp_path)
    with pytest.raises(BackupUnavailable):
        await archive.write(due(), cut_off)
    (broken,) = await archive.stored()
    assert not broken.complete


async def test_a_backup_holds_up_nobody_who_writes(
    two_databases: Databases, tmp_path: Path
) -> None:
    with psycopg.connect(two_databases.source, autocommit=True) as other:
        other.execute("set lock_timeout = '2s'")

        def meanwhile(done: int) -> None:
            if done == 1:
                with other.transaction(force_rollback=True):
                    other.execute("update guardians set phone = '617 555 0199'")
                    other.execute("insert into user_profiles default values")

        assert (await two_databases.archive(tmp_path).write(due(), meanwhile)).chunks > 1
