"""Programs of the last release run on this schema, and those of this one on what comes after."""

import psycopg
import pytest

from gateways.migration_files import read_migrations
from sandbox.deploy import MIGRATIONS
from tests.database.callers import PROGRAM_ROLES, functions_called_by
from tests.database.door import Database
from tests.release.functions import RELEASED, Function, functions_of


def test_whatever_the_last_release_calls_answers_it_still(database: Database) -> None:
    with psycopg.connect(database.url) as connection:
        found = functions_of(connection)
    lost = [
        str(older) for older in RELEASED if sum(new.answers_calls_of(older) for new in found) != 1
    ]
    assert not lost, "not there any more, or twice:\n" + "\n".join(lost)


@pytest.mark.parametrize("role", PROGRAM_ROLES)
def test_whatever_a_program_calls_is_there_once_the_release_is_finished(
    database: Database, role: str
) -> None:
    with psycopg.connect(database.url) as connection:
        for migration in read_migrations(MIGRATIONS):
            if migration.contracts:
                connection.execute(migration.sql)
        found = {each.name for each in functions_of(connection) if role in each.callers}
        connection.rollback()
    assert functions_called_by(PROGRAM_ROLES[role]) <= found


OLDER = Function.parsed("ask(p_a uuid, p_b jsonb, p_c text = default) returns jsonb to web")


@pytest.mark.parametrize(
    ("newer", "answers"),
    [
        ("ask(p_a uuid, p_b jsonb, p_c text = default) returns jsonb to web", True),
        ("ask(p_b jsonb, p_a uuid, p_c text = default) returns jsonb to web", True),
        (
            "ask(p_a uuid, p_b jsonb = default, p_c text = default) returns jsonb to web",
            True,
        ),
        ("ask(p_a uuid, p_b jsonb, p_c text = default) returns jsonb to all, web", True),
        (
            "ask(p_a uuid, p_b jsonb, p_c text = default, p_d int = default) returns jsonb to web",
            True,
        ),
        ("ask(p_a uuid, p_b jsonb) returns jsonb to web", False),
        ("ask(p_a uuid, p_b jsonb, p_c text) returns jsonb to web", False),
        ("ask(p_a text, p_b jsonb, p_c text = default) returns jsonb to web", False),
        (
            "ask(p_a uuid, p_b jsonb, p_d int, p_c text = default) returns jsonb to web",
            False,
        ),
        ("ask(p_a uuid, p_b jsonb, p_c text = default) returns setof jsonb to web", False),
        ("ask(p_a uuid, p_b jsonb, p_c text = default) returns jsonb to all", False),
        ("answer(p_a uuid, p_b jsonb, p_c text = default) returns jsonb to web", False),
    ],
    ids=[
        "the same",
        "in another order",
        "with more that may be left out",
        "more callers",
        "an argument more that may be left out",
        "an argument gone",
        "an argument that could be left out",
        "another type",
        "one more argument",
        "another answer",
        "a caller less",
        "another name",
    ],
)
def test_a_function_answers_older_calls_when_nothing_they_say_is_missing(
    newer: str, answers: bool
) -> None:
    assert Function.parsed(newer).answers_calls_of(OLDER) is answers


def test_the_list_is_read_as_it_is_written() -> None:
    assert [Function.parsed(str(each)) for each in RELEASED] == RELEASED
