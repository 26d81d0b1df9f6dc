"""The roles of the programs: each may call what its program calls, read from the code."""

import ast

import pytest

from tests.database.callers import PROGRAM_ROLES, PROGRAMS, functions_called_by
from tests.database.door import Database
from tests.house.tree import ROOT, python_files, unit

BY_HAND = {"save_program", "save_provider_account"}
"""Functions that no program of ours calls: with them an operator fills the catalogue."""


def _granted(database: Database, role: str) -> set[str]:
    found = database.rows(
        "select proname from pg_proc where pronamespace = 'public'::regnamespace"
        " and has_function_privilege(%s, oid, 'execute')",
        role,
    )
    return {name for (name,) in found}


@pytest.mark.parametrize("role", PROGRAM_ROLES)
def test_a_program_may_call_what_its_code_calls_and_nothing_else(
    database: Database, role: str
) -> None:
    assert _granted(database, role) == functions_called_by(PROGRAM_ROLES[role])


def test_the_web_books_charges_and_decides_nothing_and_the_worker_makes_no_user(
    database: Database,
) -> None:
    web, worker = (_granted(database, role) for role in PROGRAM_ROLES)
    decisions = {"confirm_registration", "claim_registration", "open_attempt", "record_outcome"}
    assert decisions | {"open_charge", "settle_fee", "resolve_review"} <= worker - web
    assert {"user_for", "draft_registration", "save_guardian", "add_child"} <= web - worker


def test_every_function_is_the_operator_s_and_is_called_by_a_program_or_by_hand(
    database: Database,
) -> None:
    called = {name for program in PROGRAMS for name in functions_called_by(program)}
    assert called.isdisjoint(BY_HAND)
    every = database.rows("select proname from pg_proc where pronamespace = 'public'::regnamespace")
    assert {name for (name,) in every} == _granted(database, "service_role") == called | BY_HAND


def test_a_program_s_role_logs_in_nowhere_and_passes_no_policy(database: Database) -> None:
    rights = database.rows(
        "select rolcanlogin, rolbypassrls, rolcreaterole, rolsuper, rolinherit from pg_roles"
        " where rolname = any(%s)",
        list(PROGRAM_ROLES),
    )
    assert rights == [(False,) * 5] * len(PROGRAM_ROLES)


def test_what_holds_the_records_is_called_records_so_that_their_callers_are_found() -> None:
    named = {
        node.arg
        for file in python_files()
        if unit(file) in {"front_door", "activities"}.union(*PROGRAMS.values())
        for node in ast.walk(ast.parse((ROOT / file).read_text()))
        if isinstance(node, ast.arg)
        and isinstance(node.annotation, ast.Name)
        and node.annotation.id.endswith("Records")
    }
    assert named == {"records"}
