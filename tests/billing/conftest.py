from collections.abc import AsyncIterator, Iterator

import pytest

from sandbox.simulator.server import running
from sandbox.stripe.vendor import stripe_vendor
from tests.billing.world import CONTROL_TOKEN, KEY, WEBHOOK_SECRET, Billed, billed_world
from tests.mcp_server.issuer import Issuer, new_key
from tests.workflows.time_skipping import time_skipping_server


@pytest.fixture(scope="module")
def issuer() -> Issuer:
    return Issuer(new_key())


@pytest.fixture(scope="module")
def stripe_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    vendor, data = stripe_vendor(KEY, WEBHOOK_SECRET), tmp_path_factory.mktemp("stripe")
    with running(vendor, data=data / "stripe.db", control_token=CONTROL_TOKEN) as url:
        yield url


@pytest.fixture
async def billed(issuer: Issuer, stripe_url: str) -> AsyncIterator[Billed]:
    async with time_skipping_server() as env, billed_world(env, issuer, stripe_url) as world:
        yield world
