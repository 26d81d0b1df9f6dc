from collections.abc import AsyncGenerator

import pytest
from temporalio.client import Client

from gateways.payload_codec import data_converter
from tests.console.command_line import CommandLine, new_office
from tests.workflows.real_time import real_time_server
from tests.workflows.world import World, build_world

DEPLOYMENT = "house"


@pytest.fixture
async def world() -> AsyncGenerator[World]:
    """A family and an organiser over a real Temporal, which keeps versions and lists runs."""
    async with real_time_server() as env:
        yield await build_world(env)


@pytest.fixture
async def starter(world: World, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """The operator's command line over that Temporal, in a release with a deployment."""
    monkeypatch.setenv("WORKER_DEPLOYMENT", DEPLOYMENT)
    monkeypatch.setenv("WORKER_BUILD_ID", "two")
    address = world.client.service_client.config.target_host

    async def connect() -> Client:
        return await Client.connect(address, data_converter=data_converter())

    return (await new_office(connect)).starter
