"""A server whose time is skipped wherever nothing happens."""

import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from temporalio.testing import WorkflowEnvironment

from console.namespace import add_search_attributes
from gateways.payload_codec import data_converter
from workflows.search_attributes import SEARCH_ATTRIBUTES


@asynccontextmanager
async def time_skipping_server() -> AsyncGenerator[WorkflowEnvironment]:
    """One of one's own: its clock is global, so nobody must share one."""
    async with await WorkflowEnvironment.start_time_skipping(
        data_converter=data_converter(),
        test_server_existing_path=str(Path(sys.executable).parent / "temporal-test-server"),
    ) as env:
        await add_search_attributes(env.client, SEARCH_ATTRIBUTES)
        yield env
