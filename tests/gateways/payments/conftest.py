from collections.abc import AsyncIterator, Iterator

import pytest

from tests.gateways.payments.payment_worlds import (
    FakeWorld,
    PaymentWorld,
    stripe_simulator,
    stripe_world,
)


@pytest.fixture(scope="package")
def stripe_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with stripe_simulator(tmp_path_factory.mktemp("stripe")) as url:
        yield url


@pytest.fixture(params=["in_memory", "stripe"])
async def world(request: pytest.FixtureRequest) -> AsyncIterator[PaymentWorld]:
    if request.param == "in_memory":
        yield FakeWorld()
        return
    async with stripe_world(request.getfixturevalue("stripe_url")) as real:
        yield real
