"""Role x table x verb: each tried, and nothing goes but what `rights` foresees."""

import pytest

from gateways.sealed_backups.snapshot import ROLE
from sandbox.up import Stack
from tests.database.attempts import Matrix, tried, two_families
from tests.database.door import Database
from tests.database.matrix import unlike_in_functions, unlike_in_tables
from tests.database.rights import API_ROLES


@pytest.fixture(scope="module")
def data_api_login(embedded_stack: Stack) -> str:
    assert embedded_stack.cluster is not None
    return embedded_stack.cluster.url("authenticator")


@pytest.fixture(scope="module")
def matrix(database: Database, data_api_login: str) -> Matrix:
    return tried(data_api_login, database.url, two_families(database))


def test_each_role_can_do_to_each_table_what_is_foreseen_and_no_more(matrix: Matrix) -> None:
    assert unlike_in_tables(matrix) == []


def test_each_function_is_granted_to_the_programs_that_call_it_and_to_nobody_else(
    matrix: Matrix,
) -> None:
    assert unlike_in_functions(matrix) == []


def test_nobody_but_the_owner_is_granted_more_than_reading(database: Database) -> None:
    # A right that only a missing policy keeps from being used does not show when it is tried.
    granted = database.rows(
        """
        select distinct acl.grantee::regrole::text, acl.privilege_type
        from (
          select relacl from pg_class where relnamespace in (%s::regnamespace, %s::regnamespace)
          union all
          select attacl from pg_attribute join pg_class on pg_class.oid = attrelid
            where relnamespace in (%s::regnamespace, %s::regnamespace)
        ) as rights (given), aclexplode(given) as acl
        where acl.grantee::regrole::text <> 'postgres'
        """,
        *("public", "app") * 2,
    )
    assert sorted(granted) == [("authenticated", "SELECT"), (ROLE, "SELECT")]


def test_nobody_but_the_roles_of_the_data_api_is_granted_a_function(database: Database) -> None:
    granted = database.rows(
        "select distinct acl.grantee::regrole::text from pg_proc, aclexplode(proacl) as acl"
        " where pronamespace in ('public'::regnamespace, 'app'::regnamespace)"
    )
    assert {role for (role,) in granted} == {*API_ROLES, "postgres"} - {"anon"}


def test_the_data_api_becomes_no_other_role(database: Database) -> None:
    found = database.rows(
        "select roleid::regrole::text from pg_auth_members where member = 'authenticator'::regrole"
    )
    assert {role for (role,) in found} == set(API_ROLES)
