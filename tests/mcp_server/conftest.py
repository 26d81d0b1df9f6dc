from collections.abc import AsyncIterator
from typing import Any, NamedTuple
from uuid import UUID

import pytest
import pytest_asyncio
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from pydantic import SecretStr

from activities.clock import SystemClock
from activities.confirmation import Confirmation
from tests.mandates import MANDATES, seed
from tests.mcp_server.issuer import Issuer, new_key
from tests.mcp_server.world import World, running

QUESTION_KEY = seed(21)
"""With which that of `asking` seals its questions."""


@pytest.fixture(scope="session")
def key() -> RSAPrivateKey:
    return new_key()


@pytest.fixture
async def world(key: RSAPrivateKey) -> AsyncIterator[World]:
    async with running(Issuer(key)) as world:
        yield world


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def asking(key: RSAPrivateKey) -> AsyncIterator[World]:
    """A server that asks parents once more, and behind which confirms need no workflow."""
    async with running(Issuer(key), question_keys=SecretStr(QUESTION_KEY)) as world:
        confirmation = Confirmation(world.records, world.door.providers, MANDATES, SystemClock())
        world.temporal.confirms = confirmation.confirm_registration
        yield world


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def served(key: RSAPrivateKey) -> AsyncIterator[World]:
    """One server for the tests of a file that look at their own families alone."""
    async with running(Issuer(key)) as world:
        yield world


class Shared(NamedTuple):
    """One server for the tests of a file that change nothing."""

    world: World
    draft: dict[str, Any]
    """Ann's confirmed registration."""
    unconfirmed: dict[str, Any]
    """Bea's draft."""
    child: UUID
    """Ann's."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared(key: RSAPrivateKey) -> AsyncIterator[Shared]:
    async with running(Issuer(key)) as world:
        beas = await world.family("bea")
        yield Shared(
            world,
            await world.pending("ann"),
            await world.answer("bea", "schedule_registration", **world.wish(beas)),
            await world.family("ann"),
        )


@pytest_asyncio.fixture(loop_scope="module")
async def unchanged(shared: Shared) -> AsyncIterator[World]:
    before = shared.world.records.everything()
    yield shared.world
    assert shared.world.records.everything() == before
