"""A server whose time is the real one."""

import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

from temporalio.testing import WorkflowEnvironment

from gateways.payload_codec import data_converter
from workflows.search_attributes import SEARCH_ATTRIBUTES


@asynccontextmanager
async def real_time_server(
    *more: str, ui_port: int | None = None
) -> AsyncGenerator[WorkflowEnvironment]:
    """One of one's own.

    Args:
        more: arguments of the server.
        ui_port: of its Web UI; None for no Web UI.
    """
    start_local = cast("Any", WorkflowEnvironment).start_local  # a type parameter is left open
    async with await start_local(
        data_converter=data_converter(),
        dev_server_existing_path=str(Path(sys.executable).parent / "temporal"),
        search_attributes=SEARCH_ATTRIBUTES,
        dev_server_log_level="error",
        dev_server_extra_args=more,
        ui=ui_port is not None,
        ui_port=ui_port,
    ) as env:
        yield env
