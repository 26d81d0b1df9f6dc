"""Migrations that go before the programs only add."""

import pytest

from console.deploy import MIGRATIONS
from gateways.migration_files import Migration, read_migrations
from tests.house.migration_rules import breaches
from tests.house.sql_statements import statements_of
from tests.release.functions import LAST_MIGRATION

SINCE = [each for each in read_migrations(MIGRATIONS) if each.version > LAST_MIGRATION]
"""Those that no release had yet; what a release applied stays as it is."""
REASON = "-- expands: nothing reads it any more"


def _written(sql: str, name: str = "next") -> Migration:
    return Migration(version="20990101000000", name=name, sql=sql.encode())


def test_every_migration_since_the_last_release_leaves_room_for_both_releases() -> None:
    found = [str(each) for migration in SINCE for each in breaches(migration, SINCE)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "sql",
    [
        "drop table public.leases",
        "drop function public.ping()",
        "alter table public.leases drop column holder",
        "alter table public.leases drop holder",
        "alter table public.leases rename column holder to owner",
        "alter table public.leases rename to rents",
        "alter table public.leases alter column holder type text",
        "alter table public.leases alter holder set data type text",
        "alter table public.leases alter column holder set not null",
        "alter table public.leases add constraint one check (holder <> '')",
        "create unique index on public.leases (holder)",
        "revoke execute on function public.ping from signupassist_worker",
        "revoke all on public.leases from public, service_role",
        "do $$ begin execute format('drop function public.%I', 'ping'); end $$",
        "set local statement_timeout = '10min'",
        "select set_config('statement_timeout', '0', true)",
        "truncate public.leases",
        "/* and then */ DROP\n  VIEW public.seen",
    ],
)
def test_what_takes_something_away_is_found_and_passes_with_its_reason(sql: str) -> None:
    [found] = breaches(_written(f"{sql};"))
    assert "_post.sql" in str(found)
    assert not breaches(_written(f"{REASON}\n{sql};"))
    assert breaches(_written(f"-- expands: ok\n{sql};"))
    assert not breaches(_written(f"{sql};", "next_post"))


@pytest.mark.parametrize(
    "sql",
    [
        "alter table public.leases add column since timestamptz",
        "alter table public.leases alter column holder drop not null",
        "create table public.rents (n int); alter table public.rents add unique (n)",
        "create table public.rents (n int); create unique index on public.rents (n)",
        "create table public.rents (n int); revoke all on public.rents from anon, service_role",
        "create function a() as $f$ drop table b $f$; revoke all on function a from service_role",
        f"{REASON}\nalter table a drop constraint b; alter table a add constraint b check (c > 1)",
        "do $$ begin execute 'revoke b from anon'; execute 'grant b to service_role'; end $$",
        "revoke all on all functions in schema app from public, anon, authenticated, service_role",
        "revoke all on function public.ping from public, anon, authenticated",
        "comment on table public.leases is 'We never drop table or rename one.'",
        "-- drop table public.leases;\nselect 1",
        "insert into public.kinds values ('it''s; drop table a')",
    ],
)
def test_what_only_adds_passes(sql: str) -> None:
    assert not breaches(_written(f"{sql};"))


@pytest.mark.parametrize(
    "sql",
    ["create table public.a (n int)", "grant execute on function public.a to signupassist_web"],
)
def test_a_file_that_comes_after_the_programs_makes_nothing_that_they_need(sql: str) -> None:
    [found] = breaches(_written(f"{sql};", "next_post"))
    assert "before the programs" in str(found)


def test_a_breach_is_told_by_file_and_line() -> None:
    [found] = breaches(_written("select 1;\n\n-- why not\ndrop table a;\n"))
    assert str(found).startswith("20990101000000_next.sql:4: `drop table`: ")


def test_statements_end_where_postgres_ends_them() -> None:
    sql = "select ';'; do $x$ begin perform 1; end $x$; create function f() as $$ a; b $$; select 2"
    assert [each.text for each in statements_of(sql)] == [
        "select ''",
        "do $x$ begin perform 1; end $x$",
        "create function f() as ''",
        "select 2",
    ]
