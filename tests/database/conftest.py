from collections.abc import Iterator

import pytest

from sandbox.deploy import migrate_only
from sandbox.programs import NAMES
from sandbox.up import Stack
from tests.database.door import Database, Door
from tests.database.family import Family, new_family


@pytest.fixture(scope="session")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A real Postgres with the migrations applied, shared: every test brings its own rows."""
    with Stack(
        tmp_path_factory.mktemp("database"),
        without=set(NAMES) - {"postgres"},
        deploy=lambda env: migrate_only(env["DATABASE_URL"]),
    ) as stack:
        yield Database(stack.env["DATABASE_URL"])


@pytest.fixture
def door(database: Database) -> Iterator[Door]:
    with database.door() as door:
        yield door


@pytest.fixture
def family(door: Door) -> Family:
    return new_family(door)
