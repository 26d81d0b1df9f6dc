from collections.abc import AsyncGenerator
from datetime import timedelta

import pytest
from temporalio.testing import WorkflowEnvironment

from tests.workflows.real_time import real_time_server
from tests.workflows.time_skipping import time_skipping_server
from tests.workflows.world import TIMING, World, build_world


@pytest.fixture
async def env() -> AsyncGenerator[WorkflowEnvironment]:
    """A time-skipping server of one's own: its clock is global, so tests must not share one."""
    async with time_skipping_server() as env:
        yield env


@pytest.fixture
async def dev_server() -> AsyncGenerator[WorkflowEnvironment]:
    """A server whose time is the real one, for what only passes while no worker is there."""
    async with real_time_server() as env:
        yield env


@pytest.fixture
async def world(env: WorkflowEnvironment, request: pytest.FixtureRequest) -> AsyncGenerator[World]:
    """A world with a worker; `@pytest.mark.lead(seconds)` gives a test time while armed."""
    mark = request.node.get_closest_marker("lead")
    timing = TIMING.model_copy(update={"lead": timedelta(seconds=mark.args[0])} if mark else {})
    world = await build_world(env, timing)
    async with world.served():
        yield world
