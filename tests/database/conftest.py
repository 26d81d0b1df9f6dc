from collections.abc import Iterator

import pytest

from sandbox.up import Stack
from tests.database.door import Database, Door
from tests.database.family import Family, new_family


@pytest.fixture(scope="session")
def database(embedded_stack: Stack) -> Iterator[Database]:
    """A real Postgres with the migrations applied, shared: every test brings its own rows."""
    with Database(embedded_stack.env["DATABASE_URL"]) as database:
        yield database


@pytest.fixture(scope="module")
def door(database: Database) -> Iterator[Door]:
    # Not one per test: a new session of Postgres reads the schema and its functions anew.
    with database.door() as door:
        yield door


@pytest.fixture
def family(door: Door) -> Family:
    return new_family(door)
