"""Runs that are asked to cancel, and take it or not."""

from collections.abc import Generator
from contextlib import contextmanager
from uuid import UUID

from temporalio.client import WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError

from domain.contracts import ChangeAnswer
from tests.mcp_server import standings
from tests.mcp_server.world import World
from workflows.change_requests import TOO_LATE


@contextmanager
def cancels_taken(world: World) -> Generator[None]:
    """As until 2 seconds before the opening."""

    async def carry_out(registration_id: UUID) -> ChangeAnswer:
        await standings.cancelled(world.records, registration_id)
        return ChangeAnswer()

    world.temporal.cancels = carry_out
    yield
    world.temporal.cancels = None


async def too_late(_: UUID) -> ChangeAnswer:
    """As from then on."""
    raise WorkflowUpdateFailedError(ApplicationError(TOO_LATE.sentence, type=TOO_LATE.code))
