"""The command line's outside over a world with workflows."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from temporalio.client import Client

from starter import FrontDoor
from tests.console.command_line import FakeDoors
from tests.workflows.world import TIMING, World


class WorldDoors(FakeDoors):
    """A test world's fakes, and its Temporal."""

    def __init__(self, world: World) -> None:
        address = world.client.service_client.config.target_host

        async def connect() -> Client:
            return await Client.connect(address, data_converter=world.client.data_converter)

        super().__init__(world.gateways, connect)
        self._world = world

    @asynccontextmanager
    async def front_door(self) -> AsyncGenerator[FrontDoor]:
        yield FrontDoor.over(
            await self.temporal(),
            self._world.gateways,
            "http://127.0.0.1",
            TIMING,
            self._world.clock,
        )
