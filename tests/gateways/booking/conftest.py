from collections.abc import AsyncIterator, Iterator

import pytest

from domain.booking import ProviderPeople
from tests.gateways.booking.booking_worlds import (
    CATEGORY,
    GUARDIAN,
    IMPATIENT,
    BookeoWorld,
    BookingWorld,
    FakeWorld,
    bookeo_simulator,
    bookeo_world,
    child,
)


@pytest.fixture(scope="module")
def bookeo_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with bookeo_simulator(tmp_path_factory.mktemp("bookeo")) as url:
        yield url


@pytest.fixture
async def bookeo(bookeo_url: str) -> AsyncIterator[BookeoWorld]:
    async with bookeo_world(bookeo_url, IMPATIENT) as real:
        yield real


@pytest.fixture(params=["in_memory", "bookeo"])
def world(request: pytest.FixtureRequest) -> BookingWorld:
    if request.param == "in_memory":
        return FakeWorld()
    real: BookeoWorld = request.getfixturevalue("bookeo")
    return real


@pytest.fixture
async def family(world: BookingWorld) -> ProviderPeople:
    return await world.provider.people(GUARDIAN, (child("Mia"),), CATEGORY)
