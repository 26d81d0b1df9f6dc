import sys
from collections.abc import AsyncGenerator
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from temporalio.testing import WorkflowEnvironment

from gateways.payload_codec import data_converter
from tests.workflows.time_skipping import time_skipping_server
from tests.workflows.world import TIMING, World, build_world
from workflows.search_attributes import SEARCH_ATTRIBUTES


@pytest.fixture
async def env() -> AsyncGenerator[WorkflowEnvironment]:
    """A time-skipping server of one's own: its clock is global, so tests must not share one."""
    async with time_skipping_server() as env:
        yield env


@pytest.fixture
async def dev_server() -> AsyncGenerator[WorkflowEnvironment]:
    """A server whose time is the real one, for what only passes while no worker is there."""
    start_local = cast("Any", WorkflowEnvironment).start_local  # a type parameter is left open
    async with await start_local(
        data_converter=data_converter(),
        dev_server_existing_path=str(Path(sys.executable).parent / "temporal"),
        search_attributes=SEARCH_ATTRIBUTES,
        dev_server_log_level="error",
    ) as env:
        yield env


@pytest.fixture
async def world(env: WorkflowEnvironment, request: pytest.FixtureRequest) -> AsyncGenerator[World]:
    """A world with a worker; `@pytest.mark.lead(seconds)` gives a test time while armed."""
    mark = request.node.get_closest_marker("lead")
    timing = TIMING.model_copy(update={"lead": timedelta(seconds=mark.args[0])} if mark else {})
    world = await build_world(env, timing)
    async with world.served():
        yield world
