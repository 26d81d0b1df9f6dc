"""The text that is hashed: the database and Python write the same one, for every value."""

import json
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.audit import canonical_json
from tests.database.door import Database, refused

TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20)
"""Everything a jsonb string can hold: neither NUL nor half a surrogate pair."""
LIMIT = 2**53 - 1
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-LIMIT, LIMIT) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


@pytest.fixture(scope="module")
def connection(database: Database) -> Iterator[psycopg.Connection]:
    with psycopg.connect(database.url, autocommit=True) as connection:
        yield connection


def canonical_in_database(connection: psycopg.Connection, value: object) -> str:
    # As text: what arrives must be the value's own escapes, not the driver's choice of them.
    row = connection.execute(
        "select app.canonical_json(%s::jsonb)", (json.dumps(value),)
    ).fetchone()
    assert row is not None
    return row[0]


@settings(max_examples=250, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=VALUES)
def test_the_database_and_python_write_the_same_text(
    connection: psycopg.Connection, value: Any
) -> None:
    assert canonical_in_database(connection, value) == canonical_json(value)


HARD_CASES: list[object] = [
    {"é": 1, "z": 2, "Z": 3, "": 4, "\U0001f600": 5, "\uffff": 6, "aa": 7, "a": 8},
    "".join(map(chr, range(1, 0x20))) + '"\\/\x7f\x80\u2028\u2029',
    {"empty": {}, "list": [], "nested": [[], {}, [None, True, False]]},
    [0, -1, LIMIT, -LIMIT],
]


@pytest.mark.parametrize(
    "value",
    HARD_CASES,
    ids=["keys in the order of their code points", "escapes", "empty", "numbers"],
)
def test_the_hard_cases_agree(connection: psycopg.Connection, value: object) -> None:
    assert canonical_in_database(connection, value) == canonical_json(value)


@pytest.mark.parametrize("number", ["1.5", "1.0", "1e-3", "9007199254740992", "-1e400"])
def test_a_number_with_more_than_one_spelling_is_refused(
    connection: psycopg.Connection, number: str
) -> None:
    with refused("PT422", "not_whole"):
        connection.execute("select app.canonical_json(%s::jsonb)", (f'{{"a": [{number}]}}',))
