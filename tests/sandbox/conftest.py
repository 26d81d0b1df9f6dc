from collections.abc import Iterator

import pytest

from sandbox.deploy import migrate_only
from sandbox.up import Stack

APPLICATION = {"worker", "mcp"}


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The embedded world without our own programs, the database migrated."""
    with Stack(
        tmp_path_factory.mktemp("sandbox"),
        without=APPLICATION,
        deploy=lambda env: migrate_only(env["DATABASE_URL"]),
    ) as stack:
        yield stack
