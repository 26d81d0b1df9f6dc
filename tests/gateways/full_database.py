"""A database with a hundred thousand rows, one beside it that is empty, and others who write."""

import asyncio
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
from psycopg import sql
from pydantic import SecretStr

from domain.backups import RestoredBackup, WrittenBackup
from domain.erasures import Erasure
from gateways.sealed_backups import FolderTarget, PostgresSource, SealedBackups
from gateways.sealed_backups.snapshot import ROLE
from sandbox.deploy import migrate_only
from sandbox.up import Stack
from tests.backups import NEW, backup_keys, due

FAMILIES = 20_000
"""With a guardian and three children each, 100,000 rows."""

ERASED = "Zörn-Erased"
"""The name of somebody who is in the backup, and is erased after it."""

FILL = """
set local session_replication_role = replica;
insert into user_profiles (user_id) select gen_random_uuid() from generate_series(1, 20000);
insert into guardians (user_id, first_name, last_name, email, phone, birth_date)
  select user_id, E'Zo\\u00eb\\t\\\\N', E'\\\\.\\n\\\\.', user_id || '@example.com', '617 555 0100',
    date '1986-02-28'
  from user_profiles;
insert into children (user_id, first_name, last_name, birth_date)
  select user_id, 'Mia ' || n, E'line\\r\\nand "quotes", \\b\\f\\u0001', date '2017-05-04' + n
  from user_profiles, generate_series(1, 3) as n;
select public.pause_bookings('maintenance');
with one as (
  insert into user_profiles (stripe_customer_id) values ('cus_Zörn-Erased') returning user_id
), known as (
  insert into identities (issuer, subject, user_id)
  select 'https://issuer.example/', 'Zörn-Erased', user_id from one
), child as (
  insert into children (user_id, first_name, last_name, birth_date)
  select user_id, 'Zörn-Erased', 'Zörn-Erased', '2017-05-04' from one
)
insert into guardians (user_id, first_name, last_name, email, phone, birth_date)
  select user_id, 'Zörn-Erased', 'Zörn-Erased', 'Zörn-Erased@example.com', '617 555 0100',
    '1986-02-28'
  from one;
"""
"""Values that a careless format would break on."""

WRITERS = 2


@dataclass(frozen=True)
class Databases:
    """Two with the same schema."""

    stack: Stack
    names: tuple[str, str]

    def url(self, place: int, role: str = "postgres") -> str:
        assert self.stack.cluster is not None
        return self.stack.cluster.url(role).removesuffix("postgres") + self.names[place]

    @property
    def source(self) -> str:
        return self.url(0)

    @property
    def target(self) -> str:
        return self.url(1)

    def archive(self, folder: Path, role: str = ROLE) -> SealedBackups:
        source = PostgresSource(SecretStr(self.url(0, role)))
        return SealedBackups(FolderTarget(folder), backup_keys(NEW), source, patience=())


@contextmanager
def two_databases(stack: Stack) -> Generator[Databases]:
    """The first full, the second empty."""
    found = Databases(stack, (f"full_{uuid4().hex[:8]}", f"empty_{uuid4().hex[:8]}"))
    with psycopg.connect(stack.env["DATABASE_URL"], autocommit=True) as owner:
        owner.execute(f"create database {found.names[0]}".encode())
        migrate_only(found.source)
        owner.execute(f"create database {found.names[1]} template {found.names[0]}".encode())
        with psycopg.connect(found.source) as connection:
            connection.execute(FILL.encode())
    yield found
    # Another test may have ended the server meanwhile, and all databases with it.
    with (
        suppress(psycopg.OperationalError),
        psycopg.connect(stack.env["DATABASE_URL"], autocommit=True) as owner,
    ):
        for name in found.names:
            owner.execute(f"drop database {name} with (force)".encode())


@contextmanager
def an_empty_database(stack: Stack) -> Generator[str]:
    """The address of one more."""
    name = f"another_{uuid4().hex[:8]}"
    with psycopg.connect(stack.env["DATABASE_URL"], autocommit=True) as owner:
        owner.execute(f"create database {name}".encode())
        url = stack.env["DATABASE_URL"].removesuffix("postgres") + name
        migrate_only(url)
        yield url
        owner.execute(f"drop database {name} with (force)".encode())


def rows(url: str, query: str, *values: object) -> list[tuple[Any, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute(query.encode(), values).fetchall()


def tables(url: str) -> list[str]:
    found = rows(
        url,
        "select relname from pg_class where relnamespace = 'public'::regnamespace"
        " and relkind = 'r' order by relname",
    )
    return [name for (name,) in found]


def digest(url: str, table: str) -> tuple[int, str]:
    """The number of rows and what is in them, whatever their order."""
    query = sql.SQL(
        "select count(*), coalesce(md5(string_agg(one, '' order by one)), '')"
        " from (select md5(t::text) as one from public.{} as t) as every"
    ).format(sql.Identifier(table))
    with psycopg.connect(url) as connection:
        found = connection.execute(query).fetchone()
    assert found is not None
    return found


@contextmanager
def writing(url: str) -> Generator[Callable[[], int]]:
    """Others who write all the while: each of their users is two rows in one transaction.

    Gives how many they have committed.
    """
    over, committed = threading.Event(), [0] * WRITERS

    def write(number: int) -> None:
        with psycopg.connect(url, autocommit=True) as connection:
            while not over.is_set():
                with connection.transaction():
                    connection.execute(
                        "with one as (insert into user_profiles default values returning user_id)"
                        " insert into identities (issuer, subject, user_id)"
                        " select %s, %s, user_id from one",
                        (f"writer {number}", str(committed[number])),
                    )
                committed[number] += 1

    threads = [threading.Thread(target=write, args=(number,)) for number in range(WRITERS)]
    for thread in threads:
        thread.start()
    try:
        yield lambda: sum(committed)
    finally:
        over.set()
        for thread in threads:
            thread.join(30)


@dataclass(frozen=True)
class PutBack:
    """A backup that was taken under writes, and put into the other database."""

    databases: Databases
    folder: Path
    written: WrittenBackup
    restored: RestoredBackup
    before: int
    """So many users the writers had committed when it began, and when it was done."""
    after: int

    @property
    def archive(self) -> SealedBackups:
        return self.databases.archive(self.folder)


def erased_since(url: str) -> Erasure:
    """The one account, erased there as the job does it."""
    ((user_id,),) = rows(url, "select user_id from guardians where first_name = %s", ERASED)
    rows(url, "select public.ask_erasure(%s, interval '0')", user_id)
    for step in ("begin_erasure", "erase_rows", "finish_erasure"):
        ((told,),) = rows(url, f"select public.{step}(%s)", user_id)
    return Erasure.model_validate(told)


async def put_back(databases: Databases, folder: Path) -> PutBack:
    """Taken, read back, and restored. Meanwhile somebody is erased."""
    archive = databases.archive(folder)
    with writing(databases.source) as committed:
        async with asyncio.timeout(30):
            while not committed():  # noqa: ASYNC110 - of other threads
                await asyncio.sleep(0.01)
        before = committed()
        written = await archive.write(due())
        assert await archive.verify(written.place) == written
        after = committed()
    await archive.log_erasure(erased_since(databases.source))
    restored = await archive.restore(written.place, SecretStr(databases.target))
    return PutBack(databases, folder, written, restored, before, after)
