"""What the matrix of roles stands on: policies, defaults, and the shape of every function."""

import pytest

from tests.database.door import Database
from tests.database.family import ISSUER, Family
from tests.database.rights import API_ROLES, TABLES

OWN = {name: table.whose for name, table in TABLES.items() if table.read_by == "its user"}


def test_every_table_has_row_level_security_and_only_policies_for_reading(
    database: Database,
) -> None:
    tables = database.rows(
        "select relname, relrowsecurity from pg_class"
        " where relnamespace in ('public'::regnamespace, 'app'::regnamespace)"
        " and relkind in ('r', 'p', 'v', 'm', 'f')"
    )
    assert dict(tables) == dict.fromkeys(TABLES, True)
    policies = database.rows(
        "select tablename, cmd, roles::text from pg_policies where schemaname = 'public'"
    )
    read = {name for name, table in TABLES.items() if table.read_by != "nobody"}
    assert sorted(policies) == sorted((table, "SELECT", "{authenticated}") for table in read)


def test_what_is_made_later_is_nobodys_until_it_is_granted(database: Database) -> None:
    with database.session("postgres") as rows:
        rows.run("create function public.made_later() returns int language sql as 'select 1'")
        rows.run("create table public.made_later_too (id int)")
        found = rows.run(
            """
            select has_function_privilege(r, 'public.made_later()', 'execute')
              or has_table_privilege(r, 'public.made_later_too', 'select, insert, update, delete')
            from unnest(%s::text[]) as r
            """,
            list(API_ROLES),
        )
        rows.run("drop function public.made_later()")
        rows.run("drop table public.made_later_too")
    assert found == [(False,)] * len(API_ROLES)


def test_every_function_fixes_its_search_path_and_says_its_contract(database: Database) -> None:
    faulty = database.rows(
        """
        select oid::regprocedure::text from pg_proc
        where pronamespace in ('public'::regnamespace, 'app'::regnamespace)
          and (proconfig is distinct from array['search_path=""']
            or obj_description(oid, 'pg_proc') is null
            or prosecdef <> (pronamespace = 'public'::regnamespace or proname = 'user_id'))
        """
    )
    assert faulty == []


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {"sub": "auth0|nobody", "iss": ISSUER},
        {"sub": "known"},
        {"sub": "known", "iss": "https://other.example/"},
        {"iss": ISSUER},
    ],
    ids=["no token", "unknown subject", "no issuer", "another issuer", "no subject"],
)
def test_whoever_is_no_user_of_ours_reads_nothing(
    database: Database, family: Family, claims: dict[str, str]
) -> None:
    family.pending()
    known = {**claims, "sub": family.subject} if claims.get("sub") == "known" else claims
    with database.session("authenticated", known) as rows:
        for table, column in OWN.items():
            assert rows.run(f"select {column} from public.{table}") == []  # noqa: S608 - our own list of tables
