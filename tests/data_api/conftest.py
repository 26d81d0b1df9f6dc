"""The project under examination: the embedded one, or any other that the environment names.

Another project needs this folder's migrations first, and its four values in
CONFORMANCE_SUPABASE_URL, _SECRET_KEY, _PUBLISHABLE_KEY and _JWT_SECRET.
"""

# supabase-py declares what it takes and gives with generic types left open:
# pyright: reportUnknownMemberType=false

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from supabase import Client

from sandbox.deploy import migrate_only
from sandbox.programs import NAMES
from sandbox.up import Stack
from tests.data_api.project import Project, Row, Rows, a_row, rows_of

MIGRATIONS = Path(__file__).with_name("migrations")
NEEDED = {"postgres", "issuer", "data_api"}


@pytest.fixture(scope="session")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack | None]:
    if "CONFORMANCE_SUPABASE_URL" in os.environ:
        yield None
        return
    with Stack(
        tmp_path_factory.mktemp("data_api"),
        without=set(NAMES) - NEEDED,
        deploy=lambda env: migrate_only(env["DATABASE_URL"], MIGRATIONS),
    ) as stack:
        yield stack


@pytest.fixture(scope="session")
def project(embedded: Stack | None) -> Project:
    if embedded is None:
        prefix = "CONFORMANCE_SUPABASE_"
        return Project(
            url=os.environ[f"{prefix}URL"],
            secret_key=os.environ[f"{prefix}SECRET_KEY"],
            publishable_key=os.environ[f"{prefix}PUBLISHABLE_KEY"],
            jwt_secret=os.environ[f"{prefix}JWT_SECRET"],
        )
    return Project(
        url=embedded.env["SUPABASE_URL"],
        secret_key=embedded.env["SUPABASE_SERVICE_ROLE_KEY"],
        publishable_key=embedded.env["SUPABASE_ANON_KEY"],
        jwt_secret=embedded.keys.supabase_jwt_secret,
    )


@pytest.fixture
def http() -> Iterator[httpx.Client]:
    with httpx.Client() as client:
        yield client


@pytest.fixture
def service(project: Project, http: httpx.Client) -> Client:
    return project.client(http, project.secret_key)


@pytest.fixture
def as_user(project: Project, http: httpx.Client) -> Callable[[str], Client]:
    """A client for whoever the bearer token names."""
    return lambda token: project.client(http, project.publishable_key, bearer=token)


@pytest.fixture
def rows(service: Client) -> Rows:
    """Six rows of a fresh user and one of another, an hour apart."""
    mine, theirs = str(uuid4()), str(uuid4())
    given: list[Row] = [a_row(mine, number) for number in range(6)] + [a_row(theirs, 6)]
    answer = service.table("scheduled_registrations").insert(given).execute()
    return Rows(user=mine, other_user=theirs, given=given, returned=rows_of(answer))
