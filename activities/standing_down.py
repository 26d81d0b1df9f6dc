"""Asking the runs that write a registration's row to end: a cancellation becomes its writer."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, cast
from uuid import UUID

from temporalio.client import (
    Client,
    RPCTimeoutOrCancelledError,
    WorkflowExecutionStatus,
    WorkflowUpdateFailedError,
)
from temporalio.service import RPCError, RPCStatusCode

from activities.failures import unanswered
from domain.contracts import ChangeAnswer
from domain.errors import WorkflowsUnreachable
from domain.identifiers import registration_workflow_id, review_workflow_id

STAND_DOWN = "stand_down"
"""The update's name, and its id: asked again it is the same wish."""

ANSWER_WITHIN = timedelta(seconds=20)
"""The run finishes what is in flight first. The wish is durable: asked again, it waits on."""

StandDown = Callable[[UUID], Awaitable[None]]
"""Returns once the registration has no run that writes.

Raises WorkflowsUnreachable while it has, or where Temporal did not answer.
"""


def stood_down_over(client: Client) -> StandDown:
    """The wish, over that client: to its own run, and to that of a review decided later."""

    async def stand_down(registration_id: UUID) -> None:
        for workflow_id in (registration_workflow_id, review_workflow_id):
            await _stood_down(client, workflow_id(registration_id))

    return stand_down


async def _stood_down(client: Client, workflow_id: str) -> None:
    run = client.get_workflow_handle(workflow_id)
    # The SDK leaves a type parameter of untyped handles open.
    ask = cast("Callable[..., Awaitable[ChangeAnswer]]", cast("Any", run).execute_update)
    try:
        if (await run.describe()).status is not WorkflowExecutionStatus.RUNNING:
            return
        await ask(STAND_DOWN, id=STAND_DOWN, result_type=ChangeAnswer, rpc_timeout=ANSWER_WITHIN)
    except WorkflowUpdateFailedError as failed:
        # The run ended before it could answer; asked again, there is none.
        raise WorkflowsUnreachable("the run ended meanwhile") from failed
    except RPCTimeoutOrCancelledError as late:
        raise WorkflowsUnreachable("the run has not stood down yet") from late
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise unanswered(error) from error
