"""Who may read and call what: the roles of the data API against every table and function."""

from typing import Any

import pytest

from tests.database import steps
from tests.database.door import Database, Door, refused
from tests.database.family import ISSUER, Family, new_family

OWN = {
    "user_profiles": "user_id",
    "guardians": "user_id",
    "children": "user_id",
    "scheduled_registrations": "user_id",
    "mandates": "user_id",
    "registrations": "user_id",
    "registration_children": "registration_id",
    "charges": "registration_id",
    "audit_events": "registration_id",
    "notifications": "registration_id",
}
"""What a signed-in user reads of their own, and the column that says whose it is."""
CATALOGUE = {"programs": "id", "provider_accounts": "org_ref"}
NOBODYS = {
    "identities",
    "operations",
    "booking_attempts",
    "leases",
    "alerts",
    "looks",
    "reviews",
    "refunds",
    "cancellations",
    "cancellation_wishes",
    "service_state",
    "service_events",
}
WITHHELD = {
    ("user_profiles", "stripe_customer_id"),
    ("user_profiles", "setup_session_id"),
    ("user_profiles", "payment_method_id"),
    ("mandates", "token"),
    ("charges", "idempotency_key"),
    ("charges", "stripe_customer_id"),
    ("charges", "payment_method_id"),
    ("charges", "payment_intent_id"),
    ("charges", "may_exist_since"),
    ("provider_accounts", "credentials_ref"),
    ("provider_accounts", "rate_per_second"),
    ("provider_accounts", "burst"),
    ("provider_accounts", "spacing"),
    ("provider_accounts", "concurrency"),
    ("provider_accounts", "paused_since"),
    ("provider_accounts", "paused_until"),
}


@pytest.fixture
def families(door: Door) -> tuple[Family, Family]:
    """Two families, each with a completed registration, so that every table holds both."""
    pair = new_family(door), new_family(door)
    for family in pair:
        family.completed(steps.fee_paid())
    return pair


def test_every_table_has_row_level_security_and_only_policies_for_reading(
    database: Database,
) -> None:
    tables = database.rows(
        "select relname, relrowsecurity from pg_class"
        " where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')"
    )
    assert dict(tables) == dict.fromkeys({*OWN, *CATALOGUE, *NOBODYS}, True)
    policies = database.rows(
        "select tablename, cmd, roles::text from pg_policies where schemaname = 'public'"
    )
    expected = {(table, "SELECT", "{authenticated}") for table in {*OWN, *CATALOGUE}}
    assert set(policies) == expected
    assert len(policies) == len(expected)


def test_nobody_but_the_owner_has_more_than_reading(database: Database) -> None:
    granted = database.rows(
        "select distinct grantee, privilege_type from information_schema.role_table_grants"
        " where table_schema in ('public', 'app') and grantee <> 'postgres'"
    )
    assert granted == [("authenticated", "SELECT")]
    sequences = database.rows(
        "select r from unnest(array['anon', 'authenticated', 'service_role']) r, pg_class c"
        " where c.relkind = 'S' and c.relnamespace = 'public'::regnamespace"
        " and has_sequence_privilege(r, c.oid, 'usage, select, update')"
    )
    assert sequences == []


def test_every_column_is_readable_but_those_withheld(database: Database) -> None:
    readable = database.rows(
        """
        select c.relname, a.attname,
          has_column_privilege('authenticated', c.oid, a.attnum, 'select')
        from pg_attribute a join pg_class c on c.oid = a.attrelid
        where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
          and a.attnum > 0 and not a.attisdropped
        """
    )
    hidden = {(table, column) for table, column, may in readable if not may}
    assert {pair for pair in hidden if pair[0] not in NOBODYS} == WITHHELD
    assert {table for table, _, may in readable if may} == {*OWN, *CATALOGUE}


def test_only_the_service_role_calls_the_functions(database: Database) -> None:
    callable_by = database.rows(
        """
        select r, p.pronamespace::regnamespace::text, p.proname
        from unnest(array['anon', 'authenticated', 'service_role']) as r, pg_proc as p
        where p.pronamespace in ('public'::regnamespace, 'app'::regnamespace)
          and has_function_privilege(r, p.oid, 'execute')
        """
    )
    every = database.rows("select proname from pg_proc where pronamespace = 'public'::regnamespace")
    expected = {("service_role", "public", name) for (name,) in every}
    assert set(callable_by) == expected | {("authenticated", "app", "user_id")}


def test_a_function_made_later_is_nobodys_until_it_is_granted(database: Database) -> None:
    with database.session("postgres") as rows:
        rows.run("create function public.made_later() returns int language sql as 'select 1'")
        rows.run("create table public.made_later_too (id int)")
        found = rows.run(
            """
            select has_function_privilege(r, 'public.made_later()', 'execute')
              or has_table_privilege(r, 'public.made_later_too', 'select, insert, update, delete')
            from unnest(array['anon', 'authenticated', 'service_role']) as r
            """
        )
        rows.run("drop function public.made_later()")
        rows.run("drop table public.made_later_too")
    assert found == [(False,)] * 3


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


@pytest.mark.parametrize("table", OWN)
def test_a_user_reads_their_own_rows_and_nobody_elses(
    database: Database, families: tuple[Family, Family], table: str
) -> None:
    def seen_by(family: Family) -> set[Any]:
        with database.session("authenticated", family.claims) as rows:
            return {row[0] for row in rows.run(f"select {OWN[table]} from public.{table}")}  # noqa: S608 - our own list of tables

    one, other = (seen_by(family) for family in families)
    assert one
    assert other
    assert one.isdisjoint(other)
    if OWN[table] == "user_id":
        assert one == {families[0].user_id}


@pytest.mark.parametrize("table", CATALOGUE)
def test_every_user_reads_the_catalogue(database: Database, family: Family, table: str) -> None:
    with database.session("authenticated", family.claims) as rows:
        assert rows.run(f"select {CATALOGUE[table]} from public.{table}")  # noqa: S608 - our own list of tables


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


@pytest.mark.parametrize("role", ["anon", "service_role"])
@pytest.mark.parametrize("table", sorted({*OWN, *CATALOGUE, *NOBODYS}))
def test_anon_and_the_service_role_have_no_table_at_all(
    database: Database, family: Family, role: str, table: str
) -> None:
    with refused("42501"), database.session(role, family.claims) as rows:
        rows.run(f"select from public.{table}")


@pytest.mark.parametrize("table", sorted(NOBODYS))
def test_a_user_does_not_read_the_inner_tables(
    database: Database, family: Family, table: str
) -> None:
    with refused("42501"), database.session("authenticated", family.claims) as rows:
        rows.run(f"select from public.{table}")


@pytest.mark.parametrize(
    "statement",
    [
        "insert into public.children values (gen_random_uuid(), app.user_id(), 'A', 'B', now())",
        "update public.scheduled_registrations set status = 'completed'",
        "update public.charges set amount_cents = 0",
        "delete from public.audit_events",
        "delete from public.notifications",
        "truncate public.mandates",
        "select public.ping()",
        "select app.audit(gen_random_uuid(), 'failed', '{}', 'k')",
    ],
)
def test_a_user_writes_and_calls_nothing(
    database: Database, family: Family, statement: str
) -> None:
    family.pending()
    with refused("42501"), database.session("authenticated", family.claims) as rows:
        rows.run(statement)
