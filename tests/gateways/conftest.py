import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from typing import NamedTuple

import pytest

from gateways.fakes.records import InMemoryRecords
from gateways.protocols.records import Records
from gateways.supabase_records import SupabaseRecords
from sandbox.up import Stack
from tests.field_keys import FIRST, SECOND, fields
from tests.gateways import full_database
from tests.gateways.full_database import Databases, PutBack, put_back
from tests.gateways.households import Household, new_household


class Project(NamedTuple):
    """A Supabase project, or what stands in for one."""

    url: str
    service_key: str


@pytest.fixture(scope="session")
def supabase_project(request: pytest.FixtureRequest) -> Project:
    """The embedded stack, or the project that the environment names.

    `RECORDS_CONTRACT_URL` and `RECORDS_CONTRACT_KEY` (a secret or service-role key) point the
    same suite at any migrated Supabase project. It leaves made-up families there.
    """
    if url := os.environ.get("RECORDS_CONTRACT_URL"):
        return Project(url, os.environ["RECORDS_CONTRACT_KEY"])
    stack: Stack = request.getfixturevalue("embedded_stack")
    return Project(stack.env["SUPABASE_URL"], stack.env["SUPABASE_SERVICE_ROLE_KEY"])


@pytest.fixture(params=["in_memory", "supabase"])
async def records(request: pytest.FixtureRequest) -> AsyncIterator[Records]:
    if request.param == "in_memory":
        yield InMemoryRecords()
        return
    project: Project = request.getfixturevalue("supabase_project")
    keys = fields(FIRST, SECOND)
    real = await SupabaseRecords.connect(project.url, project.service_key, fields=keys)
    yield real
    await real.aclose()


@pytest.fixture
async def family(records: Records) -> Household:
    return await new_household(records)


@pytest.fixture
async def other_family(records: Records) -> Household:
    return await new_household(records)


@pytest.fixture
async def keyless(request: pytest.FixtureRequest, records: Records) -> AsyncIterator[Records]:
    """The same database for a program that is given no field keys; the fake needs none."""
    if not isinstance(records, SupabaseRecords):
        yield records
        return
    project: Project = request.getfixturevalue("supabase_project")
    real = await SupabaseRecords.connect(project.url, project.service_key)
    yield real
    await real.aclose()


@pytest.fixture(scope="session")
def two_databases(embedded_stack: Stack) -> Iterator[Databases]:
    """One that is full and one that is empty, shared: what a test changes it puts right."""
    with full_database.two_databases(embedded_stack) as found:
        yield found


@pytest.fixture(scope="session")
def backup_put_back(two_databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> PutBack:
    """The full one, backed up under writes, and put into the empty one."""
    return asyncio.run(put_back(two_databases, tmp_path_factory.mktemp("backups")))
